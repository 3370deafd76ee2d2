"""Copy the balanced map of a dataset from the results of distiller-nf."""

from akitaflow.logs import logged


def main(snakemake):
    import json

    from akitaflow.mapping import coolers, distiller_results

    with open(snakemake.input[0]) as file:
        report = json.load(file)
    distiller_results.copy_map(report["files"]["map"], snakemake.output[0], snakemake.params.bin_size)
    summary, *_ = coolers.summarise(snakemake.output[0])
    print(f"balancing: {summary['balanced']}; {summary['filtered_bins']} of {summary['bins']} bins filtered")


with logged(snakemake.log[0]):
    main(snakemake)
