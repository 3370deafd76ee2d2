"""Compare the deletion of the planted boundary with what was planted: one row per claim."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.analyses import deletion as analysis
    from akitaflow.dataset.targets import TargetSteps
    from akitaflow.files import read_table
    from akitaflow.genome.sequence import Genome
    from akitaflow.simulate.folding import load_law
    from akitaflow.truth import deletion as claims
    from akitaflow.truth import write_claims

    inputs, params = snakemake.input, snakemake.params
    dataset, limits, name = params.dataset, params.truth, params.locus
    steps = TargetSteps.from_config(params.geometry, params.targets)
    locus = analysis.Locus.read(inputs.window, steps.geometry)
    subsets = read_table(inputs.subsets)
    boxes = claims.domains(read_table(inputs.locus), locus)
    law = load_law(params.simulation, dataset, steps.bin_size)
    expected = claims.maps_of_the_law(Genome(inputs.fasta), locus, law, steps, inputs.law)
    options = (boxes, params.bootstrap, params.seed)
    rows = [claims.redundant(subsets[subsets["dataset"] == dataset], f"{dataset}, {name}", limits["single_share"])]
    maps = analysis.read_maps(inputs.maps, dataset)
    rows.append(claims.rises_as_the_law(maps, expected, f"{dataset}, {name}", limits["boundary_rise"], *options))
    layers = {"5C": inputs.five_c, f"Hi-C of {' and '.join(params.measured)}": inputs.hic}
    rows += [
        claims.rises(analysis.read_maps(path), f"{name}, {layer}", *options) for layer, path in layers.items() if path
    ]
    write_claims(snakemake.output[0], rows)


with logged(snakemake.log[0]):
    main(snakemake)
