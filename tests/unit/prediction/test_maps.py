"""Predicted maps of regions and chromosomes, what overlapping windows become, and coolers that others open."""

import cooler
import h5py
import numpy as np
import pandas as pd
import pytest
from fakes import FakeGenome, FakeModel, random_genome

from akitaflow.errors import InputError
from akitaflow.genome.sequence import UNKNOWN, reverse_complement
from akitaflow.geometry import to_map
from akitaflow.prediction.map_files import read_maps, save_maps, write_cooler
from akitaflow.prediction.maps import Map, predict_chromosome, predict_region, whole_chromosome, window_map
from akitaflow.prediction.predictor import Predictor
from akitaflow.prediction.stream import Average

MODEL = FakeModel(asymmetric=True)  # windows of 12 bins of 16 bp, maps of 8
CROP = MODEL.crop * MODEL.bin_size


def square_of_window(model, genome, chrom, start):
    """The square maps of one window, without the code under test."""
    values = model.predict_codes(genome.fetch(chrom, start, start + model.length)[None])[0]
    return np.stack([to_map(column, model.map_bins, model.diagonal_offset) for column in values.T])


def mean_of_windows(model, genome, chrom, starts, bins):
    """Stretches of maps laid into a large square, window by window, and their mean."""
    layers = np.full((len(starts), len(model.outputs), bins, bins), np.nan)
    for layer, start in zip(layers, starts, strict=True):
        low = start // model.bin_size - starts[0] // model.bin_size
        layer[:, low : low + model.map_bins, low : low + model.map_bins] = square_of_window(model, genome, chrom, start)
    count = np.isfinite(layers).sum(0)
    return np.where(count, np.nansum(layers, axis=0) / np.maximum(count, 1), np.nan)


@pytest.fixture
def genome():
    return random_genome(3, chr1=16 * 40 + 5, chr2=16 * 20, small=100)


def test_a_region_of_one_window_is_the_windows_map(genome):
    predicted = predict_region(
        Predictor(MODEL, genome), "chr1:1,00-292"
    )  # off the grid of bins: one window may stand anywhere
    assert (predicted.chrom, predicted.start, predicted.end, predicted.bin_size) == ("chr1", 100 + CROP, 292 - CROP, 16)
    assert predicted.outputs == ["A", "B"] and predicted.maps.dtype == np.float32 and predicted.maps.shape == (2, 8, 8)
    np.testing.assert_array_equal(predicted.maps, square_of_window(MODEL, genome, "chr1", 100))
    assert np.isnan(predicted.maps[:, np.arange(7), np.arange(1, 8)]).all()
    values = MODEL.predict_codes(genome.fetch("chr1", 100, 292)[None])[0]
    same = window_map(MODEL, ("chr1", 100, 292), values)
    assert (same.chrom, same.start, same.end) == (predicted.chrom, predicted.start, predicted.end)
    np.testing.assert_array_equal(same.maps, predicted.maps)


@pytest.mark.parametrize(
    ("stride", "firsts"), [(None, [0, 4, 8, 12, 16, 18]), (8, [0, 8, 16, 18]), (1, range(19)), (6, [0, 6, 12, 18])]
)
def test_a_pixel_is_the_mean_of_the_windows_that_predict_it(genome, stride, firsts):
    model = FakeModel(asymmetric=True)
    predicted = predict_region(Predictor(model, genome, batch_size=3), ("chr1", 32, 32 + 16 * 30), stride_bins=stride)
    assert len(model.sequences) == len(firsts)
    expected = mean_of_windows(model, genome, "chr1", [32 + 16 * first for first in firsts], 26)
    np.testing.assert_allclose(predicted.maps, expected, rtol=1e-6)
    assert (predicted.start, predicted.end) == (32 + CROP, 32 + 16 * 30 - CROP)
    near = min(6, 8 - (stride or 4))  # bins from the diagonal up to which nothing is missing
    for distance in range(2, near + 1):
        assert np.isfinite(np.diagonal(predicted.maps[0], distance)).all(), distance
    assert np.isnan(np.triu(predicted.maps[0], 8)[np.triu_indices(26, 8)]).all()  # beyond a window's reach


def test_a_chromosome_lacks_its_ends_only(genome):
    predicted = predict_chromosome(Predictor(MODEL, genome), "chr1")
    assert (predicted.start, predicted.end) == (CROP, 40 * 16 - CROP)  # the last 5 bp are no bin
    assert predicted.band.shape == (36, 8, 2)
    assert np.isfinite(predicted.band[:-4, 2]).all() and np.isnan(predicted.band[:, :2]).all()


