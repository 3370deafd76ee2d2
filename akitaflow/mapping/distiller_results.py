"""What distiller-nf made: looked for and counted before it is believed, then handed on under the workflow's names.

distiller-nf and the programs in it lose data without an error in some cases (mates of unequal number, a step that was
stopped while a file was moved), and serve files that are there already. So every read that went in must be in the
statistics, and every pair of the statistics in the maps.
"""

import json
import os
import shutil

from akitaflow.files import whole, write_text

BLOCK_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")  # with which bgzip ends a file
FINISHED = "finished.json"
KEPT = ("coolers_library", "coolers_library_group", "stats_library_group")


def expected_files(folder, dataset, genome, libraries, name, bin_size):
    """Where distiller-nf puts what is handed on.

    Parameters
    ----------
    folder : str
        Of the run.
    dataset, genome : str
    libraries : iterable of str
    name : str
        Of the filter.
    bin_size : int
        bp; the smallest resolution, which is in the names.

    Returns
    -------
    dict
        ``libraries``: library -> pairs, stats, cool; ``map``: the mcool of the group.
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
    """Count everything that distiller-nf made against what went in.

    Parameters
    ----------
    files : dict
        From :func:`expected_files`.
    reads : dict of str to int
        Read pairs of each library, of all its runs.
    chromosomes : dict of str to int
        Lengths in bp, in order.
    bin_size : int
        bp.
    filtered : bool
        Whether pairs were selected before they were binned.
    needs : sequence of str
        Columns that the pairs must have.

    Returns
    -------
    dict
        library -> read_pairs, unique_pairs, selected_pairs.

    Raises
    ------
    RuntimeError
        With all that is wrong.
    """
    counts, wrong = {}, []
    for library, paths in files["libraries"].items():
        missing = [path for path in paths.values() if not _has_content(path)]
        if missing:
            wrong.append(f"library {library}: {', '.join(missing)} not made, or empty")
            continue
        counts[library], problems = _verify_library(paths, reads[library], chromosomes, bin_size, filtered, needs)
        wrong += [f"library {library}: {problem}" for problem in problems]
    if not _has_content(files["map"]):
        wrong.append(f"{files['map']} not made, or empty")
    elif len(counts) == len(files["libraries"]):
        selected = sum(row["selected_pairs"] for row in counts.values())
        wrong += _verify_map(files["map"], selected, chromosomes, bin_size)
    if wrong:
        raise RuntimeError("what distiller-nf made does not add up:\n" + "\n".join(f"  {line}" for line in wrong))
    return counts


def _has_content(path):
    return os.path.isfile(path) and os.path.getsize(path) > 0


def _verify_library(paths, reads, chromosomes, bin_size, filtered, needs):
    from akitaflow.mapping.pairs import read_header
    from akitaflow.mapping.statistics import library_row, read_stats

    problems = []
    try:
        row = library_row(read_stats(paths["stats"]))
    except (KeyError, ValueError) as error:
        return {"selected_pairs": 0}, [f"{paths['stats']} lacks counts ({error})"]
    if row["read_pairs"] != reads:
        problems.append(f"{row['read_pairs']} read pairs in {paths['stats']}, {reads} went in")
    parts = {
        "read_pairs": ("unmapped", "one_sided", "mapped"),
        "mapped": ("duplicates", "unique_pairs"),
        "unique_pairs": ("cis", "trans"),
    }
    for total, names in parts.items():
        if row[total] != sum(row[name] for name in names):
            problems.append(f"{paths['stats']}: {total} {row[total]} is not the sum of {', '.join(names)}")
    with open(paths["pairs"], "rb") as file:
        file.seek(-min(len(BLOCK_END), os.path.getsize(paths["pairs"])), os.SEEK_END)
        if file.read() != BLOCK_END:
            problems.append(f"{paths['pairs']} is cut short")
            return {**row, "selected_pairs": 0}, problems
    header = read_header(paths["pairs"])
    lacking = [name for name in needs if name not in header.columns]
    if lacking:
        problems.append(f"{paths['pairs']} has no column {', '.join(lacking)}")
    if header.sizes != dict(chromosomes):
        problems.append(f"{paths['pairs']} has other chromosomes than the genome")
    selected, found = _contacts(paths["cool"], chromosomes, bin_size)
    problems += found
    if selected > row["unique_pairs"] or (not filtered and selected != row["unique_pairs"]):
        problems.append(f"{selected} contacts in {paths['cool']}, of {row['unique_pairs']} unique pairs")
    kept = {name: row[name] for name in ("read_pairs", "unique_pairs")}
    return {**kept, "selected_pairs": selected}, problems


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
    """Sum of a cooler, and what is wrong with its bins."""
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
    """Note beside its files that a run is whole, and how large they are.

    Returns
    -------
    dict
        digest, counts, files.
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
    """The note of :func:`finish` if the files are still those, else None."""
    try:
        with open(f"{folder}/{FINISHED}") as file:
            report = json.load(file)
    except (OSError, ValueError):
        return None
    there = report["digest"] == digest and all(map(os.path.isfile, listed(report["files"])))
    return report if there and [os.path.getsize(path) for path in listed(report["files"])] == report["sizes"] else None


def listed(files):
    """All paths of :func:`expected_files`, in order."""
    return [path for paths in files["libraries"].values() for path in paths.values()] + [files["map"]]


def write_json(content, path):
    """Write JSON; it appears under its name only when whole."""
    write_text(path, json.dumps(content, indent=1) + "\n")


def tidy(folder, work, files):
    """Remove what only a run in progress needs, and other runs of the dataset.

    The temporary folder, parts of reads and what was mapped of them, duplicates and pairs without two places go.

    Parameters
    ----------
    folder, work : str
        Of the run; other runs lie beside the first.
    files : dict
        From :func:`expected_files`.
    """
    shutil.rmtree(work, ignore_errors=True)
    kept = {os.path.realpath(path) for path in listed(files)}
    for name in sorted(os.listdir(folder)):
        path = f"{folder}/{name}"
        if name in KEPT or name in (FINISHED, "pipeline_info", "nextflow.log"):
            continue
        if name == "pairs_library":
            for inner in os.listdir(path):
                if os.path.realpath(f"{path}/{inner}") not in kept:
                    os.unlink(f"{path}/{inner}")
        elif os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)
    parent = os.path.dirname(folder)
    for name in os.listdir(parent):
        other = f"{parent}/{name}"
        if os.path.isdir(other) and os.path.realpath(other) != os.path.realpath(folder):
            shutil.rmtree(other)


def hand_on(source, target):
    """Give a file a second name, or copy it where file systems have no such links.

    The time is that of the handing on, since the rules order files by time.
    """
    with whole(target) as part:
        try:
            os.link(source, part)
        except OSError:
            shutil.copyfile(source, part)
        os.utime(part)


def hand_on_map(path, target, bin_size):
    """The level of an mcool as a cooler of its own, with its weights and how they were made."""
    import cooler

    with whole(target) as part:
        cooler.fileops.cp(f"{path}::resolutions/{bin_size}", str(part))
