"""The family that chooses finds the kind of law, gates copies, is repeatable, and says why."""

import numpy as np
import pandas as pd
import pytest

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation.held_out_paths import EraScale, cut_eras
from scenara.shared.generators import families, load, make
from scenara.shared.generators.series.auto import PROMISE, YARDSTICK
from scenara.shared.generators.series.contest import (
    Entry,
    Judged,
    champion_among,
    selection_table,
)
from scenara.shared.generators.series.costs import COSTS, plan_contest
from scenara.shared.generators.series.era_trial import (
    EraFigures,
    copy_limit,
    explosion_limit,
    judge_era,
)


def clustering_market(n_steps=6_000, n_channels=4, seed=0):
    """Give returns whose common factor has a variance with memory, as GARCH(1, 1) does."""
    rng = np.random.default_rng(seed)
    shocks = rng.normal(size=n_steps)
    variance, factor = 1.0, np.empty(n_steps)
    for step in range(n_steps):
        factor[step] = np.sqrt(variance) * shocks[step]
        variance = 0.02 + 0.12 * factor[step] ** 2 + 0.86 * variance
    return 0.01 * (factor[:, None] + 0.5 * rng.normal(size=(n_steps, n_channels)))


@pytest.fixture(scope="module")
def returns():
    return clustering_market()


@pytest.fixture(scope="module")
def short():
    return clustering_market(500, 2)


PAIR = {"candidates": ["series/gaussian", "series/hybrid"], "random_state": 0}
CANDIDATES = ["series/gaussian", "series/hybrid", "series/moving-block", "series/bootstrap"]


@pytest.fixture(scope="module")
def auto(returns):
    return make("series/auto", candidates=CANDIDATES, random_state=0).fit(returns)


def line(auto, family):
    return auto.selection_.set_index("family").loc[family]


# ------------------------------------------------------------------------------ what is chosen
def test_volatility_that_clusters_is_told_from_none(auto):
    gaussian, hybrid = (line(auto, f"series/{name}") for name in ("gaussian", "hybrid"))
    assert auto.champion_.family == "series/hybrid"
    assert gaussian["passes"]
    assert gaussian["score"] - hybrid["score"] > hybrid["standard_error"]


def test_independent_normal_days_are_not_mistaken_for_clusters():
    normal = 0.01 * np.random.default_rng(1).normal(size=(1_500, 3))
    auto = make("series/auto", candidates=["series/gaussian", "series/hybrid"], random_state=0)
    assert auto.fit(normal).champion_.family == "series/gaussian"


def test_copies_of_history_are_refused_by_their_gate(auto):
    copier = line(auto, "series/moving-block")
    assert copier["path_copy"] > 0.5
    assert not copier["passes"]
    assert "are copies of history" in copier["why"]


def test_the_yardstick_is_judged_and_never_chosen(auto):
    yardstick = line(auto, "series/bootstrap")
    assert np.isfinite(yardstick["score"])
    assert "never chosen" in yardstick["why"]


def test_where_no_family_passes_the_nearest_comes_with_a_warning(short):
    auto = make("series/auto", candidates=["series/moving-block"], random_state=0).fit(short)
    assert auto.champion_.family == "series/moving-block"
    assert auto.why_.startswith("series/moving-block: WARNING: no family passes every gate")


# ------------------------------------------------------------------------------ what is said
def test_the_table_names_every_candidate_with_a_reason(auto):
    assert auto.selection_["family"].tolist() == CANDIDATES
    assert auto.selection_["why"].str.len().min() > 20
    assert auto.selection_["chosen"].sum() == 1


def test_a_budget_too_small_leaves_families_out_and_says_so(short):
    candidates = ["series/gan", "series/hybrid"]
    auto = make("series/auto", candidates=candidates, budget=12.0, random_state=0).fit(short)
    left_out = line(auto, "series/gan")
    assert auto.champion_.family == "series/hybrid"
    assert np.isnan(left_out["score"])
    assert left_out["why"].startswith("not fitted: about")


