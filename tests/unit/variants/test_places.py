"""Variants in the genome: names, lift-over, the check of REF, windows, haplotypes, random ones, saturation."""

from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeGenome, FakeModel, random_genome
from hypothesis import given, settings
from hypothesis import strategies as st

from akitaflow.errors import InputError
from akitaflow.genome.intervals import Window
from akitaflow.genome.sequence import UNKNOWN, decode, encode, reverse_complement
from akitaflow.prediction.perturb import apply
from akitaflow.variants.alleles import interpret
from akitaflow.variants.haplotypes import Haplotypes, overlap
from akitaflow.variants.places import Lift, Names, check_bases, locate
from akitaflow.variants.saturation import saturate
from akitaflow.variants.variant import Variant
from akitaflow.variants.windows import Windows, centred_window, map_interval

GENOME = random_genome(7, chr1=1000, chrM=300, two=800)
WHOLE = decode(GENOME.chromosomes["chr1"])


def variant(chrom, pos, ref, alt, **info):
    return interpret(Variant(1, chrom, pos, ".", ref, alt), {key: str(value) for key, value in info.items()})


def placed(*args, genome=GENOME, lift=None, **info):
    return check_bases(locate(variant(*args, **info), Names(genome.chromsizes), lift), genome)


def other(base):
    return "ACGT"[("ACGT".index(base) + 1) % 4]


# --- names and bases -------------------------------------------------------------------------------------------------
def test_names():
    names = Names(["chr1", "chrM", "two", "3"])
    assert [names(name) for name in ("chr1", "1", "MT", "two", "chrtwo", "chr3", "4")] == [
        "chr1", "chr1", "chrM", "two", "two", "3", None,
    ]  # fmt: skip
    assert str(names) == "1 is read as chr1, MT is read as chrM, chrtwo is read as two, chr3 is read as 3"


def test_statuses_of_places():
    ref = WHOLE[99]
    third = next(base for base in "ACGT" if base not in (ref, other(ref)))
    for args, status, words in (
        (("1", 100, ref, other(ref)), "ok", ""),
        (("chr1", 100, ref.lower(), other(ref)), "ok", ""),
        (("chr9", 100, ref, other(ref)), "unknown_chromosome", "no chr9"),
        (("chr1", 100, other(ref), third), "reference_mismatch", f"has {ref} where REF is {other(ref)}; nor is it ALT"),
        (("chr1", 100, other(ref), ref), "swapped_alleles", "swap"),
        (("chr1", 1001, "A", "G"), "off_end", "1000 bases"),
        (("chr1", 10**11, "A", "G"), "off_end", "1000 bases"),
        (("chr1", 1000, WHOLE[-1] + "A", "A"), "off_end", "1000 bases"),
        (("chr1", 100, "N", "N[chr7:50["), "unknown_chromosome", "the mate's"),
        (("chr1", 100, "N", "N[two:900["), "off_end", "two:900"),
        (("chr1", 100, "N", "N[chr1:0["), "off_end", ""),
        (("chr1", 100, other(ref), f"{other(ref)}[two:90["), "reference_mismatch", ""),
    ):
        placed_variant = placed(*args)
        assert placed_variant.status == status, placed_variant
        assert words in placed_variant.reason
    assert placed("chr1", 100, other(ref), "<DEL>", END=120).status == "reference_mismatch"
    assert placed("chr1", 100, "N", "<DEL>", END=1001).status == "off_end"
    assert placed("chr1", 100, "N", "<DEL>", END=120).status == "ok"
    # the genome has the deletion that the record gives: its ALT is what is there
    deleted = WHOLE[99] + other(WHOLE[100]) + WHOLE[100:105]
    assert placed("chr1", 100, deleted, WHOLE[99]).status == "reference_mismatch"


def test_unknown_bases_of_the_genome():
    codes = GENOME.chromosomes["chr1"].copy()
    codes[99] = UNKNOWN
    genome = FakeGenome({"chr1": codes})
    placed_variant = placed("chr1", 100, "A", "G", genome=genome)
    assert placed_variant.status == "unknown_base" and "the genome has N" in placed_variant.reason


