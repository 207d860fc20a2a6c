"""What the README promises: its example runs, its links lead somewhere, its commands exist."""

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import call
from real_samples import need_samples_of

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


EXAMPLES = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
PRINTED = {
    "worlds of a market": ["overall", "final_wealth"],
    "worlds of a scenario": ["certified", "chance"],
    "trials of a strategy": ["luck", "overfitting"],
    "rows of a table": ["faithful?"],
}
QUICK = {"advise": ["--n-paths", "300"], "backtest": ["--no-tear-sheets"]}
"""Command -> what is added to it here, so that the test takes seconds."""

each_example = pytest.mark.parametrize(
    ("example", "printed"),
    list(zip(EXAMPLES, PRINTED.values(), strict=True)),
    ids=list(PRINTED),
)


@pytest.mark.slow
@each_example
def test_the_python_examples_run(example, printed, capsys):
    need_samples_of(example)
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102  (the project's own example)
    found = capsys.readouterr().out
    assert all(word in found for word in printed)


@each_example
def test_the_python_examples_have_ten_lines(example, printed):
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
    index = pd.bdate_range("2019-01-01", "2023-12-29", name="date")
    moves = 0.01 * rng.standard_t(5, (len(index), 3))
    prices = pd.DataFrame(100 * np.exp(moves.cumsum(0)), index=index, columns=["SPX", "TLT", "GLD"])
    prices.to_csv(tmp_path / "prices.csv")
    lines = re.findall(r"^scenara (finance .*prices\.csv.*)$", README, flags=re.MULTILINE)
    assert len(lines) == 6
    for line in lines:
        outcome = call(*shlex.split(line), *QUICK.get(line.split()[1], ()), cwd=tmp_path)
        assert outcome.returncode == 0, outcome.stderr
    for folder in ("results", "search", "scenario", "risk", "forecast"):
        assert (tmp_path / folder / "report.html").exists()


@pytest.mark.slow
def test_the_commands_for_a_household_run(tmp_path):
    """Run the lines that make a client, a plan and an account, one after the other."""
    need_samples_of('load_sample("us-monthly")')
    block = README.partition("## A plan for a household")[2].partition("```bash\n")[2]
    for line in block.partition("```")[0].splitlines():
        command = line.partition("#")[0].removeprefix("scenara ")
        outcome = call(*shlex.split(command), *QUICK.get(command.split()[1], ()), cwd=tmp_path)
        assert outcome.returncode == 0, outcome.stderr
    assert (tmp_path / "advice" / "report.html").exists()
    assert "rebalance" in outcome.stdout


@pytest.mark.slow
def test_the_commands_on_a_table_of_one_s_own_run(tmp_path):
    """Run each ``scenara table`` line of the README on loans of one's own."""
    rng = np.random.default_rng(0)
    income = np.exp(7.5 + 0.5 * rng.standard_normal(400)).round(1)
    default = (rng.random(400) < 1 / (1 + income / 1_000)).astype(int)
    loans = pd.DataFrame({"age": rng.integers(18, 80, 400), "income": income, "default": default})
    loans.to_csv(tmp_path / "loans.csv", index=False)
    lines = re.findall(r"^scenara (table .*?)(?:  #.*)?$", README, flags=re.MULTILINE)
    assert len(lines) == 3
    for line in lines:
        outcome = call(*line.split(), cwd=tmp_path)
        assert outcome.returncode == 0, outcome.stderr
    assert pd.read_csv(tmp_path / "young.csv")["age"].between(18, 25).all()
    assert (tmp_path / "evaluation" / "report.html").exists()
