"""A model together with a genome and the options of its predictions."""

from dataclasses import dataclass, field

from akitaflow.genome.sequence import Genome
from akitaflow.prediction.stream import Average, stream


@dataclass(frozen=True, eq=False)
class Predictor:
    """Predictions of one model on one genome.

    Parameters
    ----------
    model : akitaflow.model.folding_model.FoldingModel
    genome : akitaflow.genome.sequence.Genome or path of a FASTA
    batch_size : int
        Sequences per call of the model.
    average : akitaflow.prediction.stream.Average, optional
        Strands and shifts to average over; by default none.
    """

    model: object
    genome: object
    batch_size: int = 8
    average: Average = field(default_factory=Average)

    def __post_init__(self):
        if not hasattr(self.genome, "fetch"):
            object.__setattr__(self, "genome", Genome(self.genome))
        if self.average is None:
            object.__setattr__(self, "average", Average())

    def stream(self, requests, progress=None):
        """Predictions of windows and of their alternatives: :func:`akitaflow.prediction.stream.stream`.

        Parameters
        ----------
        requests : iterable of akitaflow.prediction.stream.Request
        progress : str, optional
            Description of a progress line.

        Yields
        ------
        akitaflow.prediction.stream.Prediction
        """
        options = {"batch_size": self.batch_size, "average": self.average, "progress": progress}
        return stream(self.model, self.genome, requests, **options)
