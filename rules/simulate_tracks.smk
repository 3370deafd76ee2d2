# Requires: the key `simulation` of the config; genomes results/simulation/{genome}.fa with their truth tables and maps
# results/simulation/truth/maps/{dataset}.h5.
# Gives: data about the simulated genomes in the formats of public databases: bigWigs, tables of repeats and gaps, tracks of
# JASPAR and a 5C experiment. Each is made only if the config or a rule uses it.


from akitaflow.simulate.settings import first_genome, main_factor


rule simulate_tracks:
    input:
        unpack(tracked_genome),
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
        genome=lookup(within=config, dpath="simulation/datasets/{dataset}/genome"),
        factors=lookup(within=config, dpath="simulation/datasets/{dataset}/factors"),
        main=lambda wildcards: main_factor(config["simulation"], wildcards.dataset),
        seed=config["seed"],
    script:
        "../scripts/simulate_tracks/simulate_tracks.py"


rule simulate_annotation:
    """Write annotation tables of a genome in UCSC's formats."""
    input:
        index="results/simulation/{genome}.fa.fai",
        gaps="results/simulation/truth/{genome}/gaps.tsv",
        repeats="results/simulation/truth/{genome}/repeats.tsv",
        b2="results/simulation/truth/{genome}/b2.tsv",
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
        divergence=lookup(within=config, dpath="simulation/genomes/{genome}/b2/divergence"),
        seed=config["seed"],
    script:
        "../scripts/simulate_tracks/simulate_annotation.py"


rule simulate_jaspar:
    """Write the sites of a matrix on the first simulated genome in JASPAR's format."""
    input:
        unpack(lambda wildcards: simulated_genome(first_genome(config["simulation"]))),
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
    """Simulate 5C of the locus with and without its boundary, labelled in another assembly, and write a chain file."""
    input:
        unpack(five_c_files),
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
