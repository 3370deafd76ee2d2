"""The CPU engine gives the values of the Keras network for any sequence."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from fakes import random_genome
from hypothesis import given, settings
from hypothesis import strategies as st

from akitaflow.model import engine, folded_tower
from akitaflow.model.network import Architecture, build
from akitaflow.prediction.perturb import Delete, Insert, Invert, Randomise, Substitute
from akitaflow.prediction.stream import Average, Request, stream

pytestmark = pytest.mark.tensorflow

SMALL = {
    "length": 1024,
    "pools": (2, 2, 4),
    "crop_bins": 5,
    "stem_filters": 8,
    "tower_filters": 6,
    "dilated_blocks": 2,
    "dilated_filters": 4,
    "bottleneck_filters": 5,
    "map_filters": 4,
    "map_blocks": 3,
    "map_block_filters": 3,
}
# parts are computed of small windows too, with levels above those computed in pieces
EAGER = {"lower_bytes": 2**13, "min_saving": 0}
FORMS = [
    {},
    {"pools": (4, 4), "stem_kernel": 20, "tower_kernel": 4},
    {"pools": (1, 2, 8), "stem_kernel": 1},
    {"map_kernel": 5, "map_blocks": 5, "crop_bins": 12},
    {"map_kernel": 4, "map_rate": 1.0},
    {"map_blocks": 0, "distance": False, "crop_bins": 0},
    {"symmetrize": False},
    {"pairs": "product"},
    {"trunk": "lstm"},
    {"convolution": "separable"},
    {"head": "virtual_4c"},
    {"head": "zigzag"},
    {"block_order": "convolution_first"},
    {"map_kernel": 1, "bottleneck_kernel": 1},
    {"block_order": "convolution_first", "map_kernel": 1, "bottleneck_kernel": 1},
]


def trained(architecture, outputs=2):
    """A network whose batch normalisations have statistics, gammas of both signs; maps of two sequences differ by 1."""
    draw = np.random.default_rng(3)
    network = build(architecture, outputs)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            n = layer.gamma.shape
            layer.gamma.assign(draw.uniform(0.5, 1, n) * np.where(draw.random(n) < 0.2, -1, 1))
            layer.beta.assign(draw.normal(0, 0.2, n))
            layer.moving_mean.assign(draw.normal(0, 0.2, n))
            layer.moving_variance.assign(draw.uniform(0.5, 2, n))
    if architecture.distance and architecture.head == "map":
        kernel = network.get_layer("map_first_conv").weights[0]
        kernel.assign(kernel.numpy() * np.r_[np.ones(kernel.shape[2] - 1), 0.02][:, None])  # distances up to 64 bins
    codes = draw.integers(0, 4, (8, architecture.length)).astype(np.uint8)
    spread = np.ptp(network(tf.one_hot(codes, 4), training=False).numpy(), axis=0).max()
    for weight in network.get_layer("final").weights:
        weight.assign(weight.numpy() / spread)
    network.plain = tf.function(lambda codes: network(tf.one_hot(codes, 4), training=False), reduce_retracing=True)
    return network


def plain(network, codes):
    return network.plain(tf.constant(codes)).numpy()


def small(**form):
    architecture = Architecture(**{**SMALL, **form})
    return architecture, trained(architecture)


@pytest.fixture(scope="module")
def published():
    """A network of the published form, and an engine that computes in part whatever differs in places."""
    architecture, network = small()
    cpu_engine = engine.Engine(network, architecture, **EAGER)
    assert len(cpu_engine._lower.levels) == 2 and len(cpu_engine._upper.levels) == 1
    return architecture, network, cpu_engine


def edits(length):
    """Perturbations that do not overlap, at the ends of the window and beyond them too; N runs among them."""
    place = st.one_of(st.integers(-40, length + 40), st.sampled_from([0, 1, length - 30, length - 1]))

    def edit_of(kind, start, size, seed):
        bases = "".join(np.random.default_rng(seed).choice(list("ACGTN"), size))
        return {
            "substitute": Substitute(start, start + size, bases),
            "unknown": Substitute(start, start + size, "N" * size),
            "randomise": Randomise(start, start + size, (seed,)),
            "invert": Invert(start, start + size),
            "delete": Delete(start, start + size),
            "insert": Insert(start, bases),
        }[kind]

    kinds = st.sampled_from(["substitute", "unknown", "randomise", "invert", "delete", "insert"])
    sizes = st.one_of(st.integers(1, 30), st.integers(30, 400))
    one = st.builds(edit_of, kinds, place, sizes, st.integers(0, 1000))

    def apart(members):
        kept, end = [], -(10**9)
        for edit in sorted(members, key=lambda edit: edit.start):
            if edit.start > end:
                kept.append(edit)
                end = max(edit.end, edit.start)
        return tuple(kept)

    return st.lists(one, max_size=6).map(apart)


@settings(max_examples=40, deadline=None)
@given(alternatives=st.lists(edits(SMALL["length"]), min_size=1, max_size=4), strands=st.booleans())
def test_any_alternative_is_predicted_as_by_the_network(published, alternatives, strands):
    architecture, network, cpu_engine = published
    genome = random_genome(7, chr1=3000)
    genome.chromosomes["chr1"][1500:1620] = 4  # a run of N in the window
    offset = 1000
    shifted = [tuple(_moved(edit, offset) for edit in alternative) for alternative in alternatives]
    window = ("chr1", offset, offset + architecture.length)
    average = Average(reverse_complement=strands)
    request = [Request(window, tuple(shifted))]
    models = [SimpleNamespace(**_face(architecture), predict_codes=f) for f in (cpu_engine.predict, _of(network))]
    for prediction, expected in zip(*(list(stream(m, genome, request, average=average)) for m in models), strict=True):
        assert np.abs(prediction.values - expected.values).max() < 1e-4
        assert np.abs(prediction.reference - expected.reference).max() < 1e-4


def _of(network):
    return lambda codes: plain(network, codes)


def _face(a):
    names = ("length", "bin_size", "map_bins", "diagonal_offset", "n_values", "geometry")
    return {name: getattr(a, name) for name in names} | {"outputs": ["A", "B"]}


def _moved(edit, by):
    if isinstance(edit, Insert):
        return Insert(edit.position + by, edit.sequence)
    rest = [getattr(edit, name) for name in edit.__dataclass_fields__][2:]
    return type(edit)(edit.start + by, edit.end + by, *rest)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1023), st.integers(1, 60), st.integers(0, 4)), max_size=5),
    st.integers(0, 3),
)
def test_runs_of_one_base_at_any_position(published, runs, seed):
    _, network, cpu_engine = published
    codes = np.random.default_rng(seed).integers(0, 5, 1024).astype(np.uint8)
    changed = codes.copy()
    for start, size, code in runs:
        changed[start : start + size] = code
    both = np.stack([codes, changed])
    assert np.abs(cpu_engine.predict(both) - plain(network, both)).max() < 1e-4


def test_short_windows_are_computed_whole_and_together(published, monkeypatch):
    architecture, network, _ = published
    monkeypatch.setattr(folded_tower, "BATCH_BYTES", 2 * 4 * architecture.length * architecture.stem_filters)
    cpu_engine = engine.Engine(network, architecture)
    codes = np.repeat(np.random.default_rng(1).integers(0, 5, (1, architecture.length)).astype(np.uint8), 5, axis=0)
    codes[1:, 300] = [0, 1, 2, 3]
    assert np.abs(cpu_engine.predict(codes) - plain(network, codes)).max() < 1e-4
    assert (cpu_engine.n_whole, cpu_engine.n_partial) == (5, 0)
    assert cpu_engine.predict(codes[:0]).shape == (0, architecture.n_values, 2)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_every_form_of_the_network(form):
    architecture, network = small(**form)
    cpu_engine = engine.Engine(network, architecture, **EAGER)
    draw = np.random.default_rng(1)
    codes = np.repeat(draw.integers(0, 5, (1, architecture.length)).astype(np.uint8), 6, axis=0)
    for row in codes[1:]:
        start = draw.integers(0, len(row))
        row[start : start + 20] = draw.integers(0, 5, len(row[start : start + 20]))
    codes[1, 0], codes[2, -1] = (codes[0, 0] + 1) % 5, (codes[0, -1] + 1) % 5
    expected = plain(network, codes)
    assert np.ptp(expected, axis=0).max() > 0.01  # the changes show
    # values of this random network reach thousands; those of a trained one lie within 2
    tolerance = 1e-4 * max(1, np.abs(expected).max() / 2)
    assert np.abs(cpu_engine.predict(codes) - expected).max() < tolerance
    if architecture.convolution == "full" and architecture.block_order == "relu_first":
        assert (cpu_engine.n_whole, cpu_engine.n_partial) == (1, 5)
    assert cpu_engine.predict(codes[:0]).shape == (0, *expected.shape[1:])


def test_only_what_a_change_reaches_is_computed(published):
    architecture, _, cpu_engine = published
    codes = np.random.default_rng(0).integers(0, 4, architecture.length).astype(np.uint8)
    before = cpu_engine.towers(codes[None])[0]
    kept = [output.copy() for output in cpu_engine._towers[cpu_engine._number].outputs]
    changed = codes.copy()
    changed[500] = (changed[500] + 1) % 4
    whole = cpu_engine.n_whole
    after = cpu_engine.towers(changed[None])[0]
    assert cpu_engine.n_whole == whole
    top = cpu_engine.levels[-1]
    bins = np.arange(top.positions)
    seen = (500 >= bins * top.stride - top.before) & (500 < (bins + 1) * top.stride + top.after)
    assert np.array_equal(after[~seen], before[~seen]) and not np.array_equal(after[seen], before[seen])
    for output, expected in zip(cpu_engine._towers[cpu_engine._number].outputs, kept, strict=True):
        assert np.array_equal(output, expected)  # what is kept is the reference's, still


def test_published_reach_and_levels():
    levels = below = []
    for i, pool in enumerate(Architecture().pools):
        kernel = np.empty((5 if i else 11, 96 if i else 4, 96), np.float32)
        below = folded_tower.Level(kernel, None, pool, levels[-1] if levels else None, 2**20, True)
        levels = [*levels, below]
    top = levels[-1]
    assert (top.stride, top.before, top.after, top.positions) == (2048, 4097, 4097, 512)
    for base in (0, 4096, 4097, 2048 * 300, 2**20 - 1):
        bins = np.arange(512)
        seen = (base >= 2048 * bins - 4097) & (base <= 2048 * (bins + 1) + 4096)
        assert np.array_equal(top.touched(np.array([base])), seen)
    assert folded_tower.levels_within(levels, engine.LOWER_BYTES) == 4  # 25 MB
    assert folded_tower.window_macs(levels) == pytest.approx(52.7e9, rel=1e-3)


def test_the_number_of_towers_is_limited_and_the_oldest_is_deleted(published):
    architecture, network, _ = published
    cpu_engine = engine.Engine(network, architecture, kept=2, **EAGER)
    draw = np.random.default_rng(2)
    first, second, third = draw.integers(0, 4, (3, architecture.length)).astype(np.uint8)

    def whole(*rows):
        before = cpu_engine.n_whole
        cpu_engine.towers(np.stack(rows))
        return cpu_engine.n_whole - before

    assert whole(first, second) == 2
    assert whole(first) == 0
    assert whole(third) == 1  # takes the place of the second
    assert whole(first) == 0 and whole(second) == 1
    assert len(cpu_engine._towers) == 2


def test_a_window_with_changes_everywhere_is_computed_whole(published):
    architecture, network, cpu_engine = published
    codes = np.random.default_rng(5).integers(0, 4, (1, architecture.length)).astype(np.uint8)
    cpu_engine.predict(codes)
    parts = cpu_engine.n_partial
    maps = cpu_engine.predict(3 - codes)
    assert cpu_engine.n_partial == parts
    assert np.abs(maps - plain(network, 3 - codes)).max() < 1e-4


def test_pieces_cover_what_is_touched_and_stay_inside():
    draw = np.random.default_rng(0)
    for n in (5, 8, 100, 2000):
        for share in (0.01, 0.3, 0.99):
            touched = draw.random(n) < share
            covered = np.zeros(n, bool)
            for size, first in engine._pieces(touched).items():
                assert first.min() >= 0 and first.max() + size <= n
                for start in first:
                    covered[start : start + size] = True
            assert covered[touched].all()
