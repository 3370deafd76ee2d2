"""A deleted boundary: windows, sites and subsets, scores over common bins, measured maps on their own bins, claims."""

import copy
import types

import cooler
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import yaml
from fakes import FakeModel, random_genome
from places import ROOT

from akitaflow.analyses import deletion as lab
from akitaflow.analyses import deletion_maps, five_c
from akitaflow.dataset.targets import TargetSteps
from akitaflow.errors import InputError
from akitaflow.genome.intervals import Window
from akitaflow.geometry import extension, to_map
from akitaflow.plotting import deletion as plots
from akitaflow.prediction.perturb import Delete, align, apply
from akitaflow.prediction.predictor import Predictor
from akitaflow.study.loading import load
from akitaflow.truth import deletion as claims

MODEL = FakeModel(window_bins=24)
SIZE, LENGTH, CROP = MODEL.bin_size, MODEL.length, 2
WINDOW = Window("chr1", 10 * SIZE, 10 * SIZE + LENGTH)
DELETION = Window("chr1", 20 * SIZE, 23 * SIZE)
STEPS = TargetSteps(SIZE, 24, CROP, 2, coarsegrain_cutoff=0, expected="genome", smoothing_sigma=0, cap=False)


@pytest.fixture
def genome():
    return random_genome(4, chr1=60 * SIZE, chr2=30 * SIZE)


def locus(deletion=DELETION, boundary=None, flank_bins=4):
    about = {"fold": "train", "provisional": True}
    return lab.Locus(WINDOW, deletion, boundary or deletion, MODEL.geometry, flank_bins, about)


def site_table(*places, chrom="chr1"):
    table = pd.DataFrame(places, columns=["start", "end", "score", "strand"])
    return table.assign(chrom=chrom, name="CTCF")


SITES = site_table((321, 331, 3.0, "+"), (340, 350, 1.0, "-"), (345, 356, 2.0, "+"), (500, 510, 9.0, "+"))


def test_a_window_is_centred_on_the_deletion_and_stays_on_the_chromosome():
    window = lab.window_of(None, DELETION, LENGTH, CROP * SIZE, SIZE, 60 * SIZE)
    assert window.end - window.start == LENGTH and window.start % SIZE == 0
    assert abs((window.start + window.end) / 2 - 21.5 * SIZE) <= SIZE
    near_end = Window("chr1", 56 * SIZE, 57 * SIZE)
    assert lab.window_of(None, near_end, LENGTH, CROP * SIZE, SIZE, 60 * SIZE).end == 60 * SIZE
    for region, message in (("chr1:160-530", "is not a window"), ("chr1:480-864", "does not hold the deletion")):
        with pytest.raises(InputError, match=message):
            lab.window_of(region, DELETION, LENGTH, CROP * SIZE, SIZE, 60 * SIZE)
    lab.window_of(None, DELETION, LENGTH, CROP * SIZE, SIZE, 60 * SIZE, DELETION)
    far = Window(DELETION.chrom, 59 * SIZE, 60 * SIZE)
    with pytest.raises(InputError, match="the boundary .* does not lie in the map with bins on both sides"):
        lab.window_of(None, DELETION, LENGTH, CROP * SIZE, SIZE, 60 * SIZE, far)


def test_sites_of_a_boundary_that_share_bases_are_one_and_the_best_are_kept_in_order():
    table = lab.boundary_sites(SITES, DELETION)
    assert table[["site", "start", "end", "score", "strand"]].values.tolist() == [
        [1, 321, 331, 3.0, "+"],
        [2, 340, 356, 2.0, "+"],
    ]
    assert lab.boundary_sites(SITES, DELETION, top=1)["start"].tolist() == [321]
    with pytest.raises(InputError, match="2 sites in the boundary .*, but sites.top is 3; write sites.top: 2 or less"):
        lab.boundary_sites(SITES, DELETION, top=3)
    with pytest.raises(InputError, match="no site in the boundary"):
        lab.boundary_sites(SITES, Window("chr2", 320, 368))
    many = site_table(*((start, start + 2, 1.0, "+") for start in range(320, 360, 4)))
    with pytest.raises(InputError, match="10 sites in the boundary .* 1023 subsets; write sites.top: 8"):
        lab.boundary_sites(many, DELETION)


