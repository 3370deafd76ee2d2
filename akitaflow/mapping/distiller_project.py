"""distiller-nf as the engine of mapping: what it is given, as its params file, Nextflow's config and a command.

Notes
-----
Nearly all that distiller-nf makes lies in folders of the kind that Nextflow calls ``storeDir``: a step whose file is
there is skipped, whatever its options are by now. So everything lies in a folder named by a digest of all that changes
the result (:func:`identify`), and another option means another folder.

It also puts options, filters and names into lines of shell as they are, and splits names of files at points. The
schemas of the config allow none of what would break there; :func:`check_paths` sees to the rest.
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
_SAFE = re.compile(r"[\w/.+@:=,-]+")  # of a path that Nextflow globs and a shell reads
_HEAVY = ("map_parse_sort_chunks", "bin_zoom_library_pairs", "merge_zoom_library_group_coolers")
_LIGHT = ("download_truncate_chunk_fastqs", "local_truncate_chunk_fastqs", "fastqc", "merge_dedup_splitbam")


def check_revision(folder, revision, key="mapping.distiller"):
    """A checkout is at the revision that the config pins: by its tag's version, or by its commit.

    Raises
    ------
    InputError
    """
    folder = Path(folder)
    found = re.search(r"version\s*=\s*'([^']+)'", _text(folder / "VERSION"))
    head = _text(folder / ".git" / "HEAD").strip()
    if head.startswith("ref: "):
        head = _text(folder / ".git" / head.removeprefix("ref: ")).strip()
    version = found[1] if found else None
    if version == revision.removeprefix("v") or (len(revision) >= 7 and head.startswith(revision)):
        return
    raise InputError(
        f"{key}.revision: {revision}, but {folder} holds version {version or 'unknown'}"
        f"{f' (commit {head[:10]})' if head else ''}; check that revision out, or write this one"
    )


def _text(path):
    return path.read_text(errors="replace") if path.is_file() else ""


def check_paths(paths):
    """Refuse paths that would not reach distiller-nf's lines of shell, or Nextflow's globs, as they are.

    Raises
    ------
    InputError
    """
    for path in map(str, paths):
        if not _SAFE.fullmatch(path):
            odd = "".join(dict.fromkeys(re.sub(_SAFE, "", path)))
            raise InputError(
                f"{path}: distiller-nf cannot work with {odd!r} in a path; run the study in a folder without it, "
                "or write mapping: {engine: native}"
            )


def work_folder(folder, work_dir=None):
    """Folder of Nextflow's temporary files, in that of the run or, by a name of its own, in one that others use too."""
    if not work_dir:
        return f"{folder}/work"
    return os.path.abspath(
        f"{work_dir}/{os.path.basename(folder)}-{blake2b(folder.encode(), digest_size=4).hexdigest()}"
    )


def filter_name(min_mapq):
    """Name of the selection of pairs by MAPQ, which stands in names of files."""
    return f"mapq_{min_mapq}" if min_mapq else "no_filter"


def filters(min_mapq, further=None):
    """Conditions of ``pairtools select`` by name, that of the dataset first; an empty one selects all."""
    condition = f"(mapq1>={min_mapq}) and (mapq2>={min_mapq})" if min_mapq else ""
    return {filter_name(min_mapq): condition, **(further or {})}


def links(folder, libraries, suffixes):
    """Names under which distiller-nf finds the reads, made of checked names only, none of them twice.

    Parameters
    ----------
    folder : str
    libraries : dict
        library -> run -> the two FASTQ files.
    suffixes : dict
        FASTQ file -> ``.fastq.gz`` or ``.fastq``.

    Returns
    -------
    dict of str to str
        Link -> the file that it stands for, absolute.
    """
    return {
        f"{folder}/reads/{library}.{run}_{mate}{suffixes[path]}": os.path.abspath(path)
        for library, runs in libraries.items()
        for run, paths in runs.items()
        for mate, path in enumerate(paths, start=1)
    }


