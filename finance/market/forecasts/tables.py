"""Tables of scores: each model beside a reference, with the test and the set it is in."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from scenara.finance.market.forecasts.comparison import confidence_set, diebold_mariano
from scenara.finance.market.forecasts.quantities import PORTFOLIO, Cell, Quantities
from scenara.finance.market.forecasts.rolling import ForecastScores
from scenara.shared.errors import ConfigError
from scenara.shared.types import FloatArray

__all__ = ["ASSETS", "SCORES", "compare", "coverage", "losses"]

ASSETS: Final = "assets"
"""The group of all assets beside the portfolio."""

SCORES: Final = {
    "crps": "CRPS",
    "log": "log score",
    "quantile": "quantile loss",
    "energy": "energy score",
}
COVERAGES: Final = (0.5, 0.8, 0.95)


def losses(
    scores: Mapping[str, ForecastScores],
    quantities: Quantities,
    *,
    score: str,
    cell: Cell,
    group: str,
) -> pd.DataFrame:
    """Give the losses of each model on each origin.

    Args:
        scores: Name -> scores of the same origins.
        quantities: What was forecast.
        score: One of ``SCORES``.
        cell: Which forecast.
        group: ``"portfolio"``, or ``"assets"`` for the mean over them.

    Returns:
        Origins by models; the energy score leaves out models that don't join the assets.

    Raises:
        ConfigError: The score or the group is not known, or has no such cell.
    """
    if score not in SCORES or group not in (PORTFOLIO, ASSETS):
        raise ConfigError(
            f"expected a score among {', '.join(SCORES)} of {PORTFOLIO} or {ASSETS}, "
            f"found {score!r} of {group!r}"
        )
    if score == "energy":
        if group != ASSETS or cell.quantity != "return":
            raise ConfigError("energy: expected the returns of the assets")
        place = quantities.return_days.index(cell.days)
        columns = {name: found.energy[:, place] for name, found in scores.items()}
        return pd.DataFrame(columns).dropna(axis=1)
    place = quantities.cells.index(cell)
    chosen = {name: _losses_of(found, score)[:, place] for name, found in scores.items()}
    targets = slice(0, 1) if group == PORTFOLIO else slice(1, None)
    return pd.DataFrame({name: part[:, targets].mean(axis=1) for name, part in chosen.items()})


def _losses_of(scores: ForecastScores, score: str) -> FloatArray:
    if score == "quantile":
        return np.asarray(scores.quantile.mean(axis=1))
    return scores.crps if score == "crps" else scores.log


def compare(
    scores: Mapping[str, ForecastScores],
    quantities: Quantities,
    *,
    reference: str,
    every: int = 1,
    size: float = 0.10,
    n_repetitions: int = 500,
    random_state: int = 0,
) -> pd.DataFrame:
    """Compare models cell by cell.

    Args:
        scores: Name -> scores of the same origins.
        quantities: What was forecast.
        reference: The model that the others are tested against.
        every: Days between forecasts.
        size: Chance that a model confidence set misses the best model.
        n_repetitions: Bootstrap samples of the confidence set.
        random_state: Seed of the bootstrap.

    Returns:
        One row a score, group, cell and model: ``score``, ``group``, ``quantity``, ``days``,
        ``model``, ``mean`` (loss), ``against`` (the ratio to the reference; of log scores the
        difference), ``statistic``, ``p_value`` and ``stars`` of Diebold and Mariano's test
        against the reference, ``set_p_value`` and ``in_set``.

    Raises:
        ConfigError: The reference is not among the models.
        DataError: Too few origins.
    """
    if reference not in scores:
        raise ConfigError(f"reference: expected one of {sorted(scores)}, found {reference!r}")
    rows = []
    for score, group, cell in _places(quantities):
        table = losses(scores, quantities, score=score, cell=cell, group=group)
        steps = -(-cell.days // every)
        chosen = _set_p_values(table, steps, size, n_repetitions, random_state)
        for model in table.columns:
            test = diebold_mariano(
                table[model].to_numpy(), table[reference].to_numpy(), days_ahead=steps
            )
            mean, base = table[model].mean(), table[reference].mean()
            rows.append(
                {
                    "score": score,
                    "group": group,
                    "quantity": cell.quantity,
                    "days": cell.days,
                    "model": model,
                    "mean": mean,
                    "against": mean - base if score == "log" else mean / base,
                    "statistic": test.statistic,
                    "p_value": test.p_value,
                    "stars": test.stars,
                    "set_p_value": chosen[model],
                    "in_set": bool(chosen[model] >= size),
                }
            )
    return pd.DataFrame(rows)


def _places(quantities: Quantities) -> list[tuple[str, str, Cell]]:
    by_margin = [
        (score, group, cell)
        for score in ("crps", "log", "quantile")
        for group in (PORTFOLIO, ASSETS)
        for cell in quantities.cells
    ]
    returns = [cell for cell in quantities.cells if cell.quantity == "return"]
    return by_margin + [("energy", ASSETS, cell) for cell in returns]


def _set_p_values(
    table: pd.DataFrame, steps: int, size: float, n_repetitions: int, random_state: int
) -> pd.Series:
    if table.shape[1] < 2:
        return pd.Series(1.0, index=table.columns)
    return confidence_set(
        table,
        size=size,
        days_ahead=steps,
        n_repetitions=n_repetitions,
        random_state=random_state,
    ).p_values


def coverage(scores: Mapping[str, ForecastScores], quantities: Quantities) -> pd.DataFrame:
    """Give how often what happened lay in the middle of the forecast.

    Args:
        scores: Name -> scores.
        quantities: What was forecast.

    Returns:
        One row a model, group and cell; the columns 0.5, 0.8 and 0.95 hold the shares.
    """
    rows: list[tuple[object, ...]] = []
    for model, found in scores.items():
        for number, cell in enumerate(quantities.cells):
            for group, targets in ((PORTFOLIO, slice(0, 1)), (ASSETS, slice(1, None))):
                off = np.abs(found.pit[:, number, targets] - 0.5)
                shares = [float((off <= level / 2).mean()) for level in COVERAGES]
                rows.append((model, group, *cell, *shares))
    return pd.DataFrame(rows, columns=["model", "group", "quantity", "days", *COVERAGES])
