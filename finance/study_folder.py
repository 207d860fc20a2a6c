"""What every study of prices gives and writes down: tables, and where its numbers come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from scenara.finance.market.results import Provenance
from scenara.finance.market.source import MarketData, weekdays_without_prices
from scenara.shared.run import Run

__all__ = ["StudyResult", "provenance", "write_tables"]


@dataclass(frozen=True)
class StudyResult:
    """Hold where a study's report stands, and its main figures.

    Args:
        report: Path of the report.
        summary: Name -> figure, ready for JSON.
    """

    report: Path
    summary: Mapping[str, Any]


def provenance(
    market: MarketData, run: Run, *, seed: int, command: str, notes: Mapping[str, str] | None = None
) -> Provenance:
    """Say how a study's results were made.

    Args:
        market: The returns that it read.
        run: The run that made them.
        seed: Its seed.
        command: What was called.
        notes: Further facts, by their names.

    Returns:
        The account of it, for the report.
    """
    return Provenance(
        data=market.name,
        file=market.file,
        sha256=market.sha256,
        seed=seed,
        command=command,
        versions=run.record["versions"],
        durations=run.durations,
        notes={
            "Weekdays without prices": weekdays_without_prices(market.returns.index),
            **(notes or {}),
        },
    )


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path, *, csv: bool) -> None:
    """Write tables as Parquet.

    Args:
        tables: Name of the file, without its end -> table.
        folder: Where they go.
        csv: Whether to write them as CSV too.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_tables({"scores": pd.DataFrame({"score": [1.0]})}, folder, csv=True)
        >>> sorted(path.name for path in folder.iterdir())
        ['scores.csv', 'scores.parquet']
    """
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet", index=False)
        if csv:
            table.to_csv(folder / f"{name}.csv", index=False)
