"""The sides that need no environment of their own: NumPy, plain Numba, and Manometer's kernel."""

from __future__ import annotations

from . import numba_side, numpy_side, ours
from .model import Case
from .side import Form, main

__all__ = ["FLOOR", "LIMIT", "ONE", "OURS", "TWIN", "TWO", "forms"]

OURS, FLOOR, LIMIT = "ours, drawing its shocks", "ours without cohort work (floor)", "shocks alone (limit)"
ONE, TWO = "ours, one thread, by the clock", "ours, two threads, by the clock"
TWIN = "numpy dense (twin)"
_PATHS, _MANY, _BATCH = 480, 1920, 500


def forms(case: Case) -> list[Form]:
    n_days, n = case.price_usd.shape[1], min(_PATHS, len(case.price_usd))
    few, many = case.cut(n, n_days), min(_MANY, len(case.price_usd))
    batch = case.cut(_BATCH, n_days)
    start, days = ours.population_of(case), ours.days_of(case)
    floor = ours.floor_of(start)

    def run(paths: int, threads: int = 1) -> Form:
        return Form(
            OURS if paths == n else ONE if threads == 1 else TWO, paths, n_days,
            lambda: ours.run_ours(start, days, case.seed, paths, threads), paths != n,
        )  # fmt: skip

    def nothing(call: object) -> float:
        return 0.0

    return [
        run(n),
        Form(FLOOR, n, n_days, lambda: nothing(ours.run_ours(floor, days, case.seed, n))),
        Form(LIMIT, n, n_days, lambda: numba_side.limit(few)),
        run(many, 1),
        run(many, 2),
        Form("plain numba, shocks given", n, n_days, lambda: numba_side.run_given(few)[0]),
        Form("plain numba, drawing its shocks", n, n_days, lambda: numba_side.run_drawn(few)[0]),
        Form("plain numba without cohort work", n, n_days,
             lambda: nothing(numba_side.run_drawn(few, cohorts=False))),
        Form(TWIN, len(batch.price_usd), n_days, lambda: numpy_side.run(batch, numpy_side.Dense)[0]),
        Form("numpy staircase", len(batch.price_usd), n_days,
             lambda: numpy_side.run(batch, numpy_side.Staircase)[0]),
    ]  # fmt: skip


if __name__ == "__main__":
    main(forms)
