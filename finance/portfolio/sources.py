"""What a backtest is fed with beside the strategy, checked as it is used."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from scenara.finance.portfolio.panel import Panel, read_panel
from scenara.finance.portfolio.plan import Plan
from scenara.shared.errors import DataError
from scenara.shared.types import Array, FloatArray

__all__ = ["Sources", "read_sources"]


@dataclass(frozen=True, eq=False)
class Sources:
    """Hold returns and what comes with them.

    Args:
        panel: Returns.
        history: Returns before the first step.
        payouts: Dividends.
        money: Money that comes and goes, shape (1 or paths, steps).
        history_is_complete: Whether there is nothing wrong with the history.
    """

    panel: Panel
    history: Panel | None
    payouts: Panel | None
    money: FloatArray | None
    history_is_complete: bool = True

    @property
    def n_history(self) -> int:
        """Number of returns known before the first step."""
        return 0 if self.history is None else self.history.n_steps

    @property
    def history_dates(self) -> pd.DatetimeIndex | None:
        """Dates of the returns before the first step, where known."""
        return None if self.history is None else self.history.dates

    def check(self, start: int, end: int) -> Tensor | None:
        """Refuse returns that no price can have had, and find where an asset is not there.

        Args:
            start: First path.
            end: Path after the last one.

        Returns:
            Whether there is a return, shape (steps, end - start, assets); None if there always is,
            in the history too.

        Raises:
            DataError: A return is infinite, not above -1, or missing between two others; or a path
                has none at all.
        """
        part = self.panel.paths(start, end)
        if self.history_is_complete and _is_complete(part):
            return None
        past = [] if self.history is None else [_rows(self.history, start, end).to(part)]
        missing = torch.cat([*past, part]).isnan()
        excused = missing & ~_is_inside(missing)
        n_past = self.n_history
        if self.history is not None:
            # Paths that share a history must all excuse what is missing there.
            shared = self.history.n_paths == 1
            excuse = excused[:n_past].all(1, keepdim=True) if shared else excused[:n_past]
            self.history.check(*((0, 1) if shared else (start, end)), excused=excuse)
        self.panel.check(start, end, excused=excused[n_past:])
        self._check_some(start, ~missing[n_past:])
        return ~missing[n_past:]

    def _check_some(self, start: int, present: Tensor) -> None:
        empty = torch.nonzero(~present.any(0).any(-1))
        if len(empty):
            raise DataError(
                f"{self.panel.name}: found no return at all in path {start + int(empty[0])}; "
                "expected those of one asset at least"
            )

    def returns(self, start: int, end: int, plan: Plan) -> Tensor:
        """Give returns, shape (steps, end - start, assets), in their own type."""
        return self.panel.paths(start, end).to(plan.device)

    def past(self, start: int, end: int, plan: Plan) -> Tensor | None:
        """Give returns before the first step, shape (days, end - start, assets)."""
        if self.history is None:
            return None
        return _rows(self.history, start, end).to(plan.device)

    def dividends(self, start: int, end: int, plan: Plan) -> Tensor | None:
        """Give dividends, shape (steps, end - start, assets), 0 where there is no price.

        Args:
            start: First path.
            end: Path after the last one.
            plan: What to do.

        Returns:
            Fractions of the price before the step.

        Raises:
            DataError: A dividend is negative, infinite, or missing where there is a return.
        """
        if self.payouts is None:
            return None
        found = _rows(self.payouts, start, end)
        there = ~self.panel.paths(start, end).isnan()
        bad = torch.nonzero(there & ~((found >= 0) & (found < torch.inf)))
        if len(bad):
            step, path, asset = (int(i) for i in bad[0])
            raise DataError(
                f"dividends: found {found[step, path, asset].item()} at path {start + path}, step "
                f"{step}, asset {self.panel.assets[asset]!r}; expected fractions of the price, 0 "
                "where nothing is paid"
            )
        return found.to(plan.dtype).where(there, 0).to(plan.device)

    def flows(self, start: int, end: int, plan: Plan) -> Tensor | None:
        """Give money that comes and goes, shape (steps, end - start)."""
        if self.money is None:
            return None
        rows = self.money if len(self.money) == 1 else self.money[start:end]
        found = torch.from_numpy(np.ascontiguousarray(rows.T)).to(plan.device, plan.dtype)
        return found.expand(-1, end - start)


def read_sources(
    panel: Panel,
    *,
    history: pd.DataFrame | Array | Tensor | None = None,
    dividends: pd.DataFrame | Array | Tensor | None = None,
    flows: Array | Tensor | None = None,
    history_dates: pd.DatetimeIndex | None = None,
) -> Sources:
    """Read what comes with returns.

    Args:
        panel: Returns.
        history: Returns before the first step, for all paths or for each.
        dividends: Dividends as a fraction of the price before the step, likewise.
        flows: Money that comes and goes, shape (steps,) or (paths, steps).
        history_dates: Date of each return before the first step; a frame brings its own.

    Returns:
        All of it.

    Raises:
        DataError: A shape, a column or a date does not fit the returns.

    Example:
        >>> read_sources(read_panel(np.zeros((2, 3, 1))), flows=[0.1, 0.0, 0.0]).money.shape
        (1, 3)
    """
    past = None if history is None else _read(history, "history", panel, history_dates)
    paid = None if dividends is None else _read(dividends, "dividends", panel)
    if paid is not None and paid.n_steps != panel.n_steps:
        raise DataError(
            f"dividends: expected the {panel.n_steps} steps of returns, found {paid.n_steps}"
        )
    _check_dates(panel, past, paid)
    money = None if flows is None else _read_flows(flows, panel)
    complete = past is None or _is_complete(past.paths(0, past.n_paths))
    return Sources(panel, past, paid, money, complete)


def _check_dates(panel: Panel, past: Panel | None, paid: Panel | None) -> None:
    """Compare dates where both have some: the past is over, and dividends are paid on these days."""
    if panel.dates is None:
        return
    if past is not None and past.dates is not None:
        _check_zone(panel.dates, past.dates, "history")
        if not past.dates[-1] < panel.dates[0]:
            raise DataError(
                f"history: expected days before the first return ({panel.dates[0]}), found some up "
                f"to {past.dates[-1]}; cut them off, such as history[history.index < first_day]"
            )
    if paid is not None and paid.dates is not None:
        _check_zone(panel.dates, paid.dates, "dividends")
        other = np.flatnonzero(paid.dates != panel.dates)
        if len(other):
            row = int(other[0])
            raise DataError(
                f"dividends: expected the dates of returns, found {paid.dates[row]} for "
                f"{panel.dates[row]} in row {row}; reindex them to the days of returns"
            )


def _check_zone(days: pd.DatetimeIndex, others: pd.DatetimeIndex, name: str) -> None:
    if str(days.tz) != str(others.tz):
        raise DataError(
            f"{name}: expected dates with the time zone of returns, {days.tz}, found {others.tz}; "
            "use tz_localize or tz_convert"
        )


def _read(
    values: pd.DataFrame | Array | Tensor,
    name: str,
    panel: Panel,
    dates: pd.DatetimeIndex | None = None,
) -> Panel:
    found = read_panel(values, dates=dates, name=name)
    if found.n_paths not in (1, panel.n_paths) or len(found.assets) != len(panel.assets):
        raise DataError(
            f"{name}: expected {len(panel.assets)} assets and 1 or {panel.n_paths} paths, as in "
            f"returns; found {len(found.assets)} assets and {found.n_paths} paths"
        )
    named = isinstance(values, pd.DataFrame) and panel.named
    if named and found.assets != panel.assets:
        raise DataError(
            f"{name}: expected the columns of returns in their order, {list(panel.assets)}; "
            f"found {list(found.assets)}"
        )
    return found


def _read_flows(flows: Array | Tensor, panel: Panel) -> FloatArray:
    try:
        found = np.asarray(flows, dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise DataError(f"flows: expected amounts of money, found {flows!r:.60}") from error
    shape = (panel.n_paths, panel.n_steps)
    if found.shape not in {shape, (1, shape[1]), shape[1:]}:
        raise DataError(
            f"flows: expected shape (steps,) = {shape[1:]} or (paths, steps) = {shape}, found "
            f"{found.shape}"
        )
    if not np.isfinite(found).all():
        raise DataError("flows: expected finite amounts of money, found nan or inf")
    return np.atleast_2d(found)


def _rows(panel: Panel, start: int, end: int) -> Tensor:
    if panel.n_paths == 1:
        return panel.paths(0, 1).expand(-1, end - start, -1)
    return panel.paths(start, end)


def _is_complete(returns: Tensor) -> bool:
    return bool(returns.amin() > -1 and returns.amax() < torch.inf)


def _is_inside(missing: Tensor) -> Tensor:
    """Find what is missing after a return and before another one."""
    known = (~missing).to(torch.uint8)
    before, after = known.cummax(0).values, known.flip(0).cummax(0).values.flip(0)
    return missing & (before == 1) & (after == 1)
