"""Write a page of HTML to look through the scores and maps of a set."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.plotting import style
    from akitaflow.plotting import variants as plots
    from akitaflow.variants import top

    inputs, params = snakemake.input, snakemake.params
    scores = top.read_scores(inputs.scores)
    maps = top.read(inputs.maps, top.read_scores(inputs.table))
    counts = pd.read_csv(inputs.status, sep="\t")
    about = f"Model {params.model}, dataset {params.dataset}."
    style.apply()
    scores, tracks = scores[scores["dataset"] == params.dataset], top.read_tracks(inputs.tracks)
    plots.write_page(snakemake.output[0], scores, maps, tracks, counts, f"Variants: {snakemake.wildcards.set}", about)


with logged(snakemake.log[0]):
    main(snakemake)
