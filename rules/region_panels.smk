# Requires: a model, its evaluation, results/records/{split}/windows.tsv, results/genomes/{genome}/genome.fa, for a region
# that the config names the maps of the model's datasets (results/coolers/), and, for 2b, the bigWigs of `tracks`.
# Gives: results/region_panels/{model}/ (one region: target, prediction, sites inverted, sites randomised; its tracks), and
# the figures 2b, 2c, 2d and 2e.

region_tracks = config["tracks"].get(config["figures"]["dataset"], {})  # name -> bigWig, of `figures.dataset`


rule choose_region:
    input:
        windows=model_records("windows.tsv"),
        # predictions are needed only to choose an evaluated window
        predictions=[] if config["region_panels"]["window"] else "results/evaluation/{model}/predictions.h5",
        coolers=lambda wildcards: expand(
            "results/coolers/{dataset}.cool", dataset=study.datasets_of_region(wildcards.model)
        ),
        fasta=genome_file("genome.fa", of="model"),
        bed=lambda wildcards: located(config["motifs"]["sets"][study.shown_motif()]["bed"]),
        matrix=lambda wildcards: located(config["motifs"]["sets"][study.shown_motif()]["file"]),
    output:
        window="results/region_panels/{model}/window.tsv",
        sites="results/region_panels/{model}/sites.tsv",
        target="results/region_panels/{model}/target.h5",
    log:
        "logs/choose_region/{model}.log",
    benchmark:
        "benchmarks/choose_region/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(60),
    params:
        window=config["region_panels"]["window"],
        datasets=lambda wildcards: study.compared_outputs(wildcards.model),
        dataset=config["figures"]["dataset"],
        motif=study.shown_motif(),
        matrix=lambda wildcards: config["motifs"]["sets"][study.shown_motif()]["matrix"],
        release=config["motifs"]["release"],
        pvalue=config["motifs"]["pvalue"],
        margin_bp=study.motif_margin(),
        geometry=config["geometry"],
        targets=study.target_settings(),
        fold=config["evaluation"]["fold"],
    script:
        "../scripts/region_panels/choose_region.py"


rule predict_region_panels:
    input:
        weights="results/models/{model}/model.weights.h5",
        description="results/models/{model}/model.json",
        window="results/region_panels/{model}/window.tsv",
        sites="results/region_panels/{model}/sites.tsv",
        fasta=genome_file("genome.fa", of="model"),
    output:
        "results/region_panels/{model}/maps.h5",
    log:
        "logs/predict_region_panels/{model}.log",
    benchmark:
        "benchmarks/predict_region_panels/{model}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 2
    resources:
        mem_mb=memory(16000),
        runtime=minutes(60),
        gpu=lambda wildcards: study.gpus_of_model(wildcards.model),
    params:
        motif=study.shown_motif(),
        draws=config["region_panels"]["draws"],
        composition=config["mutagenesis"]["composition"],
        batch_size=config["evaluation"]["batch_size"],
        average=config["evaluation"]["average"],
        device=lookup(within=config, dpath="models/{model}/training/device"),
        seed=config["seed"],
    script:
        "../scripts/region_panels/predict_region_panels.py"


rule bin_region_tracks:
    """Mean signal of the tracks in each bin of the region's map."""
    input:
        window="results/region_panels/{model}/window.tsv",
        tracks=[located(path) for path in region_tracks.values()],
        sizes=genome_file("chrom.sizes", of="model"),
    output:
        "results/region_panels/{model}/tracks.tsv",
    log:
        "logs/bin_region_tracks/{model}.log",
    benchmark:
        "benchmarks/bin_region_tracks/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        names=list(region_tracks),
        geometry=config["geometry"],
    script:
        "../scripts/region_panels/bin_region_tracks.py"


rule figure_2_panel:
    input:
        maps=of_figure("figure_2{panel}", f"results/region_panels/{config['figures']['model']}/maps.h5"),
        target=f"results/region_panels/{config['figures']['model']}/target.h5",
        sites=f"results/region_panels/{config['figures']['model']}/sites.tsv",
        tracks=f"results/region_panels/{config['figures']['model']}/tracks.tsv",
        modules=library("plotting/style.py", "plotting/region_panels.py"),
    output:
        pdf="results/figures/figure_2{panel}.pdf",
        png=report(
            "results/figures/figure_2{panel}.png",
            caption="../report/figure_2.rst",
            category="CTCF mutagenesis",
            labels={"result": "2{panel}: one region"},
        ),
        tsv="results/figures/figure_2{panel}.tsv",
    log:
        "logs/figure_2_panel/figure_2{panel}.log",
    benchmark:
        "benchmarks/figure_2_panel/figure_2{panel}.tsv"
    wildcard_constraints:
        panel="[bcde]",
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
        draws=config["region_panels"]["draws"],
        window=config["region_panels"]["window"],
        geometry=config["geometry"],
    script:
        "../scripts/region_panels/figure_2_panel.py"
