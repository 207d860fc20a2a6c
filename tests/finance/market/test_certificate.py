"""Processes whose faults are known are refused by name and number; sound ones are certified."""

import json

import numpy as np
import pandas as pd
import pytest

from scenara.finance.market import Certificate, certify
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators import make

N_DAYS = 3_000


@pytest.fixture(scope="module")
def calm():
    """Give returns of three assets with a common factor and constant volatility."""
    rng = np.random.default_rng(0)
    index = pd.bdate_range("2005-01-03", periods=N_DAYS)
    moves = 0.008 * rng.standard_normal((N_DAYS, 1)) + 0.006 * rng.standard_normal((N_DAYS, 3))
    return pd.DataFrame(moves, index=index, columns=["A", "B", "C"])


class Process:
    """Write normal shocks of three assets, times a volatility that ``scale`` gives by path and day."""

    family = "known process"

    def __init__(self, scale):
        self.scale = scale

    def sample(self, n, *, horizon, random_state):
        rng = np.random.default_rng(random_state)
        return 0.01 * self.scale(rng, n, horizon)[:, :, None] * rng.standard_normal((n, horizon, 3))


def wandering(rng, n, horizon):
    """Let the logarithm of volatility walk at random: it has no stationary law."""
    return np.exp(np.cumsum(0.02 * rng.standard_normal((n, horizon)), axis=1))


def fading(rng, n, horizon):
    """Let the variance fall to a quarter over the ten years, year by year."""
    return np.repeat(np.linspace(1, 0.5, 10), 252)[None].repeat(n, axis=0)


class ExplodingGarch:
    """Write a GARCH(1,1) whose responses sum to more than one."""

    family = "exploding garch"

    def sample(self, n, *, horizon, random_state):
        rng = np.random.default_rng(random_state)
        variance = np.ones((n, 3))
        days = []
        for _ in range(horizon):
            days.append(np.sqrt(variance) * rng.standard_normal((n, 3)))
            variance = np.minimum(0.01 + 0.12 * days[-1] ** 2 + 0.9 * variance, 1e8)
        return 0.01 * np.stack(days, axis=1)


def failed(certificate):
    return {gate.name for gate in certificate.failed}


@pytest.mark.parametrize("family", ["series/gaussian", "series/fhs"])
def test_sound_generators_are_certified(calm, family):
    found = certify(make(family).fit(calm), calm, n_paths=300)
    assert found.passed, found.sentence
    assert found.sentence.startswith(f"{family} is certified: 3,000 simulated years")


def test_the_certificate_names_the_family_that_was_chosen(calm):
    chooser = make("series/auto", candidates=["series/gaussian"], random_state=0).fit(calm[:1_000])
    found = certify(chooser, calm[:1_000], n_paths=100, n_years=2)
    assert found.sentence.startswith("series/auto (chose series/gaussian) is certified")


def test_the_bootstrap_is_refused_for_copying_and_nothing_else(calm):
    found = certify(make("series/bootstrap").fit(calm), calm, n_paths=300)
    assert failed(found) == {"copies"}
    assert found.measured["copies"] > 0.9
    assert "windows are copies of history (at most 3.8\N{NO-BREAK SPACE}%)" in found.sentence


def test_an_exploding_garch_is_refused_for_explosions(calm):
    found = certify(ExplodingGarch(), calm, n_paths=100)
    assert {"explosions", "years"} <= failed(found)
    assert "hold a day on which an asset moves over 1.8 times" in found.sentence


def test_a_random_walk_in_volatility_is_refused_for_stationarity(calm):
    found = certify(Process(wandering), calm, n_paths=200)
    assert "stationarity" in failed(found)
    assert found.measured["stationarity"] > 3


def test_a_variance_that_fades_is_measured_and_refused_for_that_alone(calm):
    found = certify(Process(fading), calm, n_paths=400)
    assert failed(found) == {"stationarity"}
    # the middle of 400 variances of 252 normal days: relative error sqrt(2/252) 1.25 / 20
    assert found.measured["stationarity"] == pytest.approx(4, rel=4 * 0.0079)


def test_numbers_that_are_none_end_the_trial(calm):
    found = certify(Process(lambda rng, n, days: np.full((n, days), np.inf)), calm, n_paths=100)
    assert failed(found) == {"finite"}
    assert "infinite or missing" in found.sentence


def test_a_long_history_allows_two_copies_in_a_hundred_and_a_short_one_what_chance_gives():
    rng = np.random.default_rng(1)
    limits = []
    for n_days in (6_300, 1_260):
        returns = pd.DataFrame(rng.normal(0, 0.01, (n_days, 2)), columns=["A", "B"])
        found = certify(make("series/gaussian").fit(returns), returns, n_paths=100, n_years=2)
        assert found.passed, found.sentence
        limits.append(found.limits["copies"])
    assert limits[0] == 0.02
    assert 0.05 < limits[1] < 0.07


def test_wild_assets_may_have_wild_years():
    rng = np.random.default_rng(2)
    returns = pd.DataFrame(rng.normal(0, 0.06, (2_520, 2)), columns=["A", "B"])
    found = certify(make("series/gaussian").fit(returns), returns, n_paths=100)
    assert "years" not in failed(found), found.sentence


def test_the_certificate_is_plain_json_and_repeats(calm):
    generator = make("series/gaussian").fit(calm)
    first, second = (certify(generator, calm, n_paths=100, n_years=2) for _ in range(2))
    assert first == second
    told = json.loads(json.dumps(first.to_dict(), allow_nan=False))
    assert [gate["name"] for gate in told["gates"]] == list(first.limits)
    assert told["passed"]
    assert Certificate.from_json(first.to_json()) == first


@pytest.mark.parametrize("text", ["", "{}", '{"gates": [{"measured": 1}]}'])
def test_a_text_that_is_no_certificate_is_refused(text):
    with pytest.raises(DataError, match="certificate: can't be read"):
        Certificate.from_json(text)


def test_assets_that_start_late_are_taken(calm):
    late = calm.copy()
    late.iloc[:1_000, 0] = np.nan
    assert certify(make("series/gaussian").fit(late), late, n_paths=100, n_years=2).passed


def test_too_few_paths_and_other_assets_are_refused(calm):
    generator = make("series/gaussian").fit(calm)
    with pytest.raises(ConfigError, match="at least 100 paths"):
        certify(generator, calm, n_paths=5)
    with pytest.raises(DataError, match="expected the paths' 3 assets, found 2"):
        certify(generator, calm[["A", "B"]], n_paths=100)
