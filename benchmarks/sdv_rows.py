"""Rows of a synthesizer of SDV, made in an environment of its own: scenara never imports SDV.

    PYTHON sdv_rows.py NAME train.parquet rows.parquet costs.json SEED

NAME is copula, ctgan or tvae, each at its defaults.
"""

import json
import os
import random
import resource
import sys

import numpy as np
import pandas as pd

TABLE = "rows"  # SDV 2 takes and gives tables by name
NAMES = {
    "copula": "GaussianCopulaSynthesizer",
    "ctgan": "CTGANSynthesizer",
    "tvae": "TVAESynthesizer",
}


def main():
    name, source, target, costs, seed = sys.argv[1:]
    import sdv.single_table
    import torch
    from sdv.metadata import Metadata

    random.seed(int(seed))
    np.random.seed(int(seed))
    torch.manual_seed(int(seed))
    torch.set_num_threads(1)
    tables = {TABLE: pd.read_parquet(source)}
    start = sum(os.times()[:4])
    metadata = Metadata.detect_from_dataframes(tables, infer_keys=None)
    model = getattr(sdv.single_table, NAMES[name])(metadata)
    model.fit(tables)
    fitted = sum(os.times()[:4])
    rows = model.sample(len(tables[TABLE]))[TABLE]
    found = {
        "fit_cpu_s": fitted - start,
        "rows_per_cpu_s": len(rows) / (sum(os.times()[:4]) - fitted),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    rows[list(tables[TABLE].columns)].to_parquet(target)
    with open(costs, "w", encoding="utf-8") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main()
