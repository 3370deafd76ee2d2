"""Config and tables as users write them: what is read, and what each mistake is answered with."""

import copy

import pytest
from configs import DATASETS, RUNS, put

from akitaflow.errors import InputError


def test_defaults_reach_into_named_maps(small):
    study = small()
    assert study.config["splits"]["main"]["stride_bins"]["train"] == 128
    assert study.config["models"]["main"]["training"]["optimizer"] == "sgd"
    assert study.config["genomes"]["toy"]["gaps"] is None
    assert study.datasets.loc["A", "tolerance"] == 0 and study.datasets.loc["C", "min_mapq"] == 30
    assert study.config["figures"] == {"model": "main", "dataset": "A"}


def test_loading_does_not_change_the_raw_config(small):
    kept = {}

    def edit(raw):
        kept["raw"], kept["copy"] = raw, copy.deepcopy(raw)

    small(edit)
    assert kept["raw"] == kept["copy"]


def test_paths_are_expanded(small):
    study = small(put("paths", {"data": "https://example.org/x/"}))
    assert study.locate("{data}/a.cool") == "https://example.org/x/a.cool"
    assert study.locate("{workflow}/resources/a.bed") == "./resources/a.bed"
    assert study.locate("plain/a.cool") == "plain/a.cool"
    assert study.locate("") is None
    with pytest.raises(InputError, match=r"'\{other\}/a' needs a value for 'other'; write paths: \{other: "):
        study.locate("{other}/a")


def test_comments_bom_and_crlf_in_tables(small):
    study = small(datasets="\ufeff# ours\n" + small.rows.replace("\n", "\r\n") + "\n# end\n")
    assert list(study.datasets.index) == ["A", "C"]


def test_runs_are_optional_without_fastq(small, tmp_path):
    study = small(datasets=DATASETS + "C\ttoy\tcool\tc.cool\ttrain\t0\n", runs=None)
    assert study.runs.empty and study.libraries("C") == []


