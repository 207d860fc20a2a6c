import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from scenara.shared.data.schema import Column, Schema
from scenara.shared.errors import ArtifactError, ConfigError, DataError, NotFittedError
from scenara.shared.features import (
    BlockKind,
    Encoded,
    NumberEncoder,
    TableEncoder,
    join_state,
    split_state,
)
from scenara.shared.store import Artifact, State, read_artifact, write_artifact

RNG = np.random.default_rng(0)
N_ROWS = 400
FRAME = pd.DataFrame(
    {
        "key": [f"L-{row:06d}" for row in range(N_ROWS)],
        "income": np.where(RNG.random(N_ROWS) < 0.2, 0.0, RNG.lognormal(8, 1, N_ROWS)),
        "children": RNG.poisson(1.5, N_ROWS),
        "place": RNG.choice(["north", "south, far", "🙂"], N_ROWS),
        "grade": pd.Categorical(RNG.choice([*"ABC"], N_ROWS), [*"CBAX"], ordered=True),
        "default": RNG.random(N_ROWS) < 0.1,
        "opened": pd.Timestamp("2015-01-01")
        + pd.to_timedelta(RNG.integers(0, 3_000, N_ROWS), unit="D"),
        "fixed": 7,
        "empty": pd.Series([None] * N_ROWS, dtype=object),
    }
)
KINDS = {
    "key": "identifier",
    "income": "numeric",
    "children": "integer",
    "place": "category",
    "grade": "ordinal",
    "default": "boolean",
    "opened": "date-time",
    "fixed": "integer",
    "empty": "category",
}
SCHEMA = Schema(tuple(Column(name, kind, nullable=name == "empty") for name, kind in KINDS.items()))


def fitted(**options):
    return TableEncoder(schema=SCHEMA, **options).fit(FRAME)


@pytest.mark.parametrize("discrete", ["one-hot", "codes"])
@pytest.mark.parametrize("method", ["quantile", "bins", "power", "mixture"])
def test_everything_but_identifiers_comes_back(method, discrete):
    encoder = fitted(method=method, discrete=discrete)
    found = encoder.inverse(encoder.transform(FRAME))
    pd.testing.assert_frame_equal(
        found.drop(columns="key"), FRAME.drop(columns="key"), rtol=1e-9, atol=0
    )
    assert not set(found["key"]) & set(FRAME["key"])


@pytest.mark.parametrize("scale", [1.0, 1e6])
def test_noise_decodes_to_a_table_that_obeys_the_schema(scale):
    encoder = fitted()
    found = encoder.inverse(scale * RNG.standard_normal((1_000, encoder.layout_.width)))
    SCHEMA.validate(found)
    assert found.dtypes.equals(FRAME.dtypes)


def test_the_layout_covers_the_matrix_without_gaps():
    encoded = fitted(calendar=True).transform(FRAME)
    stops = [0, *(block.stop for block in encoded.layout.blocks)]
    assert [block.start for block in encoded.layout.blocks] == stops[:-1]
    assert encoded.matrix.shape == (N_ROWS, stops[-1])


@pytest.mark.parametrize("column", ["key", "fixed", "empty"])
def test_what_is_the_same_in_all_rows_takes_no_room(column):
    assert fitted().layout_.of(column) == ()


def test_one_hot_blocks_hold_a_single_one_in_each_row():
    encoded = fitted().transform(FRAME)
    for block in encoded.layout.select(BlockKind.ONE_HOT):
        cells = encoded.block(block)
        assert set(np.unique(cells)) == {0.0, 1.0}
        assert (cells.sum(axis=1) == 1).all()


def test_codes_take_one_column_each():
    encoded = fitted(discrete="codes").transform(FRAME)
    for block in encoded.layout.select(BlockKind.CODES):
        assert encoded.block(block).max() < block.n_codes


def test_continuous_blocks_say_how_their_positions_are_spread():
    (_, position) = fitted().layout_.of("income")
    assert (position.kind, position.law, position.n_positioned) == ("continuous", "normal", 1)
    assert fitted(method="bins").layout_.of("income")[1].law == "uniform"


def test_ordered_levels_are_marked_and_labelled():
    (block,) = fitted().layout_.of("grade")
    assert (block.ordered, block.labels) == (True, ("C", "B", "A"))


def test_calendar_numbers_are_added_and_not_decoded():
    encoder = fitted(calendar=True)
    encoded = encoder.transform(FRAME)
    (block,) = encoded.layout.select(BlockKind.DERIVED)
    changed = encoded.matrix.copy()
    changed[:, block.columns] = 99.0
    pd.testing.assert_frame_equal(encoder.inverse(changed), encoder.inverse(encoded))


def test_columns_may_stand_in_any_order_and_come_back_in_the_first():
    encoder = fitted()
    shuffled = encoder.transform(FRAME[FRAME.columns[::-1]])
    np.testing.assert_array_equal(shuffled.matrix, encoder.transform(FRAME).matrix)


