"""Inputs of distiller-nf: its params file, Nextflow's config, and the command that runs it.

Notes
-----
Most steps of distiller-nf write to a ``storeDir`` of Nextflow: a step is skipped if its file exists, even if options
have changed. Therefore the outputs of a run are in a folder named by a digest of everything that changes the result
(:func:`identify`), and changed options lead to another folder.

distiller-nf puts options, filters and names into shell commands without quoting, and splits file names at points. The
schemas of the config reject characters that would break these commands, and :func:`check_paths` checks paths.
"""

import json
import os
import re
from hashlib import blake2b
from pathlib import Path

import yaml

from akitaflow.errors import InputError
from akitaflow.provenance import command_version, files_digest

PROGRAMS = {
    "nextflow": ["nextflow", "-version"],
    "bwa": ["bwa"],
    "samtools": ["samtools", "--version"],
    "pairtools": ["pairtools", "--version"],
    "cooler": ["cooler", "--version"],
}
NEEDED = (*PROGRAMS, "pairix", "bgzip")
STORES = ("processed_fastqs", "mapped_parsed_sorted_chunks", "fastqc", "pairs_library", "coolers_library",
          "coolers_library_group", "stats_library_group")  # fmt: skip
LAST_DSL1 = (22, 10)  # Nextflow's last minor version that runs DSL1
_SAFE = re.compile(r"[\w/.+@:=,-]+")  # characters of a path that neither Nextflow's globs nor a shell change
_HEAVY = ("map_parse_sort_chunks", "bin_zoom_library_pairs", "merge_zoom_library_group_coolers")
_LIGHT = ("download_truncate_chunk_fastqs", "local_truncate_chunk_fastqs", "fastqc", "merge_dedup_splitbam")


def check_revision(folder, revision, key="mapping.distiller"):
    """Check that a checkout of distiller-nf is at the revision of the config, by its version or its commit.

    Parameters
    ----------
    folder : str or Path
        The checkout.
    revision : str
        Tag or commit.
    key : str
        Section of the config, for the message.

    Raises
    ------
    InputError
        If version and commit are others.
    """
    folder = Path(folder)
    version_line = re.search(r"version\s*=\s*'([^']+)'", _text(folder / "VERSION"))
    head = _text(folder / ".git" / "HEAD").strip()
    if head.startswith("ref: "):
        head = _text(folder / ".git" / head.removeprefix("ref: ")).strip()
    version = version_line[1] if version_line else None
    if version == revision.removeprefix("v") or (len(revision) >= 7 and head.startswith(revision)):
        return
    raise InputError(
        f"{key}.revision: {revision}, but {folder} holds version {version or 'unknown'}"
        f"{f' (commit {head[:10]})' if head else ''}; check that revision out, or write this one"
    )


def _text(path):
    return path.read_text(errors="replace") if path.is_file() else ""


def check_paths(paths):
    """Check that paths have no character that distiller-nf's shell commands or Nextflow's globs would change.

    Parameters
    ----------
    paths : iterable of str

    Raises
    ------
    InputError
        If a path has such a character.
    """
    for path in map(str, paths):
        if not _SAFE.fullmatch(path):
            odd = "".join(dict.fromkeys(re.sub(_SAFE, "", path)))
            raise InputError(
                f"{path}: distiller-nf cannot work with {odd!r} in a path; run the study in a folder without it, "
                "or write mapping: {engine: native}"
            )


def work_folder(folder, work_dir=None):
    """Folder of Nextflow's temporary files.

    Parameters
    ----------
    folder : str
        Folder of the run.
    work_dir : str, optional
        Folder for the temporary files of all runs, in which this run gets a folder with a unique name. By default they
        are in ``folder``.

    Returns
    -------
    str
    """
    if not work_dir:
        return f"{folder}/work"
    return os.path.abspath(
        f"{work_dir}/{os.path.basename(folder)}-{blake2b(folder.encode(), digest_size=4).hexdigest()}"
    )


def filter_name(min_mapq):
    """Name of the selection of pairs by MAPQ; it is a part of file names."""
    return f"mapq_{min_mapq}" if min_mapq else "no_filter"


def filters(min_mapq, further=None):
    """Conditions of ``pairtools select`` by name, that of the dataset first; an empty condition selects all pairs."""
    condition = f"(mapq1>={min_mapq}) and (mapq2>={min_mapq})" if min_mapq else ""
    return {filter_name(min_mapq): condition, **(further or {})}


def links(folder, libraries, suffixes):
    """Links through which distiller-nf reads the FASTQ files, because its file names must have a certain form.

    Parameters
    ----------
    folder : str
        Folder of the run.
    libraries : dict
        library -> run -> the two FASTQ files.
    suffixes : dict
        FASTQ file -> ``.fastq.gz`` or ``.fastq``.

    Returns
    -------
    dict of str to str
        Link -> absolute path of its file.
    """
    return {
        f"{folder}/reads/{library}.{run}_{mate}{suffixes[path]}": os.path.abspath(path)
        for library, runs in libraries.items()
        for run, paths in runs.items()
        for mate, path in enumerate(paths, start=1)
    }


