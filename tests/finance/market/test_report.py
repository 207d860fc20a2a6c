"""The market report says what the numbers say, and refuses numbers that contradict each other."""

import dataclasses
import json
import math

import numpy as np
import pandas as pd
import pytest

from scenara.finance.market.certificate import Certificate
from scenara.finance.market.certificate_gates import CertificateGate
from scenara.finance.market.comparisons import (
    compare_strategies,
    describe_leader,
    percentile_of_mean,
)
from scenara.finance.market.intervals import wilson_interval
from scenara.finance.market.report import (
    MarketJob,
    MarketScores,
    Provenance,
    StrategyOutcome,
    TearSheet,
    market_report,
)
from scenara.finance.market.verdicts import IndexPaths, describe_distance, gates, index_paths
from scenara.shared.errors import DataError
from scenara.shared.evaluation.score import Score, Scorecard

N_PATHS, HORIZON = 60, 21
ASSETS = ["AAA", "<script>alert(1)</script>"]
MEASURES = pd.DataFrame(
    {
        "group": ["marginal", "marginal", "path"],
        "meaning": ["tails", "spread", "falls"],
        "floor": [0.1, 0.2, 0.4],
        "history": [0.2, 0.2, 0.4],
        "series/bootstrap": [0.1, 0.4, 0.4],
        "series/fhs": [0.4, 0.8, 1.6],
    },
    index=["tailq", "w1", "mdd"],
)
HEADLINES = pd.DataFrame(
    {
        "auc": [0.6, 0.98, 0.69],
        "path_copy": [0.98, 0.004, math.nan],
        "explosions": [0.0, 0.2, math.nan],
        "fit_cpu_s": [0.001, 0.9, math.nan],
    },
    index=["series/bootstrap", "series/fhs", "history"],
)


def _outcome(rng, n, index=None, shift=0.0):
    figures = {
        "sharpe": rng.normal(1 + shift, 1, n),
        "max_drawdown": rng.uniform(0.05, 0.4, n),
        "final_wealth": rng.lognormal(0.1 + shift, 0.1, n),
        "turnover": rng.uniform(0, 2, n),
    }
    return pd.DataFrame(figures, index=index)


@pytest.fixture
def job():
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2015-01-02", periods=4 * HORIZON + 5, name="date")
    real = pd.DataFrame(rng.normal(0, 0.01, (len(days), 2)), index=days, columns=ASSETS)
    starts = days[: 4 * HORIZON : HORIZON]
    strategies = {
        name: StrategyOutcome(
            _outcome(rng, N_PATHS, shift=shift), _outcome(rng, 4, starts), {"sharpe": 0.5}, "Holds."
        )
        for name, shift in (("plain", 0.0), ("<b>bold</b>", 3.0))
    }
    return MarketJob(
        title="Trial <i>run</i>",
        family="series/bootstrap",
        train_period=(pd.Timestamp("1990-01-03"), pd.Timestamp("2014-12-31")),
        real=real,
        worlds=rng.normal(0, 0.01, (N_PATHS, HORIZON, 2)),
        scores=MarketScores(MEASURES, HEADLINES, perfect=(0.66, 0.85, 1.09)),
        provenance=Provenance("prices", "<prices>.csv", "ab" * 32, 7, "scenara demo"),
        strategies=strategies,
    )


def test_scores_are_geometric_means_of_the_ratios_to_the_floor():
    scores = MarketScores(MEASURES, HEADLINES).scores["series/bootstrap"]
    expected = {"ALL": 2 ** (1 / 3), "marginal": math.sqrt(2), "path": 1.0}
    assert scores.to_dict() == pytest.approx(expected)


def test_scores_from_scorecards_keep_their_overall_score():
    cards = {
        family: Scorecard(
            tuple(
                Score(name, row["group"], row[family], row["floor"], {"history": row["history"]})
                for name, row in MEASURES.iterrows()
            )
        )
        for family in ("series/bootstrap", "series/fhs")
    }
    scores = MarketScores.from_cards(cards, headlines=HEADLINES)
    assert scores.families == tuple(cards)
    assert [scores.score(name) for name in cards] == pytest.approx(
        [card.overall for card in cards.values()]
    )


