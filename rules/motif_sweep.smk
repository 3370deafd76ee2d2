# Requires: results/records/{split}/windows.tsv, results/genomes/{genome}/genome.fa, a model, and the sites and the
# mutagenesis of the first motif of `mutagenesis.motifs`.
# Gives: results/motif_sweep/{model}/ (plan.tsv: search and number of predictions of each motif; motifs.tsv: its scores;
# draws.tsv.gz), and the figures 3a and S5.


rule find_sweep_sites:
    """Find the sites of the motifs of one job; list how each was searched or why it is left out."""
    input:
        windows=model_records("windows.tsv"),
        ctcf=lambda wildcards: f"results/motifs/{study.split_of_model(wildcards.model)}/{study.shown_motif()}.bed",
        fasta=genome_file("genome.fa", of="model"),
    output:
        sites="results/motif_sweep/{model}/jobs/{job}.sites.tsv.gz",
        plan="results/motif_sweep/{model}/jobs/{job}.plan.tsv",
    log:
        "logs/find_sweep_sites/{model}.{job}.log",
    benchmark:
        "benchmarks/find_sweep_sites/{model}.{job}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(240),
    params:
        release=config["motifs"]["release"],
        taxon=config["motif_sweep"]["taxon"],
        matrices=config["motif_sweep"]["matrices"],
        jobs=config["motif_sweep"]["jobs"],
        pvalue=config["motifs"]["pvalue"],
        short=config["motif_sweep"]["short_matrices"],
        tracks=study.locate(config["motif_sweep"]["tracks"]),
        draws=config["motif_sweep"]["draws"],
        windows=config["motif_sweep"]["windows"],
        fold=config["mutagenesis"]["fold"],
        margin_bp=study.motif_margin(),
    script:
        "../scripts/motif_sweep/find_sweep_sites.py"


rule plan_sweep:
    """Collect the plans of all jobs, with the number of predictions of the sweep."""
    input:
        expand("results/motif_sweep/{{model}}/jobs/{job}.plan.tsv", job=range(config["motif_sweep"]["jobs"])),
    output:
        "results/motif_sweep/{model}/plan.tsv",
    log:
        "logs/plan_sweep/{model}.log",
    benchmark:
        "benchmarks/plan_sweep/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10),
    script:
        "../scripts/motif_sweep/plan_sweep.py"


rule predict_sweep_reference:
    """Predict the reference windows once for all jobs."""
    input:
        weights="results/models/{model}/model.weights.h5",
        description="results/models/{model}/model.json",
        windows=model_records("windows.tsv"),
        plan="results/motif_sweep/{model}/plan.tsv",
        fasta=genome_file("genome.fa", of="model"),
    output:
        temp("results/motif_sweep/{model}/reference.h5"),
    log:
        "logs/predict_sweep_reference/{model}.log",
    benchmark:
        "benchmarks/predict_sweep_reference/{model}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 4
    resources:
        mem_mb=memory(16000),
        runtime=minutes(120),
        gpu=lambda wildcards: study.gpus_of_model(wildcards.model),
    params:
        windows=config["motif_sweep"]["windows"],
        fold=config["mutagenesis"]["fold"],
        batch_size=config["evaluation"]["batch_size"],
        average=config["evaluation"]["average"],
        device=lookup(within=config, dpath="models/{model}/training/device"),
    script:
        "../scripts/motif_sweep/predict_sweep_reference.py"


