"""What one seed turns into paths: price, fees, power, share price and the network that answers them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..compiled import jit
from ..errors import InputError
from ..network.growth import MONTH_DAYS
from ..processes.closes import price_paths
from ..processes.draws import normals
from ..processes.path import DriverPath
from ..processes.price import PriceProcess
from ..processes.reverting import Reverting
from .network_loop import NetworkPaths, NetworkStart, run_network

__all__ = ["Drivers", "PathBlock", "draw_paths", "network_answers"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Drivers:
    """All that decides the paths of a seed; learnt from history up to the eve of the first day.

    Parameters
    ----------
    first_day : days since 1970 of the first simulated day.
    price_usd : close of the eve.
    drift_per_day : mean of the log return of a day; 0 keeps the median price where it is, nearly.
    drift_error_per_day : standard error of that drift: each path draws its own.
    low_volatility_per_day : of the bridge whose minimum is a day's low; None: the process's own.
    power : factor on indexed power prices, mean about 1; None: they stay. The network's costs do not follow
        it: it is the price of one place.
    share_volatility_per_day : of an operator's share beyond what bitcoin moves; 0 for none.
    fitted_to_day : last day of the history used.
    """

    first_day: int
    n_days: int
    price_usd: float
    process: PriceProcess
    fees: Reverting
    network: NetworkStart
    drift_per_day: float = 0.0
    drift_error_per_day: float = 0.0
    low_volatility_per_day: float | None = None
    power: Reverting | None = None
    share_volatility_per_day: float = 0.0
    fitted_to_day: int = 0

    @property
    def day(self) -> NDArray[np.int64]:
        """Days since 1970, shape (n_days,)."""
        return np.arange(self.first_day, self.first_day + self.n_days)


@dataclass(frozen=True)
class PathBlock:
    """Paths in a row, each array (n_paths, n_days), float64 in C order.

    Parameters
    ----------
    first_path : number of the first path; a path's draws depend on its number, not on its block.
    price_usd, low_usd : close and lowest price of the day.
    difficulty : in force at the end of the day. subsidy_btc : mean of the day's blocks. fees_btc : per block.
    hashrate_ehs : that ran. power_factor : of indexed power prices.
    share_noise : sum up to the day of the share's own log returns.
    switches : (n_paths,) cohorts that went on or off, all days together.
    """

    first_path: int
    first_day: int
    price_usd: Floats
    low_usd: Floats
    difficulty: Floats
    subsidy_btc: Floats
    fees_btc: Floats
    hashrate_ehs: Floats
    power_factor: Floats
    share_noise: Floats
    switches: NDArray[np.int64]

    def path(self, k: int) -> DriverPath:
        """Return the k-th path of the block as an operator meets it."""
        n_paths, n_days = self.price_usd.shape
        if not 0 <= k < n_paths:
            raise InputError(f"path {k}: the block has {n_paths}, numbered from 0")
        return DriverPath(
            name=f"path {self.first_path + k}",
            day=np.arange(self.first_day, self.first_day + n_days),
            price_usd=self.price_usd[k],
            low_usd=self.low_usd[k],
            difficulty=self.difficulty[k],
            subsidy_btc=self.subsidy_btc[k],
            fees_btc=self.fees_btc[k],
            power_factor=self.power_factor[k],
            share_noise=self.share_noise[k],
        )


def draw_paths(drivers: Drivers, seed: int, first_path: int, n_paths: int) -> PathBlock:
    """Draw paths `first_path` and on: the same for any division into blocks, threads or machines.

    Raises
    ------
    InputError
        The seed, a volatility or the price is out of range, or there is no path or day.
    """
    d = drivers
    if n_paths < 1 or d.n_days < 1 or first_path < 0:
        raise InputError(f"{n_paths} paths of {d.n_days} days from path {first_path}: need 1 or more from 0")
    here = (first_path, n_paths)
    month = d.day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    price, low = price_paths(
        d.process,
        d.price_usd,
        seed,
        *here,
        d.n_days,
        drift_per_day=d.drift_per_day,
        drift_error_per_day=d.drift_error_per_day,
        low_volatility_per_day=d.low_volatility_per_day,
    )
    fees = d.fees.simulate(seed, "fees", *here, month)
    network = network_answers(d, seed, first_path, price, fees)
    return PathBlock(
        first_path=first_path,
        first_day=d.first_day,
        price_usd=price,
        low_usd=low,
        difficulty=network.difficulty,
        subsidy_btc=network.subsidy_btc,
        fees_btc=fees,
        hashrate_ehs=network.hashrate_ehs,
        power_factor=np.ones_like(price)
        if d.power is None
        else d.power.simulate(seed, "power", *here, month),
        share_noise=_share_noise(d, seed, *here),
        switches=network.switches,
    )


def network_answers(
    drivers: Drivers, seed: int, first_path: int, price_usd: Floats, fees_btc: Floats
) -> NetworkPaths:
    """Return what the network of a seed's paths does at prices and fees of one's own, (n_paths, n_days)."""
    n_paths, n_days = price_usd.shape
    luck = normals(seed, "blocks", first_path, n_paths, n_days)[0]
    level = normals(seed, "unknown", first_path, n_paths, 1)[1].ravel()
    shock = normals(seed, "growth", first_path, n_paths, n_days // MONTH_DAYS + 1)[0]
    return run_network(drivers.network, price_usd, fees_btc, luck, level, shock, np.ones_like(price_usd))


def _share_noise(d: Drivers, seed: int, first_path: int, n_paths: int) -> Floats:
    if d.share_volatility_per_day == 0:
        return np.zeros((n_paths, d.n_days))
    own = normals(seed, "blocks", first_path, n_paths, d.n_days)[1]
    return _summed(d.share_volatility_per_day, own)


@jit
def _summed(s: float, z: Floats) -> Floats:
    out = np.empty_like(z)
    for p in range(z.shape[0]):
        total = 0.0
        for t in range(z.shape[1]):
            total += s * z[p, t]
            out[p, t] = total
    return out
