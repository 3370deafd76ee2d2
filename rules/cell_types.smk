# Requires: results/evaluation/{model}/predictions.h5, results/mutagenesis/{model}/{motif}/bins.tsv.gz,
# results/records/{split}/windows.tsv, and CTCF and DNase bigWigs of `tracks`.
# Gives: results/cell_types/{model}/ (predicted and measured differences between two datasets), results/ctcf_independent/
# (insulation after CTCF mutagenesis, by class of bin), the figures supplement_4 and figure_ctcf_independent.


rule compare_cell_types:
    input:
        predictions="results/evaluation/{model}/predictions.h5",
        windows=model_records("windows.tsv"),
    output:
        windows="results/cell_types/{model}/windows.tsv",
        pooled="results/cell_types/{model}/pooled.tsv",
    log:
        "logs/compare_cell_types/{model}.log",
    benchmark:
        "benchmarks/compare_cell_types/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(60),
    params:
        datasets=study.cell_type_datasets(),
        fold=config["evaluation"]["fold"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/cell_types/compare_cell_types.py"


rule measure_ctcf_independent:
    input:
        bins=f"results/mutagenesis/{{model}}/{study.shown_motif()}/bins.tsv.gz",
        windows=model_records("windows.tsv"),
        tracks=[located(path) for path in study.ctcf_independent_tracks()],
        sizes=genome_file("chrom.sizes", of="model"),
    output:
        bins="results/ctcf_independent/{model}/bins.tsv.gz",
        summary="results/ctcf_independent/{model}/summary.tsv",
    log:
        "logs/measure_ctcf_independent/{model}.log",
    benchmark:
        "benchmarks/measure_ctcf_independent/{model}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(60),
    params:
        dataset=study.ctcf_independent_dataset(),
        quantile=config["ctcf_independent"]["quantile"],
        fold=config["mutagenesis"]["fold"],
        bootstrap=config["evaluation"]["bootstrap"],
        seed=config["seed"],
    script:
        "../scripts/cell_types/measure_ctcf_independent.py"


rule supplement_4:
    input:
        predictions=of_figure("supplement_4", f"results/evaluation/{config['figures']['model']}/predictions.h5"),
        windows=f"results/cell_types/{config['figures']['model']}/windows.tsv",
        pooled=f"results/cell_types/{config['figures']['model']}/pooled.tsv",
        modules=library("plotting/style.py", "plotting/cell_types.py"),
    output:
        pdf="results/figures/supplement_4.pdf",
        png=report(
            "results/figures/supplement_4.png",
            caption="../report/supplement_4.rst",
            category="Evaluation",
            labels={"result": "S4: differences between datasets"},
        ),
        tsv="results/figures/supplement_4.tsv",
    log:
        "logs/supplement_4/supplement_4.log",
    benchmark:
        "benchmarks/supplement_4/supplement_4.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
        datasets=study.cell_type_datasets(),
        fold=config["evaluation"]["fold"],
        geometry=config["geometry"],
        examples=2,
    script:
        "../scripts/cell_types/supplement_4.py"


rule figure_ctcf_independent:
    input:
        bins=of_figure("figure_ctcf_independent", f"results/ctcf_independent/{config['figures']['model']}/bins.tsv.gz"),
        summary=f"results/ctcf_independent/{config['figures']['model']}/summary.tsv",
        modules=library("plotting/style.py", "plotting/cell_types.py"),
    output:
        pdf="results/figures/figure_ctcf_independent.pdf",
        png=report(
            "results/figures/figure_ctcf_independent.png",
            caption="../report/figure_ctcf_independent.rst",
            category="CTCF mutagenesis",
            labels={"result": "What persists without CTCF"},
        ),
        tsv="results/figures/figure_ctcf_independent.tsv",
    log:
        "logs/figure_ctcf_independent/figure_ctcf_independent.log",
    benchmark:
        "benchmarks/figure_ctcf_independent/figure_ctcf_independent.tsv"
    conda:
        "../envs/plotting.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        model=config["figures"]["model"],
        dataset=study.ctcf_independent_dataset(),
        motif=study.shown_motif(),
        fold=config["mutagenesis"]["fold"],
        draws=config["mutagenesis"]["draws"],
        half=config["mutagenesis"]["insulation_bins"],
        bin_size=config["geometry"]["bin_size"],
        quantile=config["ctcf_independent"]["quantile"],
    script:
        "../scripts/cell_types/figure_ctcf_independent.py"
