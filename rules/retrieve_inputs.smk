# Requires: `study`, `config` and `located` of common.smk.
# Gives: functions that name the inputs and params of the rules of retrieve.smk.


def register_downloads(value):
    """Tell `located` of every URL of the config, so that a job on another node knows it too."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            register_downloads(part)
    elif isinstance(value, str) and "://" in (study.locate(value) or ""):
        located(value)


def expected_download(wildcards, output):
    """Mirror, checksum and size of a file.

    Snakemake does not compare params of functions that take the output. So a checksum that is written into the table
    later does not fetch 100 GB anew; check_resources compares the file that is there.
    """
    return study.expected_file(downloads[wildcards.name])


def accession_table(wildcards):
    if not os.path.exists(study.accessions):
        raise WorkflowError(
            f"{study.source}, accessions: no such file: {study.accessions}; write a table with the columns dataset, "
            "library, accession (docs/data.md)"
        )
    return study.accessions


def resources_to_check(wildcards, output):
    """Rows of the table of resources, and what the config and its tables fetch beyond them."""
    others = [
        {"name": name, "url": url, **study.expected_file(url), "sure": "", "note": "not in the table of resources"}
        for name, url in downloads.items()
        if url not in study.resources
    ]
    return [*study.resources.values(), *others]


def resources_at_hand(wildcards, output):
    """Address -> file of what has been fetched."""
    return {url: f"results/downloads/{name}" for name, url in every_download().items()}


def every_download():
    for url in study.resources:
        if "://" in url:
            located(url)
    return downloads


def expected_reads(wildcards):
    """What the table of runs tells of a run."""
    return study.expected_reads(wildcards.dataset, wildcards.library, wildcards.run)
