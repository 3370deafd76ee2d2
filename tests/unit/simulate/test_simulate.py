"""The simulated genomes, the law by which they fold, and their reads."""

import copy
import gzip

import numpy as np
import pandas as pd
import pytest

from akitaflow.dataset.targets import TargetSteps
from akitaflow.errors import InputError
from akitaflow.files import PREFIX
from akitaflow.genome.sequence import decode, encode, reverse_complement
from akitaflow.geometry import flip_index
from akitaflow.simulate import folding, genome, reads
from akitaflow.simulate.sites import draw_sites, score
from akitaflow.study.schema import fill, load_schema, validate

BIN = 128
SEED = 5
RUNS = [("R1", "lane1"), ("R1", "lane2"), ("R2", "lane1")]
SETTINGS = {
    "genomes": {
        "human": {"chromosomes": {"chr1": 60160, "chr2": 40192}, "locus": True, "scattered": {"REST": 1200}},
        "mouse": {"chromosomes": {"chrA": 50048}, "b2": {"per_mb": 500}},
        "deletion": {"deletion_of": "human"},
    },
    "datasets": {
        "A": {"genome": "human", "pairs": 9000},
        "B": {"genome": "human", "factors": ["CTCF", "REST"], "weights": [0.4, 0.4], "processivity_bins": 30},
        "M": {"genome": "mouse"},
        "D": {"genome": "deletion", "pairs": 1000, "capture_bins": 70},
    },
}


@pytest.fixture(scope="module")
def simulation():
    schema = load_schema("simulation")
    validate(SETTINGS, schema, "test")
    return fill(SETTINGS, schema)


@pytest.fixture(scope="module")
def human(simulation):
    return genome.simulate_genome(simulation, "human", SEED, BIN)


@pytest.fixture(scope="module")
def mouse(simulation):
    return genome.simulate_genome(simulation, "mouse", SEED, BIN)


@pytest.fixture(scope="module")
def law(simulation):
    return folding.load_law(simulation, "A", BIN)


@pytest.fixture(scope="module")
def pairs(simulation, human, law):
    return simulate_reads(simulation, human[0], law, SEED)


def simulate_reads(simulation, chromosomes, law, seed):
    bands = {chrom: folding.enrichment(codes, law) for chrom, codes in chromosomes.items()}
    decay = folding.distance_decay(law.distance_bins)
    return reads.simulate_reads(chromosomes, bands, RUNS, simulation["reads"], 9000, decay, BIN, seed, "A")


def site_free(law, n_bins):
    """Bases in which no factor finds a site."""
    codes = np.random.default_rng(1).choice(4, size=n_bins * BIN).astype(np.uint8)
    for site in folding.bound_sites(codes, law).itertuples():
        codes[site.start : site.end] = 0
    assert folding.bound_sites(codes, law).empty
    return codes


def with_sites(law, n_bins, places, factor=0):
    """The same with one good site in the middle of each bin given."""
    codes = site_free(law, n_bins)
    chosen = law.factors[factor]
    site = chosen.matrix.log_odds(chosen.composition).argmax(axis=0).astype(np.uint8)
    for place, strand in places:
        start = place * BIN + 50
        codes[start : start + len(site)] = site if strand == "+" else reverse_complement(site)
    return codes


def test_schema_describes_every_key():
    def walk(node, where):
        for key, part in node.get("properties", {}).items():
            assert part.get("description"), f"{where}.{key} has no description"
            assert "default" in part, f"{where}.{key} has no default"
            walk(part, f"{where}.{key}")
        if isinstance(node.get("additionalProperties"), dict):
            walk(node["additionalProperties"], f"{where}.*")

    walk(load_schema("simulation"), "simulation")


def test_without_sites_contact_depends_on_distance_only(law):
    band = folding.enrichment(site_free(law, 600), law)
    inner = band[250:300]  # extruders fall off at the ends, so rows near them differ
    assert np.allclose(inner, inner[0], rtol=1e-3)


