"""Check existing training records, and write their table of windows and statistics."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.dataset import given_records, records
    from akitaflow.files import whole, write_table
    from akitaflow.genome.intervals import COLUMNS
    from akitaflow.genome.sequence import Genome

    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    genome = Genome(inputs.fasta)
    statistics = given_records.read_statistics(inputs.statistics, params.geometry, params.outputs)
    sequences = given_records.read_sequences(inputs.sequences, genome.chromsizes, statistics["seq_length"])
    given_records.check_counts(statistics, sequences, inputs.sequences)
    files = given_records.given_files(list(inputs.tfrecords), params.files)
    windows = given_records.window_table(sequences, files)
    shape = records.RecordShape(statistics["seq_length"], statistics["target_length"], statistics["num_targets"])
    for fold, paths in files.items():
        if paths:
            given_records.check_records(paths, windows[windows["fold"] == fold], genome, shape)
    with whole(output.tfrecords, folder=True) as folder:
        given_records.link_files(folder, files)
    write_table(windows, output.windows, float_format="%.4f")
    kept = windows.loc[windows["kept"], [*COLUMNS, "fold"]]
    write_table(kept, output.sequences, header=False)
    given_records.write_statistics(output.statistics, statistics, params.outputs, files)
    print(windows.groupby(["fold", "kept"], sort=False).agg(windows=("chrom", "size"), contigs=("contig", "nunique")))


with logged(snakemake.log[0]):
    main(snakemake)
