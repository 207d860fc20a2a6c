"""What a job of the command line gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["JobResult"]


@dataclass(frozen=True)
class JobResult:
    """Hold where a job's result stands, and its main figures.

    Args:
        path: The report; for sampling, the rows.
        summary: Name -> figure, ready for JSON.
    """

    path: Path
    summary: Mapping[str, Any]
