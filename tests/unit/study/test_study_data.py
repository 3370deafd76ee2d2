"""What a study tells of its files, datasets, splits and simulation, by which the rules find inputs and settings."""

import copy
import hashlib
from dataclasses import replace

import pytest
import yaml
from places import ROOT

from akitaflow.errors import InputError
from akitaflow.mapping.fastq import as_argument
from akitaflow.retrieve.addresses import download_name
from akitaflow.simulate import settings as simulate
from akitaflow.study.loading import load
from akitaflow.truth import settings as truth

DEMO = ROOT / "demo" / "config"
RECORDS = "https://storage.googleapis.com/basenji_hic/1m/data"


def read(folder, working):
    raw = yaml.safe_load((folder / "config.yaml").read_text())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(working)
        return load(raw, folder, "config.yaml", ROOT)


def changed(study, **blocks):
    """The study with values of blocks of its config replaced."""
    config = copy.deepcopy(study.config)
    for block, values in blocks.items():
        config[block].update(values)
    return replace(study, config=config)


@pytest.fixture(scope="module")
def paper():
    """The study of the paper, whose data are URLs."""
    return read(ROOT / "config", ROOT)


@pytest.fixture(scope="module")
def demo():
    """The miniature."""
    return read(DEMO, ROOT / "demo")


@pytest.fixture
def entered(demo):
    """A function that gives the miniature with B entering at pairs and M at a map, and with settings of mapping."""

    def study(**mapping):
        datasets = demo.datasets.copy()
        datasets.loc["B", ["entry", "path"]] = "pairs", "b.pairs.gz"
        datasets.loc["M", ["entry", "path"]] = "cool", "m.cool"
        runs = demo.runs[~demo.runs["dataset"].isin(["B", "M"])]
        return replace(changed(demo, mapping=mapping), datasets=datasets, runs=runs)

    return study


# --- files and downloads


@pytest.mark.parametrize(
    "url, name",
    [
        ("https://example.org/data/a.fa.gz", "a.fa.gz"),
        ("https://example.org/data/a+b_1-2.fa.gz?version=3", "a+b_1-2.fa.gz"),
        ("https://example.org/$(touch x)_1.fastq.gz", "__touch_x__1.fastq.gz"),
        ("https://example.org/'{a} b',c=d;e.gz", "__a__b__c_d_e.gz"),
        ("https://example.org/" + "a" * 300 + ".gz", "a" * 147 + ".gz"),
    ],
)
def test_a_download_is_named_by_letters_that_a_wildcard_may_hold(url, name):
    assert download_name(url) == f"{hashlib.blake2b(url.encode(), digest_size=4).hexdigest()}-{name}"


def test_equal_file_names_of_two_servers_are_two_downloads():
    assert download_name("https://a.org/x.fa") != download_name("https://b.org/x.fa")


def test_local_files_keep_their_paths_and_urls_get_a_download_path(paper):
    assert paper.local_file(None) is None and paper.local_file("") is None
    assert paper.local_file("data/a.fa") == "data/a.fa"
    url = paper.locate("{akita}/data/statistics.json")
    assert paper.local_file("{akita}/data/statistics.json") == f"results/downloads/{download_name(url)}"


def test_every_url_of_the_config_its_tables_and_the_given_records_is_a_download(paper):
    addresses = paper.addresses()
    expected = [
        paper.locate(path)
        for path in (
            paper.config["genomes"]["hg38"]["fasta"],
            paper.config["models"]["published"]["weights"]["path"],
            *paper.datasets["path"],
            *paper.runs["fastq_2"],
        )
    ]
    expected += [f"{RECORDS}/tfrecords/train-27.tfr", f"{RECORDS}/tfrecords/test-1.tfr"]
    assert set(expected) <= set(addresses) and len(addresses) == len(set(addresses))
    assert all("://" in address for address in addresses)
    downloads = paper.downloads()
    assert list(downloads.values())[: len(addresses)] == addresses
    assert set(downloads.values()) == set(addresses) | set(paper.resources)


