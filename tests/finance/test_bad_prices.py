"""Every bad price file ends the command with code 2, one line that says where, and nothing written.

The messages themselves are tested beside the reader; here it is the whole command.
"""

import os

import numpy as np
import pandas as pd
import pytest
from command_line import call

N_DAYS = 900


def good_lines():
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2015-01-01", periods=N_DAYS)
    prices = 100 * np.exp(0.01 * rng.standard_normal((N_DAYS, 3)).cumsum(0))
    rows = zip(days, prices, strict=True)
    return [
        "date,A,B,C",
        *(f"{d:%Y-%m-%d}," + ",".join(f"{p:.4f}" for p in row) for d, row in rows),
    ]


def cell(lines, line, column, value):
    """Change one cell; lines count from 1, as an editor shows them."""
    words = lines[line - 1].split(",")
    words[column] = value
    return [*lines[: line - 1], ",".join(words), *lines[line:]]


def drop(lines, first, last):
    return [*lines[: first - 1], *lines[last:]]


def swap(lines, first, second):
    out = list(lines)
    out[first - 1], out[second - 1] = out[second - 1], out[first - 1]
    return out


def zone(lines):
    return [lines[0]] + [
        line[:10] + ("T00:00:00+00:00" if i % 2 else "T00:00:00+05:00") + line[10:]
        for i, line in enumerate(lines[1:])
    ]


def columns(lines, keep):
    return [",".join(line.split(",")[:keep]) for line in lines]


BAD = {
    "an empty cell": (lambda x: cell(x, 50, 2, ""), ["line 50", "'B'"]),
    "missing days": (lambda x: drop(x, 100, 130), ["line 100", "2015-"]),
    "a zero price": (lambda x: cell(x, 60, 1, "0"), ["line 60", "'A'"]),
    "a negative price": (lambda x: cell(x, 61, 3, "-1.5"), ["line 61", "'C'", "-1.5"]),
    "a text cell": (lambda x: cell(x, 70, 2, "n.a.!"), ["line 70", "'B'", "n.a.!"]),
    "duplicate dates": (lambda x: cell(x, 81, 0, x[79][:10]), ["line 81"]),
    "unsorted dates": (lambda x: swap(x, 90, 91), ["line 91"]),
    "one asset": (lambda x: columns(x, 2), ["1", "asset"]),
    "too few rows": (lambda x: x[:50], ["49", "rows"]),
    "a constant column": (
        lambda x: [x[0], *(cell([y], 1, 1, "7")[0] for y in x[1:])], ["'A'"],
    ),
    "a price that never falls": (
        lambda x: [x[0], *(cell([y], 1, 1, str(i + 1))[0] for i, y in enumerate(x[1:]))],
        ["'A'", "never falls"],
    ),
    "two equal columns": (
        lambda x: [x[0], *(cell([y], 1, 1, y.split(",")[2])[0] for y in x[1:])],
        ["'B'", "same as"],
    ),
    "an empty file": (lambda x: [], ["empty"]),
    "10,000 columns": (
        lambda x: [
            ",".join(y.split(",") + [f"{'N' if i == 0 else ''}{n}" for n in range(1, 10_001)])
            for i, y in enumerate(x[:3])
        ],
        ["10,004 columns", "501"],
    ),
    "a NUL byte": (lambda x: cell(x, 33, 1, "1\x002"), ["line 33"]),
    "a wrong date format": (lambda x: cell(x, 44, 0, "Jan the 5th"), ["line 44", "Jan the 5th"]),
    "mixed time zones": (zone, ["zone"]),
}  # fmt: skip


def simulate(path, cwd):
    return call("finance", "simulate", "--data", path, "--n-paths", 5, cwd=cwd)


def check_refusal(outcome, name, words):
    assert outcome.returncode == 2
    assert outcome.stdout == ""
    assert outcome.stderr.count("\n") == 1
    for word in (name, *words):
        assert word in outcome.stderr


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_refused_by_line_and_column(kind, tmp_path):
    change, words = BAD[kind]
    path = tmp_path / "prices.csv"
    path.write_text("\n".join(change(good_lines())))
    check_refusal(simulate(path, tmp_path), "prices.csv", words)
    assert [p.name for p in tmp_path.iterdir()] == ["prices.csv"]


def test_a_folder_is_refused(tmp_path):
    (tmp_path / "prices").mkdir()
    check_refusal(simulate(tmp_path / "prices", tmp_path), "prices", ["directory"])


def test_a_file_without_permission_is_refused(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("\n".join(good_lines()))
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    check_refusal(simulate(path, tmp_path), "prices.csv", ["permission"])
