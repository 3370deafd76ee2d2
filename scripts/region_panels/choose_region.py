"""Choose the window of figure 2, and write it with its sites and its target."""

from akitaflow.logs import logged


def main(snakemake):
    import h5py
    import numpy as np

    from akitaflow.analyses import region_panels
    from akitaflow.dataset.targets import TargetSteps
    from akitaflow.dataset.windows import fold_windows, read_windows
    from akitaflow.evaluation.scores import signal
    from akitaflow.files import write_table
    from akitaflow.genome import matrices, motifs
    from akitaflow.genome.sequence import Genome

    inputs, params = snakemake.input, snakemake.params
    all_windows, genome = read_windows(inputs.windows), Genome(inputs.fasta)
    matrix = matrices.find_matrix(params.release, params.matrix, inputs.matrix)
    if params.window:
        windows = region_panels.given_window(params.window, params.geometry["window"], all_windows)
    else:
        windows = fold_windows(all_windows, params.fold)
    if matrix is None:
        sites = motifs.read_sites(str(inputs.bed), params.motif, genome.chromsizes)
    else:
        sites = motifs.scan(genome, windows, matrix, params.pvalue, params.motif)
    pairs = motifs.sites_in_windows(sites, windows, params.margin_bp)
    if params.window:
        row = 0
        target = region_panels.targets(
            inputs.coolers, windows, TargetSteps.from_config(params.geometry, params.targets)
        )
    else:
        with h5py.File(inputs.predictions) as file:
            column = list(file.attrs["outputs"]).index(params.dataset)
            strength = np.array([signal(values[:, column].astype(np.float32)) for values in file["targets"]])
            row = region_panels.choose_window(windows, pairs, strength)
            target = file["targets"][row].astype(np.float32)
    chosen = windows.iloc[[row]]
    write_table(chosen, snakemake.output.window, float_format=None)
    region_sites = pairs[pairs["window"] == chosen["window"].iloc[0]]
    write_table(region_sites, snakemake.output.sites, float_format=None)
    region_panels.write(
        snakemake.output.target, {"target": target}, chosen, outputs=np.array(params.datasets, dtype=object)
    )
    print(chosen.to_string(index=False))


with logged(snakemake.log[0]):
    main(snakemake)
