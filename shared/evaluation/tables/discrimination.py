"""How well a score tells members from strangers, with intervals."""

import math

import numpy as np
from scipy.special import ndtri

from scenara.shared.errors import DataError
from scenara.shared.evaluation.two_sample import area_under_curve
from scenara.shared.types import FloatArray, RandomState

__all__ = ["area_with_interval", "true_positive_rate", "true_positive_rate_interval"]


def area_with_interval(
    members: FloatArray, strangers: FloatArray, *, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Give the area under the curve with the interval of Hanley and McNeil.

    Args:
        members: Scores of members, shape ``(m,)``; a member should score high.
        strangers: Scores of strangers, shape ``(n,)``.
        confidence: Chance that the interval covers the area.

    Returns:
        Area, lower and upper end.

    Raises:
        DataError: If there is no member or no stranger.

    Example:
        >>> area, low, high = area_with_interval(np.arange(50.0), np.arange(50.0))
        >>> area, low < 0.5 < high
        (0.5, True)

    References:
        Hanley, McNeil (1982), The meaning and use of the area under a receiver operating
        characteristic (ROC) curve, Radiology 143(1), equation 2.
    """
    _check_present(members, strangers)
    label = np.r_[np.ones(len(members)), np.zeros(len(strangers))]
    area = area_under_curve(label, np.r_[members, strangers])
    two_members, two_strangers = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (
        area * (1 - area)
        + (len(members) - 1) * (two_members - area**2)
        + (len(strangers) - 1) * (two_strangers - area**2)
    ) / (len(members) * len(strangers))
    half_width = float(ndtri((1 + confidence) / 2)) * math.sqrt(max(variance, 0.0))
    return area, max(area - half_width, 0.0), min(area + half_width, 1.0)


def true_positive_rate(
    members: FloatArray, strangers: FloatArray, *, false_positive_rate: float = 0.01
) -> float:
    """Give the share of members found when this share of strangers is accused wrongly.

    Ties at the threshold are split at random: the curve is joined by straight lines.

    Args:
        members: Scores of members, shape ``(m,)``; a member should score high.
        strangers: Scores of strangers, shape ``(n,)``.
        false_positive_rate: Share of strangers accused.

    Raises:
        DataError: If there is no member or no stranger.

    Example:
        >>> true_positive_rate(np.ones(10), np.linspace(0, 0.9, 10))
        1.0

    References:
        Carlini, Chien, Nasr, Song, Terzis, Tramer (2022), Membership inference attacks from
        first principles, IEEE Symposium on Security and Privacy,
        https://arxiv.org/abs/2112.03570
    """
    _check_present(members, strangers)
    rank = min(math.floor(false_positive_rate * len(strangers)), len(strangers) - 1)
    threshold = np.partition(strangers, len(strangers) - 1 - rank)[len(strangers) - 1 - rank]
    above, at = np.mean(strangers > threshold), np.mean(strangers == threshold)
    part = min((false_positive_rate - above) / at, 1.0)
    return float(np.mean(members > threshold) + part * np.mean(members == threshold))


def true_positive_rate_interval(
    members: FloatArray,
    strangers: FloatArray,
    *,
    false_positive_rate: float = 0.01,
    confidence: float = 0.95,
    n_draws: int = 200,
    random_state: RandomState = 0,
) -> tuple[float, float]:
    """Give the bootstrap interval of the share of members found.

    Members and strangers are both drawn anew, so that the noise of the threshold counts.

    Args:
        members: Scores of members, shape ``(m,)``.
        strangers: Scores of strangers, shape ``(n,)``.
        false_positive_rate: Share of strangers accused.
        confidence: Chance that the interval covers the share.
        n_draws: Number of draws.
        random_state: Seed of the draws.

    Returns:
        Lower and upper end.

    Raises:
        DataError: If there is no member or no stranger.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> low, high = true_positive_rate_interval(rng.normal(size=500), rng.normal(size=500))
        >>> low <= 0.01 <= high
        True
    """
    _check_present(members, strangers)
    rng = np.random.default_rng(random_state)
    rates = [
        true_positive_rate(
            rng.choice(members, len(members)),
            rng.choice(strangers, len(strangers)),
            false_positive_rate=false_positive_rate,
        )
        for _ in range(n_draws)
    ]
    tail = (1 - confidence) / 2
    low, high = np.quantile(rates, [tail, 1 - tail])
    return float(low), float(high)


def _check_present(members: FloatArray, strangers: FloatArray) -> None:
    if len(members) == 0 or len(strangers) == 0:
        raise DataError(
            f"scores: found {len(members)} members and {len(strangers)} strangers, expected at "
            f"least one of each"
        )
