"""Known truths of the stylised facts, and what is refused at the door."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from scenara.finance.market.facts import (
    GROUPS,
    MEASURES,
    distances,
    hill_index,
    lagged_correlation,
    max_drawdown,
    measures_table,
    shortfall,
    stylised_facts,
    windows,
)
from scenara.finance.market.facts.strategy import dynamic_profits, static_books
from scenara.shared.errors import ConfigError, DataError


@pytest.fixture(scope="module")
def calm():
    """Independent Gaussian returns of four assets, 1 % a day."""
    return np.random.default_rng(0).normal(0, 0.01, size=(20_000, 4))


@pytest.fixture(scope="module")
def calm_facts(calm):
    return stylised_facts(calm, length=250)


def compare(real, generated, length=250):
    facts = stylised_facts(real, length=length)
    return distances(facts, stylised_facts(generated, length=length, reference=facts))


class TestMarginal:
    @pytest.mark.parametrize("xi", [0.2, 1 / 3, 0.5])
    def test_hill_index_of_a_pareto_law_is_its_inverse_exponent(self, xi):
        sample = np.sort(np.random.default_rng(0).pareto(1 / xi, 200_000) + 1)
        assert hill_index(sample) == pytest.approx(xi, abs=3 * xi / np.sqrt(10_000))

    @pytest.mark.parametrize("share", [0.01, 0.025, 0.05])
    def test_shortfall_of_a_normal_law_is_its_density_over_the_share(self, share):
        sample = np.sort(np.random.default_rng(0).normal(size=400_000))
        expected = -norm.pdf(norm.ppf(share)) / share
        assert shortfall(sample, share) == pytest.approx(expected, rel=3 / np.sqrt(400_000 * share))

    def test_distance_of_shifted_returns_is_the_shift_in_deviations(self, calm):
        expected = np.mean(0.005 / calm.std(axis=0))
        assert compare(calm, calm + 0.005)["w1"] == pytest.approx(expected, rel=1e-9)

    def test_twice_the_volatility_is_log_two_in_all_tails(self, calm):
        found = compare(calm, 2 * calm)
        assert [found[m] for m in ("tailq", "es", "aggq")] == pytest.approx([np.log(2)] * 3)

    def test_hill_index_does_not_depend_on_the_scale(self, calm):
        assert compare(calm, 2 * calm)["hill"] == pytest.approx(0, abs=1e-12)


class TestTemporal:
    @pytest.mark.parametrize("fact", ["returns", "sizes", "squares", "leverage"])
    def test_independent_returns_have_no_memory(self, calm, fact):
        # In per cent, where the damping of small variances is out of sight.
        memory = getattr(stylised_facts(100 * calm, length=250).temporal, fact)
        assert np.abs(memory.mean(axis=1)).max() < 3 / np.sqrt(calm.size)

    def test_autocorrelation_of_an_autoregression_falls_by_its_coefficient(self):
        noise = np.random.default_rng(0).normal(size=(1, 100_000))
        series = np.zeros_like(noise)
        for day in range(1, noise.shape[1]):
            series[:, day] = 0.5 * series[:, day - 1] + noise[:, day]
        found = lagged_correlation(series, series, lags=[1, 2, 3])
        assert found == pytest.approx([0.5, 0.25, 0.125], abs=3 * np.sqrt(5 / 3 / 100_000))

    def test_pairs_never_straddle_two_windows(self):
        series = np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]])
        brute = np.mean([a * b for row in series for a, b in pairwise(row)])
        found = lagged_correlation(series, series, lags=[1])[0]
        assert found == pytest.approx(brute / np.mean(series**2))

    def test_garch_returns_remember_their_size(self, volatile):
        facts = stylised_facts(volatile(0, 1, 20_000, 3)[0], length=500)
        assert facts.temporal.sizes[0].min() > 0.1
        assert (np.diff(facts.temporal.sizes[3:], axis=0).mean(axis=1) < 0).all()

    def test_falls_that_raise_volatility_are_a_leverage_effect(self):
        rng = np.random.default_rng(0)
        returns = rng.normal(size=(20_000, 2))
        for day in range(1, len(returns)):
            returns[day] *= np.where(returns[day - 1] < 0, 1.5, 0.7)
        assert stylised_facts(returns, length=250).temporal.leverage[0].max() < -0.1

    def test_a_series_turned_around_in_time_has_its_coarse_to_fine_flow_turned(self, volatile):
        returns = volatile(0, 4, 250, 3)
        forth, back = (
            stylised_facts(r, length=250).temporal.coarse_to_fine
            for r in (returns, returns[:, ::-1])
        )
        np.testing.assert_allclose(back, -forth, atol=1e-12)


class TestCross:
    def test_correlations_are_those_of_numpy(self, calm, calm_facts):
        expected = np.corrcoef(calm.T)[np.triu_indices(4, 1)]
        np.testing.assert_allclose(calm_facts.cross.correlation, expected, atol=1e-13)

    def test_independent_assets_crash_together_by_chance_only(self, calm, calm_facts):
        standard_error = 0.05 / 0.05 / np.sqrt(len(calm))
        assert np.abs(calm_facts.cross.tails - 0.05).max() < 3 * standard_error

    def test_two_copies_of_one_asset_always_crash_together(self, calm):
        twins = stylised_facts(np.repeat(calm[:, :1], 2, axis=1), length=250).cross
        np.testing.assert_allclose(twins.tails, 1, rtol=1e-9)
        np.testing.assert_allclose(twins.crash, 1)
        np.testing.assert_allclose(twins.factors, [2, 0], atol=1e-12)

    def test_a_follower_repeats_its_leaders_wild_days(self, calm):
        leader = calm[:, 0]
        pair = np.c_[leader, np.roll(leader, 1)]
        spillover = stylised_facts(pair, length=250).cross.spillover
        assert spillover[0] == pytest.approx([1, 0], abs=0.02)


class TestPath:
    @pytest.mark.parametrize(
        ("wealth", "expected"),
        [
            ([1.0, 1.25, 1.0, 1.1, 0.75, 1.5], 0.4),
            ([1.0, 0.9, 0.8, 2.0, 1.9], 0.2),
            ([1.0, 1.1, 1.2], 0.0),
        ],
    )
    def test_drawdown_is_measured_from_the_highest_point_before(self, wealth, expected):
        found = max_drawdown(np.diff(np.log(wealth))[None])
        assert found[0] == pytest.approx(expected)

    def test_a_path_is_at_distance_zero_from_itself_whatever_the_order_of_windows(self, volatile):
        returns = volatile(0, 6, 250, 3)
        found = compare(returns, returns[::-1])
        assert all(v < 1e-9 for name, v in found.items() if name not in ("auc", "c2st"))

    def test_volatility_of_a_quarter_is_a_log_ratio(self, calm):
        assert compare(calm, 3 * calm)["rv"] == pytest.approx(np.log(3))


class TestStrategy:
    def test_books_are_fully_invested_or_cancel(self):
        books = static_books(np.diag([0.01, 0.04, 0.09]))
        np.testing.assert_allclose(books[:12].sum(axis=1), 1)
        np.testing.assert_allclose(books[12:].sum(axis=1), 0, atol=1e-15)
        np.testing.assert_allclose(np.abs(books).sum(axis=1), 1)

    def test_the_second_book_holds_inverse_volatilities(self):
        assert static_books(np.diag([1.0, 4.0]))[1] == pytest.approx([2 / 3, 1 / 3])

    def test_no_rule_sees_the_day_it_trades(self, volatile):
        log_returns = volatile(0, 2, 100, 3)
        later = log_returns.copy()
        later[:, 80:] *= -2
        before, after = (dynamic_profits(r, np.expm1(r)) for r in (log_returns, later))
        np.testing.assert_array_equal(before[:, : 80 - 63], after[:, : 80 - 63])
        weighted = after[:, 80 - 63] / before[:, 80 - 63]
        ratio = np.expm1(later[:, 80]) / np.expm1(log_returns[:, 80])
        assert (weighted[:, 3] < 0).all()
        assert (ratio < 0).all()


class TestDetection:
    def test_quarters_of_one_law_cannot_be_told_apart(self, calm):
        auc = compare(calm[:10_000], calm[10_000:])["auc"]
        n_quarters = 10_000 // 250 * 3
        assert auc == pytest.approx(0.5, abs=3 * np.sqrt(2 / n_quarters / 12))

    def test_quarters_of_a_wilder_law_are_told_apart(self, calm):
        found = compare(calm[:10_000], 1.5 * calm[10_000:])
        assert found["auc"] > 0.99
        assert found["c2st"] == pytest.approx(2 * found["auc"] - 1)

    def test_an_asset_that_stands_still_for_a_quarter_is_no_obstacle(self, calm):
        paths = calm.reshape(80, 250, 4).copy()
        paths[3, :63, 1] = 0
        assert np.isfinite(list(compare(paths, paths[:40]).values())).all()


class TestInput:
    def test_frames_arrays_and_single_precision_paths_give_the_same_facts(self, calm):
        panel = calm[:1000].astype(np.float32)
        frame, paths = pd.DataFrame(panel, columns=list("abcd")), panel.reshape(4, 250, 4)
        first, *others = (
            stylised_facts(x, length=250).path.signature for x in (panel, frame, paths)
        )
        for other in others:
            np.testing.assert_array_equal(other, first)

    @pytest.mark.parametrize("order", ["C", "F"])
    def test_the_input_is_not_changed(self, calm, order):
        paths = np.array(calm.reshape(80, 250, 4), order=order)
        before = paths.copy()
        stylised_facts(paths, length=250)
        np.testing.assert_array_equal(paths, before)

    def test_only_the_first_days_of_longer_paths_count(self, calm):
        paths = calm.reshape(40, 500, 4)
        np.testing.assert_array_equal(windows(paths, length=100), paths[:, :100])

    def test_a_missing_value_is_named_by_asset_and_day(self):
        days = pd.date_range("2020-01-01", periods=600)
        frame = pd.DataFrame(np.random.default_rng(0).normal(size=(600, 2)), days, ["A", "B"])
        frame.iloc[2, 1] = np.nan
        with pytest.raises(DataError, match=r"asset 'B', day 2020-01-03 00:00:00: found nan"):
            stylised_facts(frame, length=250)

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 250.0])
    def test_what_is_no_log_return_is_refused(self, calm, value):
        paths = calm[:1000].reshape(4, 250, 4).copy()
        paths[1, 7, 2] = value
        with pytest.raises(DataError, match="asset 2, path 1, day 7: found"):
            stylised_facts(paths, length=250)

    @pytest.mark.parametrize(
        ("shape", "match"),
        [
            ((1000, 1), "found 1 asset, expected at least 2"),
            ((1000,), "found shape"),
            ((0, 250, 3), "found 250 days in 0 paths"),
            ((249, 3), "found 249 days, expected at least one window of 250"),
            ((9, 249, 3), "found 249 days in 9 paths"),
            ((400, 3), "found 3 whole quarters"),
        ],
    )
    def test_too_little_is_refused(self, shape, match):
        with pytest.raises(DataError, match=match):
            stylised_facts(np.random.default_rng(0).normal(size=shape), length=250)

    def test_an_asset_that_never_moves_is_refused(self, calm):
        with pytest.raises(DataError, match=r"asset 1: found -?0.0 on all 20000 days"):
            stylised_facts(calm * [1, 0, 1, 1], length=250)

    def test_a_window_shorter_than_a_quarter_and_ten_days_is_refused(self, calm):
        with pytest.raises(ConfigError, match="found 72 days, expected at least 73"):
            stylised_facts(calm, length=72)

    @pytest.mark.parametrize(
        ("assets", "length", "match"),
        [(3, 250, "found 3 assets, expected 4"), (4, 100, "found 100 days in a window")],
    )
    def test_another_shape_than_the_reference_is_refused(
        self, calm, calm_facts, assets, length, match
    ):
        with pytest.raises(DataError, match=match):
            stylised_facts(calm[:, :assets], length=length, reference=calm_facts)

    def test_facts_in_units_of_their_own_are_not_compared(self, calm, calm_facts):
        with pytest.raises(DataError, match="reference=real"):
            distances(calm_facts, stylised_facts(calm, length=250))


def test_every_measure_has_a_group_a_meaning_and_a_source(calm, calm_facts):
    table = measures_table()
    assert (table[["group", "meaning", "source"]] != "").all(axis=None)
    assert list(dict.fromkeys(table["group"])) == list(GROUPS)


def test_distances_come_in_the_order_of_the_table(calm):
    names = [name for name in compare(calm, calm) if name != "auc"]
    assert names == [measure.name for measure in MEASURES]


@pytest.mark.parametrize("n_assets", [2, 150])
def test_few_and_many_assets_are_measured(n_assets):
    rng = np.random.default_rng(0)
    found = compare(*rng.normal(0, 0.01, size=(2, 8, 130, n_assets)), length=130)
    assert len(found) == 25
    assert np.isfinite(list(found.values())).all()
