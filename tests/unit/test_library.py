"""The library as a notebook uses it: models from folders and from the authors' files, sequences, regions, examples."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import cooler
import h5py
import matplotlib.pyplot as plt
import numpy as np
import pytest
from networks import save_random, tiny, write_fasta
from places import DATA, ROOT

import akitaflow
from akitaflow.errors import InputError
from akitaflow.genome.matrices import jaspar_matrix
from akitaflow.genome.sequence import UNKNOWN, Genome, decode, encode, one_hot, reverse_complement
from akitaflow.geometry import flip_index
from akitaflow.model.network import Architecture
from akitaflow.prediction.stream import Average

pytestmark = pytest.mark.tensorflow

AUTHORS = {"path": DATA / "tiny_random.h5", "params": DATA / "tiny_params.json"}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """(model, genome) of random numbers; windows of 512 bp, maps of 28 bins of 16."""
    folder, random = tmp_path_factory.mktemp("small"), np.random.default_rng(2)
    save_random(folder / "model", tiny())
    codes = random.integers(0, 4, 2000, dtype=np.uint8)
    write_fasta(folder / "genome.fa", {"chr1": codes, "turned": reverse_complement(codes)})
    return akitaflow.load_model(folder / "model"), folder / "genome.fa"


def test_modules_are_imported_when_their_names_are_used():
    check = (
        "import sys, akitaflow\n"
        "assert not {'tensorflow', 'numpy', 'pandas'} & set(sys.modules)\n"
        "akitaflow.study, akitaflow.Delete, akitaflow.Predictor, akitaflow.Geometry().n_values\n"
        "assert 'tensorflow' not in sys.modules\n"
        "assert not hasattr(akitaflow, 'nothing')\n"
    )
    subprocess.run([sys.executable, "-c", check], check=True, cwd=ROOT)


def test_every_public_name_can_be_imported():
    assert len(set(akitaflow.__all__)) == len(akitaflow.__all__) and set(akitaflow.__all__) <= set(dir(akitaflow))
    for name in akitaflow.__all__:
        assert getattr(akitaflow, name).__name__ == name
    names = {}
    exec("from akitaflow import *", names)
    assert set(akitaflow.__all__) <= set(names)


# --- models ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("average", "name"),
    [
        (None, "y"),
        (Average(reverse_complement=True), "y_ens_rc"),
        (Average(reverse_complement=True, shifts=(0, 1, -1)), "y_ens_rc_shift0_1_m1"),
    ],
)
def test_predictions_are_those_of_the_authors_code(average, name):
    model = akitaflow.load_model(**AUTHORS)
    arrays = np.load(DATA / "tiny_io.npz")
    expected = arrays[name]
    sequences = [decode(codes) for codes in arrays["x_idx"]]
    values = model.predict(sequences, batch_size=3, average=average)
    assert values.dtype == np.float32 and values.shape == expected.shape
    assert np.abs(values - expected).max() <= 1e-5 * max(1, np.abs(expected).max())


def test_an_authors_file_gets_its_outputs_names():
    params = json.loads(AUTHORS["params"].read_text())
    assert akitaflow.load_model(AUTHORS["path"], params).outputs == [f"output_{i}" for i in range(5)]
    names = ["HFF", "H1hESC", "GM12878", "IMR90", "HCT116"]
    assert akitaflow.load_model(**AUTHORS, outputs=names).outputs == names
    with pytest.raises(InputError, match="the file has 5 outputs"):
        akitaflow.load_model(**AUTHORS, outputs=names[:4])


def test_paths_that_are_not_models_are_refused(tmp_path):
    save_random(tmp_path / "model", tiny())
    for path, params, message in (
        (AUTHORS["path"], None, "give its params.json as params"),
        (AUTHORS["path"], tmp_path / "params.json", "cannot be read .*give the params.json"),
        (tmp_path / "model", AUTHORS["params"], "loaded by its own path"),
        (tmp_path / "model" / "model.weights.h5", None, "loaded by its own path"),
        (tmp_path / "none", None, "no such folder or file"),
    ):
        with pytest.raises(InputError, match=message):
            akitaflow.load_model(path, params)


# --- sequences -------------------------------------------------------------------------------------------------------
def test_text_one_hot_and_codes_give_the_same(small):
    model, _ = small
    codes = np.random.default_rng(3).integers(0, 5, (5, 512), dtype=np.uint8)  # with N
    expected = model.predict_codes(codes)
    text = [decode(row) for row in codes]
    coded = one_hot(codes)
    for sequences in (
        text,
        [row.lower() for row in text],
        tuple(text),
        coded,
        coded.astype(bool),
        coded.astype(np.float64),
    ):
        values = model.predict(sequences, batch_size=2)
        np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(model.predict(text[0]), model.predict(text[:1]))
    assert model.predict([]).shape == (0, model.n_values, 2)
    assert expected.std() > 0.01


def test_sequences_that_cannot_be_read_are_refused(small):
    model, _ = small
    coded = one_hot(np.zeros((1, 512), np.uint8)).astype(float)
    for sequences, message in (
        ("A" * 511, "sequence 0 has 511 bp; the model reads 512"),
        (["A" * 512, "A" * 513], "sequence 1 has 513 bp"),
        ("A" * 511 + "\n", "no letter"),
        (coded[0], r"one-hot \(n, 512, 4\), not float64 \(512, 4\)"),
        (coded[:, :100], r"not float64 \(1, 100, 4\)"),
        (np.zeros((1, 512), np.uint8), r"not uint8 \(1, 512\)"),
        (coded.astype(complex), "not complex"),
        (coded / 2, "hold 0 and 1"),
        (coded * np.nan, "hold 0 and 1"),
        (np.ones((1, 512, 4)), "at most one 1"),
        ([1, 2], "must be text or one-hot"),
    ):
        with pytest.raises(ValueError, match=message):
            model.predict(sequences)


# --- regions ---------------------------------------------------------------------------------------------------------
def test_a_region_has_the_values_of_its_sequence(small):
    model, fasta = small
    predicted = model.predict_region(fasta, "chr1:1,001-1,513")
    assert (predicted.chrom, predicted.start, predicted.end, predicted.outputs) == (
        "chr1",
        1001 + 32,
        1513 - 32,
        ["A", "B"],
    )
    values = model.predict(decode(Genome(fasta).fetch("chr1", 1001, 1513)))[0]
    rows, columns = np.triu_indices(28, 2)
    np.testing.assert_array_equal(predicted.maps[:, rows, columns], values.T)
    np.testing.assert_array_equal(predicted.maps[:, columns, rows], values.T)
    np.testing.assert_array_equal(model.predict_region(Genome(fasta), ("chr1", 1001, 1513)).maps, predicted.maps)


@pytest.mark.parametrize(("start", "end"), [(64, 576), (16, 1872)])
def test_regions_read_from_the_other_end_are_flipped_where_strands_are_averaged(small, start, end):
    model, fasta = small
    average = Average(reverse_complement=True)
    there = model.predict_region(fasta, ("chr1", start, end), average=average)
    back = model.predict_region(fasta, ("turned", 2000 - end, 2000 - start), average=average)
    np.testing.assert_allclose(back.maps, there.maps[:, ::-1, ::-1], atol=1e-5)
    plain = model.predict_region(fasta, ("turned", 2000 - end, 2000 - start))
    assert np.nanmax(np.abs(plain.maps - there.maps[:, ::-1, ::-1])) > 1e-3


def test_an_average_over_strands_flips_the_map_of_the_reverse_complement(small):
    model, _ = small
    codes = encode("ACGTTGCAAC" * 51 + "NN")
    forward, backward = model.predict_codes(np.stack([codes, reverse_complement(codes)]))
    values = model.predict(decode(codes), average=Average(reverse_complement=True))[0]
    np.testing.assert_allclose(values, (forward + backward[flip_index(28, 2)]) / 2, atol=1e-6)
    assert (codes == UNKNOWN).sum() == 2


# --- examples --------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A folder like that of the finished miniature, as far as the examples look."""
    folder, random = tmp_path_factory.mktemp("study"), np.random.default_rng(4)
    numbers = {
        "length": 6144,
        "pools": (2,) * 7,
        "crop_bins": 4,
        "stem_filters": 6,
        "tower_filters": 6,
        "dilated_blocks": 2,
        "dilated_filters": 4,
        "bottleneck_filters": 6,
        "map_filters": 6,
        "map_blocks": 1,
        "map_block_filters": 4,
    }
    save_random(folder / "results" / "models" / "main", Architecture(**numbers))
    chromosomes = {
        name: random.integers(0, 4, size, dtype=np.uint8) for name, size in (("chr1", 136000), ("chr2", 9000))
    }
    chromosomes["chr1"][20000:24000] = UNKNOWN
    best = jaspar_matrix("JASPAR2018", "MA0139.1").counts.argmax(0)
    for start in (108200, 109796, 112500):
        chromosomes["chr1"][start : start + len(best)] = best
    write_fasta(folder / "results" / "genomes" / "human" / "genome.fa", chromosomes)
    return folder


