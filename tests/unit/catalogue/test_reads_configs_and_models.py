"""Catalogue of FASTQ, config files, params.json files and perturbations that other tools or people wrote."""

import copy
import gzip
import json

import pytest
from configs import put
from fakes import random_genome
from places import ROOT

from akitaflow.errors import InputError
from akitaflow.mapping.fastq import check_fastq, compare_runs
from akitaflow.prediction.perturb import Insert, Substitute, apply, duplicate
from akitaflow.study.checks.analyses import INSULATION_BINS
from akitaflow.study.config_file import check_config_file


def fastq(names, bases):
    return "".join(f"{name}\n{bases}{'A' * i}\n+\n{'F' * (len(bases) + i)}\n" for i, name in enumerate(names))


def mates(folder, first, second):
    paths = [folder / "r_1.fastq", folder / "r_2.fastq"]
    for path, content in zip(paths, (first, second), strict=True):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(map(str, paths))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("@SRR1.{}.1 x", "@SRR1.{}.2 x"),
        ("@r{}/1", "@r{}/2"),
        ("@r{}/1;1", "@r{}/2;2"),
        ("@r{}/1;1", "@r{}/2;1"),
        ("@r{} 1:N:0:A", "@r{} 2:N:0:A"),
        ("@SRR1.{} length=5", "@SRR1.{} length=5"),
        ("@r{}_1", "@r{}_2"),
    ],
)
def test_names_of_mates_are_read_as_pairs(tmp_path, first, second):
    texts = [fastq([name.format(i) for i in range(1, 5)], bases) for name, bases in ((first, "ACGT"), (second, "GGTC"))]
    assert check_fastq(*mates(tmp_path, *texts))["reads"].tolist() == [4, 4]