def test_downloads_outside_the_table_of_resources_are_also_checked(paper):
    rows = paper.resources_to_check()
    assert rows[: len(paper.resources)] == list(paper.resources.values())
    others = rows[len(paper.resources) :]
    assert {row["url"] for row in others} == set(paper.addresses()) - set(paper.resources)
    assert all(row["note"] == "not in the table of resources" for row in others)


def test_given_records_are_a_folder_or_one_download_per_file(paper):
    files = paper.local_records("authors_test")
    assert files == [paper.local_file(f"{RECORDS}/tfrecords/test-{number}.tfr") for number in (0, 1)]
    assert len(paper.local_records("authors")) == 32
    assert paper.local_record_table("authors", "sequences") == paper.local_file("{akita}/data/sequences.bed")
    config = copy.deepcopy(paper.config)
    config["splits"]["authors"]["records"].update(folder="data/records", sequences=None)
    study = replace(paper, config=config)
    assert study.local_records("authors") == ["data/records/tfrecords"]
    assert study.local_record_table("authors", "sequences") == "data/records/sequences.bed"


def test_a_missing_table_of_accessions_is_asked_for_with_its_columns(paper):
    assert paper.accession_table() == str(ROOT / "config/from_reads/accessions.tsv")
    with pytest.raises(
        InputError, match=r"no such file: none.tsv; write a table with the columns dataset, library, acc"
    ):
        replace(paper, accessions="none.tsv").accession_table()


@pytest.mark.parametrize(
    "path, argument",
    [
        ("reads/a_1.fastq.gz", "reads/a_1.fastq.gz"),
        ("/data/a_1.fastq.gz", "/data/a_1.fastq.gz"),
        ("../a_1.fastq.gz", "../a_1.fastq.gz"),
        ("-t 8_1.fastq.gz", "./-t 8_1.fastq.gz"),
        ("<touch x_1.fastq.gz", "./<touch x_1.fastq.gz"),
        (" <touch x_1.fastq.gz", "./ <touch x_1.fastq.gz"),
    ],
)
def test_a_path_is_neither_an_option_nor_a_command_for_bwa(path, argument):
    assert as_argument(path) == argument


