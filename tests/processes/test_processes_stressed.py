"""A process made wilder: its own returns times one factor, draw by draw."""

import numpy as np
import pytest

from manometer.errors import InputError
from manometer.processes.price import PROCESSES
from manometer.processes.stressed import with_volatility


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_every_return_is_scaled(name):
    """The long-run volatility is the one asked for; each draw is the fitted process's times the ratio."""
    returns = 0.03 * np.random.Generator(np.random.Philox(2)).standard_t(4, 1000)
    fitted = PROCESSES[name].calibrate(returns)
    wild = with_volatility(fitted, 1.2)
    assert wild.volatility_per_day == pytest.approx(1.2 / np.sqrt(365.25), rel=1e-12)
    a, b = (p.log_returns(7, 0, 3, 200) for p in (fitted, wild))
    factor = wild.volatility_per_day / fitted.volatility_per_day
    assert np.allclose(b, factor * a, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("absurd", [0.0, -1.0, 20.0, float("nan"), float("inf")])
def test_absurd_volatility_is_refused(absurd):
    """By name, with what would be right."""
    fitted = PROCESSES["gbm"].calibrate(np.random.Generator(np.random.Philox(2)).normal(0, 0.03, 300))
    with pytest.raises(InputError, match=r"volatility .* a year: must be more than 0 and at most 19\.1"):
        with_volatility(fitted, absurd)
