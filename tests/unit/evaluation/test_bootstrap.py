"""Block bootstrap: whole blocks are resampled, intervals are as wide as they should be, one draw for all callers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from akitaflow.evaluation import bootstrap, scores


def test_whole_blocks_are_resampled():
    blocks = np.repeat(["a", "b", "c"], [2, 3, 1])
    samples = []

    def statistic(items):
        samples.append(items)
        return len(items)

    first = bootstrap.estimate(statistic, blocks, 50, (1, "x"))
    assert first.value == 6 and first == bootstrap.estimate(statistic, blocks, 50, (1, "x"))
    for items in samples:
        counts = np.bincount(items, minlength=6)
        assert counts[0] == counts[1] and counts[2] == counts[3] == counts[4]
        assert counts[0] + counts[2] + counts[5] == 3
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


def test_intervals_cover_the_true_mean_as_often_as_they_say():
    random = np.random.default_rng(3)
    covered = 0
    for k in range(200):
        blocks = np.repeat(np.arange(40), 3)
        values = np.repeat(random.normal(0, 1, 40), 3) + random.normal(0, 0.3, 120)
        mean = bootstrap.mean(values, blocks, 200, (k, "coverage"))
        covered += mean.low <= 0 <= mean.high
    assert stats.binomtest(covered, 200, 0.93).pvalue > 0.01


def test_undefined_statistics_have_no_interval():
    assert np.isnan(bootstrap.estimate(np.mean, [], 10, (1, "x"))).all()
    assert np.isnan(bootstrap.estimate(lambda items: np.nan, [1, 2], 10, (1, "x"))).all()
    sometimes = bootstrap.estimate(lambda items: 1.0 if 0 in items else np.nan, [1, 2, 3], 50, (1, "x"))
    assert sometimes == (1, 1, 1)
    assert np.isnan(bootstrap.percentile_interval([np.nan, np.inf])).all()


def test_too_few_blocks_leave_the_value_without_an_interval():
    values = np.arange(4.0)
    one = bootstrap.mean(values, np.zeros(4), 20, (1, "x"), min_blocks=2)
    assert one.value == 1.5 and np.isnan([one.low, one.high]).all()
    assert bootstrap.mean(values, np.zeros(4), 20, (1, "x")) == (1.5, 1.5, 1.5)
    two = bootstrap.mean(values, [0, 0, 1, 1], 20, (1, "x"), min_blocks=2)
    assert two.low < 1.5 < two.high


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


@settings(max_examples=40, deadline=None)
@given(
    blocks=st.lists(st.integers(0, 5), min_size=1, max_size=25),
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
    low, high = bootstrap.percentile_interval(weights @ values / weights.sum(axis=1))
    mean = bootstrap.mean(values, blocks, 30, (seed, "x"))
    assert (low, high) == pytest.approx(mean[1:], abs=1e-12) and low <= high
    shifted = bootstrap.mean(values + shift, blocks, 30, (seed, "x"))
    assert np.subtract(shifted, mean) == pytest.approx(shift, abs=1e-9)
