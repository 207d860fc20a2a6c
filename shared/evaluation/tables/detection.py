"""How well a classifier tells generated rows from real ones: the headline of fidelity."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.errors import DataError, MissingExtraError
from scenara.shared.evaluation.tables.columns import comparable
from scenara.shared.evaluation.tables.encoding import as_seed, codes, draw_rows, one_hot
from scenara.shared.evaluation.two_sample import area_under_curve
from scenara.shared.types import FloatArray, IntArray, RandomState

__all__ = ["Detection", "boosted_detection", "logistic_detection", "xgboost_detection"]

MOST_ROWS = 20_000
BOOSTING = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_child_samples": 20,
    "subsample": 0.8,
    "subsample_freq": 1,
    "colsample_bytree": 0.8,
    "reg_lambda": 1.0,
    "num_threads": 1,
    "force_row_wise": True,
    "verbose": -1,
}
N_TREES = 200

FitPredict = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True)
class Detection:
    """Hold how well one classifier told generated rows from real ones, out of sample.

    Args:
        auc: Chance that a generated row looks more generated than a real one: .5 can't be told
            apart, 1 is told apart for sure. Below .5 the rows resemble the real ones more than
            real rows resemble each other, as copies of them do.
        score: 1 if undetectable, 0 if detected for sure, as published tables print it.
        n_rows: Real rows, and as many generated ones.
        importance: Share of the classifier's gain by column, largest first: what gave the rows
            away. Empty for classifiers without it.

    Example:
        >>> Detection(auc=0.5, score=1.0, n_rows=100).importance
        {}
    """

    auc: float
    score: float
    n_rows: int
    importance: Mapping[str, float] = field(default_factory=dict)


def boosted_detection(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    schema: Schema | None = None,
    categories: Collection[str] = (),
    random_state: RandomState = 0,
    n_folds: int = 5,
) -> Detection:
    """Tell generated rows from real ones by gradient-boosted trees (LightGBM).

    Equal numbers of rows, at most 20,000 a side, stratified folds, one area under the curve
    over the held-out predictions of all folds. Compare with held-out real rows as well as with
    training rows: against the latter, a generator that copies looks perfect.

    Args:
        real: Real rows.
        generated: Rows to be told from them.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.
        random_state: Seed of the subsample, the folds and the trees.
        n_folds: Number of folds.

    Returns:
        Area under the curve, its score ``2 - 2 max(.5, auc)`` and the gain by column.

    Raises:
        DataError: If the tables can't be compared or have fewer rows than folds.

    Example:
        >>> real = pd.DataFrame({"x": np.arange(200.0)})
        >>> boosted_detection(real, real + 500).auc > 0.99
        True

    References:
        Lopez-Paz, Oquab (2017), Revisiting classifier two-sample tests, ICLR,
        https://arxiv.org/abs/1610.06545
    """
    seed = as_seed(random_state)
    rows = _drawn(real, generated, (seed, seed + 1), n_folds, schema=schema, categories=categories)
    matrix, levelled = codes(rows)
    n_rows = len(rows[0])
    label = np.repeat([0.0, 1.0], n_rows)
    found = np.empty(len(label))
    gain = np.zeros(matrix.shape[1])
    for train, test in _folds(matrix, label, n_folds, seed):
        found[test], fold_gain = _boost(matrix[train], label[train], matrix[test], levelled, seed)
        gain += fold_gain
    auc = area_under_curve(label, found)
    return Detection(auc, _score(auc), n_rows, _shares(gain, list(rows[0].columns)))


def logistic_detection(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    schema: Schema | None = None,
    categories: Collection[str] = (),
    random_state: RandomState = 0,
    n_folds: int = 3,
) -> Detection:
    """Tell generated rows from real ones by logistic regression on scaled, one-hot columns.

    It sees margins only: columns drawn independently of each other pass it. It is a gate, not a
    measure of quality.

    Args:
        real: Real rows.
        generated: Rows to be told from them.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.
        random_state: Seed of the subsample and the folds.
        n_folds: Number of folds.

    Returns:
        Means over the folds of the area under the curve and of its score
        ``2 - 2 max(.5, auc)``.

    Raises:
        DataError: If the tables can't be compared or have fewer rows than folds.

    Example:
        >>> real = pd.DataFrame({"x": np.arange(200.0)})
        >>> logistic_detection(real, real + 500).score
        0.0

    References:
        Patki, Wedge, Veeramachaneni (2016), The synthetic data vault, DSAA, and the
        LogisticDetection metric of the library SDMetrics.
    """
    seed = as_seed(random_state)
    rows = _drawn(real, generated, (seed, seed), n_folds, schema=schema, categories=categories)
    return _by_folds(one_hot(rows), _logistic, n_folds, seed)


def xgboost_detection(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    schema: Schema | None = None,
    categories: Collection[str] = (),
    random_state: RandomState = 0,
    n_folds: int = 3,
) -> Detection:
    """Tell generated rows from real ones by XGBoost at its defaults, as published tables do.

    Args:
        real: Real rows.
        generated: Rows to be told from them.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.
        random_state: Seed of the subsample and the folds.
        n_folds: Number of folds.

    Returns:
        Means over the folds of the area under the curve and of its score
        ``2 - 2 max(.5, auc)``.

    Raises:
        MissingExtraError: If xgboost is not installed.
        DataError: If the tables can't be compared or have fewer rows than folds.

    References:
        Scassola, Ponsford, Javaloy, Saccani, Bortolussi, Gouk, Vergari (2026), A sobering look
        at tabular data generation via probabilistic circuits,
        https://arxiv.org/abs/2603.23016
    """
    try:
        import xgboost  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("xgboost", extra="bench", purpose="xgboost_detection") from error
    seed = as_seed(random_state)
    rows = _drawn(real, generated, (seed, seed), n_folds, schema=schema, categories=categories)
    return _by_folds(one_hot(rows), _xgboost, n_folds, seed)


def _drawn(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    seeds: tuple[int, int],
    n_folds: int,
    *,
    schema: Schema | None,
    categories: Collection[str],
) -> list[pd.DataFrame]:
    tables = comparable(
        {"real": real, "generated": generated}, schema=schema, categories=categories
    )
    for name, frame in tables.frames.items():
        if len(frame) < n_folds:
            raise DataError(
                f"{name}: found {len(frame)} rows, expected at least {n_folds}, one for each "
                f"fold; give more rows"
            )
    return draw_rows(list(tables.frames.values()), seeds=seeds, most=MOST_ROWS)


def _folds(
    matrix: FloatArray, label: FloatArray, n_folds: int, seed: int
) -> Iterator[tuple[IntArray, IntArray]]:
    from sklearn.model_selection import StratifiedKFold

    splitter = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    yield from splitter.split(matrix, label)


def _by_folds(
    matrices: list[FloatArray], fit_predict: FitPredict, n_folds: int, seed: int
) -> Detection:
    matrix = np.concatenate(matrices)
    label = np.repeat([1.0, 0.0], [len(part) for part in matrices])
    areas = [
        area_under_curve(label[test], fit_predict(matrix[train], label[train], matrix[test]))
        for train, test in _folds(matrix, label, n_folds, seed)
    ]
    score = float(np.mean([_score(area) for area in areas]))
    return Detection(float(np.mean(areas)), score, len(matrices[0]))


def _boost(
    train: FloatArray, label: FloatArray, test: FloatArray, levelled: list[int], seed: int
) -> tuple[FloatArray, FloatArray]:
    """Give held-out predictions and the gain of each column."""
    import lightgbm

    data = lightgbm.Dataset(
        train, label, categorical_feature=levelled, params={"verbose": -1}, free_raw_data=False
    )
    model = lightgbm.train({**BOOSTING, "seed": seed}, data, num_boost_round=N_TREES)
    return np.asarray(model.predict(test)), model.feature_importance("gain")


def _logistic(train: FloatArray, label: FloatArray, test: FloatArray) -> FloatArray:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import RobustScaler
    from threadpoolctl import threadpool_limits

    model = make_pipeline(RobustScaler(), LogisticRegression(max_iter=200))
    # Sums split over threads round differently, and 200 steps need not converge.
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        found: FloatArray = model.fit(train, label).predict_proba(test)[:, 1]
    return found


def _xgboost(train: FloatArray, label: FloatArray, test: FloatArray) -> FloatArray:
    import xgboost

    model = xgboost.XGBClassifier(eval_metric="logloss", random_state=0, n_jobs=1)
    found: FloatArray = model.fit(train, label).predict_proba(test)[:, 1]
    return found


def _score(auc: float) -> float:
    return 2 - 2 * max(0.5, auc)


def _shares(gain: FloatArray, names: list[str]) -> dict[str, float]:
    order = np.argsort(-gain, kind="stable")
    total = gain.sum() or 1.0
    return {names[place]: float(gain[place] / total) for place in order}
