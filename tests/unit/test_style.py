"""Formatters and linters find nothing, and nothing of one machine is tracked."""

import os
import re
import shutil
import subprocess
import sys

import pytest

LARGEST = 2_000_000  # bytes
MACHINE_PATHS = re.compile(r"(?<![\w.}/)])/(?:root|home/\w+|Users/\w+|work|mnt|scratch|tmp/w)/")
REGISTRY_HOSTS = re.compile(r"pypi\.org|pythonhosted\.org|conda\.anaconda\.org|--(?:extra-)?index-url|--find-links")


def run(root, *command):
    done = subprocess.run([sys.executable, "-m", *command], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"


def tracked(root):
    """Files that git tracks, or would if they were added."""
    if not shutil.which("git") or not (root / ".git").exists():
        pytest.skip("needs git and a clone")
    command = ["git", "-c", f"safe.directory={root}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    paths = [root / name for name in names.split("\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.mark.slow
def test_fast_tests_are_collected_without_tensorflow(root):
    run(root, "pytest", "--fast", "--collect-only", "-q", "-p", "no:xdist", "tests/unit")


def test_python_is_linted(root):
    run(root, "ruff", "check", ".")


def test_python_is_formatted(root):
    run(root, "ruff", "format", "--check", ".")


def test_snakemake_files_are_formatted(root):
    run(root, "snakefmt", "--check", "Snakefile", "rules")


def test_snakemake_lint_finds_no_problems(root):
    run(root, "snakemake", "--lint", "--directory", "demo", "--snakefile", "Snakefile")


def test_shell_scripts_parse(root):
    for script in ["setup.sh", ".ci/run"]:
        subprocess.run(["bash", "-n", script], cwd=root, check=True)
        assert os.access(root / script, os.X_OK), f"{script} is not executable"


def test_tracked_files_are_small(root):
    large = [f"{path}: {path.stat().st_size} bytes" for path in tracked(root) if path.stat().st_size > LARGEST]
    assert not large, "\n".join(large)


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, REGISTRY_HOSTS], ids=["machine paths", "registry hosts"])
def test_nothing_of_one_machine_is_tracked(root, pattern):
    matches = []
    for path in tracked(root):
        if path.samefile(__file__):
            continue
        content = path.read_bytes()
        if b"\0" in content[:8000]:
            continue
        for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
            if pattern.search(line):
                matches.append(f"{path.relative_to(root)}:{number}: {line.strip()[:100]}")
    assert not matches, "\n".join(matches)
