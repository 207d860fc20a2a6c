"""The sections on luck and look-ahead say in words what was found."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from scenara.finance.market.comparisons import percentile_interval
from scenara.finance.market.luck_findings import LuckFindings
from scenara.finance.market.luck_section import describe_luck, look_ahead_section, luck_section
from scenara.finance.portfolio.look_ahead import Finding, LookAheadReport
from scenara.finance.portfolio.luck import ErrorRate, SuperiorAbility, luck_verdict
from scenara.shared.errors import DataError
from scenara.shared.report import Report


class Job:
    """The one part of a market job that the section reads."""

    def __init__(self, luck):
        self.luck = luck


def _verdicts(n):
    rng = np.random.default_rng(0)
    returns = 0.01 * rng.standard_normal((756, n))
    returns[:, 0] += 0.003
    verdicts = [luck_verdict(returns, chosen=i, n_draws=99) for i in range(n)]
    return {f"rule {i}": verdict for i, verdict in enumerate(verdicts)}


def _text(section):
    page = Report("Trial", (section,)).html()
    return page.replace("\N{NO-BREAK SPACE}", " ")


def _rate(test, share):
    return ErrorRate(test=test, level=0.05, share=share, low=share, high=share, n_worlds=200)


@pytest.fixture(scope="module")
def few():
    return LuckFindings(verdicts=_verdicts(3), n_tried_before=7, silent=("idle",))


def test_good_and_lucky_strategies_are_named(few):
    assert describe_luck(few) == (
        "By 3.0 real years and 4 strategies tried and 7 before, that rule 1 earned more "
        "than cash may be luck; that rule 0 earned more than cash is unlikely to be luck."
    )


def test_many_strategies_are_counted():
    told = describe_luck(LuckFindings(verdicts=_verdicts(12)))
    assert "that 6 of the 12 earned more than cash may be luck; that rule 0 earned" in told


def test_one_that_held_cash_has_nothing_to_judge(few):
    assert "idle: held nothing but cash" in _text(luck_section(Job(few)))


def test_overfitting_is_told_where_there_are_enough_strategies(few):
    many = LuckFindings(verdicts=_verdicts(12), overfitting=0.37)
    assert "below the middle of all on the other half in 37 % of cases" in _text(
        luck_section(Job(many))
    )
    assert "needs at least ten strategies" in _text(luck_section(Job(few)))


@pytest.mark.parametrize(("p_value", "verdict"), [(0.01, "is shown"), (0.3, "is not shown")])
def test_superior_ability_is_told_in_words(p_value, verdict):
    test = SuperiorAbility(lower=0.0, consistent=p_value, upper=0.5, statistic=1.0, best=0)
    text = _text(luck_section(Job(LuckFindings(verdicts=_verdicts(2), over_equal=test))))
    assert f"That the best strategy beats equal weights at the same costs {verdict}" in text


def test_rates_of_false_and_true_claims_stand_side_by_side():
    luck = LuckFindings(
        verdicts=_verdicts(2),
        false_claims=(_rate("mirrored days", 0.04),),
        true_claims=(_rate("mirrored days", 0.61),),
        edge=1.5,
        owner="rule 0",
    )
    text = _text(luck_section(Job(luck)))
    assert "Finds a Sharpe ratio of 1.5" in text
    assert text.index("4.0 %") < text.index("61.0 %")


@pytest.mark.parametrize(
    ("false_claims", "words"),
    [
        ((), "Rates of false and true claims are not given: signs cannot hold it."),
        ((_rate("mirrored days", 0.04),), "Rates of true claims are not given: signs cannot"),
    ],
)
def test_what_could_not_be_counted_is_told(false_claims, words):
    luck = LuckFindings(
        verdicts=_verdicts(2), false_claims=false_claims, no_rates="signs cannot hold it"
    )
    text = _text(luck_section(Job(luck)))
    assert words in text
    assert "Finds a Sharpe ratio" not in text
    assert ("4.0 %" in text) == bool(false_claims)


def test_luck_of_nothing_is_refused():
    with pytest.raises(DataError, match="at least one strategy"):
        LuckFindings(verdicts={})


def test_each_check_for_look_ahead_is_listed():
    finding = Finding(check="Later days", passed=False, sentence="its <weights> change")
    text = _text(look_ahead_section([LookAheadReport(strategy="a <b>", findings=(finding,))]))
    assert "a &lt;b&gt;" in text
    assert "FAILED" in text
    assert "its &lt;weights&gt; change" in text


@pytest.mark.parametrize("n_windows", [1, 7])
@pytest.mark.parametrize("place", [-0.5, 1.5])
def test_the_interval_of_a_percentile_covers_the_true_one(n_windows, place):
    """In 95 % of 150 sets of 300 normal worlds, within three standard errors."""
    rng = np.random.default_rng(n_windows)
    real = pd.Series(np.full(n_windows, place / np.sqrt(n_windows)))
    covered = []
    for _ in range(150):
        worlds = pd.Series(rng.standard_normal(300))
        low, high = percentile_interval(worlds, real, n_draws=4_000)
        covered.append(low <= norm.cdf(place) <= high)
    assert np.mean(covered) == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 150))
