"""The signature obeys the identities that define it."""

import numpy as np
import pytest

from scenara.finance.market.facts import signature

PATHS = np.random.default_rng(0).normal(size=(3, 9, 2)).cumsum(axis=1)


def levels(terms, n_channels=2, depth=4):
    edges = np.cumsum([n_channels**k for k in range(1, depth + 1)])
    return np.split(terms, edges[:-1], axis=-1)


def test_the_first_level_is_the_increment():
    np.testing.assert_allclose(signature(PATHS)[:, :2], PATHS[:, -1] - PATHS[:, 0])


def test_a_straight_line_has_the_exponential_of_its_increment():
    step = np.array([0.3, -2.0])
    first, second, third, _ = levels(signature(np.array([[[0.0, 0.0], step]]))[0])
    np.testing.assert_allclose(second, np.outer(first, step).ravel() / 2)
    np.testing.assert_allclose(third, np.einsum("i,j,k", step, step, step).ravel() / 6)


def test_terms_obey_the_shuffle_identity():
    first, second, third, fourth = levels(signature(PATHS))
    x, y = first.T
    word = dict(zip(("xx", "xy", "yx", "yy"), second.T, strict=True))
    np.testing.assert_allclose(x * y, word["xy"] + word["yx"])
    np.testing.assert_allclose(x * word["xx"], 3 * third[:, 0])
    np.testing.assert_allclose(word["yy"] ** 2, 6 * fourth[:, -1])


def test_joined_paths_multiply():
    whole = levels(signature(PATHS))
    a, b = levels(signature(PATHS[:, :5])), levels(signature(PATHS[:, 4:]))
    product = a[1] + np.einsum("ni,nj->nij", a[0], b[0]).reshape(3, -1) + b[1]
    np.testing.assert_allclose(whole[1], product)


def test_points_between_two_points_change_nothing():
    between = np.stack([PATHS[:, :-1], (PATHS[:, :-1] + PATHS[:, 1:]) / 2], axis=2)
    denser = np.concatenate([between.reshape(3, -1, 2), PATHS[:, -1:]], axis=1)
    np.testing.assert_allclose(signature(denser), signature(PATHS), atol=1e-12)


def test_a_loop_encloses_its_area():
    square = np.array([[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]], float)
    _, second, *_ = levels(signature(square)[0])
    assert (second[1] - second[2]) / 2 == pytest.approx(1)


@pytest.mark.parametrize(("n_channels", "depth", "n_terms"), [(3, 4, 120), (2, 1, 2), (1, 3, 3)])
def test_there_is_one_term_a_word(n_channels, depth, n_terms):
    assert signature(np.zeros((2, 5, n_channels)), depth=depth).shape == (2, n_terms)
