"""Block bootstrap: whole blocks are resampled, intervals are as wide as they should be, one draw for all callers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from akitaflow.evaluation import bootstrap, scores


def test_whole_blocks_are_resampled():
    blocks = np.repeat(["a", "b", "c", "d", "e"], [2, 3, 1, 1, 2])
    samples = []

    def statistic(items):
        samples.append(items)
        return len(items)

    first = bootstrap.estimate(statistic, blocks, 50, (1, "x"))
    assert first.value == 9 and first == bootstrap.estimate(statistic, blocks, 50, (1, "x"))
    for items in samples:
        counts = np.bincount(items, minlength=9)
        assert counts[0] == counts[1] and counts[2] == counts[3] == counts[4] and counts[7] == counts[8]
        assert counts[0] + counts[2] + counts[5] + counts[6] + counts[7] == 5
    assert len({tuple(items) for items in samples}) > 5


def test_an_interval_covers_and_narrows():
    random = np.random.default_rng(0)
    data = random.normal(2, 1, 400)
    mean = bootstrap.mean(data, np.arange(400), 500, (7, "name"))
    assert mean.value == data.mean() and mean.low < data.mean() < mean.high
    assert mean.high - mean.low == pytest.approx(4 * 0.98 / 20, rel=0.2)
    # few blocks: a wider interval than as many independent items
    few = bootstrap.mean(np.repeat(random.normal(2, 1, 5), 80), np.repeat(np.arange(5), 80), 500, (7, "name"))
    assert few.high - few.low > 3 * (mean.high - mean.low)
    half = bootstrap.mean(data, np.arange(400), 500, (7, "name"), level=0.5)
    assert mean.low < half.low < half.high < mean.high


def block_means(random, n_blocks):
    """Ten windows of each block, which resemble each other, with a true mean of 0."""
    values = np.repeat(random.normal(0, 1, n_blocks), 10) + random.normal(0, 0.5, 10 * n_blocks)
    return values, np.repeat(np.arange(n_blocks), 10)


@pytest.mark.parametrize("n_blocks", [5, 6, 8, 12, 20])
def test_intervals_cover_a_mean_as_often_as_they_say_from_five_blocks_on(n_blocks):
    random = np.random.default_rng(n_blocks)
    covered, repeats = 0, 1000
    for _ in range(repeats):
        values, blocks = block_means(random, n_blocks)
        of_blocks = values.reshape(n_blocks, 10).mean(axis=1)
        resampled = of_blocks[random.integers(n_blocks, size=(200, n_blocks))].mean(axis=1)
        low, high = bootstrap.interval(values.mean(), resampled, n_blocks)
        covered += low <= 0 <= high
    assert 0.93 <= covered / repeats <= 0.97


def test_percentiles_would_cover_too_little():
    """Why the interval is not that of percentiles; what the docstring of the module says."""
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(1000):
        of_blocks = random.normal(0, 1, 5)
        resampled = of_blocks[random.integers(5, size=(200, 5))].mean(axis=1)
        low, high = np.quantile(resampled, [0.025, 0.975])
        covered += low <= 0 <= high
    assert covered / 1000 < 0.88


@pytest.mark.parametrize("n_blocks", [5, 8, 20])
def test_intervals_cover_a_correlation_from_five_blocks_on(n_blocks):
    """Windows of 40 pixels whose correlation differs between contigs."""
    random = np.random.default_rng(n_blocks)
    covered, repeats = 0, 400
    for _ in range(repeats):
        first = random.normal(size=(n_blocks, 40))
        second = 0.6 * first + random.normal(size=(n_blocks, 40)) * random.uniform(0.7, 0.9, (n_blocks, 1))
        truth = 0.6 / np.sqrt(0.36 + (0.9**3 - 0.7**3) / 0.6)
        moments = np.stack([first, second, first**2, second**2, first * second]).mean(axis=2)

        def pearson(mean):
            covariance = mean[4] - mean[0] * mean[1]
            return covariance / np.sqrt((mean[2] - mean[0] ** 2) * (mean[3] - mean[1] ** 2))

        resampled = pearson(moments[:, random.integers(n_blocks, size=(200, n_blocks))].mean(axis=2))
        low, high = bootstrap.interval(pearson(moments.mean(axis=1)), resampled, n_blocks, limits=bootstrap.CORRELATION)
        covered += low <= truth <= high
    assert 0.92 <= covered / repeats <= 0.98


def test_undefined_statistics_have_no_interval():
    assert np.isnan(bootstrap.estimate(np.mean, [], 10, (1, "x"))).all()
    assert np.isnan(bootstrap.estimate(lambda items: np.nan, range(5), 10, (1, "x"))).all()
    sometimes = bootstrap.estimate(lambda items: 1.0 if 0 in items else np.nan, range(5), 50, (1, "x"))
    assert sometimes == (1, 1, 1)
    assert np.isnan(bootstrap.interval(1.0, [np.nan, np.inf], 9)).all()
    assert np.isnan(bootstrap.interval(np.nan, [1.0, 2.0], 9)).all()


def test_too_few_blocks_leave_the_value_without_an_interval():
    values = np.arange(20.0)
    for n_blocks in (1, 2, 4):
        few = bootstrap.mean(values, np.arange(20) % n_blocks, 20, (1, "x"))
        assert few.value == 9.5 and np.isnan([few.low, few.high]).all()
    five = bootstrap.mean(values, np.arange(20) % 5, 20, (1, "x"))
    assert five.low < 9.5 < five.high


def test_a_paired_difference_is_narrower_than_either():
    random = np.random.default_rng(1)
    shared = random.normal(0, 5, 200)
    first, second = shared + 0.5 + random.normal(0, 0.1, 200), shared
    blocks = np.arange(200) // 4
    paired = bootstrap.difference(lambda i: first[i].mean(), lambda i: second[i].mean(), blocks, 300, (3, "x"))
    assert paired.value == pytest.approx((first - second).mean())
    assert paired.low < paired.value < paired.high and paired.high - paired.low < 0.1
    alone = bootstrap.mean(first, blocks, 300, (3, "x"))
    assert alone.high - alone.low > 5 * (paired.high - paired.low)


def test_a_rank_correlation_is_spearman_s():
    random = np.random.default_rng(2)
    first = random.normal(size=60)
    second = first + random.normal(size=60)
    estimate = bootstrap.rank_correlation(first, second, np.arange(60) // 3, 200, (1, "x"))
    assert estimate.value == pytest.approx(stats.spearmanr(first, second)[0])
    assert estimate.low < estimate.value < estimate.high
    assert estimate.value == scores.spearman(first, second)


def test_resamples_with_a_perfect_correlation_do_not_widen_the_interval():
    low, high = bootstrap.interval(0.98, [0.97, 0.98, 0.99, 1.0] * 10, 30, limits=bootstrap.CORRELATION)
    assert 0.9 < low < 0.98 < high <= 1
    assert bootstrap.interval(1.0, [1.0] * 10, 30, limits=bootstrap.CORRELATION) == (1, 1)


@given(
    value=st.floats(-1, 1),
    resampled=st.lists(st.floats(-1, 1), min_size=1, max_size=20),
    n_blocks=st.integers(bootstrap.MIN_BLOCKS, 100),
)
def test_an_interval_holds_its_value_and_ends_at_the_limits(value, resampled, n_blocks):
    low, high = bootstrap.interval(value, resampled, n_blocks, limits=bootstrap.CORRELATION)
    assert -1 <= low <= value + 1e-9 and value - 1e-9 <= high <= 1
    low, high = bootstrap.interval(abs(value), np.abs(resampled), n_blocks, limits=bootstrap.SHARE)
    assert 0 <= low <= abs(value) <= high <= 1
    low, high = bootstrap.interval(value, resampled, n_blocks)
    assert high - value == pytest.approx(value - low)


@settings(max_examples=40, deadline=None)
@given(
    blocks=st.lists(st.integers(0, 7), min_size=1, max_size=25),
    seed=st.integers(0, 1000),
    shift=st.floats(-5, 5),
)
def test_weights_and_indices_are_the_same_resamples(blocks, seed, shift):
    values = np.random.default_rng(seed).normal(size=len(blocks))
    weights = bootstrap.resampling_weights(blocks, 30, (seed, "x"))
    assert weights.shape == (30, len(blocks))
    for block in set(blocks):  # the items of a block are drawn together
        here = weights[:, np.array(blocks) == block]
        assert (here == here[:, :1]).all()
    interval = bootstrap.interval(values.mean(), weights @ values / weights.sum(axis=1), len(set(blocks)))
    mean = bootstrap.mean(values, blocks, 30, (seed, "x"))
    assert interval == pytest.approx(mean[1:], abs=1e-9, nan_ok=True)
    shifted = bootstrap.mean(values + shift, blocks, 30, (seed, "x"))
    assert np.subtract(shifted, mean) == pytest.approx([shift] * 3, abs=1e-9, nan_ok=True) or len(set(blocks)) < 5
