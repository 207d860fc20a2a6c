"""The ``scenara`` command; verticals and their demos are found by entry point."""

import os
import signal
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer

from scenara.shared import __version__
from scenara.shared.console import Force, Out, Seed, new_app, progress_bars, run_app
from scenara.shared.samples_cli import app as samples_app
from scenara.shared.tables_cli import app as tables_app

__all__ = ["app", "main"]


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"scenara {__version__}")
        raise typer.Exit


def _app() -> typer.Typer:
    app = new_app("Learn from real data, write plausible worlds, run decisions through them.")
    app.callback()(_root)
    app.command("demo")(_demo)
    app.add_typer(samples_app, name="samples", help="Real sample data sets.")
    app.add_typer(tables_app, name="table", help="Generators of tables, and judging their rows.")
    for point in entry_points(group="scenara.verticals"):
        app.add_typer(point.load(), name=point.name)
    return app


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    pass


def _demo(out: Out = Path("demo"), seed: Seed = 0, force: Force = False) -> None:
    """Run the main job of each vertical on real data and write a report."""
    for point in sorted(entry_points(group="scenara.demos"), key=lambda point: point.name):
        run = point.load()
        with progress_bars() as progress:
            reports = run(out, seed=seed, force=force, progress=progress)
        for report in reports if isinstance(reports, list) else [reports]:
            typer.echo(report)


app = _app()


def main() -> None:
    """Run the command line."""
    # Threads that spin while they wait slow a shared machine down; read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    signal.signal(signal.SIGTERM, _end)
    run_app(app)


def _end(number: int, frame: object) -> None:
    """Leave as on Ctrl-C, so that half-written folders are removed."""
    raise SystemExit(128 + number)
