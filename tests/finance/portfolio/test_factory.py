"""Settings tried on real history and in worlds: against single backtests, and in made-up cases."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator

from scenara.finance.portfolio import Momentum, OptimiserStrategy, backtest, summarise
from scenara.finance.portfolio.factory import (
    StrategySearch,
    grid_settings,
    read_grid,
    search_strategy,
)
from scenara.finance.portfolio.factory.search import longest_lookback
from scenara.finance.portfolio.luck import luck_verdict, probability_of_backtest_overfitting
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.tuning import Choice, Uniform, Whole

GRID = {"lookback": [10, 21], "short": [False, True]}


class OneAsset(BaseEstimator):
    """Put all into one asset, in the style of scikit-learn, whatever the past was."""

    def __init__(self, name="a"):
        self.name = name

    def fit(self, X, y=None):
        self.weights_ = np.asarray(X.columns == self.name, dtype=float)
        return self


@pytest.fixture(scope="module")
def market():
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2020-01-01", periods=160)
    frame = pd.DataFrame(rng.normal(0.0005, 0.01, (160, 3)), index=days, columns=list("abc"))
    return {
        "real": frame[60:],
        "history": frame[:60],
        "worlds": rng.normal(0.0005, 0.01, (30, 80, 3)),
        "past": rng.normal(0.0005, 0.01, (30, 25, 3)),
    }


@pytest.fixture(scope="module")
def found(market):
    return search_strategy("momentum", GRID, **market, rebalance=5, costs=0.001)


def test_each_trial_is_a_backtest_of_its_own(found, market):
    for trial, settings in enumerate(grid_settings(GRID)):
        how = {"rebalance": 5, "costs": 0.001}
        alone = backtest(market["real"], Momentum(**settings), history=market["history"], **how)
        np.testing.assert_array_equal(found.returns.iloc[:, trial], alone.returns[0])
        assert found.real.iloc[trial].to_dict() == summarise(alone).iloc[0].to_dict()
        worlds = backtest(market["worlds"], Momentum(**settings), history=market["past"], **how)
        np.testing.assert_array_equal(found.worlds[:, trial], summarise(worlds)["sharpe"])


def test_the_table_puts_both_sides_beside_each_other(found):
    table = found.table
    assert list(table.columns[:3]) == ["lookback", "short", "real"]
    assert table["lookback"].tolist() == [10, 10, 21, 21]
    np.testing.assert_allclose(table["median"], np.median(found.worlds, axis=0))
    np.testing.assert_allclose(table["low"], np.quantile(found.worlds, 0.05, axis=0))
    baseline = found.baselines[found.best_baseline].to_numpy()
    np.testing.assert_allclose(
        table["beats_baseline"], [(found.worlds[:, k] > baseline).mean() for k in range(4)]
    )


def test_returns_of_all_trials_are_what_tests_of_luck_take(found):
    assert luck_verdict(found.returns, n_draws=50).n_trials == 4
    assert probability_of_backtest_overfitting(found.returns, n_blocks=4).n_trials == 4


def made_up(real, worlds, objective="sharpe"):
    worlds = np.asarray(worlds, dtype=float)
    labels = [f"k={k}" for k in range(len(real))]
    return StrategySearch(
        strategy="mine",
        objective=objective,
        settings=tuple({"k": k} for k in range(len(real))),
        real=pd.DataFrame({objective: real}, index=labels),
        returns=pd.DataFrame(np.zeros((5, len(real))), columns=labels),
        worlds=worlds,
        baselines_real=pd.Series({"even": 0.0, "odd": 0.0}),
        baseline_returns=pd.DataFrame(np.zeros((5, 2)), columns=["even", "odd"]),
        baselines=pd.DataFrame({"even": np.zeros(len(worlds)), "odd": np.ones(len(worlds)) / 2}),
    )


def test_each_side_picks_its_best_and_the_other_says_what_that_earns():
    found = made_up([0.1, 0.9, 0.3], [[1.0, 0.2, 2.0], [1.2, 0.0, 2.2]])
    assert found.picks["trial"].to_dict() == {"real": 1, "worlds": 2}
    assert found.picks.loc["real", "median"] == pytest.approx(0.1)
    assert found.picks.loc["real", ["real_rank", "worlds_rank"]].tolist() == [1, 3]
    assert found.picks.loc["worlds", ["real_rank", "worlds_rank"]].tolist() == [2, 1]


def test_the_best_baseline_is_the_one_to_beat():
    found = made_up([0.1, 0.9], [[1.0, 0.2], [0.4, 0.6]])
    assert found.best_baseline == "odd"
    assert found.table["beats_baseline"].tolist() == [0.5, 0.5]


def test_less_is_better_where_the_figure_is_a_risk():
    found = made_up([0.1, 0.9], [[0.3, 0.2], [0.3, 0.2]], objective="max_drawdown")
    assert found.picks["trial"].to_dict() == {"real": 0, "worlds": 1}
    assert found.best_baseline == "even"
    assert found.table["beats_baseline"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("worlds", "expected"),
    [([1.0, 2.0, 3.0], 1.0), ([3.0, 2.0, 1.0], -1.0), ([1.0, 3.0, 2.0], 0.5)],
)
def test_rank_agreement_is_that_of_spearman(worlds, expected):
    assert made_up([0.1, 0.2, 0.3], [worlds]).rank_agreement == pytest.approx(expected)


def test_rank_agreement_is_unknown_where_all_are_the_same():
    assert np.isnan(made_up([0.1, 0.2], [[1.0, 1.0]]).rank_agreement)


def test_settings_that_stay_the_same_stand_in_brackets(market):
    found = search_strategy("momentum(short=true)", {"lookback": [10]}, **market)
    expected = search_strategy(Momentum, {"lookback": [10], "short": [True]}, **market)
    pd.testing.assert_series_equal(found.real["sharpe"], expected.real["sharpe"], check_index=False)


def test_an_optimiser_of_another_library_can_be_searched(market):
    def make(name):
        return OptimiserStrategy(OneAsset(name), lookback=20)

    found = search_strategy(make, {"name": ["a", "c"]}, **market, costs=0.0)
    assert found.strategy == "make"
    np.testing.assert_allclose(found.returns["name='c'"], market["real"]["c"], atol=1e-12)


def test_what_makes_a_plain_function_can_be_searched(market):
    def make(share):
        return lambda past: past.new_tensor([share, 0.0, 0.0])

    found = search_strategy(make, {"share": [0.0, 0.5]}, **{**market, "past": market["worlds"]})
    assert not found.returns["share=0"].iloc[-50:].any()
    assert found.returns["share=0.5"].iloc[-50:].all()


@pytest.mark.parametrize("guided_by", ["real", "worlds"])
def test_drawn_settings_repeat_under_a_seed(market, guided_by):
    space = {"lookback": Whole(5, 25), "volatility_target": Uniform(0.05, 0.4), "short": [True]}
    how = {"n_trials": 4, "guided_by": guided_by, "random_state": 3}
    first, second = (search_strategy("momentum", space, **market, **how) for _ in range(2))
    assert first.n_trials == 4
    pd.testing.assert_frame_equal(first.table, second.table)


def test_settings_drawn_twice_are_tried_once(market):
    found = search_strategy("momentum", {"lookback": [5, 10]}, **market, n_trials=6)
    assert found.n_trials <= 2


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["lookback=63,126"], {"lookback": (63, 126)}),
        (["short=true, false"], {"short": (True, False)}),
        (["bonds=['A','B'],['C']"], {"bonds": (["A", "B"], ["C"])}),
        (["lookback=21..252"], {"lookback": Whole(21, 252)}),
        (["share=.1..1e+0"], {"share": Uniform(0.1, 1.0)}),
        (["share=-1...5"], {"share": Uniform(-1.0, 0.5)}),
        (["skip=0..5", "share=0.1..0.5"], {"skip": Whole(0, 5), "share": Uniform(0.1, 0.5)}),
    ],
)
def test_a_grid_is_read_as_it_is_typed(texts, expected):
    assert read_grid(texts) == expected


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["lookback"], "expected setting=value,value or low..high"),
        (["lookback="], "expected setting=value,value"),
        (["lookback=1..x"], "expected a range such as"),
        (["lookback=9..1"], "expected low <= high"),
        (["lookback=252..21"], "grid: 'lookback': expected low..high with low below high"),
        (["share=0.5..0.1"], "grid: 'share': expected low..high with low below high"),
        (["lookback=1.2.3..5"], "grid: 'lookback': expected a range such as"),
        (["lookback=1..5..9"], "grid: 'lookback': expected a range such as"),
        (["lookback=-..5"], "expected a range such as"),
        (["share=0.1..1e999"], "grid: 'share'"),
        (["lookback=a"], "expected a value as in TOML"),
        (["lookback=1", "lookback=2"], "setting 'lookback' is there twice"),
    ],
)
def test_a_mistake_in_a_grid_is_named(texts, message):
    with pytest.raises(ConfigError, match=message):
        read_grid(texts)


@pytest.mark.parametrize(
    ("strategy", "grid", "how", "message"),
    [
        ("momentum", {}, {}, "expected values of some setting"),
        ("momentum", {"lookback": []}, {}, "expected values of 'lookback'"),
        ("momentum", {"lookback": [5, 5]}, {}, "that differ"),
        ("momentum", {"lookback": Whole(1, 5)}, {}, "say how many trials"),
        ("momentum", {"look": [5]}, {}, "did you mean 'lookback'"),
        ("momentum", {"lookback": [5, "x"]}, {}, "expected a whole number, found 'x'"),
        ("momentun", {"lookback": [5]}, {}, "did you mean 'momentum'"),
        ("momentum,mix", {"lookback": [5]}, {}, "expected one name of a strategy"),
        ("momentum", {"lookback": [5]}, {"baselines": ()}, "expected a strategy to beat"),
        ("momentum", {"lookback": [5]}, {"objective": "alpha"}, "objective: expected one of"),
        ("momentum", {"lookback": Choice((5, 6))}, {"n_trials": 0}, "n_trials: expected"),
        ("momentum", {"lookback": [5]}, {"n_trials": 1, "guided_by": "me"}, "guided_by: expected"),
    ],
)
def test_what_can_not_be_searched_is_refused_before_any_trade(strategy, grid, how, message, market):
    with pytest.raises(ConfigError, match=message):
        search_strategy(strategy, grid, **market, **how)


def test_worlds_of_other_assets_are_refused(market):
    with pytest.raises(DataError, match=r"expected shape \(paths, steps, 3\)"):
        search_strategy("momentum", GRID, real=market["real"], worlds=np.zeros((2, 5, 4)))


def test_a_lookback_that_nothing_reaches_is_refused(market):
    with pytest.raises(ConfigError, match="needs 500 returns before a trade"):
        search_strategy("momentum", {"lookback": [500]}, **market)


@pytest.mark.parametrize(
    ("grid", "expected"),
    [
        ({"lookback": [21, 63]}, 63),
        ({"lookback": Whole(21, 100), "short": Choice((True, False))}, 100),
        ({"volatility_target": Uniform(0.1, 0.5)}, 252),
    ],
)
def test_the_longest_lookback_is_known_before_the_search(grid, expected):
    assert longest_lookback("momentum", grid) == expected
