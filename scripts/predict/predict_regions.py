"""Predict the maps of regions or whole chromosomes, all outputs of the model at once."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.genome.intervals import read_chromsizes
    from akitaflow.genome.sequence import Genome
    from akitaflow.model.folding_model import load_model
    from akitaflow.prediction import maps
    from akitaflow.prediction.map_files import save_maps
    from akitaflow.prediction.stream import Average
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    params = snakemake.params
    model = load_model(os.path.dirname(snakemake.input.weights))
    genome = Genome(snakemake.input.fasta)
    regions = [maps.as_window(region) for region in params.regions]
    if not regions:
        in_use = params.chromosomes or read_chromsizes(snakemake.input.sizes)
        regions = [maps.whole_chromosome(genome, chrom) for chrom in in_use]
        if not params.chromosomes:  # what is too short is an error only where it was asked for
            regions = maps.long_enough(regions, model.length)
    average = Average(params.average["reverse_complement"], tuple(params.average["shifts"]))
    options = {"stride_bins": params.stride_bins, "batch_size": params.batch_size, "average": average}
    made = (maps.predict_region(model, genome, region, progress=str(region), **options) for region in regions)
    save_maps(snakemake.output[0], made)


with logged(snakemake.log[0]):
    main(snakemake)
