"""``scenara finance advise`` and ``client``: from a client's file to a plan."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scenara.finance.advisor.settings import AdviceSettings
from scenara.finance.options import PriceOptions, defaulted
from scenara.shared.commands import Job, job_command, names
from scenara.shared.console import Json, Out, Seed, print_result

if TYPE_CHECKING:
    from scenara.finance.study_folder import StudyResult

__all__ = ["add_advice_commands"]

_ADVICE = AdviceSettings()


def add_advice_commands(app: typer.Typer) -> None:
    """Add the commands of the advisor to finance's app.

    Args:
        app: Gets ``advise`` and ``client``.
    """
    job_command(app, "scenara finance advise", source=PriceOptions)(advise)
    app.command("client")(example_client)


def advise(
    client: Annotated[
        str | None, typer.Option(help=defaulted("The client's file", _ADVICE.client))
    ] = None,
    defensive: Annotated[
        str | None,
        typer.Option(help="Columns of --data that are no equity, such as bonds, with commas."),
    ] = None,
    families: Annotated[
        str | None, typer.Option(help=defaulted("Generators, with commas", _ADVICE.families))
    ] = None,
    n_paths: Annotated[
        int | None,
        typer.Option(min=100, help=defaulted("Worlds of each generator", _ADVICE.n_paths)),
    ] = None,
    glide_years: Annotated[
        float | None,
        typer.Option(
            help=defaulted("Years before a payment over which equity is cut", _ADVICE.glide_years)
        ),
    ] = None,
    wanted: Annotated[
        float | None, typer.Option(help=defaulted("Chance that remedies aim at", _ADVICE.wanted))
    ] = None,
    uncertain_means: Annotated[
        bool | None, typer.Option(help="Draw mean returns from their error in each world.")
    ] = None,
    out: Out = Path("advice"),
    seed: Seed = None,
) -> Job:
    """Make an investment plan for a household: what to hold, the chance of each goal, and why."""
    return Job(_advise, AdviceSettings, defensive=names(defensive), families=names(families))


def example_client(
    out: Annotated[Path, typer.Option("--out", help="Folder for the three files.")] = Path(
        "client"
    ),
    as_json: Json = False,
) -> None:
    """Write an example client's file with holdings and instruments, ready to be edited."""
    from scenara.finance.advisor.example import write_example

    path = write_example(out)
    print_result(
        {
            "client": str(path),
            "next": f"edit it, then: scenara finance advise --client {path} --out advice",
        },
        as_json=as_json,
    )


def _advise(settings: AdviceSettings, **how: Any) -> "StudyResult":  # noqa: ANN401
    from scenara.finance.advisor.client_file import AdviceRefusedError
    from scenara.finance.advisor.study import run_advice

    try:
        return run_advice(settings, **how)
    except AdviceRefusedError as refusal:
        lines = [f"scenara: {refusal.where}: no advice, for these reasons:"]
        lines += [f"- {reason}" for reason in refusal.reasons]
        sys.stderr.write("\n".join(lines) + "\n")
        raise typer.Exit(2) from refusal
