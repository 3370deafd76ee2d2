# Requires: results/models/{model}/, results/genomes/{genome}/genome.fa, results/records/{split}/windows.tsv, and the files of
# the config's variants.
# Gives: results/variants/{set}/ (scores of each set of variants and the numbers of alleles with each status) and
# results/variants/background/{model}/ (scores of random variants, which each set of the model is compared with); maps of the
# top variants of each set as coolers, figure and page.


wildcard_constraints:
    set=one_of(config["variants"]["sets"]),


variant_file = named_file("variants/sets/{set}/file")
random_variants = config["variants"]["random"]


rule check_variants:
    """Read the file before anything is trained, so that an error in it is known at once."""
    input:
        variants=variant_file,
    output:
        "results/variants/{set}/alleles.tsv",
    log:
        "logs/check_variants/{set}.log",
    benchmark:
        "benchmarks/check_variants/{set}.tsv"
    priority: 10
    conda:
        "../envs/tensorflow.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(60),
    params:
        reading=lambda wildcards: study.reading_of_variants(wildcards.set),
    script:
        "../scripts/variants/check_variants.py"


rule score_random_variants:
    """Random variants of the kinds and sizes of the model's sets; those that the folder has are not made again."""
    input:
        weights="results/models/{model}/model.weights.h5",
        description="results/models/{model}/model.json",
        fasta=genome_file("genome.fa", of="model"),
        windows=model_records("windows.tsv"),
        variants=lambda wildcards: study.files_of_variants(wildcards.model, "file"),
        chains=lambda wildcards: [path for path in study.files_of_variants(wildcards.model, "chain") if path],
        checked=lambda wildcards: expand(
            "results/variants/{set}/alleles.tsv", set=study.variants_of_model(wildcards.model)
        ),
    output:
        classes="results/variants/background/{model}/classes.tsv",
        held_out="results/variants/background/{model}/held_out.bed",
    log:
        "logs/score_random_variants/{model}.log",
    benchmark:
        "benchmarks/score_random_variants/{model}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 4
    resources:
        mem_mb=memory(16000),
        runtime=minutes(1440),
        gpu=lambda wildcards: study.gpus_of_model(wildcards.model),
    params:
        reading=lambda wildcards: list(map(study.reading_of_variants, study.variants_of_model(wildcards.model))),
        chains=lambda wildcards: study.files_of_variants(wildcards.model, "chain"),
        scoring=study.scoring_of_variants(),
        random=random_variants,
        fold=config["variants"]["fold"],
        seed=config["seed"],
        batch_size=config["evaluation"]["batch_size"],
        device=lookup(within=config, dpath="models/{model}/training/device"),
    script:
        "../scripts/variants/score_random_variants.py"


rule score_variants:
    """Score the variants of a set. A job that was stopped goes on where it was."""
    input:
        weights=lambda wildcards: f"results/models/{study.model_of_variants(wildcards.set)}/model.weights.h5",
        description=lambda wildcards: f"results/models/{study.model_of_variants(wildcards.set)}/model.json",
        fasta=lambda wildcards: f"results/genomes/{study.genome_of_variants(wildcards.set)}/genome.fa",
        variants=variant_file,
        chain=named_file("variants/sets/{set}/chain"),
        checked="results/variants/{set}/alleles.tsv",
        # ancient: kinds that another set adds do not change the scores of this one
        background=ancient(lambda wildcards: study.background_of_variants(wildcards.set, "classes.tsv")),
        held_out=ancient(lambda wildcards: study.background_of_variants(wildcards.set, "held_out.bed")),
    output:
        scores="results/variants/{set}/scores.tsv.gz",
        status="results/variants/{set}/status.tsv",
    log:
        "logs/score_variants/{set}.log",
    benchmark:
        "benchmarks/score_variants/{set}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 4
    resources:
        mem_mb=memory(16000),
        runtime=minutes(1440),
        gpu=lambda wildcards: study.gpus_of_model(study.model_of_variants(wildcards.set)),
    params:
        reading=lambda wildcards: study.reading_of_variants(wildcards.set),
        scoring=study.scoring_of_variants(),
        random=random_variants,
        fold=config["variants"]["fold"],
        seed=config["seed"],
        batch_size=config["evaluation"]["batch_size"],
        device=lambda wildcards: study.device_of_variants(wildcards.set),
    script:
        "../scripts/variants/score_variants.py"


