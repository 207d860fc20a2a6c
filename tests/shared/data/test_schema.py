"""A schema survives being saved, lets the user overrule it, and refuses nonsense."""

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenara.shared.data.column import BOUNDED, LEVELLED, Column, Kind
from scenara.shared.data.schema import Schema
from scenara.shared.errors import SchemaError

TEXTS = st.text(max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32) | st.integers(-(10**9), 10**9)
LEVELS = st.lists(TEXTS | NUMBERS | st.booleans(), unique=True, max_size=5)


@st.composite
def columns(draw, name):
    kind = draw(st.sampled_from(Kind))
    fields = {}
    if kind in BOUNDED and draw(st.booleans()):
        fields["minimum"], fields["maximum"] = sorted(draw(st.tuples(NUMBERS, NUMBERS)))
        if kind is Kind.DATETIME:
            fields = {bound: value % 2**31 for bound, value in fields.items()}
            fields["maximum"] = max(fields.values())
    if kind in LEVELLED and kind is not Kind.BOOLEAN and draw(st.booleans()):
        fields["levels"] = draw(LEVELS)
    flags = {"nullable": draw(st.booleans()), "unique": draw(st.booleans())}
    return Column(name, kind, **fields, **flags, dtype=draw(TEXTS), reason=draw(TEXTS))


@st.composite
def schemas(draw):
    names = draw(st.lists(TEXTS, min_size=1, max_size=4, unique=True))
    return Schema(tuple(draw(columns(name)) for name in names))


def types_of(schema):
    return [[type(level) for level in column.levels or ()] for column in schema]


@given(schema=schemas())
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("suffix", [".json", ".yaml", ".yml"])
def test_a_saved_schema_comes_back_exactly(tmp_path_factory, suffix, schema):
    path = tmp_path_factory.getbasetemp() / f"schema{suffix}"
    loaded = Schema.load(schema.save(path))
    assert loaded == schema
    assert types_of(loaded) == types_of(schema)


def test_defaults_are_left_out_of_a_saved_schema():
    assert Schema((Column("a", "text"),)).to_dict() == {
        "format": 1,
        "columns": [{"name": "a", "kind": "text"}],
    }


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "expected a mapping with a list of columns"),
        ({"columns": [1]}, "expected a column with a name and a kind, found 1"),
        ({"columns": [{"name": "a", "kind": "text", "colour": 1}]}, "no field 'colour'"),
        ({"columns": [], "format": 1}, "at least one column"),
        ({"columns": [], "format": 2}, "format 2 is not known to this version"),
        ({"columns": [], "extra": 2}, "key 'extra' is not known"),
    ],
)
def test_what_is_no_schema_is_refused(tmp_path, values, message):
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(values))
    with pytest.raises(SchemaError, match=message) as caught:
        Schema.load(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["{", "a: [", "!!python/object/apply:os.getcwd []"])
def test_broken_or_unsafe_files_are_refused_in_one_line(tmp_path, text):
    path = tmp_path / "schema.yaml"
    path.write_text(text)
    with pytest.raises(SchemaError, match=r"schema\.yaml: can't be read") as caught:
        Schema.load(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_another_suffix_are_refused(tmp_path):
    with pytest.raises(SchemaError, match=r"none\.json: can't be read as a schema"):
        Schema.load(tmp_path / "none.json")
    with pytest.raises(SchemaError, match=r"ending in \.json, \.yaml or \.yml"):
        Schema.load(tmp_path / "schema.toml")


def test_names_that_occur_twice_are_refused():
    with pytest.raises(SchemaError, match="column 'a' is there twice"):
        Schema((Column("a", "text"), Column("a", "numeric")))


def test_an_unknown_column_is_refused_with_the_nearest():
    schema = Schema((Column("income", "numeric"),))
    with pytest.raises(SchemaError, match="no column 'incme'; did you mean 'income'"):
        schema.override(incme="integer")


def test_override_changes_one_column_and_leaves_the_schema_as_it_was():
    schema = Schema((Column("a", "text"), Column("b", "numeric")))
    changed = schema.override(b={"kind": "integer", "maximum": 9})
    assert changed.columns == (schema["a"], changed["b"])
    assert (changed["b"].maximum, schema["b"].maximum) == (9.0, None)


def test_to_frame_has_one_row_a_column():
    schema = Schema(
        (
            Column("size", "ordinal", levels=tuple("abcdefgh"), reason="ordinal: ordered"),
            Column("n", "integer", minimum=0, maximum=1234, nullable=True),
            Column("day", "date-time", maximum=0),
        )
    )
    table = schema.to_frame()
    assert list(table["values"]) == [
        "a, b, c, d, e, f, and 2 more",
        "0 to 1,234",
        "up to 1970-01-01 00:00:00",
    ]
    assert list(table["missing"]) == ["no", "allowed", "no"]


def test_a_schema_is_a_sequence_of_columns():
    schema = Schema.infer(pd.DataFrame({"a": [1.5], "b": ["x"]}))
    assert len(schema) == 2
    assert [column.name for column in schema] == list(schema.names)
    assert "a" in schema
    assert "c" not in schema
