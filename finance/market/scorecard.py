"""The scorecard of generated market paths, beside the noise floor and the baselines."""

import json
from collections.abc import Mapping
from importlib.resources import files

import numpy as np

from scenara.finance.market.extremes import explosion_share, joint_spike_share
from scenara.finance.market.facts import (
    MEASURES,
    Facts,
    Returns,
    distances,
    stylised_facts,
    windows,
)
from scenara.finance.market.facts.panel import N_QUARTERS, QUARTER
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation import (
    NoiseFloor,
    Score,
    Scorecard,
    exchangeable_floor,
    path_copy_share,
)
from scenara.shared.progress import Progress, silent
from scenara.shared.types import FloatArray, RandomState

__all__ = ["HISTORY", "WINDOW", "load_floor", "noise_floor", "score_paths"]

HISTORY = "history"
"""Name of the baseline that is the training years themselves."""

WINDOW = 251
"""Days in a window of the protocol: eight of them fill the eight years held out."""


def score_paths(
    real: Returns,
    generated: FloatArray,
    *,
    length: int | None = None,
    train: Returns | None = None,
    floor: NoiseFloor | None = None,
    baselines: Mapping[str, Returns] | None = None,
) -> Scorecard:
    """Score generated paths by their distances from real returns, group by group.

    Each of the 24 distances stands beside the noise floor (what real windows score against
    other real windows) and the baselines (what the training years and simpler generators
    score against the same real returns). The overall score is the geometric mean of distance
    over floor; 1 is as good as real data are on average.

    Args:
        real: Daily log returns the generator has not seen, shape ``(days, assets)``.
        generated: Paths of daily log returns, shape ``(paths, days, assets)``.
        length: Days in a window; by default the days of a path, at most 251.
        train: What the generator has seen. It becomes the baseline ``history`` and is what
            copies and explosions are measured against.
        floor: Noise floor for this length; by default computed from ``real`` and ``train``,
            which takes some seconds.
        baselines: Other panels or paths to be scored in the same way, by name.

    Returns:
        The scorecard. Its extras are ``auc`` (detector), ``joint_spikes`` and, with ``train``,
        ``path_copy`` and ``explosions``.

    Raises:
        DataError: If returns are not finite, too short, of one asset only or of other assets
            than ``real``.
        ConfigError: If the floor is for another length or lacks a measure.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> real, train = rng.normal(0, 0.01, size=(2, 1000, 3))
        >>> same_law = rng.normal(0, 0.01, size=(100, 250, 3))
        >>> floor = noise_floor(np.vstack([train, real]), length=250, n_test=4, n_draws=5)
        >>> card = score_paths(real, same_law, train=train, floor=floor)
        >>> card.overall < 2, card["corr"].group
        (True, 'cross')
    """
    length = length or min(WINDOW, np.shape(generated)[1])
    if floor is None:
        floor = _floor_of_known(real, train, length)
    _check_floor(floor, length)
    known = {} if train is None else {HISTORY: train}
    facts = stylised_facts(real, length=length)
    measured = _measure(facts, generated)
    beside = {k: _measure(facts, v) for k, v in {**known, **(baselines or {})}.items()}
    scores = tuple(
        Score(
            measure=measure.name,
            group=measure.group,
            value=measured[measure.name],
            floor=floor.mean[measure.name],
            baselines={name: values[measure.name] for name, values in beside.items()},
            floor_low=floor.low[measure.name],
            floor_high=floor.high[measure.name],
            meaning=measure.meaning,
        )
        for measure in MEASURES
    )
    extras = {"auc": measured["auc"], **_alarms(generated, train)}
    return Scorecard(scores, extras=extras, about={"length": length, "floor": dict(floor.about)})


