"""How readings are written for a reader."""

from collections.abc import Callable, Mapping
from typing import Final

from scenara.shared.evaluation.tables.readings import Reading
from scenara.shared.report.numbers import count, decimal, multiple, percent, seconds

__all__ = ["figure", "interval", "with_interval", "written"]

_SMALL = 0.1


def _share(value: float) -> str:
    return percent(value, digits=2 if abs(value) < _SMALL else 1)


def _decimal(value: float) -> str:
    return decimal(value, digits=3) if abs(value) < 10 else decimal(value, digits=1)


def _gibibytes(value: float) -> str:
    return f"{decimal(value / 2**30)}\N{NO-BREAK SPACE}GiB"


_WRITE: Final[Mapping[str, Callable[[float], str]]] = {
    "share": _share,
    "decimal": _decimal,
    "ratio": lambda value: multiple(value, digits=3),
    "seconds": seconds,
    "count": count,
    "bytes": _gibibytes,
}


def written(reading: Reading, value: float) -> str:
    """Write a value in the unit of a measure.

    Args:
        reading: A reading of the measure.
        value: The value.

    Example:
        >>> written(Reading("detection_test"), 0.75)
        '0.750'
    """
    return _WRITE[reading.about.unit](value)


def figure(reading: Reading) -> str:
    """Write the value of a reading, or that there is none.

    Args:
        reading: The reading.

    Example:
        >>> figure(Reading("utility", reason="no target"))
        'not measured'
    """
    return written(reading, reading.value) if reading.is_measured else "not measured"


def interval(reading: Reading) -> str:
    """Write the interval of a reading; "" if it has none.

    Args:
        reading: The reading.

    Example:
        >>> interval(Reading("detection_test", 0.8, 0.78, 0.82))
        '0.780 to 0.820'
    """
    if not reading.has_interval:
        return ""
    return f"{written(reading, reading.low)} to {written(reading, reading.high)}"


def with_interval(reading: Reading) -> str:
    """Write the value of a reading and, in brackets, its interval.

    Args:
        reading: The reading.

    Example:
        >>> with_interval(Reading("detection_test", 0.8, 0.78, 0.82))
        '0.800 (0.780 to 0.820)'
    """
    ends = interval(reading)
    return f"{figure(reading)} ({ends})" if ends else figure(reading)
