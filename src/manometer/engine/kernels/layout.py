"""Where the compiled ledger finds things: an operator as arrays, the state of one path, what is kept of it.

Indices are plain numbers so that the compiler sees constants. Names that equal a bill, a line or a term stand
in the order of `operator/ledger_kinds.py`; `engine/prepare.py` fills the arrays and checks that order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Plan", "Work"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SAT = 100_000_000

# Bills, lines, terms, sources, coins: the orders of the table of kinds.
POWER, HOSTING, PEOPLE, SITE, OVERHEADS, INTEREST, PRINCIPAL = range(7)
SUSTAINING, GROWTH, AI_RUNNING, AI_CAPEX, TAX, OTHER = range(7, 13)
LINE_PRINCIPAL, LINE_DEPOSITS, LINE_MARGIN, LINE_OTHER = 6, 10, 11, 12
T_SOLD, T_RECEIPTS, T_BORROWED, T_EQUITY, T_RETURNED = range(5)
T_PRINCIPAL, T_MARGIN, T_DISTRIBUTIONS = 7, 10, 12
S_COINS, S_RECEIPTS, S_DEBT, S_EQUITY, S_ASSETS, S_RETURNED = range(6)
C_MINED, C_BOUGHT, C_RECEIVED, C_SOLD, C_PAID, C_SEIZED, C_LOST = range(7)
G_CURTAILMENT, G_AI, G_OTHER, G_CREDIT = 0, 3, 5, 6

# The calendar of a day.
ENDS_MONTH, ENDS_QUARTER, ENDS_WEEK, DAY_OF_MONTH, MONTH_DAYS, YEAR, MONTH_INDEX, ANNIVERSARY = range(8)

# The company: whole numbers, then others.
(P_HOME, P_POLICY, P_MINIMUM, P_COMPANY, P_BOARD, P_TAXED, P_ON_RECEIPT, P_ON_SALE, P_LOTS, P_CARRIED,
 P_TAX_WAIT, P_EQUITY, P_EQUITY_WHEN, P_DARK_AFTER, P_CASH, P_FREE, P_RECEIVABLE, P_LENT, P_WRITTEN,
 P_REDEEMABLE, P_DIVIDEND, P_DAY_ONE) = range(22)  # fmt: skip
(F_SALE_COST, F_HAIRCUT, F_SHARE, F_BUFFER, F_MOST_PER_DAY, F_LEAST_HELD, F_LENT_RATE, F_COIN_PAY,
 F_STRETCH, F_TAX_RATE, F_BASIS, F_MOST_USD, F_ROOM, F_DISCOUNT, F_FEE) = range(15)  # fmt: skip
SELL_ALL, SELL_TO_COVER, CASH_BUFFER, FIXED_SHARE, HOLD = range(5)
STRETCH, SELL_COINS, DRAW_LINES, SELL_SHARES = range(4)

# A site.
(SI_SOLO, SI_PAYOUT, SI_BILL, SI_BILLED, SI_TERMS, SI_CREDIT_CASH, SI_CREDIT_WAIT, SI_PEAK, SI_MINIMUM,
 SI_BORROWER, SI_INSURED, SI_COVER, SI_HOURS, SI_AT, SI_INDEXED, SI_RESALE, SI_CURTAILED, SI_AVOID_PEAK,
 SI_RUN, SI_REST, SI_TAKES, SI_CREDIT_SPOT) = range(22)  # fmt: skip
(SF_KEEP, SF_THRESHOLD, SF_DEMAND, SF_PEAK_RATE, SF_CHARGED, SF_PROFIT, SF_CONTRACTED, SF_TAKE,
 SF_PRICE, SF_ADDER, SF_RESALE_COST, SF_STRIKE, SF_CREDIT, SF_START_AT, SF_STOP_AT, SF_OVERHEAD) = range(16)  # fmt: skip
D_PAY, D_GROUND, D_COVER, D_UPKEEP, D_YEAR_COVER, D_PEAK_MONTH = range(6)
MONTHLY_BILL, WEEKLY_BILL, PREPAID_BILL = range(3)

# A group of machines.
GI_SITE, GI_DEAF, GI_MODES, GI_FIRST, GI_EXPANSION = range(5)
GF_RATE, GF_POWER, GF_COUNT, GF_SCALE = range(4)
GD_AVAILABLE, GD_ALIVE, GD_THIRST, GD_IDLE_MWH = range(4)

# What a site or a group does in a day.
PHS, MWH, BILLED, RESOLD, CURTAILED, LOAD, PEAK = range(7)
N_FLOWS = 7

# A loan.
(LI_NAME, LI_LIMIT, LI_LADDER, LI_ON_LOW, LI_CURE, LI_REPAID, LI_LET_GO, LI_RECOURSE, LI_BORROWER,
 LI_CONTINUES, LI_FORBEARS, LI_IN_KIND, LI_CONVERTS, LI_IN_SHARES, LI_CAPPED, LI_AMOUNT, LI_DRAWN, LI_AI,
 LI_POSTED, LI_MATURES) = range(20)  # fmt: skip
(LF_RATE, LF_UNUSED, LF_UPFRONT, LF_YEAR, LF_DEFAULT_RATE, LF_GRACE, LF_OPENING, LF_CALL, LF_RESTORE,
 LF_LIQUIDATION, LF_RELEASE, LF_FEE, LF_WAITS, LF_SWEEP, LF_CONVERSION, LF_CAP, LF_LIMIT,
 LF_AMOUNT) = range(18)  # fmt: skip
BULLET, ANNUITY, EQUAL = range(3)
FULL, BORROWER, COLLATERAL = range(3)
LD_PAYS, LD_LAST, LD_PUT, LD_LEFT, LD_SINCE = range(5)

# A covenant.
K_KIND, K_LOAN, K_COINS, K_WAIVERS = range(4)
LIQUIDITY, COVER, LEVERAGE, LOAN_TO_VALUE, DECLINE = range(5)

# A hedge.
H_KIND, H_FIRST, H_LAST, H_NAME, H_SAT, H_PREMIUM = range(6)
HF_THS, HF_LEVEL, HF_COINS, HF_PRICE, HF_CALL, HF_MARGIN, HF_DAYS = range(7)
HASHPRICE_FORWARD, PRICE_FORWARD, PUT, COLLAR, COVERED_CALL = range(5)

# Dated events.
E_DAY, E_DOES, E_BILL, E_NAME, E_CENTS, E_MORE = range(6)
OWES, BORROWS, STARTS, PAYS_RENT = range(4)

# The state of a path: whole numbers.
(CASH, FREE, RECEIVABLE, LENT, OWNED, PAYABLE, N_DUE, SOLD_TODAY, FORCED, SPENT_TODAY, SPENT, OWN_TODAY,
 GROWTH_TODAY, RUNNING_TODAY, SERVICE_TODAY, INTEREST_TODAY, REVENUE_SUM, RUNNING_SUM, SERVICE_SUM, N_LOTS,
 FIRST_LOT, COMPANY_PEOPLE, IN_KIND, NEXT_EVENT_A, NEXT_EVENT_B, NEXT_SALE, HELD, WRITTEN, REDEEMABLE,
 WRONG) = range(30)  # fmt: skip
N_INTS = 30
(NEW_SHARES, SHARES_TODAY, ISSUED, COIN_PAY, LENT_COINS, LOSS, GAINS, INCOME, OWN, GROWN, SPENT_BTC,
 PRICE, LOW, SHARE) = range(14)  # fmt: skip
N_FLOATS = 14
# Of a site on a path.
WS_UNBILLED, WS_DARK, WS_YEAR, WS_PEAKS, WS_QUEUE_FROM, WS_QUEUE_TO, WS_OWED_FROM, WS_OWED_TO, WS_FRESH = (
    range(9)
)
N_SITE_INTS = 9
WF_CARRY, WF_MWH, WF_ENERGY, WF_REVENUE, WF_PEAK, WF_CREDIT, WF_RESOLD, WF_SUMMER, WF_CHARGED = range(9)
N_SITE_FLOATS = 9
# Of a loan on a path.
WL_STATUS, WL_DEBT, WL_POSTED, WL_CALL_BY, WL_FORBORNE_ON, WL_WAIVED, WL_LEFT, WL_OPEN = range(8)
N_LOAN_INTS = 8
WLF_RATE, WLF_ACCRUED, WLF_PAYMENT = range(3)
N_LOAN_FLOATS = 3
CURRENT, MISSED, DEFAULT, FORBORNE, ENFORCED, LET_GO, REPAID = range(7)
# A bill that falls due.
B_BILL, B_NAME, B_CENTS, B_DUE, B_SITE = range(5)
# Days on which something first happens; covenants follow.
SHORTFALL, MARGIN_CALL, LIQUIDATION, DEFAULTED, DARK = range(5)
# Balances and flows by month.
(M_MINED, M_SOLD, M_SEIZED, M_PAID, M_OWNED, M_FREE, M_POSTED, M_CASH, M_DEBT) = range(9)
N_MONTHLY = 9
# What is wrong with a path, if anything.
FINE, TOO_MANY_BILLS, CASH_LAW, COIN_LAW, NEGATIVE, NO_COLLATERAL = range(6)


class Plan(NamedTuple):
    """An operator and its days, the same on every path."""

    whole: Ints  # P_*
    part: Floats  # F_*
    rank: Ints
    waits: Ints
    line: Ints
    term: Ints
    own: Ints
    steps: Ints
    calendar: Ints  # (days, 8)
    overhead_cents: Ints  # (days,)
    overhead_wait: Ints
    tax_wear: Floats
    site_i: Ints
    site_f: Floats
    site_day: Ints  # (sites, days, 6)
    own_price: Floats  # all sites' hours, one after another
    spot: Floats
    peak: Ints
    group_i: Ints
    group_f: Floats
    group_day: Floats  # (groups, days, 4)
    modes: Floats  # (points, 2)
    middle: Ints  # (hours, 2 a day): which hours hold the day's median
    loan_i: Ints
    loan_f: Floats
    loan_day: Ints  # (loans, days, 5)
    annuity: Floats  # (loans, payments + 1)
    draws: Ints  # (draws, 3): day, loan, cents
    covenant_i: Ints
    covenant_f: Floats  # (covenants, 2): limit, fee of a waiver
    covenant_day: Ints  # (covenants, days)
    hedge_i: Ints
    hedge_f: Floats
    orders: Ints  # events, E_*
    builds: Ints
    sales: Ints  # day of each sale of machines
    delivered: Ints  # (expansions, 3): day, name, site


class Work(NamedTuple):
    """One path under way, and what is kept of it."""

    i: Ints
    f: Floats
    site_i: Ints
    site_f: Floats
    loan_i: Ints
    loan_f: Floats
    net_assets: Floats
    bills: Ints  # (many, 5)
    order: Ints
    prepaid: Ints  # (bills, names)
    credits: Ints
    margin: Ints
    written: Ints
    owing: Floats
    queue: Ints  # (sites, many, 2)
    owed: Ints  # (sites, many, 2)
    ops: Floats  # (groups, days, 7)
    flows: Floats  # (sites, days, 7)
    revenue: Ints
    running: Ints
    service: Ints
    net: Ints  # (sites, days)
    lot_sat: Ints
    lot_usd: Floats
    on: Ints
    waiting: Ints
    uses: Ints
    sources: Ints
    terms: Ints
    owed_by: Ints
    gained: Ints
    coins: Ints
    first: Ints
    monthly: Ints  # (9, months)
