"""Draw, complete and score rows of codes with a masked network, one column after the other."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators.tables.masked import MaskedCodes, check_codes
from scenara.shared.types import Array, FloatArray, IntArray, RandomState

__all__ = [
    "BLOCK",
    "chance",
    "complete_codes",
    "draw_code",
    "draw_codes",
    "draw_given",
    "log_probability",
    "logits_of",
    "start",
]

BLOCK = 2_048
"""Rows that go through the columns together; their sums stay in the processor's cache."""
_MAXIMUM_PREFIXES = 16_384
"""Joint contents of conditioned columns that are enumerated before they are sampled instead."""


@torch.inference_mode()
def draw_codes(
    network: MaskedCodes, n: int, allowed: Mapping[int, Array], rng: np.random.Generator
) -> IntArray:
    """Draw rows; of conditioned columns, only codes that are allowed.

    Conditioned columns come first, those with fewest codes before the others; the rest follow in
    their order. All joint contents of the conditioned columns that are allowed are enumerated with
    their probabilities, so the draws are exact, a single code or a set. Only where there are
    more than 16,384 of them are they drawn one column after the other, renormalised to what is
    allowed, and resampled by weight, the product of the allowed masses: from a population of that
    size, so their joint law has an error of its order, 1 / sqrt(16,384). What comes after is
    exact given them.

    Args:
        network: The network.
        n: Number of rows.
        allowed: By conditioned column, whether each of its codes may occur, (codes,): booleans,
            or the share in [0, 1] of a code's rows that may.
        rng: The stream; the same one gives the same rows on one machine.

    Returns:
        Codes, (n, d).

    Raises:
        ConfigError: ``n`` is negative, or a condition is on no column, of another length or
            allows nothing.

    Example:
        >>> network = MaskedCodes([2, 3], width=8).eval()
        >>> only = {1: np.array([False, True, False])}
        >>> draw_codes(network, 2, only, np.random.default_rng(0))[:, 1].tolist()
        [1, 1]
    """
    if n < 0:
        raise ConfigError(f"n: expected a number of rows from 0, found {n}")
    codes = np.zeros((n, len(network.n_codes)), dtype=np.int32)
    given = np.zeros(len(network.n_codes), dtype=bool)
    for column, drawn in draw_given(network, n, allowed, rng).items():
        codes[:, column], given[column] = drawn, True
    return _completed(network, codes, np.broadcast_to(given, codes.shape), rng, {})


@torch.inference_mode()
def draw_given(
    network: MaskedCodes, n: int, allowed: Mapping[int, Array], rng: np.random.Generator
) -> dict[int, IntArray]:
    """Draw the codes of the conditioned columns alone, from their joint law.

    Args:
        network: The network.
        n: Number of rows.
        allowed: As in :func:`draw_codes`.
        rng: The stream.

    Returns:
        Codes by conditioned column, (n,) each.

    Raises:
        ConfigError: A condition is on no column, of another length or allows nothing.

    Example:
        >>> network = MaskedCodes([2, 3], width=8).eval()
        >>> only = {1: np.array([False, True, False])}
        >>> draw_given(network, 2, only, np.random.default_rng(0))[1].tolist()
        [1, 1]
    """
    choices = _choices(network, allowed)
    if not choices or not n:
        return {column: np.zeros(n, dtype=np.int64) for column in choices}
    contents, shares = _joint(network, choices, rng)
    return dict(zip(choices, contents[_picked(shares, n, rng)].T, strict=True))


@torch.inference_mode()
def chance(network: MaskedCodes, allowed: Mapping[int, Array]) -> float:
    """Give the probability that a row fulfils conditions.

    Args:
        network: The network.
        allowed: As in :func:`draw_codes`.

    Returns:
        The probability; an estimate where there are more joint contents than are enumerated.

    Raises:
        ConfigError: A condition is on no column, of another length or allows nothing.

    Example:
        >>> network = MaskedCodes([2, 3], width=8).eval()
        >>> round(chance(network, {0: np.array([True, True])}), 5)
        1.0
    """
    choices = _choices(network, allowed)
    shares = _joint(network, choices, np.random.default_rng(0))[1] if choices else np.zeros(1)
    return float(np.exp(np.logaddexp.reduce(shares)))


