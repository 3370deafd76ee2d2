"""Bad and odd coolers: each is refused with the line that a user sees, or imported as it should be."""

import gzip

import cooler
import h5py
import numpy as np
import pandas as pd
import pytest

from akitaflow.errors import InputError
from akitaflow.mapping import cooler_checks, cooler_import, pairs

SIZES = {"chr1": 3030, "chr2": 1710}  # 31 and 18 bins of 100 bp
OPTIONS = {"mad_max": 0, "min_nnz": 0, "min_count": 0, "ignore_diags": 2, "tol": 1e-8, "max_iters": 500}


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A balanced map whose bins differ in coverage; bin 40 has no contacts."""
    path = str(tmp_path_factory.mktemp("map") / "whole.cool")
    bins = cooler.binnify(pd.Series(SIZES), 100)
    rng = np.random.default_rng(3)
    coverage = rng.uniform(2, 8, len(bins))
    coverage[40] = 0
    counts = np.triu(rng.poisson(np.outer(coverage, coverage)))
    one, two = np.nonzero(counts)
    cooler.create_cooler(path, bins, pd.DataFrame({"bin1_id": one, "bin2_id": two, "count": counts[one, two]}))
    weights, _ = cooler.balance_cooler(cooler.Cooler(path), **OPTIONS)
    weights[40] = np.nan
    with h5py.File(path, "r+") as file:
        file["bins/weight"] = weights
    return path


@pytest.fixture
def edited(original, tmp_path):
    """A copy of the map after an edit of its HDF5."""

    def edit(change, name="map.cool"):
        path = tmp_path / name
        path.write_bytes(open(original, "rb").read())
        with h5py.File(path, "r+") as file:
            change(file)
        return str(path)

    return edit


def replace(file, name, values):
    attributes = dict(file[name].attrs)
    del file[name]
    file[name] = values
    file[name].attrs.update(attributes)


def weights(function):
    return lambda file: replace(file, "bins/weight", function(file["bins/weight"][:]))


def counts(function):
    def change(file):
        values = function(file["pixels/count"][:])
        replace(file, "pixels/count", values)
        file.attrs["sum"] = values.sum()

    return change


def pixels(order):
    """Pixels in another order, or others of them, with an nnz and a sum that fit."""

    def change(file):
        rows = order(np.arange(file.attrs["nnz"]))
        for name in ("bin1_id", "bin2_id", "count"):
            replace(file, f"pixels/{name}", file[f"pixels/{name}"][:][rows])
        file.attrs["nnz"], file.attrs["sum"] = len(rows), file["pixels/count"][:].sum()

    return change


def ends(dtype, change=lambda file: None):
    def edit(file):
        change(file)
        for name in ("pixels/bin1_id", "pixels/bin2_id"):
            replace(file, name, file[name][:].astype(dtype))

    return edit


def swap_ends(file):
    one, two = file["pixels/bin1_id"][:], file["pixels/bin2_id"][:]
    one[5], two[5] = two[5], one[5]
    replace(file, "pixels/bin1_id", one)
    replace(file, "pixels/bin2_id", two)


def set_first(name, value):
    def change(file):
        file[name][0] = value

    return change


def stated(key, value):
    def change(file):
        file.attrs[key] = value

    return change


def at(position, value):
    def change(values):
        values = values.copy()
        values[position] = value
        return values

    return change


def rename_weight(file):
    file.move("bins/weight", "bins/KR")
    file["bins/VC"] = file["bins/KR"][:]


def imported(path, tmp_path, **options):
    checked = cooler_checks.check_cooler(path, 100, SIZES, dataset="A", **options)
    target = str(tmp_path / "out.cool")
    return target, cooler_import.import_cooler(checked, target, SIZES, 100)


REFUSED = {
    "weights that divide": (weights(lambda values: 1 / values), "does not balance the map.*divide:weight"),
    "no nnz": (lambda file: file.attrs.pop("nnz"), "lacks the attribute nnz"),
    "weights of 1": (weights(lambda values: np.where(np.isnan(values), np.nan, 1)), "does not balance the map"),
    "roots of weights": (weights(np.sqrt), "does not balance the map"),
    "squares of weights": (weights(np.square), "does not balance the map"),
    "weights of other bins": (weights(lambda values: np.r_[values[:40][::-1], values[40:]]), "does not balance"),
    "weight of 1 without contacts": (weights(at(40, 1.0)), "1 weights of column weight are on bins without contacts"),
    "weight of 0": (weights(at(40, 0.0)), "0, negative or infinite"),
    "infinite weight": (weights(at(40, np.inf)), "0, negative or infinite"),
    "negative weight": (weights(at(3, -1.0)), "0, negative or infinite.*on bin 3"),
    "no weights": (weights(lambda values: values * np.nan), "no weight on any bin.*contacts in 49 bins"),
    "counts times .03": (counts(lambda values: values * 0.03), "which is not a whole number"),
    "one decimal count": (counts(lambda values: at(7, 1.5)(values.astype(float))), "pixel 7 .* is 1.5"),
    "negative count": (counts(at(4, -2)), "pixel 4 .* is -2, which is negative"),
    "count that is not a number": (counts(lambda values: at(2, np.nan)(values.astype(float))), "which is not finite"),
    "infinite count": (counts(lambda values: at(2, np.inf)(values.astype(float))), "which is not finite"),
    "another sum": (stated("sum", 12345), r"says that it has 12345 contacts \(sum\)"),
    "fewer pixels than stated": (stated("nnz", 5000), r"says that it has 5000 pixels \(nnz\)"),
    "more pixels than stated": (stated("nnz", 20), r"says that it has 20 pixels \(nnz\)"),
    "pixels cut": (lambda file: replace(file, "pixels/count", file["pixels/count"][:-3]), "cut short or edited"),
    "unsorted": (pixels(lambda rows: rows[::-1]), "is not in the order of bin1_id and bin2_id"),
    "chunks in another order": (pixels(lambda rows: np.roll(rows, 200)), "is not in the order"),
    "double pixel": (pixels(lambda rows: np.insert(rows, 9, 9)), "is there twice.*cooler load"),
    "below the diagonal": (swap_ends, "pixel 5 .* is below the diagonal"),
    "below the diagonal, unsigned": (ends("uint32", swap_ends), "pixel 5 .* is below the diagonal"),
    "bin that is not there": (set_first("pixels/bin2_id", 900), "a pixel is of bin 900, but there are 49 bins"),
    "bins that do not begin at 0": (
        lambda file: replace(file, "bins/start", file["bins/start"][:] + 1),
        "bin 0 is chr1:1-100, but bins must be of 100 bp",
    ),
    "a bin twice": (set_first("bins/start", 100), "bin 0 is chr1:100-100"),
    "only KR and VC": (rename_weight, r"has no column 'weight'\)\. Run: cooler balance .* KR, VC.*divide:KR"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(edited, tmp_path, name):
    change, message = REFUSED[name]
    path = edited(change)
    with pytest.raises(InputError, match=message) as caught:
        imported(path, tmp_path)
    assert path in str(caught.value) and not (tmp_path / "out.cool").exists()


def invert(file):
    replace(file, "bins/weight", 1 / file["bins/weight"][:])
    file["bins/weight"].attrs["divisive_weights"] = True


def invert_kr(file):
    rename_weight(file)
    replace(file, "bins/KR", 1 / file["bins/KR"][:])


def names_of_variable_length(file):
    replace(file, "chroms/name", np.array([b"chr1", b"chr2"], object))


def without_first_bins(file):
    """The first three bins of chr1, which have no contacts, are not in the file."""
    kept = (file["pixels/bin1_id"][:] >= 3) & (file["pixels/bin2_id"][:] >= 3)
    for name in ("bin1_id", "bin2_id", "count"):
        replace(file, f"pixels/{name}", file[f"pixels/{name}"][:][kept] - (0 if name == "count" else 3))
    for name in ("chrom", "start", "end", "weight"):
        values = file[f"bins/{name}"][3:]
        dtype = file[f"bins/{name}"].dtype
        del file[f"bins/{name}"]
        file.create_dataset(f"bins/{name}", data=values, dtype=dtype)
    file.attrs["nnz"], file.attrs["sum"] = kept.sum(), file["pixels/count"][:].sum()


RIGHT = {
    "bins as unsigned numbers": (ends("uint64"), {}),
    "nnz as decimal": (lambda file: stated("nnz", float(file.attrs["nnz"]))(file), {}),
    "as it is": (lambda file: None, {}),
    "attribute divisive_weights": (invert, {}),
    "KR that divides": (invert_kr, {"weight": "divide:KR"}),
    "KR that multiplies": (rename_weight, {"weight": "multiply:KR"}),
    "whole counts as decimals": (counts(lambda values: values.astype(float)), {}),
    "names of variable length": (names_of_variable_length, {}),
    "weights scaled": (weights(lambda values: values * 7), {}),
    "no sum": (lambda file: file.attrs.pop("sum"), {}),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right(original, edited, tmp_path, name):
    change, options = RIGHT[name]
    target, warnings = imported(edited(change), tmp_path, **options)
    assert warnings == []
    expected, balanced = (cooler.Cooler(path).matrix(balance=True)[:] for path in (original, target))
    factor = 49 if name == "weights scaled" else 1
    np.testing.assert_allclose(balanced, expected * factor, rtol=1e-12)


def test_the_wrong_direction_of_a_named_column_is_refused(edited, tmp_path):
    with pytest.raises(InputError, match="column KR does not balance the map"):
        imported(edited(rename_weight), tmp_path, weight="divide:KR")


def test_bins_are_placed_by_their_coordinates(edited, tmp_path):
    path = edited(without_first_bins)
    checked = cooler_checks.check_cooler(path, 100, SIZES)
    target = str(tmp_path / "out.cool")
    with h5py.File(path, "r+") as file:
        file["bins/weight"].attrs["converged"] = False  # the weights are those of the whole map
    (warning,) = cooler_import.import_cooler(checked, target, SIZES, 100)
    assert "did not converge" in warning
    with h5py.File(path) as old, h5py.File(target) as new:
        np.testing.assert_array_equal(new["bins/weight"][3:], old["bins/weight"][:])
        np.testing.assert_array_equal(new["pixels/bin1_id"][:], old["pixels/bin1_id"][:] + 3)


def test_a_chromosome_without_weights_is_named(original, edited, tmp_path):
    def change(file):
        bare = file["bins/weight"][:]
        bare[31:] = np.nan
        replace(file, "bins/weight", bare)
        file["bins/weight"].attrs["converged"] = False

    path = edited(change)
    _, warnings = imported(path, tmp_path)
    assert warnings[0] == f"{path} has no weight on any bin of chr2: they are missing in the balanced map"
    assert "did not converge" in warnings[1]


def test_chromosomes_that_the_fasta_lacks_are_left_out_where_others_are_chosen(original, tmp_path, capsys):
    checked = cooler_checks.check_cooler(original, 100, {"chr1": 3030}, in_use=["chr1"])
    assert checked.names == {"chr1": "chr1"}
    assert "left out, because the FASTA lacks them: chr2" in capsys.readouterr().out
    with pytest.raises(InputError, match="chromosomes that the FASTA lacks: chr2"):
        cooler_checks.check_cooler(original, 100, {"chr1": 3030})
    with pytest.raises(InputError, match="chromosomes that the FASTA lacks: chr1, chr2"):
        cooler_checks.check_cooler(original, 100, {"I": 3030}, in_use=["I"])


@pytest.mark.parametrize("group", ["resolutions/100", "/resolutions/100", "/resolutions/100/"])
def test_a_level_can_be_named(original, tmp_path, group):
    path = str(tmp_path / "a.mcool")
    cooler.fileops.cp(original, f"{path}::/resolutions/100")
    assert cooler_checks.resolve(f"{path}::{group}", 100) == f"{path}::/resolutions/100"


def test_files_of_several_coolers_are_named(original, tmp_path):
    two = str(tmp_path / "two.cool")
    for name in ("a", "b"):
        cooler.fileops.cp(original, f"{two}::/{name}")
    with pytest.raises(InputError, match=f"it holds /a, /b.*write one of them as 'path' of the dataset, {two}::/a"):
        cooler_checks.resolve(two, 100)


@pytest.fixture
def levels(original, tmp_path):
    """An mcool with a level of the map's bins and one of bins twice as long, after an edit."""

    def make(edit=lambda file: None):
        path = str(tmp_path / "levels.mcool")
        (tmp_path / "levels.mcool").unlink(missing_ok=True)
        cooler.fileops.cp(original, f"{path}::/resolutions/100")
        cooler.coarsen_cooler(original, f"{path}::/resolutions/200", 2, chunksize=1000, mode="a")
        with h5py.File(path, "r+") as file:
            file.attrs["format"] = "HDF5::MCOOL"
            edit(file)
        return path

    return make


