"""Whether a generator of market worlds may be trusted at all: gates that every certified one passes."""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol, Self

import numpy as np
import pandas as pd

from scenara.finance.market.certificate_gates import YEAR, CertificateGate, Trial
from scenara.finance.market.naming import Named, used_family
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators.series import filled_starts
from scenara.shared.progress import Progress, silent
from scenara.shared.types import FloatArray, RandomState

__all__ = ["Certificate", "certify"]

_MOST_PATHS, _MOST_NUMBERS = 250, 12_500_000
_FEWEST_PATHS: Final = 100


class _Simulator(Named, Protocol):
    """Write free paths of daily log returns, as generators of series and simulators do."""

    def sample(self, n: int, *, horizon: int, random_state: RandomState) -> FloatArray: ...


@dataclass(frozen=True)
class Certificate:
    """Say whether a generator passed all gates, and if not, which ones with which numbers.

    Args:
        family: The generator.
        gates: Each gate with its figure.
        n_paths: Number of long paths that were simulated.
        n_years: Years in each.

    Example:
        >>> gate = CertificateGate("copies", "New paths", 0.98, 0.02, False, "98 %",
        ...                        "98 % of 21-day windows are copies", "at most 2 %")
        >>> print(Certificate("series/bootstrap", (gate,), 1_000, 10).sentence)
        series/bootstrap is not certified: 98 % of 21-day windows are copies (at most 2 %).
    """

    family: str
    gates: tuple[CertificateGate, ...]
    n_paths: int
    n_years: int

    @property
    def passed(self) -> bool:
        """Whether every gate is passed."""
        return all(gate.passed for gate in self.gates)

    @property
    def failed(self) -> tuple[CertificateGate, ...]:
        """The gates that are not passed."""
        return tuple(gate for gate in self.gates if not gate.passed)

    @property
    def measured(self) -> dict[str, float]:
        """Gate -> figure."""
        return {gate.name: gate.measured for gate in self.gates}

    @property
    def limits(self) -> dict[str, float]:
        """Gate -> the most that its figure may be."""
        return {gate.name: gate.limit for gate in self.gates}

    @property
    def sentence(self) -> str:
        """The verdict with its reasons, in one sentence."""
        if self.passed:
            titles = ", ".join(gate.title.lower() for gate in self.gates)
            return (
                f"{self.family} is certified: {self.n_paths * self.n_years:,} simulated years pass "
                f"every gate ({titles})."
            )
        reasons = "; ".join(f"{gate.found} ({gate.rule})" for gate in self.failed)
        return f"{self.family} is not certified: {reasons}."

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values, for JSON.

        Returns:
            The verdict and each gate; figures that could not be measured are None.
        """
        gates = [
            {**asdict(gate), "measured": gate.measured if math.isfinite(gate.measured) else None}
            for gate in self.gates
        ]
        simulated = {"n_paths": self.n_paths, "n_years": self.n_years}
        verdict = {"family": self.family, "passed": self.passed, "sentence": self.sentence}
        return {**verdict, **simulated, "gates": gates}

    def to_json(self) -> str:
        """Write everything as one text."""
        return json.dumps(self.to_dict(), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what :meth:`to_json` wrote.

        Args:
            text: The text.

        Raises:
            DataError: It holds no certificate.
        """
        try:
            told = json.loads(text)
            gates = [
                CertificateGate(**{**gate, "measured": _number(gate["measured"])})
                for gate in told["gates"]
            ]
            return cls(str(told["family"]), tuple(gates), told["n_paths"], told["n_years"])
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"certificate: can't be read: {error}") from error


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def certify(
    generator: _Simulator,
    train: pd.DataFrame | FloatArray,
    *,
    n_paths: int = 1_000,
    n_years: int = 10,
    random_state: int = 0,
    progress: Progress = silent,
) -> Certificate:
    """Simulate long paths and test them against gates that were fixed before.

    A world is allowed to be wrong in degree, which a scorecard measures; these gates are for what
    no use of worlds survives. Numbers have to be finite. At most 2 % of 21-day windows may be
    copies of history. At most one year in a thousand may hold a day on which an asset moves over
    1.5 times its worst day in history, and no year of the equal-weight portfolio may lose over
    75 % or gain over 200 % (or 1.5 times what the wildest year of history did, in logarithms,
    where that is more). And the law has to be the same at the end of long paths as at their
    beginning: the low, middle and high quantiles of the equal-weight portfolio's variance in a
    year may change by a factor of at most 1.5.

    A short history says less about what is new and what is impossible. Below 4,200 days the share
    of copies may be what new paths reach by chance; below 25 years the worst day counts for more,
    by the fourth root of the missing years (a tail of daily returns has an index near four).

    Args:
        generator: A fitted generator of series, or a simulator.
        train: Daily log returns that it was fitted on, days by assets; assets may start late.
        n_paths: Number of long paths.
        n_years: Years in each path, of 252 days.
        random_state: Seed.
        progress: Told how many paths are done.

    Returns:
        The certificate.

    Raises:
        ConfigError: There are fewer than 100 paths or two years.
        DataError: ``train`` has other assets than the paths, or too few days.

    Example:
        >>> from scenara.shared.generators import make
        >>> returns = np.random.default_rng(0).normal(0, 0.01, (750, 3))
        >>> certify(make("series/gaussian").fit(returns), returns, n_paths=200).passed
        True
    """
    if n_paths < _FEWEST_PATHS or n_years < 2:
        raise ConfigError(
            f"certify: expected at least {_FEWEST_PATHS} paths of two years, found {n_paths} of "
            f"{n_years}"
        )
    seen = np.asarray(filled_starts(train), dtype=np.float64)
    trial = Trial(seen, n_years)
    rng = np.random.default_rng(random_state)
    for size in _sizes(n_paths, n_years * YEAR * seen.shape[1]):
        paths = generator.sample(size, horizon=n_years * YEAR, random_state=rng)
        trial.add(np.asarray(paths, dtype=np.float64))
        progress(f"certify {generator.family}", trial.n_paths, n_paths)
        if trial.n_broken:
            break
    return Certificate(used_family(generator), trial.gates(), n_paths, n_years)


def _sizes(n_paths: int, path_size: int) -> Iterator[int]:
    """Cut the paths in chunks that fit in memory."""
    most = min(max(_MOST_NUMBERS // path_size, 1), _MOST_PATHS)
    for start in range(0, n_paths, most):
        yield min(most, n_paths - start)
