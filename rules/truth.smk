# Requires: the keys `truth` and `simulation` of the config, and everything that the claims are about.
# Gives: results/truth/{chapter}.tsv (the claims of a chapter; those of an analysis are made by the .smk of its stage),
# results/truth.tsv (all of them: claim, expected, measured, low, high, holds), results/truth.ok only if each holds.


include: "truth_inputs.smk"


rule judge_model:
    input:
        predictions=f"results/evaluation/{config['figures']['model']}/predictions.h5",
        windows=truth_windows(),
        maps=f"results/simulation/truth/maps/{config['truth']['dataset']}.h5",
        mutagenesis=f"results/mutagenesis/{config['figures']['model']}/{config['truth']['motif']}/windows.tsv",
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
        truth=truth_limits("dataset", "motif", "pearson", "noise_free_pearson", "signal_left", "windows_weaker"),
        geometry=config["geometry"],
        targets={key: value for key, value in config["targets"].items() if key != "min_finite"},
        fold=config["evaluation"]["fold"],
        mutagenesis_fold=config["mutagenesis"]["fold"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/judge_model.py"


rule judge_mapping:
    input:
        libraries="results/mapping/libraries.tsv",
        pairs=[f"results/pairs/{dataset}/{library}.nodups.pairs.gz" for dataset, library in simulated_libraries()],
        reads=expand("results/simulation/truth/reads/{dataset}.h5", dataset=simulated_datasets()),
        repeats=[
            f"results/simulation/truth/{study.datasets.loc[dataset, 'genome']}/repeats.tsv"
            for dataset in simulated_datasets()
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
        truth=truth_limits("duplicates", "unmapped", "positions", "decay"),
        mapped=simulated_datasets(),
        mapped_libraries=simulated_libraries(),
        read_length=config["simulation"]["reads"]["length"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/judge_mapping.py"


rule judge_pattern_strength:
    input:
        f"results/pattern_strength/{config['figures']['model']}/{config['truth']['dataset']}/correlations.tsv",
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
        dataset=config["truth"]["dataset"],
    script:
        "../scripts/truth/judge_pattern_strength.py"


rule judge_cell_types:
    input:
        pooled=f"results/cell_types/{config['figures']['model']}/pooled.tsv",
        bins=f"results/ctcf_independent/{config['figures']['model']}/bins.tsv.gz",
        sites=second_factor_sites(),
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
        truth=truth_limits("difference", "persists"),
        dataset=study.ctcf_independent_dataset(),
        factor=second_factor(),
        motif=config["truth"]["motif"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/judge_cell_types.py"


rule judge_inversion:
    input:
        windows=truth_windows(),
        sites=truth_sites(),
        maps=f"results/inversion/{config['figures']['model']}/{config['truth']['motif']}/maps.h5",
        law=f"results/simulation/truth/maps/{config['truth']['dataset']}.h5",
        fasta=truth_fasta(),
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
        truth=truth_limits("inverted_pearson", "inverted_margin"),
        dataset=config["truth"]["dataset"],
        motif=config["truth"]["motif"],
        simulation=truth_law(),
        geometry=config["geometry"],
        targets={key: value for key, value in config["targets"].items() if key != "min_finite"},
        fold=config["mutagenesis"]["fold"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/judge_inversion.py"


rule judge_motif_sweep:
    input:
        motifs=f"results/motif_sweep/{config['figures']['model']}/motifs.tsv",
        scores=f"results/motif_sweep/{config['figures']['model']}/windows.tsv.gz",
        windows=truth_windows(),
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
        truth=truth_limits("best_decoy"),
        dataset=config["truth"]["dataset"],
        decoys=planted_decoys(),
        windows=config["motif_sweep"]["windows"],
        fold=config["mutagenesis"]["fold"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/judge_motif_sweep.py"


rule judge_cross_species:
    input:
        windows=f"results/cross_species/{config['figures']['model']}/windows.tsv",
        summary=f"results/cross_species/{config['figures']['model']}/summary.tsv",
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
        truth=truth_limits("element_gain"),
        cross_species={key: config["cross_species"][key] for key in ("dataset", "family")},
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/judge_cross_species.py"


rule judge_deletion:
    input:
        window=f"results/deletion/{config['figures']['model']}/{study.shown_deletion()}/window.tsv",
        subsets=f"results/deletion/{config['figures']['model']}/{study.shown_deletion()}/subsets.tsv",
        maps=f"results/deletion/{config['figures']['model']}/{study.shown_deletion()}/maps.h5",
        five_c=(
            f"results/deletion/{config['figures']['model']}/{study.shown_deletion()}/five_c.h5"
            if study.has_five_c(study.shown_deletion())
            else []
        ),
        hic=(
            f"results/deletion/{config['figures']['model']}/{study.shown_deletion()}/hic.h5"
            if study.maps_of_deletion(study.shown_deletion())
            else []
        ),
        locus=planted_locus(),
        law=f"results/simulation/truth/maps/{config['truth']['dataset']}.h5",
        fasta=truth_fasta(),
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
        truth=truth_limits("single_share", "boundary_rise"),
        dataset=config["truth"]["dataset"],
        locus=study.shown_deletion(),
        measured=lambda wildcards: study.maps_of_deletion(study.shown_deletion()),
        simulation=truth_law(),
        geometry=config["geometry"],
        targets={key: value for key, value in config["targets"].items() if key != "min_finite"},
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/judge_deletion.py"


rule collect_truth:
    input:
        expand("results/truth/{chapter}.tsv", chapter=truth_chapters()),
    output:
        report(
            "results/truth.tsv",
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
    shell:
        "awk 'FNR > 1 || NR == 1' {input:q} > {output:q} 2> {log:q}"


rule assert_truth:
    """Fails, naming them, where claims do not hold."""
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
