"""Scores of variants: their values, order, equal rows, spread, breakends, haplotypes and quantiles."""

import re

import numpy as np
import pandas as pd
import pytest
from fakes import FakeModel, random_genome

from akitaflow import logs
from akitaflow.analyses.insulation import Insulation
from akitaflow.errors import InputError
from akitaflow.evaluation import scores
from akitaflow.genome.sequence import decode, reverse_complement
from akitaflow.geometry import to_map
from akitaflow.prediction.perturb import Delete, Insert, Substitute, align, apply
from akitaflow.prediction.stream import Average
from akitaflow.variants import supremo
from akitaflow.variants.background import KINDS, Background, effect, matched_class
from akitaflow.variants.runs import identity
from akitaflow.variants.scoring import CHUNK, INPUT_COLUMNS, Scorer, Settings, score_variants
from akitaflow.variants.tables import from_frame

GENOME = random_genome(2, chr1=3000, chr2=2500)
ONE, TWO = (decode(GENOME.chromosomes[name]) for name in ("chr1", "chr2"))
FORWARD = Settings(Average(), 3)


class Neighbours(FakeModel):
    """Like the fake, but bases far outside the map count too, so that a junction is felt."""

    def predict_codes(self, codes):
        values = super().predict_codes(codes)
        return values + (codes == 2).mean(axis=1, dtype=np.float32)[:, None, None]


def frame(*rows, **columns):
    return pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt"]).assign(**columns)


def other(base):
    """A base with another content of G and C."""
    return {"A": "G", "C": "A", "G": "T", "T": "C"}[base]


def snv(chrom, pos):
    base = {"chr1": ONE, "chr2": TWO}[chrom][pos - 1]
    return chrom, pos, base, other(base)


def predicted(model, codes):
    return model.predict_codes(codes[None])[0]