@torch.inference_mode()
def complete_codes(
    network: MaskedCodes,
    codes: IntArray,
    observed: Array,
    rng: np.random.Generator,
    *,
    never: Mapping[int, int] | None = None,
) -> IntArray:
    """Keep observed cells and draw the others from their joint law given them.

    Args:
        network: The network.
        codes: Codes, (rows, d); what is not observed may hold anything.
        observed: Whether a cell is kept, (rows, d).
        rng: The stream.
        never: By column, a code that is not drawn.

    Returns:
        Codes, (rows, d).

    Raises:
        DataError: The shapes differ or an observed code is out of range.

    Example:
        >>> network = MaskedCodes([2, 3], width=8).eval()
        >>> rows = np.array([[1, -1]])
        >>> complete_codes(network, rows, rows >= 0, np.random.default_rng(0))[0, 0]
        np.int32(1)
    """
    known = np.asarray(observed, dtype=bool)
    if known.shape != np.shape(codes):
        raise DataError(
            f"observed: expected the shape of the codes, {np.shape(codes)}, found {known.shape}"
        )
    checked = check_codes(codes, network.n_codes, observed=known)
    return _completed(network, checked.astype(np.int32), known, rng, never or {})


@torch.inference_mode()
def log_probability(
    network: MaskedCodes, codes: IntArray, *, n_orders: int = 1, random_state: RandomState = 0
) -> FloatArray:
    """Give the log probability of rows.

    With one order it is exactly the law that ``draw_codes`` draws from without conditions: columns
    in their order. More orders, drawn at random, are mixed with it: log of the mean probability.

    Args:
        network: The network.
        codes: Codes, (rows, d).
        n_orders: Orders of the columns, the first of them their own.
        random_state: Seed of the other orders.

    Returns:
        Log probabilities in nats, (rows,); over all possible rows, probabilities sum to one.

    Raises:
        ConfigError: ``n_orders`` is not 1 or more.
        DataError: A code is out of range.

    Example:
        >>> network = MaskedCodes([2, 2], width=8).eval()
        >>> rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        >>> round(float(np.exp(log_probability(network, rows)).sum()), 5)
        1.0
    """
    if n_orders < 1:
        raise ConfigError(f"n_orders: expected a number from 1, found {n_orders}")
    checked = torch.from_numpy(check_codes(codes, network.n_codes).astype(np.int64))
    rng, own = np.random.default_rng(random_state), np.arange(len(network.n_codes))
    orders = [own, *(rng.permutation(own) for _ in range(n_orders - 1))]
    scores = [
        torch.cat([_score(network, x, order) for x in torch.split(checked, BLOCK)])
        for order in orders
    ]
    mixed = torch.stack(scores).logsumexp(0) - np.log(n_orders)
    result: FloatArray = mixed.numpy()
    return result


def _score(network: MaskedCodes, codes: Tensor, order: IntArray) -> Tensor:
    sums, total = start(network, len(codes)), torch.zeros(len(codes), dtype=torch.float64)
    for column in order.tolist():
        effects, weights, biases = network.column_weights(column)
        logits = logits_of(network, sums, weights, biases)
        own = codes[:, column]
        total += logits.log_softmax(0).gather(0, own[None])[0]
        sums += effects.index_select(0, own)
    return total


def start(network: MaskedCodes, n: int) -> Tensor:
    """Give the sums of rows of which nothing is observed, (n, width)."""
    absent = network.table[-len(network.n_codes) :].sum(0)
    return absent.expand(n, -1).clone()


def logits_of(network: MaskedCodes, sums: Tensor, weights: Tensor, biases: Tensor) -> Tensor:
    """Give the logits of a column's codes, (codes, rows), for sums of vectors, (rows, width)."""
    return torch.addmm(biases, weights, network.hidden(sums).T)


def _completed(
    network: MaskedCodes,
    codes: IntArray,
    observed: Array,
    rng: np.random.Generator,
    never: Mapping[int, int],
) -> IntArray:
    parts = [network.column_weights(column) for column in range(len(network.n_codes))]
    for column, code in never.items():
        effects, weights, biases = parts[column]
        barred = torch.arange(len(biases)) == code
        parts[column] = (effects, weights, biases.masked_fill(barred[:, None], -torch.inf))
    filled = codes.copy()
    for first in range(0, len(codes), BLOCK):
        block = slice(first, first + BLOCK)
        _complete_block(network, parts, filled[block], observed[block], rng)
    return filled


