"""The report of a generated table says first what matters, and the comparison names a champion."""

import json

import numpy as np
import pandas as pd
import pytest

from scenara.shared.data import Schema
from scenara.shared.errors import ConfigError
from scenara.shared.evaluation.tables import Reading, TableEvaluation, evaluate, shape_error
from scenara.shared.evaluation.tables.columns import comparable
from scenara.shared.evaluation.tables.comparison import (
    choose_champion,
    comparison_report,
    front_of,
)
from scenara.shared.evaluation.tables.pictures import column_chart, pair_chart
from scenara.shared.evaluation.tables.report import evaluation_report
from scenara.shared.evaluation.tables.trend import trend_error
from scenara.shared.report.blocks import Charts, Notice

ABOUT = {"n_train": 9, "n_test": 9, "n_columns": 2, "baselines": []}
TIGHT = {"closest_share": 0.01, "membership_auc": 0.01, "membership_tpr": 0.002, "copies": 0.0}


@pytest.fixture(scope="module")
def report(judged):
    tables, evaluation = judged
    return evaluation_report(evaluation, *tables, title="Loans", name="a <b>model</b>")


def family(detection, share, seconds):
    """Make the evaluation of a family with tight intervals."""
    values = {"closest_share": share, "membership_auc": 0.5, "membership_tpr": 0.01, "copies": 0.0}
    readings = [Reading("detection_test", detection, detection - 0.01, detection + 0.01)]
    readings += [
        Reading(name, value, value - TIGHT[name], value + TIGHT[name], floor=0.0, floor_high=0.1)
        for name, value in values.items()
    ]
    readings.append(Reading("fit_cpu_seconds", seconds))
    schema = Schema.infer(pd.DataFrame({"a": [1.5, 2.5], "b": [1.5, 2.5]}))
    return TableEvaluation(tuple(readings), schema, about=ABOUT)


FAMILIES = {
    "copier": family(0.95, 0.70, 1.0),
    "good": family(0.80, 0.51, 30.0),
    "cheap": family(0.60, 0.51, 2.0),
    "worst": family(0.50, 0.52, 40.0),
}


def test_the_first_page_gives_three_answers(report, judged):
    notices = [block for block in report.opening if isinstance(block, Notice)]
    verdicts = judged[1].verdicts
    assert [notice.text for notice in notices] == [verdict.sentence for verdict in verdicts]


def test_the_page_is_whole_and_escapes_names(report):
    page = report.html()
    assert "a &lt;b&gt;model&lt;/b&gt;" in page
    assert "<b>" not in page


def test_the_metrics_are_the_evaluation(report, judged):
    assert report.metrics == judged[1].to_dict()
    json.dumps(report.metrics, allow_nan=False)


def test_every_reading_is_in_a_table(report, judged):
    page = report.html()
    for reading in judged[1].readings:
        assert reading.about.label.replace("'", "&#39;") in page


def test_the_worst_columns_come_first(report, judged):
    charts = next(b for s in report.sections for b in s.blocks if isinstance(b, Charts))
    worst = judged[1].details["shape"].worst(6)
    assert [chart.title.split(":")[0] for chart in charts.items] == [c.name for c in worst]


def test_the_same_evaluation_gives_the_same_page(report, judged):
    tables, evaluation = judged
    again = evaluation_report(evaluation, *tables, title="Loans", name="a <b>model</b>")
    assert again.html() == report.html()


def test_what_could_not_be_measured_stands_there_with_its_reason():
    tables = [pd.DataFrame({"a": np.arange(9.0) + seed}) for seed in range(3)]
    page = evaluation_report(evaluate(*tables), *tables).html()
    assert "too few to measure" in page
    assert "Not measured" in page


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t.assign(a=np.nan),
        lambda t: t.assign(a=1.0),
        lambda t: t.assign(a=pd.date_range("2020-01-01", periods=len(t))),
        lambda t: t.assign(a=(t["a"] * 1e9).where(t["a"] > 0)),
        lambda t: t.assign(a=["🙂 $x_1$ <i>"] * len(t)),
        lambda t: t.assign(a=t["a"].gt(0)),
    ],
    ids=["missing", "constant", "dates", "gaps", "text", "booleans"],
)
def test_odd_columns_can_be_drawn(spoil):
    real, drawn = (
        spoil(pd.DataFrame(np.random.default_rng(seed).normal(size=(40, 2)), columns=["a", "b"]))
        for seed in range(2)
    )
    tables = comparable({"real": real, "generated": drawn})
    markup = [column_chart(error, tables).svg.markup for error in shape_error(real, drawn).columns]
    pairs = trend_error(real, drawn).pairs
    assert all("<path" in svg for svg in markup + [pair_chart(p, tables).svg.markup for p in pairs])


def test_a_number_that_the_generator_lost_can_be_drawn():
    real, drawn = pd.DataFrame({"a": np.arange(40.0)}), pd.DataFrame({"a": np.full(40, np.nan)})
    tables = comparable({"real": real, "generated": drawn})
    error = shape_error(real, drawn).columns[0]
    assert "(missing)" in column_chart(error, tables).svg.markup


def test_bars_of_numerals_stand_in_their_order():
    real = pd.DataFrame({"grade": ["10"] * 30 + ["9"] * 20 + ["2"] * 10})
    tables = comparable({"real": real, "generated": real})
    markup = column_chart(shape_error(real, real).columns[0], tables).svg.markup
    assert markup.index(">2</text>") < markup.index(">9</text>") < markup.index(">10</text>")


def test_the_champion_is_the_least_detectable_of_the_private():
    assert choose_champion(FAMILIES | {"copier": FAMILIES["copier"]}).name == "good"


def test_a_champion_says_why_not_the_others():
    reasons = choose_champion(FAMILIES).reasons
    assert len(reasons) == len(FAMILIES)
    assert any(reason.startswith("Not copier: private: no. 70.0") for reason in reasons)


def test_no_champion_where_every_family_gives_people_away():
    champion = choose_champion({"copier": FAMILIES["copier"]})
    assert champion.name is None
    assert champion.reasons[0] == "Every family breaks a limit of privacy."


def test_the_front_holds_what_no_other_family_beats():
    assert front_of(FAMILIES) == ("copier", "good", "cheap")


def test_the_comparison_names_champion_and_front():
    report = comparison_report(FAMILIES)
    assert "Champion: good." in report.html()
    assert (report.metrics["champion"], report.metrics["front"][0]) == ("good", "copier")


def test_the_comparison_of_real_evaluations_is_a_page(judged):
    page = comparison_report({"first": judged[1], "second <i>": judged[1]}).html()
    assert "second &lt;i&gt;" in page


@pytest.mark.parametrize("ask", [choose_champion, comparison_report])
def test_nothing_to_compare_is_refused(ask):
    with pytest.raises(ConfigError, match="evaluations: found none"):
        ask({})