@pytest.fixture(params=["small", "miniature"])
def any_study(request, study):
    """The small study and, where it has been made, the miniature."""
    if request.param == "small":
        return study
    miniature = Path(os.environ.get("AKITAFLOW_STUDY", ROOT / "demo"))
    if not (miniature / "results" / "models" / "main" / "model.json").exists():
        pytest.skip("the miniature has not been made (make demo)")
    return miniature


def run_cells(cells, name):
    """Run pieces of code one after the other in one namespace, as a notebook does."""
    names = {"__name__": "__main__"}
    for number, cell in enumerate(cells):
        exec(compile(cell, f"{name}, cell {number}", "exec"), names)
    return names


def run_notebook(name, any_study, tmp_path, monkeypatch):
    """Names that the cells of a notebook of docs define, run in an empty folder."""
    notebook = json.loads((ROOT / "docs" / name).read_text())
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AKITAFLOW_STUDY", str(any_study))
    monkeypatch.setattr(sys, "path", list(sys.path))
    # lines that begin with % speak to the notebook's program
    cells = ["".join(line for line in cell["source"] if not line.startswith("%")) for cell in cells]
    return run_cells(cells, name)


def test_the_notebook_of_predictions_runs(any_study, tmp_path, monkeypatch):
    names = run_notebook("predict.ipynb", any_study, tmp_path, monkeypatch)
    reference, changed, table = names["reference"], names["changed"], names["table"]
    assert reference.maps.shape == changed.maps.shape == (2, 40, 40)
    assert len(names["sites"]) >= 3 and (table["disruption"] > 0).all()
    pair = [names["values"], names["mutated"][0].reference]
    assert (np.mean((pair[0] - pair[1]) ** 2, axis=0) <= table["disruption"]).all()  # a mean of draws changes less
    rows, columns = np.triu_indices(40, 2)
    part, near = names["chromosome"].fetch(names["shown"]), columns - rows <= 20
    np.testing.assert_array_equal(part.maps[0][rows, columns], names["stored"][rows, columns].astype(np.float32))
    assert np.isfinite(names["stored"][rows, columns][near]).all()
    assert len(plt.get_fignums()) == 3
    plt.close("all")


