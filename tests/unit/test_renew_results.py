"""Pictures and outputs of notebooks in the documentation, and the script that renews them."""

import runpy
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image
from places import ROOT

SCRIPT = runpy.run_path(str(ROOT / "docs" / "renew_results.py"))
NOTEBOOKS = sorted((ROOT / "docs").glob("*.ipynb"))


def cells_of(notebook):
    return [cell for cell in notebook.cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_of_notebooks_are_those_of_their_code(path):
    """Their code itself is run in test_library.py."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    cells = cells_of(notebook)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert notebook.metadata["code_digest"] == SCRIPT["code_digest"](notebook), f"{path.name}: run make docs-results"
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert {output["output_type"] for output in outputs} <= {"stream", "display_data", "execute_result"}
    assert sum("image/png" in output.get("data", ()) for output in outputs) == 3


def test_the_digest_changes_with_the_code_alone():
    cells = [nbformat.v4.new_markdown_cell("text"), nbformat.v4.new_code_cell("1 + 1"), nbformat.v4.new_code_cell("2")]
    digest = SCRIPT["code_digest"](nbformat.v4.new_notebook(cells=cells))
    cells[0]["source"] = "other text"
    cells[1]["execution_count"] = 7
    assert SCRIPT["code_digest"](nbformat.v4.new_notebook(cells=cells)) == digest
    cells[1]["source"] = "1 + 2"
    assert SCRIPT["code_digest"](nbformat.v4.new_notebook(cells=cells)) != digest


@pytest.mark.slow
def test_a_notebook_is_executed_with_a_study(tmp_path, monkeypatch):
    for name in ("AKITAFLOW_STUDY", "PYTHONPATH", "TF_CPP_MIN_LOG_LEVEL"):
        monkeypatch.setenv(name, "")  # set again after the test
    code = [
        "import os, sys, akitaflow\nprint('study', os.environ['AKITAFLOW_STUDY'])\nprint('x', file=sys.stderr)",
        "3 * 4",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in code])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = tmp_path / "small.ipynb"
    nbformat.write(notebook, path)
    SCRIPT["execute"](path, Path("a_study"))
    written = nbformat.read(path, as_version=4)
    first, second = cells_of(written)
    assert [output["text"] for output in first["outputs"]] == ["study a_study\n"]
    assert [output["data"]["text/plain"] for output in second["outputs"]] == ["12"]
    assert written.metadata == {**notebook.metadata, "code_digest": SCRIPT["code_digest"](notebook)}


def test_a_picture_has_fewer_pixels_and_colours(tmp_path):
    """And its transparent parts are white."""
    random = np.random.default_rng(1)
    values = np.zeros((300, 1500, 4), dtype=np.uint8)
    values[:, 500:, :3] = np.repeat(np.repeat(random.integers(0, 256, (10, 20, 3)), 30, axis=0), 50, axis=1)
    values[:, 500:, 3] = 255
    Image.fromarray(values).save(tmp_path / "full.png")
    SCRIPT["shrink"](tmp_path / "full.png", tmp_path / "small.png")
    with Image.open(tmp_path / "small.png") as small:
        assert small.size == (1000, 200) and small.mode == "P"
        colours = np.asarray(small.convert("RGB"), dtype=int)
    assert (colours[:, :300] == 255).all()
    middle = values[15::30, 525::50, :3].astype(int)
    assert np.abs(colours[10::20, 350::33][:, : middle.shape[1]] - middle).max() < 30
