"""Write training records of the base model's windows with the targets of an alternative."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.dataset import records
    from akitaflow.dataset.split import FOLDS
    from akitaflow.dataset.targets import TargetSteps, TargetTables
    from akitaflow.dataset.windows import read_windows
    from akitaflow.files import whole
    from akitaflow.logs import progress

    params = snakemake.params
    steps = TargetSteps.from_config(params.geometry, params.targets)
    windows = read_windows(snakemake.input.windows)  # kept and left out as in the base model's records
    tables = TargetTables(dict(zip(params.datasets, snakemake.input.targets, strict=True)))
    counts = {}
    with whole(snakemake.output.tfrecords, folder=True) as folder:
        for fold in FOLDS:
            kept = windows.index[windows["kept"] & (windows["fold"] == fold)]
            examples = tables.examples(snakemake.input.fasta, windows, progress(kept, f"{fold} records", unit="record"))
            counts[fold] = records.write_records(folder, fold, examples)
    records.write_statistics(snakemake.output.statistics, counts, steps, params.datasets)


with logged(snakemake.log[0]):
    main(snakemake)
