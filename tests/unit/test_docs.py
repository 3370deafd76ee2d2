"""The documentation tells the truth where a machine can tell: links, paths of outputs, examples."""

import json
import re
import shutil
from itertools import product

import numpy as np
import pytest
import yaml
from fakes import FakeModel, random_genome
from places import ROOT

PAGES = [
    *(
        ROOT / name
        for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "benchmarks/README.md", "config/README.md")
    ),
    *sorted([*(ROOT / "docs").glob("*.md"), *(ROOT / "docs").glob("*.ipynb")]),
]
RULES = sorted((ROOT / "rules").glob("*.smk"))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")  # of images, too
RULE = re.compile(r"^(?:rule|checkpoint) (\w+):\n((?:(?:[ \t].*)?\n)+)", re.M)
OUTPUT = re.compile(r"^    output:\n((?:(?:        .*)?\n)+)", re.M)
FIELD = re.compile(r"\{+[^{}]*\}+")


def markdown(path):
    """The text of a page, of a notebook that of its Markdown cells."""
    text = path.read_text()
    if path.suffix != ".ipynb":
        return text
    return "\n\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")


def without_code(text):
    """Markdown without its blocks and spans of code."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(path):
    """What links may name behind a #, as GitHub makes it of the headings."""
    headings = re.findall(r"^#+ +(.+)$", re.sub(r"^```.*?^```$", "", markdown(path), flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_local_links_resolve(page):
    for link in LINK.findall(without_code(markdown(page))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name}: {link} leads nowhere"
        assert not anchor or anchor in anchors(target), f"{page.name}: {target.name} has no heading for {link}"


def declared():
    """(pattern, rule) of every output of every rule; each field of a pattern is {}."""
    outputs = set()
    for path in RULES:
        for rule, body in RULE.findall(path.read_text()):
            for block in OUTPUT.findall(body):
                # the path of a figure's caption is no output
                block = re.sub(r'caption="[^"]*"', "", block)
                for prefix, suffixes in re.findall(r'multiext\(\s*"([^"]+)"((?:,\s*"[^"]+")+)', block):
                    outputs |= {
                        (FIELD.sub("{}", prefix + suffix), rule) for suffix in re.findall(r'"([^"]+)"', suffixes)
                    }
                block = re.sub(r"multiext\([^)]*\)", "", block)
                outputs |= {(FIELD.sub("{}", text), rule) for text in re.findall(r'"(results/[^"]+)"', block)}
    return outputs


def documented():
    """(pattern, rule) of every row of docs/outputs.md that names a file and its rule."""
    outputs = set()
    for row in re.findall(r"^\| `(results/[^`]+)` \| ([^|]+) \|", (ROOT / "docs" / "outputs.md").read_text(), re.M):
        path, rule = row
        parts = re.split(r"\{([^{}]*,[^{}]*)\}", path)  # {a,b} stands for two files
        for choice in product(*(part.split(",") if i % 2 else [part] for i, part in enumerate(parts))):
            outputs.add((FIELD.sub("{}", "".join(choice)), rule.strip()))
    return outputs


def test_outputs_are_found_in_the_rules():
    outputs = declared()
    assert ("results/coolers/{}.cool", "import_cool") in outputs
    assert ("results/genomes/{}/bwa/genome.fa.sa", "index_genome") in outputs
    assert ("results/mapping/{}/chunks/{}.{}.{}_{}.fastq.gz", "chunk_fastq") in outputs
    assert ("results/figures/figure_1b.png", "figure_1b") in outputs
    with_outputs = {rule for _, rule in outputs}
    for path in RULES:
        for rule, body in RULE.findall(path.read_text()):
            assert (rule in with_outputs) == ("output:" in body), f"{path.name}: outputs of {rule} were not read"


def test_every_output_is_documented_with_its_rule():
    missing = declared() - documented()
    assert not missing, f"docs/outputs.md lacks {sorted(missing)}"


def test_every_documented_output_is_made():
    extra = {row for row in documented() - declared() if not row[1].endswith("not declared")}
    assert not extra, f"no rule makes {sorted(extra)}, which docs/outputs.md lists"


GALLERY = ROOT / "docs" / "gallery.md"


def test_every_figure_is_in_the_gallery():
    """With a picture, or as one that is made on request."""
    page = GALLERY.read_text()
    pictures = [f"results/figures/{name}" for name in re.findall(r"^```{image} images/(\S+)$", page, re.M)]
    on_request = re.findall(r"`(\w+)`", page.partition("## On request")[2])
    for figure in {path for path, _ in declared() if path.startswith("results/figures/") and path.endswith(".png")}:
        pattern = re.escape(figure).replace(r"\{\}", r"\w+")
        name = re.sub(r"(\.\{\})?\.png$", "", figure.removeprefix("results/figures/"))
        assert name in on_request or any(re.fullmatch(pattern, path) for path in pictures), f"no picture of {figure}"
    assert len(pictures) == len(set(pictures)) > 20


def test_targets_of_the_gallery_exist():
    rules = "".join(path.read_text() for path in [*RULES, ROOT / "Snakefile"])
    targets = re.findall(r"^`(\S+)` · \[", GALLERY.read_text(), re.M)
    assert len(targets) == GALLERY.read_text().count("{image}")
    for target in targets:
        if target.startswith("results/"):
            assert any(re.fullmatch(re.escape(path).replace(r"\{\}", r"\w+"), target) for path, _ in declared()), target
        else:
            body = re.search(rf"^rule {target}:\n((?:(?:[ \t].*)?\n)+)", rules, re.M)
            assert body and "{wildcards" not in body[1], f"{target} is no target"


def test_pictures_are_small_and_used():
    pictures = sorted((ROOT / "docs" / "images").iterdir())
    assert [path.name for path in pictures if path.stat().st_size > 120_000] == []
    assert sum(path.stat().st_size for path in pictures) < 2_500_000
    text = "".join(page.read_text() for page in (ROOT / "docs").glob("*.md"))
    assert [path.name for path in pictures if f"images/{path.name}" not in text] == []


def test_read_the_docs_calls_make():
    """With the programs and a version of Python that set-up accepts."""
    build = yaml.safe_load((ROOT / ".readthedocs.yaml").read_text())["build"]
    commands = [*build["jobs"]["install"], *build["jobs"]["build"]["html"]]
    assert [re.match(r"make (\w+)", command)[1] for command in commands] == ["setup", "docs"]
    makefile, setup = (ROOT / "Makefile").read_text(), (ROOT / "setup.sh").read_text()
    assert re.search(r"^docs: setup$", makefile, re.M) and "HTML ?=" in makefile
    programs = re.search(r"^programs=\((.*)\)", setup, re.M)[1].split()
    assert set(programs) - {"bgzip"} <= set(build["apt_packages"])  # bgzip is in the package tabix
    assert build["tools"]["python"] in ("3.11", "3.12")


def test_columns_of_the_schema_and_entries_are_in_the_guide():
    from akitaflow.study.schema import load_schema

    guide = (ROOT / "docs" / "usage.md").read_text()
    for column, entries in (("entry", None), ("role", None)):
        entries = load_schema("datasets")["properties"][column]["enum"]
        for entry in entries:
            assert f"`{entry}`" in guide, f"docs/usage.md does not tell {column} {entry}"


def examples(page):
    """The Python of a page, block after block."""
    return re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs" / page).read_text(), re.M | re.S)


def run(page, monkeypatch, **known):
    """Run all examples of a page one after the other; load_model and Genome give what is known."""
    import akitaflow.genome.sequence
    import akitaflow.model.folding_model

    if known:
        monkeypatch.setattr(akitaflow.model.folding_model, "load_model", lambda folder: known["model"])
        monkeypatch.setattr(akitaflow.genome.sequence, "Genome", lambda path: known["genome"])
    blocks = examples(page)
    assert blocks
    names = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)
    return names


@pytest.mark.tensorflow
def test_the_example_of_perturbations_runs(monkeypatch):
    model = FakeModel(bin_size=128, window_bins=48, crop=4, asymmetric=True)  # a symmetric one sees no inversion
    genome = random_genome(1, chr1=333952)
    names = run("perturbations.md", monkeypatch, model=model, genome=genome)
    scores = names["scores"]
    assert set(scores) == {"site randomised", "site inverted", "bin deleted", "site duplicated", "two at once"}
    assert all(np.shape(value) == (2,) and (np.asarray(value) > 0).all() for value in scores.values())
    before, after = names["before"], names["after"]
    assert before.shape == after.shape == (40, 40)
    for values in (before, after):
        assert np.isnan(values[names["gone"]]).all()
        assert np.isfinite(np.delete(values, names["gone"], axis=0)).any(axis=1).all()


@pytest.mark.tensorflow
def test_the_examples_of_the_model_run(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "tests" / "data" / "tiny_params.json", "params.json")
    shutil.copy(ROOT / "tests" / "data" / "tiny_random.h5", "weights.h5")
    genome = random_genome(2, chr1=333952)
    model = FakeModel(bin_size=128, window_bins=48, crop=4)
    model.description = {"best_epoch": 7}
    names = run("model.md", monkeypatch, model=model, genome=genome)
    assert names["square"].shape == (40, 40)
    assert (tmp_path / "published" / "model.weights.h5").exists()
