"""Variants as they are read: every kind of allele of VCF, BED and tables, and all that can be wrong with them."""

import gzip
import io
import sys
from dataclasses import replace

import pandas as pd
import pysam
import pytest
from fakes import random_genome
from hypothesis import given, settings
from hypothesis import strategies as st

from akitaflow.errors import InputError
from akitaflow.genome.sequence import decode
from akitaflow.prediction.perturb import apply
from akitaflow.variants.alleles import as_breakend, interpret
from akitaflow.variants.tables import count_kinds, from_frame, guess_format, read_variants
from akitaflow.variants.variant import STATUSES, Variant
from akitaflow.variants.vcf import local_copy

HEADER = "##fileformat=VCFv4.2\n"
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
GENOME = random_genome(3, chr1=600)
WHOLE = decode(GENOME.chromosomes["chr1"])


def allele(pos, ref, alt, **info):
    return interpret(Variant(1, "chr1", pos, ".", ref, alt), {key: str(value) for key, value in info.items()})


def write_vcf(path, *lines, header=HEADER, columns=COLUMNS, end="\n"):
    path.write_bytes((header + "\n".join([columns, *lines]) + "\n").replace("\n", end).encode())
    return path


def record(pos, ref, alt, info=".", chrom="chr1"):
    return f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t{info}"


def outcome(variant):
    return variant.kind, variant.start, variant.end, variant.sequence


# --- alleles ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("pos", "ref", "alt", "info", "expected"),
    [
        (10, "A", "G", {}, ("snv", 9, 10, "G")),
        (10, "a", "g", {}, ("snv", 9, 10, "G")),
        (10, "ACG", "TGC", {}, ("mnv", 9, 12, "TGC")),
        (10, "ACG", "ATG", {}, ("snv", 10, 11, "T")),
        (10, "A", "ACC", {}, ("insertion", 10, 10, "CC")),
        (10, "CAAA", "CAA", {}, ("deletion", 10, 11, "")),
        (10, "ACGT", "A", {}, ("deletion", 10, 13, "")),
        (10, "ACGT", "ATT", {}, ("delins", 10, 12, "T")),
        (10, "N", "<DEL>", {"END": 20}, ("deletion", 10, 20, "")),
        (10, "N", "<DEL>", {"SVLEN": -10}, ("deletion", 10, 20, "")),
        (10, "N", "<DEL:ME:ALU>", {"END": 20, "SVLEN": 10}, ("deletion", 10, 20, "")),
        (10, "N", "<DUP:TANDEM>", {"END": 20}, ("duplication", 10, 20, "")),
        (10, "N", "<CN0>", {"END": 20}, ("deletion", 10, 20, "")),
        (10, "N", "<CN3>", {"END": 20}, ("duplication", 10, 20, "")),
        (10, "N", "<CNV>", {"END": 20, "CN": 2}, ("duplication", 10, 20, "")),
        (10, "N", "<INV>", {"END": 20}, ("inversion", 10, 20, "")),
        (10, "N", "<INS>", {"SVINSSEQ": "ACGT", "END": 10}, ("insertion", 10, 10, "ACGT")),
        (10, "N", "<INS>", {"SEQ": "acgt", "SVLEN": 4}, ("insertion", 10, 10, "ACGT")),
        (10, "A", "A[chr1:21[", {}, ("deletion", 10, 20, "")),
        (21, "A", "]chr1:10]A", {}, ("deletion", 10, 20, "")),
        (20, "A", "A[chr1:11[", {}, ("duplication", 10, 20, "")),
        (11, "A", "]chr1:20]A", {}, ("duplication", 10, 20, "")),
        (10, "A", "ATTT[chr1:21[", {}, ("delins", 10, 20, "TTT")),
        (10, "A", "ATTT[chr1:11[", {}, ("insertion", 10, 10, "TTT")),
        (10, "A", "A]chr1:21]", {}, ("breakend", 10, 10, "")),
        (10, "A", "[chr1:21[A", {}, ("breakend", 9, 9, "")),
        (10, "A", "A[chr2:21[", {}, ("breakend", 10, 10, "")),
        (10, "A", "]chr2:21]GA", {}, ("breakend", 9, 9, "G")),
    ],
)
def test_alleles(pos, ref, alt, info, expected):
    variant = allele(pos, ref, alt, **info)
    assert (variant.status, variant.reason) == ("ok", "")
    assert outcome(variant) == expected


