"""Compare what was found with what was planted: one row per claim."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow import truth
    from akitaflow.evaluation import read_dataset
    from akitaflow.regions import fold_windows, read_windows
    from akitaflow.simulate.folding import noise_free_targets
    from akitaflow.simulate.reads import read_truth
    from akitaflow.targets import TargetSteps

    given, params = snakemake.input, snakemake.params
    limits, dataset = params.truth, params.truth["dataset"]
    how = (params.bootstrap, params.seed)
    every = read_windows(given.windows)
    windows, mutated = (fold_windows(every, fold) for fold in (params.fold, params.mutagenesis_fold))
    targets, predictions = read_dataset(given.predictions, dataset)
    steps = TargetSteps.from_config(params.geometry, params.targets)
    planted = noise_free_targets(given.maps, windows, steps)
    scored = pd.read_csv(given.mutagenesis, sep="\t", dtype={"chrom": str})
    contigs = windows["contig"].to_numpy()
    shown = (scored, mutated, dataset, limits["motif"])
    rows = [
        truth.accuracy(targets, predictions, contigs, dataset, limits["pearson"], *how),
        truth.noise_free(planted, predictions, contigs, dataset, limits["noise_free_pearson"], *how),
        truth.signal_left(*shown, limits["signal_left"], *how),
        truth.windows_weaker(*shown, limits["windows_weaker"], *how),
    ]
    libraries = pd.read_csv(given.libraries, sep="\t", dtype={"dataset": str, "library": str})
    files = dict(zip(map(tuple, params.mapped_libraries), given.pairs, strict=True))
    for name, read_file, repeat_file in zip(params.mapped, given.reads, given.repeats, strict=True):
        reads, repeats = read_truth(read_file), pd.read_csv(repeat_file, sep="\t", dtype={"chrom": str, "family": str})
        can_map = truth.mappable(reads, repeats, params.read_length)
        counts = libraries[libraries["dataset"] == name]
        pairs = {library: truth.read_pairs(files[name, library]) for library in counts["library"]}
        rows += [
            truth.duplicates(counts, reads, can_map, name, limits["duplicates"]),
            truth.unmapped(counts, can_map, name, limits["unmapped"]),
            truth.positions(pairs, reads, name, limits["positions"]),
            truth.decay(pairs, reads, can_map, name, limits["decay"], *how),
        ]
    table = pd.DataFrame(rows, columns=truth.COLUMNS)
    table.to_csv(snakemake.output[0], sep="\t", index=False, float_format="%.4g")
    print(table.to_string(index=False))


with logged(snakemake.log[0]):
    main(snakemake)
