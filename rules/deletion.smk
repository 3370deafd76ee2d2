# Requires: a model, results/records/{split}/windows.tsv, results/genomes/{genome}/genome.fa, and the files of `deletions`: a
# 5C experiment with its chain file, balanced coolers of the undeleted and the deleted genome.
# Gives: results/deletion/{model}/{locus}/ (maps with and without the deletion, predicted and measured; every subset of the
# boundary's sites deleted), and the figures 3c and S7, which show the first locus. The 5C of the deletion may be missing.

shown_deletion = study.shown_deletion()  # None in a study without `deletions`


rule choose_deletion_window:
    """Choose the window; list its folds and the sites of the boundary."""
    input:
        windows=model_records("windows.tsv"),
        fasta=lambda wildcards: f"results/genomes/{study.genome_of_deletion(wildcards.locus, wildcards.model)}/genome.fa",
        bed=lambda wildcards: located(config["motifs"]["sets"][study.motif_of_deletion(wildcards.locus)]["bed"]),
        matrix=lambda wildcards: located(config["motifs"]["sets"][study.motif_of_deletion(wildcards.locus)]["file"]),
        track=lambda wildcards: located(study.track_of_deletion(wildcards.locus)),
    output:
        window="results/deletion/{model}/{locus}/window.tsv",
        sites="results/deletion/{model}/{locus}/sites.tsv",
    log:
        "logs/choose_deletion_window/{model}.{locus}.log",
    benchmark:
        "benchmarks/choose_deletion_window/{model}.{locus}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        locus=lambda wildcards: {
            key: config["deletions"][wildcards.locus][key]
            for key in ("region", "deletion", "boundary", "provisional", "flank_bins", "sites")
        },
        motif=lambda wildcards: study.motif_of_deletion(wildcards.locus),
        matrix=lambda wildcards: config["motifs"]["sets"][study.motif_of_deletion(wildcards.locus)]["matrix"],
        release=config["motifs"]["release"],
        pvalue=config["motifs"]["pvalue"],
        track_bp=200,  # about as wide as a peak
        geometry=config["geometry"],
    script:
        "../scripts/deletion/choose_deletion_window.py"


rule predict_deletion:
    input:
        weights="results/models/{model}/model.weights.h5",
        description="results/models/{model}/model.json",
        window="results/deletion/{model}/{locus}/window.tsv",
        sites="results/deletion/{model}/{locus}/sites.tsv",
        fasta=lambda wildcards: f"results/genomes/{study.genome_of_deletion(wildcards.locus, wildcards.model)}/genome.fa",
    output:
        maps="results/deletion/{model}/{locus}/maps.h5",
        subsets="results/deletion/{model}/{locus}/subsets.tsv",
    log:
        "logs/predict_deletion/{model}.{locus}.log",
    benchmark:
        "benchmarks/predict_deletion/{model}.{locus}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 2
    resources:
        mem_mb=memory(16000),
        runtime=minutes(60),
        gpu=lambda wildcards: study.gpus_of_model(wildcards.model),
    params:
        geometry=config["geometry"],
        batch_size=config["evaluation"]["batch_size"],
        average=config["evaluation"]["average"],
        device=lookup(within=config, dpath="models/{model}/training/device"),
    script:
        "../scripts/deletion/predict_deletion.py"


rule align_deletion_hic:
    """Align balanced maps of the undeleted and of the deleted genome, the latter on its own bins."""
    input:
        window="results/deletion/{model}/{locus}/window.tsv",
        fasta=lambda wildcards: f"results/genomes/{study.genome_of_deletion(wildcards.locus, wildcards.model)}/genome.fa",
        wild_type=lambda wildcards: f"results/coolers/{study.maps_of_deletion(wildcards.locus)[0]}.cool",
        deletion=lambda wildcards: f"results/coolers/{study.maps_of_deletion(wildcards.locus)[1]}.cool",
    output:
        "results/deletion/{model}/{locus}/hic.h5",
    log:
        "logs/align_deletion_hic/{model}.{locus}.log",
    benchmark:
        "benchmarks/align_deletion_hic/{model}.{locus}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(60),
    params:
        datasets=lambda wildcards: study.maps_of_deletion(wildcards.locus),
        geometry=config["geometry"],
        targets=study.target_settings(),
    script:
        "../scripts/deletion/align_deletion_hic.py"


