"""Charts are exact, repeatable, unique in their ids, and hold text as text."""

import re
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest

from scenara.shared.errors import DataError
from scenara.shared.report import fan_chart, histograms, line_chart, ratio_plot
from scenara.shared.report.svg import with_id_prefix

NASTY = [
    "<script>alert(1)</script>",
    "</title></svg><script>alert(1)</script>",
    "a & b",
    "$\\frac{1}{$",
    "$x_1$ and $y$",
    "_hidden",
    "a\x00b\x1b[31m",
    "名前 🙂",
    "\ud800 alone",
    "line\nbreak",
    "x" * 500,
    "",
]
RNG = np.random.default_rng(0)
WALKS = 1 + np.cumsum(RNG.normal(scale=0.01, size=(40, 30)), axis=1)
DRAWS = RNG.normal(size=200)


def _fan(name="real", **settings):
    return fan_chart(WALKS, observed={name: WALKS[0]}, bold=name, title=name, **settings)


def _histograms(name="rule"):
    return histograms({name: DRAWS}, observed={name: DRAWS[:5]}, title=name, reference=0.0)


def _ratios(name="model"):
    return ratio_plot({name: [1.0, np.nan], "b": [0.001, 99.0]}, labels=[name, "z"], title=name)


def _lines(name="level"):
    days = np.arange("2015-01-02", "2016-01-01", dtype="datetime64[D]")
    return line_chart({name: np.linspace(1, 3, len(days))}, x=days, title=name, log=True)


CHARTS = pytest.mark.parametrize("draw", [_fan, _histograms, _ratios, _lines])


@CHARTS
def test_the_same_numbers_give_the_same_bytes(draw):
    assert draw().markup == draw().markup


@CHARTS
def test_a_user_s_matplotlib_settings_change_nothing(draw):
    plain = draw().markup
    with matplotlib.rc_context({"lines.linewidth": 9, "axes.grid": True, "svg.fonttype": "path"}):
        assert draw().markup == plain


@CHARTS
def test_a_chart_leaves_matplotlib_s_settings_alone(draw):
    before = dict(matplotlib.rcParams)
    draw()
    assert dict(matplotlib.rcParams) == before


@CHARTS
@pytest.mark.parametrize("name", NASTY)
def test_any_name_gives_well_formed_markup_without_foreign_elements(draw, name):
    root = ElementTree.fromstring(draw(name).markup)
    assert {element.tag for element in root.iter()} <= {
        *("svg", "title", "desc", "g", "path", "text", "defs", "use", "clipPath", "rect"),
    }


@CHARTS
def test_every_colour_follows_the_theme(draw):
    markup = draw().markup
    painted = re.findall(r"(?:fill|stroke): ([^;\"]+)", markup)
    assert {paint[:6] for paint in painted} == {"var(--", "none"}


@CHARTS
def test_ids_are_unique_and_every_reference_resolves_after_the_prefix(draw):
    markup = with_id_prefix(draw(), "c7-")
    ids = re.findall(r' id="([^"]+)"', markup)
    used = re.findall(r'(?:href="|url\()#([\w-]+)', markup)
    assert len(ids) == len(set(ids))
    assert set(used) <= set(ids)
    assert all(identifier.startswith("c7-") for identifier in ids)


@CHARTS
def test_a_chart_has_a_name_and_a_description(draw):
    root = ElementTree.fromstring(draw("Wealth").markup)
    texts = {element.get("id"): element.text for element in root if element.tag != "g"}
    assert texts["title"] == "Wealth"
    assert len(texts["description"]) > 20


def test_the_description_of_a_fan_states_the_quantiles_of_its_ends():
    paths = np.column_stack([np.zeros(101), np.arange(101.0)])
    svg = fan_chart(paths, observed={}, title="Line", write=lambda value: f"{value:g}")
    assert "end at 5, 25, 50, 75, 95" in svg.markup


def test_a_histogram_of_one_value_is_drawn():
    assert "<path" in histograms({"flat": np.ones(10)}, observed={}, title="Flat").markup


@pytest.mark.parametrize(
    "draw",
    [
        lambda: fan_chart(np.ones(5), observed={}, title="t"),
        lambda: fan_chart(np.array([[1.0, np.nan]]), observed={}, title="t"),
        lambda: histograms({}, observed={}, title="t"),
        lambda: histograms({"a": np.array([np.nan])}, observed={}, title="t"),
        lambda: ratio_plot({"a": [1.0]}, labels=["x", "y"], title="t"),
        lambda: line_chart({"a": np.ones(3)}, x=np.arange(4), title="t"),
    ],
)
def test_charts_refuse_what_they_cannot_draw(draw):
    with pytest.raises(DataError):
        draw()


@pytest.mark.parametrize("n_days", [64, 400, 512, 2_500])
@pytest.mark.parametrize("width", [358, 960])
def test_dates_of_any_span_find_their_ticks_without_a_warning(n_days, width):
    days = np.datetime64("2020-01-01") + np.arange(n_days)
    svg = line_chart({"level": np.linspace(1, 2, n_days)}, x=days, title="Level", width=width)
    assert svg.width == width
