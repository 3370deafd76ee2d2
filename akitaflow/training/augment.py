"""Augmentation of a training example as published. All draws depend on a seed only.

- shift: the sequence is shifted by up to 11 bp to either side, filled with zeros (N); the map is unchanged;
- reverse complement with probability 1/2: the sequence is reversed and complemented, the map flipped;
- substitution (not in the paper, off by default): each base is redrawn with a small probability.

The published code draws shift and strand once per batch; here they are drawn for each record.
"""

import tensorflow as tf


def augment(sequence, target, seed, *, flip, shift=11, reverse_complement=True, substitution_rate=0.0):
    """Augment one example.

    Parameters
    ----------
    sequence : tensor of uint8, shape (length, 4)
        One-hot; N is all zeros.
    target : tensor, shape (values, outputs)
    seed : tensor of int64, shape (2,)
        Seed of all draws.
    flip : array of int, shape (values,)
        :func:`akitaflow.geometry.flip_index`: ``target[flip]`` is the map of the reverse complement.
    shift : int
        Largest shift to either side, bp.
    reverse_complement : bool
        Whether to use the other strand with probability 1/2.
    substitution_rate : float
        Probability that a base is redrawn from A, C, G, T.

    Returns
    -------
    (sequence, target) : (tensor of uint8, tensor)
        With the shapes of the arguments.
    """
    shift_seed, strand_seed, position_seed, base_seed = tf.unstack(tf.random.split(seed, 4))
    length = sequence.shape[0]
    if substitution_rate:
        is_base = tf.reduce_sum(sequence, axis=1)  # 0 for N, which stays N
        redrawn = tf.cast(tf.random.stateless_uniform((length,), position_seed) < substitution_rate, tf.uint8) * is_base
        bases = tf.random.stateless_uniform((length,), base_seed, 0, 4, tf.int32)
        redrawn = redrawn[:, None]
        sequence = sequence * (1 - redrawn) + tf.one_hot(bases, 4, dtype=tf.uint8) * redrawn
    if shift:
        by = tf.random.stateless_uniform((), shift_seed, -shift, shift + 1, tf.int32)
        sequence = tf.pad(sequence, ((shift, shift), (0, 0)))[shift - by : shift - by + length]
        sequence = tf.ensure_shape(sequence, (length, 4))
    if reverse_complement and tf.random.stateless_uniform((), strand_seed) < 0.5:
        sequence = tf.reverse(sequence, [0, 1])  # 9 times as fast as negative strides
        target = tf.gather(target, flip)
    return sequence, target
