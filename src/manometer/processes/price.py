"""Price as a process: five ways in which a day's log return may be drawn, and history dealt again.

Each `calibrate`s on log returns of days that are known, and gives log returns without drift; what drift there
is, is the caller's word, because no history of this price says what the next years bring.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ..compiled import jit
from ..errors import DataError, InputError, unknown_name
from .draws import STREAMS, check_seed, normals, uniforms
from .exact import exp, log, uniform_pair

__all__ = [
    "PROCESSES",
    "Bootstrap",
    "GarchFhs",
    "Gbm",
    "Jump",
    "PriceProcess",
    "Regime",
    "Replay",
    "process",
]

Floats = NDArray[np.float64]
_LEAST_DAYS = 250
_JUMP_AT = 3.0  # standard deviations of the days without jumps


class PriceProcess(Protocol):
    """Log returns per day, mean 0 in the history it was fitted on."""

    name: ClassVar[str]

    @classmethod
    def calibrate(cls, log_returns: Floats) -> Self:
        """Fit on the log returns of consecutive days, oldest first."""
        ...

    @property
    def volatility_per_day(self) -> float:
        """Standard deviation of a day's log return."""
        ...

    def log_returns(self, seed: int, first_path: int, n_paths: int, n_days: int) -> Floats:
        """Draw, shape (n_paths, n_days)."""
        ...


@dataclass(frozen=True)
class Gbm:
    """Geometric Brownian motion: independent normal returns."""

    name: ClassVar[str] = "gbm"
    volatility_per_day: float

    @classmethod
    def calibrate(cls, log_returns: Floats) -> Self:
        """Take the sample's standard deviation."""
        return cls(float(_centred(log_returns).std(ddof=1)))

    def log_returns(self, seed: int, first_path: int, n_paths: int, n_days: int) -> Floats:
        """Draw, shape (n_paths, n_days)."""
        return np.asarray(self.volatility_per_day * normals(seed, "price", first_path, n_paths, n_days)[0])


@dataclass(frozen=True)
class Jump:
    """Normal returns and, on some days, a jump with two exponential tails.

    References
    ----------
    S. Kou, "A Jump-Diffusion Model for Option Pricing", Management Science 48, 2002, equation 1; here at most
    one jump a day.
    """

    name: ClassVar[str] = "jump"
    diffusion_per_day: float
    jumps_per_day: float
    up_frac: float
    up_mean: float
    down_mean: float

    @classmethod
    def calibrate(cls, log_returns: Floats) -> Self:
        """Call returns beyond three deviations of the rest jumps, until the set of them stays."""
        r = _centred(log_returns)
        big = np.zeros(len(r), dtype=bool)
        for _ in range(50):
            wider = np.abs(r) > _JUMP_AT * r[~big].std()
            if (wider == big).all():
                break
            big = wider
        up, down = r[big & (r > 0)], -r[big & (r < 0)]
        quiet = float(r[~big].std())
        return cls(
            diffusion_per_day=quiet,
            jumps_per_day=float(big.mean()),
            up_frac=len(up) / max(int(big.sum()), 1),
            up_mean=float(up.mean()) if len(up) else quiet,
            down_mean=float(down.mean()) if len(down) else quiet,
        )

    @property
    def jump_mean(self) -> float:
        """Mean of a jump."""
        return self.up_frac * self.up_mean - (1 - self.up_frac) * self.down_mean

    @property
    def volatility_per_day(self) -> float:
        """Standard deviation of a day's log return: diffusion and jumps."""
        square = 2 * (self.up_frac * self.up_mean**2 + (1 - self.up_frac) * self.down_mean**2)
        rare = self.jumps_per_day
        return float(np.sqrt(self.diffusion_per_day**2 + rare * square - (rare * self.jump_mean) ** 2))

    def log_returns(self, seed: int, first_path: int, n_paths: int, n_days: int) -> Floats:
        """Draw, shape (n_paths, n_days); the mean of the jumps is taken out."""
        z = normals(seed, "price", first_path, n_paths, n_days)[0]
        u = uniforms(seed, "jump", first_path, n_paths, n_days)
        return _with_jumps(
            z, u, self.diffusion_per_day, self.jumps_per_day, self.up_frac, self.up_mean, self.down_mean
        )


