"""A predictor gives what the stream gives, and reads its genome."""

import numpy as np
import pytest
from fakes import FakeModel, random_genome

from akitaflow.genome.sequence import Genome, decode
from akitaflow.prediction.perturb import Randomise
from akitaflow.prediction.predictor import Predictor
from akitaflow.prediction.stream import Average, Request, stream

WINDOWS = [("chr1", start, start + 192) for start in (0, 160, 320)]
REQUESTS = [Request(window, ((Randomise(window[1] + 9, window[1] + 30, seed=(1,)),),)) for window in WINDOWS]


@pytest.mark.parametrize("average", [None, Average(), Average(reverse_complement=True, shifts=(0, 2))])
def test_a_predictor_streams_as_the_function_does(average, monkeypatch):
    lines = []
    monkeypatch.setattr("akitaflow.logs.progress", lambda requests, text, unit: lines.append(text) or requests)
    genome, model = random_genome(0, chr1=600), FakeModel(asymmetric=True)
    predictor = Predictor(model, genome, batch_size=3, average=average)
    predictions = list(predictor.stream(iter(REQUESTS), progress="predicting"))
    expected = list(stream(FakeModel(asymmetric=True), genome, REQUESTS, batch_size=3, average=average))
    assert [(p.request_index, p.alternative) for p in predictions] == [
        (p.request_index, p.alternative) for p in expected
    ]
    for one, other in zip(predictions, expected, strict=True):
        assert np.array_equal(one.values, other.values)
    assert max(len(call) for call in model.calls) == 3
    assert lines == ["predicting"]


def test_the_genome_may_be_a_path(tmp_path):
    (tmp_path / "genome.fa").write_text(f">chr1\n{decode(random_genome(0, chr1=600).chromosomes['chr1'])}\n")
    genome = Predictor(FakeModel(), tmp_path / "genome.fa").genome
    assert isinstance(genome, Genome) and genome.chromsizes == {"chr1": 600}
    assert Average.from_config({"reverse_complement": True, "shifts": [0, 1]}) == Average(True, (0, 1))