# --- lift-over -------------------------------------------------------------------------------------------------------
CHAINS = """\
chain 1000 chr1 1000 + 100 300 chr1 1000 + 400 600 1
200

chain 1000 chr2 1000 + 100 300 chr1 1000 - 200 400 2
200

chain 500 chr3 1000 + 100 200 chr1 1000 + 100 205 3
50 0 5
50

"""


@pytest.fixture
def chain(tmp_path):
    path = tmp_path / "a.chain"
    path.write_text(CHAINS)
    return path


def test_a_chain_moves_positions(chain):
    lift = Lift(chain)
    placed_variant = placed("1", 151, WHOLE[450], other(WHOLE[450]), lift=lift)
    assert (placed_variant.status, placed_variant.genome_chrom, placed_variant.start, placed_variant.pos) == (
        "ok",
        "chr1",
        450,
        151,
    )
    for args, words in (
        (("chr1", 50, "A", "G"), "no place"),
        (("chr8", 50, "A", "G"), "no chr8"),
        (("chr3", 140, "N", "<DEL>"), "20 bases become 25"),
        (("chr2", 150, "N", "N[chr1:150["), "reversed"),
        (("chr1", 150, "N", "N[chr1:50["), "no place"),
    ):
        placed_variant = placed(*args, lift=lift, END=160)
        assert placed_variant.status == "not_lifted" and words in placed_variant.reason, placed_variant
    placed_variant = placed("chr1", 150, "N", "N[chr1:190[", lift=lift)
    assert (placed_variant.kind, placed_variant.start, placed_variant.end, placed_variant.junction.pos) == (
        "deletion",
        450,
        489,
        490,
    )
    with pytest.raises(InputError, match="cannot be read as a chain"):
        chain.write_text("chain nonsense\n")
        Lift(chain)


@settings(max_examples=80, deadline=None)
@given(st.integers(110, 280), st.integers(1, 8), st.text("ACGT", min_size=1, max_size=8))
def test_alleles_on_a_reversed_stretch(tmp_path_factory, pos, length, alt):
    path = tmp_path_factory.mktemp("chain") / "a.chain"
    path.write_text(CHAINS)
    # base x of the source's chr2 is base 899 - x of the genome's chr1, reversed
    source = np.full(1000, UNKNOWN, np.uint8)
    source[100:300] = reverse_complement(GENOME.chromosomes["chr1"])[200:400]
    text = decode(source)
    ref = text[pos - 1 : pos - 1 + length]
    placed_variant = placed("chr2", pos, ref, alt, lift=Lift(path))
    if ref == alt:
        assert placed_variant.status == "same_allele"
        return
    assert placed_variant.status == "ok"
    altered = encode(text[: pos - 1] + alt + text[pos - 1 + length : 300])[100:]
    altered_codes = apply(GENOME, ("chr1", 0, 1000), placed_variant.edits(GENOME), bin_size=1000).codes
    # the source's 100 to 300 are the genome's 600 to 800; its altered length differs
    assert decode(altered_codes[600 : 600 + len(altered)]) == decode(reverse_complement(altered))


# --- windows ---------------------------------------------------------------------------------------------------------
@settings(max_examples=80, deadline=None)
@given(st.integers(200, 5000), st.integers(0, 4999))
def test_windows_lie_on_the_grid_inside_the_chromosome(size, middle):
    middle %= size
    window = centred_window("chr1", middle, size, 192, 16)
    assert window.start % 16 == 0 and 0 <= window.start and window.end <= size and window.end - window.start == 192
    if 96 <= middle < size - 112:
        assert (middle - window.start) // 16 == 6


