"""Scores and their intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from akitaflow.evaluation import scores

MEASURES = [scores.mse, scores.pearson, scores.spearman]
values = st.floats(-100, 100, width=32)
two_arrays = st.integers(2, 30).flatmap(
    lambda n: st.tuples(hnp.arrays(np.float32, n, elements=values), hnp.arrays(np.float32, n, elements=values))
)


def arrays(shape=(5, 40, 2), missing=0.2):
    random = np.random.default_rng(4)
    a = random.normal(size=shape)
    b = 0.5 * a + random.normal(size=shape)
    a[random.random(shape) < missing] = np.nan
    b[random.random(shape) < missing] = np.inf
    return a.astype(np.float32), b.astype(np.float32)


def test_pooled_scores_use_the_finite_pairs():
    a, b = arrays()
    both = np.isfinite(a) & np.isfinite(b)
    x, y = a[both].astype(float), b[both].astype(float)
    assert scores.mse(a, b) == pytest.approx(np.mean((x - y) ** 2))
    assert scores.pearson(a, b) == pytest.approx(stats.pearsonr(x, y)[0])
    assert scores.spearman(a, b) == pytest.approx(stats.spearmanr(x, y)[0])


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("missing", [0, 0.3])
def test_scores_of_each_window_and_dataset(measure, missing):
    a, b = arrays(missing=missing)
    table = measure(a, b, axis=1)
    assert table.shape == (5, 2)
    for window in range(5):
        for output in range(2):
            assert table[window, output] == pytest.approx(measure(a[window, :, output], b[window, :, output]))


@pytest.mark.parametrize("measure", [scores.pearson, scores.spearman])
def test_a_constant_has_no_correlation(measure):
    varied = np.arange(7.0)
    for constant in (0.0, 0.1, 1e8, -3.7):
        assert np.isnan(measure(np.full(7, constant), varied)) and np.isnan(measure(varied, np.full(7, constant)))
    assert np.isnan(measure([1.0], [2.0]))
    assert np.isnan(measure([np.nan, 1.0, 2.0], [1.0, np.nan, np.nan]))
    assert np.isnan(measure([], []))
    table = measure(np.stack([varied, np.ones(7)]), np.stack([varied, varied]), axis=1)
    assert table[0] == pytest.approx(1) and np.isnan(table[1])


def test_no_pair_has_no_error():
    assert np.isnan(scores.mse([np.nan, 1.0], [1.0, np.nan])) and np.isnan(scores.mse([], []))


@settings(max_examples=80, deadline=None)
@given(two_arrays)
def test_correlations_are_bounded_and_symmetric(pair):
    a, b = pair
    for measure in (scores.pearson, scores.spearman):
        r = measure(a, b)
        assert np.isnan(r) or -1 <= r <= 1
        assert np.isclose(r, measure(b, a), equal_nan=True)
    rank = scores.spearman(a, b)
    assert np.isclose(rank, scores.spearman(a.astype(float) * 4, np.cbrt(b.astype(float))), equal_nan=True)


def test_effects_of_a_perturbation():
    reference, alternative = np.array([1.0, -2.0, 0.5, np.nan]), np.array([0.0, -1.0, 0.5, 3.0])
    assert scores.disruption(reference, alternative) == pytest.approx((1 + 1 + 0) / 3)
    assert scores.signal(reference) == pytest.approx((1 + 4 + 0.25) / 3)
    assert scores.change_in_signal(reference, alternative) == pytest.approx((5.25 - 1.25) / 3)
    assert scores.disruption(reference, reference) == 0 and scores.change_in_signal(reference, reference) == 0
    # all patterns lost: both measures are the signal that was there
    assert scores.disruption(reference, 0 * reference) == scores.change_in_signal(reference, 0 * reference)
    maps = np.stack([reference, alternative], -1)
    assert scores.signal(maps, axis=0) == pytest.approx([5.25 / 3, (1 + 0.25 + 9) / 4])


def test_moments_pool_to_the_same_scores():
    a, b = arrays()
    sums = scores.moments(a, b, axis=1)
    assert sums.shape == (5, 2, 6)
    assert scores.pearson_of_moments(sums.sum(axis=(0, 1))) == pytest.approx(scores.pearson(a, b))
    assert scores.mse_of_moments(sums.sum(axis=(0, 1))) == pytest.approx(scores.mse(a, b))
    assert scores.pearson_of_moments(sums.sum(axis=0))[1] == pytest.approx(scores.pearson(a[..., 1], b[..., 1]))
    assert np.isnan(scores.pearson_of_moments(scores.moments(np.full(9, 0.1), np.arange(9.0))))
    assert np.isnan(scores.mse_of_moments(np.zeros(6)))


@settings(max_examples=50, deadline=None)
@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2), elements=st.floats(-9, 9, width=32)))
def test_a_mean_is_that_of_the_finite_values(table):
    table[table > 5] = np.nan
    for axis in (0, 1, -1):
        lines = [line[np.isfinite(line)] for line in np.moveaxis(table, axis, -1)]
        expected = [line.mean() if line.size else np.nan for line in lines]
        np.testing.assert_allclose(scores.mean(table, axis=axis), expected, rtol=1e-5, atol=1e-6)
    finite = table[np.isfinite(table)]
    np.testing.assert_allclose(scores.mean(table), finite.mean() if finite.size else np.nan, rtol=1e-5, atol=1e-6)
