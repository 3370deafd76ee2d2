"""Models that are not trained from fresh weights: imported from a file of the authors' code, and started from one."""

import hashlib
import json

import h5py
import numpy as np
import pandas as pd
import pytest
from places import DATA
from studies import Study

WEIGHTS, PARAMS = DATA / "tiny_random.h5", DATA / "tiny_params.json"
OUTPUTS = ["X1", "A", "X2", "X3", "X4"]  # of which the study has measured one
CHAPTER = ("model", "results/run/left_out.tsv")


def use(study, finished):
    """The tiny study in the geometry of the weight file, with an imported model and one that starts from it."""
    study.enter(
        "pairs", finished.path("results/pairs/A/R2.nodups.pairs.gz"), finished.path("results/simulation/human.fa")
    )
    study.config["geometry"] = {"bin_size": 64, "pools": [2] * 6, "window": 2048, "crop": 256, "diagonal_offset": 2}
    study.config["splits"]["main"]["max_contig_bins"] = 128
    study.config["targets"]["cap"] = False  # the median of a diagonal is 0 where contacts are so few
    study.config["figures"] = {"model": "published"}
    training = study.config["models"]["main"]["training"]
    study.config["models"] = {
        "published": {
            "split": "main",
            "architecture": {"params": PARAMS.as_uri()},
            "weights": {
                "path": WEIGHTS.as_uri(),
                "sha256": hashlib.sha256(WEIGHTS.read_bytes()).hexdigest(),
                "outputs": OUTPUTS,
            },
            "training": {"device": "cpu"},
        },
        "tuned": {
            "split": "main",
            "architecture": {"params": PARAMS.as_uri()},
            "start": {"model": "published", "train": "last"},
            "training": training,
        },
    }


@pytest.fixture(scope="module")
def published(tmp_path_factory, workflow, finished):
    """A study that has run with the imported model, from pairs to every figure of a model."""
    study = Study(tmp_path_factory.mktemp("published"), workflow)
    use(study, finished)
    study.make(*CHAPTER)
    study.made = {path.relative_to(study.folder).as_posix() for path in study.path("results").rglob("*")}
    return study


def table(study, path):
    return pd.read_csv(study.path("results", path), sep="\t")


def test_every_analysis_runs_with_imported_weights_and_nothing_is_trained(published):
    for name in ("figure_targets", "figure_1b", "figure_1c", "figure_baselines", "figure_ctcf", "figure_ctcf_examples"):
        assert published.path("results", "figures", f"{name}.png").stat().st_size > 0, name
    assert not published.path("results/figures/figure_training.png").exists()
    left_out = table(published, "run/left_out.tsv").set_index("figure")["reason"]
    assert left_out["figure_training"] == "model published is not trained here"
    assert not {"results/models/tuned", "results/checkpoints"} & published.made
    description = json.loads(published.path("results/models/published/model.json").read_text())
    weights = published.config["models"]["published"]["weights"]
    assert description["imported"] == {"source": weights["path"], "sha256": weights["sha256"]}
    assert description["outputs"] == OUTPUTS
    assert "Nothing to be done" in published.make(*CHAPTER)


def test_outputs_that_were_measured_are_compared_and_all_are_analysed(published):
    from akitaflow.genome.sequence import Genome
    from akitaflow.model.folding_model import load_model

    assert list(table(published, "evaluation/published/metrics.tsv")["dataset"]) == ["A", "all"]
    assert set(table(published, "evaluation/published/comparison.tsv")["dataset"]) == {"A"}
    assert set(table(published, "mutagenesis/published/CTCF/windows.tsv")["dataset"]) == set(OUTPUTS)
    model, genome = (
        load_model(published.path("results/models/published")),
        Genome(published.path("results/genomes/human/genome.fa")),
    )
    windows = table(published, "evaluation/published/windows.tsv")
    with h5py.File(published.path("results/evaluation/published/predictions.h5")) as file:
        assert list(file.attrs["outputs"]) == ["A"]
        for row in windows.itertuples():
            expected = model.predict_codes(genome.fetch(row.chrom, row.start, row.end)[None])[0, :, OUTPUTS.index("A")]
            np.testing.assert_allclose(file["predictions"][row.window, :, 0], expected, rtol=1e-4, atol=1e-5)


def weights_of(study, model):
    """Bytes of every array of a model's weight file, by its place."""
    arrays = {}
    with h5py.File(study.path("results/models", model, "model.weights.h5")) as file:
        file.visititems(
            lambda name, item: arrays.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None,
        )
    return arrays


def test_fine_tuning_of_the_last_layer_leaves_every_other_weight_byte_for_byte(published):
    published.make("results/evaluation/tuned/metrics.tsv")
    before, after = weights_of(published, "published"), weights_of(published, "tuned")
    assert before.keys() == after.keys() and len(before) > 50
    changed = sorted(name for name in before if before[name].tobytes() != after[name].tobytes())
    assert [after[name].shape for name in changed] == [(10, 1), (1,)]  # kernel and bias of the one output
    assert {name.rpartition("/vars/")[0] for name in changed} == {"layers/dense"}
    description = json.loads(published.path("results/models/tuned/model.json").read_text())
    assert description["outputs"] == ["A"] and description["start"] == {"model": "published", "train": "last"}
    history = table(published, "models/tuned/history.tsv")
    assert len(history) == 2 and history["loss"].is_monotonic_decreasing


def test_a_start_of_another_architecture_is_refused_by_the_number_that_differs(published, tmp_path, workflow):
    other = tmp_path / "other.json"
    other.write_text(PARAMS.read_text().replace('"dropout": 0.4', '"dropout": 0.3'))
    kept = published.config["models"]["tuned"]["architecture"]
    published.config["models"]["tuned"]["architecture"] = {"params": str(other)}
    try:
        output = published.fails("results/models/tuned/model.json")
    finally:
        published.config["models"]["tuned"]["architecture"] = kept
    assert "start: published has dilated_dropout 0.4, this model 0.3" in output and "Traceback" not in output


def test_another_file_than_the_sha256_says_leaves_nothing(study, finished):
    use(study, finished)
    weights = study.config["models"]["published"]["weights"]
    sha256, weights["sha256"] = weights["sha256"], "0" * 64
    output = study.fails("results/models/published/model.weights.h5")
    assert f"sha256 is {sha256}, but {'0' * 64} is expected" in output and "Traceback" not in output
    assert not list(study.path("results/models").rglob("*.*"))


def test_weights_of_another_network_leave_nothing(study, finished):
    use(study, finished)
    study.config["models"]["published"]["weights"]["outputs"] = OUTPUTS[:4]
    output = study.fails("results/models/published/model.weights.h5")
    assert "the file has 5 outputs: give as many names" in output and "Traceback" not in output
    assert not list(study.path("results/models").rglob("*.*"))
