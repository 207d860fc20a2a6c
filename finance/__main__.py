"""Run ``scenara finance`` as ``python -m scenara.finance``."""

from scenara.finance.cli import app
from scenara.shared.console import run_app

run_app(app)
