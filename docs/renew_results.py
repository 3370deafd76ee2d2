"""Renew the results that the documentation shows from a finished miniature: `make docs-results [DIR=demo]`.

The pictures in docs/images, all that pages refer to, are copies of the figures in fewer pixels and colours. The
notebooks of docs are executed with the miniature's model, and their outputs are written into them. A digest of the code
that made the outputs is written into their metadata, so that a test notices outputs of other code.
"""

import argparse
import os
import re
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image
from tqdm import tqdm

DOCS = Path(__file__).resolve().parent
WIDTH, HEIGHT = 1000, 1700  # pixels
COLOURS = (256, 128, 64)
LARGEST = 120_000  # bytes


def shrink(figure, image):
    """Write a picture of at most `WIDTH` x `HEIGHT` pixels, with fewer colours if it has more bytes than `LARGEST`."""
    with Image.open(figure) as full:
        picture = Image.new("RGB", full.size, "white")
        picture.paste(full, mask=full.convert("RGBA").getchannel("A"))
    picture.thumbnail((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    for colours in COLOURS:
        picture.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(image, optimize=True)
        if image.stat().st_size <= LARGEST:
            break


def code_digest(notebook):
    """SHA-256 of the code cells of a notebook."""
    code = "\n\n".join(cell["source"] for cell in notebook.cells if cell["cell_type"] == "code")
    return sha256(code.encode()).hexdigest()


def execute(path, study):
    """Execute a notebook in an empty folder and write it with its outputs; what goes to stderr is left out."""
    notebook = nbformat.read(path, as_version=4)
    about = dict(notebook.metadata)
    environment = {"AKITAFLOW_STUDY": str(study), "PYTHONPATH": str(DOCS.parent), "TF_CPP_MIN_LOG_LEVEL": "2"}
    os.environ.update(environment)  # the kernel inherits it
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=600, resources=resources, record_timing=False).execute()
    for cell in notebook.cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = [output for output in cell["outputs"] if output.get("name") != "stderr"]
    notebook.metadata = nbformat.from_dict({**about, "code_digest": code_digest(notebook)})
    nbformat.write(notebook, path)


def main():
    """Renew the pictures and the notebooks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("study", type=Path, help="folder of the finished miniature")
    study = parser.parse_args().study.resolve()
    figures = study / "results" / "figures"
    pages = "".join(page.read_text() for page in DOCS.glob("*.md"))
    names = sorted(set(re.findall(r"\bimages/([\w.]+\.png)", pages)))
    absent = [name for name in names if not (figures / name).exists()]
    if absent or not (study / "results" / "models" / "main" / "model.json").exists():
        sys.exit(f"{study}: the miniature is not finished (make demo); missing: {', '.join(absent) or 'its model'}")
    for name in tqdm(names, "pictures"):
        shrink(figures / name, DOCS / "images" / name)
    for path in tqdm(sorted(DOCS.glob("*.ipynb")), "notebooks"):
        execute(path, study)


if __name__ == "__main__":
    main()
