"""The gates of a certificate: each measures long paths and says what it found beside its limit."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.stats import beta

from scenara.finance.market.extremes import EXPLOSION_FACTOR
from scenara.shared.errors import DataError
from scenara.shared.evaluation import path_copy_share
from scenara.shared.report.numbers import decimal, percent
from scenara.shared.types import Array, FloatArray

__all__ = ["COPY_LIMIT", "EXPLOSION_LIMIT", "YEAR", "CertificateGate", "Trial"]

YEAR: Final = 252
COPY_LIMIT: Final = 0.02
EXPLOSION_LIMIT: Final = 0.001
WORST_YEAR, BEST_YEAR = -0.75, 2.00
DRIFT_LIMIT: Final = 1.5
_QUANTILES: Final = (0.1, 0.5, 0.9)
_COPY_LENGTH: Final = 21
_LONG_DAYS: Final = 25 * YEAR
_ENOUGH_WINDOWS: Final = 200
_CHANCE: Final = 0.99

GateName = Literal["finite", "copies", "explosions", "years", "stationarity"]


@dataclass(frozen=True)
class CertificateGate:
    """Hold one gate: what was measured, what is allowed, and a sentence.

    Args:
        name: ``finite``, ``copies``, ``explosions``, ``years`` or ``stationarity``.
        title: What is tested, in words.
        measured: The figure; not a number where it could not be measured.
        limit: The most that it may be.
        passed: Whether it is within the limit.
        value: The figure as text.
        found: The figure in words.
        rule: The limit in words.
    """

    name: GateName
    title: str
    measured: float
    limit: float
    passed: bool
    value: str
    found: str
    rule: str


class Trial:
    """Take in long paths chunk by chunk and keep what the gates need of them.

    Args:
        seen: Daily log returns of history, (days, assets).
        n_years: Years in each path.
    """

    def __init__(self, seen: FloatArray, n_years: int) -> None:
        self.seen = seen
        self.n_years = n_years
        self.factor = EXPLOSION_FACTOR * max(_LONG_DAYS / len(seen), 1.0) ** 0.25
        self.worst_move = self.factor * np.abs(seen).max(axis=0)
        self.n_paths = self.n_broken = 0
        self.exploded: list[Array] = []
        self.years: list[FloatArray] = []
        self.variances: list[FloatArray] = []
        self.pieces: list[FloatArray] = []

    def add(self, paths: FloatArray) -> None:
        """Take in paths of daily log returns, (n, days, assets).

        Raises:
            DataError: They have other assets than history.
        """
        if paths.shape[2] != self.seen.shape[1]:
            raise DataError(
                f"train: expected the paths' {paths.shape[2]} assets, found {self.seen.shape[1]}"
            )
        self.n_paths += len(paths)
        self.n_broken += int((~np.isfinite(paths)).sum())
        if self.n_broken:
            return
        years = paths.reshape(-1, YEAR, paths.shape[2])
        high, low = years.max(axis=1), years.min(axis=1)
        self.exploded.append(((high > self.worst_move) | (low < -self.worst_move)).any(axis=1))
        daily = _equal_weight(years)
        self.years.append(daily.sum(axis=1))
        variance = daily.var(axis=1).reshape(-1, self.n_years)
        self.variances.append(variance[:, [0, -1]])
        self.pieces.append(_pieces(paths))

    def gates(self) -> tuple[CertificateGate, ...]:
        """Give each gate with its figure; where numbers are broken, that gate alone."""
        finite = _finite_gate(self.n_broken)
        if self.n_broken:
            return (finite,)
        copies = path_copy_share(np.concatenate(self.pieces), self.seen, length=_COPY_LENGTH)
        return (
            finite,
            _copy_gate(copies.share, len(self.seen)),
            _explosion_gate(np.concatenate(self.exploded), self.factor),
            _year_gate(np.concatenate(self.years), _equal_weight(self.seen)),
            _drift_gate(np.concatenate(self.variances), self.n_years),
        )


def _equal_weight(returns: FloatArray) -> FloatArray:
    """Give daily log returns of the equal-weight portfolio; numbers beyond all bounds stay finite."""
    growth = np.exp(np.clip(returns, -50, 50)).mean(axis=-1)
    return np.asarray(np.log(growth))


def _finite_gate(n_broken: int) -> CertificateGate:
    value = f"{n_broken:,}"
    return CertificateGate(
        name="finite",
        title="Finite numbers",
        measured=n_broken,
        limit=0,
        passed=n_broken == 0,
        value=value,
        found=f"{value} numbers are infinite or missing",
        rule="none may be",
    )


def _pieces(paths: FloatArray) -> FloatArray:
    """Take two windows of each path, here and there, (2 n_paths, 21, assets)."""
    starts = np.linspace(0, paths.shape[1] - _COPY_LENGTH, len(paths)).astype(int)
    rows = np.arange(len(paths))[:, None]
    days = np.arange(_COPY_LENGTH)
    taken = [paths[rows, begin[:, None] + days] for begin in (starts, starts[::-1])]
    return np.concatenate(taken)


def _copy_gate(share: float, n_days: int) -> CertificateGate:
    limit = _copy_limit(n_days)
    value = _percent(share)
    return CertificateGate(
        name="copies",
        title="New paths",
        measured=share,
        limit=limit,
        passed=share <= limit,
        value=value,
        found=f"{value} of {_COPY_LENGTH}-day windows are copies of history",
        rule=f"at most {_bound(limit)}",
    )


def _copy_limit(n_days: int) -> float:
    """Give the limit, or what new paths reach by chance where history has few windows.

    A copy resembles history more than 99 % of history's windows resemble each other. With n
    independent windows, the chance that new ones do so is that beyond an order statistic.
    """
    n = n_days / _COPY_LENGTH
    if n >= _ENOUGH_WINDOWS:
        return COPY_LIMIT
    return max(COPY_LIMIT, float(beta.ppf(_CHANCE, max(0.01 * n, 0.5), 0.99 * n)))


def _explosion_gate(exploded: Array, factor: float) -> CertificateGate:
    share = float(exploded.mean())
    value = _percent(share)
    return CertificateGate(
        name="explosions",
        title="No impossible days",
        measured=share,
        limit=EXPLOSION_LIMIT,
        passed=share <= EXPLOSION_LIMIT,
        value=value,
        found=f"{value} of years hold a day on which an asset moves over "
        f"{factor:.2g} times its worst day in history",
        rule=f"at most {_bound(EXPLOSION_LIMIT)}",
    )


def _year_gate(years: FloatArray, history: FloatArray) -> CertificateGate:
    """Judge log returns of years of the equal-weight portfolio, (n,), beside its history, (days,)."""
    past = np.convolve(history, np.ones(min(YEAR, len(history))), mode="valid")
    low = min(np.log1p(WORST_YEAR), EXPLOSION_FACTOR * past.min())
    high = max(np.log1p(BEST_YEAR), EXPLOSION_FACTOR * past.max())
    share = float(((years < low) | (years > high)).mean())
    value = f"{_growth(years.min())} to {_growth(years.max())}"
    return CertificateGate(
        name="years",
        title="No impossible years",
        measured=share,
        limit=0.0,
        passed=share == 0,
        value=value,
        found=f"years of the equal-weight portfolio run from {value}",
        rule=f"allowed {_growth(low)} to {_growth(high)}",
    )


def _drift_gate(variances: FloatArray, n_years: int) -> CertificateGate:
    """Judge variances of the first and the last year, (n_paths, 2)."""
    first, last = np.quantile(np.maximum(variances, 1e-300), _QUANTILES, axis=0).T
    changes = last / first
    place = int(np.abs(np.log(changes)).argmax())
    change = float(changes[place])
    names = ("low (10 %)", "middle", "high (90 %)")
    value = f"{decimal(change)}×"
    return CertificateGate(
        name="stationarity",
        title="The same law at the end",
        measured=max(change, 1 / change),
        limit=DRIFT_LIMIT,
        passed=max(change, 1 / change) <= DRIFT_LIMIT,
        value=value,
        found=f"the {names[place]} variance of year {n_years} is {value} that of year 1",
        rule=f"allowed {decimal(1 / DRIFT_LIMIT)}× to {decimal(DRIFT_LIMIT)}×",
    )


def _percent(share: float) -> str:
    return percent(share, digits=0 if share >= 0.1 else 2)


def _bound(share: float) -> str:
    return f"{100 * share:.2g}\N{NO-BREAK SPACE}%"


def _growth(log_return: float) -> str:
    return percent(float(np.expm1(min(log_return, 50.0))))
