"""Commands that do one job: options common to all, settings, progress bars, the result."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import typer

from scenara.shared.config import configured
from scenara.shared.console import (
    Config,
    DataOption,
    Force,
    Json,
    Query,
    SampleOption,
    print_result,
    progress_bars,
)
from scenara.shared.errors import ConfigError

__all__ = ["Job", "JobOptions", "SourceOptions", "job_command", "names", "numbers"]

Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class SourceOptions:
    """Options that say which data a command reads."""

    data: DataOption = None
    sample: SampleOption = None
    query: Query = None


@dataclass(frozen=True)
class JobOptions:
    """Options that every job has behind its own."""

    config: Config = None
    force: Force = False
    as_json: Json = False


class _Result(Protocol):
    @property
    def summary(self) -> Mapping[str, Any]: ...


class Job:
    """Say which function does what a command promises, and on which settings.

    Args:
        run: Called with the settings, and by name with ``out``, ``command``, ``force`` and
            ``progress``; gives what has a ``summary``.
        settings: Frozen dataclass whose fields the options are.
        **read: Fields whose option holds words that are read first.
    """

    def __init__(
        self,
        run: Callable[..., _Result],
        settings: type,
        /,
        **read: Any,  # noqa: ANN401  (the settings' own fields)
    ) -> None:
        self.run = run
        self.settings = settings
        self.read = read


def job_command(
    app: typer.Typer,
    name: str,
    *,
    source: type | None = None,
    running: type = JobOptions,
) -> Callable[[Callable[..., Job]], Callable[..., Job]]:
    """Make a command of a function that has the command's own options and gives its job.

    The options of the source come before the function's own ones, those of every job behind
    them. All but ``out`` and those of every job are fields of the job's settings, where None
    leaves the field to the configuration file and to the default. Classes of options name each
    with its annotation and default, as a command's signature does.

    Args:
        app: Gets the command.
        name: All that is typed for it, such as ``scenara table fit``; it goes into the record.
        source: Options that say which data are read; None for no data.
        running: As ``JobOptions``; further options are passed on to the job.

    Returns:
        A decorator; the function's docstring is the command's help.
    """

    def add(describe: Callable[..., Job]) -> Callable[..., Job]:
        def call(**options: Any) -> None:  # noqa: ANN401  (each command's own options)
            how = {option: options.pop(option) for option in _options_of(running)}
            job = describe(**{option: options[option] for option in _options_of(describe)})
            out, config, as_json = options.pop("out"), how.pop("config"), how.pop("as_json")
            settings: Any = configured(job.settings, file=config, **{**options, **job.read})
            with progress_bars() as progress:
                result = job.run(settings, out=out, command=name, progress=progress, **how)
            print_result(result.summary, as_json=as_json)

        groups = (source, describe, running)
        options = [o for group in groups if group for o in _options_of(group).values()]
        call.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
        app.command(name.split()[-1], help=inspect.getdoc(describe))(call)
        return describe

    return add


def _options_of(group: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(group).parameters


def names(text: str | None) -> tuple[str, ...] | None:
    """Read names with commas between them.

    Args:
        text: What was typed; None for nothing.

    Example:
        >>> names("table/cart, table/copula")
        ('table/cart', 'table/copula')
    """
    return None if text is None else tuple(name.strip() for name in text.split(","))


def numbers(
    text: str | None, kind: Callable[[str], Number], *, option: str
) -> tuple[Number, ...] | None:
    """Read numbers with commas between them.

    Args:
        text: What was typed; None for nothing.
        kind: ``int`` or ``float``.
        option: Name of the option, for the message.

    Raises:
        ConfigError: One of them is no such number.

    Example:
        >>> numbers("1, 10,63", int, option="--horizons")
        (1, 10, 63)
    """
    try:
        return None if text is None else tuple(kind(number) for number in text.split(","))
    except ValueError:
        what = "whole numbers" if kind is int else "numbers"
        raise ConfigError(f"{option}: expected {what} with commas, found {text!r}") from None
