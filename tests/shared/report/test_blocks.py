"""Blocks check what they are given."""

import pytest

from scenara.shared.errors import ConfigError
from scenara.shared.report import Column, Link, Row, Table


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,hello",
        "file:///etc/passwd",
        "//elsewhere.example/page",
        "\\\\server\\share",
    ],
)
def test_a_link_refuses_what_is_neither_relative_nor_http(href):
    with pytest.raises(ConfigError, match="relative path"):
        Link("click", href)


@pytest.mark.parametrize("href", ["tear/one.html", "../a b.html", "https://example.org/x?y=1#z"])
def test_a_link_takes_relative_paths_and_http(href):
    assert Link("click", href).href == href


@pytest.mark.parametrize(
    "row",
    [Row(("a",)), Row(("a", "b", "c")), Row(("a", "b"), "group")],
    ids=["few", "many", "group"],
)
def test_a_table_refuses_a_row_of_another_length(row):
    with pytest.raises(ConfigError, match="row 1: expected . cells, found"):
        Table("Sums", (Column("x"), Column("y")), (Row(("1", "2")), row))
