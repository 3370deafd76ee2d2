"""The top variants: which they are, their maps as arrays, coolers, figure and page, and tracks of their windows."""

import re

import cooler
import cooltools
import h5py
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from fakes import FakeModel, random_genome

from akitaflow.errors import InputError
from akitaflow.files import write_table
from akitaflow.genome.bigwig import write_bigwig
from akitaflow.genome.sequence import decode
from akitaflow.plotting import variants as plots
from akitaflow.prediction.perturb import Delete, align, apply
from akitaflow.prediction.stream import Average
from akitaflow.variants import top
from akitaflow.variants.runs import status_table
from akitaflow.variants.scoring import Scorer, Settings
from akitaflow.variants.tables import from_frame

GENOME = random_genome(4, chr1=3000, chr2=2000)
TEXT = decode(GENOME.chromosomes["chr1"])
VARIANTS = pd.DataFrame(
    [
        ("chr1", 1001, TEXT[1000], "A" if TEXT[1000] != "A" else "C", "first"),
        ("chr1", 1200, "N", "<DEL>", "NA"),
        ("chr1", 1200, "N", "<DEL>", "again"),
        ("chr1", 1500, "N", "<DUP>", "."),
        ("chr1", 1600, "N", "N[chr2:900[", "joined"),
        ("chr1", 1600, "N", "<NON_REF>", "<b>"),
    ],
    columns=["chrom", "pos", "ref", "alt", "id"],
).assign(end=[".", "1232", "1232", "1530", ".", "."])


@pytest.fixture
def scorer():
    return Scorer(FakeModel(asymmetric=True), GENOME, Settings(Average(True), 3))


@pytest.fixture
def scores(scorer):
    return scorer.score(list(from_frame(VARIANTS)))


@pytest.fixture
def maps(scorer, scores):
    return top.predict(scorer, lambda: from_frame(VARIANTS), top.choose(scores, "B", 5), "B")


def test_the_top_variants_are_those_with_the_largest_disruption(scores):
    chosen = top.choose(scores, "B", 5)
    assert chosen["rank"].tolist() == [1, 2, 3] and set(chosen["dataset"]) == {"B"}
    assert chosen["disruption"].is_monotonic_decreasing
    assert sorted(chosen["record"]) == [1, 2, 4]  # equal ones once, no breakend, none without scores
    assert top.choose(scores, "B", 2)["record"].tolist() == chosen["record"].tolist()[:2]


def test_maps_of_the_top_variants_are_means_over_strands_on_the_reference_s_bins(maps):
    model, place = FakeModel(asymmetric=True), maps.table["record"].tolist().index(2)
    start = int(maps.table["window_start"][place])
    window = ("chr1", start, start + model.length)
    altered = apply(GENOME, window, [Delete(1200, 1232)], model.bin_size)
    expected = []
    for codes in (GENOME.fetch(*window), altered.codes):
        pair = [FakeModel(asymmetric=True).predict_codes(strand[None])[0][:, 1] for strand in (codes, 3 - codes[::-1])]
        expected.append(model.geometry.to_map((pair[0] + pair[1][model.geometry.flip_index()]) / 2))
    np.testing.assert_allclose(maps.reference[place], expected[0], atol=1e-6)
    aligned = align(*expected, altered.bins)[1]
    np.testing.assert_allclose(maps.alternative[place], aligned, atol=1e-6)
    assert np.isfinite(maps.difference[place]).any() and np.isnan(aligned).sum() > np.isnan(expected[0]).sum()
    assert maps.starts[place] == start + 32 and maps.ends[place] == start + model.length - 32


def test_the_disruption_of_mean_maps_is_that_of_the_table_where_there_is_one_strand(scorer):
    scorer = Scorer(scorer.model, GENOME, Settings(Average(), 3))
    table = top.choose(scorer.score(list(from_frame(VARIANTS))), "A", 3)
    maps = top.predict(scorer, lambda: from_frame(VARIANTS), table, "A")
    upper = np.triu_indices(8, 2)
    values = [np.nanmean(difference[upper].astype(float) ** 2) for difference in maps.difference]
    np.testing.assert_allclose(values, table["disruption"], rtol=1e-5)


def test_tables_and_maps_are_read_as_they_were_written(maps, scores, tmp_path):
    top.save(tmp_path / "maps.h5", maps)
    write_table(maps.table, tmp_path / "top.tsv")
    again = top.read(tmp_path / "maps.h5", top.read_scores(tmp_path / "top.tsv"))
    np.testing.assert_array_equal(again.difference, maps.difference)
    assert again.table["id"].tolist() == maps.table["id"].tolist() and "NA" in set(again.table["id"])
    assert list(again.starts) == list(maps.starts)
    write_table(scores, tmp_path / "scores.tsv.gz")
    assert top.read_scores(tmp_path / "scores.tsv.gz")["disruption"].isna().sum() == 2


def test_coolers_are_opened_by_cooler_and_cooltools(maps, tmp_path):
    top.write_coolers(tmp_path / "maps", maps, GENOME.chromsizes, assembly="toy", metadata={"model": "main"})
    assert len(list((tmp_path / "maps").iterdir())) == 3 * len(maps)
    for place in range(len(maps)):
        region = (maps.table["genome_chrom"][place], int(maps.starts[place]), int(maps.ends[place]))
        matrices = {}
        for kind in top.KINDS:
            path = f"{tmp_path}/maps/{place + 1}.{kind}.mcool"
            assert cooler.fileops.list_coolers(path)[0] == "/resolutions/16"
            clr = cooler.Cooler(f"{path}::resolutions/16")
            assert clr.info["genome-assembly"] == "toy" and clr.info["metadata"]["kind"] == kind
            assert clr.info["metadata"]["variant"] == top.describe(next(maps.table.iloc[[place]].itertuples()))
            matrices[kind] = clr.matrix(balance=False, field="log_oe").fetch(region)
            np.testing.assert_allclose(matrices[kind], np.nan_to_num(getattr(maps, kind)[place]), atol=1e-6)
        track = cooltools.insulation(clr, [48], clr_weight_name=None, ignore_diags=2)
        assert len(track) == clr.info["nbins"]
    with h5py.File(path) as file:
        assert file.attrs["format"] == "HDF5::MCOOL"


