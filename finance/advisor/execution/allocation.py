"""How many shares of each instrument come nearest to target weights, for the money there is.

Deviations of values from targets are made small in the square, cash being one of the values. The
continuous problem is solved exactly, its solution is rounded down, and shares are then added and
exchanged one by one as long as that brings the portfolio nearer.
"""

import numpy as np
from numpy.linalg import norm

from scenara.finance.advisor.execution.desk import Desk
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["affordable", "allocate", "nearest_values"]

_MOST_ROUNDS = 40
_HALF_CENT = 0.005
_BETTER = 1e-10
_MOST_SEEN = 40
_NEAR_ENOUGH = 1e-5


def nearest_values(wanted: FloatArray, *, low: FloatArray, total: float) -> FloatArray:
    r"""Give the values nearest to those wanted that respect lower bounds and add up.

    The minimum of :math:`\sum_i (v_i - w_i)^2` with :math:`v_i \ge l_i`, :math:`\sum_i v_i = s`
    has :math:`v_i = \max(l_i, w_i - \lambda)`, with one :math:`\lambda` for all.

    Args:
        wanted: Shape (values,).
        low: Lower bounds, shape (values,).
        total: What the values add up to; the bounds themselves are given if they exceed it.

    Example:
        >>> nearest_values(np.array([50.0, 30.0, 20.0]), low=np.array([0, 0, 30.0]), total=100)
        array([45., 25., 30.])
    """
    if low.sum() >= total:
        return low.astype(np.float64)
    slack = np.sort(wanted - low)[::-1]
    free = np.arange(1, len(slack) + 1)
    levels = (slack.cumsum() - (total - low.sum())) / free
    n_free = int(np.flatnonzero(slack > levels)[-1])
    return np.asarray(np.maximum(low, wanted - levels[n_free]))


def allocate(desk: Desk) -> IntArray:
    """Give the steps to trade of each symbol: none inside the band, else those that fit best.

    Args:
        desk: Knows what is held, the targets, the prices and what trades cost.

    Returns:
        Steps to buy, or to sell if negative, shape (symbols,).
    """
    nothing = np.zeros(len(desk.symbols), dtype=np.int64)
    if _is_quiet(desk, nothing):
        return nothing
    if desk.rules.cash_first:
        steps = _without_small_trades(desk, nothing)
        if _is_quiet(desk, steps) and _is_worthwhile(desk, steps):
            return steps
    steps = _without_small_trades(desk, -desk.sellable)
    return steps if _is_worthwhile(desk, steps) else nothing


def _is_quiet(desk: Desk, steps: IntArray) -> bool:
    """Say whether all weights are in the band, or so near that no trade of a full step helps."""
    deviations, wealth = desk.deviations(steps)
    if np.abs(deviations).max() <= desk.rules.drift_band * wealth:
        return True
    low = np.append(np.zeros(len(steps)), min(desk.rules.cash_buffer, wealth))
    wanted = desk.targets * wealth
    deviations = deviations + wanted - nearest_values(wanted, low=low, total=wealth)
    cash_step = 2 * desk.step_values.min(initial=np.inf, where=desk.targets[:-1] > 0)
    usual = max(desk.rules.drift_band * wealth, desk.rules.minimum_trade, _NEAR_ENOUGH * wealth)
    tolerance = np.maximum(usual, np.append(desk.step_values, cash_step))
    return bool((np.abs(deviations) <= tolerance).all())


def _is_worthwhile(desk: Desk, steps: IntArray) -> bool:
    """Say whether trades take more from the deviations than twice what they cost.

    Once for the money, and once because wealth spent on costs brings deviations down as well.
    """
    before, wealth_before = desk.deviations(np.zeros_like(steps))
    after, wealth_after = desk.deviations(steps)
    return bool(norm(before) - norm(after) > 2 * (wealth_before - wealth_after))


def _without_small_trades(desk: Desk, lowest: IntArray) -> IntArray:
    """Solve, and leave the smallest trade out as long as it is below the least that is allowed."""
    low, tradeable = lowest.copy(), np.ones(len(lowest), dtype=bool)
    while True:
        steps = _solve(desk, low, tradeable)
        values = np.abs(steps) * desk.step_values
        small = (steps != 0) & (values < desk.rules.minimum_trade)
        if not small.any():
            return steps
        smallest = int(np.argmin(np.where(small, values, np.inf)))
        low[smallest], tradeable[smallest] = 0, False


def _solve(desk: Desk, low: IntArray, tradeable: Array) -> IntArray:
    costs, steps = 0.0, np.zeros_like(low)
    for _ in range(_MOST_ROUNDS):
        steps = _rounded_down(desk, low, tradeable, costs)
        previous, costs = costs, desk.wealth - desk.deviations(steps)[1]
        if abs(costs - previous) < _HALF_CENT:
            break
    steps = affordable(desk, steps, low)
    if desk.rules.whole_shares:
        steps = _improved(desk, steps, low, tradeable)
    # What is not wanted at all goes whole: the nearest number may be one share of it.
    unwanted = tradeable & (desk.targets[:-1] == 0)
    steps = np.where(unwanted, low, steps)
    return steps if desk.is_solvent(steps) else np.zeros_like(low)


