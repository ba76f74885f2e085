"""What machines do on each day of a path: the compiled twin of `engine/plant.operate`, bit for bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compiled import jit
from . import layout as at
from .layout import Plan, Work

__all__ = ["add_up", "plant"]

Floats = NDArray[np.float64]
_PER_MWH_DAY = 0.024  # USD per PH/s per day of a J/TH at a USD/MWh
_PHS_PER_THS = 1e-3
_W_PER_MW = 1e6


@jit
def hour(p: Plan, s: int, k: int, factor: float) -> tuple[float, float, float, bool]:
    """Return an hour's billed, avoidable and market price [USD per MWh], and whether the site must rest."""
    spot = p.spot[k] * factor
    adder = p.site_f[s, at.SF_ADDER]
    billed = (spot if p.site_i[s, at.SI_INDEXED] else p.own_price[k]) + adder
    avoidable = billed
    if p.site_i[s, at.SI_RESALE]:
        gain = spot - p.site_f[s, at.SF_RESALE_COST]
        avoidable = (0.0 if gain < 0.0 else gain) + adder
    elif p.site_i[s, at.SI_TAKES]:
        avoidable = (billed - adder) * (1 - p.site_f[s, at.SF_TAKE]) + adder
    rest = p.site_i[s, at.SI_CURTAILED] and spot > p.site_f[s, at.SF_STRIKE]
    return billed, avoidable, spot, rest or (p.site_i[s, at.SI_AVOID_PEAK] and p.peak[k] != 0)


@jit
def best_mode(p: Plan, g: int, s: int, d: int, revenue: float, factor: float) -> tuple[float, float]:
    """Return hashrate [TH/s] and power [W] of the mode with the largest margin at the day's median price."""
    nh, start = p.site_i[s, at.SI_HOURS], p.site_i[s, at.SI_AT]
    if nh == 1:
        price = hour(p, s, start + d, factor)[1]
        price = 0.0 if np.isnan(price) else price
    else:
        low, high = p.middle[start + d * nh], p.middle[start + d * nh + 1]
        a, b = hour(p, s, start + d * nh + low, factor)[1], hour(p, s, start + d * nh + high, factor)[1]
        price = ((0.0 if np.isnan(a) else a) + (0.0 if np.isnan(b) else b)) / 2.0
    first, most, best = p.group_i[g, at.GI_FIRST], -np.inf, 0
    for j in range(p.group_i[g, at.GI_MODES]):
        cost = p.modes[first + j, 1] * p.site_f[s, at.SF_OVERHEAD] * _PER_MWH_DAY * _PHS_PER_THS
        gain = revenue * p.modes[first + j, 0] * _PHS_PER_THS - price * cost
        if gain > most:
            most, best = gain, j
    scale = p.group_f[g, at.GF_SCALE]
    return p.modes[first + best, 0] * scale, p.modes[first + best, 1] * scale


@jit
def operate(p: Plan, w: Work, g: int, hashprice: Floats, factor: Floats) -> None:
    """Fill a group's days."""
    s = p.group_i[g, at.GI_SITE]
    nh, start, expands = p.site_i[s, at.SI_HOURS], p.site_i[s, at.SI_AT], len(p.delivered) > 0
    keep, overhead = p.site_f[s, at.SF_KEEP], p.site_f[s, at.SF_OVERHEAD]
    start_at, stop_at = p.site_f[s, at.SF_START_AT], p.site_f[s, at.SF_STOP_AT]
    deaf, n_modes = p.group_i[g, at.GI_DEAF] != 0, p.group_i[g, at.GI_MODES]
    rate, nameplate, count = p.group_f[g, at.GF_RATE], p.group_f[g, at.GF_POWER], p.group_f[g, at.GF_COUNT]
    curtailed, resells = p.site_i[s, at.SI_CURTAILED] != 0, p.site_i[s, at.SI_RESALE] != 0
    by_spot = p.site_i[s, at.SI_CREDIT_SPOT] != 0
    adder = p.site_f[s, at.SF_ADDER]
    per_hour = 24.0 / nh
    running, free_from, t = True, 0, 0
    for d in range(len(hashprice)):
        available, alive = p.group_day[g, d, at.GD_AVAILABLE], p.group_day[g, d, at.GD_ALIVE]
        net = hashprice[d] * alive * keep
        power = nameplate
        if n_modes:
            rate, power = best_mode(p, g, s, d, net, factor[d])
        power = power * p.group_day[g, d, at.GD_THIRST]
        worth = 0.0
        if rate > 0:
            worth = net / (power / rate * overhead * _PER_MWH_DAY)
        n_on, n_called, peaks, at_peak = 0, 0, 0, 0
        billed, credit, gain, fixed = 0.0, 0.0, 0.0, 0.0
        for h in range(nh):
            k = start + d * nh + h
            bill, avoidable, spot, rest = hour(p, s, k, factor[d])
            margin = worth - avoidable
            if not rate > 0 or np.isnan(margin):
                margin = -np.inf
            if deaf:
                margin = np.inf
            if t >= free_from:
                if running and margin < -stop_at:
                    running, free_from = False, t + p.site_i[s, at.SI_REST]
                elif not running and margin > start_at:
                    running, free_from = True, t + p.site_i[s, at.SI_RUN]
            t += 1
            on = running and not rest and rate > 0
            if on:
                n_on += 1
                billed += bill
            elif curtailed and spot > p.site_f[s, at.SF_STRIKE]:
                n_called += 1
                credit += spot if by_spot else p.site_f[s, at.SF_CREDIT]
            elif resells:
                more = (0.0 if np.isnan(spot) else spot) - p.site_f[s, at.SF_RESALE_COST]
                gain += 0.0 if more < 0.0 else more
                fixed += bill - adder
            if p.peak[k]:
                peaks += 1
                at_peak += 1 if on else 0
        full_mw = power * count * overhead / _W_PER_MW * available
        idle_mwh = p.group_day[g, d, at.GD_IDLE_MWH]
        usd = billed * full_mw * per_hour
        if resells:
            usd = usd + fixed * idle_mwh
        into = w.ops[g, d] if expands else w.flows[s, d]
        into[at.PHS] += rate * count * (n_on / nh * available) * alive * _PHS_PER_THS
        into[at.MWH] += n_on * full_mw * per_hour
        into[at.BILLED] += usd
        into[at.RESOLD] += gain * idle_mwh
        into[at.CURTAILED] += credit * idle_mwh
        into[at.LOAD] += full_mw if n_on > 0 else 0.0
        into[at.PEAK] += full_mw * at_peak / peaks if peaks > 0 else np.nan


@jit
def plant(p: Plan, w: Work, hashprice: Floats, factor: Floats) -> None:
    """Let every group work along a path, and add the groups of each site up."""
    w.ops[:] = 0.0
    w.flows[:] = 0.0
    for g in range(len(p.group_i)):
        operate(p, w, g, hashprice, factor)
    if len(p.delivered) > 0:
        for s in range(len(p.site_i)):
            add_up(p, w, s)


@jit
def add_up(p: Plan, w: Work, s: int) -> None:
    """Add up the groups of a site that may run: those whose last instalment is not waited for."""
    w.flows[s] = 0.0
    for g in range(len(p.group_i)):
        x = p.group_i[g, at.GI_EXPANSION]
        if p.group_i[g, at.GI_SITE] == s and not (x >= 0 and w.waiting[x]):
            for d in range(w.flows.shape[1]):
                for k in range(at.N_FLOWS):
                    w.flows[s, d, k] += w.ops[g, d, k]
