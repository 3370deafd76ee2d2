"""A run of distiller-nf under Nextflow: leftovers of a killed one are stopped first, and its own end ends its steps."""

import getpass
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from contextlib import contextmanager

from akitaflow.errors import InputError

MARK = "AKITAFLOW_DISTILLER"  # variable by which local steps of a run are known, whatever became of their parents
LINES = 40  # of Nextflow's output in an error


def environment(folder, version, cpus, megabytes):
    """Variables of Nextflow's process.

    Parameters
    ----------
    folder : str
        Folder of the run, where its copy of distiller-nf lies too: a shared one would be fetched by several at once.
    version : str
        Of Nextflow, for launchers that can choose.
    cpus, megabytes : int
        What a local run may use.

    Returns
    -------
    dict of str to str
    """
    # what a surrounding job of SLURM has must not become options of the jobs that are submitted in it
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "SLURM_CONF" or not name.startswith(("SLURM_", "SBATCH_"))
    }
    return kept | {
        MARK: folder,
        "NXF_VER": version,
        "NXF_ASSETS": f"{folder}/assets",
        "NXF_ANSI_LOG": "false",
        "DISTILLER_CPUS": str(cpus),
        "DISTILLER_MB": str(megabytes),
    }


def make_links(linked):
    """Links to the reads; what is there under their names is replaced, other links of the folder are removed.

    Raises
    ------
    InputError
        If a file is not there.
    """
    for path in linked.values():
        if not os.path.isfile(path):
            raise InputError(f"{path}: no such file; put the reads there or correct the table of runs")
    for folder in {os.path.dirname(link) for link in linked}:
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
    for link, path in linked.items():
        os.symlink(path, link)


def local_leftovers(folder):
    """Process ids of what an earlier run in this folder left running on this machine."""
    mark = f"{MARK}={folder}".encode()
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else []:
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                variables = file.read().split(b"\0")
            with open(f"/proc/{name}/stat") as file:
                state = file.read().rpartition(")")[2].split()[0]
        except OSError:  # gone, or someone else's
            continue
        if mark in variables and state != "Z":
            found.append(int(name))
    return found


def stop_local(folder, patience=10.0):
    """Stop :func:`local_leftovers`, at first politely.

    Returns
    -------
    int
        How many there were.
    """
    first = local_leftovers(folder)
    for number, wait in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
        end = time.monotonic() + wait
        for process in local_leftovers(folder):
            _kill(process, number)
        while local_leftovers(folder) and time.monotonic() < end:
            time.sleep(0.1)
    left = local_leftovers(folder)
    if left:
        raise RuntimeError(f"processes {left} of an earlier run in {folder} do not end: stop them, then run again")
    return len(first)


def _kill(process, number):
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass


def slurm_leftovers(work):
    """Ids of one's jobs in SLURM that work below a folder: Nextflow starts each step in a folder of its own there."""
    listed = subprocess.run(
        ["squeue", "--noheader", "--user", getpass.getuser(), "--format", "%i %Z"],
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        raise RuntimeError(f"squeue failed, so jobs of an earlier run may still write: {listed.stderr.strip()}")
    rows = [line.split(maxsplit=1) for line in listed.stdout.splitlines()]
    top = os.path.realpath(work)
    return [row[0] for row in rows if len(row) == 2 and f"{os.path.realpath(row[1].strip())}/".startswith(f"{top}/")]


def stop_slurm(work, patience=120.0):
    """Cancel :func:`slurm_leftovers` and wait until they are gone.

    Returns
    -------
    int
        How many there were.
    """
    jobs = slurm_leftovers(work)
    if jobs:
        subprocess.run(["scancel", *jobs], check=True)
    end = time.monotonic() + patience
    while left := slurm_leftovers(work) if jobs else []:
        if time.monotonic() > end:
            raise RuntimeError(
                f"jobs {', '.join(left)} of an earlier run in {work} do not end: cancel them, then run again"
            )
        time.sleep(1)
    return len(jobs)


def stop_leftovers(folder, work, slurm):
    """Stop what an earlier run left running: it would write into the same files.

    Returns
    -------
    int
        Processes and jobs that were stopped.
    """
    return stop_local(folder) + (stop_slurm(work) if slurm else 0)


@contextmanager
def _ending_on_signals():
    """A request to end becomes an exception, so that what was started is ended first."""

    def end(number, frame):
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(command, folder, work, variables, slurm=False):
    """Run Nextflow in a folder until it ends; its lines are passed on as they come.

    Parameters
    ----------
    command : list of str
        See :func:`akitaflow.mapping.distiller_project.command`.
    folder : str
        Where it starts, and keeps its cache.
    work : str
        Folder of its steps.
    variables : dict of str to str
        See :func:`environment`.
    slurm : bool
        Whether its steps are jobs of SLURM.

    Raises
    ------
    RuntimeError
        If it fails; the message has its last lines.
    """
    os.makedirs(folder, exist_ok=True)
    os.makedirs(work, exist_ok=True)
    stopped = stop_leftovers(folder, work, slurm)
    if stopped:
        print(f"stopped {stopped} processes or jobs that an earlier run left", flush=True)
    print(" ".join(command), flush=True)
    last = deque(maxlen=LINES)
    with _ending_on_signals():
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            for line in process.stdout:
                sys.stdout.write(line)
                sys.stdout.flush()
                last.append(line)
            status = process.wait()
        except BaseException:
            process.terminate()  # Nextflow ends its steps and closes its cache
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            stop_leftovers(folder, work, slurm)
            raise
    if status:
        stop_leftovers(folder, work, slurm)
        raise RuntimeError(f"distiller-nf failed (status {status}) in {folder}; the last lines:\n" + "".join(last))
