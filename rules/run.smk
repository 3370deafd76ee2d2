# Requires: the config, the environments of the rules, and for the warnings the tables of mapping, of records, of sites and of
# accuracy.
# Gives: results/provenance.json; results/run/ (the config with every default, the figures that are left out, warnings, and the software of the
# rules) for the report.


rule record_config:
    """Write the config with every default filled in."""
    output:
        report(
            "results/run/config.yaml",
            caption="../report/config.rst",
            category="Run",
            labels={"result": "Config"},
        ),
    log:
        "logs/record_config/config.log",
    benchmark:
        "benchmarks/record_config/config.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10),
    params:
        config=study.as_written(),
    script:
        "../scripts/run/record_config.py"


rule list_left_out:
    """List the figures that are left out, and their missing inputs."""
    output:
        table="results/run/left_out.tsv",
        page=report(
            "results/run/left_out.html",
            caption="../report/left_out.rst",
            category="Run",
            labels={"result": "Figures left out"},
        ),
    log:
        "logs/list_left_out/list_left_out.log",
    benchmark:
        "benchmarks/list_left_out/list_left_out.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(5),
    params:
        figures=lambda wildcards: left_out,
    script:
        "../scripts/run/list_left_out.py"


rule list_warnings:
    """List results that are empty, all zero or lost much of their input, and print them on the terminal."""
    input:
        libraries="results/mapping/libraries.tsv",
        datasets="results/tables/table_1.tsv",
        chromosomes=expand("results/mapping/{dataset}/chromosomes.tsv", dataset=study.datasets.index),
        windows=expand("results/records/{split}/windows.tsv", split=study.splits_of_figures()),
        sizes=[f"results/genomes/{study.genome_of_split(split)}/chrom.sizes" for split in study.splits_of_figures()],
        sites=[
            f"results/motifs/{study.split_of_figures()}/{motif}.windows.tsv"
            for motif in (config["mutagenesis"]["motifs"] if config["models"] else [])
        ],
        metrics=[f"results/evaluation/{config['figures']['model']}/metrics.tsv"] if config["models"] else [],
        variants=expand("results/variants/{set}/status.tsv", set=config["variants"]["sets"]),
        saturation=expand("results/saturation/{region}/scores.tsv.gz", region=config["saturation"]),
    output:
        table="results/run/warnings.tsv",
        page=report(
            "results/run/warnings.html",
            caption="../report/warnings.rst",
            category="Run",
            labels={"result": "Warnings"},
        ),
    log:
        "logs/list_warnings/list_warnings.log",
    benchmark:
        "benchmarks/list_warnings/list_warnings.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10),
    params:
        splits=study.splits_of_figures(),
        motifs=config["mutagenesis"]["motifs"],
        fold=config["mutagenesis"]["fold"],
        model=config["figures"]["model"],
        variants=list(config["variants"]["sets"]),
        saturation=list(config["saturation"]),
    script:
        "../scripts/run/list_warnings.py"


rule list_software:
    """List the requested and the installed versions of an environment."""
    input:
        environment=local(os.path.join(workflow.basedir, "envs", "{environment}.yaml")),
    output:
        "results/run/software/{environment}.tsv",
    log:
        "logs/list_software/{environment}.log",
    benchmark:
        "benchmarks/list_software/{environment}.tsv"
    wildcard_constraints:
        environment="mapping|analysis|tensorflow|plotting|nextflow",
    conda:
        "../envs/{environment}.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(10),
    script:
        "../scripts/run/list_software.py"


rule record_provenance:
    """Record code, config, seed, software and the checksums of the inputs."""
    input:
        software="results/run/software.tsv",
        reads=expand("results/mapping/{dataset}/reads.tsv", dataset=study.datasets_entering("fastq")),
        # the tables are read from the working directory, also where the data are in storage
        files=[local(path) if path in study.tables() else path for path in study.recorded_files()],
    output:
        "results/provenance.json",
    log:
        "logs/record_provenance/record_provenance.log",
    benchmark:
        "benchmarks/record_provenance/record_provenance.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(480),
    params:
        config=study.as_written(),
        datasets=study.datasets_entering("fastq"),
        downloads=lambda wildcards, output: {url: study.expected_file(url)["checksum"] for url in study.addresses()},
    script:
        "../scripts/run/record_provenance.py"


rule tabulate_software:
    """Join the versions of all environments in one table."""
    input:
        expand(
            "results/run/software/{environment}.tsv",
            environment=(
                "mapping",
                "analysis",
                "tensorflow",
                "plotting",
                *(["nextflow"] if study.datasets_mapped_by("distiller") else []),
            ),
        ),
    output:
        table="results/run/software.tsv",
        page=report(
            "results/run/software.html",
            caption="../report/software.rst",
            category="Run",
            labels={"result": "Software"},
        ),
    log:
        "logs/tabulate_software/tabulate_software.log",
    benchmark:
        "benchmarks/tabulate_software/tabulate_software.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(10),
    script:
        "../scripts/run/tabulate_software.py"
