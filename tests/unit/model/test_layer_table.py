"""The table of a network and the figure drawn from it say what the network is."""

import matplotlib.pyplot as plt
import pytest
from networks import tiny

from akitaflow.model import layer_table
from akitaflow.model.network import Architecture, build
from akitaflow.plotting import layer_table as plots

pytestmark = pytest.mark.tensorflow

PUBLISHED = ["tower", "trunk", "maps", "output"]


@pytest.fixture(scope="module")
def published():
    return layer_table.layers_of({"architecture": Architecture().to_dict(), "outputs": list("ABCDE")})


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_published_network_has_the_published_parameters(published):
    assert (published["parameters"].sum(), published["trainable"].sum()) == (751653, 746149)
    assert list(published["part"].unique()) == ["sequence", *PUBLISHED]
    shapes = published.groupby("part", sort=False)["shape"].last().tolist()
    assert shapes == ["1048576 x 4", "512 x 96", "512 x 64", "512 x 512 x 48", "99681 x 5"]


def test_blocks_keep_every_parameter_and_the_numbers_of_the_network(published):
    blocks = plots.blocks(published).set_index("block")
    assert blocks["parameters"].sum() == 751653
    dilations = [round(1.75**i) for i in range(8)]
    assert blocks.filter(regex="^dilated", axis=0)["dilation"].tolist() == dilations
    assert blocks.filter(regex=r"^map_\d", axis=0)["dilation"].tolist() == dilations[:6]
    assert blocks.loc["stem", ["kernel", "pool", "filters", "shape"]].tolist() == ["11", 2, 96, "524288 x 96"]
    assert blocks.loc["bottleneck", ["kernel", "filters"]].tolist() == ["5", 64]
    assert blocks.loc["map_first", ["kernel", "role"]].tolist() == ["3 x 3", "convolution"]
    assert blocks.loc[["pairs", "distance", "crop", "upper_triangle"], "role"].tolist() == ["fixed"] * 4
    assert blocks["role"].value_counts()[["residual", "linear"]].tolist() == [14, 1]
    assert "map" not in blocks.index and "trunk" not in blocks.index  # they change nothing


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"trunk": "lstm"},
        {"convolution": "separable"},
        {"head": "virtual_4c"},
        {"head": "zigzag"},
        {"pairs": "concatenate", "distance": False, "symmetrize": False},
        {"dilated_blocks": 0, "map_blocks": 0},
    ],
    ids=str,
)
def test_every_form_of_the_network_is_drawn_with_all_its_parameters(form):
    network = build(tiny(**form), 2)
    layers = layer_table.table(network)
    assert layers["parameters"].sum() == network.count_params()
    assert plots.blocks(layers)["parameters"].sum() == network.count_params()
    figure = plots.draw(layers, "model")
    words = texts(figure)
    assert words[0].startswith(f"model: {network.count_params():,} parameters")
    plt.close(figure)


def test_the_figure_shows_shapes_and_parameters_of_every_block(published):
    figure = plots.draw(published, "model main")
    words = texts(figure)
    for text in ("1,048,576 × 4", "524,288 × 96", "512 × 64", "512\n× 512\n× 65", "448\n× 448\n× 48", "99,681 × 5"):
        assert text in words
    assert words.count("46k") == 10 and words.count("19k") == 8
    for part, parameters in published.groupby("part")["parameters"].sum().items():
        assert part == "sequence" or any(f"{parameters:,} parameters" in text for text in words)
    renderer = figure.canvas.get_renderer()
    for text in figure.axes[0].texts:  # nothing is cut off
        box = text.get_window_extent(renderer)
        assert box.x0 >= 0 and box.x1 <= figure.bbox.x1 and box.y0 >= 0 and box.y1 <= figure.bbox.y1
    plt.close(figure)