def _rounded_down(desk: Desk, low: IntArray, tradeable: Array, costs: float) -> IntArray:
    free = np.append(tradeable, True)
    bound = np.append(desk.held_values + low * desk.step_values, desk.rules.cash_buffer)
    wealth = desk.wealth - costs
    values = np.append(desk.held_values, 0.0)
    left = wealth - values[~free].sum()
    values[free] = nearest_values((desk.targets * wealth)[free], low=bound[free], total=left)
    steps = np.floor((values[:-1] - desk.held_values) / desk.step_values + 1e-9)
    return np.where(tradeable, np.maximum(low, steps.astype(np.int64)), 0)


def affordable(desk: Desk, steps: IntArray, low: IntArray | None = None) -> IntArray:
    """Take away from what is most above its target until the cash suffices.

    Args:
        desk: Knows what is held, the targets, the prices and what trades cost.
        steps: Steps to buy, or to sell if negative, shape (symbols,).
        low: Fewest steps of each symbol; None for what can be sold.

    Returns:
        Steps that leave the cash buffer, where there are any, shape (symbols,).
    """
    steps, low = steps.copy(), -desk.sellable if low is None else low
    while (shortage := desk.rules.cash_buffer - desk.cash_after(steps)) > 0:
        if not (steps > low).any():
            break
        over = np.where(steps > low, desk.deviations(steps)[0][:-1] - desk.step_values, -np.inf)
        most = int(np.argmax(over))
        n_steps = int(np.ceil(shortage / desk.step_values[most]))
        steps[most] -= min(n_steps, steps[most] - low[most])
    return steps


def _improved(desk: Desk, steps: IntArray, low: IntArray, tradeable: Array) -> IntArray:
    """Exchange a few steps for one another or for cash as long as that comes nearer."""
    free = np.append(tradeable, True)
    refused = np.broadcast_to(~np.logical_and.outer(free, free), (3, len(free), len(free))).copy()
    values, error = np.append(desk.step_values, 0.0), desk.error(steps)
    while True:
        deviations, wealth = desk.deviations(steps)
        spare = deviations[-1] + desk.targets[-1] * wealth - desk.rules.cash_buffer
        seen = np.append(_extremes(deviations[:-1]), len(steps))
        bought, sold = _exchanges(values[seen], deviations[seen], spare)
        gains = _gains(values[seen], deviations[seen], bought, sold)
        room = np.append(steps - low, np.iinfo(np.int64).max)[seen]
        gains[refused[:, seen[:, None], seen] | (sold > room)] = -np.inf
        best = np.unravel_index(int(np.argmax(gains)), gains.shape)
        if not gains[best] > _BETTER * wealth**2:
            return steps
        trial = np.append(steps, 0)
        trial[seen[best[1]]] += bought[best]
        trial[seen[best[2]]] -= sold[best]
        if desk.error(trial[:-1]) < error:
            steps, error = trial[:-1], desk.error(trial[:-1])
        else:
            refused[best[0], seen[best[1]], seen[best[2]]] = True


def _extremes(deviations: FloatArray) -> IntArray:
    """Give the places of those most below and most above target, of many; else all places."""
    order = np.argsort(deviations)
    half = _MOST_SEEN // 2
    return order if len(order) <= _MOST_SEEN else np.append(order[:half], order[-half:])


def _exchanges(
    values: FloatArray, deviations: FloatArray, spare: float
) -> tuple[IntArray, IntArray]:
    """Give the exchanges to try: one step for one, for the best number, and the other way round.

    Args:
        values: Value of a step, 0 for cash in the last place, shape (n,).
        deviations: Value less target value, shape (n,).
        spare: Cash that may be spent.

    Returns:
        Steps bought of the row's symbol and sold of the column's, each of shape (3, n, n).
    """
    own, cash = np.append(deviations[:-1], 0.0), deviations[-1]
    a_step = np.append(values[:-1], np.inf)
    bought, sold = np.ones((2, 3, len(values), len(values)))
    best, least = (own + values[:, None] - cash) / 2, values[:, None] - spare
    sold[1] = np.maximum(np.rint(best / a_step), np.ceil(least / a_step))
    best, most = (values + cash - own[:, None]) / 2, values + spare
    bought[2] = np.minimum(np.rint(best / a_step[:, None]), np.floor(most / a_step[:, None]))
    return np.maximum(bought, 1).astype(np.int64), np.maximum(sold, 1).astype(np.int64)


def _gains(
    values: FloatArray, deviations: FloatArray, bought: IntArray, sold: IntArray
) -> FloatArray:
    """Give by how much squared deviations fall with each exchange, before its costs.

    Args:
        values: Value of a step, 0 for cash in the last place, shape (n,).
        deviations: Value less target value, shape (n,).
        bought: Steps bought of the row's symbol, shape (exchanges, n, n).
        sold: Steps sold of the column's symbol, shape (exchanges, n, n).
    """
    own = np.append(deviations[:-1], 0.0)
    more, less = bought * values[:, None], sold * values[None, :]
    into_cash = less - more
    gains = -more * (more + 2 * own[:, None]) - less * (less - 2 * own[None, :])
    gains -= into_cash * (into_cash + 2 * deviations[-1])
    gains[:, np.arange(len(own)), np.arange(len(own))] = -np.inf
    return np.asarray(gains)