def test_unknown_bases_are_missing_and_cost_nothing():
    genome = random_genome(4, chr1=16 * 60)
    plain = predict_chromosome(Predictor(MODEL, genome), "chr1")
    codes = genome.chromosomes["chr1"].copy()
    codes[20 * 16 : 40 * 16] = UNKNOWN
    codes[45 * 16 : 45 * 16 + 8] = UNKNOWN  # half of a bin is not more than half
    model = FakeModel(asymmetric=True)
    predicted = predict_chromosome(Predictor(model, FakeGenome({"chr1": codes})), "chr1")
    assert len(model.sequences) == 13 - 3  # windows whose maps are N throughout
    gone = np.zeros(predicted.bins, bool)
    gone[20 - 2 : 40 - 2] = True
    assert np.isnan(predicted.maps[:, gone]).all() and np.isnan(predicted.maps[:, :, gone]).all()
    kept = np.ix_([0, 1], ~gone, ~gone)
    across = np.add.outer(np.arange(56) < 18, np.arange(56) >= 38)[~gone][:, ~gone] == 2
    assert np.isfinite(predicted.maps[kept][:, ~across]).sum() == np.isfinite(plain.maps[kept][:, ~across]).sum()


def test_the_map_of_the_other_strand_is_the_flipped_map_where_strands_are_averaged(genome):
    """Reading the chromosome from its other end must not change its folding."""
    turned = FakeGenome({name: reverse_complement(codes) for name, codes in genome.chromosomes.items()})
    size = genome.chromsizes["chr2"]
    average = Average(reverse_complement=True)
    for start, end in ((64, 64 + MODEL.length), (0, size)):
        there = predict_region(Predictor(MODEL, genome, average=average), ("chr2", start, end)).maps
        back = predict_region(Predictor(MODEL, turned, average=average), ("chr2", size - end, size - start)).maps
        np.testing.assert_allclose(back, there[:, ::-1, ::-1], rtol=1e-5)
        plain = predict_region(Predictor(MODEL, turned), ("chr2", size - end, size - start)).maps
        assert not np.allclose(plain, there[:, ::-1, ::-1], rtol=1e-2, equal_nan=True)


def test_messages(genome):
    with pytest.raises(InputError, match=r"has 100 bp and the model reads 192 bp; write chr1:154-346 for the map"):
        predict_region(Predictor(MODEL, genome), "chr1:200-300")
    with pytest.raises(InputError, match=r"write chr1:453-645 "):
        predict_region(Predictor(MODEL, genome), "chr1:600-640")  # what is advised lies inside the chromosome
    with pytest.raises(InputError, match="its chromosome has 100 bp and cannot be predicted"):
        predict_chromosome(Predictor(MODEL, genome), "small")
    with pytest.raises(InputError, match="extends beyond its chromosome, chr1:0-645"):
        predict_region(Predictor(MODEL, genome), ("chr1", 500, 700))
    with pytest.raises(InputError, match="no chromosome 'chr9'; it has chr1, chr2, small"):
        whole_chromosome(genome, "chr9")
    with pytest.raises(InputError, match="stride_bins is 9; write 1 to 8"):
        predict_region(Predictor(MODEL, genome), "chr1:0-400", stride_bins=9)
    with pytest.raises(InputError, match="is not a region"):
        predict_region(Predictor(MODEL, genome), "chr1")


def test_a_part_of_a_map(genome):
    whole = predict_chromosome(Predictor(MODEL, genome), "chr1")
    part = whole.fetch("chr1:200-361")
    assert (part.start, part.end) == (192, 368)
    low = (192 - whole.start) // 16
    np.testing.assert_array_equal(part.maps, whole.maps[:, low : low + 11, low : low + 11])
    table = part.to_frame()
    assert list(table.columns) == ["chrom", "start_1", "start_2", "A", "B"]
    assert len(table) == np.isfinite(part.maps[0]).sum() // 2  # each pixel once
    row = table.iloc[5]
    place = (row.start_1 - part.start) // 16, (row.start_2 - part.start) // 16
    assert (row.A, row.B) == tuple(part.maps[:, place[0], place[1]])
    for region in ("chr1:0-100", "chr2:100-200", "chr1:600-645"):
        with pytest.raises(InputError, match="covers chr1:32-608"):
            whole.fetch(region)


# --- files ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def written(genome, tmp_path):
    maps = [
        predict_chromosome(Predictor(MODEL, genome), chrom) for chrom in ("chr2", "chr1")
    ]  # not in the genome's order
    path = tmp_path / "B.mcool"
    write_cooler(path, maps, "B", genome.chromsizes, assembly="toy", metadata={"model": "main"})
    return path, {predicted.chrom: predicted for predicted in maps}


def test_a_cooler_reads_back_as_the_prediction(genome, written):
    path, maps = written
    assert [file.name for file in path.parent.iterdir()] == ["B.mcool"]
    clr = cooler.Cooler(f"{path}::resolutions/16")
    assert clr.storage_mode == "symmetric-upper" and clr.info["genome-assembly"] == "toy"
    assert clr.info["metadata"]["output"] == "B" and clr.info["metadata"]["model"] == "main"
    assert dict(clr.chromsizes) == genome.chromsizes  # also those that are not predicted
    assert len(clr.matrix(balance=False).fetch("small")) == 7
    for chrom, predicted in maps.items():
        region = (chrom, predicted.start, predicted.end)
        expected = np.nan_to_num(predicted.maps[1], nan=0.0)
        np.testing.assert_array_equal(clr.matrix(balance=False, field="log_oe").fetch(region), expected)
        counts = clr.matrix(balance=False).fetch(region)
        np.testing.assert_allclose(counts, np.where(np.isnan(predicted.maps[1]), 0, np.exp(expected)), rtol=1e-6)
        assert (counts > 0).sum() == np.isfinite(predicted.maps[1]).sum()
    assert clr.pixels()[:].notna().all(axis=None)
    assert clr.info["nnz"] == sum(int(np.isfinite(predicted.band[..., 1]).sum()) for predicted in maps.values())