def test_the_equal_weight_index_is_the_mean_of_simple_returns(job):
    paths = index_paths(job)
    slow = 1.0
    for day in job.worlds[3]:
        slow *= 1 + np.mean(np.expm1(day))
    assert paths.worlds[3, -1] == pytest.approx(slow, rel=1e-12)


def test_the_real_windows_are_those_of_the_backtest(job):
    first = "2015-01-02 to 2015-01-30"
    paths = index_paths(job)
    assert next(iter(paths.windows)) == first
    assert len(paths.whole_windows) == 4


def test_copied_history_is_a_warning_in_the_headline_and_below_it(job):
    html = market_report(job).html()
    assert "But 98\N{NO-BREAK SPACE}% of their months are copies of history" in html
    assert "Warning: copied history." in html


def test_a_refused_family_is_not_certified_and_its_gates_are_in_the_table(job):
    gate = CertificateGate(
        "copies",
        "New paths",
        0.98,
        0.02,
        False,
        "98 %",
        "98 % of windows are copies",
        "at most 2 %",
    )
    certificate = Certificate("series/bootstrap", (gate,), 1_000, 10)
    report = market_report(dataclasses.replace(job, certificates={job.family: certificate}))
    html = report.html()
    assert "Not certified." in html
    assert "copied 21-day windows" in html
    assert "Warning: copied history." not in html
    assert not report.metrics["certificates"][job.family]["passed"]


def test_worlds_that_pass_every_gate_say_so(job):
    clean = HEADLINES.assign(path_copy=0.001, explosions=0.0, auc=0.6)
    scores = MarketScores(MEASURES.assign(**{"series/bootstrap": MEASURES["floor"]}), clean)
    wide = job.worlds * 30
    html = market_report(dataclasses.replace(job, scores=scores, worlds=wide)).html()
    assert "All checks pass." in html
    assert "Warning" not in html


@pytest.mark.parametrize(
    ("family", "passed"),
    [("series/bootstrap", [True, False, True, True]), ("series/fhs", [False, True, False, False])],
)
def test_gates_follow_their_rules(job, family, passed):
    judged = dataclasses.replace(job, family=family)
    assert [gate.passed for gate in gates(judged, index_paths(judged))][:4] == passed


def test_a_range_that_misses_most_real_windows_fails_its_gate(job):
    narrow = dataclasses.replace(job, worlds=job.worlds * 1e-3)
    assert gates(narrow, index_paths(narrow))[4].passed is False


@pytest.mark.parametrize(("n_deep", "passed"), [(0, True), (1, True), (2, False)])
def test_two_of_seven_windows_that_fall_too_deep_fail_though_all_end_inside(job, n_deep, passed):
    calm, crash = np.array([1.0, 0.99, 1.0]), np.array([1.0, 0.5, 1.0])
    worlds = np.stack([np.ones(100), np.linspace(0.9, 1, 100), np.linspace(0.9, 1.1, 100)], axis=1)
    windows = {str(n): crash if n < n_deep else calm for n in range(7)}
    found = gates(job, IndexPaths(worlds, windows))[4:]
    assert [gate.passed for gate in found] == [True, passed]
    assert found[1].value.startswith(f"{7 - n_deep} of 7 fall no deeper")


def test_a_window_that_falls_too_deep_is_named_below_the_chart(job):
    real = job.real.copy()
    real.iloc[HORIZON + 5] = -0.5
    html = market_report(dataclasses.replace(job, real=real)).html()
    start = real.index[HORIZON]
    assert f"Deeper than 95\N{NO-BREAK SPACE}% of worlds fell: {start:%Y-%m-%d} to" in html


def _judged(job, distance, **headlines):
    measures = MEASURES.assign(**{"series/bootstrap": distance * MEASURES["floor"]})
    scores = MarketScores(measures, HEADLINES.assign(**headlines), perfect=(0.66, 0.85, 9.9))
    return dataclasses.replace(job, scores=scores)


@pytest.mark.parametrize(("score", "passed"), [(1.10, True), (1.25, True), (1.27, False)])
def test_the_limit_of_the_score_is_history_and_not_the_luck_of_real_years(job, score, passed):
    judged = _judged(job, score)
    assert judged.scores.score("history") == pytest.approx(2 ** (1 / 3))
    assert gates(judged, index_paths(judged))[0].passed is passed