def without_attributes(level):
    def edit(file):
        for key in set(file[level].attrs) - {"format"}:
            del file[level].attrs[key]

    return edit


MCOOLS = {
    "as it is": lambda file: None,
    "without a format": lambda file: file.attrs.pop("format"),
    "the format as bytes": lambda file: file.attrs.__setitem__("format", np.bytes_("HDF5::MCOOL")),
    "bin size as bytes": lambda file: file["resolutions/100"].attrs.__setitem__("bin-size", np.bytes_("100")),
    "a further level without chromosomes": lambda file: file.__delitem__("resolutions/200/chroms"),
    "a further level without attributes": without_attributes("resolutions/200"),
    "an empty first level": lambda file: file.create_group("resolutions/1000"),
    "the same map elsewhere": lambda file: file.copy("resolutions/100", "zz"),
}


@pytest.mark.parametrize("name", MCOOLS)
def test_a_level_is_found_whatever_else_the_file_has(original, levels, tmp_path, name):
    target, _ = imported(levels(MCOOLS[name]), tmp_path)
    assert cooler.Cooler(target).info["sum"] == cooler.Cooler(original).info["sum"]


def test_levels_that_cannot_be_chosen_are_named(levels):
    path = levels(without_attributes("resolutions/100"))
    with pytest.raises(InputError, match=r"no level of 100-bp .* it has 200 \(/resolutions/100 cannot be read"):
        cooler_checks.resolve(path, 100)
    path = levels(lambda file: file.copy("resolutions/100", "resolutions/100_raw"))
    with pytest.raises(InputError, match=r"several maps of 100-bp bins \(/resolutions/100, /resolutions/100_raw\): wr"):
        cooler_checks.resolve(path, 100)


