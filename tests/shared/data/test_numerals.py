"""Numbers stored as text are read in one style, and codes are left alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenara.shared.data.numerals import are_numerals, parse_numerals


@pytest.mark.parametrize(
    ("strings", "numbers"),
    [
        (["1", "-2", "+3"], [1, -2, 3]),
        (["$1,200.50", "USD 3", "4 €"], [1200.5, 3, 4]),
        (["-$5", "$-5", "(5)", "\N{MINUS SIGN}5"], [-5, -5, -5, -5]),
        (["1.234,50", "0,5"], [1234.5, 0.5]),
        (["1,234", "2"], [1234, 2]),
        (["1 234 567.8", "1'000", "9\N{NO-BREAK SPACE}999"], [1234567.8, 1000, 9999]),
        (["12 %", "7%"], [0.12, 0.07]),
        (["1.5e3", ".5"], [1500, 0.5]),
        (["1", " ", "n/a", "2", "3"], [1, np.nan, np.nan, 2, 3]),
    ],
)
def test_amounts_in_words_of_people_become_numbers(strings, numbers):
    np.testing.assert_array_equal(parse_numerals(strings), numbers)


@pytest.mark.parametrize(
    "string",
    ["007", "1e5", "12,345,67", "1-2", "--5", "+-5", "(5", "$", "%", "1.", "abc", "inf", "١٢",
     "1234567890123456", "2020-01-01", "1,234.567.890"],
)  # fmt: skip
def test_codes_and_other_text_are_no_numbers(string):
    assert not are_numerals(["1", "2", string])


def test_two_styles_in_one_column_are_no_numbers():
    assert not are_numerals(["1,234.50", "1.234,50"])


def test_mostly_placeholders_are_no_numbers():
    assert not are_numerals(["-", "-", "-", "1"])


@given(st.lists(st.integers(-(10**9), 10**9).map(lambda n: n / 100), min_size=1))
def test_amounts_with_cents_survive_being_written_with_separators(amounts):
    written = [f"{amount:,.2f}" for amount in amounts]
    np.testing.assert_array_equal(parse_numerals(written), amounts)
