"""Snakemake without its start: a process that has imported it forks for every run that is asked for.

Imports are more than half of what a run without jobs takes, and the tests start Snakemake a hundred times. Each run is
a process of its own with its own folder, variables and output, as one that a shell starts.
"""

import atexit
import json
import os
import subprocess
import sys


def serve():
    """For every line of stdin, a run as JSON, write a line with its exit status."""
    sys.path.pop(0)  # the folder of this file
    import jsonschema  # noqa: F401  what the Snakefile imports, except the library: a test may run an edited copy
    import pandas  # noqa: F401
    from snakemake import cli

    cli.get_argument_parser()  # imports the plugins
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run(cli.main, **json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def run(main, arguments, folder, variables, output):
    """Run Snakemake in this process, which it ends."""
    streams = os.open(os.devnull, os.O_RDONLY), os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for target, stream in enumerate((streams[0], streams[1], streams[1])):
        os.dup2(stream, target)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["snakemake", *arguments]
    main()


class Server:
    """The process: started with the first run, ended with the process that started it."""

    process = None

    def run(self, arguments, folder, variables, output):
        """Run Snakemake with arguments in a folder, its output going to a file; returns the exit status."""
        if self.process is None:
            command = [sys.executable, __file__]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            atexit.register(self.close)
        request = {"arguments": arguments, "folder": str(folder), "variables": variables, "output": str(output)}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


SERVER = Server()

if __name__ == "__main__":
    serve()