@pytest.mark.parametrize("name", ["chroms/length", "bins/start", "bins/weight", "pixels/bin2_id", "pixels/count"])
def test_a_damaged_block_is_named(original, tmp_path, name):
    """The file opens, but HDF5 cannot decompress a block of it."""
    path = tmp_path / "map.cool"
    with h5py.File(original) as old, h5py.File(path, "w") as file:
        for key in ("chroms", "bins", "pixels", "indexes"):
            old.copy(key, file)
        file.attrs.update(old.attrs)
        values, dtype = file[name][:], file[name].dtype
        del file[name]
        file.create_dataset(name, data=values, dtype=dtype, chunks=values.shape, compression="gzip", fletcher32=True)
        chunk = file[name].id.get_chunk_info(0)
    content = bytearray(path.read_bytes())
    content[chunk.byte_offset + chunk.size // 2] ^= 255
    path.write_bytes(content)
    with pytest.raises(InputError, match="map.cool.*(is damaged: a part of it cannot be read|parts are missing)"):
        imported(str(path), tmp_path)
    assert not (tmp_path / "out.cool").exists()


OTHER_FILES = {
    "hic": (b"HIC\0" + bytes(50), "a .hic file of Juicer.*hictk convert"),
    "pairs": (b"## pairs format v1.0\n", r"a pairs file \(entry: pairs\)"),
    "pairs in gzip": (gzip.compress(b"## pairs format v1.0\n"), r"a pairs file \(entry: pairs\)"),
    "HTML": (b"<!DOCTYPE html><html>", "a page of a web site"),
    "zstd": (b"\x28\xb5\x2f\xfd" + bytes(9), "compressed by zstd"),
    "LZ4": (b"\x04\x22\x4d\x18" + bytes(9), "compressed by LZ4"),
    "empty": (b"", "empty or a damaged gzip"),
}


@pytest.mark.parametrize("name", OTHER_FILES)
def test_formats_other_than_cooler_are_recognised(tmp_path, name):
    content, message = OTHER_FILES[name]
    path = tmp_path / "a.cool"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        cooler_checks.resolve(str(path), 100)


def test_a_cooler_given_as_pairs_is_recognised(original):
    with pytest.raises(InputError, match="is not a pairs file, but an HDF5 file, as coolers are"):
        pairs.read_header(original)
