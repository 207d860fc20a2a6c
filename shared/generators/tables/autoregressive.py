"""Tables one column after the other, in the order that is best, or in any order that is asked."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from scenara.shared.data.column import BOUNDED
from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.features import Coded, TableEncoder, join_state, split_state
from scenara.shared.generators.tables.base import TableGenerator
from scenara.shared.generators.tables.codebook import CodeBook
from scenara.shared.generators.tables.conditions import Conditions
from scenara.shared.generators.tables.forest_state import forest_from_arrays, forest_to_arrays
from scenara.shared.generators.tables.forests import (
    Bounds,
    ForestGrowth,
    chain_order,
    grow_forests,
)
from scenara.shared.generators.tables.guided import Guide
from scenara.shared.generators.tables.label import LabelHead, check_label, fit_label
from scenara.shared.generators.tables.masked import MaskedCodes, fit_masked, from_state, to_state
from scenara.shared.generators.tables.masked_sampling import (
    chance,
    complete_codes,
    draw_given,
    log_probability,
)
from scenara.shared.generators.tables.places import places_of
from scenara.shared.generators.tables.prefixes import below, prefixed
from scenara.shared.generators.tables.ranked import Contents, rank_columns
from scenara.shared.generators.tables.strata import Chances
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.training import draw_seed
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["AutoregressiveTable"]

_NETWORK = "network."
_ENCODER = "encoder."
_LABEL = "label."


class AutoregressiveTable(TableGenerator):
    """Learn p(x) = prod_j p(x_j | x_<j), finely in one order and coarsely in every order.

    Forests, one a column, give the exact contents of a column from the exact contents of those
    before it: columns that say much about others come first. Each row asks one tree, each tree
    was grown on a part of the rows, and numbers are moved between neighbours in the leaf, so that
    rows are close to the law and not to people.

    A masked network gives the law of coarse codes of any columns given any others. Where what a
    caller fixes is rare, it draws the codes of those columns that this tells something about and
    that come before the last one fixed, and the forests give the contents inside the codes and
    all other columns: no rows are thrown away but what the edges of a range cut off. To impute,
    it draws the codes of all cells that are missing. The network's density, with a flat law
    inside codes, is ``score_samples``.

    Args:
        min_leaf: Fewest rows in a leaf for numbers with many values; with ``min_leaf_levels`` the
            privacy dial: larger is more private and less faithful.
        min_leaf_levels: Fewest rows in a leaf for levels and numbers with few values.
        n_trees: Trees of a column.
        share: Share of the rows that a tree knows.
        target: Name of a label with few classes, which is drawn last, from a calibrated
            classifier; for tables that models of it are to be trained on.
        any_order: Whether to learn the network; without it a fit is quicker, conditions are met
            by throwing rows away, and there is neither density nor imputation.
        frequent: Chance of conditions above which rows are drawn by the forests alone, which are
            finer than the network, and those that don't fulfil them are thrown away; 1 for never.
        n_codes: Codes of a number with many values.
        width: Units in the hidden layers of the network.
        n_steps: Training steps of the network at most; None goes by the number of rows.
        max_rows: Most rows that a tree is grown on.
        random_state: Seed of the fit.

    Example:
        >>> frame = pd.DataFrame({"age": range(20, 60), "smoker": [False] * 20 + [True] * 20})
        >>> model = AutoregressiveTable(n_steps=20, min_leaf_levels=5, random_state=0).fit(frame)
        >>> model.sample(5, given={"smoker": True}, random_state=1)["smoker"].all()
        np.True_

    References:
        Uria, Murray and Larochelle, 2014, A deep and tractable density estimator,
        https://arxiv.org/abs/1310.1757 (training over orders). Wager and Athey, 2018, Estimation
        and inference of heterogeneous treatment effects using random forests,
        https://doi.org/10.1080/01621459.2017.1319839 (subsampled trees). Reiter, 2005, Using CART
        to generate partially synthetic public use microdata, Journal of Official Statistics 21.
    """

    family: ClassVar[str] = "table/autoregressive"
    shard_size: ClassVar[int] = 20_000
    has_density: ClassVar[bool] = True
    can_impute: ClassVar[bool] = True

    def __init__(
        self,
        *,
        min_leaf: int = 3,
        min_leaf_levels: int = 40,
        n_trees: int = 12,
        share: float = 0.5,
        target: str | None = None,
        any_order: bool = True,
        frequent: float = 0.05,
        n_codes: int = 20,
        width: int = 128,
        n_steps: int | None = None,
        max_rows: int = 50_000,
        random_state: int | None = None,
    ) -> None:
        self.min_leaf = min_leaf
        self.min_leaf_levels = min_leaf_levels
        self.n_trees = n_trees
        self.share = share
        self.target = target
        self.any_order = any_order
        self.frequent = frequent
        self.n_codes = n_codes
        self.width = width
        self.n_steps = n_steps
        self.max_rows = max_rows
        self.random_state = random_state

    def _fit(
        self, frame: pd.DataFrame, schema: Schema, *, progress: Progress, checkpoint: Path | None
    ) -> None:
        seed = draw_seed(self.random_state)
        growth = self._growth(seed)
        encoder = TableEncoder(schema=schema, rare=0).fit(frame)
        self._encoder = encoder
        self._contents, ranks = rank_columns(frame, schema, encoder)
        if self.target is not None:
            check_label(self.target, {name: len(x) for name, x in self._contents.items()})
        last = [self.target] if self.target in self._contents else []
        order = chain_order(self._contents, ranks, schema, last=[str(name) for name in last])
        self._forests = grow_forests(
            self._contents, ranks, schema, growth, order=order, progress=progress
        )
        self._books = self._code_books(schema, order)
        self._label = self._learned_label(ranks, seed)
        self._network = None
        if self.any_order:
            self._network = fit_masked(
                self._codes(ranks),
                [len(book) for book in self._books.values()],
                width=self.width,
                n_steps=self.n_steps,
                soft=self._label_chances(ranks),
                random_state=seed,
                progress=progress,
                checkpoint=checkpoint,
            )

    def _sample(self, n: int, given: Conditions, rng: np.random.Generator) -> pd.DataFrame:
        if self._network is None or not any(name in self._contents for name in given):
            return self._frame(self._chain(n, rng, {}), given, rng)
        allowed = {name: self._allowed(name, given) for name in self._contents if name in given}
        names = list(self._books)
        shares = {
            names.index(name): self._books[name].allowed(good) for name, good in allowed.items()
        }
        if chance(self._network, shares) > self.frequent:
            return self._frame(self._chain(n, rng, {}), given, rng)
        fixed = draw_given(self._network, n, shares, rng)
        bounds = {
            names[place]: _within(self._books[names[place]].bounds(codes), allowed[names[place]])
            for place, codes in fixed.items()
        }
        guide = Guide(self._network, fixed, n)
        return self._frame(self._guided(n, rng, bounds, guide), given, rng)

    def _impute(self, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        network = self._known_network("impute")
        ranks, _ = places_of(frame, self._contents, self._encoder.schema_)
        observed = ~frame.isna().to_numpy(dtype=bool)
        places = self._places
        missing = {k: 0 for k, name in enumerate(places) if self._contents[name].cells.isna().any()}
        seen_codes = observed[:, list(places.values())]
        codes = complete_codes(network, self._codes(ranks), seen_codes, rng, never=missing)
        bounds = self._bounds(codes)
        for name, place in places.items():
            seen, known = observed[:, place], ranks[:, place]
            low, high = bounds[name].low, bounds[name].high
            bounds[name] = Bounds(np.where(seen, known, low), np.where(seen, known + 1, high))
        return self._frame(self._chain(len(frame), rng, bounds), Conditions(), rng)

    def _score(self, frame: pd.DataFrame) -> FloatArray:
        network = self._known_network("score")
        ranks, strange = places_of(frame, self._contents, self._encoder.schema_)
        density = log_probability(network, self._codes(ranks))
        density = density - np.log(self._n_rows + 1) * strange.sum(axis=1)
        for name, place in self._places.items():
            density = density + self._books[name].log_density(ranks[:, place])
        return np.asarray(density, dtype=np.float64)

    @property
    def _n_rows(self) -> int:
        return int(next(iter(self._forests.values())).ranks[-1])

    def _chain(
        self,
        n: int,
        rng: np.random.Generator,
        bounds: Mapping[str, Bounds],
    ) -> dict[str, IntArray]:
        """Draw the contents of all columns in turn."""
        features = np.zeros((n, len(self._forests)), dtype=np.float32)
        for place, (name, forest) in enumerate(self._forests.items()):
            if name == self.target and self._label is not None:
                features[:, place] = self._label.draw(features[:, :place], rng)
            else:
                features[:, place] = forest.draw(features, rng, bounds.get(name))
        return {name: features[:, k].astype(np.int64) for k, name in enumerate(self._forests)}

    def _guided(
        self, n: int, rng: np.random.Generator, bounds: Mapping[str, Bounds], guide: Guide
    ) -> dict[str, IntArray]:
        """Draw the contents of all columns in turn, bounded where conditions tell about them."""
        features = np.zeros((n, len(self._forests)), dtype=np.float32)
        numbers = {name: number for number, name in enumerate(self._books)}
        for place, (name, forest) in enumerate(self._forests.items()):
            bound, book, number = bounds.get(name), self._books[name], numbers[name]
            if bound is None and not guide.is_done:
                codes = guide.draw(number, rng)
                bound = None if codes is None else book.bounds(codes)
            if bound is None and name == self.target and self._label is not None:
                features[:, place] = self._label.draw(features[:, :place], rng)
            else:
                features[:, place] = forest.draw(features, rng, bound)
            if not guide.is_done:
                guide.observe(number, book.code(features[:, place].astype(np.int64)))
        return {name: features[:, k].astype(np.int64) for k, name in enumerate(self._forests)}

    def _frame(
        self, drawn: Mapping[str, IntArray], given: Conditions, rng: np.random.Generator
    ) -> pd.DataFrame:
        columns = {}
        for name, contents in self._contents.items():
            encoder = self._encoder.encoders_[name]
            if self._forests[name].is_fine and encoder.law == "normal" and name not in given:
                shift = rng.random(len(drawn[name])) - 0.5
                moved = contents.moved(drawn[name], shift, encoder.n_positioned_)
                columns[name] = encoder.inverse(moved).array
            else:
                columns[name] = contents.cells.array.take(drawn[name])
        return pd.DataFrame(columns)

    def _allowed(self, name: str, given: Conditions) -> Array:
        good = given[name].holds(self._contents[name].cells, self._encoder.schema_[name])
        if not good.any():
            raise DataError(
                f"column {name!r}: no value that was there when fitting fulfils what is asked; "
                "ask for a range around it"
            )
        return good

    def _bounds(self, codes: IntArray) -> dict[str, Bounds]:
        books = enumerate(self._books.items())
        return {name: book.bounds(codes[:, place]) for place, (name, book) in books}

    def _codes(self, ranks: IntArray) -> IntArray:
        places = self._places
        return np.column_stack([b.code(ranks[:, places[name]]) for name, b in self._books.items()])

    @property
    def _places(self) -> dict[str, int]:
        """Give the place of each column of the table, in the order of the network."""
        place = {name: k for k, name in enumerate(self._contents)}
        return {name: place[name] for name in self._books}

    def _code_books(self, schema: Schema, order: Sequence[str]) -> dict[str, CodeBook]:
        return {
            name: CodeBook.of(
                self._contents[name],
                self._forests[name].ranks,
                n_codes=self.n_codes,
                measured=schema[name].kind in BOUNDED,
            )
            for name in order
        }

    def _learned_label(self, ranks: IntArray, seed: int) -> LabelHead | None:
        if self.target not in self._contents:
            return None
        label = ranks[:, list(self._contents).index(self.target)]
        n_classes = len(self._contents[self.target])
        return fit_label(self._label_features(ranks), label, n_classes=n_classes, seed=seed)

    def _label_features(self, ranks: IntArray) -> FloatArray:
        names = list(self._contents)
        others = [names.index(name) for name in self._forests if name != self.target]
        return ranks[:, others].astype(np.float32)

    def _label_chances(self, ranks: IntArray) -> dict[int, Chances]:
        """Let the network learn what comes with a class from the head's chances of it."""
        label = self._label
        if label is None:
            return {}

        def chances(rows: IntArray) -> FloatArray:
            return label.chances(self._label_features(ranks[rows]))

        return {list(self._books).index(str(self.target)): chances}

    def _known_network(self, verb: str) -> MaskedCodes:
        if self._network is None:
            raise ConfigError(f"{self.family} can {verb} only if fitted with any_order=True")
        return self._network

    def _growth(self, seed: int) -> ForestGrowth:
        whole = (
            "min_leaf",
            "min_leaf_levels",
            "n_trees",
            "n_codes",
            "width",
            "n_steps",
            "max_rows",
        )
        for name in whole:
            value = getattr(self, name)
            if name == "n_steps" and value is None:
                continue
            if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
                raise ConfigError(f"{name}: expected a whole number from 1, found {value!r}")
        for name in ("share", "frequent"):
            value = getattr(self, name)
            if not isinstance(value, (int, float)) or not 0 < value <= 1:
                raise ConfigError(f"{name}: expected a number in (0, 1], found {value!r}")
        return ForestGrowth(
            min_leaf=self.min_leaf,
            min_leaf_levels=self.min_leaf_levels,
            n_trees=self.n_trees,
            share=self.share,
            max_rows=self.max_rows,
            seed=seed,
        )

    def _state(self) -> State:
        values, arrays = split_state(self._encoder.state())
        kept = {_ENCODER + name: array for name, array in arrays.items()}
        for place, (name, forest) in enumerate(self._forests.items()):
            coded = self._contents[name].coded
            parts = {"codes": coded.codes, "positions": coded.positions}
            parts |= forest_to_arrays(forest)
            kept |= {f"column.{place}.{part}": array for part, array in parts.items()}
        label = self._label
        plain = {"encoder": values, "columns": list(self._contents), "order": list(self._forests)}
        plain["coded"] = list(self._books)
        kept |= {} if label is None else prefixed(_LABEL, label.arrays())
        if self._network is not None:
            plain["network"], weights = to_state(self._network)
            kept |= {_NETWORK + name: array for name, array in weights.items()}
        return State(plain, kept)

    def _restore(self, state: State) -> None:
        self._encoder = TableEncoder.from_state(
            join_state(state.values["encoder"], below(_ENCODER, state.arrays))
        )
        schema, contents, self._forests = self._encoder.schema_, {}, {}
        for place, name in enumerate(state.values["order"]):
            arrays = below(f"column.{place}.", state.arrays)
            coded = Coded(arrays["codes"], arrays["positions"])
            contents[name] = Contents.of(coded, self._encoder.encoders_[name], schema[name])
            self._forests[name] = forest_from_arrays(arrays)
        self._contents = {name: contents[name] for name in state.values["columns"]}
        coded = state.values.get("coded", state.values["columns"])
        self._books = self._code_books(schema, coded)
        label = below(_LABEL, state.arrays)
        self._label = LabelHead.from_arrays(label) if label else None
        self._network = None
        if "network" in state.values:
            weights = below(_NETWORK, state.arrays)
            self._network = from_state(state.values["network"], weights)


def _within(bounds: Bounds, good: Array) -> Bounds:
    """Cut bounds to the contents from the first to the last that will do."""
    places = np.flatnonzero(good)
    low = np.maximum(bounds.low, places[0])
    return Bounds(low, np.maximum(np.minimum(bounds.high, places[-1] + 1), low + 1))
