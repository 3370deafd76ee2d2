# Requires: a model, the records and targets of a split of the other genome, its FASTA, and its RepeatMasker table
# (`genomes.{genome}.repeatmasker`).
# Gives: results/cross_species/{model}/ (scores of each window: reference, elements randomised, control), and the figures
# 3b and S8.


rule find_repeat_elements:
    """Find the repeats of the family in each window, and draw the control intervals."""
    input:
        rmsk=located(study.cross_species_repeats()),
        windows=f"results/records/{config['cross_species']['split']}/windows.tsv",
        fasta=f"results/genomes/{study.cross_species_genome()}/genome.fa",
    output:
        "results/cross_species/elements.tsv",
    log:
        "logs/find_repeat_elements/find_repeat_elements.log",
    benchmark:
        "benchmarks/find_repeat_elements/find_repeat_elements.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(60),
    params:
        cross_species={key: config["cross_species"][key] for key in ("fold", "family", "names", "draws")},
        seed=config["seed"],
    script:
        "../scripts/cross_species/find_repeat_elements.py"


rule evaluate_cross_species:
    input:
        weights="results/models/{model}/model.weights.h5",
        description="results/models/{model}/model.json",
        windows=f"results/records/{config['cross_species']['split']}/windows.tsv",
        targets=f"results/targets/{config['cross_species']['split']}/{config['cross_species']['dataset']}.h5",
        elements="results/cross_species/elements.tsv",
        fasta=f"results/genomes/{study.cross_species_genome()}/genome.fa",
    output:
        windows="results/cross_species/{model}/windows.tsv",
        summary="results/cross_species/{model}/summary.tsv",
        maps="results/cross_species/{model}/maps.h5",
    log:
        "logs/evaluate_cross_species/{model}.log",
    benchmark:
        "benchmarks/evaluate_cross_species/{model}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 4
    resources:
        mem_mb=memory(16000),
        runtime=minutes(1440),
        gpu=lambda wildcards: study.gpus_of_model(wildcards.model),
    params:
        cross_species=config["cross_species"],
        output=study.cross_species_output(),
        batch_size=config["evaluation"]["batch_size"],
        average=config["evaluation"]["average"],
        bootstrap=config["evaluation"]["bootstrap"],
        device=lookup(within=config, dpath="models/{model}/training/device"),
        seed=config["seed"],
    script:
        "../scripts/cross_species/evaluate_cross_species.py"


rule figure_3b:
    input:
        windows=of_figure("figure_3b", f"results/cross_species/{config['figures']['model']}/windows.tsv"),
        summary=f"results/cross_species/{config['figures']['model']}/summary.tsv",
        modules=library("plotting/style.py", "plotting/cross_species.py"),
    output:
        pdf="results/figures/figure_3b.pdf",
        png=report(
            "results/figures/figure_3b.png",
            caption="../report/figure_3b.rst",
            category="Another genome",
            labels={"result": "3b: repeats randomised"},
        ),
        tsv="results/figures/figure_3b.tsv",
    log:
        "logs/figure_3b/figure_3b.log",
    benchmark:
        "benchmarks/figure_3b/figure_3b.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
        cross_species=config["cross_species"],
        output=study.cross_species_output(),
        genome=study.cross_species_genome(),
    script:
        "../scripts/cross_species/figure_3b.py"


rule supplement_8:
    input:
        windows=of_figure("supplement_8", f"results/cross_species/{config['figures']['model']}/windows.tsv"),
        summary=f"results/cross_species/{config['figures']['model']}/summary.tsv",
        maps=f"results/cross_species/{config['figures']['model']}/maps.h5",
        modules=library("plotting/style.py", "plotting/cross_species.py"),
    output:
        pdf="results/figures/supplement_8.pdf",
        png=report(
            "results/figures/supplement_8.png",
            caption="../report/supplement_8.rst",
            category="Another genome",
            labels={"result": "S8: windows and maps"},
        ),
        tsv="results/figures/supplement_8.tsv",
    log:
        "logs/supplement_8/supplement_8.log",
    benchmark:
        "benchmarks/supplement_8/supplement_8.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
        cross_species=config["cross_species"],
        output=study.cross_species_output(),
        genome=study.cross_species_genome(),
        geometry=config["geometry"],
    script:
        "../scripts/cross_species/supplement_8.py"
