"""Where the cellar of the population keeps what: rows of sixteen lanes, by name and by place."""

from __future__ import annotations

from .shocks import LANES

__all__ = ["COHORT", "CONSTANTS", "LANES", "LENDER", "MARKET", "OPERATOR", "SNAPSHOT", "TERMS"]

#: An operator on a path, by place: money in cents, coins in satoshi.
OPERATOR = (
    "running_ehs",
    "energy_cents",  # a day, of what runs
    "cash_cents",
    "free_sat",
    "owed_cents",  # due and not paid
    "mined_sat",
    "sold_sat",
    "posted_sat",
    "loan_cents",  # against coins
    "term_cents",
    "trigger_usd",  # price at which the loan is called
    "call_by_day",  # -1: no call open
    "late_days",
    "status",  # 0 runs, 1 has defaulted and runs, 2 stopped
    "seized_sat",  # sold by a lender
    "caught_sat",  # lost in a lender's estate
    "lost_cents",  # debts never paid
    "default_day",  # -1: none
    "called_sat",  # posted to calls, in all
    "repaid_cents",  # by coins that a lender sold
    "due_loan_cents",  # of what is owed, at most: what a loan against coins still was when they were gone
    "due_term_cents",  # and instalments and what has matured
)
(
    RUN, ENERGY, CASH, FREE, OWED, MINED, SOLD, POSTED, LOAN, TERM, TRIGGER, CALL, LATE, STATUS,
    SEIZED, CAUGHT, LOST, DEFAULT, CALLED, REPAID, DUE_LOAN, DUE_TERM,
) = range(0, 22 * LANES, LANES)  # fmt: skip
SIZE = 22 * LANES  # of a block of sixteen operators

#: What an operator goes by, by place.
TERMS = (
    "keep_frac",  # of what is mined, after the pool fee and downtime
    "floor_cents",  # cash kept by selling coins
    "share_frac",  # of what is mined that is sold on its day
    "fixed_cents",  # a month
    "term_rate",  # a month
    "loan_rate",  # a month
    "instalment_cents",  # a month
    "matures_day",
    "call_frac",
    "restore_frac",
    "liquidation_frac",
    "cure_days",
    "sells_to_calls",  # 1: meets a call by selling what is posted, 0: by posting what is free
    "grace_days",
    "stops",  # 1: enforcement stops its machines
    "recovery_frac",  # of a term debt, from machines
    "loan_lender",
    "term_lender",
)
(
    KEEP, FLOOR, SHARE, FIXED, TERM_RATE, LOAN_RATE, INSTALMENT, MATURES, CALL_AT, RESTORE, LIQUIDATE,
    CURE, SELLS, GRACE, STOPS, RECOVERY, LOAN_LENDER, TERM_LENDER,
) = range(0, 18 * LANES, LANES)  # fmt: skip
TERM_SIZE = 18 * LANES

#: The market and the network on a path, by place.
MARKET = (
    "unsold_usd",  # price as it would be without these sales
    "order_sat",  # what is left in the price of all that was sold: one metaorder
    "price_usd",
    "difficulty",
    "subsidy_btc",
    "halving_height",
    "height",
    "epoch_blocks",
    "epoch_s",
    "level",  # smoothed hashprice [USD per PH/s per day]
    "hashrate_ehs",
    "trigger_usd",  # highest of all loans
    "calls",  # open
    "late",  # operators that owe
    "sold_sat",  # by operators, in all
    "forced_sat",  # by lenders and of longs, in all
    "defaults",
    "switches",
    "low_usd",
    "hashvalue",  # satoshi that one EH/s earns today
    "fees_btc",  # a block, today
    "found",  # blocks, today
)
(
    UNSOLD, ORDER, PRICE, DIFFICULTY, SUBSIDY, HALVING, HEIGHT, BLOCKS, SPENT, LEVEL, HASHRATE, HIGHEST,
    CALLS, LATES, OWN, FORCED, DEFAULTS, SWITCHES, LOW, VALUE, FEE, FOUND,
) = range(0, 22 * LANES, LANES)  # fmt: skip

DRAWN = 22 * LANES  # what the day draws, in the order of `shocks.FIELDS`

#: What is kept of a path on the days asked for, by place.
SNAPSHOT = (
    "price_usd",
    "difficulty",
    "hashrate_ehs",
    "sold_sat",
    "forced_sat",
    "defaults",
    "level",
    "fees_btc",
)

#: What all paths share, by place.
CONSTANTS = (
    "fees_btc",  # a block
    "weight_per_day",  # of the day's hashprice in the smoothed one
    "luck",  # 1: blocks are found by chance
    "root",  # impact of a metaorder of x satoshi: root x sqrt(x) + linear x x
    "linear",
    "stays",  # share of the metaorder that is still in the price a day later
    "ordinary_sat",  # a day, that the price takes without moving
    "sale_cost_frac",
    "caught_frac",  # of a failed lender's excess coins
)  # fmt: skip
FEES, WEIGHT, LUCK, ROOT, LINEAR, STAYS, ORDINARY, COST, CAUGHT_FRAC = range(9)

#: A lender on a path, by place.
LENDER = ("equity_cents", "failed")

#: A cohort, by place.
COHORT = (
    "off",  # hashprice under which the cohort before stops
    "on",  # and over which this one starts
    "capacity_ehs",
    "born_day",  # from which it is there
    "first_owner",
)
OFF, ON, CAPACITY, BORN, FIRST = range(5)
COHORT_SIZE = 5
