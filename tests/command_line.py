"""Call the command line in this process, as the program would in its own."""

import io
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from scenara.shared.cli import app
from scenara.shared.console import run_app


@dataclass
class Outcome:
    returncode: int
    stdout: str
    stderr: str


def call(*arguments, cwd):
    """Give what a command prints and the code that it ends with."""
    out, err = io.StringIO(), io.StringIO()
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as end:
        run_app(app, [str(word) for word in arguments])
    return Outcome(end.value.code, out.getvalue(), err.getvalue())
