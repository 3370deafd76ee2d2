"""Compute the targets of all windows from the contact map of a dataset."""

from akitaflow.logs import logged


def main(snakemake):
    from dataclasses import asdict

    import numpy as np

    from akitaflow.dataset.targets import TargetSteps, iterate_targets
    from akitaflow.dataset.windows import read_windows
    from akitaflow.files import whole_h5
    from akitaflow.logs import progress

    steps = TargetSteps.from_config(snakemake.params.geometry, snakemake.params.targets)
    windows = read_windows(snakemake.input.windows)
    jobs = iterate_targets(snakemake.input.cooler, windows, steps, snakemake.threads)
    with whole_h5(snakemake.output[0]) as file:
        values = file.create_dataset("values", (len(windows), steps.n_values), np.float16, chunks=(1, steps.n_values))
        finite = np.zeros(len(windows), np.float32)
        for rows, values_of_rows, finite_of_rows in progress(
            jobs, f"targets of {snakemake.wildcards.dataset}", unit="job"
        ):
            for row, value in zip(rows, values_of_rows, strict=True):
                values[row] = value
            finite[rows] = finite_of_rows
        file["finite"] = finite
        file.attrs.update(asdict(steps))


with logged(snakemake.log[0]):
    main(snakemake)