def test_tracks_are_those_of_the_windows(maps, tmp_path):
    runs = [("chr1", start, start + 4, float(start)) for start in range(0, 3000, 4)]
    write_bigwig(tmp_path / "ctcf.bw", GENOME.chromsizes, runs)
    start = int(maps.starts[0])
    lines = [
        f"chr1\t{start - 50}\t{start + 10}\tNA\t0\t-",
        f"chr1\t{start + 20}\t{start + 30}\tg\t0\t+",
        "chr1\t0\t5\tx\t0\t+",
    ]
    (tmp_path / "genes.bed").write_text("\n".join(lines) + "\n")
    tracks_of_windows = top.tracks(maps, tmp_path / "ctcf.bw", tmp_path / "genes.bed")
    signal = tracks_of_windows[(tracks_of_windows["track"] == "CTCF") & (tracks_of_windows["rank"] == 1)]
    assert signal["value"].tolist() == signal["start"].tolist() == list(range(start, start + 128, 4))
    genes = tracks_of_windows[(tracks_of_windows["track"] == "gene") & (tracks_of_windows["rank"] == 1)]
    assert genes[["name", "strand"]].values.tolist() == [["NA", "-"], ["g", "+"]]
    write_table(tracks_of_windows, tmp_path / "tracks.tsv")
    assert top.read_tracks(tmp_path / "tracks.tsv")["name"].tolist() == tracks_of_windows["name"].tolist()
    assert top.tracks(maps).empty and list(top.tracks(maps)) == top.TRACK_COLUMNS
    for wrong in ({"ctcf": tmp_path / "ctcf.bw"}, {"genes": tmp_path / "genes.bed"}):
        with pytest.raises(InputError, match="assembly"):
            top.tracks(maps, **wrong, chromsizes={"chr1": 200})
    (tmp_path / "genes.bed").write_text("chrX\t1\t5\n")
    with pytest.raises(InputError, match="genes.bed: it has no interval on a chromosome of the variants, as chr1"):
        top.tracks(maps, genes=tmp_path / "genes.bed")


def test_the_figure_has_three_maps_for_each_variant_on_common_scales(maps):
    figure = plots.draw_maps(maps, top.tracks(maps), "title")
    images = [ax.get_images()[0] for ax in figure.axes if ax.get_images()]
    assert len(images) == 3 * len(maps)
    limits = [image.get_clim() for image in images]
    assert len(set(limits[0::3] + limits[1::3])) == 1 and len(set(limits[2::3])) == 1
    assert all(low == -high for low, high in limits)
    assert {image.get_cmap().name for image in images} == {"RdBu_r"}
    plt.close(figure)
    table = plots.table(maps)
    assert set(table["rank"]) == {1, 2, 3}
    np.testing.assert_allclose(table["difference"], table["alternative"] - table["reference"], atol=1e-6)


def test_the_page_has_the_scores_and_needs_nothing_else(maps, scores, tmp_path):
    counts = status_table({"unsupported_allele": 1, "ok": 5})
    assert counts["status"].tolist() == ["ok", "unsupported_allele"] and counts["meaning"][0] == "scored"
    rows = scores[scores["dataset"] == "B"]
    plots.write_page(tmp_path / "page.html", rows, maps, top.tracks(maps), counts, "a < b", "Model main.")
    page = (tmp_path / "page.html").read_text()
    assert "<title>a &lt; b</title>" in page and page.count('src="data:image/png;base64,') == 3
    links = re.findall(r"""(?:src|href)=["'](?!data:|#)[^"']*""", page)
    assert links == []
    assert '"title": {"0": "Filter"' in page
    listed = plots.page_table(rows, maps)
    assert listed["map"].tolist()[:3] == [f'<a href="#variant-{rank}">{rank}</a>' for rank in (1, 2, 3)]
    assert len(listed) == 6 and listed["id"].tolist()[-1] == "&lt;b&gt;" and listed["map"][5] == ""
    assert listed["disruption"].dropna().is_monotonic_decreasing


def test_a_set_without_scores_has_an_empty_figure_and_page(scorer, tmp_path):
    scores = scorer.score(list(from_frame(VARIANTS[-1:])))
    table = top.choose(scores, "A", 5)
    maps = top.predict(scorer, lambda: from_frame(VARIANTS[-1:]), table, "A")
    assert len(maps) == 0 and top.tracks(maps).empty
    top.save(tmp_path / "maps.h5", maps)
    write_table(table, tmp_path / "top.tsv")
    again = top.read(tmp_path / "maps.h5", top.read_scores(tmp_path / "top.tsv"))
    top.write_coolers(tmp_path / "maps", again, GENOME.chromsizes)
    assert list((tmp_path / "maps").iterdir()) == [] and plots.table(again).empty
    plt.close(plots.draw_maps(again, top.tracks(again)))
    plots.write_page(tmp_path / "page.html", scores[:1], again, top.tracks(again), status_table({}), "none", "")
    assert "unsupported_allele" in (tmp_path / "page.html").read_text()
