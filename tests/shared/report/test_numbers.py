"""Numbers are written the same way everywhere."""

import math

import pytest

from scenara.shared.report import numbers

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize("write", [getattr(numbers, name) for name in numbers.__all__])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_a_dash(write, value):
    assert write(value) == "–"


@pytest.mark.parametrize(
    ("share", "text"), [(0.984, "98"), (1.0, "100"), (0.0, "0"), (0.0001, "<1"), (-0.103, "−10")]
)
def test_percent(share, text):
    assert numbers.percent(share) == f"{text}{NBSP}%"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.01, "1st"), (0.02, "2nd"), (0.03, "3rd"), (0.11, "11th"), (0.12, "12th"), (0.91, "91st")],
)
def test_ordinal(share, text):
    assert numbers.ordinal(share) == text


@pytest.mark.parametrize(
    ("duration", "text"),
    [(0.0004, "0 ms"), (0.9999, "1.0 s"), (9.96, "10 s"), (59.6, "1 min 0 s"), (61.0, "1 min 1 s")],
)
def test_seconds_never_show_sixty(duration, text):
    assert numbers.seconds(duration) == text.replace(" ", NBSP).replace(f"min{NBSP}", "min ")


def test_minus_is_a_minus_sign_and_zero_has_none():
    assert (numbers.decimal(-1.5), numbers.decimal(-0.001)) == ("−1.50", "0.00")
