# Requires: pairs without duplicates (results/pairs/ or a dataset's own .pairs.gz) or a dataset's own cooler, and
# results/genomes/{genome}/ (chrom.sizes, genome.fa.fai).
# Gives: results/coolers/{dataset}.cool, balanced, on the genome's bins of geometry.bin_size; the tables of mapping and
# their figure.


rule bin_pairs:
    """Bin the pairs of a library with a minimum MAPQ."""
    input:
        pairs=pairs_to_bin,
        sizes=genome_file("chrom.sizes", of="dataset"),
        rename=dataset_file("rename"),
        # of mapped reads: their numbers are compared with those of the pairs
        stats=lambda wildcards: (
            []
            if study.has_own_pairs(wildcards.dataset)
            else f"results/pairs/{wildcards.dataset}/{wildcards.library}.stats"
        ),
        checks=lambda wildcards: (
            []
            if study.has_own_pairs(wildcards.dataset)
            else expand(
                "results/mapping/{dataset}/checks/{library}.{run}.tsv",
                **wildcards,
                run=study.runs_of(wildcards.dataset, wildcards.library),
            )
        ),
    output:
        cool=temp("results/coolers/libraries/{dataset}.{library}.cool"),
        counts="results/mapping/{dataset}/selected/{library}.tsv",
    log:
        "logs/bin_pairs/{dataset}.{library}.log",
    benchmark:
        "benchmarks/bin_pairs/{dataset}.{library}.tsv"
    wildcard_constraints:
        dataset=one_of(study.datasets_binned()),
    conda:
        "../envs/mapping.yaml"
    threads: 2
    resources:
        # cooler reads 15 million pairs at a time
        mem_mb=memory(12000),
        runtime=minutes(1440),
        disk_mb=lambda wildcards, input: max(1000, int(input.size_mb / 3)),
        tmpdir=scratch,
    params:
        bin_size=config["geometry"]["bin_size"],
        min_mapq=dataset_setting("min_mapq"),
        entry=dataset_setting("entry"),
        genome=dataset_setting("genome"),
    script:
        "../scripts/cool/bin_pairs.py"


rule balance_map:
    """Sum the libraries of a dataset and balance the map genome-wide."""
    input:
        lambda wildcards: expand(
            "results/coolers/libraries/{dataset}.{library}.cool",
            dataset=wildcards.dataset,
            library=study.libraries_of_pairs(wildcards.dataset),
        ),
    output:
        "results/coolers/{dataset}.cool",
    log:
        "logs/balance_map/{dataset}.log",
    benchmark:
        "benchmarks/balance_map/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(study.datasets_binned()),
    conda:
        "../envs/mapping.yaml"
    threads: 4
    resources:
        mem_mb=memory(12000),
        runtime=minutes(480),
    params:
        options=config["mapping"]["balance"],
    script:
        "../scripts/cool/balance_map.py"


rule import_cool:
    """Check a dataset's own balanced cooler and rewrite it on the genome's bins."""
    input:
        cool=dataset_file("path"),
        sizes=genome_file("chrom.sizes", of="dataset"),
        index=genome_file("genome.fa.fai", of="dataset"),
        rename=dataset_file("rename"),
    output:
        "results/coolers/{dataset}.cool",
    log:
        "logs/import_cool/{dataset}.log",
    benchmark:
        "benchmarks/import_cool/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(study.datasets_entering("cool", "mcool")),
    priority: 100
    conda:
        "../envs/mapping.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(240),
        tmpdir=scratch,
    params:
        bin_size=config["geometry"]["bin_size"],
        tolerance=dataset_setting("tolerance"),
        genome=dataset_setting("genome"),
        group=dataset_setting("group"),
        weight=dataset_setting("weight"),
        fasta=lambda wildcards: config["genomes"][study.genome_of_dataset(wildcards.dataset)]["fasta"],
        chosen=lambda wildcards: config["genomes"][study.genome_of_dataset(wildcards.dataset)]["chromosomes"],
    script:
        "../scripts/cool/import_cool.py"


rule summarise_map:
    """Summarise a map: contacts, filtered bins, cis fractions, decay with distance, chromosomes."""
    input:
        "results/coolers/{dataset}.cool",
    output:
        summary="results/mapping/{dataset}/map.tsv",
        decay="results/mapping/{dataset}/decay.tsv",
        chromosomes="results/mapping/{dataset}/chromosomes.tsv",
    log:
        "logs/summarise_map/{dataset}.log",
    benchmark:
        "benchmarks/summarise_map/{dataset}.tsv"
    conda:
        "../envs/mapping.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(60),
    script:
        "../scripts/cool/summarise_map.py"


rule tabulate_mapping:
    """Table 1 and the tables of libraries and of distance decay."""
    input:
        stats=library_files("results/pairs/{dataset}/{library}.stats", "fastq"),
        selected=library_files("results/mapping/{dataset}/selected/{library}.tsv", "fastq", "pairs"),
        maps=expand("results/mapping/{dataset}/map.tsv", dataset=study.datasets.index),
        decays=expand("results/mapping/{dataset}/decay.tsv", dataset=study.datasets.index),
    output:
        datasets="results/tables/table_1.tsv",
        page=report(
            "results/tables/table_1.html",
            caption="../report/table_1.rst",
            category="Mapping",
            labels={"result": "Table 1: datasets"},
        ),
        libraries="results/mapping/libraries.tsv",
        decay="results/mapping/decay.tsv",
    log:
        "logs/tabulate_mapping/tabulate_mapping.log",
    benchmark:
        "benchmarks/tabulate_mapping/tabulate_mapping.tsv"
    conda:
        "../envs/mapping.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(30),
    params:
        datasets=study.datasets[["cell_type", "genome", "role", "protocol", "reference", "entry", "min_mapq"]]
        .astype(object)
        .to_dict("index"),
        libraries={name: study.libraries_of_pairs(name) for name in study.datasets_entering("fastq", "pairs")},
        runs={
            f"{name}/{library}": len(study.runs_of(name, library))
            for name, library in study.libraries_entering("fastq")
        },
    script:
        "../scripts/cool/tabulate_mapping.py"


rule figure_mapping:
    input:
        datasets="results/tables/table_1.tsv",
        libraries="results/mapping/libraries.tsv",
        decay="results/mapping/decay.tsv",
        modules=library("plotting/style.py", "plotting/mapping.py"),
    output:
        pdf="results/figures/figure_mapping.pdf",
        png=report(
            "results/figures/figure_mapping.png",
            caption="../report/figure_mapping.rst",
            category="Mapping",
            labels={"result": "Mapping"},
        ),
        tsv="results/figures/figure_mapping.tsv",
    log:
        "logs/figure_mapping/figure_mapping.log",
    benchmark:
        "benchmarks/figure_mapping/figure_mapping.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    script:
        "../scripts/cool/figure_mapping.py"
