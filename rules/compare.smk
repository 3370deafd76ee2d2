# Requires: results/records/{split}/ of the model that figures show; for variants with other targets also
# results/coolers/{dataset}.cool and results/genomes/{genome}/genome.fa.
# Gives: results/comparison/: targets and records of those variants, scores and history of each training, all of them in
# three tables, and the figures supplement_1 (architectures) and supplement_3 (tasks, targets, augmentation). Trainings
# that were interrupted go on from results/checkpoints/comparison/{variant}/{replicate}/.


include: "compare_inputs.smk"


rule comparison_targets:
    input:
        windows=base_records("windows.tsv"),
        cooler="results/coolers/{dataset}.cool",
    output:
        temp("results/comparison/{variant}/targets/{dataset}.h5"),
    log:
        "logs/comparison_targets/{variant}.{dataset}.log",
    benchmark:
        "benchmarks/comparison_targets/{variant}.{dataset}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 4
    resources:
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
        runtime=lambda wildcards, attempt: 240 * attempt,
    params:
        geometry=config["geometry"],
        targets=variant_targets,
    script:
        "../scripts/compare/targets.py"


rule comparison_records:
    input:
        fasta=base_fasta,
        windows=base_records("windows.tsv"),
        targets=variant_target_tables,
    output:
        tfrecords=directory("results/comparison/{variant}/records/tfrecords"),
        statistics="results/comparison/{variant}/records/statistics.json",
    log:
        "logs/comparison_records/{variant}.log",
    benchmark:
        "benchmarks/comparison_records/{variant}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
        runtime=lambda wildcards, attempt: 480 * attempt,
    params:
        geometry=config["geometry"],
        targets=variant_targets,
        datasets=base_datasets,
    script:
        "../scripts/compare/comparison_records.py"


rule compare_model:
    """One training of one variant, and its scores."""
    input:
        tfrecords=variant_records("tfrecords"),
        statistics=variant_records("statistics.json"),
        base_tfrecords=base_records("tfrecords"),
        base_statistics=base_records("statistics.json"),
        params=base_params,
    output:
        metrics="results/comparison/{variant}/{replicate}/metrics.tsv",
        history="results/comparison/{variant}/{replicate}/history.tsv",
    log:
        "logs/compare_model/{variant}.{replicate}.log",
    benchmark:
        "benchmarks/compare_model/{variant}.{replicate}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: lambda wildcards: compared_model()["training"]["threads"]
    resources:
        # as for rule train, and the scores of the evaluated fold (see rule evaluate)
        mem_mb=lambda wildcards, attempt: attempt * (16000 + training_memory(compared_model()["training"])),
        runtime=lambda wildcards, attempt: 2880 * attempt,
        gpu=lambda wildcards: training_gpus(compared_model()["training"]),
    params:
        geometry=config["geometry"],
        architecture=lambda wildcards: compared_model()["architecture"],
        training=lambda wildcards: compared_model()["training"],
        outputs=base_datasets,
        variant=variant_of,
        epochs=config["comparison"]["epochs"],
        steps_per_epoch=config["comparison"]["steps_per_epoch"],
        fold=config["evaluation"]["fold"],
        batch_size=config["evaluation"]["batch_size"],
        seed=config["seed"],
        checkpoint="results/checkpoints/comparison/{variant}/{replicate}",
    script:
        "../scripts/compare/compare_model.py"


rule comparison:
    input:
        metrics=replicates("metrics.tsv"),
        histories=replicates("history.tsv"),
    output:
        comparison="results/comparison/comparison.tsv",
        seeds="results/comparison/seeds.tsv",
        curves="results/comparison/curves.tsv",
    log:
        "logs/comparison/comparison.log",
    benchmark:
        "benchmarks/comparison/comparison.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    script:
        "../scripts/compare/comparison.py"


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
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        model=config["figures"]["model"],
        fold=config["evaluation"]["fold"],
        seeds=config["comparison"]["seeds"],
        descriptions=described("architecture"),
    script:
        "../scripts/compare/supplement_1.py"


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
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        model=config["figures"]["model"],
        fold=config["evaluation"]["fold"],
        seeds=config["comparison"]["seeds"],
        single_tasks=described("tasks"),
        data=described("data"),
    script:
        "../scripts/compare/supplement_3.py"
