"""Models on disk, prediction from codes, and the authors' weight files."""

import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from networks import tiny
from places import DATA

from akitaflow.errors import InputError
from akitaflow.genome import sequence
from akitaflow.model import folding_model
from akitaflow.model.basenji import import_basenji
from akitaflow.model.folding_model import load_model, save_model
from akitaflow.model.network import Architecture, build
from akitaflow.prediction.stream import Average

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def saved(tmp_path):
    network = build(tiny(), 2)
    for weight in network.weights:  # no weight is left at its first value
        weight.assign(np.random.default_rng(len(weight.path)).uniform(0.5, 1.5, weight.shape))
    save_model(tmp_path / "model", network, {"architecture": tiny().to_dict(), "outputs": ["A", "B"], "split": "main"})
    return network, tmp_path / "model"


def test_round_trip(saved):
    network, folder = saved
    model = load_model(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", "model.weights.h5"]
    assert model.outputs == ["A", "B"] and model.description["split"] == "main"
    assert (model.length, model.bin_size, model.map_bins, model.diagonal_offset) == (512, 16, 28, 2)
    codes = np.random.default_rng(1).integers(0, 5, (3, 512), dtype=np.uint8)
    predicted = model.predict_codes(codes)
    assert predicted.dtype == np.float32 and predicted.shape == (3, model.n_values, 2)
    expected = network(sequence.one_hot(codes).astype(np.float32), training=False).numpy()
    np.testing.assert_allclose(predicted, expected, rtol=1e-5, atol=1e-5)


def test_same_weights_give_the_same_files(saved, tmp_path):
    network, folder = saved
    save_model(tmp_path / "again", network, json.loads((folder / "model.json").read_text()))
    for name in ("model.json", "model.weights.h5"):
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_codes_of_another_kind_are_refused(saved):
    model = load_model(saved[1])
    with pytest.raises(ValueError, match="uint8"):
        model.predict_codes(np.zeros((1, 512), np.int64))
    with pytest.raises(ValueError, match="511"):
        model.predict_codes(np.zeros((1, 511), np.uint8))


def test_a_folder_that_does_not_fit(saved, tmp_path):
    _, folder = saved
    description = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**description, "outputs": ["A"]}))
    with pytest.raises(InputError, match="does not fit model.json"):
        load_model(folder)
    with pytest.raises(InputError, match="no model.weights.h5"):
        load_model(tmp_path)


def architecture_of_tiny():
    return Architecture.from_params(json.loads((DATA / "tiny_params.json").read_text()))


def test_import_fills_every_weight():
    network = build(architecture_of_tiny(), 5)
    import_basenji(network, DATA / "tiny_random.h5")
    with h5py.File(DATA / "tiny_random.h5") as file:
        group = file["model_weights"]["dense"]
        np.testing.assert_array_equal(network.get_layer("final").kernel, group["dense/kernel:0"])
        moving = file["model_weights"]["batch_normalization/batch_normalization/moving_variance:0"]
        np.testing.assert_array_equal(network.get_layer("stem_norm").moving_variance, moving)


def test_import_names_the_first_layer_that_differs(tmp_path):
    with pytest.raises(InputError, match=r"dense/kernel:0 \(10, 5\) is in the place of kernel \(10, 4\) of final"):
        import_basenji(build(architecture_of_tiny(), 4), DATA / "tiny_random.h5")

    path = Path(shutil.copy(DATA / "tiny_random.h5", tmp_path / "short.h5"))
    path.chmod(0o644)
    with h5py.File(path, "r+") as file:
        names = file["model_weights"].attrs["layer_names"]
        file["model_weights"].attrs["layer_names"] = [name for name in names if name not in (b"dense", "dense")]
    with pytest.raises(InputError, match="kernel .*of final is missing"):
        import_basenji(build(architecture_of_tiny(), 5), path)

    (tmp_path / "text.h5").write_text("not HDF5")
    with pytest.raises(InputError, match="not HDF5; give a weight file"):
        import_basenji(build(architecture_of_tiny(), 5), tmp_path / "text.h5")


def test_a_predictor_is_loaded_with_the_average_of_the_config(tmp_path, monkeypatch):
    (tmp_path / "genome.fa").write_text(">chr1\nACGTACGT\n")
    monkeypatch.setattr(folding_model, "load_model", {"folder": "the model"}.get)
    average = {"reverse_complement": True, "shifts": [0, 1]}
    predictor = folding_model.load_predictor("folder", tmp_path / "genome.fa", 4, average)
    assert (predictor.model, predictor.batch_size, predictor.average) == ("the model", 4, Average(True, (0, 1)))
    assert predictor.genome.chromsizes == {"chr1": 8}
    assert folding_model.load_predictor("folder", tmp_path / "genome.fa").average == Average()
