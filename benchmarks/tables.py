"""Generators of tables: the front of detection, privacy and time, and everything beside it.

    python tables.py                        all parts, at their defaults: hours
    python tables.py judge --table german-credit --family table/cart --seeds 0 1
    python tables.py show                   what was measured so far, nothing new

Parts: judge (front, gates, utility), attacks, conditions, rate (rows of a class of 1 %), scale
(1,000,000 rows), evaluate (how long judging takes), published (figures of others). Each
measurement runs in a process of its own on one thread and is kept as a record; one that is there
is not repeated without ``--again``. Detection by XGBoost needs the extra ``bench``.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from table_data import TABLES, write_large
from table_fits import Job
from table_pages import PAGES, pages, published

from scenara.shared.generators import families, family_class

HERE = Path(__file__).parent
STORE = HERE.parent / "build" / "bench-tables"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LOKY_MAX_CPU_COUNT"), "1"
)
FIRST = "taiwan-credit"
DEFAULT_TABLES = {
    "judge": tuple(TABLES),
    "attacks": (FIRST,),
    "conditions": (FIRST,),
    "rate": (FIRST,),
    "scale": (FIRST,),
    "evaluate": (FIRST,),
}
DEFAULT_FAMILIES = {
    "scale": ("table/autoregressive", "table/cart"),
    "evaluate": ("table/cart",),
}


def options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "part", nargs="?", default="all", choices=["all", "show", *PAGES, "published"]
    )
    parser.add_argument("--table", nargs="+", choices=TABLES, help="samples (default: by part)")
    parser.add_argument("--family", nargs="+", help="families (default: all that are there)")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4], help="splits")
    parser.add_argument("--set", nargs="+", default=[], help="settings of the families, name=value")
    parser.add_argument("--conditions", type=int, default=200, help="how many are drawn")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the large table")
    parser.add_argument("--sdv", nargs="?", const=sys.executable, help="Python that can import SDV")
    parser.add_argument("--store", type=Path, default=STORE, help="where records are kept")
    parser.add_argument("--again", action="store_true", help="repeat what is there")
    return parser.parse_args()


def available():
    """Give the families that are there, and name those that are not."""
    found = []
    for name in families("table/"):
        try:
            family_class(name)
        except ImportError as error:
            print(f"{name} left out: {error}", file=sys.stderr)
        else:
            found.append(name)
    return found


def settings_of(words):
    """Read ``name=value``; a value that is no JSON is text."""
    found = {}
    for word in words:
        name, _, value = word.partition("=")
        try:
            found[name] = json.loads(value)
        except json.JSONDecodeError:
            found[name] = value
    return found


def jobs_of(part, chosen):
    """Give the measurements of a part, split by split."""
    names = chosen.family or DEFAULT_FAMILIES.get(part) or _default_families(part, chosen.sdv)
    seeds = chosen.seeds[:1] if part in ("scale", "evaluate") else chosen.seeds
    return [
        Job(
            part,
            family,
            table,
            seed,
            str(chosen.store),
            settings=settings_of(chosen.set),
            sdv=chosen.sdv or "",
            n_conditions=chosen.conditions,
            n_rows=chosen.rows,
        )
        for table in chosen.table or DEFAULT_TABLES[part]
        for seed in seeds
        for family in names
    ]


def _default_families(part, sdv):
    names = [name for name in available() if name != "table/auto"]
    if part == "judge":
        names = ["real/fresh", *names]
    if part != "judge" or not sdv:
        return names
    if sdv == sys.executable and find_spec("sdv") is None:
        print("SDV can't be imported here, left out", file=sys.stderr)
        return names
    return [*names, "sdv/copula", "sdv/ctgan", "sdv/tvae"]


def measured(job, *, again):
    """Run a measurement in a process of its own, unless its record is there."""
    record = job.path(job.part).with_suffix(".json")
    if record.exists() and not again and '"values"' in record.read_text(encoding="utf-8"):
        return
    order = record.with_suffix(".job")
    order.write_text(json.dumps(asdict(job)), encoding="utf-8")
    command = [sys.executable, HERE / "table_parts.py", order, record]
    environment = {**os.environ, **ONE_THREAD, "OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(command, check=False, env=environment)
    order.unlink()
    if done.returncode:
        print(f"{record.stem}: exit status {done.returncode}, no record", file=sys.stderr)
        return
    found = json.loads(record.read_text(encoding="utf-8"))
    about = {"part": job.part, "table": job.table, "family": job.name, "seed": job.seed}
    kept = {**about, "date": f"{date.today()}", "revision": _revision(), **found}
    record.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    print(f"{record.stem}: done", file=sys.stderr)


def _revision():
    command = ["git", "-C", HERE, "describe", "--always", "--dirty"]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()


def prepare(part, chosen):
    """Empty what is to be measured again, and write the large table once."""
    chosen.store.mkdir(parents=True, exist_ok=True)
    large = chosen.store / f"large-{chosen.rows}.parquet"
    if part == "scale" and not large.exists():
        write_large(large, n_rows=chosen.rows)
    if chosen.again:
        for job in jobs_of(part, chosen):
            shutil.rmtree(job.path("fit"), ignore_errors=True)


def written(part, chosen):
    """Give the tables of a part from all records kept, with their days and revisions."""
    found = {}
    for path in sorted(chosen.store.glob(f"{part}--*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        if record.get("table") in (chosen.table or TABLES):
            found.setdefault(record["table"], []).append(record)
    texts = []
    for name in filter(found.__contains__, TABLES):
        by_family = {}
        for record in found[name]:
            by_family.setdefault(record["family"], []).append(record)
        shown = {"scale": "25 columns, drawn again with noise"}.get(part, _sizes(name))
        texts.append(pages(part, shown, by_family) + "\n" + _days(found[name]))
    return "\n".join(texts)


def _sizes(name):
    table = TABLES[name]
    return f"{table.sample}, {table.n_train:,} / {table.n_test:,} rows"


def _days(records):
    days, revisions = (sorted({r[key] for r in records}) for key in ("date", "revision"))
    ends = " to ".join(sorted({days[0], days[-1]}))
    return f"Measured {ends}, revision {', '.join(revisions)}; mean ± 95 % t-interval.\n"


def main():
    chosen = options()
    parts = list(PAGES) if chosen.part in ("all", "show") else [chosen.part]
    for part in parts:
        if part == "published":
            break
        if chosen.part != "show":
            prepare(part, chosen)
            for job in jobs_of(part, chosen):
                measured(job, again=chosen.again)
        print(written(part, chosen), flush=True)
    if chosen.part in ("all", "show", "published"):
        print(published())


if __name__ == "__main__":
    main()
