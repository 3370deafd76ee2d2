"""What the config may say under ``predictions``, and what each mistake is answered with."""

import pytest
from configs import put

from akitaflow.errors import InputError


def test_predictions_are_taken_as_they_are(small):
    loaded = small(
        put("predictions", {"all": {"model": "main"}, "one": {"model": "main", "regions": ["chr1:8-1,024"]}})
    )
    assert loaded.config["predictions"]["all"] == {
        "model": "main",
        "genome": None,
        "regions": [],
        "chromosomes": [],
        "stride_bins": None,
    }
    assert small().config["predictions"] == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "mian"}, r"predictions.p.model: 'mian' is no model of this study; did you mean 'main'\?"),
        ({"genome": "hg38"}, "predictions.p.genome: 'hg38' is no genome"),
        ({"chromosomes": ["chr3"]}, "predictions.p.chromosomes.0: 'chr3' is no chromosome"),
        ({"regions": ["chr3:0-128"]}, "predictions.p.regions.0: 'chr3' is no chromosome"),
        ({"regions": ["chr1:0-128", "chr1"]}, "predictions.p.regions.1: found 'chr1'; write a region as"),
        ({"regions": ["chr1:0-127"]}, "has 127 bp, but a model reads 128; write a longer region"),
        ({"regions": ["chr1:3-200"]}, "does not begin and end at bins of 8 bp; write chr1:0-200"),
        ({"regions": ["chr1:0-201"]}, "write chr1:0-208"),
        ({"regions": ["chr1:0-200"], "chromosomes": ["chr1"]}, "both regions and chromosomes are given"),
        ({"stride_bins": 13}, "stride_bins: 13 leaves gaps between maps of 12 bins; write 12 or less"),
    ],
)
def test_mistakes_are_named(small, changes, message):
    with pytest.raises(InputError, match=message):
        small(put("predictions", {"p": {"model": "main", **changes}}))
