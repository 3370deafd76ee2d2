# Requires: the config and the environments of the rules.
# Gives: results/run/ (the config with every default, the figures that are left out, and the software of the rules) for the
# report.


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
