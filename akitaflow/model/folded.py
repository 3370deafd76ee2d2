"""Kernels of a trained network with its batch normalisations folded in, and which networks the CPU engine can compute.

The engine (:mod:`akitaflow.model.engine`) computes the function of the Keras network with fewer operations. Every
change below is exact up to rounding:

- Batch normalisation with its running statistics is a scale and a shift of each filter. The scale is multiplied into
  the kernel, the shift becomes a bias (:func:`fold`).
- The max pool after the first convolution is the maximum of one convolution for each position in the pool. Each of
  these convolutions has one output per pool. The one-hot bases of a pool become one position of 4 x pool channels.
- The output of the trunk and the distances are >= 0, so the ReLU before the first 2D convolution does nothing. Mean of
  pairs, distance, convolution, batch normalisation and symmetrisation are then linear: pixel (i, j) is
  ``g(i, side(j)) + g(j, side(i)) + constant(i, j)``. Here g is a 1D convolution of the trunk, and ``side`` says which
  taps of the kernel are outside the window.
- A 1x1 convolution commutes with symmetrisation, so the channels before it, which are fewer, are symmetrised.
- The last 1x1 convolution and the dense layer are one matrix, applied to the upper triangle only.
- The 2D blocks are cropped as early as their reach allows.

:mod:`akitaflow.model.folded_tower` needs full convolutions, :mod:`akitaflow.model.folded_head` the published form of
all layers after the tower. The Keras network computes parts of other forms.
"""

import numpy as np


def has_folded_tower(architecture):
    """Whether the tower has the published form: ReLU, full convolution, batch normalisation, max pool.

    Parameters
    ----------
    architecture : akitaflow.model.network.Architecture
    """
    return architecture.convolution == "full" and architecture.block_order == "relu_first"


def has_folded_head(architecture):
    """Whether all layers after the tower have the published form.

    Parameters
    ----------
    architecture : akitaflow.model.network.Architecture
    """
    a = architecture
    published = a.trunk == "dilated" and a.head == "map" and a.pairs == "mean" and a.symmetrize
    return published and has_folded_tower(a)


def fold(network, name):
    """Kernel and bias of a block, with its batch normalisation folded in.

    Parameters
    ----------
    network : keras.Model
        Of :func:`akitaflow.model.network.build`.
    name : str
        Name of the block, for example ``tower_1``.

    Returns
    -------
    (kernel, bias) : tuple of ndarray of float32
        Shapes (taps, [taps,] channels, filters) and (filters,).
    """
    kernel = network.get_layer(f"{name}_conv").kernel.numpy().astype(np.float64)
    norm = network.get_layer(f"{name}_norm")
    gamma, beta, mean, variance = (
        weight.numpy().astype(np.float64) for weight in (norm.gamma, norm.beta, norm.moving_mean, norm.moving_variance)
    )
    scale = gamma / np.sqrt(variance + norm.epsilon)
    return (kernel * scale).astype(np.float32), (beta - mean * scale).astype(np.float32)


def sides(taps):
    """Numbers of taps before and after the middle one, with TensorFlow's padding "same"."""
    before = (taps - 1) // 2
    return before, taps - 1 - before
