"""Catalogue of weights and descriptions of models that were edited, mixed or damaged."""

import copy
import json
import re
import shutil

import h5py
import numpy as np
import pytest
from networks import save_random, tiny
from places import DATA

from akitaflow import cli
from akitaflow.errors import InputError
from akitaflow.model.folding_model import load_model

pytestmark = pytest.mark.tensorflow

PARAMS = json.loads((DATA / "tiny_params.json").read_text())


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    save_random(folder / "model", tiny())
    save_random(folder / "seed", tiny(), seed=2)
    save_random(folder / "deep", tiny(map_blocks=3))
    return folder


@pytest.fixture
def model(saved, tmp_path):
    shutil.copytree(saved / "model", tmp_path / "m")
    return tmp_path / "m"


def edit_json(folder, change):
    description = json.loads((folder / "model.json").read_text())
    change(description)
    (folder / "model.json").write_text(json.dumps(description))


NUMBERS = {
    "crop_bins": (-1, "architecture.crop_bins: found -1; write a number of at least 0"),
    "stem_filters": ("8", "architecture.stem_filters: found '8'; write a number"),
    "tower_filters": (None, "architecture.tower_filters: found None; write a number"),
    "length": (512.5, "architecture.length: found 512.5; write a whole number"),
    "epsilon": (float("nan"), "architecture.epsilon: found nan"),
    "map_filters": (True, "architecture.map_filters: found True"),
    "pools": ("44", "architecture.pools: found '44'; write a list"),
}


@pytest.mark.parametrize("key", NUMBERS)
def test_numbers_of_a_description_are_checked(model, key):
    value, message = NUMBERS[key]
    edit_json(model, lambda description: description["architecture"].update({key: value}))
    with pytest.raises(InputError, match=f"model.json: {message}"):
        load_model(model)


EDITS = {
    "dilated_rate": lambda description: description["architecture"].update(dilated_rate=3),
    "symmetrize": lambda description: description["architecture"].update(symmetrize=False),
    "length": lambda description: description["architecture"].update(length=1024),
    "a key deleted": lambda description: description["architecture"].pop("epsilon"),
    "outputs exchanged": lambda description: description.update(outputs=["B", "A"]),
}


@pytest.mark.parametrize("case", EDITS)
def test_an_edited_description_is_refused(model, case):
    """All shapes fit, but the network would be another one."""
    edit_json(model, EDITS[case])
    with pytest.raises(InputError, match="model.json: architecture or outputs were changed"):
        load_model(model)


def test_folders_without_checksums_are_read(model):
    edit_json(model, lambda description: description.pop("checksums"))
    text = (model / "model.json").read_text()
    (model / "model.json").write_text(text, encoding="utf-8-sig")
    assert load_model(model).outputs == ["A", "B"]


def test_weights_of_another_training_are_refused(model, saved):
    shutil.copy(saved / "seed/model.weights.h5", model)
    with pytest.raises(InputError, match="model.weights.h5: other weights than those with which model.json"):
        load_model(model)


def test_weights_that_the_network_lacks_are_refused(model, saved):
    """Keras reads the layers that it knows from a file with more blocks, and leaves out the others."""
    shutil.copy(saved / "deep/model.weights.h5", model)
    with pytest.raises(InputError, match="model.weights.h5: (does not fit|has 72 weights, the network)"):
        load_model(model)
    shutil.copy(saved / "model/model.weights.h5", model)
    with h5py.File(model / "model.weights.h5", "r+") as file:
        file["layers/further/vars/0"] = np.zeros(3)
    with pytest.raises(InputError, match="has 63 weights, the network of model.json 62"):
        load_model(model)