@pytest.mark.parametrize(
    ("score", "history", "start"),
    [
        (0.80, 1.20, "about as close to the later years as real years"),
        (1.11, 1.20, "closer to the later years than the past are, but further than real years"),
        (1.19, 1.20, "about as close to the later years as the past are, but further than real"),
        (1.21, 1.20, "further from the later years than the past are, and than real years"),
        (math.nan, 1.20, "at a distance from the later years that was not measured"),
    ],
)
def test_the_distance_is_called_no_better_than_it_is(score, history, start):
    assert describe_distance(score, history, "past").startswith(start)


def test_the_opening_names_the_group_that_fails_worst_above_twice_the_floor(job):
    measures = MEASURES.assign(**{"series/bootstrap": [0.1, 0.2, 4 * 0.85]})
    bad = dataclasses.replace(job, scores=MarketScores(measures, HEADLINES))
    assert "Worst where: shape of paths, 8.5× (the training years: 1.0×)." in (
        market_report(bad).html()
    )
    assert "Worst where" not in market_report(_judged(job, 1.9)).html()


@pytest.mark.parametrize(
    ("auc", "passed"), [(0.20, None), (0.39, None), (0.40, True), (0.78, True), (0.80, False)]
)
def test_an_auc_far_below_a_guess_is_not_a_pass(job, auc, passed):
    judged = _judged(job, 1.0, auc=[auc, 0.5, 0.69])
    assert gates(judged, index_paths(judged))[2].passed is passed


def test_an_auc_far_below_a_guess_is_shown_as_not_measurable(job):
    judged = _judged(job, 1.0, auc=[0.2, 0.5, 0.69], path_copy=0.0)
    html = market_report(judged).html()
    assert "not measurable (AUC 0.20, below a guess)" in html
    assert "All checks pass." not in html


def test_worlds_of_unknown_origin_are_not_said_to_be_learned_from_the_training_years(job):
    html = market_report(dataclasses.replace(job, origin_known=False)).html()
    assert "It is not known what the worlds were learned from." in html
    for claim in (
        "learned from 1990",
        "never saw",
        "fitted on 1990",
        "the training years themselves",
    ):
        assert claim not in html


def test_settings_of_a_strategy_are_shown_beside_its_name(job):
    text = "Holds, looks back 126 days; caps weights at 20 %. " * 5
    outcome = dataclasses.replace(job.strategies["plain"], description=text)
    html = market_report(dataclasses.replace(job, strategies={"plain": outcome})).html()
    assert f"<dt>plain</dt><dd>{text}</dd>" in html


def test_a_figure_that_was_not_measured_passes_no_gate_and_warns_of_nothing(job):
    bare = dataclasses.replace(job, scores=MarketScores(MEASURES, HEADLINES[["auc"]]))
    found = gates(bare, index_paths(bare))
    assert (found[1].passed, found[3].passed) == (None, None)
    assert "All checks pass." not in market_report(bare).html()


def test_names_show_as_text(job):
    html = market_report(job).html()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "&lt;b&gt;bold&lt;/b&gt;" in html
    assert not any(tag in html for tag in ("<script", "<b>", "<i>", "<prices>"))


def test_the_same_job_gives_the_same_page(job):
    assert market_report(job).html() == market_report(job).html()


def test_a_thousand_worlds_stay_below_a_megabyte(job):
    rng = np.random.default_rng(1)
    days = pd.bdate_range("2015-01-02", periods=2012)
    real = pd.DataFrame(rng.normal(0, 0.01, (2012, 2)), index=days)
    worlds = rng.normal(0, 0.01, (1000, 252, 2))
    large = dataclasses.replace(job, real=real, worlds=worlds, strategies={})
    assert len(market_report(large).html().encode()) < 600_000


def test_a_job_without_strategies_has_no_strategy_section(job):
    report = market_report(dataclasses.replace(job, strategies={}))
    assert "What the strategies earn" not in [section.title for section in report.sections]


def test_metrics_are_ready_for_json_and_hold_the_decision(job):
    metrics = json.loads(json.dumps(market_report(job).metrics, allow_nan=False))
    figures = metrics["strategies"]["plain"]["sharpe"]
    expected = job.strategies["plain"].worlds["sharpe"].median()
    assert figures["median"] == pytest.approx(expected)
    assert metrics["headlines"]["history"]["path_copy"] is None


