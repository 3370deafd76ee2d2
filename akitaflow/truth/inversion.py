"""Claims about inverted sites: predicted maps agree with the maps of the folding law with inverted sites."""

import h5py
import numpy as np

from akitaflow.evaluation import bootstrap
from akitaflow.evaluation.accuracy import intervals
from akitaflow.evaluation.scores import pearson
from akitaflow.prediction.perturb import apply
from akitaflow.simulate import folding
from akitaflow.truth import at_least


def maps_of_the_law(genome, windows, plan, pairs, law, steps, h5_path):
    """Noise-free maps of windows with original and with altered sites, computed with the folding law.

    Parameters
    ----------
    genome : akitaflow.genome.sequence.Genome
    windows, pairs : DataFrame
        Windows of a fold, and their sites (:func:`akitaflow.genome.motifs.sites_in_windows`).
    plan : akitaflow.analyses.mutagenesis.Inversion
    law : akitaflow.simulate.folding.Law
    steps : akitaflow.dataset.targets.TargetSteps
    h5_path : str
        Maps of the unaltered genome (:func:`akitaflow.simulate.folding.write_maps`).

    Returns
    -------
    (reference, altered) : tuple of ndarray of float32, shape (windows, n_values)
    """
    bands, mean = folding.noise_free_means(h5_path, steps)
    flank = steps.bin_size * bands[next(iter(bands))].shape[1]
    reference, altered = [], []
    for request in plan.requests(genome, windows, pairs):
        chrom, start, end = request.window
        first, last = max(0, start - flank), min(genome.chromsizes[chrom], end + flank)
        codes = genome.fetch(chrom, first, last)
        contact = folding.square(bands[chrom], start // steps.bin_size, steps.window_bins)
        reference.append(folding.noise_free_values(contact, mean, steps))
        if request.alternatives:
            edited = apply(genome, request.window, request.alternatives[0], steps.bin_size)
            codes[start - first : end - first] = edited.codes
            band = folding.enrichment(codes, law)
            contact = folding.square(band, (start - first) // steps.bin_size, steps.window_bins)
        altered.append(folding.noise_free_values(contact, mean, steps))
    return np.array(reference), np.array(altered)


def read_altered(path, dataset):
    """Predicted altered maps of one dataset.

    Parameters
    ----------
    path : str
        File of :class:`akitaflow.analyses.mutagenesis.AlteredMaps`.
    dataset : str

    Returns
    -------
    ndarray of float32, shape (windows, n_values)
    """
    with h5py.File(path) as file:
        column = list(file.attrs["outputs"]).index(dataset)
        return file["altered"][:, :, column].astype(np.float32)


def follows(predicted, law, original, contigs, names, thresholds, n, seed):
    """Claims that predictions with inverted sites agree with the law, and more than with maps of the original sites.

    Parameters
    ----------
    predicted, law, original : ndarray, shape (windows, n_values)
        Maps of the windows with sites: predicted and noise-free ones with inverted sites, and noise-free ones with
        original sites.
    contigs : array_like, shape (windows,)
        Contig of each window.
    names : (str, str)
        Dataset and motif, for the claims.
    thresholds : (float, float)
        Least correlation with ``law``, and least difference from the correlation with ``original``.
    n, seed : int
        Resamples and seed of the bootstrap over contigs.

    Returns
    -------
    list of dict
    """
    dataset, motif = names
    correlation = intervals(law, predicted, contigs, n, (seed, "truth", "inversion"))["pearson"]

    def agreement(maps):
        return lambda items: float(pearson(maps[items], predicted[items]))

    seeds = (seed, "truth", "inversion margin")
    margin = bootstrap.difference(agreement(law), agreement(original), contigs, n, seeds)
    claim = f"{dataset}: Pearson correlation of maps with {motif} sites inverted and the law of that genome"
    return [
        at_least(claim, thresholds[0], *correlation),
        at_least(f"{claim}, minus that with the law of the genome as it is", thresholds[1], *margin),
    ]
