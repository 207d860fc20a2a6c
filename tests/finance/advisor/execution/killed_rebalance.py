"""Rebalance an account in children that are killed, and say what they leave: run by a test."""

import json
import os
import random
import signal
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

from scenara.finance.advisor.execution.broker import PaperBroker, opening
from scenara.finance.advisor.execution.ledger import Ledger
from scenara.finance.advisor.execution.rebalancing import rebalance
from scenara.finance.advisor.execution.rules import TradingRules
from scenara.finance.advisor.holdings import Holdings, Lot
from scenara.shared.errors import ConfigError

ON = date(2024, 6, 3)
PRICES = {"VTI": 250.0, "BND": 70.25, "GLD": 185.1, "VNQ": 84.0}
TARGETS = {"VTI": 0.4, "BND": 0.3, "GLD": 0.2, "VNQ": 0.1}
RULES = TradingRules(drift_band=0.0, fee_fixed=1.0, long_term_tax=0.2)


def opened(path, watch=None):
    lot = Lot("VTI", Decimal(100), date(2021, 3, 1), Decimal(150))
    first = opening(Holdings((lot,), Decimal(500)), {"VTI": 250.0}, on=ON)
    Ledger.create(path, on=ON, first=first, watch=watch).close()


def run(path, watch=None):
    with Ledger.open(path, watch=watch) as ledger:
        rebalance(PaperBroker(ledger), TARGETS, PRICES, on=ON, rules=RULES)
        return ledger.head


def killed(path, watch=None, after=None, job=run):
    """Do a job in a child, kill it from within or after a time, and say whether it was killed."""
    child = os.fork()
    if child == 0:
        job(path, watch)
        os._exit(0)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def at_step(number):
    """Give a watch that kills its process at the step of that number."""
    n_seen = 0

    def watch(moment):
        nonlocal n_seen
        n_seen += 1
        if n_seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return watch


def at_each_step(folder):
    heads, number = [], 0
    while True:
        number += 1
        path = folder / f"step-{number}.ledger"
        opened(path)
        if not killed(path, at_step(number)):
            return heads
        heads.append(run(path))


def at_random_moments(folder, seconds, tries):
    rng, outcomes = random.Random(0), []
    for number in range(tries):
        path = folder / f"random-{number}.ledger"
        opened(path)
        n_kills = 0
        while killed(path, after=rng.uniform(0, seconds * 1.2**n_kills)):
            n_kills += 1
        outcomes.append([n_kills, run(path)])
    return outcomes


def while_opening(folder, seconds, tries):
    rng, outcomes = random.Random(1), []
    for number in range(tries):
        path = folder / f"opening-{number}.ledger"
        if number < 3:
            is_killed = killed(path, at_step(number + 1), job=opened)
        else:
            is_killed = killed(path, after=rng.uniform(0, seconds), job=opened)
        try:
            opened(path)
        except ConfigError:
            outcomes.append([is_killed, "opened before", run(path)])
        else:
            outcomes.append([is_killed, "opened again", run(path)])
    return outcomes


def two_at_once(folder, tries):
    outcomes = []
    for number in range(tries):
        path = folder / f"two-{number}.ledger"
        opened(path)
        child = os.fork()
        if child == 0:
            run(path)
            os._exit(0)
        run(path)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        outcomes.append([status, run(path)])
    return outcomes


def main(folder):
    undisturbed = folder / "undisturbed.ledger"
    opened(undisturbed)
    start = time.perf_counter()
    head = run(undisturbed)
    seconds = time.perf_counter() - start
    found = {"undisturbed": head, "at each step": at_each_step(folder)}
    found["at random moments"] = at_random_moments(folder, min(2 * seconds, 0.1), tries=12)
    found["while opening"] = while_opening(folder, min(seconds, 0.05), tries=23)
    found["two at once"] = two_at_once(folder, tries=5)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
