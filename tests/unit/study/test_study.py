"""The config: the studies of the repository, the schemas and the reference made from them."""

import math
import re
from pathlib import Path

import pytest
import yaml
from places import ROOT

from akitaflow.genome.fasta import copy_fasta
from akitaflow.genome.sequence import Genome
from akitaflow.study import config_page, loading
from akitaflow.study.schema import load_schema, read_text

STUDIES = {
    "paper": ("config", "."),
    "from_reads": ("config/from_reads", "."),
    "demo": ("demo/config", "demo"),
    "yeast": ("config/yeast", "."),
    "full": ("config/full_geometry", "."),
}


def load_study(name, monkeypatch, **changes):
    folder, directory = STUDIES[name]
    raw = yaml.safe_load((ROOT / folder / "config.yaml").read_text())
    raw.update(changes)
    monkeypatch.chdir(ROOT / directory)
    return loading.load(raw, ROOT / folder, f"{folder}/config.yaml", ROOT)


@pytest.mark.parametrize("name", STUDIES)
def test_configs_of_the_repository_load(name, monkeypatch):
    study = load_study(name, monkeypatch)
    geometry = study.config["geometry"]
    assert math.prod(geometry["pools"]) == geometry["bin_size"]
    assert geometry["window_bins"] * geometry["bin_size"] == geometry["window"]
    assert study.model_outputs("main")
    assert study.config["figures"]["dataset"] == study.model_outputs("main")[0]


def test_paper_has_the_published_numbers(monkeypatch):
    study = load_study("paper", monkeypatch)
    geometry = study.config["geometry"]
    assert (geometry["window_bins"], geometry["crop_bins"], geometry["map_bins"]) == (512, 32, 448)
    assert geometry["n_values"] == 99681
    assert study.model_outputs("main") == ["HFF", "H1hESC", "GM12878", "IMR90", "HCT116"]
    assert study.datasets.loc["mESC", ["genome", "role"]].tolist() == ["mm10", "evaluate"]
    assert study.training_datasets("mm10") == []
    training = study.config["models"]["main"]["training"]
    assert (training["learning_rate"], training["momentum"], training["clip_norm"]) == (0.0065, 0.99575, 10.0)
    assert "simulation" not in study.config and "truth" not in study.config


def flat(block, *path):
    """Each value of nested dicts, by its path."""
    parts = block.items() if isinstance(block, dict) and block else ()
    return {key: value for name, part in parts for key, value in flat(part, *path, name).items()} or {path: block}


def test_the_study_from_reads_differs_from_the_paper_s_in_entries_and_engine_only(monkeypatch):
    paper, reads = (load_study(name, monkeypatch) for name in ("paper", "from_reads"))
    of_paper, of_reads = (flat(study.config) for study in (paper, reads))
    changed = {
        key for key in of_paper.keys() | of_reads.keys() if of_paper.get(key, "none") != of_reads.get(key, "none")
    }
    options = {("mapping", "distiller", name) for name in ("executor", "queue_size", "memory_gb")}
    assert changed == options | {("claims",), ("resources",), ("accessions",)}
    for name in ("claims", "accessions", "resource_table"):  # other paths, the same files
        assert Path(getattr(paper, name)).resolve() == Path(getattr(reads, name)).resolve()
    same = [column for column in paper.datasets if column not in ("entry", "path", "description")]
    assert paper.datasets[same].equals(reads.datasets[same])
    at_reads = reads.datasets_entering("fastq")
    assert paper.datasets_entering("fastq") == [] and at_reads == ["IMR90"]
    others = paper.datasets.drop(at_reads)
    assert others.equals(reads.datasets.drop(at_reads))
    assert [run for _, run in reads.sequenced_runs("IMR90")] == [f"SRR165867{i}" for i in range(2, 9)]


def test_architecture_defaults_are_the_published_file(shared):
    """Against the authors' params.json itself."""
    authors = yaml.safe_load((shared / "data/akita/params.json").read_text().replace("\t", " "))
    numbers = {
        key: part["default"]
        for key, part in load_schema("config")["properties"]["models"]["additionalProperties"]["properties"][
            "architecture"
        ]["properties"].items()
    }
    stem, tower, dilated, bottleneck = authors["model"]["trunk"]
    head = {block["name"]: block for block in authors["model"]["head_hic"]}
    blocks = head["dilated_residual_2d"]
    assert numbers == {
        "params": None,
        "stem_filters": stem["filters"],
        "stem_kernel": stem["kernel_size"],
        "tower_filters": tower["filters_init"],
        "tower_kernel": tower["kernel_size"],
        "dilated_blocks": dilated["repeat"],
        "dilated_filters": dilated["filters"],
        "dilated_rate": dilated["rate_mult"],
        "dilated_dropout": dilated["dropout"],
        "bottleneck_filters": bottleneck["filters"],
        "bottleneck_kernel": bottleneck["kernel_size"],
        "map_filters": head["conv_block_2d"]["filters"],
        "map_kernel": head["conv_block_2d"]["kernel_size"],
        "map_blocks": blocks["repeat"],
        "map_block_filters": blocks["filters"],
        "map_rate": blocks["rate_mult"],
        "map_dropout": blocks["dropout"],
        "batch_norm_momentum": authors["model"]["bn_momentum"],
        "pairs": head["one_to_two"].get("operation", "mean"),
        "distance": "concat_dist_2d" in head,
        "symmetrize": "symmetrize_2d" in head,
        "trunk": "dilated" if dilated["name"] == "dilated_residual" else None,
        "lstm_units": None,
        "convolution": "full",
        "head": "map" if "upper_tri" in head else None,
        "block_order": "relu_first",  # of their code, see docs/model.md
    }


