# Requires: results/motifs/{split}/{motif}.windows.tsv, results/mutagenesis/{model}/{motif}/windows.tsv, a model, and
# results/genomes/{genome}/genome.fa.
# Gives: results/inversion/{model}/{motif}/ (scores of each window with all its sites inverted, and the maps), and
# supplement_6.


rule invert_motifs:
    input:
        weights="results/models/{model}/model.weights.h5",
        description="results/models/{model}/model.json",
        windows=model_records("windows.tsv"),
        sites=model_sites,
        fasta=genome_file("genome.fa", of="model"),
    output:
        windows="results/inversion/{model}/{motif}/windows.tsv",
        maps="results/inversion/{model}/{motif}/maps.h5",
    log:
        "logs/invert_motifs/{model}.{motif}.log",
    benchmark:
        "benchmarks/invert_motifs/{model}.{motif}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 4
    resources:
        mem_mb=memory(16000),
        runtime=minutes(240),
        gpu=lambda wildcards: study.gpus_of_model(wildcards.model),
    params:
        fold=config["mutagenesis"]["fold"],
        batch_size=config["evaluation"]["batch_size"],
        average=config["evaluation"]["average"],
        device=lookup(within=config, dpath="models/{model}/training/device"),
    script:
        "../scripts/inversion/invert_motifs.py"


rule supplement_6:
    input:
        inverted=of_figure(
            "supplement_6", f"results/inversion/{config['figures']['model']}/{study.shown_motif()}/windows.tsv"
        ),
        randomised=f"results/mutagenesis/{config['figures']['model']}/{study.shown_motif()}/windows.tsv",
        modules=library("plotting/style.py", "plotting/inversion.py"),
    output:
        pdf="results/figures/supplement_6.pdf",
        png=report(
            "results/figures/supplement_6.png",
            caption="../report/supplement_6.rst",
            category="CTCF mutagenesis",
            labels={"result": "S6: inversions"},
        ),
        tsv="results/figures/supplement_6.tsv",
    log:
        "logs/supplement_6/supplement_6.log",
    benchmark:
        "benchmarks/supplement_6/supplement_6.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
        dataset=config["figures"]["dataset"],
        motif=study.shown_motif(),
        fold=config["mutagenesis"]["fold"],
        draws=config["mutagenesis"]["draws"],
    script:
        "../scripts/inversion/supplement_6.py"