def test_pairs_beyond_the_end_are_missing(law):
    band = folding.enrichment(site_free(law, 100), law)
    bins, distances = np.indices(band.shape)
    assert np.array_equal(np.isnan(band), bins + distances >= 100)


def test_convergent_sites_enclose_a_domain_and_divergent_ones_do_not(law):
    empty = folding.enrichment(site_free(law, 300), law)
    convergent = folding.enrichment(with_sites(law, 300, [(140, "+"), (160, "-")]), law)
    divergent = folding.enrichment(with_sites(law, 300, [(140, "-"), (160, "+")]), law)
    loop = (140, 20)
    assert convergent[loop] > 1.5 * empty[loop]
    assert convergent[loop] > 2 * divergent[loop]
    inside, across = (144, 12), (134, 12)
    assert convergent[inside] > convergent[across]
    assert convergent[across] < empty[across]


def test_orientation_free_factor_acts_alike_on_both_strands(simulation):
    law = folding.load_law(simulation, "B", BIN)
    forward = folding.enrichment(with_sites(law, 300, [(150, "+")], factor=1), law)
    backward = folding.enrichment(with_sites(law, 300, [(150, "-")], factor=1), law)
    empty = folding.enrichment(site_free(law, 300), law)
    assert np.allclose(forward, backward, equal_nan=True)
    assert forward[140, 20] < 0.9 * empty[140, 20]


def test_second_factor_acts_only_where_it_is_listed(simulation, law, human):
    both = folding.load_law(simulation, "B", BIN)
    codes = human[0]["chr1"]
    assert set(folding.bound_sites(codes, law)["factor"]) == {"CTCF"}
    assert set(folding.bound_sites(codes, both)["factor"]) == {"CTCF", "REST"}


def test_reverse_complement_flips_the_map(law, human):
    codes = human[0]["chr1"]
    band = folding.enrichment(codes, law)
    flipped = folding.enrichment(reverse_complement(codes), law)
    n_bins = len(band)
    for d in range(law.distance_bins + 1):
        assert np.allclose(flipped[: n_bins - d, d], band[: n_bins - d, d][::-1], atol=1e-5)


def test_strength_zero_folds_nothing(simulation, human):
    flat = folding.load_law({**simulation, "strength": 0.0}, "A", BIN)
    band = folding.enrichment(human[0]["chr1"], flat)
    assert (band[np.isfinite(band)] == 1).all()


def test_folding_of_a_region_does_not_depend_on_the_rest_of_the_genome(law):
    """A stretch folds the same whatever lies far away."""
    alone = folding.enrichment(with_sites(law, 900, [(150, "+"), (170, "-")]), law)
    crowded = with_sites(law, 900, [(150, "+"), (170, "-"), *((i, "+") for i in range(600, 880, 5))])
    assert np.allclose(folding.enrichment(crowded, law)[140:200, :40], alone[140:200, :40], atol=2e-3)


def test_smoothing_is_that_of_the_dense_map():
    from scipy.ndimage import gaussian_filter

    band = np.random.default_rng(2).random((40, 13))
    dense = np.ones((40, 40))
    for d in range(13):
        i = np.arange(40 - d)
        dense[i, i + d] = dense[i + d, i] = band[i, d]
    expected = gaussian_filter(dense, 1.0, mode="nearest")
    smoothed = folding._smoothed(band)
    for d in range(13):
        i = np.arange(40 - d)
        assert np.allclose(smoothed[i, d], expected[i, i + d])


def test_cover_counts_the_loops_around_a_pair():
    ends = np.random.default_rng(3).random((20, 6))
    cover = folding._cover(ends)
    for i, d in [(0, 0), (5, 2), (9, 5), (12, 0), (3, 4)]:
        loops = [ends[a, e] for a in range(i + 1) for e in range(6) if a + e >= i + d]
        assert cover[i, d] == pytest.approx(sum(loops))


