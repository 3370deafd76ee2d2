"""Akita's network, built from sequence to map in ``build``.

Parts of the network in the methods of Fudenberg, Kelley and Pollard (Nature Methods 2020,
doi:10.1038/s41592-020-0958-x), and their functions here:

=================================================================================  ================================
a tower of convolutions, each with a max pool, turns bases into bins               :func:`tower`
dilated residual 1D convolutions, their rate growing by 1.75, spread information   :func:`trunk`
a bottleneck convolution reduces the number of filters                             :func:`trunk`, last block
the representations of bins i and j are averaged                                   :class:`MeanOfPairs`
a positional encoding of their distance abs(i - j) is appended                     :class:`Distance`
dilated residual 2D convolutions, re-symmetrised after each block                  :func:`head`, :class:`Symmetrize`
the map is cropped, its upper triangle is compared with the target                 :func:`build`, ``UpperTriangle``
a linear layer gives one output per dataset                                        :func:`build`, last layer
=================================================================================  ================================

Each block is ReLU -> convolution without bias -> batch normalisation -> dropout -> max pool (:func:`block`); with
``block_order: convolution_first``, the order in the text of the paper, the ReLU follows the batch normalisation.

The defaults of :class:`Architecture` are those of the authors' parameter file, with which the published weights were
trained. Where that file and the text of the paper differ, the file is followed:

- the bottleneck has width 5 and 64 filters (the text: width 1, 48 filters);
- the first 2D block has a kernel of 3 x 3 (the text: 1 x 1);
- blocks begin with the ReLU (the text: convolution, batch normalisation, ReLU, max pool).

Deviations from the authors' code, none of which changes an output:

- their graph has a ReLU before the first block and one before the first 2D block. Their inputs, a one-hot sequence, and
  means of values >= 0 and distances, are not negative, so neither changes a value. The first is left out here;
- stochastic shift and reverse complement are not layers (see :mod:`akitaflow.training.augment`);
- on a CPU the gradient of long 1D convolutions is computed differently (see :mod:`akitaflow.model.convolution`);
- max pools and the upper triangle use other operations when XLA compiles them (see :mod:`akitaflow.model.compiled`).

The last fields of :class:`Architecture` choose the alternatives that the paper compares with this network. Their layers
are in :mod:`akitaflow.model.alternatives`.

Kernels are initialised from He's normal distribution and gammas of batch normalisation with 1, except the last gamma of
each residual block, which is 0: training starts from a network whose residual blocks have no effect.
"""

import difflib
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from math import prod

import keras
import numpy as np
from keras import layers, ops

from akitaflow.errors import InputError
from akitaflow.geometry import Geometry
from akitaflow.model import alternatives
from akitaflow.model.compiled import MaxPooling1D, UpperTriangle
from akitaflow.model.convolution import Convolution1D
from akitaflow.model.forms import FORM, check_form


