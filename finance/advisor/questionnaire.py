"""Risk tolerance by a published questionnaire: the 13 items of Grable and Lytton (1999)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scenara.finance.advisor.cells import nearest

__all__ = ["BANDS", "ITEMS", "Item", "Tolerance", "answer_problems", "tolerance"]


@dataclass(frozen=True)
class Item:
    """Describe one question of the scale, in our words.

    Args:
        key: Its name in the client's file.
        topic: What it asks.
        points: Answer -> points, from the most careful to the boldest answer.
    """

    key: str
    topic: str
    points: Mapping[str, int]


ITEMS: Final = (
    Item(
        "friend_says",
        "How the best friend would describe you as a taker of risks",
        {"avoider": 1, "cautious": 2, "researched": 3, "gambler": 4},
    ),
    Item(
        "game_show",
        "A certain 1,000, or a 50 % chance of 5,000, 25 % of 10,000, 5 % of 100,000",
        {"certain_1000": 1, "half_5000": 2, "quarter_10000": 3, "twentieth_100000": 4},
    ),
    Item(
        "job_loss_before_holiday",
        "What becomes of the dream holiday when the job is lost three weeks before",
        {"cancel": 1, "modest": 2, "as_planned": 3, "extend": 4},
    ),
    Item(
        "windfall",
        "Where an unexpected 20,000 goes",
        {"bank": 1, "bonds": 2, "stocks": 3},
    ),
    Item(
        "comfort_with_stocks",
        "How comfortable investing in stocks feels, from experience",
        {"none": 1, "some": 2, "much": 3},
    ),
    Item(
        "word_risk",
        "The first word that comes to mind for risk",
        {"loss": 1, "uncertainty": 2, "opportunity": 3, "thrill": 4},
    ),
    Item(
        "hard_assets",
        "What is done with government bonds when gold and property are said to rise",
        {"keep_bonds": 1, "half_cash_half_hard": 2, "all_hard": 3, "all_hard_and_borrow": 4},
    ),
    Item(
        "best_and_worst",
        "The preferred pair of best gain and worst loss",
        {"200_or_0": 1, "800_or_-200": 2, "2600_or_-800": 3, "4800_or_-2400": 4},
    ),
    Item(
        "sure_gain",
        "Of 1,000 given: a sure gain of 500, or an even chance of 1,000 or nothing",
        {"sure_500": 1, "even_1000": 3},
    ),
    Item(
        "sure_loss",
        "Of 2,000 given: a sure loss of 500, or an even chance to lose 1,000 or nothing",
        {"sure_-500": 1, "even_-1000": 3},
    ),
    Item(
        "inheritance",
        "The one place into which an inheritance of 100,000 goes",
        {"savings": 1, "mixed_fund": 2, "15_stocks": 3, "commodities": 4},
    ),
    Item(
        "mix",
        "Shares of low, medium and high risk in an investment of 20,000",
        {"60_30_10": 1, "30_40_30": 2, "10_40_50": 3},
    ),
    Item(
        "gold_mine",
        "Salary put into a friend's gold mine that pays 50 to 100 times with a chance of 20 %",
        {"nothing": 1, "one_month": 2, "three_months": 3, "six_months": 4},
    ),
)
"""The items in the order of the paper; 13 to 47 points together."""

BANDS: Final = (
    (18, "low"),
    (22, "below average"),
    (28, "average"),
    (32, "above average"),
    (47, "high"),
)
"""Largest score of each published band, and its name."""

_CONTRADICTORY: Final = (
    (("friend_says", "avoider"), ("word_risk", "thrill")),
    (("friend_says", "gambler"), ("word_risk", "loss")),
    (("friend_says", "avoider"), ("gold_mine", "six_months")),
    (("windfall", "stocks"), ("comfort_with_stocks", "none")),
    (("best_and_worst", "200_or_0"), ("mix", "10_40_50")),
    (("best_and_worst", "4800_or_-2400"), ("mix", "60_30_10")),
)

_SUBSCALES: Final = {
    "investment risk": ("windfall", "comfort_with_stocks", "best_and_worst", "inheritance", "mix"),
    "comfort and experience": (
        "friend_says",
        "job_loss_before_holiday",
        "word_risk",
        "hard_assets",
        "gold_mine",
    ),
    "speculation": ("game_show", "sure_gain", "sure_loss"),
}


@dataclass(frozen=True)
class Tolerance:
    """Hold what a questionnaire says.

    Args:
        score: Points, from 13 to 47.
        band: Published interpretation.
        points: Item -> its points.
        subscales: Part of the scale -> share of its points, from 0 to 1.
    """

    score: int
    band: str
    points: Mapping[str, int]
    subscales: Mapping[str, float]

    @property
    def spread(self) -> float:
        """Largest difference between parts of the scale, 0 for answers all of one mind."""
        return max(self.subscales.values()) - min(self.subscales.values())


def tolerance(answers: Mapping[str, str]) -> Tolerance:
    """Score the answers as published: the sum of their points.

    Args:
        answers: Key of each item -> answer; see :func:`answer_problems`.

    Returns:
        Score, band, and the parts that show how consistent the answers are.

    Example:
        >>> careful = {item.key: next(iter(item.points)) for item in ITEMS}
        >>> tolerance(careful).score, tolerance(careful).band
        (13, 'low')

    References:
        Grable, J. and Lytton, R. H. (1999). Financial risk tolerance revisited: the development of
        a risk assessment instrument. Financial Services Review 8, 163-181.
        https://doi.org/10.1016/S1057-0810(99)00041-4 (items, points, bands). Kuzniak, S., Rabbani,
        A., Heo, W., Ruiz-Menjivar, J. and Grable, J. E. (2015). The Grable and Lytton
        risk-tolerance scale: a 15-year retrospective. Financial Services Review 24, 177-192
        (Cronbach's alpha 0.77 over 160,279 answers).
    """
    points = {item.key: item.points[answers[item.key]] for item in ITEMS}
    score = sum(points.values())
    shares = {
        name: sum(_share(item, points[item.key]) for item in ITEMS if item.key in keys) / len(keys)
        for name, keys in _SUBSCALES.items()
    }
    return Tolerance(score, next(name for most, name in BANDS if score <= most), points, shares)


def answer_problems(answers: Mapping[str, str]) -> list[str]:
    """Say which answers are missing, unknown, or contradict each other.

    Args:
        answers: Key of each item -> answer.

    Returns:
        One sentence for each problem; none where the answers can be scored.

    Example:
        >>> careful = {item.key: next(iter(item.points)) for item in ITEMS}
        >>> answer_problems({**careful, "word_risk": "thrill"})[0][:60]
        "questionnaire: friend_says = 'avoider' contradicts word_risk"
    """
    items = {item.key: item for item in ITEMS}
    problems = [
        f"questionnaire: there is no item {key!r}; {nearest(key, list(items))}"
        for key in answers
        if key not in items
    ]
    for key, item in items.items():
        if key not in answers:
            problems.append(f"questionnaire: {key} is not answered; choose {_choices(item)}")
        elif answers[key] not in list(item.points):
            problems.append(
                f"questionnaire: {key}: expected {_choices(item)}, found {answers[key]!r}"
            )
    for (first, bold), (second, other) in _CONTRADICTORY:
        if answers.get(first) == bold and answers.get(second) == other:
            problems.append(
                f"questionnaire: {first} = {bold!r} contradicts {second} = {other!r}; ask again"
            )
    return problems


def _share(item: Item, points: int) -> float:
    low, high = min(item.points.values()), max(item.points.values())
    return (points - low) / (high - low)


def _choices(item: Item) -> str:
    return f"one of {', '.join(item.points)}"
