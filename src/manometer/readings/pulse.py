"""Everything that is read daily, composed once: cost curve, nowcast, signals, pressure, lamps, state."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..network.assumptions import Assumptions
from ..network.causes import FallCauses, fall_causes
from ..network.fleet import Releases
from ..network.history import HistoryState
from ..network.nowcast import Nowcast, hashrate_of_blocks_ehs, nowcast, worked_difficulty
from ..signals.drawdown import drawdown_frac, hashrate_drawdown_frac
from ..signals.lamps import LampInputs, light_lamps
from ..signals.pressure import THIN_MARGIN, WEIGHTS, PressureInputs, composite, log_odds, market_parts
from ..signals.ribbon import HashRibbon, block_luck_sd, hash_ribbon
from ..signals.rolling import rolling_max, rolling_mean
from ..signals.state import StateInputs, StateReading, run_states
from ..store import Store
from ..units import SECONDS_PER_DAY, fractional_year
from .history import Progress, network_history
from .market import Market, machine_releases, read_market

__all__ = ["N_DRAWS", "Pulse", "take_pulse"]

Floats = NDArray[np.float64]

N_DRAWS = 32
_PEAK_DAYS = 180
_CPI_LAG_DAYS = 45  # a year's consumer prices are published in the middle of January
_LOSING = 0.05  # share of installed hashrate that loses on electricity: cost can explain a fall
_ECONOMIC = 0.5  # under this share a fall is not the economics of mining


@dataclass(frozen=True)
class Pulse:
    """Daily arrays of one reading, all of length n = days from the first price to the last complete day."""

    market: Market
    assumptions: Assumptions
    releases: Releases
    rows: dict[str, Floats]
    fleet: HistoryState
    nowcast: Nowcast
    ribbon: HashRibbon
    hashrate_drawdown: Floats
    difficulty_drawdown: Floats
    price_drawdown: Floats
    margin: Floats
    parts: dict[str, Floats]
    pressure: Floats
    lamps: dict[str, Floats]
    states: StateReading
    causes: list[FallCauses]
    dislocation: NDArray[np.bool_]
    gross: bool = False

    @property
    def hashvalue_btc_per_phs_day(self) -> Floats:
        """Bitcoin earned per PH/s and day, before the pool fee."""
        x = self.market.inputs
        return np.asarray(x.hashprice_usd_per_phs_day / x.price_usd)

    def cost_usd_per_btc(self, column: str) -> Floats:
        """Cost per bitcoin of a break-even column, such as "mean_cash".

        The denominator is bitcoin credited after the pool fee; before it when the pulse is `gross`.
        """
        cost = self.rows[column] / self.hashvalue_btc_per_phs_day
        return np.asarray(cost * (1 - self.rows["pool_fee_frac"]) if self.gross else cost)


def take_pulse(
    store: Store,
    as_of_s: int | None = None,
    *,
    retrieved_by_s: int | None = None,
    assumptions: Assumptions | None = None,
    releases: Releases | None = None,
    gross: bool = False,
    progress: Progress | None = None,
) -> Pulse:
    """Read the store as known at an instant and compute the daily reading up to the last complete day."""
    market = read_market(store, as_of_s, retrieved_by_s)
    assumptions = assumptions or Assumptions(N_DRAWS)
    releases = releases or machine_releases(market.catalogue)
    rows, fleet = network_history(store, market, releases, assumptions, progress)
    return replace(compose(market, assumptions, releases, rows, fleet), gross=gross)


def compose(
    market: Market,
    assumptions: Assumptions,
    releases: Releases,
    rows: dict[str, Floats],
    fleet: HistoryState,
) -> Pulse:
    """Compose signals, pressure, lamps and states from the market and the cost curve's rows."""
    x = market.inputs
    hashprice = x.hashprice_usd_per_phs_day
    ribbon = hash_ribbon(x.hashrate_ehs, x.price_usd)
    parts = market_parts(
        PressureInputs(
            price_usd=x.price_usd,
            difficulty=x.difficulty,
            hashprice=hashprice,
            hashrate_ehs=x.hashrate_ehs,
            median_cash_breakeven=rows["median_cash"],
            underwater_electricity=rows["underwater_electricity"],
        )
    )
    pressure = composite(parts)
    with np.errstate(invalid="ignore", divide="ignore"):
        margin = rolling_mean(hashprice, 7) / rows["median_cash"]
    lamps = light_lamps(
        LampInputs(
            hashprice=hashprice,
            median_cash_breakeven=rows["median_cash"],
            marginal_avoidable=rows["marginal_avoidable"],
            marginal_power_usd_per_mwh=rows["marginal_power_usd_per_mwh"],
            cpi=_known_cpi(assumptions, x.day),
        )
    )
    epoch_day = market.epoch_time_s // SECONDS_PER_DAY
    worked = worked_difficulty(
        x.day, x.block_count, x.difficulty, market.height, epoch_day, market.epoch_height
    )
    now = nowcast(x.day, x.block_count, hashrate_of_blocks_ehs(x.block_count, worked))
    causes = _causes(x.day, rows, now, x.hashrate_ehs)
    economic = np.array([c.shares["economics"][1] if c.shares else 1.0 for c in causes])
    beyond_season = np.array([c.fall_frac > c.seasonal_frac for c in causes])
    lead = np.log(rolling_mean(x.hashrate_ehs, 7) / rolling_mean(x.hashrate_ehs, 60))
    falling = lead < -2 * block_luck_sd(7, 60)
    dislocation = falling & (economic < _ECONOMIC) & (margin >= THIN_MARGIN)
    loses = rows["underwater_electricity"] > _LOSING
    states = run_states(
        StateInputs(
            pressure=pressure,
            revenue=parts["revenue"],
            margin=margin,
            economic_fall=(ribbon.ratio < 1) & (lead < 0) & loses & beyond_season,
            dislocation=dislocation,
            parts={k: WEIGHTS[k] * log_odds(v, 1e-9) for k, v in parts.items()},
            lamps=lamps,
        )
    )
    return Pulse(
        market=market,
        assumptions=assumptions,
        releases=releases,
        rows=rows,
        fleet=fleet,
        nowcast=now,
        ribbon=ribbon,
        hashrate_drawdown=hashrate_drawdown_frac(x.hashrate_ehs),
        difficulty_drawdown=drawdown_frac(x.difficulty),
        price_drawdown=drawdown_frac(x.price_usd),
        margin=margin,
        parts=parts,
        pressure=pressure,
        lamps=lamps,
        states=states,
        causes=causes,
        dislocation=dislocation,
    )


