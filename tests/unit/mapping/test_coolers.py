"""Checks of coolers against a genome, their import, merging and balancing."""

import cooler
import numpy as np
import pandas as pd
import pytest

from akitaflow.errors import InputError
from akitaflow.genome import fasta
from akitaflow.mapping import balancing, chromosome_names, cooler_checks, cooler_import, coolers

OPTIONS = {"mad_max": 0, "min_nnz": 0, "min_count": 0, "ignore_diags": 1, "tol": 1e-5, "max_iters": 200}
RENAME = {"2": "chr2", "1": "chr1", "M": "chrM"}
GENOME = {"chr1": 1030, "chr2": 710, "chrM": 95}  # bins of 100: 11, 8, 1
FILE = {"2": 710, "M": 95, "1": 1030}


def make(path, sizes, bin_size=100, seed=0, weights=True):
    """A cooler with random contacts, balanced without its second bin."""
    bins = cooler.binnify(pd.Series(sizes), bin_size)
    rng = np.random.default_rng(seed)
    counts = np.triu(rng.poisson(2, (len(bins), len(bins))))
    one, two = np.nonzero(counts)
    pixels = pd.DataFrame({"bin1_id": one, "bin2_id": two, "count": counts[one, two]})
    cooler.create_cooler(str(path), bins, pixels)
    if weights:
        balanced, _ = cooler.balance_cooler(cooler.Cooler(str(path)), **OPTIONS, blacklist=[1])
        with cooler.Cooler(str(path)).open("r+") as file:
            file["bins/weight"] = balanced
    return str(path)


def check(path, **options):
    arguments = {"bin_size": 100, "genome_sizes": GENOME, "rename": RENAME, "dataset": "A", "fasta": "genome.fa"}
    return cooler_checks.check_cooler(path, **(arguments | options))


@pytest.mark.parametrize("order", [["1", "2", "M"], ["2", "M", "1"], ["M", "2", "1"]])
@pytest.mark.parametrize("chunk", [7, 10_000])
def test_import_keeps_every_contact_and_weight_at_its_place(tmp_path, monkeypatch, order, chunk):
    monkeypatch.setattr(cooler_import, "PIXELS", chunk)
    path = make(tmp_path / "file.cool", {name: FILE[name] for name in order})
    target = str(tmp_path / "out.cool")
    assert cooler_import.import_cooler(check(path), target, GENOME, 100, assembly="toy") == []
    old, new = cooler.Cooler(path), cooler.Cooler(target)
    assert dict(new.chromsizes) == GENOME and new.info["genome-assembly"] == "toy"
    assert new.info["sum"] == old.info["sum"]
    names = {chrom: name for name, chrom in RENAME.items()}
    for balance in (False, True):
        for chrom_1 in GENOME:
            for chrom_2 in GENOME:
                expected = old.matrix(balance=balance).fetch(names[chrom_1], names[chrom_2])
                np.testing.assert_array_equal(new.matrix(balance=balance).fetch(chrom_1, chrom_2), expected)


def test_import_takes_only_chromosomes_in_use_and_marks_absent_ones(tmp_path):
    path = make(tmp_path / "file.cool", {"1": 1030, "M": 95})
    target = str(tmp_path / "out.cool")
    (warning,) = cooler_import.import_cooler(check(path), target, {"chr2": 710, "chr1": 1030}, 100)
    assert warning == f"{path} has no bins of chr2: they are missing in the map"
    new = cooler.Cooler(target)
    assert new.chromnames == ["chr2", "chr1"]
    assert new.bins().fetch("chr2")["weight"].isna().all()
    expected = cooler.Cooler(path).matrix(balance=False).fetch("1")
    np.testing.assert_array_equal(new.matrix(balance=False).fetch("chr1"), expected)
    with pytest.raises(InputError, match="none of the chromosomes in use"):
        cooler_import.import_cooler(check(path), str(tmp_path / "none.cool"), {"chr2": 710}, 100)
    assert not (tmp_path / "none.cool").exists()