def test_a_budget_for_nothing_is_an_error(short):
    with pytest.raises(ConfigError, match=r"no family fits; series/hybrid: .*raise the budget"):
        make("series/auto", candidates=["series/hybrid"], budget=0.5).fit(short)


def test_the_yardstick_never_takes_part_alone(short):
    candidates = ["series/gan", "series/bootstrap"]
    with pytest.raises(ConfigError, match="pays for series/bootstrap alone"):
        make("series/auto", candidates=candidates, budget=5.0).fit(short)


def test_a_family_that_fails_is_named_with_its_error(short):
    candidates = {"series/hybrid": {"reach": 0}, "series/gaussian": {}}
    auto = make("series/auto", candidates=candidates, random_state=0).fit(short)
    assert line(auto, "series/hybrid")["why"].startswith("failed: era 1: reach: expected")


def test_where_all_fail_each_one_is_quoted(short):
    auto = make("series/auto", candidates={"series/hybrid": {"reach": 0}})
    with pytest.raises(DataError, match="series/hybrid: failed: era 1: reach: expected"):
        auto.fit(short)


# ------------------------------------------------------------------------------ what repeats
def test_the_same_data_give_the_same_champion(short):
    first, again = (make("series/auto", **PAIR).fit(short) for _ in range(2))
    assert first.fingerprint() == again.fingerprint()
    assert first.champion_.fingerprint() == again.champion_.fingerprint()


def test_the_table_of_reasons_is_saved_with_the_champion(auto, tmp_path):
    loaded = load(auto.save(tmp_path / "auto"))
    pd.testing.assert_frame_equal(loaded.selection_, auto.selection_)
    assert loaded.champion_.fingerprint() == auto.champion_.fingerprint()
    assert loaded.why_ == auto.why_


