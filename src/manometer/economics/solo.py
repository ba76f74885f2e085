"""The odds of mining alone at constant hashrate and difficulty."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..chain import hashes_per_difficulty as _factor
from ..units import HASHES_PER_TH, SECONDS_PER_DAY
from ._arguments import NON_NEGATIVE, POSITIVE, FloatOrArray, Floats, Numbers, formula, take

__all__ = ["SoloOdds", "solo_odds"]


class SoloOdds(NamedTuple):
    """Odds over a stretch of days, each a float or an array of the inputs' shape."""

    #: Chance of at least one block, 0 to 1.
    probability: FloatOrArray
    #: Mean number of blocks.
    expected_blocks: FloatOrArray
    #: Mean wait for a block [days]; the median is 0.69 of it.
    expected_days: FloatOrArray


def solo_odds(
    *, hashrate_ths: Numbers, difficulty: Numbers, days: Numbers, hashes_per_difficulty: str = "2^32"
) -> SoloOdds:
    """Return the chance of at least one block, the expected blocks and the expected days to a block.

    Parameters
    ----------
    hashrate_ths : float or array
        TH/s that are credited, more than 0.
    difficulty : float or array
        More than 0, held constant.
    days : float or array
        0 or more.
    hashes_per_difficulty : {"2^32", "exact"}
        Expected hashes per block at difficulty 1.

    Returns
    -------
    SoloOdds
        A named tuple (probability, expected_blocks, expected_days).

    Raises
    ------
    InputError
        An argument is out of range, or the shapes do not broadcast.

    Notes
    -----
    Blocks are a Poisson process of rate hashrate / (difficulty * 2^32): P = 1 - exp(-expected blocks).

    References
    ----------
    M. Rosenfeld, "Analysis of Bitcoin Pooled Mining Reward Systems", 2011, section 1.

    Examples
    --------
    >>> odds = solo_odds(hashrate_ths=1.2, difficulty=150e12, days=365.25)
    >>> f"1 in {1 / odds.probability:,.0f}"
    '1 in 17,013'
    """
    per_day = _blocks_per_day(
        hashrate_ths=hashrate_ths, difficulty=difficulty, hashes_per_difficulty=hashes_per_difficulty
    )
    expected = _expected(rate=per_day, days=days)
    return SoloOdds(_chance(expected=expected), expected, _wait(rate=per_day, days=days))


@formula
def _blocks_per_day(*, hashrate_ths: Numbers, difficulty: Numbers, hashes_per_difficulty: str) -> Floats:
    hashrate, d = take(hashrate_ths=(hashrate_ths, POSITIVE), difficulty=(difficulty, POSITIVE))
    return hashrate * (HASHES_PER_TH * SECONDS_PER_DAY / _factor(hashes_per_difficulty)) / d


@formula
def _expected(*, rate: Numbers, days: Numbers) -> Floats:
    blocks, stretch = take(hashrate_ths=(rate, NON_NEGATIVE), days=(days, NON_NEGATIVE))
    return blocks * stretch


@formula
def _chance(*, expected: Numbers) -> Floats:
    return np.asarray(-np.expm1(-np.asarray(expected, dtype=np.float64)))


@formula
def _wait(*, rate: Numbers, days: Numbers) -> Floats:
    blocks, stretch = take(hashrate_ths=(rate, NON_NEGATIVE), days=(days, NON_NEGATIVE))
    return 1 / blocks + 0 * stretch  # of the full shape; NaN in the days propagates
