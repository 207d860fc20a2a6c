"""A column refuses what contradicts itself, and says where."""

import pytest

from scenara.shared.data.column import Column, Kind, nearest
from scenara.shared.errors import SchemaError


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "numbr"}, "kind 'numbr' is not known"),
        ({"kind": "numeric", "minimum": 2, "maximum": 1}, "minimum 2 is above maximum 1"),
        ({"kind": "numeric", "minimum": float("inf")}, "finite number as minimum"),
        ({"kind": "numeric", "maximum": "9"}, "finite number as maximum"),
        ({"kind": "numeric", "levels": ["a"]}, "a numeric column has no levels"),
        ({"kind": "category", "minimum": 0}, "a category column has no bounds"),
        ({"kind": "category", "levels": ["a", "a"]}, "a level is there twice"),
        ({"kind": "category", "levels": "abc"}, "expected levels to be list, found 'abc'"),
        ({"kind": "category", "levels": [("a", "b")]}, "strings, booleans or finite numbers"),
        ({"kind": "category", "levels": [float("nan")]}, "strings, booleans or finite numbers"),
        ({"kind": "boolean", "levels": ["a", "b", "c"]}, "two levels of a boolean"),
        ({"kind": "text", "nullable": "yes"}, "expected nullable to be bool"),
        ({"kind": "date-time", "minimum": 1e18}, "years 1 to 9999"),
    ],
)
def test_a_column_that_contradicts_itself_is_refused_by_name(fields, message):
    with pytest.raises(SchemaError, match=message) as caught:
        Column("x", **fields)
    assert "column 'x'" in str(caught.value)


def test_a_name_that_is_no_string_is_refused():
    with pytest.raises(SchemaError, match="column 3: expected a name that is a string"):
        Column(3, "text")


def test_kind_levels_and_bounds_become_plain_values():
    column = Column("x", "integer", minimum=1)
    assert column.kind is Kind.INTEGER
    assert isinstance(column.minimum, float)
    assert Column("y", Kind.CATEGORY, levels=["a"]).levels == ("a",)


@pytest.mark.parametrize(
    ("kind", "lost"),
    [("integer", ("levels",)), ("ordinal", ()), ("text", ("levels",))],
)
def test_a_new_kind_drops_what_makes_no_sense_for_it(kind, lost):
    changed = Column("x", "category", levels=("a", "b"), nullable=True).changed(kind)
    assert (changed.levels is None) == ("levels" in lost)
    assert changed.nullable


def test_the_users_word_is_the_reason_after_a_change():
    assert Column("x", "text", reason="long").changed("category").reason == "set by the user"


def test_an_unknown_field_is_refused_with_the_nearest():
    with pytest.raises(SchemaError, match="no field 'minimun'; did you mean 'minimum'"):
        Column("x", "numeric").changed({"minimun": 0})


def test_without_a_near_name_the_known_ones_are_listed():
    assert nearest("zzz", ["age", "size"]) == "; known are age, size"


@pytest.mark.parametrize(
    ("kind", "bound", "words"),
    [("numeric", 1234.5, "1,234.5"), ("date-time", 86400, "1970-01-02 00:00:00")],
)
def test_bounds_are_shown_in_the_unit_of_the_column(kind, bound, words):
    assert Column("x", kind, minimum=bound).in_words(bound) == words