BAD_CONFIGS = [
    (
        "unknown key",
        put("geometry.binsize", 8),
        r"config.yaml, geometry.binsize: unknown key; did you mean 'bin_size'\?",
    ),
    ("unknown block", put("speed", 3), r"config.yaml, speed: unknown key; "),
    ("renamed block", put("sweep", {}), r"config.yaml, sweep: this key is now 'motif_sweep'; write motif_sweep"),
    ("renamed key", put("comparison.variants", {}), r"comparison.variants: this key is now 'alternatives'"),
    (
        "deep unknown key",
        put("models.main.training.learningrate", 1),
        r"models.main.training.learningrate: unknown key; did",
    ),
    ("wrong type", put("seed", "seven"), r"config.yaml, seed: found 'seven'; write a whole number of at least 0"),
    ("text for a number", put("motifs.pvalue", "small"), r"motifs.pvalue: found 'small'; write a number"),
    (
        "enum",
        put("targets.expected", "windows"),
        r"targets.expected: found 'windows'; write one of window, genome; did you",
    ),
    (
        "stride",
        put("splits.main.stride_bins", {"train": 0}),
        r"splits.main.stride_bins.train: found 0; write .*at least 1",
    ),
    ("pools", put("geometry.pools", [2, 2, 3]), r"geometry.pools: the product of \[2, 2, 3\] is 12, .*\[2, 2, 2\]"),
    (
        "bin in window",
        put("geometry.window", 130),
        r"geometry.window: 130 bp is not a whole number of bins of 8 .*128 or 136",
    ),
    ("bin in crop", put("geometry.crop", 3), r"geometry.crop: 3 bp is not a whole number of bins of 8 bp .*write 8"),
    ("crop", put("geometry.crop", 56), r"geometry.crop: cutting 56 bp .* leaves 2 bins, .*a crop of at most 48"),
    (
        "name with dot",
        put("genomes", {"hg.38": {"fasta": "genome.fa"}}),
        r"genomes: the name 'hg.38' cannot be used; write",
    ),
    ("no fasta key", put("genomes.toy", {}), r"genomes.toy: the key 'fasta' is missing; write it \(FASTA of"),
    ("no genome", put("genomes", {}), r"config.yaml, genomes: none is defined; write genomes: \{hg38: "),
    (
        "missing fasta",
        put("genomes.toy.fasta", "x.fa"),
        r"config.yaml, genomes.toy.fasta: no such file: x.fa; put the file",
    ),
    ("missing gaps", put("genomes.toy.gaps", "g.bed"), r"config.yaml, genomes.toy.gaps: no such file: g.bed"),
    (
        "fractions",
        put("splits.main.fractions", {"train": 0.9}),
        r"splits.main.fractions: train: 0.9, .* sum to 1.1; write",
    ),
    (
        "no windows to choose the best epoch by",
        put("splits.main.fractions", {"train": 1, "valid": 0, "test": 0}),
        "splits.main.fractions.valid: 0, so the fold valid has no window and model main cannot be trained; write",
    ),
    (
        "no windows to evaluate",
        put("splits.main.fractions", {"train": 0.9, "valid": 0.1, "test": 0}),
        r"splits.main.fractions.test: 0, so .* cannot be evaluated \(evaluation.fold\); write a share above 0",
    ),
    (
        "split genome",
        put("splits.main.genome", "tox"),
        r"splits.main.genome: 'tox' is no genome .*did you mean 'toy'\?",
    ),
    (
        "contig length",
        put("splits.main.max_contig_bins", 8),
        r"max_contig_bins: contigs of at most 8 bins .*at least 16",
    ),
    (
        "fold unknown",
        put("splits.main.holdout", [{"region": "chr1:1-9", "fold": "tests"}]),
        r"holdout.0.fold: found 'tests'",
    ),
    (
        "region",
        put("splits.main.holdout", [{"region": "chr1-9", "fold": "test"}]),
        r"holdout.0.region: found 'chr1-9'; write",
    ),
    (
        "empty region",
        put("splits.main.holdout", [{"region": "chr1:9-9", "fold": "test"}]),
        r"region: chr1:9-9 ends before",
    ),
    (
        "region chromosome",
        put("splits.main.holdout", [{"region": "chr9:1-9", "fold": "test"}]),
        r"'chr9' is no chromosome",
    ),
    ("chromosome", put("splits.main.chromosomes", {"test": ["chr3"]}), r"chromosomes.test: 'chr3' is no chromosome"),
    (
        "twice",
        put("splits.main.chromosomes", {"test": ["chr1"], "valid": ["chr1"]}),
        r"chr1 is in valid too; write each",
    ),
    (
        "model split",
        put("models.main.split", "mein"),
        r"models.main.split: 'mein' is no split of this study; did you mean",
    ),
    (
        "GPUs on a CPU",
        put("models.main.training", {"device": "cpu", "gpus": 2}),
        r"models.main.training.gpus: 2 GPUs cannot train with device: cpu; write gpus: 1",
    ),
    ("no GPU", put("models.main.training.gpus", 0), r"models.main.training.gpus: found 0; write"),
    ("GPUs", put("models.main.training.gpus", "both"), r"models.main.training.gpus: found 'both'; write"),
    ("figures.model", put("figures.model", "x"), r"figures.model: 'x' is no model of this study; write one of: main"),
    (
        "figures.dataset",
        put("figures.dataset", "X"),
        r"figures.dataset: 'X' is no dataset of this study; write one of: A, C",
    ),
    (
        "not an output",
        put("figures.dataset", "C"),
        r"figures.dataset: 'C' is no output of model main .*write one of: A",
    ),
    (
        "motif",
        put("mutagenesis.motifs", ["CTFC"]),
        r"mutagenesis.motifs: 'CTFC' is no set of motifs.sets .*mean 'CTCF'\?",
    ),
    (
        "motif source",
        put("motifs.sets", {"CTCF": {}}),
        r"motifs.sets.CTCF: neither of matrix and bed is given; write one",
    ),
    ("even kernel", put("targets.smoothing_width", 8), r"targets.smoothing_width: 8 is even.*write 9"),
    ("truth alone", put("truth", {}), r"config.yaml, truth: only a simulated study has a known truth; delete this key"),
    (
        "simulated",
        put("simulation", {"datasets": {"Z": {"genome": "toy"}}}),
        r"simulation.datasets: 'Z' is no dataset that",
    ),
    (
        "shell",
        put("mapping.bwa_options", "-k 5; rm x"),
        r"mapping.bwa_options: found '-k 5; rm x'; write text that matches",
    ),
    ("root", put("genomes.toy.fasta", "{here}/x.fa"), r"config.yaml, paths: '\{here\}/x.fa' needs a value for 'here'"),
]


@pytest.mark.parametrize("edit, message", [case[1:] for case in BAD_CONFIGS], ids=[case[0] for case in BAD_CONFIGS])
def test_bad_config(small, edit, message):
    with pytest.raises(InputError, match=message) as caught:
        small(edit)
    assert str(caught.value).startswith("config.yaml, ")


