"""What made a result: versions of the software and a digest of this library's code; no dates, no machine."""

import platform
import re
import subprocess
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import yaml

import akitaflow

PACKAGES = ("tensorflow", "keras", "numpy")

# Conda's names of what is no Python package of the same name.
DISTRIBUTIONS = {"matplotlib-base": "matplotlib", "moods": "MOODS-python"}
COMMANDS = {
    "bwa": ["bwa"],
    "samtools": ["samtools", "--version"],
    "htslib": ["tabix", "--version"],
    "bedtools": ["bedtools", "--version"],
    "nextflow": ["nextflow", "-version"],
    "openjdk": ["java", "-version"],
    "pairix": ["pairix", "--version"],
}


def provenance(packages=PACKAGES):
    """Versions and digests, as plain JSON values.

    Returns
    -------
    dict
        ``akitaflow``, ``python`` and each package: version, or None where it is not installed; ``code``: digest of
        the library's modules; ``commit``: the commit of the checkout it runs from, or None.
    """
    return {
        "akitaflow": akitaflow.__version__,
        "python": platform.python_version(),
        **{package: _version(package) for package in packages},
        "code": code_digest(),
        "commit": _commit(),
    }


def software(environment):
    """Versions that an environment file pins, beside those found here.

    Parameters
    ----------
    environment : str or Path
        A conda environment file, whose dependencies are ``name=version``.

    Returns
    -------
    list of (str, str, str or None)
        Name, version pinned, version found (None where nothing answers to the name), akitaflow itself first.
    """
    with open(environment) as file:
        dependencies = yaml.safe_load(file)["dependencies"]
    rows = [("akitaflow", "", akitaflow.__version__)]
    for dependency in dependencies:
        name, _, pinned = dependency.partition("=")
        if name == "python":
            found = platform.python_version()
        elif name in COMMANDS:
            found = command_version(COMMANDS[name])
        else:
            found = _version(DISTRIBUTIONS.get(name, name))
        rows.append((name, pinned, found))
    return rows


def code_digest():
    """Digest of every module of the library, by relative path and content."""
    folder = Path(akitaflow.__file__).parent
    digest = blake2b(digest_size=16)
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def files_digest(paths):
    """Digest of files by name and content, in the order given."""
    digest = blake2b(digest_size=16)
    for path in map(Path, paths):
        digest.update(path.name.encode() + b"\0")
        with open(path, "rb") as file:
            while chunk := file.read(1 << 22):
                digest.update(chunk)
    return digest.hexdigest()


def _version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def command_version(command):
    """The first number with a point in what a program says of itself."""
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return None
    version_ = re.search(r"\d+\.\d+[\w.-]*", (done.stdout + done.stderr).decode(errors="replace"))
    return version_[0] if version_ else None


def _commit():
    command = ["git", "-C", str(Path(akitaflow.__file__).parent), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:  # no git
        return None
    return done.stdout.strip() if done.returncode == 0 else None
