"""Weights that come from a file, and trainings that start from another model: files, config, evaluation, captions."""

import hashlib
import json
import re
import shutil
import types

import h5py
import numpy as np
import pytest
import yaml
from configs import put
from fakes import FakeModel, random_genome, table_of_windows
from places import DATA, ROOT

from akitaflow.dataset.windows import fold_windows
from akitaflow.errors import InputError
from akitaflow.evaluation import accuracy
from akitaflow.model.basenji import check_sha256
from akitaflow.model.folding_model import import_model, load_model, load_start, read_architecture
from akitaflow.prediction.predictor import Predictor
from akitaflow.study import loading

pytestmark = pytest.mark.tensorflow

WEIGHTS, PARAMS = DATA / "tiny_random.h5", DATA / "tiny_params.json"
OUTPUTS = ["HFF", "H1hESC", "GM12878", "IMR90", "HCT116"]
SHA256 = hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()
GEOMETRY = {"bin_size": 64, "pools": [2] * 6, "window_bins": 32, "crop_bins": 4, "diagonal_offset": 2}


def architecture(**numbers):
    return read_architecture(GEOMETRY, {"params": "named in the config", **numbers}, PARAMS)


# Files


def test_an_imported_model_predicts_what_the_authors_code_predicts(tmp_path):
    import_model(tmp_path / "m", WEIGHTS, architecture(), OUTPUTS, SHA256.upper(), source="https://example.org/a.h5")
    model, arrays = load_model(tmp_path / "m"), np.load(DATA / "tiny_io.npz")
    np.testing.assert_allclose(model.predict_codes(arrays["x_idx"].astype(np.uint8)), arrays["y"], atol=1e-5)
    assert model.outputs == OUTPUTS
    assert model.description["imported"] == {"source": "https://example.org/a.h5", "sha256": SHA256}
    assert model.description["provenance"]["tensorflow"]


def test_another_file_than_the_sha256_says_is_refused_and_nothing_is_left(tmp_path):
    wrong = "0" * 64
    with pytest.raises(InputError, match=f"sha256 is {SHA256}, but {wrong} is expected"):
        import_model(tmp_path / "m", WEIGHTS, architecture(), OUTPUTS, wrong)
    assert not (tmp_path / "m").exists()
    with pytest.raises(InputError, match=r"none.h5: cannot be read \(No such file"):
        check_sha256(tmp_path / "none.h5")


def test_too_few_names_of_outputs_are_refused_with_the_number_of_the_file(tmp_path):
    with pytest.raises(
        InputError, match=r"in the place of kernel \(10, 4\).*the file has 5 outputs: give as many names"
    ):
        import_model(tmp_path / "m", WEIGHTS, architecture(), OUTPUTS[:4])
    assert not (tmp_path / "m").exists()


def test_a_file_of_another_network_is_refused_with_the_first_layer_that_differs(tmp_path):
    numbers = {"stem_filters": 16, "tower_filters": 16, "stem_kernel": 12}
    other = read_architecture(GEOMETRY, {"params": None, **numbers})
    message = r"conv1d/kernel:0 \(11, 4, 16\) is in the place of kernel \(12, 4, 16\) of stem_conv \(weight 1 of "
    with pytest.raises(InputError, match=message):
        import_model(tmp_path / "m", WEIGHTS, other, OUTPUTS)
    assert not (tmp_path / "m").exists()


def test_a_parameter_file_must_be_json_and_of_the_geometry(tmp_path):
    (tmp_path / "params.json").write_text("model: {}")
    with pytest.raises(InputError, match="params.json: not JSON.*give the params.json of the authors' code"):
        read_architecture(GEOMETRY, {}, tmp_path / "params.json")
    with pytest.raises(InputError, match=r"length \(geometry of the config\) must be 1024, not 2048"):
        read_architecture({**GEOMETRY, "window_bins": 16}, {}, PARAMS)


def test_load_start_returns_every_weight_in_order(tmp_path):
    import_model(tmp_path / "m", WEIGHTS, architecture(), OUTPUTS)
    weights, outputs = load_start(tmp_path / "m", architecture(), "m")
    assert outputs == OUTPUTS
    with h5py.File(WEIGHTS) as file:
        group = file["model_weights"]
        text = [name.decode() if isinstance(name, bytes) else name for name in group.attrs["layer_names"]]
        arrays_of_file = [group[layer][name][:] for layer in text for name in group[layer].attrs["weight_names"]]
    assert len(weights) == len(arrays_of_file)
    for weight, array in zip(weights, arrays_of_file, strict=True):
        np.testing.assert_array_equal(weight, array)


def test_a_start_of_another_architecture_is_refused_with_the_number_that_differs(tmp_path):
    import_model(tmp_path / "m", WEIGHTS, architecture(), OUTPUTS)
    architecture_of_config = read_architecture(GEOMETRY, {"stem_filters": 16})
    with pytest.raises(InputError, match="start: published has stem_filters 16|tower_filters 16, this model 96"):
        load_start(tmp_path / "m", architecture_of_config, "published")


