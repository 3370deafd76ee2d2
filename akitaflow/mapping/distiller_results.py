"""Outputs of distiller-nf: their names, checks that no read was lost, and links under the workflow's names.

distiller-nf loses data without an error in some cases (unequal numbers of mates, a step stopped while a file was moved)
and reuses existing files. Therefore the numbers of reads, of pairs in the statistics and of contacts in the maps are
compared.
"""

import json
import os
import shutil

from akitaflow.files import whole, write_text

FINISHED = "finished.json"
OUTPUT_FOLDERS = ("coolers_library", "coolers_library_group", "stats_library_group")


def expected_files(folder, dataset, genome, libraries, name, bin_size):
    """Paths of the outputs of distiller-nf that the workflow uses.

    Parameters
    ----------
    folder : str
        Folder of the run.
    dataset, genome : str
    libraries : iterable of str
    name : str
        Name of the filter, see :func:`akitaflow.mapping.distiller_project.filter_name`.
    bin_size : int
        Smallest resolution, bp.

    Returns
    -------
    dict
        ``libraries``: library -> paths of pairs, stats and cool; ``map``: path of the mcool of the dataset.
    """
    return {
        "libraries": {
            library: {
                "pairs": f"{folder}/pairs_library/{library}.{genome}.nodups.pairs.gz",
                "stats": f"{folder}/pairs_library/{library}.{genome}.dedup.stats",
                "cool": f"{folder}/coolers_library/{library}.{genome}.{name}.{bin_size}.cool",
            }
            for library in libraries
        },
        "map": f"{folder}/coolers_library_group/{dataset}.{genome}.{name}.{bin_size}.mcool",
    }


def verify(files, reads, chromosomes, bin_size, filtered, needs=("mapq1", "mapq2")):
    """Check the outputs of distiller-nf against the numbers of reads.

    Parameters
    ----------
    files : dict
        From :func:`expected_files`.
    reads : dict of str to int
        Read pairs of each library, summed over its runs.
    chromosomes : dict of str to int
        Chromosomes in use and their lengths in bp, in order.
    bin_size : int
        bp.
    filtered : bool
        Whether pairs were selected by MAPQ before they were binned.
    needs : sequence of str
        Required columns of the pairs.

    Returns
    -------
    dict
        library -> read_pairs, unique_pairs, selected_pairs.

    Raises
    ------
    RuntimeError
        If a check fails, with all failures.
    """
    counts, failures = {}, []
    for library, paths in files["libraries"].items():
        missing = [path for path in paths.values() if not _has_content(path)]
        if missing:
            failures.append(f"library {library}: {', '.join(missing)} missing or empty")
            continue
        counts[library], problems = _verify_library(paths, reads[library], chromosomes, bin_size, filtered, needs)
        failures += [f"library {library}: {problem}" for problem in problems]
    if not _has_content(files["map"]):
        failures.append(f"{files['map']} missing or empty")
    elif len(counts) == len(files["libraries"]):
        selected = sum(row["selected_pairs"] for row in counts.values())
        failures += _verify_map(files["map"], selected, chromosomes, bin_size)
    if failures:
        raise RuntimeError(
            "the output of distiller-nf is incomplete or inconsistent:\n" + "\n".join(f"  {line}" for line in failures)
        )
    return counts


def _has_content(path):
    return os.path.isfile(path) and os.path.getsize(path) > 0


def _verify_library(paths, reads, chromosomes, bin_size, filtered, needs):
    from akitaflow.files import BGZIP_END
    from akitaflow.mapping.pairs import read_header
    from akitaflow.mapping.statistics import count_problems, library_row, read_stats

    problems = []
    try:
        row = library_row(read_stats(paths["stats"]))
    except (KeyError, ValueError) as error:
        return {"selected_pairs": 0}, [f"{paths['stats']} lacks counts ({error})"]
    problems += [f"{paths['stats']}: {problem}" for problem in count_problems(row, reads)]
    with open(paths["pairs"], "rb") as file:
        file.seek(-min(len(BGZIP_END), os.path.getsize(paths["pairs"])), os.SEEK_END)
        if file.read() != BGZIP_END:
            problems.append(f"{paths['pairs']} is cut short")
            return {**row, "selected_pairs": 0}, problems
    header = read_header(paths["pairs"])
    missing = [name for name in needs if name not in header.columns]
    if missing:
        problems.append(f"{paths['pairs']} has no column {', '.join(missing)}")
    if header.sizes != dict(chromosomes):
        problems.append(f"{paths['pairs']} has other chromosomes than the genome")
    selected, bin_problems = _contacts(paths["cool"], chromosomes, bin_size)
    problems += bin_problems
    if selected > row["unique_pairs"] or (not filtered and selected != row["unique_pairs"]):
        problems.append(f"{selected} contacts in {paths['cool']}, of {row['unique_pairs']} unique pairs")
    counts = {name: row[name] for name in ("read_pairs", "unique_pairs")}
    return {**counts, "selected_pairs": selected}, problems