A, C = "A\ttoy\tfastq\t\ttrain\t30\n", "C\ttoy\tcool\tc.cool\tevaluate\t\n"
BAD_DATASETS = [
    ("duplicate", A + C + A, r"datasets.tsv, row 4, column dataset: the name 'A' stands in row 2 already"),
    (
        "genome",
        A.replace("toy", "tog"),
        r"datasets.tsv, row 2, column genome: 'tog' is no genome of this study; did you mean",
    ),
    (
        "dot in name",
        A.replace("A", "A.1", 1),
        r"row 2, column dataset: found 'A.1'; write letters, digits, '-' and '_' only",
    ),
    ("slash", A.replace("A", "A/1", 1), r"row 2, column dataset: found 'A/1'; write letters"),
    ("blank", A.replace("A", "A 1", 1), r"row 2, column dataset: found 'A 1'; write letters"),
    ("empty name", A.replace("A", "", 1), r"row 2, column dataset: the cell is empty; write it \(Name of the dataset"),
    (
        "entry",
        A.replace("fastq", "fasta"),
        r"row 2, column entry: found 'fasta'; write one of fastq, pairs, cool, mcool; did",
    ),
    ("mapq", A.replace("30", "thirty"), r"row 2, column min_mapq: found 'thirty'; write a whole number of at least 0"),
    ("no path", A + C.replace("c.cool", ""), r"row 3, column path: the cell is empty, but C enters at cool"),
    ("missing cool", A + C.replace("c.cool", "d.cool"), r"datasets.tsv, row 3, column path: no such file: d.cool; put"),
    (
        "path at fastq",
        A.replace("\t\t", "\tx\t", 1),
        r"row 2, column path: found 'x', but A enters at fastq; leave the cell",
    ),
    ("too many cells", A.strip("\n") + "\tx\ty\n", r"row 2: 8 cells, but the header has 6 columns"),
    ("nothing to learn", A.replace("train", "map"), r"models.main.split: no dataset of genome toy has the role train"),
    ("no dataset", "", r"datasets.tsv: the table has a header but no dataset"),
]


@pytest.mark.parametrize("rows, message", [case[1:] for case in BAD_DATASETS], ids=[case[0] for case in BAD_DATASETS])
def test_bad_datasets(small, rows, message):
    with pytest.raises(InputError, match=message):
        small(datasets=DATASETS + rows)


RUN = "A\tR1\tlane1\ta_1.fastq.gz\ta_2.fastq.gz\n"
BAD_RUNS = [
    ("none", "", r"datasets.tsv, row 2, column entry: A enters at fastq but has no runs; add its rows .* to runs.tsv"),
    (
        "not at fastq",
        RUN + RUN.replace("A", "C", 1),
        r"runs.tsv, row 3, column dataset: C enters at cool, so its reads",
    ),
    (
        "unknown dataset",
        RUN + RUN.replace("A", "B", 1),
        r"runs.tsv, row 3, column dataset: 'B' is no dataset of this study",
    ),
    ("missing FASTQ", RUN.replace("a_2", "b_2"), r"runs.tsv, row 2, column fastq_2: no such file: b_2.fastq.gz; put"),
    (
        "duplicate run",
        RUN + RUN,
        r"runs.tsv, row 3, column run: dataset A, library R1, run lane1 stands in row 2 already",
    ),
    (
        "same file",
        RUN + RUN.replace("lane1", "lane2"),
        r"row 3, column fastq_1: a_1.fastq.gz stands in row 2, column fastq_1",
    ),
    (
        "same mate",
        RUN.replace("a_2", "a_1"),
        r"row 2, column fastq_2: a_1.fastq.gz stands in row 2, column fastq_1 already",
    ),
    (
        "dot in run",
        RUN.replace("lane1", "lane.1"),
        r"runs.tsv, row 2, column run: found 'lane.1'; write letters, digits",
    ),
    (
        "dot in library",
        RUN.replace("R1", "R.1"),
        r"runs.tsv, row 2, column library: found 'R.1'; write letters, digits",
    ),
]


@pytest.mark.parametrize("rows, message", [case[1:] for case in BAD_RUNS], ids=[case[0] for case in BAD_RUNS])
def test_bad_runs(small, rows, message):
    with pytest.raises(InputError, match=message):
        small(runs=RUNS + rows)


@pytest.mark.parametrize(
    "text, message",
    [
        ("", r"datasets.tsv: the table is empty; write a header line with dataset, genome"),
        ("dataset genome entry\n", r"datasets.tsv, row 1: the header has no tab"),
        (
            "dataset\tgenomes\tentry\n",
            r"datasets.tsv, row 1, column 'genomes': unknown column; did you mean 'genome'\?",
        ),
        ("dataset\tgenome\n", r"datasets.tsv, row 1: the column 'entry' is missing; add it"),
        ("dataset\tgenome\tentry\tgenome\n", r"datasets.tsv, row 1: the column 'genome' stands twice"),
    ],
)
def test_bad_headers(small, text, message):
    with pytest.raises(InputError, match=message):
        small(datasets=text)


def test_missing_table(small):
    with pytest.raises(InputError, match=r"sets.tsv: no such file; the key 'datasets' of the config names it"):
        small(put("datasets", "sets.tsv"))


def test_files_made_by_the_workflow_and_urls_need_not_exist(small):
    small(
        put("genomes.toy.fasta", "results/simulation/toy.fa"),
        runs=RUNS + "A\tR1\tlane1\thttps://example.org/1.fastq.gz\tresults/2.fastq.gz\n",
    )
