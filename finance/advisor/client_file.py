"""Read a client's file, and say everything that is wrong with it at once."""

import dataclasses
import difflib
import tomllib
import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from scenara.finance.advisor.client import (
    Assumptions,
    Constraints,
    Debt,
    Fees,
    Goal,
    Household,
    MarketView,
    Person,
    Saving,
    Tax,
)
from scenara.finance.advisor.holdings import Holdings, read_holdings
from scenara.finance.advisor.instruments import Instrument, read_instruments
from scenara.shared.errors import ConfigError, ScenaraError

__all__ = ["AdviceRefusedError", "Client", "read_client", "table_paths"]

Part = TypeVar("Part")


class AdviceRefusedError(ConfigError):
    """Refuse advice, with every reason.

    Args:
        where: The client's file.
        reasons: One sentence each.

    Example:
        >>> str(AdviceRefusedError("client.toml", ["no goals", "no saving"]))
        'client.toml: no advice for 2 reasons: (1) no goals; (2) no saving'
    """

    def __init__(self, where: str, reasons: list[str]) -> None:
        self.where = where
        self.reasons = tuple(reasons)
        count = "1 reason" if len(reasons) == 1 else f"{len(reasons)} reasons"
        listed = "; ".join(f"({n}) {reason}" for n, reason in enumerate(reasons, 1))
        super().__init__(f"{where}: no advice for {count}: {listed}")


@dataclass(frozen=True, kw_only=True)
class Client:
    """Hold everything that a plan is made of.

    Args:
        person: Who is advised.
        household: Income, spending, reserves and debts.
        saving: What is put aside.
        goals: What the money is for.
        questionnaire: Item -> answer.
        constraints: What may be held.
        tax: Rates.
        fees: What advice and trades cost.
        views: Opinions on markets.
        assumptions: What no history tells.
        holdings: Tax lots and cash, without the emergency cash.
        instruments: Symbol -> what can be bought.
    """

    person: Person
    household: Household
    saving: Saving
    goals: tuple[Goal, ...]
    questionnaire: Mapping[str, str]
    assumptions: Assumptions
    constraints: Constraints = dataclasses.field(default_factory=Constraints)
    tax: Tax = dataclasses.field(default_factory=Tax)
    fees: Fees = dataclasses.field(default_factory=Fees)
    views: tuple[MarketView, ...] = ()
    holdings: Holdings = dataclasses.field(default_factory=Holdings)
    instruments: Mapping[str, Instrument] = dataclasses.field(default_factory=dict)

    @property
    def prices(self) -> dict[str, float]:
        """Symbol -> price of a share."""
        return {symbol: found.price for symbol, found in self.instruments.items()}

    @property
    def wealth(self) -> float:
        """Value of the holdings in currency units."""
        return self.holdings.total(self.prices)

    @property
    def cost_basis(self) -> float:
        """What the holdings have cost, cash at its amount."""
        return float(sum((lot.cost for lot in self.holdings.lots), start=self.holdings.cash))


_SECTIONS: dict[str, type] = {
    "client": Person,
    "household": Household,
    "saving": Saving,
    "assumptions": Assumptions,
    "constraints": Constraints,
    "tax": Tax,
    "fees": Fees,
}
_LISTS: dict[str, type] = {"goals": Goal, "views": MarketView}
_PATHS = ("holdings", "instruments")
_REQUIRED = ("client", "household", "saving", "assumptions", "goals", "questionnaire", *_PATHS)
_FIELDS = {"client": "person"}


def read_client(path: str | Path) -> Client:
    """Read a client's file and the two tables that it names.

    Args:
        path: TOML file; ``scenara finance client`` writes an example. Tables are looked for
            beside it.

    Returns:
        The client, whose data may still contradict each other.

    Raises:
        AdviceRefusedError: Something is missing, unknown or out of range; all of it is listed.
        ConfigError: The file can't be read.

    Example:
        >>> import tempfile
        >>> from scenara.finance.advisor.example import write_example
        >>> client = read_client(write_example(tempfile.mkdtemp()))
        >>> [goal.name for goal in client.goals]
        ['education', 'retirement']
    """
    path = Path(path)
    raw = _toml(path)
    reader = _Reader(raw)
    parts = reader.sections()
    tables = _tables(path, raw, parts.get("person"), reader.problems)
    if reader.problems:
        raise AdviceRefusedError(str(path), reader.problems)
    return Client(**parts, **tables)


def table_paths(path: str | Path) -> list[Path]:
    """Give the paths of the tables that a client's file names.

    Args:
        path: The client's file.

    Returns:
        Holdings and instruments, as far as they are named.

    Raises:
        ConfigError: The file can't be read.
    """
    raw = _toml(Path(path))
    return [Path(path).parent / raw[name] for name in _PATHS if _is_named(raw, name)]


def _is_named(raw: Mapping[str, Any], name: str) -> bool:
    return isinstance(raw.get(name), str) and bool(raw[name].strip())


