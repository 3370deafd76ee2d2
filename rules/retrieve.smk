# Requires: the paths of the config and its tables, local or http(s).
# Gives: results/downloads/{name} for each URL, and results/genomes/{genome}/ (genome.fa, genome.fa.fai, chrom.sizes,
# gaps.bed).


include: "retrieve_inputs.smk"


localrules:
    retrieve,


register_downloads([config["genomes"], config["motifs"]["sets"]])
register_downloads([*study.datasets["path"], *study.datasets["rename"], *study.runs["fastq_1"], *study.runs["fastq_2"]])


rule retrieve:
    """A file from the net: resumed after an interruption, and named only when whole."""
    output:
        "results/downloads/{name}",
    log:
        "logs/retrieve/{name}.log",
    benchmark:
        "benchmarks/retrieve/{name}.tsv"
    retries: 2
    conda:
        "../envs/mapping.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 500 * attempt,
        runtime=lambda wildcards, attempt: 720 * attempt,
    params:
        url=lambda wildcards: downloads[wildcards.name],
    shell:
        # Snakemake removes its outputs before a retry, not the .part. The second curl is for a server that cannot
        # resume (33, 36) or that has nothing left to send (22).
        """
        exec >{log} 2>&1
        fetch="curl -fL --silent --show-error --retry 5 --retry-delay 10"
        status=0
        $fetch -C - -o {output}.part '{params.url}' || status=$?
        case $status in
            0) ;;
            22 | 33 | 36)
                rm -f {output}.part
                $fetch -o {output}.part '{params.url}'
                ;;
            *) exit $status ;;
        esac
        mv {output}.part {output}
        """


rule prepare_genome:
    """One plain indexed FASTA per genome, whatever it came as; lengths and gaps of the chromosomes in use."""
    input:
        fasta=lambda wildcards: located(config["genomes"][wildcards.genome]["fasta"]),
        gaps=lambda wildcards: [located(path) for path in [config["genomes"][wildcards.genome]["gaps"]] if path],
    output:
        fasta="results/genomes/{genome}/genome.fa",
        index="results/genomes/{genome}/genome.fa.fai",
        sizes="results/genomes/{genome}/chrom.sizes",
        gaps="results/genomes/{genome}/gaps.bed",
    log:
        "logs/prepare_genome/{genome}.log",
    benchmark:
        "benchmarks/prepare_genome/{genome}.tsv"
    priority: 100
    conda:
        "../envs/mapping.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        chromosomes=lambda wildcards: config["genomes"][wildcards.genome]["chromosomes"],
        min_gap=lambda wildcards: config["genomes"][wildcards.genome]["min_gap"],
    script:
        "../scripts/prepare_genome.py"
