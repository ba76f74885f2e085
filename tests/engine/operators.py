"""Random operators for property tests: every policy, debt, covenant, plan and contract."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from hypothesis import strategies as st

from manometer.operator.money import Conversion, Covenant, Equity, Forbearance, Hedge, Ladder, Loan, Treasury
from manometer.operator.operator import Exchange, Operator, Overheads
from manometer.operator.plans import AiBuild, Expansion, MachineSale, Tax
from manometer.operator.quantity import Money
from manometer.operator.site import (
    CoincidentPeak,
    Curtailment,
    Machines,
    Minimum,
    Pool,
    Power,
    PriceShape,
    Site,
    Uptime,
)
from manometer.processes import DriverPath

START = date(2024, 1, 1)
DAY = (START - date(1970, 1, 1)).days


def near(low: int, high: int) -> st.SearchStrategy[date]:
    """Days after the start."""
    return st.integers(low, high).map(lambda n: START + timedelta(days=n))


@st.composite
def paths(draw, n: int = 120) -> DriverPath:
    """A random walk of price with falls of half in a day, and lows under the closes."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.sampled_from([0.0, 0.02, 0.08]))
    price = 40_000 * np.exp(np.cumsum(rng.normal(0, size, n)))
    crash = draw(st.integers(0, n - 1))
    price[crash:] *= draw(st.sampled_from([1.0, 0.7, 0.35]))
    low = price * (1 - np.abs(rng.normal(0, size, n)).clip(0, 0.5))
    difficulty = np.full(n, draw(st.sampled_from([3e13, 8e13])))
    return DriverPath("random", DAY + np.arange(n), price, low, difficulty, np.full(n, 6.25), np.full(n, 0.1))


def _powers() -> st.SearchStrategy[Power]:
    shape = PriceShape(mean_usd_per_mwh=35.0, spike_hours_per_month=4)
    priced = st.builds(
        Power,
        contract=st.sampled_from(["fixed", "hosted", "behind_the_meter", "state"]),
        price_usd_per_mwh=st.floats(-10, 120) | st.just(Money(50.0, "PYG")),
        yearly_change_frac=st.sampled_from([0.0, 0.03]),
        minimum=st.none() | st.builds(Minimum, take_frac=st.floats(0, 1)),
        demand_charge_usd_per_kw_month=st.sampled_from([0.0, 5.0, Money(4.0, "PYG")]),
        coincident_peak=st.none() | st.builds(CoincidentPeak, avoid=st.booleans()),
        restart_usd_per_mw=st.sampled_from([0.0, 20.0]),
        deposit_usd=st.sampled_from([0.0, 12_345.67]),
        billed=st.sampled_from(["prepaid", "weekly", "monthly"]),
        terms_days=st.integers(0, 40).map(float),
    )
    indexed = st.builds(
        Power,
        contract=st.just("indexed"),
        shape=st.just(shape),
        curtailment=st.none()
        | st.builds(
            Curtailment,
            strike_usd_per_mwh=st.sampled_from([40.0, 300.0]),
            paid_as=st.sampled_from(["cash", "credit"]),
            paid_after_days=st.integers(0, 40).map(float),
        ),
        billed=st.sampled_from(["weekly", "monthly"]),
    )
    resold = st.builds(Power, price_usd_per_mwh=st.floats(20, 60), resale=st.just(True), shape=st.just(shape))
    return priced | indexed | resold


@st.composite
def operators(draw) -> Operator:
    """An operator of one or two sites with anything that a file may hold."""
    machines = Machines(label="a", hashrate_ths=100.0, power_w=3000.0, count=draw(st.integers(1, 3000)),
                        mode=draw(st.sampled_from(["nameplate", "auto"])), price_paid_usd_per_ths=20.0)  # fmt: skip
    sites = tuple(
        Site(
            name=f"s{k}",
            machines=(machines,),
            power=draw(_powers()),
            uptime=draw(st.sampled_from([Uptime(), Uptime(weak_frac=0.1, rejected_frac=0.01)])),
            pool=draw(
                st.builds(
                    Pool,
                    scheme=st.sampled_from(["fpps", "pplns", "solo"]),
                    payout_days=st.integers(0, 4).map(float),
                    threshold_btc=st.sampled_from([0.0, 0.5]),
                )
            ),
            staff=draw(st.sampled_from([0.0, 3.0])),
            lease_usd_per_year=draw(st.sampled_from([0.0, 123_456.0])),
            upkeep_usd_per_year=draw(st.sampled_from([0.0, 50_000.0])),
            borrower="spv" if k else "",
        )
        for k in range(draw(st.integers(1, 2)))
    )
    share = draw(st.none() | st.floats(0, 1))
    policy = (
        "fixed_share"
        if share is not None
        else draw(st.sampled_from(["sell_all", "sell_to_cover", "cash_buffer", "hold", "hedge"]))
    )
    treasury = Treasury(
        cash_usd=draw(st.sampled_from([0.0, 1e5, 5e6])), coins_btc=draw(st.sampled_from([0.0, 40.0, 900.0])),
        receivable_btc=draw(st.sampled_from([0.0, 1.0])), lent_btc=draw(st.sampled_from([0.0, 7.0])), lent_rate_frac_per_year=0.035,
        written_btc=draw(st.sampled_from([0.0, 2.0])), redeemable_btc=draw(st.sampled_from([0.0, 3.0])),
        policy=policy, share_frac=share, minimum_cash_usd=draw(st.sampled_from([0.0, 1e5])),
    )  # fmt: skip
    return Operator(
        operator="random", sites=sites, treasury=treasury, start=START,
        exchange={"PYG": Exchange(rate=7_500.0, yearly_change_frac=0.2)},
        overheads=Overheads(cash_usd_per_year=draw(st.sampled_from([0.0, 2e6])),
                            stock_compensation_usd_per_year=1e5, paid_in_coin_btc_per_year=draw(st.sampled_from([0.0, 20.0])),
                            dividend_usd_per_year=draw(st.sampled_from([0.0, 1e5]))),
        loans=draw(_loans(len(sites) > 1)), covenants=draw(_covenants()),
        equity=draw(st.none() | st.builds(Equity, shares=st.just(1e8), price_usd_per_share=st.sampled_from([0.01, 5.0]),
                                          volume_shares_per_day=st.sampled_from([0.0, 1e5]), most_usd=st.sampled_from([0.0, 1e6]),
                                          when=st.sampled_from(["never", "short", "always"]))),
        hedges=draw(_hedges()),
        expansions=draw(st.just(()) | st.builds(
            Expansion, name=st.just("more"), site=st.just("s0"), machines=st.just(replace(machines, label="new", count=50)),
            delivered=near(10, 110)).map(lambda x: (x,))),
        machine_sales=draw(st.just(()) | near(1, 110).map(lambda d: (MachineSale(site="s0", machines="a", on=d),))),
        ai=draw(st.just(()) | near(1, 40).map(lambda d: (AiBuild(
            name="ai", site="s0", gross_mw=0.2, signed=d, first_rent=d + timedelta(days=40), loan_frac=0.4),))),
        tax=draw(st.none() | st.builds(Tax, lots=st.sampled_from(["fifo", "lifo", "highest_cost"]), on_receipt=st.booleans())),
    )  # fmt: skip


