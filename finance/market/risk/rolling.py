"""Out-of-sample forecasts of VaR and ES day by day, models side by side, and what tests say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.finance.market.risk.backtests import (
    acerbi_szekely_test,
    christoffersen_test,
    conditional_coverage_test,
    dynamic_quantile_test,
    exceedances,
    expected_shortfall_ratio,
    fz0_loss,
    kupiec_test,
)
from scenara.finance.market.risk.models import (
    RiskData,
    RiskModel,
    TailForecast,
    default_models,
    portfolio_returns,
)
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.progress import Progress, silent
from scenara.shared.types import FloatArray

__all__ = ["TAILS", "RollingRisk", "risk_verdict", "rolling_risk"]

TAILS = (0.01, 0.025, 0.05)

SIGNIFICANCE = 0.05
N_SIMULATIONS = 499
"""Simulated histories of the dynamic quantile test, whose chi-square law fails for rare hits."""


@dataclass(frozen=True)
class RollingRisk:
    """Hold realised returns and each model's forecasts for the same days.

    Args:
        returns: Daily log returns of the portfolio.
        forecasts: Model -> VaR and ES, each of shape ``(days, tails)``.
        tails: Probabilities of an exceedance.
    """

    returns: pd.Series
    forecasts: Mapping[str, TailForecast]
    tails: tuple[float, ...]

    def table(self) -> pd.DataFrame:
        """Put every model through every test.

        Returns:
            One row for each ``(model, tail)``: ``hits``, ``expected``, the p-values ``kupiec``,
            ``christoffersen``, ``coverage``, ``dynamic_quantile``, ``acerbi_szekely`` (Z2), the
            mean loss ``fz0``, ``es_ratio`` (realised over predicted ES) and the ``verdict``.
        """
        rows = {
            (name, tail): _row(
                self.returns.to_numpy(), found.var[:, place], found.es[:, place], tail
            )
            for name, found in self.forecasts.items()
            for place, tail in enumerate(self.tails)
        }
        index = pd.MultiIndex.from_tuples(list(rows), names=["model", "tail"])
        return pd.DataFrame(list(rows.values()), index=index)

    def daily(self) -> pd.DataFrame:
        """Give all forecasts as one long table.

        Returns:
            Columns ``date``, ``model``, ``tail``, ``return``, ``var`` and ``es``.
        """
        parts = [
            pd.DataFrame(
                {
                    "date": self.returns.index,
                    "model": name,
                    "tail": tail,
                    "return": self.returns.to_numpy(),
                    "var": found.var[:, place],
                    "es": found.es[:, place],
                }
            )
            for name, found in self.forecasts.items()
            for place, tail in enumerate(self.tails)
        ]
        return pd.concat(parts, ignore_index=True)


def rolling_risk(
    returns: pd.DataFrame,
    weights: FloatArray | pd.Series,
    *,
    start: str | pd.Timestamp,
    models: Mapping[str, RiskModel] | None = None,
    tails: Sequence[float] = TAILS,
    refit: int = 63,
    progress: Progress = silent,
) -> RollingRisk:
    """Forecast tomorrow's VaR and ES on each day of a test period.

    Models are fitted anew every ``refit`` days on the days before; the forecast of a day sees
    only the days before it. The weights are restored every day.

    Args:
        returns: Daily log returns, days by assets, without gaps, in order of time.
        weights: Shares of the portfolio, shape ``(assets,)``; what is missing to one is cash. A
            series is taken by the names of the assets.
        start: First day of the test.
        models: Name -> model; `default_models` if None.
        tails: Probabilities of an exceedance.
        refit: Days between fits.
        progress: Told of each model's fits.

    Returns:
        Forecasts beside realised returns.

    Raises:
        DataError: Returns are missing, days are not in order or come twice, there is no day from
            ``start`` on, or too few before it.
        ConfigError: The weights don't fit, a tail is not inside 0 to 0.5, or ``refit`` is below
            one.

    Example:
        >>> days = pd.bdate_range("2020-01-01", periods=400)
        >>> noise = np.random.default_rng(0).normal(0, 0.01, size=(400, 2))
        >>> from scenara.finance.market.risk import HistoricalSimulation
        >>> run = rolling_risk(
        ...     pd.DataFrame(noise, days, columns=["a", "b"]),
        ...     np.array([0.5, 0.5]),
        ...     start="2021-01-01",
        ...     models={"history": HistoricalSimulation(250)},
        ... )
        >>> run.table().loc[("history", 0.05), "expected"].round(2)
        np.float64(6.9)
    """
    data, first = _checked(returns, weights, start, tails, refit)
    forecasts = {}
    for name, model in (default_models() if models is None else models).items():
        parts = []
        for begin in range(first, len(returns), refit):
            end = min(begin + refit, len(returns))
            parts.append(model.forecast(data, start=begin, stop=end, tails=tuple(tails)))
            progress(f"forecast {name}", end - first, len(returns) - first)
        forecasts[name] = TailForecast(*(np.concatenate(part) for part in zip(*parts, strict=True)))
    realised = pd.Series(data.returns[first:], returns.index[first:], name="return")
    return RollingRisk(realised, forecasts, tuple(tails))


def risk_verdict(row: Mapping[str, float]) -> str:
    """Say in a word what the tests of one model and tail found.

    Args:
        row: A row of `RollingRisk.table`.

    Returns:
        ``"right"``; or what is wrong: ``"too low"`` or ``"too high"`` (frequency), ``"clustered"``
        or ``"spread out"`` (independence), ``"uneven"`` (both together), ``"foreseeable"``
        (dynamic quantile), ``"ES too low"``. The joint tests speak where the single ones don't.

    Example:
        >>> row = {"kupiec": 0.01, "hits": 35, "expected": 20, "christoffersen": 0.5,
        ...        "repeats": 1, "expected_repeats": 0.6, "coverage": 0.03,
        ...        "dynamic_quantile": 0.04, "acerbi_szekely": 0.2}
        >>> risk_verdict(row), risk_verdict({**row, "kupiec": 0.5, "coverage": 0.7})
        ('too low', 'foreseeable')
    """
    words = []
    if row["kupiec"] < SIGNIFICANCE:
        words.append("too low" if row["hits"] > row["expected"] else "too high")
    if row["christoffersen"] < SIGNIFICANCE:
        clustered = row["repeats"] > row["expected_repeats"]
        words.append("clustered" if clustered else "spread out")
    if not words and row["coverage"] < SIGNIFICANCE:
        words.append("uneven")
    if not words and row["dynamic_quantile"] < SIGNIFICANCE:
        words.append("foreseeable")
    if row["acerbi_szekely"] < SIGNIFICANCE and "too low" not in words:
        words.append("ES too low")
    return ", ".join(words) or "right"


def _row(
    returns: FloatArray, var: FloatArray, es: FloatArray, tail: float
) -> dict[str, float | str]:
    hits = exceedances(returns, var)
    row = {
        "hits": int(hits.sum()),
        "expected": tail * len(hits),
        "repeats": int((hits[1:] & hits[:-1]).sum()),
        "expected_repeats": float(hits.sum() ** 2 / len(hits)),
        "kupiec": kupiec_test(hits, tail=tail).p_value,
        "christoffersen": christoffersen_test(hits).p_value,
        "coverage": conditional_coverage_test(hits, tail=tail).p_value,
        "dynamic_quantile": dynamic_quantile_test(
            hits, var, tail=tail, n_simulations=N_SIMULATIONS
        ).p_value,
        "acerbi_szekely": acerbi_szekely_test(returns, var, es, tail=tail).p_value,
        "fz0": float(fz0_loss(returns, var, es, tail=tail).mean()),
        "es_ratio": expected_shortfall_ratio(returns, var, es),
    }
    return {**row, "verdict": risk_verdict(row)}


def _checked(
    returns: pd.DataFrame,
    weights: FloatArray | pd.Series,
    start: str | pd.Timestamp,
    tails: Sequence[float],
    refit: int,
) -> tuple[RiskData, int]:
    _check_order(returns.index)
    panel = returns.to_numpy(dtype=float)
    if not np.isfinite(panel).all():
        row, column = np.argwhere(~np.isfinite(panel))[0]
        raise DataError(
            f"returns: missing value on {returns.index[row]}, column {returns.columns[column]!r}; "
            "leave out days before all assets have prices"
        )
    shares = _shares(weights, returns.columns)
    if shares.shape != (panel.shape[1],) or not np.isfinite(shares).all() or not shares.any():
        raise ConfigError(
            f"weights: expected {panel.shape[1]} finite shares, not all zero, found "
            f"{shares.tolist()}"
        )
    if not tails or not all(0 < tail < 0.5 for tail in tails):
        raise ConfigError(f"tails: expected probabilities between 0 and 0.5, found {list(tails)}")
    if refit < 1:
        raise ConfigError(f"refit: expected at least 1 day, found {refit}")
    first = int(returns.index.searchsorted(pd.Timestamp(start)))
    if first >= len(returns):
        raise DataError(f"start: no day from {start} on; the last is {returns.index[-1]}")
    return RiskData(portfolio_returns(panel, shares), panel, shares), first


def _check_order(days: pd.Index) -> None:
    if days.is_monotonic_increasing and days.is_unique:
        return
    place = next(place for place in range(1, len(days)) if not days[place] > days[place - 1])
    raise DataError(
        f"returns: expected days in order of time, each once, found {days[place]} after "
        f"{days[place - 1]}; sort them and drop repeated ones"
    )


def _shares(weights: FloatArray | pd.Series, assets: pd.Index) -> FloatArray:
    """Give the weights in the order of the assets."""
    if not isinstance(weights, pd.Series):
        return np.asarray(weights, dtype=float)
    if len(weights) != len(assets) or set(weights.index) != set(assets):
        raise ConfigError(
            f"weights: expected one for each of {list(assets)}, found {list(weights.index)}"
        )
    return weights[list(assets)].to_numpy(dtype=float)
