import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from scenara.finance.market.risk import (
    HistoricalSimulation,
    Memory,
    RiskData,
    WorldsRisk,
    default_models,
    fit_memory,
    memory_features,
    portfolio_returns,
    risk_verdict,
    rolling_risk,
)
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators import make

N_DAYS, START = 1200, 1100
WEIGHTS = np.full(3, 1 / 3)


def simulated(n_days=N_DAYS, seed=0):
    """Give three assets that share a volatility which rises after falls."""
    rng = np.random.default_rng(seed)
    panel, volatility = np.empty((n_days, 3)), 0.01
    for day in range(n_days):
        panel[day] = volatility * (0.8 * rng.normal() + 0.6 * rng.normal(size=3))
        fall = max(-panel[day].mean(), 0)
        volatility = 0.0008 + 0.8 * volatility + 0.3 * fall
    return panel


def data_of(panel):
    return RiskData(portfolio_returns(panel, WEIGHTS), panel, WEIGHTS)


def frame(panel):
    days = pd.bdate_range("2010-01-04", periods=len(panel))
    return pd.DataFrame(panel, days, columns=["a", "b", "c"])


MODELS = {
    **default_models(),
    "worlds": WorldsRisk(lambda: make("series/bootstrap"), n_paths=200),
}
NO_HISTORY = {"worlds"}


@pytest.mark.parametrize("name", [name for name in MODELS if name not in NO_HISTORY])
def test_a_forecast_sees_no_later_day(name):
    panel, changed = simulated(), simulated()
    changed[START + 10 :] *= 3
    before, after = (
        MODELS[name].forecast(data_of(values), start=START, stop=START + 20, tails=(0.05,))
        for values in (panel, changed)
    )

    assert np.array_equal(before.var[:11], after.var[:11])
    assert np.array_equal(before.es[:11], after.es[:11])


@pytest.mark.parametrize("name", [name for name in MODELS if name not in NO_HISTORY])
def test_es_is_above_var_and_rarer_losses_are_larger(name):
    found = MODELS[name].forecast(
        data_of(simulated()), start=START, stop=START + 5, tails=(0.01, 0.025, 0.05)
    )

    assert (found.es >= found.var).all()
    assert (np.diff(found.var, axis=1) <= 0).all()


def test_worlds_that_go_on_from_history_give_a_forecast():
    model = WorldsRisk(lambda: make("series/fhs"), n_paths=500, window=400)

    found = model.forecast(data_of(simulated()), start=START, stop=START + 2, tails=(0.05,))

    assert found.var == pytest.approx(0.015, abs=0.012)


class NormalWorlds:
    """Know the law of a standard normal return, and write worlds of it."""

    def fit(self, data):
        return self

    def sample(self, n, *, horizon, history, random_state):
        rng = np.random.default_rng(random_state)
        return 0.01 * rng.standard_normal((n, horizon, history.shape[1]))


def test_the_error_of_few_worlds_averages_out_over_the_days():
    # The VaR of n worlds has the standard error sqrt(a (1 - a) / n) / density, a share of which
    # stays in the mean over days unless every day has worlds of its own.
    n_days, n_paths, tail = 100, 400, 0.05
    panel = np.zeros((300 + n_days, 1))
    data = RiskData(panel[:, 0], panel, np.ones(1))
    model = WorldsRisk(NormalWorlds, n_paths=n_paths, window=300)

    found = model.forecast(data, start=300, stop=300 + n_days, tails=(tail,))

    truth = -0.01 * norm.ppf(tail)
    one_day = 0.01 * np.sqrt(tail * (1 - tail) / n_paths) / norm.pdf(norm.ppf(tail))
    assert found.var.std() == pytest.approx(one_day, rel=3 / np.sqrt(2 * n_days))
    assert found.var.mean() == pytest.approx(truth, abs=3 * one_day / np.sqrt(n_days) + 2e-5)


def test_memory_finds_the_volatility_of_a_known_process():
    panel = simulated(6000, seed=1)
    returns = panel.mean(axis=1)
    features = memory_features(returns, panel)
    truth, volatility = np.empty(6000), 0.01
    for day in range(6000):
        truth[day] = volatility * np.sqrt(0.8**2 + 0.6**2 / 3)
        volatility = 0.0008 + 0.8 * volatility + 0.3 * max(-returns[day], 0)

    found = fit_memory(returns[250:], features[250:6000]).predict(features[250:6000])

    assert np.corrcoef(found, truth[250:])[0, 1] > 0.97
    assert np.median(found / truth[250:]) == pytest.approx(1, abs=3 * np.sqrt(0.5 / 1000))


