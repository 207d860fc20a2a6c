"""What a simulator takes for daily returns, and what it sends back."""

import numpy as np
import pandas as pd

from scenara.shared.errors import DataError

__all__ = ["check_returns"]

_LARGEST_TYPICAL_DAY = 0.2


def check_returns(returns: pd.DataFrame) -> None:
    """Refuse what are no daily log returns, above all prices and per cents.

    Args:
        returns: Days x assets; may be missing before an asset exists.

    Raises:
        DataError: It is no table of numbers with days in order, or typical days are so wild that
            they must be something else.

    Example:
        >>> check_returns(pd.DataFrame({"SPX": [4_700.0, 4_740.0]}))
        Traceback (most recent call last):
        ...
        scenara.shared.errors.DataError: returns: column 'SPX': a typical day is 4.72e+03, expected \
daily log returns such as 0.01; use log_returns(check_prices(prices)), or divide per cents by 100
    """
    if not isinstance(returns, pd.DataFrame):
        raise DataError(
            f"returns: expected a DataFrame of days x assets, found {type(returns).__name__}"
        )
    index = returns.index
    if not index.is_monotonic_increasing or index.has_duplicates:
        raise DataError("returns: expected days in order, each once; sort them and drop repeats")
    names = pd.Index([str(name) for name in returns.columns])
    if names.has_duplicates:
        raise DataError(f"returns: column {names[names.duplicated()][0]!r} is there twice")
    try:
        typical = returns.astype(np.float64).abs().median()
    except (TypeError, ValueError) as error:
        raise DataError(f"returns: expected numbers in every column: {error}") from error
    wild = typical.index[typical > _LARGEST_TYPICAL_DAY]
    if len(wild):
        raise DataError(
            f"returns: column {wild[0]!r}: a typical day is {typical[wild[0]]:.3g}, expected "
            "daily log returns such as 0.01; use log_returns(check_prices(prices)), or divide "
            "per cents by 100"
        )
