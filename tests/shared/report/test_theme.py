"""Both themes can be read."""

import pytest

from scenara.shared.report.theme import PALETTE


def _luminance(colour):
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    "surface",
    ["paper", "surface", "warning-surface", "level-1", "level-2", "level-3", "level-4"],
)
@pytest.mark.parametrize("text", ["ink", "muted"])
def test_text_has_the_contrast_that_wcag_asks_of_small_text(theme, surface, text):
    assert _contrast(PALETTE[text][theme], PALETTE[surface][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["worlds", "real", "series-2", "series-3", "series-4", "link"])
def test_marks_have_the_contrast_that_wcag_asks_of_graphics(theme, name):
    assert _contrast(PALETTE[name][theme], PALETTE["paper"][theme]) >= 3
