"""What a strategy is shown and asked, and what becomes of its answer."""

import torch
from torch import Tensor

from scenara.finance.portfolio.accounting import total
from scenara.finance.portfolio.plan import Plan
from scenara.finance.portfolio.strategies import strategy_name
from scenara.finance.portfolio.strategies.calls import as_weights
from scenara.shared.errors import ConfigError, DataError

__all__ = ["ask", "decide", "place"]

# What a strategy looks at at a time: a cache, or much of a GPU.
_HISTORY_BYTES = {"cpu": 1 << 20, "cuda": 256 << 20}


def decide(returns: Tensor, past: Tensor | None, plan: Plan) -> Tensor:
    """Ask a strategy at every trade; each time it gets the returns before that step alone.

    Args:
        returns: Simple returns, shape (steps, paths, assets).
        past: Returns before the first step, shape (days, paths, assets).
        plan: What to do.

    Returns:
        Target weights within the limits, shape (rebalances, paths, assets), or with one for all
        rebalances.
    """
    shape = returns.shape[1:]
    if plan.is_asked_once:
        return place(ask(returns, past, 0, plan), plan)[None]
    shown_bytes = max(1, plan.strategy.lookback) * plan.row_bytes
    n_paths = max(1, _HISTORY_BYTES[plan.device.type] // shown_bytes)
    targets = torch.empty(len(plan.steps), *shape, dtype=plan.dtype, device=plan.device)
    for i in range(0, shape[0], n_paths):
        j = min(i + n_paths, shape[0])
        known = None if past is None else past[:, i:j]
        for target, step in zip(targets[:, i:j], plan.steps.tolist(), strict=True):
            target[:] = place(ask(returns[:, i:j], known, step, plan), plan)
    return targets


def ask(
    returns: Tensor,
    past: Tensor | None,
    step: int,
    plan: Plan,
    *,
    available: Tensor | None = None,
    drifted: Tensor | None = None,
) -> Tensor:
    """Ask a strategy once; equal weights are held until it has the returns that it needs.

    An asset whose returns are not all known in its window is shown with returns of 0 there, and as
    not available in the state.

    Args:
        returns: Simple returns, shape (steps, paths, assets).
        past: Returns before the first step, shape (days, paths, assets).
        step: Number of returns that are over.
        plan: What to do.
        available: Whether each asset can be held, shape (paths, assets); None if all can. Those
            that the strategy can't know enough about are struck out in place.
        drifted: Weights held, shape (paths, assets).

    Returns:
        What it wants to hold, shape (paths, assets).

    Raises:
        DataError: The weights are no numbers, not finite, or of the wrong shape.
        ConfigError: Costs would eat more than half of the wealth.
    """
    seen = _known(returns, past, step, plan.strategy.lookback)
    if seen is None:
        n_assets = returns.shape[-1]
        even = torch.full((n_assets,), 1 / n_assets, dtype=plan.dtype, device=plan.device)
        return even.expand(returns.shape[1:])
    # Copies: what a strategy writes into them must not reach the caller's returns or the books.
    seen = seen.to(dtype=plan.dtype, device=plan.device, copy=True)
    if available is not None:
        available &= seen.isfinite().all(0)
        seen.masked_fill_(~available, 0)
    moment = plan.moment(
        step,
        available=None if available is None else available.clone(),
        drifted=None if drifted is None else drifted.clone(),
    )
    answer = plan.strategy.weights(seen, moment)
    weights = as_weights(answer, seen, name=strategy_name(plan.strategy))
    return _check_weights(weights, seen, plan, available=available)


def place(wanted: Tensor, plan: Plan, *, available: Tensor | None = None) -> Tensor:
    """Bring what a strategy wants to what can be held: available assets, within the limits.

    What is wanted of assets that are not available goes to the others of the same side in
    proportion, so that the sums of long and of short weights stay the same, or to cash where
    nothing else is wanted on that side.

    Args:
        wanted: Weights, shape (paths, assets).
        plan: What to do.
        available: Whether each asset can be held, shape (paths, assets); None if all can.

    Returns:
        Target weights, shape (paths, assets).
    """
    if available is not None and not bool(available.all()):
        wanted = _share_out(wanted.clamp_min(0), available) - _share_out(
            (-wanted).clamp_min(0), available
        )
    if plan.limits is None:
        return wanted
    return plan.limits.apply(wanted, available=available)


def _share_out(side: Tensor, available: Tensor) -> Tensor:
    """Give the whole of one side, in weights of at least 0, to what is available of it."""
    kept = side.masked_fill(~available, 0)
    left = total(kept)
    return kept * (total(side) / left.masked_fill(left == 0, 1.0))[:, None]


def _known(returns: Tensor, past: Tensor | None, step: int, lookback: int) -> Tensor | None:
    """Give the last ``lookback`` returns before ``step``, or None where there are fewer."""
    if step >= lookback:
        return returns[step - lookback : step]
    missing = lookback - step
    if past is None or len(past) < missing:
        return None
    return torch.cat([past[len(past) - missing :].to(returns), returns[:step]])


def _check_weights(
    weights: Tensor, seen: Tensor, plan: Plan, *, available: Tensor | None
) -> Tensor:
    n_paths, n_assets = seen.shape[1:]
    if tuple(weights.shape) not in {(n_paths, n_assets), (1, n_assets), (n_assets,)}:
        raise DataError(
            f"strategy {strategy_name(plan.strategy)!r}: expected weights of shape (paths, assets) "
            f"= {(n_paths, n_assets)}, found {tuple(weights.shape)}"
        )
    if available is not None:
        # A rule may well divide by the volatility of an asset that is not there.
        weights = weights.expand(n_paths, n_assets)
        weights = weights.masked_fill(~available & ~weights.isfinite(), 0)
    rows = weights[:1] if weights.ndim == 2 and weights.stride(0) == 0 else weights
    gross = float(total(rows.abs()).max())
    if not gross < torch.inf:
        raise DataError(
            f"strategy {strategy_name(plan.strategy)!r}: expected finite weights, found nan or inf"
        )
    rate = plan.costs.proportional
    if rate * gross > 0.5:
        raise ConfigError(
            f"costs: a rate of {rate} on positions of {gross:.4g} times wealth eats more than half "
            "of it in one trade; lower the costs or the leverage"
        )
    return weights.to(seen).expand(n_paths, n_assets)