rule predict_top_variants:
    """Maps of the variants with the largest disruption, without and with the variant."""
    input:
        weights=lambda wildcards: f"results/models/{study.model_of_variants(wildcards.set)}/model.weights.h5",
        description=lambda wildcards: f"results/models/{study.model_of_variants(wildcards.set)}/model.json",
        fasta=lambda wildcards: f"results/genomes/{study.genome_of_variants(wildcards.set)}/genome.fa",
        variants=variant_file,
        chain=named_file("variants/sets/{set}/chain"),
        scores="results/variants/{set}/scores.tsv.gz",
    output:
        table="results/variants/{set}/top.tsv",
        maps="results/variants/{set}/maps.h5",
    log:
        "logs/predict_top_variants/{set}.log",
    benchmark:
        "benchmarks/predict_top_variants/{set}.tsv"
    conda:
        "../envs/tensorflow.yaml"
    threads: 4
    resources:
        mem_mb=memory(16000),
        runtime=minutes(120),
        gpu=lambda wildcards: study.gpus_of_model(study.model_of_variants(wildcards.set)),
    params:
        reading=lambda wildcards: study.reading_of_variants(wildcards.set),
        scoring=study.scoring_of_variants(),
        dataset=lambda wildcards: study.output_of_variants(wildcards.set),
        top=config["variants"]["top"],
        batch_size=config["evaluation"]["batch_size"],
        device=lambda wildcards: study.device_of_variants(wildcards.set),
    script:
        "../scripts/variants/predict_top_variants.py"


rule write_variant_coolers:
    """The maps for HiGlass, cooler and cooltools, and the tracks of their windows."""
    input:
        table="results/variants/{set}/top.tsv",
        maps="results/variants/{set}/maps.h5",
        sizes=lambda wildcards: f"results/genomes/{study.genome_of_variants(wildcards.set)}/chrom.sizes",
        ctcf=lambda wildcards: located(study.ctcf_of_variants(wildcards.set)),
        genes=located(config["variants"]["genes"]),
    output:
        coolers=directory("results/variants/{set}/maps"),
        tracks="results/variants/{set}/tracks.tsv",
    log:
        "logs/write_variant_coolers/{set}.log",
    benchmark:
        "benchmarks/write_variant_coolers/{set}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(120),
    params:
        model=lambda wildcards: study.model_of_variants(wildcards.set),
        genome=lambda wildcards: study.genome_of_variants(wildcards.set),
        average=config["variants"]["average"],
    script:
        "../scripts/variants/write_variant_coolers.py"


rule figure_variants:
    input:
        table="results/variants/{set}/top.tsv",
        maps="results/variants/{set}/maps.h5",
        tracks="results/variants/{set}/tracks.tsv",
        modules=library("plotting/style.py", "plotting/variants.py"),
    output:
        pdf="results/figures/figure_variants_{set}.pdf",
        png=report(
            "results/figures/figure_variants_{set}.png",
            caption="../report/figure_variants.rst",
            category="Variants",
            labels={"result": "Maps", "set": "{set}"},
        ),
        tsv="results/figures/figure_variants_{set}.tsv",
    log:
        "logs/figure_variants/{set}.log",
    benchmark:
        "benchmarks/figure_variants/{set}.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        model=lambda wildcards: study.model_of_variants(wildcards.set),
        dataset=lambda wildcards: study.output_of_variants(wildcards.set),
    script:
        "../scripts/variants/figure_variants.py"


rule write_variant_page:
    input:
        scores="results/variants/{set}/scores.tsv.gz",
        status="results/variants/{set}/status.tsv",
        table="results/variants/{set}/top.tsv",
        maps="results/variants/{set}/maps.h5",
        tracks="results/variants/{set}/tracks.tsv",
        modules=library("plotting/style.py", "plotting/variants.py"),
    output:
        report(
            "results/variants/{set}/page.html",
            caption="../report/figure_variants.rst",
            category="Variants",
            labels={"result": "Scores and maps", "set": "{set}"},
        ),
    log:
        "logs/write_variant_page/{set}.log",
    benchmark:
        "benchmarks/write_variant_page/{set}.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        model=lambda wildcards: study.model_of_variants(wildcards.set),
        dataset=lambda wildcards: study.output_of_variants(wildcards.set),
    script:
        "../scripts/variants/write_variant_page.py"
