"""Check of the config's ``genomes``."""

from akitaflow.errors import InputError


def check_genomes(study):
    """At least one genome is defined."""
    if not study.config["genomes"]:
        raise InputError(f"{study.source}, genomes: none is defined; write genomes: {{hg38: {{fasta: hg38.fa}}}}")
