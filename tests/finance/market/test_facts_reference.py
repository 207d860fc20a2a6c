"""The 24 distances agree with an independent implementation on simulated and real returns."""

import importlib
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from scenara.finance.market.facts import distances, stylised_facts, windows

STORED = json.loads(Path(__file__).with_name("reference_facts.json").read_text())
SIMULATED = {
    "2 assets": (2, 40, 252),
    "5 assets": (5, 40, 252),
    "20 assets, short windows": (20, 30, 100),
    "3 assets, long windows": (3, 12, 500),
}


def measure(real, generated, length):
    facts = stylised_facts(real, length=length)
    return distances(facts, stylised_facts(generated, length=length, reference=facts))


def simulated_case(volatile, name):
    n_assets, n_paths, length = SIMULATED[name]
    panel = volatile(1, 1, 2000, n_assets)[0]
    return panel, volatile(2, n_paths, length, n_assets), length


def real_case(sp500):
    train, test = (part.to_numpy() for part in (sp500[:"2014"], sp500["2015":]))
    return test, windows(train, length=251), 251


@pytest.mark.parametrize("name", SIMULATED)
def test_distances_of_simulated_returns_are_those_stored(volatile, name):
    assert measure(*simulated_case(volatile, name)) == pytest.approx(STORED[name], abs=1e-7)


def test_distances_of_real_years_from_earlier_years_are_those_stored(sp500):
    measured = measure(*real_case(sp500))
    assert measured == pytest.approx(STORED["real years"], abs=1e-7)


@pytest.fixture
def reference(monkeypatch):
    folder = os.environ.get("SCENARA_REFERENCE")
    if not folder:
        pytest.skip("set SCENARA_REFERENCE to the folder of market_scorecard.py")
    monkeypatch.setattr(sys, "path", [folder, *sys.path])
    return importlib.import_module("market_scorecard")


@pytest.mark.parametrize("name", SIMULATED)
def test_distances_are_those_of_the_reference_run_beside(reference, volatile, name):
    real, generated, length = simulated_case(volatile, name)
    expected = reference.score(real, generated, length)
    assert measure(real, generated, length) == pytest.approx(expected, abs=1e-7)


def test_distances_of_a_block_bootstrap_are_those_of_the_reference(reference, sp500):
    real, _, length = real_case(sp500)
    train = sp500[:"2014"].to_numpy()
    start = np.random.default_rng(0).integers(0, len(train) - length, size=100)
    replay = train[start[:, None] + np.arange(length)]
    expected = reference.score(real, replay, length)
    assert measure(real, replay, length) == pytest.approx(expected, abs=1e-7)