def processing(mapping, bin_size, min_mapq):
    """Sections of distiller-nf's params file that set the options of mapping, parsing, deduplication and binning.

    Parameters
    ----------
    mapping : dict
        ``mapping`` of the config.
    bin_size : int
        bp.
    min_mapq : int
        Least MAPQ of the dataset.

    Returns
    -------
    dict
    """
    options, balance = mapping["distiller"], mapping["balance"]
    arguments = [f"--{name.replace('_', '-')} {balance[name]}" for name in sorted(balance)]
    return {
        "do_fastqc": False,
        "map": {
            "chunksize": options["chunk_size"],
            "mapping_options": mapping["bwa_options"],
            "trim_options": "",
            "use_custom_split": True,
        },
        "parse": {
            "make_pairsam": False,
            "drop_seq": False,
            "drop_readid": True,
            "keep_unparsed_bams": False,
            "parsing_options": f"--add-columns mapq --walks-policy {mapping['walks_policy']}",
        },
        "dedup": {"max_mismatch_bp": mapping["max_mismatch"], "dedup_options": ""},
        "bin": {
            "resolutions": [bin_size, *sorted(options["resolutions"])],
            "balance": True,
            "balance_options": " ".join(arguments),
            "filters": filters(min_mapq, options["filters"]),
        },
    }


def identify(dataset, genome, reads, files, sections, engine, software):
    """Everything on which the result of distiller-nf depends, and its digest.

    Parameters
    ----------
    dataset, genome : str
        Names, which are parts of file names.
    reads : dict
        library -> run -> digests of the decompressed reads of both mates.
    files : list of str
        FASTA and table of chromosomes; the digests of their contents are used.
    sections : dict
        From :func:`processing`.
    engine : dict
        From :func:`engine_identity`.
    software : dict
        Versions by program.

    Returns
    -------
    dict
        The parameters, and ``digest``.
    """
    content = {
        "dataset": dataset,
        "genome": genome,
        "genome_files": {os.path.basename(path): files_digest([path]) for path in files},
        "reads": reads,
        "sections": sections,
        "engine": engine,
        "software": software,
    }
    text = json.dumps(content, sort_keys=True)
    return {**content, "digest": blake2b(text.encode(), digest_size=8).hexdigest()}


def engine_identity(options, path=None):
    """Version of distiller-nf: repository and revision, or the digest of a checkout.

    Parameters
    ----------
    options : dict
        ``mapping.distiller`` of the config.
    path : str, optional
        Folder of a checkout.

    Returns
    -------
    dict of str to str

    Raises
    ------
    InputError
        If the checkout is at another revision than the config.
    """
    if path is None:
        return {"repository": options["repository"], "revision": options["revision"]}
    folder = Path(path)
    check_revision(folder, options["revision"])
    names = ["distiller.nf", "nextflow.config", "VERSION"]
    files = [folder / name for name in names if (folder / name).is_file()]
    return {"revision": options["revision"], "checkout": files_digest(files + sorted((folder / "bin").glob("*")))}


def project(dataset, genome, folder, index, sizes, libraries, linked, sections):
    """Content of distiller-nf's params file.

    Parameters
    ----------
    dataset, genome : str
        Names of the group of libraries and of the assembly.
    folder : str
        Folder of all outputs. Absolute, because relative paths start at the folder in which Nextflow runs.
    index, sizes : str
        Prefix of bwa's index, and the table of chromosomes.
    libraries : dict
        library -> run -> the two FASTQ files.
    linked : dict
        From :func:`links`.
    sections : dict
        From :func:`processing`.

    Returns
    -------
    dict
    """
    link_of = {original: link for link, original in linked.items()}
    reads = {
        library: {run: [link_of[os.path.abspath(path)] for path in paths] for run, paths in runs.items()}
        for library, runs in libraries.items()
    }
    check_paths([folder, index, sizes])
    return {
        "input": {
            "raw_reads_paths": reads,
            "library_groups": {dataset: list(libraries)},
            "truncate_fastq_reads": 0,
            "genome": {
                "assembly_name": genome,
                "bwa_index_wildcard_path": f"{os.path.abspath(index)}.*",
                "chrom_sizes_path": os.path.abspath(sizes),
            },
        },
        **sections,
        "output": {"dirs": {name: f"{folder}/{name}" for name in STORES}},
    }


def as_yaml(content):
    """Text of a params file as YAML."""
    return "# Made from the config of the study: edit that instead.\n" + yaml.safe_dump(content, sort_keys=False)


