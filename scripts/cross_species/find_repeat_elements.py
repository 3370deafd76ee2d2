"""Find the repeats of one family in each window, and draw control intervals."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.analyses.cross_species import place
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.files import write_table
    from akitaflow.genome.repeats import read_rmsk
    from akitaflow.genome.sequence import Genome

    inputs, params, settings = snakemake.input, snakemake.params, snakemake.params.cross_species
    windows = fold_windows(read_windows(inputs.windows), settings["fold"])
    family = settings["family"]
    genome = Genome(inputs.fasta)
    elements = read_rmsk(inputs.rmsk, family=family, names=settings["names"], chromsizes=genome.chromsizes)
    placed = place(genome, windows, elements, settings["draws"], params.seed, family)
    write_table(placed, snakemake.output[0], float_format=None)
    inside = placed[placed["kind"] == "elements"]
    print(
        f"{len(elements):,} elements of {family}; {inside['window'].nunique():,} of {len(windows):,} windows have some"
    )


with logged(snakemake.log[0]):
    main(snakemake)