@dataclass(frozen=True)
class GarchFhs:
    """Volatility that clusters, moved by shocks that happened: GARCH(1,1), filtered historical simulation.

    References
    ----------
    T. Bollerslev, "Generalized autoregressive conditional heteroskedasticity", J. of Econometrics 31, 1986.
    G. Barone-Adesi, K. Giannopoulos, L. Vosper, "VaR without correlations", J. of Futures Markets 19, 1999.
    """

    name: ClassVar[str] = "garch_fhs"
    omega: float
    alpha: float
    beta: float
    variance_now: float
    shocks: Floats

    @classmethod
    def calibrate(cls, log_returns: Floats) -> Self:
        """Maximise the Gaussian likelihood, the long-run variance being the sample's, by a closing grid."""
        r = _centred(log_returns)
        alpha, beta, step = 0.1, 0.8, 0.2
        best = _garch_loss(r, alpha, beta)
        while step > 1e-4:
            moved = False
            for a in (-step, 0.0, step):
                for b in (-step, 0.0, step):
                    x, y = alpha + a, beta + b
                    if x > 0 and y > 0 and x + y < 0.999:
                        loss = _garch_loss(r, x, y)
                        if loss < best - 1e-12:
                            best, alpha_next, beta_next, moved = loss, x, y, True
            if moved:
                alpha, beta = alpha_next, beta_next
            else:
                step /= 2
        variance = _garch_variance(r, alpha, beta)
        shocks = r / np.sqrt(variance[:-1])
        shocks = shocks - shocks.mean()
        return cls(
            omega=float(r.var() * (1 - alpha - beta)), alpha=alpha, beta=beta,
            variance_now=float(variance[-1]), shocks=shocks / shocks.std(),
        )  # fmt: skip

    @property
    def volatility_per_day(self) -> float:
        """Long-run standard deviation of a day's log return."""
        return float(np.sqrt(self.omega / (1 - self.alpha - self.beta)))

    def log_returns(self, seed: int, first_path: int, n_paths: int, n_days: int) -> Floats:
        """Draw from today's variance on, shape (n_paths, n_days)."""
        address = (check_seed(seed), STREAMS["history"], first_path, n_paths, n_days)
        return _garch_paths(*address, self.shocks, self.omega, self.alpha, self.beta, self.variance_now)


@dataclass(frozen=True)
class Bootstrap:
    """Stretches of history of random length, one after another: the stationary bootstrap.

    References
    ----------
    D. Politis, J. Romano, "The Stationary Bootstrap", J. Amer. Statist. Assoc. 89, 1994, section 2.
    """

    name: ClassVar[str] = "bootstrap"
    returns: Floats
    mean_block_days: float = 30.0

    @classmethod
    def calibrate(cls, log_returns: Floats) -> Self:
        """Keep the returns, less their mean."""
        return cls(_centred(log_returns))

    @property
    def volatility_per_day(self) -> float:
        """Standard deviation of a day's log return."""
        return float(self.returns.std())

    def log_returns(self, seed: int, first_path: int, n_paths: int, n_days: int) -> Floats:
        """Draw, shape (n_paths, n_days); history goes round at its end."""
        u = uniforms(seed, "history", first_path, n_paths, n_days)
        return _blocks(u, self.returns, 1 / self.mean_block_days)


