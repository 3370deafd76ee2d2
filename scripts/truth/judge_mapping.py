"""Compare the mapped pairs of simulated reads with the truth: one row per claim."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.files import read_table
    from akitaflow.simulate.reads import read_truth
    from akitaflow.truth import mapping, write_claims

    inputs, params = snakemake.input, snakemake.params
    limits, bootstrap = params.truth, (params.bootstrap, params.seed)
    libraries = read_table(inputs.libraries)
    files = dict(zip(map(tuple, params.mapped_libraries), inputs.pairs, strict=True))
    rows = []
    for name, read_file, repeat_file in zip(params.mapped, inputs.reads, inputs.repeats, strict=True):
        reads, repeats = read_truth(read_file), read_table(repeat_file)
        can_map = mapping.mappable(reads, repeats, params.read_length)
        counts = libraries[libraries["dataset"] == name]
        pairs = {library: mapping.read_pairs(files[name, library]) for library in counts["library"]}
        rows += [
            mapping.duplicates(counts, reads, can_map, name, limits["duplicates"]),
            mapping.unmapped(counts, can_map, name, limits["unmapped"]),
            mapping.positions(pairs, reads, name, limits["positions"]),
            mapping.decay(pairs, reads, can_map, name, limits["decay"], *bootstrap),
        ]
    write_claims(snakemake.output[0], rows)


with logged(snakemake.log[0]):
    main(snakemake)
