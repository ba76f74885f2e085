"""Under- and over-clocking: power against hashrate, and the mode that earns most.

The curve is that of CMOS logic: dynamic power goes with f * V^2, the clock f with hashrate, the voltage V
falls in a straight line with f until a floor, and a small share (fans, controller) is constant:

    P/P0 = s + (1 - s) * x * max(v, 1 + k * (x - 1))^2,   x = hashrate / nameplate hashrate

with s = 0.03, k = 0.30, v = 0.85, all assumed and of one size for every machine. They were set on five
published ladders (VNish presets of S19 and S19j Pro, an owner's S19j Pro, the low modes of Whatsminer M10
and M10S): root mean square error of power 2 to 6 % each over 0.5 to 1.15 of nameplate. LuxOS steps voltage by
0.1 V per 25 MHz from 13.4 V and 545 MHz, k = 0.16: its makers plan shallower than the ladders show.
Published points of medium confidence or better bend the curve so that it passes through them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..economics import hashcost
from ..errors import InputError
from .machine import MachineModel

__all__ = [
    "OFF",
    "STATIC_POWER_FRAC",
    "TUNING_RANGE_FRAC",
    "VOLTAGE_FLOOR_FRAC",
    "VOLTAGE_SLOPE",
    "Mode",
    "best_mode",
    "marginal_modes",
    "power_frac",
    "tuning_curve",
]

Floats = npt.NDArray[np.float64]

STATIC_POWER_FRAC = 0.03
VOLTAGE_SLOPE = 0.30
VOLTAGE_FLOOR_FRAC = 0.85
#: Share of nameplate hashrate that tuning reaches, from the same ladders.
TUNING_RANGE_FRAC = (0.50, 1.15)
#: 0.50 to 1.15 in steps of 0.01; nameplate is one of them.
_N_POINTS = 66
_HASHRATE_THS_PER_PHS = 1000.0


@dataclass(frozen=True)
class Mode:
    """What a machine is set to: "off", "nameplate", or "tuned" with its share of nameplate hashrate."""

    name: str
    hashrate_ths: float
    power_w: float
    margin_usd_per_day: float

    @property
    def efficiency_j_per_th(self) -> float:
        """Energy per hash in this mode [J/TH]; NaN when off."""
        return self.power_w / self.hashrate_ths if self.hashrate_ths > 0 else float("nan")


OFF = Mode("off", 0.0, 0.0, 0.0)


def power_frac(hashrate_frac: npt.ArrayLike) -> Floats:
    """Return power as a share of nameplate at a share of nameplate hashrate, by the CMOS curve.

    Parameters
    ----------
    hashrate_frac : array_like
        Hashrate over nameplate, meant for 0.50 to 1.15. NaN propagates.

    Examples
    --------
    >>> power_frac([0.5, 1.0, 1.15]).round(3).tolist()
    [0.38, 1.0, 1.248]
    """
    x = np.asarray(hashrate_frac, dtype=np.float64)
    voltage = np.maximum(VOLTAGE_FLOOR_FRAC, 1 + VOLTAGE_SLOPE * (x - 1))
    return np.asarray(STATIC_POWER_FRAC + (1 - STATIC_POWER_FRAC) * x * voltage**2)


def tuning_curve(model: MachineModel, n: int = _N_POINTS) -> tuple[Floats, Floats]:
    """Return operating points of a machine, by rising hashrate.

    Parameters
    ----------
    model : MachineModel
        Needs an efficiency; without a hashrate the curve is for 1 TH/s of nameplate. A stylised machine
        has nameplate only.
    n : int
        Evenly spaced points over `TUNING_RANGE_FRAC`, 2 or more; nameplate and the published points are
        added.

    Returns
    -------
    tuple of ndarray
        Hashrate [TH/s] and power [W], each of shape (m,), m >= 1.

    Raises
    ------
    InputError
        The catalogue does not know the machine's efficiency, or `n` is less than 2.
    """
    hashrate, power = _nameplate(model)
    if n < 2:
        raise InputError(f"tuning curve: n is {n}, must be 2 or more")
    if model.category == "stylised":
        return np.array([hashrate]), np.array([power])
    known = _published(model, hashrate, power)
    share = np.concatenate([np.linspace(*TUNING_RANGE_FRAC, n), [x for x, _ in known]])
    share = np.unique(share.round(9))
    correction = np.interp(share, [x for x, _ in known], [c for _, c in known])
    return share * hashrate, power * power_frac(share) * np.exp(correction)


def _published(model: MachineModel, hashrate: float, power: float) -> list[tuple[float, float]]:
    """Return (hashrate share, log of published over modelled power) by rising share, nameplate included."""
    points = {1.0: 0.0}
    for mode in model.modes:
        share = round(mode.hashrate_ths / hashrate, 9)
        if mode.confidence != "low" and TUNING_RANGE_FRAC[0] <= share <= TUNING_RANGE_FRAC[1]:
            points[share] = float(np.log(mode.power_w / (power * power_frac(share))))
    return sorted(points.items())


def marginal_modes(model: MachineModel, n: int = _N_POINTS) -> tuple[Floats, Floats, Floats]:
    """Return the steps from off upward as cohorts: what each adds, and the energy of what it adds.

    The lower convex hull of the tuning curve and the point off: a step is worth taking when hashprice
    covers its marginal J/TH, and steps come in order.

    Returns
    -------
    tuple of ndarray
        Hashrate of each step [TH/s], power of each step [W], marginal efficiency [J/TH, rising].
    """
    hashrate, power = tuning_curve(model, n)
    hull = [(0.0, 0.0)]
    for point in zip(hashrate.tolist(), power.tolist(), strict=True):
        while len(hull) >= 2 and _slope(hull[-2], hull[-1]) >= _slope(hull[-1], point):
            hull.pop()
        hull.append(point)
    steps = np.diff(np.array(hull), axis=0)
    return steps[:, 0], steps[:, 1], steps[:, 1] / steps[:, 0]


def _slope(a: tuple[float, float], b: tuple[float, float]) -> float:
    return (b[1] - a[1]) / (b[0] - a[0])


def best_mode(
    model: MachineModel,
    hashprice_usd_per_phs_day: float,
    power_price_usd_per_mwh: float,
    overhead: float = 1.0,
    pool_fee_frac: float = 0.0,
) -> Mode:
    """Return the point of the tuning curve with the largest margin, or off where none earns.

    Parameters
    ----------
    model : MachineModel
        The machine; without a hashrate the answer is for 1 TH/s of nameplate.
    hashprice_usd_per_phs_day : float
        Revenue [USD per PH/s per day], 0 or more.
    power_price_usd_per_mwh : float
        Avoidable power price [USD per MWh]; may be negative.
    overhead : float
        Site energy over machine energy (PUE), 1 or more.
    pool_fee_frac : float
        Pool fee, 0 to less than 1: acts on revenue only.

    Notes
    -----
    A dearer hash never lowers, and dearer power never raises, the chosen hashrate. Ties go to the lower
    hashrate. Wear, restart and warranty are assumed away.

    Examples
    --------
    >>> from manometer.equipment import read_catalogue
    >>> best_mode(read_catalogue()["Antminer S21"], 18.0, 60.0).name
    'off'
    """
    if not (np.isfinite(hashprice_usd_per_phs_day) and hashprice_usd_per_phs_day >= 0):
        raise InputError(f"hashprice: {hashprice_usd_per_phs_day!r} must be finite and 0 or more")
    if not 0 <= pool_fee_frac < 1:
        raise InputError(f"pool fee: {pool_fee_frac!r} must be 0 to less than 1")
    hashrate, power = tuning_curve(model)
    cost = hashcost(
        efficiency_j_per_th=power / hashrate,
        power_price_usd_per_mwh=power_price_usd_per_mwh,
        overhead=overhead,
    )
    net = hashprice_usd_per_phs_day * (1 - pool_fee_frac)
    margin = (net - np.asarray(cost)) * hashrate / _HASHRATE_THS_PER_PHS
    best = int(np.argmax(margin))
    if margin[best] <= 0:
        return OFF
    nameplate, _ = _nameplate(model)
    share = float(hashrate[best]) / nameplate
    name = "nameplate" if abs(share - 1) < 1e-6 else _named(model, share, nameplate)
    return Mode(name, float(hashrate[best]), float(power[best]), float(margin[best]))


def _named(model: MachineModel, share: float, nameplate: float) -> str:
    for mode in model.modes:
        if mode.confidence != "low" and abs(mode.hashrate_ths / nameplate - share) < 1e-6:
            return mode.mode
    return f"tuned {share:.0%}"


def _nameplate(model: MachineModel) -> tuple[float, float]:
    efficiency = model.efficiency_j_per_th
    if efficiency is None:
        raise InputError(f"machine {model.model!r}: the catalogue has no power for it; give an efficiency")
    hashrate = 1.0 if model.hashrate_ths is None else model.hashrate_ths
    return hashrate, hashrate * efficiency if model.power_w is None else model.power_w
