# Requires: FASTQ of the runs and their checks, the index of bwa; `mapping_options` of map.smk; Nextflow.
# Gives, by distiller-nf: results/pairs/{dataset}/{library}.nodups.pairs.gz and .stats, the numbers of selected pairs, and
# results/coolers/{dataset}.cool, for each dataset that enters at fastq. docs/mapping.md tells what is checked.


include: "distiller_inputs.smk"


rule write_distiller_project:
    """What distiller-nf and Nextflow are given, and the digest of all that their result depends on."""
    input:
        reads=distiller_reads,
        checks=distiller_checks,
        fasta=genome_file("genome.fa"),
        sizes=genome_file("chrom.sizes"),
    output:
        project="results/distiller/{dataset}/project.yml",
        nextflow="results/distiller/{dataset}/nextflow.config",
        key="results/distiller/{dataset}/key.json",
    log:
        "logs/write_distiller_project/{dataset}.log",
    benchmark:
        "benchmarks/write_distiller_project/{dataset}.tsv"
    conda:
        "../envs/nextflow.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        mapping={key: value for key, value in mapping_options.items() if key not in ("engine", "chunks")},
        path=study.locate(DISTILLER["path"]),
        bin_size=config["geometry"]["bin_size"],
        min_mapq=distiller_min_mapq,
        genome=lambda wildcards: genome_of(wildcards.dataset),
        libraries=distiller_runs,
        index=lambda wildcards: f"results/genomes/{genome_of(wildcards.dataset)}/bwa/genome.fa",
    script:
        "../scripts/distiller/write_distiller_project.py"


rule run_distiller:
    """distiller-nf on a dataset, and the counts of what it made; what was interrupted is continued."""
    input:
        project="results/distiller/{dataset}/project.yml",
        nextflow="results/distiller/{dataset}/nextflow.config",
        key="results/distiller/{dataset}/key.json",
        reads=distiller_reads,
        index=distiller_index,
        sizes=genome_file("chrom.sizes"),
    output:
        "results/distiller/{dataset}/run.json",
    log:
        "logs/run_distiller/{dataset}.log",
    benchmark:
        "benchmarks/run_distiller/{dataset}.tsv"
    # a head that only submits may stay beside Snakemake; one that maps itself is a job
    localrule: DISTILLER["executor"] == "slurm" and DISTILLER["submit"] == "head"
    conda:
        "../envs/nextflow.yaml"
    threads: 1 if DISTILLER["executor"] == "slurm" else DISTILLER["cpus"]
    resources:
        mem_mb=2000 if DISTILLER["executor"] == "slurm" else 1024 * DISTILLER["memory_gb"],
        runtime=minutes(10080),
    params:
        options=DISTILLER,
        path=study.locate(DISTILLER["path"]),
        work_dir=study.locate(DISTILLER["work_dir"]),
        bin_size=config["geometry"]["bin_size"],
        min_mapq=distiller_min_mapq,
    script:
        "../scripts/distiller/run_distiller.py"


rule import_distiller_pairs:
    """A library of distiller-nf under the names of this workflow."""
    input:
        "results/distiller/{dataset}/run.json",
    output:
        pairs="results/pairs/{dataset}/{library}.nodups.pairs.gz",
        stats="results/pairs/{dataset}/{library}.stats",
        counts="results/mapping/{dataset}/selected/{library}.tsv",
    log:
        "logs/import_distiller_pairs/{dataset}.{library}.log",
    benchmark:
        "benchmarks/import_distiller_pairs/{dataset}.{library}.tsv"
    wildcard_constraints:
        dataset=only(datasets_entering("fastq")),
    conda:
        "../envs/nextflow.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(240),
    script:
        "../scripts/distiller/import_distiller_pairs.py"


rule import_distiller_map:
    """A balanced map of distiller-nf under the name of this workflow."""
    input:
        "results/distiller/{dataset}/run.json",
    output:
        "results/coolers/{dataset}.cool",
    log:
        "logs/import_distiller_map/{dataset}.log",
    benchmark:
        "benchmarks/import_distiller_map/{dataset}.tsv"
    wildcard_constraints:
        dataset=only(datasets_entering("fastq")),
    conda:
        "../envs/nextflow.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(240),
    params:
        bin_size=config["geometry"]["bin_size"],
    script:
        "../scripts/distiller/import_distiller_map.py"
