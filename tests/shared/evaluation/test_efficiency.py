"""What work costs is measured around it, and what was not measured is not a number."""

import math
import subprocess
import sys
import time

import pytest

from scenara.shared.errors import ConfigError
from scenara.shared.evaluation import Efficiency, Stopwatch


def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_stopwatch_counts_processor_time_and_not_sleep():
    with Stopwatch() as watch:
        spin(0.1)
        time.sleep(0.1)
    assert 0.1 <= watch.cpu_seconds < 0.19


def test_a_stopwatch_counts_finished_children():
    code = "import time\nwhile time.process_time() < .2: pass"
    with Stopwatch() as watch:
        subprocess.run([sys.executable, "-c", code], check=True)
    assert watch.cpu_seconds >= 0.19


def test_the_peak_of_memory_grows_with_what_is_held():
    with Stopwatch() as before:
        pass
    with Stopwatch() as after:
        held = bytearray(int(before.peak_bytes))
    assert after.peak_bytes > before.peak_bytes
    assert len(held) > 2**20


def test_an_error_inside_the_block_passes_through():
    with pytest.raises(KeyError), Stopwatch():
        raise KeyError("x")


def test_costs_of_two_stopwatches_are_gathered():
    with Stopwatch() as fit:
        spin(0.02)
    with Stopwatch() as sample:
        spin(0.02)
    costs = Efficiency.of(fit, sample, n_sampled=100)
    assert costs.rows_per_cpu_second == 100 / sample.cpu_seconds
    assert costs.fit_cpu_seconds == fit.cpu_seconds


def test_what_was_not_timed_is_no_number_and_none_in_json():
    costs = Efficiency(1.0)
    assert math.isnan(costs.rows_per_cpu_second)
    assert costs.to_dict()["rows_per_cpu_second"] is None


def test_a_negative_duration_is_refused():
    with pytest.raises(ConfigError, match="fit_cpu_seconds -1"):
        Efficiency(-1.0)
