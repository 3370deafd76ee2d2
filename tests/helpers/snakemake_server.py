"""Snakemake without its start: a process that has imported it forks for every run that is asked for.

Imports are more than half of what a run without jobs takes, and the tests start Snakemake a hundred times. Each run is
a process of its own with its own folder, variables and output, as one that a shell starts. The scripts of its jobs, and
the programs pairtools and cooler, are run by processes of `script_server.py`.
"""

import atexit
import gc
import hashlib
import json
import os
import pickle
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import script_server

HELPERS = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = ("pairtools", "cooler")  # written in Python; their imports take a second


def client_of(address):
    """Command that takes the place of Python for a script, with the socket of the server of scripts."""
    return [sys.executable, "-I", "-S", script_server.CLIENT, address]


def serve(scripts):
    """For every line of stdin, a run as JSON, write a line with its exit status.

    ``scripts`` is the socket of the server of scripts.
    """
    sys.path.pop(0)  # the folder of this file
    import jsonschema  # noqa: F401  what the Snakefile imports, except the library: a test may run an edited copy
    import pandas  # noqa: F401
    import smart_open  # noqa: F401
    from snakemake import cli, workflow
    from snakemake.script import PythonScript

    client = shlex.join(client_of(scripts))
    PythonScript.execute_script = lambda self, fname, edit=False: self._execute_cmd(
        client + " {fname:q}", fname=fname, is_python_script=True
    )
    workflow.parse = remembered(workflow.parse, Path(scripts).with_name("parsed"))
    cli.get_argument_parser()  # imports the plugins
    gc.freeze()  # pages stay shared with the processes that are forked
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run(cli.main, **json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def remembered(parse, folder):
    """Snakemake's function that translates a file of rules to Python, which translates a file once."""

    def translated(snakefile, workflow, linemap, rulecount=0):
        path = Path(snakefile.get_path_or_uri(secret_free=True))
        key = hashlib.sha256(f"{path} {rulecount} ".encode() + path.read_bytes()).hexdigest()
        stored = folder / key
        if not stored.exists():
            code, count = parse(snakefile, workflow, linemap, rulecount=rulecount)
            stored.with_suffix(f".{os.getpid()}").write_bytes(pickle.dumps((code, count, linemap)))
            stored.with_suffix(f".{os.getpid()}").rename(stored)
        code, count, lines = pickle.loads(stored.read_bytes())
        linemap.update(lines)
        return code, count

    return translated


def run(main, arguments, folder, variables, output):
    """Run Snakemake in this process, which it ends."""
    streams = os.open(os.devnull, os.O_RDONLY), os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for target, stream in enumerate((streams[0], streams[1], streams[1])):
        os.dup2(stream, target)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["snakemake", *arguments]
    status = 0
    try:
        main()
    except SystemExit as end:
        status = end.code or 0
    script_server.leave(status)


class Server:
    """The two processes: started with the first run, ended with the process that started them."""

    process = None

    def python(self, script, *arguments, **options):
        """Start a Python script in a process that has imported the large libraries; returns its subprocess.Popen.

        The script may import the library and the helpers of the tests.
        """
        if self.process is None:
            self.start()
        paths = os.pathsep.join([os.path.dirname(os.path.dirname(HELPERS)), HELPERS])
        command = [*client_of(self.address), str(script), *map(str, arguments)]
        return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths}, text=True, **options)

    def run(self, arguments, folder, variables, output):
        """Run Snakemake with arguments in a folder, its output going to a file; returns the exit status."""
        if self.process is None:
            self.start()
        if shutil.which(PROGRAMS[0], path=variables["PATH"]) == self.program(PROGRAMS[0]):
            variables = {**variables, "PATH": f"{self.folder.name}:{variables['PATH']}"}
        request = {"arguments": arguments, "folder": str(folder), "variables": variables, "output": str(output)}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def program(self, name):
        """Path of a program of the tested environment."""
        return str(Path(sys.executable).with_name(name))

    def start(self):
        self.folder = tempfile.TemporaryDirectory()
        self.address = os.path.join(self.folder.name, "scripts")
        Path(self.folder.name, "parsed").mkdir()
        for name in PROGRAMS:
            command, wrapper = [*client_of(self.address), self.program(name)], Path(self.folder.name, name)
            wrapper.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
            wrapper.chmod(0o755)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.scripts = subprocess.Popen([sys.executable, script_server.__file__, self.address], **pipes)
        self.process = subprocess.Popen([sys.executable, __file__, self.address], **pipes)
        atexit.register(self.close)
        if self.scripts.stdout.readline() != "ready\n":
            raise RuntimeError("the server of scripts did not start")

    def close(self):
        for process in (self.process, self.scripts):
            process.stdin.close()
            process.wait()
            process.stdout.close()
        self.folder.cleanup()


SERVER = Server()

if __name__ == "__main__":
    serve(sys.argv[1])