def test_every_subset_is_listed_once_by_size():
    assert lab.subsets(3) == [(1,), (2,), (3,), (1, 2), (1, 3), (2, 3), (1, 2, 3)]
    assert len(set(lab.subsets(8))) == 255


def test_scores_are_those_of_the_edited_sequences_over_the_bins_that_all_subsets_share(genome):
    here, sites = locus(), lab.boundary_sites(SITES, DELETION)
    maps, bins, table = lab.predict(Predictor(MODEL, genome, batch_size=2), here, sites)
    rows = table[table["dataset"] == "A"].set_index("subset")
    assert list(rows.index) == ["deletion", "1", "2", "1+2"] and rows["n_sites"].tolist() == [0, 1, 1, 2]
    assert rows.loc[["1", "2", "1+2"], "n_pixels"].nunique() == 1

    def square(codes):
        return to_map(MODEL.predict_codes(codes[None])[0, :, 0], MODEL.map_bins, MODEL.diagonal_offset)

    reference = square(genome.fetch(*WINDOW))
    edits = {"1": [Delete(321, 331)], "2": [Delete(340, 356)]}
    edits["1+2"] = edits["1"] + edits["2"]
    altered_by_name = {name: apply(genome, WINDOW, each, SIZE) for name, each in edits.items()}
    pairs = {name: align(reference, square(altered.codes), altered.bins) for name, altered in altered_by_name.items()}
    known = np.all([np.isfinite(after) for _, after in pairs.values()], axis=0)
    left, right = lab.flanks(here.map_start, DELETION, SIZE, 4, MODEL.map_bins)
    assert (left, right) == (slice(4, 8), slice(11, 15))
    for name, (before, after) in pairs.items():
        assert rows["disruption"][name] == pytest.approx(np.mean((after - before)[known] ** 2), rel=1e-4)
        box = known[left, right]
        assert rows["contact_after"][name] == pytest.approx(after[left, right][box].mean(), rel=1e-4)
        assert rows["contact_before"][name] == pytest.approx(reference[left, right][box].mean(), rel=1e-4)
    assert np.isnan(maps["deletion_in_reference"][0, 8:11]).all()
    assert maps["deletion"][0] == pytest.approx(square(here.altered(genome).codes), nan_ok=True)
    assert (bins == here.altered(genome).bins).all()


def band_map(n, deletion=None):
    """Counts by distance alone, of a genome that lacks the bins of a deletion."""
    place = np.arange(n, dtype=float)
    if deletion is not None:
        place[deletion[1] :] -= deletion[1] - deletion[0]
    counts = np.round(1e5 / (1 + np.abs(place[:, None] - place)))
    if deletion is not None:
        counts[slice(*deletion)] = counts[:, slice(*deletion)] = 0
    return counts


@pytest.fixture
def deleted_cooler(tmp_path):
    path, n = str(tmp_path / "D.cool"), 60
    bins = pd.DataFrame({"chrom": "chr1", "start": np.arange(n) * SIZE, "end": (np.arange(n) + 1) * SIZE})
    counts = band_map(n, (20, 23))
    bins["weight"] = np.where(counts.sum(0) > 0, 1.0, np.nan)
    first, second = np.triu_indices(n)
    pixels = pd.DataFrame({"bin1_id": first, "bin2_id": second, "count": counts[first, second].astype(int)})
    cooler.create_cooler(path, bins, pixels[pixels["count"] > 0])
    return path