def test_coarser_levels_are_means_of_the_stored_pixels(genome, written):
    path, maps = written
    levels = cooler.fileops.list_coolers(str(path))
    assert levels == ["/resolutions/16"]  # 64 bins in all: one tile
    predicted, wide = maps["chr1"], {"chr1": genome.chromsizes["chr1"], "long": 16 * 600}
    write_cooler(path, predicted, "B", wide)
    assert cooler.fileops.is_multires_file(str(path))
    assert cooler.fileops.list_coolers(str(path)) == ["/resolutions/16", "/resolutions/32", "/resolutions/64"]
    fine = np.full((42, 42), np.nan)
    fine[2:38, 2:38] = np.triu(np.ones_like(predicted.maps[1])) * predicted.maps[1]
    fine[np.tril_indices(42, -1)] = np.nan  # a pixel of the diagonal holds the upper half of its finer ones
    blocks = fine.reshape(21, 2, 21, 2).transpose(0, 2, 1, 3).reshape(21, 21, 4)
    count = np.isfinite(blocks).sum(-1)
    clr = cooler.Cooler(f"{path}::resolutions/32")
    for field, values in (("log_oe", blocks), ("count", np.exp(blocks))):
        expected = np.where(count, np.nansum(values, -1) / np.maximum(count, 1), 0)
        coarse = clr.matrix(balance=False, field=field).fetch("chr1")
        np.testing.assert_allclose(np.triu(coarse), expected, rtol=1e-5, atol=1e-7)


def test_cooltools_reads_the_cooler(written):
    cooltools = pytest.importorskip("cooltools")
    path, maps = written
    clr = cooler.Cooler(f"{path}::resolutions/16")
    predicted = maps["chr1"]
    view = pd.DataFrame([("chr1", predicted.start, predicted.end, "chr1")], columns=["chrom", "start", "end", "name"])
    table = cooltools.insulation(clr, [64], view_df=view, clr_weight_name=None, ignore_diags=2)
    assert np.isfinite(table["log2_insulation_score_64"]).sum() > 20
    expected = cooltools.expected_cis(clr, view_df=view, clr_weight_name=None, ignore_diags=2)
    near = expected[expected["dist"] == 3]
    np.testing.assert_allclose(near["count.avg"], np.exp(predicted.band[:-3, 3, 1]).mean(), rtol=1e-5)


def test_maps_that_make_no_cooler_are_refused(genome, tmp_path):
    predicted = predict_region(Predictor(MODEL, genome), "chr1:0-320")
    for maps, output, name, message in (
        ([predicted, predict_region(Predictor(MODEL, genome), "chr1:160-640")], "A", "a.cool", "overlap"),
        (predict_region(Predictor(MODEL, genome), "chr1:8-200"), "A", "a.cool", "off the grid of 16 bp"),
        (predicted, "C", "a.cool", "no output 'C'; it has A, B"),
        (predicted, "A", "a.h5", "ends in .cool or .mcool"),
        ([], "A", "a.cool", "no map"),
        (Map("chr7", 0, 16, ["A", "B"], predicted.band), "A", "a.cool", "not in this genome"),
    ):
        with pytest.raises(InputError, match=message):
            write_cooler(tmp_path / name, maps, output, genome.chromsizes)
    assert not list(tmp_path.iterdir())


def test_maps_that_touch_nothing_make_an_empty_cooler(tmp_path):
    unknown = FakeGenome({"chr1": np.full(640, UNKNOWN, np.uint8)})
    write_cooler(tmp_path / "a.cool", predict_chromosome(Predictor(MODEL, unknown), "chr1"), "A", unknown.chromsizes)
    assert cooler.Cooler(str(tmp_path / "a.cool")).info["nnz"] == 0


def test_maps_are_kept_in_a_file(genome, tmp_path):
    maps = [predict_chromosome(Predictor(MODEL, genome), chrom) for chrom in ("chr1", "chr2")]
    save_maps(tmp_path / "maps.h5", iter(maps))
    with h5py.File(tmp_path / "maps.h5") as file:
        for original, read in zip(maps, read_maps(file), strict=True):
            assert (read.chrom, read.start, read.end, read.outputs) == (
                original.chrom,
                original.start,
                original.end,
                ["A", "B"],
            )
            np.testing.assert_array_equal(read.maps, original.maps)
        write_cooler(tmp_path / "a.cool", read_maps(file), "A", genome.chromsizes)
    write_cooler(tmp_path / "b.cool", maps, "A", genome.chromsizes)
    one, other = (cooler.Cooler(str(tmp_path / f"{name}.cool")).pixels()[:] for name in "ab")
    pd.testing.assert_frame_equal(one, other)
