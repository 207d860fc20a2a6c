"""The bootstrap of rows keeps the contract and copies."""

import pytest
from table_contracts import TableContract, example_table

from scenara.shared.errors import DataError
from scenara.shared.generators import make


class TestBootstrapTable(TableContract):
    family = "table/bootstrap"
    cheap = True


def test_every_row_is_one_of_the_table():
    table = example_table().drop(columns="customer")
    rows = make("table/bootstrap").fit(table).sample(100, random_state=0)
    known = set(table.astype(str).itertuples(index=False, name=None))
    assert set(rows.astype(str).itertuples(index=False, name=None)) <= known


def test_a_value_that_no_row_holds_is_refused():
    generator = make("table/bootstrap").fit(example_table())
    with pytest.raises(DataError, match="no row of the table fulfils"):
        generator.sample(1, given={"monthly income": 2_000.001})