def test_extruders_leave_as_often_as_they_arrive():
    """One bin without sites: an extruder leaves by either leg or falls off."""
    number = folding._extruders(np.ones(9), np.ones(9), 40, 3)
    assert number[4, 0] == pytest.approx(1 / (2 + 1 / 40))
    assert number[4, 1] == pytest.approx((number[4, 0] + number[5, 0]) / (2 + 1 / 40))


def test_planted_sites_score_enough_and_are_in_the_sequence(simulation, human):
    chromosomes, tables = human
    factors = folding.load_factors(simulation)
    planted = tables["sites"][tables["sites"]["origin"] == "planted"]
    assert planted["factor"].value_counts().min() > 50
    for site in planted.itertuples():
        factor = factors[site.factor]
        codes = chromosomes[site.chrom][site.start : site.end]
        codes = codes if site.strand == "+" else reverse_complement(codes)
        value = score(codes, factor.matrix, factor.composition)
        assert value == pytest.approx(site.score)
        assert value >= factor.threshold + 5
        assert 0.9 < site.occupancy <= 0.92


def test_decoys_gaps_and_repeats_are_where_the_tables_say(simulation, human):
    chromosomes, tables = human
    counts = tables["decoys"]["factor"].value_counts()
    assert len(counts) == 15 and "CTCF" not in counts and "REST" not in counts
    for gap in tables["gaps"].itertuples():
        assert (chromosomes[gap.chrom][gap.start : gap.end] == 4).all()
        assert 10 <= (gap.end - gap.start) / BIN <= 15
    assert sum((codes == 4).sum() for codes in chromosomes.values()) == (tables["gaps"].eval("end - start")).sum()
    for _, copies in tables["repeats"].groupby("family"):
        assert len(copies) >= 2
        assert len({decode(chromosomes[r.chrom][r.start : r.end]) for r in copies.itertuples()}) == 1


def test_the_position_of_the_locus_does_not_depend_on_the_seed(simulation, human):
    other = genome.simulate_genome(simulation, "human", SEED + 1, BIN)[1]["locus"]
    assert other.equals(human[1]["locus"])
    middle = genome.locus_middle(40192, BIN)
    deletion = other.set_index("name").loc["deletion"]
    assert (deletion["chrom"], deletion["start"], deletion["end"]) == ("chr2", middle - 3 * BIN, middle + 4 * BIN)
    near = human[1]["sites"].query("chrom == 'chr2' and origin == 'planted'")
    near = near[(near["start"] > middle - 24 * BIN) & (near["end"] < middle + 24 * BIN)]
    named = other[other["strand"] != "."]
    assert set(near["start"]) == set(named["start"])


def test_deletion_merges_the_domains(simulation, human, law):
    chromosomes, tables = genome.delete_locus(*human)
    codes, before = chromosomes["chr2"], human[0]["chr2"]
    start, end = human[1]["locus"].set_index("name").loc["deletion", ["start", "end"]]
    assert decode(codes) == decode(before[:start]) + decode(before[end:])
    for site in tables["sites"].itertuples():
        assert 0 <= site.start and site.end <= len(chromosomes[site.chrom])
    sites = folding.bound_sites(codes, law)
    kept = tables["sites"].query("chrom == 'chr2' and factor == 'CTCF'")
    assert list(kept["start"]) == list(sites["start"])
    junction = tables["locus"].set_index("name").loc["junction"]
    assert junction["start"] == start - 1
    # contact between the two sides of the boundary, over the same distance
    wild, deleted = folding.enrichment(before, law), folding.enrichment(codes, law)
    left, right = start // BIN, end // BIN
    across_before = np.mean([wild[left - i, right - left + 2 * i] for i in range(3, 8)])
    across_after = np.mean([deleted[left - i - 3, right - left + 2 * i] for i in range(3, 8)])
    assert across_after > 1.5 * across_before