@dataclass(frozen=True)
class Regime:
    """A calm and a wild state that follow each other: two normals and a Markov chain.

    References
    ----------
    J. Hamilton, "A New Approach to the Economic Analysis of Nonstationary Time Series and the Business
    Cycle", Econometrica 57, 1989; fitted by the forward-backward recursions of Baum et al., 1970.
    """

    name: ClassVar[str] = "regime"
    volatility: tuple[float, float]
    leaves: tuple[float, float]
    wild_now: float

    @classmethod
    def calibrate(cls, log_returns: Floats) -> Self:
        """Fit both deviations and both probabilities of leaving by expectation-maximisation."""
        r = _centred(log_returns)
        low, high, out, back, now = _regime_fit(r, 200)
        return cls((low, high), (out, back), now)

    @property
    def wild_frac(self) -> float:
        """Share of days in the wild state in the long run."""
        return self.leaves[0] / (self.leaves[0] + self.leaves[1])

    @property
    def volatility_per_day(self) -> float:
        """Long-run standard deviation of a day's log return."""
        w = self.wild_frac
        return float(np.sqrt((1 - w) * self.volatility[0] ** 2 + w * self.volatility[1] ** 2))

    def log_returns(self, seed: int, first_path: int, n_paths: int, n_days: int) -> Floats:
        """Draw from today's state on, shape (n_paths, n_days)."""
        z = normals(seed, "price", first_path, n_paths, n_days)[0]
        u = uniforms(seed, "regime", first_path, n_paths, n_days)[0]
        start = uniforms(seed, "start", first_path, n_paths, 1)[0, :, 0]
        return _regimes(z, u, start, *self.volatility, *self.leaves, self.wild_now)


@dataclass(frozen=True)
class Replay:
    """History again, unbroken, from a day drawn for each path."""

    name: ClassVar[str] = "replay"
    returns: Floats

    @classmethod
    def calibrate(cls, log_returns: Floats) -> Self:
        """Keep the returns, less their mean."""
        return cls(_centred(log_returns))

    @property
    def volatility_per_day(self) -> float:
        """Standard deviation of a day's log return."""
        return float(self.returns.std())

    def log_returns(self, seed: int, first_path: int, n_paths: int, n_days: int) -> Floats:
        """Deal, shape (n_paths, n_days).

        Raises
        ------
        InputError
            History is shorter than what is asked for.
        """
        room = len(self.returns) - n_days
        if room < 0:
            raise InputError(
                f"replay of {n_days} days: history has {len(self.returns)}; ask for fewer months"
            )
        u = uniforms(seed, "start", first_path, n_paths, 1)[0, :, 0]
        first = (u * (room + 1)).astype(np.int64)
        return np.asarray(self.returns[first[:, None] + np.arange(n_days)])


#: Name -> process.
PROCESSES: dict[str, type[PriceProcess]] = {
    p.name: p for p in (Bootstrap, Gbm, Jump, GarchFhs, Regime, Replay)
}


def process(name: str) -> type[PriceProcess]:
    """Return a price process by name.

    Raises
    ------
    InputError
        There is none of that name; the message lists them.
    """
    if name not in PROCESSES:
        raise InputError(unknown_name("process", name, PROCESSES))
    return PROCESSES[name]


def _centred(log_returns: Floats) -> Floats:
    r = np.asarray(log_returns, dtype=np.float64)
    if len(r) < _LEAST_DAYS or not np.isfinite(r).all():
        raise DataError(f"{len(r)} daily returns: a price process needs {_LEAST_DAYS} in a row, all known")
    if r.std() == 0:
        raise DataError("the price never moved: nothing to fit a process on")
    return np.asarray(r - r.mean())


@jit
def _with_jumps(
    z: Floats, u: Floats, s: float, rate: float, up: float, up_mean: float, down_mean: float
) -> Floats:
    out = np.empty_like(z)
    mean = rate * (up * up_mean - (1.0 - up) * down_mean)
    for p in range(z.shape[0]):
        for t in range(z.shape[1]):
            x = s * z[p, t] - mean
            if u[0, p, t] < rate:
                v = u[1, p, t]
                x += -up_mean * log(v / up) if v < up else down_mean * log((1.0 - v) / (1.0 - up))
            out[p, t] = x
    return out


@jit
def _garch_variance(r: Floats, alpha: float, beta: float) -> Floats:
    out = np.empty(len(r) + 1)
    total = 0.0
    for x in r:
        total += x * x
    long_run = total / len(r)
    out[0] = long_run
    for t in range(len(r)):
        out[t + 1] = long_run * (1.0 - alpha - beta) + alpha * r[t] * r[t] + beta * out[t]
    return out