def test_the_notebook_of_variants_runs(any_study, tmp_path, monkeypatch):
    names = run_notebook("score_variants.ipynb", any_study, tmp_path, monkeypatch)
    scores, maps, table = names["scores"], names["maps"], names["table"]
    assert scores["status"].eq("ok").all() and len(scores) == 3 * 2 and (scores["disruption"] > 0).all()
    assert scores["disruption_quantile"].between(0, 1).all() and scores["background_n"].eq(5).all()
    assert len(maps) == 2 and maps.reference.shape == (2, 40, 40) and np.isfinite(maps.difference).any()
    assert len(names["of_bases"]) == 19 * 2 and (names["of_bases"]["effect"] > 0).all()
    assert len(table) == 4 * 2 * 2 and table["change_in_contact"].notna().all()
    assert len(plt.get_fignums()) == 3
    plt.close("all")


def test_the_examples_of_the_library_run(any_study, tmp_path, monkeypatch):
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs" / "library.md").read_text(), re.M | re.S)
    (tmp_path / "demo").symlink_to(any_study)
    monkeypatch.chdir(tmp_path)
    names = run_cells(blocks, "library.md")
    assert names["values"].shape == (1, 741, 2) and names["square"].shape == (40, 40)
    assert names["part"].maps.shape == (2, 48, 48) and names["difference"].any()
    expected = np.nan_to_num(names["chromosome"].fetch("chr1:107,648-113,792").maps[0])
    np.testing.assert_array_equal(names["predicted"], expected)
    matrix = names["observed_over_expected"]
    np.testing.assert_allclose(matrix[expected != 0], np.exp(expected[expected != 0]), rtol=1e-6)
    assert cooler.fileops.is_multires_file(str(tmp_path / "chr1.A.mcool"))
    with h5py.File(tmp_path / "chr1.A.mcool") as file:
        assert min(map(int, file["resolutions"])) == 128
