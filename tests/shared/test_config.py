"""Settings: options beat the file, the file beats the defaults, the rest is refused."""

from dataclasses import dataclass

import pytest

from scenara.shared.config import configured
from scenara.shared.errors import ConfigError


@dataclass(frozen=True)
class Example:
    n_paths: int = 1_000
    costs: float = 0.0
    family: str = "series/bootstrap"
    strategy: tuple[str, ...] = ()
    worlds: str | None = None
    exact: bool = False


@pytest.fixture
def file(tmp_path):
    return tmp_path / "run.toml"


def test_without_anything_the_defaults_hold():
    assert configured(Example) == Example()


def test_an_option_beats_the_file_and_the_file_the_default(file):
    file.write_text('n_paths = 5\ncosts = 1\nstrategy = ["a", "b"]\nworlds = "w"')
    found = configured(Example, file=file, n_paths=7, costs=None)
    assert found == Example(n_paths=7, costs=1, strategy=("a", "b"), worlds="w")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("n_path = 5", "unknown key 'n_path'; did you mean 'n_paths'"),
        ("zzz = 5", "unknown key 'zzz'; known are"),
        ('n_paths = "5"', "'n_paths': expected int, found '5'"),
        ("n_paths = true", "expected int, found True"),
        ("family = 3", "expected str, found 3"),
        ("n_paths =", "not readable as TOML"),
    ],
)
def test_a_wrong_file_is_refused(file, text, words):
    file.write_text(text)
    with pytest.raises(ConfigError, match=words):
        configured(Example, file=file)


def test_a_missing_file_is_named(file):
    with pytest.raises(ConfigError, match=r"run\.toml.*No such file"):
        configured(Example, file=file)
