"""The protocols: folds without leaks, the judgement, and published scores."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scenara.finance.market.protocol import MarketProtocol, judge
from scenara.finance.market.scorecard import load_floor, noise_floor
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation import NoiseFloor

STORED = json.loads(Path(__file__).with_name("reference_protocol.json").read_text())
SMALL = MarketProtocol(n_eras=2, n_paths=40, horizon=130, length=126)


class Replay:
    """Write pieces of the history: fast, exact, and plainly a copy."""

    def fit(self, data):
        self.history = data.to_numpy()

    def sample(self, n, *, horizon, random_state):
        start = random_state.integers(0, len(self.history) - horizon, size=n)
        return self.history[start[:, None] + np.arange(horizon)]


@pytest.fixture(scope="module")
def returns(volatile):
    days = pd.date_range("2000-01-01", periods=2800, name="date")
    return pd.DataFrame(volatile(0, 1, 2800, 3)[0], index=days, columns=list("abc"))


@pytest.fixture(scope="module")
def judgement(returns):
    floor = noise_floor(returns, length=126, n_draws=5)
    return judge(returns, Replay, protocol=SMALL, floor=floor)


class TestFolds:
    def test_no_day_is_both_seen_and_judged(self, returns):
        for fold in MarketProtocol().folds(returns):
            assert not fold.train.index.intersection(fold.test.index).size
            assert len(fold.train) + len(fold.test) == len(returns)

    def test_the_eras_cover_every_day_once(self, returns):
        _, *eras = MarketProtocol(n_eras=3).folds(returns)
        pd.testing.assert_frame_equal(pd.concat([era.test for era in eras]), returns)

    @pytest.mark.parametrize("cut", ["2004-01-01", pd.Timestamp("2004-01-01"), 1461])
    def test_the_cut_is_a_date_or_a_number_of_days(self, returns, cut):
        time, *_ = MarketProtocol(cut=cut).folds(returns)
        assert time.test.index[0] == pd.Timestamp("2004-01-01")

    def test_by_default_the_last_quarter_is_held_out(self, returns):
        time, *_ = MarketProtocol().folds(returns)
        assert len(time.test) == 700

    @pytest.mark.parametrize("cut", ["1999-01-01", "2020-01-01", 10])
    def test_a_part_shorter_than_a_window_is_refused(self, returns, cut):
        with pytest.raises(DataError, match="fold 'time'"):
            MarketProtocol(cut=cut).folds(returns)

    def test_days_out_of_order_are_refused(self, returns):
        with pytest.raises(DataError, match="out of order"):
            MarketProtocol().folds(returns[::-1])

    @pytest.mark.parametrize("wrong", [{"length": 253}, {"n_paths": 0}, {"n_eras": 1}])
    def test_impossible_numbers_are_refused(self, wrong):
        with pytest.raises(ConfigError, match="expected at"):
            MarketProtocol(**wrong)


class TestJudgement:
    def test_the_era_score_is_the_geometric_mean_over_eras(self, judgement):
        eras = [judgement.folds[name].card.overall for name in ("era1", "era2")]
        assert judgement.era == pytest.approx(np.sqrt(np.prod(eras)))

    def test_a_replay_is_a_copy(self, judgement):
        assert judgement.path_copy == 1

    def test_the_table_has_history_alarms_and_seconds_for_each_fold(self, judgement):
        frame = judgement.to_frame()
        assert list(frame.index) == ["time", "era1", "era2"]
        columns = {"overall", "history", "marginal", "auc", "path_copy", "fit_cpu_s"}
        assert columns <= set(frame.columns)

    def test_the_dictionary_is_json(self, judgement):
        back = json.loads(json.dumps(judgement.to_dict(), allow_nan=False))
        assert back["folds"]["era2"]["overall"] == judgement.folds["era2"].card.overall

    def test_history_is_judged_by_both_protocols(self, judgement):
        assert set(judgement.history) == {"time", "era"}

    def test_the_same_seed_gives_the_same_scores(self, returns, judgement):
        floor = noise_floor(returns, length=126, n_draws=5)
        assert judge(returns, Replay, protocol=SMALL, floor=floor).time == judgement.time

    def test_paths_of_another_shape_are_refused(self, returns):
        class Short(Replay):
            def sample(self, n, *, horizon, random_state):
                return super().sample(n, horizon=horizon - 1, random_state=random_state)

        with pytest.raises(DataError, match=r"shape \(40, 129, 3\), expected \(40, 130, 3\)"):
            judge(returns, Short, protocol=SMALL, floor=NoiseFloor({}, {}, {}, {}, (1.0, 1.0, 1.0)))


@pytest.mark.slow
def test_judgement_of_real_years_is_that_of_the_reference(sp500):
    protocol = MarketProtocol(cut="2015-01-01", n_paths=200)
    judgement = judge(sp500, Replay, protocol=protocol, floor=load_floor())
    # Profits of a replay repeat, and rounding decides on which side of a threshold they fall.
    assert judgement.time == pytest.approx(STORED["time"], abs=1e-4)
    assert judgement.era == pytest.approx(STORED["era"], abs=1e-4)
    for name, fold in judgement.folds.items():
        expected = [STORED["folds"][name][key] for key in ("path_copy", "explosions", "spikes")]
        found = [fold.card.extras[key] for key in ("path_copy", "explosions", "joint_spikes")]
        assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.slow
def test_the_block_bootstrap_and_history_score_as_published(sp500):
    from scenara.shared.generators import make

    protocol = MarketProtocol(cut="2015-01-01")
    judgement = judge(
        sp500, lambda: make("series/bootstrap"), protocol=protocol, floor=load_floor()
    )
    assert (judgement.time, judgement.era) == pytest.approx((1.05, 1.19), abs=0.05)
    assert list(judgement.history.values()) == pytest.approx([1.13, 1.18], abs=0.005)
