"""Singling out, linkability and inference: copies are caught, fresh rows pass, risks add up."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation.tables.inference import inference
from scenara.shared.evaluation.tables.linkability import linkability
from scenara.shared.evaluation.tables.risk import AttackRisk, wilson_interval
from scenara.shared.evaluation.tables.singling_out import singling_out


def inferred(train, test, generated, **options):
    return inference(train, test, generated, **options).risk


ATTACKS = (singling_out, linkability, inferred)


@pytest.mark.parametrize("attack", ATTACKS)
def test_repeated_rows_are_a_significant_risk(attack, numbers):
    train, test, _ = numbers
    found = attack(train, test, train.sample(len(train), replace=True, random_state=0))
    assert found.is_significant
    assert not found.is_weak


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("seed", [0, 1])
def test_fresh_real_rows_are_no_significant_risk(attack, seed, numbers):
    assert not attack(*numbers, random_state=seed).is_significant


@pytest.mark.parametrize("attack", ATTACKS)
def test_mixed_columns_with_gaps_are_attacked_and_the_seed_decides(attack, mixed):
    first, again, other = (attack(*mixed, random_state=seed) for seed in (0, 0, 1))
    assert first == again != other


@pytest.mark.parametrize("attack", ATTACKS)
def test_few_rows_are_refused(attack, mixed):
    with pytest.raises(DataError, match="train: found 4 rows, too few"):
        attack(mixed.train[:4], mixed.test, mixed.generated)


@pytest.mark.parametrize(("n_hits", "n"), [(0, 10), (3, 10), (50, 1000), (1000, 1000)])
def test_intervals_are_those_of_statsmodels(n_hits, n):
    expected = proportion_confint(n_hits, n, method="wilson")
    assert wilson_interval(n_hits, n) == pytest.approx(expected, abs=1e-12)


def test_the_risk_is_the_excess_over_control_among_those_whom_control_leaves_safe():
    risk = AttackRisk("a", 0.6, 0.2, 0.1, n_train=10**8, n_control=10**8)
    assert risk.value == pytest.approx(0.5, abs=1e-6)


def test_the_interval_of_the_risk_covers_it_in_ninety_five_of_a_hundred_panels():
    rng = np.random.default_rng(0)
    covered = 0
    for train, control in rng.binomial(400, [0.5, 0.2], (2000, 2)) / 400:
        risk = AttackRisk("a", train, control, 0, n_train=400, n_control=400)
        covered += risk.low <= (0.5 - 0.2) / 0.8 <= risk.high
    assert covered / 2000 == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 2000))


@pytest.mark.parametrize("rate", [-0.1, 1.1, np.nan])
def test_what_is_no_rate_is_refused(rate):
    with pytest.raises(DataError, match="expected a number between 0 and 1"):
        AttackRisk("a", rate, 0.1, 0.1, n_train=10, n_control=10)


def test_a_secret_that_everybody_shares_is_no_risk(mixed):
    tables = [frame.assign(country="here") for frame in mixed]
    risk = inference(*tables, secrets=["country"]).risks["country"]
    assert (risk.train_rate, risk.control_rate, risk.is_weak) == (1, 1, True)
    assert risk.value == pytest.approx(0)


def test_a_general_law_is_no_risk_however_well_it_predicts():
    rng = np.random.default_rng(0)
    tables = [pd.DataFrame({"x": rng.normal(10, 1, 600)}).eval("y = 2 * x") for _ in range(3)]
    risk = inference(*tables, secrets=["y"]).risks["y"]
    assert risk.control_rate > 0.95
    assert not risk.is_significant


def test_inference_reads_the_secret_off_the_nearest_row_by_brute_force(numbers):
    train, test, generated = numbers
    scale = np.ptp(generated[["a", "b", "c", "d"]].to_numpy(), axis=0)
    gap = np.abs(train.to_numpy()[:, None, :4] - generated.to_numpy()[None, :, :4]) / scale
    guess = generated["e"].to_numpy()[gap.sum(axis=2).argmin(axis=1)]
    expected = np.mean(np.abs(guess - train["e"]) <= 0.05 * np.abs(train["e"]))
    found = inference(train, test, generated, secrets=["e"]).risks["e"]
    assert found.train_rate == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("known", "match"),
    [
        ((["a"], ["a"]), "found 'a', expected two disjoint"),
        ((["a"], ["z"]), "found 'z', expected two disjoint"),
        ((["a"], []), "a source without columns"),
    ],
)
def test_sources_that_make_no_sense_are_refused(known, match, numbers):
    with pytest.raises(DataError, match=match):
        linkability(*numbers, known=known)


def test_two_sources_are_linked_through_all_copies(numbers):
    train, test, _ = numbers
    assert linkability(train, test, train, known=(["a", "b"], ["c", "d", "e"])).train_rate == 1


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda t: inference(*t, secrets=["z"]), DataError, "secrets: found 'z'"),
        (lambda t: inference(*t, tolerance=-1), ConfigError, "tolerance: found -1"),
        (lambda t: singling_out(*t, n_columns=0), ConfigError, "found n_columns 0"),
        (lambda t: linkability(*(f[["a"]] for f in t)), DataError, "the one column 'a'"),
        (lambda t: inference(*(f[["a"]] for f in t)), DataError, "the one column 'a'"),
        (
            lambda t: singling_out(t[0], t[1], t[2].assign(**dict.fromkeys("abcde", 0.0))),
            DataError,
            "no predicate over 5 columns",
        ),
    ],
)
def test_bad_input_is_refused(call, error, match, numbers):
    with pytest.raises(error, match=match):
        call(numbers)
