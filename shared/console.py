"""What every command of the command line shares: options, progress bars, errors, results."""

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from scenara.shared.errors import ConfigError, ScenaraError
from scenara.shared.progress import Progress

__all__ = [
    "Config",
    "DataOption",
    "Force",
    "Json",
    "Out",
    "Query",
    "SampleOption",
    "Seed",
    "new_app",
    "one_source",
    "print_result",
    "progress_bars",
    "run_app",
]

DataOption = Annotated[
    str | None,
    typer.Option("--data", help="CSV or Parquet file, web address, or database URL with --query."),
]
SampleOption = Annotated[
    str | None, typer.Option("--sample", help="A real data set; see: scenara samples list.")
]
Query = Annotated[str | None, typer.Option("--query", help="SQL, for a database URL in --data.")]
Out = Annotated[Path, typer.Option("--out", help="Output folder; it appears whole or not at all.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the output folder if it exists.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Same seed, same numbers.")]
Config = Annotated[
    Path | None, typer.Option("--config", help="TOML file with settings; options beat it.")
]

_SHOW_AFTER_SECONDS = 2.0


def new_app(summary: str) -> typer.Typer:
    """Give an empty Typer app with the suite's settings.

    Args:
        summary: First line of its help.
    """
    return typer.Typer(help=summary, no_args_is_help=True, pretty_exceptions_enable=False)


def run_app(app: typer.Typer, arguments: Sequence[str] | None = None) -> NoReturn:
    """Run an app and end the process: 0 done, 2 for wrong input, 1 (traceback) for our defects.

    Args:
        app: The app to run.
        arguments: What was typed behind its name; by default the process's arguments.
    """
    try:
        app(arguments)
    except ScenaraError as error:
        line = " ".join(str(error).split())
        sys.stderr.write(f"scenara: {line}\n")
        sys.exit(2)
    sys.exit(0)


def one_source(data: str | None, sample: str | None) -> None:
    """Refuse a command that has no source of data, or two.

    Args:
        data: Value of ``--data``.
        sample: Value of ``--sample``.

    Raises:
        ConfigError: None or both are given.
    """
    if (data is None) == (sample is None):
        found = "neither" if data is None else "both"
        raise ConfigError(f"expected one of --data and --sample, found {found}")


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Show progress bars on stderr for what takes over two seconds; silent off a terminal.

    Yields:
        The callable to pass down as ``progress``.
    """
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    columns = TextColumn("{task.description:<28}"), BarColumn(), TextColumn("{task.fields[note]}")
    bars = Bars(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal)
    start, tasks = time.monotonic(), {}

    def report(stage: str, done: int, total: int, note: str = "") -> None:
        if stage not in tasks:
            tasks[stage] = bars.add_task(stage, note=note)
        bars.update(tasks[stage], completed=done, total=total, note=note)
        if time.monotonic() - start > _SHOW_AFTER_SECONDS:
            bars.start()

    try:
        yield report
    finally:
        bars.stop()


def print_result(result: Mapping[str, Any], *, as_json: bool) -> None:
    """Print a command's result on stdout.

    Args:
        result: Name -> value; JSON-able.
        as_json: Print JSON instead of lines.
    """
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    for name, value in result.items():
        typer.echo(f"{name}: {value}")
