"""Effects of a saturation mutagenesis, sequences inserted into backgrounds, and their figures."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pybigtools
import pytest
from fakes import FakeModel, random_genome
from hypothesis import given
from hypothesis import strategies as st

from akitaflow.errors import InputError
from akitaflow.genome.bigwig import write_bigwig
from akitaflow.genome.sequence import decode, encode
from akitaflow.plotting import experiments as plots
from akitaflow.prediction.perturb import apply
from akitaflow.prediction.predictor import Predictor
from akitaflow.prediction.stream import Average
from akitaflow.variants.insertion import Arrangement, Backgrounds, insert
from akitaflow.variants.saturation import bigwig_runs, effects, saturate
from akitaflow.variants.scoring import Scorer, Settings
from akitaflow.variants.variant import reverse_complement_text

GENOME = random_genome(5, chr1=2000)
INSERTS = {"x": "GGGGGGGGGG", "y": "ACGGTTA"}


@pytest.fixture(scope="module")
def saturated():
    scorer = Scorer(FakeModel(), GENOME, Settings(Average(), 4))
    return scorer.score(list(saturate(GENOME, ("chr1", 1000, 1012))))


def test_effects_are_means_over_the_changes_of_a_base(saturated):
    effect_table = effects(saturated)
    assert len(effect_table) == 12 * 2 and effect_table["start"].tolist() == [
        start for start in range(1000, 1012) for _ in "AB"
    ]
    assert "".join(effect_table["ref"][::2]) == decode(GENOME.fetch("chr1", 1000, 1012))
    first = saturated[(saturated["start"] == 1000) & (saturated["dataset"] == "B")]
    assert effect_table["effect"][1] == pytest.approx(first["disruption"].mean())
    assert effect_table["largest"][1] == first["disruption"].max() and effect_table["alt"][1] in set(first["alt"])
    signed = effects(saturated, "change_in_signal")
    assert (signed["largest"].abs() >= signed["effect"].abs()).all()
    nothing = effects(saturated.assign(status="unknown_base"))
    assert nothing.empty and list(nothing) == list(effect_table)


def test_the_bigwig_has_the_effect_of_each_base(saturated, tmp_path):
    effect_table = effects(saturated)
    write_bigwig(tmp_path / "a.bw", GENOME.chromsizes, bigwig_runs(effect_table, "A"))
    with open(tmp_path / "a.bw", "rb") as file:
        values = pybigtools.open(file).values("chr1", 999, 1013, missing=np.nan)
    np.testing.assert_allclose(values[1:-1], effect_table["effect"][::2], rtol=1e-5)
    assert np.isnan(values[[0, -1]]).all()


# --- inserted sequences ----------------------------------------------------------------------------------------------
def arrangement(*sites, spacing=48):
    return Arrangement.from_config("a", {"sites": list(sites), "spacing": spacing})


@given(st.lists(st.sampled_from(["x+", "x-", "y+", "y-"]), min_size=1, max_size=4), st.integers(10, 40))
def test_arrangements_have_their_inserts_at_equal_distances_around_the_middle(sites, spacing):
    arranged = arrangement(*sites, spacing=spacing)
    edits = arranged.edits(INSERTS, 192)
    middles = [edit.start + (edit.end - edit.start) // 2 for edit in edits]
    assert set(np.diff(middles)) <= {spacing} and abs(middles[0] + middles[-1] - 192) <= 1
    for edit, site in zip(edits, sites, strict=True):
        sequence = INSERTS[site[0]]
        assert edit.sequence == (sequence if site[1] == "+" else reverse_complement_text(sequence))


@pytest.mark.parametrize(
    ("sites", "spacing", "message"),
    [(["x+", "x+"], 9, "a: its inserts overlap"), (["x+", "x+"], 190, "begin before the window")],
)
def test_inserts_that_do_not_fit_are_named(sites, spacing, message):
    with pytest.raises(InputError, match=message):
        arrangement(*sites, spacing=spacing).edits(INSERTS, 192)


def test_backgrounds_are_random_and_the_same_for_one_seed():
    some, more = Backgrounds(2, 5000, 0.3, 1), Backgrounds(3, 5000, 0.3, 1)
    np.testing.assert_array_equal(some.fetch("1", 0, 5000), more.fetch("1", 0, 5000))
    assert (some.fetch("0", 0, 5000) != some.fetch("1", 0, 5000)).mean() > 0.5
    assert np.isin(some.fetch("0", 0, 5000), (1, 2)).mean() == pytest.approx(0.3, abs=0.03)
    assert some.chromsizes == {"0": 5000, "1": 5000} and set(more.chromsizes) == {"0", "1", "2"}


@pytest.fixture(scope="module")
def inserted():
    predictor = Predictor(FakeModel(), Backgrounds(3, 192, 0.2, 1), 4)
    arrangements = [Arrangement("one", (("x", "+"),), 1), Arrangement("pair", (("x", "+"), ("x", "-")), 48)]
    return (predictor, arrangements, *insert(predictor, INSERTS, arrangements))


def test_the_change_of_each_background_is_that_of_its_maps(inserted):
    predictor, arrangements, table, maps = inserted
    assert len(table) == 3 * 2 * 2 and maps.shape == (2, 2, 8, 8)
    assert table["inserts"].unique().tolist() == ["x+", "x+ x-"]
    model, changes = predictor.model, []
    for number in range(3):
        window = (str(number), 0, 192)
        edited = apply(predictor.genome, window, arrangements[1].edits(INSERTS, 192), 16).codes
        codes = np.stack([predictor.genome.fetch(*window), edited])
        before, after = FakeModel().predict_codes(codes)[:, :, 1]
        changes.append(model.geometry.to_map(after - before))
        row = table[(table["background"] == number) & (table["arrangement"] == "pair") & (table["dataset"] == "B")]
        assert row["disruption"].item() == pytest.approx(np.mean((after - before) ** 2), rel=1e-5)
        # middles of the inserts: bases 72 and 120, bins 4 and 7 of the window, 2 and 5 of the map
        assert row["change_in_contact"].item() == pytest.approx(np.nanmean(changes[-1][1:4, 4:7]), rel=1e-4)
    np.testing.assert_allclose(maps[1, 1], np.mean(changes, axis=0), atol=1e-6)
    assert table.loc[table["arrangement"] == "one", "change_in_contact"].isna().all()
    assert table.loc[table["arrangement"] == "pair", "change_in_contact"].notna().all()


@pytest.mark.parametrize(("spacing", "warned"), [(48, False), (160, True)])
def test_contacts_that_no_map_shows_have_a_warning(capsys, spacing, warned):
    """Both inserts of the second are in the crop."""
    predictor = Predictor(FakeModel(), Backgrounds(1, 192, 0.2, 1), 4)
    arrangements = [Arrangement("pair", (("y", "+"), ("y", "-")), spacing)]
    table, _ = insert(predictor, INSERTS, arrangements)
    assert table["change_in_contact"].isna().all() == warned
    assert ("warning: arrangement pair: no change_in_contact" in capsys.readouterr().err) == warned


def test_the_edited_background_holds_the_inserts():
    predictor = Predictor(FakeModel(), Backgrounds(1, 192, 0.2, 1), 4)
    insert(predictor, INSERTS, [arrangement("y-", "x+")])
    edited = decode(predictor.model.sequences[-1])
    assert edited[69:76] == reverse_complement_text(INSERTS["y"]) and edited[115:125] == INSERTS["x"]
    assert np.mean(encode(edited) == predictor.genome.fetch("0", 0, 192)) > 0.9


# --- figures ---------------------------------------------------------------------------------------------------------
def test_a_logo_has_a_letter_for_each_base_and_bars_for_blocks(saturated):
    effect_table = effects(saturated)
    figure = plots.draw_saturation(effect_table[effect_table["dataset"] == "A"], "title")
    assert len(figure.axes[0].patches) == 12
    heights = [patch.get_path().get_extents().height for patch in figure.axes[0].patches]
    np.testing.assert_allclose(heights, effect_table["effect"][::2], atol=1e-9)
    blocks = pd.DataFrame({"chrom": "chr1", "start": [0, 10], "end": [10, 20], "ref": "A", "effect": [1.0, 2.0]})
    bars = plots.draw_saturation(blocks, "title").axes[0].patches
    assert [bar.get_height() for bar in bars] == [1, 2] and [bar.get_width() for bar in bars] == [10, 10]
    plots.draw_saturation(effect_table[:0], "title")
    plt.close("all")


def test_the_figure_of_an_experiment_has_a_map_for_each_arrangement(inserted):
    _, _, table, maps = inserted
    figure = plots.draw_insertions(table[table["dataset"] == "A"], maps[:, 0], ["one", "pair"], (32, 16), "title")
    images = [ax for ax in figure.axes if ax.get_images()]
    assert [ax.get_title() for ax in images] == ["one", "pair"]
    plt.close(figure)
