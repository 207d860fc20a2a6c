"""From the successes of an attack to the risk that is due to the generated rows alone."""

import math
from dataclasses import dataclass

from scipy.special import ndtri

from scenara.shared.errors import ConfigError, DataError

__all__ = ["AttackRisk", "wilson_interval"]


def wilson_interval(
    n_successes: int, n_trials: int, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Give Wilson's interval of a success rate; it behaves near 0 and 1, where attacks live.

    Args:
        n_successes: Number of successes.
        n_trials: Number of trials, at least 1.
        confidence: Chance that the interval covers the rate, between 0 and 1.

    Returns:
        Lower and upper end.

    Raises:
        DataError: If the counts contradict each other.
        ConfigError: If the confidence is not between 0 and 1.

    Example:
        >>> [round(end, 4) for end in wilson_interval(0, 100)]
        [0.0, 0.037]

    References:
        Wilson (1927), Probable inference, the law of succession, and statistical inference,
        Journal of the American Statistical Association 22(158).
    """
    if not 0 <= n_successes <= n_trials or n_trials < 1:
        raise DataError(
            f"successes: found {n_successes} of {n_trials} trials, expected 0 to {n_trials} of at "
            f"least 1"
        )
    centre, half_width = _centre_and_half_width(n_successes / n_trials, n_trials, confidence)
    return max(centre - half_width, 0.0), min(centre + half_width, 1.0)


@dataclass(frozen=True)
class AttackRisk:
    """Hold how often an attack succeeds on the people behind the model and on strangers.

    With the success rates r, each Wilson's centre, the residual risk is
    ``(r_train - r_control) / (1 - r_control)``: of the people whom general knowledge leaves
    safe, the share that the generated rows expose. Below zero it is noise.

    Args:
        attack: What the attack is after.
        train_rate: Share of successes against training rows.
        control_rate: The same against real rows that the generator never saw.
        naive_rate: The same against training rows by guessing; an attack that does no better
            than this is too weak to show anything.
        n_train: Number of attacks on training rows.
        n_control: Number of attacks on control rows.
        confidence: Of the intervals.

    Raises:
        DataError: If a rate is not between 0 and 1 or there was no attack.

    Example:
        >>> risk = AttackRisk("copy", 0.9, 0.1, 0.0, n_train=500, n_control=500)
        >>> round(risk.value, 2), risk.is_significant
        (0.89, True)

    References:
        Giomi, Boenisch, Wehmeyer, Tasnadi (2023), A unified framework for quantifying privacy
        risk in synthetic data, PoPETs 2023(2), section 4, https://arxiv.org/abs/2211.10459
    """

    attack: str
    train_rate: float
    control_rate: float
    naive_rate: float
    n_train: int
    n_control: int
    confidence: float = 0.95

    def __post_init__(self) -> None:
        """Refuse what is no rate."""
        if self.n_train < 1 or self.n_control < 1:
            raise DataError(f"attack {self.attack!r}: found no attack, expected at least one")
        for name in ("train_rate", "control_rate", "naive_rate"):
            if not 0 <= getattr(self, name) <= 1:
                raise DataError(
                    f"attack {self.attack!r}: found {name} {getattr(self, name)}, expected a "
                    f"number between 0 and 1"
                )

    @property
    def value(self) -> float:
        """Residual risk: 0 is no more than strangers run, 1 is certain exposure."""
        train, control = self._centres
        return (train - control) / (1 - control)

    @property
    def low(self) -> float:
        """Lower end of the interval of the risk."""
        return self.value - self._half_width

    @property
    def high(self) -> float:
        """Upper end of the interval of the risk."""
        return self.value + self._half_width

    @property
    def is_significant(self) -> bool:
        """Whether training rows are surely more exposed than strangers."""
        return self.low > 0

    @property
    def is_weak(self) -> bool:
        """Whether guessing does as well, so that a low risk reassures nobody."""
        return self.train_rate <= self.naive_rate

    @property
    def _centres(self) -> tuple[float, float]:
        return (
            _centre_and_half_width(self.train_rate, self.n_train, self.confidence)[0],
            _centre_and_half_width(self.control_rate, self.n_control, self.confidence)[0],
        )

    @property
    def _half_width(self) -> float:
        """Propagate both half-widths through the formula of the risk, to first order."""
        train, d_train = _centre_and_half_width(self.train_rate, self.n_train, self.confidence)
        control, d_control = _centre_and_half_width(
            self.control_rate, self.n_control, self.confidence
        )
        slope = (train - 1) / (1 - control) ** 2
        return math.hypot(d_train / (1 - control), slope * d_control)


def _centre_and_half_width(rate: float, n_trials: int, confidence: float) -> tuple[float, float]:
    if not 0 < confidence < 1:
        raise ConfigError(f"confidence: found {confidence}, expected a number between 0 and 1")
    z = float(ndtri((1 + confidence) / 2))
    weight = n_trials + z**2
    centre = (rate * n_trials + z**2 / 2) / weight
    half_width = z / weight * math.sqrt(n_trials * rate * (1 - rate) + z**2 / 4)
    return centre, half_width
