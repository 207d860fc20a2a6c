"""What the README promises: its example runs, its links lead somewhere, its commands exist."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import call

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_python_example_runs(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102  (the project's own example)
    printed = capsys.readouterr().out
    assert "overall" in printed
    assert "final_wealth" in printed


def test_the_python_example_has_ten_lines():
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len([line for line in example.splitlines() if line]) <= 12


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]+)\)", README))
def test_every_link_leads_to_a_file(link):
    assert (ROOT / link).exists()


@pytest.mark.parametrize("target", ["demo", "test"])
def test_the_named_make_targets_exist(target):
    assert f"make {target}" in README
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)


@pytest.mark.slow
def test_the_commands_on_own_data_run(tmp_path):
    """Run each ``scenara`` line of the README on a price file of one's own."""
    rng = np.random.default_rng(0)
    index = pd.bdate_range("2014-01-01", "2023-12-29", name="date")
    moves = 0.01 * rng.standard_t(5, (len(index), 3))
    prices = pd.DataFrame(100 * np.exp(moves.cumsum(0)), index=index, columns=["A", "B", "C"])
    prices.to_csv(tmp_path / "prices.csv")
    lines = re.findall(r"^scenara (finance .*)$", README, flags=re.MULTILINE)
    assert len(lines) == 2
    for line in lines:
        outcome = call(*line.split(), cwd=tmp_path)
        assert outcome.returncode == 0, outcome.stderr
    assert (tmp_path / "results" / "report.html").exists()
