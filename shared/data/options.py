"""How a source is to be read: every setting of ``read`` in one checked value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from scenara.shared.errors import ConfigError

__all__ = ["MISSING", "FileFormat", "ReadOptions"]

FileFormat = Literal["csv", "parquet", "json", "jsonl"]

MISSING = ("", "#N/A", "N/A", "NA", "NULL", "NaN", "n/a", "nan", "null", "<NA>")
"""Cells of a text file that mean "no value"; ``None`` is a level in many tables, so not here."""


@dataclass(frozen=True)
class ReadOptions:
    """Hold the settings of one reading; ``scenara.shared.data.read`` says what each means.

    Raises:
        ConfigError: If a setting can't be meant.

    Example:
        >>> ReadOptions(separator=";", decimal=",").decimal
        ','
    """

    query: str | None = None
    columns: Sequence[str] | None = None
    maximum_columns: int | None = None
    file_format: FileFormat | None = None
    records: str | None = None
    separator: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    missing: Sequence[str] = MISSING
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 30.0
    retries: int = 3

    def __post_init__(self) -> None:
        """Refuse settings that contradict themselves."""
        if self.file_format not in (None, *get_args(FileFormat)):
            known = ", ".join(get_args(FileFormat))
            raise ConfigError(f"file_format={self.file_format!r} is not known; choose of {known}")
        if self.separator is not None and (len(self.separator) != 1 or self.separator in '\r\n"'):
            raise ConfigError(f"separator={self.separator!r}: expected one character such as ';'")
        if self.decimal not in (None, ".", ","):
            raise ConfigError(f"decimal={self.decimal!r}: expected '.' or ','")
        if self.decimal is not None and self.decimal == self.separator:
            raise ConfigError(f"separator and decimal are both {self.decimal!r}; change one")
        if not self.timeout > 0:
            raise ConfigError(f"timeout={self.timeout}: expected seconds above 0")
        if self.retries < 0:
            raise ConfigError(f"retries={self.retries}: expected 0 or more")
        for header, value in self.headers.items():
            if not (value.isascii() and value.isprintable()):
                raise ConfigError(f"headers: {header!r} has a value that HTTP can't carry")
