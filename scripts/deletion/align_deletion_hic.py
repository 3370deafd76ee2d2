"""Align the Hi-C maps of a locus and of its deletion on the model's bins."""

from akitaflow.logs import logged


def main(snakemake):
    import numpy as np

    from akitaflow.analyses import deletion, deletion_maps
    from akitaflow.dataset.targets import TargetSteps
    from akitaflow.genome.sequence import Genome

    inputs, params = snakemake.input, snakemake.params
    steps = TargetSteps.from_config(params.geometry, params.targets)
    locus = deletion.Locus.read(inputs.window, steps.geometry)
    altered = locus.altered(Genome(inputs.fasta))
    chrom, first = locus.window.chrom, locus.window.start // steps.bin_size
    bins = deletion_maps.own_bins(altered, steps.bin_size)
    deleted = deletion_maps.hic(inputs.deletion, chrom, bins, steps, locus.deletion)
    maps = {
        "wild_type": deletion_maps.hic(inputs.wild_type, chrom, first + np.arange(steps.window_bins), steps),
        "deletion": deleted,
        "deletion_in_reference": locus.in_reference(deleted, altered.bins),
    }
    deletion.write_maps(snakemake.output[0], maps, altered.bins, locus, datasets=params.datasets)


with logged(snakemake.log[0]):
    main(snakemake)
