# Requires: results/split/{split}/windows.tsv and balanced maps results/coolers/{dataset}.cool.
# Gives: results/depth/{split}/ (split-read ceilings at several bin sizes, with advice), and figure_depth. No other rule
# needs them; `snakemake depth_report` makes them before a training.


depth_splits = [split for split in config["splits"] if study.mapped_datasets(split)]


rule depth_report:
    """Whether the maps are deep enough: tables, advice and figure."""
    input:
        expand("results/depth/{split}/report.tsv", split=depth_splits),
        expand("results/figures/figure_depth.{split}.png", split=depth_splits),


rule measure_depth:
    input:
        windows="results/split/{split}/windows.tsv",
        cooler="results/coolers/{dataset}.cool",
    output:
        "results/depth/{split}/{dataset}.tsv",
    log:
        "logs/measure_depth/{split}.{dataset}.log",
    benchmark:
        "benchmarks/measure_depth/{split}.{dataset}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 4
    resources:
        mem_mb=memory(12000),
        runtime=minutes(1440),
        disk_mb=lambda wildcards, input: max(1000, int(5 * input.size_mb)),
        tmpdir=scratch,
    params:
        geometry=config["geometry"],
        targets=config["targets"],
        balance=config["mapping"]["balance"],
        depth=config["depth"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/depth/measure_depth.py"


rule summarise_depth:
    input:
        lambda wildcards: expand(
            "results/depth/{split}/{dataset}.tsv",
            split=wildcards.split,
            dataset=study.mapped_datasets(wildcards.split),
        ),
    output:
        table="results/depth/{split}/report.tsv",
        page=report(
            "results/depth/{split}/report.html",
            caption="../report/depth.rst",
            category="Mapping",
            labels={"result": "Depth of the maps of split {split}"},
        ),
    log:
        "logs/summarise_depth/{split}.log",
    benchmark:
        "benchmarks/summarise_depth/{split}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10),
    script:
        "../scripts/depth/summarise_depth.py"


rule figure_depth:
    input:
        table="results/depth/{split}/report.tsv",
        modules=library("plotting/style.py", "plotting/depth.py"),
    output:
        pdf="results/figures/figure_depth.{split}.pdf",
        png=report(
            "results/figures/figure_depth.{split}.png",
            caption="../report/figure_depth.rst",
            category="Mapping",
            labels={"result": "Depth of the maps of split {split}"},
        ),
        tsv="results/figures/figure_depth.{split}.tsv",
    log:
        "logs/figure_depth/{split}.log",
    benchmark:
        "benchmarks/figure_depth/{split}.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    script:
        "../scripts/depth/figure_depth.py"
