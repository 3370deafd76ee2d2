"""Inputs that were tried after the cases were mended: each is refused in one line that names it."""

import copy
import json

import cooler
import h5py
import numpy as np
import pandas as pd
import pytest
from configs import put
from places import ROOT

from akitaflow.analyses import five_c
from akitaflow.errors import InputError
from akitaflow.genome import bigwig, fasta
from akitaflow.genome.intervals import read_chromsizes
from akitaflow.mapping.chromosome_names import read_rename
from akitaflow.mapping.cooler_checks import check_cooler, resolve
from akitaflow.mapping.fastq import check_fastq

FIRST = "@a\nACGT\n+\nFFFF\n@b\nAGGT\n+\nFFFF\n"
SECOND = "@a\nGGTC\n+\nFFFF\n@b\nGTTC\n+\nFFFF\n"
LETTERS = {
    "RNA": (FIRST.replace("AGGT", "AGGU"), r"record 2 \(@b\) has b'U' among its bases; reads are DNA"),
    "protein": (FIRST.replace("ACGT", "MKLV"), r"record 1 \(@a\) has b'L' among its bases"),
    "colour space": (FIRST.replace("ACGT", "T012"), "has b'0' among its bases"),
    "NUL": (FIRST.replace("ACGT", "AC\0T"), r"has b'\\x00' among its bases"),
    "qualities beyond ASCII": (FIRST.encode().replace(b"FFFF", b"FF\xffF", 1), r"has b'\\xff' among its qualities"),
    "numbers as qualities": (FIRST.replace("FFFF", "4 4 "), "has b' ' among its qualities"),
}


@pytest.mark.parametrize("name", LETTERS)
def test_letters_that_are_no_dna_are_refused(tmp_path, name):
    content, message = LETTERS[name]
    paths = [tmp_path / "r_1.fastq", tmp_path / "r_2.fastq"]
    paths[0].write_bytes(content if isinstance(content, bytes) else content.encode())
    paths[1].write_text(SECOND)
    with pytest.raises(InputError, match=f"r_1.fastq: .*{message}"):
        check_fastq(*map(str, paths))


@pytest.mark.parametrize("bases", ["acgt", "ANNT", "A.GT", "RYKM"])
def test_letters_of_dna_are_read(tmp_path, bases):
    paths = [tmp_path / "r_1.fastq", tmp_path / "r_2.fastq"]
    paths[0].write_text(FIRST.replace("ACGT", bases).replace("\n", "\r\n"), newline="")
    paths[1].write_text(SECOND)
    assert check_fastq(*map(str, paths))["reads"].tolist() == [2, 2]


SIZES = {
    "zero": ("chr1\t0\n", "line 1: found"),
    "negative": ("chr1\t5\nchr2\t-4\n", "line 2: found"),
    "twice": ("chr1\t5\nchr1\t6\n", "line 2: chr1 stands twice"),
    "header": ("chrom\tsize\nchr1\t5\n", "line 1: found 'chrom"),
    "blanks": ("chr1 1000\n", "write the name of a chromosome, a tab and its length"),
    "one column": ("chr1\n", "line 1: found 'chr1'"),
    "decimal": ("chr1\t5.0\n", "line 1: found"),
    "binary": (b"\xff\xfe\x00", "cannot be read"),
}


@pytest.mark.parametrize("name", SIZES)
def test_lengths_of_chromosomes_are_checked(tmp_path, name):
    content, message = SIZES[name]
    (tmp_path / "a.sizes").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=f"a.sizes.*{message}"):
        read_chromsizes(tmp_path / "a.sizes")


def test_an_index_of_fasta_gives_lengths_too(tmp_path):
    (tmp_path / "a.fai").write_text("chr1\t1000\t6\t60\t61\n")
    assert read_chromsizes(tmp_path / "a.fai") == {"chr1": 1000}


@pytest.mark.parametrize("content", [">a\nACGT\n\n\n", ">a\nACGT\n\nACGT\n"])
def test_empty_lines_of_fasta_are_refused(tmp_path, content):
    (tmp_path / "user.fa").write_text(content)
    with pytest.raises(InputError, match="user.fa cannot be indexed"):
        fasta.copy_fasta(str(tmp_path / "user.fa"), str(tmp_path / "out.fa"))


def test_a_record_of_uneven_lines_is_refused(tmp_path):
    """pyfaidx indexes a record whose last line is its longest, and positions are then wrong."""
    (tmp_path / "user.fa").write_text(">a\nAC\nACGT\n>b\nAC\n")
    with pytest.raises(InputError, match="user.fa: the lines of the record 'a' have different lengths"):
        fasta.copy_fasta(str(tmp_path / "user.fa"), str(tmp_path / "out.fa"))


def test_files_that_are_missing_are_named(tmp_path):
    place = pd.DataFrame({"chrom": ["chr1"], "start": [0], "end": [10]})
    with pytest.raises(InputError, match="none.bw cannot be read"):
        bigwig.bin_track(tmp_path / "none.bw", place, 10, {"chr1": 100})
    fragments = pd.DataFrame([("f", "old", "chr1", 0, 100)], columns=five_c.FRAGMENT_COLUMNS)
    with pytest.raises(InputError, match="none.chain: cannot be read .* give a chain file"):
        five_c.lift(fragments, tmp_path / "none.chain", chromsizes={"chr1": 100})


