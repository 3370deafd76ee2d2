"""Snakemake on the head node of tests/slurm, as a process that a test can kill, and the jobs that it submits."""

import os
import re
import signal
import subprocess
import sys
import time

WAIT = 3600  # seconds, for jobs on a busy machine
FIELDS = {  # of squeue
    "id": "%i",
    "state": "%T",
    "partition": "%P",
    "cpus": "%C",
    "memory": "%m",
    "limit": "%l",
    "node": "%N",
    "comment": "%k",
}


def squeue(*options):
    """Jobs that SLURM knows, one dict of :data:`FIELDS` for each; those that ended within MinJobAge included."""
    call = ["squeue", "--noheader", "--states", "all", "--format", "|".join(FIELDS.values()), *options]
    lines = subprocess.run(call, check=True, capture_output=True, text=True).stdout.splitlines()
    return [dict(zip(FIELDS, line.split("|", len(FIELDS) - 1), strict=True)) for line in lines]


def job_details(job):
    """What SLURM says of a job: key -> value."""
    call = ["scontrol", "show", "job", "--oneliner", job]
    words = subprocess.run(call, check=True, capture_output=True, text=True).stdout.split()
    return dict(word.split("=", 1) for word in words if "=" in word)


def wait_for(condition, what, seconds=WAIT):
    """Wait until a function returns something true, and return that."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"{seconds} s passed without {what}"
        time.sleep(0.3)
    return value


class Run:
    """A run of Snakemake through profiles/slurm.

    Parameters
    ----------
    study : studies.Study
    cluster : slurm_cluster.Cluster
    arguments : str
        Options and targets.
    """

    started = []  # all runs of a test; a fixture stops them at its end

    def __init__(self, study, cluster, *arguments):
        Run.started.append(self)
        study.write()
        self.log = study.path(f"head.{time.monotonic_ns()}.log")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                self.command(study, *arguments),
                cwd=study.folder,
                env=self.variables(cluster),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @staticmethod
    def command(study, *arguments):
        """The command of docs/usage.md, with few jobs at a time and status checks without a long first wait."""
        profile = study.workflow / "profiles" / "slurm"
        return [
            *(sys.executable, "-m", "snakemake"),
            *("--snakefile", str(study.workflow / "Snakefile"), "--directory", str(study.folder)),
            *("--workflow-profile", str(profile), "--jobs", "4", "--slurm-init-seconds-before-status-checks", "2"),
            *arguments,
        ]

    @staticmethod
    def variables(cluster):
        """Environment of Snakemake, in which it finds the plugin."""
        return {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "PYTHONPATH": str(cluster.plugin),
        }

    @property
    def output(self):
        return self.log.read_text()

    @property
    def id(self):
        """The name of all jobs of this run."""
        return wait_for(lambda: re.search(r"SLURM run ID: (\S+)", self.output), "a run ID")[1]

    def jobs(self, rule=None, state=None):
        """Jobs of this run in SLURM, of a rule and in a state."""
        return [
            job
            for job in squeue("--name", self.id)
            if (rule is None or re.match(rf"rule_{rule}(_wildcards_|$)", job["comment"]))
            and (state is None or job["state"] == state)
        ]

    def running(self, rule):
        """Wait until a job of a rule runs; returns it."""

        def found():
            assert self.process.poll() is None, self.output[-6000:]
            return self.jobs(rule, "RUNNING")

        return wait_for(found, f"a running job of {rule}")[0]

    def submitted(self):
        """Numbers of all jobs that were submitted, in order."""
        return re.findall(r"has been submitted with SLURM jobid (\d+)", self.output)

    def finish(self):
        """Wait until Snakemake ends, which has to succeed; returns its output."""
        status = self.process.wait(WAIT)
        assert status == 0, self.output[-8000:]
        return self.output

    def stop(self):
        """End Snakemake and cancel its jobs, whatever state they are in."""
        if self.process.poll() is None:
            self.kill()
        if "SLURM run ID" in self.output:
            subprocess.run(["scancel", "--name", self.id], check=True)

    def kill(self):
        """SIGKILL to Snakemake, as a node that is rebooted does it: its jobs know nothing of that."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
