"""The label of coded rows, drawn again from a calibrated classifier once all else is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from scenara.shared.features import Coded
from scenara.shared.generators.tables.heads import Plan
from scenara.shared.generators.tables.label import LabelHead, check_label, fit_label
from scenara.shared.generators.tables.network_state import part_of
from scenara.shared.store import State
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["CodedLabel", "label_of", "learned_label"]


@dataclass(frozen=True)
class CodedLabel:
    """Draw one column of coded rows given the others.

    What networks draw together carries the noise of them all; a label that models are to be
    trained on had better be drawn from a model of its own.

    Args:
        place: Place of the label among the coded columns.
        head: Gives its law from codes and positions.
    """

    place: int
    head: LabelHead

    @classmethod
    def fit(cls, plan: Plan, coded: Mapping[str, Coded], target: str, *, seed: int) -> Self:
        """Learn the law of the label.

        Args:
            plan: What the columns are.
            coded: The columns.
            target: Name of the label.
            seed: Draws rows, columns and folds.

        Raises:
            ConfigError: The column does not vary, or has too many values for a label.
        """
        known = dict(zip(plan.names, plan.n_codes, strict=True))
        for place in plan.measured:  # as many distinct values as it has rows, near enough
            known[plan.names[place]] = len(coded[plan.names[place]].codes)
        check_label(target, known)
        place = plan.coded.index(plan.names.index(target))
        codes, positions = (tensor.numpy() for tensor in plan.read(coded))
        n_classes = plan.n_codes[plan.names.index(target)]
        features = _features(codes, positions, place)
        head = fit_label(features, codes[:, place], n_classes=n_classes, seed=seed)
        return cls(place, head)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Self:
        """Undo :meth:`arrays`."""
        kept = {name: array for name, array in arrays.items() if name != "place"}
        return cls(int(arrays["place"][0]), LabelHead.from_arrays(kept))

    def arrays(self) -> dict[str, Array]:
        """Give what it holds by name."""
        return {"place": np.array([self.place]), **self.head.arrays()}

    def redraw(self, codes: IntArray, positions: FloatArray, rng: np.random.Generator) -> IntArray:
        """Give codes with another label.

        Args:
            codes: Codes, (rows, coded columns).
            positions: Positions as the data spread them, (rows, measured columns).
            rng: The stream.
        """
        drawn = codes.copy()
        drawn[:, self.place] = self.head.draw(_features(codes, positions, self.place), rng)
        return drawn


def learned_label(
    plan: Plan, coded: Mapping[str, Coded], target: str | None, *, seed: int | None
) -> CodedLabel | None:
    """Learn the law of the label, if there is one.

    Args:
        plan: What the columns are.
        coded: The columns.
        target: Name of the label; None for none.
        seed: Draws rows, columns and folds; None for 0.

    Raises:
        ConfigError: The column does not vary, or has too many values for a label.
    """
    return None if target is None else CodedLabel.fit(plan, coded, target, seed=seed or 0)


def label_of(state: State) -> CodedLabel | None:
    """Give the label that was kept as the part ``label``, if there was one.

    Args:
        state: From ``network_state``.
    """
    kept = part_of(state, "label")
    return CodedLabel.from_arrays(kept) if kept else None


def _features(codes: IntArray, positions: FloatArray, place: int) -> FloatArray:
    others = np.delete(codes, place, axis=1)
    return np.column_stack([others, positions]).astype(np.float32)