def test_copies_and_sides():
    assert allele(10, "N", "<CN3>", END=20).copies == 2
    junction = allele(10, "A", "A]chr2:21]").junction
    assert (junction.chrom, junction.pos, junction.keeps_left, junction.reverse) == ("chr2", 21, True, True)
    junction = allele(10, "A", "[chr2:21[A").junction
    assert (junction.keeps_left, junction.reverse) == (False, True)
    # one that is too long for a map stays what its record says
    for pos, alt, start in ((10, "A[chr1:2100[", 10), (2100, "]chr1:10]A", 2099), (11, "]chr1:2100]A", 10)):
        breakend = as_breakend(allele(pos, "A", alt))
        assert (breakend.kind, breakend.start, breakend.end, breakend.copies) == ("breakend", start, start, 0)


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "info", "status", "words"),
    [
        (0, "A", "G", {}, "off_end", "POS is 0"),
        (10, "A", "A", {}, "same_allele", ""),
        (10, "A", "a", {}, "same_allele", ""),
        (10, "N", "G", {}, "unknown_base", "REF is N"),
        (10, "R", "G", {}, "unknown_base", "REF is R"),
        (10, "A", "AN", {}, "unknown_base", "ALT is AN"),
        (10, "A", "*", {}, "unsupported_allele", "another record"),
        (10, "A", ".", {}, "unsupported_allele", "no alternative"),
        (10, "A", "<NON_REF>", {}, "unsupported_allele", "not observed"),
        (10, "A", "<*>", {}, "unsupported_allele", "not observed"),
        (10, "A", "A.", {}, "unsupported_allele", "single breakend"),
        (10, "A", "<INS>", {"SVLEN": 300}, "unsupported_allele", "without SVINSSEQ"),
        (10, "A", "<INS:ME:ALU>", {}, "unsupported_allele", "without SVINSSEQ"),
        (10, "A", "<CNV>", {"END": 20}, "unsupported_allele", "which sequence"),
        (10, "A", "<DUP:INT>", {"END": 20}, "unsupported_allele", "where the copy"),
        (10, "A", "<TRA>", {"END": 20}, "unsupported_allele", "which sequence"),
        (10, "A", "<CN1>", {"END": 20}, "same_allele", "one copy"),
        (10, "A", "<INS>", {"SEQ": "ANA"}, "unknown_base", "inserted"),
        (10, "A", "<INS>", {"SEQ": "ACC", "SVLEN": 5}, "invalid_record", "SVLEN is 5"),
        (50, "A", "<DEL>", {"END": 20}, "invalid_record", "END 20 lies before POS 50"),
        (50, "A", "<DEL>", {"END": 80, "SVLEN": -10}, "invalid_record", "SVLEN -10 disagrees"),
        (50, "A", "<DEL>", {"END": 50}, "invalid_record", "no base"),
        (50, "A", "<DEL>", {}, "invalid_record", "neither END nor SVLEN"),
        (50, "A", "<DEL>", {"END": "x"}, "invalid_record", "END is x"),
        (10, "A-C", "G", {}, "invalid_record", "REF is A-C"),
        (10, "A", "G%", {}, "invalid_record", "ALT is G%"),
        (10, "A", "A[chr1:x[", {}, "invalid_record", "not a breakend"),
        (10, "A", "A[chr1:5]", {}, "invalid_record", "not a breakend"),
        (10, "AC", "A[chr1:50[", {}, "invalid_record", "one base"),
        (10, "A", "A[chr1:11[", {}, "same_allele", "joins what is joined"),
    ],
)
def test_alleles_that_cannot_be_scored(pos, ref, alt, info, status, words):
    variant = allele(pos, ref, alt, **info)
    assert variant.status == status in STATUSES and words in variant.reason and variant.reason


bases = st.text("ACGT", min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 400), st.integers(1, 12), bases)
def test_a_literal_allele_replaces_its_ref(pos, length, alt):
    ref = WHOLE[pos - 1 : pos - 1 + length]
    variant = allele(pos, ref, alt)
    expected = WHOLE[: pos - 1] + alt + WHOLE[pos - 1 + length :]
    if ref == alt:
        assert variant.status == "same_allele"
        return
    # with bins as long as the window, the window keeps its first base
    altered = apply(GENOME, ("chr1", 0, 500), variant.edits(GENOME), bin_size=500)
    assert decode(altered.codes) == expected[:500]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.integers(1, 80), st.sampled_from(["<DEL>", "<DUP>", "<INV>"]))
def test_a_symbolic_allele_and_its_breakends_are_the_same(pos, length, alt):
    end = pos + length
    symbolic = allele(pos, "N", alt, END=end)
    before, after = WHOLE[:pos], WHOLE[end:]
    middle = WHOLE[pos:end]
    turned = middle[::-1].translate(str.maketrans("ACGT", "TGCA"))
    expected = before + {"<DEL>": "", "<DUP>": middle * 2, "<INV>": turned}[alt] + after
    edits = replace(symbolic, genome_chrom="chr1").edits(GENOME)
    altered = apply(GENOME, ("chr1", 0, 500), edits, bin_size=500)
    assert decode(altered.codes) == expected[:500]
    pairs = {
        "<DEL>": [(pos, f"N[chr1:{end + 1}["), (end + 1, f"]chr1:{pos}]N")],
        "<DUP>": [(end, f"N[chr1:{pos + 1}["), (pos + 1, f"]chr1:{end}]N")],
    }
    for place, breakend in pairs.get(alt, []):
        assert outcome(allele(place, "N", breakend)) == outcome(symbolic)


