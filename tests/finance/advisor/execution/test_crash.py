"""A rebalance that is killed loses nothing and doubles nothing, at whatever moment it is killed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("killed_rebalance.py")

# 1 price mark, 1 begin, 4 orders, 4 fills, 1 tax and 1 end are written, in 6 transactions.
N_STEPS = 12 + 6


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Kill rebalances with SIGKILL and give the digests of the ledgers that are run again."""
    folder = tmp_path_factory.mktemp("killed")
    done = subprocess.run(
        [sys.executable, PROGRAM, folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_killed_at_each_step_and_run_again_it_ends_like_an_undisturbed_run(found):
    assert found["at each step"] == [found["undisturbed"]] * N_STEPS


def test_killed_at_random_moments_and_run_again_it_ends_like_an_undisturbed_run(found):
    heads = {head for _, head in found["at random moments"]}
    assert heads == {found["undisturbed"]}
    assert sum(n_kills for n_kills, _ in found["at random moments"]) > 0


def test_run_by_two_processes_at_once_it_ends_like_an_undisturbed_run(found):
    assert found["two at once"] == [[0, found["undisturbed"]]] * 5


def test_an_opening_that_is_killed_is_whole_or_can_be_done_again(found):
    assert {head for *_, head in found["while opening"]} == {found["undisturbed"]}
    assert [outcome[:2] for outcome in found["while opening"][:3]] == [[True, "opened again"]] * 3
