"""Related tables: customers with their loans, and the payments of each loan."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from scenara.shared.data.column import nearest
from scenara.shared.data.plain import as_numbers
from scenara.shared.data.relations import Relation, check_relations
from scenara.shared.data.schema import Schema
from scenara.shared.engine import entropy_of
from scenara.shared.errors import ConfigError
from scenara.shared.features import TableEncoder, join_state, split_state
from scenara.shared.features.states import pack, unpack
from scenara.shared.features.storage import Storage
from scenara.shared.generators.base import Generator
from scenara.shared.generators.tables.base import TableGenerator
from scenara.shared.generators.tables.contexts import Context
from scenara.shared.generators.tables.learning import Learned, checked_schema, learn_member
from scenara.shared.generators.tables.making import make_table, seeded
from scenara.shared.generators.tables.member import Member, Rows, draw_children, plan_member
from scenara.shared.progress import Progress, silent
from scenara.shared.store import State
from scenara.shared.types import Array, RandomState

__all__ = ["RelationalTables"]

DEFAULT = "table/cart"


class RelationalTables(Generator):
    """Learn tables that belong together and write new ones, whose keys fit by construction.

    Each table is learned by a family of tables. A parent's rows have one more column for each
    child table: how many rows of it belong to them. A child's rows have one more column too:
    the situation that they are made in, which depends on the columns of their parent and its
    ancestors, on the sibling before and on the place among the siblings. Situations are the
    leaves of a tree that predicts children; rows are drawn under the condition of theirs.

    Siblings come in the order of the rows learned from: sort them by time where there is one.

    Args:
        model: Family of every table, or family by table; ``table/cart`` where none is named.
        settings: Settings of the families, by table.
        n_contexts: Most situations of a table's rows.
        random_state: Seed of the fit.

    Example:
        >>> customers = pd.DataFrame({"id": range(100, 140), "rich": [False, True] * 20})
        >>> loans = pd.DataFrame({"of": np.repeat(range(101, 140, 2), 2), "sum": [9, 8] * 20})
        >>> relation = Relation("customers", "id", "loans", "of")
        >>> bank = RelationalTables(model="table/bootstrap")
        >>> bank = bank.fit({"customers": customers, "loans": loans}, relations=[relation])
        >>> drawn = bank.sample(5, given={"rich": True}, random_state=0)
        >>> len(drawn["loans"]), bool(drawn["loans"]["of"].isin(drawn["customers"]["id"]).all())
        (10, True)

    References:
        Patki, Wedge and Veeramachaneni, 2016, The synthetic data vault,
        https://doi.org/10.1109/DSAA.2016.49 (parents that know their children);
        Xu et al., 2023, REaLTabFormer, https://arxiv.org/abs/2302.02041 (children given parents).
    """

    family: ClassVar[str] = "tables/relational"

    relations_: tuple[Relation, ...]

    def __init__(
        self,
        *,
        model: str | Mapping[str, str] = DEFAULT,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        n_contexts: int = 64,
        random_state: int = 0,
    ) -> None:
        self.model = model
        self.settings = settings
        self.n_contexts = n_contexts
        self.random_state = random_state

    def fit(
        self,
        tables: Mapping[str, pd.DataFrame],
        *,
        relations: Sequence[Relation],
        schemas: Mapping[str, Schema] | None = None,
        progress: Progress = silent,
        checkpoint: str | Path | None = None,
    ) -> Self:
        """Learn from tables that belong together.

        Args:
            tables: The tables by name, siblings in their order; they are not changed.
            relations: How they hang together: a forest, of any depth.
            schemas: What the columns of each table are; inferred where there is none.
            progress: Told how many tables are learned.
            checkpoint: Folder in which long fits keep their state, one folder a table.

        Returns:
            The fitted generator.

        Raises:
            DataError: Keys are missing or there twice, rows belong to nobody, or a table can't
                be learned from.
            SchemaError: Relations or schemas do not fit the tables.
            ConfigError: A setting is out of range or names no table.
        """
        if hasattr(self, "relations_"):
            del self.relations_
        order = check_relations(tables, relations)
        self._check_settings(tables)
        self._order = tuple(tables)
        self._members: dict[str, Member] = {}
        learned: dict[str, Learned] = {}
        for done, name in enumerate(order):
            schema = checked_schema(name, tables[name], (schemas or {}).get(name))
            plan = plan_member(name, schema, relations, schema.names)
            folder = None if checkpoint is None else Path(checkpoint) / f"{done:02d}"
            learned[name] = learn_member(
                plan,
                tables,
                learned,
                generator=self._unfitted(name, done),
                max_leaves=self.n_contexts,
                checkpoint=folder,
            )
            self._members[name] = learned[name].member
            progress("tables", done + 1, len(order))
        self.relations_ = tuple(relations)
        return self

    def sample(
        self,
        n: int | Mapping[str, int],
        *,
        given: Mapping[str, Any] | None = None,
        random_state: RandomState = None,
    ) -> dict[str, pd.DataFrame]:
        """Write new tables that belong together.

        Args:
            n: Rows of each root table, or rows by root table; those of the others follow.
            given: What all rows of the root fulfil, exactly, as for a single table; or by table:
                ``{"customers": {"region": "north"}, "loans": {"currency": "EUR"}}``.
            random_state: Seed; the same seed and arguments give the same tables.

        Returns:
            The tables by name, with the columns and dtypes of those learned from.

        Raises:
            NotFittedError: Before ``fit``.
            ConfigError: An argument is not known, or a condition was never seen when fitting.
            DataError: Rows that fulfil the conditions can't be found within the budget.
        """
        self._check_fitted()
        rng = np.random.default_rng(entropy_of(random_state))
        sizes, asked = self._sizes(n), self._asked(given)
        rows: dict[str, Rows] = {}
        drawn: dict[str, pd.DataFrame] = {}
        for name, member in self._members.items():
            wanted = asked.get(name, {})
            if member.relation is None:
                content = _draw_root(member, sizes[name], wanted, rng)
                rows[name] = Rows.of(name, content, None, None)
                drawn[name] = member.whole(rows[name].content, None, rng)
                continue
            parent = member.relation.parent
            column = self._members[parent].counts[name]
            counts = as_numbers(rows[parent].content[column]).astype(np.int64)
            content, owner_of = draw_children(member, rows[parent], counts, wanted, rng)
            rows[name] = Rows.of(name, content, rows[parent], owner_of)
            keys = drawn[parent][member.relation.key].iloc[owner_of]
            drawn[name] = member.whole(rows[name].content, keys, rng)
        return {name: drawn[name] for name in self._order}

    def _state(self) -> State:
        values: list[dict[str, Any]] = []
        arrays: dict[str, Array] = {}
        frames: dict[str, pd.DataFrame] = {}
        for number, member in enumerate(self._members.values()):
            inner = State() if member.generator is None else member.generator.state()
            keys = None if member.keys is None else member.keys.state()
            context = None if member.context is None else member.context.state()
            foreign = pack(member.foreign)
            packed, held = split_state({"keys": keys, "context": context, "foreign": foreign})
            arrays |= {f"{number}.kept.{name}": array for name, array in held.items()}
            arrays |= {f"{number}.rows.{name}": array for name, array in inner.arrays.items()}
            frames |= {f"t{number}-{name}": frame for name, frame in inner.frames.items()}
            values.append(
                {
                    "name": member.name,
                    "schema": member.schema.to_dict(),
                    "counts": dict(member.counts),
                    "kept": packed,
                    "family": None if member.generator is None else member.generator.family,
                    "settings": {} if member.generator is None else _settings(member.generator),
                    "values": dict(inner.values),
                }
            )
        relations = [asdict(relation) for relation in self.relations_]
        whole = {"relations": relations, "order": list(self._order), "tables": values}
        return State(whole, arrays, frames)

    def _restore(self, state: State) -> None:
        relations = tuple(Relation(**plain) for plain in state.values["relations"])
        self._members = {}
        self._order = tuple(state.values["order"])
        for number, plain in enumerate(state.values["tables"]):
            schema, name = Schema.from_dict(plain["schema"]), plain["name"]
            bare = plan_member(name, schema, relations, schema.names)
            kept = join_state(plain["kept"], _below(state.arrays, f"{number}.kept."))
            inner = State(
                plain["values"],
                _below(state.arrays, f"{number}.rows."),
                _below(state.frames, f"t{number}-"),
            )
            self._members[name] = replace(
                bare,
                keys=None if kept["keys"] is None else TableEncoder.from_state(kept["keys"]),
                context=None if kept["context"] is None else Context.from_state(kept["context"]),
                foreign=unpack(kept["foreign"], {"Storage": Storage}),
                generator=None
                if plain["family"] is None
                else make_table(plain["family"], plain["settings"]).restore(inner),
            )
        self.relations_ = relations

    def __sklearn_is_fitted__(self) -> bool:
        return "relations_" in vars(self)

    def _unfitted(self, name: str, number: int) -> TableGenerator:
        model = self.model if isinstance(self.model, str) else self.model.get(name, DEFAULT)
        settings = (self.settings or {}).get(name, {})
        return make_table(model, seeded(model, settings, seed=self.random_state + number))

    def _check_settings(self, tables: Mapping[str, object]) -> None:
        for argument in ("model", "settings"):
            named = getattr(self, argument)
            for name in named if isinstance(named, Mapping) else ():
                if name not in tables:
                    raise ConfigError(f"{argument}: no table {name!r}{nearest(name, list(tables))}")
        n = self.n_contexts
        if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or n < 1:
            raise ConfigError(f"n_contexts: expected a whole number from 1, found {n!r}")

    def _roots(self) -> list[str]:
        return [name for name, member in self._members.items() if member.relation is None]

    def _sizes(self, n: int | Mapping[str, int]) -> dict[str, int]:
        roots = self._roots()
        sizes = dict(n) if isinstance(n, Mapping) else dict.fromkeys(roots, n)
        if set(sizes) != set(roots):
            raise ConfigError(f"n: expected rows of the root tables {roots}, found {list(sizes)}")
        for name, size in sizes.items():
            if not isinstance(size, (int, np.integer)) or isinstance(size, bool) or size < 1:
                raise ConfigError(f"n: expected a whole number from 1 for {name!r}, found {size!r}")
        return sizes

    def _asked(self, given: Mapping[str, Any] | None) -> Mapping[str, Mapping[str, Any]]:
        if given is None:
            return {}
        if not isinstance(given, Mapping):
            raise ConfigError(f"given: expected a mapping, found {type(given).__name__}")
        if given and all(isinstance(value, Mapping) for value in given.values()):
            for name in given:
                if name not in self._members:
                    raise ConfigError(
                        f"given: no table {name!r}{nearest(name, list(self._members))}"
                    )
            return given
        if len(roots := self._roots()) > 1:
            raise ConfigError(
                f"given: there are several root tables {roots}; say which one is meant"
            )
        return {roots[0]: given}


def _draw_root(
    member: Member, n: int, given: Mapping[str, Any], rng: np.random.Generator
) -> pd.DataFrame:
    if member.generator is not None:
        return member.generator.sample(n, given=given or None, random_state=rng)
    if given:
        raise ConfigError(f"given: table {member.name!r} has only identifiers, which take none")
    return pd.DataFrame(index=range(n))


def _settings(generator: TableGenerator) -> dict[str, Any]:
    settings: dict[str, Any] = generator.get_params(deep=False)
    return settings


def _below(parts: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {k.removeprefix(prefix): v for k, v in parts.items() if k.startswith(prefix)}
