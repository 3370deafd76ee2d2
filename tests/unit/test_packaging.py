"""The distributions, the extras, the conda recipe and the files about a release agree with the library."""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile

import jinja2
import pytest
import yaml
from extras import IMPORTED, MODULES, PARTS, requirement
from places import ROOT

import akitaflow

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA_NAMES = {"matplotlib": "matplotlib-base", "moods-python": "moods"}


# --- sdist and wheel -------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    """(wheel, sdist), built from a copy of the files that they are made of, without the network."""
    folder = tmp_path_factory.mktemp("distributions")
    shutil.copytree(ROOT / "akitaflow", folder / "akitaflow", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff"):
        shutil.copy(ROOT / name, folder)
    (folder / "demo" / "results").mkdir(parents=True)  # what a run leaves must not be packed
    (folder / "demo" / "results" / "truth.tsv").write_text("claim\n")
    code = "import setuptools.build_meta as b; b.build_wheel('dist'); b.build_sdist('dist')"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, capture_output=True)
    (wheel,), (sdist,) = (folder / "dist").glob("*.whl"), (folder / "dist").glob("*.tar.gz")
    return wheel, sdist


def library():
    """Files of the library: modules and schemas."""
    paths = [path for suffix in ("py", "yaml") for path in (ROOT / "akitaflow").rglob(f"*.{suffix}")]
    return {path.relative_to(ROOT).as_posix() for path in paths}


def test_the_wheel_has_the_library_its_schemas_and_the_licence(distributions):
    wheel, _ = distributions
    names = set(zipfile.ZipFile(wheel).namelist())
    information = f"akitaflow-{akitaflow.__version__}.dist-info/"
    files = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE", "top_level.txt")
    assert names == library() | {information + name for name in files}
    assert "akitaflow/study/schemas/config.schema.yaml" in names


def test_the_sdist_has_no_results(distributions):
    _, sdist = distributions
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames() if not archive.getmember(name).isdir()}
    others = {name for name in names - library() if not name.startswith("akitaflow.egg-info/")}
    files = {"pyproject.toml", "setup.cfg", "PKG-INFO", "MANIFEST.in"}
    assert others == files | {"README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff"}
    assert library() <= names


def test_the_wheel_works_outside_of_the_repository(distributions, tmp_path):
    wheel, _ = distributions
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = "from akitaflow.study.schema import load_schema; print(sorted(load_schema('config')['properties'])[0])"
    for arguments, expected in (
        (["-c", code], "accessions"),
        (["-m", "akitaflow", "--version"], f"akitaflow {akitaflow.__version__}"),
    ):
        environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
        done = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == expected


# --- extras ----------------------------------------------------------------------------------------------------------
def declared(extra):
    """Name of the import -> requirement of an extra, or of the library itself."""
    lines = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    names = [requirement(line)[0] for line in lines]
    return {IMPORTED.get(name, name).partition(".")[0]: name for name in names}


def files_of(module):
    path = ROOT / "akitaflow" / module.replace(".", "/")
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def third_party(path):
    """Names of the packages that a file imports, also inside functions."""
    names, nodes = set(), [ast.parse(path.read_text())]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.partition(".")[0])
        nodes += ast.iter_child_nodes(node)
    return names - set(sys.stdlib_module_names) - {"akitaflow"}


@pytest.mark.parametrize("extra", MODULES)
def test_an_extra_has_what_its_modules_import(extra):
    known = set(declared("")) | set(declared(extra) if extra else ())
    for module in MODULES[extra]:
        for path in files_of(module):
            missing = third_party(path) - known
            assert not missing, f"{path.relative_to(ROOT)} imports {missing}: add it to the extra {extra or 'none'}"


def test_every_package_that_is_imported_is_declared_and_the_reverse():
    imported = set().union(*(third_party(path) for path in (ROOT / "akitaflow").rglob("*.py")))
    everywhere = set().union(*(declared(extra) for extra in MODULES))
    assert imported - everywhere == set()
    # pairtools is called as a program by the rules, and is what one installs for maps
    assert everywhere - imported == {"pairtools"}


def test_the_extras_all_and_workflow_have_the_others():
    optional = PROJECT["optional-dependencies"]
    assert set(optional) == {*MODULES, *PARTS} - {""}
    # pip before 23.3 finds an extra by its normalised name only, which is what the metadata has
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in optional)
    assert set(requirement(optional["all"][0])[3]) == set(MODULES) - {""}
    assert requirement(optional["workflow"][0])[3] == ["all"]


