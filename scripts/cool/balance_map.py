"""Merge the libraries of a dataset and balance the map genome-wide."""

from akitaflow.logs import logged, warn


def main(snakemake):
    import logging

    from akitaflow.mapping import balancing, coolers

    logging.basicConfig(level=logging.INFO)
    converged = balancing.merge_and_balance(
        list(snakemake.input), snakemake.output[0], snakemake.params.options, snakemake.threads
    )
    summary, *_ = coolers.summarise(snakemake.output[0])
    print(f"balancing: {summary['balanced']}; {summary['filtered_bins']} of {summary['bins']} bins filtered")
    if not converged:
        warn(
            f"{snakemake.wildcards.dataset}: balancing: {summary['balanced']} ({summary['contacts']} contacts in "
            f"{summary['bins']} bins, of which {summary['filtered_bins']} are filtered); larger bins, more reads or "
            "other mapping.balance options help"
        )


with logged(snakemake.log[0]):
    main(snakemake)
