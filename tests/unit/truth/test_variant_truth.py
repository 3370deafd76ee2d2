"""Planted variants are what their names say, and the claims hold for the folding law and fail without folding."""

import numpy as np
import pandas as pd
import pytest
import yaml
from fakes import FakeGenome
from places import ROOT

from akitaflow.genome.sequence import decode
from akitaflow.geometry import Geometry
from akitaflow.prediction.predictor import Predictor
from akitaflow.prediction.stream import Average
from akitaflow.simulate import folding
from akitaflow.simulate.genome import simulate_genome
from akitaflow.simulate.variants import CLEAR, SPAN, plant, write_vcf
from akitaflow.study.schema import fill, load_schema
from akitaflow.truth import variants as claims
from akitaflow.variants.insertion import Arrangement, Backgrounds, insert
from akitaflow.variants.saturation import effects, saturate
from akitaflow.variants.scoring import Scorer, Settings
from akitaflow.variants.tables import read_variants

BIN, N, MARGIN = 128, 6, 2560
LIMITS = fill({}, load_schema("truth"))
BOOTSTRAP = (50, 1)


class Law:
    """The folding law in the place of a model; with strength 0 it ignores the sequence."""

    geometry = Geometry.from_bins(BIN, 48, 4, 2)
    outputs, length, bin_size, diagonal_offset = ["A"], 48 * BIN, BIN, 2
    map_bins, n_values = geometry.map_bins, geometry.n_values

    def __init__(self, law):
        self.law = law

    def predict_codes(self, codes):
        maps = [folding.square(folding.enrichment(each, self.law), 0, 48)[4:-4, 4:-4] for each in codes]
        return self.geometry.upper_triangle(np.log(np.array(maps)))[..., None].astype(np.float32)


@pytest.fixture(scope="module")
def simulation():
    raw = yaml.safe_load((ROOT / "demo" / "config" / "config.yaml").read_text())["simulation"]
    simulated = fill(raw, load_schema("simulation"))
    simulated["genomes"]["human"]["chromosomes"] = {"chr1": 90112, "chr2": 90112}
    return simulated


@pytest.fixture(scope="module")
def simulated(simulation):
    chromosomes, tables = simulate_genome(simulation, "human", 2, BIN)
    return FakeGenome(chromosomes), tables


@pytest.fixture(scope="module")
def regions(simulated):
    genome = simulated[0]
    return pd.DataFrame({"chrom": list(genome.chromsizes), "start": 0, "end": list(genome.chromsizes.values())})


@pytest.fixture(scope="module")
def planted(simulation, simulated, regions):
    genome, tables = simulated
    factor = folding.load_factors(simulation)["CTCF"]
    return plant(genome, tables["sites"], tables["locus"], regions, factor, BIN, N, MARGIN, 1)


def judged(simulation, genome, path, strength):
    law = Law(folding.load_law({**simulation, "strength": strength}, "A", BIN))
    scorer = Scorer(law, genome, Settings(Average(), 8))
    return scorer, claims.told_apart(scorer.score(list(read_variants(path))), "A", LIMITS, *BOOTSTRAP)


def test_planted_variants_hit_sites_and_matched_ones_do_not(planted, simulated, regions):
    genome, tables = simulated
    sites = tables["sites"]

    def hits(row, around=0):
        near = (sites["chrom"] == row.chrom) & (sites["start"] < row.end + around) & (sites["end"] > row.start - around)
        return int(near.sum())

    classes = planted["name"].str.split(":").str[0]
    counts = classes.value_counts()
    assert counts["boundary_deletion"] == counts["matched_inversion"] == N >= counts["core_snv"] == counts["flank_snv"]
    assert counts["locus_deletion"] == 1 and counts["domain_deletion"] == 2
    for name, row in zip(classes, planted.itertuples(), strict=True):
        if name.startswith(("matched", "domain")):
            assert hits(row, CLEAR) == 0 or name == "domain_deletion" and hits(row) == 0
        elif name == "flank_snv":
            assert hits(row, 5) == 0 and hits(row, 60) > 0
        else:
            assert hits(row) > 0
        if row.alt in ("DEL", "INV"):
            assert row.start % BIN == 0 and (
                row.end - row.start == SPAN * BIN or name in ("locus_deletion", "domain_deletion")
            )
    assert (planted["start"] >= MARGIN).all()


