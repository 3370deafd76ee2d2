"""Catalogue of BED-like files, FASTA, bigWig, chain and RepeatMasker files that other tools or people wrote."""

import gzip
import os
import subprocess

import numpy as np
import pandas as pd
import pytest

from akitaflow.analyses import five_c
from akitaflow.errors import InputError
from akitaflow.evaluation import composition
from akitaflow.files import read_table
from akitaflow.genome import bigwig, fasta, motifs, repeats
from akitaflow.genome.intervals import read_bed, read_chromsizes
from akitaflow.genome.sequence import Genome
from akitaflow.variants.tables import read_variants

SIZES = {"chr1": 1000, "08": 500, "1e4": 500, "true": 500, "NA": 500, "001": 500}

READ = {
    "plain": (b"chr1\t1\t5\n", ["chr1", 1, 5]),
    "no last line feed": (b"chr1\t1\t5", ["chr1", 1, 5]),
    "byte order mark": (b"\xef\xbb\xbfchr1\t1\t5\n", ["chr1", 1, 5]),
    "CRLF": (b"chr1\t1\t5\r\n", ["chr1", 1, 5]),
    "track": (b'track name="x y"\nchr1\t1\t5\n', ["chr1", 1, 5]),
    "browser": (b"browser position chr1:1-5\nchr1\t1\t5\n", ["chr1", 1, 5]),
    "comment": (b"# made by x\nchr1\t1\t5\n", ["chr1", 1, 5]),
    "empty line": (b"\nchr1\t1\t5\n\n", ["chr1", 1, 5]),
    "blanks at the ends of cells": (b"chr1 \t1\t5 \n", ["chr1", 1, 5]),
    "quotation mark in a later column": (b'chr1\t1\t5\t"x\n', ["chr1", 1, 5]),
    "lines of old Macintosh": (b"#chrom\tstart\tend\rchr1\t1\t5\r", ["chr1", 1, 5]),
    "UCSC's number of a bin": (b"#bin\tchrom\tstart\tend\tname\n585\tchr1\t1\t5\tx\n", ["chr1", 1, 5]),
    "to the end": (b"chr1\t0\t1000\n", ["chr1", 0, 1000]),
    "zero in front": (b"chr1\t001\t05\n", ["chr1", 1, 5]),
    **{f"name {name}": (f"{name}\t1\t5\n".encode(), [name, 1, 5]) for name in SIZES},
}


@pytest.mark.parametrize("case", READ)
@pytest.mark.parametrize("zipped", [False, True])
def test_bed_files_are_read(tmp_path, case, zipped):
    content, row = READ[case]
    path = tmp_path / "x.bed"
    path.write_bytes(gzip.compress(content) if zipped else content)
    assert read_bed(path, SIZES).to_numpy().tolist() == [row]
    assert motifs.read_sites(path, "m", SIZES).iloc[0][:3].tolist() == row
    assert fasta.read_gaps(path, SIZES).to_numpy().tolist() == [row]


