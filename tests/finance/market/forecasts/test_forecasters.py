"""Each forecaster: the contract, no look into the future, and known laws recovered."""

import numpy as np
import pandas as pd
import pytest

from scenara.finance.market.forecasts import (
    Forecaster,
    GarchForecaster,
    HarForecaster,
    Origins,
    QuantileForecaster,
    Quantities,
    WorldForecaster,
    compare,
    confidence_set,
    coverage,
    losses,
    roll,
    roll_all,
)
from scenara.finance.market.forecasts.features import day_features
from scenara.finance.market.forecasts.garch import simulate_gjr
from scenara.finance.market.forecasts.har import trailing_means
from scenara.shared.errors import ConfigError, DataError, NotFittedError
from scenara.shared.generators.series.gjr import filter_variance

CUT = 900


def small_trees(quantities, **settings):
    return QuantileForecaster(quantities, n_trees=5, most_rows=1_500, **settings)


MAKERS = {
    "bootstrap": lambda q: WorldForecaster(q, family="series/bootstrap"),
    "fhs": lambda q: WorldForecaster(q, family="series/fhs"),
    "garch": GarchForecaster,
    "har": HarForecaster,
    "trees": small_trees,
    "trees and worlds": lambda q: small_trees(
        q, extra="worlds", source=WorldForecaster(q, family="series/bootstrap")
    ),
    "trees and repeats": lambda q: small_trees(q, extra="repeats"),
}


@pytest.fixture(params=MAKERS)
def forecaster(request, quantities):
    return MAKERS[request.param](quantities)


class TrueForecaster(Forecaster):
    """Forecast by the law that the returns were simulated from."""

    def __init__(self, quantities, truth):
        super().__init__(quantities)
        self.truth = truth

    def _fit(self, returns, random_state):
        pass

    def _forecast(self, history, n_draws, rng):
        variance = np.tile(filter_variance(history.to_numpy(), self.truth)[-1], (n_draws, 1))
        shape = (n_draws, self.quantities.horizon)
        shocks = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=shape)
        paths = simulate_gjr(self.truth, variance, shocks)
        return self.quantities.from_paths(
            self.quantities.target_returns(paths, list(history.columns))
        )


def drawn(forecaster, history, seed=0):
    return forecaster.forecast(history, n_draws=50, rng=np.random.default_rng(seed))


def test_forecaster_keeps_the_contract(forecaster, returns, quantities):
    past = returns[:CUT]
    before = past.copy()
    assert forecaster.fit(past) is forecaster
    draws = drawn(forecaster, past)
    assert draws.shape[1:] == (len(quantities.cells), len(quantities.targets))
    assert np.isfinite(draws).all()
    assert (draws[:, 2] >= 0).all()
    assert np.array_equal(draws, drawn(forecaster, past))
    pd.testing.assert_frame_equal(past, before)


def test_random_forecasters_draw_anew_with_another_seed(forecaster, returns):
    forecaster.fit(returns[:CUT])
    same = np.array_equal(drawn(forecaster, returns[:CUT]), drawn(forecaster, returns[:CUT], 1))
    assert same == (not forecaster.is_random)


def test_forecast_before_fit_is_refused(forecaster, returns):
    with pytest.raises(NotFittedError, match="call fit first"):
        drawn(forecaster, returns)


def test_poisoned_future_changes_no_forecast_before_it(forecaster, returns):
    poisoned = returns.copy()
    poisoned.iloc[CUT + 20 :] = 0.2 * np.random.default_rng(1).standard_normal((680, 2))
    seen = {}
    for name, days in (("clean", returns), ("poisoned", poisoned)):
        found = seen.setdefault(name, {})
        roll(
            days[: CUT + 35],
            forecaster,
            origins=Origins(CUT, refit_every=25, every=5),
            n_draws=30,
            receive=found.__setitem__,
        )
    before = [day for day in seen["clean"] if day < CUT + 20]
    assert len(before) == 4
    assert all(np.array_equal(seen["clean"][day], seen["poisoned"][day]) for day in before)
    assert not np.array_equal(seen["clean"][CUT + 25], seen["poisoned"][CUT + 25]) or (
        getattr(forecaster, "family", "") == "series/bootstrap"
    )


def test_features_of_a_day_do_not_change_with_the_days_after(returns):
    days = returns.to_numpy()
    whole, _ = day_features(days)
    part, _ = day_features(days[:700])
    assert np.allclose(whole[400:700], part[400:])


