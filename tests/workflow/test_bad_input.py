"""Each kind of bad input stops with one message that names the file and says what to write, before heavy work."""

import gzip
import shutil

import cooler
import h5py
import pytest

HEAVY = ("rule map_run", "rule index_genome", "rule compute_targets", "rule train_model")


def assert_stops_early(output, *parts):
    for part in parts:
        assert part in output
    assert "Traceback" not in output
    for rule in HEAVY:
        assert rule not in output, f"{rule} ran before the input was checked"


@pytest.fixture
def own_reads(finished, study):
    """The study on a copy of the simulated reads, as a user's own reads."""
    genome = finished.path("results/simulation/human.fa")
    shutil.copytree(finished.path("results/simulation/reads"), study.path("reads"))
    study.config["genomes"]["human"]["fasta"] = str(genome)
    del study.config["simulation"]
    for run in study.runs:
        for mate in ("fastq_1", "fastq_2"):
            run[mate] = run[mate].replace("results/simulation/reads", "reads")
    return study


def test_an_unknown_key_is_named_with_the_one_that_was_meant(study):
    study.config["geometry"]["bin_sise"] = 128
    assert_stops_early(study.fails(), "config.yaml", "geometry", "bin_sise", "bin_size")


def test_pools_that_do_not_multiply_to_the_bin(study):
    study.config["geometry"]["pools"] = [2] * 6
    assert_stops_early(study.fails(), "config.yaml", "geometry.pools", "64", "128")


def test_a_bin_that_does_not_divide_the_window(study):
    study.config["geometry"]["window"] = 2000
    assert_stops_early(study.fails(), "config.yaml", "geometry.window", "2000", "2048")


def test_a_dataset_name_used_twice(study):
    study.datasets *= 2
    assert_stops_early(study.fails(), "datasets.tsv", "'A'")


def test_a_missing_fastq(own_reads):
    own_reads.path("reads/A/R2/lane1_2.fastq.gz").unlink()
    assert_stops_early(own_reads.fails(), "runs.tsv", "fastq_2", "reads/A/R2/lane1_2.fastq.gz")


def test_a_truncated_gzip(own_reads):
    path = own_reads.path("reads/A/R1/lane2_1.fastq.gz")
    path.write_bytes(path.read_bytes()[:-2000])
    output = own_reads.fails("results/coolers/A.cool", "--cores", "1")
    assert_stops_early(output, "lane2_1.fastq.gz")


def test_mates_of_unequal_number(own_reads):
    path = own_reads.path("reads/A/R1/lane1_2.fastq.gz")
    with gzip.open(path, "rt") as file:
        lines = file.readlines()
    with gzip.open(path, "wt") as file:
        file.writelines(lines[:-8])
    output = own_reads.fails("results/coolers/A.cool", "--cores", "1")
    number = len(lines) // 4
    assert_stops_early(output, "lane1_1.fastq.gz", "lane1_2.fastq.gz", str(number), str(number - 2))


def changed_cooler(finished, study, change):
    """A copy of the finished map with its bins changed; the study enters at it."""
    source = cooler.Cooler(str(finished.path("results/coolers/A.cool")))
    bins, path = source.bins()[:], study.path("changed.cool")
    pixels = source.pixels()[:]
    bins, pixels = change(bins, pixels)
    cooler.create_cooler(str(path), bins, pixels, ordered=True)
    study.enter("cool", path, finished.path("results/simulation/human.fa"))


def test_a_chromosome_that_the_fasta_lacks(finished, study):
    def rename(bins, pixels):
        bins["chrom"] = bins["chrom"].cat.rename_categories({"chr2": "II"})
        return bins, pixels

    changed_cooler(finished, study, rename)
    assert_stops_early(study.fails("results/records/main/statistics.json"), "changed.cool", "II", "rename")


def test_a_chromosome_of_another_length(finished, study):
    def shorten(bins, pixels):
        keep = len(bins) - 20
        pixels = pixels[(pixels["bin1_id"] < keep) & (pixels["bin2_id"] < keep)]
        return bins.iloc[:keep], pixels

    changed_cooler(finished, study, shorten)
    output = study.fails("results/records/main/statistics.json")
    assert_stops_early(output, "changed.cool", "chr2", "79872", "tolerance")


def test_an_unbalanced_cooler(finished, study):
    changed_cooler(finished, study, lambda bins, pixels: (bins.drop(columns="weight"), pixels))
    assert_stops_early(study.fails("results/records/main/statistics.json"), "changed.cool", "cooler balance")


def test_a_cooler_of_another_bin_size(finished, study):
    path = study.path("coarse.cool")
    cooler.coarsen_cooler(str(finished.path("results/coolers/A.cool")), str(path), 2, chunksize=1000000)
    study.enter("cool", path, finished.path("results/simulation/human.fa"))
    assert_stops_early(study.fails("results/records/main/statistics.json"), "coarse.cool", "256", "128")


def test_an_mcool_without_the_level_names_those_it_has(finished, study):
    path = study.path("A.mcool")
    cooler.zoomify_cooler(str(finished.path("results/coolers/A.cool")), str(path), [256, 512], chunksize=1000000)
    with h5py.File(path, "r+") as file:
        del file["resolutions/128"]
    study.enter("mcool", path, finished.path("results/simulation/human.fa"))
    assert_stops_early(study.fails("results/records/main/statistics.json"), "A.mcool", "128", "256", "512")


def test_pairs_without_mapq_columns_cannot_be_filtered_by_it(finished, study):
    pairs = finished.path("results/pairs/A/R2.nodups.pairs.gz")
    with gzip.open(pairs, "rt") as file:
        lines = file.readlines()
    path = study.path("bare.pairs.gz")
    with gzip.open(path, "wt") as file:
        for line in lines:
            file.write(line.replace(" mapq1 mapq2", "") if line.startswith("#") else line.rsplit("\t", 2)[0] + "\n")
    study.enter("pairs", path, finished.path("results/simulation/human.fa"))
    assert_stops_early(study.fails("results/coolers/A.cool"), "bare.pairs.gz", "mapq1", "min_mapq")
