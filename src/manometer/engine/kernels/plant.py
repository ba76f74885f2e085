"""What machines do on each day of a path: the compiled twin of `engine/plant.operate`, bit for bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import inner
from . import layout as at
from .rows import my_flows, my_ops, of_group, of_site, parts_of_group, parts_of_group_day, parts_of_site

__all__ = ["add_up", "plant"]

Ints = NDArray[np.int64]

Floats = NDArray[np.float64]
_PER_MWH_DAY = 0.024  # USD per PH/s per day of a J/TH at a USD/MWh
_PHS_PER_THS = 1e-3
_W_PER_MW = 1e6


@inner
def hour(p: Ints, q: Floats, s: int, k: int, factor: float) -> tuple[float, float, float, bool]:
    """Return an hour's billed, avoidable and market price [USD per MWh], and whether the site must rest."""
    spot = q[p[at.PRICES] + 2 * k + 1] * factor
    adder = q[parts_of_site(p, s) + at.SF_ADDER]
    billed = (spot if p[of_site(p, s) + at.SI_INDEXED] else q[p[at.PRICES] + 2 * k]) + adder
    avoidable = billed
    if p[of_site(p, s) + at.SI_RESALE]:
        gain = spot - q[parts_of_site(p, s) + at.SF_RESALE_COST]
        avoidable = (0.0 if gain < 0.0 else gain) + adder
    elif p[of_site(p, s) + at.SI_TAKES]:
        avoidable = (billed - adder) * (1 - q[parts_of_site(p, s) + at.SF_TAKE]) + adder
    rest = p[of_site(p, s) + at.SI_CURTAILED] and spot > q[parts_of_site(p, s) + at.SF_STRIKE]
    return (
        billed,
        avoidable,
        spot,
        rest or (p[of_site(p, s) + at.SI_AVOID_PEAK] and p[p[at.HOURS] + 2 * k] != 0),
    )


@inner
def best_mode(
    p: Ints, q: Floats, g: int, s: int, d: int, revenue: float, factor: float
) -> tuple[float, float]:
    """Return hashrate [TH/s] and power [W] of the mode with the largest margin at the day's median price."""
    nh, start = p[of_site(p, s) + at.SI_HOURS], p[of_site(p, s) + at.SI_AT]
    if nh == 1:
        price = hour(p, q, s, start + d, factor)[1]
        price = 0.0 if np.isnan(price) else price
    else:
        low, high = (
            p[p[at.HOURS] + 2 * (start + d * nh) + 1],
            p[p[at.HOURS] + 2 * (start + d * nh + 1) + 1],
        )
        a, b = hour(p, q, s, start + d * nh + low, factor)[1], hour(p, q, s, start + d * nh + high, factor)[1]
        price = ((0.0 if np.isnan(a) else a) + (0.0 if np.isnan(b) else b)) / 2.0
    first, most, best = p[of_group(p, g) + at.GI_FIRST], -np.inf, 0
    for j in range(p[of_group(p, g) + at.GI_MODES]):
        cost = (
            q[p[at.MODES] + 2 * (first + j) + 1]
            * q[parts_of_site(p, s) + at.SF_OVERHEAD]
            * _PER_MWH_DAY
            * _PHS_PER_THS
        )
        gain = revenue * q[p[at.MODES] + 2 * (first + j) + 0] * _PHS_PER_THS - price * cost
        if gain > most:
            most, best = gain, j
    scale = q[parts_of_group(p, g) + at.GF_SCALE]
    return q[p[at.MODES] + 2 * (first + best) + 0] * scale, q[p[at.MODES] + 2 * (first + best) + 1] * scale