@dataclass(frozen=True)
class Architecture:
    """Numbers and options of a network; the defaults are the published ones. Keys of the config have the same names."""

    length: int = 2**20  # window, bp
    pools: tuple = (2,) * 11  # max pools of the stem and of each tower block; their product is the bin size, bp
    crop_bins: int = 32  # bins cut from each side of the map
    diagonal_offset: int = 2  # first diagonal that is predicted
    stem_filters: int = 96
    stem_kernel: int = 11  # bp; about the width of a motif
    tower_filters: int = 96
    tower_kernel: int = 5
    dilated_blocks: int = 8  # 1D residual blocks
    dilated_filters: int = 48  # inside a block; its output has tower_filters
    dilated_rate: float = 1.75  # the dilation of block i is round(rate ** i)
    dilated_dropout: float = 0.4
    bottleneck_filters: int = 64
    bottleneck_kernel: int = 5
    map_filters: int = 48
    map_kernel: int = 3  # of the first 2D block
    map_blocks: int = 6  # 2D residual blocks
    map_block_filters: int = 24  # inside a block; its output has map_filters
    map_rate: float = 1.75
    map_dropout: float = 0.1
    batch_norm_momentum: float = 0.9265
    epsilon: float = 1e-3  # added to the variance by batch normalisation
    # Options of the architecture; the defaults are the published ones, the comments list the alternatives.
    pairs: str = "mean"  # how bins i and j become a pair; concatenate, product, max
    distance: bool = True  # whether pairs get the channel abs(i - j)
    symmetrize: bool = True  # whether maps are made symmetric after each 2D block
    trunk: str = "dilated"  # lstm: a bidirectional LSTM instead of the dilated blocks
    lstm_units: int | None = None  # of each direction; None: about as many parameters as the dilated blocks
    convolution: str = "full"  # separable: all except the stem and those of width 1
    head: str = "map"  # virtual_4c, zigzag: a linear layer on the bins instead of all 2D layers
    block_order: str = "relu_first"  # convolution_first: the ReLU follows the batch normalisation

    def __post_init__(self):
        check_form(self.to_dict())
        self._check_numbers()
        object.__setattr__(self, "pools", tuple(int(pool) for pool in self.pools))
        if not self.pools or min(self.pools) < 1:
            raise InputError(f"pools: {list(self.pools)} must be a list of numbers >= 1, for example [2, 2, 2]")
        if self.length % self.bin_size:
            raise InputError(
                f"pools: their product {self.bin_size} does not divide the window of {self.length} bp; "
                "write pools whose product is the bin size"
            )
        if self.window_bins - 2 * self.crop_bins <= self.diagonal_offset:
            raise InputError(
                f"crop_bins: {self.crop_bins} bins cut from each side of {self.window_bins} leave no map beyond "
                f"diagonal {self.diagonal_offset}; write a smaller number"
            )

    def _check_numbers(self):
        """Check the kinds and ranges of numbers, and have whole ones as int."""
        if isinstance(self.pools, str) or not all(isinstance(pool, int) for pool in self.pools):
            raise InputError(f"architecture.pools: found {self.pools!r}; write a list of whole numbers, as [2, 2, 2]")
        for field in fields(self):
            value = getattr(self, field.name)
            place = f"architecture.{field.name}: found {value!r}"
            if field.type not in (int, float):
                continue
            if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not np.isfinite(value):
                raise InputError(f"{place}; write a number")
            if field.type is int and value != int(value):
                raise InputError(f"{place}; write a whole number")
            if value < 0:
                raise InputError(f"{place}; write a number of at least 0")
            if field.type is int:
                object.__setattr__(self, field.name, int(value))

    @property
    def bin_size(self):
        """bp per bin of the map."""
        return prod(self.pools)

    @property
    def window_bins(self):
        """Bins of the window, before cropping."""
        return self.length // self.bin_size

    @cached_property
    def geometry(self):
        """Sizes of windows and maps: :class:`akitaflow.geometry.Geometry`."""
        return Geometry.from_bins(self.bin_size, self.window_bins, self.crop_bins, self.diagonal_offset, self.pools)

    @property
    def map_bins(self):
        """Bins of the predicted map."""
        return self.geometry.map_bins

    @property
    def n_values(self):
        """Values of the upper triangle from the diagonal offset."""
        return self.geometry.n_values

    def to_dict(self):
        """The numbers as plain JSON values."""
        return {**asdict(self), "pools": list(self.pools)}

    @classmethod
    def from_config(cls, geometry, numbers, params=None):
        """Architecture from the config's ``geometry`` and a model's ``architecture``.

        Parameters
        ----------
        geometry : dict
            ``bin_size`` (bp), ``pools``, ``window_bins``, ``crop_bins``, ``diagonal_offset``.
        numbers : dict
            Any other fields of this class; missing ones have the published value.
        params : dict, optional
            Contents of a file in the authors' format, whose numbers replace those of the config. Its geometry must
            be that of the config. The options ``pairs`` to ``block_order``, which the format lacks, are the config's.

        Raises
        ------
        InputError
            If a key is unknown, the product of the pools is not the bin size, or ``params`` has another geometry.
        """
        unknown = set(numbers) - {field.name for field in fields(cls)}
        if unknown:
            raise InputError(f"architecture: unknown key {sorted(unknown)[0]!r}")
        architecture = cls(
            **{
                **numbers,
                "length": geometry["window_bins"] * geometry["bin_size"],
                "pools": geometry["pools"],
                "crop_bins": geometry["crop_bins"],
                "diagonal_offset": geometry["diagonal_offset"],
            }
        )
        if architecture.bin_size != geometry["bin_size"]:
            raise InputError(
                f"geometry.pools: {list(architecture.pools)} multiply to {architecture.bin_size}, not to bin_size "
                f"{geometry['bin_size']}"
            )
        if params is None:
            return architecture
        published = cls.from_params(params)
        for name in ("length", "pools", "crop_bins", "diagonal_offset"):
            _expect(f"{name} (geometry of the config)", getattr(published, name), getattr(architecture, name))
        return replace(published, **{name: getattr(architecture, name) for name in FORM})

    @classmethod
    def from_params(cls, params):
        """Architecture from a ``params.json`` in the authors' format.

        Parameters
        ----------
        params : dict
            The parsed file; its ``model`` part is read.

        Raises
        ------
        InputError
            If a block, a key or an operation is not one of Akita.
        """
        model = params.get("model") if isinstance(params, dict) else None
        if not isinstance(model, dict):
            raise InputError("params.json: the key 'model' is missing; give the file with which the model was trained")
        _check_keys("model", model, MODEL)
        _expect("activation", model.get("activation", "relu"), "relu")
        _expect("norm_type", model.get("norm_type", "batch"), "batch")
        stem, conv_tower, dilated, bottleneck = _blocks(model, "trunk", TRUNK)
        pairs, _, first, _, residual, crop, triangle, final = _blocks(model, "head_hic", HEAD)
        _expect("trunk: filters_mult", conv_tower.get("filters_mult", 1.0), 1.0)
        _expect("trunk: pool_size of the bottleneck", bottleneck.get("pool_size", 1), 1)
        _expect("head_hic: one_to_two operation", pairs.get("operation", "mean"), "mean")
        _expect("head_hic: activation of final", final.get("activation", "linear"), "linear")
        for block_ in (dilated, residual):
            _expect(f"{block_['name']}: kernel_size", block_.get("kernel_size", 3), 3)
        architecture = cls(
            length=model["seq_length"],
            pools=(int(stem.get("pool_size", 1)), *[int(conv_tower.get("pool_size", 1))] * int(conv_tower["repeat"])),
            crop_bins=crop["cropping"],
            diagonal_offset=triangle["diagonal_offset"],
            stem_filters=stem["filters"],
            stem_kernel=stem["kernel_size"],
            tower_filters=conv_tower["filters_init"],
            tower_kernel=conv_tower["kernel_size"],
            dilated_blocks=dilated["repeat"],
            dilated_filters=dilated["filters"],
            dilated_rate=dilated["rate_mult"],
            dilated_dropout=dilated.get("dropout", 0.0),
            bottleneck_filters=bottleneck["filters"],
            bottleneck_kernel=bottleneck["kernel_size"],
            map_filters=first["filters"],
            map_kernel=first["kernel_size"],
            map_blocks=residual["repeat"],
            map_block_filters=residual["filters"],
            map_rate=residual["rate_mult"],
            map_dropout=residual.get("dropout", 0.0),
            batch_norm_momentum=model["bn_momentum"],
        )
        _expect("target_length", model["target_length"], architecture.window_bins)
        _expect("target_crop", model.get("target_crop", architecture.crop_bins), architecture.crop_bins)
        _expect(
            "diagonal_offset", model.get("diagonal_offset", architecture.diagonal_offset), architecture.diagonal_offset
        )
        return architecture


