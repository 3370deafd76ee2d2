"""The commands of docs/first_run.md are accepted, and make the numbers of jobs that the page says."""

import re
import shlex

import pytest
from places import ROOT
from studies import snakemake

PAGE = (ROOT / "docs" / "first_run.md").read_text()
ELSEWHERE = {"--use-conda", "--conda-create-envs-only", "--force"}  # need conda, or results


def commands():
    """(number of the step, arguments) of each command of the page that runs Snakemake on the paper's config."""
    found = []
    for section in re.split(r"^## (?=\d)", PAGE, flags=re.M)[1:]:
        block = re.search(r"^    snakemake .*\n(?:        .*\n)*", section, re.M)
        if block and "--configfile" in block[0]:
            words = shlex.split(block[0].replace("\\\n", " "))[1:]
            found.append((int(section.partition(".")[0]), words))
    return found


def adapted(words):
    """Arguments for a dry run without conda, in another folder."""
    kept, skip = [], 0
    for word in words:
        if skip:
            skip -= 1
        elif word in ("--conda-prefix", "--cores", "--directory"):
            skip = 1
        elif word not in ELSEWHERE and word != "-n":
            kept.append(word)
    return ["--dry-run", *kept]


def jobs(output):
    return {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", output, re.M)}


def test_the_page_has_ten_steps_in_order():
    assert re.findall(r"^## (\d+)\. ", PAGE, re.M) == [str(number) for number in range(1, 11)]
    assert re.findall(r"^\| (\d+) \|", PAGE, re.M) == [str(number) for number in range(1, 11)]
    assert [step for step, _ in commands()] == [4, 6, 7, 8, 9, 10]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (4, {"check_resources": 1, "total": 1}),
        (6, {"download_file": 8, "import_model": 1, "evaluate_model": 1, "total": 14}),
        (7, {"download_file": 20, "bin_pairs": 6, "balance_map": 6, "compute_targets": 6, "train_model": 1,
             "score_sweep": 64, "total": 244}),
        (8, {"download_file": 3, "bin_pairs": 1, "balance_map": 1, "summarise_map": 1, "total": 7}),
        (9, {"train_model": 1, "import_records": 1, "evaluate_model": 1, "total": 40}),
        (10, {"score_sweep": 64, "import_model": 1, "total": 144}),
    ],
)  # fmt: skip
def test_commands_make_the_jobs_that_the_page_says(step, expected, workflow, tmp_path):
    words = dict(commands())[step]
    status, output = snakemake(workflow, tmp_path, *adapted(words))
    assert status == 0, output[-3000:]
    assert expected.items() <= jobs(output).items()
    section = re.search(rf"^## {step}\. .*?(?=^## |\Z)", PAGE, re.M | re.S)[0]
    if step in (6, 7):
        assert f"{expected['total']}" in section