def test_b2_sites_are_there_but_do_not_act(simulation, mouse):
    chromosomes, tables = mouse
    elements = tables["b2"]
    assert len(elements) == 25
    law = folding.load_law(simulation, "M", BIN)
    intervals = elements[["start", "end"]].to_numpy()
    codes = chromosomes["chrA"]
    masked, free = folding.bound_sites(codes, law, intervals), folding.bound_sites(codes, law)
    off = masked[masked["occupancy"] == 0]
    assert len(off) >= 20
    assert (free.loc[off.index, "occupancy"] > 0).all()
    assert all(any(start <= site.start and site.end <= end for start, end in intervals) for site in off.itertuples())
    assert not np.allclose(folding.enrichment(codes, law), folding.enrichment(codes, law, intervals), equal_nan=True)


def test_same_seed_same_genome_other_seed_another(simulation, human):
    again = genome.simulate_genome(simulation, "human", SEED, BIN)
    for chrom, codes in human[0].items():
        assert np.array_equal(again[0][chrom], codes)
    for name, table in human[1].items():
        pd.testing.assert_frame_equal(again[1][name], table)
    other = genome.simulate_genome(simulation, "human", SEED + 1, BIN)[0]
    assert (other["chr1"] == human[0]["chr1"]).mean() < 0.5


def test_files_round_trip(tmp_path, human):
    chromosomes, tables = human
    genome.write_fasta(tmp_path / "human.fa", chromosomes)
    read = genome.read_fasta(tmp_path / "human.fa")
    assert list(read) == list(chromosomes)
    assert all(np.array_equal(read[chrom], codes) for chrom, codes in chromosomes.items())
    paths = {name: str(tmp_path / f"{name}.tsv") for name in genome.COLUMNS}
    genome.write_tables(paths, tables)
    for name, table in genome.read_tables(paths).items():
        assert list(table.columns) == genome.COLUMNS[name]
        assert len(table) == len(tables[name])
    assert not list(tmp_path.glob(f"{PREFIX}*"))


def test_reads_are_what_the_genome_has_at_their_positions(tmp_path, simulation, human, pairs):
    chromosomes = human[0]
    reads.write_truth(tmp_path / "A.h5", pairs, list(chromosomes))
    table = reads.read_truth(tmp_path / "A.h5")
    library = table[table["library"] == "R1"]
    paths = (tmp_path / "1.fastq.gz", tmp_path / "2.fastq.gz")
    reads.write_fastq(paths, library, chromosomes, "lane2", simulation["reads"], SEED, "A")
    rows = library[library["run"] == "lane2"].reset_index(drop=True)
    sequences = []
    for mate, path in enumerate(paths, start=1):
        lines = gzip.decompress(path.read_bytes()).decode().split("\n")
        names, sequence = lines[0:-1:4], lines[1::4]
        assert len(sequence) == len(rows) == len(set(names))
        sequences.append(sequence)
        wrong = []
        for row, bases in zip(rows.itertuples(), sequence, strict=True):
            codes, first = chromosomes[getattr(row, f"chrom{mate}")], getattr(row, f"pos{mate}") - 1
            if getattr(row, f"strand{mate}") == "+":
                expected = codes[first : first + 50]
            else:
                expected = reverse_complement(codes[first - 49 : first + 1])
            assert len(expected) == 50 and (expected != 4).all()
            differ = (encode(bases) != expected).sum()
            if row.junk == mate:
                assert differ > 20
            else:
                wrong.append(differ)
        assert np.mean(wrong) / 50 == pytest.approx(0.003, rel=0.25)
    again = (tmp_path / "again_1.fastq.gz", tmp_path / "again_2.fastq.gz")
    reads.write_fastq(again, library, chromosomes, "lane2", simulation["reads"], SEED, "A")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in paths]


def test_duplicates_copy_a_pair_of_their_library(pairs):
    assert len(pairs) == 9000
    assert list(pairs.groupby(["library", "run"]).size()) == [3000, 3000, 3000]
    ends = ["chrom1", "pos1", "strand1", "chrom2", "pos2", "strand2", "junk"]
    for _, library in pairs.groupby("library"):
        assert library["duplicate"].mean() == pytest.approx(0.05)
        assert (library.groupby("molecule")[ends].nunique() == 1).all(axis=None)
        assert (library.groupby("molecule")["duplicate"].sum() == library.groupby("molecule").size() - 1).all()
    assert (pairs["junk"] > 0).mean() == pytest.approx(0.02, abs=0.006)


