# Requires: the functions of simulate_inputs.smk; the genomes and maps that simulate.smk makes.
# Gives: what public databases would hold of the simulated genomes, in their own formats: bigWigs, tables of repeats and
# gaps, tracks of JASPAR and a 5C experiment. Each is made only where the config or a rule names it.


include: "simulate_tracks_inputs.smk"


rule simulate_tracks:
    input:
        unpack(simulated_source("sites", "decoys")),
    output:
        CTCF="results/simulation/tracks/{dataset}.CTCF.bw",
        DNase="results/simulation/tracks/{dataset}.DNase.bw",
    log:
        "logs/simulate_tracks/{dataset}.log",
    benchmark:
        "benchmarks/simulate_tracks/{dataset}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        genome=simulated_genome_of,
        factors=lambda wildcards: config["simulation"]["datasets"][wildcards.dataset]["factors"],
        main=simulated_main_factor,
        seed=config["seed"],
    script:
        "../scripts/simulate_tracks/simulate_tracks.py"


rule simulate_annotation:
    """Tables of a genome as UCSC has them."""
    input:
        unpack(simulated_annotated),
    output:
        rmsk="results/simulation/{genome}.rmsk.txt.gz",
        gap="results/simulation/{genome}.gap.txt.gz",
    log:
        "logs/simulate_annotation/{genome}.log",
    benchmark:
        "benchmarks/simulate_annotation/{genome}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        divergence=lambda wildcards: config["simulation"]["genomes"][wildcards.genome]["b2"]["divergence"],
        seed=config["seed"],
    script:
        "../scripts/simulate_tracks/simulate_annotation.py"


rule simulate_jaspar:
    """JASPAR's track of a matrix on the first of the simulated genomes."""
    input:
        unpack(simulated_first),
    output:
        "results/simulation/jaspar/{matrix}.tsv.gz",
    log:
        "logs/simulate_jaspar/{matrix}.log",
    benchmark:
        "benchmarks/simulate_jaspar/{matrix}.tsv"
    wildcard_constraints:
        matrix=r"MA\d+\.\d+",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        release=lambda wildcards: config["simulation"]["motif_release"],
    script:
        "../scripts/simulate_tracks/simulate_jaspar.py"


rule simulate_five_c:
    """5C of the locus, with its boundary and without, labelled by an older assembly, and the chain file from it."""
    input:
        unpack(simulated_five_c),
    output:
        wild_type="results/simulation/five_c/wild_type.matrix.gz",
        deletion="results/simulation/five_c/deletion.matrix.gz",
        chain="results/simulation/five_c/sim1_to_human.over.chain.gz",
    log:
        "logs/simulate_five_c/simulate_five_c.log",
    benchmark:
        "benchmarks/simulate_five_c/simulate_five_c.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        folding=lambda wildcards: config["simulation"]["folding"],
        seed=config["seed"],
    script:
        "../scripts/simulate_tracks/simulate_five_c.py"