CONTENTS = {
    "empty": (b"", "is empty"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\n", "is a pointer of git-lfs"),
    "a web page": (b"<!DOCTYPE html>", "is a web page"),
    "gzip": (b"\x1f\x8b\x08\0", "is gzipped"),
    "text": (b"weights", "is not HDF5"),
}


@pytest.mark.parametrize("case", CONTENTS)
def test_files_that_hold_no_weights_are_named(model, tmp_path, case):
    content, message = CONTENTS[case]
    (model / "model.weights.h5").write_bytes(content)
    (tmp_path / "authors.h5").write_bytes(content)
    with pytest.raises(InputError, match=f"model.weights.h5 {message}"):
        load_model(model)
    with pytest.raises(InputError, match=f"authors.h5 {message}"):
        load_model(tmp_path / "authors.h5", PARAMS)


def fill(kind, value, dtype="f4"):
    """Replace the first weight of a kind in a file of the authors' code."""

    def edit(group):
        names = [
            f"{np.asarray(layer).astype(str)}/{np.asarray(name).astype(str)}"
            for layer in group.attrs["layer_names"]
            for name in group[layer].attrs["weight_names"]
        ]
        name = next(name for name in names if kind in name)
        shape = group[name].shape
        del group[name]
        group[name] = np.full(shape, value, dtype) if shape is not None else value

    return edit


WEIGHTS = {
    "negative variance": (fill("variance", -1), r"moving_variance:0 .* has values below 0"),
    "complex": (fill("kernel", 1, "c16"), "kernel:0 .* holds complex128"),
    "int8": (fill("kernel", 1, "i1"), "kernel:0 .* holds int8"),
    "zeros": (fill("kernel", 0), "kernel:0 .* is 0 throughout"),
}


@pytest.mark.parametrize("case", WEIGHTS)
def test_weights_of_the_authors_code_are_refused(tmp_path, case):
    edit, message = WEIGHTS[case]
    shutil.copy(DATA / "tiny_random.h5", tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        edit(file.get("model_weights", file))
    with pytest.raises(InputError, match=f"w.h5: .*{message}"):
        load_model(tmp_path / "w.h5", PARAMS)


def block(part, number, **values):
    return lambda model: model[part][number].update(values)


NETWORKS = {
    "negative rate": (block("trunk", 2, rate_mult=-1), "rate_mult is -1; write a number from 1 to 100"),
    "huge rate": (block("trunk", 2, rate_mult=1e9), "rate_mult is 1000000000.0"),
    "NaN": (block("trunk", 2, rate_mult=float("nan")), "rate_mult is nan"),
    "negative crop": (block("head_hic", 5, cropping=-1), "cropping is -1; write a number that is whole"),
    "half a bin": (block("head_hic", 5, cropping=4.5), "cropping is 4.5"),
    "negative diagonal": (block("head_hic", 6, diagonal_offset=-1), "diagonal_offset is -1"),
    "infinite": (lambda model: model.update(seq_length=float("inf")), "seq_length is inf"),
    "no blocks": (lambda model: model.update(trunk=None), "trunk is None; write the list of blocks"),
}


@pytest.mark.parametrize("case", NETWORKS)
def test_params_of_no_network_are_refused(case):
    from akitaflow.model.network import Architecture

    change, message = NETWORKS[case]
    params = copy.deepcopy(PARAMS)
    change(params["model"])
    with pytest.raises(InputError, match=f"params.json: .*{message}"):
        Architecture.from_params(params)


TEXTS = {
    "UTF-16": (json.dumps(PARAMS).encode("utf-16"), "not JSON in UTF-8"),
    "a list": (b"[1]", "found list, not an object"),
    "a key twice": (
        json.dumps(PARAMS).replace('"repeat": 3', '"repeat": 3, "repeat": 4', 1).encode(),
        "'repeat' stands",
    ),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\n", "not JSON"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_files_of_params_are_refused(tmp_path, case):
    content, message = TEXTS[case]
    (tmp_path / "p.json").write_bytes(content)
    with pytest.raises(InputError, match=f"p.json: .*{message}"):
        load_model(DATA / "tiny_random.h5", tmp_path / "p.json")


@pytest.mark.parametrize("case", TEXTS)
def test_files_of_params_are_refused_by_the_command(tmp_path, case, capsys):
    content, message = TEXTS[case]
    (tmp_path / "p.json").write_bytes(content)
    arguments = [
        "import",
        str(DATA / "tiny_random.h5"),
        "--params",
        str(tmp_path / "p.json"),
        "-o",
        str(tmp_path / "m"),
    ]
    assert cli.main(arguments) == 1
    assert re.search(f"error: .*p.json: .*{message}", capsys.readouterr().err) and not (tmp_path / "m").exists()


NAMES = {"b ": "without blanks", " b": "without blanks", "b\n": "without blanks", "b\tc": "without blanks"}
NAMES |= {"../b": "without /", "": "write a list of names", "a": "'a' is there twice"}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_outputs_are_different_and_name_files(tmp_path, name, capsys):
    """Also where a folder of a model is made, which could not be read otherwise."""
    weights, params = DATA / "tiny_random.h5", DATA / "tiny_params.json"
    with pytest.raises(InputError, match=f"outputs: .*{NAMES[name]}"):
        load_model(weights, PARAMS, ["a", name, "c", "d", "e"])
    arguments = ["import", weights, "--params", params, "--outputs", f"a,{name},c,d,e", "-o", tmp_path / "m"]
    assert cli.main(list(map(str, arguments))) == 1
    assert NAMES[name] in capsys.readouterr().err and not (tmp_path / "m").exists()


def test_an_import_does_not_replace_another_model(model, tmp_path, capsys):
    weights = (model / "model.weights.h5").read_bytes()
    arguments = ["import", str(DATA / "tiny_random.h5"), "--params", str(DATA / "tiny_params.json"), "-o"]
    assert cli.main([*arguments, str(model)]) == 1
    assert f"{model} holds another model; give another folder" in capsys.readouterr().err
    assert (model / "model.weights.h5").read_bytes() == weights
    for names in ("a,b,c,d,e", "e,d,c,b,a"):  # of the same file, as to correct the names
        assert cli.main([*arguments, str(tmp_path / "new"), "--outputs", names]) == 0
    assert load_model(tmp_path / "new").outputs == list("edcba")


def test_whole_numbers_of_params_may_be_decimals():
    def decimals(value):
        if isinstance(value, dict):
            return {key: decimals(part) for key, part in value.items()}
        if isinstance(value, list):
            return [decimals(part) for part in value]
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

    from akitaflow.model.network import Architecture

    assert Architecture.from_params(decimals(PARAMS)) == Architecture.from_params(PARAMS)


def test_numbers_of_outputs_may_be_decimals(tmp_path):
    params = copy.deepcopy(PARAMS)
    params["model"]["head_hic"][-1]["units"] = 5.0
    (tmp_path / "p.json").write_text(json.dumps(params))
    arguments = ["import", DATA / "tiny_random.h5", "--params", tmp_path / "p.json", "-o", tmp_path / "m"]
    assert cli.main(list(map(str, arguments))) == 0
    assert load_model(tmp_path / "m").outputs == [f"output_{place}" for place in range(5)]


@pytest.mark.parametrize(("content", "kind"), [(b"PK\x03\x04", "a zip archive"), (b"{}", "not HDF5")])
def test_files_that_are_no_weights_are_not_asked_for_params(tmp_path, content, kind):
    """As the files of Keras (.keras), a zipped folder, or model.json."""
    (tmp_path / "m.keras").write_bytes(content)
    with pytest.raises(InputError, match=f"m.keras is {kind}; give a model's folder, or an .h5 file"):
        load_model(tmp_path / "m.keras")


def test_checksums_that_are_none_are_refused(model):
    edit_json(model, lambda description: description.update(checksums="x"))
    with pytest.raises(InputError, match="model.json: checksums: found 'x'"):
        load_model(model)
