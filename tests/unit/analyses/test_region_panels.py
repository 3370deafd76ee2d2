"""One region: it is chosen by its measured patterns alone; inverted sites; claims on inversions."""

import numpy as np
import pandas as pd
import pytest
from fakes import FakeModel, random_genome

from akitaflow.analyses import mutagenesis, region_panels
from akitaflow.errors import InputError
from akitaflow.files import whole_h5
from akitaflow.genome.sequence import reverse_complement
from akitaflow.prediction.predictor import Predictor
from akitaflow.truth import inversion as claims

MODEL = FakeModel()
LENGTH = MODEL.length


@pytest.fixture
def genome():
    return random_genome(3, chr1=4 * LENGTH)


@pytest.fixture
def windows():
    start = np.arange(3) * LENGTH
    table = pd.DataFrame({"window": range(3), "chrom": "chr1", "start": start, "end": start + LENGTH})
    return table.assign(fold="test", contig=range(3))


@pytest.fixture
def sites():
    columns = ["window", "chrom", "start", "end", "name", "score", "strand"]
    rows = [(0, 10, 29, "+"), (0, 20, 39, "-"), (1, LENGTH + 50, LENGTH + 69, "-")]
    return pd.DataFrame([(w, "chr1", a, b, "CTCF", 9.0, s) for w, a, b, s in rows], columns=columns)


def test_the_region_is_the_strongest_window_that_has_sites(windows, sites):
    assert region_panels.choose_window(windows, sites, [0.1, 0.2, 0.9]) == 1
    with pytest.raises(InputError, match="no window of the fold has a site"):
        region_panels.choose_window(windows, sites[:0], [0.1, 0.2, 0.9])


def test_a_region_of_the_config_has_the_model_s_length_and_the_folds_it_overlaps(windows):
    every = windows.assign(fold=["train", "test", "test"])
    window = region_panels.given_window(f"chr1:{LENGTH // 2:,}-{LENGTH // 2 + LENGTH}", LENGTH, every).iloc[0]
    assert (window["start"], window["fold"]) == (LENGTH // 2, "test+train")
    assert region_panels.given_window(f"chr2:0-{LENGTH}", LENGTH, every)["fold"][0] == "none"
    with pytest.raises(InputError, match=f"write chr1:5-{LENGTH + 5}"):
        region_panels.given_window(f"chr1:5-{LENGTH}", LENGTH, every)


def test_overlapping_sites_are_inverted_as_one_interval(genome, windows, sites):
    (codes,) = [
        altered_prediction.altered.codes
        for altered_prediction in Predictor(MODEL, genome).stream(
            mutagenesis.Inversion().requests(genome, windows.iloc[[0]], sites)
        )
        if altered_prediction.alternative is not None
    ]
    reference = genome.fetch("chr1", 0, LENGTH)
    assert (codes[10:39] == reverse_complement(reference[10:39])).all()
    assert (np.delete(codes, slice(10, 39)) == np.delete(reference, slice(10, 39))).all()


def test_the_maps_of_a_region_are_those_of_its_sequences(genome, windows, sites):
    plan = mutagenesis.Mutagenesis("CTCF", 1, 2)
    own = sites[sites["window"] == 0]
    maps = region_panels.predict(Predictor(MODEL, genome), windows.iloc[[0]], own, plan)
    inverted = genome.fetch("chr1", 0, LENGTH).copy()
    inverted[10:39] = reverse_complement(inverted[10:39])
    assert maps["inverted"] == pytest.approx(MODEL.predict_codes(inverted[None])[0], abs=1e-6)
    _, randomised = mutagenesis.mean_maps(Predictor(MODEL, genome), windows.iloc[[0]], own, plan)
    assert (maps["randomised"] == randomised[0]).all()


def test_altered_maps_of_every_window_are_kept(genome, windows, sites, tmp_path):
    path = tmp_path / "maps.h5"
    with whole_h5(path) as file:
        maps = mutagenesis.AlteredMaps(file, MODEL, windows, model="main")
        mutagenesis.score_draws(Predictor(MODEL, genome), windows, sites, mutagenesis.Inversion(), each=maps.add)
    for column, dataset in enumerate(MODEL.outputs):
        altered = claims.read_altered(path, dataset)
        assert altered.shape == (3, MODEL.n_values)
        plain = MODEL.predict_codes(genome.fetch("chr1", 2 * LENGTH, 3 * LENGTH)[None])[0][:, column]
        assert altered[2] == pytest.approx(plain, rel=2e-3, abs=2e-3)


def test_claims_on_inversions_hold_for_the_inverted_law_only():
    random = np.random.default_rng(0)
    law, original = random.normal(size=(2, 12, 60))
    contigs, names = np.arange(12) // 3, ("A", "CTCF")

    def judged(maps):
        return [row["holds"] for row in claims.follows(maps, law, original, contigs, names, (0.5, 0.3), 100, 1)]

    assert judged(law + random.normal(0, 0.8, law.shape)) == [True, True]
    assert judged(law + original) == [True, False]
    assert judged(original) == [False, False]