def test_an_interrupted_fit_goes_on_from_what_it_has_fitted(short, tmp_path):
    def stopped(stage, done, total, note=""):
        if stage.startswith("era3: series/hybrid"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make("series/auto", **PAIR).fit(short, checkpoint=tmp_path, progress=stopped)
    fitted = set()
    resumed = make("series/auto", **PAIR).fit(
        short,
        checkpoint=tmp_path,
        progress=lambda stage, *_: fitted.add(stage.removesuffix(" fit")),
    )
    assert fitted == {"era3: series/hybrid", f"champion: {resumed.champion_.family}"}
    assert resumed.fingerprint() == make("series/auto", **PAIR).fit(short).fingerprint()


def test_paths_go_on_from_today_if_those_of_the_champion_do(auto, returns):
    today = returns[-100:]
    expected = auto.champion_.sample(3, horizon=5, history=today, random_state=1)
    assert (auto.sample(3, horizon=5, history=today, random_state=1) == expected).all()


@pytest.mark.parametrize("shape", [(500, 1), (12, 60, 2)])
def test_short_and_several_series_are_enough(shape):
    data = 0.01 * np.random.default_rng(2).normal(size=shape)
    auto = make("series/auto", candidates=["series/gaussian"], random_state=0).fit(data)
    assert auto.sample(2, horizon=4, random_state=0).shape == (2, 4, shape[-1])


# ------------------------------------------------------------------------------ rules
def figures(score, *, copies=0.01, n_exploded=0, log_variance=(0.0,), n_broken=0):
    return EraFigures(score, copies, n_exploded, 300, n_broken, log_variance)


def entry(name, scores, **gates):
    judged = Judged(tuple(figures(score, **gates) for score in scores), 4_200, 2_000)
    return Entry(f"series/{name}", 1.0, judged=judged)


def test_the_nearest_wins_by_more_than_a_standard_error():
    entries = [entry("a", [1.2, 1.3, 1.2]), entry("b", [1.0, 1.1, 1.0])]
    assert champion_among(entries).family == "series/b"


def test_promise_decides_within_a_standard_error_of_the_difference():
    entries = [entry("a", [1.2, 0.9, 1.1]), entry("b", [1.0, 1.1, 1.0])]
    champion = champion_among(entries)
    assert champion.family == "series/a"
    why = selection_table(entries, champion)["why"]
    assert "within one standard error of the nearest (1.03)" in why[0]
    assert "promises less" in why[1]


def test_the_standard_error_is_that_of_the_mean_log_score():
    judged = entry("a", np.exp([0.0, 0.3, 0.6])).judged
    assert judged.score == pytest.approx(np.exp(0.3))
    assert judged.standard_error == pytest.approx(np.exp(0.3) * 0.3 / np.sqrt(3))


@pytest.mark.parametrize(
    ("gates", "words"),
    [
        ({"copies": 0.027}, "copies of history"),
        ({"n_exploded": 2}, "times the largest in history"),
        ({"log_variance": (0.0, np.log(1.6))}, "variance of a channel is 1.60 times"),
        ({"log_variance": (0.0, -np.log(1.6))}, "variance of a channel is 0.62 times"),
        ({"n_broken": 1}, "infinite or missing"),
    ],
)
def test_each_gate_refuses_the_nearest(gates, words):
    entries = [entry("bad", [0.5] * 3, **gates), entry("good", [1.5, 1.4, 1.5])]
    assert champion_among(entries).family == "series/good"
    (found,) = entries[0].judged.failures()
    assert words in found


@pytest.mark.parametrize("gates", [{"copies": 0.026}, {"n_exploded": 1}])
def test_what_chance_may_do_passes(gates):
    assert not entry("lucky", [1.0] * 3, **gates).judged.failures()


def test_limits_shrink_to_the_true_ones_as_samples_grow():
    assert copy_limit(10_000, 10**8) == pytest.approx(0.02, abs=1e-4)
    assert explosion_limit(10**7) == pytest.approx(0.001, rel=0.02)


def test_paths_that_explode_or_break_are_seen():
    rng = np.random.default_rng(3)
    era = cut_eras(rng.normal(size=(1, 900, 2)), 3)[0]
    scale = EraScale.of(era)
    wild, broken = rng.normal(size=(2, 50, 252, 2))
    wild[:5, 7, 1] = 1e200
    broken[0, 0, 0] = np.inf
    assert judge_era(era, scale, wild, n_pieces=200).n_exploded == 5
    assert judge_era(era, scale, broken, n_pieces=200).n_broken == 1


# ------------------------------------------------------------------------------ costs, settings
def test_every_built_in_family_has_a_cost():
    assert {*COSTS, "series/auto"} >= set(families("series"))
    assert {*PROMISE, YARDSTICK} <= set(COSTS)


def test_cheap_families_always_take_part():
    plan = plan_contest(list(PROMISE), n_steps=6_300, n_channels=20, n_eras=3, budget=120.0)
    assert {"series/hybrid", "series/fhs", "series/dcc", "series/copula"} <= set(plan.taken)
    assert {*plan.taken, *plan.refused} == set(PROMISE)
    assert plan.seconds < 120


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"budget": 0}, "CPU seconds above 0"),
        ({"n_eras": 1}, "whole number from 2"),
        ({"candidates": "series/fhs"}, "expected a list"),
        ({"candidates": []}, "at least one family"),
        ({"candidates": ["series/bootstrap"]}, "is a yardstick"),
        ({"candidates": ["series/auto"]}, "candidate of itself"),
        ({"candidates": ["series/fhz"]}, "did you mean 'series/fhs'"),
        ({"candidates": ["table/cart"]}, "expected a family of series"),
        ({"candidates": {"series/hybrid": {"reech": 3}}}, "did you mean 'reach'"),
    ],
)
def test_wrong_settings_are_refused_by_name(short, settings, message):
    with pytest.raises(ConfigError, match=message):
        make("series/auto", **settings).fit(short)


def test_eras_that_leave_too_little_are_refused(short):
    with pytest.raises(DataError, match="2 eras leave 200 of 400 steps"):
        make("series/auto", n_eras=2).fit(short[:400])