rule align_deletion_five_c:
    """Lift and bin 5C of both genomes; bounds of the deletion from its empty fragments."""
    input:
        wild_type=named_file("deletions/{locus}/five_c/wild_type"),
        deletion=named_file("deletions/{locus}/five_c/deletion"),
        chain=named_file("deletions/{locus}/five_c/chain"),
        window="results/deletion/{model}/{locus}/window.tsv",
        fasta=lambda wildcards: f"results/genomes/{study.genome_of_deletion(wildcards.locus, wildcards.model)}/genome.fa",
    output:
        maps="results/deletion/{model}/{locus}/five_c.h5",
        fragments="results/deletion/{model}/{locus}/fragments.tsv",
        breakpoints="results/deletion/{model}/{locus}/breakpoints.tsv",
    log:
        "logs/align_deletion_five_c/{model}.{locus}.log",
    benchmark:
        "benchmarks/align_deletion_five_c/{model}.{locus}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(60),
    params:
        five_c=lookup(within=config, dpath="deletions/{locus}/five_c"),
        geometry=config["geometry"],
        targets=study.target_settings(),
    script:
        "../scripts/deletion/align_deletion_five_c.py"


rule figure_3c:
    input:
        window=of_figure("figure_3c", f"results/deletion/{config['figures']['model']}/{shown_deletion}/window.tsv"),
        sites=f"results/deletion/{config['figures']['model']}/{shown_deletion}/sites.tsv",
        maps=f"results/deletion/{config['figures']['model']}/{shown_deletion}/maps.h5",
        five_c=(
            f"results/deletion/{config['figures']['model']}/{shown_deletion}/five_c.h5"
            if study.has_five_c(shown_deletion)
            else []
        ),
        hic=(
            f"results/deletion/{config['figures']['model']}/{shown_deletion}/hic.h5"
            if study.maps_of_deletion(shown_deletion)
            else []
        ),
        modules=library("plotting/style.py", "plotting/deletion.py"),
    output:
        pdf="results/figures/figure_3c.pdf",
        png=report(
            "results/figures/figure_3c.png",
            caption="../report/figure_3c.rst",
            category="Deleted boundary",
            labels={"result": "3c: maps with and without the boundary"},
        ),
        tsv="results/figures/figure_3c.tsv",
    log:
        "logs/figure_3c/figure_3c.log",
    benchmark:
        "benchmarks/figure_3c/figure_3c.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
        locus=shown_deletion,
        dataset=lambda wildcards: study.output_of_deletion(shown_deletion),
        measured=lambda wildcards: study.maps_of_deletion(shown_deletion),
        motif=lambda wildcards: study.motif_of_deletion(shown_deletion),
        extension=lambda wildcards: study.extension_of_deletion(shown_deletion),
        geometry=config["geometry"],
    script:
        "../scripts/deletion/figure_3c.py"


rule supplement_7:
    input:
        window=of_figure("supplement_7", f"results/deletion/{config['figures']['model']}/{shown_deletion}/window.tsv"),
        sites=f"results/deletion/{config['figures']['model']}/{shown_deletion}/sites.tsv",
        subsets=f"results/deletion/{config['figures']['model']}/{shown_deletion}/subsets.tsv",
        modules=library("plotting/style.py", "plotting/deletion.py"),
    output:
        pdf="results/figures/supplement_7.pdf",
        png=report(
            "results/figures/supplement_7.png",
            caption="../report/supplement_7.rst",
            category="Deleted boundary",
            labels={"result": "S7: subsets of the boundary's sites"},
        ),
        tsv="results/figures/supplement_7.tsv",
    log:
        "logs/supplement_7/supplement_7.log",
    benchmark:
        "benchmarks/supplement_7/supplement_7.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
        locus=shown_deletion,
        dataset=lambda wildcards: study.output_of_deletion(shown_deletion),
        motif=lambda wildcards: study.motif_of_deletion(shown_deletion),
        geometry=config["geometry"],
    script:
        "../scripts/deletion/supplement_7.py"
