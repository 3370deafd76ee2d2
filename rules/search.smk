# Requires: results/records/{split}/ (tfrecords/ and statistics.json) of the split of the model searched around.
# Gives: results/search/{model}/ (table of trials, importance of the parameters, the best model as YAML to paste) and
# the figure of the search. The study itself is results/checkpoints/search/{model}.journal, which Snakemake does not
# know, so that it survives an interrupted or repeated search.


include: "search_inputs.smk"


rule search_worker:
    """Trials, until the study that all workers share has enough of them."""
    input:
        tfrecords=train_records("tfrecords"),
        statistics=train_records("statistics.json"),
        params=architecture_params,
    output:
        worker="results/search/{model}/workers/{worker}.json",
    log:
        "logs/search_worker/{model}.{worker}.log",
    benchmark:
        "benchmarks/search_worker/{model}.{worker}.tsv"
    wildcard_constraints:
        worker="[0-9]+",
    conda:
        "../envs/tensorflow.yaml"
    threads: search_threads
    resources:
        mem_mb=search_memory,
        runtime=lambda wildcards, attempt: 2880 * attempt,
        gpu=search_gpu,
    params:
        geometry=config["geometry"],
        base=search_base,
        search=config["search"],
        outputs=lambda wildcards: study.model_outputs(wildcards.model),
        seed=config["seed"],
        journal="results/checkpoints/search/{model}.journal",
        checkpoint="results/checkpoints/search/{model}/{worker}",
    script:
        "../scripts/search/search_worker.py"


rule search:
    input:
        workers=expand(
            "results/search/{model}/workers/{worker}.json",
            worker=range(1, config["search"]["workers"] + 1),
            allow_missing=True,
        ),
    output:
        trials="results/search/{model}/trials.tsv",
        importance="results/search/{model}/importance.tsv",
        best="results/search/{model}/best.yaml",
    log:
        "logs/search/{model}.log",
    benchmark:
        "benchmarks/search/{model}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        base=search_base,
        space=config["search"]["space"],
        journal="results/checkpoints/search/{model}.journal",
    script:
        "../scripts/search/search.py"


rule figure_search:
    input:
        trials=f"results/search/{config['search']['model']}/trials.tsv",
        importance=f"results/search/{config['search']['model']}/importance.tsv",
        modules=library("plotting/style.py", "plotting/search.py"),
    output:
        pdf="results/figures/figure_search.pdf",
        png=report(
            "results/figures/figure_search.png",
            caption="../report/figure_search.rst",
            category="Training",
            labels={"result": "Search of hyperparameters"},
        ),
        tsv="results/figures/figure_search.tsv",
    log:
        "logs/figure_search/figure_search.log",
    benchmark:
        "benchmarks/figure_search/figure_search.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        model=config["search"]["model"],
        space=config["search"]["space"],
    script:
        "../scripts/search/figure_search.py"
