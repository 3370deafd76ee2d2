"""Maps that stay on the device: padded batches, when the network is compiled, and 16 bits."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from fakes import random_genome
from networks import tiny

from akitaflow.errors import InputError
from akitaflow.evaluation import map_scores
from akitaflow.model.folding_model import FoldingModel
from akitaflow.model.network import build
from akitaflow.model.on_device import OnDevice, in_precision
from akitaflow.prediction.perturb import Randomise
from akitaflow.prediction.stream import Average, Request, stream

pytestmark = pytest.mark.tensorflow

ARCHITECTURE = tiny(dilated_blocks=1, map_blocks=1)


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(4)
    return build(ARCHITECTURE, 2)


def codes_of(count):
    return np.random.default_rng(0).integers(0, 5, (count, ARCHITECTURE.length)).astype(np.uint8)


def test_it_is_compiled_once_for_batches_of_one_size(network, capsys):
    codes = codes_of(5)
    expected = network(tf.one_hot(codes, 4), training=False).numpy()
    route = OnDevice(network, compile_after=2 * ARCHITECTURE.length)
    sizes = []
    compiled = route._compiled
    route._compiled = lambda batch: sizes.append(len(batch)) or compiled(batch)
    for low, high in ((0, 2), (2, 5), (1, 2), (0, 3)):  # the first batch is predicted plain
        maps = route.predict(codes[low:high])
        assert isinstance(maps, tf.Tensor) and maps.dtype == tf.float32
        np.testing.assert_allclose(maps, expected[low:high], atol=1e-4)
    assert sizes == [3, 3, 3]
    assert capsys.readouterr().err.count("Compiling the network for batches of 3 windows") == 1


def test_a_stream_of_tensors_gives_the_maps_and_scores_of_arrays(network):
    genome = random_genome(5, chr1=1200)
    window = ("chr1", 100, 100 + ARCHITECTURE.length)
    draws = tuple((Randomise(200, 260, (1, draw)),) for draw in range(3))
    average = Average(reverse_complement=True, shifts=(0, 1))
    arrays, tensors = (FoldingModel(network, ARCHITECTURE, ["A", "B"]) for _ in range(2))
    tensors.on_gpu, tensors.route = True, OnDevice(network)
    known = arrays.predict_codes(genome.fetch(*window)[None])[0]
    requests = [Request(window, draws), Request(window, draws[:1]), Request(("chr1", 0, 512), draws[:1], None, known)]
    predictions, expected = (list(stream(m, genome, requests, average=average)) for m in (tensors, arrays))
    assert [p.alternative for p in predictions] == [None, 0, 1, 2, None, 0, None, 0]
    for a, b in zip(predictions, expected, strict=True):
        assert isinstance(a.map, tf.Tensor) and isinstance(a.values, np.ndarray)
        np.testing.assert_allclose(a.values, b.values, atol=1e-4)
        np.testing.assert_allclose(a.reference, b.reference, atol=1e-4)
        np.testing.assert_allclose(map_scores.disruption(a), map_scores.disruption(b), atol=1e-4)
    assert predictions[0].reference is predictions[0].values


def test_bfloat16_keeps_the_weights_and_gives_similar_maps(network):
    half = in_precision(network, ARCHITECTURE, 2, "bfloat16")
    assert keras.config.dtype_policy().name == "float32"
    assert in_precision(network, ARCHITECTURE, 2, "float32") is network
    for a, b in zip(half.weights, network.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    model = FoldingModel(network, ARCHITECTURE, ["A", "B"], precision="bfloat16")
    expected = FoldingModel(network, ARCHITECTURE, ["A", "B"]).predict_codes(codes_of(2))
    values = model.predict_codes(codes_of(2))
    assert values.dtype == np.float32
    assert 0 < np.abs(values - expected).max() < 0.05 * np.abs(expected).max()
    with pytest.raises(InputError, match="write one of float32, bfloat16"):
        FoldingModel(network, ARCHITECTURE, ["A", "B"], precision="float16")
