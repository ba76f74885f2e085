"""The combination and timing of levers that keeps the most bitcoin, subject to a survival target.

Greedy, then pairwise exchange: each round adds the step that helps most; then each step is tried without, and
in exchange for every other one, until nothing helps. It need not find the best plan of all; it finds one that
no single addition, removal or exchange betters on the paths that it saw.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..results import quantile_of

__all__ = ["Plan", "Step", "Tried", "search"]

Floats = NDArray[np.float64]

_MOST_STEPS = 6
_MOST_ROUNDS = 3


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """A lever, and the month of the run in which it is pulled."""

    lever: str
    month: int = 0


#: In the order of the levers' table.
Plan = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What a plan gave, each (n_paths,): net bitcoin of today's owners, coins kept, every bill met."""

    net_btc: Floats
    retained_btc: Floats
    survived: NDArray[np.bool_]

    @property
    def survival(self) -> float:
        """Share of paths on which every bill is met."""
        return float(np.count_nonzero(self.survived) / len(self.survived))


def search(steps: Sequence[Step], trial: Callable[[Plan], Tried | None], target: float) -> Plan:
    """Return a plan that meets the survival target, if one is found, and keeps the most bitcoin.

    While the target is not met, survival decides; once it is, net bitcoin does: a change counts only where
    the median of its paired difference gains more than its standard error.

    Parameters
    ----------
    steps : candidates.
    trial : runs a plan on the same paths each time; None where the plan makes no sense.
    target : share of paths on which every bill must be met.
    """
    seen: dict[Plan, Tried | None] = {}

    def of(plan: Plan) -> Tried | None:
        plan = tuple(sorted(plan))
        if plan not in seen:
            one_each = len({s.lever for s in plan}) == len(plan)
            seen[plan] = trial(plan) if one_each else None
        return seen[plan]

    best: Plan = ()
    start = of(best)
    assert start is not None, "the empty plan is the operator as it is"
    now = start

    def take(plans: Sequence[Plan]) -> bool:
        """Move to the best of some plans that betters the one held."""
        nonlocal best, now
        moved = False
        for plan in plans:
            tried = of(plan)
            if tried is not None and _better(tried, now, target):
                best, now, moved = plan, tried, True
        return moved

    while len(best) < _MOST_STEPS and take([(*best, s) for s in steps if s not in best]):
        pass
    for _ in range(_MOST_ROUNDS):
        fewer = [tuple(s for s in best if s != gone) for gone in best]
        exchanged = [(*rest, s) for rest in fewer for s in steps if s not in best]
        more = [(*best, s) for s in steps if s not in best and len(best) < _MOST_STEPS]
        if not take([*fewer, *exchanged, *more]):
            break
    return tuple(sorted(best))


def _better(a: Tried, b: Tried, target: float) -> bool:
    if min(a.survival, b.survival) < target:
        return a.survival > b.survival
    gain = quantile_of(a.net_btc - b.net_btc, 0.5)
    return gain.value is not None and gain.value > (gain.se or 0.0) and gain.value > 0
