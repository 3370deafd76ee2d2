"""Perturbations: the sequence they make, what changed and which bins correspond."""

import numpy as np
import pytest
from fakes import random_genome
from hypothesis import given, settings
from hypothesis import strategies as st

from akitaflow.errors import InputError
from akitaflow.genome.sequence import UNKNOWN, Genome, decode, encode, reverse_complement
from akitaflow.prediction.perturb import (
    Delete,
    Insert,
    Invert,
    Randomise,
    Substitute,
    align,
    apply,
    crop_bins,
    duplicate,
    merge_intervals,
)

BIN, BINS, SIZE = 8, 12, 400
LENGTH = BIN * BINS
START = 160  # of the window, away from both ends
WINDOW = ("chr1", START, START + LENGTH)
GENOME = random_genome(3, chr1=SIZE)
WHOLE = GENOME.chromosomes["chr1"]
REFERENCE = WHOLE[START : START + LENGTH]
IDENTITY = np.arange(BINS)


def make(*perturbations, window=WINDOW):
    return apply(GENOME, window, perturbations, BIN)


def edited(*perturbations):
    """The alternative chromosome by plain slicing, from the last edit to the first."""
    sequence = WHOLE
    for edit in sorted(perturbations, key=lambda e: e.start, reverse=True):
        if isinstance(edit, Delete):
            middle = sequence[:0]
        elif isinstance(edit, Invert):
            middle = reverse_complement(sequence[edit.start : edit.end])
        else:
            middle = encode(edit.sequence)
        sequence = np.concatenate([sequence[: edit.start], middle, sequence[edit.end :]])
    return sequence


intervals = st.tuples(st.integers(0, SIZE - 1), st.integers(1, 60)).map(lambda p: (p[0], min(sum(p), SIZE)))
inside = st.tuples(st.integers(0, LENGTH - 1), st.integers(1, LENGTH)).map(
    lambda p: (START + p[0], START + min(sum(p), LENGTH))
)


def test_no_perturbation_is_the_reference():
    altered = make()
    assert (altered.codes == REFERENCE).all()
    assert altered.changed.shape == (0, 2)
    assert (altered.bins == IDENTITY).all()
    assert [segment[:4] for segment in altered.origin] == [("chr1", START, START + LENGTH, 1)]


@settings(max_examples=80, deadline=None)
@given(intervals)
def test_inversion_is_the_reverse_complement_in_place(interval):
    altered = make(Invert(*interval))
    assert (altered.codes == edited(Invert(*interval))[START : START + LENGTH]).all()
    # inverted again, base by base, it is the reference
    twice = encode(decode(edited(Invert(*interval))))
    twice[slice(*interval)] = reverse_complement(twice[slice(*interval)])
    assert (twice == WHOLE).all()


def test_bins_of_an_inversion_are_mirrored():
    altered = make(Invert(START + 3 * BIN, START + 7 * BIN))
    assert altered.bins.tolist() == [0, 1, 2, 6, 5, 4, 3, 7, 8, 9, 10, 11]
    # junctions inside bins 3 and 7: these are missing, the four between hold most of a mirrored bin
    altered = make(Invert(START + 3 * BIN + 2, START + 7 * BIN + 3))
    assert altered.bins.tolist() == [0, 1, 2, -1, 6, 5, 4, -1, 8, 9, 10, 11]


def test_an_inversion_of_the_whole_window_is_its_reverse_complement():
    altered = make(Invert(START, START + LENGTH))
    assert (altered.codes == reverse_complement(REFERENCE)).all()
    assert (altered.bins == IDENTITY[::-1]).all()


def test_an_inversion_that_reaches_outside_brings_outside_bases_in():
    altered = make(Invert(START - 2 * BIN, START + 4 * BIN))
    assert altered.bins.tolist() == [1, 0, -1, -1, *range(4, BINS)]  # bins -1 and -2 of the reference are outside
    assert (altered.codes[2 * BIN : 4 * BIN] == reverse_complement(WHOLE[START - 2 * BIN : START])).all()


