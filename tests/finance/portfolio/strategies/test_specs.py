"""Strategies as they are typed: what is understood, and what a mistake is answered with."""

import pytest

from scenara.finance.portfolio import EqualWeight, MinimumVariance, Mix, Momentum, SixtyForty
from scenara.finance.portfolio.strategies import as_strategy, load_strategies, parse_strategies
from scenara.finance.portfolio.strategies.optimiser import OptimiserStrategy
from scenara.shared.errors import ConfigError

RULES = """
from dataclasses import dataclass
from numpy import sign
from skfolio.optimization import InverseVolatility
from scenara.finance.portfolio import EqualWeight, Momentum

quick = Momentum(lookback=21)
steady = InverseVolatility()

def winner(past):
    return (past[-1] > 0) * 0.5

winner.lookback = 5

def _helper(past):
    return past

@dataclass(frozen=True)
class Mine:
    lookback: int = 3

    def weights(self, history, state):
        return history[-1] * 0

mine = Mine()
"""


@pytest.fixture
def rules(tmp_path):
    file = tmp_path / "rules.py"
    file.write_text(RULES)
    return file


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("equal-weight", EqualWeight()),
        (" momentum ( lookback = 126 , short = true ) ", Momentum(lookback=126, short=True)),
        ("momentum(volatility_target=1)", Momentum(volatility_target=1)),
        ("60-40(bonds=['AGG', \"T, (x)\"])", SixtyForty(bonds=("AGG", "T, (x)"))),
        ("mix(targets={A = 0.5, 'B C' = 0.2})", Mix(targets={"A": 0.5, "B C": 0.2})),
        ("minimum-variance()", MinimumVariance()),
    ],
)
def test_a_strategy_is_read_as_it_is_typed(text, expected):
    assert [strategy for _, strategy in parse_strategies(text)] == [expected]


def test_commas_part_strategies_only_outside_brackets_and_quotes():
    text = "equal-weight,momentum(lookback=126, short=true),60-40(bonds=['A,B', 'C'])"
    names = [name for name, _ in parse_strategies(text)]
    assert names == [
        "equal-weight",
        "momentum(lookback=126, short=true)",
        "60-40(bonds=['A,B', 'C'])",
    ]


def test_what_is_typed_is_taken_where_a_strategy_is_expected():
    assert as_strategy("momentum(lookback=21)") == Momentum(lookback=21)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("momentun", "'momentun' is not known; did you mean 'momentum'"),
        ("momentum(look=3)", "setting 'look' is not known; did you mean 'lookback'"),
        ("momentum(lookback=3.5)", "expected a whole number, found 3.5"),
        ("momentum(lookback=true)", "expected a whole number, found True"),
        ("momentum(short=1)", "expected true or false, found 1"),
        ("momentum(lookback='a')", "expected a whole number, found 'a'"),
        ("minimum-variance(shrinkage='a')", "expected a number, found 'a'"),
        ("60-40(bonds='AGG')", r"expected a list such as \['A', 'B'\], found 'AGG'"),
        ("mix(targets=[0.5])", "expected a table such as"),
        ("momentum(lookback=abc)", "did you mean 'abc' in quotes"),
        ("momentum(lookback)", "expected setting=value, found 'lookback'"),
        ("momentum(lookback=3, lookback=4)", "setting 'lookback' is there twice"),
        ("momentum(lookback=3", r"a closing \) is missing"),
        ("60-40(bonds=['AGG)", "a closing ' is missing"),
        ("equal-weight,,momentum", "expected something before and after each comma"),
        ("", "expected something before and after each comma"),
        ("(lookback=3)", r"expected name or name\(setting=value"),
        ("momentum(lookback=3)x", r"expected name or name\(setting=value"),
        ("momentum,momentum", "'momentum' is there twice"),
        ("60-40", "expected which assets are bonds"),
    ],
)
def test_a_mistake_is_named(text, message):
    with pytest.raises(ConfigError, match=message):
        parse_strategies(text)


def test_one_strategy_is_expected_where_two_have_no_place():
    with pytest.raises(ConfigError, match="expected one, found"):
        as_strategy("equal-weight,momentum")


def test_a_file_gives_its_functions_objects_and_optimisers(rules):
    names = [f"rules.py:{name}" for name in ("quick", "steady", "winner", "mine")]
    found = load_strategies(str(rules))
    assert list(found) == names
    assert [strategy.lookback for strategy in found.values()] == [21, 252, 5, 3]
    assert isinstance(found["rules.py:steady"], OptimiserStrategy)


def test_one_strategy_of_a_file_is_taken_by_its_name(rules):
    assert [name for name, _ in parse_strategies(f"{rules}:winner")] == ["rules.py:winner"]


def test_a_file_stands_beside_names(rules):
    assert len(parse_strategies(f"equal-weight,{rules}")) == 5


def test_a_file_may_say_what_is_public(rules):
    rules.write_text(RULES + "\n__all__ = ['winner']\n")
    assert list(load_strategies(str(rules))) == ["rules.py:winner"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = (", r"rules.py, line 1: not valid Python"),
        ("\nimport no_such_module_there", r"rules.py, line 2: can't be run: ModuleNotFoundError"),
        ("def f():\n    1 / 0\n\nf()", r"rules.py, line 2: can't be run: ZeroDivisionError"),
        ("import sys\nsys.exit('bye')", r"rules.py, line 2: can't be run: SystemExit: bye"),
        ("x = 1", "found no strategy; define a public function"),
        ("from numpy import sign", "found no strategy"),
    ],
)
def test_a_file_that_is_of_no_use_says_why(rules, source, message):
    rules.write_text(source)
    with pytest.raises(ConfigError, match=message):
        load_strategies(str(rules))


def test_a_file_may_import_what_is_beside_it(rules):
    (rules.parent / "beside_the_rules.py").write_text("SHARE = 0.3")
    rules.write_text(
        "from beside_the_rules import SHARE\ndef rule(past):\n    return past[-1] * SHARE"
    )
    assert list(load_strategies(str(rules))) == ["rules.py:rule"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.py: can't be read: No such file"):
        parse_strategies(str(tmp_path / "none.py"))


def test_an_unknown_name_in_a_file_is_answered_with_the_nearest(rules):
    with pytest.raises(ConfigError, match="no strategy 'winer'; did you mean 'winner'"):
        parse_strategies(f"{rules}:winer")


def test_a_file_takes_no_settings(rules):
    with pytest.raises(ConfigError, match="a file takes no settings"):
        parse_strategies(f"{rules}:winner(lookback=3)")
