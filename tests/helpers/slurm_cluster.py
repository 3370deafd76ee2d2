"""A SLURM of two nodes on one machine, for tests/slurm: `make test-slurm`.

Started as a program, this module installs SLURM, starts it, runs tests/slurm, and removes all of it again. It writes
to /etc/slurm and starts daemons as root, and therefore refuses to run where SLURM or /etc/slurm exists.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from places import ROOT

CONFIG = Path("/etc/slurm")
FOLDER_VARIABLE = "AKITAFLOW_TEST_SLURM"  # set for the tests: folder of the cluster that runs
PROGRAMS = ("sinfo", "squeue", "sbatch", "slurmctld", "slurmd")
PACKAGES = ("slurm-wlm", "munge")  # of Debian and Ubuntu
JOBSTEP = "snakemake-executor-plugin-slurm-jobstep==0.6.1"  # newest when it was tested; conda chooses it by itself
NODES = ("node1", "node2")  # node2 has two GPUs
UP = ("idle", "mixed", "allocated")  # states of a node that works

SLURM_CONF = """
ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmUser=slurm
AuthType=auth/munge
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=2
JobAcctGatherParams=OverMemoryKill
SwitchType=switch/none
PropagatePrioProcess=1
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2
SlurmdParameters=config_overrides
MinJobAge=7200
SlurmdTimeout=15
KillWait=2
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SlurmctldPort=26817
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
NodeName=node1 NodeHostname=localhost NodeAddr=127.0.0.1 Port=27001 CPUs=16 RealMemory=64000 State=UNKNOWN
NodeName=node2 NodeHostname=localhost NodeAddr=127.0.0.1 Port=27002 CPUs=16 RealMemory=64000 Gres=gpu:2 State=UNKNOWN
PartitionName=cpu Nodes=node1,node2 Default=YES MaxTime=INFINITE State=UP
PartitionName=gpu Nodes=node2 MaxTime=INFINITE State=UP
"""
GRES_CONF = "NodeName=node2 Name=gpu File={folder}/nvidia[0-1] Flags=nvidia_gpu_env\n"


def refusal():
    """Why a SLURM must not be installed on this machine, or None if it may be.

    Returns
    -------
    str or None
    """
    if CONFIG.exists():
        return f"{CONFIG} exists: this machine belongs to a cluster"
    found = [program for program in PROGRAMS if shutil.which(program)]
    if found:
        return f"{found[0]} is on the PATH: SLURM is installed"
    if os.geteuid() != 0:
        return "only root can install packages and start slurmd"
    if not shutil.which("apt-get"):
        return "it installs packages with apt-get, which is missing"
    return None


def plugin_version():
    """Version of the executor plugin that envs/controller.yaml installs."""
    pins = yaml.safe_load((ROOT / "envs" / "controller.yaml").read_text())["dependencies"]
    return next(pin.partition("=")[2] for pin in pins if pin.startswith("snakemake-executor-plugin-slurm="))


def installed_packages():
    """Names of the Debian packages that are installed."""
    query = ["dpkg-query", "--show", "--showformat", "${db:Status-Abbrev} ${Package}\n"]
    lines = subprocess.run(query, check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[1] for line in lines if line.startswith("ii")}


def apt(*arguments):
    call = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq", "-y", *arguments]
    subprocess.run(call, check=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, stdout=subprocess.DEVNULL)


class Cluster:
    """The two nodes, their controller and munged, in a folder of their own.

    Parameters
    ----------
    folder : Path
        For state, logs, pid files and the plugin of Snakemake.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.plugin = self.folder / "plugin"  # on the PYTHONPATH of the tests

    def install_plugin(self):
        """Install the executor plugin next to the tested packages, without its requirements.

        It requires a newer numpy than pairtools and cooltools allow, but only for reports of efficiency.
        """
        call = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps"]
        packages = [f"snakemake-executor-plugin-slurm=={plugin_version()}", JOBSTEP]
        subprocess.run([*call, "--target", self.plugin, *packages], check=True)

    def start(self):
        """Write the configuration, start all daemons, and wait until both nodes are idle."""
        for name in ("state", *(f"spool-{node}" for node in NODES)):
            (self.folder / name).mkdir()
        self.folder.chmod(0o755)
        for path in (self.folder, self.folder / "state"):
            shutil.chown(path, "slurm")
        for number in (0, 1):
            os.mknod(self.folder / f"nvidia{number}", 0o20666, os.makedev(1, 3))
        CONFIG.mkdir(exist_ok=True)
        (CONFIG / "slurm.conf").write_text(SLURM_CONF.format(folder=self.folder))
        (CONFIG / "gres.conf").write_text(GRES_CONF.format(folder=self.folder))
        subprocess.run(["install", "-d", "-o", "munge", "-g", "munge", "-m", "755", "/run/munge"], check=True)
        if subprocess.run(["munge", "-n"], capture_output=True).returncode != 0:
            subprocess.run(["runuser", "-u", "munge", "--", "munged"], check=True)
        subprocess.run(["slurmctld"], check=True)
        for node in NODES:
            self.start_node(node)

    def start_node(self, node):
        """Start a node and wait until it takes jobs."""
        subprocess.run(["slurmd", "-N", node], check=True)
        end = time.monotonic() + 90
        while self.state(node) not in UP:
            if time.monotonic() > end:
                raise TimeoutError(f"{node} is {self.state(node)}; see {self.folder}/slurmd-{node}.log")
            time.sleep(0.5)

    def state(self, node):
        """State of a node as sinfo says it, without the flags that follow it."""
        call = ["sinfo", "--noheader", "--Node", "--nodes", node, "--partition", "cpu", "--format", "%T"]
        return subprocess.run(call, capture_output=True, text=True).stdout.strip().rstrip("*~#!%$@^-")

    def lose(self, node):
        """Kill a node's daemon and all processes of its jobs at once, as a loss of power does."""
        kill_tree(int((self.folder / f"slurmd-{node}.pid").read_text()))
        for process in processes("slurmstepd"):  # slurmd has left them
            if node in Path(f"/proc/{process}/environ").read_bytes().decode(errors="replace") or self.serves(
                process, node
            ):
                kill_tree(process)

    def serves(self, process, node):
        """Whether a slurmstepd writes to the log of a node."""
        log = str(self.folder / f"slurmd-{node}.log")
        files = Path(f"/proc/{process}/fd")
        return any(os.path.realpath(file) == log for file in files.iterdir()) if files.is_dir() else False

    def stop(self):
        """End all jobs and daemons, and remove /etc/slurm."""
        if shutil.which("scancel"):
            subprocess.run(["scancel", "--user", "root"], capture_output=True)
            time.sleep(3)
        for name in ("slurmctld", *(f"slurmd-{node}" for node in NODES)):
            end_process(self.folder / f"{name}.pid")
        end_process(Path("/run/munge/munged.pid"))
        shutil.rmtree(CONFIG, ignore_errors=True)