@settings(max_examples=80, deadline=None)
@given(inside, st.integers(0, 2**32))
def test_substitution_changes_nothing_but_its_interval(interval, seed):
    start, end = interval
    sequence = decode(np.random.default_rng(seed).integers(5, size=end - start))
    altered = make(Substitute(start, end, sequence))
    expected = REFERENCE.copy()
    expected[start - START : end - START] = encode(sequence)
    assert (altered.codes == expected).all()
    assert (altered.bins == IDENTITY).all()
    if len(altered.changed):
        assert altered.changed.min() >= start - START and altered.changed.max() <= end - START


@settings(max_examples=100, deadline=None)
@given(intervals, intervals, st.booleans())
def test_bases_outside_changed_are_the_reference(first, second, invert):
    perturbations = [Delete(*first)]
    if first[1] <= second[0] or second[1] <= first[0]:
        perturbations.append(Invert(*second) if invert else Randomise(*second, seed=(1,)))
    altered = make(*perturbations)
    same = np.ones(LENGTH, bool)
    for start, end in altered.changed:
        assert altered.codes[start] != REFERENCE[start] and altered.codes[end - 1] != REFERENCE[end - 1]
        same[start:end] = False
    assert (altered.codes[same] == REFERENCE[same]).all()
    gaps = altered.changed[1:, 0] - altered.changed[:-1, 1]
    assert (gaps >= BIN).all()


@settings(max_examples=150, deadline=None)
@given(intervals)
def test_deletion_recentres_on_the_alternative_chromosome(interval):
    start, end = interval
    altered = make(Delete(start, end))
    assert len(altered.codes) == LENGTH
    gone = max(0, min(end, START + LENGTH) - max(start, START))
    image = START - max(0, min(end, START) - start)  # of the window's start, on the alternative chromosome
    left = int(np.ceil(gone / 2 / BIN - 0.5)) * BIN
    alternative = np.full(SIZE * 3, UNKNOWN, np.uint8)  # with N beyond both ends
    alternative[SIZE : 2 * SIZE - (end - start)] = edited(Delete(start, end))
    first = SIZE + image - left
    assert (altered.codes == alternative[first : first + LENGTH]).all()
    # correspondence keeps the order, uses no bin twice and none that was deleted
    used = altered.bins[altered.bins >= 0]
    assert (np.diff(used) > 0).all()
    middles = START + used * BIN + BIN / 2
    assert not ((middles - BIN / 2 >= start) & (middles + BIN / 2 <= end)).any()


@pytest.mark.parametrize(("k", "left"), [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2)])
def test_deletion_of_whole_bins_moves_half_of_them_to_each_side(k, left):
    altered = make(Delete(START + 4 * BIN, START + (4 + k) * BIN))
    expected = [*[-1] * left, *range(4), *range(4 + k, BINS), *[-1] * (k - left)]
    assert altered.bins.tolist() == expected
    assert (altered.codes[: left * BIN] == WHOLE[START - left * BIN : START]).all()
    right = (k - left) * BIN
    assert (altered.codes[LENGTH - right :] == WHOLE[START + LENGTH : START + LENGTH + right]).all()
    assert [(s.start, s.end) for s in altered.origin] == [
        (START - left * BIN, START + 4 * BIN),
        (START + (4 + k) * BIN, START + LENGTH + right),
    ]


def test_the_bin_with_the_junction_is_missing():
    start = START + 4 * BIN + 3
    altered = make(Delete(start, start + 2 * BIN))  # whole bins, but the junction lies 3 bp into a bin
    assert altered.bins.tolist() == [-1, 0, 1, 2, 3, -1, 7, 8, 9, 10, 11, -1]
    altered = make(Delete(start, start + 5))  # less than a bin: nothing moves to the left, 5 bp to the right
    assert altered.bins.tolist() == [0, 1, 2, 3, -1, 6, 7, 8, 9, 10, 11, -1]
    altered = make(Delete(start, start + 4))  # exactly half of two bins: the left one
    assert altered.bins.tolist() == [0, 1, 2, 3, -1, 5, 6, 7, 8, 9, 10, 11]


