"""Faults in the middle of a job, for every rule of a finished study.

:func:`crash` removes the outputs of a job, makes them again with a fault in the middle, checks that no output is
incomplete under its final name, runs once more without a fault, and compares with the finished study.
"""

import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import psutil
from results import differences, same

RAISES = Path(__file__).parent / "raises"  # its sitecustomize.py lets SIGUSR1 raise an exception in Python
OUTPUTS = re.compile(r"^(?:local)?rule (\w+):\n((?:    .*\n)+)", re.M)


@dataclass
class Job:
    """A job of a dry run.

    Attributes
    ----------
    rule : str
    outputs : list of str
        Relative to the folder of the study.
    seconds : float
        Time that it took in the finished study.
    """

    rule: str
    outputs: list
    seconds: float


def jobs(study):
    """One job of every rule of a finished study that has outputs.

    Parameters
    ----------
    study : studies.Study
    """
    found = {}
    for rule, text in OUTPUTS.findall(study.make("--dry-run", "--forceall", "--notemp")):
        lines = dict(line.strip().partition(": ")[::2] for line in text.splitlines())
        if "output" in lines:
            times = study.path(lines["benchmark"])
            seconds = float(pd.read_csv(times, sep="\t")["s"].iloc[0])
            found.setdefault(rule, Job(rule, lines["output"].split(", "), seconds))
    return list(found.values())


FORKS = multiprocessing.get_context("forkserver")  # processes that have imported Snakemake already
FORKS.set_forkserver_preload(["jsonschema", "pandas", "snakemake.cli"])


def snakemake(arguments, folder, variables, output):
    """Run Snakemake in this process, its output going to a file."""
    from snakemake import cli

    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["snakemake", *arguments]
    cli.main()


class Running:
    """Snakemake in a process of its own, with the processes of its jobs below it.

    Parameters
    ----------
    study : studies.Study
    arguments : str
    """

    def __init__(self, study, *arguments):
        study.write()
        self.log = study.folder.with_name("output.txt")  # not on the study's disk, which may be full
        call = ["--snakefile", str(study.workflow / "Snakefile"), "--cores", "2", *arguments]
        self.forked = FORKS.Process(target=snakemake, args=(call, study.folder, dict(os.environ), self.log))
        self.forked.start()
        self.process = psutil.Process(self.forked.pid)

    def runs(self):
        return self.forked.is_alive()

    def workers(self):
        """Processes of jobs; empty after the end of Snakemake."""
        try:
            return self.process.children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def wait(self):
        """Exit status and output."""
        self.forked.join()
        return self.forked.exitcode, self.log.read_text()


def send(processes, number):
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            pass


def kill_run(running, study):
    """SIGKILL to Snakemake and its job at once."""
    send([running.process], signal.SIGSTOP)
    workers = running.workers()
    send([running.process, *workers, *running.workers()], signal.SIGKILL)


def kill_job(running, study):
    """SIGKILL to all processes of the job."""
    send(running.workers(), signal.SIGKILL)


def raise_in_job(running, study):
    """An exception in the Python processes of the job; others end by the signal."""
    send(running.workers(), signal.SIGUSR1)


def fill_disk(running, study):
    """A file that takes all space that is left on the study's disk."""
    with open(study.path("filler"), "wb", buffering=0) as file:
        size = 1 << 20
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2


FAULTS = {"run killed": kill_run, "job killed": kill_job, "exception": raise_in_job, "disk full": fill_disk}


def crash(study, finished, job, fault, seed, environment=os.environ):
    """Make a job's outputs with a fault in its middle, and then without; see the module.

    Parameters
    ----------
    study : studies.Study
        A copy of the finished study, which is the same again at the end.
    finished : studies.Study
    job : Job
    fault : str
        A key of :data:`FAULTS`.
    seed : int
        Of the moment: at a random time of the job, or up to 50 ms after it has begun to write.

    Returns
    -------
    status : int
        Exit status of the run with the fault; 0 if it came too late.
    output : str
        Output of this run.

    Raises
    ------
    AssertionError
        If an output was incomplete under its final name, or differs after the second run.
    """
    what, draw = f"{job.rule}, {fault}, seed {seed}", random.Random(f"{job.rule} {fault} {seed}")
    targets = ("--notemp", "--rerun-triggers", "mtime", "--", *job.outputs)
    study.remove(*job.outputs, "results/checkpoints")
    running = Running(study, *targets)
    wait_until(lambda: running.workers(), running)
    if draw.random() < 0.5:
        time.sleep(draw.uniform(0, job.seconds))
    else:
        wait_until(lambda: begun(study, job), running)
        time.sleep(draw.uniform(0, 0.05))
    if running.runs():
        if fault in ("job killed", "exception"):  # before Snakemake removes what the job has written
            send([running.process], signal.SIGSTOP)
        FAULTS[fault](running, study)
        if fault in ("job killed", "exception"):
            psutil.wait_procs(running.workers(), timeout=0.5)
            assert_whole(study, finished, job, what)
            send([running.process], signal.SIGCONT)
    status, output = running.wait()
    assert_whole(study, finished, job, what)
    study.remove("filler")

    locked, text = study.snakemake(*targets)
    if locked and "--unlock" in text:  # as Snakemake tells the user
        study.make("--unlock")
        study.make(*targets)
    assert not differences(finished.folder, study.folder, job.outputs), f"{what}: other results after the second run"
    left = [path for path in study.path("results").rglob("*") if re.match(r"\.part\.", path.name)]
    left += [path for path in study.path("results").rglob("*.part*") if not path.name.startswith(".part.")]
    left += study.path("results/tmp").glob("*")
    assert not left, f"{what}: left {', '.join(map(str, left))}"
    return status, output


def wait_until(condition, running):
    """Wait for a condition, at most until the run ends."""
    while running.runs() and not condition():
        time.sleep(0.002)


def begun(study, job):
    """Whether a file or a temporary file of the outputs exists."""
    folders = {study.path(path).parent for path in job.outputs}
    names = {Path(path).name for path in job.outputs}
    return any(
        any(name in entry.name for name in names) for folder in folders if folder.is_dir() for entry in folder.iterdir()
    )


def assert_whole(study, finished, job, what):
    """Every output is absent, or as in the finished study."""
    for path in job.outputs:
        one, other = finished.path(path), study.path(path)
        assert not other.exists() or same(one, other), f"{what}: {path} is incomplete"


class SmallDisk:
    """A file system in memory, mounted on a folder for the time of a ``with`` block; needs root.

    Parameters
    ----------
    folder : Path
        An empty folder.
    megabytes : int
    """

    def __init__(self, folder, megabytes):
        self.folder, self.megabytes = folder, megabytes

    @staticmethod
    def refusal():
        """Why it cannot be mounted, or None."""
        if os.geteuid() != 0 or not shutil.which("mount"):
            return "needs root and mount"
        return None

    def __enter__(self):
        size = f"size={self.megabytes}m"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", self.folder], check=True)
        return self.folder

    def __exit__(self, *_):
        subprocess.run(["umount", "--lazy", self.folder], check=True)
