"""The shape of identifiers, and new ones of the same shape that nobody has had."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenara.shared.types import Array, IntArray

__all__ = ["CharPattern", "FreeNumbers", "NumberPattern", "learn_pattern"]

MAX_GAPS = 256
MAX_SCATTER = 2**31
MAX_COUNTER = 2**62
MAX_DIGITS = 18
MIN_NUMBERS, MIN_ROOM = 10, 100
DIGITS, LOWER, UPPER = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HEXADECIMAL = (DIGITS + LOWER[:6], DIGITS + UPPER[:6])
ALPHABETS = (
    DIGITS,
    UPPER,
    LOWER,
    *HEXADECIMAL,
    UPPER + DIGITS,
    LOWER + DIGITS,
    UPPER + LOWER + DIGITS,
)
IS_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class FreeNumbers:
    """Hold ranges of whole numbers that no identifier seen uses.

    Args:
        starts: First number of each range, (ranges,).
        lengths: How many numbers each has, (ranges,).
        n_scattered: How many numbers, from the first range on, are gone through in a scattered
            order, as random identifiers look; those after them come in increasing order.

    Example:
        >>> free = FreeNumbers(np.array([11, 3]), np.array([2, 4]))
        >>> free.total, free.take(np.arange(4))
        (6, array([11, 12,  3,  4]))
    """

    starts: IntArray
    lengths: IntArray
    n_scattered: int = 0

    @property
    def total(self) -> int:
        """Count the numbers that can be taken."""
        left_out = self.n_scattered - min(self.n_scattered, MAX_SCATTER)
        return sum(map(int, self.lengths)) - left_out

    def take(self, rows: IntArray) -> IntArray:
        """Give the number that belongs to each row number; different rows, different numbers.

        Args:
            rows: Row numbers, each below ``total``, (rows,).
        """
        places = self._scattered(rows) if self.n_scattered else rows
        ends = np.cumsum(self.lengths)
        part = np.searchsorted(ends, places, side="right")
        return np.asarray(self.starts[part] + (places - (ends[part] - self.lengths[part])))

    def _scattered(self, rows: IntArray) -> IntArray:
        # Multiplying by a number without a common factor shuffles the rows modulo `size`; the
        # size is bounded so that products fit into 64 bits, and stretched over all the numbers.
        size = min(self.n_scattered, MAX_SCATTER)
        factor = max(int(size * 0.6180339887), 1)
        while np.gcd(factor, size) != 1:
            factor += 1
        shuffled = (rows % size * factor + size // 3) % size * (self.n_scattered // size)
        return np.where(rows < size, shuffled, rows - size + self.n_scattered)


@dataclass(frozen=True)
class NumberPattern:
    """Write identifiers as a number between a prefix and a suffix, ``C-00017``.

    Args:
        prefix: Text before the number.
        suffix: Text after it.
        width: Digits that the number is filled up to with zeros; 0 for none.
        free: The numbers to use; a number with more digits than ``width`` is written whole.
    """

    prefix: str
    suffix: str
    width: int
    free: FreeNumbers

    def render(self, rows: IntArray) -> Array:
        """Give the identifier of each row number, (rows,)."""
        digits = self.free.take(rows).astype(str)
        filled = np.strings.zfill(digits, self.width) if len(digits) else digits
        return np.strings.add(np.strings.add(self.prefix, filled), self.suffix).astype(object)


@dataclass(frozen=True)
class CharPattern:
    """Write identifiers of one length with an alphabet for each place, ``K7Q-22B``.

    The last places count, so that no two rows agree; the places before them are filled at random,
    which depends on the row alone.

    Args:
        alphabets: The characters of each place.
        n_counting: How many places, from the last, count.
        free: Numbers that the counting places of no identifier seen spell.
    """

    alphabets: tuple[str, ...]
    n_counting: int
    free: FreeNumbers

    def render(self, rows: IntArray) -> Array:
        """Give the identifier of each row number; beyond the free ones a number is appended."""
        total = self.free.total
        counts = self.free.take(rows % total)
        chars = np.empty((len(rows), len(self.alphabets)), dtype=np.uint32)
        for place in reversed(range(len(self.alphabets))):
            alphabet = _codepoints(self.alphabets[place])
            if place >= len(self.alphabets) - self.n_counting:
                counts, digits = np.divmod(counts, len(alphabet))
            else:
                digits = _hash(rows, place) % len(alphabet)
            chars[:, place] = alphabet[digits]
        texts = np.ascontiguousarray(chars).view(f"<U{len(self.alphabets)}")[:, 0].astype(object)
        again = np.flatnonzero(rows >= total)
        texts[again] = [f"{texts[row]}-{rows[row] // total}" for row in again]
        return texts


def learn_pattern(texts: Sequence[str], *, column: str) -> NumberPattern | CharPattern:
    """Find the shape of identifiers.

    A number between a fixed prefix and suffix, else one alphabet for each place if all have one
    length, else a token ``column-0000001`` that says no more than that it is an identifier.

    Args:
        texts: Identifiers, at least one.
        column: Name of their column.

    Example:
        >>> pattern = learn_pattern(["C-00017", "C-00018", "C-00019"], column="customer")
        >>> pattern.render(np.arange(2)).tolist()
        ['C-00020', 'C-00021']
    """
    distinct = sorted(set(texts))
    return _numbered(distinct) or _spelled(distinct) or _token(distinct, column)


def free_above(numbers: IntArray, *, floor: int, ceiling: int) -> FreeNumbers:
    """Find numbers that are not used, first above the greatest, then below the least.

    Args:
        numbers: Numbers in use, distinct and increasing.
        floor: Least number allowed.
        ceiling: Greatest number allowed.
    """
    low, high = int(numbers[0]), int(numbers[-1])
    return _free([(high + 1, ceiling - high), (floor, low - floor), *_gaps(numbers)])


def _numbered(texts: list[str]) -> NumberPattern | None:
    shared = os.path.commonprefix([texts[0], texts[-1]]).rstrip(DIGITS)
    prefix = shared if len(texts) > 1 else texts[0].rstrip(DIGITS)
    ends = [text[len(prefix) :] for text in texts]
    suffix = os.path.commonprefix(
        [end[::-1] for end in (min(ends, key=_back), max(ends, key=_back))]
    )
    suffix = suffix.rstrip(DIGITS)[::-1]
    digits = [end[: len(end) - len(suffix)] for end in ends]
    if not all(part.isascii() and part.isdigit() and len(part) <= MAX_DIGITS for part in digits):
        return None
    lengths = {len(part) for part in digits}
    padded = any(part[0] == "0" and len(part) > 1 for part in digits)
    if padded and len(lengths) > 1:
        return None
    numbers = np.unique(np.array(digits).astype(np.int64))
    width = lengths.pop() if len(lengths) == 1 else 0
    return NumberPattern(prefix, suffix, width, _free_digits(numbers, width))


def _free_digits(numbers: IntArray, width: int) -> FreeNumbers:
    low, high = int(numbers[0]), int(numbers[-1])
    top = 10**width - 1 if width else high
    beyond = (max(top, high) + 1, 10**MAX_DIGITS)
    gaps = _gaps(numbers)
    inside = sum(length for _, length in gaps)
    looks_random = len(numbers) >= MIN_NUMBERS and inside >= 0.5 * (high - low)
    if looks_random and inside >= MIN_ROOM * len(numbers):
        return _free([*gaps, beyond], n_scattered=inside)
    return _free([(high + 1, top - high), beyond])


def _spelled(texts: list[str]) -> CharPattern | None:
    if (
        len({len(text) for text in texts}) != 1
        or not texts[0]
        or any("\0" in text for text in texts)
    ):
        return None
    chars = np.array(texts).view(np.uint32).reshape(len(texts), -1)
    uuid = all(IS_UUID.fullmatch(text) for text in texts)
    alphabets = tuple(
        _alphabet("".join(map(chr, np.unique(column))), known=_known(place, uuid=uuid))
        for place, column in enumerate(chars.T)
    )
    n_counting, capacity = 0, 1
    for alphabet in reversed(alphabets):
        if capacity * len(alphabet) > MAX_COUNTER:
            break
        n_counting, capacity = n_counting + 1, capacity * len(alphabet)
    used = np.unique(_spell(chars, alphabets, n_counting))
    ranges = [(0, int(used[0])), (int(used[-1]) + 1, capacity - int(used[-1]) - 1), *_gaps(used)]
    free = _free(ranges, n_scattered=sum(length for _, length in ranges))
    return CharPattern(alphabets, n_counting, free) if free.total else None


def _spell(chars: Array, alphabets: tuple[str, ...], n_counting: int) -> IntArray:
    numbers = np.zeros(len(chars), dtype=np.int64)
    for place in range(len(alphabets) - n_counting, len(alphabets)):
        points = _codepoints(alphabets[place])
        order = np.argsort(points)
        digits = order[np.searchsorted(points[order], chars[:, place])]
        numbers = numbers * len(points) + digits
    return numbers


def _known(place: int, *, uuid: bool) -> tuple[str, ...]:
    if not uuid:
        return ALPHABETS
    # The place after the third hyphen holds the variant, of which these are the usual four.
    return ("89ab", "89AB", *HEXADECIMAL) if place == 19 else HEXADECIMAL


def _alphabet(found: str, *, known: tuple[str, ...]) -> str:
    if len(found) == 1:
        return found
    return next((alphabet for alphabet in known if set(found) <= set(alphabet)), found)


def _token(texts: list[str], column: str) -> NumberPattern:
    prefix = f"{column or 'id'}-"
    while any(text.startswith(prefix) for text in texts):
        prefix = f"new-{prefix}"
    free = _free([(1, 10**MAX_DIGITS)])
    return NumberPattern(prefix, "", 7, free)


def _gaps(numbers: IntArray) -> list[tuple[int, int]]:
    """List the largest ranges between numbers in use, in order."""
    lengths = np.diff(numbers) - 1
    largest = np.sort(np.argsort(-lengths, kind="stable")[:MAX_GAPS])
    return [(int(numbers[place]) + 1, int(lengths[place])) for place in largest]


def _free(ranges: Sequence[tuple[int, int]], *, n_scattered: int = 0) -> FreeNumbers:
    """Keep ranges as arrays; what is beyond 2**62 numbers in all is left out."""
    kept, room = [], MAX_COUNTER
    for start, length in ranges:
        if min(length, room) > 0:
            kept.append((start, min(length, room)))
            room -= kept[-1][1]
    starts, lengths = (np.array([item[part] for item in kept], dtype=np.int64) for part in (0, 1))
    return FreeNumbers(starts, lengths, min(n_scattered, MAX_COUNTER))


def _codepoints(text: str) -> Array:
    return np.array(list(map(ord, text)), dtype=np.uint32)


def _hash(rows: IntArray, place: int) -> IntArray:
    """Mix row and place into numbers that look random (splitmix64)."""
    mixed = rows.astype(np.uint64) + np.uint64((place + 1) * 0x9E3779B97F4A7C15 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(1)).astype(np.int64)


def _back(text: str) -> str:
    return text[::-1]