@inner
def operate(p: Ints, q: Floats, w: Ints, v: Floats, g: int, hashprice: Floats, factor: Floats) -> None:
    """Fill a group's days."""
    s = p[of_group(p, g) + at.GI_SITE]
    nh, start, expands = (
        p[of_site(p, s) + at.SI_HOURS],
        p[of_site(p, s) + at.SI_AT],
        p[at.P_DELIVERIES] > 0,
    )
    keep, overhead = q[parts_of_site(p, s) + at.SF_KEEP], q[parts_of_site(p, s) + at.SF_OVERHEAD]
    start_at, stop_at = q[parts_of_site(p, s) + at.SF_START_AT], q[parts_of_site(p, s) + at.SF_STOP_AT]
    deaf, n_modes = p[of_group(p, g) + at.GI_DEAF] != 0, p[of_group(p, g) + at.GI_MODES]
    rate, nameplate, count = (
        q[parts_of_group(p, g) + at.GF_RATE],
        q[parts_of_group(p, g) + at.GF_POWER],
        q[parts_of_group(p, g) + at.GF_COUNT],
    )
    curtailed, resells = p[of_site(p, s) + at.SI_CURTAILED] != 0, p[of_site(p, s) + at.SI_RESALE] != 0
    by_spot = p[of_site(p, s) + at.SI_CREDIT_SPOT] != 0
    adder = q[parts_of_site(p, s) + at.SF_ADDER]
    per_hour = 24.0 / nh
    running, free_from, t = True, 0, 0
    for d in range(p[at.P_DAYS]):
        available, alive = (
            q[parts_of_group_day(p, g, d) + at.GD_AVAILABLE],
            q[parts_of_group_day(p, g, d) + at.GD_ALIVE],
        )
        net = hashprice[d] * alive * keep
        power = nameplate
        if n_modes:
            rate, power = best_mode(p, q, g, s, d, net, factor[d])
        power = power * q[parts_of_group_day(p, g, d) + at.GD_THIRST]
        worth = 0.0
        if rate > 0:
            worth = net / (power / rate * overhead * _PER_MWH_DAY)
        n_on, n_called, peaks, at_peak = 0, 0, 0, 0
        billed, credit, gain, fixed = 0.0, 0.0, 0.0, 0.0
        for h in range(nh):
            k = start + d * nh + h
            bill, avoidable, spot, rest = hour(p, q, s, k, factor[d])
            margin = worth - avoidable
            if not rate > 0 or np.isnan(margin):
                margin = -np.inf
            if deaf:
                margin = np.inf
            if t >= free_from:
                if running and margin < -stop_at:
                    running, free_from = False, t + p[of_site(p, s) + at.SI_REST]
                elif not running and margin > start_at:
                    running, free_from = True, t + p[of_site(p, s) + at.SI_RUN]
            t += 1
            on = running and not rest and rate > 0
            if on:
                n_on += 1
                billed += bill
            elif curtailed and spot > q[parts_of_site(p, s) + at.SF_STRIKE]:
                n_called += 1
                credit += spot if by_spot else q[parts_of_site(p, s) + at.SF_CREDIT]
            elif resells:
                more = (0.0 if np.isnan(spot) else spot) - q[parts_of_site(p, s) + at.SF_RESALE_COST]
                gain += 0.0 if more < 0.0 else more
                fixed += bill - adder
            if p[p[at.HOURS] + 2 * k]:
                peaks += 1
                at_peak += 1 if on else 0
        full_mw = power * count * overhead / _W_PER_MW * available
        idle_mwh = q[parts_of_group_day(p, g, d) + at.GD_IDLE_MWH]
        usd = billed * full_mw * per_hour
        if resells:
            usd = usd + fixed * idle_mwh
        into = my_ops(w, g, d) if expands else my_flows(w, s, d)
        v[into + at.PHS] += rate * count * (n_on / nh * available) * alive * _PHS_PER_THS
        v[into + at.MWH] += n_on * full_mw * per_hour
        v[into + at.BILLED] += usd
        v[into + at.RESOLD] += gain * idle_mwh
        v[into + at.CURTAILED] += credit * idle_mwh
        v[into + at.LOAD] += full_mw if n_on > 0 else 0.0
        v[into + at.PEAK] += full_mw * at_peak / peaks if peaks > 0 else np.nan


@inner
def plant(p: Ints, q: Floats, w: Ints, v: Floats, hashprice: Floats, factor: Floats) -> None:
    """Let every group work along a path, and add the groups of each site up."""
    for k in range(w[at.FLOWS], w[at.END]):
        v[k] = 0.0
    for g in range(p[at.P_GROUPS]):
        operate(p, q, w, v, g, hashprice, factor)
    if p[at.P_DELIVERIES] > 0:
        for s in range(p[at.P_SITES]):
            add_up(p, q, w, v, s)


@inner
def add_up(p: Ints, q: Floats, w: Ints, v: Floats, s: int) -> None:
    """Add up the groups of a site that may run: those whose last instalment is not waited for."""
    for k in range(my_flows(w, s, 0), my_flows(w, s + 1, 0)):
        v[k] = 0.0
    for g in range(p[at.P_GROUPS]):
        x = p[of_group(p, g) + at.GI_EXPANSION]
        if p[of_group(p, g) + at.GI_SITE] == s and not (x >= 0 and w[w[at.WAITING] + x]):
            for d in range(p[at.P_DAYS]):
                for k in range(at.N_FLOWS):
                    v[my_flows(w, s, d) + k] += v[my_ops(w, g, d) + k]
