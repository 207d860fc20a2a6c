"""Spaces are plain data that refuse what can't be varied."""

import subprocess
import sys

import pytest

from scenara.shared.errors import ConfigError
from scenara.shared.tuning import Choice, Tunable, Uniform, Whole, search_space


class Ridge:
    @classmethod
    def search_space(cls):
        return {"penalty": Uniform(1e-3, 1e3, log=True)}


@pytest.mark.parametrize(
    ("space", "inside", "outside"),
    [
        (Uniform(0, 1), [0, 0.5, 1], [-0.1, 2, True, "a", None]),
        (Whole(1, 8), [1, 8], [0, 9, 2.5, True]),
        (Choice(["a", None, (1, 2), 1]), ["a", None, (1, 2), 1], ["b", True, 1.0]),
    ],
)
def test_a_space_knows_what_lies_in_it(space, inside, outside):
    assert all(value in space for value in inside)
    assert not any(value in space for value in outside)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Uniform(1, 0), "low <= high"),
        (lambda: Uniform(0, 1, log=True), "above 0 with log=True"),
        (lambda: Uniform(0, float("inf")), "finite numbers"),
        (lambda: Uniform("a", 1), "finite numbers"),
        (lambda: Whole(1, 2.5), "whole bounds"),
        (lambda: Choice([]), "at least one option"),
        (lambda: Choice([1, 1]), "options that differ"),
    ],
)
def test_a_space_that_makes_no_sense_is_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


def test_a_class_declares_its_space():
    assert issubclass(Ridge, object)
    assert isinstance(Ridge, Tunable)
    assert search_space(Ridge)["penalty"].log


def test_a_class_without_a_space_is_named():
    with pytest.raises(ConfigError, match="dict declares no search_space"):
        search_space(dict)


def test_declaring_a_space_loads_no_search_library():
    code = (
        "import sys, scenara.shared.tuning; print('optuna' in sys.modules, 'torch' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False"]
