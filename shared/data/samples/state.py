"""Say where a sample data set is at the moment: in the cache, in an installed package, or away."""

from enum import StrEnum

from scenara.shared.data.samples.archive import installed_parts
from scenara.shared.data.samples.cache import is_cached
from scenara.shared.data.samples.entry import Sample

__all__ = ["State", "state_of"]


class State(StrEnum):
    """Where the bytes of a sample are."""

    CACHED = "cached"
    INSTALLED = "installed"
    REMOTE = "remote"


def state_of(sample: Sample) -> State:
    """Say where a sample can be loaded from now.

    Args:
        sample: The sample.

    Returns:
        Whether it is in the cache, in an installed package, or has to be fetched.
    """
    if is_cached(sample):
        return State.CACHED
    return State.REMOTE if installed_parts(sample) is None else State.INSTALLED
