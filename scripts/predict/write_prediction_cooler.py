"""Write the predicted maps of one output as a cooler with several resolutions."""

from akitaflow.logs import logged


def main(snakemake):
    import h5py

    from akitaflow.genome.intervals import read_chromsizes
    from akitaflow.prediction.map_files import read_maps, write_cooler

    params, output = snakemake.params, snakemake.wildcards.dataset
    about = {"model": params.model, "average": dict(params.average)}
    with h5py.File(snakemake.input.maps) as file:
        sizes = read_chromsizes(snakemake.input.sizes)
        maps = read_maps(file)
        write_cooler(snakemake.output[0], maps, output, sizes, assembly=params.genome, metadata=about)


with logged(snakemake.log[0]):
    main(snakemake)
