"""Covariates such as VIX and rates: channels beside the assets, so that events can be about them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from scenara.finance.market.dates import find_date_column, parse_dates
from scenara.finance.market.scenarios.holdings import EQUAL_WEIGHT, Holding
from scenara.finance.market.scenarios.path_events import PathEvent
from scenara.shared.data.origin import Origin
from scenara.shared.data.read import read
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.run import redacted
from scenara.shared.types import FloatArray

__all__ = ["MacroPanel", "join_covariates", "read_covariates"]

Change = Literal["log", "difference"]

_FEWEST_DAYS = 250
_LONGEST_GAP = 5


@dataclass(frozen=True)
class MacroPanel:
    """Hold returns and the changes of covariates in one frame, to fit a generator on.

    Covariates are scaled to move as much as a middling asset does, since generators look for what
    the channels have in common.

    Args:
        frame: Daily log returns of the assets, then the scaled changes of the covariates.
        assets: Names of the assets.
        changes: Covariate -> ``log`` or ``difference``.
        units: Covariate -> change of (the logarithm of) the level for one unit of its channel.
        last: Covariate -> level on the last day.
    """

    frame: pd.DataFrame
    assets: tuple[str, ...]
    changes: Mapping[str, Change]
    units: Mapping[str, float]
    last: Mapping[str, float]

    def event(
        self,
        covariate: str,
        *,
        below: float | None = None,
        above: float | None = None,
        equals: float | None = None,
        tolerance: float | None = None,
        day: int | None = None,
        within: int | None = None,
    ) -> PathEvent:
        """Say what level a covariate reaches, from where it stands on the last day.

        Args:
            covariate: Its name.
            below: The most that the level may be.
            above: The least that it may be.
            equals: What it has to be, give or take the tolerance.
            tolerance: Relative distance from ``equals`` that still counts, by default 1 %.
            day: Day of the level; by default the last.
            within: On any of the first so many days instead.

        Raises:
            ConfigError: There is no such covariate, or its level can't be so low.

        Example:
            >>> days = pd.bdate_range("2020-01-01", periods=300)
            >>> rng = np.random.default_rng(0)
            >>> returns = pd.DataFrame({"A": rng.normal(0, 0.01, 300)}, index=days)
            >>> vix = pd.DataFrame({"VIX": 20 * np.exp(rng.normal(0, 0.1, 300))}, index=days)
            >>> str(join_covariates(returns, vix).event("VIX", above=40, within=21))
            'level of VIX at least 40 on a day within 21 days'
        """
        if covariate not in self.changes:
            raise ConfigError(
                f"unknown covariate {covariate!r}; there are {', '.join(self.changes)}"
            )
        highest = equals if below is None else below
        if self.changes[covariate] == "log" and highest is not None and highest <= 0:
            raise ConfigError(f"{covariate}: moves in per cent, a level of {highest:g} can't be")
        return PathEvent(
            covariate,
            "level",
            below=below,
            above=above,
            equals=equals,
            tolerance=tolerance,
            day=day,
            within=within,
            start=self.last[covariate],
            change=self.changes[covariate],
            unit=self.units[covariate],
        )

    def portfolio(self, of: Holding = EQUAL_WEIGHT) -> Holding:
        """Give a portfolio of assets alone.

        Args:
            of: What is held; ``"equal weight"`` becomes the names of the assets, since covariates
                can't be held.

        Raises:
            ConfigError: A covariate is held.
        """
        if isinstance(of, str) and of == EQUAL_WEIGHT:
            return list(self.assets)
        held = [of] if isinstance(of, str) else list(of)
        for name in held:
            if name in self.changes:
                raise ConfigError(f"{name}: a covariate can't be held; leave it out")
        return of

    def levels(self, paths: FloatArray, covariate: str) -> FloatArray:
        """Give the level of a covariate on each day of generated paths.

        Args:
            paths: From a generator fitted on ``frame``, (n, horizon, channels).
            covariate: Its name.

        Returns:
            Levels, (n, horizon).
        """
        place = list(self.frame.columns).index(covariate)
        moved = self.units[covariate] * np.cumsum(paths[:, :, place], axis=1)
        start = self.last[covariate]
        is_log = self.changes[covariate] == "log"
        return np.asarray(start * np.exp(moved) if is_log else start + moved)


def join_covariates(
    returns: pd.DataFrame,
    covariates: pd.DataFrame,
    *,
    changes: Mapping[str, Change] | None = None,
) -> MacroPanel:
    """Put the changes of covariates beside the returns of assets.

    Args:
        returns: Daily log returns, days by assets.
        covariates: Levels by date; a level holds until the next, for at most five days.
        changes: Covariate -> ``log`` for what moves in per cent (VIX, prices), ``difference`` for
            what moves in points (rates, spreads). Others are judged by their past: the kind of
            change whose size depends less on the level.

    Returns:
        The panel; fit a generator on its ``frame``.

    Raises:
        DataError: A covariate is no number, never moves, has a gap, or shares too few days.
        ConfigError: ``changes`` names no covariate, or asks for logarithms of levels not above 0.

    Example:
        >>> days = pd.bdate_range("2020-01-01", periods=300)
        >>> rng = np.random.default_rng(0)
        >>> returns = pd.DataFrame({"A": rng.normal(0, 0.01, 300)}, index=days)
        >>> rate = pd.DataFrame({"rate": np.cumsum(rng.normal(0, 0.05, 300))}, index=days)
        >>> dict(join_covariates(returns, rate).changes)
        {'rate': 'difference'}
    """
    levels = _aligned(returns, covariates)
    still = levels.columns[levels.nunique() == 1]
    if len(still):
        raise DataError(f"covariate {still[0]!r}: the level never moves; leave it out")
    asked = dict(changes or {})
    for name in asked:
        if name not in levels.columns:
            raise ConfigError(f"changes: unknown covariate {name!r}; there are {list(levels)}")
    kinds = {str(name): asked.get(str(name)) or _kind(levels[name]) for name in levels.columns}
    moved = pd.DataFrame({name: _changed(levels[name], kind) for name, kind in kinds.items()})
    moved = moved.iloc[1:]
    middling = float(returns.loc[moved.index].std().median())
    units = {name: float(moved[name].std()) / middling for name in kinds}
    scaled = moved / pd.Series(units)
    return MacroPanel(
        frame=pd.concat([returns.loc[moved.index], scaled], axis=1),
        assets=tuple(str(name) for name in returns.columns),
        changes=kinds,
        units=units,
        last={name: float(levels[name].iloc[-1]) for name in kinds},
    )


def read_covariates(
    source: str | os.PathLike[str],
    *,
    query: str | None = None,
    date_column: str | None = None,
    date_format: str | None = None,
) -> pd.DataFrame:
    r"""Read levels of covariates by date.

    Args:
        source: Path, database URL or web address.
        query: The SQL query, for a database.
        date_column: Name of the column of dates, where it is not called so and not the first.
        date_format: Format of dates that are not ISO 8601.

    Returns:
        Levels, days by covariates, for :func:`join_covariates`.

    Raises:
        DataError: The source can't be read, or a date is none.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "macro.csv"
        >>> _ = path.write_text("date,VIX\n2020-01-02,12.5\n2020-01-03,14.0\n")
        >>> read_covariates(path)["VIX"].tolist()
        [12.5, 14.0]
    """
    raw = read(source, query=query)
    origin = Origin(redacted(str(source)))
    column = find_date_column(raw, origin, column=date_column)
    dates = parse_dates(raw[column], origin, column=column, date_format=date_format)
    return raw.drop(columns=column).set_axis(dates, axis=0)


def _aligned(returns: pd.DataFrame, covariates: pd.DataFrame) -> pd.DataFrame:
    """Give the covariates on the days of the returns that they cover."""
    if not isinstance(covariates.index, pd.DatetimeIndex):
        raise DataError("covariates: expected dates in the index; use set_index('date')")
    both = set(map(str, returns.columns)) & set(map(str, covariates.columns))
    if both:
        raise DataError(f"covariate {min(both)!r}: there is an asset of that name; rename it")
    known = covariates.set_axis([str(name) for name in covariates.columns], axis=1).sort_index()
    try:
        known = known.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"covariates: expected numbers: {error}") from error
    days = pd.DatetimeIndex(returns.index)
    if known.index.has_duplicates:
        raise DataError(f"covariates: {known.index[known.index.duplicated()][0]:%Y-%m-%d} twice")
    joined = known.reindex(known.index.union(days)).ffill(limit=_LONGEST_GAP).reindex(days)
    covered = joined.loc[joined.dropna().index.min() : joined.dropna().index.max()]
    if len(covered) < _FEWEST_DAYS:
        raise DataError(
            f"covariates: expected {_FEWEST_DAYS} days in common with the prices, found "
            f"{len(covered)}"
        )
    if covered.isna().any(axis=None):
        name = str(covered.columns[covered.isna().any()][0])
        day = covered.index[covered[name].isna()][0]
        raise DataError(
            f"covariate {name!r}: no level for {day:%Y-%m-%d}, nor just before; fill it"
        )
    if covered.index[-1] != days[-1]:
        raise DataError(
            f"covariates: they end on {covered.index[-1]:%Y-%m-%d}, the prices on "
            f"{days[-1]:%Y-%m-%d}; bring them up to date"
        )
    return covered


def _kind(level: pd.Series) -> Change:
    """Choose the kind of change whose size depends less on the level."""
    if not (level > 0).all():
        return "difference"
    before = level.shift(1)
    link = [
        abs(float(before.corr(moved.abs(), method="spearman")))
        for moved in (_changed(level, "log"), _changed(level, "difference"))
    ]
    return "log" if link[0] <= link[1] else "difference"


def _changed(level: pd.Series, kind: Change) -> pd.Series:
    if kind == "difference":
        return level.diff()
    if not (level > 0).all():
        raise ConfigError(
            f"covariate {level.name!r}: a level of {level.min():g} has no logarithm; use difference"
        )
    return pd.Series(np.log(level), index=level.index).diff()
