"""The public names of each package are pinned: a change of them is a decision, not an accident.

After a decision, ``python tests/test_public_api.py`` writes the new list.
"""

import json
import pkgutil
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

PINNED = Path(__file__).with_name("public_names.json")
PACKAGES = [
    "scenara.shared",
    "scenara.shared.data",
    "scenara.shared.data.samples",
    "scenara.shared.errors",
    "scenara.shared.evaluation",
    "scenara.shared.evaluation.tables",
    "scenara.shared.features",
    "scenara.shared.generators",
    "scenara.shared.generators.series",
    "scenara.shared.generators.tables",
    "scenara.shared.report",
    "scenara.shared.store",
    "scenara.shared.tables",
    "scenara.shared.training",
    "scenara.shared.tuning",
    "scenara.finance.advisor",
    "scenara.finance.advisor.execution",
    "scenara.finance.advisor.planning",
    "scenara.finance.advisor.report",
    "scenara.finance.market",
    "scenara.finance.market.facts",
    "scenara.finance.market.forecasts",
    "scenara.finance.market.risk",
    "scenara.finance.market.scenarios",
    "scenara.finance.portfolio",
    "scenara.finance.portfolio.factory",
    "scenara.finance.portfolio.luck",
    "scenara.finance.portfolio.strategies",
]


def public_names(package):
    return sorted(import_module(package).__all__)


@pytest.mark.parametrize("package", PACKAGES)
def test_public_names_are_those_that_were_decided(package):
    assert public_names(package) == json.loads(PINNED.read_text())[package]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_there(package):
    module = import_module(package)
    assert all(getattr(module, name) is not None for name in module.__all__)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_public_name_is_hidden_by_a_module_of_its_name(package):
    module = import_module(package)
    for found in pkgutil.iter_modules(getattr(module, "__path__", ())):
        import_module(f"{package}.{found.name}")
    assert not [name for name in module.__all__ if isinstance(getattr(module, name), ModuleType)]


if __name__ == "__main__":
    names = {package: public_names(package) for package in PACKAGES}
    PINNED.write_text(json.dumps(names, indent=1) + "\n")
