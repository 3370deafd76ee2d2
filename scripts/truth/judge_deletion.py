"""Compare the deletion of the planted boundary with what was planted: one row per claim."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.analyses import deletion as lab
    from akitaflow.dataset.targets import TargetSteps
    from akitaflow.genome.sequence import Genome
    from akitaflow.simulate.folding import load_law
    from akitaflow.truth import deletion as claims
    from akitaflow.truth import write_claims

    given, params = snakemake.input, snakemake.params
    dataset, limits, name = params.dataset, params.truth, params.locus
    steps = TargetSteps.from_config(params.geometry, params.targets)
    locus = lab.Locus.read(given.window, steps.geometry)
    subsets = pd.read_csv(given.subsets, sep="\t", dtype={"dataset": str, "subset": str})
    boxes = claims.domains(pd.read_csv(given.locus, sep="\t", dtype={"chrom": str}), locus)
    law = load_law(params.simulation, dataset, steps.bin_size)
    expected = claims.maps_of_the_law(Genome(given.fasta), locus, law, steps, given.law)
    how = (boxes, params.bootstrap, params.seed)
    rows = [claims.redundant(subsets[subsets["dataset"] == dataset], f"{dataset}, {name}", limits["single_share"])]
    maps = lab.read_maps(given.maps, dataset)
    rows.append(claims.rises_as_the_law(maps, expected, f"{dataset}, {name}", limits["boundary_rise"], *how))
    layers = {"5C": given.five_c, f"Hi-C of {' and '.join(params.measured)}": given.hic}
    rows += [claims.rises(lab.read_maps(path), f"{name}, {layer}", *how) for layer, path in layers.items() if path]
    write_claims(snakemake.output[0], rows)


with logged(snakemake.log[0]):
    main(snakemake)