def test_a_map_of_cells_without_the_boundary_is_flat_on_its_own_bins_and_missing_where_it_was(deleted_cooler, genome):
    here = locus()
    altered = here.altered(genome)
    own = deletion_maps.own_bins(altered, SIZE)
    assert own.tolist() == [*range(own[0], 20), *range(23, own[-1] + 1)] and len(own) == 24
    measured = deletion_maps.hic(deleted_cooler, "chr1", own, STEPS, DELETION)
    assert np.nanmax(np.abs(measured)) < 1e-3  # contacts follow the distance in the cells exactly
    on_reference_bins = here.in_reference(measured, altered.bins)
    assert np.isnan(on_reference_bins[8:11]).all() and np.isfinite(on_reference_bins[0, 12:]).any()
    naive = deletion_maps.hic(deleted_cooler, "chr1", 10 + np.arange(24), STEPS)
    assert np.nanmean(naive[4:8, 11:15]) > 0.1  # distances of the undeleted genome would make a rise of nothing


def test_the_bin_of_a_junction_has_no_source(genome):
    uneven = Window("chr1", 20 * SIZE + 5, 22 * SIZE + 9)
    altered = locus(uneven).altered(genome)
    own = deletion_maps.own_bins(altered, SIZE)
    assert (own == -1).sum() == 1
    inside = altered.bins >= 0
    assert (own[inside] - 10 == altered.bins[inside]).all()


def write_my5c(path, edges, counts, assembly="sim"):
    names = [f"f{i}|{assembly}|chr1:{a + 1}-{b}" for i, (a, b) in enumerate(zip(edges[:-1], edges[1:], strict=True))]
    lines = ["\t".join(["", *names])]
    lines += ["\t".join([name, *(f"{value:.0f}" for value in row)]) for name, row in zip(names, counts, strict=True)]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def test_5c_of_the_deletion_is_flat_on_its_own_bins_and_brackets_it(tmp_path, genome):
    edges = np.arange(61) * SIZE
    wild, deleted = band_map(60), band_map(60, (20, 23))
    files = [write_my5c(tmp_path / f"{k}.matrix", edges, counts) for k, counts in enumerate((wild, deleted))]
    fragments, normal, gone = deletion_maps.read_five_c(*files, assembly="sim")
    with pytest.raises(InputError, match="five_c.assembly is hg19"):
        deletion_maps.read_five_c(*files, assembly="hg19")
    other = write_my5c(tmp_path / "other.matrix", edges + 1, deleted)
    with pytest.raises(InputError, match="different fragments"):
        deletion_maps.read_five_c(files[0], other)
    here = locus()
    altered = here.altered(genome)
    rest = five_c.excise(fragments, *DELETION)
    own = deletion_maps.five_c_map(rest, gone, "chr1", altered.origin[0].start, STEPS, "pair")
    assert np.nanmax(np.abs(own)) < 1e-2 and np.isfinite(own).mean() > 0.8
    assert np.isnan(here.in_reference(own, altered.bins)[8:11]).all()
    table = deletion_maps.brackets(fragments, normal, gone, here, 0.05).set_index("source")
    assert table["agrees"].all() and bool(table["provisional"]["config"])
    assert table.loc["inner", "start"] >= DELETION.start and table.loc["outer", "end"] >= DELETION.end
    moved = locus(Window("chr1", 30 * SIZE, 31 * SIZE))
    assert not deletion_maps.brackets(fragments, normal, gone, moved, 0.05).set_index("source")["agrees"]["outer"]


def planted(rise):
    random, n = np.random.default_rng(2), MODEL.map_bins
    before = random.normal(0, 0.05, (n, n))
    after = before.copy()
    after[3:8, 11:16] += rise + random.normal(0, 0.02, (5, 5))
    return {"wild_type": before, "deletion_in_reference": after}


@pytest.mark.parametrize(("rise", "holds"), [(0.4, True), (0.1, False), (-0.4, False)])
def test_claims_hold_where_the_domains_merge_as_the_law_says(rise, holds):
    boxes = (slice(3, 8), slice(11, 16))
    row = claims.rises_as_the_law(planted(rise), planted(0.5), "A", 0.5, boxes, 100, 1)
    assert row["holds"] == holds and row["measured"] == pytest.approx(rise / 0.5, abs=0.1)
    assert claims.rises(planted(rise), "5C", boxes, 100, 1)["holds"] == (rise > 0)
    flat = claims.rises_as_the_law(planted(rise), planted(-0.1), "A", 0.5, boxes, 100, 1)
    assert not flat["holds"]  # where the law itself makes no rise nothing is shown


