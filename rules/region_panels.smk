# Requires: a model, its evaluation, results/records/{split}/windows.tsv, results/genomes/{genome}/genome.fa, for a region
# that the config names the maps of the model's datasets (results/coolers/), and, for 2b, the bigWigs of `tracks`.
# Gives: results/region_panels/{model}/ (one region: target, prediction, sites inverted, sites randomised; its tracks), and the
# figures 2b, 2c, 2d and 2e.


include: "region_panels_inputs.smk"


rule choose_region:
    input:
        windows=lambda wildcards: f"results/records/{mutagenesis_split(wildcards)}/windows.tsv",
        predictions=region_predictions,
        coolers=region_coolers,
        fasta=mutagenesis_fasta,
        bed=region_bed,
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
        datasets=region_datasets,
        dataset=config["figures"]["dataset"],
        motif=lambda wildcards: config["mutagenesis"]["motifs"][0],
        matrix=lambda wildcards: region_motif()["matrix"],
        release=config["motifs"]["release"],
        pvalue=config["motifs"]["pvalue"],
        margin_bp=mutagenesis_margin(),
        geometry=config["geometry"],
        targets={key: value for key, value in config["targets"].items() if key != "min_finite"},
        fold=config["evaluation"]["fold"],
    script:
        "../scripts/region_panels/choose_region.py"


rule predict_region_panels:
    input:
        weights="results/models/{model}/model.weights.h5",
        description="results/models/{model}/model.json",
        window="results/region_panels/{model}/window.tsv",
        sites="results/region_panels/{model}/sites.tsv",
        fasta=mutagenesis_fasta,
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
    params:
        motif=lambda wildcards: config["mutagenesis"]["motifs"][0],
        draws=config["region_panels"]["draws"],
        composition=config["mutagenesis"]["composition"],
        batch_size=config["evaluation"]["batch_size"],
        average=config["evaluation"]["average"],
        device=model_device,
        seed=config["seed"],
    script:
        "../scripts/region_panels/predict_region_panels.py"


rule bin_region_tracks:
    """The signals along the map of the region, bin by bin."""
    input:
        window="results/region_panels/{model}/window.tsv",
        tracks=region_bigwigs(),
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
        names=list(region_track_files()),
        geometry=config["geometry"],
    script:
        "../scripts/region_panels/bin_region_tracks.py"


rule figure_2:
    input:
        maps=f"results/region_panels/{config['figures']['model']}/maps.h5",
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
        "logs/figure_2/figure_2{panel}.log",
    benchmark:
        "benchmarks/figure_2/figure_2{panel}.tsv"
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
        motif=lambda wildcards: config["mutagenesis"]["motifs"][0],
        draws=config["region_panels"]["draws"],
        window=config["region_panels"]["window"],
        geometry=config["geometry"],
    script:
        "../scripts/region_panels/figure_2.py"
