"""The pip requirements that are tested and the conda environments that labs use name the same versions.

Also: each environment holds what the scripts and commands of its rules need.
"""

import ast
import re
import sys
from functools import cache

import pytest
import yaml

PURPOSES = ["mapping", "analysis", "tensorflow", "plotting", "controller", "sra", "nextflow"]

CONDA_NAMES = {"matplotlib": "matplotlib-base", "moods-python": "moods"}

ENVIRONMENTS = ("mapping", "analysis", "tensorflow", "plotting", "nextflow")  # of the rules

# package: (tested through pip, conda's, why they differ). A line that no longer differs fails the test.
EXCEPTIONS = {
    "pairtools": ("1.1.2", "1.1.3", "PyPI stops at 1.1.2; 1.1.3 is bioconda's build for Python 3.11 and pysam 0.23"),
    "moods": ("1.9.4.1", "1.9.4.2", "PyPI has MOODS-python 1.9.4.1 and no newer one, bioconda has 1.9.4.2"),
    "snakemake": ("9.27.1", "9.23.0", "bioconda is behind PyPI; the Snakefile asks for 9.10 or newer"),
}

# What pip cannot give. Without conda these come from Debian: its stable release is older than conda's.
PROGRAMS = {  # conda's version, why another one may be tested
    "bwa": ("0.7.19", "Debian 12 has 0.7.17"),
    "samtools": ("1.24", "Debian 12 has 1.16.1"),
    "htslib": ("1.24", "Debian 12 has 1.16"),
    "sra-tools": ("3.4.1", "only for runs that ENA does not have; tests have stand-ins"),
    "pigz": ("2.8", "with them"),
}
CONDA_ONLY = {
    "python": "the interpreter",
    "nextflow": "a Java program; `make nextflow` puts the same version in place",
    "openjdk": "what Nextflow runs on",
    "pairix": "PyPI has only its Python module",
    "snakemake-executor-plugin-slurm": "wants a newer numpy than the tested set allows",
}
# In requirements.in, but in no environment, for good reason.
PIP_ONLY = {
    "cython": "compiles packages that conda has compiled",
    "setuptools": "compiles packages that conda has compiled",
    "wheel": "compiles packages that conda has compiled",
    "snakefmt": "for developers",
    "ruff": "for developers",
    "pytest": "for developers",
    "pytest-xdist": "for developers",
    "hypothesis": "for developers",
    "supremo-lite": "for developers: an independent program that sequences of variants are compared with",
    "sphinx": "builds the documentation",
    "furo": "theme of the documentation",
    "myst-nb": "Markdown and notebooks in the documentation",
    "numpydoc": "docstrings in the documentation",
    "sphinx-design": "grid of pictures in the documentation",
    "sphinx-copybutton": "buttons that copy commands in the documentation",
    "nbclient": "executes the notebooks of the documentation",
    "ipykernel": "executes the notebooks of the documentation",
}

IMPORT_NAMES = {
    "Bio": "biopython",
    "MOODS": "moods",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
    "matplotlib": "matplotlib-base",
    "skimage": "scikit-image",
}
COMMAND_PACKAGES = {
    "bwa": "bwa",
    "samtools": "samtools",
    "bgzip": "htslib",
    "tabix": "htslib",
    "prefetch": "sra-tools",
    "vdb-validate": "sra-tools",
    "fasterq-dump": "sra-tools",
    "pigz": "pigz",
    "pairtools": "pairtools",
    "cooler": "cooler",
    "cooltools": "cooltools",
}


def requirements(root):
    pins = {}
    for line in (root / "requirements.in").read_text().splitlines():
        line = line.partition("#")[0].strip()
        if line:
            name, separator, version = line.partition("==")
            assert separator, f"requirements.in: {line!r} has no exact version"
            pins[name.lower()] = version
    return pins


def environment(root, purpose):
    pins = {}
    for line in yaml.safe_load((root / "envs" / f"{purpose}.yaml").read_text())["dependencies"]:
        name, separator, version = line.partition("=")
        assert separator and version and version[0] != "=", f"envs/{purpose}.yaml: write {line!r} as name=version"
        pins[name] = version
    return pins


@pytest.mark.parametrize("purpose", PURPOSES)
def test_environment_is_pinned_and_from_known_channels(root, purpose):
    content = yaml.safe_load((root / "envs" / f"{purpose}.yaml").read_text())
    assert content["channels"] == ["conda-forge", "bioconda", "nodefaults"]
    assert environment(root, purpose)


def test_every_environment_is_checked_here(root):
    assert sorted(path.stem for path in (root / "envs").glob("*")) == sorted(PURPOSES)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_environment_agrees_with_requirements(root, purpose):
    tested = {CONDA_NAMES.get(name, name): version for name, version in requirements(root).items()}
    for name, version in environment(root, purpose).items():
        if name in EXCEPTIONS:
            assert (tested[name], version) == EXCEPTIONS[name][:2], f"{name}: mend the exception"
            assert tested[name] != version, f"{name}: no exception any more"
        elif name in PROGRAMS:
            assert version == PROGRAMS[name][0], f"{name}: the environments differ among themselves"
        elif name not in CONDA_ONLY:
            assert name in tested, f"envs/{purpose}.yaml: {name} is not in requirements.in"
            assert tested[name] == version, f"{name}: {tested[name]} is tested, envs/{purpose}.yaml has {version}"


def test_every_tested_package_is_in_an_environment(root):
    everywhere = {name for purpose in PURPOSES for name in environment(root, purpose)}
    missing = {CONDA_NAMES.get(name, name) for name in requirements(root)} - everywhere
    assert missing == set(PIP_ONLY)


