# Requires: the table of published numbers (config key `claims`); what the default target makes of the files that it names.
# Gives: results/claims.tsv; on demand results/reproduction.tsv, the rows about the published model on its test records.

# Of the files that the table may name, those that reproduce_published makes.
REPRODUCED = (
    "results/evaluation/published/metrics.tsv",
    "results/evaluation/published/windows.tsv",
    "results/models/published/model.weights.h5",
)

# Folder of results -> the figure that is drawn from it. Where the figure is left out, the default target does not fill the
# folder.
FIGURE_OF_FOLDER = {
    "models": "figure_1a",
    "evaluation": "figure_1b",
    "mutagenesis": "figure_ctcf",
    "region_panels": "figure_2b",
    "inversion": "supplement_6",
    "motif_sweep": "figure_3a",
    "pattern_strength": "supplement_2",
    "cell_types": "supplement_4",
    "ctcf_independent": "figure_ctcf_independent",
    "cross_species": "figure_3b",
    "deletion": "figure_3c",
}


def made_by_default(path):
    """Whether the default target makes a file of results: one of the maps, or of the model that the figures show."""
    _, folder, *rest = path.split("/")
    if folder in ("tables", "mapping"):
        return True
    if not config["models"]:
        return False
    split = study.split_of_figures()
    if folder in ("split", "records"):
        return rest[0] == split and (folder == "records" or split in study.splits_of_maps())
    figure = FIGURE_OF_FOLDER.get(folder)
    return figure is not None and rest[0] == config["figures"]["model"] and figure not in left_out


def other_files(wildcards):
    """Time of change of each file that the table names, that exists and that the default target does not make."""
    files = [path for path in study.claimed_files() if not made_by_default(path) and os.path.exists(path)]
    return {path: os.path.getmtime(path) for path in files}


rule compare_published_numbers:
    """Every published number with what this study measured."""
    input:
        table=local(study.claims),
        # left_out is complete only when the whole Snakefile is read
        files=lambda wildcards: [path for path in study.claimed_files() if made_by_default(path)],
    output:
        table="results/claims.tsv",
        page=report(
            "results/claims.html",
            caption="../report/claims.rst",
            category="Published numbers",
            labels={"result": "Published and measured"},
        ),
    log:
        "logs/compare_published_numbers/compare_published_numbers.log",
    benchmark:
        "benchmarks/compare_published_numbers/compare_published_numbers.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(20),
    params:
        # They are no inputs, which Snakemake would make or update; if one changes, the numbers are compared again.
        others=other_files,
        inputs_only=False,
    script:
        "../scripts/claims/compare_published_numbers.py"


rule compare_reproduced_numbers:
    """The published numbers that need the published weights and test records only."""
    input:
        table=local(study.claims),
        files=[path for path in study.claimed_files() if path in REPRODUCED],
    output:
        table="results/reproduction.tsv",
        page=report(
            "results/reproduction.html",
            caption="../report/claims.rst",
            category="Published numbers",
            labels={"result": "The published weights"},
        ),
    log:
        "logs/compare_reproduced_numbers/compare_reproduced_numbers.log",
    benchmark:
        "benchmarks/compare_reproduced_numbers/compare_reproduced_numbers.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(20),
    params:
        inputs_only=True,
    script:
        "../scripts/claims/compare_published_numbers.py"
