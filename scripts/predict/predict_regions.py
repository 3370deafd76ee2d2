"""Predict the maps of regions or whole chromosomes for all outputs of the model."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    from akitaflow.genome.intervals import read_chromsizes
    from akitaflow.model.folding_model import load_predictor
    from akitaflow.prediction import maps
    from akitaflow.prediction.map_files import save_maps
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    params = snakemake.params
    folder = os.path.dirname(snakemake.input.weights)
    predictor = load_predictor(folder, snakemake.input.fasta, params.batch_size, params.average)
    regions = [maps.as_window(region) for region in params.regions]
    if not regions:
        in_use = params.chromosomes or read_chromsizes(snakemake.input.sizes)
        regions = [maps.whole_chromosome(predictor.genome, chrom) for chrom in in_use]
        if not params.chromosomes:  # short chromosomes are an error only if the config names them
            regions = maps.long_enough(regions, predictor.model.length)
    maps.check_regions(regions, predictor.model, predictor.genome)
    options = {"stride_bins": params.stride_bins}
    predicted = (maps.predict_region(predictor, region, progress=str(region), **options) for region in regions)
    save_maps(snakemake.output[0], predicted)


with logged(snakemake.log[0]):
    main(snakemake)
