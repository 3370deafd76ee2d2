"""Bad and odd files of pairs: each is refused with the line that a user sees, or binned as it should be."""

import gzip
import subprocess

import cooler
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from akitaflow.errors import InputError
from akitaflow.mapping import pairs
from akitaflow.mapping.pair_rows import RowCheck

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
    options = {"min_mapq": 30, "drop_duplicates": True, "columns": header.columns, "names": names}
    counts = pairs.bin_pairs(str(path), target, SIZES, 100, **options)
    assert (counts.rows, counts.selected, counts.binned) == (5, 2, 2)  # without !, DD and MAPQ 5
    assert cooler.Cooler(target).pixels()[:].to_numpy().tolist() == [[0, 1, 2]]


def test_a_pair_without_a_place_is_never_selected(tmp_path):
    path = tmp_path / "a.pairs"
    path.write_text(text())
    columns = pairs.read_header(str(path)).columns
    counts = pairs.bin_pairs(str(path), str(tmp_path / "a.cool"), SIZES, 100, columns=columns)  # as of mapped reads
    assert (counts.rows, counts.selected, counts.binned) == (5, 4, 4)


GOOD = ". chr1 20 chr1 250 + - UU 60 60"
ROWS_REFUSED = {
    "MAPQ of .": (". chr1 20 chr1 250 + - UU . 60", "mapq1 is '.', which is no whole number; set min_mapq to 0"),
    "MAPQ with decimals": (". chr1 20 chr1 250 + - UU 60 60.0", "mapq2 is '60.0'"),
    "no MAPQ": (". chr1 20 chr1 250 + - UU", "found 8 columns, but the header names 10"),
    "position 0": (". chr1 0 chr1 250 + - UU 60 60", "pos1 is 0, but chr1 has positions 1 to 300; .*1-based: add 1"),
    "position behind the end": (". chr1 20 chr1 301 + - UU 60 60", "pos2 is 301, but .* another assembly"),
    "negative position": (". chr1 -5 chr1 250 + - UU 60 60", "pos1 is -5, but chr1 has positions 1 to 300"),
    "position in thousands": (". chr1 1,000 chr1 250 + - UU 60 60", "pos1 is '1,000', which is no whole number"),
    "position 1e2": (". chr1 20 chr1 1e2 + - UU 60 60", "pos2 is '1e2', which is no whole number"),
    "position too large for a number": (f". chr1 {'9' * 30} chr1 1 + - UU 60 60", "pos1 is '999"),
    "header in the middle": ("#columns: readID chrom1 pos1", "is a line of a header among the pairs.*pairtools merge"),
    "blanks for tabs": (". chr1 20 chr1 250 + - UU 60 60".replace(" ", "\x00"), "found 1 columns"),
    "empty line": ("", "an empty line; delete it"),
    "no chromosome": (".\t\t20\tchr1\t250\t+\t-\tUU\t60\t60", "chrom1 is empty"),
    "cut row": (". chr1 2", "found 3 columns"),
}


@pytest.mark.parametrize("before", [1, 3])
@pytest.mark.parametrize("name", ROWS_REFUSED)
def test_wrong_rows_are_refused_with_their_line(tmp_path, name, before):
    row, message = ROWS_REFUSED[name]
    path = tmp_path / "a.pairs"
    content = text(rows=[GOOD] * before + [row, GOOD]).replace("\x00", " ")
    path.write_text(content)
    columns = pairs.read_header(str(path)).columns
    with pytest.raises(InputError, match=f"a.pairs, line {before + 4}: .*{message}"):
        pairs.bin_pairs(str(path), str(tmp_path / "a.cool"), SIZES, 100, min_mapq=30, columns=columns)
    assert not (tmp_path / "a.cool").exists()


def test_a_mapq_that_no_filter_needs_may_be_missing(tmp_path):
    path = tmp_path / "a.pairs"
    path.write_text(text(rows=[". chr1 20 chr1 250 + - UU . ."]))
    columns = pairs.read_header(str(path)).columns
    counts = pairs.bin_pairs(str(path), str(tmp_path / "a.cool"), SIZES, 100, columns=columns, drop_duplicates=True)
    assert counts.binned == 1


def test_a_wrong_row_in_a_later_block_stops_the_programs(tmp_path, monkeypatch):
    monkeypatch.setattr(pairs, "BLOCK", 1000)
    path = tmp_path / "a.pairs"
    path.write_text(text(rows=[GOOD] * 90 + [ROWS_REFUSED["position 0"][0], GOOD]))
    columns = pairs.read_header(str(path)).columns
    with pytest.raises(InputError, match="a.pairs, line 94: pos1 is 0"):
        pairs.bin_pairs(str(path), str(tmp_path / "a.cool"), SIZES, 100, columns=columns)
    assert not (tmp_path / "a.cool").exists()


@pytest.mark.parametrize(("program", "place"), [("gzip", 0.5), ("bgzip", 0.1), ("bgzip", 0.9)])
def test_damage_before_an_intact_end_is_found(tmp_path, program, place):
    path = tmp_path / "a.pairs"
    random = np.random.default_rng(1)
    positions = np.sort(random.integers(1, 300, (60_000, 2)), axis=1)
    path.write_text(text(rows=[f". chr1 {one} chr1 {two} + - UU 60 60" for one, two in positions]))
    whole = bytearray(subprocess.run([program, "-c", str(path)], capture_output=True, check=True).stdout)
    middle = int(len(whole) * place)
    whole[middle : middle + 40] = bytes(40)
    damaged = tmp_path / "a.pairs.gz"
    damaged.write_bytes(whole)
    columns = pairs.read_header(str(damaged)).columns
    with pytest.raises(InputError, match=r"a.pairs.gz does not decompress to its end \(.*\): get the file again"):
        pairs.bin_pairs(str(damaged), str(tmp_path / "a.cool"), SIZES, 100, min_mapq=30, columns=columns)
    assert not (tmp_path / "a.cool").exists()