# Keys of a params.json, and whether they are required. Others are refused, because they would change the network.
MODEL = {
    "seq_length": True,
    "target_length": True,
    "bn_momentum": True,
    "trunk": True,
    "head_hic": True,
    "target_crop": False,
    "diagonal_offset": False,
    "augment_rc": False,
    "augment_shift": False,
    "activation": False,
    "norm_type": False,
}
BLOCKS = {
    "conv_block": {"filters": True, "kernel_size": True, "pool_size": False},
    "conv_tower": {
        "filters_init": True,
        "kernel_size": True,
        "repeat": True,
        "filters_mult": False,
        "pool_size": False,
    },
    "dilated_residual": {"filters": True, "rate_mult": True, "repeat": True, "dropout": False, "kernel_size": False},
    "one_to_two": {"operation": False},
    "concat_dist_2d": {},
    "conv_block_2d": {"filters": True, "kernel_size": True},
    "symmetrize_2d": {},
    "cropping_2d": {"cropping": True},
    "upper_tri": {"diagonal_offset": True},
    "final": {"units": True, "activation": False},
}
BLOCKS["dilated_residual_2d"] = BLOCKS["dilated_residual"]
_TEXTS = {"name", "operation", "activation", "norm_type", "augment_rc", "trunk", "head_hic"}

# keys with whole numbers from 1 to a number that no network has, and keys with shares
_COUNTS = {"filters": 10**5, "filters_init": 10**5, "kernel_size": 10**4, "pool_size": 10**4, "repeat": 10**3}
_COUNTS["units"] = 10**4
_SHARES = {"dropout", "bn_momentum"}


