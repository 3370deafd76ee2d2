"""Choose the window of a locus, and write it with its folds and the sites of its boundary."""

from akitaflow.logs import logged


def main(snakemake):
    import pandas as pd

    from akitaflow.analyses import deletion as locus
    from akitaflow.dataset.windows import overlapped_folds, read_windows
    from akitaflow.files import write_table
    from akitaflow.genome import matrices, motifs
    from akitaflow.genome.bigwig import bin_track
    from akitaflow.genome.intervals import parse_region
    from akitaflow.genome.sequence import Genome
    from akitaflow.prediction.maps import whole_chromosome

    inputs, params, settings = snakemake.input, snakemake.params, snakemake.params.locus
    genome, size = Genome(inputs.fasta), params.geometry
    deletion = parse_region(settings["deletion"])
    boundary = parse_region(settings["boundary"] or settings["deletion"])
    lengths = (size["window"], size["crop"], size["bin_size"], whole_chromosome(genome, deletion.chrom).end)
    window = locus.window_of(settings["region"], deletion, *lengths, boundary)
    matrix = matrices.find_matrix(params.release, params.matrix, inputs.matrix)
    if matrix is None:
        sites = motifs.read_sites(str(inputs.bed), params.motif, genome.chromsizes)
    else:
        sites = motifs.scan(genome, pd.DataFrame([boundary]), matrix, params.pvalue, params.motif)
    if inputs.track and len(sites):
        around = (sites["start"] + sites["end"]) // 2 - params.track_bp // 2
        places = pd.DataFrame({"chrom": sites["chrom"], "start": around, "end": around + params.track_bp})
        sites["score"] = bin_track(str(inputs.track), places, params.track_bp, genome.chromsizes)[:, 0]
    table = locus.boundary_sites(sites, boundary, settings["sites"]["top"])
    row = {**window._asdict(), "fold": overlapped_folds(window, read_windows(inputs.windows))}
    for name, place in (("deletion", deletion), ("boundary", boundary)):
        row |= {f"{name}_start": place.start, f"{name}_end": place.end}
    row |= {"provisional": settings["provisional"], "flank_bins": settings["flank_bins"]}
    write_table(pd.DataFrame([row]), snakemake.output.window, float_format=None)
    write_table(table, snakemake.output.sites, float_format=None)
    print(row, table.to_string(index=False), sep="\n")


with logged(snakemake.log[0]):
    main(snakemake)
