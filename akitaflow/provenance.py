"""Versions of the software and digests of code, config and files, recorded with results.

They hold no dates and no names of machines, so that equal software gives equal records.
"""

import hashlib
import json
import os
import platform
import re
import subprocess
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import yaml

import akitaflow

PACKAGES = ("tensorflow", "keras", "numpy")

# Conda packages whose Python package has another name, and those that are programs.
DISTRIBUTIONS = {"matplotlib-base": "matplotlib", "moods": "MOODS-python"}
COMMANDS = {
    "bwa": ["bwa"],
    "samtools": ["samtools", "--version"],
    "htslib": ["tabix", "--version"],
    "nextflow": ["nextflow", "-version"],
    "openjdk": ["java", "-version"],
    "pairix": ["pairix", "--version"],
}


def provenance(packages=PACKAGES):
    """Versions and digests of the software, as plain JSON values.

    Parameters
    ----------
    packages : iterable of str
        Python packages.

    Returns
    -------
    dict
        ``akitaflow``, ``python`` and each package: version, or None if it is not installed; ``code``: digest of
        the library's modules; ``commit``: commit of the checkout that the library is imported from, or None.
    """
    return {
        "akitaflow": akitaflow.__version__,
        "python": platform.python_version(),
        **{package: _version(package) for package in packages},
        "code": code_digest(),
        "commit": _commit(),
    }


def software(environment):
    """Versions that an environment file pins and versions that are installed.

    Parameters
    ----------
    environment : str or Path
        A conda environment file, whose dependencies are ``name=version``.

    Returns
    -------
    list of (str, str, str or None)
        Name, pinned version and installed version (None if it is not installed); akitaflow is first.
    """
    with open(environment) as file:
        dependencies = yaml.safe_load(file)["dependencies"]
    rows = [("akitaflow", "", akitaflow.__version__)]
    for dependency in dependencies:
        name, _, pinned = dependency.partition("=")
        if name == "python":
            installed = platform.python_version()
        elif name in COMMANDS:
            installed = command_version(COMMANDS[name])
        else:
            installed = _version(DISTRIBUTIONS.get(name, name))
        rows.append((name, pinned, installed))
    return rows


def code_digest():
    """Digest of all modules of the library, from their relative paths and contents."""
    folder = Path(akitaflow.__file__).parent
    digest = blake2b(digest_size=16)
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def files_digest(paths):
    """Digest of files, from their names and contents in the order of ``paths``."""
    digest = blake2b(digest_size=16)
    for path in map(Path, paths):
        digest.update(path.name.encode() + b"\0")
        with open(path, "rb") as file:
            while chunk := file.read(1 << 22):
                digest.update(chunk)
    return digest.hexdigest()


def config_digest(config):
    """Digest of a config, whatever the order of its keys.

    Parameters
    ----------
    config : dict
        JSON values, with every default filled in.
    """
    return blake2b(json.dumps(config, sort_keys=True).encode(), digest_size=16).hexdigest()


def file_record(path):
    """Size and checksum of a file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict
        ``bytes`` and ``sha256`` (hexadecimal digits).
    """
    with open(path, "rb") as file:
        return {"bytes": os.path.getsize(path), "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def command_version(command):
    """Version that a program prints: the first number with a point in its output, or None.

    Parameters
    ----------
    command : list of str
        The program and its arguments.
    """
    try:
        process = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return None
    number = re.search(r"\d+\.\d+[\w.-]*", (process.stdout + process.stderr).decode(errors="replace"))
    return number[0] if number else None


def _commit():
    command = ["git", "-C", str(Path(akitaflow.__file__).parent), "rev-parse", "HEAD"]
    try:
        process = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:  # no git
        return None
    return process.stdout.strip() if process.returncode == 0 else None
