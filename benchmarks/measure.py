"""What every benchmark shares: CPU seconds, intervals over repetitions, Markdown tables."""

import os
from datetime import date
from importlib.metadata import version

import numpy as np


def cpu_seconds():
    """Give the CPU seconds of this process so far, user plus system."""
    return sum(os.times()[:2])


def child_cpu_seconds():
    """Give the CPU seconds of finished child processes so far."""
    return sum(os.times()[2:4])


def timed(function, repetitions=5, warm_up=1):
    """Give the CPU seconds of each repetition of a call, after calls that don't count."""
    for _ in range(warm_up):
        function()
    seconds = []
    for _ in range(repetitions):
        start = cpu_seconds()
        function()
        seconds.append(cpu_seconds() - start)
    return np.array(seconds)


def spread(values, digits=2):
    """Write a median with the smallest and largest value."""
    low, middle, high = np.quantile(values, [0, 0.5, 1])
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def peak_megabytes():
    """Give the largest memory of this process so far; what its parent had when it began is not."""
    with open("/proc/self/status", encoding="utf-8") as lines:
        peak = next(line for line in lines if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


def table(title, rows):
    """Write rows (dicts with the same keys) as a Markdown table under a heading."""
    columns = list(rows[0])
    lines = [f"### {title}", "", "| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    lines += ["| " + " | ".join(str(row[name]) for name in columns) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def circumstances(*packages):
    """Say when, on what and with which versions the tables were made."""
    names = ("numpy", "pandas", "scipy", "torch", *packages)
    found = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{date.today():%Y-%m-%d}, {os.cpu_count()} cores, one thread, {_processor()}; {found}"


def _processor():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        names = {line.split(":")[1].strip() for line in lines if line.startswith("model name")}
    return ", ".join(names) or "unknown processor"