# --- VCF -------------------------------------------------------------------------------------------------------------
def test_rows_are_those_of_the_file_in_its_order(tmp_path):
    lines = [record(50, "A", "G,*,<DEL>", "END=60"), record(5, "C", "T"), record(5, "C", "T"), record(9, "G", ".")]
    variants = list(read_variants(write_vcf(tmp_path / "a.vcf", *lines)))
    assert [(each.record, each.allele, each.alt) for each in variants] == [
        (1, 1, "G"), (1, 2, "*"), (1, 3, "<DEL>"), (2, 1, "T"), (3, 1, "T"), (4, 1, "."),
    ]  # fmt: skip
    assert [each.status for each in variants] == ["ok", "unsupported_allele", "ok", "ok", "ok", "unsupported_allele"]
    assert outcome(variants[2]) == ("deletion", 50, 60, "")


@pytest.mark.parametrize("kind", ["plain", "crlf", "gzip", "bgzip", "bcf", "stdin"])
def test_the_same_from_every_kind_of_file(tmp_path, kind, monkeypatch):
    header = HEADER + '##contig=<ID=chr1,length=600>\n##FILTER=<ID=PASS,Description="">\n'
    header += '##INFO=<ID=END,Number=1,Type=Integer,Description="">\n'
    lines = [record(50, "A", "<DEL>", "END=60"), record(5, "c", "t"), record(70, "A", "A[chr1:90[")]
    path = write_vcf(tmp_path / "a.vcf", *lines, header=header)
    expected = list(read_variants(path))
    assert [each.status for each in expected] == ["ok"] * 3
    if kind == "crlf":
        path = write_vcf(tmp_path / "b.vcf", *lines, header=header, end="\r\n")
    elif kind == "gzip":
        path = tmp_path / "b.vcf.gz"
        path.write_bytes(gzip.compress((tmp_path / "a.vcf").read_bytes()))
    elif kind == "bgzip":
        path = tmp_path / "b.vcf.gz"
        pysam.tabix_compress(str(tmp_path / "a.vcf"), str(path))
    elif kind == "bcf":
        path = tmp_path / "b.bcf"
        with pysam.VariantFile(str(tmp_path / "a.vcf")) as source:
            with pysam.VariantFile(str(path), "wb", header=source.header) as target:
                for each in source:
                    target.write(each)
    if kind == "stdin":
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
        with local_copy("-") as copy:
            assert list(read_variants(copy)) == expected == list(read_variants(copy))
    else:
        assert list(read_variants(path)) == expected


@pytest.mark.parametrize("declared", [False, True])
def test_contradictions_of_end_are_found_with_and_without_header_lines(tmp_path, declared):
    header = HEADER
    if declared:
        header += '##contig=<ID=chr1>\n##INFO=<ID=END,Number=1,Type=Integer,Description="">\n'
        header += '##INFO=<ID=SVLEN,Number=A,Type=Integer,Description="">\n'
    lines = [record(50, "A", "<DEL>", "END=20"), record(50, "A", "<DEL>", "END=80;SVLEN=-10")]
    variants = list(read_variants(write_vcf(tmp_path / "a.vcf", *lines, header=header)))
    assert [each.status for each in variants] == ["invalid_record"] * 2
    assert "before POS" in variants[0].reason and "disagrees" in variants[1].reason