@pytest.mark.parametrize(("worst", "holds"), [(0.02, True), (0.06, False)])
def test_the_claim_of_redundancy_compares_the_worst_single_site_with_all(worst, holds):
    rows = [("deletion", 0, 0.5), ("1", 1, 0.01), ("2", 1, worst), ("1+2", 2, 0.1)]
    table = pd.DataFrame(rows, columns=["subset", "n_sites", "disruption"])
    assert claims.redundant(table, "A", 0.5)["holds"] == holds


def test_planted_domains_are_found_in_the_map():
    table = pd.DataFrame(
        {"name": ["domain_left", "domain_right"], "start": [15 * SIZE, 23 * SIZE], "end": [20 * SIZE, 99 * SIZE]}
    )
    assert claims.domains(table, locus()) == (slice(3, 8), slice(11, MODEL.map_bins))


def test_titles_have_the_fold_of_the_locus_and_mark_provisional_coordinates():
    class params:
        locus, model, dataset = "lmo2", "main", "A"

    text = plots.title(locus(), params)
    assert "train fold: the model was trained on it" in text and "provisional" in text and "n = 1 locus" in text
    layers = {"predicted (A)": planted(0.4)}
    table = plots.table(layers, locus())
    means = table[table["start_1"].isna()].set_index("map")["value"]
    assert means["deletion"] - means["undeleted"] == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize(("n", "panels"), [(3, 3), (8, 2)])
def test_few_subsets_are_drawn_one_by_one_and_many_by_the_number_of_sites(n, panels):
    names = ["deletion", *("+".join(map(str, subset)) for subset in lab.subsets(n))]
    table = pd.DataFrame({"subset": names, "n_sites": [0, *map(len, lab.subsets(n))]})
    table = table.assign(disruption=table["n_sites"] / 10, contact_before=0.0, contact_after=table["n_sites"] / 5)
    sites = site_table(*((400 + 20 * k, 410 + 20 * k, 1.0, "+") for k in range(n)))
    sites.insert(0, "site", np.arange(1, n + 1))
    figure = plots.draw_subsets(table, sites, "locus")
    assert len(figure.axes) == panels
    assert len(figure.axes[0].collections[0].get_offsets()) == 2**n - 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"deletion": "chr4:1-9000"}, "deletions.lmo2.deletion: .* less than 5120 bp"),
        ({"boundary": "chr3:1-5"}, "deletions.lmo2.boundary: chr3:1-5 is not on chr4"),
        ({"region": "chr4:0-100"}, "deletions.lmo2.region: .* the model reads 6144"),
        ({"dataset": "Z"}, "deletions.lmo2.dataset: 'Z' is no output of model main"),
        ({"genome": "mose"}, "deletions.lmo2.genome: .* did you mean 'mouse'"),
        ({"measured": {"deletion": "M"}}, "deletions.lmo2.measured.deletion: M is mapped to mouse"),
        ({"sites": {"track": "D"}}, "deletions.lmo2.sites.track: .* write one of: A, B"),
        ({"sites": {"track": "HEK293.CTCF.bigWig"}}, "deletions.lmo2.sites.track: no such file: HEK293.CTCF.bigWig"),
        ({"five_c": {"wild_type": "a.gz", "deletion": "b.gz"}}, "deletions.lmo2.five_c.wild_type: no such file"),
        ({"five_c": {"deletion": "b.gz"}}, "deletions.lmo2.five_c.*wild_type"),
    ],
)
def test_an_invalid_locus_is_an_error_before_any_job(changes, message):
    raw = copy.deepcopy(yaml.safe_load((ROOT / "demo" / "config" / "config.yaml").read_text()))
    raw["deletions"]["lmo2"].update(changes)
    with pytest.raises(InputError, match=message):
        load(raw, ROOT / "demo" / "config", workflow_folder=ROOT)


