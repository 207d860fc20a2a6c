"""Reduction finds known axes, bends where the data do, and comes back."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from scenara.shared.data.schema import Schema
from scenara.shared.errors import ArtifactError, ConfigError, DataError, NotFittedError
from scenara.shared.features import FeatureReducer, join_state, split_state
from scenara.shared.features.autoencoder import learn_curved_map
from scenara.shared.features.design import TableDesign
from scenara.shared.features.projections import discriminants, principal_components
from scenara.shared.training import TrainingSettings

RNG = np.random.default_rng(0)
N_ROWS = 300
MATRIX = RNG.normal(size=(N_ROWS, 5)) @ RNG.normal(size=(5, 5)) + 3.0
CLASSES = RNG.integers(0, 2, N_ROWS)
HIDDEN = RNG.normal(size=N_ROWS)
FRAME = pd.DataFrame(
    {
        "key": [f"K-{row:04d}" for row in range(N_ROWS)],
        "income": np.exp(8 + HIDDEN),
        "debt": np.exp(5 + 2 * HIDDEN + 0.1 * RNG.normal(size=N_ROWS)),
        "children": RNG.poisson(1.5, N_ROWS),
        "place": np.where(HIDDEN + RNG.normal(size=N_ROWS) > 0, "north", "south"),
        "grade": RNG.integers(0, 3, N_ROWS),
        "active": RNG.random(N_ROWS) < 0.4,
        "opened": pd.Timestamp("2015-01-01") + pd.to_timedelta(RNG.integers(0, 3_000, N_ROWS), "D"),
        "fixed": 7,
    }
)
FRAME["debt"] = FRAME["debt"].mask(np.arange(N_ROWS) % 9 == 4)
FRAME["place"] = FRAME["place"].mask(np.arange(N_ROWS) % 11 == 4)
RICH = pd.Series(np.where(HIDDEN > 0, "yes", "no"), name="rich")
METHODS = ("autoencoder", "lda", "pca")


def reducer_of(method, **options):
    n_components = 1 if method == "lda" else 2
    settings = {"n_components": n_components, "n_steps": 30, "random_state": 0} | options
    return FeatureReducer(method=method, **settings)


@pytest.fixture(scope="module", params=METHODS)
def fitted(request):
    return reducer_of(request.param).fit(FRAME, RICH)


def curve(n_rows, seed):
    """Give points on a curve of one dimension in three, with a little noise."""
    rng = np.random.default_rng(seed)
    t = rng.uniform(-1.5, 1.5, n_rows)
    points = np.column_stack([t, t**2 - 0.75, np.sin(2 * t)])
    return points + 0.02 * rng.normal(size=points.shape)


def error_of(learned, matrix):
    return float(((learned.inverse(learned.transform(matrix)) - matrix) ** 2).mean())


def test_principal_components_are_those_of_the_covariance():
    found = principal_components(MATRIX, n_components=3)
    sizes, directions = np.linalg.eigh(np.cov(MATRIX.T))
    overlap = np.abs(np.diag(found.weights.T @ directions[:, ::-1][:, :3]))
    assert overlap == pytest.approx(np.ones(3), abs=1e-10)
    assert found.transform(MATRIX).var(axis=0, ddof=1) == pytest.approx(sizes[::-1][:3])
    assert found.shares == pytest.approx(sizes[::-1][:3] / sizes.sum())


def test_principal_components_are_those_of_scikit_learn_up_to_sign():
    found = np.abs(principal_components(MATRIX, n_components=2).transform(MATRIX))
    assert found == pytest.approx(np.abs(PCA(2).fit_transform(MATRIX)), abs=1e-9)


def test_all_principal_components_give_the_matrix_back():
    assert error_of(principal_components(MATRIX, n_components=5), MATRIX) < 1e-20


def test_a_share_of_the_variance_asks_for_as_many_axes_as_it_takes():
    shares = principal_components(MATRIX, n_components=5).shares
    found = principal_components(MATRIX, n_components=float(shares[:2].sum()) - 1e-6)
    assert found.n_components == 2


def test_the_discriminant_of_two_classes_is_the_closed_form():
    found = discriminants(MATRIX, CLASSES).weights[:, 0]
    means = [MATRIX[CLASSES == c].mean(axis=0) for c in (0, 1)]
    within = sum(
        (MATRIX[CLASSES == c] - means[c]).T @ (MATRIX[CLASSES == c] - means[c]) for c in (0, 1)
    )
    closed = np.linalg.solve(within, means[1] - means[0])
    assert abs(found @ closed) / np.linalg.norm(found) / np.linalg.norm(closed) == pytest.approx(1)


def test_discriminants_of_three_classes_are_those_of_scikit_learn():
    classes = np.arange(N_ROWS) % 3
    rows = MATRIX + np.eye(5)[classes] * 3
    found = discriminants(rows, classes).transform(rows)
    reference = LinearDiscriminantAnalysis().fit_transform(rows, classes)
    assert np.abs(found) == pytest.approx(np.abs(reference), abs=1e-8)


def test_classes_have_unit_variance_on_discriminants():
    scores = discriminants(MATRIX, CLASSES).transform(MATRIX)[:, 0]
    parts = [scores[CLASSES == c] for c in (0, 1)]
    pooled = sum(((part - part.mean()) ** 2).sum() for part in parts) / N_ROWS
    assert pooled == pytest.approx(1)


def test_redundant_columns_do_not_change_discriminants():
    doubled = np.hstack([MATRIX, MATRIX[:, :2]])
    found, plain = (discriminants(rows, CLASSES).transform(rows) for rows in (doubled, MATRIX))
    assert np.abs(found) == pytest.approx(np.abs(plain), abs=1e-6)


def test_an_autoencoder_follows_a_curve_that_no_line_can():
    train, test = curve(800, seed=0), curve(400, seed=1)
    settings = TrainingSettings(n_steps=1_000, learning_rate=5e-3, device="cpu")
    learned = learn_curved_map(train, n_components=1, settings=settings, random_state=0)
    straight = principal_components(train, n_components=1)
    # The noise alone leaves 0.02^2; a third of it lies along the curve.
    assert error_of(learned, test) < 5 * 0.02**2
    assert error_of(learned, test) < error_of(straight, test) / 50


def test_an_untrained_autoencoder_is_the_principal_components():
    settings = TrainingSettings(n_steps=1, learning_rate=1e-12, device="cpu")
    learned = learn_curved_map(MATRIX, n_components=2, settings=settings, random_state=0)
    straight = principal_components(MATRIX, n_components=2)
    # The autoencoder sees nine tenths of the rows.
    assert error_of(learned, MATRIX) == pytest.approx(error_of(straight, MATRIX), rel=0.05)


def test_a_hidden_factor_is_the_first_axis_of_a_mixed_table():
    scores = FeatureReducer(n_components=1).fit(FRAME).transform(FRAME)["pca0"]
    assert abs(np.corrcoef(scores, HIDDEN)[0, 1]) > 0.85


def test_the_discriminant_of_a_mixed_table_parts_its_classes():
    scores = reducer_of("lda").fit(FRAME, RICH).transform(FRAME)["lda0"]
    apart = scores.groupby(RICH).mean().diff().iloc[-1]
    assert abs(apart) > 2


def test_columns_of_the_design_weigh_alike():
    frame = FRAME[["income", "active", "place"]]
    design = TableDesign.of(frame, Schema.infer(frame))
    variances = design.matrix(frame).var(axis=0)
    found = [variances[places].sum() for places in design.places().values()]
    # A number has inertia one, k levels k - 1; missing cells of "place" are a level.
    assert found == pytest.approx([1, 1, 2])


def test_the_positions_have_names_and_the_index_of_the_table(fitted):
    rows = FRAME[::-2]
    found = fitted.transform(rows)
    assert found.index.equals(rows.index)
    assert found.columns.tolist() == [f"{fitted.method}{i}" for i in range(found.shape[1])]
    assert np.isfinite(found.to_numpy()).all()


def test_a_row_lies_where_it_lies_whatever_rows_are_with_it(fitted):
    found = fitted.transform(FRAME).iloc[:20]
    pd.testing.assert_frame_equal(fitted.transform(FRAME[:20]), found, atol=1e-6)


def test_useless_columns_are_left_out_and_named(fitted):
    assert sorted(fitted.dropped_) == ["fixed", "key"]


def test_the_table_is_not_changed(fitted):
    before = FRAME.copy(deep=True)
    clone(fitted).fit(FRAME, RICH).transform(FRAME)
    pd.testing.assert_frame_equal(FRAME, before)


@pytest.mark.parametrize("method", ["pca", "autoencoder"])
def test_positions_decode_to_a_table_of_the_same_columns_and_dtypes(method):
    reducer = reducer_of(method).fit(FRAME)
    found = reducer.inverse_transform(reducer.transform(FRAME[:50]))
    assert found.columns.tolist() == [name for name in FRAME if name not in ("key", "fixed")]
    whole = found.columns[~found.isna().any()]
    assert found.dtypes[whole].tolist() == FRAME.dtypes[whole].tolist()


def test_all_axes_give_the_table_back():
    reducer = FeatureReducer().fit(FRAME)
    found = reducer.inverse_transform(reducer.transform(FRAME))
    pd.testing.assert_frame_equal(found, FRAME[found.columns])


def test_state_survives_json_and_arrays(fitted):
    values, arrays = split_state(fitted.state())
    again = FeatureReducer.from_state(join_state(json.loads(json.dumps(values)), arrays))
    pd.testing.assert_frame_equal(again.transform(FRAME), fitted.transform(FRAME))
    assert again.get_params() == fitted.get_params()


def test_the_same_seed_gives_the_same_positions(fitted):
    again = clone(fitted).fit(FRAME, RICH)
    pd.testing.assert_frame_equal(again.transform(FRAME), fitted.transform(FRAME))


def test_nothing_leaks_when_the_reducer_is_cross_validated_in_a_pipeline():
    rng = np.random.default_rng(0)
    noise = pd.DataFrame(rng.normal(size=(90, 30))).add_prefix("x")
    coin = pd.Series(rng.permutation(np.repeat([0, 1], 45)))
    pipeline = make_pipeline(FeatureReducer(method="lda"), LogisticRegression())
    honest = cross_val_score(pipeline, noise, coin, cv=3).mean()
    scores = FeatureReducer(method="lda").fit(noise, coin).transform(noise)
    fooled = cross_val_score(LogisticRegression(), scores, coin, cv=3).mean()
    # A coin is guessed with a standard error of .053; axes that saw all rows seem to do better.
    assert abs(honest - 0.5) < 0.16 < fooled - 0.5


@pytest.mark.parametrize(
    ("column", "level"), [("place", "abroad"), ("grade", 9)], ids=["text", "number"]
)
def test_an_unknown_level_is_refused_or_taken_for_missing_as_told(column, level):
    rows = FRAME[:5].assign(**{column: level})
    with pytest.raises(DataError, match=f"column '{column}': level .* was not seen when fitting"):
        reducer_of("pca").fit(FRAME).transform(rows)
    found = reducer_of("pca", unknown="missing").fit(FRAME).transform(rows)
    assert np.isfinite(found.to_numpy()).all()


def test_cells_may_be_missing_that_never_were_in_fit():
    rows = FRAME[:5].assign(income=np.nan, active=None, grade=None)
    assert np.isfinite(reducer_of("pca").fit(FRAME).transform(rows).to_numpy()).all()


def test_arrays_that_must_not_be_written_to_are_read():
    reducer = reducer_of("autoencoder").fit(FRAME)
    positions = reducer.transform(FRAME).to_numpy()
    positions.flags.writeable = False
    assert len(reducer.inverse_transform(positions)) == N_ROWS


def test_discriminants_have_no_inverse():
    reducer = reducer_of("lda").fit(FRAME, RICH)
    with pytest.raises(ConfigError, match="discriminants have no inverse"):
        reducer.inverse_transform(reducer.transform(FRAME))


@pytest.mark.parametrize("verb", ["transform", "inverse_transform"])
def test_nothing_works_before_fit(verb):
    with pytest.raises(NotFittedError, match="call fit"):
        getattr(FeatureReducer(), verb)(FRAME)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "tsne"}, "method: expected one of"),
        ({"unknown": "guess"}, "unknown: expected one of"),
        ({"n_components": 0}, "n_components: expected a whole number from 1"),
        ({"n_components": 1.5}, "n_components: expected a whole number from 1"),
        ({"method": "lda", "n_components": 2}, "from 1 to 1, as there are 2 classes"),
        ({"method": "autoencoder", "n_components": 0.5}, "a share is for the method 'pca'"),
    ],
)
def test_wrong_arguments_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        FeatureReducer(**options).fit(FRAME, RICH)


@pytest.mark.parametrize(
    ("method", "frame", "target", "message"),
    [
        ("pca", FRAME[["key", "fixed"]], None, "found no column that varies"),
        ("pca", FRAME[:0], None, "expected a table with rows, found none"),
        ("pca", MATRIX, None, "expected a pandas DataFrame, found ndarray"),
        ("lda", FRAME, None, "the method 'lda' parts the classes of a target"),
        ("lda", FRAME, RICH[:9], "expected the index of the table"),
        ("lda", FRAME[:3], pd.Series([*"abc"]), "expected classes of several rows"),
        ("autoencoder", FRAME[:5], None, "expected at least 10 rows, found 5"),
        (
            "pca",
            FRAME.replace({"income": {FRAME.loc[3, "income"]: np.inf}}),
            None,
            "expected finite numbers",
        ),
    ],
)
def test_tables_that_can_not_be_reduced_are_refused(method, frame, target, message):
    with pytest.raises(DataError, match=message):
        FeatureReducer(method=method).fit(frame, target)


def test_a_missing_column_is_named():
    with pytest.raises(DataError, match="column 'debt' is missing"):
        reducer_of("pca").fit(FRAME).transform(FRAME.drop(columns="debt"))


def test_positions_of_another_shape_are_refused():
    with pytest.raises(DataError, match=r"expected positions \(rows, 2\), found \(1, 3\)"):
        reducer_of("pca").fit(FRAME).inverse_transform(np.zeros((1, 3)))


def test_another_state_is_refused():
    with pytest.raises(ArtifactError, match="expected that of a FeatureReducer"):
        FeatureReducer.from_state({"is": "dict", "of": []})
