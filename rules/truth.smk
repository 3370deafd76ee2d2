# Requires: the keys `truth` and `simulation` of the config, and everything that the claims are about.
# Gives: results/truth/{chapter}.tsv (the claims of a chapter; those of an analysis are made by the .smk of its stage),
# results/truth.tsv (all of them: claim, expected, measured, low, high, holds), results/truth.ok only if each holds.


include: "truth_inputs.smk"


rule truth_model:
    input:
        predictions=f"results/evaluation/{config['figures']['model']}/predictions.h5",
        windows=truth_windows(),
        maps=f"results/simulation/truth/maps/{config['truth']['dataset']}.h5",
        mutagenesis=f"results/mutagenesis/{config['figures']['model']}/{config['truth']['motif']}/windows.tsv",
    output:
        "results/truth/model.tsv",
    log:
        "logs/truth_model/truth_model.log",
    benchmark:
        "benchmarks/truth_model/truth_model.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        truth=truth_limits("dataset", "motif", "pearson", "noise_free_pearson", "signal_left", "windows_weaker"),
        geometry=config["geometry"],
        targets={key: value for key, value in config["targets"].items() if key != "min_finite"},
        fold=config["evaluation"]["fold"],
        mutagenesis_fold=config["mutagenesis"]["fold"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/truth_model.py"


rule truth_mapping:
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
        "logs/truth_mapping/truth_mapping.log",
    benchmark:
        "benchmarks/truth_mapping/truth_mapping.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        truth=truth_limits("duplicates", "unmapped", "positions", "decay"),
        mapped=simulated_datasets(),
        mapped_libraries=simulated_libraries(),
        read_length=config["simulation"]["reads"]["length"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/truth_mapping.py"


rule truth_strength:
    input:
        f"results/strength/{config['figures']['model']}/{config['truth']['dataset']}/correlations.tsv",
    output:
        "results/truth/strength.tsv",
    log:
        "logs/truth_strength/truth_strength.log",
    benchmark:
        "benchmarks/truth_strength/truth_strength.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 5 * attempt,
    params:
        dataset=config["truth"]["dataset"],
    script:
        "../scripts/truth/truth_strength.py"


rule truth_cell_types:
    input:
        pooled=f"results/cell_types/{config['figures']['model']}/pooled.tsv",
        bins=f"results/persistence/{config['figures']['model']}/bins.tsv.gz",
        sites=second_factor_sites(),
    output:
        "results/truth/cell_types.tsv",
    log:
        "logs/truth_cell_types/truth_cell_types.log",
    benchmark:
        "benchmarks/truth_cell_types/truth_cell_types.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        truth=truth_limits("difference", "persists"),
        dataset=persistence_dataset(),
        factor=second_factor(),
        motif=config["truth"]["motif"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/truth_cell_types.py"


rule truth_inversion:
    input:
        windows=truth_windows(),
        sites=truth_sites(),
        maps=f"results/inversion/{config['figures']['model']}/{config['truth']['motif']}/maps.h5",
        law=f"results/simulation/truth/maps/{config['truth']['dataset']}.h5",
        fasta=truth_fasta(),
    output:
        "results/truth/inversion.tsv",
    log:
        "logs/truth_inversion/truth_inversion.log",
    benchmark:
        "benchmarks/truth_inversion/truth_inversion.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
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
        "../scripts/truth/truth_inversion.py"


rule truth_sweep:
    input:
        motifs=f"results/sweep/{config['figures']['model']}/motifs.tsv",
        scores=f"results/sweep/{config['figures']['model']}/windows.tsv.gz",
        windows=truth_windows(),
    output:
        "results/truth/sweep.tsv",
    log:
        "logs/truth_sweep/truth_sweep.log",
    benchmark:
        "benchmarks/truth_sweep/truth_sweep.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=lambda wildcards, attempt: 10 * attempt,
    params:
        truth=truth_limits("best_decoy"),
        dataset=config["truth"]["dataset"],
        decoys=planted_decoys(),
        windows=config["sweep"]["windows"],
        fold=config["mutagenesis"]["fold"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/truth_sweep.py"


rule truth_cross_species:
    input:
        windows=f"results/cross_species/{config['figures']['model']}/windows.tsv",
        summary=f"results/cross_species/{config['figures']['model']}/summary.tsv",
    output:
        "results/truth/cross_species.tsv",
    log:
        "logs/truth_cross_species/truth_cross_species.log",
    benchmark:
        "benchmarks/truth_cross_species/truth_cross_species.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 5 * attempt,
    params:
        truth=truth_limits("element_gain"),
        cross_species={key: config["cross_species"][key] for key in ("dataset", "family")},
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/truth_cross_species.py"


rule truth_locus:
    input:
        window=f"results/locus/{config['figures']['model']}/{locus_shown()}/window.tsv",
        subsets=f"results/locus/{config['figures']['model']}/{locus_shown()}/subsets.tsv",
        maps=f"results/locus/{config['figures']['model']}/{locus_shown()}/maps.h5",
        five_c=locus_layer("five_c.h5", locus_has("five_c")),
        hic=locus_layer("hic.h5", locus_has("measured")),
        locus=planted_locus(),
        law=f"results/simulation/truth/maps/{config['truth']['dataset']}.h5",
        fasta=truth_fasta(),
    output:
        "results/truth/locus.tsv",
    log:
        "logs/truth_locus/truth_locus.log",
    benchmark:
        "benchmarks/truth_locus/truth_locus.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 30 * attempt,
    params:
        truth=truth_limits("single_share", "boundary_rise"),
        dataset=config["truth"]["dataset"],
        locus=locus_shown(),
        measured=lambda wildcards: locus_measured(locus_shown()),
        simulation=truth_law(),
        geometry=config["geometry"],
        targets={key: value for key, value in config["targets"].items() if key != "min_finite"},
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/truth/truth_locus.py"


rule truth:
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
        "logs/truth/truth.log",
    benchmark:
        "benchmarks/truth/truth.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 500 * attempt,
        runtime=lambda wildcards, attempt: 5 * attempt,
    shell:
        "awk 'FNR > 1 || NR == 1' {input} > {output} 2> {log}"


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
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=lambda wildcards, attempt: 5 * attempt,
    script:
        "../scripts/truth/assert_truth.py"
