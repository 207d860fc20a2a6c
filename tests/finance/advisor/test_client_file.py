"""The client's file: read as it is meant, or refused with everything that is wrong."""

import pytest

from scenara.finance.advisor.client_file import AdviceRefusedError, read_client
from scenara.finance.advisor.contradictions import find_contradictions
from scenara.finance.advisor.example import write_example
from scenara.finance.advisor.planning.us_market import US_CLASSES
from scenara.shared.errors import ConfigError


@pytest.fixture
def file(tmp_path):
    return write_example(tmp_path)


def edit(file, old, new):
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


def reasons(file):
    with pytest.raises(AdviceRefusedError) as caught:
        read_client(file)
    return caught.value.reasons


def test_the_example_can_be_advised(file):
    assert find_contradictions(read_client(file), US_CLASSES) == []


def test_tables_are_looked_for_beside_the_file(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path.parent)
    assert read_client(file).holdings.cash == 9500


def test_dates_of_toml_and_text_are_the_same(file):
    before = read_client(file).person
    assert read_client(edit(file, "as_of = 2026-11-27", 'as_of = "2026-11-27"')).person == before


def test_debts_are_part_of_the_household(file):
    assert read_client(file).household.debt_payments == 3600


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("retirement_age = 67", "retirment_age = 67", "did you mean 'retirement_age'?"),
        ("[saving]", "[savings]", "unknown key 'savings'; did you mean 'saving'?"),
        ("emergency_cash = 20000", "", "[household]: emergency_cash is missing"),
        ("inflation_per_year = 0.025", "", "[assumptions]: inflation_per_year is missing"),
        ("age = 35", 'age = "35"', "[client]: age: expected float or int, found '35'"),
        ("years = 25", "years = 2.5", "[[goals]] 2: years: expected int, found 2.5"),
        ("years = 25", "years = 0", "[[goals]] 2: years: expected a number in [1, 60], found 0"),
        (
            'priority = "essential"',
            'priority = "vital"',
            "[[goals]] 2: priority: expected one of essential, important, wish, found 'vital'",
        ),
        ("age = 49", "age = 49\ndate = 2040-11-01", "expected one of date and age, found both"),
        ('holdings = "holdings.csv"', "", "holdings is missing: name the file"),
        ("rate_per_year = 0.05", "rate_per_year = 5.0", "household.debts]] 1: rate_per_year"),
        ("amount = 40000", f"amount = 1{'0' * 400}", "found 100000000000... of 401 characters"),
        ("amount = 40000", "amount = 1e300", "amount: expected a number in [1e-09, 1e+13]"),
        ("age = 67", "age = inf", "[[goals]] 2: age: expected a number in [0, 150], found inf"),
        ('name = "education"', 'name = " "', "[[goals]] 1: name: expected a name, found none"),
        ('exclude = ["tobacco"]', "exclude = [1, 2]", "exclude: expected texts, found [1, 2]"),
        ('mix = "30_40_30"', 'mix = ["30_40_30"]', "questionnaire: mix: expected text"),
        (
            'holdings = "holdings.csv"',
            "holdings = 5",
            'holdings: expected the name of a file, such as "holdings.csv", found 5',
        ),
        (
            'instruments = "instruments.csv"',
            'instruments = ["instruments.csv"]',
            "instruments: expected the name of a file",
        ),
        ("# aaa_yield = 0.052", "aaa_yield = 0", "aaa_yield: expected a number in [0.002, 0.3]"),
        ("long_term = 0.15", "long_term = 15", "[tax]: long_term: expected a number in [0, 0.9]"),
    ],
)
def test_a_mistake_is_named_with_its_place(file, old, new, reason):
    assert any(reason in found for found in reasons(edit(file, old, new)))


def test_all_mistakes_are_listed_at_once(file):
    edit(file, "emergency_cash = 20000", "")
    edit(file, "years = 4", "years = -1")
    edit(file, "[fees]", "[fee]")
    assert len(reasons(file)) == 3


def test_a_symbol_that_is_no_instrument_is_named_with_its_line(file, tmp_path):
    edit(tmp_path / "holdings.csv", "BOND,100", "BOMD,100")
    (reason,) = reasons(file)
    assert "line 4" in reason
    assert "did you mean 'BOND'?" in reason


def test_a_purchase_after_the_plan_is_refused(file, tmp_path):
    edit(tmp_path / "holdings.csv", "2024-06-03", "2026-12-24")
    assert "2026-12-24" in reasons(file)[0]


def test_a_mark_of_byte_order_is_no_mistake(file):
    plain = read_client(file)
    file.write_text("\ufeff" + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert read_client(file) == plain


def test_a_number_of_thousands_of_digits_is_not_readable(file):
    edit(file, "amount = 40000", f"amount = 1{'0' * 5_000}")
    with pytest.raises(ConfigError, match="not readable as TOML"):
        read_client(file)


def test_holdings_without_a_row_say_how_to_hold_nothing(file, tmp_path):
    table = tmp_path / "holdings.csv"
    table.write_text(table.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    (reason,) = reasons(file)
    assert reason.endswith("who holds nothing writes CASH,0,,")


def test_a_file_that_is_not_there_says_how_to_get_one(tmp_path):
    with pytest.raises(ConfigError, match="scenara finance client writes an example"):
        read_client(tmp_path / "nobody.toml")


def test_a_broken_file_is_named(file):
    with pytest.raises(ConfigError, match="not readable as TOML"):
        read_client(edit(file, "[client]", "[client"))


def test_an_example_is_never_written_over(file):
    with pytest.raises(ConfigError, match="is there already"):
        write_example(file.parent)