def test_tear_sheets_are_linked(job):
    sheet = TearSheet("real days", "tear/plain.html", pd.Series([0.1]))
    outcome = dataclasses.replace(job.strategies["plain"], tear_sheets=(sheet,))
    linked = dataclasses.replace(job, strategies={"plain": outcome})
    assert '<a href="tear/plain.html">plain, real days</a>' in market_report(linked).html()


def test_comparisons_count_the_same_worlds(job):
    found = compare_strategies(job.strategies, {"max_drawdown": False})[0]
    first, second = (o.worlds["max_drawdown"].to_numpy() for o in job.strategies.values())
    assert found.probability == pytest.approx(np.mean(first < second))
    assert found.low < found.probability < found.high


def test_equal_strategies_are_level(job):
    same = job.strategies["plain"]
    assert "level with copy (50\N{NO-BREAK SPACE}%)" in describe_leader({"one": same, "copy": same})


def test_a_leader_by_median_that_loses_world_by_world_is_not_called_better(job):
    frame = job.strategies["plain"].worlds
    usual = np.where(np.arange(N_PATHS) < 33, 1.0, -9.0)
    above = np.where(np.arange(N_PATHS) < 13, 2.0, np.where(np.arange(N_PATHS) < 33, 0.9, -8.0))
    outcomes = {
        name: dataclasses.replace(job.strategies["plain"], worlds=frame.assign(sharpe=values))
        for name, values in (("median", usual), ("often", above))
    }
    assert "falls behind often" in describe_leader(outcomes)


def test_a_clear_leader_is_named(job):
    assert describe_leader(job.strategies).startswith(
        "Over the worlds, <b>bold</b> has the highest"
    )


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718), (81, 263, 0.2553, 0.3662)],
)
def test_wilson_interval_matches_newcombe_1998_table_1(k, n, low, high):
    assert wilson_interval(k / n, n) == pytest.approx((low, high), abs=5e-5)


def test_a_mean_of_windows_drawn_from_the_worlds_has_uniform_percentiles():
    rng = np.random.default_rng(0)
    worlds = pd.Series(rng.exponential(size=500))
    ranks = [
        percentile_of_mean(worlds, pd.Series(rng.choice(worlds, 7)), n_draws=2_000)
        for _ in range(200)
    ]
    assert abs(np.mean(ranks) - 0.5) < 3 * math.sqrt(1 / 12 / 200)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"worlds": np.zeros((5, 3))}, "worlds: expected shape"),
        ({"worlds": np.full((N_PATHS, HORIZON, 2), np.nan)}, "finite"),
        ({"worlds": np.zeros((5, HORIZON, 2))}, "one row for each of 5 worlds"),
        ({"family": "series/gan"}, "expected one of series/bootstrap, series/fhs"),
        ({"train_period": (pd.Timestamp("1990"), pd.Timestamp("2016"))}, "never saw"),
    ],
)
def test_a_job_refuses_what_contradicts_itself(job, change, message):
    with pytest.raises(DataError, match=message):
        dataclasses.replace(job, **change)


def test_windows_are_indexed_by_days_of_the_real_returns(job):
    outcome = job.strategies["plain"]
    moved = dataclasses.replace(outcome, windows=outcome.windows.reset_index(drop=True))
    with pytest.raises(DataError, match="index the windows by their first day"):
        dataclasses.replace(job, strategies={"plain": moved})


@pytest.mark.parametrize("column", ["sharpe", "max_drawdown", "final_wealth"])
def test_an_outcome_names_the_column_it_misses(job, column):
    frame = job.strategies["plain"].worlds
    with pytest.raises(DataError, match=f"missing {column}"):
        StrategyOutcome(frame.drop(columns=column), frame)


def test_a_drawdown_with_a_minus_sign_is_refused(job):
    frame = job.strategies["plain"].worlds
    with pytest.raises(DataError, match=r"share in \[0, 1\]"):
        StrategyOutcome(frame.assign(max_drawdown=-0.2), frame)


def test_a_floor_of_zero_is_refused():
    with pytest.raises(DataError, match="row 'w1': expected a floor above 0"):
        MarketScores(MEASURES.assign(floor=[0.1, 0.0, 0.4]), HEADLINES)
