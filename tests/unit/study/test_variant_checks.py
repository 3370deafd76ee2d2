"""What the config may say under ``variants``, and the error of each mistake."""

import pytest
from configs import put

from akitaflow.errors import InputError


@pytest.fixture
def with_sets(small, tmp_path):
    """Loads the small study with sets of variants, after an edit."""
    for name in ("calls.vcf", "lift.chain"):
        (tmp_path / name).write_text("")

    def load(sets, **settings):
        return small(put("variants", {"sets": sets, **settings}))

    return load


def test_a_study_has_no_variants_unless_it_names_a_set(small):
    assert small().config["variants"]["sets"] == {}


def test_sets_belong_to_models(with_sets):
    study = with_sets({"one": {"file": "calls.vcf"}, "two": {"file": "calls.vcf", "chain": "lift.chain"}})
    assert study.variants_of_model("main") == ["one", "two"] and study.variants_of_model("other") == []
    assert study.genome_of_variants("one") == "toy" and study.device_of_variants("one") == "auto"
    assert study.files_of_variants("main", "chain") == [None, "lift.chain"]
    assert study.reading_of_variants("one") == {"format": None, "bed_kind": None, "sample": None}
    assert study.background_of_variants("two", "a") == "results/variants/background/main/a"
    assert with_sets({"one": {"file": "calls.vcf"}}, random=0).background_of_variants("one", "a") == []


def test_addresses_of_variants_are_downloaded(with_sets):
    study = with_sets({"one": {"file": "https://example.org/calls.vcf.gz", "chain": "https://example.org/a.chain"}})
    assert study.addresses() == ["https://example.org/calls.vcf.gz", "https://example.org/a.chain"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "variants.sets.s: the key 'file' is missing"),
        ({"file": "none.vcf"}, "variants.sets.s.file: no such file: none.vcf"),
        ({"chain": "none.chain"}, "variants.sets.s.chain: no such file"),
        ({"model": "mian"}, r"variants.sets.s.model: 'mian' is no model of this study; did you mean 'main'\?"),
        ({"format": "vfc"}, r"found 'vfc'; write one of vcf, bed, tsv, null; did you mean 'vcf'\?"),
        ({"format": "bed", "sample": "NA12878"}, "s.sample: found 'NA12878' with format bed; write format: vcf, or no"),
        ({"format": "vcf", "bed_kind": "DEL"}, "s.bed_kind: found 'DEL' with format vcf; write format: bed, or no"),
    ],
)
def test_mistakes_in_a_set_are_named(with_sets, settings, message):
    with pytest.raises(InputError, match=message):
        with_sets({"s": {"file": "calls.vcf", **settings} if settings else {}})


def test_mistakes_beside_the_sets_are_named(with_sets):
    sets = {"s": {"file": "calls.vcf"}}
    for settings, message in (
        ({"average": {"shifts": [0, 128]}}, "average.shifts.1: 128 bp move all bases out of the window of 128 bp"),
        ({"insulation_bins": 6}, "insulation_bins: 6 bins on both sides of a bin do not fit into a map of 12 bins"),
        ({"random": -1}, "variants.random: found -1; write a whole number of at least 0"),
    ):
        with pytest.raises(InputError, match=message):
            with_sets(sets, **settings)
    with pytest.raises(InputError, match="variants.sets.background: results/variants/background is in use"):
        with_sets({"background": {"file": "calls.vcf"}})


def test_variants_need_a_model(small, tmp_path):
    (tmp_path / "calls.vcf").write_text("")

    def edit(raw):
        raw["variants"] = {"sets": {"s": {"file": "calls.vcf"}}}
        del raw["models"]

    with pytest.raises(InputError, match="variants.sets.s.model: the study has no model"):
        small(edit)


# --- saturation and experiments --------------------------------------------------------------------------------------
PAIR = {"inserts": {"x": "ACGTACGT"}, "arrangements": {"pair": {"sites": ["x+", "x-"], "spacing": 50}}}


def test_experiments_belong_to_models(small):
    def edit(raw):
        raw.update({"saturation": {"site": {"region": "chr1:8-40"}}, "experiments": {"e": PAIR}})

    study = small(edit)
    assert study.genome_of_saturation("site") == "toy" and study.model_of_experiment("experiments", "e") == "main"
    assert study.output_of_experiment("saturation", "site") == "A"
    assert study.device_of_experiment("experiments", "e") == "auto"
    assert study.config["experiments"]["e"]["backgrounds"] == 20


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("saturation", {"region": "chr9:1-5"}, "saturation.s.region: 'chr9' is no chromosome"),
        ("saturation", {"region": "chr1:1-5", "model": "x"}, "saturation.s.model: 'x' is no model"),
        ("saturation", {"region": "chr1:1-5", "block": 5}, "saturation.s.block: found 5 with method: substitute"),
        ("experiments", {"inserts": {"x": "ACN"}, "arrangements": {"a": {"sites": ["x+"]}}}, "inserts.x: found 'ACN'"),
        ("experiments", {**PAIR, "arrangements": {"a": {"sites": ["y+"]}}}, "a.sites.0: 'y' is no insert"),
        ("experiments", {**PAIR, "arrangements": {"a": {"sites": ["x"]}}}, "arrangements.a.sites.0: found 'x'"),
        (
            "experiments",
            {**PAIR, "arrangements": {"a": {"sites": ["x+", "x+"], "spacing": 7}}},
            "a.spacing: inserts of 8 bp overlap at 7 bp; write 8 or more",
        ),
        (
            "experiments",
            {**PAIR, "arrangements": {"a": {"sites": ["x+", "x+"], "spacing": 121}}},
            "a.spacing: inserts span 129 bp, but the model reads 128",
        ),
    ],
)
def test_mistakes_in_experiments_are_named(small, key, value, message):
    with pytest.raises(InputError, match=message):
        small(put(key, {"s": value}))
