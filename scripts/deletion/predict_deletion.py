"""Predict a locus as it is, with its boundary deleted, and with every subset of the boundary's sites deleted."""

from akitaflow.logs import logged


def main(snakemake):
    import os

    import numpy as np
    import pandas as pd

    from akitaflow.analyses import deletion as lab
    from akitaflow.genome.sequence import Genome
    from akitaflow.geometry import Geometry
    from akitaflow.model.folding_model import load_model
    from akitaflow.prediction.stream import Average
    from akitaflow.training.device import use_device

    use_device(snakemake.params.device, snakemake.threads)
    given, params, names = snakemake.input, snakemake.params, snakemake.wildcards
    locus = lab.Locus.read(given.window, Geometry.from_config(params.geometry))
    sites = pd.read_csv(given.sites, sep="\t", dtype={"chrom": str})
    model = load_model(os.path.dirname(given.weights))
    average = Average(params.average["reverse_complement"], tuple(params.average["shifts"]))
    how = {"batch_size": params.batch_size, "average": average}
    maps, bins, table = lab.predict(model, Genome(given.fasta), locus, sites, **how)
    about = {"model": names.model, "locus": names.locus, **locus.window._asdict(), "fold": locus.about["fold"]}
    for place, (name, value) in enumerate(about.items()):
        table.insert(place, name, value)
    table.to_csv(snakemake.output.subsets, sep="\t", index=False, float_format="%.6g")
    outputs = np.array(model.outputs, dtype=object)
    lab.write_maps(snakemake.output.maps, maps, bins, locus, outputs=outputs, model=names.model, locus=names.locus)


with logged(snakemake.log[0]):
    main(snakemake)