def test_memory_needs_no_second_asset():
    panel = simulated()[:, :1]
    data = RiskData(panel[:, 0], panel, np.ones(1))

    found = Memory().forecast(data, start=START, stop=START + 3, tails=(0.05,))

    assert (found.var > 0).all()


def test_the_right_model_passes_and_a_shrunk_one_does_not():
    panel = simulated(2000, seed=2)
    models = {"memory": Memory(), "history": HistoricalSimulation(250)}
    run = rolling_risk(
        frame(panel), WEIGHTS, start="2014-01-01", models=models, tails=(0.05,), refit=250
    )
    table = run.table().xs(0.05, level="tail")

    assert table.loc["memory", "kupiec"] > 0.01
    assert table.loc["memory", "fz0"] < table.loc["history", "fz0"]


@pytest.mark.parametrize(
    ("refusing", "verdict"),
    [
        ((), "right"),
        (("coverage",), "uneven"),
        (("dynamic_quantile",), "foreseeable"),
        (("kupiec", "coverage", "dynamic_quantile"), "too high"),
        (("dynamic_quantile", "acerbi_szekely"), "foreseeable, ES too low"),
    ],
)
def test_a_forecast_is_right_only_where_no_test_of_the_table_refuses_it(refusing, verdict):
    tests = ("kupiec", "christoffersen", "coverage", "dynamic_quantile", "acerbi_szekely")
    row = {"hits": 1, "expected": 2.0, "repeats": 0, "expected_repeats": 0.1}

    found = risk_verdict({**row, **{name: 0.01 if name in refusing else 0.5 for name in tests}})

    assert found == verdict


def test_refits_cover_every_day_once():
    run = rolling_risk(
        frame(simulated()),
        WEIGHTS,
        start="2014-01-01",
        models={"history": HistoricalSimulation(250)},
        refit=7,
    )

    assert len(run.forecasts["history"].var) == len(run.returns)
    assert len(run.daily()) == 3 * len(run.returns)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"weights": np.zeros(3)}, ConfigError, "not all zero"),
        ({"start": "2040-01-01"}, DataError, "no day from 2040"),
        ({"start": "2010-02-01"}, DataError, "before the first forecast"),
        ({"tails": (0.9,)}, ConfigError, "between 0 and 0.5"),
        ({"refit": 0}, ConfigError, "at least 1 day"),
    ],
)
def test_what_does_not_fit_is_refused(change, error, message):
    arguments = {"weights": WEIGHTS, "start": "2014-01-01", **change}
    weights = arguments.pop("weights")
    models = {"history": HistoricalSimulation(250)}

    with pytest.raises(error, match=message):
        rolling_risk(frame(simulated()), weights, models=models, **arguments)


@pytest.mark.parametrize("order", [[*range(N_DAYS)][::-1], [0, *range(N_DAYS)]])
def test_days_out_of_order_or_given_twice_are_refused(order):
    with pytest.raises(DataError, match="in order of time"):
        rolling_risk(frame(simulated()).iloc[order], WEIGHTS, start="2014-01-01")


def test_a_series_of_weights_is_taken_by_name():
    returns, models = frame(simulated()), {"history": HistoricalSimulation(250)}
    shares = np.array([0.6, 0.3, 0.1])
    named = pd.Series(shares, ["a", "b", "c"])[["c", "a", "b"]]

    runs = [
        rolling_risk(returns, weights, start="2014-01-01", models=models)
        for weights in (named, shares)
    ]

    assert runs[0].returns.equals(runs[1].returns)
    with pytest.raises(ConfigError, match="expected one for each of"):
        rolling_risk(returns, named.rename({"a": "z"}), start="2014-01-01", models=models)


def test_a_gap_is_named():
    gappy = frame(simulated())
    gappy.iloc[5, 1] = np.nan

    with pytest.raises(DataError, match="column 'b'"):
        rolling_risk(gappy, WEIGHTS, start="2014-01-01")
