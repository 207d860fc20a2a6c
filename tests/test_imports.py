"""What importing costs and brings: no heavy library, no second copy, no side effect."""

import subprocess
import sys

import pytest

HEAVY = {"torch", "matplotlib", "quantstats", "statsmodels", "arch", "skfolio", "lightgbm"}
LIGHT = [
    "scenara.shared",
    "scenara.shared.errors",
    "scenara.shared.data",
    "scenara.shared.data.samples",
    "scenara.shared.generators",
    "scenara.finance",
    "scenara.finance.cli",
    "scenara.shared.cli",
]


def loaded_after(statement):
    script = f"{statement}\nimport sys\nprint(*sorted({{n.split('.')[0] for n in sys.modules}}))"
    outcome = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(outcome.stdout.split())


@pytest.mark.parametrize("module", LIGHT)
def test_importing_brings_no_heavy_library(module):
    assert not loaded_after(f"import {module}") & HEAVY


def test_no_module_is_loaded_under_its_bare_name():
    assert not {"shared", "finance", "insurance", "retail"} & set(sys.modules)


def test_importing_leaves_global_seeds_alone():
    script = (
        "import random, numpy as np\n"
        "random.seed(1); np.random.seed(1); before = random.getstate(), np.random.get_state()[1][:3]\n"
        "import scenara.shared.generators, scenara.finance.cli\n"
        "assert random.getstate() == before[0]\n"
        "assert (np.random.get_state()[1][:3] == before[1]).all()"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