def processes(name):
    """Ids of the processes of a program of this name."""
    found = []
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text().strip() == name:
                found.append(int(path.parent.name))
        except OSError:
            pass  # ended in the meantime
    return found


def kill_tree(pid):
    """SIGKILL to a process and all its descendants; those first stopped cannot start others."""
    import psutil

    try:
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in tree:
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            pass


def end_process(pid_file):
    """Ask the process of a pid file to end, and kill it after ten seconds."""
    try:
        pid = int(pid_file.read_text())
    except (OSError, ValueError):
        return
    for number, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        end = time.monotonic() + seconds
        while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
            time.sleep(0.2)


def main(arguments):
    """Install, test and remove; arguments are passed to pytest.

    Parameters
    ----------
    arguments : list of str

    Returns
    -------
    int
        Exit status: that of pytest, or 2 if the machine is refused.
    """
    reason = refusal()
    if reason:
        print(f"make test-slurm: {reason}. Run it on a machine of its own, as root.", file=sys.stderr)
        return 2
    before = installed_packages()
    cluster = Cluster(tempfile.mkdtemp(prefix="akitaflow-slurm."))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what follows is cleaned up
    try:
        apt("update")
        apt("install", "--no-install-recommends", *PACKAGES)
        cluster.install_plugin()
        cluster.start()
        variables = {**os.environ, FOLDER_VARIABLE: str(cluster.folder)}
        return subprocess.run([sys.executable, "-m", "pytest", "tests/slurm", *arguments], env=variables).returncode
    finally:
        cluster.stop()
        added = sorted(installed_packages() - before)
        if added:
            apt("purge", *added)
        shutil.rmtree(cluster.folder, ignore_errors=True)
        shutil.rmtree(CONFIG, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
