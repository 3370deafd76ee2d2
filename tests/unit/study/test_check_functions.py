"""Checks of a study by themselves, each called with a study."""

import copy

import pandas as pd
import pytest
from configs import DATASETS, put

from akitaflow.errors import InputError
from akitaflow.genome.intervals import Window, parse_region
from akitaflow.study.checks import order
from akitaflow.study.checks.common import require_file, require_known, require_region
from akitaflow.study.checks.datasets import check_levels
from akitaflow.study.study import Study


def study(config=None, datasets=(), **roots):
    """A study of which only some is there; its datasets stand from line 7 on."""
    table = pd.DataFrame(list(datasets), columns=["dataset", "genome", "entry", "path", "role"]).set_index("dataset")
    lines = {"datasets": list(range(7, 7 + len(table))), "runs": []}
    return Study(
        config=config or {},
        roots=roots,
        source="config.yaml",
        datasets=table,
        dataset_table="datasets.tsv",
        line_numbers=lines,
    )


def test_mcools_without_the_bins_are_refused_before_they_are_fetched():
    fourdn = "{data}/x/4DNFI9FVHJZQ.mcool"
    roots = {"data": "https://4dn-open-data-public.s3.amazonaws.com"}

    def check(bin_size, path):
        rows = [("A", "hg38", "cool", path, "train"), ("B", "hg38", "mcool", path, "train")]
        check_levels(study({"geometry": {"bin_size": bin_size}}, rows, **roots))

    check(2000, fourdn)
    check(2048, "own.mcool")
    with pytest.raises(InputError, match=r"(?s)datasets.tsv, row 8.*none of 2048.*entry pairs.*2000-bp bins"):
        check(2048, fourdn)


def test_errors_of_unknown_names_suggest_the_nearest_or_list_all():
    require_known("hg38", ["hg38"], "config.yaml, x", "genome")
    for name, known, answer in (
        ("hg39", ["mm10", "hg38"], "did you mean 'hg38'?"),
        ("yeast", ["mm10", "hg38"], "write one of: mm10, hg38"),
        ("yeast", [], "write one of: (none is defined)"),
    ):
        with pytest.raises(InputError) as caught:
            require_known(name, known, "config.yaml, x", "genome")
        assert str(caught.value) == f"config.yaml, x: {name!r} is no genome of this study; {answer}"


def test_a_region_is_what_the_parser_of_regions_reads():
    for text in ("chr1:1,000-2,000", "HLA:01:10-20", "HLA-DRB1*15:01:1-20"):
        assert require_region(text, None, "config.yaml, x") == parse_region(text)
    assert require_region("HLA:01:10-20", ["HLA:01"], "config.yaml, x") == Window("HLA:01", 10, 20)
    for text, message in (
        ("HLA:01", "config.yaml, x: found 'HLA:01'; write a region as chr11:33900000-34100000"),
        ("HLA:01:20-20", r"config.yaml, x: HLA:01:20-20 ends before it starts; write start < end \(0-based"),
        ("HLA:01:10-20", "config.yaml, x: 'HLA:01' is no chromosome of this study; did you mean 'HLA:02'"),
    ):
        with pytest.raises(InputError, match=message):
            require_region(text, ["HLA:02"], "config.yaml, x")


def test_files_are_checked_at_their_expanded_paths(tmp_path):
    checked = study(data=str(tmp_path))
    (tmp_path / "a.mcool").write_text("")
    for path in (None, "", "{data}/a.mcool::resolutions/2048", "results/x", "https://example.org/x"):
        require_file(checked, path, "config.yaml, x")
    with pytest.raises(InputError, match=r"no such file: .*/b.cool \(written \{data\}/b.cool\); put the file there"):
        require_file(checked, "{data}/b.cool", "config.yaml, x")
    with pytest.raises(InputError, match="is a folder, not a file"):
        require_file(checked, "{data}", "config.yaml, x")


def test_a_chromosome_with_colons_is_held_out(small):
    def edit(raw):
        raw["genomes"]["toy"]["chromosomes"] = ["chr1", "HLA-DRB1*15:01"]
        raw["splits"]["main"]["holdout"] = [{"region": "HLA-DRB1*15:01:1-20", "fold": "test"}]

    holdout = small(edit).config["splits"]["main"]["holdout"]
    assert parse_region(holdout[0]["region"]) == Window("HLA-DRB1*15:01", 1, 20)


def test_defaults_are_checked_like_values_of_the_config(small):
    """The first model is shown where figures.model names none."""
    for model in (None, "main"):

        def edit(raw, model=model):
            raw["figures"] = {"model": model}
            raw["cell_types"] = {"datasets": ["A", "C"]}

        with pytest.raises(InputError, match="cell_types.datasets: 'C' is no output of model main"):
            small(edit)


def test_the_undeleted_map_of_a_deletion_is_one_of_its_genome(small):
    def edit(raw):
        raw["genomes"]["other"] = {"fasta": "genome.fa"}
        measured = {"deletion": "D"}
        raw["deletions"] = {"locus": {"deletion": "chr1:64-72", "genome": "other", "measured": measured}}

    rows = small.rows + "D\tother\tcool\tc.cool\tmap\t0\n"
    with pytest.raises(InputError, match="measured.wild_type: A is mapped to toy, the locus lies on other"):
        small(edit, datasets=rows)


def test_checks_leave_the_study_as_it_is(small):
    loaded = small(put("predictions", {"all": {"model": "main"}}))
    config, datasets = copy.deepcopy(loaded.config), loaded.datasets.copy()
    for check in order.AS_WRITTEN + order.COMPLETE:
        assert check(loaded) is None
    assert loaded.config == config
    pd.testing.assert_frame_equal(loaded.datasets, datasets)


def test_rows_of_tables_have_their_lines(small):
    loaded = small(datasets="# ours\n" + DATASETS + "A\ttoy\tfastq\t\ttrain\t30\n\nC\ttoy\tcool\tc.cool\tmap\t0\n")
    assert [(number, row["dataset"]) for number, row in loaded.numbered_rows("datasets")] == [(3, "A"), (5, "C")]
    assert [(number, row["run"]) for number, row in loaded.numbered_rows("runs")] == [(2, "lane1")]
