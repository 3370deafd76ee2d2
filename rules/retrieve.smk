# Requires: the local paths and URLs of the config and its tables.
# Gives: results/downloads/{name} for each URL, checked if its size or checksum is known; results/genomes/{genome}/
# (genome.fa, genome.fa.fai, chrom.sizes, gaps.bed); on demand results/runs/resolved.tsv and results/resources/check.tsv.


# Cluster nodes often have no internet access. At most `downloads` (profiles/) of them run at once.
localrules:
    download_file,
    download_sra_run,
    resolve_runs,
    check_resources,


rule download_file:
    """Download a file: resumes after an interruption, and the file appears only when it is complete and checked."""
    output:
        "results/downloads/{name}",
    log:
        "logs/download_file/{name}.log",
    benchmark:
        "benchmarks/download_file/{name}.tsv"
    wildcard_constraints:
        name="[^/]+",
    retries: 0  # the script itself retries
    conda:
        "../envs/mapping.yaml"
    threads: 1
    resources:
        downloads=1,
        mem_mb=memory(500),
        runtime=minutes(2880),
    params:
        url=lambda wildcards: study.downloads()[wildcards.name],
        # Snakemake does not compare params that are functions of the output, so adding a checksum to a table later does
        # not repeat the download. check_resources checks existing files.
        expected=lambda wildcards, output: study.expected_file(study.downloads()[wildcards.name]),
    script:
        "../scripts/retrieve/download_file.py"


rule download_sra_run:
    """Download both FASTQ files of a run with SRA Tools, for runs that ENA does not have."""
    output:
        first="results/downloads/sra/{accession}_1.fastq.gz",
        second="results/downloads/sra/{accession}_2.fastq.gz",
    log:
        "logs/download_sra_run/{accession}.log",
    benchmark:
        "benchmarks/download_sra_run/{accession}.tsv"
    wildcard_constraints:
        accession="[A-Z0-9]+",
    conda:
        "../envs/sra.yaml"
    threads: 4
    resources:
        downloads=1,
        mem_mb=memory(4000),
        runtime=minutes(2880),
    params:
        folder=lambda wildcards: f"results/downloads/sra/{wildcards.accession}.part",
    shell:
        # prefetch resumes from the files of an interrupted one
        """
        exec >{log:q} 2>&1
        prefetch --max-size u --output-directory {params.folder:q} {wildcards.accession:q}
        vdb-validate {params.folder:q}/{wildcards.accession:q}
        fasterq-dump --split-files --threads {threads} --temp {params.folder:q} --outdir {params.folder:q} --force \
            {params.folder:q}/{wildcards.accession:q}
        pigz --force --processes {threads} -- {params.folder:q}/{wildcards.accession:q}_[12].fastq
        mv -- {params.folder:q}/{wildcards.accession:q}_1.fastq.gz {output.first:q}
        mv -- {params.folder:q}/{wildcards.accession:q}_2.fastq.gz {output.second:q}
        rm -r -- {params.folder:q}
        """


rule resolve_runs:
    """Look up the runs of accessions.tsv at ENA and write them as a table of runs."""
    input:
        accessions=lambda wildcards: study.accession_table(),
    output:
        "results/runs/resolved.tsv",
    log:
        "logs/resolve_runs/resolve_runs.log",
    benchmark:
        "benchmarks/resolve_runs/resolve_runs.tsv"
    conda:
        "../envs/mapping.yaml"
    threads: 1
    resources:
        downloads=1,
        mem_mb=memory(500),
        runtime=minutes(60),
    params:
        file_report=config["file_report"],
    script:
        "../scripts/retrieve/resolve_runs.py"


rule check_resources:
    """Check that all files of the study can be downloaded, with the expected size and checksum."""
    input:
        [study.resource_table] if study.resource_table else [],
    output:
        "results/resources/check.tsv",
    log:
        "logs/check_resources/check_resources.log",
    benchmark:
        "benchmarks/check_resources/check_resources.tsv"
    conda:
        "../envs/mapping.yaml"
    threads: 1
    resources:
        downloads=1,
        mem_mb=memory(500),
        runtime=minutes(240),
    params:
        # functions of the output are not compared by Snakemake: see download_file
        resources=lambda wildcards, output: study.resources_to_check(),
        files=lambda wildcards, output: {url: f"results/downloads/{name}" for name, url in study.downloads().items()},
    script:
        "../scripts/retrieve/check_resources.py"


rule prepare_genome:
    """Write an uncompressed, indexed FASTA, and lengths and gaps of the chromosomes in use."""
    input:
        fasta=named_file("genomes/{genome}/fasta"),
        gaps=named_file("genomes/{genome}/gaps"),
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
        mem_mb=memory(4000),
        runtime=minutes(60),
    params:
        chromosomes=lookup(within=config, dpath="genomes/{genome}/chromosomes"),
        min_gap=lookup(within=config, dpath="genomes/{genome}/min_gap"),
    script:
        "../scripts/retrieve/prepare_genome.py"
