"""The plan search against brute force, where brute force is possible."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from manometer.readings.plan_search import Step, Tried, search

N = 40


def _tried(gain: float, alive: int) -> Tried:
    """All paths gain alike, so that a gain has no error; the first `alive` survive."""
    net = np.full(N, float(gain))
    return Tried(net, net, np.arange(N) < min(max(alive, 0), N))


@given(
    st.lists(st.tuples(st.integers(-5, 5), st.integers(-10, 10)), min_size=1, max_size=6),
    st.integers(10, 40),
)
def test_additive_levers_are_found(effects, alive):
    """Gains and survival that add up: once the target is met the plan is as good as the best of all plans.

    With everything additive and nobody dying of a lever, greedy is exact.
    """
    effects = [(g, max(a, 0)) for g, a in effects]
    steps = [Step(f"lever {i}") for i in range(len(effects))]

    def trial(plan):
        own = [effects[steps.index(s)] for s in plan]
        return _tried(sum(g for g, _ in own), alive + sum(a for _, a in own))

    target = 0.9
    found = trial(search(steps, trial, target))
    every = [trial(p) for k in range(len(steps) + 1) for p in combinations(steps, k)]
    feasible = [t.net_btc[0] for t in every if t.survival >= target]
    if feasible:
        assert found.survival >= target
        worst_kept = sum(g for g, a in effects if g < 0 and a > 0)
        assert found.net_btc[0] >= max(feasible) + worst_kept, "no worse than levers that had to be pulled"
    else:
        assert found.survival == max(t.survival for t in every)


def test_an_exchange_frees_a_better_pair():
    """Greedy begins with the best single lever, which the best pair is without: the exchange finds it."""
    a, b, c = Step("a"), Step("b"), Step("c")
    worth = {(): 0, (a,): 5, (b,): 4, (c,): 3, (b, c): 9, (a, b): 6, (a, c): 5}

    def trial(plan):
        return None if plan not in worth else _tried(worth[plan], N)

    assert search([a, b, c], trial, 0.5) == (b, c)


def test_timing_is_one_choice_per_lever():
    """A lever is pulled once, in its best month; what gains less than its error is left alone."""
    steps = [Step("sell", m) for m in (0, 3, 6)] + [Step("noise")]
    noise = np.random.Generator(np.random.Philox(3)).normal(size=N)
    noise += 0.05 - noise.mean()

    def trial(plan):
        net = np.zeros(N)
        for s in plan:
            net = net + ({0: 1.0, 3: 2.0, 6: 1.5}[s.month] if s.lever == "sell" else noise)
        return Tried(net, net, np.ones(N, dtype=bool))

    assert search(steps, trial, 0.5) == (Step("sell", 3),)
