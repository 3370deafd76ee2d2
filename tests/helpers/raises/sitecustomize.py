"""Lets SIGUSR1 raise an exception, as a fault in the code of a job does. Python imports this module at its start."""

import signal


def fail(*_):
    raise RuntimeError("raised by a test")


signal.signal(signal.SIGUSR1, fail)
