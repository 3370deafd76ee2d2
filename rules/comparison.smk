# Requires: results/records/{split}/ of the model that figures show; for variants with other targets also
# results/coolers/{dataset}.cool and results/genomes/{genome}/genome.fa.
# Gives: results/comparison/: targets and records of those variants, scores and history of each training, all of them in
# three tables, and the figures supplement_1 (architectures) and supplement_3 (tasks, targets, augmentation). Trainings
# that were interrupted go on from results/checkpoints/comparison/{variant}/{replicate}/.


include: "comparison_inputs.smk"


rule compute_alternative_targets:
    input:
        windows=base_records("windows.tsv"),
        cooler="results/coolers/{dataset}.cool",
    output:
        temp("results/comparison/{variant}/targets/{dataset}.h5"),
    log:
        "logs/compute_alternative_targets/{variant}.{dataset}.log",
    benchmark:
        "benchmarks/compute_alternative_targets/{variant}.{dataset}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 4
    resources:
        mem_mb=memory(8000),
        runtime=minutes(240),
    params:
        geometry=config["geometry"],
        targets=variant_targets,
    script:
        "../scripts/prepare/compute_targets.py"


rule write_alternative_records:
    input:
        fasta=base_fasta,
        windows=base_records("windows.tsv"),
        targets=variant_target_tables,
    output:
        tfrecords=directory("results/comparison/{variant}/records/tfrecords"),
        statistics="results/comparison/{variant}/records/statistics.json",
    log:
        "logs/write_alternative_records/{variant}.log",
    benchmark:
        "benchmarks/write_alternative_records/{variant}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(480),
    params:
        geometry=config["geometry"],
        targets=variant_targets,
        datasets=base_datasets,
    script:
        "../scripts/comparison/write_alternative_records.py"


rule train_alternative:
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
        "logs/train_alternative/{variant}.{replicate}.log",
    benchmark:
        "benchmarks/train_alternative/{variant}.{replicate}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: lambda wildcards: compared_model()["training"]["threads"]
    resources:
        # as for rule train, and the scores of the evaluated fold (see rule evaluate)
        mem_mb=lambda wildcards, attempt: attempt * (16000 + training_memory(compared_model()["training"])),
        runtime=minutes(2880),
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
        "../scripts/comparison/train_alternative.py"


rule compare_alternatives:
    input:
        metrics=replicates("metrics.tsv"),
        histories=replicates("history.tsv"),
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
        descriptions=described("architecture"),
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
        single_tasks=described("tasks"),
        data=described("data"),
    script:
        "../scripts/comparison/supplement_3.py"