# --- values ----------------------------------------------------------------------------------------------------------
def test_scores_of_an_snv_are_those_of_its_two_maps():
    model = FakeModel(asymmetric=True)
    table = score_variants(model, GENOME, frame(snv("chr1", 1001)), settings=FORWARD)
    assert table["status"].tolist() == ["ok", "ok"] and table["dataset"].tolist() == ["A", "B"]
    start = 1000 // 16 * 16 - 6 * 16
    assert (table[["window_start", "window_end", "start", "end", "size"]] == [start, start + 192, 1000, 1001, 1]).all(
        None
    )
    reference = GENOME.fetch("chr1", start, start + 192)
    changed = apply(GENOME, ("chr1", start, start + 192), [Substitute(1000, 1001, other(ONE[1000]))], 16).codes
    before, after = predicted(model, reference), predicted(model, changed)
    np.testing.assert_allclose(table["disruption"], scores.disruption(before, after, axis=0))
    np.testing.assert_allclose(table["change_in_signal"], scores.change_in_signal(before, after, axis=0))
    np.testing.assert_allclose(table["correlation"], scores.pearson(before, after, axis=0))
    insulation = Insulation(model.geometry, 1)
    np.testing.assert_allclose(table["change_in_insulation"], (insulation(after) - insulation(before))[4])
    for column, row in zip((after - before).T, table.itertuples(), strict=True):
        square = to_map(column, 8, 2)
        pixel = [(row.peak_start_1 - start) // 16 - 2, (row.peak_start_2 - start) // 16 - 2]
        assert row.peak_change == pytest.approx(square[tuple(pixel)], rel=1e-6)
        assert abs(row.peak_change) == pytest.approx(np.nanmax(np.abs(square)), rel=1e-6)
        assert row.peak_chrom == "chr1"
    assert table.filter(like="_sd").isna().all(None)
    assert (table["disruption"] > 0).all()


def test_bins_that_only_move_do_not_change_scores():
    """The fake's pixels depend on their own two bins: whole bins that are deleted leave the others as they are."""
    model = FakeModel(window_bins=16)
    table = score_variants(model, GENOME, frame(("chr1", 1008, "N", "<DEL>"), end=1008 + 32), settings=FORWARD)
    assert table["disruption"].tolist() == [0, 0] and table["correlation"].tolist() == pytest.approx([1, 1])
    assert table["peak_start_1"].isna().all()
    unaligned = score_variants(model, GENOME, frame(("chr1", 1011, "N", "<DEL>"), end=1011 + 29), settings=FORWARD)
    assert (unaligned["disruption"] > 0).all()


def test_the_insulation_of_a_deletion_is_that_of_its_junction():
    model = FakeModel(window_bins=24)
    table = score_variants(model, GENOME, frame(("chr1", 1040, "N", "<DEL>"), end=1120), settings=FORWARD)
    start = table["window_start"][0]
    altered = apply(GENOME, ("chr1", start, start + 384), [Delete(1040, 1120)], 16)
    insulation = Insulation(model.geometry, 4)
    before = insulation(predicted(model, GENOME.fetch("chr1", start, start + 384)))
    after = insulation(predicted(model, altered.codes))
    junction = int(np.flatnonzero(altered.bins == (1120 - start) // 16)[0])  # the bin behind it
    expected = after[junction - 2] - before[(1080 - start) // 16 - 2]
    np.testing.assert_allclose(table["change_in_insulation"], expected)


def test_mean_and_spread_over_strands_and_shifts():
    model = FakeModel(asymmetric=True)
    average = Average(True, (0, 3))
    table = score_variants(model, GENOME, frame(snv("chr1", 1001)), settings=Settings(average))
    start = table["window_start"][0]
    window = ("chr1", start, start + 192)
    changed = apply(GENOME, window, [Substitute(1000, 1001, other(ONE[1000]))], 16).codes
    each = []
    for one, two in zip(
        average.strands_and_shifts(GENOME.fetch(*window)), average.strands_and_shifts(changed), strict=True
    ):
        each.append(scores.disruption(predicted(model, one[0]), predicted(model, two[0]), axis=0))
    np.testing.assert_allclose(table["disruption"], np.mean(each, axis=0))
    np.testing.assert_allclose(table["disruption_sd"], np.std(each, axis=0, ddof=1))
    assert len(each) == 4 and (table["disruption_sd"] > 0).all()
    # the same variant on the other strand of the genome has the same scores
    turned = random_genome(0, chr1=192)
    turned.chromosomes["chr1"] = reverse_complement(GENOME.fetch(*window))
    straight = random_genome(0, chr1=192)
    straight.chromosomes["chr1"] = GENOME.fetch(*window)
    one = decode(straight.chromosomes["chr1"])[100]
    both = Settings(Average(True))
    first = score_variants(model, straight, frame(("chr1", 101, one, other(one))), settings=both)
    base = decode(turned.chromosomes["chr1"])[91]
    changed = decode([3 - "ACGT".index(other(one))])
    second = score_variants(model, turned, frame(("chr1", 92, base, changed)), settings=both)
    np.testing.assert_allclose(first["disruption"], second["disruption"], rtol=1e-6)


# --- rows ------------------------------------------------------------------------------------------------------------
def test_rows_are_in_the_order_of_the_input_and_duplicates_are_equal():
    rows = [snv("chr1", 2000), snv("chr2", 500), snv("chr1", 900), ("chr1", 950, "A", "*"), snv("chr1", 2000)]
    table = score_variants(FakeModel(), GENOME, frame(*rows), settings=FORWARD)
    assert table["record"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert table["status"].tolist() == ["ok"] * 6 + ["unsupported_allele"] * 2 + ["ok"] * 2
    same = table.drop(columns="record")
    pd.testing.assert_frame_equal(same[:2], same[8:].reset_index(drop=True))
    assert table.loc[6:7, "disruption":].drop(columns="peak_chrom").isna().all(None)
    assert table.columns[:7].tolist() == INPUT_COLUMNS


def test_variants_of_one_bin_share_the_reference():
    model = FakeModel()
    rows = [snv("chr1", 1001), snv("chr2", 800), snv("chr1", 1003), snv("chr1", 1005)]
    score_variants(model, GENOME, frame(*rows), settings=FORWARD)
    assert len(model.sequences) == 4 + 2


def test_more_than_a_chunk_and_nothing_at_all():
    rows = [snv("chr1", pos) for pos in range(1001, 1001 + CHUNK + 5)]
    table = score_variants(FakeModel(), GENOME, frame(*rows), settings=FORWARD)
    assert table["pos"].tolist() == [pos for pos in range(1001, 1001 + CHUNK + 5) for _ in "AB"]
    assert table["disruption"].notna().all()
    empty = score_variants(FakeModel(), GENOME, frame(*rows[:0]), settings=FORWARD)
    assert empty.empty and empty.columns.equals(table.columns)


def test_progress_counts_each_variant_when_it_is_scored(monkeypatch, capfd):
    rows = [snv("chr1", 2000), ("chr1", 950, "A", "*"), snv("chr1", 900), snv("chr1", 2000)]
    model, predicted_before = FakeModel(), []
    scorer = Scorer(model, GENOME, Settings(Average(), 1))
    scorer.score(list(from_frame(frame(*rows))), scored=lambda: predicted_before.append(len(model.sequences)))
    assert len(predicted_before) == 4 and predicted_before[0] == 0  # that of the unsupported allele
    assert predicted_before[1] < predicted_before[3]
    monkeypatch.setattr(logs, "PLAIN_INTERVAL", 0)
    score_variants(model, GENOME, frame(*rows), settings=FORWARD, progress="variants")
    lines = capfd.readouterr().err.splitlines()
    assert [re.search(r"variants:? .*?(\d)/4", line)[1] for line in lines] == ["1", "2", "3", "4"]


def test_a_variant_alone_has_the_scores_that_it_has_among_others():
    rows = [snv("chr1", pos) for pos in (1001, 1003, 1500)] + [("chr1", 1700, ONE[1699:1710], ONE[1699])]
    together = score_variants(FakeModel(), GENOME, frame(*rows), settings=FORWARD)
    for number, row in enumerate(rows):
        alone = score_variants(FakeModel(), GENOME, frame(row), settings=FORWARD)
        rest = together[2 * number : 2 * number + 2].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone.drop(columns="record"), rest.drop(columns="record"))


# --- breakends -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("alt", ["N[chr2:1200[", "N]chr2:1200]", "]chr2:1200]N", "[chr2:1200[N", "NACG[chr2:1200["])
def test_each_side_of_a_breakend_is_compared_with_its_own_place(alt):
    rows = frame(("chr1", 1004, "N", alt))
    unchanged = score_variants(FakeModel(window_bins=16), GENOME, rows, settings=FORWARD)
    # pixels of the fake depend on their own bins: each side is as it was
    assert unchanged["disruption"].tolist() == pytest.approx([0, 0], abs=1e-12)
    felt = score_variants(Neighbours(window_bins=16), GENOME, rows, settings=FORWARD)
    assert (felt["disruption"] > 1e-6).all() and (felt["kind"] == "breakend").all()
    assert set(felt["peak_chrom"]) <= {"chr1", "chr2"}
    both = score_variants(Neighbours(window_bins=16), GENOME, rows, settings=Settings(Average(True)))
    assert (both["disruption"] > 1e-6).all()


def test_the_place_of_a_breakend_s_pixel():
    """Only the joined part changes: the pixel that changes most lies there."""

    class Right(FakeModel):
        def predict_codes(self, codes):
            values = super().predict_codes(codes)
            rows, columns = np.triu_indices(self.map_bins, self.diagonal_offset)
            values[:, rows >= self.map_bins - 3] += (codes[:, :32] == 2).mean(axis=1, dtype=np.float32)[:, None, None]
            return values

    table = score_variants(Right(), GENOME, frame(("chr1", 1004, "N", "N[chr2:1200[")), settings=FORWARD)
    assert table["peak_chrom"].tolist() == ["chr2", "chr2"]
    start = 1199 - (1004 - table["window_start"][0])  # of the mate's window
    assert table["peak_start_1"].tolist() == [start + 32 + 5 * 16] * 2


def test_a_long_deletion_by_a_breakend_stays_a_breakend():
    table = score_variants(
        FakeModel(),
        GENOME,
        frame(("chr1", 500, "N", "N[chr1:2000["), ("chr1", 500, "N", "N[chr1:540[")),
        settings=FORWARD,
    )
    assert table["kind"].tolist() == ["breakend"] * 2 + ["deletion"] * 2 and (table["status"] == "ok").all()


# --- haplotypes ------------------------------------------------------------------------------------------------------
def test_the_alternative_of_a_haplotype_has_all_its_alleles(tmp_path):
    lines = ["##fileformat=VCFv4.2", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS"]
    for (chrom, pos, ref, alt), genotype in zip(
        [snv("chr1", 1001), ("chr1", 1020, ONE[1019], ONE[1019] + "GGGG"), snv("chr1", 1030), snv("chr1", 1040)],
        ("1|0", "1|1", "0/1", "0|0"),
        strict=True,
    ):
        lines.append(f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\t.\t.\tGT\t{genotype}")
    path = tmp_path / "a.vcf"
    path.write_text("\n".join(lines) + "\n")
    model = FakeModel()
    table = score_variants(model, GENOME, path, sample="S", settings=FORWARD)
    table = table[table["dataset"] == "A"]
    assert table[["pos", "haplotype"]].to_numpy().tolist() == [[1001, 1], [1020, 1], [1020, 2], [1030, 0], [1040, 0]]
    assert table["status"].tolist() == ["ok"] * 3 + ["unphased", "not_carried"]
    start = table["window_start"].iloc[1]
    window = ("chr1", start, start + 192)
    before = predicted(model, GENOME.fetch(*window))
    edits = [Insert(1020, "GGGG"), Substitute(1000, 1001, other(ONE[1000]))]
    for row, some in ((1, edits), (2, edits[:1])):
        altered = apply(GENOME, window, some, 16)
        squares = [to_map(values[:, 0], 8, 2) for values in (before, predicted(model, altered.codes))]
        expected = scores.disruption(*align(*squares, altered.bins))
        assert table["disruption"].iloc[row] == pytest.approx(expected) and expected > 0
    assert table["disruption"].iloc[1] != table["disruption"].iloc[2]


# --- SuPreMo ---------------------------------------------------------------------------------------------------------
def random_map(seed, n=30):
    random = np.random.default_rng(seed)
    values = random.normal(size=(n, n))
    values = (values + values.T) / 2
    for offset in (-1, 0, 1):
        values[np.eye(n, k=offset, dtype=bool)] = np.nan
    return values


def test_supremo_scores_by_hand():
    a, b = random_map(1), random_map(2)
    a[7], a[:, 7] = np.nan, np.nan
    scored = dict(zip(supremo.NAMES, supremo.compare(a, b), strict=True))
    upper = np.triu(np.isfinite(a) & np.isfinite(b), 1)
    x, y = np.where(upper | upper.T, a, np.nan), np.where(upper | upper.T, b, np.nan)
    ranks = [pd.Series(each[upper]).rank() for each in (x, y)]
    assert scored["spearman"] == pytest.approx(np.corrcoef(*ranks)[0, 1])
    means = []
    for each in (x, y):
        triangles = (
            each[i : j + 1, i : j + 1][upper[i : j + 1, i : j + 1]] for i in range(30) for j in range(i + 2, 30)
        )
        means.append([pixels.mean() if len(pixels) else np.nan for pixels in triangles])
    assert scored["triangle"] == pytest.approx(np.nanmean(np.square(np.subtract(*means))))
    medians = [[np.nanmedian(np.diagonal(each, k)) for k in range(2, 30)] for each in (x, y)]
    medians = np.array(medians)[:, np.isfinite(medians).all(axis=0)]
    assert scored["decay"] == pytest.approx(np.mean((medians[0] - medians[1]) ** 2))
    total = weights = 0
    for k in range(2, 30):
        one, two = np.diagonal(x, k), np.diagonal(y, k)
        known = np.isfinite(one)
        if known.sum() > 1:
            weight = known.sum() * (1 + 1 / known.sum()) / 12
            total, weights = total + weight * np.corrcoef(one[known], two[known])[0, 1], weights + weight
    assert scored["scc"] == pytest.approx(total / weights)
    tracks = [np.log2(np.nanmean(np.exp(each[15 - 11 : 14, 16:26]))) for each in (x, y)]
    assert [supremo.insulation_track(each)[15] for each in (x, y)] == pytest.approx(tracks)
    projections = []
    for each in (x, y):
        filled = np.nan_to_num(each)
        centred = filled - filled.mean(axis=0)
        u, s, _ = np.linalg.svd(centred)
        projections.append(u[:, 0] * s[0])
    one, two = projections
    assert scored["principal_component"] == pytest.approx(min(np.mean((one - two) ** 2), np.mean((one + two) ** 2)))
    up, down = np.exp(x[15, 5:15])[::-1], np.exp(x[15, 16:26])
    both = np.isfinite(up) & np.isfinite(down)
    p, q = up[both].sum(), down[both].sum()
    e = (p + q) / 2
    index = (q - p) / abs(q - p) * ((p - e) ** 2 / e + (q - e) ** 2 / e)
    assert supremo.directionality_track(x)[15] == pytest.approx(index)
    from skimage.metrics import structural_similarity

    assert scored["ssi"] == structural_similarity(np.nan_to_num(x), np.nan_to_num(y), data_range=2)


def test_supremo_scores_of_equal_and_of_missing_maps():
    a = random_map(1)
    assert supremo.compare(a, a) == pytest.approx([1, 1, 1, 0, 0, 0, 0, 0], abs=1e-9)
    assert np.isnan(supremo.compare(a, np.full_like(a, np.nan))).all()
    table = score_variants(
        FakeModel(window_bins=30), GENOME, frame(snv("chr1", 1001)), settings=Settings(supremo_scores=("scc", "decay"))
    )
    assert (table["supremo_scc"] < 1).all() and (table["supremo_decay"] >= 0).all()
    assert "supremo_decay_sd" in table and "supremo_ssi" not in table


# --- random variants -------------------------------------------------------------------------------------------------
HELD_OUT = pd.DataFrame({"chrom": ["chr1", "chr2"], "start": [608, 1600], "end": [800, 1792]})


@pytest.fixture
def background(tmp_path):
    scorer = Scorer(FakeModel(), GENOME, FORWARD)
    return Background(tmp_path / "background", scorer, HELD_OUT, identity(scorer), n=20)


@pytest.mark.parametrize(
    ("kind", "low"), [*((kind, 4) for kind in KINDS if kind != "snv"), ("snv", 1), ("deletion", 64)]
)
def test_random_variants_are_of_their_kind_and_lie_in_the_middle_of_held_out_windows(background, kind, low):
    drawn = background.draw(kind, low)
    assert len(drawn) == 20 and len(set(drawn)) > 5
    for each in drawn:
        assert each.kind == kind and low <= each.size < 2 * low and each.status == "ok"
        placed, window = background.scorer.place(each)
        assert placed.status == "ok" and tuple(window) in {tuple(row) for row in HELD_OUT.itertuples(index=False)}
    assert drawn == background.draw(kind, low)


def test_quantiles(background, tmp_path):
    rows = [
        snv("chr1", 1001),
        ("chr1", 1100, ONE[1099:1106], ONE[1099]),
        ("chr1", 1200, "N", "N[chr2:1200["),
        snv("chr1", 1),
    ]
    table = score_variants(FakeModel(), GENOME, frame(*rows), settings=FORWARD, background=background)
    assert sorted(path.name for path in background.folder.iterdir()) == [
        "background.json", "deletion_4.tsv.gz", "snv_1.tsv.gz",
    ]  # fmt: skip
    assert table["background_n"].tolist() == [20, 20, 20, 20, 0, 0, 0, 0]
    assert table["disruption_quantile"].notna().tolist() == [True] * 4 + [False] * 4
    random = background.table("snv", 1)
    for row in table[:2].itertuples():
        same = random[random["dataset"] == row.dataset]
        assert row.disruption_quantile == np.mean(same["disruption"] <= row.disruption)
        assert row.correlation_quantile == np.mean(1 - same["correlation"] <= 1 - row.correlation)
        assert row.change_in_signal_quantile == np.mean(
            same["change_in_signal"].abs() <= abs(row.change_in_signal) * (1 + 1e-9)
        )
    # stored: nothing is predicted again, and another process with the same settings gives the same
    model = FakeModel()
    scorer = Scorer(model, GENOME, FORWARD)
    again = Background(background.folder, scorer, HELD_OUT, identity(scorer), n=20)
    pd.testing.assert_frame_equal(again.table("snv", 1), random)
    assert not model.calls
    with pytest.raises(InputError, match=r"made with n=20, not n=21 \(--random\)"):
        Background(background.folder, scorer, HELD_OUT, identity(scorer), n=21)
    with pytest.raises(InputError, match="no held-out windows"):
        Background(tmp_path / "other", scorer, HELD_OUT[:0], {})
    with pytest.raises(InputError, match="shorter than the model's map"):
        Background(tmp_path / "other", scorer, HELD_OUT.assign(end=700), {})


def test_random_variants_are_prepared_for_the_variants_that_can_be_scored(background):
    rows = [snv("chr1", 1001), snv("chr1", 1), ("chr1", 1100, ONE[1099:1106], ONE[1099]), ("chr1", 1200, "N", "<DEL>")]
    variants = list(map(background.scorer.place, from_frame(frame(*rows))))
    prepared = background.prepare(variants)
    assert prepared.values.tolist() == [
        ["deletion", 4, 7, 20, "deletion_4.tsv.gz"], ["snv", 1, 1, 20, "snv_1.tsv.gz"],
    ]  # fmt: skip
    assert background.prepare(variants[1:2]).empty and list(background.prepare([])) == list(prepared)
    # more variants are made beside those that are stored
    model = FakeModel()
    scorer = Scorer(model, GENOME, FORWARD)
    again = Background(background.folder, scorer, HELD_OUT, identity(scorer), n=20)
    pd.testing.assert_frame_equal(again.prepare(variants), prepared)
    assert not model.calls
    again.prepare(map(scorer.place, from_frame(frame(("chr1", 1100, ONE[1099:1103], ONE[1099])))))
    assert model.calls and {path.name for path in again.folder.glob("*_*")} == {*prepared["file"], "deletion_2.tsv.gz"}
    # those of other settings are replaced where that is asked for
    replaced = Background(again.folder, scorer, HELD_OUT, identity(scorer), n=5, overwrite=True)
    assert not list(again.folder.glob("*_*"))
    assert replaced.prepare(variants)["n"].tolist() == [5, 5]


def test_classes_of_random_variants():
    assert matched_class("snv", 1, 5, 6) == ("snv", 1)
    assert matched_class("deletion", 100, 5, 105) == ("deletion", 64)
    assert matched_class("delins", 9, 5, 14) == ("deletion", 8) and matched_class("delins", 9, 5, 7) == ("insertion", 8)
    assert matched_class("breakend", 0, 5, 5) is None
    assert effect("correlation", 0.9) == pytest.approx(0.1) and effect("peak_change", -2) == 2


def test_settings_are_read_from_a_config():
    config = {"average": {"reverse_complement": True, "shifts": [0, 1]}, "supremo": False, "insulation_bins": 3}
    assert Settings.from_config(config, 4) == Settings(Average(True, (0, 1)), 4, (), 3)
    assert Settings.from_config({**config, "supremo": True}, 4).supremo_scores == supremo.NAMES