def test_lock_file_holds_the_requirements_and_hashes(root):
    text = (root / "requirements.txt").read_text()
    entries = re.split(r"\n(?=[a-z])", text.partition("\n")[2])
    locked = {}
    for entry in entries:
        name, version = re.match(r"([a-z0-9.-]+)==([^ ]+)", entry).groups()
        assert "--hash=sha256:" in entry, f"{name} has no hash"
        locked[name] = version
    for name, version in requirements(root).items():
        assert locked[name] == version, f"run make requirements: {name}"
    assert re.search(r'^tensorflow-io-gcs-filesystem==\S+ ; python_version < "3\.12" \\$', text, re.MULTILINE)
    assert "://" not in text
    assert set(re.findall(r"--\w+", text)) == {"--hash"}, "the lock file must not say where packages come from"


# --- what the rules need -----------------------------------------------------------------------------------------
def rules(root):
    """(rule, text) of every rule, without comments."""
    for path in sorted((root / "rules").glob("*.smk")):
        text = re.sub(r"^\s*#.*$", "", path.read_text(), flags=re.MULTILINE)
        for block in re.split(r"^(?=(?:rule|checkpoint) )", text, flags=re.MULTILINE):
            match = re.match(r"(?:rule|checkpoint) (\w+):", block)
            if match:
                yield match[1], block


def quoted(block, keyword):
    match = re.search(rf'^ +{keyword}:\s*"([^"]+)"', block, re.MULTILINE)
    return match and match[1]


@cache
def body_of(path):
    return ast.parse(path.read_text()).body


@cache
def named(tree):
    """The imports, names and attributes of a tree."""
    return [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom, ast.Name, ast.Attribute))]


class Imports:
    """Third-party modules that a script needs: its own imports and those of the library as far as it is reached.

    Of a library module counts what stands at its top level, and what stands in those functions and classes that are
    reached: imported by name, taken from the module as an attribute, or named in reached code of the same module. So
    an import inside a function burdens only those who call it.
    """

    def __init__(self, root, script):
        self.root, self.third_party = root, set()
        self.units, self.bound, self.reached = {}, {}, set()  # (module, name) -> tree; module -> {name: module}
        self.load(script)

    def load(self, path):
        if path in self.bound or not path.exists():
            return
        self.bound[path] = {}
        body = body_of(path)
        units = [node for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        for node in units:
            self.units[path, node.name] = node
        self.read(path, [node for node in body if node not in units])
        if path.parent.parent.name == "scripts":
            for node in units:
                self.reach(path, node.name)

    def reach(self, path, name):
        if (path, name) in self.units and (path, name) not in self.reached:
            self.reached.add((path, name))
            self.read(path, [self.units[path, name]])

    def read(self, path, nodes):
        inner = [node for outer in nodes for node in named(outer)]
        for node in inner:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.add(path, alias.name, "", alias.asname or alias.name)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self.add(path, node.module, alias.name, alias.asname or alias.name)
        for node in inner:
            if isinstance(node, ast.Name):
                self.reach(path, node.id)
            elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in self.bound[path]:
                self.reach(self.bound[path][ast.unparse(node.value)], node.attr)

    def add(self, path, module, name, bound):
        top, *rest = module.split(".")
        if top != "akitaflow":
            self.third_party |= {top} - set(sys.stdlib_module_names)
            return
        stem = self.root / "akitaflow"
        self.load(stem / "__init__.py")
        for part in filter(None, [*rest, name]):
            file = (
                (stem / part).with_suffix(".py")
                if (stem / part).with_suffix(".py").exists()
                else stem / part / "__init__.py"
            )
            if not file.exists():  # a name of the module, not a module
                here = stem.with_suffix(".py") if stem.with_suffix(".py").exists() else stem / "__init__.py"
                self.reach(here, part)
                return
            stem = stem / part
            self.load(file)
            self.bound[path][bound] = file


def packages_of(root, conda):
    """Packages of a rule's environment; those that all environments have, where a wildcard names it."""
    names = ENVIRONMENTS if "{" in conda else [conda.rpartition("/")[2].removesuffix(".yaml")]
    return set.intersection(*(set(environment(root, name)) for name in names))


@pytest.mark.slow
def test_environments_hold_what_scripts_import(root):
    lacking = []
    for rule, block in rules(root):
        script, conda = quoted(block, "script"), quoted(block, "conda")
        if not script:
            continue
        assert conda, f"rule {rule} runs a script and names no environment"
        packages = packages_of(root, conda)
        for module in sorted(Imports(root, (root / "rules" / script).resolve()).third_party):
            if IMPORT_NAMES.get(module, module.lower()) not in packages:
                lacking.append(f"rule {rule}: {script} imports {module}, which {conda} lacks")
    assert not lacking, "\n".join(lacking)


def test_environments_hold_what_commands_call(root):
    lacking = []
    for rule, block in rules(root):
        _, separator, commands = block.partition("    shell:")
        if not separator:
            continue
        conda = quoted(block, "conda")
        assert conda, f"rule {rule} runs a command and names no environment"
        packages = packages_of(root, conda)
        for command, package in COMMAND_PACKAGES.items():
            called = re.search(rf"(?:^|[\"|&;(]|\btime )\s*{command} ", commands, re.MULTILINE)
            if called and package not in packages:
                lacking.append(f"rule {rule} calls {command}, which {conda} lacks")
    assert not lacking, "\n".join(lacking)


def test_rules_were_found(root):
    """The two tests above read the rules' text: they must have found it."""
    environment_of_rule = dict(rules(root))
    assert {"index_genome", "train_model", "evaluate_model", "mutate_motifs"} <= set(environment_of_rule)