@st.composite
def _loans(draw, spv: bool) -> tuple[Loan, ...]:
    forbearance = draw(
        st.none() | st.builds(Forbearance, waits_days=st.sampled_from([5.0, 40.0]), in_kind=st.booleans())
    )
    common = {
        "forbearance": forbearance,
        "grace_days": 3.0,
        "on_default": draw(st.sampled_from(["stops", "continues", "lender"])),
    }
    term = Loan(name="term", kind="term", amount_usd=2e5, matures=draw(near(20, 200)),
                repaid=draw(st.sampled_from(["bullet", "annuity", "equal"])),
                every=draw(st.sampled_from(["month", "quarter"])), **common)  # fmt: skip
    coins = Loan(name="coins", kind="bitcoin_backed", amount_usd=3e5, posted_btc=12.0, matures=draw(near(40, 300)),
                 drawn=draw(st.none() | near(0, 60)),
                 ladder=Ladder(cure_days=draw(st.sampled_from([0.0, 1.0, 5.0])), release_frac=draw(st.sampled_from([0.0, 0.4]))),
                 recourse=draw(st.sampled_from(["full", "collateral"])), **common)  # fmt: skip
    note = Loan(name="note", kind="convertible", amount_usd=5e5, matures=draw(near(30, 200)), rate_frac_per_year=0.0,
                conversion=Conversion(price_usd_per_share=6.0, puts=(draw(near(1, 100)),), settlement="cash"), **common)  # fmt: skip
    line = Loan(
        name="line",
        kind="line",
        limit_usd=1e5,
        matures=draw(near(50, 300)),
        unused_frac_per_year=0.01,
        **common,
    )
    there = [draw(st.booleans()) for _ in range(4)]
    out = [x for x, yes in zip((term, coins, note, line), there, strict=True) if yes]
    if spv:
        out.append(Loan(name="spv loan", kind="equipment", amount_usd=4e5, matures=draw(near(40, 200)), repaid="equal",
                        recourse="borrower", borrower="spv", let_go=draw(st.booleans()), **common))  # fmt: skip
    return tuple(out)


@st.composite
def _covenants(draw) -> tuple[Covenant, ...]:
    every = (
        Covenant(name="a", least_liquidity_usd=1e5, counts_coins=draw(st.booleans()), tested="month"),
        Covenant(name="b", least_cover=1.2),
        Covenant(name="c", most_leverage=4.0),
        Covenant(name="d", most_decline_frac=0.2, tested="month"),
    )
    return tuple(c for c in every if draw(st.booleans()))


@st.composite
def _hedges(draw) -> tuple[Hedge, ...]:
    every = (
        Hedge(name="h", kind="hashprice_forward", ends=draw(near(10, 110)), hashrate_ths=5e3, hashprice_usd_per_phs_day=60.0),
        Hedge(name="f", kind="price_forward", ends=draw(near(10, 110)), coins_btc=3.0, price_usd_per_btc=40_000.0),
        Hedge(name="p", kind="put", ends=draw(near(10, 110)), coins_btc=3.0, price_usd_per_btc=38_000.0, premium_usd=5e3),
        Hedge(name="o", kind="collar", ends=draw(near(10, 110)), coins_btc=3.0, price_usd_per_btc=38_000.0, call_usd_per_btc=45_000.0),
        Hedge(name="w", kind="covered_call", ends=draw(near(10, 110)), coins_btc=3.0, call_usd_per_btc=42_000.0, premium_usd=5e3),
    )  # fmt: skip
    return tuple(h for h in every if draw(st.booleans()))
