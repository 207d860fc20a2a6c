"""Which family wins on a table: the hardest to detect among those that keep the privacy limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.evaluation.tables import (
    ClosestRecords,
    Detection,
    MembershipAttack,
    boosted_detection,
    closest_records,
    membership_attacks,
)

__all__ = [
    "WARNING",
    "Entry",
    "Judged",
    "Race",
    "champion_among",
    "judge",
    "race_rows",
    "selection_table",
]

MOST_ROWS = 10_000
MOST_DETECTED = 5_000
WARNING = "WARNING: "
"""How the reason of a champion begins that does not keep the privacy limit."""


@dataclass(frozen=True)
class Race:
    """Hold the rows that candidates learn from and those that judge them.

    Args:
        train: Rows to learn from.
        holdout: Rows that no candidate sees.
    """

    train: pd.DataFrame
    holdout: pd.DataFrame


def race_rows(frame: pd.DataFrame, *, seed: int) -> Race:
    """Draw the rows of the race: one half learns, one judges, at most 10,000 rows each.

    The halves are equal because the closest-record share searches as many training rows as
    held-out ones: beside a small holdout, what is remembered of the other training rows would
    go unseen.

    Args:
        frame: The table, (rows, columns).
        seed: Seed of the draw.

    Example:
        >>> race = race_rows(pd.DataFrame({"x": range(400)}), seed=0)
        >>> len(race.train), len(race.holdout)
        (200, 200)
    """
    order = np.random.default_rng(seed).permutation(len(frame))
    n_rows = min(len(frame) // 2, MOST_ROWS)
    halves = (np.sort(order[:n_rows]), np.sort(order[n_rows : 2 * n_rows]))
    train, holdout = (frame.iloc[rows].reset_index(drop=True) for rows in halves)
    return Race(train, holdout)


@dataclass(frozen=True)
class Judged:
    """Hold how a candidate's rows compare with held-out rows.

    Args:
        detection: Boosted trees that tell the rows from held-out rows.
        closest: Closest-record share of training rows against held-out rows.
        attack: The stronger of the membership attacks.
    """

    detection: Detection
    closest: ClosestRecords
    attack: MembershipAttack

    @property
    def exposure(self) -> float:
        """The greater of the closest-record share and the area of the attack; .5 is blind."""
        return max(self.closest.share, self.attack.auc)

    def keeps(self, limit: float) -> bool:
        """Say whether both figures are at most one standard error above a limit.

        Without that allowance, noise alone would refuse two in five harmless families on a
        table of a thousand rows.

        Args:
            limit: Most that each should be.
        """
        closest, attack = self.closest, self.attack
        return (
            closest.share - _standard_error(closest.share_low, closest.share_high) <= limit
            and attack.auc - _standard_error(attack.auc_low, attack.auc_high) <= limit
        )

    def in_words(self) -> str:
        """Give the privacy figures with their intervals."""
        closest, attack = self.closest, self.attack
        return (
            f"closest-record share {closest.share:.3f} ({closest.share_low:.3f} to "
            f"{closest.share_high:.3f}), membership AUC {attack.auc:.3f} "
            f"({attack.auc_low:.3f} to {attack.auc_high:.3f})"
        )

    def row(self) -> dict[str, float]:
        """Give the figures by the names of their columns."""
        return {
            "detection_auc": self.detection.auc,
            "detection_score": self.detection.score,
            "closest_share": self.closest.share,
            "closest_low": self.closest.share_low,
            "closest_high": self.closest.share_high,
            "membership_auc": self.attack.auc,
            "membership_low": self.attack.auc_low,
            "membership_high": self.attack.auc_high,
        }


def _standard_error(low: float, high: float) -> float:
    """Give the standard error behind a 95 % interval."""
    return (high - low) / (2 * 1.96)


_FIGURES = (
    *("detection_auc", "detection_score", "closest_share", "closest_low", "closest_high"),
    *("membership_auc", "membership_low", "membership_high"),
)


def judge(
    train: pd.DataFrame,
    holdout: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    schema: Schema | None = None,
    seed: int = 0,
) -> Judged:
    """Judge generated rows by detection against held-out rows, and by privacy.

    Args:
        train: Rows that the generator has learnt from.
        holdout: Real rows that it never saw.
        generated: Its rows.
        schema: What the columns are.
        seed: Seed of subsamples and folds.

    Returns:
        The figures.

    Raises:
        DataError: If the tables can't be compared, or one has fewer than 20 rows.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> real = pd.DataFrame({"x": rng.normal(size=300), "y": rng.normal(size=300)})
        >>> judged = judge(real[:150], real[150:], real[:150])
        >>> judged.closest.share, judged.exposure > 0.9
        (1.0, True)
    """
    found = membership_attacks(train, holdout, generated, schema=schema, random_state=seed)
    return Judged(
        detection=boosted_detection(
            holdout, generated.iloc[:MOST_DETECTED], schema=schema, random_state=seed
        ),
        closest=closest_records(train, holdout, generated, schema=schema, random_state=seed),
        attack=max(found.values(), key=lambda attack: attack.auc),
    )


@dataclass(frozen=True)
class Entry:
    """Hold one line of the table that says why a family was chosen.

    Args:
        family: Its name.
        estimated_s: CPU seconds of its fit, estimated.
        cpu_s: CPU seconds of its fit, measured; not a number if it was not fitted.
        n_rows: Rows that it learned from.
        judged: Its figures; None if it was not fitted or could not be judged.
        competes: Whether it may be the champion.
        why: Why it was not judged, or is no candidate; "" for one that competes.
    """

    family: str
    estimated_s: float
    cpu_s: float = float("nan")
    n_rows: int = 0
    judged: Judged | None = None
    competes: bool = True
    why: str = ""


def champion_among(entries: Sequence[Entry], *, limit: float) -> Entry | None:
    """Give the entry that is hardest to detect among those within the privacy limit.

    If none is within it, give or take a standard error, the most private is given.

    Args:
        entries: Families in order of promise, which decides between equals.
        limit: Most that the closest-record share and the membership AUC may be.

    Returns:
        The champion; None if no entry was judged.
    """
    judged = [(entry, entry.judged) for entry in entries if entry.competes and entry.judged]
    within = [pair for pair in judged if pair[1].keeps(limit)]
    if within:
        return max(within, key=lambda pair: pair[1].detection.score)[0]
    return min(judged, key=lambda pair: pair[1].exposure)[0] if judged else None


def selection_table(
    entries: Sequence[Entry], champion: Entry, *, limit: float, refit: str
) -> pd.DataFrame:
    """Give the table that says which family was chosen and why.

    Args:
        entries: The families, in order of promise.
        champion: The one chosen.
        limit: The privacy limit.
        refit: What became of the champion after the race, in words.

    Returns:
        One row a family: its name, what the fit cost, the figures, whether it keeps the limit,
        whether it was chosen, and why.
    """
    rows = [_row(entry, champion, limit, refit) for entry in entries]
    return pd.DataFrame(rows)


def _row(entry: Entry, champion: Entry, limit: float, refit: str) -> Mapping[str, object]:
    judged = entry.judged
    figures = judged.row() if judged else dict.fromkeys(_FIGURES, float("nan"))
    return {
        "family": entry.family,
        "fit_cpu_s": entry.cpu_s,
        "estimated_cpu_s": entry.estimated_s,
        "rows": entry.n_rows,
        **figures,
        "private": judged is not None and judged.keeps(limit),
        "chosen": entry.family == champion.family,
        "why": _why(entry, champion, limit, refit),
    }


def _why(entry: Entry, champion: Entry, limit: float, refit: str) -> str:
    judged = entry.judged
    if entry.why or judged is None:
        return entry.why
    if entry.family == champion.family and judged.keeps(limit):
        return f"champion: hardest to detect within the privacy limit of {limit:g}; {refit}"
    if entry.family == champion.family:
        return (
            f"{WARNING}no family keeps the privacy limit of {limit:g}; this is the most private: "
            f"{judged.in_words()}; {refit}"
        )
    if not judged.keeps(limit):
        return f"beyond the privacy limit of {limit:g}: {judged.in_words()}"
    return f"within the privacy limit, but easier to detect than {champion.family}"
