# Requires: `study`, `config` and `located` of common.smk, `mapping_options` of map.smk and what map_inputs.smk has.
# Gives: functions that name the inputs and params of the rules of distiller.smk.


DISTILLER = mapping_options["distiller"]


def distiller_runs(wildcards):
    """library -> run -> the two FASTQ files of a dataset."""
    dataset = wildcards.dataset
    return {
        library: {
            run: [located(path) for path in study.reads(dataset, library, run)]
            for run in study.runs_of(dataset, library)
        }
        for library in study.libraries(dataset)
    }


def distiller_reads(wildcards):
    return [path for runs in distiller_runs(wildcards).values() for paths in runs.values() for path in paths]


def distiller_checks(wildcards):
    """The check of every run, in the order of `distiller_runs`."""
    return [
        f"results/mapping/{wildcards.dataset}/checks/{library}.{run}.tsv"
        for library, runs in distiller_runs(wildcards).items()
        for run in runs
    ]


def distiller_index(wildcards):
    prefix = f"results/genomes/{genome_of(wildcards.dataset)}/bwa/genome.fa"
    return multiext(prefix, ".amb", ".ann", ".bwt", ".pac", ".sa")


def distiller_min_mapq(wildcards):
    return int(study.datasets.loc[wildcards.dataset, "min_mapq"])
