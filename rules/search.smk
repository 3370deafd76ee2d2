# Requires: results/records/{split}/ (tfrecords/ and statistics.json) of the split of `search.model`.
# Gives: results/search/{model}/ (table of trials, importance of the parameters, the best model as YAML for the config) and
# the figure of the search. The study itself is results/checkpoints/search/{model}.journal. It is not an output, so that
# Snakemake does not delete it when a search is interrupted or repeated.


rule run_trials:
    """Run trials of the study that all workers share, until it has enough."""
    input:
        tfrecords=model_records("tfrecords"),
        statistics=model_records("statistics.json"),
        params=named_file("models/{model}/architecture/params"),
    output:
        worker="results/search/{model}/workers/{worker}.json",
    log:
        "logs/run_trials/{model}.{worker}.log",
    benchmark:
        "benchmarks/run_trials/{model}.{worker}.tsv"
    wildcard_constraints:
        worker="[0-9]+",
    conda:
        "../envs/tensorflow.yaml"
    threads: lookup(within=config, dpath="models/{model}/training/threads")
    resources:
        # more than for a training if trials have more filters than the model
        mem_mb=memory(lambda wildcards: training_memory(wildcards.model, study.filters_of_search(wildcards.model))),
        runtime=minutes(2880),
        gpu=lambda wildcards: study.gpus_of_training(wildcards.model),
    params:
        geometry=config["geometry"],
        base=lookup(within=config, dpath="models/{model}"),
        search=config["search"],
        outputs=lambda wildcards: study.model_outputs(wildcards.model),
        seed=config["seed"],
        journal="results/checkpoints/search/{model}.journal",
        checkpoint="results/checkpoints/search/{model}/{worker}",
    script:
        "../scripts/search/run_trials.py"


rule summarise_trials:
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
        "logs/summarise_trials/{model}.log",
    benchmark:
        "benchmarks/summarise_trials/{model}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        base=lookup(within=config, dpath="models/{model}"),
        space=config["search"]["space"],
        journal="results/checkpoints/search/{model}.journal",
    script:
        "../scripts/search/summarise_trials.py"


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
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        model=config["search"]["model"],
        space=config["search"]["space"],
    script:
        "../scripts/search/figure_search.py"
