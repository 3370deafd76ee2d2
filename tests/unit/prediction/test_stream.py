"""The prediction stream: order, batches, no sequence twice, averages, bounded memory."""

import threading

import numpy as np
import pytest
from fakes import FakeModel, random_genome

from akitaflow.errors import InputError
from akitaflow.genome.sequence import UNKNOWN, reverse_complement
from akitaflow.geometry import flip_index
from akitaflow.prediction import stream as stream_module
from akitaflow.prediction.perturb import Delete, Invert, Randomise, Substitute, apply
from akitaflow.prediction.stream import Average, Request, n_predictions, stream

LENGTH = FakeModel().length
WINDOWS = [("chr1", start, start + LENGTH) for start in (100, 300, 500)]


@pytest.fixture
def genome():
    return random_genome(5, chr1=1000)


def draws(window, n):
    return tuple((Randomise(window[1] + 40, window[1] + 120, (1, "test", draw)),) for draw in range(n))


@pytest.mark.parametrize("batch_size", [1, 2, 3, 7, 100])
def test_values_and_order_do_not_depend_on_batches(genome, batch_size):
    model = FakeModel()
    requests = [Request(WINDOWS[0], draws(WINDOWS[0], 3), "a"), Request(WINDOWS[1]), Request(WINDOWS[2], ((),) * 2)]
    predictions = list(stream(model, genome, iter(requests), batch_size=batch_size))
    order = [(p.request_index, p.alternative) for p in predictions]
    assert order == [(0, None), (0, 0), (0, 1), (0, 2), (1, None), (2, None), (2, 0), (2, 1)]
    for p in predictions:
        window = requests[p.request_index].window
        reference = model.predict_codes(genome.fetch(*window)[None])[0]
        alternatives = requests[p.request_index].alternatives
        edits = () if p.alternative is None else alternatives[p.alternative]
        codes = apply(genome, window, edits, model.bin_size).codes
        assert np.array_equal(p.reference, reference)
        assert np.array_equal(p.values, model.predict_codes(codes[None])[0])
        assert p.values.dtype == np.float32 and p.values.shape == (model.n_values, 2)
        assert (p.altered is None) == (p.alternative is None)
        assert p.request is requests[p.request_index]
    assert not np.array_equal(predictions[1].values, predictions[0].values)


def test_batches_are_full_and_cross_requests(genome):
    model = FakeModel()
    list(stream(model, genome, [Request(w, draws(w, 2)) for w in WINDOWS], batch_size=4))
    assert [len(call) for call in model.calls] == [4, 4, 1]


def test_no_sequence_is_predicted_twice(genome):
    model, window = FakeModel(), WINDOWS[0]
    base = int(genome.fetch(*window)[50])
    same = (Substitute(window[1] + 50, window[1] + 51, "ACGT"[base]),)
    other = (Substitute(window[1] + 50, window[1] + 51, "ACGT"[(base + 1) % 4]),)
    alternatives = ((), same, other, *draws(window, 2), other, other)
    # the second request has the same window: its reference is shared, its alternatives are its own
    predictions = list(stream(model, genome, [Request(window, alternatives), Request(window, (other,))], batch_size=3))
    assert len(model.sequences) == 1 + 1 + 2 + 1
    assert predictions[1].values is predictions[0].values and predictions[2].values is predictions[0].values
    assert predictions[3].values is predictions[6].values and predictions[7].values is predictions[3].values
    assert not np.array_equal(predictions[3].values, predictions[0].values)
    assert predictions[8].reference is predictions[0].reference
    assert np.array_equal(predictions[9].values, predictions[3].values)


def test_alternatives_carry_their_bins(genome):
    start = WINDOWS[0][1]
    edit = (Delete(start + 64, start + 96),)
    predictions = list(stream(FakeModel(), genome, [Request(WINDOWS[0], (edit,))]))
    assert predictions[1].altered.bins.tolist() == [-1, 0, 1, 2, 3, 6, 7, 8, 9, 10, 11, -1]


def test_average_over_reverse_complement_and_shifts(genome):
    model, window = FakeModel(asymmetric=True), WINDOWS[0]
    average = Average(reverse_complement=True, shifts=(0, 3, -2))
    (prediction,) = stream(model, genome, [Request(window)], batch_size=4, average=average)
    assert len(model.sequences) == average.size == 6
    codes = genome.fetch(*window)
    right = np.r_[[UNKNOWN] * 3, codes[:-3]].astype(np.uint8)
    left = np.r_[codes[2:], [UNKNOWN] * 2].astype(np.uint8)
    flip = flip_index(model.map_bins, model.diagonal_offset)
    expected = [model.predict_codes(np.stack([c, reverse_complement(c)])) for c in (codes, right, left)]
    expected = np.mean([[forward, backward[flip]] for forward, backward in expected], axis=(0, 1))
    assert np.allclose(prediction.values, expected, atol=1e-6)
    assert not np.allclose(prediction.values, model.predict_codes(codes[None])[0])


