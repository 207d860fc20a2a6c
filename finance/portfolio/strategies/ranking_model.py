"""Boosted trees that order assets: how they are trained, and a trained one at work."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from scenara.finance.portfolio.strategies.availability import among_available
from scenara.finance.portfolio.strategies.base import State
from scenara.finance.portfolio.strategies.cross_section import share_of_best
from scenara.finance.portfolio.strategies.ranking_features import past_features
from scenara.shared.errors import MissingExtraError
from scenara.shared.types import FloatArray, IntArray

if TYPE_CHECKING:
    import lightgbm

__all__ = ["FittedRanking", "Trees", "hold_best", "scores_of", "train_trees"]


@dataclass(frozen=True)
class Trees:
    """Say how trees are grown.

    Args:
        n_trees: Boosting rounds.
        n_leaves: Leaves of a tree.
        learning_rate: Shrinkage of each tree.
        seed: Seed of the training.
    """

    n_trees: int = 30
    n_leaves: int = 7
    learning_rate: float = 0.1
    seed: int = 0


def train_trees(features: FloatArray, grades: IntArray, trees: Trees) -> "lightgbm.Booster":
    """Train trees to order the assets of each date, in one thread.

    Args:
        features: Ranks of features, shape (dates, assets, features).
        grades: How well each asset did afterwards, shape (dates, assets).
        trees: How trees are grown.

    Returns:
        The model.

    Raises:
        MissingExtraError: LightGBM is not installed.

    Example:
        >>> ranks = np.linspace(0, 1, 400).reshape(40, 10, 1)
        >>> model = train_trees(ranks, np.tile(np.arange(10) // 2, (40, 1)), Trees())
        >>> model.num_trees()
        30
    """
    try:
        import lightgbm
    except ModuleNotFoundError as error:
        raise MissingExtraError("lightgbm", extra="finance", purpose="tree ranking") from error
    settings = {
        "objective": "rank_xendcg",
        "num_leaves": trees.n_leaves,
        "learning_rate": trees.learning_rate,
        "min_data_in_leaf": min(20, max(1, grades.size // 10)),
        "feature_pre_filter": False,
        "num_threads": 1,
        "deterministic": True,
        "force_col_wise": True,
        "seed": trees.seed,
        "verbosity": -1,
    }
    n_dates, n_assets = grades.shape
    data = lightgbm.Dataset(
        features.reshape(n_dates * n_assets, -1),
        label=grades.ravel(),
        group=[n_assets] * n_dates,
        params=settings,
    )
    return lightgbm.train(settings, data, num_boost_round=trees.n_trees)


def scores_of(
    history: Tensor, models: Sequence["lightgbm.Booster"], *, windows: Sequence[int]
) -> Tensor:
    """Score the assets of each path now.

    Args:
        history: Simple returns, shape (steps, paths, assets).
        models: Model of each path.
        windows: Lengths of the windows of the features.

    Returns:
        Scores, the higher the better, shape (paths, assets).
    """
    now = torch.tensor([len(history)], device=history.device)
    seen = past_features(history.double(), now, windows=windows)[:, 0].cpu().numpy()
    found = [model.predict(rows) for model, rows in zip(models, seen, strict=True)]
    return history.new_tensor(np.asarray(found).reshape(history.shape[1:]))


def hold_best(scores: Tensor, *, share: float, short: bool) -> Tensor:
    """Hold the best in equal parts, against the worst if short positions are allowed.

    Args:
        scores: Scores, shape (paths, assets).
        share: Share of the assets that are best, and worst.
        short: Whether the worst are sold short.

    Returns:
        Weights, shape (paths, assets).

    Example:
        >>> hold_best(torch.tensor([[3.0, 1.0]]), share=0.5, short=True)
        tensor([[ 1., -1.]])
    """
    best = share_of_best(scores, share=share)
    return best - share_of_best(-scores, share=share) if short else best


@dataclass(frozen=True, kw_only=True)
class FittedRanking:
    """Hold the assets that trees rank highest, as they were trained and never again.

    Args:
        model: The trained trees.
        windows: Lengths of the windows of the features.
        share: Share of the assets that are held.
        short: Whether as many of the lowest rank are sold short.
    """

    model: "lightgbm.Booster"
    windows: tuple[int, ...]
    share: float
    short: bool

    @property
    def lookback(self) -> int:
        """Number of returns that the features need."""
        return max(self.windows)

    @among_available
    def weights(self, history: Tensor, state: State) -> Tensor:
        """Rank the assets of each path.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: Ignored.

        Returns:
            Weights that sum to one, or to zero with ``short``, shape (paths, assets).
        """
        scores = scores_of(history, [self.model] * history.shape[1], windows=self.windows)
        return hold_best(scores, share=self.share, short=self.short)
