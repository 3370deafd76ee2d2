# Requires: FASTQ of the runs, results/genomes/{genome}/ (genome.fa, chrom.sizes).
# Gives: the index of bwa and the checks of reads, for either engine; and the rules of the engine that maps, which give
# results/pairs/{dataset}/{library}.nodups.pairs.gz and .stats for each library that enters at fastq.


include: "map_inputs.smk"


# Temporary files of sort and merge: $TMPDIR if it is set, else a folder beside the results, which is as large.
scratch = os.environ.get("TMPDIR", "results/tmp")
mapping_options = config["mapping"]


rule index_genome:
    input:
        "results/genomes/{genome}/genome.fa",
    output:
        multiext("results/genomes/{genome}/bwa/genome.fa", ".amb", ".ann", ".bwt", ".pac", ".sa"),
    log:
        "logs/index_genome/{genome}.log",
    benchmark:
        "benchmarks/index_genome/{genome}.tsv"
    conda:
        "../envs/mapping.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(240),
    params:
        prefix=lambda wildcards: f"results/genomes/{wildcards.genome}/bwa/genome.fa",
    shell:
        """
        exec >{log} 2>&1
        bwa index -p {params.prefix}.part {input}
        for suffix in amb ann bwt pac sa; do mv {params.prefix}.part.$suffix {params.prefix}.$suffix; done
        """


rule check_fastq:
    """Both mates are whole and of equal number: bwa would map the shorter count and only warn."""
    input:
        reads=reads_of,
    output:
        "results/mapping/{dataset}/checks/{library}.{run}.tsv",
    log:
        "logs/check_fastq/{dataset}.{library}.{run}.log",
    benchmark:
        "benchmarks/check_fastq/{dataset}.{library}.{run}.tsv"
    priority: 100
    conda:
        "../envs/mapping.yaml"
    threads: 2
    resources:
        mem_mb=memory(1000),
        runtime=minutes(240),
    params:
        expected=expected_reads,
    script:
        "../scripts/map/check_fastq.py"


if mapping_options["engine"] == "native":

    include: "map_native.smk"

else:

    include: "distiller.smk"