def test_reverse_complement_changes_nothing_where_the_model_is_symmetric(genome):
    (plain,) = stream(FakeModel(), genome, [Request(WINDOWS[0])])
    (both,) = stream(FakeModel(), genome, [Request(WINDOWS[0])], average=Average(reverse_complement=True))
    assert np.allclose(plain.values, both.values, atol=1e-6)


def test_it_reads_ahead_no_more_than_a_few_batches(genome):
    read = []

    def requests():
        for index in range(1000):
            read.append(index)
            window = WINDOWS[index % 2]
            yield Request(window, ((),) * 3)  # nothing to predict but the reference

    predictions = stream(FakeModel(), genome, requests(), batch_size=5)
    for consumed in range(40):
        next(predictions)
        assert len(read) * 4 <= consumed + 4 * 5 + 8
    predictions.close()


def test_alternatives_without_effect_do_not_accumulate_in_memory(genome):
    predicted = []
    predictions = stream(FakeModel(), genome, [Request(WINDOWS[0], ((),) * 500)], batch_size=8)
    first = next(predictions)
    assert first.alternative is None
    predicted = list(predictions)
    assert len(predicted) == 500 and all(p.values is first.values for p in predicted)


def test_progress_counts_requests(genome, capsys):
    list(stream(FakeModel(), genome, [Request(w) for w in WINDOWS], progress="mapping"))
    assert "mapping" in capsys.readouterr().err


def test_a_window_of_another_length_is_refused(genome):
    with pytest.raises(InputError, match="the model takes 192"):
        list(stream(FakeModel(), genome, [Request(("chr1", 0, 100))]))
    with pytest.raises(InputError, match="overlap"):
        edits = (Invert(110, 130), Delete(120, 140))
        list(stream(FakeModel(), genome, [Request(WINDOWS[0], (edits,))]))
    with pytest.raises(InputError, match="batch_size"):
        list(stream(FakeModel(), genome, [], batch_size=0))
    with pytest.raises(InputError, match="shifts"):
        Average(shifts=())


def test_n_predictions():
    requests = [Request(WINDOWS[0], draws(WINDOWS[0], 3)), Request(WINDOWS[1])]
    assert n_predictions(requests) == 5
    assert n_predictions(requests, Average(True, (0, 1))) == 20


def threads_ahead():
    return [thread for thread in threading.enumerate() if thread.name == "sequences ahead"]


def test_sequences_are_made_in_a_thread_for_a_gpu(genome):
    requests = [Request(w, draws(w, 3)) for w in WINDOWS]
    expected = list(stream(FakeModel(), genome, requests, batch_size=2))
    model = FakeModel()
    model.on_gpu = True
    predictions = stream(model, genome, requests, batch_size=2)
    received = [next(predictions)]
    assert len(threads_ahead()) == 1
    received += predictions
    for a, b in zip(received, expected, strict=True):
        assert (a.request_index, a.alternative) == (b.request_index, b.alternative)
        assert np.array_equal(a.values, b.values)
    assert not threads_ahead()


def test_the_thread_ends_with_its_consumer_and_passes_errors_on(genome):
    read = []

    def requests(count):
        for index in range(count):
            read.append(index)
            yield Request(WINDOWS[index % 2])

    model = FakeModel()
    model.on_gpu = True
    predictions = stream(model, genome, requests(1000), batch_size=2)
    next(predictions)
    predictions.close()
    assert not threads_ahead() and len(read) < 30
    with pytest.raises(InputError, match="the model takes 192"):
        list(stream(model, genome, [Request(WINDOWS[0]), Request(("chr1", 0, 100))]))
    assert not threads_ahead()


def test_many_alternatives_are_made_twice_and_not_kept(genome, monkeypatch):
    monkeypatch.setattr(stream_module, "KEPT_BASES", 3 * LENGTH)
    computed = []
    monkeypatch.setattr(stream_module, "apply", lambda *args, **options: computed.append(1) or apply(*args, **options))
    for count, expected in ((3, 3), (4, 8), (1, 1)):
        computed.clear()
        assert len(list(stream(FakeModel(), genome, [Request(WINDOWS[0], draws(WINDOWS[0], count))]))) == count + 1
        assert len(computed) == expected