def test_garch_forecasts_the_variance_that_the_true_recursion_gives(returns, truth):
    asked = Quantities(("A", "B"), return_days=(1,), volatility_days=())
    past = returns[:1_500]
    model = GarchForecaster(asked).fit(past)
    draws = model.forecast(past, n_draws=20_000, rng=np.random.default_rng(0))
    true = filter_variance(past.to_numpy(), truth)[-1]
    assert np.allclose(draws[:, 0, 1:].std(axis=0), np.sqrt(true), rtol=0.12)


def test_garch_draws_keep_the_correlation_of_shocks(returns):
    asked = Quantities(("A", "B"), return_days=(1,), volatility_days=())
    model = GarchForecaster(asked).fit(returns)
    draws = model.forecast(returns, n_draws=10_000, rng=np.random.default_rng(0))
    assert np.corrcoef(draws[:, 0, 1:].T)[0, 1] == pytest.approx(0.6, abs=0.06)


def test_har_regresses_on_past_days_weeks_and_months(returns, quantities):
    series = quantities.series(returns).to_numpy()
    sizes = pd.DataFrame(np.abs(series))
    means = [sizes.rolling(days).mean().to_numpy() for days in (1, 5, 22)]
    assert np.allclose(trailing_means(sizes.to_numpy())[30:, :, 1:], np.stack(means, -1)[30:])


def test_forecasts_of_calm_days_are_narrower_than_of_storms(returns):
    asked = Quantities(("A",), return_days=(1,), volatility_days=(5,))
    calm, storm = returns[:CUT].copy(), returns[:CUT].copy()
    calm.iloc[-30:] *= 0.3
    storm.iloc[-30:] *= 3
    for name in ("fhs", "garch", "har", "trees"):
        model = MAKERS[name](asked).fit(returns[:CUT])
        spread = [drawn(model, days)[:, 0].std(axis=0) for days in (calm, storm)]
        assert (spread[1] > 2 * spread[0]).all(), name


@pytest.fixture(scope="module")
def rolled(returns, quantities, truth):
    models = {
        "truth": TrueForecaster(quantities, truth),
        "garch": GarchForecaster(quantities),
        "bootstrap": WorldForecaster(quantities, family="series/bootstrap"),
    }
    return roll_all(returns, models, origins=Origins(800, refit_every=800, every=2), n_draws=100)


def test_on_a_simulated_garch_the_true_model_is_in_the_confidence_set(rolled, quantities):
    for cell in quantities.cells:
        table = losses(rolled, quantities, score="crps", cell=cell, group="assets")
        chosen = confidence_set(table, days_ahead=-(-cell.days // 2), n_repetitions=300)
        assert "truth" in chosen.members
    assert "bootstrap" not in chosen.members


def test_the_true_model_is_calibrated(rolled, quantities):
    shares = coverage({"truth": rolled["truth"]}, quantities)
    daily = shares[(shares["days"] == 1) & (shares["group"] == "portfolio")]
    for level in (0.5, 0.8, 0.95):
        error = np.sqrt(level * (1 - level) / 398)
        assert abs(daily[level].item() - level) < 3 * error


def test_comparison_names_each_score_group_cell_and_model(rolled, quantities):
    table = compare(rolled, quantities, reference="garch", every=2, n_repetitions=100)
    assert len(table) == (3 * 2 * 3 + 2) * 3
    reference = table[table["model"] == "garch"]
    assert (reference["p_value"] == 1).all()
    assert (reference.loc[reference["score"] != "log", "against"] == 1).all()


def test_comparison_refuses_an_unknown_reference(rolled, quantities):
    with pytest.raises(ConfigError, match="reference"):
        compare(rolled, quantities, reference="nobody")


def test_scores_of_a_model_do_not_depend_on_the_others(returns, quantities):
    models = {name: MAKERS[name](quantities) for name in ("bootstrap", "har")}
    when = {"origins": Origins(1_500, every=9), "n_draws": 20}
    alone = roll(returns, HarForecaster(quantities), **when)
    assert np.array_equal(alone.crps, roll_all(returns, models, **when)["har"].crps)


@pytest.mark.parametrize(
    "wrong", [{"extra": "worlds"}, {"extra": "world"}, {"source": MAKERS["bootstrap"]}]
)
def test_trees_refuse_worlds_without_a_source_and_what_they_do_not_know(quantities, wrong):
    with pytest.raises(ConfigError, match="expected"):
        QuantileForecaster(quantities, **wrong)


def test_a_first_day_beyond_the_data_is_refused(returns, quantities):
    with pytest.raises(DataError, match="after the first forecast"):
        roll(returns, HarForecaster(quantities), origins=Origins(1_597))


@pytest.mark.parametrize("wrong", [{"first": 0}, {"refit_every": 0}, {"every": 0}])
def test_impossible_origins_are_refused(wrong):
    with pytest.raises(ConfigError, match="expected at least 1"):
        Origins(**{"first": 10, **wrong})