@pytest.mark.parametrize("name", ["figure_3c", "supplement_7"])
@pytest.mark.parametrize(("folder", "measured"), [("demo/config", ["A", "D"]), ("config", [])])
def test_captions_render_with_and_without_measured_maps(name, folder, measured):
    import jinja2
    from docutils.core import publish_parts

    path = ROOT / folder / "config.yaml"
    config = load(yaml.safe_load(path.read_text()), folder=path.parent, workflow_folder=ROOT).config
    params = types.SimpleNamespace(
        locus="lmo2", model="main", dataset="A", measured=measured, motif="CTCF", extension=(384, 512)
    )
    text = (ROOT / "report" / f"{name}.rst").read_text()
    snakemake = types.SimpleNamespace(config=config, params=params)
    caption = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(text).render(snakemake=snakemake)
    publish_parts(caption, writer_name="html", settings_overrides={"halt_level": 2})  # a warning is an error
    assert ("provisional" in caption) == (folder == "config")
    if name == "figure_3c":
        assert ("*Hi-C*" in caption) == bool(measured) and ("*5C*" in caption) == bool(measured)
        assert "384 bp on the left" in caption and "512 bp on the right" in caption


def demo_study(**changes):
    raw = copy.deepcopy(yaml.safe_load((ROOT / "demo" / "config" / "config.yaml").read_text()))
    raw["deletions"]["lmo2"].update(changes)
    return load(raw, ROOT / "demo" / "config", workflow_folder=ROOT)


def test_sites_are_ranked_by_the_track_of_a_dataset_or_by_any_bigwig():
    tracks = {"A": "results/simulation/tracks/A.CTCF.bw", "https://host/HEK293T.bigWig": "https://host/HEK293T.bigWig"}
    for track, path in tracks.items():
        study = demo_study(sites={"track": track})
        assert study.track_of_deletion("lmo2") == path
        assert (path in study.addresses()) == ("://" in path)


def test_the_caption_has_the_two_halves_by_which_the_window_is_extended(genome):
    study = demo_study()
    left, right = study.extension_of_deletion("lmo2")
    assert left + right == 896 and left % 128 == 0
    for length in (SIZE, 2 * SIZE, 3 * SIZE, 3 * SIZE + 5):
        altered = locus(Window("chr1", 20 * SIZE, 20 * SIZE + length)).altered(genome)
        left, right = extension(length, SIZE)
        assert WINDOW.start - altered.origin[0].start == left and altered.origin[-1].end - WINDOW.end == right


def test_5c_of_the_undeleted_cells_alone_is_drawn(tmp_path):
    study = demo_study(five_c={"wild_type": "results/wild_type.gz"})
    assert study.has_five_c("lmo2") and not study.has_five_c_of_deletion("lmo2")
    path = write_my5c(tmp_path / "wild.matrix", np.arange(61) * SIZE, band_map(60))
    fragments, normal, gone = deletion_maps.read_five_c(path)
    assert gone is None and len(fragments) == len(normal) == 60
    table = deletion_maps.brackets(fragments, normal, None, locus(), 0.05)
    assert table["source"].tolist() == ["config"]
    layers = {"predicted (A)": planted(0.4), "5C": {"wild_type": planted(0.4)["wild_type"]}}
    contacts = plots.contacts(layers, locus()).set_index("layer")
    assert np.isfinite(contacts.loc["5C", "undeleted"]) and np.isnan(contacts.loc["5C", "deletion"])
    source_data = plots.table(layers, locus())
    assert set(source_data.loc[source_data["layer"] == "5C", "map"]) == {"undeleted"}
    sites = lab.boundary_sites(SITES, DELETION)
    figure = plots.draw_maps(layers, locus(), sites, "title")
    texts = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert texts.count("not measured") == 1
    plt.close(figure)