def nextflow_config(options):
    """Text of Nextflow's config, which is used instead of distiller-nf's profiles.

    A local run reads its processors and megabytes from ``DISTILLER_CPUS`` and ``DISTILLER_MB``, so that it uses the
    resources of its job.

    Parameters
    ----------
    options : dict
        ``mapping.distiller`` of the config.

    Returns
    -------
    str
    """
    slurm = options["executor"] == "slurm"
    cpus, megabytes = options["cpus"], 1024 * options["memory_gb"]
    light = max(1, min(4, cpus // 2))
    lines = [
        "// Made from the config of the study: edit that instead.",
        f"def most_cpus = (System.getenv('DISTILLER_CPUS') ?: '{cpus}') as int",
        f"def most_mb = (System.getenv('DISTILLER_MB') ?: '{megabytes}') as int",
        "",
        "process {",
        f"    executor = '{options['executor']}'",
        *_resources("    ", 1, min(4096, megabytes), options, slurm),
        "    errorStrategy = 'retry'",
        f"    maxRetries = {options['retries']}",
        "    distillerTmpDir = './'",
    ]
    if slurm and options["queue"]:
        lines.append(f"    queue = '{options['queue']}'")
    further = " ".join(
        filter(None, [options["account"] and f"--account={options['account']}", options["extra"].strip()])
    )
    if slurm and further:
        lines.append(f"    clusterOptions = '{further}'")
    for names, number, memory in ((_HEAVY, cpus, megabytes), (_LIGHT, light, (megabytes + 1) // 2)):
        lines += [
            f"    withName: '{'|'.join(names)}' {{",
            *_resources("        ", number, memory, options, slurm),
            "    }",
        ]
    lines.append("}")
    if slurm:
        lines.append(f"executor {{ queueSize = {options['queue_size']} }}")
    else:
        lines += ["executor {", "    cpus = most_cpus", '    memory = "${most_mb} MB"', "}"]
    lines += ["docker { enabled = false }", "singularity { enabled = false }"]
    # without it a second run stops with "Trace file already exists"
    lines += [f"{report} {{ overwrite = true }}" for report in ("trace", "timeline", "report")]
    return "\n".join(lines) + "\n"


def _resources(indent, cpus, megabytes, options, slurm):
    """Lines with processors, memory and time of a kind of step, on one machine limited by those of the run."""
    if slurm:
        return [
            f"{indent}cpus = {cpus}",
            f"{indent}memory = {{ {megabytes}.MB * task.attempt }}",
            f"{indent}time = {{ {options['hours']}.h * task.attempt }}",
        ]
    return [
        f"{indent}cpus = Math.min({cpus}, most_cpus)",
        f'{indent}memory = "${{Math.min({megabytes}, most_mb)}} MB"',
        f"{indent}time = {{ {options['hours']}.h * task.attempt }}",
    ]


def command(options, project_file, config_file, work, path=None, log=None):
    """Command that runs distiller-nf with Nextflow.

    Parameters
    ----------
    options : dict
        ``mapping.distiller`` of the config.
    project_file, config_file, work : str
        Files with :func:`project` and :func:`nextflow_config`, and the folder of temporary files.
    path : str, optional
        Folder of a checkout of distiller-nf to run instead of the repository.
    log : str, optional
        Log file of Nextflow.

    Returns
    -------
    list of str
    """
    source = [f"{os.path.abspath(path)}/distiller.nf"] if path else [options["repository"], "-r", options["revision"]]
    return [
        "nextflow",
        *(["-log", log] if log else []),
        "run",
        *source,
        *("-ansi-log", "false", "-params-file", os.path.abspath(project_file)),
        # only this profile does not load distiller-nf's own profiles (docker, LSF)
        *("-profile", "custom", "--custom_config", os.path.abspath(config_file)),
        *("-work-dir", os.path.abspath(work)),
        *(["-resume"] if options["resume"] else []),
    ]


def check_software(nextflow_version):
    """Check that the programs are installed, Nextflow in the version of the config.

    Parameters
    ----------
    nextflow_version : str
        ``mapping.distiller.nextflow_version``.

    Returns
    -------
    dict of str to str
        Version of each program.

    Raises
    ------
    InputError
        If a program is missing, or Nextflow has another version.
    """
    from shutil import which

    missing = [name for name in NEEDED if which(name) is None]
    if missing:
        hint = " (`make nextflow` puts it in place where java and mvn are)" if "nextflow" in missing else ""
        raise InputError(
            f"the engine distiller needs {', '.join(missing)}{hint}; run snakemake with --use-conda, install what is "
            "missing (envs/nextflow.yaml), or write mapping: {engine: native}"
        )
    versions = {name: command_version(call) for name, call in PROGRAMS.items()}
    if versions["nextflow"] != nextflow_version:
        release = tuple(int(part) for part in re.findall(r"\d+", versions["nextflow"] or "0")[:2])
        reason = (
            "distiller-nf 0.3 is written in DSL1, which Nextflow 22.10 was the last to run"
            if release > LAST_DSL1
            else "another version may give another result"
        )
        raise InputError(
            f"Nextflow is {versions['nextflow'] or 'of unknown version'}, and mapping.distiller.nextflow_version is "
            f"{nextflow_version}: {reason}. Install {nextflow_version}, or write the version that is to run."
        )
    return versions
