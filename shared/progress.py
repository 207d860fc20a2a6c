"""How long work tells how far it is: one callable, passed down, silent by default."""

from typing import Protocol

__all__ = ["Progress", "silent"]


class Progress(Protocol):
    """Receive the progress of one stage of work."""

    def __call__(self, stage: str, done: int, total: int, note: str = "") -> None:
        """Take note that ``done`` of ``total`` units of ``stage`` are finished.

        Args:
            stage: Short name of the work, the same in every call of one stage.
            done: Units finished so far.
            total: Units in all.
            note: A few words beside the bar, such as the current loss.
        """


def silent(stage: str, done: int, total: int, note: str = "") -> None:
    """Ignore all progress."""