@pytest.mark.parametrize("name", ["a{b}_1.fastq.gz", "of {sample, .*}/a_1.fastq.gz"])
def test_a_path_with_a_wildcard_of_snakemake_is_refused(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    (tmp_path / "datasets.tsv").write_text("dataset\tgenome\tentry\tpath\nA\ttoy\tcool\t" + name + "\n")
    raw = {"genomes": {"toy": {"fasta": "results/toy.fa"}}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(raw))
    with pytest.raises(InputError, match=r"datasets.tsv, row 2, column path: .* has braces, \{ and \}"):
        read(tmp_path, tmp_path)


# --- datasets


def test_reads_of_a_dataset_by_library_and_run(demo, entered):
    reads = demo.local_libraries("A")
    assert {library: list(runs) for library, runs in reads.items()} == {"R1": ["lane1", "lane2"], "R2": ["lane1"]}
    folder = "results/simulation/reads/A/R1"
    assert reads["R1"]["lane2"] == [f"{folder}/lane2_1.fastq.gz", f"{folder}/lane2_2.fastq.gz"]
    assert demo.sequenced_runs("A") == [["R1", "lane1"], ["R1", "lane2"], ["R2", "lane1"]]
    assert entered().sequenced_runs("B") == [["pairs", "pairs"]]


def test_datasets_by_entry_and_engine(entered):
    study = entered()
    assert study.datasets_entering("fastq") == ["A", "D"]
    assert study.datasets_entering("fastq", "pairs") == ["A", "B", "D"]
    assert (study.datasets_mapped_by("native"), study.datasets_mapped_by("distiller")) == (["A", "D"], [])
    assert study.datasets_binned() == ["A", "B", "D"]
    study = entered(engine="distiller")
    assert (study.datasets_mapped_by("native"), study.datasets_mapped_by("distiller")) == ([], ["A", "D"])
    assert study.datasets_binned() == ["B"]


def test_libraries_of_a_dataset_that_enters_at_pairs_are_one(entered):
    study = entered()
    assert study.libraries_of_pairs("A") == ["R1", "R2"] and study.libraries_of_pairs("B") == ["pairs"]
    assert study.libraries_entering("fastq") == [("A", "R1"), ("A", "R2"), ("D", "R1")]
    assert study.libraries_entering("pairs") == [("B", "pairs")]


def test_a_cell_of_the_datasets_is_of_a_type_of_python(demo):
    assert (type(demo.dataset_setting("A", "min_mapq")), demo.dataset_setting("A", "min_mapq")) == (int, 30)
    assert demo.dataset_setting("M", "genome") == demo.genome_of_dataset("M") == "mouse"


def test_parts_of_a_run_carry_their_number(entered):
    assert entered().chunk_labels() == ["1-of-1"]
    assert entered(chunks=3).chunk_labels() == ["1-of-3", "2-of-3", "3-of-3"]


# --- splits


def test_splits_are_made_from_maps_or_their_records_are_given(paper):
    assert paper.splits_of_maps() == ["published", "mouse"]
    assert paper.splits_of_records() == ["authors_test", "authors"]
    assert paper.genome_of_split("mouse") == "mm10"
    assert paper.mapped_datasets("authors") == [] and paper.mapped_datasets("mouse") == ["mESC"]


def test_filtered_bins_of_maps_cut_contigs_unless_the_gaps_have_them(paper, demo):
    assert paper.contig_datasets("published") == [] and paper.contig_datasets("mouse") == ["mESC"]
    config = copy.deepcopy(demo.config)
    assert demo.contig_datasets("main") == ["A", "B"]
    config["splits"]["main"]["min_filtered_run"] = 0
    assert replace(demo, config=config).contig_datasets("main") == []


def test_the_split_of_the_figures_is_that_of_their_model(paper, demo):
    assert demo.split_of_figures() == "main"
    assert paper.split_of_figures() == paper.config["models"][paper.config["figures"]["model"]]["split"]


# --- simulation and truth


def test_a_step_of_the_simulation_gets_its_own_settings_alone(demo):
    simulation = demo.config["simulation"]
    genome = simulate.genome_settings(simulation, "mouse")
    assert set(genome) == {"motif_release", "gc", "factors", "binding", "genomes"}
    assert genome["genomes"] == {"mouse": simulation["genomes"]["mouse"]}
    folding = simulate.folding_settings(simulation, "B")
    assert set(folding) == {"strength", "motif_release", "gc", "factors", "binding", "folding", "datasets"}
    assert folding["datasets"] == {"B": {"factors": ["CTCF", "REST"], "weights": [0.4, 0.4], "processivity_bins": 30}}
    reads = simulate.read_settings(simulation, "D")
    assert set(reads) == {"reads", "folding", "pairs", "capture_bins"}
    assert (reads["pairs"], reads["capture_bins"]) == (80000, 70)


def test_the_main_factor_of_a_deletion_is_that_of_its_parent(demo):
    simulation = copy.deepcopy(demo.config["simulation"])
    simulation["genomes"]["human"]["clusters"]["factor"] = "REST"
    assert [simulate.main_factor(simulation, dataset) for dataset in "ABMD"] == ["REST", "REST", "CTCF", "REST"]


def test_the_first_genome_is_no_deletion(demo):
    simulation = copy.deepcopy(demo.config["simulation"])
    simulation["genomes"] = {name: simulation["genomes"][name] for name in ("deletion", "mouse", "human")}
    assert simulate.first_genome(simulation) == "mouse"


def test_five_c_is_simulated_for_the_locus_and_its_deletion(demo):
    simulation = copy.deepcopy(demo.config["simulation"])
    assert simulate.five_c_sources(simulation) == {"genome": "human", "wild_type": "A", "deletion": "D"}
    del simulation["datasets"]["D"]
    with pytest.raises(InputError, match=r"no simulated genome has a locus, a dataset, and a deletion with a dataset"):
        simulate.five_c_sources(simulation)


def test_positions_are_known_of_reads_that_are_mapped_to_their_own_genome(demo, entered):
    assert truth.mapped_datasets(demo) == ["A", "B", "M"]
    assert truth.mapped_libraries(demo) == [["A", "R1"], ["A", "R2"], ["B", "R1"], ["M", "R1"]]
    assert truth.mapped_libraries(entered()) == [["A", "R1"], ["A", "R2"]]


def test_the_law_is_that_of_the_judged_dataset(demo):
    law = truth.judged_law(demo)
    assert law["datasets"] == {"A": demo.config["simulation"]["datasets"]["A"]}
    assert law["folding"] == demo.config["simulation"]["folding"] and "reads" not in law
    assert truth.judged_genome(demo) == "human"
    real = changed(demo, truth={"dataset": "real"})
    assert truth.judged_genome(real) is None and truth.planted_decoys(real) == []
    assert truth.judged_law(real)["datasets"] == {"real": {}}


def test_decoys_are_those_of_the_judged_genome(demo):
    matrices = demo.config["simulation"]["genomes"]["human"]["decoys"]["matrices"]
    assert matrices and truth.planted_decoys(demo) == sorted(matrices.values())


def test_the_second_factor_acts_in_one_of_the_two_datasets(demo):
    assert demo.ctcf_independent_dataset() == "B"
    assert (truth.second_factor(demo), truth.second_factor_genome(demo)) == ("REST", "human")
    alike = changed(demo, ctcf_independent={"dataset": "A"})
    assert truth.second_factor(alike) is None


def test_the_shown_deletion_is_planted_if_its_genome_has_the_locus(demo):
    assert truth.planted_deletion(demo)
    assert not truth.planted_deletion(
        changed(demo, deletions={"lmo2": {**demo.config["deletions"]["lmo2"], "genome": "mouse"}})
    )
    config = copy.deepcopy(demo.config)
    config["deletions"] = {}
    assert not truth.planted_deletion(replace(demo, config=config))


def test_chapters_are_those_of_the_analyses_of_the_study(demo):
    every = ["model", "inversion", "mapping", "motif_sweep", "pattern_strength", "cross_species", "deletion"]
    assert truth.chapters(demo) == [*every, "cell_types", "variants"]
    config = copy.deepcopy(demo.config)
    config["motif_sweep"]["run"] = False
    config["cross_species"]["split"] = None
    config["tracks"], config["deletions"] = {}, {}
    config["variants"]["sets"] = {}
    assert truth.chapters(replace(demo, config=config)) == ["model", "inversion", "mapping"]


def test_the_recorded_files_are_those_that_every_run_needs(paper, demo):
    files = paper.recorded_files()
    pairs = [paper.local_file(path) for path in paper.datasets["path"] if path]
    assert pairs and set(pairs) <= set(files) and all(path.startswith("results/downloads/") for path in pairs)
    assert not [path for path in files if path.endswith((".bw", ".bigWig"))]  # downloads of single figures
    assert files == sorted(set(files))
    simulated = demo.recorded_files()
    assert {"results/simulation/human.fa", "results/simulation/mouse.fa"} <= set(simulated)
    assert demo.dataset_table in simulated and demo.run_table in simulated


def test_the_splits_of_figures_are_those_of_the_model_and_of_the_other_genome(demo):
    assert demo.splits_of_figures() == ["main", "mouse"]
    assert changed(demo, cross_species={"split": None}).splits_of_figures() == ["main"]
    assert replace(demo, config={**demo.config, "models": {}}).splits_of_figures() == []


def test_judged_variants_and_experiments_are_those_of_the_model_of_the_figures(demo):
    assert truth.planted_variants(demo) == "planted"
    assert (truth.judged_saturation(demo), truth.judged_experiment(demo)) == ("boundary", "pairs")
    config = copy.deepcopy(demo.config)
    config["variants"]["sets"]["planted"]["file"] = "calls.vcf"
    config["saturation"]["boundary"]["method"] = "delete"
    del config["experiments"]["pairs"]["arrangements"]["divergent"]
    other = replace(demo, config=config)
    datasets_judged = [
        judged(other) for judged in (truth.planted_variants, truth.judged_saturation, truth.judged_experiment)
    ]
    assert datasets_judged == [None] * 3