def _verify_map(path, selected, chromosomes, bin_size):
    import cooler

    from akitaflow.mapping.coolers import WEIGHT

    uri = f"{path}::resolutions/{bin_size}"
    total, problems = _contacts(uri, chromosomes, bin_size)
    if total != selected:
        problems.append(f"{total} contacts in {path}, {selected} in those of its libraries")
    if not problems and WEIGHT not in cooler.Cooler(uri).bins().columns:
        problems.append(f"{path} is not balanced")
    return problems


def _contacts(uri, chromosomes, bin_size):
    """Sum of the contacts of a cooler, and a list of problems with its bins."""
    import cooler

    try:
        clr = cooler.Cooler(uri)
        sizes = {str(name): int(size) for name, size in clr.chromsizes.items()}
        total = int(clr.info["sum"])
    except (OSError, KeyError) as error:
        return 0, [f"{uri} cannot be read ({error})"]
    if clr.binsize != bin_size or list(sizes.items()) != list(dict(chromosomes).items()):
        return total, [f"{uri} has other bins or chromosomes than the study"]
    return total, []


def finish(folder, files, counts, digest):
    """Write the report of a complete run to its folder.

    Parameters
    ----------
    folder : str
        Folder of the run.
    files : dict
        From :func:`expected_files`.
    counts : dict
        From :func:`verify`.
    digest : str
        From :func:`akitaflow.mapping.distiller_project.identify`.

    Returns
    -------
    dict
        digest, counts, files, sizes (bytes, in the order of :func:`listed`).
    """
    report = {
        "digest": digest,
        "counts": counts,
        "files": files,
        "sizes": [os.path.getsize(path) for path in listed(files)],
    }
    write_json(report, f"{folder}/{FINISHED}")
    return report


def finished(folder, digest):
    """Report of :func:`finish` if the run has this digest and its files exist with unchanged sizes, else None."""
    try:
        with open(f"{folder}/{FINISHED}") as file:
            report = json.load(file)
    except (OSError, ValueError):
        return None
    unchanged = report["digest"] == digest and all(map(os.path.isfile, listed(report["files"])))
    return (
        report if unchanged and [os.path.getsize(path) for path in listed(report["files"])] == report["sizes"] else None
    )


def listed(files):
    """All paths of :func:`expected_files` as a list, in order."""
    return [path for paths in files["libraries"].values() for path in paths.values()] + [files["map"]]


def write_json(content, path):
    """Write JSON; the file gets its name only when complete."""
    write_text(path, json.dumps(content, indent=1) + "\n")


def tidy(folder, work, files):
    """Remove temporary files of a run, and other runs of the dataset.

    The temporary folder, chunks of reads, mapped chunks, duplicates and unmapped pairs are removed.

    Parameters
    ----------
    folder, work : str
        Folders of the run and of its temporary files. Other runs of the dataset are in the same folder as ``folder``.
    files : dict
        From :func:`expected_files`.
    """
    shutil.rmtree(work, ignore_errors=True)
    outputs = {os.path.realpath(path) for path in listed(files)}
    for name in sorted(os.listdir(folder)):
        path = f"{folder}/{name}"
        if name in OUTPUT_FOLDERS or name in (FINISHED, "pipeline_info", "nextflow.log"):
            continue
        if name == "pairs_library":
            for file_name in os.listdir(path):
                if os.path.realpath(f"{path}/{file_name}") not in outputs:
                    os.unlink(f"{path}/{file_name}")
        elif os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)
    parent = os.path.dirname(folder)
    for name in os.listdir(parent):
        other_run = f"{parent}/{name}"
        if os.path.isdir(other_run) and os.path.realpath(other_run) != os.path.realpath(folder):
            shutil.rmtree(other_run)


def link_or_copy(source, target):
    """Hard-link a file, or copy it if the file system does not allow links.

    The time of the file becomes the current one, because Snakemake compares times of inputs and outputs.

    Parameters
    ----------
    source, target : str
    """
    with whole(target) as temporary:
        try:
            os.link(source, temporary)
        except OSError:
            shutil.copyfile(source, temporary)
        os.utime(temporary)


def copy_map(path, target, bin_size):
    """Copy one resolution of an mcool, with its weights and their attributes, to a cooler.

    Parameters
    ----------
    path : str
        mcool.
    target : str
        Cooler to write; it gets its name only when complete.
    bin_size : int
        Resolution, bp.
    """
    import cooler

    with whole(target) as temporary:
        cooler.fileops.cp(f"{path}::resolutions/{bin_size}", str(temporary))
