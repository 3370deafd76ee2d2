"""Runs of distiller-nf under Nextflow.

Processes and jobs that a killed run left are stopped before a run starts, and all steps of a run are stopped when it
ends.
"""

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

MARK = "AKITAFLOW_DISTILLER"  # environment variable of all local steps of a run, also of those whose parents ended
LINES = 40  # last lines of Nextflow's output in an error message


def environment(folder, version, cpus, megabytes):
    """Environment variables of Nextflow's process.

    Parameters
    ----------
    folder : str
        Folder of the run. It also holds its copy of distiller-nf, because several runs must not download to one folder.
    version : str
        Version of Nextflow, for launchers that support several.
    cpus, megabytes : int
        Resources of a local run.

    Returns
    -------
    dict of str to str
    """
    # options of the SLURM job that runs Nextflow must not become options of the jobs that it submits
    variables = {
        name: value
        for name, value in os.environ.items()
        if name == "SLURM_CONF" or not name.startswith(("SLURM_", "SBATCH_"))
    }
    return variables | {
        MARK: folder,
        "NXF_VER": version,
        "NXF_ASSETS": f"{folder}/assets",
        "NXF_ANSI_LOG": "false",
        "DISTILLER_CPUS": str(cpus),
        "DISTILLER_MB": str(megabytes),
    }


def make_links(linked):
    """Create links to the reads in an empty folder; a folder that exists is removed first.

    Parameters
    ----------
    linked : dict of str to str
        Link -> file, of :func:`akitaflow.mapping.distiller_project.links`.

    Raises
    ------
    InputError
        If a file does not exist.
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
    """Ids of the processes on this machine that an earlier run in this folder left.

    Parameters
    ----------
    folder : str
        Folder of the run.

    Returns
    -------
    list of int
    """
    mark = f"{MARK}={folder}".encode()
    processes = []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else []:
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                variables = file.read().split(b"\0")
            with open(f"/proc/{name}/stat") as file:
                state = file.read().rpartition(")")[2].split()[0]
        except OSError:  # the process has ended or belongs to another user
            continue
        if mark in variables and state != "Z":
            processes.append(int(name))
    return processes


def stop_local(folder, patience=10.0):
    """Stop :func:`local_leftovers` with SIGTERM, then with SIGKILL.

    Parameters
    ----------
    folder : str
        Folder of the run.
    patience : float
        Seconds between the two signals.

    Returns
    -------
    int
        Number of processes that were stopped.

    Raises
    ------
    RuntimeError
        If a process does not end.
    """
    leftovers = local_leftovers(folder)
    for number, wait in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
        end = time.monotonic() + wait
        for process in local_leftovers(folder):
            _kill(process, number)
        while local_leftovers(folder) and time.monotonic() < end:
            time.sleep(0.1)
    left = local_leftovers(folder)
    if left:
        raise RuntimeError(f"processes {left} of an earlier run in {folder} do not end: stop them, then run again")
    return len(leftovers)


def _kill(process, number):
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass


def slurm_leftovers(work):
    """Ids of the user's SLURM jobs that an earlier run left: those with a working directory below a folder.

    Parameters
    ----------
    work : str
        Folder of Nextflow's temporary files, in which each step has its working directory.

    Returns
    -------
    list of str

    Raises
    ------
    RuntimeError
        If squeue fails.
    """
    listed = subprocess.run(
        ["squeue", "--noheader", "--user", getpass.getuser(), "--format", "%i %Z"],
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        raise RuntimeError(f"squeue failed, so jobs of an earlier run may still write: {listed.stderr.strip()}")
    rows = [line.split(maxsplit=1) for line in listed.stdout.splitlines()]
    root = os.path.realpath(work)
    return [row[0] for row in rows if len(row) == 2 and f"{os.path.realpath(row[1].strip())}/".startswith(f"{root}/")]


def stop_slurm(work, patience=120.0):
    """Cancel :func:`slurm_leftovers` and wait until they have ended.

    Parameters
    ----------
    work : str
        Folder of Nextflow's temporary files.
    patience : float
        Seconds to wait.

    Returns
    -------
    int
        Number of jobs that were cancelled.

    Raises
    ------
    RuntimeError
        If a job does not end.
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
    """Stop processes and jobs that an earlier run left, because they would write to the same files.

    Parameters
    ----------
    folder, work : str
        Folders of the run and of Nextflow's temporary files.
    slurm : bool
        Whether the steps are SLURM jobs.

    Returns
    -------
    int
        Number of processes and jobs that were stopped.
    """
    return stop_local(folder) + (stop_slurm(work) if slurm else 0)


@contextmanager
def _ending_on_signals():
    """Turn signals to end into an exception, so that started processes can be stopped."""

    def end(number, frame):
        raise SystemExit(128 + number)

    handlers = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def run(command, folder, work, variables, slurm=False):
    """Run Nextflow in a folder and print its output.

    Parameters
    ----------
    command : list of str
        See :func:`akitaflow.mapping.distiller_project.command`.
    folder : str
        Working directory, in which Nextflow keeps its cache.
    work : str
        Folder of temporary files, with a folder for each step.
    variables : dict of str to str
        See :func:`environment`.
    slurm : bool
        Whether the steps are SLURM jobs.

    Raises
    ------
    RuntimeError
        If it fails, with the last lines of its output.
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
            process.terminate()  # Nextflow stops its steps and closes its cache
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
