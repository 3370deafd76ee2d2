"""Write the maps of the top variants as coolers, and what lies in their windows as a table."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import write_table
    from akitaflow.genome.intervals import read_chromsizes
    from akitaflow.variants import top

    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    maps = top.read(inputs.maps, top.read_scores(inputs.table))
    about = {"model": params.model, "average": dict(params.average)}
    options = {"assembly": params.genome, "metadata": about}
    chromsizes = read_chromsizes(inputs.sizes)
    top.write_coolers(output.coolers, maps, chromsizes, **options)
    write_table(top.tracks(maps, inputs.ctcf or None, inputs.genes or None, chromsizes=chromsizes), output.tracks)


with logged(snakemake.log[0]):
    main(snakemake)