def noise_floor(
    returns: Returns,
    *,
    length: int = WINDOW,
    n_test: int | None = None,
    n_draws: int = 60,
    random_state: RandomState = 0,
    progress: Progress = silent,
) -> NoiseFloor:
    """Measure how far random real windows are from the other real windows.

    Args:
        returns: All real returns, a panel ``(days, assets)`` or windows
            ``(windows, days, assets)``.
        length: Days in a window.
        n_test: Windows in the test part; by default a quarter of them, as in the time split.
        n_draws: Number of random parts.
        random_state: Seed of the draws.
        progress: Told of each draw.

    Returns:
        Mean, tenth and ninetieth percentile of each distance and of ``auc``.

    Raises:
        DataError: If returns are not finite, or there are too few days for windows on both
            sides.

    Example:
        >>> returns = np.random.default_rng(0).normal(0, 0.01, size=(1200, 3))
        >>> floor = noise_floor(returns, length=200, n_test=3, n_draws=5)
        >>> 0 < floor.low["w1"] < floor.high["w1"] < 0.2
        True
    """
    units = windows(returns, length=length)
    fewest = -(-N_QUARTERS // (length // QUARTER))
    if len(units) < 2 * fewest:
        raise DataError(
            f"returns: found {len(units)} windows of {length} days, expected at least "
            f"{2 * fewest} for a noise floor; give more days or the floor of another panel"
        )

    def measure(test: FloatArray, others: FloatArray) -> dict[str, float]:
        return _measure(stylised_facts(test, length=length), others)

    return exchangeable_floor(
        units,
        measure,
        n_test=n_test or max(fewest, round(len(units) / 4)),
        n_draws=n_draws,
        about={"length": length, "n_assets": units.shape[2]},
        scored=[measure.name for measure in MEASURES],
        random_state=random_state,
        progress=progress,
    )


def load_floor(name: str = "sp500") -> NoiseFloor:
    """Load a noise floor that was computed beforehand.

    Args:
        name: Name of the panel; ``sp500`` is 20 US stocks, 1990 to 2022, windows of 251 days.

    Returns:
        The floor; its ``about`` says how it was computed.

    Raises:
        ConfigError: If there is no floor of that name.

    Example:
        >>> load_floor("sp500").about["length"]
        251
    """
    floors = json.loads(files("scenara.finance.market").joinpath("floor.json").read_text("utf-8"))
    if name not in floors:
        raise ConfigError(f"noise floor: found no {name!r}, expected one of {sorted(floors)}")
    return NoiseFloor.from_dict(floors[name])


def _measure(facts: Facts, returns: Returns) -> dict[str, float]:
    return distances(facts, stylised_facts(returns, length=facts.length, reference=facts))


def _alarms(generated: FloatArray, train: Returns | None) -> dict[str, float]:
    alarms = {"joint_spikes": joint_spike_share(generated)}
    if train is not None:
        seen = np.asarray(train, float)
        alarms["path_copy"] = path_copy_share(generated, seen).share
        alarms["explosions"] = explosion_share(generated, seen)
    return alarms


def _floor_of_known(real: Returns, train: Returns | None, length: int) -> NoiseFloor:
    parts = [windows(part, length=length) for part in (train, real) if part is not None]
    if len({part.shape[2] for part in parts}) > 1:
        raise DataError(
            f"train: found {parts[0].shape[2]} assets, expected {parts[-1].shape[2]} as in real"
        )
    units = np.concatenate(parts)
    return noise_floor(units, length=length, n_test=min(len(parts[-1]), len(units) // 2))


def _check_floor(floor: NoiseFloor, length: int) -> None:
    found = floor.about.get("length", length)
    if found != length:
        raise ConfigError(
            f"floor: found one for windows of {found} days, expected {length}; pass "
            f"length={found} or compute noise_floor(returns, length={length})"
        )
    missing = [m.name for m in MEASURES if m.name not in floor.mean]
    if missing:
        raise ConfigError(f"floor: found no {missing[0]!r}, expected all {len(MEASURES)} measures")
