"""How a generator that chose another keeps it, with the table that says why it was chosen."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from scenara.shared.generators.base import Generator
from scenara.shared.generators.registry import make
from scenara.shared.store import Artifact, State, canonical_json, sha256

__all__ = ["MEASURED", "champion_state", "repeatable_fingerprint", "restored_champion"]

MEASURED = "fit_cpu_s"
"""Column of the selection that holds measured seconds, which no two runs have in common."""

_CHAMPION = "champion."
_FRAME = "champion-"


def champion_state(champion: Generator, selection: pd.DataFrame) -> State:
    """Give what a generator keeps that consists of the one it chose.

    Args:
        champion: The chosen generator, fitted.
        selection: Why it was chosen.
    """
    state = champion.state()
    about = {
        "family": champion.family,
        "settings": champion.get_params(deep=False),
        "values": dict(state.values),
    }
    return State(
        values={"champion": about},
        arrays={_CHAMPION + name: array for name, array in state.arrays.items()},
        frames={
            "selection": selection,
            **{_FRAME + name: frame for name, frame in state.frames.items()},
        },
    )


def restored_champion(state: State) -> tuple[Generator, pd.DataFrame]:
    """Give the champion and the table of reasons that :func:`champion_state` kept.

    Args:
        state: From a saved artifact.
    """
    about = state.values["champion"]
    inner = State(
        values=about["values"],
        arrays=_below(_CHAMPION, state.arrays),
        frames=_below(_FRAME, state.frames),
    )
    champion = make(about["family"], **about["settings"])
    return champion.restore(inner), state.frames["selection"]


def repeatable_fingerprint(generator: Generator) -> str:
    """Give a checksum of the settings and the fitted state, measured seconds left out.

    Args:
        generator: One that keeps a ``selection``.

    Raises:
        NotFittedError: The generator is not fitted.
    """
    state = generator.state()
    frames = {
        name: frame.drop(columns=MEASURED) if name == "selection" else frame
        for name, frame in state.frames.items()
    }
    kept = replace(state, frames=frames)
    artifact = Artifact("generator", generator.family, generator.get_params(), kept)
    digests = {name: sha256(content) for name, content in artifact.contents().items()}
    return sha256(canonical_json({"family": generator.family, "files": digests}))


def _below(prefix: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    return {name[len(prefix) :]: part for name, part in parts.items() if name.startswith(prefix)}
