"""What the modules of the library import of each other."""

import ast
import graphlib
import re
import subprocess
import sys

import pytest
from places import ROOT

# From the bottom up: each package, and each module that is in none, may import from those above it in this list.
ORDER = [
    "errors",
    "logs",
    "seeds",
    "provenance",
    "files",
    "geometry",
    "genome",
    "mapping",
    "dataset",
    "prediction",
    "model",
    "retrieve",
    "study",
    "evaluation",
    "run_warnings",
    "training",
    "analyses",
    "variants",
    "simulate",
    "truth",
    "plotting",
    "cli_options",
    "cli",
    "__main__",
]

# Methods of a model that a notebook expects to find on it.
UPWARDS = {("akitaflow.model.folding_model", "variants")}


def modules(root=ROOT):
    """Names of the modules of akitaflow and their files."""
    paths = sorted((root / "akitaflow").rglob("*.py"))
    names = [".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__") for path in paths]
    return dict(zip(names, paths, strict=True))


def imported(path, known, inside_functions):
    """Names of the modules of akitaflow that a file imports, with or without those imported inside functions."""
    names, nodes = set(), [ast.parse(path.read_text())]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names if alias.name in known}
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for alias in node.names:
                member = f"{node.module}.{alias.name}"
                names.add(member if member in known else node.module)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not inside_functions:
            continue
        nodes += ast.iter_child_nodes(node)
    return names


def order_of_import(known):
    """Modules in an order in which each comes after those that it imports as it is loaded."""
    graph = {name: imported(path, known, inside_functions=False) for name, path in known.items()}
    return list(graphlib.TopologicalSorter(graph).static_order())


def against_the_order(known, order):
    """Imports, at the head of a module or inside functions, that run against the order of the packages."""
    wrong = []
    for name, path in known.items():
        if name.count("."):  # akitaflow itself gives the public names of all packages
            package = name.split(".")[1]
            used = {other.split(".")[1] for other in imported(path, known, inside_functions=True) if other.count(".")}
            used -= {other for module, other in UPWARDS if module == name}
            wrong += [f"{name} imports {other}" for other in used if order.index(other) > order.index(package)]
    return wrong


def test_imports_of_modules_have_no_circle():
    known = modules()
    order = order_of_import(known)
    assert set(order) == set(known)
    assert order.index("akitaflow.study.tables") < order.index("akitaflow.study.loading")


def test_packages_import_from_those_below_them_only():
    assert against_the_order(modules(), ORDER) == []


def test_circles_and_imports_against_the_order_are_found(tmp_path):
    """Of two packages of which one imports the other inside a function."""
    for name, text in (
        ("genome", "from akitaflow.study import config\n"),
        ("study", "def load():\n    import akitaflow.genome.config\n"),
    ):
        (tmp_path / "akitaflow" / name).mkdir(parents=True)
        (tmp_path / "akitaflow" / name / "config.py").write_text(text)
        (tmp_path / "akitaflow" / name / "__init__.py").write_text("")
    known = modules(tmp_path)
    assert against_the_order(known, ["genome", "study"]) == ["akitaflow.genome.config imports study"]
    order_of_import(known)
    known["akitaflow.study.config"].write_text("import akitaflow.genome.config\n")
    with pytest.raises(graphlib.CycleError) as caught:
        order_of_import(known)
    assert set(caught.value.args[1]) == {"akitaflow.genome.config", "akitaflow.study.config"}


def test_the_study_is_imported_without_tensorflow():
    code = "import sys, akitaflow.study.loading; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    packages = {name.split(".")[0] for name in loaded.split()}
    assert "akitaflow" in packages and not packages & {"tensorflow", "keras"}
    loaded_of_ours = {name for name in loaded.split() if name.startswith("akitaflow.model.")}
    assert loaded_of_ours <= {"akitaflow.model.forms"}


ARCHITECTURE = ROOT / "docs" / "architecture.md"


def packages_of_the_map(page):
    """Packages in the section "The packages" of docs/architecture.md, in the order of its rows."""
    section = page.split("\n## The packages\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.M)


def missing_from_the_map(known, page):
    """Modules of akitaflow whose package has no row in the map."""
    packages = packages_of_the_map(page)
    return [name for name in known if name.count(".") and name.split(".")[1] not in packages]


def missing_paths(page):
    """Paths named in docs/architecture.md that do not exist; a folder of results must be named in a file of rules."""
    rules = "".join(path.read_text() for path in (ROOT / "rules").glob("*.smk"))
    paths = [text for text in re.findall(r"`([^`\n]+)`", page) if "/" in text or text.endswith("file")]
    missing = []
    for path in paths:
        if path.startswith("results/"):
            if path not in rules:
                missing.append(path)
        elif not (ROOT / path.split("<")[0]).exists():  # of rules/<name>.smk, the folder
            missing.append(path)
    return missing


def test_every_module_is_in_a_package_of_the_map():
    page = ARCHITECTURE.read_text()
    assert missing_from_the_map(modules(), page) == []
    assert packages_of_the_map(page) == ORDER
    without = page.replace("| `genome` |", "| genome |")
    assert "akitaflow.genome.motifs" in missing_from_the_map(modules(), without)


def test_paths_of_the_map_exist():
    page = ARCHITECTURE.read_text()
    assert missing_paths(page) == []
    wrong = "`rules/none.smk` `akitaflow/none/<name>.py` `results/none` `rules/<name>.smk` `Snakefile`"
    assert missing_paths(wrong) == ["rules/none.smk", "akitaflow/none/<name>.py", "results/none"]


def test_every_file_of_rules_and_folder_of_scripts_is_in_the_map():
    page = ARCHITECTURE.read_text()
    named = page + "".join(f"`scripts/{name}`" for name in re.findall(r"`rules/(\w+)\.smk`", page))
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "rules").glob("*.smk")]
    folders = [path.relative_to(ROOT).as_posix() for path in (ROOT / "scripts").iterdir() if any(path.glob("*.py"))]
    assert [path for path in files + folders if f"`{path}`" not in named] == []