def test_near_contacts_follow_distance_and_law(pairs, simulation, law, human):
    near = pairs[(pairs["chrom1"] == pairs["chrom2"])]
    distance = (near["pos1"] - near["pos2"]).abs() // BIN
    counts = np.bincount(distance, minlength=97)
    assert counts[2:12].sum() > 1.5 * counts[30:40].sum() > 0
    same = (near["chrom1"] == 0) & distance.between(4, 40)
    low = np.minimum(near["pos1"], near["pos2"])[same] // BIN
    band = folding.enrichment(human[0]["chr1"], law)
    # places of enriched contact have more pairs than their share
    d = distance[same].to_numpy()
    seen = np.nanmean(band[low.clip(upper=len(band) - 1), d])
    assert seen > 1.1 * np.nanmean(band[:, 4:41])


def test_same_seed_same_reads_other_seed_others(simulation, human, law, pairs):
    again = simulate_reads(simulation, human[0], law, SEED)
    pd.testing.assert_frame_equal(again, pairs)
    other = simulate_reads(simulation, human[0], law, SEED + 1)
    assert (other["pos1"] == pairs["pos1"]).mean() < 0.01


def test_pairs_are_the_reads_without_copies_and_junk(tmp_path, human, pairs):
    """Written as 4DN pairs, read back by the module that bins them."""
    from akitaflow.mapping.pairs import check_pairs, read_header

    sizes = {name: len(codes) for name, codes in human[0].items()}
    reads.write_truth(tmp_path / "truth.h5", pairs, list(sizes))
    truth = reads.read_truth(tmp_path / "truth.h5")
    path = tmp_path / "A.pairs.gz"
    reads.write_pairs(path, truth, sizes, "human")
    header = read_header(path)
    assert header.sizes == sizes
    check_pairs(header, path, sizes, min_mapq=30)
    table = pd.read_csv(path, sep="\t", comment="#", names=header.columns)
    assert (table["chrom1"].map(list(sizes).index) <= table["chrom2"].map(list(sizes).index)).all()
    cis = table[table["chrom1"] == table["chrom2"]]
    assert (cis["pos1"] <= cis["pos2"]).all()
    assert table.equals(table.sort_values(["chrom1", "chrom2", "pos1", "pos2"], kind="stable"))

    def ends(frame):
        """Both ends of each pair, in either order."""
        sides = [list(zip(*(frame[f"{part}{i}"] for part in ("chrom", "pos", "strand")), strict=True)) for i in (1, 2)]
        return sorted(tuple(sorted(pair)) for pair in zip(*sides, strict=True))

    assert ends(table) == ends(truth[~truth["duplicate"] & (truth["junk"] == 0)])
    first = path.read_bytes()
    reads.write_pairs(path, truth, sizes, "human")
    assert path.read_bytes() == first


def test_the_fixed_array_is_long_enough_for_far_pairs():
    """A long genome of such sites has, on average, as many far loops as the array: its ends cut none off."""
    rng = np.random.default_rng(0)
    places = np.cumsum(folding.REFERENCE_SPACING[0] + rng.exponential(folding.REFERENCE_SPACING[1], 2000)).astype(int)
    n_bins = places[-1] + 1
    occupancy, forward = folding.REFERENCE_OCCUPANCY, rng.random(len(places)) < 0.5
    left, right = np.ones(n_bins), np.ones(n_bins)
    np.multiply.at(left, places, 1 - np.where(forward, occupancy, 0.3 * occupancy))
    np.multiply.at(right, places, 1 - np.where(forward, 0.3 * occupancy, occupancy))
    ends = folding._extruders(left, right, 200.0, 512)[600:-600]
    expected, _ = folding._reference(200.0, 512, 0.3)
    for near, far in ((0, 100), (100, 250), (250, 400), (400, 513)):
        ratio = ends[:, near:far].mean() / expected[near:far].mean()
        assert 0.85 < ratio < 1.15, (near, far, ratio)


