"""The layers of a network as a table."""

import re

import pandas as pd

from akitaflow.model.network import Architecture, build

COLUMNS = [
    "layer",
    "part",
    "block",
    "kind",
    "filters",
    "kernel",
    "dilation",
    "pool",
    "dropout",
    "shape",
    "parameters",
    "trainable",
]
ENDS = {"sequence": "tower", "tower": "trunk", "trunk": "maps", "map": "output"}  # last layer -> part that follows
_WITHIN = re.compile(r"(_(wide|back|conv|norm|relu|pool|dropout|add|symmetrize))+$")  # suffix of a layer in its block


def layers_of(description):
    """Layers of a trained or imported model.

    Parameters
    ----------
    description : dict
        The model's ``model.json``: ``architecture`` and ``outputs``.

    Returns
    -------
    pandas.DataFrame
        As of :func:`table`.
    """
    return table(build(Architecture(**description["architecture"]), len(description["outputs"])))


def table(network):
    """Table of all layers of a network, from the sequence to the output.

    Parameters
    ----------
    network : keras.Model
        Of :func:`akitaflow.model.network.build`.

    Returns
    -------
    pandas.DataFrame
        layer, part (sequence, tower, trunk, maps, output), block (layers that belong together), kind (class of the
        layer), filters, kernel (bp, bins, or bins x bins), dilation, pool, dropout, shape (of the output, without the
        batch), parameters, trainable (parameters).
    """
    ends = dict(ENDS)
    if not any(layer.name == "map" for layer in network.layers):  # a head without maps
        ends["trunk"] = "output"
    rows, part = [], "sequence"
    for layer in network.layers:
        rows.append(
            {
                "layer": layer.name,
                "part": part,
                "block": _WITHIN.sub("", layer.name),
                "kind": type(layer).__name__,
                "filters": getattr(layer, "filters", None) or getattr(layer, "units", None),
                "kernel": _joined(getattr(layer, "kernel_size", None)),
                "dilation": _largest(getattr(layer, "dilation_rate", None)),
                "pool": _largest(getattr(layer, "pool_size", None)),
                "dropout": getattr(layer, "rate", None),
                "shape": _joined(layer.output.shape[1:]),
                "parameters": layer.count_params(),
                "trainable": sum(int(weight.shape.num_elements()) for weight in layer.trainable_weights),
            }
        )
        part = ends.get(layer.name, part)
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype({name: "Int64" for name in ("filters", "dilation", "pool", "parameters", "trainable")})


def _joined(numbers):
    return None if numbers is None else " x ".join(str(number) for number in numbers)


def _largest(numbers):
    return None if numbers is None else max(numbers)
