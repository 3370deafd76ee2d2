# Requires: a model, and results/genomes/{genome}/genome.fa of the config's saturation.
# Gives: results/saturation/{region}/ (scores of every change of a region, effects by base, a bigWig for each output of the
# model), results/experiments/{experiment}/ (arrangements of inserted sequences), and a figure for each of them.


wildcard_constraints:
    region=one_of(config["saturation"]),
    experiment=one_of(config["experiments"]),


rule saturate_region:
    """Score every change of a region."""
    input:
        weights=lambda wildcards: f"results/models/{study.model_of_experiment('saturation', wildcards.region)}/model.weights.h5",
        description=lambda wildcards: f"results/models/{study.model_of_experiment('saturation', wildcards.region)}/model.json",
        fasta=lambda wildcards: f"results/genomes/{study.genome_of_saturation(wildcards.region)}/genome.fa",
    output:
        scores="results/saturation/{region}/scores.tsv.gz",
        effects="results/saturation/{region}/effects.tsv",
    log:
        "logs/saturate_region/{region}.log",
    benchmark:
        "benchmarks/saturate_region/{region}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 4
    resources:
        mem_mb=memory(16000),
        runtime=minutes(720),
        gpu=lambda wildcards: study.gpus_of_model(study.model_of_experiment("saturation", wildcards.region)),
    params:
        plan=lookup(within=config, dpath="saturation/{region}"),
        scoring=study.scoring_of_variants(),
        seed=config["seed"],
        batch_size=config["evaluation"]["batch_size"],
        device=lambda wildcards: study.device_of_experiment("saturation", wildcards.region),
    script:
        "../scripts/experiments/saturate_region.py"


rule write_saturation_track:
    input:
        effects="results/saturation/{region}/effects.tsv",
        sizes=lambda wildcards: f"results/genomes/{study.genome_of_saturation(wildcards.region)}/chrom.sizes",
    output:
        "results/saturation/{region}/{dataset}.bw",
    log:
        "logs/write_saturation_track/{region}.{dataset}.log",
    benchmark:
        "benchmarks/write_saturation_track/{region}.{dataset}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    script:
        "../scripts/experiments/write_saturation_track.py"


rule figure_saturation:
    input:
        effects="results/saturation/{region}/effects.tsv",
        modules=library("plotting/style.py", "plotting/experiments.py"),
    output:
        pdf="results/figures/figure_saturation_{region}.pdf",
        png=report(
            "results/figures/figure_saturation_{region}.png",
            caption="../report/figure_saturation.rst",
            category="Experiments",
            labels={"result": "Saturation mutagenesis", "name": "{region}"},
        ),
        tsv="results/figures/figure_saturation_{region}.tsv",
    log:
        "logs/figure_saturation/{region}.log",
    benchmark:
        "benchmarks/figure_saturation/{region}.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        model=lambda wildcards: study.model_of_experiment("saturation", wildcards.region),
        dataset=lambda wildcards: study.output_of_experiment("saturation", wildcards.region),
        method=lookup(within=config, dpath="saturation/{region}/method"),
    script:
        "../scripts/experiments/figure_saturation.py"


rule insert_sequences:
    """Predict every arrangement in every background."""
    input:
        weights=lambda wildcards: f"results/models/{study.model_of_experiment('experiments', wildcards.experiment)}/model.weights.h5",
        description=lambda wildcards: f"results/models/{study.model_of_experiment('experiments', wildcards.experiment)}/model.json",
    output:
        scores="results/experiments/{experiment}/scores.tsv",
        maps="results/experiments/{experiment}/maps.h5",
    log:
        "logs/insert_sequences/{experiment}.log",
    benchmark:
        "benchmarks/insert_sequences/{experiment}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 4
    resources:
        mem_mb=memory(16000),
        runtime=minutes(720),
        gpu=lambda wildcards: study.gpus_of_model(study.model_of_experiment("experiments", wildcards.experiment)),
    params:
        plan=lookup(within=config, dpath="experiments/{experiment}"),
        average=config["variants"]["average"],
        seed=config["seed"],
        batch_size=config["evaluation"]["batch_size"],
        device=lambda wildcards: study.device_of_experiment("experiments", wildcards.experiment),
    script:
        "../scripts/experiments/insert_sequences.py"


rule figure_experiment:
    input:
        scores="results/experiments/{experiment}/scores.tsv",
        maps="results/experiments/{experiment}/maps.h5",
        modules=library("plotting/style.py", "plotting/experiments.py"),
    output:
        pdf="results/figures/figure_experiment_{experiment}.pdf",
        png=report(
            "results/figures/figure_experiment_{experiment}.png",
            caption="../report/figure_experiment.rst",
            category="Experiments",
            labels={"result": "Inserted sequences", "name": "{experiment}"},
        ),
        tsv="results/figures/figure_experiment_{experiment}.tsv",
    log:
        "logs/figure_experiment/{experiment}.log",
    benchmark:
        "benchmarks/figure_experiment/{experiment}.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        model=lambda wildcards: study.model_of_experiment("experiments", wildcards.experiment),
        dataset=lambda wildcards: study.output_of_experiment("experiments", wildcards.experiment),
    script:
        "../scripts/experiments/figure_experiment.py"