rule score_sweep:
    """Score the motifs of one job; finished motifs are in results/checkpoints/ until the job is finished."""
    input:
        weights="results/models/{model}/model.weights.h5",
        description="results/models/{model}/model.json",
        windows=model_records("windows.tsv"),
        sites="results/motif_sweep/{model}/jobs/{job}.sites.tsv.gz",
        reference="results/motif_sweep/{model}/reference.h5",
        fasta=genome_file("genome.fa", of="model"),
    output:
        "results/motif_sweep/{model}/jobs/{job}.draws.tsv.gz",
    log:
        "logs/score_sweep/{model}.{job}.log",
    benchmark:
        "benchmarks/score_sweep/{model}.{job}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 4
    resources:
        mem_mb=memory(16000),
        runtime=minutes(1440),
        gpu=lambda wildcards: study.gpus_of_model(wildcards.model),
    params:
        seed=config["seed"],
        fold=config["mutagenesis"]["fold"],
        windows=config["motif_sweep"]["windows"],
        draws=config["motif_sweep"]["draws"],
        composition=config["mutagenesis"]["composition"],
        batch_size=config["evaluation"]["batch_size"],
        average=config["evaluation"]["average"],
        device=lookup(within=config, dpath="models/{model}/training/device"),
        checkpoint="results/checkpoints/motif_sweep/{model}/{job}",
    script:
        "../scripts/motif_sweep/score_sweep.py"


rule summarise_sweep:
    input:
        draws=expand("results/motif_sweep/{{model}}/jobs/{job}.draws.tsv.gz", job=range(config["motif_sweep"]["jobs"])),
        sites=expand("results/motif_sweep/{{model}}/jobs/{job}.sites.tsv.gz", job=range(config["motif_sweep"]["jobs"])),
        plan="results/motif_sweep/{model}/plan.tsv",
        windows=model_records("windows.tsv"),
    output:
        motifs="results/motif_sweep/{model}/motifs.tsv",
        windows="results/motif_sweep/{model}/windows.tsv.gz",
    log:
        "logs/summarise_sweep/{model}.log",
    benchmark:
        "benchmarks/summarise_sweep/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(60),
    params:
        fold=config["mutagenesis"]["fold"],
        windows=config["motif_sweep"]["windows"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/motif_sweep/summarise_sweep.py"


rule figure_3a:
    input:
        motifs=of_figure("figure_3a", f"results/motif_sweep/{config['figures']['model']}/motifs.tsv"),
        windows=f"results/motif_sweep/{config['figures']['model']}/windows.tsv.gz",
        modules=library("plotting/style.py", "plotting/motif_sweep.py"),
    output:
        pdf="results/figures/figure_3a.pdf",
        png=report(
            "results/figures/figure_3a.png",
            caption="../report/figure_3a.rst",
            category="Motif sweep",
            labels={"result": "3a: every motif"},
        ),
        tsv="results/figures/figure_3a.tsv",
    log:
        "logs/figure_3a/figure_3a.log",
    benchmark:
        "benchmarks/figure_3a/figure_3a.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
        dataset=config["figures"]["dataset"],
        fold=config["mutagenesis"]["fold"],
        draws=config["motif_sweep"]["draws"],
        release=config["motifs"]["release"],
        pvalue=config["motifs"]["pvalue"],
        labels=config["motif_sweep"]["labels"],
    script:
        "../scripts/motif_sweep/figure_3a.py"


rule supplement_5:
    input:
        motifs=of_figure("supplement_5", f"results/motif_sweep/{config['figures']['model']}/motifs.tsv"),
        windows=f"results/motif_sweep/{config['figures']['model']}/windows.tsv.gz",
        bins=f"results/mutagenesis/{config['figures']['model']}/{study.shown_motif()}/bins.tsv.gz",
        records=lambda wildcards: f"results/records/{study.split_of_figures()}/windows.tsv",
        modules=library("plotting/style.py", "plotting/motif_sweep.py"),
    output:
        pdf="results/figures/supplement_5.pdf",
        png=report(
            "results/figures/supplement_5.png",
            caption="../report/supplement_5.rst",
            category="Motif sweep",
            labels={"result": "S5: motifs and CTCF"},
        ),
        tsv="results/figures/supplement_5.tsv",
    log:
        "logs/supplement_5/supplement_5.log",
    benchmark:
        "benchmarks/supplement_5/supplement_5.tsv"
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
        fold=config["mutagenesis"]["fold"],
        half=config["mutagenesis"]["insulation_bins"],
        pvalue=config["motifs"]["pvalue"],
        labels=config["motif_sweep"]["labels"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/motif_sweep/supplement_5.py"
