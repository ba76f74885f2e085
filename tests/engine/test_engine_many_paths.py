"""Ten thousand wild paths of one operator with everything on: each keeps its books to the cent and satoshi."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
from test_engine_kernel import random_walks

from manometer.engine.calendar import Days
from manometer.engine.prepare import prepare
from manometer.engine.simulate import simulate_block
from manometer.operator.ledger_kinds import CASH_TERMS, COIN_TERMS
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
from operators import START

N_PATHS, BLOCK, N_DAYS = 10_000, 500, 400


def everything() -> Operator:
    """Two sites, five debts, three covenants, shares, four hedges, machines coming and going, AI, tax."""

    def on(n: int):
        return START + timedelta(days=n)

    machines = Machines(
        label="a", hashrate_ths=100.0, power_w=3000.0, count=2_000, mode="auto", price_paid_usd_per_ths=20.0
    )
    shape = PriceShape(mean_usd_per_mwh=35.0, spike_hours_per_month=4)
    sites = (
        Site(name="s0", machines=(machines,), pool=Pool(scheme="fpps", payout_days=2.0, threshold_btc=0.5),
             power=Power(contract="indexed", shape=shape, curtailment=Curtailment(strike_usd_per_mwh=40.0),
                         coincident_peak=CoincidentPeak(), billed="weekly"),
             uptime=Uptime(weak_frac=0.1, rejected_frac=0.01), staff=3.0, lease_usd_per_year=123_456.0,
             insurance_usd_per_year=60_000.0),
        Site(name="s1", machines=(replace(machines, mode="nameplate"),), borrower="spv", upkeep_usd_per_year=5e4,
             power=Power(price_usd_per_mwh=Money(55.0, "PYG"), minimum=Minimum(take_frac=0.5),
                         demand_charge_usd_per_kw_month=5.0, deposit_usd=12_345.67, billed="prepaid")),
    )  # fmt: skip
    wait = Forbearance()
    loans = (
        Loan(name="term", kind="term", amount_usd=2e6, matures=on(300), repaid="annuity", forbearance=wait),
        Loan(name="coins", kind="bitcoin_backed", amount_usd=3e6, posted_btc=120.0, matures=on(360),
             ladder=Ladder(cure_days=1.0, release_frac=0.4), recourse="collateral"),
        Loan(name="note", kind="convertible", amount_usd=5e5, matures=on(380), rate_frac_per_year=0.0,
             conversion=Conversion(price_usd_per_share=6.0, puts=(on(200),), settlement="cash")),
        Loan(name="line", kind="line", limit_usd=1e6, matures=on(390), unused_frac_per_year=0.01),
        Loan(name="spv", kind="equipment", amount_usd=4e6, matures=on(350), repaid="equal", recourse="borrower",
             borrower="spv", let_go=True),
    )  # fmt: skip
    return Operator(
        operator="everything", sites=sites, loans=loans, start=START,
        exchange={"PYG": Exchange(rate=7_500.0, yearly_change_frac=0.2)},
        treasury=Treasury(cash_usd=1e6, coins_btc=300.0, receivable_btc=1.0, lent_btc=7.0, lent_rate_frac_per_year=0.035,
                          written_btc=2.0, redeemable_btc=3.0, policy="sell_to_cover", minimum_cash_usd=1e5),
        overheads=Overheads(cash_usd_per_year=2e6, stock_compensation_usd_per_year=1e5,
                            paid_in_coin_btc_per_year=20.0, dividend_usd_per_year=1e5),
        covenants=(Covenant(name="liquidity", least_liquidity_usd=5e5, counts_coins=True, loan="term"),
                   Covenant(name="ltv", most_loan_to_value_frac=0.8, loan="coins"),
                   Covenant(name="cover", least_cover=1.1, loan="term")),
        equity=Equity(shares=1e8, price_usd_per_share=5.0, volume_shares_per_day=1e5, most_usd=1e6, when="short"),
        hedges=(Hedge(name="f", kind="hashprice_forward", ends=on(200), hashrate_ths=20_000.0,
                      hashprice_usd_per_phs_day=60.0, margin_frac=0.1),
                Hedge(name="p", kind="put", ends=on(150), coins_btc=10.0, price_usd_per_btc=50_000.0, premium_usd=2e4),
                Hedge(name="w", kind="covered_call", ends=on(110), coins_btc=3.0, call_usd_per_btc=70_000.0,
                      premium_usd=5e3)),
        expansions=(Expansion(name="more", site="s0", machines=replace(machines, label="new", count=500),
                              delivered=on(110)),),
        machine_sales=(MachineSale(site="s0", machines="a", on=on(330)),),
        ai=(AiBuild(name="ai", site="s0", gross_mw=1.0, signed=on(40), first_rent=on(160), loan_frac=0.4),),
        tax=Tax(lots="highest_cost"),
    )  # fmt: skip


def test_every_path_keeps_its_books() -> None:
    """The compiled ledger checks itself each month; here its ends are added up again, on every path."""
    operator = everything()
    prepared = prepare(operator, Days(START, N_DAYS))
    signs = np.array(list(CASH_TERMS.values()))
    moves = np.array(list(COIN_TERMS.values()))
    opening_coins = round((300.0 + 1.0 + 7.0 + 2.0 + 3.0 + 120.0) * 1e8)
    happened = np.zeros(4, dtype=np.int64)
    for first in range(0, N_PATHS, BLOCK):
        done = simulate_block(prepared, random_walks(BLOCK, N_DAYS, first, START))
        cash, owned = done.monthly["cash_cents"], done.monthly["owned_sat"]
        np.testing.assert_array_equal(cash[:, -1], 100_000_000 + done.terms_cents @ signs)
        np.testing.assert_array_equal(owned[:, -1], opening_coins + done.coins_sat @ moves)
        np.testing.assert_array_equal(done.uses_cents.sum(1), done.terms_cents[:, signs < 0].sum(1))
        np.testing.assert_array_equal(done.sources_cents.sum(1), done.terms_cents[:, signs > 0].sum(1))
        for name in ("cash_cents", "free_sat", "posted_sat", "debt_cents", "owned_sat"):
            assert (done.monthly[name] >= 0).all(), name
        assert (done.monthly["free_sat"] + done.monthly["posted_sat"] <= owned).all()
        happened += [
            int((done.first_day[k] >= 0).sum())
            for k in ("margin_call", "liquidation", "default", "shortfall")
        ]
    # The paths are wild enough for the books to be tried: each thing happens on a tenth of them or more.
    assert (happened > N_PATHS / 10).all(), happened
