"""Write the repeats and gaps of a simulated genome in the format of UCSC's tables."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.genome.fasta import read_sizes
    from akitaflow.simulate import formats, genome

    inputs, params = snakemake.input, snakemake.params
    tables = genome.read_tables({name: inputs[name] for name in ("gaps", "repeats", "b2")})
    sizes = read_sizes(inputs.index)
    repeats = formats.rmsk_rows(tables, sizes, params.divergence, params.seed, snakemake.wildcards.genome)
    gaps = formats.gap_rows(tables["gaps"])
    formats.write_rows(snakemake.output.rmsk, repeats)
    formats.write_rows(snakemake.output.gap, gaps)
    print(f"{len(repeats)} repeats, {len(gaps)} gaps")


with logged(snakemake.log[0]):
    main(snakemake)
