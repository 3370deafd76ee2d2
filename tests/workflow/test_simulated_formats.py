"""Stand-ins for public data are made by the rules when they are asked for, and hold what was planted."""

import numpy as np
import pandas as pd
import pytest
from studies import DATASET, Study

from akitaflow.analyses import five_c
from akitaflow.genome import bigwig, motifs, repeats

FILES = [
    "results/simulation/tracks/A.CTCF.bw",
    "results/simulation/human.rmsk.txt.gz",
    "results/simulation/jaspar/MA0139.1.tsv.gz",
]
FIVE_C = "results/simulation/five_c/wild_type.matrix.gz"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory, workflow):
    study = Study(tmp_path_factory.mktemp("formats"), workflow)
    genomes = study.config["simulation"]["genomes"]
    genomes["human"].update(locus=True, b2={"per_mb": 300})
    genomes["deletion"] = {"deletion_of": "human"}
    study.config["simulation"]["datasets"]["D"] = {"genome": "deletion", "pairs": 1000}
    study.datasets.append({**DATASET, "dataset": "D", "role": "map"})
    study.runs.append(
        {
            "dataset": "D",
            "library": "R1",
            "run": "lane1",
            **{f"fastq_{mate}": f"results/simulation/reads/D/R1/lane1_{mate}.fastq.gz" for mate in (1, 2)},
        }
    )
    study.make(*FILES, FIVE_C)
    return study


def truth(study, name):
    return pd.read_csv(study.path(f"results/simulation/truth/human/{name}.tsv"), sep="\t")


def test_tracks_are_high_at_planted_sites(simulated):
    sites = truth(simulated, "sites").query("factor == 'CTCF'")
    around = sites[["chrom"]].assign(start=sites["start"] - 20, end=sites["start"] + 44)
    at = bigwig.bin_track(simulated.path(FILES[0]), around, 64)[:, 0]
    acts = (sites["occupancy"] > 0.5).to_numpy()
    masked = (sites["origin"] == "b2").to_numpy()
    assert acts.sum() > 20 and masked.sum() > 5
    assert np.median(at[acts]) > 8 * np.median(at[masked])


def test_repeats_and_sites_are_those_planted(simulated):
    b2 = repeats.read_rmsk(simulated.path(FILES[1]), family="B2")
    np.testing.assert_array_equal(b2[["chrom", "start", "end", "strand"]], truth(simulated, "b2"))
    sites = truth(simulated, "sites").query("factor == 'CTCF' and origin == 'planted'")
    track = motifs.read_jaspar_track(simulated.path(FILES[2]))
    places = set(track[["chrom", "start", "strand"]].itertuples(index=False, name=None))
    assert set(sites[["chrom", "start", "strand"]].itertuples(index=False, name=None)) <= places


def test_the_deletion_is_bracketed_in_the_lifted_5c(simulated):
    fragments, wild_type = five_c.read_my5c(simulated.path(FIVE_C))
    _, deletion = five_c.read_my5c(simulated.path("results/simulation/five_c/deletion.matrix.gz"))
    lifted, report = five_c.lift(fragments, simulated.path("results/simulation/five_c/sim1_to_human.over.chain.gz"))
    planted = truth(simulated, "locus").query("name == 'deletion'").iloc[0]
    outer, _ = five_c.empty_stretch(lifted, wild_type, deletion)
    assert outer[0] <= planted["start"] < planted["end"] <= outer[1]
    assert len(report) == len(fragments) and (report["status"] != "lifted").sum() <= 2


def test_a_study_without_a_locus_is_an_error(study):
    assert "no simulated genome has a locus" in study.fails("--dry-run", FIVE_C)