def test_insertion_cuts_both_sides():
    inserted = "ACGT" * (BIN // 2)  # two bins
    altered = make(Insert(START + 4 * BIN, inserted))
    assert altered.bins.tolist() == [1, 2, 3, -1, -1, *range(4, 11)]
    expected = edited(Insert(START + 4 * BIN, inserted))[START + BIN : START + BIN + LENGTH]
    assert (altered.codes == expected).all()
    assert altered.origin[1].literal.tolist() == encode(inserted).tolist()
    # an insertion before the first base of the window is inside, one behind its last is not
    assert len(make(Insert(START, "A" * BIN)).changed)
    assert not len(make(Insert(START + LENGTH, "A" * BIN)).changed)


def test_a_small_insertion_leaves_all_to_its_left_alone():
    altered = make(Insert(START + 4 * BIN + 1, "ACG"))
    assert altered.changed[0, 0] >= 4 * BIN + 1
    assert altered.bins.tolist() == [0, 1, 2, 3, -1, *range(5, 12)]


def test_duplication_inserts_the_copy_after_the_original():
    edit = duplicate(GENOME, "chr1", START + 2 * BIN, START + 4 * BIN)
    assert edit == Insert(START + 4 * BIN, decode(REFERENCE[2 * BIN : 4 * BIN]))
    altered = make(edit)
    assert (altered.codes[BIN : 3 * BIN] == altered.codes[3 * BIN : 5 * BIN]).all()


def test_replacement_of_other_length_is_a_deletion_and_an_insertion():
    start, end = START + 20, START + 30
    altered = make(Delete(start, end), Insert(start, "ACGTA"))
    other = make(Insert(end, "ACGTA"), Delete(start, end))
    assert (altered.codes == other.codes).all()
    assert (altered.codes[20:25] == encode("ACGTA")).all()
    assert (altered.codes[:20] == REFERENCE[:20]).all()


def test_several_perturbations_do_not_shift_each_other():
    perturbations = (
        Invert(START + 40, START + 56),
        Delete(START + 8, START + 24),
        Substitute(START + 60, START + 63, "NNN"),
        Insert(START + 70, "ACGTACGTACGTACGT"),
    )
    altered = make(*perturbations)
    assert (altered.codes == edited(*perturbations)[START : START + LENGTH]).all()  # lengths cancel
    assert (altered.codes == make(*perturbations[::-1]).codes).all()


def test_perturbations_outside_act_only_where_recentring_brings_them_in():
    outside = Substitute(START - BIN, START, "N" * BIN)
    assert not len(make(outside).changed)
    altered = make(outside, Delete(START + 4 * BIN, START + 6 * BIN))
    assert (altered.codes[:BIN] == UNKNOWN).all()


def test_beyond_the_ends_of_the_chromosome_is_n():
    altered = apply(GENOME, ("chr1", 0, LENGTH), [Delete(0, 4 * BIN)], BIN)
    assert (altered.codes[: 2 * BIN] == UNKNOWN).all()
    assert (altered.codes[2 * BIN :] == WHOLE[4 * BIN : 4 * BIN + LENGTH - 2 * BIN]).all()
    assert altered.bins.tolist() == [-1, -1, *range(4, BINS), -1, -1]


def test_random_bases_are_drawn_independently_for_each_interval():
    first = Randomise(START + 10, START + 74, seed=(1, "CTCF", "window", 0))
    altered = make(first)
    assert (altered.codes == make(first).codes).all()
    assert (altered.codes[:10] == REFERENCE[:10]).all() and (altered.codes[74:] == REFERENCE[74:]).all()
    for other in (
        Randomise(START + 10, START + 74, seed=(1, "CTCF", "window", 1)),
        Randomise(START + 10, START + 74, seed=(1, "SP1", "window", 0)),
    ):
        assert (make(other).codes[10:74] != altered.codes[10:74]).mean() > 0.5
    # two sites of one draw differ, and a site is the same draw in whichever window it is seen
    pair = make(Randomise(START, START + 32, seed=(1,)), Randomise(START + 32, START + 64, seed=(1,)))
    assert (pair.codes[:32] != pair.codes[32:64]).mean() > 0.5
    moved = make(first, window=("chr1", START + BIN, START + BIN + LENGTH))
    assert (moved.codes[10 - BIN : 74 - BIN] == altered.codes[10:74]).all()


def test_composition_of_random_bases():
    genome = random_genome(1, long=8000)

    def bases(composition):
        altered = apply(genome, ("long", 0, 8000), [Randomise(0, 8000, (1,), composition)], BIN)
        return np.bincount(altered.codes, minlength=5)

    assert abs(bases("uniform")[:4] / 8000 - 0.25).max() < 0.03
    assert (bases("shuffle") == np.bincount(genome.chromosomes["long"], minlength=5)).all()
    assert abs(bases((0.1, 0.2, 0.3, 0.4))[:4] / 8000 - [0.1, 0.2, 0.3, 0.4]).max() < 0.03
    assert bases((0, 0, 1, 0))[2] == 8000


@pytest.mark.parametrize(
    "perturbations",
    [
        [Delete(200, 220), Delete(219, 230)],
        [Invert(200, 220), Randomise(210, 212)],
        [Substitute(200, 204, "ACGT"), Substitute(200, 204, "ACGT")],
        [Delete(200, 220), Insert(210, "A")],
        [Delete(220, 220)],
        [Delete(230, 220)],
        [Invert(-1, 20)],
        [Invert(390, 401)],
        [Insert(401, "A")],
        [Insert(200, "")],
        [Substitute(200, 204, "ACG")],
        [Randomise(200, 204, (1,), "gc")],
        [Randomise(200, 204, (1,), (0.5, 0.5, 0.5, 0.5))],
    ],
)
def test_invalid_perturbations_are_refused(perturbations):
    with pytest.raises(InputError):
        make(*perturbations)


def test_edits_that_only_touch_are_allowed():
    altered = make(Delete(200, 220), Delete(220, 230), Insert(220, "ACGT"), Insert(200, "A"), Insert(230, "A"))
    assert (altered.codes != UNKNOWN).all()


def test_windows_that_are_not_whole_bins_are_refused():
    with pytest.raises(InputError, match="whole number of bins"):
        apply(GENOME, ("chr1", 0, 3), [], BIN)


def test_merge_intervals():
    assert merge_intervals([(5, 9), (1, 3), (8, 12), (3, 5), (20, 21)]) == [(1, 3), (3, 5), (5, 12), (20, 21)]
    assert merge_intervals([(1, 10), (2, 3), (4, 5)]) == [(1, 10)]
    assert merge_intervals([]) == []


def test_align_compares_the_same_bins():
    position = np.arange(SIZE // BIN, dtype=float)

    def pairs(bins):  # a map that says which genomic bins meet
        return position[bins][:, None] * 1000 + position[bins]

    first = START // BIN
    altered = make(Delete(START + 4 * BIN, START + 6 * BIN))
    reference = pairs(np.arange(first, first + BINS))
    alternative = pairs(np.r_[first - 1 : first + 4, first + 6 : first + BINS + 1])
    a, b = align(reference, alternative, altered.bins)
    common = np.isfinite(a)
    assert (common == np.isfinite(b)).all() and (a[common] == b[common]).all()
    assert np.isnan(a[4:6]).all() and common[3, 6] and np.isfinite(np.diag(a)).sum() == BINS - 2
    a, b = align(reference[None], alternative[None], altered.bins, frame="alternative")
    common = np.isfinite(a)
    assert a.shape == (1, BINS, BINS) and (a[common] == b[common]).all()
    assert np.isnan(a[0, 0]).all() and np.isnan(a[0, -1]).all() and np.isfinite(a[0, 1, 1])
    # cropped by two bins at both sides
    a, b = align(reference[2:-2, 2:-2], alternative[2:-2, 2:-2], altered.bins)
    common = np.isfinite(a)
    assert common.any() and (a[common] == b[common]).all() and a.shape == (BINS - 4, BINS - 4)


def test_crop_bins():
    assert crop_bins([-1, 0, 1, 2, 3, -1], 4).tolist() == [-1, 0, 1, 2]
    with pytest.raises(InputError):
        crop_bins(np.arange(6), 3)


def test_on_a_fasta(tmp_path):
    path = tmp_path / "genome.fa"
    path.write_text(">chr1\n" + decode(WHOLE).lower() + "\n")
    altered = apply(Genome(path), WINDOW, [Delete(START + 3, START + 90)], BIN)
    assert (altered.codes == make(Delete(START + 3, START + 90)).codes).all()