def test_captured_reads_lie_around_the_locus(simulation, human, law):
    chromosomes, tables = genome.delete_locus(*human)
    chrom, first, last = genome.capture_region(tables["locus"], 70, BIN)
    bands = {name: folding.enrichment(codes, law) for name, codes in chromosomes.items()}
    decay = folding.distance_decay(law.distance_bins)
    runs = [("R1", "lane1")]
    table = reads.simulate_reads(
        chromosomes, bands, runs, simulation["reads"], 1000, decay, BIN, SEED, "D", (chrom, first, last)
    )
    for mate in (1, 2):
        assert (table[f"chrom{mate}"] == list(chromosomes).index(chrom)).all()
        assert table[f"pos{mate}"].between(first * BIN, last * BIN).all()


def test_totals_are_equal_before_visibility(human, law):
    bands = {"chr1": folding.enrichment(human[0]["chr1"], law)}
    blocked = {"chr1": np.zeros(len(bands["chr1"]), bool)}
    decay = folding.distance_decay(law.distance_bins)
    (near,), (weights,) = reads.contact_rates(bands, decay, blocked, 0.8, 0.0, np.random.default_rng(0))
    total = near.sum(axis=1)
    for d in range(1, near.shape[1]):
        total[d:] += near[: len(near) - d, d]
    assert np.allclose(total + weights, (total + weights)[0])


def test_noise_free_targets(tmp_path, human, law):
    bands = {chrom: folding.enrichment(codes, law) for chrom, codes in human[0].items()}
    path = tmp_path / "A.h5"
    folding.write_maps(path, bands, BIN)
    steps = TargetSteps(bin_size=BIN, window_bins=48, crop_bins=4, expected="genome", smoothing_sigma=0.0)
    windows = pd.DataFrame({"chrom": ["chr1", "chr2"], "start": [100 * BIN, 0], "end": [148 * BIN, 48 * BIN]})
    values = folding.noise_free_targets(path, windows, steps)
    assert values.shape == (2, steps.n_values) and values.dtype == np.float32
    mean = np.nanmean(np.concatenate(list(bands.values())), axis=0)
    assert values[0, 3] == pytest.approx(np.clip(np.log(bands["chr1"][104, 5] / mean[5]), -2, 2), abs=1e-5)
    mirrored = tmp_path / "mirrored.h5"
    turned = {chrom: folding.enrichment(reverse_complement(codes), law) for chrom, codes in human[0].items()}
    folding.write_maps(mirrored, turned, BIN)
    n_bins = len(bands["chr1"])
    there = windows.iloc[:1].assign(start=(n_bins - 148) * BIN, end=(n_bins - 100) * BIN)
    flipped = folding.noise_free_targets(mirrored, there, steps)
    assert np.allclose(flipped[0], values[0][flip_index(40, 2)], atol=1e-4)
    with pytest.raises(InputError, match="distance_bins"):
        folding.noise_free_targets(path, windows, TargetSteps(bin_size=BIN, window_bins=128, crop_bins=4))


def test_impossible_settings_are_refused(simulation, human):
    short = copy.deepcopy(simulation)
    short["genomes"]["human"]["chromosomes"] = {"chr1": 12800}
    with pytest.raises(InputError, match="too short for the locus"):
        genome.simulate_genome(short, "human", SEED, BIN)
    unknown = copy.deepcopy(simulation)
    unknown["datasets"]["A"]["factors"] = ["YY1"]
    with pytest.raises(InputError, match="no factor 'YY1'"):
        folding.load_law(unknown, "A", BIN)
    without = {**human[1], "locus": human[1]["locus"].iloc[:0]}
    with pytest.raises(InputError, match="locus: true"):
        genome.delete_locus(human[0], without)
    factor = folding.load_factors(simulation)["CTCF"]
    with pytest.raises(InputError, match="hardly ever"):
        draw_sites(factor.matrix, 5, 40.0, factor.composition, np.random.default_rng(0))
