"""Bad and odd files of pairs: each is refused with the line that a user sees, or binned as it should be."""

import gzip
import subprocess

import cooler
import pytest

from akitaflow.errors import InputError
from akitaflow.mapping import pairs

SIZES = {"chr1": 300}
COLUMNS = "readID chrom1 pos1 chrom2 pos2 strand1 strand2 pair_type mapq1 mapq2"
ROWS = [
    ". chr1 10 chr1 150 + - UU 60 60",
    ". chr1 10 chr1 160 + - UU 60 60",
    ". chr1 20 chr1 250 + - UU 5 60",
    ". chr1 20 chr1 250 + - DD 60 60",
    ". ! 0 chr1 250 - - NU 60 60",
]


def text(columns=COLUMNS, rows=ROWS, between=" ", end="\n", size="#chromsize: chr1 300"):
    header = ["## pairs format v1.0", size, f"#columns: {columns}"]
    lines = [line.replace(" ", between) for line in header] + [row.replace(" ", "\t") for row in rows]
    return "".join(line + end for line in lines)


READ = {
    "as pairtools writes it": text(),
    "columns of 4D Nucleome": text(COLUMNS.replace("chrom1", "chr1").replace("chrom2", "chr2")),
    "lines of Windows": text(end="\r\n"),
    "chromsize with a third field": text(size="#chromsize: chr1 300 assembled"),
    "tabs in the line of columns": text().replace(f"#columns: {COLUMNS}", "#columns:\t" + COLUMNS.replace(" ", "\t")),
}


@pytest.mark.parametrize("name", READ)
def test_read(tmp_path, name):
    path = tmp_path / "a b.pairs.gz"
    path.write_bytes(gzip.compress(READ[name].encode()))
    header = pairs.read_header(str(path))
    names = pairs.check_pairs(header, str(path), SIZES, 30)
    target = str(tmp_path / "a.cool")
    condition = pairs.selection(header.columns, 30, drop_duplicates=True)
    options = {"condition": condition, "columns": header.columns, "names": names}
    assert pairs.bin_pairs(str(path), target, SIZES, 100, **options) == 2  # without !, DD and MAPQ 5
    assert cooler.Cooler(target).pixels()[:].to_numpy().tolist() == [[0, 1, 2]]


REFUSED = {
    "merged_nodups": (b"0 chr1 10 0 16 chr1 99 1 60 50M ACGT 60 50M ACGT r1 r2\n", "merged_nodups of Juicer.*awk"),
    "allValidPairs": (b"r1\tchr1\t10\t+\tchr1\t99\t-\t80\tH1\tH2\t40\t41\n", "allValidPairs of HiC-Pro.*awk"),
    "SAM": (b"@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:9\n", "a SAM file"),
    "FASTQ": (b"@r1\nACGT\n+\nIIII\n", "a FASTQ file"),
    "BAM": (gzip.compress(b"BAM\1" + bytes(9)), "a BAM file"),
    "LZ4": (b"\x04\x22\x4d\x18\xff\xfe", "compressed by LZ4"),
    "zstd": (b"\x28\xb5\x2f\xfd\xff\xfe", "compressed by zstd"),
    "bzip2": (b"BZh91AY\xff\xfe", "compressed by bzip2"),
    "no length": (text(size="#chromsize: chr1").encode(), r"line 2: '#chromsize: chr1' must be"),
    "length in words": (text(size="#chromsize: chr1 many").encode(), "line 2: .* must be '#chromsize: NAME LENGTH'"),
    "no header": (b"r1\tchr1\t10\n", "first line must begin with"),
    "gzip cut short": (gzip.compress(text().encode())[:60], "cannot be read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(tmp_path, name):
    content, message = REFUSED[name]
    path = tmp_path / "a.pairs.gz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        pairs.read_header(str(path))


def test_all_missing_columns_are_named(tmp_path):
    path = tmp_path / "a.pairs"
    path.write_text(text("readID c1 pos1 c2 pos2"))
    with pytest.raises(InputError, match="does not name chrom1, chrom2; it names readID c1 pos1 c2 pos2"):
        pairs.check_pairs(pairs.read_header(str(path)), str(path), SIZES)


def test_columns_in_another_order_are_refused(tmp_path):
    path = tmp_path / "a.pairs"
    path.write_text(text("readID chrom1 chrom2 pos1 pos2"))
    with pytest.raises(InputError, match="its columns are readID chrom1 chrom2 pos1 pos2, but"):
        pairs.check_pairs(pairs.read_header(str(path)), str(path), SIZES)


@pytest.mark.parametrize("kept", [28, 29, 100, 1000])
def test_a_bgzip_without_its_last_block_is_refused(tmp_path, kept):
    path = tmp_path / "a.pairs"
    path.write_text(text(rows=ROWS * 5000))
    whole = subprocess.run(["bgzip", "-c", str(path)], capture_output=True, check=True).stdout
    cut = tmp_path / "a.pairs.gz"
    cut.write_bytes(whole)
    assert pairs.read_header(str(cut)).sizes == SIZES
    cut.write_bytes(whole[:-kept])
    with pytest.raises(InputError, match="cut short: the last block of bgzip is missing"):
        pairs.read_header(str(cut))
