"""What a generator is called in a report: its family, and the one that it chose where it chooses."""

from typing import Protocol

__all__ = ["Named", "used_family"]


class Named(Protocol):
    """Have a registered name, as generators of series and simulators do."""

    @property
    def family(self) -> str:
        """The registered name."""


def used_family(generator: Named) -> str:
    """Say which family writes the worlds.

    Args:
        generator: A fitted generator or simulator; one that chooses among families has a
            ``champion_``.

    Returns:
        Its family; for one that chooses, with the family that it chose.

    Example:
        >>> from scenara.shared.generators import make
        >>> used_family(make("series/bootstrap"))
        'series/bootstrap'
    """
    made = getattr(generator, "generator_", generator)
    champion = getattr(made, "champion_", None)
    return made.family if champion is None else f"{made.family} (chose {champion.family})"
