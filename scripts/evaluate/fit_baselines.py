"""Train the baselines on the training fold and score them beside the model on the windows on which it is evaluated."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.evaluation import baselines as lab
    from akitaflow.evaluation.accuracy import fold_targets, read_dataset
    from akitaflow.files import read_table, write_table
    from akitaflow.genome.sequence import Genome
    from akitaflow.geometry import Geometry

    given, params = snakemake.input, snakemake.params
    geometry, seed = Geometry.from_config(params.geometry), params.seed
    every = read_windows(given.windows)
    windows, training = fold_windows(every, params.fold), fold_windows(every, "train")
    chromosomes = list(dict.fromkeys([*training["chrom"], *windows["chrom"]]))
    tables, comparisons = [], []
    made = lab.make_tracks(
        Genome(given.fasta),
        chromosomes,
        geometry.bin_size,
        enzymes=params.enzymes.values(),
        parts=params.composition_bins,
        kmer=params.kmer,
        mappability=given.get("mappability") or None,
        centromeres=given.get("centromeres") or None,
    )
    for (dataset, enzyme), path in zip(params.enzymes.items(), given.targets, strict=True):
        targets = fold_targets(path, every, "train")
        trained = lab.make_baselines(made, enzyme, geometry)
        for baseline in trained:
            baseline.fit(training, targets, seed)
        shown = (snakemake.wildcards.model, dataset, windows, *read_dataset(given.predictions, dataset))
        table, comparison = lab.judge(*shown, trained, params.bootstrap, seed)
        tables.append(table)
        comparisons.append(comparison)
    if given.ceilings:
        tables.append(lab.ceiling_rows(pd.concat([read_table(path) for path in given.ceilings])))
    for found, path in ((tables, snakemake.output.baselines), (comparisons, snakemake.output.comparison)):
        write_table(pd.concat(found, ignore_index=True), path)


with logged(snakemake.log[0]):
    main(snakemake)
