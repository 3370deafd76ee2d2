# Requires: results/records/{split}/ of `figures.model`; for alternatives with other targets also
# results/coolers/{dataset}.cool and results/genomes/{genome}/genome.fa.
# Gives: results/comparison/: targets and records of those alternatives, scores and history of each training, three summary
# tables, and the figures supplement_1 (architectures) and supplement_3 (tasks, targets, augmentation). Interrupted
# trainings resume from results/checkpoints/comparison/{alternative}/{replicate}/.

base_model = config["figures"]["model"]  # compared with the alternatives; None in a study without a model
replicates = range(1, config["comparison"]["seeds"] + 1)


rule compute_alternative_targets:
    input:
        windows=lambda wildcards: f"results/records/{study.split_of_model(base_model)}/windows.tsv",
        cooler="results/coolers/{dataset}.cool",
    output:
        temp("results/comparison/{alternative}/targets/{dataset}.h5"),
    log:
        "logs/compute_alternative_targets/{alternative}.{dataset}.log",
    benchmark:
        "benchmarks/compute_alternative_targets/{alternative}.{dataset}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 4
    resources:
        mem_mb=memory(8000),
        runtime=minutes(240),
    params:
        geometry=config["geometry"],
        targets=lambda wildcards: study.target_settings(wildcards.alternative),
    script:
        "../scripts/prepare/compute_targets.py"


rule write_alternative_records:
    input:
        fasta=lambda wildcards: f"results/genomes/{study.genome_of_model(base_model)}/genome.fa",
        windows=lambda wildcards: f"results/records/{study.split_of_model(base_model)}/windows.tsv",
        targets=lambda wildcards: expand(
            "results/comparison/{alternative}/targets/{dataset}.h5",
            alternative=wildcards.alternative,
            dataset=study.datasets_of_split(study.split_of_model(base_model)),
        ),
    output:
        tfrecords=directory("results/comparison/{alternative}/records/tfrecords"),
        statistics="results/comparison/{alternative}/records/statistics.json",
    log:
        "logs/write_alternative_records/{alternative}.log",
    benchmark:
        "benchmarks/write_alternative_records/{alternative}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(480),
    params:
        geometry=config["geometry"],
        targets=lambda wildcards: study.target_settings(wildcards.alternative),
        datasets=lambda wildcards: study.datasets_of_split(study.split_of_model(base_model)),
    script:
        "../scripts/comparison/write_alternative_records.py"


rule train_alternative:
    """Train an alternative with one seed and score it."""
    input:
        tfrecords=lambda wildcards: f"{study.records_of_alternative(wildcards.alternative)}/tfrecords",
        statistics=lambda wildcards: f"{study.records_of_alternative(wildcards.alternative)}/statistics.json",
        base_tfrecords=lambda wildcards: f"results/records/{study.split_of_model(base_model)}/tfrecords",
        base_statistics=lambda wildcards: f"results/records/{study.split_of_model(base_model)}/statistics.json",
        params=lambda wildcards: located(config["models"][base_model]["architecture"]["params"]),
    output:
        metrics="results/comparison/{alternative}/{replicate}/metrics.tsv",
        history="results/comparison/{alternative}/{replicate}/history.tsv",
    log:
        "logs/train_alternative/{alternative}.{replicate}.log",
    benchmark:
        "benchmarks/train_alternative/{alternative}.{replicate}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: lambda wildcards: config["models"][base_model]["training"]["threads"]
    resources:
        # as for rule train_model, and the scores of the evaluated fold (see rule evaluate_model)
        mem_mb=memory(lambda wildcards: 16000 + training_memory(base_model)),
        runtime=minutes(2880),
        gpu=lambda wildcards: study.gpus_of_training(base_model),
    params:
        geometry=config["geometry"],
        architecture=lambda wildcards: config["models"][base_model]["architecture"],
        training=lambda wildcards: config["models"][base_model]["training"],
        outputs=lambda wildcards: study.datasets_of_split(study.split_of_model(base_model)),
        alternative=lambda wildcards: study.settings_of_alternative(wildcards.alternative),
        epochs=config["comparison"]["epochs"],
        steps_per_epoch=config["comparison"]["steps_per_epoch"],
        fold=config["evaluation"]["fold"],
        batch_size=config["evaluation"]["batch_size"],
        seed=config["seed"],
        checkpoint="results/checkpoints/comparison/{alternative}/{replicate}",
    script:
        "../scripts/comparison/train_alternative.py"


rule compare_alternatives:
    input:
        metrics=expand(
            "results/comparison/{alternative}/{replicate}/metrics.tsv",
            alternative=study.alternatives(),
            replicate=replicates,
        ),
        histories=expand(
            "results/comparison/{alternative}/{replicate}/history.tsv",
            alternative=study.alternatives(),
            replicate=replicates,
        ),
    output:
        comparison="results/comparison/comparison.tsv",
        seeds="results/comparison/seeds.tsv",
        curves="results/comparison/curves.tsv",
    log:
        "logs/compare_alternatives/compare_alternatives.log",
    benchmark:
        "benchmarks/compare_alternatives/compare_alternatives.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    script:
        "../scripts/comparison/compare_alternatives.py"


rule supplement_1:
    input:
        comparison="results/comparison/comparison.tsv",
        seeds="results/comparison/seeds.tsv",
        curves="results/comparison/curves.tsv",
        modules=library("plotting/style.py", "plotting/comparison.py"),
    output:
        pdf="results/figures/supplement_1.pdf",
        png=report(
            "results/figures/supplement_1.png",
            caption="../report/supplement_1.rst",
            category="Comparison",
            labels={"result": "S1: architectures"},
        ),
        tsv="results/figures/supplement_1.tsv",
    log:
        "logs/supplement_1/supplement_1.log",
    benchmark:
        "benchmarks/supplement_1/supplement_1.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
        fold=config["evaluation"]["fold"],
        seeds=config["comparison"]["seeds"],
        descriptions=study.alternatives_about("architecture"),
    script:
        "../scripts/comparison/supplement_1.py"


rule supplement_3:
    input:
        comparison="results/comparison/comparison.tsv",
        seeds="results/comparison/seeds.tsv",
        curves="results/comparison/curves.tsv",
        modules=library("plotting/style.py", "plotting/comparison.py"),
    output:
        pdf="results/figures/supplement_3.pdf",
        png=report(
            "results/figures/supplement_3.png",
            caption="../report/supplement_3.rst",
            category="Comparison",
            labels={"result": "S3: tasks and data"},
        ),
        tsv="results/figures/supplement_3.tsv",
    log:
        "logs/supplement_3/supplement_3.log",
    benchmark:
        "benchmarks/supplement_3/supplement_3.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
        fold=config["evaluation"]["fold"],
        seeds=config["comparison"]["seeds"],
        single_tasks=study.alternatives_about("tasks"),
        data=study.alternatives_about("data"),
    script:
        "../scripts/comparison/supplement_3.py"
