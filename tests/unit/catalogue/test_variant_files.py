"""Catalogue of files of variants: what is read, what has a status, and what is refused with its line."""

import gzip

import pytest

from akitaflow.errors import InputError
from akitaflow.variants.tables import read_variants

HEADER = '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=4000>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n'
NAMES = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
SAMPLES = NAMES[:-1] + "\tFORMAT\tS1\tS2\n"
FIRST, SECOND = "chr1\t10\ta\tA\tC\t.\t.\t.\n", "chr1\t20\tb\tG\tT\t.\t.\t.\n"
VCF = HEADER + NAMES + FIRST
TABLE, BED = "chrom\tpos\tref\talt\nchr1\t10\tA\tC\n", "chr1\t10\t20\tDEL\n"


def read(folder, content, **options):
    path = folder / "calls"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_variants(path, **options))


REFUSED = {
    "a second header": (VCF + HEADER + NAMES + SECOND, "line 6: found '##fileformat=VCFv4.2' among the records"),
    "names twice": (HEADER + NAMES + NAMES + FIRST, "line 5: found '#CHROM.* among the records"),
    "a comment": (VCF + "# mine\n" + SECOND, "line 6: found '# mine' among the records"),
    "an empty line": (VCF + "\n" + SECOND, "line 6: it is empty"),
    "an empty line at the end": (VCF + "\n", "line 6: it is empty"),
    "blanks": ((VCF + SECOND).replace("\t", " "), "line 4: columns must be separated by tabs"),
    "blanks in a record": (VCF + SECOND.replace("\t", " "), "line 6: 1 columns, but 8 .*separated by tabs"),
    "five columns": (VCF + "chr1\t20\tb\tG\tT\n", "line 6: 5 columns, but 8 are needed"),
    "a decimal": (VCF + SECOND.replace("20", "20.0"), "line 6: POS is '20.0'"),
    "a comma": (VCF + SECOND.replace("20", "2,000"), "line 6: POS is '2,000'"),
    "gzipped": (gzip.compress((VCF + SECOND.replace("20", "1e3")).encode()), "line 6: POS is '1e3'"),
    "no names": (HEADER + FIRST, "line 4: found 'chr1.*the line #CHROM"),
    "only a header": (HEADER, "line 3: the line #CHROM .* is missing"),
    "no format": (NAMES + FIRST, "lacks the first line of a VCF; write ##fileformat"),
    "format not first": ("\n" + VCF, "the line ##fileformat is not the first"),
    "a byte order mark": ("\ufeff" + VCF, "byte order mark"),
    "UTF-16": (VCF.encode("utf-16"), "is text in UTF-16"),
    "empty": ("", "is empty"),
    "a table with commas": (TABLE.replace("\t", ","), "its first line is 'chrom,pos,ref,alt'"),
    "a column twice": (TABLE.replace("alt", "alt\talt").replace("C", "C\tG"), "line 1: the column alt stands twice"),
    "a header of BED": ("chrom\tstart\tend\tkind\n" + BED, "its first line is 'chrom"),
    "a web page": ("<!DOCTYPE html>", "is a web page"),
    "a pointer": ("version https://git-lfs.github.com/spec/v1\n", "is a pointer of git-lfs"),
    "a cut table": (gzip.compress(BED.encode() * 900)[:-9], "cut off"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_files_are_refused_with_their_line(tmp_path, case):
    content, message = REFUSED[case]
    with pytest.raises(InputError, match=f"calls.*{message}"):
        read(tmp_path, content)


GENOTYPES = {
    "words": (SAMPLES, "het\t0|1", "line 5: GT of a sample is 'het'"),
    "too few": (SAMPLES, "0|1", "line 5: 10 columns, but 11 are needed"),
    "one name twice": (SAMPLES.replace("S2", "S1"), "0|1\t0|1", "line 4: the sample 'S1' stands twice"),
}


@pytest.mark.parametrize("case", GENOTYPES)
def test_genotypes_are_refused_with_their_line(tmp_path, case):
    names, calls, message = GENOTYPES[case]
    with pytest.raises(InputError, match=f"calls.*{message}"):
        read(tmp_path, HEADER + names + FIRST[:-1] + f"\tGT\t{calls}\n", sample="S1")


@pytest.mark.parametrize(("keys", "call"), [("GT", "./."), ("DP", "3")])
def test_a_missing_genotype_is_named(tmp_path, keys, call):
    [variant] = read(tmp_path, HEADER + SAMPLES + FIRST[:-1] + f"\t{keys}\t{call}\t.\n", sample="S1")
    assert (variant.status, variant.reason) == ("not_carried", "the genotype is missing")


def deletion(info, alt="<DEL>"):
    return HEADER + NAMES + f"chr1\t100\t.\tN\t{alt}\t.\t.\t{info}\n"


STATUSES = {
    "SVTYPE": (deletion("SVTYPE=DUP;END=150"), "invalid_record", "SVTYPE is DUP, ALT <DEL>"),
    "CHR2": (deletion("CHR2=chr2;END=500"), "invalid_record", "CHR2 is chr2"),
    "END twice": (deletion("END=150;END=160"), "invalid_record", "END is 150 and 160"),
    "a superscript": (TABLE.replace("10", "1\u00b2"), "invalid_record", "it must be a whole number"),
    "two signs": (TABLE.replace("10", "--5"), "invalid_record", "it must be a whole number"),
    "digits of Arabic": (TABLE.replace("10", "\u0661\u0662"), "invalid_record", "it must be a whole number"),
    "a negative start": (BED.replace("10", "-5"), "invalid_record", "start -5 and end 20 must be whole"),
    "decimals": (BED.replace("10", "10.0"), "invalid_record", "start 10.0 and end 20"),
    "empty interval": (BED.replace("20", "10"), "invalid_record", "start 10 is not below end 10"),
}


@pytest.mark.parametrize("case", STATUSES)
def test_alleles_have_a_status_and_a_reason(tmp_path, case):
    content, status, reason = STATUSES[case]
    [variant] = read(tmp_path, content)
    assert variant.status == status and reason in variant.reason


def test_a_kind_that_differs_from_the_given_one_is_invalid(tmp_path):
    [variant] = read(tmp_path, BED.replace("DEL", "dup"), bed_kind="DEL")
    assert variant.status == "invalid_record" and "the fourth column says dup" in variant.reason


READ = {
    "the same event in SVTYPE": (deletion("SVTYPE=DEL;CHR2=chr1;END=150"), "chr1", "deletion"),
    "no SVTYPE": (deletion("END=150"), "chr1", "deletion"),
    "a name that begins as track": ("tracker" + BED[4:], "tracker", "deletion"),
    "track and browser": ("track name=x\nbrowser position chr1\n\n" + BED, "chr1", "deletion"),
    "a mark before a comment": ("\ufeff#x\n" + BED, "chr1", "deletion"),
    "a mark": ("\ufeff" + BED, "chr1", "deletion"),
    "names of BED in capitals": ("#CHROM\tSTART\tEND\tKIND\n" + BED, "chr1", "deletion"),
    "blanks in cells": (" " + BED.replace("DEL", "DEL "), "chr1", "deletion"),
    "a mark before a table": ("\ufeff" + TABLE, "chr1", "snv"),
    "comments in a table": ("# mine\n" + TABLE + "#chr1\t11\tA\tC\n", "chr1", "snv"),
    "names of VCF in a table": (TABLE.upper().replace("CHR1", "chr1"), "chr1", "snv"),
}


@pytest.mark.parametrize("case", READ)
def test_variants_are_read(tmp_path, case):
    content, chrom, kind = READ[case]
    [variant] = read(tmp_path, content)
    assert (variant.status, variant.chrom, variant.kind) == ("ok", chrom, kind)
