"""Generator of tables: a sequence of cells, each number of which is diffused from noise."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError
from scenara.shared.features import Coded, TableEncoder, join_state, split_state
from scenara.shared.generators.tables.base import TableGenerator
from scenara.shared.generators.tables.conditions import Conditions
from scenara.shared.generators.tables.diffusion_cells import Cells, normal_scores
from scenara.shared.generators.tables.diffusion_known import Table, cells_there, pinned
from scenara.shared.generators.tables.diffusion_network import CellNetwork
from scenara.shared.generators.tables.diffusion_paths import noise_levels
from scenara.shared.generators.tables.diffusion_walk import Known, walk
from scenara.shared.generators.tables.heads import Plan
from scenara.shared.generators.tables.margins import shares_of_codes
from scenara.shared.generators.tables.steering import aimed
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.training import (
    TrainingSettings,
    hold_out,
    initialised,
    torch_generator,
    train,
)
from scenara.shared.tuning import Choice, Space, Uniform, Whole
from scenara.shared.types import Array

__all__ = ["DiffusionTable"]

_NETWORK, _ENCODER = "network.", "encoder."
_CHUNK = 10_000
_HELD_OUT, _MOST_HELD = 0.1, 5_000


class DiffusionTable(TableGenerator):
    """Draw the cells of a row one after the other: codes by their odds, numbers out of noise.

    One network reads the cells drawn so far. For a level, a spike such as an exact 0, or a
    missing cell it gives odds. For a number it gives mean, spread and a context, and a small
    head of the column's own turns normal noise into the number by following a learned path for
    ``n_levels`` steps; so the law of a number given the cells before it can have any shape.

    While it learns, any cells of a row may be known beforehand. So rows are completed from
    whatever is known of them, and gaps in a table are filled. Conditions that one row in twenty
    fulfils are met by throwing the other rows away, as soon as their levels are drawn; of rarer
    ones single values are taken as known, or else the narrowest column is drawn first, from its
    margin.

    Args:
        n_levels: Steps from noise to a number; 6 is quick, 20 is thorough.
        width: Units in a layer of the network.
        n_blocks: Residual blocks of two layers.
        head_width: Units in a layer of a number's head.
        n_context: Numbers by which the network tells a head about the cells before.
        n_waves: Frequencies at which the network reads numbers.
        dropout: Share of units left out when learning; more of it for small tables.
        known_share: Share of rows of which some cells are known beforehand when learning.
        n_steps: Training steps at most.
        batch_size: Rows in a step.
        learning_rate: Highest learning rate.
        device: Where to train, see :class:`~scenara.shared.training.TrainingSettings`; rows are
            drawn on the CPU.
        random_state: Seed of the fit.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> frame = pd.DataFrame({"age": rng.integers(18, 80, 200)})
        >>> frame["retired"] = frame["age"] > 65
        >>> model = DiffusionTable(n_steps=20, width=64, random_state=0).fit(frame)
        >>> model.sample(3, given={"retired": True}, random_state=0)["retired"].tolist()
        [True, True, True]

    References:
        Zhang, Fang, Wu and Yu, 2024, Diffusion-nested auto-regressive synthesis of heterogeneous
        tabular data, https://arxiv.org/abs/2410.21523; Li, Tian, Li, Deng and He, 2024,
        Autoregressive image generation without vector quantization,
        https://arxiv.org/abs/2406.11838; Karras, Aittala, Aila and Laine, 2022, Elucidating the
        design space of diffusion-based generative models, https://arxiv.org/abs/2206.00364.
    """

    family: ClassVar[str] = "table/diffusion"
    can_impute: ClassVar[bool] = True

    history_: pd.DataFrame

    def __init__(
        self,
        *,
        n_levels: int = 10,
        width: int = 384,
        n_blocks: int = 2,
        head_width: int = 64,
        n_context: int = 32,
        n_waves: int = 6,
        dropout: float = 0.05,
        known_share: float = 0.3,
        n_steps: int = 1_000,
        batch_size: int = 256,
        learning_rate: float = 3e-3,
        device: str = "auto",
        random_state: int | None = None,
    ) -> None:
        self.n_levels = n_levels
        self.width = width
        self.n_blocks = n_blocks
        self.head_width = head_width
        self.n_context = n_context
        self.n_waves = n_waves
        self.dropout = dropout
        self.known_share = known_share
        self.n_steps = n_steps
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.device = device
        self.random_state = random_state

    @classmethod
    def search_space(cls) -> Mapping[str, Space]:
        """Give how the settings that matter most may vary."""
        return {
            "width": Choice((128, 256, 384, 512)),
            "n_blocks": Whole(1, 3),
            "head_width": Choice((32, 64, 128)),
            "dropout": Uniform(0.0, 0.4),
            "learning_rate": Uniform(1e-3, 6e-3, log=True),
            "n_steps": Choice((500, 1_000, 2_000, 4_000)),
        }

    def _fit(
        self, frame: pd.DataFrame, schema: Schema, *, progress: Progress, checkpoint: Path | None
    ) -> None:
        self._check_settings()
        encoder = TableEncoder(schema=schema).fit(frame)
        coded, plan = encoder.code(frame), Plan.of(encoder)
        self._table = Table(encoder, plan, len(frame), shares_of_codes(plan, coded))
        codes, _ = plan.read(coded)
        low, high = self._table.rooms(coded)
        self._network = initialised(self._new_network, random_state=self.random_state)
        self._network.start_from(torch.from_numpy(self._table.shares))
        # The same rows are held out whatever the seed, so that a fit without one can go on too.
        share = min(_HELD_OUT, _MOST_HELD / len(frame))
        kept, held = hold_out((codes, low, high), share=share, random_state=0)
        self.history_ = train(
            self._network,
            self._surprise,
            kept,
            validation=held,
            settings=self._training(),
            random_state=self.random_state,
            progress=progress,
            checkpoint=checkpoint,
        ).frame.drop(columns="seconds")
        self._network.cpu().eval()

    def _check_settings(self) -> None:
        for name in ("n_levels", "width", "n_blocks", "head_width", "n_context", "n_waves"):
            value, least = getattr(self, name), 2 if name == "n_levels" else 1
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise ConfigError(f"{name}: expected a whole number from {least}, found {value!r}")
        for name in ("dropout", "known_share"):
            value, top = getattr(self, name), 1.0 if name == "known_share" else 0.9
            if not isinstance(value, (int, float)) or not 0 <= value <= top:
                raise ConfigError(f"{name}: expected a number from 0 to {top:g}, found {value!r}")

    def _training(self) -> TrainingSettings:
        return TrainingSettings(
            n_steps=self.n_steps,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            ema_decay=0.995,
            validate_every=50,
            patience=8,
            checkpoint_every=100,
            device=self.device,
            bfloat16=False,
        )

    def _new_network(self) -> CellNetwork:
        cells = Cells(self._table.plan, n_waves=self.n_waves, n_context=self.n_context)
        return CellNetwork(
            cells,
            width=self.width,
            n_blocks=self.n_blocks,
            head_width=self.head_width,
            dropout=self.dropout,
        )

    def _surprise(
        self, network: CellNetwork, batch: tuple[Tensor, ...], rng: torch.Generator
    ) -> Tensor:
        """Give how badly a cell that is not known beforehand is foretold, on average."""
        codes, low, high = batch
        cells = network.cells
        shape = (len(codes), len(cells.plan.names))
        known = self._known_at_random(shape, rng)
        numbers, there = normal_scores(low, high, rng), cells.there(codes)
        features = network.features(codes, numbers, there)
        outputs = network(features, network.known_features(known))
        open_ = ~known[:, list(cells.columns)]
        open_[:, len(cells.plan.coded) :] &= there
        surprise = torch.cat(
            [
                network.code_surprise(outputs, codes),
                network.number_surprise(outputs, numbers, rng, n_draws=2),
            ],
            dim=1,
        )
        return (surprise * open_).sum() / open_.sum().clamp(min=1)

    def _known_at_random(self, shape: tuple[int, int], rng: torch.Generator) -> Tensor:
        """Say which cells are known beforehand when learning, (rows, columns).

        Of half the rows with known cells any number is known, for gaps; of the others one or two
        are, for conditions.
        """
        coin, share, some = torch.rand((3, shape[0], 1), generator=rng, device=rng.device)
        share = torch.where(coin < 0.5, share, min(1.0, 1.5 / shape[1]))
        known: Tensor = torch.rand(shape, generator=rng, device=rng.device) < share
        known &= some < self.known_share
        return known

    def _sample(self, n: int, given: Conditions, rng: np.random.Generator) -> pd.DataFrame:
        parts = []
        for first in range(0, n, _CHUNK):
            known, settled = pinned(self._table, given, min(_CHUNK, n - first), rng)
            coded, kept = self._walk(known, rng)
            for name, cells in settled.items():
                coded[name] = Coded(cells.codes[kept], cells.positions[kept])
            asked = Conditions({name: given[name] for name in settled}, given.schema)
            parts.append(aimed(self._table.encoder, asked).decode(coded, random_state=rng))
        return pd.concat(parts, ignore_index=True)

    def _impute(self, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        parts = []
        for first in range(0, len(frame), _CHUNK):
            rows = frame.iloc[first : first + _CHUNK]
            coded, _ = self._walk(cells_there(self._table, rows, torch_generator(rng)), rng)
            parts.append(self._table.encoder.decode(coded, random_state=rng))
        return pd.concat(parts).set_axis(frame.index)

    def _walk(self, known: Known, rng: np.random.Generator) -> tuple[dict[str, Coded], Array]:
        levels = noise_levels(self.n_levels, low=0.01, high=10.0)
        codes, numbers, kept = walk(self._network, known, levels, torch_generator(rng))
        coded = self._table.plan.write(codes.numpy(), numbers.double().numpy())
        return coded, kept.numpy()

    def _state(self) -> State:
        values, held = split_state(self._table.encoder.state())
        weights = self._network.state_dict()
        arrays = {_NETWORK + name: value.numpy() for name, value in weights.items()}
        arrays |= {_ENCODER + name: value for name, value in held.items()}
        return State(
            values={"encoder": values, "n_rows": self._table.n_rows},
            arrays={**arrays, "shares": self._table.shares},
            frames={"history": self.history_},
        )

    def _restore(self, state: State) -> None:
        parts = {
            start: {
                k.removeprefix(start): v for k, v in state.arrays.items() if k.startswith(start)
            }
            for start in (_NETWORK, _ENCODER)
        }
        encoder = TableEncoder.from_state(join_state(state.values["encoder"], parts[_ENCODER]))
        shares = np.array(state.arrays["shares"])
        self._table = Table(encoder, Plan.of(encoder), state.values["n_rows"], shares)
        self._network = self._new_network()
        weights = {name: torch.from_numpy(np.array(x)) for name, x in parts[_NETWORK].items()}
        self._network.load_state_dict(weights)
        self._network.eval()
        self.history_ = state.frames["history"]
