"""Whether generated rows tell what an attacker doesn't know yet about a person."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation.tables.columns import ComparableTables
from scenara.shared.evaluation.tables.encoding import as_seed
from scenara.shared.evaluation.tables.nearest import all_distances, distance_blocks
from scenara.shared.evaluation.tables.risk import AttackRisk
from scenara.shared.evaluation.tables.rows import Rows, drawn_frames, encode_rows, three_tables
from scenara.shared.types import Array, IntArray, RandomState

__all__ = ["InferenceRisks", "inference"]

MOST_GENERATED = 15_000


@dataclass(frozen=True)
class InferenceRisks:
    """Hold the risk that a column is inferred from the others, column by column.

    Args:
        risks: Risk of each secret column, by name.

    Raises:
        DataError: If there is no column.

    Example:
        >>> safe = AttackRisk("inference", 0.3, 0.3, 0.1, n_train=500, n_control=500)
        >>> InferenceRisks({"income": safe}).worst
        'income'
    """

    risks: Mapping[str, AttackRisk]

    def __post_init__(self) -> None:
        """Refuse to say anything about no column."""
        if not self.risks:
            raise DataError("inference: found no secret column, expected at least one")

    @property
    def worst(self) -> str:
        """Column whose risk is surely the highest: the one with the highest lower end."""
        return max(self.risks, key=lambda name: self.risks[name].low)

    @property
    def risk(self) -> AttackRisk:
        """Risk of the worst column; its interval allows for the choice among all of them."""
        n_columns = len(self.risks)
        return replace(self.risks[self.worst], confidence=1 - 0.05 / n_columns)


def inference(
    train: pd.DataFrame,
    test: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    secrets: Sequence[str] | None = None,
    schema: Schema | None = None,
    categories: Collection[str] = (),
    random_state: RandomState = 0,
    n_attacks: int = 1000,
    tolerance: float = 0.05,
) -> InferenceRisks:
    """Guess one column of a person from all others, by the nearest generated row.

    A number is guessed if it is within the tolerance of the truth, a category if it is the
    same. What holds for everybody helps against held-out people just as well: only what is
    surer about training rows is a risk. Guessing takes a random generated row.

    Args:
        train: Real rows that the generator has learnt from.
        test: Real rows that it never saw.
        generated: Generated rows.
        secrets: Columns to guess; by default each in turn.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.
        random_state: Seed of the rows drawn.
        n_attacks: Most people attacked on each side, for each column.
        tolerance: Largest error of a guessed number, as a share of its size.

    Returns:
        Success rates and risk of each secret column.

    Raises:
        DataError: If the tables can't be compared, one has fewer than 20 rows or no column
            beside the secret, or a secret is not a compared column.
        ConfigError: If the tolerance is negative.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> train, test = (pd.DataFrame(rng.normal(size=(300, 6)), columns=list("abcdef"))
        ...                for _ in range(2))
        >>> inference(train, test, train, secrets=["f"]).risks["f"].train_rate
        1.0

    References:
        Giomi, Boenisch, Wehmeyer, Tasnadi (2023), A unified framework for quantifying privacy
        risk in synthetic data, PoPETs 2023(2), section 5.3, https://arxiv.org/abs/2211.10459
    """
    if tolerance < 0:
        raise ConfigError(f"tolerance: found {tolerance}, expected a share of at least 0")
    tables = three_tables(train, test, generated, schema=schema, categories=categories)
    chosen = _checked_secrets(tables, secrets)
    seed = as_seed(random_state)
    n_people = min(len(train), len(test), n_attacks)
    sizes = {"train": n_people, "test": n_people, "generated": min(len(generated), MOST_GENERATED)}
    members, control, drawn = drawn_frames(tables, sizes=sizes, seed=seed)
    truth = pd.concat([members, control])
    # The generated rows lead, so that their range is the scale and their gaps are marked.
    guesses, people = encode_rows([drawn, truth], tables.roles)
    nearest = _nearest_without(people, guesses, chosen)
    anyone = np.random.default_rng(seed).integers(0, len(drawn), n_people)
    risks = {}
    for name in chosen:
        hit = _hits(truth[name], drawn[name].iloc[nearest[name]], tolerance)
        lucky = _hits(members[name], drawn[name].iloc[anyone], tolerance)
        risks[name] = AttackRisk(
            f"inference of {name}",
            train_rate=float(hit[:n_people].mean()),
            control_rate=float(hit[n_people:].mean()),
            naive_rate=float(lucky.mean()),
            n_train=n_people,
            n_control=n_people,
        )
    return InferenceRisks(risks)


def _checked_secrets(tables: ComparableTables, secrets: Sequence[str] | None) -> list[str]:
    names = tables.roles.names
    chosen = list(names) if secrets is None else list(secrets)
    unknown = [name for name in chosen if name not in names]
    if unknown or len(names) < 2:
        found = repr(unknown[0]) if unknown else f"the one column {names[0]!r}"
        raise DataError(
            f"secrets: found {found}, expected compared columns beside others: {', '.join(names)}"
        )
    return chosen


def _nearest_without(people: Rows, rows: Rows, secrets: Sequence[str]) -> dict[str, IntArray]:
    """Find the nearest row of each person by all columns but the secret one, for each secret."""
    found = {name: np.empty(len(people), dtype=int) for name in secrets}
    views = {name: rows.only([name]) for name in secrets}
    for block, distance in distance_blocks(people, rows):
        for name, view in views.items():
            own = all_distances(people.take(block).only([name]), view)
            found[name][block] = (distance - own).argmin(axis=1)
    return found


def _hits(truth: "pd.Series", guess: "pd.Series", tolerance: float) -> Array:
    if isinstance(truth.dtype, pd.CategoricalDtype):
        same: Array = truth.cat.codes.to_numpy() == guess.cat.codes.to_numpy()
        return same
    right, said = truth.to_numpy(float), guess.to_numpy(float)
    close = np.abs(said - right) <= tolerance * np.abs(right)
    hit: Array = close | (np.isnan(said) & np.isnan(right))
    return hit
