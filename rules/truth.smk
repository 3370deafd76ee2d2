# Requires: the keys `truth` and `simulation` of the config, and all results of the claims.
# Gives: results/truth/{chapter}.tsv (the claims of a chapter), results/truth.tsv (all claims: claim, expected, measured,
# low, high, holds), and results/truth.ok if every claim holds.


from akitaflow.truth import settings as truth_settings

judged_model, judged_dataset = config["figures"]["model"], config["truth"]["dataset"]
judged_deletion = study.shown_deletion()
judged_windows = f"results/records/{study.split_of_figures()}/windows.tsv"
judged_maps = f"results/simulation/truth/maps/{judged_dataset}.h5"
judged_fasta = f"results/genomes/{study.genome_of_model(judged_model)}/genome.fa"


rule judge_model:
    input:
        predictions=f"results/evaluation/{judged_model}/predictions.h5",
        windows=judged_windows,
        maps=judged_maps,
        mutagenesis=f"results/mutagenesis/{judged_model}/{config['truth']['motif']}/windows.tsv",
    output:
        "results/truth/model.tsv",
    log:
        "logs/judge_model/judge_model.log",
    benchmark:
        "benchmarks/judge_model/judge_model.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        truth=settings("truth", "dataset", "motif", "pearson", "noise_free_pearson", "signal_left", "windows_weaker"),
        geometry=config["geometry"],
        targets=study.target_settings(),
        fold=config["evaluation"]["fold"],
        mutagenesis_fold=config["mutagenesis"]["fold"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/judge_model.py"


rule judge_mapping:
    input:
        libraries="results/mapping/libraries.tsv",
        pairs=[
            f"results/pairs/{dataset}/{library}.nodups.pairs.gz"
            for dataset, library in truth_settings.mapped_libraries(study)
        ],
        reads=expand("results/simulation/truth/reads/{dataset}.h5", dataset=truth_settings.mapped_datasets(study)),
        repeats=[
            f"results/simulation/truth/{study.genome_of_dataset(dataset)}/repeats.tsv"
            for dataset in truth_settings.mapped_datasets(study)
        ],
    output:
        "results/truth/mapping.tsv",
    log:
        "logs/judge_mapping/judge_mapping.log",
    benchmark:
        "benchmarks/judge_mapping/judge_mapping.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        truth=settings("truth", "duplicates", "unmapped", "positions", "decay"),
        mapped=truth_settings.mapped_datasets(study),
        mapped_libraries=truth_settings.mapped_libraries(study),
        read_length=config["simulation"]["reads"]["length"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/judge_mapping.py"


rule judge_pattern_strength:
    input:
        f"results/pattern_strength/{judged_model}/{judged_dataset}/correlations.tsv",
    output:
        "results/truth/pattern_strength.tsv",
    log:
        "logs/judge_pattern_strength/judge_pattern_strength.log",
    benchmark:
        "benchmarks/judge_pattern_strength/judge_pattern_strength.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(5),
    params:
        dataset=judged_dataset,
    script:
        "../scripts/truth/judge_pattern_strength.py"


rule judge_cell_types:
    input:
        pooled=f"results/cell_types/{judged_model}/pooled.tsv",
        bins=f"results/ctcf_independent/{judged_model}/bins.tsv.gz",
        sites=planted("sites", truth_settings.second_factor_genome(study)),
    output:
        "results/truth/cell_types.tsv",
    log:
        "logs/judge_cell_types/judge_cell_types.log",
    benchmark:
        "benchmarks/judge_cell_types/judge_cell_types.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        truth=settings("truth", "difference", "persists"),
        dataset=study.ctcf_independent_dataset(),
        factor=truth_settings.second_factor(study),
        motif=config["truth"]["motif"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/judge_cell_types.py"


rule judge_inversion:
    input:
        windows=judged_windows,
        sites=f"results/motifs/{study.split_of_figures()}/{config['truth']['motif']}.windows.tsv",
        maps=f"results/inversion/{judged_model}/{config['truth']['motif']}/maps.h5",
        law=judged_maps,
        fasta=judged_fasta,
    output:
        "results/truth/inversion.tsv",
    log:
        "logs/judge_inversion/judge_inversion.log",
    benchmark:
        "benchmarks/judge_inversion/judge_inversion.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        truth=settings("truth", "inverted_pearson", "inverted_margin"),
        dataset=judged_dataset,
        motif=config["truth"]["motif"],
        simulation=truth_settings.judged_law(study),
        geometry=config["geometry"],
        targets=study.target_settings(),
        fold=config["mutagenesis"]["fold"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/judge_inversion.py"


rule judge_motif_sweep:
    input:
        motifs=f"results/motif_sweep/{judged_model}/motifs.tsv",
        scores=f"results/motif_sweep/{judged_model}/windows.tsv.gz",
        windows=judged_windows,
    output:
        "results/truth/motif_sweep.tsv",
    log:
        "logs/judge_motif_sweep/judge_motif_sweep.log",
    benchmark:
        "benchmarks/judge_motif_sweep/judge_motif_sweep.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        truth=settings("truth", "best_decoy"),
        dataset=judged_dataset,
        decoys=truth_settings.planted_decoys(study),
        windows=config["motif_sweep"]["windows"],
        fold=config["mutagenesis"]["fold"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/judge_motif_sweep.py"


rule judge_cross_species:
    input:
        windows=f"results/cross_species/{judged_model}/windows.tsv",
        summary=f"results/cross_species/{judged_model}/summary.tsv",
    output:
        "results/truth/cross_species.tsv",
    log:
        "logs/judge_cross_species/judge_cross_species.log",
    benchmark:
        "benchmarks/judge_cross_species/judge_cross_species.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(5),
    params:
        truth=settings("truth", "element_gain"),
        cross_species=settings("cross_species", "dataset", "family"),
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/judge_cross_species.py"


rule judge_deletion:
    input:
        window=f"results/deletion/{judged_model}/{judged_deletion}/window.tsv",
        subsets=f"results/deletion/{judged_model}/{judged_deletion}/subsets.tsv",
        maps=f"results/deletion/{judged_model}/{judged_deletion}/maps.h5",
        five_c=(
            f"results/deletion/{judged_model}/{judged_deletion}/five_c.h5"
            if study.has_five_c_of_deletion(judged_deletion)
            else []
        ),
        hic=(
            f"results/deletion/{judged_model}/{judged_deletion}/hic.h5"
            if study.maps_of_deletion(judged_deletion)
            else []
        ),
        locus=planted("locus", truth_settings.judged_genome(study)),
        law=judged_maps,
        fasta=judged_fasta,
    output:
        "results/truth/deletion.tsv",
    log:
        "logs/judge_deletion/judge_deletion.log",
    benchmark:
        "benchmarks/judge_deletion/judge_deletion.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        truth=settings("truth", "single_share", "boundary_rise"),
        dataset=judged_dataset,
        locus=judged_deletion,
        measured=lambda wildcards: study.maps_of_deletion(judged_deletion),
        simulation=truth_settings.judged_law(study),
        geometry=config["geometry"],
        targets=study.target_settings(),
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/judge_deletion.py"


rule judge_variants:
    input:
        scores=f"results/variants/{truth_settings.planted_variants(study)}/scores.tsv.gz",
        effects=(
            f"results/saturation/{truth_settings.judged_saturation(study)}/effects.tsv"
            if truth_settings.judged_saturation(study)
            else []
        ),
        insertions=(
            f"results/experiments/{truth_settings.judged_experiment(study)}/scores.tsv"
            if truth_settings.judged_experiment(study)
            else []
        ),
        sites=planted("sites", truth_settings.judged_genome(study)),
    output:
        "results/truth/variants.tsv",
    log:
        "logs/judge_variants/judge_variants.log",
    benchmark:
        "benchmarks/judge_variants/judge_variants.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        truth=settings(
            "truth",
            "boundary_auroc",
            "inversion_auroc",
            "snv_auroc",
            "locus_ratio",
            "saturation_auroc",
        ),
        dataset=judged_dataset,
        factors=lookup(within=config, dpath=f"simulation/datasets/{judged_dataset}/factors", default=[]),
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/judge_variants.py"


rule collect_truth:
    input:
        expand("results/truth/{chapter}.tsv", chapter=truth_settings.chapters(study)),
    output:
        table="results/truth.tsv",
        page=report(
            "results/truth.html",
            caption="../report/truth.rst",
            category="Truth",
            labels={"result": "Claims"},
        ),
    log:
        "logs/collect_truth/collect_truth.log",
    benchmark:
        "benchmarks/collect_truth/collect_truth.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(5),
    script:
        "../scripts/truth/collect_truth.py"


rule assert_truth:
    """Fail if a claim does not hold, and name it."""
    input:
        "results/truth.tsv",
    output:
        "results/truth.ok",
    log:
        "logs/assert_truth/assert_truth.log",
    benchmark:
        "benchmarks/assert_truth/assert_truth.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(5),
    script:
        "../scripts/truth/assert_truth.py"