def test_demo_merges_runs_and_libraries(monkeypatch):
    study = load_study("demo", monkeypatch)
    assert study.libraries("A") == ["R1", "R2"]
    assert study.runs_of("A", "R1") == ["lane1", "lane2"]
    assert study.model_outputs("main") == ["A", "B"]
    assert study.reads("A", "R1", "lane2")[1] == "results/simulation/reads/A/R1/lane2_2.fastq.gz"
    assert study.config["simulation"]["strength"] == 1.0 and study.config["truth"]["pearson"] >= 0.5


def test_yeast_takes_local_files(monkeypatch, shared):
    folder = shared / "data/yeast"
    paths = {
        "reads": f"{folder}/fastq/",
        "genome": str(folder / "genome"),
        "map": str(folder / "maps/scer_g1_2kb_SRR8769554.cool"),
    }
    study = load_study("yeast", monkeypatch, paths=paths)
    assert len(study.runs) == 5
    for row in study.runs.itertuples():
        assert all(Path(file).is_file() for file in study.reads(row.dataset, row.library, row.run))
    split = study.config["splits"]["main"]
    assert split["chromosomes"]["test"] == ["chrII", "chrVIII", "chrXVI"]
    renamed = dict(
        line.split("\t") for line in Path(study.locate(study.datasets.loc["G1", "rename"])).read_text().splitlines()
    )
    assert sorted(renamed.values()) == sorted(study.config["genomes"]["sacCer3"]["chromosomes"])
    assert (renamed["chr10"], renamed["chr4"], renamed["chr9"]) == ("chrX", "chrIV", "chrIX")


def test_yeast_centromeres_lie_in_the_sequence(shared, tmp_path):
    """CDEI at one end, CDEIII at the other, A and T between, on the strand that the table gives."""
    from akitaflow.genome.sequence import decode, reverse_complement

    copy_fasta(str(shared / "data/yeast/genome/sacCer3.fa.gz"), str(tmp_path / "genome.fa"))
    genome = Genome(tmp_path / "genome.fa")
    rows = [line.split("\t") for line in (ROOT / "resources/sacCer3_centromeres.bed").read_text().splitlines()]
    assert sorted(row[0] for row in rows) == sorted(set(genome.chromsizes) - {"chrM"})
    exact = 0
    for chrom, start, end, _, _, strand in rows:
        codes = genome.fetch(chrom, int(start), int(end))
        sequence = decode(reverse_complement(codes) if strand == "-" else codes)
        exact += bool(re.match("[AG]TCAC[AG]TG", sequence))
        assert sum(a != b for a, b in zip(sequence[3:6], "ACG", strict=True)) <= 2
        assert sequence[-13:-8] == "CCGAA"
        middle = sequence[8:-25]
        assert sum(base in "AT" for base in middle) >= 0.85 * len(middle)
    assert exact == 14


def every_key(schema, where=""):
    for key, part in schema.get("properties", {}).items():
        yield f"{where}{key}", part
        yield from every_key(part, f"{where}{key}.")
    for part in (schema.get("additionalProperties"), schema.get("items")):
        if isinstance(part, dict):
            yield from every_key(part, f"{where}*.")


@pytest.mark.parametrize("name", ["config", "datasets", "runs", "simulation", "truth"])
def test_schemas_describe_every_key(name):
    import jsonschema

    schema = load_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for key, part in every_key(schema):
        assert part.get("description"), f"{name}: {key} has no description"
        assert "default" in part, f"{name}: {key} has no default"
        if part.get("type") == "object":
            assert "additionalProperties" in part, f"{name}: {key} takes any key"


def test_defaults_are_valid_themselves():
    """Each default is something its own schema accepts, but for keys that have to be written."""
    import jsonschema

    for name in ("config", "datasets", "runs"):
        for _, part in every_key(load_schema(name)):
            if part["default"] is not None and "required" not in part:
                jsonschema.Draft202012Validator(part).validate(part["default"])


def test_reference_is_up_to_date():
    written = (ROOT / "docs/configuration.md").read_text()
    assert written == config_page.reference(), "run: python -m akitaflow.study.config_page docs/configuration.md"


def test_config_needs_light_packages_only():
    """Snakemake's own environment has no TensorFlow, cooler or bioframe."""
    import subprocess
    import sys

    code = "import sys, akitaflow.study.loading; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not set(loaded.split()) & {
        "tensorflow",
        "keras",
        "cooler",
        "bioframe",
        "scipy",
        "h5py",
        "matplotlib",
        "snakemake",
    }


def test_numbers_given_as_text_on_the_command_line_are_converted():
    as_text = {
        "seed": "7",
        "motifs": {"pvalue": "1e-5"},
        "targets": {"cap": "false"},
        "geometry": {"pools": ["2", "64"]},
    }
    assert read_text(as_text, load_schema("config")) == {
        "seed": 7,
        "motifs": {"pvalue": 1e-5},
        "targets": {"cap": False},
        "geometry": {"pools": [2, 64]},
    }


def test_text_that_is_not_a_number_stays_text():
    as_text = {"seed": "seven", "datasets": "7", "genomes": {"hg38": {"fasta": "1e5"}}}
    assert read_text(as_text, load_schema("config")) == as_text


@pytest.mark.parametrize("name", STUDIES)
def test_the_config_as_written_gives_the_same_study(name, monkeypatch):
    study = load_study(name, monkeypatch)
    folder, _ = STUDIES[name]
    assert loading.load(study.as_written(), ROOT / folder, workflow_folder=ROOT).config == study.config
