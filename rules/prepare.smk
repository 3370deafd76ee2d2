# Requires: results/genomes/{genome}/ (genome.fa, chrom.sizes, gaps.bed) and balanced maps results/coolers/{dataset}.cool.
# Gives: results/split/{split}/ (contigs, folds, windows), results/targets/{split}/{dataset}.h5, results/records/{split}/
# (TFRecords in the published layout), and the figure of targets. A split with imported records needs no maps:
# import_records and extract_targets replace the rules of contigs, windows, targets and records.


rule split_contigs:
    input:
        sizes=genome_file("chrom.sizes", of="split"),
        gaps=genome_file("gaps.bed", of="split"),
        exclude=lambda wildcards: [
            located(path) for path in config["genomes"][study.genome_of_split(wildcards.split)]["exclude"]
        ],
        coolers=lambda wildcards: expand(
            "results/coolers/{dataset}.cool", dataset=study.contig_datasets(wildcards.split)
        ),
    output:
        bed="results/split/{split}/contigs.bed",
        tsv="results/split/{split}/contigs.tsv",
    log:
        "logs/split_contigs/{split}.log",
    benchmark:
        "benchmarks/split_contigs/{split}.tsv"
    wildcard_constraints:
        split=one_of(study.splits_of_maps()),
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        split=settings(
            "splits/{split}",
            "policy",
            "fractions",
            "chromosomes",
            "holdout",
            "max_contig_bins",
            "min_filtered_run",
            "cross_validation",
        ),
        geometry={key: config["geometry"][key] for key in ("bin_size", "window_bins")},
        seed=config["seed"],
    script:
        "../scripts/prepare/split_contigs.py"


rule make_windows:
    input:
        contigs="results/split/{split}/contigs.tsv",
        coolers=maps_of_split,
    output:
        windows="results/split/{split}/windows.tsv",
        bed="results/split/{split}/sequences.bed",
    log:
        "logs/make_windows/{split}.log",
    benchmark:
        "benchmarks/make_windows/{split}.tsv"
    wildcard_constraints:
        split=one_of(study.splits_of_maps()),
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        split=settings("splits/{split}", "policy", "fractions", "stride_bins", "max_filtered"),
        geometry={key: config["geometry"][key] for key in ("bin_size", "window_bins")},
        datasets=lambda wildcards: study.datasets_of_split(wildcards.split),
        seed=config["seed"],
    script:
        "../scripts/prepare/make_windows.py"


rule compute_targets:
    input:
        windows="results/split/{split}/windows.tsv",
        cooler="results/coolers/{dataset}.cool",
    output:
        "results/targets/{split}/{dataset}.h5",
    log:
        "logs/compute_targets/{split}.{dataset}.log",
    benchmark:
        "benchmarks/compute_targets/{split}.{dataset}.tsv"
    wildcard_constraints:
        split=one_of(study.splits_of_maps()),
    conda:
        "../envs/analysis.yaml"
    threads: 4
    resources:
        mem_mb=memory(8000),
        runtime=minutes(240),
    params:
        geometry=config["geometry"],
        targets=study.target_settings(),
    script:
        "../scripts/prepare/compute_targets.py"


rule write_records:
    input:
        fasta=genome_file("genome.fa", of="split"),
        windows="results/split/{split}/windows.tsv",
        targets=lambda wildcards: targets_of_split(wildcards.split),
    output:
        tfrecords=directory("results/records/{split}/tfrecords"),
        windows="results/records/{split}/windows.tsv",
        sequences="results/records/{split}/sequences.bed",
        statistics="results/records/{split}/statistics.json",
    log:
        "logs/write_records/{split}.log",
    benchmark:
        "benchmarks/write_records/{split}.tsv"
    wildcard_constraints:
        split=one_of(study.splits_of_maps()),
    conda:
        "../envs/tensorflow.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(480),
    params:
        geometry=config["geometry"],
        targets=config["targets"],
        policy=lookup(within=config, dpath="splits/{split}/policy"),
        fractions=lookup(within=config, dpath="splits/{split}/fractions"),
        datasets=lambda wildcards: study.datasets_of_split(wildcards.split),
    script:
        "../scripts/prepare/write_records.py"


rule import_records:
    """Check imported records against their tables, the config and the FASTA, and link them."""
    input:
        tfrecords=lambda wildcards: study.local_records(wildcards.split),
        statistics=lambda wildcards: study.local_record_table(wildcards.split, "statistics"),
        sequences=lambda wildcards: study.local_record_table(wildcards.split, "sequences"),
        fasta=genome_file("genome.fa", of="split"),
    output:
        tfrecords=directory("results/records/{split}/tfrecords"),
        windows="results/records/{split}/windows.tsv",
        sequences="results/records/{split}/sequences.bed",
        statistics="results/records/{split}/statistics.json",
    log:
        "logs/import_records/{split}.log",
    benchmark:
        "benchmarks/import_records/{split}.tsv"
    wildcard_constraints:
        split=one_of(study.splits_of_records()),
    conda:
        "../envs/tensorflow.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(120),
    params:
        geometry=config["geometry"],
        outputs=lambda wildcards: study.datasets_of_split(wildcards.split),
        files=lookup(within=config, dpath="splits/{split}/records/files"),
    script:
        "../scripts/prepare/import_records.py"


rule extract_targets:
    input:
        tfrecords="results/records/{split}/tfrecords",
        windows="results/records/{split}/windows.tsv",
        statistics="results/records/{split}/statistics.json",
    output:
        "results/targets/{split}/{dataset}.h5",
    log:
        "logs/extract_targets/{split}.{dataset}.log",
    benchmark:
        "benchmarks/extract_targets/{split}.{dataset}.tsv"
    wildcard_constraints:
        split=one_of(study.splits_of_records()),
    conda:
        "../envs/tensorflow.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(120),
    script:
        "../scripts/prepare/extract_targets.py"


rule figure_targets:
    input:
        windows=of_figure("figure_targets", lambda wildcards: f"results/records/{study.split_of_figures()}/windows.tsv"),
        targets=lambda wildcards: targets_of_split(study.split_of_figures()),
        modules=library("plotting/style.py", "plotting/targets.py"),
    output:
        pdf="results/figures/figure_targets.pdf",
        png=report(
            "results/figures/figure_targets.png",
            caption="../report/figure_targets.rst",
            category="Preparation",
            labels={"result": "Targets"},
        ),
        tsv="results/figures/figure_targets.tsv",
    log:
        "logs/figure_targets/figure_targets.log",
    benchmark:
        "benchmarks/figure_targets/figure_targets.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        geometry=config["geometry"],
        targets=config["targets"],
        datasets=lambda wildcards: study.datasets_of_split(study.split_of_figures()),
    script:
        "../scripts/prepare/figure_targets.py"