def test_import_keeps_how_the_weights_were_made(tmp_path):
    path = make(tmp_path / "file.cool", FILE, weights=False)
    cooler.balance_cooler(cooler.Cooler(path), **OPTIONS, store=True)
    cooler_import.import_cooler(check(path), str(tmp_path / "out.cool"), GENOME, 100)
    summary, *_ = coolers.summarise(str(tmp_path / "out.cool"))
    assert summary["balanced"] == "converged"
    cooler_import.import_cooler(check(make(tmp_path / "b.cool", FILE)), str(tmp_path / "c.cool"), GENOME, 100)
    assert coolers.summarise(str(tmp_path / "c.cool"))[0]["balanced"] == "as imported"


@pytest.mark.parametrize(("length", "bins"), [(1030, 11), (1000, 10), (1100, 11)])
def test_a_length_rounded_to_bins_agrees(tmp_path, length, bins):
    path = make(tmp_path / "file.cool", FILE | {"1": length})
    target = str(tmp_path / "out.cool")
    cooler_import.import_cooler(check(path), target, GENOME, 100)
    weights = cooler.Cooler(target).bins().fetch("chr1")["weight"]
    assert len(weights) == 11 and weights.iloc[bins:].isna().all() and weights.iloc[:bins].notna().any()


def test_a_shorter_chromosome_needs_tolerance_and_its_end_becomes_missing(tmp_path):
    path = make(tmp_path / "file.cool", FILE | {"1": 700})
    with pytest.raises(InputError) as error:
        check(path, tolerance=329)
    for part in (path, "1 (renamed chr1) has 700 bp", "1030 bp in genome.fa", "tolerance 330", "dataset A"):
        assert part in str(error.value)
    target = str(tmp_path / "out.cool")
    cooler_import.import_cooler(check(path, tolerance=330), target, GENOME, 100)
    weights = cooler.Cooler(target).bins().fetch("chr1")["weight"]
    assert weights.iloc[7:].isna().all() and weights.iloc[:7].notna().any()


def test_a_longer_chromosome_is_never_tolerated(tmp_path):
    path = make(tmp_path / "file.cool", FILE | {"1": 1101})
    with pytest.raises(InputError, match="1101 bp in the map and 1030 bp in genome.fa.*another assembly"):
        check(path, tolerance=10_000)


def test_unknown_chromosomes_are_named_and_can_be_left_out(tmp_path):
    path = make(tmp_path / "file.cool", FILE | {"Un": 300})
    with pytest.raises(InputError, match="the FASTA lacks: Un; the FASTA has chr1, chr2, chrM.*'rename'"):
        check(path)
    with pytest.raises(InputError, match="lacks: 2, M, 1"):
        check(path, rename=None)
    with pytest.raises(InputError, match="2 and Un are both renamed chr2"):
        check(path, rename=RENAME | {"Un": "chr2"})
    assert "Un" not in check(path, rename=RENAME | {"Un": "-"}).names


def test_an_unbalanced_cooler_stops_with_the_command(tmp_path):
    path = make(tmp_path / "file.cool", FILE, weights=False)
    with pytest.raises(InputError, match=f"not balanced.*cooler balance {path}"):
        check(path)


def test_another_bin_size_offers_both_ways_out(tmp_path):
    path = make(tmp_path / "file.cool", FILE, bin_size=50)
    with pytest.raises(InputError, match=r"bins of 50 bp, not of 100 bp.*entry: pairs.*geometry\.pools"):
        check(path)


def test_an_mcool_lists_its_levels(tmp_path):
    base, path = make(tmp_path / "base.cool", FILE, bin_size=50, weights=False), str(tmp_path / "file.mcool")
    cooler.zoomify_cooler(base, path, [50, 200], chunksize=1000)
    with pytest.raises(InputError, match=r"no level of 100-bp bins; it has 50, 200\. Either.*pairs.*2000-bp"):
        check(path)
    with pytest.raises(InputError, match=f"cooler balance {path}::/?resolutions/200"):
        check(path, bin_size=200)
    cooler.balance_cooler(cooler.Cooler(f"{path}::resolutions/200"), **OPTIONS, store=True)
    checked = check(path, bin_size=200)
    cooler_import.import_cooler(checked, str(tmp_path / "out.cool"), GENOME, 200)
    assert cooler.Cooler(str(tmp_path / "out.cool")).info["sum"] == cooler.Cooler(base).info["sum"]


