# Requires: FASTQ of the runs, results/genomes/{genome}/ (genome.fa, chrom.sizes).
# Gives: for both engines the index results/genomes/{genome}/bwa/ and the checks of reads
# results/mapping/{dataset}/checks/{library}.{run}.tsv; for the native engine results/pairs/{dataset}/
# ({library}.nodups.pairs.gz and .stats) of each library that enters at fastq. The steps and options of the native engine
# are distiller's: bwa mem -SP, pairtools parse, sort, merge and dedup.
#
# Paths of reads and $TMPDIR may contain any character: every command quotes them, paths that could be read as options
# start with ./, and sort gets the temporary folder from $TMPDIR, because pairtools does not quote the value of --tmpdir
# in a shell command.

from akitaflow.files import BGZIP_END
from akitaflow.mapping.fastq import as_argument


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
        exec >{log:q} 2>&1
        bwa index -p {params.prefix:q}.part {input:q}
        for suffix in amb ann bwt pac sa; do mv -- {params.prefix:q}.part.$suffix {params.prefix:q}.$suffix; done
        """


rule check_fastq:
    """Check that both FASTQ files are complete and have the same number of reads; bwa would only warn."""
    input:
        reads=reads_of_run,
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
        expected=lambda wildcards: study.expected_reads(wildcards.dataset, wildcards.library, wildcards.run),
    script:
        "../scripts/map/check_fastq.py"


rule compare_reads:
    """No two runs of a dataset hold the same reads: their pairs would count twice."""
    input:
        checks_of_dataset,
    output:
        "results/mapping/{dataset}/reads.tsv",
    log:
        "logs/compare_reads/{dataset}.log",
    benchmark:
        "benchmarks/compare_reads/{dataset}.tsv"
    conda:
        "../envs/mapping.yaml"
    threads: 1
    resources:
        mem_mb=memory(500),
        runtime=minutes(10),
    params:
        runs=lambda wildcards: [
            [library, run]
            for library in study.libraries(wildcards.dataset)
            for run in study.runs_of(wildcards.dataset, library)
        ],
    script:
        "../scripts/map/compare_reads.py"


rule chunk_fastq:
    """Split a run into contiguous chunks of the same number of reads (fewer in the last one)."""
    input:
        reads=reads_of_run,
        check="results/mapping/{dataset}/checks/{library}.{run}.tsv",
    output:
        temp(
            expand(
                "results/mapping/{{dataset}}/chunks/{{library}}.{{run}}.{chunk}_{mate}.fastq.gz",
                chunk=study.chunk_labels(),
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
        chunks=config["mapping"]["chunks"],
        prefix=lambda wildcards: f"results/mapping/{wildcards.dataset}/chunks/{wildcards.library}.{wildcards.run}",
    shell:
        # Fails for an empty chunk, in which pairtools parse would count one unmapped pair.
        """
        exec >{log:q} 2>&1
        chunks={params.chunks:q}
        reads=$(sed -n 2p {input.check:q} | cut -f 2)
        lines=$(((reads + chunks - 1) / chunks * 4))
        if [ $((lines / 4 * (chunks - 1))) -ge "$reads" ]; then
            echo "error: $reads read pairs are too few for mapping.chunks: $chunks; write a smaller number"
            exit 1
        fi
        mate=0
        for fastq in {input.reads:q}; do
            mate=$((mate + 1))
            gzip -cdf -- "$fastq" | split -l $lines -a 5 --numeric-suffixes=1 --filter='gzip -n -1 > "$FILE"' \
                - {params.prefix:q}.$mate.
            for part in $(seq $chunks); do
                mv -- {params.prefix:q}.$mate.$(printf %05d $part) {params.prefix:q}.$part-of-${{chunks}}_$mate.fastq.gz
            done
        done
        """


rule map_run:
    """Map reads and sort their pairs in one pipe; alignments and unsorted pairs are not stored."""
    input:
        reads=reads_of_chunk,
        check="results/mapping/{dataset}/checks/{library}.{run}.tsv",
        index=lambda wildcards: bwa_index(study.genome_of_dataset(wildcards.dataset)),
        sizes=genome_file("chrom.sizes", of="dataset"),
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
        prefix=genome_file("bwa/genome.fa", of="dataset"),
        reads=lambda wildcards, input: [as_argument(path) for path in input.reads],
        genome=dataset_setting("genome"),
        bwa_options=config["mapping"]["bwa_options"].split(),
        walks_policy=config["mapping"]["walks_policy"],
        last_block=BGZIP_END.hex(),
    shell:
        """
        exec >{log:q} 2>&1
        mkdir -p -- {resources.tmpdir:q}
        TMPDIR=$(mktemp -d -p {resources.tmpdir:q})
        export TMPDIR
        trap 'rm -rf -- "$TMPDIR"' EXIT
        set -- {params.reads:q}
        # bwa refuses mates whose names differ by more than /1 and /2, as those of read.1 and read.2 do
        names=$(for fastq in "$@"; do gzip -cdf -- "$fastq" 2>/dev/null | head -n 1 | cut -d " " -f 1; done \
            | sed "s,/[12]$,," | sort -u | wc -l || true)
        plain() {{ gzip -cdf -- "$1" | sed -E '1~4s,[/._][12](;[12])?([[:space:]]|$),\\2,'; }}
        align() {{ bwa mem -SP -t {threads} {params.bwa_options:q} {params.prefix:q} "$@"; }}
        if [ "$names" -gt 1 ]; then align <(plain "$1") <(plain "$2"); else align "$@"; fi \
            | pairtools parse --drop-sam --drop-readid --add-columns mapq --walks-policy {params.walks_policy:q} \
                --assembly {params.genome:q} -c {input.sizes:q} \
            | pairtools sort --nproc {threads} --nproc-out {threads} -o {output:q}.part.gz
        # bgzip's last block: pairtools does not notice that bgzip failed, as on a full disk
        end=$(tail -c 28 -- {output:q}.part.gz | od -An -v -tx1 | tr -d "[:space:]")
        [ "$end" = {params.last_block:q} ] \
            || {{ echo "error: bgzip did not finish writing the pairs; see whether the disk is full"; false; }}
        mv -- {output:q}.part.gz {output:q}
        """


rule merge_dedup:
    """Merge the runs of a library and remove duplicates; a single file is not merged."""
    input:
        pairs=pairs_of_library,
        reads="results/mapping/{dataset}/reads.tsv",
    output:
        pairs="results/pairs/{dataset}/{library}.nodups.pairs.gz",
        stats="results/pairs/{dataset}/{library}.stats",
    log:
        "logs/merge_dedup/{dataset}.{library}.log",
    benchmark:
        "benchmarks/merge_dedup/{dataset}.{library}.tsv"
    wildcard_constraints:
        dataset=one_of(study.datasets_mapped_by("native")),
    conda:
        "../envs/mapping.yaml"
    threads: 4
    resources:
        mem_mb=memory(8000),
        runtime=minutes(1440),
        tmpdir=scratch,
    params:
        max_mismatch=config["mapping"]["max_mismatch"],
        last_block=BGZIP_END.hex(),
    shell:
        # pairtools appends to an existing file of statistics
        """
        exec >{log:q} 2>&1
        mkdir -p -- {resources.tmpdir:q}
        TMPDIR=$(mktemp -d -p {resources.tmpdir:q})
        export TMPDIR
        trap 'rm -rf -- "$TMPDIR"' EXIT
        rm -f -- {output.stats:q}.part
        set -- {input.pairs:q}
        if [ $# -gt 1 ]; then pairtools merge "$@"; else gzip -cd -- "$1"; fi \
            | pairtools dedup --max-mismatch {params.max_mismatch:q} --mark-dups --nproc-out {threads} \
                --output {output.pairs:q}.part.gz --output-stats {output.stats:q}.part
        # bgzip's last block: pairtools does not notice that bgzip failed, as on a full disk
        end=$(tail -c 28 -- {output.pairs:q}.part.gz | od -An -v -tx1 | tr -d "[:space:]")
        [ "$end" = {params.last_block:q} ] \
            || {{ echo "error: bgzip did not finish writing the pairs; see whether the disk is full"; false; }}
        mv -- {output.stats:q}.part {output.stats:q}
        mv -- {output.pairs:q}.part.gz {output.pairs:q}
        """
