"""Alternative sequences against those of supremo-lite, an independent program, where it is installed.

supremo-lite 1.0.0 cuts its window from the altered chromosome at ``POS - 1 - length // 2`` of the reference, so that
the first base stays and the last ones move; ``apply`` does the same with bins as long as the window. Differences:

- ``<INV>``: it inverts [POS - 1, END), 0-based; the specification of VCF (4.2, 1.4.1) has POS as the base before the
  event, so here it is [POS, END): the base at POS.
- ``<DUP>``: it copies [POS - 1, END - 1), here it is [POS, END): the bases at POS and at END.
- ``t[p[``: it drops t, the base at POS, which the specification (5.4) keeps.
- ``[p[t``: its window lies away from the breakpoint, so there is nothing to compare.
- ``<DEL>``, ``<CNV>``: it reads none; ``<DEL>`` is compared with the deletion that is written out.
"""

import numpy as np
import pytest
from fakes import random_genome

from akitaflow.genome.intervals import Window
from akitaflow.genome.sequence import decode
from akitaflow.prediction.perturb import apply
from akitaflow.variants.junctions import JoinedWindow
from akitaflow.variants.places import Names, check_bases, locate
from akitaflow.variants.tables import read_variants

supremo_lite = pytest.importorskip("supremo_lite")

LENGTH = 64
GENOME = random_genome(11, chr1=2000, chr2=1500)
REFERENCE = {name: decode(codes) for name, codes in GENOME.chromosomes.items()}


def write(path, rows):
    lines = ["##fileformat=VCFv4.2", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    lines += [f"{chrom}\t{pos}\t{name}\t{ref}\t{alt}\t.\t.\t{info}" for chrom, pos, name, ref, alt, info in rows]
    path.write_text("\n".join(lines) + "\n")
    return path


def supremo_sequences(path):
    """Sequences and first bases of their windows, in the order of the file."""
    sequences_made = []
    for sequences, _ in supremo_lite.get_alt_sequences(dict(REFERENCE), str(path), LENGTH, encode=False):
        sequences_made += sequences
    return sequences_made


def akitaflow_sequences(path):
    for variant in read_variants(path):
        variant = check_bases(locate(variant, Names(GENOME.chromsizes)), GENOME)
        assert variant.status == "ok", variant
        start = variant.pos - 1 - LENGTH // 2
        window = (variant.genome_chrom, start, start + LENGTH)
        yield decode(apply(GENOME, window, variant.edits(GENOME), bin_size=LENGTH).codes)


def random_rows(seed, n=60):
    """SNVs, insertions and deletions with the base before them, in order."""
    random = np.random.default_rng(seed)
    for pos in np.sort(random.integers(100, 1400, n)):
        chrom = "chr1" if random.random() < 0.5 else "chr2"
        size, drawn = int(random.integers(1, 20)), decode(random.integers(4, size=30))
        ref = REFERENCE[chrom][pos - 1]
        kind = random.integers(3)
        if kind == 0:
            yield chrom, pos, ".", ref, next(base for base in drawn if base != ref), "."
        elif kind == 1:
            yield chrom, pos, ".", ref, ref + drawn[:size], "."
        else:
            yield chrom, pos, ".", REFERENCE[chrom][pos - 1 : pos + size], ref, "."


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_snvs_insertions_and_deletions_are_equal(tmp_path, seed):
    path = write(tmp_path / "a.vcf", random_rows(seed))
    sequences_made = supremo_sequences(path)
    assert len(sequences_made) == 60
    assert [sequence for *_, sequence in sequences_made] == list(akitaflow_sequences(path))


@pytest.mark.parametrize(("kind", "end_moves"), [("DUP", 1), ("INV", 0)])
def test_duplications_and_inversions_are_equal_but_for_their_first_and_last_base(tmp_path, kind, end_moves):
    random = np.random.default_rng(4)
    places = [(int(pos), int(pos + random.integers(2, 28))) for pos in random.integers(100, 1800, 30)]
    rows = [("chr1", pos, ".", "N", f"<{kind}>", f"SVTYPE={kind};END={end}") for pos, end in places]
    moved = [("chr1", pos + 1, ".", "N", f"<{kind}>", f"SVTYPE={kind};END={end + end_moves}") for pos, end in places]
    mine = list(akitaflow_sequences(write(tmp_path / "ours.vcf", rows)))
    same = [sequence for *_, sequence in supremo_sequences(write(tmp_path / "moved.vcf", moved))]
    # their window is centred on its own POS: shifted by one base
    assert [sequence[1:] for sequence in mine] == [sequence[:-1] for sequence in same]
    for (pos, end), sequence in zip(places, mine, strict=True):
        assert sequence[: LENGTH // 2 + 1] == REFERENCE["chr1"][pos - 1 - LENGTH // 2 : pos]  # the base at POS stays
        inside = REFERENCE["chr1"][pos:end]
        turned = inside[::-1].translate(str.maketrans("ACGT", "TGCA"))
        expected = inside * 2 if kind == "DUP" else turned
        assert sequence[LENGTH // 2 + 1 :].startswith(expected[: LENGTH // 2 - 1])


def test_a_symbolic_deletion_is_the_one_written_out(tmp_path):
    rows = [
        ("chr1", pos, ".", REFERENCE["chr1"][pos - 1 : pos + 14], REFERENCE["chr1"][pos - 1], ".") for pos in (500, 900)
    ]
    symbolic = [("chr1", pos, ".", "N", "<DEL>", f"SVTYPE=DEL;END={pos + 14}") for pos in (500, 900)]
    sequences_made = [sequence for *_, sequence in supremo_sequences(write(tmp_path / "a.vcf", rows))]
    assert sequences_made == list(akitaflow_sequences(write(tmp_path / "b.vcf", symbolic)))


@pytest.mark.parametrize(
    ("first", "second", "dropped"), [("N[chr2:700[", "]chr1:500]N", 1), ("N]chr2:700]", "N]chr1:500]", 0)]
)
def test_breakends_are_equal_but_for_the_base_at_pos(tmp_path, first, second, dropped):
    rows = [
        ("chr1", 500, "a", "N", first, "SVTYPE=BND;MATEID=b"),
        ("chr2", 700, "b", "N", second, "SVTYPE=BND;MATEID=a"),
    ]
    path = write(tmp_path / "a.vcf", rows)
    (sequences_made,) = supremo_sequences(path)
    variant = locate(next(read_variants(path)), Names(GENOME.chromsizes))
    window = Window("chr1", 500 - 200, 500 + 200)
    junction, _ = JoinedWindow.of(variant, window).alternatives(GENOME, variant.sequence)
    sequence = decode(apply(GENOME, window, junction, bin_size=10).codes)
    left, right = sequence[:200], sequence[200:]
    assert left == REFERENCE["chr1"][300:500]
    assert len(sequences_made) == LENGTH and sequences_made in left[: 200 - dropped] + right