def _is_whole(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**31 and value == int(value)


def _is_rate(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value <= 100


# keys with other numbers: their check, and what to write
_NUMBERS = dict.fromkeys(
    ("seq_length", "target_length", "target_crop", "cropping", "diagonal_offset"),
    (_is_whole, "a number that is whole and at least 0"),
)
_NUMBERS["rate_mult"] = (_is_rate, "a number from 1 to 100")

TRUNK = ["conv_block", "conv_tower", "dilated_residual", "conv_block"]
HEAD = [
    "one_to_two",
    "concat_dist_2d",
    "conv_block_2d",
    "symmetrize_2d",
    "dilated_residual_2d",
    "cropping_2d",
    "upper_tri",
    "final",
]


def _blocks(model, part, names):
    blocks = model[part]
    names_of_file = [block_.get("name") if isinstance(block_, dict) else block_ for block_ in blocks]
    _expect(f"{part}: the blocks", names_of_file, names)
    for block_ in blocks:
        _check_keys(f"{part}: {block_['name']}", block_, {"name": True, **BLOCKS[block_["name"]]})
    return blocks


def _check_keys(place, values, known):
    """Check that a part of a params.json has all required keys, no unknown ones, and numbers as values."""
    for key in values:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"
            raise InputError(
                f"params.json: {place}: the key {key!r} is unknown, so the weights might not fit this network; {hint}"
            )
    for key, required in known.items():
        if required and key not in values:
            raise InputError(f"params.json: {place}: the key {key!r} is missing; write its value")
        value = values.get(key, 0)
        if key in ("trunk", "head_hic") and not isinstance(value, list):
            raise InputError(f"params.json: {place}: {key} is {value!r}; write the list of blocks")
        if key in values and key in _NUMBERS and not _NUMBERS[key][0](value):
            raise InputError(f"params.json: {place}: {key} is {value!r}; write {_NUMBERS[key][1]}")
        if key not in _TEXTS and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise InputError(f"params.json: {place}: {key} is {value!r}; write a number")
        if key in values and key in _COUNTS and not (1 <= value <= _COUNTS[key] and value == int(value)):
            raise InputError(
                f"params.json: {place}: {key} is {value!r}; write a whole number of at least 1 and at most "
                f"{_COUNTS[key]}"
            )
        if key in values and key in _SHARES and not 0 <= value < 1:
            raise InputError(f"params.json: {place}: {key} is {value!r}; write a number of at least 0 and below 1")


def _expect(key, value, expected):
    if value != expected:
        raise InputError(f"params.json: {key} must be {expected!r}, not {value!r}")


def build(architecture, outputs):
    """The network of an architecture, with initial weights.

    Parameters
    ----------
    architecture : Architecture
    outputs : int
        Number of datasets.

    Returns
    -------
    keras.Model
        Input ``sequence``: float (batch, length, 4), one-hot A, C, G, T; N is all zeros. Output: float32
        (batch, n_values, outputs), log(observed / expected), the upper triangle row by row. The layers ``tower``,
        ``trunk`` and ``map`` have the outputs of the parts; heads other than ``map`` have no layer ``map``.
    """
    a = architecture
    sequence = layers.Input((a.length, 4), name="sequence")  # (1048576, 4)
    x = trunk(a, tower(a, sequence))  # (512, 64)
    if a.head != "map":
        return keras.Model(sequence, alternatives.HEADS[a.head](a, x, outputs), name="akita")
    x = head(a, x)  # (512, 512, 48)
    x = layers.Cropping2D(a.crop_bins, name="crop")(x)  # (448, 448, 48)
    x = UpperTriangle(a.diagonal_offset, name="upper_triangle")(x)  # (99681, 48)
    y = layers.Dense(outputs, kernel_initializer="he_normal", dtype="float32", name="final")(x)  # (99681, 5)
    return keras.Model(sequence, y, name="akita")


def tower(a, sequence):
    """Blocks of convolution and max pool from bases to bins: (length, 4) -> (window_bins, tower_filters)."""
    x = block(a, sequence, "stem", a.stem_filters, a.stem_kernel, pool=a.pools[0], first=True)  # (524288, 96)
    for i, pool in enumerate(a.pools[1:], start=1):
        x = block(a, x, f"tower_{i}", a.tower_filters, a.tower_kernel, pool=pool)  # (262144, 96) ... (512, 96)
    return layers.Identity(name="tower")(x)


def trunk(a, x):
    """Residual blocks with increasing dilation, then the bottleneck: (window_bins, bottleneck_filters), values >= 0."""
    if a.trunk == "lstm":
        x = alternatives.lstm(a, x)
    else:
        for i in range(a.dilated_blocks):
            name = f"dilated_{i}"
            y = block(a, x, f"{name}_wide", a.dilated_filters, 3, rate=round(a.dilated_rate**i))  # (512, 48)
            y = block(a, y, f"{name}_back", x.shape[-1], 1, dropout=a.dilated_dropout, gamma="zeros")  # (512, 96)
            x = add(a, x, y, name)
    # outputs of an LSTM are around 0; a ReLU would set half of them to 0
    x = block(a, x, "bottleneck", a.bottleneck_filters, a.bottleneck_kernel, relu=a.trunk == "dilated")  # (512, 64)
    return layers.ReLU(name="trunk")(x)


def head(a, x):
    """From bins to pairs of bins: (window_bins, bottleneck_filters) -> (window_bins, window_bins, map_filters)."""
    pairs = MeanOfPairs if a.pairs == "mean" else alternatives.PAIRS[a.pairs]
    x = pairs(name="pairs")(x)  # (512, 512, 64)
    if a.distance:
        x = Distance(name="distance")(x)  # (512, 512, 65)
    x = block(a, x, "map_first", a.map_filters, a.map_kernel, two_d=True)  # (512, 512, 48)
    x = Symmetrize(name="map_first_symmetrize")(x) if a.symmetrize else x
    for i in range(a.map_blocks):
        name = f"map_{i}"
        y = block(a, x, f"{name}_wide", a.map_block_filters, 3, rate=round(a.map_rate**i), two_d=True)  # (512, 512, 24)
        y = block(a, y, f"{name}_back", a.map_filters, 1, dropout=a.map_dropout, gamma="zeros", two_d=True)
        x = add(a, x, y, name)
        x = Symmetrize(name=f"{name}_symmetrize")(x) if a.symmetrize else x  # (512, 512, 48)
    return layers.Identity(name="map")(x)


def block(
    a, x, name, filters, kernel, *, rate=1, pool=1, dropout=0.0, gamma="ones", relu=True, two_d=False, first=False
):
    """ReLU (except in the first block) -> convolution without bias -> batch normalisation -> dropout -> max pool.

    With ``block_order: convolution_first``, the ReLU follows the batch normalisation, also in the first block. In a
    residual block, the last ReLU follows the addition (:func:`add`): between a gamma of 0 and the addition it would
    have no gradient.
    """
    relu_first = a.block_order == "relu_first"
    convolution, max_pool = (layers.Conv2D, layers.MaxPooling2D) if two_d else (Convolution1D, MaxPooling1D)
    initializers = {"kernel_initializer": "he_normal"}
    # not the stem: a depthwise convolution of single bases cannot match a motif; a width of 1 has nothing to separate
    if a.convolution == "separable" and kernel > 1 and not first:
        convolution, initializers = alternatives.separable(two_d)
    if relu_first and relu and not first:
        x = layers.ReLU(name=f"{name}_relu")(x)
    x = convolution(
        filters,
        kernel,
        dilation_rate=rate,
        padding="same",
        use_bias=False,
        name=f"{name}_conv",
        **initializers,
    )(x)
    x = layers.BatchNormalization(
        momentum=a.batch_norm_momentum, epsilon=a.epsilon, gamma_initializer=gamma, name=f"{name}_norm"
    )(x)
    if not relu_first and gamma != "zeros":
        x = layers.ReLU(name=f"{name}_relu")(x)
    if dropout:
        x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
    if pool > 1:
        x = max_pool(pool, name=f"{name}_pool")(x)
    return x


def add(a, x, y, name):
    """The end of a residual block: input plus result, and a ReLU with ``block_order: convolution_first``."""
    x = layers.Add(name=f"{name}_add")([x, y])
    return x if a.block_order == "relu_first" else layers.ReLU(name=f"{name}_relu")(x)


class MeanOfPairs(layers.Layer):
    """(batch, n, c) -> (batch, n, n, c): the mean of bins i and j."""

    def call(self, x):
        return (ops.expand_dims(x, 1) + ops.expand_dims(x, 2)) * 0.5

    def compute_output_shape(self, shape):
        return (shape[0], shape[1], shape[1], shape[2])


class Distance(layers.Layer):
    """(batch, n, n, c) -> (batch, n, n, c + 1): the last channel is abs(i - j) in bins."""

    def call(self, x):
        bins = np.arange(x.shape[1])
        distance = np.abs(bins[:, None] - bins)[None, :, :, None]
        distance = ops.broadcast_to(ops.cast(distance, x.dtype), (ops.shape(x)[0], *distance.shape[1:]))
        return ops.concatenate([x, distance], axis=-1)

    def compute_output_shape(self, shape):
        return (*shape[:-1], shape[-1] + 1)


class Symmetrize(layers.Layer):
    """(batch, n, n, c): the mean of a map and its transpose."""

    def call(self, x):
        return (x + ops.transpose(x, (0, 2, 1, 3))) * 0.5

    def compute_output_shape(self, shape):
        return shape
