"""Assets by their names: which column of the returns a setting means."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from scenara.shared.errors import ConfigError

__all__ = ["check_names", "find_assets", "nearest"]


def find_assets(wanted: Iterable[str], assets: Sequence[str], *, setting: str) -> list[int]:
    """Find the columns of named assets.

    Args:
        wanted: Names that a setting holds.
        assets: Name of each column.
        setting: Name of the setting, for messages.

    Returns:
        Number of each column, in the order of the names.

    Raises:
        ConfigError: There is no asset of that name, or assets have no names.

    Example:
        >>> find_assets(["AGG"], ["SPY", "AGG"], setting="bonds")
        [1]
    """
    wanted = list(wanted)
    if wanted and not assets:
        raise ConfigError(f"{setting}: the returns name no assets; give a frame with their names")
    places = {name: place for place, name in enumerate(assets)}
    unknown = [name for name in wanted if name not in places]
    if unknown:
        raise ConfigError(
            f"{setting}: there is no asset {unknown[0]!r}; {nearest(unknown[0], assets)}"
        )
    return [places[name] for name in wanted]


def check_names(names: Sequence[str], *, setting: str) -> None:
    """Refuse what is no list of different names.

    Args:
        names: Names that a setting holds.
        setting: Name of the setting, for messages.

    Raises:
        ConfigError: It is no list, one is no text, or stands there twice.

    Example:
        >>> check_names(["AGG", "TLT"], setting="bonds")
    """
    wrong = [name for name in names if not isinstance(name, str)]
    if wrong or isinstance(names, str):
        found = wrong[0] if wrong else names
        raise ConfigError(f"{setting}: expected a list of names such as ['AGG'], found {found!r}")
    twice = [name for name in names if list(names).count(name) > 1]
    if twice:
        raise ConfigError(f"{setting}: {twice[0]!r} is there twice; leave one out")


def nearest(name: str, known: Sequence[str]) -> str:
    """Say what may have been meant, and what is known.

    Args:
        name: A name that is not known.
        known: The names that are.

    Returns:
        The end of a message.

    Example:
        >>> nearest("momentun", ["momentum", "mix"])
        "did you mean 'momentum'? Known: momentum, mix"
    """
    near = get_close_matches(name, known, n=1, cutoff=0.0)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return f"{meant}Known: {', '.join(known) or 'none'}"
