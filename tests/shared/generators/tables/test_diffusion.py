"""Rows diffused cell by cell keep the contract, and every step of the way has a known law."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import kstest
from table_contracts import TABLES, TableContract, example_table

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.features import TableEncoder
from scenara.shared.generators import make
from scenara.shared.generators.tables import diffusion_known
from scenara.shared.generators.tables.diffusion import DiffusionTable
from scenara.shared.generators.tables.diffusion_cells import Cells, normal_scores, room
from scenara.shared.generators.tables.diffusion_network import CellNetwork
from scenara.shared.generators.tables.diffusion_paths import (
    descend,
    end_point,
    noise_levels,
    target,
)
from scenara.shared.generators.tables.diffusion_walk import Walk
from scenara.shared.generators.tables.heads import Plan
from scenara.shared.training import initialised
from scenara.shared.tuning import search_space
from scenara.shared.tuning.space import check_settings

SMALL = TABLES["table/diffusion"]


class TestDiffusionTable(TableContract):
    family = "table/diffusion"
    # 360 rows and 120 steps leave the margins of a network about this much too wide.
    slack = 2.0


@pytest.mark.parametrize("n_steps", [2, 8, 30])
def test_noise_levels_fall_to_exactly_zero(n_steps):
    levels = noise_levels(n_steps, low=0.01, high=10.0)
    assert len(levels) == n_steps + 1
    assert (levels.diff() < 0).all()
    assert levels[[0, -2, -1]].tolist() == pytest.approx([10.0, 0.01, 0.0], rel=1e-5)


@pytest.mark.parametrize("level", [0.05, 1.0, 8.0])
def test_what_is_learned_has_mean_zero_and_variance_one_at_every_level(level):
    rng = torch.Generator().manual_seed(0)
    clean, noise = torch.randn(2, 40_000, generator=rng)
    said = target(clean, clean + level * noise, torch.tensor(level))
    # Standard errors of a mean and of a variance of n normal numbers: 1/sqrt(n) and sqrt(2/n).
    assert said.mean().item() == pytest.approx(0, abs=4 / 200)
    assert said.var().item() == pytest.approx(1, abs=4 * 2**0.5 / 200)


def expected_of_normal(mean, variance):
    """Give the exact posterior mean of a number of a normal law, given it plus noise."""
    return lambda noisy, level: (variance * noisy + level**2 * mean) / (variance + level**2)


def distance_of_descent(n_steps, mean=0.7, variance=0.25, high=10.0, low=1e-3):
    """Give how far the way back ends from where the exact path of a normal law ends."""
    start = mean + torch.linspace(-20, 20, 9, dtype=torch.float64)
    levels = noise_levels(n_steps, low=low, high=high).double()
    end = descend(expected_of_normal(mean, variance), start, levels)
    exact = mean + (start - mean) * (variance / (variance + high**2)) ** 0.5
    return (end - exact).abs().max().item()


def test_the_way_back_ends_at_the_closed_form_of_a_normal_law():
    assert distance_of_descent(200) < 1e-3


def test_twice_the_steps_leave_about_a_quarter_of_the_error():
    assert distance_of_descent(40) / distance_of_descent(80) == pytest.approx(4, rel=0.1)


@pytest.mark.parametrize("level", [0.01, 1.0, 10.0])
def test_the_end_point_undoes_the_target(level):
    clean, noisy, at = torch.tensor([0.3, -2.0]), torch.tensor([1.0, 0.5]), torch.tensor(level)
    back = end_point(noisy, target(clean, noisy, at), at)
    torch.testing.assert_close(back, clean, atol=1e-4, rtol=0)


def coded_column(values):
    frame = pd.DataFrame({"x": values})
    encoder = TableEncoder().fit(frame)
    return encoder.encoders_["x"], encoder.code(frame)["x"]


def columns_with_ties():
    rng = np.random.default_rng(0)
    return {
        "ages": rng.integers(18, 80, 500),
        "amounts": np.round(rng.exponential(100, 2_000), 1),
        "real": rng.standard_normal(300),
        "spiked": np.where(rng.random(800) < 0.3, 0.0, rng.exponential(1.0, 800)),
    }


@pytest.mark.parametrize("name", sorted(columns_with_ties()))
def test_scores_drawn_within_ties_are_standard_normal(name):
    encoder, coded = coded_column(columns_with_ties()[name])
    inside = coded.codes < encoder.n_positioned_
    low, high = room(coded, encoder, inside.sum())
    bounds = torch.from_numpy(low[inside]), torch.from_numpy(high[inside])
    scores = normal_scores(*bounds, torch.Generator().manual_seed(0))
    # Each tie of k rows has k scores in its own part of the mass: off by chance among k alone.
    most = np.unique(coded.positions[inside], return_counts=True)[1].max()
    assert kstest(scores.numpy(), "norm").statistic < (1 + 2 * most**0.5) / inside.sum()


@pytest.mark.parametrize("name", ["ages", "spiked"])
def test_scores_drawn_within_ties_decode_to_the_number(name):
    values = columns_with_ties()[name]
    encoder, coded = coded_column(values)
    low, high = room(coded, encoder, (coded.codes < encoder.n_positioned_).sum())
    middle = normal_scores(
        torch.from_numpy(low), torch.from_numpy(high), torch.Generator().manual_seed(0)
    )
    back = encoder.inverse(type(coded)(coded.codes, middle.numpy()))
    near = np.isclose(back, values, rtol=0.05, atol=0.05)
    assert near.mean() > 0.98


def small_network(dropout=0.0):
    """Give a network with weights drawn at random, and ten rows for it to read."""
    plan = Plan(("a", "b", "c", "d"), (3, 2, 1, 4), (0, 1, 1, 0))
    cells = Cells(plan, n_waves=2, n_context=3)

    def build():
        network = CellNetwork(cells, width=30, n_blocks=2, head_width=8, dropout=dropout)
        for weight in network.parameters():
            torch.nn.init.normal_(weight, std=0.4)
        return network.eval()

    network = initialised(build, random_state=0)
    rng = torch.Generator().manual_seed(1)
    codes = torch.stack([torch.randint(n, (10,), generator=rng) for n in cells.n_codes], 1)
    numbers = torch.randn(10, 2, generator=rng)
    return network, network.features(codes, numbers, cells.there(codes))


def cuts(sizes):
    return np.cumsum([0, *sizes]).tolist()


@pytest.mark.parametrize("cell", range(5))
def test_what_is_said_of_a_cell_depends_on_the_cells_before_alone(cell):
    network, features = small_network()
    known = torch.zeros_like(features)
    reads, gives = cuts(network.cells.inputs), cuts(network.cells.outputs)
    changed = features.clone()
    changed[:, reads[cell] :] += 1.0
    before, after = network(features, known), network(changed, known)
    upto = gives[cell + 1]
    torch.testing.assert_close(before[:, :upto], after[:, :upto])
    assert not torch.allclose(before[:, upto:], after[:, upto:]) or cell == 4


def test_a_cell_known_beforehand_reaches_all_cells():
    network, features = small_network()
    known = torch.zeros(10, 4, dtype=torch.bool)
    known[:, 2] = True
    said = network(features, network.known_features(known))
    blank = network(features, torch.zeros_like(features))
    for first, stop in pairwise(cuts(network.cells.outputs)):
        assert not torch.allclose(said[:, first:stop], blank[:, first:stop])


@pytest.mark.parametrize("is_known", [False, True])
def test_a_walk_says_of_each_cell_what_one_pass_says(is_known):
    network, features = small_network(dropout=0.5)
    known = torch.full_like(features, float(is_known))
    walked, reads = Walk(network, features * known), cuts(network.cells.inputs)
    said = []
    for cell in range(5):
        said.append(walked.said(cell))
        walked.tell(features[:, reads[cell] : reads[cell + 1]])
    torch.testing.assert_close(torch.cat(said, 1), network(features, known), atol=1e-4, rtol=1e-4)


def two_humps(n_rows=1_000, seed=0):
    """Give a number on two narrow humps, a class that says which, and a number that follows."""
    rng = np.random.default_rng(seed)
    right = rng.random(n_rows) < 0.3
    place = np.where(right, 2.0, -2.0) + 0.3 * rng.standard_normal(n_rows)
    follows = place**2 + 0.3 * rng.standard_normal(n_rows)
    return pd.DataFrame({"follows": follows, "place": place, "right": right})


@pytest.fixture(scope="module")
def humps():
    settings = {**SMALL, "n_steps": 500, "width": 64, "n_levels": 10, "known_share": 0.5}
    return make("table/diffusion", **settings).fit(two_humps())


def test_numbers_lie_on_the_humps_of_their_law_and_not_between(humps):
    made = humps.sample(2_000, random_state=0)
    assert (made["place"].abs() < 1).mean() < 0.02
    # Three standard errors of the share in the sample learned from and in the one drawn.
    spread = (0.3 * 0.7 * (1 / 1_000 + 1 / 2_000)) ** 0.5
    assert (made["place"] > 0).mean() == pytest.approx(0.3, abs=3 * spread)


@pytest.fixture(params=["thrown away", "settled"])
def met(request, monkeypatch):
    """Meet conditions by throwing rows away, or by settling cells beforehand."""
    often = 0.0 if request.param == "thrown away" else 1.0
    monkeypatch.setattr(diffusion_known, "OFTEN", often)


@pytest.mark.usefixtures("met")
@pytest.mark.parametrize("right", [False, True])
def test_under_a_condition_numbers_have_their_conditional_law(humps, right):
    made = humps.sample(1_000, given={"right": right}, random_state=0)["place"]
    side = 2.0 if right else -2.0
    n_learned = 300 if right else 700
    error = 3 * 0.3 * (1 / n_learned + 1 / 1_000) ** 0.5
    assert (np.sign(made) == np.sign(side)).mean() > 0.94
    assert made.median() == pytest.approx(side, abs=1.25 * error + 0.05)


@pytest.mark.usefixtures("met")
def test_a_condition_on_a_number_reaches_the_cells_before_it(humps):
    made = humps.sample(500, given={"place": (1.9, 2.5)}, random_state=0)
    assert made["place"].between(1.9, 2.5).all()
    assert made["right"].mean() > 0.97
    # The median of place^2 on (1.9, 2.5) is that of a normal law cut there, 2.12 squared.
    assert made["follows"].median() == pytest.approx(2.12**2, abs=0.4)


@pytest.mark.usefixtures("met")
def test_several_conditions_hold_together(humps):
    made = humps.sample(50, given={"right": True, "place": (None, 2.0)}, random_state=0)
    assert made["right"].all()
    assert (made["place"] <= 2.0).all()


def test_gaps_are_filled_from_the_cells_that_are_there(humps):
    table = two_humps(400, seed=1)
    gappy = table.assign(place=np.nan)
    filled = humps.impute(gappy, random_state=0)
    assert (np.sign(filled["place"]) == np.sign(table["place"])).mean() > 0.94
    assert np.corrcoef(filled["place"].abs(), table["follows"])[0, 1] > 0.5


def test_imputing_the_same_gaps_twice_gives_draws_that_differ(humps):
    gappy = two_humps(50, seed=1).assign(place=np.nan)
    first, second = (humps.impute(gappy, random_state=seed)["place"] for seed in (0, 1))
    assert (first != second).mean() > 0.9


def test_a_column_that_had_no_gaps_can_be_filled_too(humps):
    row = pd.DataFrame({"follows": [4.0], "place": [2.0], "right": [None]})
    assert not humps.impute(row, random_state=0).isna().to_numpy().any()


@pytest.fixture(scope="module")
def fitted_example():
    return DiffusionTable(**SMALL).fit(example_table())


class Interrupted(Exception):
    """Stands for the end of the process."""


def interrupted(settings, table, folder):
    """Begin a fit that ends in its 110th step, after a checkpoint."""

    def stop(phase, done, total, note=""):
        if done == 110:
            raise Interrupted

    with pytest.raises(Interrupted):
        DiffusionTable(**settings).fit(table, progress=stop, checkpoint=folder)


def test_a_fit_that_was_interrupted_goes_on_to_the_same_bits(fitted_example, tmp_path):
    interrupted(SMALL, example_table(), tmp_path)
    resumed = DiffusionTable(**SMALL).fit(example_table(), checkpoint=tmp_path)
    assert resumed.fingerprint() == fitted_example.fingerprint()


def test_a_fit_without_a_seed_can_go_on_too(tmp_path):
    settings, table = {**SMALL, "width": 16, "random_state": None}, example_table(100)
    interrupted(settings, table, tmp_path)
    steps = []
    DiffusionTable(**settings).fit(
        table, checkpoint=tmp_path, progress=lambda phase, done, total, note="": steps.append(done)
    )
    assert steps[0] == 101


@pytest.mark.parametrize(
    "columns", [["age", "monthly income"], ["class", "smoker"], ["age"], ["smoker"]]
)
def test_tables_of_numbers_or_of_levels_alone_work(columns):
    table = example_table(100)[columns]
    model = make("table/diffusion", **{**SMALL, "n_steps": 5}).fit(table)
    assert list(model.sample(5, random_state=0).columns) == columns


@pytest.mark.parametrize(
    ("name", "value"),
    [("dropout", 1.0), ("known_share", -0.1), ("n_levels", 1), ("n_steps", 0), ("width", 2.5)],
)
def test_settings_out_of_range_are_refused(name, value):
    with pytest.raises(ConfigError, match=name):
        DiffusionTable(**{name: value}).fit(example_table(50))


def test_settings_worth_varying_are_settings_of_the_constructor():
    space = search_space(DiffusionTable)
    known = DiffusionTable().get_params()
    assert set(space) <= set(known)
    check_settings({name: known[name] for name in sorted({"width", "n_blocks"})}, space)


def test_a_level_never_seen_is_refused_when_filling_gaps(humps):
    strange = two_humps(3).astype({"right": object}).assign(place=np.nan, right="yes")
    with pytest.raises(DataError, match="'right'"):
        humps.impute(strange)
