"""How sure a share of independent draws is."""

import math

__all__ = ["wilson_interval"]


def wilson_interval(share: float, n: int, *, z: float = 1.959964) -> tuple[float, float]:
    """Give the interval for a probability estimated by the share of n independent draws.

    Args:
        share: Observed share.
        n: Number of draws.
        z: Normal quantile of the confidence wanted, by default 95 % two-sided.

    Returns:
        Lower and upper end, NaN without draws.

    Example:
        >>> [round(end, 4) for end in wilson_interval(0.5, 100)]
        [0.4038, 0.5962]

    References:
        E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference,
        Journal of the American Statistical Association 22, 209-212.
    """
    if n == 0:
        return float("nan"), float("nan")
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    centre, scale = share + z * z / (2 * n), 1 + z * z / n
    return max((centre - spread) / scale, 0.0), min((centre + spread) / scale, 1.0)