def test_a_damaged_file_is_one_error(tmp_path):
    lines = [record(i, "A", "G", f"X={i * 7919}") for i in range(1, 20000)]
    path = write_vcf(tmp_path / "a.vcf", *lines)
    pysam.tabix_compress(str(path), str(tmp_path / "a.vcf.gz"))
    whole = (tmp_path / "a.vcf.gz").read_bytes()
    packed = gzip.compress(path.read_bytes())
    for name, content, words in (
        ("half.vcf.gz", whole[: len(whole) // 2], "cut short"),
        ("no_end.vcf.gz", whole[:-28], "cut short"),
        ("gzip.vcf.gz", packed[: len(packed) // 2], "cut off"),
        ("cut.vcf", path.read_bytes() + b"chr1\t10\trs", "line 20002: 3 columns, but 8 are needed"),
        ("letters.vcf", (HEADER + COLUMNS + "\nchr1\tten\t.\tA\tG\t.\t.\t.\n").encode(), "line 3: POS is .ten."),
        ("spaces.vcf", (HEADER + COLUMNS + "\nchr1 10 . A G . . .\n").encode(), "separated by tabs, not blanks"),
        ("header.vcf", HEADER.encode(), "the line #CHROM .* is missing"),
        ("empty.vcf", b"", "is empty"),
        ("prose.txt", b"some text\n", "neither a VCF"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=words):
            list(read_variants(tmp_path / name))
    with pytest.raises(InputError, match="no such file"):
        with local_copy(tmp_path / "none.vcf"):
            pass


def test_a_position_past_the_end_is_read_as_it_is(tmp_path):
    variants = list(
        read_variants(write_vcf(tmp_path / "a.vcf", record(100_000_000_000, "A", "G"), record(0, "A", "G")))
    )
    assert [each.pos for each in variants] == [100_000_000_000, 0]
    assert [each.status for each in variants] == ["ok", "off_end"]


def test_genotypes(tmp_path):
    columns = COLUMNS + "\tFORMAT\tS1\tS2"
    lines = [
        record(10, "A", "G") + "\tGT\t0|1\t0/1",
        record(20, "A", "G,T") + "\tGT:PS\t2|1:7\t1/1",
        record(30, "A", "G") + "\tGT\t.\t0|0",
    ]
    path = write_vcf(tmp_path / "a.vcf", *lines, columns=columns)
    first, second = list(read_variants(path, sample="S1")), list(read_variants(path, sample="S2"))
    assert [(each.phase, each.phase_set) for each in first] == [((2,), ""), ((2,), "7"), ((1,), "7"), ((), "")]
    assert [each.status for each in first] == ["ok", "ok", "ok", "not_carried"]
    assert [each.status for each in second] == ["unphased", "ok", "not_carried", "not_carried"]
    assert second[1].phase == (1, 2)
    with pytest.raises(InputError, match="no sample 'S3'; it has S1, S2"):
        list(read_variants(path, sample="S3"))


# --- BED and tables --------------------------------------------------------------------------------------------------
def test_bed(tmp_path):
    path = tmp_path / "a.bed"
    path.write_bytes(b"track name=x\r\nchr1\t10\t20\tDEL\r\nchr1\t5\t9\tinv\r\nchr1\t9\t5\tDUP\r\nchr1\t1\t2\tfoo\r\n")
    variants = list(read_variants(path))
    assert guess_format(path) == "bed"
    assert [outcome(each) for each in variants[:2]] == [("deletion", 10, 20, ""), ("inversion", 5, 9, "")]
    assert [each.status for each in variants] == ["ok", "ok", "invalid_record", "unsupported_allele"]
    assert [(each.record, each.pos) for each in variants[:2]] == [(1, 11), (2, 6)]
    path.write_text("chr1\t10\t20\tmine\n")
    (only,) = read_variants(path, bed_kind="DUP")
    assert (only.kind, only.copies, only.id) == ("duplication", 1, "mine")
    path.write_text("chr1\t10\t20\n")
    with pytest.raises(InputError, match="line 1: four columns"):
        list(read_variants(path))
    with pytest.raises(InputError, match="kind 'X' of"):
        list(read_variants(path, bed_kind="X"))


def test_a_table_and_a_data_frame_are_the_same(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("chrom\tpos\tid\tref\talt\tend\n1\t10\tx\tA\tG,T\t\n1\t20\ty\tN\t<DEL>\t30\n1\tten\tz\tA\tC\t\n")
    variants = list(read_variants(path))
    assert [outcome(each) for each in variants[:3]] == [
        ("snv", 9, 10, "G"), ("snv", 9, 10, "T"), ("deletion", 20, 30, ""),
    ]  # fmt: skip
    assert [each.status for each in variants] == ["ok", "ok", "ok", "invalid_record"]
    assert list(from_frame(pd.read_csv(path, sep="\t"))) == variants
    path.write_text("chrom\tpos\tref\talt\n1\t10\tA\n")
    with pytest.raises(InputError, match="line 2: 3 columns"):
        list(read_variants(path))
    with pytest.raises(InputError, match="column alt is missing"):
        list(from_frame(pd.DataFrame({"chrom": ["1"], "pos": [1], "ref": ["A"]})))


def test_kinds_are_counted_in_the_order_of_the_file(tmp_path):
    path = write_vcf(tmp_path / "a.vcf", record(10, "A", "G"), record(12, "N", "<NON_REF>"), record(20, "C", "T,CA"))
    counts = count_kinds(path)
    assert counts.values.tolist() == [["snv", "ok", 2], ["", "unsupported_allele", 1], ["insertion", "ok", 1]]
    empty = write_vcf(tmp_path / "b.vcf")
    assert count_kinds(empty).empty and list(count_kinds(empty)) == ["kind", "status", "alleles"]
