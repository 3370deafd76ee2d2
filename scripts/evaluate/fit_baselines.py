"""Train the baselines on the training fold and score them and the model on the evaluated fold."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.evaluation import baselines
    from akitaflow.evaluation.accuracy import fold_targets, read_dataset
    from akitaflow.files import read_table, write_table
    from akitaflow.genome.sequence import Genome
    from akitaflow.geometry import Geometry

    inputs, params = snakemake.input, snakemake.params
    geometry, seed = Geometry.from_config(params.geometry), params.seed
    all_windows = read_windows(inputs.windows)
    windows, training = fold_windows(all_windows, params.fold), fold_windows(all_windows, "train")
    chromosomes = list(dict.fromkeys([*training["chrom"], *windows["chrom"]]))
    tables, comparisons = [], []
    tracks = baselines.make_tracks(
        Genome(inputs.fasta),
        chromosomes,
        geometry.bin_size,
        enzymes=params.enzymes.values(),
        parts=params.composition_bins,
        kmer=params.kmer,
        mappability=inputs.get("mappability") or None,
        centromeres=inputs.get("centromeres") or None,
    )
    for (dataset, enzyme), path in zip(params.enzymes.items(), inputs.targets, strict=True):
        targets = fold_targets(path, all_windows, "train")
        trained = baselines.make_baselines(tracks, enzyme, geometry)
        for baseline in trained:
            baseline.fit(training, targets, seed)
        evaluated = (snakemake.wildcards.model, dataset, windows, *read_dataset(inputs.predictions, dataset))
        table, comparison = baselines.judge(*evaluated, trained, params.bootstrap, seed)
        tables.append(table)
        comparisons.append(comparison)
    if inputs.ceilings:
        tables.append(baselines.ceiling_rows(pd.concat([read_table(path) for path in inputs.ceilings])))
    for parts, path in ((tables, snakemake.output.baselines), (comparisons, snakemake.output.comparison)):
        write_table(pd.concat(parts, ignore_index=True), path)


with logged(snakemake.log[0]):
    main(snakemake)