GOOD = b"# x\nchr1\t1\t5\n"
REFUSED = {
    "header": (
        b"chrom\tstart\tend\nchr1\t1\t5\n",
        "line 1: column start holds 'start'; .* no header",
    ),
    "blanks": (GOOD + b"chr1 7 9\n", "line 3: .* not a BED line of at least three tab-separated columns"),
    "two columns": (GOOD + b"chr1\t7\n", "line 3: .* three tab-separated columns"),
    "ragged": (GOOD + b"chr1\t7\t9\tx\n", "line 3: 4 columns where line 2 has 3"),
    "exponent": (GOOD + b"chr1\t7\t1e+02\n", r"line 3: column end holds '1e\+02'"),
    "decimal": (GOOD + b"chr1\t7.0\t9\n", "line 3: column start holds '7.0'"),
    "separators": (GOOD + b"chr1\t7\t1,000\n", "line 3: column end holds '1,000'"),
    "negative": (GOOD + b"chr1\t-7\t9\n", "line 3: column start holds '-7'"),
    "empty cell": (GOOD + b"chr1\t\t9\n", "line 3: column start holds ''"),
    "start is end": (GOOD + b"chr1\t9\t9\n", "line 3: chr1:9-9 is empty"),
    "start after end": (GOOD + b"chr1\t9\t7\n", "line 3: chr1:9-7 is empty"),
    "past the end": (GOOD + b"chr1\t9\t1001\n", "line 3: chr1:9-1001 ends beyond the chromosome .1000 bp."),
    "quoted name": (GOOD + b'"chr1"\t7\t9\n', "line 3: '\"chr1\"' is not a name of a chromosome"),
    "no name": (GOOD + b"\t7\t9\n", "line 3: '' is not a name of a chromosome"),
    "blank in a name": (GOOD + b"chr 1\t7\t9\n", "line 3: 'chr 1' is not a name"),
    "zero-width space in a name": (GOOD + "chr1\u200b\t7\t9\n".encode(), "line 3: 'chr1.u200b' is not a name"),
    "mark of a joined file": (GOOD + "\ufeffchr1\t7\t9\n".encode(), "line 3: '.ufeffchr1' is not a name"),
    "BEDPE": (b"chr1\t7\t9\tchr1\t70\t90\tx\n", r"line 1: two intervals in a line \(BEDPE\)"),
    "names without chr": (GOOD + b"1e4\t7\t9\nchr08\t7\t9\n", "line 4: the genome has no 'chr08', but '08'"),
    "names in capitals": (GOOD + b"TRUE\t7\t9\n", "line 3: the genome has no 'TRUE', but 'true'"),
    "other names": (b"1\t7\t9\n", "the file names 1, the genome chr1, 08"),
    "Latin-1": (GOOD + b"chr1\t7\t9\xe9\n", "line 3: not text in UTF-8"),
    "UTF-16": ("chr1\t7\t9\n".encode("utf-16"), "is text in UTF-16"),
    "bzip2": (b"BZh91AY", "compressed with bzip2"),
    "zstd": (b"\x28\xb5\x2f\xfd000", "compressed with zstd"),
    "zip": (b"PK\x03\x04", "a zip archive"),
    "HTML": (b"\n<!DOCTYPE html>", "a web page"),
    "gzip cut": (gzip.compress(GOOD * 99)[:-9], "cannot be read to its end"),
    "gzipped twice": (gzip.compress(gzip.compress(GOOD)), "gzipped twice"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bed_files_are_refused_with_their_line(tmp_path, case):
    content, message = REFUSED[case]
    path = tmp_path / "user.bed"
    path.write_bytes(content)
    for read in (lambda: read_bed(path, SIZES, "exclude"), lambda: motifs.read_sites(path, "m", SIZES)):
        with pytest.raises(InputError, match=f"(?s)user.bed.*{message}"):
            read()


def test_counts_on_chromosome_1_are_no_pairs(tmp_path):
    """As bedtools coverage writes them: the first count is the name of the chromosome by chance."""
    (tmp_path / "x.bed").write_text("1\t1\t5\t1\t2\t4\n1\t6\t9\t0\t0\t3\n")
    assert len(read_bed(tmp_path / "x.bed", {"1": 1000})) == 2


@pytest.mark.parametrize("content", ["", "#chrom\tstart\tend\n"])
def test_a_file_without_intervals_is_a_warning(tmp_path, capsys, content):
    (tmp_path / "x.bed").write_text(content)
    assert read_bed(tmp_path / "x.bed", SIZES, "exclude").empty
    assert "warning: " in (printed := capsys.readouterr().err) and "x.bed (exclude) has no interval" in printed


@pytest.mark.parametrize("score", ["high", "7,5", "inf"])
def test_scores_of_sites_are_numbers(tmp_path, score):
    path = tmp_path / "x.bed"
    path.write_text(f"chr1\t1\t5\tm\t7.5\t+\nchr1\t6\t9\tm\t{score}\t+\n")
    with pytest.raises(InputError, match=f"x.bed: the site chr1:6-9 has '{score}' as score"):
        motifs.read_sites(path, "m", SIZES)
    path.write_text("chr1\t1\t5\tm\t7.5\t+\nchr1\t6\t9\tm\t.\t+\n")
    assert motifs.read_sites(path, "m", SIZES)["score"].tolist() == [7.5, 0.0]


@pytest.mark.parametrize(
    "text",
    [
        "chr1\t0\t400\tp1\tgneg\nchr1\t400\t600\tp1\tacen\nchr1\t600\t1000\tq1\tgneg\n",
        "585\tchr1\t0\t100\t1\tN\t9\ttelomere\tno\n585\tchr1\t400\t600\t1\tN\t9\tcentromere\tno\n",
        "chr1\t400\t600\n",
    ],
)
def test_centromeres_are_found_in_tables_of_ucsc(tmp_path, text):
    """Of cytoBand all intervals together are the whole chromosome, with distance 0 everywhere."""
    (tmp_path / "x.bed").write_text(text)
    track = composition.centromere_track(tmp_path / "x.bed", {"chr1": 1000}, 200, SIZES)
    assert track["chr1"].tolist() == [1.5, 0.5, 0.0, 0.5, 1.5]


def test_used_intervals_are_counted(tmp_path, capsys):
    (tmp_path / "x.bed").write_text("chr1\t1\t5\nchrUn\t1\t5\n")
    assert len(read_bed(tmp_path / "x.bed", SIZES)) == 1
    assert "1 of 2 intervals used" in capsys.readouterr().out


def test_a_strand_is_plus_minus_or_none(tmp_path):
    (tmp_path / "x.bed").write_text("chr1\t1\t5\tm\t0\tforward\n")
    with pytest.raises(InputError, match="chr1:1-5 has 'forward' as strand"):
        motifs.read_sites(tmp_path / "x.bed", "m")


@pytest.mark.parametrize("name", ["08", "001", "1e4", "true", "NA", "None", "nan", "4943", "1_000"])
def test_names_in_tables_are_text(tmp_path, name):
    path = tmp_path / "x.tsv"
    path.write_text(f"chrom\tdataset\tvalue\tcount\n{name}\t{name}\tNA\t3\n")
    row = read_table(path).iloc[0]
    assert row["chrom"] == row["dataset"] == name and row["count"] == 3 and pd.isna(row["value"])
    (tmp_path / "x.sizes").write_text(f"{name}\t7\n")
    assert read_chromsizes(tmp_path / "x.sizes") == fasta.read_sizes(tmp_path / "x.sizes") == {name: 7}


FASTA = {
    "RNA": (b">a\nACGU\n", "line 2: 'U' is RNA; write T for U"),
    "protein": (b">a\nACGT\nMKLV\n", "line 3: 'L' is not DNA"),
    "blank at a line end": (b">a\nACGT\nACGT \n", "line 3: ' ' is a blank"),
    "tab": (b">a\nAC\tGT\n", "line 2: '\\\\t' is a blank"),
    "CR only": (b">a\rACGT\r", "carriage returns alone"),
    "CR within a line": (b">a\nAC\rGT\n", "line 2: '\\\\r' is a blank"),
    "empty record": (b">a\n>b\nACGT\n", "the record 'a' has no bases"),
    "empty last record": (b">a\nACGT\n>b\n", "the record 'b' has no bases"),
    "no name": (b">a\nACGT\n>\nACGT\n", "line 3: a record without a name"),
    "blank before the name": (b"> a\nACGT\n", "line 1: a record without a name"),
    "two of one name": (b">a\nACGT\n>a\nACGT\n", "cannot be indexed"),
    "uneven lines": (b">a\nACGT\nAC\nACGT\n", "cannot be indexed"),
    "no FASTA": (b"ACGT\n", "is not FASTA"),
    "empty": (b"", "is not FASTA"),
    "alignment": (b">a\nAC-GT\n", "line 2: '-' is not DNA"),
    "zstd": (b"\x28\xb5\x2f\xfd000", "compressed with zstd"),
    "2 GB page": (b"<html><body>404", "a web page"),
}


@pytest.mark.parametrize("case", FASTA)
def test_fasta_is_refused_before_it_is_used(tmp_path, case):
    content, message = FASTA[case]
    (tmp_path / "user.fa").write_bytes(content)
    with pytest.raises(InputError, match=f"user.fa.*{message}"):
        fasta.copy_fasta(str(tmp_path / "user.fa"), str(tmp_path / "out.fa"))
    assert not (tmp_path / "out.fa").exists()


@pytest.mark.parametrize("content", [b">a x\nACGTRYKMSWBDHVN\nac\n", b">a\r\nACGT\r\nAC\r\n", b">a\nACGT"])
def test_fasta_of_iupac_letters_is_read(tmp_path, content):
    (tmp_path / "user.fa").write_bytes(content)
    fasta.copy_fasta(str(tmp_path / "user.fa"), str(tmp_path / "out.fa"))
    assert Genome(tmp_path / "out.fa").fetch("a", 0, 4).tolist() == [0, 1, 2, 3]


def bgzip(content):
    return subprocess.run(["bgzip", "-c"], input=content, capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    "read",
    [
        lambda path: read_bed(path, SIZES),
        lambda path: fasta.copy_fasta(str(path), f"{path}.fa"),
        Genome,
        lambda path: list(read_variants(path)),
        lambda path: repeats.read_rmsk(path),
        lambda path: five_c.read_my5c(path),
    ],
)
def test_a_bgzipped_file_that_was_cut_between_blocks_is_refused(tmp_path, read):
    """It decompresses without an error."""
    path = tmp_path / "user.gz"
    path.write_bytes(bgzip(b"chr1\t1\t5\tDEL\n")[:-28])
    with pytest.raises(InputError, match="user.gz is cut short: the last block of bgzip is missing"):
        read(path)


LIBRARY_FASTA = {
    "two empty lines at the end": (b">a\nACGT\n\n\n", "cannot be indexed: delete empty lines"),
    "a blank before a line": (b">a\n ACGT\n", "a:0-4 holds ' ', which is no letter of DNA"),
    "numbers of bases": (b">a\n1 ACGT\n", "a:0-4 holds '1'"),
    "NUL": (b">a\nAC\0GT\n", "a:0-4 holds '.x00'"),
    "RNA": (b">a\nACGU\n", "a:0-4 holds 'U'"),
}


@pytest.mark.parametrize("case", LIBRARY_FASTA)
def test_fasta_that_the_library_opens_is_checked_where_it_is_read(tmp_path, case):
    content, message = LIBRARY_FASTA[case]
    (tmp_path / "user.fa").write_bytes(content)
    with pytest.raises(InputError, match=f"user.fa.*{message}"):
        Genome(tmp_path / "user.fa").fetch("a", 0, 4)


def test_headers_of_fasta_may_be_long(tmp_path):
    (tmp_path / "user.fa").write_text(f">a {'x' * 9000}\nACGT\n>b {'x' * 4090}\nACGT\nAC\n")
    fasta.copy_fasta(str(tmp_path / "user.fa"), str(tmp_path / "out.fa"))
    assert Genome(tmp_path / "user.fa").chromsizes == Genome(tmp_path / "out.fa").chromsizes == {"a": 4, "b": 6}


def test_an_index_of_another_file_is_refused(tmp_path):
    path = tmp_path / "g.fa"
    path.write_text(">a\nACGTAC\nGT\n>b\nACGT\n")
    assert Genome(path).chromsizes == {"a": 8, "b": 4}
    for text in (
        ">a\nACGTAC\nGTAA\n>b\nACGT\n",
        ">aa\nACGTAC\nGT\n>b\nACGT\n",
        ">a\nACGTAC\nGT\n",
        ">a\nACG\nTACGT\n>b\nACGT\n",
    ):
        path.write_text(text)
        os.utime(path, (0, 0))  # the index seems to be newer
        with pytest.raises(InputError, match=r"g.fa.fai does not match it at|ends before"):
            Genome(path)
    with pytest.raises(InputError, match="no such file"):
        Genome(tmp_path / "missing.fa")


def test_a_bigwig_of_another_assembly_is_refused(tmp_path):
    path = tmp_path / "x.bw"
    bigwig.write_bigwig(path, {"chr1": 900}, [("chr1", 0, 100, 1.0)])
    path = path.rename(tmp_path / "x.dat")
    place = pd.DataFrame({"chrom": ["chr1"], "start": [0], "end": [10]})
    assert bigwig.bin_track(path, place, 10, {"chr1": 900}).tolist() == [[1.0]]
    for read in (lambda: bigwig.bin_track(path, place, 10, SIZES), lambda: bigwig.bin_chromosomes(path, SIZES, 10)):
        with pytest.raises(InputError, match="x.dat: its chr1 has 900 bp, that of the genome 1000 bp"):
            read()


def test_a_bigwig_may_lack_chromosomes_without_data(tmp_path, capsys):
    """As UCSC's programs write it."""
    path = str(tmp_path / "x.bw")
    bigwig.write_bigwig(path, {"chr1": 1000}, [("chr1", 0, 1000, 1.0)])
    places = pd.DataFrame({"chrom": ["chr1", "001"], "start": 0, "end": 500})
    assert np.isnan(bigwig.bin_track(path, places, 500, SIZES)[1]).all()
    assert "x.bw has no value on 001" in capsys.readouterr().err
    sizes = {"chr1": 1000, "NA": 500}
    assert bigwig.bin_chromosomes(path, sizes, 500, uncovered=0.0)["NA"].tolist() == [0.0]
    for sizes, message in (
        ({"NA": 500}, "no chromosome 'NA'; it has chr1"),
        ({"chr1": 1000, "1": 500}, "It has 'chr1'"),
    ):
        with pytest.raises(InputError, match=f"x.bw: .*{message}"):
            bigwig.bin_chromosomes(path, sizes, 500)


def test_a_damaged_bigwig_is_named(tmp_path):
    """pybigtools panics at a damaged block, which is no Exception of Python."""
    path = str(tmp_path / "x.bw")
    runs = [("chr1", 2 * i, 2 * i + 2, float(i)) for i in range(400)]
    bigwig.write_bigwig(path, {"chr1": 1000}, runs)
    place = pd.DataFrame({"chrom": ["chr1"], "start": [0], "end": [800]})
    assert bigwig.bin_track(path, place, 400, {"chr1": 1000}).tolist() == [[99.5, 299.5]]
    content = bytearray((tmp_path / "x.bw").read_bytes())
    content[600] ^= 0xFF
    (tmp_path / "x.bw").write_bytes(content)
    with pytest.raises(InputError, match=r"x.bw: damaged at chr1:0-800 .*get the file again"):
        bigwig.bin_track(path, place, 400, {"chr1": 1000})


@pytest.mark.parametrize("content", [b"<!DOCTYPE html>", b"version https://git-lfs.github.com/spec/v1\n"])
def test_a_file_that_is_no_chain_is_named(tmp_path, content):
    (tmp_path / "x.chain").write_bytes(content)
    fragments = pd.DataFrame([("f", "old", "chr1", 0, 100)], columns=five_c.FRAGMENT_COLUMNS)
    with pytest.raises(InputError, match=r"x.chain is a (web page|pointer of git-lfs).*give a chain file"):
        five_c.lift(fragments, tmp_path / "x.chain", chromsizes={"chr1": 1000})


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("chain 9 chr1 800 + 0 800 chr1 900 + 0 800 1", "whose chr1 has 900 bp, that of the genome has 1000 bp"),
        ("chain 9 chr1 800 + 0 800 chrI 1000 + 0 800 1", "it leads to chrI, the genome has chr1"),
    ],
)
def test_a_chain_to_another_assembly_is_refused(tmp_path, header, message):
    (tmp_path / "x.chain").write_text(f"{header}\n800\n\n")
    fragments = pd.DataFrame([("f", "old", "chr1", 0, 100)], columns=five_c.FRAGMENT_COLUMNS)
    with pytest.raises(InputError, match=f"x.chain: {message}|x.chain: it leads to an assembly {message}"):
        five_c.lift(fragments, tmp_path / "x.chain", chromsizes=SIZES)


