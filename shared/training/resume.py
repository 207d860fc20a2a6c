"""How a run is saved and how it goes on."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Generic

import torch
from torch import Tensor

from scenara.shared.training.checkpoint import (
    compare_fingerprints,
    digest,
    read_checkpoint,
    write_checkpoint,
)
from scenara.shared.training.history import Tally
from scenara.shared.training.run import Module, Run

__all__ = ["Keeper"]


class Keeper(Generic[Module]):
    """The checkpoint of a run."""

    def __init__(self, run: Run[Module], path: Path, *, seeded: bool) -> None:
        self.run = run
        self.path = path
        self.fingerprint = _fingerprint(run)
        if path.exists():
            self._read(seeded)

    def _read(self, seeded: bool) -> None:
        tensors, state = read_checkpoint(self.path)
        found = state["fingerprint"]
        if not seeded:
            self.fingerprint |= {name: found.get(name) for name in ("seed", "first weights")}
        compare_fingerprints(self.path, found=found, expected=self.fingerprint)
        self.run.seed = int(self.fingerprint["seed"])
        self.run.tally = Tally(**state["tally"])
        for part, names in _below(tensors).items():
            self._restore(part, names)

    def _restore(self, part: str, tensors: dict[str, Tensor]) -> None:
        run = self.run
        if part == "weights":
            run.module.load_state_dict(tensors)
        elif part == "average":
            run.average.module.load_state_dict(tensors)
        elif part == "best":
            run.best = {name: tensor.to(run.device) for name, tensor in tensors.items()}
        else:
            _load_optimiser(run.players[part.removeprefix("optimiser:")].optimiser, tensors)

    def write(self) -> None:
        """Write the state of the run."""
        run = self.run
        parts: dict[str, Mapping[str, Tensor]] = {
            "weights": run.module.state_dict(),
            "average": run.average.module.state_dict(),
            "best": run.best,
        }
        for name, player in run.players.items():
            parts[f"optimiser:{name}"] = _optimiser_tensors(player.optimiser)
        tensors = {
            f"{part}/{name}": x for part, named in parts.items() for name, x in named.items()
        }
        state = {"fingerprint": self.fingerprint, "tally": asdict(run.tally)}
        write_checkpoint(self.path, tensors, state)


def _below(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    parts: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        part, rest = name.split("/", 1)
        parts.setdefault(part, {})[rest] = tensor
    return parts


def _fingerprint(run: Run[Module]) -> dict[str, Any]:
    weights = run.module.state_dict()
    shapes = {name: [str(x.dtype), *x.shape] for name, x in weights.items()}
    settings = asdict(run.settings)
    # How often a run is saved changes nothing in what it gives.
    del settings["checkpoint_every"]
    return settings | {
        "device": str(run.device),
        "seed": run.seed,
        "players": list(run.players),
        "shapes of weights": shapes,
        "first weights": digest(list(weights.values())),
        "examples": digest(run.examples),
        "validation examples": digest(run.validation or ()),
    }


def _optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    state: Mapping[int, Mapping[str, Tensor]] = optimiser.state_dict()["state"]
    return {f"{index}/{name}": x for index, named in state.items() for name, x in named.items()}


def _load_optimiser(optimiser: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    state = {int(index): named for index, named in _below(tensors).items()}
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": state, "param_groups": groups})