def test_core_snvs_cost_a_site_most_bits(planted, simulated, simulation):
    genome, tables = simulated
    factor = folding.load_factors(simulation)["CTCF"]
    for row in planted[planted["name"].str.startswith("core_snv")].itertuples():
        sites = tables["sites"]
        site = sites[(sites["chrom"] == row.chrom) & (sites["start"] <= row.start) & (sites["end"] > row.start)].iloc[0]
        changed = genome.fetch(site["chrom"], site["start"], site["end"]).copy()
        before = decode(changed)
        changed[row.start - site["start"]] = "ACGT".index(row.alt)
        scores = factor.matrix.log_odds()
        totals = [
            (scores[codes if site["strand"] == "+" else 3 - codes[::-1], np.arange(factor.matrix.width)]).sum()
            for codes in (np.array(["ACGT".index(base) for base in before]), changed)
        ]
        assert totals[0] - totals[1] > 4


def test_the_vcf_has_the_variants(planted, simulated, tmp_path):
    genome = simulated[0]
    write_vcf(tmp_path / "a.vcf", genome, planted)
    read = list(read_variants(tmp_path / "a.vcf"))
    assert [(each.chrom, each.start, each.end, each.id) for each in read] == [
        (row.chrom, row.start, row.end, row.name)
        for row in planted[["chrom", "start", "end", "name"]].itertuples(index=False)
    ]
    kinds = {"DEL": "deletion", "INV": "inversion"}
    assert [each.kind for each in read] == [kinds.get(alt, "snv") for alt in planted["alt"]]
    assert all(each.checked == decode(genome.fetch(each.chrom, each.ref_start, each.ref_start + 1)) for each in read)


@pytest.mark.slow
def test_claims_hold_for_the_law_and_fail_without_folding(planted, simulated, simulation, tmp_path):
    genome, tables = simulated
    write_vcf(tmp_path / "a.vcf", genome, planted)
    site = tables["locus"].set_index("name").loc["boundary_2"]
    region = (site["chrom"], int(site["start"]) - 12, int(site["end"]) + 12)
    backgrounds = Backgrounds(6, 48 * BIN, 0.42, 1)
    arrangements = [
        Arrangement(name, tuple(("CTCF", strand) for strand in strands), 16 * BIN)
        for name, strands in (("convergent", "+-"), ("divergent", "-+"))
    ]
    for strength, expected in ((1.0, True), (0.0, False)):
        scorer, rows = judged(simulation, genome, tmp_path / "a.vcf", strength)
        effect_table = effects(scorer.score(list(saturate(genome, region))))
        rows.append(claims.finds_sites(effect_table, tables["sites"], "A", LIMITS["saturation_auroc"], *BOOTSTRAP))
        predictor = Predictor(scorer.model, backgrounds, 8)
        table, _ = insert(predictor, {"CTCF": "TGGCCACCAGGGGGCGCTA"}, arrangements)
        rows += claims.convergent_loop(table, "A", *BOOTSTRAP)
        assert len(rows) == 7
        assert [row["holds"] for row in rows] == [expected] * 7, pd.DataFrame(rows).to_string()


def test_areas_are_those_by_hand():
    assert claims.auroc(np.array([2.0, 3.0]), np.array([1.0, 0.0])) == 1
    assert claims.auroc(np.array([1.0, 3.0]), np.array([2.0, 1.0])) == pytest.approx(2.5 / 4)
    assert np.isnan(claims.auroc(np.array([1.0]), np.array([])))
