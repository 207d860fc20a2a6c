"""Errors of related tables: numbers of children, and what children owe to their parents."""

import numpy as np
import pandas as pd
import pytest

from scenara.shared.data.relations import Relation
from scenara.shared.errors import DataError
from scenara.shared.evaluation.tables.relations import relation_errors

RELATION = Relation("owners", "id", "pets", "owner")


def households(n=1_000, seed=0, *, is_tied=True, mean=1.0):
    rng = np.random.default_rng(seed)
    owners = pd.DataFrame(
        {"id": range(n), "wealth": rng.normal(size=n), "town": rng.choice(list("ab"), n)}
    )
    who = np.repeat(np.arange(n), rng.poisson(mean, n))
    weight = owners["wealth"].to_numpy()[who] if is_tied else rng.normal(size=len(who))
    pets = pd.DataFrame(
        {"name": [f"p{i}" for i in range(len(who))], "owner": who, "weight": weight}
    )
    return {"owners": owners, "pets": pets}


def test_real_tables_have_no_error():
    error = relation_errors(households(), households(), [RELATION])[0]
    assert error.cardinality == 0
    assert error.trend == 0


def test_a_lost_tie_is_half_of_the_correlation_lost():
    error = relation_errors(households(), households(seed=1, is_tied=False), [RELATION])[0]
    worst = error.worst(1)[0]
    assert (worst.first, worst.second) == ("owners.wealth", "pets.weight")
    # The generated correlation has a standard error of about 1 / sqrt(1000).
    assert worst.error == pytest.approx(0.5, abs=4 / np.sqrt(1_000) / 2)


def test_pairs_within_one_table_are_left_out():
    pairs = relation_errors(households(), households(seed=1), [RELATION])[0].pairs
    assert {(pair.first, pair.second) for pair in pairs} == {
        ("owners.wealth", "pets.weight"),
        ("owners.town", "pets.weight"),
    }


def test_cardinality_is_the_distance_of_the_laws_of_numbers_of_children():
    error = relation_errors(households(), households(seed=1, mean=2.0), [RELATION])[0]
    # Poisson with mean 1 against 2: the curves are farthest apart at 1, 2/e - 3/e^2.
    assert error.cardinality == pytest.approx(2 / np.e - 3 / np.e**2, abs=4 * np.sqrt(0.5 / 1_000))
    assert error.generated_mean == pytest.approx(2.0, abs=4 * np.sqrt(2 / 1_000))


def test_generated_rows_that_belong_to_nobody_are_refused():
    tables = households()
    tables["pets"].loc[3, "owner"] = -1
    with pytest.raises(DataError, match="in row 3 is no 'id' of 'owners'"):
        relation_errors(households(), tables, [RELATION])
