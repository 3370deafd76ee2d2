"""Measure the correlation that a perfect prediction of a dataset could reach at several bin sizes."""

from akitaflow.logs import logged


def main(snakemake):
    from akitaflow.dataset.targets import TargetSteps
    from akitaflow.dataset.windows import read_windows
    from akitaflow.evaluation import depth
    from akitaflow.files import write_table

    params, inputs = snakemake.params, snakemake.input
    factors, steps = params.depth["factors"], TargetSteps.from_config(params.geometry, params.targets)
    windows = read_windows(inputs.windows)
    windows = depth.choose_windows(windows, params.depth["windows"], steps.bin_size * max(factors), params.seed)
    options = (params.balance, params.targets["min_finite"], params.bootstrap, params.seed)
    table = depth.report(
        snakemake.wildcards.dataset, inputs.cooler, windows, steps, factors, *options,
        threads=snakemake.threads, scratch=snakemake.resources.tmpdir,
    )  # fmt: skip
    write_table(table, snakemake.output[0])
    print(table.to_string(index=False))


with logged(snakemake.log[0]):
    main(snakemake)
