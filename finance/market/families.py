"""Several families of simulators fitted on the same days and judged by the same later ones."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from scenara.finance.market.certificate import Certificate, certify
from scenara.finance.market.extremes import explosion_share, joint_spike_share
from scenara.finance.market.facts import windows
from scenara.finance.market.results import MarketScores
from scenara.finance.market.scorecard import HISTORY, score_paths
from scenara.finance.market.source import MarketData
from scenara.shared.errors import ConfigError
from scenara.shared.evaluation import NoiseFloor, Scorecard, path_copy_share
from scenara.shared.generators import make
from scenara.shared.generators.series import SeriesGenerator, Worlds
from scenara.shared.progress import Progress, silent
from scenara.shared.types import FloatArray

__all__ = [
    "CERTIFICATE",
    "Simulated",
    "certify_all",
    "family_scores",
    "make_simulator",
    "simulate",
]

CERTIFICATE = "certificate"
"""Where worlds on disk keep the certificate of the generator that made them."""


@dataclass(frozen=True)
class Simulated:
    """Hold what one family made of the training days.

    Args:
        worlds: Daily log returns, with the days before each world.
        generator: The fitted generator; None where the worlds were read from a file.
        fit_cpu_s: CPU seconds of the fit.
        sample_cpu_s: CPU seconds of the sampling.
    """

    worlds: Worlds
    generator: SeriesGenerator | None = None
    fit_cpu_s: float = float("nan")
    sample_cpu_s: float = float("nan")


def make_simulator(
    family: str,
    **settings: Any,  # noqa: ANN401  (each family's own settings)
) -> SeriesGenerator:
    """Make an unfitted generator of series.

    Args:
        family: Registered name, such as ``series/bootstrap``.
        **settings: Constructor arguments of the family.

    Raises:
        ConfigError: The family or a setting is unknown, or it writes something else than series.

    Example:
        >>> make_simulator("series/bootstrap").family
        'series/bootstrap'
    """
    generator = make(family, **settings)
    if not isinstance(generator, SeriesGenerator):
        raise ConfigError(f"{family}: expected a generator of series, found one of another kind")
    return generator


def simulate(
    train: pd.DataFrame,
    family: str,
    *,
    n_paths: int,
    horizon: int,
    seed: int,
    n_past: int = 0,
    progress: Progress = silent,
) -> Simulated:
    """Fit a family on training days and write worlds.

    Args:
        train: Daily log returns, days by assets.
        family: Registered name of the generator.
        n_paths: Number of worlds.
        horizon: Days of a world.
        seed: Seed of the fit and of the worlds.
        n_past: Days simulated before each world begins.
        progress: Told how far the fit is.

    Returns:
        The worlds, the generator and what they cost.

    Raises:
        DataError: The family can't learn from these days.
        ConfigError: The family is unknown.
    """
    generator = make_simulator(family)
    if "random_state" in generator.get_params():
        generator.set_params(random_state=seed)

    def report(stage: str, done: int, total: int, note: str = "") -> None:
        progress(f"{stage} {family}", done, total, note)

    clock = [time.process_time()]
    generator.fit(train, progress=report)
    clock.append(time.process_time())
    progress(f"sample {family}", 0, 1)
    paths = generator.sample(n_paths, horizon=n_past + horizon, random_state=seed)
    clock.append(time.process_time())
    progress(f"sample {family}", 1, 1)
    return Simulated(
        worlds=Worlds(paths, generator.channels_, n_past, {"family": family, "seed": str(seed)}),
        generator=generator,
        fit_cpu_s=clock[1] - clock[0],
        sample_cpu_s=clock[2] - clock[1],
    )


def certify_all(
    market: MarketData,
    simulated: Mapping[str, Simulated],
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> dict[str, Certificate]:
    """Certify each family, or refuse to; worlds from a file bring the certificate they have.

    Args:
        market: The days that were learned from.
        simulated: Family -> its generator or worlds.
        seed: Seed of the trial.
        progress: Told how far it is.

    Returns:
        Family -> certificate; worlds of unknown origin have none.

    Raises:
        DataError: A file holds no readable certificate where there should be one.
    """
    certificates = {}
    for family, made in simulated.items():
        if made.generator is not None:
            certificates[family] = certify(
                made.generator, market.train, random_state=seed, progress=progress
            )
        elif told := made.worlds.origin.get(CERTIFICATE):
            certificates[family] = Certificate.from_json(told)
    return certificates


def family_scores(
    market: MarketData,
    simulated: Mapping[str, Simulated],
    *,
    length: int,
    floor: NoiseFloor,
    progress: Progress = silent,
) -> MarketScores:
    """Judge the worlds of several families by the same later days.

    Args:
        market: The days that were learned from, and the later ones.
        simulated: Family -> its worlds.
        length: Days in a window of the scorecard.
        floor: Noise floor for windows of that length.
        progress: Told of each family.

    Returns:
        Distances of each family beside floor and history, and the headlines.

    Raises:
        DataError: Worlds and later days have other assets, or are too short.
    """
    cards = {}
    for done, (family, made) in enumerate(simulated.items(), start=1):
        cards[family] = score_paths(
            market.later, _last_days(made.worlds, length), train=market.train, floor=floor
        )
        progress("judge", done, len(simulated), family)
    headlines = _headlines(market, simulated, cards, length)
    return MarketScores.from_cards(cards, headlines=headlines, perfect=floor.overall)


def _last_days(worlds: Worlds, length: int) -> FloatArray:
    """Give the last days of each path, from before the world where that is shorter."""
    return worlds.paths[:, -length:]


def _headlines(
    market: MarketData,
    simulated: Mapping[str, Simulated],
    cards: Mapping[str, Scorecard],
    length: int,
) -> pd.DataFrame:
    rows = {
        family: {
            "auc": card.extras["auc"],
            "path_copy": card.extras["path_copy"],
            "explosions": card.extras["explosions"],
            "spikes": card.extras["joint_spikes"],
            "fit_cpu_s": simulated[family].fit_cpu_s,
            "sample_cpu_s": simulated[family].sample_cpu_s,
        }
        for family, card in cards.items()
    }
    seen, later = market.train.to_numpy(), market.later.to_numpy()
    later_windows = windows(market.later, length=length)
    detected = next(iter(cards.values()))["c2st"].baselines[HISTORY]
    rows[HISTORY] = {
        "auc": 0.5 + detected / 2,
        "path_copy": 1.0,
        "explosions": 0.0,
        "spikes": joint_spike_share(seen[None]),
    }
    rows["later years"] = {
        "auc": 0.5,
        "path_copy": path_copy_share(later_windows, seen).share,
        "explosions": explosion_share(later_windows, seen),
        "spikes": joint_spike_share(later[None]),
    }
    return pd.DataFrame.from_dict(rows, orient="index").astype(np.float64)
