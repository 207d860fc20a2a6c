"""Tables that don't hang together are refused, with the row that shows it."""

import pandas as pd
import pytest

from scenara.shared.data.relations import Relation, check_relations
from scenara.shared.errors import DataError, SchemaError

LOANS = Relation("customers", "id", "loans", "customer")
PAYMENTS = Relation("loans", "number", "payments", "loan")


def tables(**changes):
    return {
        "payments": pd.DataFrame({"loan": [5, 5, 6]}),
        "loans": pd.DataFrame({"number": [5, 6], "customer": ["a", "b"], "id": [1, 2]}),
        "customers": pd.DataFrame({"id": ["a", "b", "c"]}),
    } | {name: pd.DataFrame(cells) for name, cells in changes.items()}


def test_parents_come_before_their_children():
    order = check_relations(tables(), [PAYMENTS, LOANS])
    assert order == ("customers", "loans", "payments")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"customers": {"id": ["a", "b", "a"]}}, r"'customers'.*'a' once more in row 2"),
        ({"customers": {"id": ["a", None, "b"]}}, r"'customers'.*missing value in row 1"),
        ({"customers": {"id": ["a"]}}, r"'loans'.*'b' in row 1 is no 'id' of 'customers'"),
        ({"payments": {"loan": ["5", "6"]}}, r"'payments'.*'5' in row 0 .* store both alike"),
        ({"payments": {"loan": [5, None]}}, r"'payments'.*missing value in row 1"),
    ],
)
def test_broken_keys_are_named_with_table_and_row(changes, message):
    with pytest.raises(DataError, match=message):
        check_relations(tables(**changes), [LOANS, PAYMENTS])


@pytest.mark.parametrize(
    ("relations", "message"),
    [
        ([Relation("customer", "id", "loans", "customer")], "no table 'customer'; did you mean"),
        ([Relation("customers", "ID", "loans", "customer")], "'customers' has no column 'ID'"),
        ([LOANS, Relation("payments", "loan", "loans", "number")], "expected one parent"),
        (
            [PAYMENTS, Relation("payments", "loan", "loans", "number")],
            "go round in a circle: payments -> loans -> payments",
        ),
        ([Relation("loans", "id", "loans", "number")], "circle: loans -> loans"),
        (["loans"], "expected a Relation, found 'loans'"),
    ],
)
def test_relations_that_make_no_forest_are_refused(relations, message):
    with pytest.raises(SchemaError, match=message):
        check_relations(tables(), relations)
