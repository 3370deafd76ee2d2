# Requires: results/records/{split}/windows.tsv, results/genomes/{genome}/genome.fa, a model, and the sites and the
# mutagenesis of the first motif of `mutagenesis.motifs`.
# Gives: results/sweep/{model}/ (plan.tsv: how each motif was searched and how many predictions it costs; motifs.tsv: its
# scores; draws.tsv.gz), and the figures 3a and S5.


include: "sweep_inputs.smk"


rule sweep_sites:
    """Sites of the motifs of one job, and how each was searched or why it is left out."""
    input:
        windows=lambda wildcards: f"results/records/{mutagenesis_split(wildcards)}/windows.tsv",
        ctcf=sweep_ctcf,
        fasta=mutagenesis_fasta,
    output:
        sites="results/sweep/{model}/jobs/{job}.sites.tsv.gz",
        plan="results/sweep/{model}/jobs/{job}.plan.tsv",
    log:
        "logs/sweep_sites/{model}.{job}.log",
    benchmark:
        "benchmarks/sweep_sites/{model}.{job}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 240 * attempt,
    params:
        release=config["motifs"]["release"],
        taxon=config["sweep"]["taxon"],
        matrices=config["sweep"]["matrices"],
        jobs=config["sweep"]["jobs"],
        pvalue=config["motifs"]["pvalue"],
        short=config["sweep"]["short_matrices"],
        tracks=study.locate(config["sweep"]["tracks"]),
        draws=config["sweep"]["draws"],
        windows=config["sweep"]["windows"],
        fold=config["mutagenesis"]["fold"],
        margin_bp=mutagenesis_margin(),
    script:
        "../scripts/sweep/sweep_sites.py"


rule sweep_plan:
    """How many predictions the sweep will make, before it makes any."""
    input:
        expand("results/sweep/{{model}}/jobs/{job}.plan.tsv", job=range(config["sweep"]["jobs"])),
    output:
        "results/sweep/{model}/plan.tsv",
    log:
        "logs/sweep_plan/{model}.log",
    benchmark:
        "benchmarks/sweep_plan/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    script:
        "../scripts/sweep/sweep_plan.py"


rule sweep_reference:
    """The windows as they are, predicted once for all jobs."""
    input:
        weights="results/models/{model}/model.weights.h5",
        description="results/models/{model}/model.json",
        windows=lambda wildcards: f"results/records/{mutagenesis_split(wildcards)}/windows.tsv",
        plan="results/sweep/{model}/plan.tsv",
        fasta=mutagenesis_fasta,
    output:
        temp("results/sweep/{model}/reference.h5"),
    log:
        "logs/sweep_reference/{model}.log",
    benchmark:
        "benchmarks/sweep_reference/{model}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 4
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 120 * attempt,
    params:
        windows=config["sweep"]["windows"],
        fold=config["mutagenesis"]["fold"],
        batch_size=config["evaluation"]["batch_size"],
        average=config["evaluation"]["average"],
        device=model_device,
    script:
        "../scripts/sweep/sweep_reference.py"


rule sweep:
    """Scores of the motifs of one job; a motif that is done is kept in results/checkpoints/ until the job is."""
    input:
        weights="results/models/{model}/model.weights.h5",
        description="results/models/{model}/model.json",
        windows=lambda wildcards: f"results/records/{mutagenesis_split(wildcards)}/windows.tsv",
        sites="results/sweep/{model}/jobs/{job}.sites.tsv.gz",
        reference="results/sweep/{model}/reference.h5",
        fasta=mutagenesis_fasta,
    output:
        "results/sweep/{model}/jobs/{job}.draws.tsv.gz",
    log:
        "logs/sweep/{model}.{job}.log",
    benchmark:
        "benchmarks/sweep/{model}.{job}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 4
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 1440 * attempt,
    params:
        seed=config["seed"],
        fold=config["mutagenesis"]["fold"],
        windows=config["sweep"]["windows"],
        draws=config["sweep"]["draws"],
        composition=config["mutagenesis"]["composition"],
        batch_size=config["evaluation"]["batch_size"],
        average=config["evaluation"]["average"],
        device=model_device,
        checkpoint="results/checkpoints/sweep/{model}/{job}",
    script:
        "../scripts/sweep/sweep.py"


rule sweep_motifs:
    input:
        draws=expand("results/sweep/{{model}}/jobs/{job}.draws.tsv.gz", job=range(config["sweep"]["jobs"])),
        sites=expand("results/sweep/{{model}}/jobs/{job}.sites.tsv.gz", job=range(config["sweep"]["jobs"])),
        plan="results/sweep/{model}/plan.tsv",
        windows=lambda wildcards: f"results/records/{mutagenesis_split(wildcards)}/windows.tsv",
    output:
        motifs="results/sweep/{model}/motifs.tsv",
        windows="results/sweep/{model}/windows.tsv.gz",
    log:
        "logs/sweep_motifs/{model}.log",
    benchmark:
        "benchmarks/sweep_motifs/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        fold=config["mutagenesis"]["fold"],
        windows=config["sweep"]["windows"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/sweep/sweep_motifs.py"


rule figure_3a:
    input:
        motifs=f"results/sweep/{config['figures']['model']}/motifs.tsv",
        windows=f"results/sweep/{config['figures']['model']}/windows.tsv.gz",
        modules=library("plotting/style.py", "plotting/sweep.py"),
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
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        model=config["figures"]["model"],
        dataset=config["figures"]["dataset"],
        fold=config["mutagenesis"]["fold"],
        draws=config["sweep"]["draws"],
        release=config["motifs"]["release"],
        pvalue=config["motifs"]["pvalue"],
        labels=config["sweep"]["labels"],
    script:
        "../scripts/sweep/figure_3a.py"


rule supplement_5:
    input:
        motifs=f"results/sweep/{config['figures']['model']}/motifs.tsv",
        bins=figure_mutagenesis("bins.tsv.gz"),
        modules=library("plotting/style.py", "plotting/sweep.py"),
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
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        model=config["figures"]["model"],
        dataset=config["figures"]["dataset"],
        motif=lambda wildcards: config["mutagenesis"]["motifs"][0],
        fold=config["mutagenesis"]["fold"],
        half=config["mutagenesis"]["insulation_bins"],
        pvalue=config["motifs"]["pvalue"],
        labels=config["sweep"]["labels"],
    script:
        "../scripts/sweep/supplement_5.py"
