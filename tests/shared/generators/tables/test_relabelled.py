"""Networks draw the label from a model of its own, unless a condition is on it."""

import numpy as np
import pandas as pd
import pytest

from scenara.shared.errors import ConfigError
from scenara.shared.generators import load, make

QUICK = {
    "table/gan": {"n_steps": 30, "width": 16, "noise": 8, "batch_size": 40},
    "table/vae": {"n_steps": 200, "width": 16, "latent": 4, "beta": 0.1},
}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(2_000)
    risk = np.where(x > 0, 0.9, 0.1)
    return pd.DataFrame({"x": x, "y": rng.random(2_000), "bad": rng.random(2_000) < risk})


@pytest.fixture(scope="module", params=list(QUICK))
def fitted(request, table):
    return make(request.param, target="bad", random_state=0, **QUICK[request.param]).fit(table)


def test_the_label_keeps_its_law_though_the_network_learned_little(fitted):
    rows = fitted.sample(4_000, random_state=1)
    for side, chance in ((rows["x"] > 0, 0.9), (rows["x"] <= 0, 0.1)):
        # The share of 1,000 real rows, and of as many drawn: three standard errors of both.
        error = 3 * np.sqrt(2 * chance * (1 - chance) / 1_000)
        assert rows.loc[side, "bad"].mean() == pytest.approx(chance, abs=error)


def test_a_condition_on_the_label_holds(fitted):
    assert fitted.sample(50, given={"bad": True}, random_state=1)["bad"].all()


def test_the_label_is_saved(fitted, tmp_path):
    again = load(fitted.save(tmp_path / "model"))
    first, second = (each.sample(100, random_state=1) for each in (fitted, again))
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize(("target", "words"), [("bda", "did you mean"), ("x", "at most 32")])
def test_a_column_that_is_no_label_is_refused(table, target, words):
    with pytest.raises(ConfigError, match=words):
        make("table/vae", target=target, **QUICK["table/vae"]).fit(table)
