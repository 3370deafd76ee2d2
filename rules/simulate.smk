# Requires: the key `simulation` of the config.
# Gives: results/simulation/{genome}.fa, the reads of simulated datasets under results/simulation/reads/ or their pairs
# under results/simulation/pairs/, and their true values under results/simulation/truth/.


from akitaflow.simulate.settings import folding_settings, genome_settings, main_factor_of_genome, read_settings


rule simulate_genome:
    input:
        unpack(genome_before_deletion),
    output:
        fasta="results/simulation/{genome}.fa",
        index="results/simulation/{genome}.fa.fai",
        sites="results/simulation/truth/{genome}/sites.tsv",
        decoys="results/simulation/truth/{genome}/decoys.tsv",
        gaps="results/simulation/truth/{genome}/gaps.tsv",
        repeats="results/simulation/truth/{genome}/repeats.tsv",
        b2="results/simulation/truth/{genome}/b2.tsv",
        locus="results/simulation/truth/{genome}/locus.tsv",
    log:
        "logs/simulate_genome/{genome}.log",
    benchmark:
        "benchmarks/simulate_genome/{genome}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        simulation=lambda wildcards: genome_settings(config["simulation"], wildcards.genome),
        bin_size=config["geometry"]["bin_size"],
        seed=config["seed"],
    script:
        "../scripts/simulate/simulate_genome.py"


rule simulate_variants:
    """Variants with a known effect, in held-out regions of the split of the figures."""
    input:
        fasta="results/simulation/{genome}.fa",
        index="results/simulation/{genome}.fa.fai",
        sites="results/simulation/truth/{genome}/sites.tsv",
        locus="results/simulation/truth/{genome}/locus.tsv",
        contigs=lambda wildcards: f"results/split/{study.split_of_figures()}/contigs.tsv",
    output:
        "results/simulation/variants/{genome}.vcf",
    log:
        "logs/simulate_variants/{genome}.log",
    benchmark:
        "benchmarks/simulate_variants/{genome}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        simulation=lambda wildcards: genome_settings(config["simulation"], wildcards.genome),
        factor=lambda wildcards: main_factor_of_genome(config["simulation"], wildcards.genome),
        variants=lookup(within=config, dpath="simulation/variants", default=1),
        fold=config["variants"]["fold"],
        margin=config["geometry"]["map_bins"] * config["geometry"]["bin_size"] // 2,
        bin_size=config["geometry"]["bin_size"],
        seed=config["seed"],
    script:
        "../scripts/simulate/simulate_variants.py"


rule simulate_map:
    input:
        unpack(source_genome("b2")),
    output:
        "results/simulation/truth/maps/{dataset}.h5",
    log:
        "logs/simulate_map/{dataset}.log",
    benchmark:
        "benchmarks/simulate_map/{dataset}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        simulation=lambda wildcards: folding_settings(config["simulation"], wildcards.dataset),
        bin_size=config["geometry"]["bin_size"],
    script:
        "../scripts/simulate/simulate_map.py"


rule simulate_reads:
    input:
        unpack(source_genome("locus")),
        maps="results/simulation/truth/maps/{dataset}.h5",
    output:
        "results/simulation/truth/reads/{dataset}.h5",
    log:
        "logs/simulate_reads/{dataset}.log",
    benchmark:
        "benchmarks/simulate_reads/{dataset}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(3000),
        runtime=minutes(20),
    params:
        simulation=lambda wildcards: read_settings(config["simulation"], wildcards.dataset),
        runs=lambda wildcards: study.sequenced_runs(wildcards.dataset),
        seed=config["seed"],
    script:
        "../scripts/simulate/simulate_reads.py"


rule write_reads:
    input:
        unpack(source_genome()),
        truth="results/simulation/truth/reads/{dataset}.h5",
    output:
        fastq_1="results/simulation/reads/{dataset}/{library}/{run}_1.fastq.gz",
        fastq_2="results/simulation/reads/{dataset}/{library}/{run}_2.fastq.gz",
    log:
        "logs/write_reads/{dataset}.{library}.{run}.log",
    benchmark:
        "benchmarks/write_reads/{dataset}.{library}.{run}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(20),
    params:
        reads=lambda wildcards: config["simulation"]["reads"],
        seed=config["seed"],
    script:
        "../scripts/simulate/write_reads.py"


rule simulate_pairs:
    """Write simulated pairs for a dataset that enters at pairs, without mapping errors."""
    input:
        unpack(source_genome()),
        truth="results/simulation/truth/reads/{dataset}.h5",
    output:
        "results/simulation/pairs/{dataset}.pairs.gz",
    log:
        "logs/simulate_pairs/{dataset}.log",
    benchmark:
        "benchmarks/simulate_pairs/{dataset}.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=memory(3000),
        runtime=minutes(20),
    params:
        genome=lookup(within=config, dpath="simulation/datasets/{dataset}/genome"),
    script:
        "../scripts/simulate/simulate_pairs.py"