def test_files_that_are_not_coolers_are_named(tmp_path):
    path = tmp_path / "file.cool"
    path.write_bytes(b"not HDF5")
    with pytest.raises(InputError, match="cannot be read as a cooler"):
        check(str(path))
    whole = make(tmp_path / "whole.cool", FILE)
    path.write_bytes(open(whole, "rb").read()[:2000])
    with pytest.raises(InputError, match="cannot be read as a cooler"):
        check(str(path))


def test_renaming_tables_are_checked(tmp_path):
    path = tmp_path / "rename.tsv"
    path.write_text("1\tchr1\n2\tchr2\n")
    assert chromosome_names.read_rename(path) == {"1": "chr1", "2": "chr2"}
    path.write_text("1\tchr1\n1\tchr2\n")
    with pytest.raises(InputError, match="names 1 twice"):
        chromosome_names.read_rename(path)
    path.write_text("1 chr1\n")
    with pytest.raises(InputError, match="two tab-separated columns"):
        chromosome_names.read_rename(path)


def test_merging_and_balancing_are_those_of_cooler(tmp_path):
    paths = [make(tmp_path / f"{seed}.cool", GENOME, seed=seed, weights=False) for seed in (1, 2)]
    target = str(tmp_path / "out.cool")
    assert balancing.merge_and_balance(paths, target, OPTIONS, processes=2)
    cooler.merge_coolers(str(tmp_path / "sum.cool"), paths, mergebuf=1000)
    summed = cooler.Cooler(str(tmp_path / "sum.cool"))
    weights, _ = cooler.balance_cooler(summed, **OPTIONS)
    new = cooler.Cooler(target)
    pd.testing.assert_frame_equal(new.pixels()[:], summed.pixels()[:])
    np.testing.assert_array_equal(new.bins()["weight"][:], weights)
    single = str(tmp_path / "single.cool")
    balancing.merge_and_balance(paths[:1], single, OPTIONS)
    pd.testing.assert_frame_equal(cooler.Cooler(single).pixels()[:], cooler.Cooler(paths[0]).pixels()[:])
    assert "weight" not in cooler.Cooler(paths[0]).bins().columns


def test_sparse_and_empty_maps_are_balanced_without_an_error(tmp_path):
    sparse, empty = make(tmp_path / "sparse.cool", GENOME, weights=False), str(tmp_path / "empty.cool")
    coolers.empty_cooler(empty, GENOME, 100)
    for source, options in ((sparse, OPTIONS | {"min_nnz": 1000}), (empty, OPTIONS)):
        target = str(tmp_path / "out.cool")
        assert not balancing.merge_and_balance([source], target, options)
        summary, counts, chromosomes = coolers.summarise(target)
        assert summary["balanced"] == "no bin kept" and summary["filtered_bins"] == summary["bins"] == 20
        assert counts.sum() <= summary["contacts"]
        assert chromosomes["filtered_bins"].tolist() == chromosomes["bins"].tolist()
    target = str(tmp_path / "short.cool")
    assert not balancing.merge_and_balance([sparse], target, OPTIONS | {"max_iters": 1})
    assert coolers.summarise(target)[0]["balanced"] == "not converged"


def test_summary_counts_contacts_by_distance(tmp_path):
    path = make(tmp_path / "file.cool", {"chr1": 40_000, "chr2": 12_000}, bin_size=2000)
    summary, counts, chromosomes = coolers.summarise(path)
    matrix = np.triu(cooler.Cooler(path).matrix(balance=False)[:])
    inside = [matrix[:20, :20], matrix[20:, 20:]]
    for distance in range(20):
        assert counts[distance] == sum(np.trace(part, distance) for part in inside)
    cis = sum(part.sum() for part in inside)
    assert summary["contacts"] == matrix.sum() and summary["filtered_bins"] == 1
    assert summary["cis_share"] == pytest.approx(cis / matrix.sum())
    far = sum(np.trace(part, distance) for part in inside for distance in range(5, 20))
    assert summary["cis_10kb_share"] == pytest.approx(far / matrix.sum())
    assert np.isnan(summary["cis_1kb_share"])  # bins of 2 kb do not tell
    assert chromosomes["chrom"].tolist() == ["chr1", "chr2"] and chromosomes["length"].tolist() == [40_000, 12_000]
    assert chromosomes["bins"].tolist() == [20, 6] and chromosomes["filtered_bins"].sum() == 1
    assert chromosomes["cis_contacts"].tolist() == [part.sum() for part in inside]
    assert chromosomes["trans_contacts"].tolist() == [matrix[:20, 20:].sum()] * 2


