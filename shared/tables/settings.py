"""Settings of the table jobs, with the defaults that the command line shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scenara.shared.errors import ConfigError

__all__ = [
    "CompareSettings",
    "DescribeSettings",
    "EvaluateSettings",
    "FitSettings",
    "SampleSettings",
    "TableSource",
    "TuneSettings",
]


@dataclass(frozen=True, kw_only=True)
class TableSource:
    """Say which table a job reads.

    Args:
        data: File, web address or database URL; or None.
        sample: Name of a real sample data set; or None.
        query: SQL, for a database URL.
        schema: File with what the columns are; None infers it.
        seed: Same seed, same numbers.

    Raises:
        ConfigError: A number is out of its range.
    """

    data: str | None = None
    sample: str | None = None
    query: str | None = None
    schema: str | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        _at_least("seed", self.seed, 0)


@dataclass(frozen=True, kw_only=True)
class DescribeSettings(TableSource):
    """Say which table is described."""


@dataclass(frozen=True, kw_only=True)
class FitSettings(TableSource):
    """Say what is fitted on what.

    Args:
        family: Generator.
        settings: Its settings, by name.
        test_size: Share of the rows that it never sees, so that it can be evaluated on them.
        checkpoint: Folder that lets a fit go on after a crash; or None.
    """

    family: str = "table/auto"
    settings: Mapping[str, Any] = field(default_factory=dict)
    test_size: float = 0.0
    checkpoint: str | None = None

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        super().__post_init__()
        if not 0 <= self.test_size < 1:
            raise ConfigError(f"test_size: expected a share from 0 to 1, found {self.test_size}")


@dataclass(frozen=True, kw_only=True)
class SampleSettings:
    """Say which rows are wanted.

    Args:
        generator: Folder of a fitted generator, or of the run that fitted it.
        n: Number of rows.
        given: Conditions such as ``age=18..25``.
        balance: Column whose values are to occur equally often, or ``default=0:90|1:10``.
        seed: Same seed, same rows.
    """

    generator: str = ""
    n: int = 1_000
    given: tuple[str, ...] = ()
    balance: str | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what can't be sampled."""
        if not self.generator:
            raise ConfigError("expected --generator, the folder of a fitted generator; found none")
        _at_least("n", self.n, 1)
        _at_least("seed", self.seed, 0)


@dataclass(frozen=True, kw_only=True)
class EvaluateSettings(TableSource):
    """Say which generated rows are judged by which real ones.

    Args:
        train: Rows that the generator has learnt from; instead of ``data``.
        test: Rows that it never saw.
        generated: Generated rows.
        generator: Run that fitted a generator, instead of ``generated``.
        n: Rows to draw from the generator; None for as many as it has learnt from.
        target: Column that models predict.
        augmentation: Whether to measure also if adding generated rows makes a model better.
    """

    train: str | None = None
    test: str | None = None
    generated: str | None = None
    generator: str | None = None
    n: int | None = None
    target: str | None = None
    augmentation: bool = False


@dataclass(frozen=True, kw_only=True)
class CompareSettings(TableSource):
    """Say which families are compared on which table.

    Args:
        families: Their names.
        target: Column that models predict.
        test_size: Share of the rows that judges.
    """

    families: tuple[str, ...] = ("table/cart", "table/copula", "table/bootstrap")
    target: str | None = None
    test_size: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what can't be compared."""
        super().__post_init__()
        _share("test_size", self.test_size)
        if len(set(self.families)) < len(self.families) or not all(self.families):
            raise ConfigError(f"families: expected names that differ, found {list(self.families)}")


@dataclass(frozen=True, kw_only=True)
class TuneSettings(TableSource):
    """Say which family is tuned on which table.

    Args:
        family: Its name.
        settings: Settings that stay as they are.
        vary: Settings to vary and how, such as ``min_leaf=5..50``; none takes what the family
            declares.
        trials: Number of trials, those of earlier calls on the same storage included.
        storage: Folder that lets a search go on after a crash; or None.
        privacy_limit: Exposure beyond which a trial loses value.
        test_size: Share of the rows for the trials' judge, and as much for the winner's.
    """

    family: str = "table/cart"
    settings: Mapping[str, Any] = field(default_factory=dict)
    vary: tuple[str, ...] = ()
    trials: int = 30
    storage: str | None = None
    privacy_limit: float = 0.53
    test_size: float = 0.25

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        super().__post_init__()
        _at_least("trials", self.trials, 1)
        _share("test_size", self.test_size, highest=0.4)


def _at_least(name: str, found: int, lowest: int) -> None:
    if found < lowest:
        raise ConfigError(f"{name}: expected at least {lowest}, found {found}")


def _share(name: str, found: float, *, highest: float = 0.9) -> None:
    if not 0 < found <= highest:
        raise ConfigError(f"{name}: expected a share above 0, at most {highest:g}, found {found}")
