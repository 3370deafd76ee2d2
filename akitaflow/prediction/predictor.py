"""A model with the genome it reads and how its predictions are made: what every analysis is given."""

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
        Strands and shifts to average over; the sequence as it is if not given.
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

    @classmethod
    def load(cls, folder, fasta, batch_size=8, average=None):
        """With a trained model from its folder (:func:`akitaflow.model.folding_model.load_model`).

        Parameters
        ----------
        folder : str or Path
        fasta : str or Path
        batch_size : int
        average : Average or dict, optional
            A dict as in the config: reverse_complement, shifts.
        """
        from akitaflow.model.folding_model import load_model  # TensorFlow; and that module uses this one

        if isinstance(average, dict):
            average = Average.from_config(average)
        return cls(load_model(folder), Genome(fasta), batch_size, average)

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
