"""The tables of the benchmark: which sample, how it is split, thinned and made large."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.shared.data import Kind, Schema
from scenara.shared.data.samples import load_sample

N_COLUMNS = 25
CHUNK = 100_000
BIGGER_THAN_A_CODE = 60  # different numbers, beyond which a column of the large table gets noise


@dataclass(frozen=True)
class Table:
    """A sample, its target, its split, and numbers that published tables count as categories."""

    sample: str
    target: str
    n_train: int
    n_test: int
    numbers_as_categories: tuple[str, ...] = ()

    @property
    def categories(self):
        return (*self.numbers_as_categories, self.target)


_TAIWAN_CODES = ("SEX", "EDUCATION", "MARRIAGE", "PAY_0", *(f"PAY_{i}" for i in range(2, 7)))
_TAIWAN = ("taiwan-credit", "default-payment-next-month")
TABLES = {
    "taiwan-credit": Table(*_TAIWAN, 15_000, 15_000, _TAIWAN_CODES),
    "taiwan-credit-27k": Table(*_TAIWAN, 27_000, 3_000, _TAIWAN_CODES),
    "german-credit": Table("german-credit", "creditability", 700, 300),
    "lending-club": Table("lending-club", "Class", 6_899, 2_958),
}


def split(name, seed):
    """Give training and held-out rows of a random split that the seed says."""
    table = TABLES[name]
    frame = load_sample(table.sample)
    order = np.random.default_rng(seed).permutation(len(frame))
    ends = table.n_train, table.n_train + table.n_test
    first, second = order[: ends[0]], order[ends[0] : ends[1]]
    return frame.iloc[first].reset_index(drop=True), frame.iloc[second].reset_index(drop=True)


def thinned(frame, target, *, share=0.01, seed=0):
    """Drop rows of the rarer class until it is the share asked; give the rows and the class."""
    rare = frame[target].value_counts().index[-1]
    rows = frame.index[frame[target] == rare].to_numpy()
    keep = round(share * (len(frame) - len(rows)) / (1 - share))
    dropped = np.random.default_rng(seed).permutation(rows)[keep:]
    return frame.drop(index=dropped).reset_index(drop=True), getattr(rare, "item", lambda: rare)()


def write_large(path, *, n_rows, seed=0):
    """Write rows of taiwan-credit drawn again, with noise on amounts and one column more."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame, rng, writer = load_sample(_TAIWAN[0]), np.random.default_rng(seed), None
    noisy = [name for name in frame if frame[name].nunique() > BIGGER_THAN_A_CODE]
    for start in range(0, n_rows, CHUNK):
        n = min(CHUNK, n_rows - start)
        rows = frame.iloc[rng.integers(0, len(frame), n)].reset_index(drop=True)
        rows[noisy] = (rows[noisy] * np.exp(0.05 * rng.standard_normal((n, len(noisy))))).round()
        rows["utilisation"] = (rows["BILL_AMT1"] / rows["LIMIT_BAL"].clip(lower=1)).round(4)
        assert rows.shape[1] == N_COLUMNS
        part = pa.Table.from_pandas(rows, preserve_index=False)
        writer = writer or pq.ParquetWriter(path, part.schema)
        writer.write_table(part)
    writer.close()


def random_conditions(train, test, *, n, least, seed):
    """Draw conditions on one or two columns around random rows that both halves know enough of.

    A category takes the value of the row, a number a range around it that holds a tenth to four
    tenths of the rows. Gives triples: what is asked, training rows and held-out rows that fit.
    """
    rng = np.random.default_rng(seed)
    columns = [c for c in Schema.infer(train) if c.kind not in (Kind.IDENTIFIER, Kind.TEXT)]
    found = []
    for _ in range(50 * n):
        chosen = rng.choice(len(columns), size=rng.integers(1, 3), replace=False)
        row = int(rng.integers(len(train)))
        given = {
            columns[i].name: _asked(train[columns[i].name], row, columns[i].kind, rng)
            for i in chosen
        }
        ours, fresh = (_fitting(frame, given) for frame in (train, test))
        if min(len(ours), len(fresh)) >= least:
            found.append((given, ours, fresh))
        if len(found) == n:
            return found
    return found


def _asked(values, row, kind, rng):
    value = values.iloc[row]
    if pd.isna(value):
        return None
    if kind not in (Kind.NUMERIC, Kind.INTEGER):
        return value.item() if hasattr(value, "item") else value
    middle, half = (values < value).mean(), rng.uniform(0.05, 0.2)
    ends = np.clip([middle - half, middle + half], 0, 1)
    low, high = values.quantile(ends)
    return min(float(low), float(value)), max(float(high), float(value))


def _fitting(frame, given):
    good = np.ones(len(frame), dtype=bool)
    for name, asked in given.items():
        if asked is None:
            good &= frame[name].isna().to_numpy()
        elif isinstance(asked, tuple):
            good &= frame[name].between(*asked).to_numpy(dtype=bool)
        else:
            good &= (frame[name] == asked).to_numpy(dtype=bool)
    return frame[good]