def test_counts_that_do_not_add_up_to_what_the_file_states_are_refused(tmp_path):
    path = make(tmp_path / "file.cool", FILE)
    total = cooler.Cooler(path).info["sum"]
    with cooler.Cooler(path).open("r+") as file:
        file.attrs["sum"] = total + 1
    with pytest.raises(InputError, match=f"file.cool.* says that it has {total + 1} contacts .* add up to {total}:"):
        coolers.summarise(path)


def test_the_yeast_map_is_imported_with_renamed_and_shorter_chromosomes(tmp_path, root, shared):
    data = shared / "data" / "yeast"
    path = str(next((data / "maps").glob("*.cool")))
    sizes = fasta.read_sizes(data / "genome" / "sacCer3.reduced.chrom.sizes")
    rename = chromosome_names.read_rename(root / "config" / "yeast" / "rename.tsv")
    arguments = {"bin_size": 2000, "genome_sizes": sizes, "dataset": "G1", "fasta": "sacCer3.fa"}
    with pytest.raises(InputError, match="lacks: chr1, "):
        cooler_checks.check_cooler(path, **arguments)
    with pytest.raises(InputError) as error:
        cooler_checks.check_cooler(path, **arguments, rename=rename)
    message = str(error.value)
    short = {"chr4": 1526000, "chr5": 572000, "chr7": 1086000, "chr12": 1072000}
    for name, length in short.items():
        assert f"{name} (renamed {rename[name]}) has {length} bp in the map and {sizes[rename[name]]} bp" in message
    assert message.count(" bp in the map") == 4
    checked = cooler_checks.check_cooler(path, **arguments, rename=rename, tolerance=8000)
    target = str(tmp_path / "g1.cool")
    assert cooler_import.import_cooler(checked, target, sizes, 2000) == []  # its weights balance it
    old, new = cooler.Cooler(path), cooler.Cooler(target)
    assert new.info["sum"] == old.info["sum"] == 5862820
    assert new.info["nnz"] == old.info["nnz"]
    np.testing.assert_array_equal(
        new.matrix(balance=True).fetch("chrII", "chrX"), old.matrix(balance=True).fetch("chr2", "chr10")
    )
    weights = new.bins().fetch("chrIV")["weight"].to_numpy()
    assert len(weights) == 766 and np.isnan(weights[763:]).all() and np.isfinite(weights[:763]).mean() > 0.9


def test_import_makes_its_folder_for_temporary_files(tmp_path):
    path = make(tmp_path / "file.cool", {name: FILE[name] for name in ("2", "M", "1")})
    cooler_import.import_cooler(
        check(path), str(tmp_path / "out.cool"), GENOME, 100, scratch=str(tmp_path / "not" / "yet")
    )
    assert cooler.Cooler(str(tmp_path / "out.cool")).info["sum"] == cooler.Cooler(path).info["sum"]


def test_a_map_with_both_halves_is_refused(tmp_path):
    bins = cooler.binnify(pd.Series(FILE), 100).assign(weight=1.0)
    pixels = pd.DataFrame({"bin1_id": [0, 1], "bin2_id": [1, 0], "count": [3, 3]})
    path = str(tmp_path / "square.cool")
    cooler.create_cooler(path, bins, pixels, symmetric_upper=False)
    with pytest.raises(InputError, match="square.cool stores both halves"):
        check(path)


def test_a_map_of_another_assembly_is_refused_whatever_its_lengths(tmp_path):
    path = make(tmp_path / "a.cool", FILE)
    with cooler.Cooler(path).open("r+") as file:
        file.attrs["genome-assembly"] = "GRCh38"
    for genome in ("hg38", "hg38_masked", "mine", ""):
        check(path, genome=genome)
    with pytest.raises(InputError, match="says that it is of GRCh38, but its dataset belongs to genome hg19"):
        check(path, genome="hg19")


def test_weights_that_are_all_missing_are_no_weights(tmp_path):
    path = make(tmp_path / "a.cool", FILE)
    with cooler.Cooler(path).open("r+") as file:
        file["bins/weight"][:] = np.nan
    with pytest.raises(InputError, match="no weight on any bin.*cooler balance --force"):
        check(path)
