# Requires: results/records/{split}/windows.tsv, results/genomes/{genome}/genome.fa and a model in results/models/{model}/.
# Gives: results/motifs/{split}/{motif}.* (sites in the windows of the analysed fold), results/mutagenesis/{model}/{motif}/
# (scores per window and per draw, example maps), and the figures of CTCF mutagenesis.


rule find_motif_sites:
    input:
        windows="results/records/{split}/windows.tsv",
        fasta=genome_file("genome.fa", of="split"),
        bed=named_file("motifs/sets/{motif}/bed"),
        matrix=named_file("motifs/sets/{motif}/file"),
    output:
        bed="results/motifs/{split}/{motif}.bed",
        windows="results/motifs/{split}/{motif}.windows.tsv",
        summary="results/motifs/{split}/{motif}.summary.tsv",
    log:
        "logs/find_motif_sites/{split}.{motif}.log",
    benchmark:
        "benchmarks/find_motif_sites/{split}.{motif}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(60),
    params:
        release=config["motifs"]["release"],
        matrix=lookup(within=config, dpath="motifs/sets/{motif}/matrix"),
        pvalue=config["motifs"]["pvalue"],
        fold=config["mutagenesis"]["fold"],
        margin_bp=study.motif_margin(),
    script:
        "../scripts/mutagenesis/find_motif_sites.py"


rule mutate_motifs:
    input:
        weights="results/models/{model}/model.weights.h5",
        description="results/models/{model}/model.json",
        windows=model_records("windows.tsv"),
        sites=model_sites,
        fasta=genome_file("genome.fa", of="model"),
    output:
        windows="results/mutagenesis/{model}/{motif}/windows.tsv",
        draws="results/mutagenesis/{model}/{motif}/draws.tsv",
        bins="results/mutagenesis/{model}/{motif}/bins.tsv.gz",
        maps="results/mutagenesis/{model}/{motif}/maps.h5",
    log:
        "logs/mutate_motifs/{model}.{motif}.log",
    benchmark:
        "benchmarks/mutate_motifs/{model}.{motif}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 4
    resources:
        mem_mb=memory(16000),
        runtime=minutes(720),
        gpu=lambda wildcards: study.gpus_of_model(wildcards.model),
    params:
        seed=config["seed"],
        fold=config["mutagenesis"]["fold"],
        draws=config["mutagenesis"]["draws"],
        examples=config["mutagenesis"]["examples"],
        composition=config["mutagenesis"]["composition"],
        insulation_bins=config["mutagenesis"]["insulation_bins"],
        batch_size=config["evaluation"]["batch_size"],
        average=config["evaluation"]["average"],
        device=lookup(within=config, dpath="models/{model}/training/device"),
    script:
        "../scripts/mutagenesis/mutate_motifs.py"


rule figure_ctcf:
    input:
        windows=of_figure(
            "figure_ctcf", f"results/mutagenesis/{config['figures']['model']}/{study.shown_motif()}/windows.tsv"
        ),
        modules=library("plotting/style.py", "plotting/mutagenesis.py"),
    output:
        pdf="results/figures/figure_ctcf.pdf",
        png=report(
            "results/figures/figure_ctcf.png",
            caption="../report/figure_ctcf.rst",
            category="CTCF mutagenesis",
            labels={"result": "Effect per window"},
        ),
        tsv="results/figures/figure_ctcf.tsv",
    log:
        "logs/figure_ctcf/figure_ctcf.log",
    benchmark:
        "benchmarks/figure_ctcf/figure_ctcf.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
        dataset=config["figures"]["dataset"],
        motif=study.shown_motif(),
    script:
        "../scripts/mutagenesis/figure_ctcf.py"


rule figure_ctcf_examples:
    input:
        maps=of_figure(
            "figure_ctcf_examples", f"results/mutagenesis/{config['figures']['model']}/{study.shown_motif()}/maps.h5"
        ),
        modules=library("plotting/style.py", "plotting/mutagenesis.py"),
    output:
        pdf="results/figures/figure_ctcf_examples.pdf",
        png=report(
            "results/figures/figure_ctcf_examples.png",
            caption="../report/figure_ctcf_examples.rst",
            category="CTCF mutagenesis",
            labels={"result": "Example maps"},
        ),
        tsv="results/figures/figure_ctcf_examples.tsv",
    log:
        "logs/figure_ctcf_examples/figure_ctcf_examples.log",
    benchmark:
        "benchmarks/figure_ctcf_examples/figure_ctcf_examples.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        dataset=config["figures"]["dataset"],
    script:
        "../scripts/mutagenesis/figure_ctcf_examples.py"
