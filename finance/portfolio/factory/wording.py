"""How figures of a search are named and written."""

from scenara.shared.report.numbers import decimal, multiple, percent

__all__ = ["RANK_WORDS", "figure_name", "write_figure"]

RANK_WORDS = {1: "first", 2: "second", 3: "third"}
"""Words for the first ranks."""

_NAMES = {
    "sharpe": "Sharpe ratio a year",
    "cagr": "growth a year",
    "final_wealth": "final wealth",
    "max_drawdown": "deepest fall",
    "volatility": "volatility a year",
}


def figure_name(objective: str) -> str:
    """Name an objective for readers.

    Args:
        objective: A name in ``OBJECTIVES``.

    Example:
        >>> figure_name("max_drawdown")
        'deepest fall'
    """
    return _NAMES[objective]


def write_figure(objective: str, value: float) -> str:
    """Write a figure in its unit.

    Args:
        objective: A name in ``OBJECTIVES``.
        value: The figure.

    Example:
        >>> write_figure("max_drawdown", 0.25), write_figure("sharpe", 0.5)
        ('25.0\N{NO-BREAK SPACE}%', '0.50')
    """
    if objective == "sharpe":
        return decimal(value)
    return multiple(value) if objective == "final_wealth" else percent(value, digits=1)
