"""Predict a locus with and without its boundary, and without every subset of the boundary's sites."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    import numpy as np

    from akitaflow.analyses import deletion
    from akitaflow.files import read_table, write_table
    from akitaflow.geometry import Geometry
    from akitaflow.model.folding_model import load_predictor
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    inputs, params, names = snakemake.input, snakemake.params, snakemake.wildcards
    locus = deletion.Locus.read(inputs.window, Geometry.from_config(params.geometry))
    sites = read_table(inputs.sites)
    predictor = load_predictor(os.path.dirname(inputs.weights), inputs.fasta, params.batch_size, params.average)
    maps, bins, table = deletion.predict(predictor, locus, sites)
    about = {"model": names.model, "locus": names.locus, **locus.window._asdict(), "fold": locus.about["fold"]}
    for place, (name, value) in enumerate(about.items()):
        table.insert(place, name, value)
    write_table(table, snakemake.output.subsets)
    outputs = np.array(predictor.model.outputs, dtype=object)
    deletion.write_maps(snakemake.output.maps, maps, bins, locus, outputs=outputs, model=names.model, locus=names.locus)


with logged(snakemake.log[0]):
    main(snakemake)
