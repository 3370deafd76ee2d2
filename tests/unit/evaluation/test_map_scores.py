"""Scores of maps that are tensors are those of arrays."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from akitaflow.analyses.insulation import Insulation
from akitaflow.evaluation import map_scores, scores
from akitaflow.geometry import Geometry

pytestmark = pytest.mark.tensorflow

GEOMETRY = Geometry.from_bins(16, 20, 2, 2)


@pytest.fixture(params=["plain", "constant", "not finite"])
def maps(request):
    draw = np.random.default_rng(4)
    reference, values = draw.normal(0.2, 1, (2, GEOMETRY.n_values, 3)).astype(np.float32)
    if request.param == "constant":
        values[:, 1], reference[:, 2] = 0.3, 0
    if request.param == "not finite":
        values[3, 0], reference[5, 0], reference[:, 1] = np.nan, np.inf, np.nan
    return reference, values


def of(kind, reference, values):
    return SimpleNamespace(reference_map=kind(reference), map=kind(values))


@pytest.mark.filterwarnings("ignore:invalid value")
def test_scores_of_tensors_are_those_of_arrays(maps):
    array, tensor = of(np.asarray, *maps), of(tf.constant, *maps)
    expected = {
        map_scores.disruption: scores.disruption(*maps, axis=0),
        map_scores.change_in_signal: scores.change_in_signal(*maps, axis=0),
        map_scores.correlation: scores.pearson(*maps, axis=0),
        map_scores.signal: scores.signal(maps[1], axis=0),
    }
    for score, values in expected.items():
        assert np.array_equal(score(array), values, equal_nan=True)
        scored = score(tensor)
        assert scored.dtype == np.float64 and scored.shape == (3,)
        np.testing.assert_allclose(scored, values, rtol=1e-12, atol=1e-12)
    mixed = SimpleNamespace(reference_map=maps[0], map=tf.constant(maps[1]))  # a reference read from a file
    np.testing.assert_allclose(map_scores.disruption(mixed), expected[map_scores.disruption], rtol=1e-12)


def test_insulation_of_a_tensor_is_that_of_an_array():
    measure = Insulation(GEOMETRY, 4)
    values = np.random.default_rng(1).normal(size=(GEOMETRY.n_values, 2)).astype(np.float32)
    expected = map_scores.insulation(of(np.asarray, values, values), measure)
    assert np.array_equal(expected, measure(values), equal_nan=True) and np.isnan(expected[0]).all()
    on_device = map_scores.insulation(of(tf.constant, values, values), measure)
    np.testing.assert_allclose(on_device, expected, rtol=1e-12, atol=1e-12)
