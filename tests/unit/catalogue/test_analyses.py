"""Catalogue of settings of analyses that pass the schema and cannot work, or that are unusual and valid."""

import pytest
from configs import put

from akitaflow.errors import InputError


@pytest.fixture
def loaded(small, tmp_path):
    """Loads the small study, with files, a second genome, its split and a second dataset, after edits."""
    for name in ("calls.vcf", "five_c.txt", "b.cool", "rmsk.txt"):
        (tmp_path / name).write_text("")
    rows = small.rows + "B\ttoy\tcool\tb.cool\ttrain\t\nM\tmouse\tcool\tc.cool\tevaluate\t\n"

    def load(*edits, runs=small.runs):
        def edit(raw):
            raw["genomes"]["mouse"] = {"fasta": "genome.fa", "repeatmasker": "rmsk.txt"}
            raw["splits"]["mouse"] = {"genome": "mouse", "max_contig_bins": 64}
            for change in edits:
                change(raw)

        return small(edit, datasets=rows, runs=runs)

    return load


def deletion(**settings):
    return put("deletions", {"l": {"deletion": "chr1:64-72", **settings}})


def records(**files):
    return put("splits.main.records", {"folder": "results/x", "outputs": ["A", "B"], "files": files or None})


NO_TEST = put("splits.main.fractions", {"train": 0.9, "valid": 0.1, "test": 0})
VALID = put("evaluation.fold", "valid")
NOTHING = dict.fromkeys(("learning_rate", "momentum", "clip_norm", "dropout", "filters"))
REFUSED = {
    "a panel of another length": (
        [put("region_panels.window", "chr1:8-100")],
        "region_panels.window: chr1:8-100 has 92 bp from 8 on, but the model reads 128 .*; write chr1:8-136",
    ),
    "a panel within a bin": ([put("region_panels.window", "chr1:3-131")], "from a bin of 8 bp on; write chr1:0-128"),
    "a panel elsewhere": ([put("region_panels.window", "chr9:0-128")], "region_panels.window: 'chr9' is no chromosome"),
    "a deletion's window within a bin": ([deletion(region="chr1:3-131")], "l.region: .* write chr1:0-128"),
    "a deletion in the crop": ([deletion(region="chr1:64-192")], "l.region: its map, .* does not hold the deletion"),
    "one map of both": (
        [deletion(measured={"deletion": "A"})],
        "l.measured.deletion: A is that of the undeleted locus, too",
    ),
    "one matrix of both": (
        [deletion(five_c={"wild_type": "five_c.txt", "deletion": "five_c.txt"})],
        "l.five_c.deletion: five_c.txt is that of the undeleted locus",
    ),
    "a deletion's genome without FASTA": (
        [put("genomes.other", {"fasta": "no.fa"}), deletion(genome="other")],
        "genomes.other.fasta: no such file: no.fa",
    ),
    "no window to mutate": ([NO_TEST, VALID], r"fractions.test: 0, .* randomised there \(mutagenesis.fold\)"),
    "no window of random variants": (
        [NO_TEST, VALID, put("mutagenesis.motifs", []), put("variants", {"sets": {"s": {"file": "calls.vcf"}}})],
        r"fractions.test: 0, .* \(variants.fold\)",
    ),
    "no window of the other genome": (
        [
            put("splits.mouse.fractions", {"train": 1, "valid": 0, "test": 0}),
            put("cross_species", {"split": "mouse", "dataset": "M"}),
        ],
        r"splits.mouse.fractions.test: 0, .* \(cross_species.fold\)",
    ),
    "no records to evaluate": ([records(train=2, valid=1, test=0)], "records.files.test: 0, .* cannot be evaluated"),
    "no records to learn from": ([records(train=0, valid=1, test=2)], "records.files.train: 0, .* cannot be trained"),
    "no folder of tracks": ([put("motif_sweep.tracks", "nowhere")], "motif_sweep.tracks: no folder nowhere"),
    "nothing to search": ([put("search.space", NOTHING)], "search.space: no parameter has a range"),
    "momentum of adam": (
        [
            put("search.space", {name: None for name in NOTHING if name != "momentum"}),
            put("models.main.training.optimizer", "adam"),
        ],
        "search.space: no parameter has a range",
    ),
    "another base": (
        [put("comparison.alternatives", {"base": {"training": {"learning_rate": 1}}})],
        "alternatives.base: this is the name of the model as it is",
    ),
    "a base of one dataset": (
        [put("comparison.alternatives", {"base": {"datasets": ["A"]}})],
        "alternatives.base: this is the name of the model as it is",
    ),
    "an even kernel": (
        [put("comparison.alternatives", {"wide": {"targets": {"smoothing_width": 8}}})],
        "alternatives.wide.targets.smoothing_width: it is even",
    ),
    "parts of a base": (
        [put("evaluation.composition_bins", 9)],
        "evaluation.composition_bins: 9 parts of a bin of 8 bp; write 8 or less",
    ),
    "training windows of N": ([put("models.main.training.shift", 128)], "training.shift: 128 bp may move all bases"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_settings_that_cannot_work_are_refused(loaded, case):
    edits, message = REFUSED[case]
    with pytest.raises(InputError, match=message) as caught:
        loaded(*edits)
    assert str(caught.value).startswith("config.yaml, ")


ACCEPTED = {
    "a panel": [put("region_panels.window", "chr1:8-136")],
    "a deletion near the end of its map": [deletion(region="chr1:40-168")],
    "another map": [deletion(measured={"deletion": "B"})],
    "only the undeleted 5C": [deletion(five_c={"wild_type": "five_c.txt"})],
    "other folds": [NO_TEST, VALID, put("mutagenesis.fold", "valid")],
    "no sites and no random variants": [
        NO_TEST,
        VALID,
        put("mutagenesis.motifs", []),
        put("variants", {"sets": {"s": {"file": "calls.vcf"}}, "random": 0}),
    ],
    "a fold of one chromosome": [NO_TEST, put("splits.main.chromosomes", {"test": ["chr2"]})],
    "all files of a folder": [records()],
    "fractions that cross-validation leaves": [
        put("splits.main.cross_validation", 3),
        put("splits.main.fractions", {"train": 1, "valid": 0, "test": 0}),
    ],
    "tracks that are made": [put("motif_sweep.tracks", "results/tracks")],
    "one parameter": [put("search.space", {**NOTHING, "dropout": {"low": 0.1}})],
    "a described base": [put("comparison.alternatives", {"base": {"description": "ours"}})],
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_unusual_settings_are_accepted(loaded, case):
    loaded(*ACCEPTED[case])


def test_experiments_may_name_a_cross_validated_model(loaded):
    """As figures and predictions may; number 1 is meant."""
    inserts = {"inserts": {"x": "ACGT"}, "arrangements": {"a": {"sites": ["x+"]}}, "model": "main"}
    study = loaded(
        put("splits.main.cross_validation", 3),
        put("variants", {"sets": {"s": {"file": "calls.vcf", "model": "main"}}}),
        put("saturation", {"s": {"region": "chr1:8-16", "model": "main"}}),
        put("experiments", {"e": inserts}),
    )
    assert study.model_of_variants("s") == "main_1"
    assert [study.model_of_experiment(*names) for names in (("saturation", "s"), ("experiments", "e"))] == [
        "main_1"
    ] * 2


def test_a_folder_of_records_may_end_with_a_slash(loaded):
    study = loaded(put("splits.main.records", {"folder": "https://example.org/x/", "outputs": ["A", "B"],
                                               "files": {"train": 1, "valid": 1, "test": 1}}))  # fmt: skip
    assert all("x//" not in address for address in study.addresses())
    assert "https://example.org/x/sequences.bed" in study.addresses()


def test_checksums_may_be_in_upper_case(loaded, small, tmp_path):
    """As certutil and PowerShell print them."""
    (tmp_path / "r.tsv").write_text(f"name\turl\tchecksum\na\thttps://example.org/a\tmd5:{'AB' * 16}\n")
    lines = small.runs.splitlines()
    runs = f"{lines[0]}\tmd5_1\n{lines[1]}\t{'CD' * 16}\n"
    study = loaded(put("resources", "r.tsv"), runs=runs)
    assert study.expected_file("https://example.org/a")["checksum"] == f"md5:{'ab' * 16}"
    assert study.expected_reads("A", "R1", "lane1")["md5_1"] == "cd" * 16
