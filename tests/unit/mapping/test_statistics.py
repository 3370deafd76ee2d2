"""Checks of FASTQ and pairs, statistics of mapping, distance decay, and the real yeast reads."""

import gzip

import numpy as np
import pandas as pd
import pytest

from akitaflow.errors import InputError
from akitaflow.genome import fasta as genomes
from akitaflow.mapping import pairs
from akitaflow.mapping.fastq import check_fastq
from akitaflow.mapping.pair_rows import RowCheck
from akitaflow.mapping.statistics import (
    COUNTS,
    dataset_row,
    distance_decay,
    library_table,
    table_1,
)
from akitaflow.plotting import mapping as plotting

COLUMNS = "readID chrom1 pos1 chrom2 pos2 strand1 strand2 pair_type mapq1 mapq2"


def records(count, mate, length=6, slash=True):
    """FASTQ text of ``count`` reads, each one base longer than the one before."""
    ending = f"/{mate}" if slash else f" {mate}:N:0:1"
    bases = "ACGT" if mate == 1 else "GGTC"
    return "".join(f"@read{i}{ending}\n{bases * length}{'A' * i}\n+\n{'F' * (4 * length + i)}\n" for i in range(count))


def write(path, text):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt") as file:
        file.write(text)
    return str(path)


def fastq(folder, first, second, suffix=".fastq.gz"):
    return write(folder / f"r_1{suffix}", first), write(folder / f"r_2{suffix}", second)


@pytest.mark.parametrize("suffix", [".fastq.gz", ".fastq"])
@pytest.mark.parametrize("slash", [True, False])
@pytest.mark.parametrize("block", [7, 64, 1 << 20])
def test_good_reads_are_counted_whatever_the_block(tmp_path, monkeypatch, suffix, slash, block):
    monkeypatch.setattr("akitaflow.mapping.fastq.BLOCK", block)
    table = check_fastq(*fastq(tmp_path, records(5, 1, slash=slash), records(5, 2, 3, slash=slash), suffix))
    assert table["reads"].tolist() == [5, 5]
    assert table["bases"].tolist() == [5 * 24 + 10, 5 * 12 + 10]
    assert table["shortest"].tolist() == [24, 12]
    assert table["longest"].tolist() == [28, 16]


def test_a_last_line_without_line_feed_is_whole(tmp_path):
    table = check_fastq(*fastq(tmp_path, records(3, 1).rstrip("\n"), records(3, 2)))
    assert table["reads"].tolist() == [3, 3]


@pytest.mark.parametrize("block", [16, 1 << 20])
@pytest.mark.parametrize(("first", "second"), [(7, 5), (5, 7), (1, 0)])
def test_unequal_mates_name_both_files_and_counts(tmp_path, monkeypatch, block, first, second):
    monkeypatch.setattr("akitaflow.mapping.fastq.BLOCK", block)
    files = fastq(tmp_path, records(first, 1), records(second, 2))
    with pytest.raises(InputError, match="different numbers of reads") as error:
        check_fastq(*files)
    assert f"{first} in {files[0]}, {second} in {files[1]}" in str(error.value)


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
def test_a_truncated_gzip_names_the_file(tmp_path, keep):
    rng = np.random.default_rng(1)
    sequences = ["".join(rng.choice(list("ACGT"), 50)) for _ in range(300)]
    text = "".join(f"@r{i}\n{bases}\n+\n{'F' * 50}\n" for i, bases in enumerate(sequences))
    files = fastq(tmp_path, text, text)
    with open(files[1], "rb") as file:
        whole = file.read()
    with open(files[1], "wb") as file:
        file.write(whole[: int(len(whole) * keep)])
    with pytest.raises(InputError, match="cut short|damaged") as error:
        check_fastq(*files)
    assert files[1] in str(error.value)