class _Reader:
    """Turn sections into parts, and collect what is wrong with them."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self.problems = [
            f"[{name}] is missing" for name in _REQUIRED if name not in raw and name not in _PATHS
        ]
        self.problems += [
            f'{name}: expected the name of a file, such as "{name}.csv", found {raw[name]!r}'
            for name in _PATHS
            if name in raw and not _is_named(raw, name)
        ]
        self.problems += [
            f'{name} is missing: name the file, such as {name} = "{name}.csv"'
            for name in _PATHS
            if name not in raw
        ]
        known = [*_SECTIONS, *_LISTS, *_PATHS, "questionnaire"]
        self.problems += [f"unknown key {n!r}; {_hint(n, known)}" for n in raw if n not in known]

    def sections(self) -> dict[str, Any]:
        """Give the parts by the names of the client's fields."""
        parts: dict[str, Any] = {
            _FIELDS.get(name, name): self._part(kind, self.raw[name], f"[{name}]")
            for name, kind in _SECTIONS.items()
            if name in self.raw
        }
        for name, kind in _LISTS.items():
            parts[name] = self._list(kind, name, self.raw.get(name, []))
        parts["questionnaire"] = self._answers(self.raw.get("questionnaire", {}))
        return parts

    def _answers(self, answers: object) -> dict[str, str]:
        if not isinstance(answers, dict):
            self.problems.append(f"questionnaire: expected a section of answers, found {answers!r}")
            return {}
        self.problems += [
            f"questionnaire: {key}: expected text, found {answer!r}"
            for key, answer in answers.items()
            if not isinstance(answer, str)
        ]
        return {key: answer for key, answer in answers.items() if isinstance(answer, str)}

    def _list(self, kind: type[Part], name: str, rows: object) -> tuple[Part, ...]:
        if not isinstance(rows, list):
            self.problems.append(f"{name}: expected sections [[{name}]], found {rows!r}")
            return ()
        named = ((f"[[{name}]] {n}", row) for n, row in enumerate(rows, 1))
        made = [self._part(kind, row, where) for where, row in named]
        return tuple(part for part in made if part is not None)

    def _part(self, kind: type[Part], table: object, where: str) -> Part | None:
        if not isinstance(table, dict):
            self.problems.append(f"{where}: expected a section of keys, found {table!r}")
            return None
        hints = get_type_hints(kind)
        found = [self._value(hints, key, value, where) for key, value in table.items()]
        missing = [
            f"{where}: {field.name} is missing"
            for field in dataclasses.fields(kind)  # type: ignore[arg-type]
            if field.name not in table and field.default is dataclasses.MISSING
        ]
        self.problems += missing
        if missing or None in found:
            return None
        try:
            return kind(**dict(pair for pair in found if pair is not None))
        except ConfigError as error:
            self.problems.append(f"{where}: {error}")
            return None

    def _value(
        self, hints: Mapping[str, Any], key: str, value: object, where: str
    ) -> tuple[str, Any] | None:
        if key not in hints:
            self.problems.append(f"{where}: unknown key {key!r}; {_hint(key, list(hints))}")
            return None
        if key == "debts":
            return key, self._list(Debt, "household.debts", value)
        value = value.isoformat() if isinstance(value, date) else value
        accepted = _accepted(hints[key])
        if not isinstance(value, accepted) or isinstance(value, bool):
            names = " or ".join(dict.fromkeys(kind.__name__ for kind in accepted))
            self.problems.append(f"{where}: {key}: expected {names}, found {value!r}")
            return None
        if isinstance(value, list):
            if not all(isinstance(item, str) for item in value):
                self.problems.append(f"{where}: {key}: expected texts, found {value!r}")
                return None
            return key, tuple(value)
        return key, value


def _accepted(hint: Any) -> tuple[type, ...]:  # noqa: ANN401  (any annotation)
    if isinstance(hint, types.UnionType):
        kinds = (kind for part in get_args(hint) for kind in _accepted(part))
        return tuple(kind for kind in kinds if kind is not type(None))
    if get_origin(hint) is Literal:
        return (str,)
    origin = get_origin(hint) or hint
    also = {float: (float, int), tuple: (list,)}
    return also.get(origin, (origin,))


def _hint(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(
            f"{path}: can't be read: {error.strerror}; scenara finance client writes an example"
        ) from error
    except ValueError as error:  # TOML, text, or a number of thousands of digits
        raise ConfigError(f"{path}: not readable as TOML: {error}") from error


def _tables(
    path: Path, raw: Mapping[str, Any], person: Person | None, problems: list[str]
) -> dict[str, Any]:
    """Read instruments, then holdings, whose symbols must be among them."""
    found: dict[str, Any] = {}
    try:
        if _is_named(raw, "instruments"):
            found["instruments"] = read_instruments(path.parent / raw["instruments"])
        if _is_named(raw, "holdings"):
            found["holdings"] = read_holdings(
                path.parent / raw["holdings"],
                instruments=found.get("instruments"),
                on=person.day if person else None,
            )
    except ScenaraError as error:
        problems.append(str(error))
    return found