# Config


def imported(outputs=("B", "A"), **weights):
    return {"split": "main", "weights": {"path": "https://example.org/w.h5", "outputs": list(outputs), **weights}}


def models(**entries):
    return put("models", entries)


def test_outputs_of_an_imported_model_are_its_own_and_those_measured_are_compared(small):
    rows = small.rows + "D\ttoy\tcool\tc.cool\ttrain\t\n"
    study = small(models(main={"split": "main"}, old=imported(["X", "D", "C", "A"])), rows)
    assert study.model_outputs("main") == ["A", "D"]
    assert study.model_outputs("old") == ["X", "D", "C", "A"]
    assert study.compared_outputs("old") == ["D", "A"]
    assert (study.imported_models(), study.trained_models()) == (["old"], ["main"])
    assert study.config["models"]["old"]["weights"]["sha256"] is None
    assert study.config["figures"] == {"model": "main", "dataset": "A"}


def test_figures_of_an_imported_model_show_what_is_measured(small):
    assert small(models(old=imported(["X", "A"]))).config["figures"] == {"model": "old", "dataset": "A"}

    def edit(raw):
        raw["models"] = {"old": imported(["C", "A"])}
        raw["figures"] = {"dataset": "C"}

    with pytest.raises(InputError, match="figures.dataset: 'C' is no output of model old with a target .* one of: A"):
        small(edit)


def test_a_model_to_start_from_need_not_be_measured_until_it_is_evaluated(small):
    tuned = {"split": "main", "start": {"model": "old", "train": "last"}}
    study = small(models(tuned=tuned, old=imported(["X"])))
    assert study.config["models"]["tuned"]["start"] == {"model": "old", "train": "last"}
    assert study.model_outputs("tuned") == ["A"]
    with pytest.raises(InputError, match="models.old: it predicts X, and split main has targets of A, so it cannot be"):
        study.compared_outputs("old")
    with pytest.raises(InputError, match="models.old.weights.outputs: none of X"):
        small(models(old=imported(["X"]), tuned=tuned))  # the figures show the first


def start(model, **model_keys):
    return {"split": "main", "start": {"model": model}, **model_keys}


