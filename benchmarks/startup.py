"""How long the command line takes to answer."""

import subprocess
import sys
import time
from pathlib import Path

from measure import child_cpu_seconds, spread, table

COMMANDS = [["--help"], ["--version"], ["finance", "--help"], ["samples", "list"]]


def measure(arguments, repetitions=5):
    program = Path(sys.executable).with_name("scenara")
    walls, cpus = [], []
    for _ in range(repetitions):
        start, cpu = time.perf_counter(), child_cpu_seconds()
        subprocess.run([program, *arguments], check=True, capture_output=True)
        walls.append(time.perf_counter() - start)
        cpus.append(child_cpu_seconds() - cpu)
    return walls, cpus


def main():
    rows = []
    for arguments in COMMANDS:
        walls, cpus = measure(arguments)
        command = "scenara " + " ".join(arguments)
        rows.append({"command": f"`{command}`", "wall s": spread(walls), "CPU s": spread(cpus)})
    return table("Start-up (target: `scenara --help` under 0.5 s)", rows)


if __name__ == "__main__":
    print(main())
