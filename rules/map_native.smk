# Requires: FASTQ of the runs and their checks, the index of bwa; `mapping_options` and `scratch` of map.smk.
# Gives: results/pairs/{dataset}/{library}.nodups.pairs.gz and .stats, for each library that enters at fastq.
# The steps and options are distiller's: bwa mem -SP, pairtools parse, sort, merge and dedup.


rule chunk_fastq:
    """Contiguous parts of a run, as many reads in each but the last."""
    input:
        reads=reads_of,
        check="results/mapping/{dataset}/checks/{library}.{run}.tsv",
    output:
        temp(
            expand(
                "results/mapping/{{dataset}}/chunks/{{library}}.{{run}}.{chunk}_{mate}.fastq.gz",
                chunk=chunk_labels(),
                mate=(1, 2),
            )
        ),
    log:
        "logs/chunk_fastq/{dataset}.{library}.{run}.log",
    benchmark:
        "benchmarks/chunk_fastq/{dataset}.{library}.{run}.tsv"
    conda:
        "../envs/mapping.yaml"
    threads: 2
    resources:
        mem_mb=memory(500),
        runtime=minutes(480),
    params:
        chunks=mapping_options["chunks"],
        prefix=lambda wildcards: f"results/mapping/{wildcards.dataset}/chunks/{wildcards.library}.{wildcards.run}",
    shell:
        # An empty part is refused: pairtools parse would count one unmapped pair in it.
        """
        exec >{log} 2>&1
        reads=$(sed -n 2p {input.check} | cut -f 2)
        lines=$(((reads + {params.chunks} - 1) / {params.chunks} * 4))
        if [ $((lines / 4 * ({params.chunks} - 1))) -ge $reads ]; then
            echo "error: $reads read pairs are too few for mapping.chunks: {params.chunks}; write a smaller number"
            exit 1
        fi
        mate=0
        for fastq in {input.reads}; do
            mate=$((mate + 1))
            gzip -cdf $fastq | split -l $lines -a 5 --numeric-suffixes=1 --filter='gzip -n -1 > $FILE' \
                - {params.prefix}.$mate.
            for part in $(seq {params.chunks}); do
                mv {params.prefix}.$mate.$(printf %05d $part) {params.prefix}.$part-of-{params.chunks}_$mate.fastq.gz
            done
        done
        """


rule map_run:
    """Reads to sorted pairs, in one pipe: nothing unsorted and no alignment is stored."""
    input:
        reads=reads_of_chunk,
        check="results/mapping/{dataset}/checks/{library}.{run}.tsv",
        index=lambda wildcards: multiext(
            f"results/genomes/{genome_of(wildcards.dataset)}/bwa/genome.fa", ".amb", ".ann", ".bwt", ".pac", ".sa"
        ),
        sizes=genome_file("chrom.sizes"),
    output:
        temp("results/mapping/{dataset}/runs/{library}.{run}.{chunk}.pairs.gz"),
    log:
        "logs/map_run/{dataset}.{library}.{run}.{chunk}.log",
    benchmark:
        "benchmarks/map_run/{dataset}.{library}.{run}.{chunk}.tsv"
    wildcard_constraints:
        chunk=r"\d+-of-\d+",
    conda:
        "../envs/mapping.yaml"
    threads: 8
    resources:
        mem_mb=memory(12000),
        runtime=minutes(1440),
        tmpdir=scratch,
    params:
        prefix=lambda wildcards: f"results/genomes/{genome_of(wildcards.dataset)}/bwa/genome.fa",
        genome=lambda wildcards: genome_of(wildcards.dataset),
        bwa_options=mapping_options["bwa_options"],
        walks_policy=mapping_options["walks_policy"],
    shell:
        """
        exec >{log} 2>&1
        mkdir -p {resources.tmpdir}
        folder=$(mktemp -d -p {resources.tmpdir})
        trap 'rm -rf $folder' EXIT
        bwa mem -SP -t {threads} {params.bwa_options} {params.prefix} {input.reads} \
            | pairtools parse --drop-sam --drop-readid --add-columns mapq --walks-policy {params.walks_policy} \
                --assembly {params.genome} -c {input.sizes} \
            | pairtools sort --nproc {threads} --nproc-out {threads} --tmpdir $folder -o {output}.part.gz
        mv {output}.part.gz {output}
        """


rule merge_dedup:
    """Runs of a library together, without duplicates; a single file goes to the removal of duplicates as it is."""
    input:
        pairs_of_library,
    output:
        pairs="results/pairs/{dataset}/{library}.nodups.pairs.gz",
        stats="results/pairs/{dataset}/{library}.stats",
    log:
        "logs/merge_dedup/{dataset}.{library}.log",
    benchmark:
        "benchmarks/merge_dedup/{dataset}.{library}.tsv"
    conda:
        "../envs/mapping.yaml"
    threads: 4
    resources:
        mem_mb=memory(8000),
        runtime=minutes(1440),
        tmpdir=scratch,
    params:
        read=lambda wildcards, input: "pairtools merge --tmpdir $folder" if len(input) > 1 else "gzip -cd",
        max_mismatch=mapping_options["max_mismatch"],
    shell:
        # pairtools appends to a file of statistics that exists
        """
        exec >{log} 2>&1
        mkdir -p {resources.tmpdir}
        folder=$(mktemp -d -p {resources.tmpdir})
        trap 'rm -rf $folder' EXIT
        rm -f {output.stats}.part
        {params.read} {input} | pairtools dedup --max-mismatch {params.max_mismatch} --mark-dups --nproc-out {threads} \
            --output {output.pairs}.part.gz --output-stats {output.stats}.part
        mv {output.stats}.part {output.stats}
        mv {output.pairs}.part.gz {output.pairs}
        """
