"""All facts of a panel, and all distances between two."""

from dataclasses import dataclass

from scenara.finance.market.facts.cross import Cross, cross, cross_distances
from scenara.finance.market.facts.detect import (
    MEAN_CORRELATION,
    detection_distances,
    quarter_features,
)
from scenara.finance.market.facts.marginal import Marginal, marginal, marginal_distances
from scenara.finance.market.facts.panel import Panel, Returns
from scenara.finance.market.facts.path import Path, Scale, path, path_distances
from scenara.finance.market.facts.strategy import Strategy, strategy, strategy_distances
from scenara.finance.market.facts.temporal import Temporal, temporal, temporal_distances
from scenara.shared.errors import DataError
from scenara.shared.types import FloatArray

__all__ = ["Facts", "distances", "stylised_facts"]


@dataclass(frozen=True)
class Facts:
    """Hold the stylised facts of a panel or of generated paths, a few hundred kilobytes.

    Args:
        n_windows: Number of windows.
        length: Days in a window.
        n_assets: Number of assets.
        scale: Units in which paths and books were measured, those of the real side.
        marginal: Distributions of returns.
        temporal: Memory in time.
        cross: Dependence between assets.
        path: Whole paths.
        strategy: Tail risks of portfolios and trading rules.
        quarters: Features of each quarter, shape ``(quarters, 18)``.
    """

    n_windows: int
    length: int
    n_assets: int
    scale: Scale
    marginal: Marginal
    temporal: Temporal
    cross: Cross
    path: Path
    strategy: Strategy
    quarters: FloatArray


def stylised_facts(returns: Returns, *, length: int, reference: Facts | None = None) -> Facts:
    """Compute the stylised facts of a panel of returns or of generated paths.

    Both sides of a comparison must go through windows of the same length, so that the bias of
    short windows is the same on both and cancels.

    Args:
        returns: Daily log returns: a panel ``(days, assets)``, cut into windows without
            overlap, or paths ``(paths, days, assets)``, of which the first ``length`` days
            count.
        length: Days in a window, at least 73.
        reference: Facts of the real side when ``returns`` are generated: volatility units and
            portfolio weights come from there.

    Returns:
        The facts.

    Raises:
        DataError: If a value is not a finite log return, an asset never moves, there is one
            asset only, there are too few days, or the assets or the length differ from those
            of ``reference``.
        ConfigError: If ``length`` is too short.

    Example:
        >>> import numpy as np
        >>> returns = np.random.default_rng(0).normal(0, 0.01, size=(1000, 3))
        >>> stylised_facts(returns, length=250).n_windows
        4

    References:
        Cont (2001), Empirical properties of asset returns: stylized facts and statistical
        issues, Quantitative Finance 1(2). ``MEASURES`` names the source of each fact.
    """
    panel = Panel.of(returns, length=length)
    if reference is not None:
        _check_match(reference, panel.length, panel.n_assets)
    quarters = quarter_features(panel)
    distribution = marginal(panel)
    dependence = cross(panel, distribution.tails, quarters[:, MEAN_CORRELATION])
    scale = reference.scale if reference is not None else _scale(panel, dependence)
    return Facts(
        n_windows=panel.n_windows,
        length=panel.length,
        n_assets=panel.n_assets,
        scale=scale,
        marginal=distribution,
        temporal=temporal(panel, distribution.square_limit),
        cross=dependence,
        path=path(panel, scale),
        strategy=strategy(panel, scale.covariance),
        quarters=quarters,
    )


def distances(real: Facts, generated: Facts) -> dict[str, float]:
    """Compare generated facts with real ones.

    Args:
        real: Facts of real returns.
        generated: Facts computed with ``reference=real``.

    Returns:
        The 24 distances by name, lower is closer, in the order of ``MEASURES``, and ``auc``,
        the detector's area under the curve.

    Raises:
        DataError: If the two have other assets, lengths or units, or the real side has fewer
            than five quarters.

    Example:
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> real = stylised_facts(rng.normal(0, 0.01, size=(1000, 3)), length=250)
        >>> wild = rng.normal(0, 0.02, size=(50, 250, 3))
        >>> measured = distances(real, stylised_facts(wild, length=250, reference=real))
        >>> round(measured["tailq"], 1) == round(float(np.log(2)), 1)
        True
    """
    _check_match(real, generated.length, generated.n_assets)
    if generated.scale is not real.scale:
        raise DataError(
            "generated facts: found units of their own, expected those of the real side; "
            "compute them with stylised_facts(..., reference=real)"
        )
    return {
        **marginal_distances(real.marginal, generated.marginal),
        **temporal_distances(real.temporal, generated.temporal),
        **cross_distances(real.cross, generated.cross),
        **path_distances(real.path, generated.path),
        **strategy_distances(real.strategy, generated.strategy),
        **detection_distances(real.quarters, generated.quarters),
    }


def _scale(panel: Panel, dependence: Cross) -> Scale:
    return Scale(float(panel.mean.mean()), float(panel.index.std()), dependence.covariance)


def _check_match(reference: Facts, length: int, n_assets: int) -> None:
    for what, found, expected in (
        ("assets", n_assets, reference.n_assets),
        ("days in a window", length, reference.length),
    ):
        if found != expected:
            raise DataError(
                f"generated returns: found {found} {what}, expected {expected} as in the real ones"
            )
