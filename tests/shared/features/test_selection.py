"""Selection keeps what was planted, says why, and learns from training rows alone."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn.base import clone
from sklearn.feature_selection import RFE
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import mutual_info_score
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError, DataError, NotFittedError
from scenara.shared.features import FeatureSelector, select
from scenara.shared.features.filters import by_correlation, by_mutual_information
from scenara.shared.features.filters import mutual_information as information
from scenara.shared.features.models import by_elimination, by_penalty
from scenara.shared.features.target import read_target

N_ROWS = 600
PLANTED = ("amount", "grade")
WAYS = [
    ("filter", "mutual-information"),
    ("filter", "correlation"),
    ("wrapper", "elimination"),
    ("wrapper", "forward"),
    ("embedded", "gain"),
    ("embedded", "penalty"),
]


def make_table(n_rows=N_ROWS, seed=0):
    """Give a mixed table with missing cells in which ``amount`` and ``grade`` alone matter."""
    rng = np.random.default_rng(seed)
    amount, grade = rng.lognormal(3, 1, n_rows), rng.choice(["A", "B", "C"], n_rows)
    frame = pd.DataFrame(
        {
            "key": [f"L-{row:05d}" for row in range(n_rows)],
            "noise": rng.normal(size=n_rows),
            "amount": amount,
            "branch": rng.choice(["north", "south", None], n_rows),
            "grade": pd.Categorical(grade),
            "opened": pd.Timestamp("2020-01-01")
            + pd.to_timedelta(rng.integers(0, 900, n_rows), "D"),
            "count": rng.poisson(4, n_rows),
            "fixed": 7,
        }
    )
    # Spread of the noise is 0.5 against 1 and about 1.6 of the two signals.
    signal = np.log(amount) - 3 + 2.0 * (grade == "B") - 2.0 * (grade == "C")
    signal += rng.normal(scale=0.5, size=n_rows)
    holes = rng.random((n_rows, 2)) < 0.1
    frame["noise"] = frame["noise"].mask(holes[:, 0])
    frame["amount"] = frame["amount"].mask(holes[:, 1])
    return frame, pd.Series(signal, name="loss")


FRAME, LOSS = make_table()
LATE = (LOSS > 0).rename("late")
BAND = pd.cut(LOSS, [-np.inf, -1, 1, np.inf], labels=["low", "middle", "high"]).rename("band")
TARGETS = {"two classes": LATE, "three classes": BAND, "numbers": LOSS}


def table_of(selection):
    return selection.table.set_index("column")


@pytest.mark.parametrize(("method", "by"), WAYS)
@pytest.mark.parametrize("target", sorted(TARGETS))
def test_planted_columns_are_kept_if_two_are_wanted(method, by, target):
    found = select(FRAME, TARGETS[target], method=method, by=by, n_features=2, random_state=0)
    assert found.kept == PLANTED


@pytest.mark.parametrize(("method", "by"), WAYS)
@pytest.mark.parametrize("target", ["numbers", "two classes"])
def test_no_planted_column_is_lost_if_the_number_is_open(method, by, target):
    found = select(FRAME, TARGETS[target], method=method, by=by, random_state=0)
    assert set(PLANTED) <= set(found.kept)
    assert len(found.kept) <= 3


def test_the_table_has_a_row_a_column_in_their_order():
    found = select(FRAME, LATE)
    assert found.table.columns.tolist() == ["column", "score", "kept", "reason"]
    assert found.table["column"].tolist() == FRAME.columns.tolist()
    assert tuple(found.table.loc[found.table["kept"], "column"]) == found.kept
    assert (found.table["reason"] != "").all()


@pytest.mark.parametrize(
    ("column", "reason"),
    [("key", "an identifier says nothing about other rows"), ("fixed", "the same in all rows")],
)
def test_columns_that_say_nothing_are_never_kept(column, reason):
    row = table_of(select(FRAME, LATE, n_features=99)).loc[column]
    assert (row["kept"], row["reason"]) == (False, reason)
    assert np.isnan(row["score"])


def test_information_is_that_of_scikit_learn_less_its_bias():
    rng = np.random.default_rng(0)
    codes, answers = rng.integers(0, 4, 800), rng.integers(0, 3, 800)
    codes[:400] = answers[:400]
    found, _ = information(codes, answers)
    assert found == pytest.approx(mutual_info_score(codes, answers) - 6 / 1600, abs=1e-12)


def test_information_without_a_tie_is_rarely_significant():
    rng = np.random.default_rng(0)
    chances = [information(*rng.integers(0, 4, (2, 500)))[1] for _ in range(400)]
    # Three standard errors of a share of .05 over 400 draws are .033.
    assert abs(np.mean(np.array(chances) < 0.05) - 0.05) < 0.033


def test_few_noise_columns_are_taken_for_informative():
    rng = np.random.default_rng(0)
    noise = pd.DataFrame(rng.normal(size=(400, 60))).add_prefix("noise")
    frame = noise.assign(**{f"real{i}": LOSS[:400] + rng.normal(size=400) for i in range(5)})
    for by in ("mutual-information", "correlation"):
        kept = select(frame, LOSS[:400], by=by).kept
        assert {f"real{i}" for i in range(5)} <= set(kept)
        assert len(kept) <= 7


def test_a_tie_that_is_not_monotone_is_found_by_information():
    x = pd.Series(np.random.default_rng(0).normal(size=600), name="x")
    scores = table_of(select(x.to_frame(), (x**2).rename("square"), by="mutual-information"))
    weak = table_of(select(x.to_frame(), (x**2).rename("square"), by="correlation"))
    assert scores.loc["x", "score"] > 0.5
    assert weak.loc["x", "score"] < 0.2


def test_correlation_of_two_numbers_is_nearly_that_of_their_ranks():
    noise = np.random.default_rng(0).normal(scale=2.0, size=N_ROWS)
    x = np.exp(LOSS + noise).rename("x").to_frame()
    found = by_correlation(x, Schema.infer(x), read_target(FRAME, LOSS))
    assert found.scores[0] == pytest.approx(spearmanr(x["x"], LOSS).statistic, abs=0.05)


def test_a_column_that_is_missing_when_it_matters_is_kept():
    hole = FRAME["noise"].copy().fillna(0.0).mask(LATE).rename("hole")
    found = select(FRAME.assign(hole=hole), LATE, n_features=1)
    assert found.kept == ("hole",)


def test_variance_is_the_share_of_rows_that_differ_from_the_most_frequent():
    frame = pd.DataFrame({"rare": [1.5] * 199 + [2.5], "even": ["a", "b"] * 100})
    table = table_of(select(frame, pd.Series([0.5, 1.5, 2.0, 3.7] * 50), by="variance"))
    assert table["score"].tolist() == pytest.approx([0.005, 0.5])
    assert table["kept"].tolist() == [False, True]


def test_of_two_columns_that_say_the_same_the_better_is_kept():
    frame = FRAME.assign(copy=FRAME["amount"] * 2 + 0.01 * np.arange(N_ROWS))
    table = table_of(select(frame, LOSS, max_correlation=0.95))
    assert table.loc[["amount", "copy"], "kept"].sum() == 1
    reason = table.loc[["amount", "copy"]].query("not kept")["reason"].item()
    assert "correlation" in reason
    assert "with '" in reason


def test_columns_that_are_only_missing_together_both_stay():
    hole = FRAME["amount"].isna()
    frame = FRAME.assign(other=np.random.default_rng(5).normal(size=N_ROWS)).copy()
    frame["other"] = frame["other"].mask(hole)
    table = table_of(select(frame, LOSS, max_correlation=0.95, n_features=99))
    assert table.loc[["amount", "other"], "kept"].all()


def test_elimination_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(300, 5)), columns=[*"abcde"])
    answer = pd.Series(frame @ np.array([3.0, 0.1, 2.0, 0.01, 1.0]) + rng.normal(size=300))
    target, schema = read_target(frame, answer), Schema.infer(frame)
    found = by_elimination(
        frame, schema, target, estimator=LinearRegression(), rng=rng, n_features=3
    )
    reference = RFE(LinearRegression(), n_features_to_select=3, step=1).fit(frame, answer)
    assert found.chosen.tolist() == reference.support_.tolist()
    assert np.argsort(-found.scores).tolist() == [0, 2, 4, 1, 3]


def test_an_only_column_is_not_eliminated():
    assert select(FRAME[["amount"]], LOSS, method="wrapper").kept == ("amount",)


def test_forward_steps_add_the_best_column_first():
    found = select(
        FRAME[["noise", "count", "amount"]].fillna(0),
        FRAME["amount"].fillna(0).rename("y") + 0.1 * FRAME["count"],
        method="wrapper",
        by="forward",
        n_features=2,
        estimator=LinearRegression(),
    )
    assert found.kept == ("count", "amount")
    assert table_of(found)["score"].tolist() == pytest.approx([0, 2 / 3, 1])


def test_a_stronger_penalty_leaves_fewer_columns():
    schema = Schema.infer(FRAME[["noise", "amount", "grade", "count"]])
    columns, target = FRAME[list(schema.names)], read_target(FRAME, LATE)
    n_left = [
        (by_penalty(columns, schema, target, rng=np.random.default_rng(0), n_features=n).scores > 0)
        .sum()
        .item()
        for n in (1, 4)
    ]
    assert n_left[0] <= 2 < n_left[1]


@pytest.mark.parametrize(
    ("method", "by"), [("wrapper", "elimination"), ("embedded", "gain"), ("embedded", "penalty")]
)
def test_the_same_seed_gives_the_same_table(method, by):
    pair = [
        select(FRAME, LATE, method=method, by=by, n_features=3, random_state=5).table
        for _ in range(2)
    ]
    pd.testing.assert_frame_equal(*pair)


def test_the_table_is_not_changed():
    before = FRAME.copy(deep=True)
    select(FRAME, LATE, max_correlation=0.9)
    pd.testing.assert_frame_equal(FRAME, before)


def test_whole_numbers_with_few_values_are_classes_unless_told_otherwise():
    target = LATE.astype(int)
    assert read_target(FRAME, target).n_classes == 2
    assert read_target(FRAME, target, task="regression").n_classes == 0


def test_the_selector_gives_the_kept_columns_of_other_rows():
    rows, _ = make_table(50, seed=1)
    found = FeatureSelector(n_features=2).fit(FRAME, LATE).transform(rows)
    pd.testing.assert_frame_equal(found, rows[list(PLANTED)])


def test_the_selector_can_be_cloned_and_takes_an_array():
    selector = clone(FeatureSelector(method="filter", by="correlation", n_features=2))
    assert selector.fit(FRAME, LATE.to_numpy()).get_feature_names_out().tolist() == list(PLANTED)


def test_nothing_leaks_when_the_selector_is_cross_validated_in_a_pipeline():
    rng = np.random.default_rng(0)
    noise = pd.DataFrame(rng.normal(size=(100, 150))).add_prefix("x")
    coin = pd.Series(rng.permutation(np.repeat([0, 1], 50)))
    pipeline = make_pipeline(FeatureSelector(by="correlation", n_features=10), LogisticRegression())
    honest = cross_val_score(pipeline, noise, coin, cv=5).mean()
    kept = select(noise, coin, by="correlation", n_features=10).kept
    fooled = cross_val_score(LogisticRegression(), noise[list(kept)], coin, cv=5).mean()
    # A coin is guessed with a standard error of .05; selection on all rows seems to do better.
    assert abs(honest - 0.5) < 0.15
    assert fooled > 0.7


def test_the_selector_is_refused_before_fit():
    with pytest.raises(NotFittedError, match="call fit"):
        FeatureSelector().transform(FRAME)


def test_the_selector_refuses_a_table_in_which_nothing_tells():
    noise = pd.DataFrame(np.random.default_rng(1).normal(size=(100, 2)), columns=["a", "b"])
    with pytest.raises(DataError, match="no column tells anything"):
        FeatureSelector().fit(noise, LATE[:100])


def test_a_kept_column_that_is_missing_is_named():
    selector = FeatureSelector(n_features=2).fit(FRAME, LATE)
    with pytest.raises(DataError, match="'grade' is missing, which was kept"):
        selector.transform(FRAME.drop(columns="grade"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "magic"}, "method: expected one of"),
        ({"by": "gain"}, "by: expected one of .* with 'filter'"),
        ({"n_features": 0}, "n_features: expected a whole number from 1"),
        ({"max_correlation": 2}, r"max_correlation: expected a number in \(0, 1\]"),
        ({"task": "ranking"}, "task: expected one of"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        select(FRAME, LATE, **arguments)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (LATE[:10], "expected the index of the table with 600 rows, found another with 10"),
        (LATE.sort_index(ascending=False), "expected the index of the table"),
        (FRAME["amount"], "the target 'amount' is among the columns"),
        (FRAME["count"], "the target 'count' is among the columns"),
        (LOSS.where(LOSS > 0), "found a missing value in row"),
        (LOSS.where(LOSS > 0, np.inf), "expected finite numbers"),
        (LATE & False, "expected two or more values, found 1"),
        (FRAME["key"].rename("y"), "expected classes or numbers, found identifier"),
        (LATE.to_numpy(), "expected the target as a pandas Series, found ndarray"),
    ],
)
def test_a_target_that_does_not_fit_is_refused(target, message):
    with pytest.raises(DataError, match=message):
        select(FRAME, target)


def test_infinite_numbers_are_refused_with_their_row():
    frame = FRAME.assign(amount=FRAME["amount"].where(FRAME.index != 3, np.inf))
    for method in ("filter", "embedded"):
        with pytest.raises(DataError, match="'amount': expected finite numbers, found .* in row 3"):
            select(frame, LATE, method=method)


def test_too_few_rows_of_a_class_are_refused_where_folds_need_them():
    target = pd.Series(["a"] * 3 + ["b"] * (N_ROWS - 3))
    with pytest.raises(DataError, match="at least 5 rows of each class .* found 3"):
        select(FRAME, target, method="wrapper", by="forward")


def test_a_table_of_useless_columns_keeps_none():
    assert select(FRAME[["key", "fixed"]], LATE).kept == ()


def test_scores_of_mutual_information_do_not_depend_on_units():
    schema = Schema.infer(FRAME[["amount"]])
    target = read_target(FRAME, LATE)
    plain = by_mutual_information(FRAME[["amount"]], schema, target)
    bent = by_mutual_information(np.exp(FRAME[["amount"]] / 100), schema, target)
    assert plain.scores == pytest.approx(bent.scores, abs=1e-3)