def _complete_block(
    network: MaskedCodes,
    parts: Sequence[tuple[Tensor, Tensor, Tensor]],
    codes: IntArray,
    observed: Array,
    rng: np.random.Generator,
) -> None:
    """Fill a block of codes in place; each drawn column moves the sums by what it adds."""
    sums = start(network, len(codes))
    for column, (effects, _, _) in enumerate(parts):
        for rows in _rows_of(observed[:, column]):
            _move(sums, rows, effects, torch.from_numpy(codes[rows, column]))
    for column, (effects, weights, biases) in enumerate(parts):
        for rows in _rows_of(~observed[:, column]):
            drawn = draw_code(logits_of(network, sums[rows], weights, biases), rng)
            codes[rows, column] = drawn.numpy()
            _move(sums, rows, effects, drawn)


def _move(sums: Tensor, rows: slice | IntArray, effects: Tensor, codes: Tensor) -> None:
    added = effects.index_select(0, codes)
    if isinstance(rows, slice):
        sums.add_(added)
    else:
        sums.index_add_(0, torch.from_numpy(rows), added)


def _rows_of(chosen: Array) -> Iterator[slice | IntArray]:
    """Give the chosen rows once, as a slice where they are all, or nothing where there are none."""
    if chosen.all():
        yield slice(None)
    elif chosen.any():
        yield chosen.nonzero()[0]


def draw_code(logits: Tensor, rng: np.random.Generator) -> Tensor:
    """Draw a code of each row by inverting the distribution function of its logits (codes, n)."""
    masses = (logits - logits.amax(0)).exp_().cumsum(0)
    levels = torch.from_numpy(rng.random(masses.shape[1], dtype=np.float32)) * masses[-1]
    # A level can round up to the whole mass; the last code that has any mass is meant then.
    levels = torch.minimum(levels, torch.nextafter(masses[-1], torch.zeros(())))
    return (masses[:-1] <= levels).sum(0)


def _choices(
    network: MaskedCodes, allowed: Mapping[int, Array]
) -> dict[int, tuple[IntArray, FloatArray]]:
    """Give the codes allowed and their log shares, the columns with fewest codes first."""
    found = {}
    for column, mask in allowed.items():
        if not 0 <= column < len(network.n_codes):
            raise ConfigError(
                f"allowed: expected columns 0 to {len(network.n_codes) - 1}, found {column}"
            )
        shares = np.asarray(mask, dtype=np.float64)
        may = shares > 0
        if may.shape != (network.n_codes[column],) or not may.any():
            raise ConfigError(
                f"allowed: expected {network.n_codes[column]} shares for column {column}, one of "
                f"them above 0, found shape {may.shape} with {int(may.sum())} above 0"
            )
        found[int(column)] = (may.nonzero()[0], np.log(shares[may]))
    return dict(sorted(found.items(), key=lambda item: (len(item[1][0]), item[0])))


def _joint(
    network: MaskedCodes,
    choices: Mapping[int, tuple[IntArray, FloatArray]],
    rng: np.random.Generator,
) -> tuple[IntArray, FloatArray]:
    """Give joint contents of the conditioned columns, (m, columns), and log probabilities, (m,)."""
    contents: IntArray = np.zeros((1, 0), dtype=np.int64)
    shares, sums = np.zeros(1), start(network, 1)
    for column, (codes, log_shares) in choices.items():
        effects, weights, biases = network.column_weights(column)
        log_p = _restricted(network, sums, weights, biases, codes) + log_shares
        rows: IntArray
        if log_p.size <= _MAXIMUM_PREFIXES:
            rows, places = (x.ravel() for x in np.indices(log_p.shape))
            shares = (shares[:, None] + log_p).ravel()
        else:
            rows = _picked(shares, _MAXIMUM_PREFIXES, rng)
            places = draw_code(torch.from_numpy(log_p[rows].T.copy()), rng).numpy()
            shares = np.logaddexp.reduce(log_p, axis=1)[rows]
        contents = np.column_stack([contents[rows], codes[places]])
        sums = sums[rows] + effects[codes[places]]
    return contents, shares


def _restricted(
    network: MaskedCodes, sums: Tensor, weights: Tensor, biases: Tensor, codes: IntArray
) -> FloatArray:
    """Give log probabilities of some codes of a column, (rows, codes)."""
    log_laws = logits_of(network, sums, weights, biases).log_softmax(0).T
    log_p: FloatArray = log_laws[:, torch.from_numpy(codes)].double().numpy()
    return log_p


def _picked(shares: FloatArray, n: int, rng: np.random.Generator) -> IntArray:
    """Draw n places with chances in proportion to the exponentials of ``shares``."""
    masses = np.cumsum(np.exp(shares - shares.max()))
    places: IntArray = np.searchsorted(masses, rng.random(n) * masses[-1], side="right")
    return np.minimum(places, len(masses) - 1)
