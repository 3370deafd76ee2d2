"""The network: its numbers, its agreement with the authors' code, its symmetry, and the convolution's own gradient."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from networks import tiny
from places import DATA

from akitaflow.errors import InputError
from akitaflow.genome import sequence
from akitaflow.geometry import Geometry, flip_index
from akitaflow.model.basenji import import_basenji
from akitaflow.model.convolution import Convolution1D, convolve
from akitaflow.model.network import Architecture, build

pytestmark = pytest.mark.tensorflow

PARTS = {"tower": "tower", "trunk": "trunk", "pre_triu_row0": "crop"}


def read_params(path):
    return json.loads(Path(path).read_text())


def reference(folder, name):
    """(architecture, network with the reference weights, arrays) of one of the reference pairs."""
    architecture = Architecture.from_params(read_params(folder / f"{name}_params.json"))
    network = build(architecture, 5)
    import_basenji(network, folder / f"{name}_random.h5")
    return architecture, network, np.load(folder / f"{name}_io.npz")


def shifted(codes, by):
    result = np.full_like(codes, sequence.UNKNOWN)
    if by >= 0:
        result[:, by:] = codes[:, : codes.shape[1] - by]
    else:
        result[:, :by] = codes[:, -by:]
    return result


def check_against_reference(folder, name):
    architecture, network, arrays = reference(folder, name)
    flip = flip_index(architecture.map_bins, architecture.diagonal_offset)
    codes = arrays["x_idx"]

    def predict(codes):
        return network(sequence.one_hot(codes).astype(np.float32), training=False).numpy()

    def both_strands(codes):
        return (predict(codes) + predict(sequence.reverse_complement(codes))[:, flip]) / 2

    outputs = [network.get_layer(layer).output for layer in PARTS.values()]
    parts = keras.Model(network.input, outputs)(sequence.one_hot(codes).astype(np.float32), training=False)
    parts = {key: value.numpy() for key, value in zip(PARTS, parts, strict=True)}
    parts["pre_triu_row0"] = parts["pre_triu_row0"][:, 0]
    parts["y"] = predict(codes)
    parts["y_ens_rc"] = both_strands(codes)
    parts["y_ens_rc_shift0_1_m1"] = np.mean([both_strands(shifted(codes, by)) for by in (0, 1, -1)], axis=0)
    for key, value in parts.items():
        expected = arrays[key]
        assert value.shape == expected.shape, key
        # relative to the largest value: the reference itself is rounded to 32 bits at every layer
        assert np.abs(value - expected).max() <= 1e-5 * max(1, np.abs(expected).max()), key


def test_tiny_reference():
    check_against_reference(DATA, "tiny")


def test_small_reference(shared):
    check_against_reference(shared / "data" / "akita", "small")


def test_published_parameter_counts():
    architecture = Architecture.from_params(read_params(DATA / "params.json"))
    assert architecture == Architecture()  # the defaults are the published numbers
    network = build(architecture, 5)
    assert network.output_shape == (None, 99681, 5)
    assert network.count_params() == 751_653
    assert sum(int(np.prod(weight.shape)) for weight in network.trainable_weights) == 746_149


def test_defaults_of_the_schema_are_the_published_numbers():
    from akitaflow.study.schema import load_schema

    keys = load_schema("config")["properties"]["models"]["additionalProperties"]["properties"]["architecture"][
        "properties"
    ]
    published = Architecture().to_dict()
    assert {key: value["default"] for key, value in keys.items() if key != "params"} == {
        key: published[key] for key in keys if key != "params"
    }


def test_sizes_and_first_weights():
    architecture = tiny()
    assert (architecture.bin_size, architecture.window_bins, architecture.map_bins) == (16, 32, 28)
    network = build(architecture, 3)
    assert network.output_shape == (None, architecture.n_values, 3) == (None, 26 * 27 // 2, 3)
    gammas = {layer.name: layer.gamma.numpy() for layer in network.layers if hasattr(layer, "gamma")}
    zero = {name for name, gamma in gammas.items() if not gamma.any()}
    assert zero == {f"{part}_{i}_back_norm" for part in ("dilated", "map") for i in range(2)}
    assert all((gamma == 1).all() for name, gamma in gammas.items() if name not in zero)


def test_a_network_has_the_numbers_of_its_geometry():
    for network in (Architecture(), tiny()):
        geometry = Geometry.from_bins(network.bin_size, network.window_bins, network.crop_bins, 2, network.pools)
        assert network.geometry == geometry
        assert (network.map_bins, network.n_values) == (geometry.map_bins, geometry.n_values)
        assert build(network, 1).output_shape == (None, geometry.n_values, 1)


def test_map_is_symmetric_before_the_triangle():
    network = build(tiny(), 2)
    for layer in network.layers:
        if hasattr(layer, "gamma"):
            layer.gamma.assign(tf.random.stateless_uniform(layer.gamma.shape, (1, 2)) + 0.5)
    codes = np.random.default_rng(0).integers(0, 4, (2, 512), dtype=np.uint8)
    before = keras.Model(network.input, network.get_layer("crop").output)
    maps = before(sequence.one_hot(codes).astype(np.float32)).numpy()
    assert maps.std() > 0.1
    np.testing.assert_allclose(maps, maps.transpose(0, 2, 1, 3), atol=1e-6)


def test_messages():
    geometry = {"bin_size": 16, "pools": [4, 2], "window_bins": 32, "crop_bins": 2, "diagonal_offset": 2}
    with pytest.raises(InputError, match="multiply to 8, not to bin_size 16"):
        Architecture.from_config(geometry, {})
    with pytest.raises(InputError, match="stem_filter'"):
        Architecture.from_config({**geometry, "pools": [4, 4]}, {"stem_filter": 3})
    with pytest.raises(InputError, match="leave no map"):
        tiny(crop_bins=16)
    params = read_params(DATA / "params.json")
    params["model"]["head_hic"][0]["operation"] = "concat"
    with pytest.raises(InputError, match="one_to_two operation must be 'mean', not 'concat'"):
        Architecture.from_params(params)
    with pytest.raises(InputError, match="geometry of the config"):
        Architecture.from_config({**geometry, "pools": [4, 4]}, {}, read_params(DATA / "params.json"))


@pytest.mark.parametrize(("taps", "rate"), [(5, 1), (4, 1), (3, 2), (1, 1)])
def test_gradient_of_the_convolution(taps, rate):
    x = tf.random.stateless_normal((2, 64, 16), (1, 2))
    kernel = tf.random.stateless_normal((taps, 16, 7), (3, 4))
    target = tf.random.stateless_normal((2, 64, 7), (5, 6))

    def gradients(convolution):
        with tf.GradientTape() as tape:
            tape.watch([x, kernel])
            y = convolution()
            loss = tf.reduce_sum(target * y + y * y)
        return [y, *tape.gradient(loss, [x, kernel])]

    plain = gradients(lambda: tf.nn.convolution(x, kernel, padding="SAME", dilations=rate))
    own = gradients(lambda: convolve(x, kernel, rate))
    for a, b in zip(own, plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5 * np.abs(b).max())


def test_long_sequences_take_the_own_gradient(monkeypatch):
    monkeypatch.setattr("akitaflow.model.convolution.LONG", 64)
    calls = []
    monkeypatch.setattr("akitaflow.model.convolution.convolve", lambda *args: calls.append(args) or convolve(*args))
    layer = Convolution1D(3, 5, padding="same", use_bias=False)
    assert layer(tf.zeros((1, 64, 16))).shape == (1, 64, 3) and len(calls) == 1
    layer(tf.zeros((1, 63, 16)))
    assert len(calls) == 1