@pytest.mark.parametrize(
    ("family", "chrom", "end", "message"),
    [
        ("B3", "chr1", 90, "no repeat of family 'B3'; its families .* are B2"),
        ("B2", "1", 90, "the file names 1, the genome chr1"),
        ("B2", "chr1", 1001, "chr1:5-1001 ends beyond the chromosome"),
    ],
)
def test_repeatmasker_of_another_genome_is_refused(tmp_path, family, chrom, end, message):
    row = ["585", "1", "1", "1", "1", chrom, "5", str(end), "-1", "+", "B2_Mm2", "SINE", "B2", "1", "9", "0", "1"]
    (tmp_path / "rmsk.txt").write_text("\t".join(row) + "\n")
    with pytest.raises(InputError, match=message):
        repeats.read_rmsk(tmp_path / "rmsk.txt", family=family, chromsizes=SIZES)


RMSK = "585\t1\t1\t1\t1\tchr1\t5\t90\t-1\t+\tB2_Mm2\tSINE\tB2\t1\t9\t0\t1\n"
RMSK_REFUSED = {
    "UTF-16": (RMSK.encode("utf-16"), "is text in UTF-16"),
    "Latin-1": (RMSK.replace("Mm2", "\xe9").encode("latin-1"), "cannot be read to its end"),
    "empty": (b"", "has no repeat"),
    "a decimal": ((RMSK + RMSK.replace("90", "90.5")).encode(), "row 2: 'chr1 5 90.5"),
    "a web page": (b"<!DOCTYPE html>", "is a web page"),
    "a name that it lacks": (RMSK.replace("B2_Mm2", "B2_Mm1t").encode(), "no repeat of family 'B2' has the name 'B2_M"),
}