def test_variants_without_a_window():
    model = FakeModel()  # windows of 192 bp, maps of 128
    windows = Windows(model, GENOME)
    assert map_interval(Window("chr1", 0, 192), model) == (32, 160)
    cases = (
        (("chr1", 500, "N", "<DEL>", 560), "ok"),
        (("chr1", 450, "N", "<DEL>", 579), "too_long"),
        (("chr1", 450, "N", "<DUP>", 520), "too_long"),
        (("chr1", 20, "N", "<DEL>", 30), "outside_map"),
        (("chr1", 990, "N", "<DEL>", 995), "outside_map"),
        (("chr1", 40, "N", "<DEL>", 50), "ok"),
    )
    for (*args, end), status in cases:
        placed_variant, window = windows(placed(*args, END=end))
        assert placed_variant.status == status and (window is None) == (status != "ok"), args
    small = random_genome(1, chr1=150)
    placed_variant, _ = Windows(model, small)(placed("chr1", 70, "N", "<DEL>", genome=small, END=80))
    assert placed_variant.status == "short_chromosome"
    codes = GENOME.chromosomes["chr1"].copy()
    codes[:480] = UNKNOWN
    empty = FakeGenome({"chr1": codes})
    placed_variant, _ = Windows(model, empty)(placed("chr1", 485, "N", "<DEL>", genome=empty, END=490))
    assert placed_variant.status == "ok"
    placed_variant, _ = Windows(model, empty, 0.4)(placed("chr1", 485, "N", "<DEL>", genome=empty, END=490))
    assert placed_variant.status == "unknown_sequence" and "is N" in placed_variant.reason


# --- haplotypes ------------------------------------------------------------------------------------------------------
def test_haplotypes():
    def carried(pos, alt, phase, phase_set="", **more):
        placed_variant = placed("chr1", pos, WHOLE[pos - 1], alt, **more)
        return replace(placed_variant, phase=phase, phase_set=phase_set)

    first = carried(100, other(WHOLE[99]), (1,))
    both = carried(120, other(WHOLE[119]), (1, 2))
    deletion = carried(110, "<DEL>", (2,), END=125)
    elsewhere = carried(900, other(WHOLE[899]), (1,))
    unrelated = carried(130, other(WHOLE[129]), (1,), "9")
    haplotypes = Haplotypes([elsewhere, both, first, first, deletion, unrelated, first.failed("not_carried")])
    window = Window("chr1", 32, 224)
    assert haplotypes.alleles(first, 1, window) == [first, both]
    assert haplotypes.alleles(both, 2, window) == [deletion, both]
    assert haplotypes.alleles(unrelated, 1, window) == [unrelated]
    assert not overlap([first, both]) and overlap([deletion, both])


# --- saturation ------------------------------------------------------------------------------------------------------
def test_saturation():
    region = Window("chr1", 100, 125)
    placed_variant = list(saturate(GENOME, region))
    assert [(each.start, each.ref) for each in placed_variant] == [
        (100 + i, WHOLE[100 + i]) for i in range(25) for _ in range(3)
    ]
    assert all(
        {each.alt for each in placed_variant[i : i + 3]} == set("ACGT") - {placed_variant[i].ref}
        for i in range(0, 75, 3)
    )
    blocks = list(saturate(GENOME, region, "randomise", 10))
    assert [(each.start, each.end, each.kind) for each in blocks] == [
        (100, 110, "mnv"), (110, 120, "mnv"), (120, 125, "mnv"),
    ]  # fmt: skip
    assert all(len(each.alt) == len(each.ref) and each.alt != each.ref for each in blocks)
    assert blocks == list(saturate(GENOME, region, "randomise", 10))
    assert [each.kind for each in saturate(GENOME, region, "delete")] == ["deletion"] * 3
    codes = np.array([0, UNKNOWN, 1], np.uint8)
    statuses = [each.status for each in saturate(FakeGenome({"a": codes}), ("a", 0, 3))]
    assert statuses == ["ok"] * 3 + ["unknown_base"] + ["ok"] * 3
    for bad in (("chr1", 990, 1001), ("chr8", 1, 2), ("chr1", 5, 5)):
        with pytest.raises(InputError, match="on no chromosome"):
            list(saturate(GENOME, bad))
    with pytest.raises(InputError, match="blocks of 0 bases"):
        list(saturate(GENOME, region, "delete", 0))
    with pytest.raises(InputError, match="'twist' is unknown"):
        list(saturate(GENOME, region, "twist"))
