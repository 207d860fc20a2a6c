"""The market simulator: one object from returns to worlds, scenarios, prices and back from disk."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from scenara.finance.market import MarketSimulator, PathEvent
from scenara.finance.market.scenarios import reverse_stress
from scenara.shared.errors import ArtifactError, ConfigError, DataError, NotFittedError
from scenara.shared.generators import make

FALL = PathEvent("SPX", "return", below=-0.08, within=15)


@pytest.fixture(scope="module")
def returns():
    """Give returns of two assets whose last days are three times as wild as those before."""
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2018-01-01", periods=900)
    scale = np.where(np.arange(900) < 850, 0.01, 0.03)[:, None]
    moves = scale * (rng.standard_t(6, (900, 1)) + rng.standard_normal((900, 2))) / 1.6
    return pd.DataFrame(moves, index=days, columns=["SPX", "TLT"])


@pytest.fixture(scope="module")
def simulator(returns):
    return MarketSimulator(random_state=0).fit(returns)


def test_worlds_have_paths_days_and_assets_and_repeat(simulator):
    first, second = (simulator.sample(50, horizon=12, random_state=1) for _ in range(2))
    assert first.shape == (50, 12, 2)
    assert (first == second).all()


def test_every_world_of_a_scenario_fulfils_it(simulator):
    crash = simulator.sample(200, horizon=20, given=FALL, random_state=1)
    assert (FALL.shortfall(crash, ["SPX", "TLT"]) == 0).all()


def test_a_scenario_may_have_several_events_and_tells_its_chance(simulator):
    wild = PathEvent(["SPX", "TLT"], "volatility", above=0.2)
    found = simulator.sample_given(200, [FALL, wild], horizon=20, random_state=1)
    alone = simulator.sample_given(200, FALL, horizon=20, random_state=1)
    assert 0 < found.probability < alone.probability
    assert found.effective_size >= 50


def test_worlds_from_today_are_as_wild_as_the_last_days(simulator, returns):
    today = simulator.sample(400, horizon=5, history="today", random_state=1)
    anywhere = simulator.sample(400, horizon=5, random_state=1)
    assert today.std() > 1.5 * anywhere.std()
    from_frame = simulator.sample(400, horizon=5, history=returns, random_state=1)
    assert (from_frame == today).all()


def test_a_family_without_state_can_t_go_on_from_today(returns):
    simulator = MarketSimulator("series/bootstrap").fit(returns)
    with pytest.raises(ConfigError, match="series/bootstrap keeps no state of today"):
        simulator.sample(10, history="today")


def test_prices_begin_where_the_assets_stand(simulator):
    worlds = simulator.sample(3, horizon=4, random_state=0)
    prices = simulator.to_prices(worlds, start={"TLT": 90.0, "SPX": 4_000.0})
    assert prices.shape == (3, 5, 2)
    assert prices[:, 0].tolist() == [[4_000.0, 90.0]] * 3
    assert np.diff(np.log(prices), axis=1) == pytest.approx(worlds)


def test_a_loaded_simulator_writes_the_same_worlds(simulator, tmp_path):
    simulator.save(tmp_path / "market")
    again = MarketSimulator.load(tmp_path / "market")
    asked = {"horizon": 20, "given": FALL, "history": "today", "random_state": 3}
    assert (again.sample(100, **asked) == simulator.sample(100, **asked)).all()
    assert again.get_params() == simulator.get_params()


def test_settings_reach_the_generator_and_survive_the_disk(returns, tmp_path):
    settings = {"maximum_persistence": 0.9}
    simulator = MarketSimulator("series/fhs", settings=settings).fit(returns)
    simulator.save(tmp_path / "market")
    again = MarketSimulator.load(tmp_path / "market")
    assert again.generator_.maximum_persistence == 0.9
    assert clone(again).settings == settings


def test_another_artifact_is_no_simulator(returns, tmp_path):
    make("series/bootstrap").fit(returns).save(tmp_path / "generator")
    with pytest.raises(ArtifactError, match="expected a simulator, found a generator"):
        MarketSimulator.load(tmp_path / "generator")


def test_stress_in_reverse_takes_a_simulator(simulator):
    found = reverse_stress(simulator, loss=0.06, within=15, n_paths=200, history="today")
    assert found.worlds.probability > 0
    assert set(found.moved.index) == {"SPX", "TLT"}


def test_assets_may_start_late(returns):
    late = returns.copy()
    late.iloc[:300, 1] = np.nan
    simulator = MarketSimulator().fit(late)
    assert np.isfinite(simulator.sample(10, horizon=5, history="today")).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: 100 * np.exp(r.cumsum()), "use log_returns"),
        (lambda r: 100 * r, "divide per cents by 100"),
        (lambda r: r.iloc[::-1], "days in order"),
        (lambda r: r.to_numpy(), "expected a DataFrame"),
        (lambda r: r.astype(str) + "x", "expected numbers"),
        (lambda r: r.set_axis(["A", "A"], axis=1), "'A' is there twice"),
    ],
)
def test_what_is_no_table_of_daily_returns_is_refused(returns, change, message):
    with pytest.raises(DataError, match=message):
        MarketSimulator().fit(change(returns))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda s: s.sample(5, history="tomorrow"), ConfigError, "expected 'today'"),
        (lambda s: s.sample(5, given="a crash"), ConfigError, "expected a PathEvent"),
        (lambda s: s.sample(5, given=PathEvent("DAX", "return", below=-0.1)), ConfigError, "DAX"),
        (lambda s: s.to_prices(np.zeros((1, 2, 3))), DataError, r"shape \(n, horizon, 2\)"),
        (lambda s: s.to_prices(np.zeros((1, 2, 2)), start=0.0), ConfigError, "above 0"),
        (lambda s: s.to_prices(np.zeros((1, 2, 2)), start={"SPX": 1.0}), ConfigError, "'TLT'"),
    ],
)
def test_wrong_requests_are_refused(simulator, call, error, message):
    with pytest.raises(error, match=message):
        call(simulator)


def test_nothing_is_sampled_before_a_fit():
    with pytest.raises(NotFittedError, match=r"call fit\(returns\) first"):
        MarketSimulator().sample(5)


def test_unknown_families_and_settings_are_refused(returns):
    with pytest.raises(ConfigError, match="did you mean 'series/fhs'"):
        MarketSimulator("series/fhz").fit(returns)
    with pytest.raises(ConfigError, match="has no setting 'blocks'"):
        MarketSimulator(settings={"blocks": 3}).fit(returns)
