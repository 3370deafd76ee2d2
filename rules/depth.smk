# Requires: results/split/{split}/windows.tsv and balanced maps results/coolers/{dataset}.cool.
# Gives: results/depth/{split}/ (what a perfect prediction could reach at several bin sizes, with advice), and figure_depth.
# Nothing else needs it: `snakemake depth_report` makes it before anything is trained.


include: "depth_inputs.smk"


rule depth_report:
    """Whether the maps are deep enough: tables, advice and figure."""
    input:
        expand("results/depth/{split}/report.tsv", split=depth_splits()),
        expand("results/figures/figure_depth.{split}.png", split=depth_splits()),


rule depth:
    input:
        windows="results/split/{split}/windows.tsv",
        cooler="results/coolers/{dataset}.cool",
    output:
        "results/depth/{split}/{dataset}.tsv",
    log:
        "logs/depth/{split}.{dataset}.log",
    benchmark:
        "benchmarks/depth/{split}.{dataset}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 4
    resources:
        mem_mb=lambda wildcards, attempt: 12000 * attempt,
        runtime=lambda wildcards, attempt: 1440 * attempt,
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
        "../scripts/depth/depth.py"


rule depth_advice:
    input:
        depth_tables,
    output:
        report(
            "results/depth/{split}/report.tsv",
            caption="../report/depth.rst",
            category="Mapping",
            labels={"result": "Depth of the maps of split {split}"},
        ),
    log:
        "logs/depth_advice/{split}.log",
    benchmark:
        "benchmarks/depth_advice/{split}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    script:
        "../scripts/depth/depth_advice.py"


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
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    script:
        "../scripts/depth/figure_depth.py"