@settings(deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["chr1", "2", "NA", "EBV", "!"]),
            st.integers(1, 90),
            st.sampled_from(["chr1", "2", "NA", "EBV", "!"]),
            st.integers(1, 90),
            st.sampled_from(["UU", "DD", "NU"]),
            st.integers(0, 60),
        ),
        min_size=1,
        max_size=30,
    ),
    min_mapq=st.sampled_from([0, 30]),
    drop=st.booleans(),
)
def test_pairs_are_counted_whatever_the_blocks(rows, min_mapq, drop):
    sizes = {"2": 100, "chr1": 90, "NA": 95}
    selected = [row for row in rows if "!" not in row and not (drop and row[4] == "DD") and row[5] >= min_mapq]
    binned = [row for row in selected if {row[0], row[2]} <= set(sizes)]
    lines = [
        f".\t{one}\t{pos1}\t{two}\t{pos2}\t+\t-\t{kind}\t{mapq}\t60\n" for one, pos1, two, pos2, kind, mapq in rows
    ]
    for blocks in (["".join(lines)], lines):
        check = RowCheck("a.pairs", COLUMNS.split(), sizes, min_mapq, drop)
        counts = [check.add(block.encode()) for block in blocks]
        assert (check.rows, check.selected, check.binned) == (len(rows), len(selected), len(binned))
        assert sum(counts) == len(binned) and check.line == len(rows) + 1


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
    "two lengths": (
        text(size="#chromsize: chr1 300\n#chromsize: chr1 301").encode(),
        "line 3: chr1 has 301 bp, but 300",
    ),
    "two headers": (text(size="#columns: a b").encode(), "line 3: the header names columns in line 2 already"),
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


HEADERS = {
    "blank in a key": (text().replace("#columns:", "# columns:"), "line 3: found '# columns'; write it as #columns:"),
    "capital": (text().replace("#chromsize:", "#ChromSize:"), "line 2: found '#ChromSize'; write it as #chromsize:"),
    "empty": ("", "is empty"),
    "Latin-1": (text().encode().replace(b". chr1".replace(b" ", b"\t"), b"\xe9\tchr1", 1), "text that is not UTF-8"),
    "no line of columns": (text().replace(f"#columns: {COLUMNS}\n", ""), "has no line #columns, so that .* MAPQ"),
    "a column twice": (text(COLUMNS.replace("mapq2", "mapq1")), "names mapq1 twice"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_are_refused(tmp_path, name):
    content, message = HEADERS[name]
    path = tmp_path / "a.pairs"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=f"a.pairs.*{message}"):
        pairs.check_pairs(pairs.read_header(str(path)), str(path), SIZES, 30)


@pytest.mark.parametrize("name", ["CHR1", "chr1 ", "chr2", "1"])
def test_a_chromosome_that_the_header_lacks_is_refused(tmp_path, name):
    """Its pairs would be left out without a word."""
    path = tmp_path / "a.pairs"
    path.write_text(text(rows=[*ROWS, ". chr1 10 X 10 + - UU 60 60"]).replace("X", name))
    header = pairs.read_header(str(path))
    with pytest.raises(InputError, match=f"a.pairs, line 9: chrom2 is '{name}', which no line #chromsize"):
        pairs.bin_pairs(str(path), str(tmp_path / "a.cool"), SIZES, 100, columns=header.columns, known=header.sizes)


@pytest.mark.parametrize("kept", [3, 8, 12, 20, 26])
def test_a_last_row_that_was_cut_is_refused(tmp_path, kept):
    path = tmp_path / "a.pairs"
    path.write_text(text()[: -len(ROWS[-1]) - 1] + ROWS[0].replace(" ", "\t")[:kept])
    columns = pairs.read_header(str(path)).columns
    with pytest.raises(InputError, match="a.pairs, line 8: found [0-9] columns, but the header names 10"):
        pairs.bin_pairs(str(path), str(tmp_path / "a.cool"), SIZES, 100, columns=columns, drop_duplicates=kept < 20)


@pytest.mark.parametrize("name", ["1", "Chr1"])
def test_a_second_name_of_a_chromosome_is_refused_without_a_header(tmp_path, name):
    path = tmp_path / "a.pairs"
    path.write_text(text(rows=[*ROWS, ". chr1 10 X 10 + - UU 60 60"], size="#shape: upper triangle").replace("X", name))
    header = pairs.read_header(str(path))
    with pytest.raises(InputError, match=f"a.pairs, line 9: chrom2 is '{name}', but the genome has 'chr1'"):
        pairs.bin_pairs(str(path), str(tmp_path / "a.cool"), SIZES, 100, columns=header.columns, known=header.sizes)


def test_quotation_marks_begin_no_text(tmp_path):
    """As of names of reads, or of the columns that pairtools keeps of SAM."""
    path = tmp_path / "a.pairs"
    rows = ['"r chr1 10 chr1 150 + - UU 60 60', 'r" chr1 10 chr1 160 + - UU 60 60', '"x" chr1 10 chr1 250 + - UU 60 60']
    path.write_text(text(rows=rows))
    header = pairs.read_header(str(path))
    for min_mapq in (0, 30):
        target = str(tmp_path / f"{min_mapq}.cool")
        counts = pairs.bin_pairs(str(path), target, SIZES, 100, min_mapq=min_mapq, columns=header.columns)
        assert counts.binned == 3
        assert cooler.Cooler(target).pixels()[:].to_numpy().tolist() == [[0, 1, 2], [0, 2, 1]]
