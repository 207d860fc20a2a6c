"""Options and fixtures that all tests share."""

import pytest


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run tests that take over five seconds")
    parser.addoption("--gpu", action="store_true", help="run tests that need a CUDA device")


def pytest_collection_modifyitems(config, items):
    for name in ("slow", "gpu"):
        if config.getoption(f"--{name}"):
            continue
        for item in items:
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=f"needs --{name}"))


def pytest_make_parametrize_id(config, val, argname):
    """Name bytes by their argument: compressed ones hold the time, and ids must not change."""
    return argname if isinstance(val, bytes) else None
