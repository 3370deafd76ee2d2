"""The sweep: sites or a reason for every matrix, no prediction twice, resumption, and means over all windows."""

import numpy as np
import pandas as pd
import pytest
from fakes import FakeModel, random_genome

from akitaflow.analyses import motif_sweep, mutagenesis
from akitaflow.errors import InputError
from akitaflow.genome.matrices import jaspar_matrix
from akitaflow.plotting import motif_sweep as plots
from akitaflow.prediction.predictor import Predictor
from akitaflow.truth import motif_sweep as claims

LENGTH = FakeModel().length
RELEASE = "JASPAR2018"
NUMBERS, BATCH = {"seed": 1, "draws": 2, "composition": "uniform"}, 4


class Counting(FakeModel):
    """Counts the sequences that it predicts."""

    n = 0

    def predict_codes(self, codes):
        Counting.n += len(codes)
        return super().predict_codes(codes)


@pytest.fixture
def genome():
    return random_genome(6, chr1=40 * LENGTH)


@pytest.fixture
def windows():
    start = np.arange(30) * LENGTH
    return pd.DataFrame(
        {"window": range(30), "chrom": "chr1", "start": start, "end": start + LENGTH, "contig": np.arange(30) // 5}
    )


@pytest.fixture
def sites(genome, windows):
    tables = [
        motif_sweep.find(jaspar_matrix(RELEASE, name), genome, windows, 1e-3, "leave_out", windows[:0], 2)[0]
        for name in ("MA0139.1", "MA0079.3")
    ]
    return pd.concat(tables, ignore_index=True)


def test_the_paper_s_collection_has_579_vertebrate_matrices():
    matrices = motif_sweep.collection(RELEASE, "vertebrates")
    assert len(matrices) == 579 and {"CTCF", "CTCFL"} <= {matrix.name for matrix in matrices}
    assert [m.matrix_id for m in motif_sweep.collection(RELEASE, "x", ["MA0139.1"])] == ["MA0139.1"]
    with pytest.raises(InputError, match="no matrices of 'vertebrate'"):
        motif_sweep.collection(RELEASE, "vertebrate")


def test_a_matrix_too_short_for_the_p_value_is_left_out_with_the_reason_or_searched_at_its_best(genome, windows):
    short, none = jaspar_matrix(RELEASE, "MA0004.1"), windows[:0]
    sites, row = motif_sweep.find(short, genome, windows, 1e-5, "leave_out", none, 2)
    assert sites is None and row["predictions"] == 0 and "0.00024" in row["left_out"]
    sites, row = motif_sweep.find(short, genome, windows, 1e-5, "attainable", none, 2)
    assert row["left_out"] == "" and row["sites"] == sites["start"].nunique() > 0
    assert row["predictions"] == 2 * sites["window"].nunique()
    for site in sites.itertuples():
        bases = "".join("ACGT"[code] for code in genome.fetch("chr1", site.start, site.end))
        assert bases == "CACGTG"


def test_sites_come_from_jaspar_s_own_tracks_where_a_folder_is_given(genome, windows, tmp_path):
    matrix, none = jaspar_matrix(RELEASE, "MA0139.1"), windows[:0]
    path = tmp_path / "MA0139.1.tsv.gz"
    pd.DataFrame([("chr1", 11, 29, "CTCF", 900, 600, "+"), ("chr1", 101, 119, "CTCF", 700, 300, "-")]).to_csv(
        path, sep="\t", header=False, index=False
    )
    sites, row = motif_sweep.find(matrix, genome, windows, 1e-5, "leave_out", none, 2, tracks=tmp_path)
    assert sites[["start", "end", "strand"]].values.tolist() == [[10, 29, "+"]] and row["predictions"] == 2
    other = jaspar_matrix(RELEASE, "MA1102.1")
    sites, row = motif_sweep.find(other, genome, windows, 1e-5, "leave_out", none, 2, tracks=tmp_path)
    assert sites is None and row["left_out"] == f"no file {tmp_path}/MA1102.1.tsv.gz"


def test_references_are_predicted_once_for_all_motifs_and_scores_are_those_of_the_mutagenesis(
    genome, windows, sites, tmp_path
):
    import h5py

    model = Counting()
    motif_sweep.write_reference(tmp_path / "reference.h5", Predictor(model, genome, BATCH), windows)
    Counting.n = 0
    with h5py.File(tmp_path / "reference.h5") as file:
        table = motif_sweep.score_batch(
            Predictor(model, genome, BATCH), windows, sites, NUMBERS, file["values"], tmp_path / "done", "x", "job 0"
        )
    pairs = sites.groupby("matrix")["window"].nunique()
    assert Counting.n == pairs.sum() * NUMBERS["draws"] and len(table) == Counting.n * len(model.outputs)
    plan = mutagenesis.Mutagenesis("MA0139.1", 1, 2)
    own = sites[sites["matrix"] == "MA0139.1"]
    _, draws = mutagenesis.score_draws(Predictor(FakeModel(), genome), windows, own, plan)
    both = table[table["matrix"] == "MA0139.1"].merge(draws, on=["window", "dataset", "draw"])
    assert len(both) == len(draws) > 0
    assert both["disruption_x"].to_numpy() == pytest.approx(both["disruption_y"].to_numpy(), rel=1e-5)


def test_an_interrupted_job_continues_with_the_next_motif(genome, windows, sites, tmp_path):
    model = FakeModel()
    reference = np.stack([model.predict_codes(genome.fetch("chr1", s, s + LENGTH)[None])[0] for s in windows["start"]])
    whole = motif_sweep.score_batch(
        Predictor(model, genome, BATCH), windows, sites, NUMBERS, reference, tmp_path / "a", "x", "job 0"
    )

    class Dying(FakeModel):
        left = 3

        def predict_codes(self, codes):
            Dying.left -= 1
            if Dying.left < 0:
                raise KeyboardInterrupt
            return super().predict_codes(codes)

    n_first = sites[sites["matrix"] == "MA0079.3"]["window"].nunique() * NUMBERS["draws"]
    Dying.left = -(-n_first // BATCH) + 1
    with pytest.raises(KeyboardInterrupt):
        motif_sweep.score_batch(
            Predictor(Dying(), genome, BATCH), windows, sites, NUMBERS, reference, tmp_path / "b", "x", "job 0"
        )
    done = sorted(path.name for path in (tmp_path / "b" / "x").iterdir())
    assert done == ["MA0079.3.tsv"]
    Counting.n = 0
    resumed = motif_sweep.score_batch(
        Predictor(Counting(), genome, BATCH), windows, sites, NUMBERS, reference, tmp_path / "b", "x", "job 0"
    )
    pd.testing.assert_frame_equal(resumed, whole)
    assert Counting.n == sites[sites["matrix"] == "MA0139.1"]["window"].nunique() * NUMBERS["draws"]
    other = motif_sweep.identity([__file__], {"seed": 2})
    assert other != motif_sweep.identity([__file__], {"seed": 1}) == motif_sweep.identity([__file__], {"seed": 1})


@pytest.fixture
def planted(windows):
    """Two motifs that fold, four decoys of which two overlap; in every third window no decoy has a site."""
    rows = []
    for matrix, size in {"CTCF": 1.0, "CTCFL": 0.8, "d0": 0.001, "d1": 0.001, "d2": 0.02, "d3": 0.03}.items():
        for window in range(30):
            if matrix.startswith("d") and window % 3 == 0:
                continue
            rows += [(matrix, window, "A", draw, size * (1 + 0.1 * (draw - 0.5)), size / 2) for draw in range(2)]
    draws = pd.DataFrame(rows, columns=motif_sweep.DRAWS)
    names = ["CTCF", "CTCFL", "d0", "d1", "d2", "d3", "short"]
    plan = pd.DataFrame({"matrix": names, "motif": names, "overlap": [1, 1, 0, 0.01, 0.2, 0.3, np.nan]})
    return draws, plan.assign(left_out=["", "", "", "", "", "", "too short"])


def test_a_window_without_a_site_counts_as_no_effect(planted, windows):
    table = motif_sweep.summarise(*planted, windows, 200, (1, "x")).set_index("matrix")
    assert table["rank"].to_dict() == {"CTCF": 1, "CTCFL": 2, "d3": 3, "d2": 4, "d0": 5, "d1": 6}
    assert table.loc["d3", "disruption"] == pytest.approx(0.02)
    assert table.loc["d3", "disruption_affected"] == pytest.approx(0.03)
    assert table.loc["CTCF", "change_in_signal"] == pytest.approx(0.5)
    assert (table["low"] <= table["disruption"] + 1e-12).all() and (table["high"] >= table["disruption"] - 1e-12).all()


def test_claims_on_the_order_hold_where_planted_and_fail_where_not(planted, windows):
    draws, plan = planted
    motifs = motif_sweep.summarise(draws, plan, windows, 50, (1, "x"))
    scored = draws.groupby(["matrix", "window"], as_index=False)["disruption"].mean()
    decoys = ["d0", "d1", "d2", "d3"]

    def judged(table):
        means = claims.window_means(table, windows["window"])
        return [row["holds"] for row in claims.order(means, motifs, decoys, windows["contig"], "A", 20, 50, 1)]

    assert judged(scored) == [True, True, True]
    weaker = scored.assign(disruption=scored["disruption"] * np.where(scored["matrix"] == "CTCF", 0.5, 1))
    assert judged(weaker)[0] is False
    strong = scored.assign(disruption=scored["disruption"] * np.where(scored["matrix"] == "d3", 60, 1))
    assert judged(strong) == [False, False, False]


def test_the_title_has_the_numbers_of_matrices_by_search():
    """Of four matrices two are too short: left out, or searched for their best sequence and drawn as open circles."""
    plan = pd.DataFrame({"matrix": list("abcd"), "motif": list("ABCD"), "attainable_pvalue": [1e-9, 1e-7, 1e-3, 1e-4]})
    short = plan.assign(left_out=[np.nan, np.nan, "too short", "too short"])
    assert plots.searched(short, 1e-5) == "4 matrices: 2 at p < 1e-05, 2 left out"
    best = plan.assign(left_out=[np.nan, "no site", np.nan, np.nan])
    assert plots.searched(best, 1e-5) == "4 matrices: 1 at p < 1e-05, 2 at their best sequence, 1 left out"

    numbers = {"disruption": [3, 2, 1, 0], "low": 0, "high": 4, "change_in_signal": [3, 2, 1, 0], "rank": [1, 2, 3, 4]}
    windows = pd.DataFrame({"matrix": ["a"], "change_in_signal": [1.0], "disruption": [1.0]})
    drawn = plots.draw(plan.assign(**numbers), windows, 1, "title", 1e-5).axes[0]
    legend = [text.get_text() for text in drawn.get_legend().get_texts()]
    parts = {part.get_label(): part for part in drawn.collections if part.get_label() in legend}
    assert legend == list(parts) == ["sites at p < 1e-05", "best sequence only"]
    offsets = [part.get_offsets()[:, 0].tolist() for part in parts.values()]
    assert offsets == [[3, 2], [1, 0]]
    assert parts["best sequence only"].get_facecolor()[0][:3].tolist() == [1, 1, 1]
