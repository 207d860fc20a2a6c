"""Assets ranked by trees that are trained on the past of the very path they trade."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from scenara.finance.portfolio.strategies.availability import among_available
from scenara.finance.portfolio.strategies.base import State, check_lookback
from scenara.finance.portfolio.strategies.estimates import check_positive
from scenara.finance.portfolio.strategies.ranking_features import Examples, training_examples
from scenara.finance.portfolio.strategies.ranking_model import (
    FittedRanking,
    Trees,
    hold_best,
    scores_of,
    train_trees,
)
from scenara.shared.errors import ConfigError, DataError

if TYPE_CHECKING:
    import lightgbm

__all__ = ["TreeRanking"]

_GRADES = 5
_LEAST_DATES = 5


@dataclass(frozen=True, kw_only=True)
class TreeRanking:
    """Hold the assets that boosted trees rank highest, trained on each path's own past.

    LightGBM learns to order the assets by their return over the coming ``horizon``, in five grades
    and by the cross entropy of their ranking, from ranks of past returns, volatilities and largest
    returns over three windows. This is a walk-forward: at every ``refit_every``-th step a model is
    trained on the window before it, and used until the next. Of that window, dates whose label is
    not over at the decision are purged. Training has one thread and one seed: the same past gives
    the same weights, in any batch.

    Args:
        lookback: Number of returns that training and features have.
        horizon: Returns ahead by which assets are ordered.
        refit_every: Steps between trainings, counted from the first return of a path.
        windows: Lengths of the windows that features are taken from.
        every: Steps between the dates of a training.
        share: Share of the assets that are held, in equal parts.
        short: Whether as many of the lowest rank are sold short.
        n_trees: Boosting rounds.
        n_leaves: Leaves of a tree.
        learning_rate: Shrinkage of each tree.
        seed: Seed of the training.

    Raises:
        ConfigError: A setting is out of its range, or the lookback leaves too few dates.

    References:
        Ke et al. (2017), LightGBM, https://papers.nips.cc/paper/6907; Bruch (2021), An alternative
        cross entropy loss for learning-to-rank, https://arxiv.org/abs/1911.09798; Gu, Kelly and Xiu
        (2020), Empirical asset pricing via machine learning, Review of Financial Studies 33(5), for
        the ranks, https://doi.org/10.1093/rfs/hhaa009; Lopez de Prado (2018), Advances in financial
        machine learning, section 7.4, for the purging.

    Example:
        >>> noise = torch.randn(252, 1, 5, generator=torch.Generator().manual_seed(0)) / 100
        >>> TreeRanking(share=0.4).weights(noise, State()).sum().round(decimals=6)
        tensor(1.)
    """

    lookback: int = 252
    horizon: int = 21
    refit_every: int = 63
    windows: Sequence[int] = (5, 21, 63)
    every: int = 5
    share: float = 0.2
    short: bool = False
    n_trees: int = 30
    n_leaves: int = 7
    learning_rate: float = 0.1
    seed: int = 0
    _models: dict[bytes, "lightgbm.Booster"] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        check_lookback(self.lookback, minimum=2)
        for name in ("horizon", "refit_every", "every", "n_trees"):
            if isinstance(getattr(self, name), bool) or getattr(self, name) < 1:
                raise ConfigError(f"{name}: expected at least 1, found {getattr(self, name)!r}")
        whole = all(isinstance(window, Integral) for window in self.windows)
        if not self.windows or not whole or min(self.windows) < 1:
            raise ConfigError(f"windows: expected lengths from 1, found {list(self.windows)}")
        if self.n_leaves < 2:
            raise ConfigError(f"n_leaves: expected at least 2, found {self.n_leaves!r}")
        if not 0 < self.share <= 0.5:
            raise ConfigError(f"share: expected a fraction in (0, 0.5], found {self.share!r}")
        check_positive(learning_rate=self.learning_rate)
        needed = max(self.windows) + self.horizon + self.every * (_LEAST_DATES - 1)
        if self._n_trained < needed:
            raise ConfigError(
                f"lookback: expected at least {needed + self.refit_every - 1} returns, so that "
                f"{_LEAST_DATES} dates can be trained on, found {self.lookback}"
            )

    @among_available
    def weights(self, history: Tensor, state: State) -> Tensor:
        """Rank the assets of each path.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: Tells the number of returns that are over, so that trainings keep their dates.

        Returns:
            Weights that sum to one, or to zero with ``short``, shape (paths, assets).

        Raises:
            MissingExtraError: LightGBM is not installed.
        """
        scores = scores_of(history, self._trained(history, state), windows=self.windows)
        return hold_best(scores, share=self.share, short=self.short)

    def fit(self, blocks: Sequence[pd.DataFrame]) -> FittedRanking:
        """Train once, on blocks of days with gaps between them, for cross-validation.

        No feature or label reaches from one block into another; blocks that are too short for
        both are left out.

        Args:
            blocks: Simple returns, each of days that follow each other, steps by assets.

        Returns:
            The ranking, which is not trained again.

        Raises:
            DataError: No block is long enough.
            MissingExtraError: LightGBM is not installed.
        """
        needed = max(self.windows) + self.horizon
        found = [
            self._examples(torch.tensor(block.to_numpy(dtype=np.float64))[:, None])
            for block in blocks
            if len(block) >= needed
        ]
        if not found:
            raise DataError(
                f"tree ranking: expected a block of {needed} days or more to train on, found "
                f"{max(map(len, blocks), default=0)}; take fewer folds"
            )
        model = train_trees(
            torch.cat([one.features[0] for one in found]).numpy(),
            torch.cat([one.grades[0] for one in found]).numpy(),
            self._trees,
        )
        windows = tuple(self.windows)
        return FittedRanking(model=model, windows=windows, share=self.share, short=self.short)

    @property
    def _n_trained(self) -> int:
        """Number of returns in a training, which all decisions that use it still see."""
        return self.lookback - self.refit_every + 1

    def _trained(self, history: Tensor, state: State) -> list["lightgbm.Booster"]:
        """Give each path's model, from the last call if it was trained on the same returns."""
        end = len(history) - state.step % self.refit_every
        block = history[end - self._n_trained : end].double()
        paths = block.transpose(0, 1).contiguous().cpu().numpy()
        keys = [hashlib.sha256(path.tobytes()).digest() for path in paths]
        unknown = [place for place, key in enumerate(keys) if key not in self._models]
        found = dict(self._models)
        if unknown:
            fitted = self._fit(block[:, unknown])
            found.update(zip([keys[place] for place in unknown], fitted, strict=True))
        self._models.clear()
        self._models.update({key: found[key] for key in keys})
        return [found[key] for key in keys]

    def _fit(self, block: Tensor) -> list["lightgbm.Booster"]:
        examples = self._examples(block)
        features, grades = examples.features.cpu().numpy(), examples.grades.cpu().numpy()
        pairs = zip(features, grades, strict=True)
        return [train_trees(path, known, self._trees) for path, known in pairs]

    def _examples(self, block: Tensor) -> Examples:
        return training_examples(
            block, windows=self.windows, horizon=self.horizon, every=self.every, n_grades=_GRADES
        )

    @property
    def _trees(self) -> Trees:
        return Trees(self.n_trees, self.n_leaves, self.learning_rate, self.seed)