# --- recipe ----------------------------------------------------------------------------------------------------------
def rendered(text):
    return yaml.safe_load(jinja2.Template(text).render(PYTHON="python", pin_subpackage=lambda name, max_pin: name))


def test_the_recipe_has_the_dependencies_of_the_library():
    recipe = rendered((ROOT / "recipe" / "meta.yaml").read_text())
    lines = [line for extra in MODULES for line in (PROJECT["optional-dependencies"][extra] if extra else
                                                    PROJECT["dependencies"])]  # fmt: skip
    expected = {f"python {PROJECT['requires-python']}"}
    for name, versions, *_ in map(requirement, lines):
        expected.add(f"{CONDA_NAMES.get(name, name)} {versions}")
    run = recipe["requirements"]["run"]
    assert set(run) == expected and len(run) == len(expected)
    assert recipe["requirements"]["host"][0] == f"python {PROJECT['requires-python']}"
    assert recipe["build"]["entry_points"] == [f"{name} = {of}" for name, of in PROJECT["scripts"].items()]
    assert recipe["package"] == {"name": PROJECT["name"], "version": akitaflow.__version__}
    assert recipe["about"]["license"] == PROJECT["license"] and recipe["about"]["summary"] == PROJECT["description"]
    assert (ROOT / recipe["about"]["license_file"]).exists()
    for module in recipe["test"]["imports"]:
        assert importlib.util.find_spec(module)


def test_the_recipe_of_a_release_has_the_checksum_of_its_sdist(tmp_path):
    version = akitaflow.__version__
    sdist = tmp_path / f"akitaflow-{version}.tar.gz"
    sdist.write_bytes(b"abc")
    command = [sys.executable, ROOT / "recipe" / "for_bioconda.py"]
    options = ["--repository", "lab/akitaflow", "--maintainer", "one", "--maintainer", "two"]
    text = subprocess.run([*command, sdist, *options], capture_output=True, text=True, check=True).stdout
    recipe, own = rendered(text), rendered((ROOT / "recipe" / "meta.yaml").read_text())
    assert recipe["source"] == {
        "url": f"https://github.com/lab/akitaflow/releases/download/v{version}/akitaflow-{version}.tar.gz",
        "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",  # of b"abc", FIPS 180-2
    }
    assert recipe["about"].pop("home") == "https://github.com/lab/akitaflow"
    assert recipe.pop("extra") == {"recipe-maintainers": ["one", "two"]}
    assert {**recipe, "source": 0} == {**own, "source": 0}
    other = sdist.rename(tmp_path / "akitaflow-9.9.9.tar.gz")
    failed = subprocess.run([*command, other, *options], capture_output=True, text=True)
    assert failed.returncode != 0 and "is not the sdist of version" in failed.stderr


# --- release ---------------------------------------------------------------------------------------------------------
def test_citation_and_changelog_have_the_version():
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == akitaflow.__version__
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    released = [heading for heading in headings if heading != "Unreleased"]
    assert released[0] == akitaflow.__version__


def test_a_release_is_made_by_a_tag_after_all_tests():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
    assert workflow[True]["push"] == {"tags": ["v*"]}  # YAML reads the key `on` as true
    jobs = workflow["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12"]
    assert {"test", "build"} <= set(jobs["pypi"]["needs"]) and jobs["container"]["needs"] == "test"
    assert jobs["pypi"]["permissions"] == {"id-token": "write"}
    assert set(jobs["github"]["needs"]) == {"pypi", "container"}


def test_actions_have_versions():
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        for action in re.findall(r"uses: (\S+)", path.read_text()):
            assert re.fullmatch(r"[\w/-]+@v\d+(\.\d+\.\d+)?", action), f"{path.name}: {action}"


def test_extras_are_installed_in_ci():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    assert set(jobs["package"]["strategy"]["matrix"]["extra"]) == {*MODULES, *PARTS}


def test_the_catalogue_of_workflows_finds_its_files():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage["software-stack-deployment"]["conda"] and usage["mandatory-flags"]["flags"] == []
    assert (ROOT / "config" / "README.md").exists() and (ROOT / "Snakefile").exists()