def processing(mapping, bin_size, min_mapq):
    """The sections of distiller-nf's params file that say how reads become maps.

    Parameters
    ----------
    mapping : dict
        The section of the config.
    bin_size : int
        bp.
    min_mapq : int
        The dataset's.

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
    """All that changes what distiller-nf makes, and its digest.

    Parameters
    ----------
    dataset, genome : str
        They stand in names of files.
    reads : dict
        library -> run -> digests of the texts of both mates.
    files : list of str
        FASTA and table of chromosomes, digested by their content.
    sections : dict
        From :func:`processing`.
    engine : dict
        From :func:`engine_identity`.
    software : dict
        Versions by program.

    Returns
    -------
    dict
        These, and ``digest``.
    """
    found = {
        "dataset": dataset,
        "genome": genome,
        "genome_files": {os.path.basename(path): files_digest([path]) for path in files},
        "reads": reads,
        "sections": sections,
        "engine": engine,
        "software": software,
    }
    text = json.dumps(found, sort_keys=True)
    return {**found, "digest": blake2b(text.encode(), digest_size=8).hexdigest()}


def engine_identity(options, path=None):
    """Which distiller-nf runs: repository and revision, or the content of a checkout."""
    if path is None:
        return {"repository": options["repository"], "revision": options["revision"]}
    folder = Path(path)
    check_revision(folder, options["revision"])
    names = ["distiller.nf", "nextflow.config", "VERSION"]
    parts = [folder / name for name in names if (folder / name).is_file()]
    return {"revision": options["revision"], "checkout": files_digest(parts + sorted((folder / "bin").glob("*")))}


def project(dataset, genome, folder, index, sizes, libraries, linked, sections):
    """distiller-nf's params file.

    Parameters
    ----------
    dataset, genome : str
        Names of the group of libraries and of the assembly.
    folder : str
        Absolute; all outputs lie in it. Relative ones would be looked for from where Nextflow was started.
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
    place = {original: link for link, original in linked.items()}
    reads = {
        library: {run: [place[os.path.abspath(path)] for path in paths] for run, paths in runs.items()}
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
    """Text of a params file."""
    return "# Made from the config of the study: edit that instead.\n" + yaml.safe_dump(content, sort_keys=False)


def nextflow_config(options):
    """Nextflow's config, which takes the place of the profiles that distiller-nf brings along.

    Numbers of processors and megabytes of a local run are read from ``DISTILLER_CPUS`` and ``DISTILLER_MB``, so that a
    job uses what it was given.

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
    # else a second run stops at once: "Trace file already exists"
    lines += [f"{report} {{ overwrite = true }}" for report in ("trace", "timeline", "report")]
    return "\n".join(lines) + "\n"


def _resources(indent, cpus, megabytes, options, slurm):
    """Processors, memory and time of a kind of step; on one machine no more than it has for all."""
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
    """The call of Nextflow.

    Parameters
    ----------
    options : dict
        ``mapping.distiller`` of the config.
    project_file, config_file, work : str
        From :func:`project` and :func:`nextflow_config`, and the folder of temporary files.
    path : str, optional
        Folder of a checkout to run.
    log : str, optional
        Nextflow's own log.

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
        # only this profile keeps those that distiller-nf brings along out (docker, LSF)
        *("-profile", "custom", "--custom_config", os.path.abspath(config_file)),
        *("-work-dir", os.path.abspath(work)),
        *(["-resume"] if options["resume"] else []),
    ]


def check_software(wanted):
    """Versions of the programs; Nextflow's is the config's and one that runs distiller-nf.

    Parameters
    ----------
    wanted : str
        ``mapping.distiller.nextflow_version``.

    Returns
    -------
    dict of str to str

    Raises
    ------
    InputError
        If a program is not there, or Nextflow is another one.
    """
    from shutil import which

    lacking = [name for name in NEEDED if which(name) is None]
    if lacking:
        hint = " (`make nextflow` puts it in place where java and mvn are)" if "nextflow" in lacking else ""
        raise InputError(
            f"the engine distiller needs {', '.join(lacking)}{hint}; run snakemake with --use-conda, install what is "
            "missing (envs/nextflow.yaml), or write mapping: {engine: native}"
        )
    found = {name: command_version(call) for name, call in PROGRAMS.items()}
    if found["nextflow"] != wanted:
        number = tuple(int(part) for part in re.findall(r"\d+", found["nextflow"] or "0")[:2])
        reason = (
            "distiller-nf 0.3 is written in DSL1, which Nextflow 22.10 was the last to run"
            if number > LAST_DSL1
            else "another version may give another result"
        )
        raise InputError(
            f"Nextflow is {found['nextflow'] or 'of unknown version'}, and mapping.distiller.nextflow_version is "
            f"{wanted}: {reason}. Install {wanted}, or write the version that is to run."
        )
    return found