CONFIG = {
    "a share that is no number": (
        "splits.main.fractions",
        {"train": float("nan"), "valid": 0.1, "test": 0.2},
        "splits.main.fractions.train: found nan; write a finite number",
    ),
    "an infinite rate": (
        "models.main.training.learning_rate",
        float("inf"),
        "models.main.training.learning_rate: found inf; write a finite number",
    ),
    "depth without the bin size": ("depth.factors", [2, 4], "depth.factors.0: found 2; write 1 first"),
}


@pytest.mark.parametrize("name", CONFIG)
def test_values_that_passed_the_schema_are_refused(small, name):
    key, value, message = CONFIG[name]
    with pytest.raises(InputError, match=message):
        small(put(key, value))


def drop(name):
    return lambda file: file.__delitem__(name)


def store(name, change):
    def edit(file):
        values = change(file[name][:])
        del file[name]
        file[name] = values

    return edit


COOLERS = {
    "no pixels": (
        drop("pixels"),
        "lacks the column pixels/bin1_id of a cooler|cannot be read as a cooler|not a cooler",
    ),
    "no counts": (drop("pixels/count"), "lacks the column pixels/count of a cooler"),
    "no starts": (drop("bins/start"), "lacks the column bins/start of a cooler"),
    "no chromosomes": (
        drop("chroms"),
        "lacks the column chroms/length of a cooler|cannot be read as a cooler|not a cooler",
    ),
    "counts as text": (
        store("pixels/count", lambda values: values.astype("S")),
        "pixels/count has .* whole numbers there",
    ),
    "bins as decimals": (store("pixels/bin1_id", lambda values: values.astype(float)), "pixels/bin1_id has float64"),
    "weights as text": (
        store("bins/weight", lambda values: values.astype("S")),
        "column weight has .* one number is needed",
    ),
    "weights cut": (store("bins/weight", lambda values: values[:-3]), r"shape \(17,\), but one number .* of 20 bins"),
    "weights of two columns": (store("bins/weight", lambda values: np.c_[values, values]), "column weight has float64"),
    "sum as text": (lambda file: file.attrs.__setitem__("sum", "many"), "its attribute sum is 'many', no number"),
}


@pytest.fixture
def small_map(tmp_path):
    path = str(tmp_path / "a.cool")
    bins = cooler.binnify(pd.Series({"chr1": 2000}), 100).assign(weight=1.0)
    cooler.create_cooler(path, bins, pd.DataFrame({"bin1_id": [0], "bin2_id": [1], "count": [1]}))
    return path


@pytest.mark.parametrize("name", COOLERS)
def test_coolers_without_their_columns_are_refused(small_map, name):
    change, message = COOLERS[name]
    with h5py.File(small_map, "r+") as file:
        change(file)
    with pytest.raises(InputError, match=f"a.cool.*({message})"):
        check_cooler(small_map, 100, {"chr1": 2000})


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none.cool", "none.cool cannot be read .No such file"),
        (".", "cannot be read .Is a directory"),
        ("a.cool::resolutions/50", "is not a cooler"),
        ("a.cool::resolutions/100::x", "has '::' twice"),
    ],
)
def test_paths_of_maps_that_lead_nowhere_are_refused(small_map, monkeypatch, tmp_path, path, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        resolve(path, 100)


def test_tables_of_names_are_read(tmp_path):
    (tmp_path / "r.tsv").write_text("\ufeff# mine\r\n1 \tHG002#1#chr1\t\r\nHG002#1#chr2\tchr2 \r\n")
    assert read_rename(str(tmp_path / "r.tsv")) == {"1": "HG002#1#chr1", "HG002#1#chr2": "chr2"}


@pytest.mark.parametrize("content", [b"", b"\xff\xfea\x00", b"a b\n", b"a\n"])
def test_tables_of_names_are_checked(tmp_path, content):
    (tmp_path / "r.tsv").write_bytes(content)
    with pytest.raises(InputError, match="r.tsv.*two tab-separated columns"):
        read_rename(str(tmp_path / "r.tsv"))


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("block", "key", "value"),
    [
        (0, "filters", -4),
        (0, "filters", 96.5),
        (0, "kernel_size", 0),
        (1, "repeat", 0),
        (1, "repeat", 10**9),
        (2, "dropout", 2),
        (2, "dropout", float("nan")),
    ],
)
def test_numbers_of_params_that_no_network_has_are_refused(block, key, value):
    from akitaflow.model.network import Architecture

    params = copy.deepcopy(json.loads((ROOT / "tests/data/params.json").read_text()))
    params["model"]["trunk"][block][key] = value
    with pytest.raises(InputError, match=f"params.json: trunk: .*: {key} is {value}; write a"):
        Architecture.from_params(params)