def _causes(
    day: NDArray[np.int64], rows: dict[str, Floats], now: Nowcast, hashrate_ehs: Floats
) -> list[FallCauses]:
    """Split each day's fall from its 180-day peak into causes."""
    month = rolling_mean(hashrate_ehs, 30)
    peak = rolling_max(month, _PEAK_DAYS)
    installed = rows["installed_ehs"]

    def since_least(ehs: Floats) -> Floats:
        ehs = np.nan_to_num(ehs)
        return ehs + rolling_max(-ehs, _PEAK_DAYS)

    low = since_least(rows["idle_ehs"] + rows["running_at_a_loss_frac"] * (installed - rows["idle_ehs"]))
    central = np.maximum(since_least(installed * rows["underwater_electricity"]), low)
    high = np.maximum(since_least(installed * rows["underwater_direct"]), central)
    return [
        fall_causes(
            int(day[i]),
            peak_ehs=float(peak[i]),
            now_ehs=float(now.mean_ehs[i]),
            now_p05_ehs=float(now.p05_ehs[i]),
            now_p95_ehs=float(now.p95_ehs[i]),
            economic_ehs=(float(low[i]), float(central[i]), float(high[i])),
            curtailable_frac=float(rows["curtailable_frac"][i]),
        )
        for i in range(len(day))
    ]


def _known_cpi(assumptions: Assumptions, day: NDArray[np.int64]) -> Floats:
    """Annual consumer prices that had been published: the year before, known from February on."""
    whole = np.array([math.floor(fractional_year(float(d) - _CPI_LAG_DAYS)) - 1 for d in day])
    table = {y: assumptions.central("us_cpi", y) for y in np.unique(whole)}
    return np.array([table[y] for y in whole])
