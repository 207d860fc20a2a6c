"""The questionnaire: scored as published, and refused where answers are missing or contradict."""

import pytest

from scenara.finance.advisor.questionnaire import BANDS, ITEMS, answer_problems, tolerance

CAREFUL = {item.key: next(iter(item.points)) for item in ITEMS}
BOLD = {item.key: list(item.points)[-1] for item in ITEMS}


def with_score(score):
    """Answer so that the points add up to a score, item by item from the most careful on."""
    answers, left = dict(CAREFUL), score - 13
    for item in ITEMS:
        for answer, points in item.points.items():
            if points - 1 <= left:
                answers[item.key] = answer
        left -= item.points[answers[item.key]] - 1
    return answers if left == 0 else None


def test_the_scale_has_thirteen_items():
    assert len(ITEMS) == 13


@pytest.mark.parametrize(("answers", "score"), [(CAREFUL, 13), (BOLD, 47)])
def test_scores_span_the_published_range(answers, score):
    # Grable and Lytton (1999), Financial Services Review 8, 163-181: from 13 to 47 points.
    assert tolerance(answers).score == score


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (13, "low"),
        (18, "low"),
        (19, "below average"),
        (22, "below average"),
        (23, "average"),
        (28, "average"),
        (29, "above average"),
        (32, "above average"),
        (33, "high"),
        (47, "high"),
    ],
)
def test_bands_are_the_published_ones(score, band):
    # The published interpretation: 0-18, 19-22, 23-28, 29-32, 33-47.
    assert tolerance(with_score(score)).band == band


@pytest.mark.parametrize(
    ("key", "points"),
    [
        ("friend_says", [1, 2, 3, 4]),
        ("game_show", [1, 2, 3, 4]),
        ("job_loss_before_holiday", [1, 2, 3, 4]),
        ("windfall", [1, 2, 3]),
        ("comfort_with_stocks", [1, 2, 3]),
        ("word_risk", [1, 2, 3, 4]),
        ("hard_assets", [1, 2, 3, 4]),
        ("best_and_worst", [1, 2, 3, 4]),
        ("sure_gain", [1, 3]),
        ("sure_loss", [1, 3]),
        ("inheritance", [1, 2, 3, 4]),
        ("mix", [1, 2, 3]),
        ("gold_mine", [1, 2, 3, 4]),
    ],
)
def test_answers_have_the_published_points(key, points):
    item = next(item for item in ITEMS if item.key == key)
    assert list(item.points.values()) == points


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.key)
def test_a_bolder_answer_scores_more(item):
    scores = [tolerance({**CAREFUL, item.key: answer}).score for answer in item.points]
    assert scores == sorted(scores)
    assert scores[-1] > scores[0]


def test_parts_of_the_scale_cover_every_item_once():
    assert tolerance(BOLD).subscales == dict.fromkeys(tolerance(CAREFUL).subscales, 1.0)


def test_answers_of_one_mind_have_no_spread():
    assert tolerance(CAREFUL).spread == 0


def test_a_missing_answer_is_named_with_its_choices():
    answers = {key: value for key, value in CAREFUL.items() if key != "mix"}
    assert answer_problems(answers) == [
        "questionnaire: mix is not answered; choose one of 60_30_10, 30_40_30, 10_40_50"
    ]


def test_an_unknown_answer_is_named():
    (problem,) = answer_problems({**CAREFUL, "windfall": "gold"})
    assert "windfall: expected one of bank, bonds, stocks, found 'gold'" in problem


def test_an_unknown_item_is_named_with_the_nearest():
    (problem,) = answer_problems({**CAREFUL, "wind_fall": "bank"})
    assert "did you mean 'windfall'?" in problem


@pytest.mark.parametrize(
    "answers",
    [
        {"friend_says": "avoider", "word_risk": "thrill"},
        {"friend_says": "gambler", "word_risk": "loss"},
        {"windfall": "stocks", "comfort_with_stocks": "none"},
        {"best_and_worst": "200_or_0", "mix": "10_40_50"},
    ],
)
def test_opposite_answers_contradict(answers):
    neutral = {**CAREFUL, "comfort_with_stocks": "some", "friend_says": "cautious"}
    (problem,) = answer_problems({**neutral, **answers})
    assert "contradicts" in problem


def test_complete_answers_have_no_problem():
    assert answer_problems(CAREFUL) == answer_problems(BOLD) == []


def test_bands_end_at_the_largest_score():
    assert BANDS[-1][0] == 47