BAD = {
    "both": (models(main={**imported(), "start": {"model": "x"}}), r"models.main.start: a model with weights is not"),
    "nothing measured": (
        models(main=imported(["X", "C"])),
        r"weights.outputs: none of X, C .*\(A\), so there is nothing",
    ),
    "outputs missing": (
        models(main={"split": "main", "weights": {"path": "x.h5"}}),
        r"main.weights: the key 'outputs' is missing; write it \(Names of all outputs",
    ),
    "outputs twice": (models(main=imported(["A", "A"])), r"weights.outputs: found .*write each item once"),
    "no such file": (models(main=imported(path="w.h5")), r"models.main.weights.path: no such file: w.h5; put the file"),
    "sha256": (models(main=imported(sha256="abc")), r"weights.sha256: found 'abc'; write text that matches"),
    "unknown start": (models(main=start("mein")), r"models.main.start.model: 'mein' is no model .*mean 'main'\?"),
    "unknown further on": (
        models(main=start("b"), b=start("c")),
        r"models.b.start.model: 'c' is no model of this study; write one of: main, b",
    ),
    "itself": (models(main=start("main")), r"models.main.start.model: main starts from main; one of them must"),
    "circle": (models(main=start("b"), b=start("c"), c=start("b")), r"main starts from b starts from c starts from b;"),
    "architecture": (
        models(main=start("b", architecture={"stem_filters": 8}), b={"split": "main"}),
        r"models.main.start.model: b has architecture.stem_filters 96, main has 8; weights fit the same",
    ),
    "train": (
        models(main={"split": "main", "start": {"model": "main", "train": "first"}}),
        r"start.train: found 'first'",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_weights_and_starts(small, case):
    edit, message = BAD[case]
    with pytest.raises(InputError, match=message) as caught:
        small(edit)
    assert str(caught.value).startswith("config.yaml, ")


def paper():
    return (ROOT / "config" / "config.yaml").read_text()


def test_the_paper_offers_the_published_weights():
    study = loading.load(yaml.safe_load(paper()), ROOT / "config", workflow_folder=ROOT)
    assert study.imported_models() == ["published"] and "main" in study.trained_models()
    assert study.compared_outputs("published") == study.model_outputs("published") == study.model_outputs("main")
    model = study.config["models"]["published"]
    assert study.locate(model["weights"]["path"]).endswith("basenji_hic/1m/models/9-14/model_best.h5")
    assert study.locate(model["architecture"]["params"]).endswith("/manuscripts/akita/params.json")


def test_the_commented_example_of_fine_tuning_is_valid(tmp_path):
    text = re.sub(r"^  # (mine:|  )", r"  \1", paper(), flags=re.M)
    raw = yaml.safe_load(text)
    assert raw["models"]["mine"]["start"] == {"model": "published", "train": "last"}
    raw["figures"] = {"model": "mine", "dataset": None}
    for key in ("cell_types", "cross_species"):
        raw.pop(key, None)
    shutil.copy(ROOT / "config" / "runs.tsv", tmp_path)
    table = (ROOT / "config" / "datasets.tsv").read_text().replace("\ttrain\t", "\tmap\t")
    mine = next(line for line in table.splitlines() if line.startswith("HFF")).replace("\tmap\t", "\ttrain\t")
    (tmp_path / "datasets.tsv").write_text(table + mine.replace("HFF", "mine", 1) + "\n")
    for key in ("claims", "resources"):
        if raw.get(key):
            shutil.copy(ROOT / "config" / raw[key], tmp_path)
    raw["models"] = {name: raw["models"][name] for name in ("published", "mine")}
    study = loading.load(raw, tmp_path, workflow_folder=ROOT)
    assert study.config["figures"] == {"model": "mine", "dataset": "mine"}
    assert study.model_outputs("mine") == ["mine"]


# Evaluation


def test_targets_are_picked_by_the_names_of_the_records():
    statistics = {"datasets": ["A", "B", "C"]}
    assert accuracy.target_columns(statistics, ["C", "A"], "records") == [2, 0]
    with pytest.raises(InputError, match="records: the records hold targets of A, B, C, not of D"):
        accuracy.target_columns(statistics, ["A", "D"], "records")
    with pytest.raises(InputError, match="the key 'datasets' is missing"):
        accuracy.target_columns({}, ["A"], "records")


def test_only_compared_outputs_are_stored_each_beside_its_own_targets(tmp_path):
    model, genome = FakeModel(), random_genome(c=2000)
    windows = fold_windows(table_of_windows(4), "test")
    codes = np.stack([genome.fetch("c", start, start + 192) for start in windows["start"]])
    predicted = model.predict_codes(codes)
    path = str(tmp_path / "predictions.h5")
    accuracy.predict_fold(
        path, Predictor(model, genome), windows, predicted[:, :, 1:].astype(np.float16), outputs=["B"]
    )
    with h5py.File(path) as file:
        assert list(file.attrs["outputs"]) == ["B"]
        np.testing.assert_allclose(file["predictions"][:], predicted[:, :, 1:], rtol=1e-6)
    pooled, _ = accuracy.metrics(path, windows)
    assert pooled["dataset"].tolist() == ["B", "all"]
    assert pooled["pearson"].to_numpy() == pytest.approx(1, abs=1e-4)
    with pytest.raises(InputError, match=r"the model need \(4, 21, 1\)"):
        accuracy.predict_fold(path, Predictor(model, genome), windows, predicted.astype(np.float16), outputs=["B"])


# Captions


def rendered(root, caption, study, model, fold):
    import jinja2
    from docutils.core import publish_parts

    params = types.SimpleNamespace(model=model, dataset="HFF", fold=fold)
    names = types.SimpleNamespace(config=study.config, params=params)
    text = (root / "report" / f"{caption}.rst").read_text()
    text = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(text).render(snakemake=names)
    publish_parts(text, writer_name="html", settings_overrides={"halt_level": 2})
    return " ".join(text.split())


def test_captions_do_not_claim_a_training_that_did_not_take_place(root):
    raw = yaml.safe_load(paper())
    raw["models"]["tuned"] = {**raw["models"]["main"], "start": {"model": "main", "train": "last"}}
    for model, expected_text, unsaid in (
        ("published", "weights were imported from ``{weights}/model_best.h5``", "was trained with"),
        (
            "tuned",
            "started from the weights of model ``main`` and was trained, its last layer only, with sgd",
            "imported",
        ),
        ("main", "over the map. It was trained with sgd", "started from"),
    ):
        raw["figures"]["model"] = model
        study = loading.load(raw, ROOT / "config", workflow_folder=ROOT)
        methods = rendered(root, "workflow", study, model, "test")
        assert expected_text in methods and unsaid not in methods
        caption = rendered(root, "figure_1b", study, model, "test")
        assert ("which was not trained on these windows)" in caption) == (model == "main")
        assert ("imported" in caption) == (model == "published")


def test_description_of_an_imported_model_is_plain_json(tmp_path):
    import_model(tmp_path / "m", WEIGHTS, architecture(), OUTPUTS, genome="hg38")
    written = json.loads((tmp_path / "m" / "model.json").read_text())
    assert written["genome"] == "hg38" and written["bin_size"] == 64
    assert written["imported"]["source"] == str(WEIGHTS)
