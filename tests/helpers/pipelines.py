"""A pipeline of distiller-nf's form that maps nothing: it copies the pairs of a finished study."""

import os
import shutil

import pytest
from places import NEXTFLOW

# What distiller-nf makes of names and files, of pairs that are mapped already.
PIPELINE = """
nextflow.enable.dsl=1
size = params.bin.resolutions.collect { it as int }.min()
assembly = params.input.genome.assembly_name
sizes = file(params.input.genome.chrom_sizes_path)
filters = params.bin.filters.collect { name, condition -> name }
place = params.output.dirs
libraries = Channel.from(params.input.raw_reads_paths.collect { k, v -> k })
process merge_dedup_splitbam {
    storeDir place.pairs_library
    input: val library from libraries
    output:
        set library, file("${library}.${assembly}.nodups.pairs.gz") into pairs
        file "${library}.${assembly}.dedup.stats" into statistics
    \"\"\"
    cp MADE/${library}.nodups.pairs.gz ${library}.${assembly}.nodups.pairs.gz
    grep -v '^LOSE' MADE/${library}.stats > ${library}.${assembly}.dedup.stats
    \"\"\"
}
process bin_zoom_library_pairs {
    storeDir place.coolers_library
    input:
        set library, file(contacts) from pairs
        file sizes
    output: file("${library}.${assembly}.${filters[0]}.${size}.cool") into coolers
    script: condition = params.bin.filters[filters[0]]
    \"\"\"
    pairtools select '${condition}' ${contacts} | cooler cload pairs -c1 2 -p1 3 -c2 4 -p2 5 \
        --assembly ${assembly} ${sizes}:${size} - ${library}.${assembly}.${filters[0]}.${size}.cool
    \"\"\"
}
process merge_zoom_library_group_coolers {
    storeDir place.coolers_library_group
    input: file(all) from coolers.collect()
    output: file("A.${assembly}.${filters[0]}.${size}.mcool") into maps
    \"\"\"
    cooler merge whole.cool ${all}
    cooler zoomify --resolutions ${params.bin.resolutions.join(',')} --balance \
        --balance-args "${params.bin.balance_options}" --out A.${assembly}.${filters[0]}.${size}.mcool whole.cool
    \"\"\"
}
"""
PROFILES = """
params.custom_config = 'custom.config'
profiles { custom { includeConfig "${params.custom_config}" } }
"""


def put_on_path(folder, monkeypatch):
    """Put Nextflow on the PATH, and a pairix that the pipeline does not use; skip the test without Nextflow."""
    path = f"{NEXTFLOW}:{os.environ['PATH']}"
    if shutil.which("nextflow", path=path) is None:
        pytest.skip("needs Nextflow: make nextflow installs it where java and mvn are")
    folder.mkdir()
    (folder / "pairix").write_text("#!/bin/sh\n")
    (folder / "pairix").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{path}")


def pipeline(folder, outputs, lost="no line begins so"):
    """A checkout of a pipeline of distiller-nf's form that copies the pairs of a finished study."""
    folder.mkdir(exist_ok=True)
    text = PIPELINE.replace("MADE", str(outputs.path("results/pairs/A"))).replace("LOSE", lost)
    (folder / "distiller.nf").write_text(text)
    (folder / "nextflow.config").write_text(PROFILES)
    (folder / "VERSION").write_text("version='0.3.4'\n")
    return str(folder)
