"""Check records that others made, and describe them as the workflow's own."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow import records, records_in
    from akitaflow.genome.intervals import COLUMNS, write_table
    from akitaflow.genome.sequence import Genome

    given, params, output = snakemake.input, snakemake.params, snakemake.output
    genome = Genome(given.fasta)
    statistics = records_in.read_statistics(given.statistics, params.geometry, params.outputs)
    sequences = records_in.read_sequences(given.sequences, genome.chromsizes, statistics["seq_length"])
    records_in.check_counts(statistics, sequences, given.sequences)
    files = records_in.given_files(list(given.tfrecords), params.files)
    windows = records_in.window_table(sequences, files)
    shape = records.Geometry(statistics["seq_length"], statistics["target_length"], statistics["num_targets"])
    for fold, paths in files.items():
        if paths:
            records_in.check_records(paths, windows[windows["fold"] == fold], genome, shape)
    with records.whole_folder(output.tfrecords) as folder:
        records_in.link_files(folder, files)
    write_table(windows, output.windows)
    kept = windows.loc[windows["kept"], [*COLUMNS, "fold"]]
    write_table(kept, output.sequences, header=False)
    records_in.write_statistics(output.statistics, statistics, params.outputs, files)
    print(windows.groupby(["fold", "kept"], sort=False).agg(windows=("chrom", "size"), contigs=("contig", "nunique")))


with logged(snakemake.log[0]):
    main(snakemake)
