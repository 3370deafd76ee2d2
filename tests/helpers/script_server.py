"""Python without its start: a process that has imported the large libraries forks for every script of a job.

Importing TensorFlow takes seconds, compiling a function of cooltools too, and the workflow tests run hundreds of jobs.
Each script still is a process of its own, with the folder, variables, output and exit status that it has under
Snakemake.

A client (`script_client.py`) takes the place of the Python that Snakemake starts. It sends the script's path, folder
and variables and its output streams through a socket, and ends with the exit status of the process that ran the
script. If the client is killed, that process is killed.
"""

import atexit
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import threading
import traceback

CLIENT = os.path.join(os.path.dirname(__file__), "script_client.py")


def serve(path):
    """Listen on a Unix socket until standard input closes; returns in each forked process with its request."""
    import bioframe  # noqa: F401
    import cooler.cli  # noqa: F401
    import cooltools  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import numpy as np
    import pairtools.cli  # noqa: F401
    import pandas  # noqa: F401
    import pysam  # noqa: F401
    import scipy.stats  # noqa: F401
    import snakemake.logging  # noqa: F401
    import tensorflow  # noqa: F401
    from cooltools.lib.numutils import observed_over_expected

    observed_over_expected(np.ones((16, 16)), np.ones((16, 16), bool))  # compiles it
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    selector = selectors.DefaultSelector()
    for source in (listener, ended, sys.stdin):
        selector.register(source, selectors.EVENT_READ)
    clients = {}  # process -> connection
    gc.freeze()  # pages stay shared with the processes that are forked
    print("ready", flush=True)
    while True:
        for key, _ in selector.select():
            if key.fileobj is sys.stdin:
                for process in clients:
                    os.kill(process, signal.SIGKILL)
                sys.exit()
            elif key.fileobj is listener:
                connection, _ = listener.accept()
                request, streams = receive(connection)
                process = os.fork()
                if process == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    selector.close()
                    for other in (listener, connection, *clients.values()):
                        other.close()
                    for other in (ended, wake):
                        os.close(other)
                    return request, streams
                for stream in streams:
                    os.close(stream)
                clients[process] = connection
                selector.register(connection, selectors.EVENT_READ, process)
            elif key.fileobj == ended:
                os.read(ended, 4096)
                for process in list(clients):
                    done, status = os.waitpid(process, os.WNOHANG)
                    if done:
                        connection = clients.pop(process)
                        selector.unregister(connection)
                        try:
                            connection.send(b"%d" % os.waitstatus_to_exitcode(status))
                        except OSError:  # the client was killed
                            pass
                        connection.close()
            elif key.data in clients:  # the client ended before its script
                os.kill(key.data, signal.SIGKILL)


def receive(connection):
    """Request and streams of a client."""
    message, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    length, _, text = message.partition(b"\n")
    while len(text) < int(length):
        text += connection.recv(1 << 20)
    return json.loads(text), streams


def run(request, streams):
    """Run a script in this process as `python script` would, and end it."""
    for target, stream in enumerate(streams):
        os.dup2(stream, target)
        os.close(stream)
    os.chdir(request["folder"])
    os.umask(request["umask"])
    os.environ.clear()
    os.environ.update(request["variables"])
    script = request["script"]
    sys.argv = [script, *request["arguments"]]
    added = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:1] = [os.path.dirname(os.path.abspath(script)), *added]
    status = 0
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if end.code is not None and not isinstance(end.code, int):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        status = 1
    leave(status)


def leave(status):
    """End this process as Python does, but do not take its modules apart: with TensorFlow that takes a second."""
    threading._shutdown()  # waits for threads
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    run(*serve(sys.argv[1]))
