"""What a generator costs: processor seconds to fit and to sample, and memory."""

import math
import os
import sys
import time
from dataclasses import dataclass
from typing import Any, Self

from scenara.shared.errors import ConfigError

__all__ = ["Efficiency", "Stopwatch"]

BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024


class Stopwatch:
    """Measure the work inside a ``with`` block.

    Args:
        cpu_seconds: Processor seconds of this process and of its finished children, all threads
            together; not a number before the block ends.
        peak_bytes: Most resident memory that this process ever held, up to the end of the block;
            not a number where the system does not tell.

    Example:
        >>> with Stopwatch() as watch:
        ...     total = sum(range(1000))
        >>> watch.cpu_seconds >= 0
        True
    """

    def __init__(self) -> None:
        self.cpu_seconds = math.nan
        self.peak_bytes = math.nan

    def __enter__(self) -> Self:
        """Start."""
        self._start = _cpu_seconds()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop; an error inside the block passes through."""
        self.cpu_seconds = _cpu_seconds() - self._start
        self.peak_bytes = _peak_bytes()


@dataclass(frozen=True)
class Efficiency:
    """Hold what it cost to fit a generator and to sample from it.

    Args:
        fit_cpu_seconds: Processor seconds of the fit.
        sample_cpu_seconds: Processor seconds of the sampling.
        n_sampled: Rows sampled in that time.
        peak_bytes: Most resident memory of the process; not a number if unknown.

    Raises:
        ConfigError: If a duration or the number of rows is negative.

    Example:
        >>> Efficiency(fit_cpu_seconds=12.0, sample_cpu_seconds=0.5, n_sampled=10_000
        ...            ).rows_per_cpu_second
        20000.0
    """

    fit_cpu_seconds: float
    sample_cpu_seconds: float = math.nan
    n_sampled: int = 0
    peak_bytes: float = math.nan

    def __post_init__(self) -> None:
        """Refuse what can't have been measured."""
        for name in ("fit_cpu_seconds", "sample_cpu_seconds", "n_sampled"):
            if getattr(self, name) < 0:
                raise ConfigError(f"efficiency: found {name} {getattr(self, name)}, expected >= 0")

    @classmethod
    def of(cls, fit: Stopwatch, sample: Stopwatch, *, n_sampled: int) -> Self:
        """Gather what two stopwatches have measured.

        Args:
            fit: Around the fit.
            sample: Around the sampling.
            n_sampled: Rows sampled.

        Returns:
            The costs.
        """
        peak = max(fit.peak_bytes, sample.peak_bytes)
        return cls(fit.cpu_seconds, sample.cpu_seconds, n_sampled, peak)

    @property
    def rows_per_cpu_second(self) -> float:
        """Rows sampled in a processor second; not a number if nothing was timed."""
        if not self.n_sampled or not self.sample_cpu_seconds > 0:
            return math.nan
        return self.n_sampled / self.sample_cpu_seconds

    def to_dict(self) -> dict[str, Any]:
        """Give the costs as a plain dictionary, ready for JSON; unknown numbers are ``None``."""
        names = ("fit_cpu_seconds", "sample_cpu_seconds", "rows_per_cpu_second", "peak_bytes")
        values = {name: getattr(self, name) for name in names}
        known = {name: v if math.isfinite(v) else None for name, v in values.items()}
        return {**known, "n_sampled": self.n_sampled}


def _cpu_seconds() -> float:
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def _peak_bytes() -> float:
    try:
        import resource
    except ImportError:
        return math.nan
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_PER_UNIT)
