"""Predicted regions and chromosomes as coolers, by the rules: a network of random weights on a random genome."""

import cooler
import numpy as np
import pytest
from studies import TINY

from akitaflow.genome.sequence import Genome, decode
from akitaflow.model.folding_model import load_model, save_model
from akitaflow.model.network import Architecture, build
from akitaflow.prediction.maps import predict_region
from akitaflow.prediction.predictor import Predictor

RULES = ("--allowed-rules", "prepare_genome", "predictions", "predict_regions", "write_prediction_cooler")
SIZES = {"chr1": 40000, "chr2": 12800, "short": 1000}


@pytest.fixture
def modelled(study):
    """A study with a model that nobody had to train."""
    random = np.random.default_rng(1)
    fasta = study.path("genome.fa")
    fasta.write_text("".join(f">{name}\n{decode(random.integers(0, 4, size))}\n" for name, size in SIZES.items()))
    study.enter("cool", "results/never.cool", fasta)
    geometry = {"length": 2048, "pools": TINY["geometry"]["pools"], "crop_bins": 2, "diagonal_offset": 2}
    architecture = Architecture(**TINY["models"]["main"]["architecture"], **geometry)
    description = {"architecture": architecture.to_dict(), "outputs": ["A"]}
    save_model(study.path("results", "models", "main"), build(architecture, 1), description)
    return study


def test_predicted_coolers_hold_what_the_library_predicts(modelled):
    some = ["chr1:12800-25600", "chr2:0-2048"]
    modelled.config["predictions"] = {
        "whole": {"model": "main"},
        "some": {"model": "main", "regions": some, "stride_bins": 4},
    }
    modelled.make("predictions", *RULES)
    assert not modelled.path("results/predictions/whole/maps.h5").exists()
    assert (
        "1 of 3 chromosomes, shorter than 2048 bp, are left out"
        in modelled.path("logs/predict_regions/whole.log").read_text()
    )
    model = load_model(modelled.path("results/models/main"))
    genome = Genome(modelled.path("genome.fa"))
    for name, regions, stride in (("whole", ["chr1:0-40000", "chr2:0-12800"], None), ("some", some, 4)):
        clr = cooler.Cooler(f"{modelled.path('results', 'predictions', name, 'A.mcool')}::resolutions/128")
        assert dict(clr.chromsizes) == SIZES and clr.info["genome-assembly"] == "human"
        assert clr.info["metadata"]["model"] == "main"
        stored = 0
        for region in regions:
            predicted = predict_region(Predictor(model, genome), region, stride_bins=stride)
            stored_map = clr.matrix(balance=False, field="log_oe").fetch(
                (predicted.chrom, predicted.start, predicted.end)
            )
            np.testing.assert_allclose(
                stored_map, np.nan_to_num(predicted.maps[0]), atol=1e-5
            )  # other batches, other rounding
            stored += int(np.isfinite(predicted.band).sum())
        assert clr.info["nnz"] == stored > 0


def test_a_region_beyond_its_chromosome_is_an_error_of_one_line(modelled):
    modelled.config["predictions"] = {"p": {"model": "main", "regions": ["chr2:11520-14080"]}}
    output = modelled.fails("predictions", *RULES)
    assert "error: region chr2:11520-14080 extends beyond its chromosome, chr2:0-12800" in output
