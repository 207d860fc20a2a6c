"""Scores of columns that ask a model: elimination, forward selection, shadows, penalties."""

from typing import Any

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.errors import DataError
from scenara.shared.features.design import TableDesign, plain_matrix
from scenara.shared.features.filters import Ranking
from scenara.shared.features.target import Target
from scenara.shared.types import Array, FloatArray

__all__ = ["by_elimination", "by_forward_steps", "by_gain", "by_penalty"]

N_FOLDS = 5
N_SHADOWS = 5
N_PENALTIES = 15
N_FLAT = 2
RELAXED = 0.1
Estimator = Any
"""A scikit-learn estimator; the library ships no types."""


def by_elimination(
    frame: pd.DataFrame,
    schema: Schema,
    target: Target,
    *,
    estimator: Estimator,
    rng: np.random.Generator,
    n_features: int | None,
) -> Ranking:
    """Score columns by how long they survive when the least important ones are dropped.

    If their number is left open, it is the smallest whose cross-validated loss is within one
    standard error of the best one.

    Args:
        frame: The table, (rows, columns).
        schema: What each column is.
        target: What is to be predicted.
        estimator: A model with importances or coefficients; None for boosted trees.
        rng: The stream of folds and models.
        n_features: How many are wanted; None leaves it open.

    Returns:
        Scores from 0 (first one dropped) to 1 (last one left).

    References:
        Guyon et al. (2002), Gene selection for cancer classification using support vector
        machines, https://doi.org/10.1023/A:1012487302797; Breiman et al. (1984), Classification
        and regression trees, section 3.4.3 (one standard error).
    """
    from sklearn.feature_selection import RFE, RFECV

    matrix, model = plain_matrix(frame, schema), estimator or _trees(target, rng)
    if matrix.shape[1] == 1:
        return Ranking(np.ones(1), np.ones(1, dtype=bool), ("the only column that can be used",))
    step = max(1, matrix.shape[1] // 20)
    ranks = RFE(model, n_features_to_select=1, step=step).fit(matrix, target.values).ranking_
    scores = (ranks.max() - ranks) / max(ranks.max() - 1, 1)
    n_kept = n_features
    if n_features is None:
        search = RFECV(model, step=step, cv=_folds(target, rng), scoring=_scoring(target))
        found = search.fit(matrix, target.values).cv_results_
        n_kept = _smallest_good(
            found["n_features"], found["mean_test_score"], found["std_test_score"]
        )
    chosen = np.zeros(len(ranks), dtype=bool)
    chosen[np.argsort(ranks, kind="stable")[:n_kept]] = True
    notes = tuple(
        f"dropped in round {ranks.max() - rank + 1} of {ranks.max() - 1}"
        if rank > 1
        else "last left"
        for rank in ranks
    )
    return Ranking(scores, chosen, notes)


def by_forward_steps(
    frame: pd.DataFrame,
    schema: Schema,
    target: Target,
    *,
    estimator: Estimator,
    rng: np.random.Generator,
    n_features: int | None,
) -> Ranking:
    """Score columns by what they add to a model that is built up one by one.

    In each step the column is added that lowers the cross-validated loss most. If their number
    is left open, it ends when the gain is not above its standard error over the folds.

    Args:
        frame: The table, (rows, columns).
        schema: What each column is.
        target: What is to be predicted.
        estimator: Any model; None for boosted trees.
        rng: The stream of folds and models.
        n_features: How many are wanted; None leaves it open.

    Returns:
        Scores: 1 for the first column added, falling to 0 for those never added.
    """
    from sklearn.model_selection import cross_val_score

    matrix, model = plain_matrix(frame, schema), estimator or _trees(target, rng)
    folds, scoring = _folds(target, rng), _scoring(target)

    def score(places: list[int]) -> FloatArray:
        found: FloatArray = cross_val_score(
            model, matrix[:, places], target.values, cv=folds, scoring=scoring
        )
        return found

    added: list[int] = []
    gains: list[float] = []
    before = _loss_of_nothing(target, folds)
    while len(added) < (n_features or matrix.shape[1]):
        rest = [place for place in range(matrix.shape[1]) if place not in added]
        trials = {place: score([*added, place]) for place in rest}
        best = max(rest, key=lambda place: trials[place].mean())
        gain = trials[best] - before
        if n_features is None and gain.mean() <= gain.std(ddof=1) / np.sqrt(len(gain)):
            break
        added, before = [*added, best], trials[best]
        gains.append(float(gain.mean()))
    return _in_order_of_addition(added, gains, matrix.shape[1])


def by_gain(
    frame: pd.DataFrame,
    schema: Schema,
    target: Target,
    *,
    rng: np.random.Generator,
) -> Ranking:
    """Score columns by their share in what boosted trees gain, beside shuffled copies.

    Trees gain something by any column; so all columns are put in a second time with their rows
    shuffled, and a column is kept if it gains more than every shuffled one in each of five
    fits.

    Args:
        frame: The table, (rows, columns).
        schema: What each column is.
        target: What is to be predicted.
        rng: The stream of shuffles and models.

    References:
        Kursa and Rudnicki (2010), Feature selection with the Boruta package,
        https://doi.org/10.18637/jss.v036.i11 (shadow features; here without its iterations).
    """
    matrix = plain_matrix(frame, schema)
    n_columns = matrix.shape[1]
    shares, wins = np.zeros(n_columns), np.zeros(n_columns, dtype=int)
    for _ in range(N_SHADOWS):
        both = np.hstack([matrix, matrix[rng.permutation(len(matrix))]])
        gains = _trees(target, rng).fit(both, target.values).feature_importances_
        shares += gains[:n_columns] / max(gains.sum(), 1e-300) / N_SHADOWS
        wins += gains[:n_columns] > gains[n_columns:].max()
    notes = tuple(
        f"{share:.1%} of the gain, above all shuffled columns in {won} of {N_SHADOWS} fits"
        for share, won in zip(shares, wins, strict=True)
    )
    return Ranking(shares, wins == N_SHADOWS, notes)


def by_penalty(
    frame: pd.DataFrame,
    schema: Schema,
    target: Target,
    *,
    rng: np.random.Generator,
    n_features: int | None,
) -> Ranking:
    """Score columns by their coefficients in a linear model with an L1 penalty.

    The model is logistic for classes (one against the rest) and least squares for numbers; its
    columns are normal scores and indicators. If their number is left open, the penalty is the
    strongest whose columns, in a model fitted to them anew, have a cross-validated loss within
    one standard error of the best; otherwise the strongest that leaves enough columns.

    Args:
        frame: The table, (rows, columns).
        schema: What each column is.
        target: What is to be predicted.
        rng: The stream of folds and models.
        n_features: How many are wanted; None leaves it open.

    Returns:
        Scores: lengths of the coefficients of each column; 0 of those that the penalty removes.

    References:
        Tibshirani (1996), Regression shrinkage and selection via the lasso,
        https://doi.org/10.1111/j.2517-6161.1996.tb02080.x; Meinshausen (2007), Relaxed lasso,
        https://doi.org/10.1016/j.csda.2006.12.019.
    """
    design = TableDesign.of(frame, schema)
    matrix, places = design.matrix(frame), list(design.places().values())
    penalties = _penalties(matrix, target)
    if n_features is None:
        penalties = np.array([_best_penalty(matrix, target, places, rng)])
    scores: FloatArray = np.zeros(len(places))
    for penalty in penalties:
        model = _penalised(target, penalty, rng).fit(matrix, target.values)
        scores = _lengths(model, places)
        if n_features is not None and (scores > 0).sum() >= n_features:
            break
    notes = tuple(f"coefficient {score:.3g}" for score in scores)
    return Ranking(scores, scores > 0, notes)


def _trees(target: Target, rng: np.random.Generator) -> Estimator:
    import lightgbm

    kind = lightgbm.LGBMClassifier if target.is_classes else lightgbm.LGBMRegressor
    return kind(
        n_estimators=60,
        num_leaves=8,
        learning_rate=0.1,
        importance_type="gain",
        n_jobs=1,
        verbose=-1,
        deterministic=True,
        random_state=int(rng.integers(2**31)),
    )


def _folds(target: Target, rng: np.random.Generator) -> list[tuple[Array, Array]]:
    from sklearn.model_selection import KFold, StratifiedKFold

    seed, n = int(rng.integers(2**31)), len(target.values)
    kind = StratifiedKFold if target.is_classes else KFold
    least = int(np.bincount(target.values).min()) if target.is_classes else n
    if least < N_FOLDS:
        what = "rows of each class" if target.is_classes else "rows"
        raise DataError(
            f"target: expected at least {N_FOLDS} {what} for cross-validation, found {least}"
        )
    return list(kind(N_FOLDS, shuffle=True, random_state=seed).split(np.zeros(n), target.values))


def _scoring(target: Target) -> str:
    return "neg_log_loss" if target.is_classes else "neg_mean_squared_error"


def _loss_of_nothing(target: Target, folds: list[tuple[Array, Array]]) -> FloatArray:
    """Give the score in each fold of a model that knows the mean of the target alone."""
    answers, scores = target.indicators(), []
    for train, test in folds:
        mean = answers[train].mean(axis=0)
        if target.is_classes:
            scores.append(np.log(mean[target.values[test]]).mean())
        else:
            scores.append(-((answers[test] - mean) ** 2).mean())
    return np.array(scores)


def _in_order_of_addition(added: list[int], gains: list[float], n_columns: int) -> Ranking:
    scores, notes = np.zeros(n_columns), ["never added"] * n_columns
    for order, (place, gain) in enumerate(zip(added, gains, strict=True)):
        scores[place] = 1 - order / n_columns
        notes[place] = f"added as number {order + 1}, score {gain:+.3g}"
    return Ranking(scores, scores > 0, tuple(notes))


def _smallest_good(sizes: Array, means: FloatArray, deviations: FloatArray) -> int:
    best = int(np.argmax(means))
    floor = means[best] - deviations[best] / np.sqrt(N_FOLDS)
    return int(np.min(sizes[means >= floor]))


def _penalties(matrix: FloatArray, target: Target) -> FloatArray:
    """Give penalties from the weakest that removes all columns to a thousandth of it."""
    answers = target.indicators()
    most = np.abs(matrix.T @ (answers - answers.mean(axis=0))).max() / len(matrix)
    penalties: FloatArray = max(most, 1e-12) * np.geomspace(1, 1e-3, N_PENALTIES + 1)[1:]
    return penalties


def _penalised(target: Target, penalty: float, rng: np.random.Generator) -> Estimator:
    from sklearn.linear_model import Lasso, LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    seed = int(rng.integers(2**31))
    if not target.is_classes:
        return Lasso(alpha=penalty, max_iter=10_000, tol=1e-3, random_state=seed)
    # scikit-learn 1.8 renamed the argument and warns of the old one.
    is_old = LogisticRegression().penalty == "l2"
    logistic = LogisticRegression(
        **({"penalty": "l1"} if is_old else {"l1_ratio": 1.0}),
        C=1 / (penalty * len(target.values)),
        solver="liblinear",
        intercept_scaling=10.0,
        max_iter=1_000,
        tol=1e-3,
        random_state=seed,
    )
    return logistic if target.n_classes == 2 else OneVsRestClassifier(logistic)


def _best_penalty(
    matrix: FloatArray,
    target: Target,
    places: list[list[int]],
    rng: np.random.Generator,
) -> float:
    """Choose the penalty by the loss of models that are fitted anew to what each leaves.

    The penalty draws all coefficients to zero, and a loss of the penalised model itself would
    pay for large ones with a penalty too weak, which lets noise in.
    """
    penalties, folds = _penalties(matrix, target), _folds(target, rng)
    scores: list[list[float]] = []
    for penalty in penalties:
        scores.append(
            [
                _relaxed_score(matrix, target, train, test, float(penalty), places, rng)
                for train, test in folds
            ]
        )
        if _is_flat(np.mean(scores, axis=1), float(np.std(scores[-1]))):
            break
    means, deviations = np.mean(scores, axis=1), np.std(scores, axis=1)
    return float(penalties[_smallest_good(np.arange(len(means)), means, deviations)])


def _is_flat(means: FloatArray, deviation: float) -> bool:
    """Say whether the last weakenings of the penalty gained less than a tenth of an error."""
    if len(means) <= N_FLAT:
        return False
    gain = means[-N_FLAT:].max() - means[:-N_FLAT].max()
    return bool(gain < 0.1 * deviation / np.sqrt(N_FOLDS)) and means[:-N_FLAT].max() > means[0]


def _relaxed_score(
    matrix: FloatArray,
    target: Target,
    train: Array,
    test: Array,
    penalty: float,
    places: list[list[int]],
    rng: np.random.Generator,
) -> float:
    """Score, on test rows, a model of the columns that a penalty leaves on training rows."""
    from sklearn.metrics import get_scorer

    rows, answers = matrix[train], target.values[train]
    lengths = _lengths(_penalised(target, penalty, rng).fit(rows, answers), places)
    columns = [
        column for place, n in zip(places, lengths, strict=True) if n > 0 for column in place
    ]
    if not columns:
        return float(_loss_of_nothing(target, [(train, test)])[0])
    model = _penalised(target, penalty * RELAXED, rng).fit(rows[:, columns], answers)
    scorer = get_scorer(_scoring(target))
    return float(scorer(model, matrix[test][:, columns], target.values[test]))


def _lengths(model: Estimator, places: list[list[int]]) -> FloatArray:
    fitted = getattr(model, "estimators_", [model])
    weights = np.vstack([np.atleast_2d(each.coef_) for each in fitted])
    return np.array([np.sqrt((weights[:, place] ** 2).sum()) for place in places])
