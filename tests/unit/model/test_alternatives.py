"""The alternatives to parts of the network: what each computes, that each learns, and which do not go together."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from networks import tiny
from places import DATA
from trainings import QUICK, made_up

from akitaflow.errors import InputError
from akitaflow.model import alternatives
from akitaflow.model.folding_model import load_model, save_model
from akitaflow.model.forms import FORM
from akitaflow.model.network import Architecture, MeanOfPairs, build
from akitaflow.study.alternative_models import PUBLISHED
from akitaflow.study.schema import load_schema
from akitaflow.training import loop
from akitaflow.training.comparison import asymmetry
from akitaflow.training.examples import Examples

pytestmark = pytest.mark.tensorflow

FORMS = {
    name: alternative["architecture"] for name, alternative in PUBLISHED.items() if alternative.get("architecture")
}


def random_weights(network):
    """The network with random weights everywhere, so that no block is switched off by a gamma of 0."""
    draw = np.random.default_rng(3)
    for weight in network.trainable_weights:
        weight.assign(draw.normal(0, 0.3, weight.shape) + ("gamma" in weight.path))
    return network


def sequences(count, length=512):
    return np.eye(4, dtype=np.float32)[np.random.default_rng(5).integers(0, 4, (count, length))]


@pytest.mark.parametrize("name", FORMS)
def test_every_alternative_learns_with_all_its_weights_and_loads_again(name, tmp_path):
    architecture = replace(tiny(dilated_blocks=1, map_blocks=1), **FORMS[name])
    network = build(architecture, 2)
    assert network.output_shape == (None, architecture.n_values, 2)
    before = [weight.numpy() for weight in network.trainable_weights]
    optimizer, losses = keras.optimizers.Adam(0.001), []
    x, y = (np.stack(part) for part in zip(*made_up(4, architecture).ordered().as_numpy_iterator(), strict=True))
    for _ in range(3):
        with tf.GradientTape() as tape:
            predicted = network(x.astype(np.float32), training=True)
            loss = sum(network.losses, tf.reduce_mean((predicted - y.astype(np.float32)) ** 2))
        optimizer.apply(tape.gradient(loss, network.trainable_weights), network.trainable_weights)
        losses.append(float(loss))
    assert losses[-1] < losses[0]
    still = [w.path for w, old in zip(network.trainable_weights, before, strict=True) if np.array_equal(w.numpy(), old)]
    assert not still, "no gradient reaches these weights"
    save_model(tmp_path, network, {"architecture": architecture.to_dict(), "outputs": ["A", "B"]})
    again = load_model(tmp_path)
    assert again.architecture == architecture
    np.testing.assert_allclose(again.network(x[:1], training=False), network(x[:1], training=False), rtol=1e-6)


@pytest.mark.parametrize("name", ["lstm", "separable"])
def test_layers_of_other_kinds_train_in_compiled_deterministic_steps(name, tmp_path):
    architecture = replace(tiny(dilated_blocks=1, map_blocks=0), **FORMS[name])
    data = Examples(made_up(4, architecture), made_up(2, architecture, seed=1), name)
    numbers = replace(QUICK, epochs=1)
    trained = loop.train(data, architecture, numbers, ["A", "B"], 1, tmp_path)
    assert np.isfinite(trained.history[["loss", "valid_loss"]]).all(axis=None)


def test_a_description_without_the_new_fields_is_the_published_form():
    old = {key: value for key, value in tiny().to_dict().items() if key not in FORM}
    assert Architecture(**old) == tiny()


@pytest.mark.parametrize(
    ("name", "join"),
    [
        ("concatenate", lambda a, b: np.concatenate([a, b])),
        ("product", lambda a, b: a * b),
        ("max", np.maximum),
        ("mean", lambda a, b: (a + b) / 2),
    ],
)
def test_pairs(name, join):
    x = np.random.default_rng(1).normal(size=(2, 5, 3)).astype(np.float32)
    joined = (alternatives.PAIRS | {"mean": MeanOfPairs})[name]()(x).numpy()
    for i in range(5):
        for j in range(5):
            np.testing.assert_allclose(joined[1, i, j], join(x[1, i], x[1, j]), rtol=1e-6)


@pytest.mark.parametrize("pairs", FORM["pairs"])
def test_symmetrized_maps_are_symmetric_however_pairs_are_made(pairs):
    network = random_weights(build(tiny(pairs=pairs), 2))
    maps = keras.Model(network.input, network.get_layer("crop").output)(sequences(2)).numpy()
    assert maps.std() > 0.1
    np.testing.assert_allclose(maps, maps.transpose(0, 2, 1, 3), atol=1e-4 * np.abs(maps).max())


def test_asymmetry_is_zero_with_symmetrization_and_not_without():
    x = tf.data.Dataset.from_tensor_slices((sequences(3).astype(np.uint8), np.zeros(3)))
    asymmetries = {
        symmetrize: asymmetry(random_weights(build(tiny(symmetrize=symmetrize), 2)), x, 2)
        for symmetrize in (True, False)
    }
    assert asymmetries[True].max() < 1e-4
    assert asymmetries[False].min() > 0.01
    assert np.isnan(asymmetry(build(tiny(head="zigzag"), 2), x, 2)).all()


def test_no_distance_channel():
    with_channel, without = (
        build(tiny(distance=distance), 1).get_layer("map_first_conv") for distance in (True, False)
    )
    assert with_channel.kernel.shape[2] == without.kernel.shape[2] + 1


def test_the_lstm_has_about_the_parameters_of_the_dilated_blocks_or_the_units_asked_for():
    published = Architecture()
    plain, lstm = build(published, 5).count_params(), build(replace(published, trunk="lstm"), 5).count_params()
    assert abs(lstm / plain - 1) < 0.02
    network = build(tiny(trunk="lstm", lstm_units=7), 1)
    assert network.get_layer("lstm").output.shape == (None, 32, 14)
    assert not any(layer.name.startswith("dilated") for layer in network.layers)


def test_the_lstm_reaches_both_ends_of_the_window():
    network = random_weights(build(tiny(trunk="lstm"), 1))
    trunk = keras.Model(network.input, network.get_layer("trunk").output)
    x = sequences(1)
    middle = trunk(x).numpy()[0, 16]
    for place in (0, 511):
        changed = x.copy()
        changed[0, place] = np.roll(changed[0, place], 1)
        assert np.abs(trunk(changed).numpy()[0, 16] - middle).max() > 0


def test_the_network_of_the_paper_s_text_has_its_layers_and_numbers():
    """Against the text; the files, which made the published weights, have 751,653 parameters."""
    text = build(replace(Architecture(), **FORMS["text"]), 5)
    assert build(Architecture(), 5).count_params() == 751653
    bottleneck, first = text.get_layer("bottleneck_conv").kernel, text.get_layer("map_first_conv").kernel
    assert (bottleneck.shape, first.shape) == ((1, 96, 48), (1, 1, 49, 48))
    narrower = (5 * 96 * 64 - 96 * 48) + 4 * (
        64 - 48
    )  # weights, and four numbers of the batch normalisation of a filter
    first_block = (9 * 65 - 49) * 48
    assert text.count_params() == 751653 - narrower - first_block == 699749


def order_of(network, block):
    """Kinds of the layers of a block, in order."""
    kinds = {"conv": "convolution", "norm": "normalisation", "relu": "ReLU", "pool": "pool"}
    names = [layer.name for layer in network.layers if layer.name.rpartition("_")[0] == block]
    return [kinds[name.rpartition("_")[2]] for name in names if name.rpartition("_")[2] in kinds]


def test_blocks_begin_with_the_relu_or_the_convolution():
    files, text = build(tiny(), 1), build(tiny(block_order="convolution_first"), 1)
    for block in ("stem", "tower_1"):
        assert order_of(text, block) == ["convolution", "normalisation", "ReLU", "pool"]
    assert order_of(files, "stem") == ["convolution", "normalisation", "pool"]
    assert order_of(files, "tower_1") == ["ReLU", "convolution", "normalisation", "pool"]
    assert text.count_params() == files.count_params()
    # with a gamma of 0 at its end, a residual block passes on what it is given, which a ReLU has made positive
    before, after = (text.get_layer(name).output for name in ("tower", "dilated_0_relu"))
    values = keras.Model(text.input, [before, after])(sequences(2))
    np.testing.assert_array_equal(*values)
    assert values[0].numpy().min() >= 0 and values[0].numpy().std() > 0


def test_separable_convolutions_are_the_product_of_both_parts():
    network = build(tiny(convolution="separable"), 1)
    kinds = {layer.name: type(layer).__name__ for layer in network.layers if layer.name.endswith("_conv")}
    assert kinds["stem_conv"] == "Convolution1D" and kinds["map_0_back_conv"] == "Conv2D"
    assert kinds["tower_1_conv"] == "SeparableConv1D" and kinds["map_1_wide_conv"] == "SeparableConv2D"
    layer = network.get_layer("map_1_wide_conv")
    depthwise, pointwise = (np.asarray(kernel) for kernel in (layer.depthwise_kernel, layer.pointwise_kernel))
    assert depthwise.shape[-1] == 1
    full = depthwise * pointwise[0, 0][None, None]  # (3, 3, channels, 1) x (channels, filters)
    x = np.random.default_rng(2).normal(size=(1, 12, 12, full.shape[2])).astype(np.float32)
    expected = tf.nn.convolution(x, full.astype(np.float32), padding="SAME", dilations=2)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)


@pytest.mark.parametrize(("n_bins", "offset"), [(9, 2), (12, 1), (5, 0)])
def test_poles_and_views_have_every_pair_once(n_bins, offset):
    triangle = list(zip(*np.triu_indices(n_bins, offset), strict=True))
    poles = [
        (c - d // 2, c + -(-d // 2)) for c in range(n_bins) for d in range(offset, n_bins)
    ]  # where the numbers of a pole stand, as its definition says
    index = alternatives.pole_index(n_bins, offset)
    assert [poles[place] for place in index] == triangle
    assert len(set(index)) == len(triangle)
    inside = [place for place, (i, j) in enumerate(poles) if 0 <= i and j < n_bins]
    assert sorted(index) == inside  # what is inside of the map is all used

    right = [(i, i + d) for i in range(n_bins) for d in range(offset, n_bins)]
    left = [(i - d, i) for i in range(n_bins) for d in range(offset, n_bins)]
    slots = np.array([right, left]).reshape(2, n_bins, -1, 2).transpose(1, 0, 2, 3).reshape(-1, 2)
    views = alternatives.view_index(n_bins, offset)
    for side in (0, 1):
        assert [tuple(slots[place]) for place in views[:, side]] == triangle
    assert len(np.unique(views)) == 2 * len(triangle)


def test_the_loss_of_virtual_4c_is_the_mean_of_both_views():
    network = random_weights(build(tiny(head="virtual_4c", dilated_dropout=0.0), 2))
    x = sequences(3)
    target = np.random.default_rng(7).normal(size=(3, *network.output_shape[1:])).astype(np.float32)
    first, second = (view.numpy() for view in alternatives.views(network)(x))
    assert np.abs(first - second).max() > 0.1
    prediction = network(x, training=True).numpy()
    loss = np.mean((prediction - target) ** 2) + float(sum(network.losses))
    of_trained = keras.Model(network.input, network.get_layer("views").output)(x, training=True).numpy()
    both = np.mean((of_trained - target[:, :, None]) ** 2)
    assert loss == pytest.approx(both, rel=1e-5)
    assert len(network.losses) == 1  # of this call, not one more for each


def test_training_minimises_the_loss_of_both_views(tmp_path):
    """What the history says is the mean error of both views, not that of their mean alone."""
    architecture = tiny(dilated_blocks=1, dilated_dropout=0.0, head="virtual_4c")
    data = Examples(made_up(2, architecture), made_up(2, architecture, seed=1), "views")
    numbers = replace(QUICK, batch_size=2, epochs=1, shift=0, reverse_complement=False, learning_rate=1e-9)
    trained = loop.train(data, architecture, numbers, ["A", "B"], 1, tmp_path)
    x, y = (np.stack(part) for part in zip(*data.train.ordered().as_numpy_iterator(), strict=True))
    network = trained.model
    views = keras.Model(network.input, network.get_layer("views").output)(x.astype(np.float32), training=True)
    both = np.mean((views.numpy() - y[:, :, None]) ** 2)
    mean = np.mean((views.numpy().mean(axis=2) - y) ** 2)
    assert trained.history["loss"].iloc[0] == pytest.approx(both, rel=1e-4)
    assert mean < 0.99 * both


def test_options_that_exclude_each_other_are_refused():
    with pytest.raises(InputError, match="architecture.pairs: found 'sum'; write one of mean, concatenate"):
        tiny(pairs="sum")
    with pytest.raises(InputError, match="lstm_units: needs trunk: lstm"):
        tiny(lstm_units=3)
    for key, value in (("pairs", "max"), ("distance", False), ("symmetrize", False)):
        with pytest.raises(InputError, match=f"architecture.{key}: a head zigzag has no map"):
            tiny(head="zigzag", **{key: value})


def test_a_file_of_the_authors_keeps_the_form_of_the_config():
    params = json.loads((DATA / "tiny_params.json").read_text())
    plain = Architecture.from_params(params)
    geometry = {
        "bin_size": plain.bin_size,
        "pools": plain.pools,
        "window_bins": plain.window_bins,
        "crop_bins": plain.crop_bins,
        "diagonal_offset": plain.diagonal_offset,
    }
    assert Architecture.from_config(geometry, {}, params) == plain
    assert Architecture.from_config(geometry, {"pairs": "max"}, params) == replace(plain, pairs="max")


def test_the_schema_allows_what_can_be_built():
    properties = load_schema("config")["properties"]["models"]["additionalProperties"]["properties"]["architecture"][
        "properties"
    ]
    for key, choices in FORM.items():
        assert properties[key]["default"] == choices[0]
        if "enum" in properties[key]:
            assert tuple(properties[key]["enum"]) == choices
