"""A search whose trainings take no time, for the tests and for the processes that they start."""

import numpy as np

from akitaflow.study.schema import fill, load_schema
from akitaflow.training import search

SPACE = fill({}, load_schema("config")["properties"]["search"])["space"]
DRAWN = search.distributions(SPACE, "sgd")


def loss_of(values):
    """A made-up loss whose lowest value is at the published numbers."""
    off = np.log(values["learning_rate"] / 0.0065) ** 2 + (values["dropout"] - 0.4) ** 2
    return 0.1 + 0.05 * off + 0.001 * abs(values["filters"] - 96) / 16


def quick(values, folder, on_epoch, epochs=3):
    """A training that falls to its loss in some epochs."""
    losses = [loss_of(values) * (1 + 1 / epoch) for epoch in range(1, epochs + 1)]
    for epoch, loss in enumerate(losses, start=1):
        on_epoch({"epoch": epoch, "valid_loss": loss, "seconds": 0.5})
    return min(losses)


class Searched:
    """A study in a file, and work on it as the script does it."""

    def __init__(self, folder, name="main-1", **opened):
        self.path, self.folder, self.startup = folder / "main.journal", folder / "checkpoint", 3
        self.study = search.open_study(self.path, name, self.startup, **opened)

    def work(self, train=quick, drawn=DRAWN, worker=1, **numbers):
        folder, numbers = self.folder / str(worker), {"worker": worker, "startup_trials": self.startup, **numbers}
        return search.work(self.study, self.path, drawn, train, folder, **numbers)

    def table(self, drawn=DRAWN):
        return search.table(self.study, drawn)
