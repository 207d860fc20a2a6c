"""``scenara finance search``: settings of a strategy tried on real days and in worlds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scenara.finance.options import StudyOptions, StudyPriceOptions, defaulted
from scenara.finance.search_settings import SearchSettings
from scenara.shared.commands import Job, job_command
from scenara.shared.console import Out, Seed, one_source

if TYPE_CHECKING:
    from scenara.finance.study_folder import StudyResult

__all__ = ["add_search_command"]

_SEARCH = SearchSettings()


def add_search_command(app: typer.Typer) -> None:
    """Add the command ``search``.

    Args:
        app: Gets it.
    """

    @job_command(app, "scenara finance search", source=StudyPriceOptions, running=StudyOptions)
    def search(
        strategy: Annotated[
            str | None,
            typer.Option(
                help=defaulted(
                    "Strategy, with settings that stay the same in brackets", _SEARCH.strategy
                )
            ),
        ] = None,
        grid: Annotated[
            list[str] | None,
            typer.Option(
                help="How a setting varies, such as lookback=63,126,252 or, with --trials, "
                "lookback=21..252; say it again for another setting."
            ),
        ] = None,
        trials: Annotated[
            int | None,
            typer.Option(
                min=0, help="Draw this many settings instead of trying every combination."
            ),
        ] = None,
        objective: Annotated[
            str | None, typer.Option(help=defaulted("Figure to compare by", _SEARCH.objective))
        ] = None,
        family: Annotated[
            str | None, typer.Option(help=defaulted("Generator", _SEARCH.family))
        ] = None,
        n_paths: Annotated[
            int | None,
            typer.Option("--simulate", min=20, help=defaulted("Number of worlds", _SEARCH.n_paths)),
        ] = None,
        horizon: Annotated[
            int | None, typer.Option(min=21, help=defaulted("Days of a world", _SEARCH.horizon))
        ] = None,
        rebalance: Annotated[
            int | None,
            typer.Option(min=1, help=defaulted("Days between trades", _SEARCH.rebalance)),
        ] = None,
        costs: Annotated[
            float | None,
            typer.Option(
                min=0, help=defaulted("Costs, a fraction of the value traded", _SEARCH.costs)
            ),
        ] = None,
        out: Out = Path("search"),
        seed: Seed = None,
    ) -> Job:
        """Try settings of a strategy on real days and in worlds, and say what is luck."""
        return Job(_search, SearchSettings, grid=tuple(grid) if grid else None)


def _search(settings: SearchSettings, **how: Any) -> "StudyResult":  # noqa: ANN401
    from scenara.finance.search_study import run_search

    one_source(settings.data, settings.sample)
    return run_search(settings, **how)
