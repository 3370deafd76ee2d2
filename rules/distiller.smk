# Requires: FASTQ of the runs, results/mapping/{dataset}/checks/, results/genomes/{genome}/ (genome.fa, chrom.sizes and the
# index bwa/); Nextflow.
# Gives, by distiller-nf: results/pairs/{dataset}/{library}.nodups.pairs.gz and .stats, the numbers of selected pairs, and
# results/coolers/{dataset}.cool, for each dataset that enters at fastq if the engine is distiller. docs/mapping.md lists the
# checks.


distiller_options = config["mapping"]["distiller"]


rule write_distiller_project:
    """Write the settings of distiller-nf and Nextflow, and a digest of everything that affects their results."""
    input:
        reads=distiller_reads,
        checks=checks_of_dataset,
        fasta=genome_file("genome.fa", of="dataset"),
        sizes=genome_file("chrom.sizes", of="dataset"),
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
        mapping={key: value for key, value in config["mapping"].items() if key not in ("engine", "chunks")},
        path=lambda wildcards: study.locate(distiller_options["path"]),
        bin_size=config["geometry"]["bin_size"],
        min_mapq=dataset_setting("min_mapq"),
        genome=dataset_setting("genome"),
        libraries=lambda wildcards: study.local_libraries(wildcards.dataset),
        index=genome_file("bwa/genome.fa", of="dataset"),
    script:
        "../scripts/distiller/write_distiller_project.py"


rule run_distiller:
    """Run distiller-nf on a dataset and count its pairs; resumes an interrupted run."""
    input:
        project="results/distiller/{dataset}/project.yml",
        nextflow="results/distiller/{dataset}/nextflow.config",
        key="results/distiller/{dataset}/key.json",
        reads=distiller_reads,
        compared="results/mapping/{dataset}/reads.tsv",
        index=lambda wildcards: bwa_index(study.genome_of_dataset(wildcards.dataset)),
        sizes=genome_file("chrom.sizes", of="dataset"),
    output:
        "results/distiller/{dataset}/run.json",
    log:
        "logs/run_distiller/{dataset}.log",
    benchmark:
        "benchmarks/run_distiller/{dataset}.tsv"
    # Nextflow runs next to Snakemake if it only submits jobs; if it maps reads itself, it is a job
    localrule: distiller_options["executor"] == "slurm" and distiller_options["submit"] == "head"
    conda:
        "../envs/nextflow.yaml"
    threads: 1 if distiller_options["executor"] == "slurm" else distiller_options["cpus"]
    resources:
        mem_mb=2000 if distiller_options["executor"] == "slurm" else 1024 * distiller_options["memory_gb"],
        runtime=minutes(10080),
    params:
        options=distiller_options,
        path=lambda wildcards: study.locate(distiller_options["path"]),
        work_dir=lambda wildcards: study.locate(distiller_options["work_dir"]),
        bin_size=config["geometry"]["bin_size"],
        min_mapq=dataset_setting("min_mapq"),
    script:
        "../scripts/distiller/run_distiller.py"


rule import_distiller_pairs:
    """Rename the files of a library of distiller-nf to those of this workflow."""
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
        dataset=one_of(study.datasets_mapped_by("distiller")),
    conda:
        "../envs/nextflow.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(240),
    script:
        "../scripts/distiller/import_distiller_pairs.py"


rule import_distiller_map:
    """Rename a balanced map of distiller-nf to that of this workflow."""
    input:
        "results/distiller/{dataset}/run.json",
    output:
        "results/coolers/{dataset}.cool",
    log:
        "logs/import_distiller_map/{dataset}.log",
    benchmark:
        "benchmarks/import_distiller_map/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(study.datasets_mapped_by("distiller")),
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