@jit
def _garch_loss(r: Floats, alpha: float, beta: float) -> float:
    v = _garch_variance(r, alpha, beta)
    total = 0.0
    for t in range(len(r)):
        total += log(v[t]) + r[t] * r[t] / v[t]
    return float(total / len(r))


@jit
def _garch_paths(
    seed: int,
    stream: int,
    first: int,
    n_paths: int,
    n_days: int,
    shocks: Floats,
    omega: float,
    alpha: float,
    beta: float,
    now: float,
) -> Floats:
    out = np.empty((n_paths, n_days))
    for p in range(n_paths):
        for t in range(n_days):
            out[p, t] = uniform_pair(seed, first + p, t, stream)[0]
        v = now
        for t in range(n_days):
            x = np.sqrt(v) * shocks[int(out[p, t] * len(shocks))]
            v = omega + alpha * x * x + beta * v
            out[p, t] = x
    return out


@jit
def _blocks(u: Floats, returns: Floats, leave: float) -> Floats:
    out: Floats = np.empty_like(u[0])
    n = len(returns)
    for p in range(out.shape[0]):
        at = int(u[1, p, 0] * n)
        for t in range(out.shape[1]):
            if t and u[0, p, t] < leave:
                at = int(u[1, p, t] * n)
            out[p, t] = returns[at]
            at = at + 1 if at + 1 < n else 0
    return out


@jit
def _regimes(
    z: Floats, u: Floats, start: Floats, low: float, high: float, out: float, back: float, now: float
) -> Floats:
    r = np.empty_like(z)
    for p in range(z.shape[0]):
        wild = start[p] < now
        for t in range(z.shape[1]):
            if u[p, t] < (back if wild else out):
                wild = not wild
            r[p, t] = (high if wild else low) * z[p, t]
    return r


@jit
def _regime_fit(r: Floats, rounds: int) -> tuple[float, float, float, float, float]:
    n = len(r)
    total = 0.0
    for x in r:
        total += x * x
    s = np.sqrt(total / n)
    low, high, out, back = 0.6 * s, 1.6 * s, 0.05, 0.1
    ahead = np.empty((n, 2))
    scale = np.empty(n)
    likely = np.empty((n, 2))
    for _ in range(rounds):
        for t in range(n):
            x = r[t] * r[t]
            likely[t, 0] = exp(-0.5 * x / (low * low)) / low + 1e-300
            likely[t, 1] = exp(-0.5 * x / (high * high)) / high + 1e-300
        wild = out / (out + back)
        a, b = 1.0 - wild, wild
        for t in range(n):
            if t:
                a, b = a * (1.0 - out) + b * back, a * out + b * (1.0 - back)
            a, b = a * likely[t, 0], b * likely[t, 1]
            scale[t] = a + b
            a, b = a / scale[t], b / scale[t]
            ahead[t, 0], ahead[t, 1] = a, b
        c = d = 1.0
        weight0 = weight1 = square0 = square1 = left0 = left1 = stay0 = stay1 = 0.0
        for t in range(n - 1, -1, -1):
            g0, g1 = ahead[t, 0] * c, ahead[t, 1] * d
            g0, g1 = g0 / (g0 + g1), g1 / (g0 + g1)
            weight0, weight1 = weight0 + g0, weight1 + g1
            square0, square1 = square0 + g0 * r[t] * r[t], square1 + g1 * r[t] * r[t]
            if t:
                e0, e1 = likely[t, 0] * c / scale[t], likely[t, 1] * d / scale[t]
                left0 += ahead[t - 1, 0] * out * e1
                stay0 += ahead[t - 1, 0] * (1.0 - out) * e0
                left1 += ahead[t - 1, 1] * back * e0
                stay1 += ahead[t - 1, 1] * (1.0 - back) * e1
                c, d = (1.0 - out) * e0 + out * e1, back * e0 + (1.0 - back) * e1
        low, high = np.sqrt(square0 / weight0), np.sqrt(square1 / weight1)
        out = min(max(left0 / (left0 + stay0), 1e-4), 0.5)
        back = min(max(left1 / (left1 + stay1), 1e-4), 0.5)
    return low, high, out, back, ahead[n - 1, 1]
