"""Real numbers, from the packages that are dependencies anyway: no network, no cache needed."""

import json

import pandas as pd
import pytest
from tests.shared.data.samples.toys import toy_sample

from scenara.shared.data.samples import SAMPLES, fetch_sample, find_sample, load_sample
from scenara.shared.data.samples.archive import installed_parts
from scenara.shared.data.samples.entry import Package
from scenara.shared.data.samples.state import state_of

MARKET = ["sp500", "factors", "us-monthly", "vix", "nasdaq"]


@pytest.fixture
def load(forbidden):
    def load_installed(name):
        if installed_parts(find_sample(name)) is None:
            pytest.skip(f"{find_sample(name).package} is not installed")
        return load_sample(name, downloader=forbidden)

    return load_installed


@pytest.mark.parametrize("name", MARKET)
def test_the_dates_ascend_from_the_first_to_the_last_stated(load, name):
    dates = load(name).index
    assert dates.is_monotonic_increasing
    assert dates.is_unique
    assert (str(dates[0].date()), str(dates[-1].date())) == SAMPLES[name].period


@pytest.mark.parametrize("name", ["sp500", "factors", "nasdaq", "vix"])
def test_prices_are_positive_numbers_throughout(load, name):
    assert bool((load(name).drop(columns="volume", errors="ignore") > 0).all(axis=None))


@pytest.mark.parametrize("name", MARKET)
def test_the_index_is_called_date(load, name):
    assert load(name).index.name == "date"
    assert isinstance(load(name).index, pd.DatetimeIndex)


def test_sp500_has_twenty_shares_over_8313_days(load):
    prices = load("sp500")
    assert prices.shape == (8_313, 20)
    assert prices.loc["1990-01-02", "AAPL"] == 0.264
    assert prices.loc["2022-12-28", "XOM"] == 106.627


def test_three_per_cent_of_the_early_returns_are_zero(load):
    returns = load("sp500").pct_change().iloc[1:]
    assert (returns == 0).to_numpy().mean() == pytest.approx(0.03, abs=0.001)


def test_months_have_1109_returns_and_1200_yields(load):
    months = load("us-monthly")
    counts = {"market_excess": 1109, "smb": 1109, "hml": 1109, "risk_free": 1109}
    assert months.count().to_dict() == counts | {"aaa_yield": 1200, "baa_yield": 1200}


def test_the_crash_of_october_1929_is_a_fall_of_a_fifth(load):
    months = load("us-monthly")
    assert months.loc["1929-10-31", "market_excess"] == pytest.approx(-0.2012)


def test_an_installed_package_with_other_bytes_is_not_read():
    package = Package("pytest", "0.0", "0" * 64, 0.1, "MIT")
    assert installed_parts(toy_sample(package=package)) is None


def test_an_installed_sample_is_named_so_until_it_is_cached(load):
    sample = find_sample("vix")
    before = state_of(sample)
    load("vix")
    assert (before, state_of(sample)) == ("installed", "cached")


def test_what_is_cached_is_the_same_to_the_byte_every_time(load, monkeypatch, tmp_path):
    load("sp500")
    first = fetch_sample("sp500").read_bytes()
    monkeypatch.setenv("SCENARA_CACHE", str(tmp_path / "second"))
    assert fetch_sample("sp500").read_bytes() == first


def test_facts_are_plain_values():
    facts = [sample.facts() for sample in SAMPLES.values()]
    assert json.loads(json.dumps(facts)) == facts
