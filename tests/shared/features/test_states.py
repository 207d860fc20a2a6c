import json

import numpy as np
import pandas as pd
import pytest

from scenara.shared.errors import ArtifactError, DataError
from scenara.shared.features import CategoryEncoder, Encoder, NumberEncoder, join_state, split_state
from scenara.shared.features.states import pack, unpack
from scenara.shared.features.storage import Storage

VALUES = [
    None,
    True,
    2**70,
    "\ud800",
    -0.0,
    5e-324,
    float("-inf"),
    (1, ("a",)),
    [1, None],
    {"a": (1,), 3: 2.5},
    frozenset({"b"}),
    pd.Timestamp("2020-01-01 10:00", tz="Europe/Berlin"),
    pd.Timestamp("2020-01-01").as_unit("s"),
    pd.Timedelta("3h"),
    pd.Interval(0, 1.5, closed="left"),
    pd.Period("2024-03", "M"),
]
DTYPES = [
    "float32",
    "Int8",
    "boolean",
    "str",
    "string[python]",
    "string[pyarrow]",
    "datetime64[ms]",
    "datetime64[ns, +02:00]",
    "int64[pyarrow]",
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back_through_json_with_its_type(value):
    found = unpack(json.loads(json.dumps(pack(value), allow_nan=False)), {})
    assert found == value
    assert type(found) is type(value)
    assert repr(found) == repr(value)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_dtype_comes_back_through_json(dtype):
    known = pd.api.types.pandas_dtype(dtype)
    assert unpack(json.loads(json.dumps(pack(known))), {}) == known


def test_categories_come_back_with_their_type_and_order():
    dtype = pd.CategoricalDtype(pd.to_datetime(["2024-01-02", "2020-01-01"]), ordered=True)
    assert unpack(json.loads(json.dumps(pack(dtype))), {}) == dtype


@pytest.mark.parametrize("value", [object(), lambda: 1, type, pd.DataFrame()])
def test_what_can_not_be_kept_is_refused(value):
    with pytest.raises(DataError, match="can't be kept"):
        pack(value)


@pytest.mark.parametrize(
    "state",
    [
        {"is": "os.system", "of": "true"},
        {"is": "NumberEncoder", "of": {"method": "bins", "surprise": 1}},
        {"is": "NumberEncoder", "of": 3},
        {"is": "tuple"},
        {"is": "Timestamp", "of": ["never", "ns", None]},
        [1, 2],
        3,
    ],
)
def test_a_state_that_is_none_is_refused(state):
    with pytest.raises(ArtifactError, match="state: "):
        Encoder.from_state(state)


def test_a_state_nested_without_end_is_refused():
    state = 1
    for _ in range(500):
        state = {"is": "tuple", "of": [state]}
    with pytest.raises(ArtifactError, match="state: "):
        Encoder.from_state(state)


def test_the_state_of_another_encoder_is_refused():
    with pytest.raises(ArtifactError, match="expected CategoryEncoder, found NumberEncoder"):
        CategoryEncoder.from_state(NumberEncoder().state())


def test_arrays_are_parted_from_values_and_joined_again():
    state = {"is": "x", "of": [np.arange(3), {"deep": np.ones(2)}, "text"]}
    values, arrays = split_state(state)
    again = join_state(json.loads(json.dumps(values)), arrays)
    np.testing.assert_array_equal(again["of"][0], np.arange(3))
    np.testing.assert_array_equal(again["of"][1]["deep"], np.ones(2))


def test_a_missing_array_is_named():
    with pytest.raises(ArtifactError, match="array '7' is missing"):
        join_state({"array": "7"}, {})


@pytest.mark.parametrize("marker", [None, np.nan, pd.NA, pd.NaT])
def test_a_missing_object_comes_back_as_the_same_object(marker):
    column = pd.Series(["a", marker], dtype=object)
    storage = unpack(pack(Storage.of(column)), {"Storage": Storage})
    assert storage.rebuild(column[:1], np.array([False, True]))[1] is marker


def test_the_most_common_of_several_missing_objects_comes_back():
    storage = Storage.of(pd.Series([None, pd.NA, pd.NA, "a"], dtype=object))
    assert storage.marker == "NA"


@pytest.mark.parametrize(
    ("dtype", "holds"),
    [("int64", False), ("bool", False), ("Int64", True), ("float32", True), (object, True)],
)
def test_dtypes_know_whether_they_hold_missing_cells(dtype, holds):
    assert Storage.of(pd.Series([1], dtype=dtype)).holds_missing == holds