@pytest.mark.parametrize("case", RMSK_REFUSED)
def test_files_that_are_no_rmsk_are_refused(tmp_path, case):
    content, message = RMSK_REFUSED[case]
    (tmp_path / "rmsk.txt").write_bytes(content)
    names = ["B2_Mm2", "B2_Mm1t"] if case == "a name that it lacks" else None
    with pytest.raises(InputError, match=f"rmsk.txt.*{message}"):
        repeats.read_rmsk(tmp_path / "rmsk.txt", family="B2", names=names, chromsizes=SIZES)


def test_rmsk_of_the_table_browser_has_a_header(tmp_path):
    header = "#bin" + "\tx" * 16 + "\n"
    (tmp_path / "rmsk.txt").write_text(header + RMSK)
    assert repeats.read_rmsk(tmp_path / "rmsk.txt", family="B2", chromsizes=SIZES)["end"].tolist() == [90]
    (tmp_path / "rmsk.txt").write_text(header + RMSK + RMSK.replace("+", "C"))
    with pytest.raises(InputError, match="row 3: 'chr1 5 90 -1 C"):
        repeats.read_rmsk(tmp_path / "rmsk.txt")


FIVE_C = "\ta|hg19|chr1:1-100\tb|hg19|chr1:101-200\na|hg19|chr1:1-100\t5\t3\nb|hg19|chr1:101-200\t3\t7\n"
FIVE_C_REFUSED = {
    "infinite": (FIVE_C.replace("7\n", "inf\n").encode(), "line 3: infinite values"),
    "beyond the range of numbers": (FIVE_C.replace("7\n", "1e999\n").encode(), "line 3: infinite values"),
    "a row missing": (FIVE_C.split("\nb")[0].encode(), "has rows for 1 of the 2 fragments .* cut off"),
    "a spreadsheet": (b"PK\x03\x04xlsx", "is a zip archive"),
    "UTF-16": (FIVE_C.encode("utf-16"), "is text in UTF-16"),
}


@pytest.mark.parametrize("case", FIVE_C_REFUSED)
def test_matrices_of_5c_are_refused(tmp_path, case):
    content, message = FIVE_C_REFUSED[case]
    (tmp_path / "m.tsv").write_bytes(content)
    with pytest.raises(InputError, match=f"m.tsv.*{message}"):
        five_c.read_my5c(tmp_path / "m.tsv")