def test_the_index_does_not_matter():
    encoder = fitted()
    moved = FRAME.set_axis(np.repeat([5, 3], N_ROWS // 2))
    found = encoder.inverse(encoder.transform(moved))
    pd.testing.assert_frame_equal(found, encoder.inverse(encoder.transform(FRAME)))


def test_the_schema_is_inferred_if_none_is_given():
    frame = pd.DataFrame({"x": [1.5, 2.5, 4.0], "y": ["a", "b", "a"]})
    assert TableEncoder().fit(frame).schema_ == Schema.infer(frame)


def test_a_column_can_have_an_encoder_of_its_own():
    encoder = fitted(encoders={"income": NumberEncoder(method="bins", n_bins=5)})
    assert encoder.encoders_["income"].n_codes_ == 6


def test_free_text_is_refused():
    frame = pd.DataFrame({"note": ["call back", "paid"]})
    schema = Schema((Column("note", "text"),))
    with pytest.raises(DataError, match="column 'note': free text can't be generated"):
        TableEncoder(schema=schema).fit(frame)


def test_free_text_is_left_out_if_told_so():
    frame = pd.DataFrame({"note": ["call back", "paid"], "x": [1, 2]})
    schema = Schema((Column("note", "text"), Column("x", "integer")))
    encoder = TableEncoder(schema=schema, text="drop").fit(frame)
    assert "not copied" in encoder.dropped_["note"]
    assert list(encoder.inverse(encoder.transform(frame)).columns) == ["x"]


def test_three_rows_are_enough():
    found = TableEncoder(schema=SCHEMA).fit(FRAME[:3])
    assert len(found.inverse(found.transform(FRAME[:3]))) == 3


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (FRAME[:0], "expected a table with rows"),
        (FRAME.drop(columns="grade"), "column 'grade' is missing"),
        (FRAME.assign(extra=1), "column 'extra' is not in the schema"),
        (pd.concat([FRAME, FRAME[["key"]]], axis=1), "column 'key' is there twice"),
        ({"x": [1]}, "expected a pandas DataFrame, found dict"),
    ],
)
def test_a_table_that_does_not_fit_the_schema_is_refused(frame, message):
    with pytest.raises(DataError, match=message):
        TableEncoder(schema=SCHEMA).fit(frame)


@pytest.mark.parametrize("options", [{"discrete": "hot"}, {"text": "keep"}, {"method": "rank"}])
def test_an_unknown_option_is_refused(options):
    with pytest.raises(ConfigError, match="is not known; expected one of"):
        fitted(**options)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda matrix: matrix[:, 1:], r"expected \(rows, \d+\), found shape"),
        (lambda matrix: np.where(matrix == matrix[4, 1], np.nan, matrix), "found nan in row"),
    ],
)
def test_a_matrix_that_can_not_be_decoded_is_refused(change, message):
    encoder = fitted()
    with pytest.raises(DataError, match=message):
        encoder.inverse(change(encoder.transform(FRAME).matrix))


@pytest.mark.parametrize("verb", ["transform", "inverse", "code", "decode"])
def test_nothing_works_before_fit(verb):
    with pytest.raises(NotFittedError, match="call fit"):
        getattr(TableEncoder(), verb)(FRAME)


def test_the_same_seed_gives_the_same_table_and_another_another():
    frame = pd.DataFrame({"place": [f"p{row}" for row in range(200)] + ["home"] * 800})
    encoder = TableEncoder(schema=Schema((Column("place", "category"),))).fit(frame)
    encoded = encoder.transform(frame)
    one, same, other = (encoder.inverse(encoded, random_state=seed) for seed in (1, 1, 2))
    assert one.equals(same)
    assert not one.equals(other)


def test_rows_are_counted_on_over_shards():
    encoder = fitted()
    encoded = encoder.transform(FRAME)
    halves = [
        encoder.inverse(Encoded(encoded.matrix[rows], encoded.layout), first_row=first)
        for rows, first in ((slice(0, 200), 0), (slice(200, 400), 200))
    ]
    assert pd.concat(halves, ignore_index=True)["key"].equals(encoder.inverse(encoded)["key"])


@pytest.mark.parametrize("method", ["quantile", "bins", "power", "mixture"])
def test_an_encoder_comes_back_from_an_artifact(method, tmp_path):
    encoder = fitted(method=method)
    values, arrays = split_state(encoder.state())
    state = State(values={"encoder": values}, arrays=arrays)
    write_artifact(tmp_path / "kept", Artifact("generator", "table/none", {}, state))
    kept = read_artifact(tmp_path / "kept").state
    again = TableEncoder.from_state(join_state(kept.values["encoder"], kept.arrays))
    noise = RNG.standard_normal((100, encoder.layout_.width))
    pd.testing.assert_frame_equal(
        again.inverse(noise, random_state=0), encoder.inverse(noise, random_state=0)
    )


def test_a_state_of_something_else_is_refused():
    with pytest.raises(ArtifactError, match="expected TableEncoder, found NumberEncoder"):
        TableEncoder.from_state(NumberEncoder().state())


@pytest.mark.parametrize("module", ["torch", "matplotlib", "sklearn.mixture"])
def test_importing_the_encoders_imports_nothing_heavy(module):
    code = f"import sys, scenara.shared.features; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