NAMES = ["@a", "@b", "@c"]
READS = {
    "the same reads": (fastq(NAMES, "ACGT"), fastq(NAMES, "ACGT"), "hold the same reads"),
    "the same reads renamed": (fastq(["@a/1"], "ACGT"), fastq(["@a/2"], "ACGT"), "hold the same reads"),
    "a gzipped copy": (fastq(NAMES, "ACGT"), gzip.compress(fastq(NAMES, "ACGT").encode()), "hold the same reads"),
    "interleaved": (fastq(["@a", "@a"], "ACGT"), fastq(["@a", "@a"], "GG"), "records 1 and 2 .* interleaved"),
    "interleaved /1 /2": (fastq(["@a/1", "@a/2"], "ACGT"), fastq(["@a/1", "@a/2"], "GG"), "interleaved"),
    "equal names": (fastq(["@SRR x"] * 3, "ACGT"), fastq(["@SRR x"] * 3, "GG"), "the same name, @SRR"),
    "empty names": (fastq(["@ 1", "@ 2"], "ACGT"), fastq(["@ 1", "@ 2"], "GG"), "record 1 has no name"),
    "other reads": (fastq(NAMES, "ACGT"), fastq(["@a", "@x", "@c"], "GG"), "record 2 is @b in"),
    "shifted by one": (fastq(["@r.1", "@r.2"], "ACGT"), fastq(["@r.2", "@r.3"], "GG"), "record 2 is @r.2"),
    "bzip2": (b"BZh91AY", b"BZh91AY", "r_1.fastq is compressed with bzip2"),
    "zstd": (b"\x28\xb5\x2f\xfd000", b"", "r_1.fastq is compressed with zstd"),
    "xz": (b"\xfd7zXZ\x00", b"", "r_1.fastq is compressed with xz"),
    "HTML": (b"<!DOCTYPE html>\n<html>", b"", "r_1.fastq is a web page"),
    "SRA": (b"NCBI.sra", b"", "r_1.fastq is an SRA archive"),
    "BAM": (gzip.compress(b"BAM\x01"), b"", "r_1.fastq is BAM"),
    "no reads": (b"", b"", "hold no reads"),
    "FASTA": (b">a\nACGT\n", b">a\nACGT\n", r"record \(number 1\) begins with b'>' in place of '@'"),
    "an empty line first": ("\n" + fastq(NAMES, "ACGT"), fastq(NAMES, "GG"), "record 1 .* begins with an empty line"),
    "an empty line": (fastq(NAMES, "ACGT").replace("@b", "\n@b"), fastq(NAMES, "GG"), "record 2 .* an empty line"),
    "several lines": ("@a\nAC\nGT\n+\nFF\nFF\n@b\nA", "", "record 1 .*b'GT' as its third line, not '\\+'"),
    "few qualities": ("@a\nACGT\n+\nFFF\n", "", r"record 1 \(@a\) has 4 bases and 3 qualities"),
    "a byte order mark": ("\ufeff" + fastq(NAMES, "ACGT"), "", "begins with a byte order mark"),
    "UTF-16": (fastq(NAMES, "ACGT").encode("utf-16"), "", "r_1.fastq is text in UTF-16"),
    "carriage returns": (fastq(NAMES, "ACGT").replace("\n", "\r"), "", "carriage returns alone"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\n", b"", "a pointer of git-lfs"),
    "mate 1 twice": (fastq(["@a/1"], "ACGT"), fastq(["@a/1"], "GG"), r"r_2.fastq: .*says that it is mate 1"),
    "mates exchanged": (fastq(["@a/2"], "ACGT"), fastq(["@a/1"], "GG"), r"r_1.fastq: .*says that it is mate 2"),
    "comment of mate 1": (fastq(["@a 1:N:0:A"], "ACGT"), fastq(["@a 1:N:0:A"], "GG"), "r_2.fastq: .*it is mate 1"),
}


@pytest.mark.parametrize("case", READS)
def test_reads_are_refused_before_they_are_mapped(tmp_path, case):
    first, second, message = READS[case]
    with pytest.raises(InputError, match=message):
        check_fastq(*mates(tmp_path, first, second))


@pytest.mark.parametrize("end", ["\n", "\n\n\n", "\r\n", "  \n", ""])
def test_empty_lines_at_the_end_of_reads_are_no_record(tmp_path, end):
    """bwa reads such files to their last record."""
    first, second = fastq(NAMES, "ACGT"), fastq(NAMES, "GG")
    assert check_fastq(*mates(tmp_path, first + end, second))["reads"].tolist() == [3, 3]
    assert check_fastq(*mates(tmp_path, first, second + end))["bases"].tolist() == [15, 9]
    with pytest.raises(InputError, match=r"has 3 of 4 lines: the file is cut short|has 6 bases and \d qualities"):
        check_fastq(*mates(tmp_path, first.rsplit("\n", 2)[0] + "\n" + end, second))


def test_two_runs_with_the_same_reads_are_refused(tmp_path):
    table = check_fastq(*mates(tmp_path, fastq(NAMES, "ACGT"), fastq(NAMES, "GG")))
    other = check_fastq(*mates(tmp_path, fastq(NAMES, "ACTT"), fastq(NAMES, "GT")))
    assert len(compare_runs({("R1", "a"): table, ("R2", "a"): other})) == 4
    with pytest.raises(InputError, match=r"library R1, run a\) and .*library R2, run b\) hold the same reads"):
        compare_runs({("R1", "a"): table, ("R2", "b"): table})


CONFIGS = {
    "a key twice": (b"seed: 1\nx:\n  a: 1\nseed: 2\n", "line 4: the key 'seed' stands in line 1 already"),
    "a key twice below": (b"x:\n  a: 1\n  a: 1\n", "line 3: the key 'a' stands in line 2"),
    "octal": (b"seed: 1\nnames: [8, 012]\n", "line 2: 012 is read as an octal number, 10"),
    "base 60": (b"seed: 1:30\n", "line 1: 1:30 is read as a number to base 60; quote it"),
    "date": (b"x: 2020-01-01\n", "line 1: 2020-01-01 is read as a date"),
    "name 1": (b"models:\n  1: {split: a}\n", 'line 2: the key 1 is read as int; quote it: "1"'),
    "name no": (b"models:\n  no: {split: a}\n", 'line 2: the key no is read as bool; quote it: "no"'),
    "Latin-1": (b"seed: 1\n# caf\xe9\n", "line 2: the byte e9 is not UTF-8"),
    "UTF-16": ("seed: 1".encode("utf-16"), "line 1: the text is UTF-16"),
    "tab": (b"x:\n\ta: 1\n", "line 2: a tab; YAML is indented by blanks"),
    "not closed": (b"x: [1, 2\ny: 3\n", "line 2: not YAML"),
    "empty": (b"# nothing\n", "the file is empty"),
    "a list": (b"- 1\n", "line 1: found no keys"),
    "a tag": (b"seed: 1\nx: !mine 1\n", "line 2: the tag !mine is not read"),
    "a tag of Python": (b"x: !!python/name:os.system\n", "line 1: the tag !!python/name:os.system"),
    "binary": (b"x: !!binary aGVsbG8=\n", "line 1: the tag !!binary"),
    "a set": (b"x: !!set {a, b}\n", "line 1: the tag !!set"),
    "an equals sign": (b"x: =\n", 'line 1: = has a meaning .*quote it: "="'),
    "deep": (b"x: " + b"[" * 3000 + b"]" * 3000, "within each other"),
    "an alias of itself": (b"x: &x\n  y: *x\n", "line 1: an alias of itself"),
    "two documents": (b"a: 1\n---\nb: 2\n", "line 2: not YAML: but found another document"),
}


@pytest.mark.parametrize("case", CONFIGS)
def test_config_files_are_refused_with_their_line(tmp_path, case):
    content, message = CONFIGS[case]
    (tmp_path / "user.yaml").write_bytes(content)
    with pytest.raises(InputError, match=f"user.yaml.*{message}"):
        check_config_file(tmp_path / "user.yaml")


@pytest.mark.parametrize(
    "content", [b'{"a": 1,\n\t"b": "012"}', b"\xef\xbb\xbfa: '012'\nb: \"1:30\"\n", b"a: 0\nb: 0.1\n"]
)
def test_config_files_are_read(tmp_path, content):
    (tmp_path / "user.yaml").write_bytes(content)
    check_config_file(tmp_path / "user.yaml")


@pytest.mark.parametrize(("value", "whole"), [("1e4", 10000), (3.0, 3), ("3.0", 3), (1e4, 10000), (7, 7)])
def test_whole_numbers_are_int(small, value, whole):
    seed = small(put("seed", value)).config["seed"]
    assert seed == whole and type(seed) is int


@pytest.mark.tensorflow
def test_momentum_may_be_whole():
    from akitaflow.training.loop import Training, make_optimizer

    assert make_optimizer(Training(momentum=0, learning_rate=1)).momentum == 0


def test_default_insulation_of_a_small_map(small):
    def edit(raw):
        raw["motifs"] = {"sets": {"CTCF": {"matrix": "MA0139.1"}}}
        raw["mutagenesis"] = {"motifs": ["CTCF"]}

    mutagenesis = small(edit).config["mutagenesis"]
    assert mutagenesis["insulation_bins"] == INSULATION_BINS  # on each side, of a map of 12 bins


STUDIES = {
    "a newline in a pattern": ("mapping.bwa_options", "-k 19\n", "mapping.bwa_options: found"),
    "shifts of a window": ("evaluation.average.shifts", [0, 128], "shifts.1: 128 bp move all bases out"),
    "a seed beyond 32 bits": ("seed", 2**32, "seed: found 4294967296; write"),
    "a truth value as text": ("genomes.toy.fasta", False, "quote it; YAML reads no, off and false"),
    "a number as text": ("genomes.toy.fasta", 1, 'write a text: quote it, "1"'),
    "half a map": (
        "mutagenesis",
        {"motifs": ["CTCF"], "insulation_bins": 6},
        "insulation_bins: 6 bins on both sides .* write 5 or less",
    ),
    "overlapping regions": (
        "predictions",
        {"p": {"model": "main", "regions": ["chr1:0-200", "chr1:192-400"]}},
        "regions.1: chr1:192-400 overlaps chr1:0-200",
    ),
}


@pytest.mark.parametrize("case", STUDIES)
def test_studies_are_refused(small, case):
    key, value, message = STUDIES[case]

    def edit(raw):
        raw["motifs"] = {"sets": {"CTCF": {"matrix": "MA0139.1"}}}
        put(key, value)(raw)

    with pytest.raises(InputError, match=f"(?s){message}"):
        small(edit)


PARAMS = {
    "another head": (lambda model: model.update(head_human=[]), "'head_human' is unknown"),
    "dilation_rate": (lambda model: model["trunk"][0].update(dilation_rate=2), "conv_block: the key 'dilation_rate'"),
    "activation of a block": (lambda model: model["trunk"][3].update(activation="gelu"), "the key 'activation'"),
    "activation of the last layer": (lambda model: model["head_hic"][-1].update(activation="softplus"), "'softplus'"),
    "misspelt": (lambda model: model["trunk"][0].update(kernelsize=3), "did you mean 'kernel_size'"),
    "pool of a 2D block": (
        lambda model: model["head_hic"][2].update(pool_size=2),
        "conv_block_2d: the key 'pool_size'",
    ),
    "missing": (lambda model: model["trunk"][1].pop("repeat"), "conv_tower: the key 'repeat' is missing"),
    "no bn_momentum": (lambda model: model.pop("bn_momentum"), "the key 'bn_momentum' is missing"),
    "text": (lambda model: model["trunk"][0].update(filters="96"), "filters is '96'; write a number"),
    "another block": (lambda model: model["trunk"].insert(1, {"name": "attention"}), "trunk: the blocks must be"),
    "another crop": (lambda model: model.update(target_crop=16), "target_crop must be 32, not 16"),
    "another operation": (lambda model: model["head_hic"][0].update(operation="max"), "must be 'mean', not 'max'"),
}


@pytest.mark.tensorflow
@pytest.mark.parametrize("case", PARAMS)
def test_params_with_other_operations_are_refused_by_name(case):
    from akitaflow.model.network import Architecture

    edit, message = PARAMS[case]
    params = json.loads((ROOT / "tests/data/params.json").read_text())
    Architecture.from_params(copy.deepcopy(params))
    edit(params["model"])
    with pytest.raises(InputError, match=f"params.json: .*{message}"):
        Architecture.from_params(params)


@pytest.mark.parametrize("bases", ["AC\n", "A C", "A-C", "ACÅ", b"ACG", ["A", "C", "G"]])
@pytest.mark.parametrize("kind", ["insert", "substitute"])
def test_bases_that_are_not_letters_are_refused(bases, kind):
    genome = random_genome(c=64)
    edit = Insert(8, bases) if kind == "insert" else Substitute(8, 8 + len(bases), bases)
    with pytest.raises(InputError, match="not a letter|write its bases as text"):
        apply(genome, ("c", 0, 64), [edit], 8)
    with pytest.raises(InputError, match="no chromosome 'chrZ'"):
        apply(genome, ("chrZ", 0, 64), [edit], 8)
    with pytest.raises(InputError, match="no chromosome 'chrZ'"):
        duplicate(genome, "chrZ", 0, 8)
