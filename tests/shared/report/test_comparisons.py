"""Charts of two sources are exact, repeatable and hold text as text."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from scenara.shared.errors import DataError
from scenara.shared.report.comparisons import cell_map, paired_bars, paired_histogram, scatter

DRAWS = np.random.default_rng(0).normal(size=(2, 200))
GAPS = np.array([[0.02, -0.01, 0.0], [-0.01, 0.0, 0.0]])
NASTY = ["<script>alert(1)</script>", "$\\frac{1}{$", "a\x00b", "名前 🙂", "x" * 500, ""]


def _histogram(name="income"):
    return paired_histogram(*DRAWS, title=name)


def _bars(name="level"):
    return paired_bars(
        {"real": [0.7, 0.3], "generated": [0.5, 0.5]}, labels=[name, "b"], title=name
    )


def _cells(name="level"):
    return cell_map(GAPS, rows=[name, "b"], columns=[name, "x", "y"], title=name, x_label=name)


def _scatter(name="model"):
    points = {name: (0.5, 0.9), "b": (5.0, 0.2), "lost": (np.nan, 0.1)}
    return scatter(points, title=name, x_label="x", y_label="y", bold=name, x_limit=1.0, log=True)


CHARTS = pytest.mark.parametrize("draw", [_histogram, _bars, _cells, _scatter])


@CHARTS
def test_the_same_numbers_give_the_same_bytes(draw):
    assert draw().markup == draw().markup


@CHARTS
@pytest.mark.parametrize("name", NASTY)
def test_any_name_gives_well_formed_markup_without_foreign_elements(draw, name):
    root = ElementTree.fromstring(draw(name).markup)
    assert {element.tag for element in root.iter()} <= {
        *("svg", "title", "desc", "g", "path", "text", "defs", "use", "clipPath", "rect"),
    }


@CHARTS
def test_every_colour_follows_the_theme(draw):
    painted = re.findall(r"(?:fill|stroke): ([^;\"]+)", draw().markup)
    assert {paint[:6] for paint in painted} == {"var(--", "none"}


def test_the_largest_gap_is_described():
    assert "Largest gap 2.0 points at level and level." in _cells().markup


def test_a_long_name_of_the_rows_begins_inside_the_picture():
    markup = cell_map(GAPS, rows=["a", "b"], columns=["x", "y", "z"], title="t", width=300,
                      y_label="present_employment_since").markup  # fmt: skip
    (style,) = re.findall(r"<text ([^>]*)>present_employment_since", markup)
    assert "text-anchor: start" in style
    assert ' x="0"' in style


def test_shares_are_described_label_by_label():
    assert "level: real 70 %, generated 50 %" in _bars().markup


def test_points_that_are_not_finite_are_left_out():
    assert "lost" not in _scatter().markup


@pytest.mark.parametrize(
    "draw",
    [
        lambda: paired_histogram(DRAWS[0], np.array([np.nan]), title="t"),
        lambda: paired_bars({"real": [1.0]}, labels=["a", "b"], title="t"),
        lambda: paired_bars({"real": []}, labels=[], title="t"),
        lambda: cell_map(GAPS, rows=["a"], columns=["x"], title="t"),
        lambda: scatter({"a": (np.nan, 1.0)}, title="t", x_label="x", y_label="y"),
        lambda: scatter({"a": (0.0, 1.0)}, title="t", x_label="x", y_label="y", log=True),
    ],
)
def test_charts_refuse_what_they_cannot_draw(draw):
    with pytest.raises(DataError):
        draw()