def test_a_flipped_byte_is_found(tmp_path):
    files = fastq(tmp_path, records(50, 1), records(50, 2))
    with open(files[0], "r+b") as file:
        file.seek(-6, 2)  # in the checksum
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(InputError, match="damaged"):
        check_fastq(*files)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (records(2, 1) + "@read2/1\nACGT\n", r"number 3\) has 2 of 4 lines"),
        (records(2, 1) + "@read2/1\nACGT\n+\nFF\n", "record 3 .* has 4 bases and 2 qualities"),
        (records(2, 1) + ">read2/1\nACGT\n+\nFFFF\n", "record 3 .* it is not FASTQ"),
        (records(2, 1) + "@other/1\nACGT\n+\nFFFF\n", "record 3 is @other/1 .* and @read2/2"),
    ],
)
def test_broken_records_are_named(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        check_fastq(*fastq(tmp_path, text, records(3, 2)))


def test_empty_files_hold_no_reads(tmp_path):
    with pytest.raises(InputError, match="hold no reads"):
        check_fastq(*fastq(tmp_path, "", ""))


def test_decay_counts_every_contact_and_every_pair_of_bins_once():
    sizes, counts = [40, 100, 7], np.arange(100) % 7 + 1.0
    table = distance_decay(sizes, 500, counts)
    assert table["contacts"].sum() == counts[1:].sum()
    assert table["possible"].sum() == sum(size * (size - 1) // 2 for size in sizes)
    assert (table["start"].iloc[1:].to_numpy() == table["end"].iloc[:-1].to_numpy()).all()
    assert table["start"].iloc[0] == 500 and table["end"].iloc[-1] == 100 * 500


def test_decay_of_a_power_law_has_its_slope():
    distances = np.arange(1, 2000)
    counts = np.concatenate([[5.0], (2000 - distances) * distances**-1.5])
    table = distance_decay([2000], 100, counts)
    middle = table[(table["distance"] > 1000) & (table["distance"] < 50000)]
    slope = np.polyfit(np.log(middle["distance"]), np.log(middle["probability"]), 1)[0]
    assert slope == pytest.approx(-1.5, abs=0.03)


def stats_file(path, **values):
    keys = {key: 0 for key in COUNTS.values()} | values
    path.write_text("".join(f"{key}\t{value}\n" for key, value in keys.items()) + "summary/strands\t++\n")
    return str(path)


def test_tables_sum_libraries_and_leave_unknown_cells_empty(tmp_path):
    numbers = {"total": 100, "total_unmapped": 10, "total_single_sided_mapped": 20, "total_mapped": 70}
    numbers |= {"total_dups": 6, "total_nodups": 64, "cis": 48, "cis_1kb+": 32, "cis_20kb+": 8, "trans": 16}
    files = [stats_file(tmp_path / f"{i}.stats", **numbers) for i in range(2)]
    selected = []
    for dataset, library, count in (("A", "R1", 60), ("A", "R2", 50), ("P", "pairs", 33)):
        selected.append(str(tmp_path / f"{dataset}{library}.tsv"))
        row = {"dataset": dataset, "library": library, "selected_pairs": count, "binned_pairs": count - 1}
        pd.DataFrame([row]).to_csv(selected[-1], sep="\t", index=False)
    libraries = library_table({"A": ["R1", "R2"], "P": ["pairs"]}, {"A/R1": 1, "A/R2": 3}, files, selected)
    assert libraries["selected_pairs"].tolist() == [60, 50, 33]
    assert libraries["binned_pairs"].tolist() == [59, 49, 32]
    assert libraries["read_pairs"].isna().tolist() == [False, False, True]
    summary = {"bin_size": 128, "contacts": 9, "bins": 5, "filtered_bins": 1, "balanced": "converged", "cis_share": 0.1}
    rows = [
        dataset_row(
            libraries[libraries["dataset"] == name],
            {"dataset": name} | summary,
            {
                "protocol": "Hi-C",
                "cell_type": "HFFc6",
                "reference": "GSE1",
                "role": role,
                "entry": entry,
                "min_mapq": 30,
            },
        )
        for name, entry, role in (("A", "fastq", "evaluate"), ("P", "pairs", "map"), ("C", "cool", "train"))
    ]
    table = table_1(rows).set_index("dataset")
    assert list(table.index) == ["C", "A", "P"]  # what the model learns comes first
    assert table[["cell_type", "reference"]].values.tolist() == [["HFFc6", "GSE1"]] * 3
    assert table.loc["A", ["libraries", "runs", "read_pairs", "duplicates", "selected_pairs"]].tolist() == [
        2, 4, 200, 12, 110,
    ]  # fmt: skip
    assert table.loc["A", "cis_share"] == 0.75 and table.loc["A", "cis_1kb_share"] == 0.5
    assert table.loc["P", "cis_share"] == 0.1 and table.loc["P", "selected_pairs"] == 33
    assert table.loc["C", ["read_pairs", "selected_pairs", "min_mapq"]].isna().all()
    for shares in (plotting.fates(libraries), plotting.classes(table.reset_index(), libraries)):
        assert len(shares) and shares.groupby("name")["share"].sum().to_numpy() == pytest.approx(1)


def pairs_file(path, sizes, rows, columns=COLUMNS):
    header = "## pairs format v1.0.0\n" + "".join(f"#chromsize: {name} {size}\n" for name, size in sizes.items())
    text = header + f"#columns: {columns}\n" + "".join("\t".join(map(str, row)) + "\n" for row in rows)
    return write(path, text)


def test_pairs_without_mapq_are_refused_only_where_it_is_needed(tmp_path):
    path = pairs_file(tmp_path / "a.pairs.gz", {"chr1": 1000}, [], COLUMNS.replace(" mapq1 mapq2", ""))
    header = pairs.read_header(path)
    assert pairs.check_pairs(header, path, {"chr1": 1000}) == {"chr1": "chr1"}
    with pytest.raises(InputError, match="mapq1 and mapq2.*min_mapq to 0 for dataset A"):
        pairs.check_pairs(header, path, {"chr1": 1000}, min_mapq=30, dataset="A")


def test_pairs_of_another_genome_are_refused(tmp_path):
    path = pairs_file(tmp_path / "a.pairs.gz", {"1": 1000, "2": 500, "EBV": 7}, [])
    header, rename = pairs.read_header(path), {"1": "chr1", "2": "chr2"}
    assert pairs.check_pairs(header, path, {"chr1": 1000}, rename=rename) == {"chr1": "1"}
    with pytest.raises(InputError, match="no chromosome chr1; its header names 1, 2, EBV"):
        pairs.check_pairs(header, path, {"chr1": 1000})
    with pytest.raises(InputError, match="2 has 500 bp in its header and 501 bp in the FASTA"):
        pairs.check_pairs(header, path, {"chr1": 1000, "chr2": 501}, rename=rename)


def test_a_file_that_is_no_pairs_file_is_named(tmp_path):
    with pytest.raises(InputError, match="is not a pairs file"):
        pairs.read_header(write(tmp_path / "a.pairs.gz", "chr1\t5\n"))


def test_binning_selects_by_mapq_drops_duplicates_and_renames(tmp_path):
    import cooler

    rows = [
        (".", "1", 1, "1", 101, "+", "-", "UU", 60, 60),  # 1-based: bins 0 and 1
        (".", "1", 100, "1", 101, "+", "-", "UU", 30, 30),  # bins 0 and 1
        (".", "1", 100, "1", 101, "+", "-", "UU", 29, 60),
        (".", "1", 100, "1", 101, "+", "-", "DD", 60, 60),
        (".", "1", 250, "2", 10, "+", "-", "UU", 60, 60),  # bins 2 and 3
        (".", "1", 250, "EBV", 1, "+", "-", "UU", 60, 60),  # not in use
    ]
    path = pairs_file(tmp_path / "a.pairs.gz", {"1": 250, "2": 90, "EBV": 7}, rows)
    header = pairs.read_header(path)
    target = str(tmp_path / "a.cool")
    names = {"chr1": "1", "chr2": "2"}
    options = {"columns": header.columns, "names": names, "scratch": str(tmp_path / "scratch")}
    counts = pairs.bin_pairs(path, target, {"chr1": 250, "chr2": 90}, 100, min_mapq=30, drop_duplicates=True, **options)
    assert (counts.rows, counts.selected, counts.binned) == (6, 4, 3)
    clr = cooler.Cooler(target)
    assert clr.chromnames == ["chr1", "chr2"]
    assert clr.pixels()[:].to_numpy().tolist() == [[0, 1, 2], [2, 3, 1]]
    assert not list((tmp_path / "scratch").iterdir())


def test_no_selected_pair_gives_an_empty_map(tmp_path):
    import cooler

    path = pairs_file(tmp_path / "a.pairs.gz", {"1": 250}, [(".", "1", 1, "1", 101, "+", "-", "UU", 3, 60)])
    target = str(tmp_path / "a.cool")
    columns = pairs.read_header(path).columns
    counts = pairs.bin_pairs(path, target, {"1": 250}, 100, min_mapq=30, columns=columns)
    assert (counts.rows, counts.selected, counts.binned) == (1, 0, 0)
    assert cooler.Cooler(target).info["nnz"] == 0 and len(cooler.Cooler(target).bins()) == 3


def test_selection_needs_no_program_where_all_pairs_are_taken():
    assert pairs.selection(COLUMNS.split()) is None
    assert pairs.selection(COLUMNS.split(), 30) == "(mapq1>=30) and (mapq2>=30)"


def test_runs_of_n_are_also_found_at_the_ends():
    codes = np.array([4, 4, 4, 0, 4, 1, 2, 4, 4], np.uint8)
    assert genomes.unknown_runs(codes, 2).tolist() == [[0, 3], [7, 9]]
    assert genomes.unknown_runs(codes, 1).tolist() == [[0, 3], [4, 5], [7, 9]]
    assert genomes.unknown_runs(codes[3:4], 1).tolist() == []


@pytest.mark.parametrize("prefix", ["", "585\t"])  # a BED, and UCSC's table, which begins with a bin number
def test_gaps_are_read_from_bed_and_from_ucsc(tmp_path, prefix):
    text = f"{prefix}chr2\t5\t9\tN\n{prefix}chr1\t50\t60\tN\n{prefix}chr1\t0\t10\tN\n{prefix}chrUn\t0\t3\tN\n"
    path = write(tmp_path / "gap.txt.gz", text)
    gaps = genomes.read_gaps(path, {"chr1": 60, "chr2": 20})
    assert gaps.to_numpy().tolist() == [["chr1", 0, 10], ["chr1", 50, 60], ["chr2", 5, 9]]
    with pytest.raises(InputError, match="chr1:50-60 ends beyond the chromosome"):
        genomes.read_gaps(path, {"chr1": 59})
    with pytest.raises(InputError, match="no interval of .* lies on a chromosome"):
        genomes.read_gaps(path, {"I": 59})


def test_a_gzipped_fasta_is_unpacked_and_indexed_only_if_whole(tmp_path):
    rng = np.random.default_rng(2)
    lines = ["".join(rng.choice(list("ACGTN"), 60)) for _ in range(200)]
    path = write(tmp_path / "g.fa.gz", ">chr1\n" + "\n".join(lines) + "\n>chr2\nACGT\n")
    target = tmp_path / "out.fa"
    genomes.copy_fasta(path, str(target))
    assert genomes.read_sizes(f"{target}.fai") == {"chr1": 12000, "chr2": 4}
    whole = (tmp_path / "g.fa.gz").read_bytes()
    (tmp_path / "cut.fa.gz").write_bytes(whole[:-200])
    with pytest.raises(InputError, match="cut.fa.gz cannot be read to its end"):
        genomes.copy_fasta(str(tmp_path / "cut.fa.gz"), str(tmp_path / "cut.fa"))
    assert not (tmp_path / "cut.fa").exists()
    with pytest.raises(InputError, match="is not FASTA"):
        genomes.copy_fasta(write(tmp_path / "x.fa", "ACGT\n"), str(tmp_path / "y.fa"))


def test_chromosomes_are_taken_in_the_order_given():
    sizes = {"chr10": 5, "chr1": 9, "chrM": 2}
    assert list(genomes.choose_chromosomes(sizes, ["chr1", "chr10"], "g.fa")) == ["chr1", "chr10"]
    assert genomes.choose_chromosomes(sizes, None, "g.fa") == sizes
    with pytest.raises(InputError, match="no chromosome chrX"):
        genomes.choose_chromosomes(sizes, ["chrX"], "g.fa")


def test_a_gzip_damaged_in_the_middle_names_the_file(tmp_path):
    rng = np.random.default_rng(1)
    bases = "".join(rng.choice(list("ACGT"), 60_000))
    fasta = tmp_path / "genome.fa.gz"
    write(fasta, f">chr1\n{bases}\n")
    whole = bytearray(fasta.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 40] = bytes(40)
    fasta.write_bytes(whole)
    with pytest.raises(InputError, match="genome.fa.gz"):
        genomes.copy_fasta(str(fasta), str(tmp_path / "genome.fa"))
    assert not (tmp_path / "genome.fa").exists()


def test_an_empty_bed_has_no_gaps(tmp_path):
    gaps = genomes.read_gaps(write(tmp_path / "gaps.bed", ""), {"chr1": 60})
    assert gaps.empty and list(gaps.columns) == ["chrom", "start", "end"]


def test_two_names_for_one_chromosome_are_refused(tmp_path):
    path = write(tmp_path / "A.pairs", f"## pairs format v1.0\n#chromsize: 1 60\n#columns: {COLUMNS}\n")
    with pytest.raises(InputError, match="both 1 and one .* chr1"):
        pairs.check_pairs(pairs.read_header(path), path, {"chr1": 60}, rename={"1": "chr1", "one": "chr1"}, dataset="A")


@pytest.mark.parametrize("program", [["sh", "-c", "exit 3"], ["sh", "-c", "cat >/dev/null; exit 3"]])
def test_a_failing_program_is_named_with_its_status(tmp_path, program):
    rows = [(".", "chr1", 1, "chr1", 101, "+", "-", "UU", 60, 60)] * 200_000
    path = pairs_file(tmp_path / "a.pairs", {"chr1": 250}, rows)
    check = RowCheck(path, COLUMNS.split(), {"chr1": 250})
    with pytest.raises(RuntimeError, match=r"exit 3 failed \(status 3\)"):
        pairs._feed(path, check, [program], str(tmp_path))


def test_pairs_of_another_assembly_are_refused(tmp_path):
    path = tmp_path / "a.pairs"
    path.write_text("## pairs format v1.0\n#genome_assembly: GRCm38\n#columns: readID chrom1 pos1 chrom2 pos2\n")
    header = pairs.read_header(path)
    assert header.assembly == "GRCm38"
    pairs.check_pairs(header, path, {"chr1": 100}, genome="mm10")
    with pytest.raises(InputError, match="is of GRCm38, but its dataset belongs to genome hg38"):
        pairs.check_pairs(header, path, {"chr1": 100}, genome="hg38")
