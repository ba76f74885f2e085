"""Where the compiled ledger finds things: an operator as numbers, the state of one path, what is kept of it.

Both the plan of an operator (`p` whole numbers, `q` others) and the state of a path (`w`, `v`) are two
flat arrays: a compiled call passes each array on, so there are few. The first places of the whole numbers say
where each table begins; `rows` finds a row of one. Indices are plain numbers, so the compiler sees constants.
Bills, lines and terms stand in the order of `operator/ledger_kinds.py`, which `engine/prepare.py` checks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Kept", "Plan", "Work"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SAT = 100_000_000
NEVER = 1 << 40

# Bills, lines, terms, sources, coins: the orders of the table of kinds.
POWER, HOSTING, PEOPLE, SITE, OVERHEADS, INTEREST, PRINCIPAL = range(7)
SUSTAINING, GROWTH, AI_RUNNING, AI_CAPEX, TAX, OTHER = range(7, 13)
LINE_PRINCIPAL, LINE_DEPOSITS, LINE_MARGIN, LINE_OTHER = 6, 10, 11, 12
T_SOLD, T_RECEIPTS, T_BORROWED, T_EQUITY, T_RETURNED = range(5)
T_PRINCIPAL, T_MARGIN, T_DISTRIBUTIONS = 7, 10, 12
S_COINS, S_RECEIPTS, S_DEBT, S_EQUITY, S_ASSETS, S_RETURNED = range(6)
C_MINED, C_BOUGHT, C_RECEIVED, C_SOLD, C_PAID, C_SEIZED, C_LOST = range(7)
G_CURTAILMENT, G_AI, G_OTHER, G_CREDIT = 0, 3, 5, 6

N_BILLS, N_LINES, N_SOURCES, N_TERMS, N_COINS, N_GAINS, N_STEPS = 13, 13, 6, 14, 7, 7, 4

# The plan: where its tables begin, and how long they are.
(CALENDAR, TAX_WEAR, SITES, SITE_PARTS, SITE_DAYS, RATES, GROUPS, GROUP_PARTS, GROUP_DAYS, MODES, LOANS,
 LOAN_PARTS, LOAN_DAYS, ANNUITIES, COVENANTS, COVENANT_PARTS, TESTS, HEDGES, HEDGE_PARTS, EVENTS, SALES,
 DELIVERIES, DRAWS,
 PRICES, HOURS, P_DAYS, P_SITES, P_GROUPS, P_LOANS, P_COVENANTS, P_HEDGES, P_DELIVERIES, P_SALES, P_DRAWS,
 P_ORDERS, P_EVENTS, P_FIRSTS, P_PAYMENTS, P_HELP) = range(39)  # fmt: skip

# The calendar of a day.
(ENDS_MONTH, ENDS_QUARTER, ENDS_WEEK, DAY_OF_MONTH, MONTH_DAYS, YEAR, MONTH_INDEX, OVERHEAD_CENTS,
 OVERHEAD_WAIT) = range(9)  # fmt: skip
W_CALENDAR = 9

# The company: whole numbers, then others.
(P_HOME, P_POLICY, P_MINIMUM, P_COMPANY, P_BOARD, P_TAXED, P_ON_RECEIPT, P_ON_SALE, P_LOTS, P_CARRIED,
 P_TAX_WAIT, P_EQUITY, P_EQUITY_WHEN, P_DARK_AFTER, P_CASH, P_FREE, P_RECEIVABLE, P_LENT, P_WRITTEN,
 P_REDEEMABLE, P_DIVIDEND, P_DAY_ONE) = range(39, 61)  # fmt: skip
(
    F_SALE_COST,
    F_HAIRCUT,
    F_SHARE,
    F_BUFFER,
    F_MOST_PER_DAY,
    F_LEAST_HELD,
    F_LENT_RATE,
    F_COIN_PAY,
    F_STRETCH,
    F_TAX_RATE,
    F_BASIS,
    F_MOST_USD,
    F_ROOM,
    F_DISCOUNT,
    F_FEE,
    F_SHARE_PRICE,
    F_BETA,
) = range(17)
N_F = 17  # fmt: skip
RANK, WAITS, LINE, TERM, OWN_BILL = range(61, 61 + 5 * N_BILLS, N_BILLS)
STEPS = 61 + 5 * N_BILLS
SELL_ALL, SELL_TO_COVER, CASH_BUFFER, FIXED_SHARE, HOLD = range(5)
STRETCH, SELL_COINS, DRAW_LINES, SELL_SHARES = range(4)

# A site.
(SI_SOLO, SI_PAYOUT, SI_BILL, SI_BILLED, SI_TERMS, SI_CREDIT_CASH, SI_CREDIT_WAIT, SI_PEAK, SI_MINIMUM,
 SI_BORROWER, SI_INSURED, SI_COVER, SI_HOURS, SI_AT, SI_INDEXED, SI_RESALE, SI_CURTAILED, SI_AVOID_PEAK,
 SI_RUN, SI_REST, SI_TAKES, SI_CREDIT_SPOT, SI_DEPOSIT) = range(23)  # fmt: skip
W_SITE = 23
(SF_KEEP, SF_THRESHOLD, SF_PEAK_RATE, SF_CHARGED, SF_PROFIT, SF_CONTRACTED, SF_TAKE, SF_ADDER,
 SF_RESALE_COST, SF_STRIKE, SF_CREDIT, SF_START_AT, SF_STOP_AT, SF_OVERHEAD) = range(14)  # fmt: skip
W_SITE_PARTS = 14
D_PAY, D_GROUND, D_COVER, D_UPKEEP, D_YEAR_COVER, D_PEAK_MONTH = range(6)
W_SITE_DAY = 6
R_TAKE, R_DEMAND = range(2)
W_RATES = 2
MONTHLY_BILL, WEEKLY_BILL, PREPAID_BILL = range(3)

# A group of machines.
GI_SITE, GI_DEAF, GI_MODES, GI_FIRST, GI_EXPANSION = range(5)
W_GROUP = 5
GF_RATE, GF_POWER, GF_COUNT, GF_SCALE = range(4)
W_GROUP_PARTS = 4
GD_AVAILABLE, GD_ALIVE, GD_THIRST, GD_IDLE_MWH = range(4)
W_GROUP_DAY = 4

# What a site or a group does in a day.
PHS, MWH, BILLED, RESOLD, CURTAILED, LOAD, PEAK = range(7)
N_FLOWS = 7

# A loan.
(LI_NAME, LI_LIMIT, LI_LADDER, LI_ON_LOW, LI_CURE, LI_REPAID, LI_LET_GO, LI_RECOURSE, LI_BORROWER,
 LI_CONTINUES, LI_FORBEARS, LI_IN_KIND, LI_CONVERTS, LI_IN_SHARES, LI_CAPPED, LI_AMOUNT, LI_DRAWN, LI_AI,
 LI_POSTED, LI_MATURES) = range(20)  # fmt: skip
W_LOAN = 20
(LF_RATE, LF_UNUSED, LF_UPFRONT, LF_YEAR, LF_DEFAULT_RATE, LF_GRACE, LF_OPENING, LF_CALL, LF_RESTORE,
 LF_LIQUIDATION, LF_RELEASE, LF_FEE, LF_WAITS, LF_SWEEP, LF_CONVERSION, LF_CAP, LF_LIMIT,
 LF_AMOUNT) = range(18)  # fmt: skip
W_LOAN_PARTS = 18
BULLET, ANNUITY, EQUAL = range(3)
FULL, BORROWER, COLLATERAL = range(3)
LD_PAYS, LD_LAST, LD_PUT, LD_LEFT, LD_SINCE = range(5)
W_LOAN_DAY = 5

# A covenant.
K_KIND, K_LOAN, K_COINS, K_WAIVERS = range(4)
W_COVENANT, W_COVENANT_PARTS = 4, 2
LIQUIDITY, COVER, LEVERAGE, LOAN_TO_VALUE, DECLINE = range(5)

# A hedge.
H_KIND, H_FIRST, H_LAST, H_NAME, H_SAT, H_PREMIUM = range(6)
W_HEDGE, W_HEDGE_PARTS = 6, 7
HF_THS, HF_LEVEL, HF_COINS, HF_PRICE, HF_CALL, HF_MARGIN, HF_DAYS = range(7)
HASHPRICE_FORWARD, PRICE_FORWARD, PUT, COLLAR, COVERED_CALL = range(5)

# Dated events.
E_DAY, E_DOES, E_BILL, E_NAME, E_CENTS, E_MORE = range(6)
W_EVENT = 6
OWES, BORROWS, STARTS, PAYS_RENT = range(4)

# The state of a path: where its tables begin, and how long they are.
(FIRST, WAITING, MY_SITES, MY_LOANS, MY_NAMES, MY_HEDGES, MY_MONTHS, BILLS, ORDER, QUEUES, MY_DAYS, MY_NETS,
 LOTS, NET_ASSETS, OWING, MY_SITE_PARTS, MY_LOAN_PARTS, LOT_PRICES, FLOWS, OPS, END, MOST_BILLS, SPAN,
 N_MONTHS) = range(24)  # fmt: skip
N_HEADER = 24
# Its whole numbers.
(CASH, FREE, RECEIVABLE, LENT, OWNED, PAYABLE, N_DUE, SOLD_TODAY, FORCED, SPENT_TODAY, SPENT, OWN_TODAY,
 GROWTH_TODAY, RUNNING_TODAY, SERVICE_TODAY, INTEREST_TODAY, REVENUE_SUM, RUNNING_SUM, SERVICE_SUM, N_LOTS,
 FIRST_LOT, COMPANY_PEOPLE, IN_KIND, NEXT_ORDER, NEXT_BUILD, NEXT_SALE, HELD, WRITTEN, REDEEMABLE,
 WRONG, NEXT_DUE, CASH_BEFORE, SOLD_BEFORE, PAID_AHEAD) = range(N_HEADER, N_HEADER + 34)  # fmt: skip
USES = N_HEADER + 34
SOURCES = USES + N_LINES
TERMS = SOURCES + N_SOURCES
OWED_BY = TERMS + N_TERMS
GAINED = OWED_BY + N_BILLS
COINS = GAINED + N_GAINS
OF_RANK = COINS + N_COINS  # bills due today, by rank
USES_BEFORE = OF_RANK + N_BILLS  # at the end of the month before, as CASH_BEFORE and SOLD_BEFORE
N_INTS = USES_BEFORE + N_LINES
# Its others.
(NEW_SHARES, SHARES_TODAY, ISSUED, COIN_PAY, LENT_COINS, LOSS, GAINS, INCOME, OWN, GROWN, SPENT_BTC,
 PRICE, LOW, SHARE, KEPT_AS_CASH) = range(15)  # fmt: skip
SOLD_FOR = 15  # coins sold by use, each month pro rata
N_FLOATS = SOLD_FOR + N_LINES
# Of a site on a path.
(WS_UNBILLED, WS_DARK, WS_YEAR, WS_PEAKS, WS_QUEUE_FROM, WS_QUEUE_TO, WS_OWED_FROM, WS_OWED_TO, WS_FRESH,
 WS_DEPOSIT) = range(10)  # fmt: skip
N_SITE_INTS = 10
WF_CARRY, WF_MWH, WF_ENERGY, WF_REVENUE, WF_PEAK, WF_CREDIT, WF_RESOLD, WF_SUMMER, WF_CHARGED = range(9)
N_SITE_FLOATS = 9
# Of a loan on a path.
WL_STATUS, WL_DEBT, WL_POSTED, WL_CALL_BY, WL_FORBORNE_ON, WL_WAIVED, WL_LEFT, WL_OPEN = range(8)
N_LOAN_INTS = 8
WLF_RATE, WLF_ACCRUED, WLF_PAYMENT = range(3)
N_LOAN_FLOATS = 3
CURRENT, MISSED, DEFAULT, FORBORNE, ENFORCED, LET_GO, REPAID = range(7)
# Why a site is dark.
LIT, UNPAID, TAKEN = range(3)
# A bill that falls due.
B_BILL, B_NAME, B_CENTS, B_DUE, B_SITE = range(5)
W_BILL = 5
# Of a name: what is paid ahead by bill, power credits, and by bill the place of its latest bill, plus one.
CREDIT, LATEST, W_NAME, W_QUEUE = N_BILLS, N_BILLS + 1, 2 * N_BILLS + 1, 4
# Days on which something first happens; covenants follow.
SHORTFALL, RUNWAY, MARGIN_CALL, LIQUIDATION, DEFAULTED, DARK = range(6)
# Balances and flows by month.
(M_MINED, M_SOLD, M_SEIZED, M_PAID, M_OWNED, M_FREE, M_POSTED, M_CASH, M_DEBT) = range(9)
N_MONTHLY = 9
# What is wrong with a path, if anything.
FINE, TOO_MANY_BILLS, CASH_LAW, COIN_LAW, NEGATIVE, NO_COLLATERAL = range(6)


class Plan(NamedTuple):
    """An operator and its days, the same on every path."""

    n: Ints
    x: Floats


class Work(NamedTuple):
    """One path under way."""

    n: Ints
    x: Floats


class Kept(NamedTuple):
    """What is kept of each path of a block; the first axis is the path."""

    whole: Ints  # N_INTS less the header, then first days
    part: Floats  # N_FLOATS
    monthly: Ints  # (paths, 9, months)
