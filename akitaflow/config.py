"""The study: config and tables, validated, with every default filled in.

Only light packages are imported here, because Snakemake reads the config in its own environment.
"""

import os
import re
from dataclasses import dataclass

import pandas as pd

from akitaflow import checks
from akitaflow.errors import InputError
from akitaflow.schema import fill, load_schema, read_text, validate
from akitaflow.tables import read_table

DERIVED = ("window_bins", "crop_bins", "map_bins", "n_values")  # of geometry, added by load
_ROOT = re.compile(r"^\{([^{}]*)\}")


@dataclass(frozen=True)
class Study:
    """A validated study; :func:`load` makes it.

    Attributes
    ----------
    config : dict
        The config with every default filled in. ``geometry`` also holds what follows from it:
        ``window_bins``, ``crop_bins``, ``map_bins`` and ``n_values``. ``simulation`` and ``truth`` are there
        only if the study has them.
    datasets : DataFrame
        Indexed by dataset name, in file order; columns ``genome, entry, path, role, min_mapq, protocol,
        enzyme, rename, tolerance, description``.
    runs : DataFrame
        Columns ``dataset, library, run, fastq_1, fastq_2``, in file order.
    roots : dict of str to str
        Values of ``{name}`` in paths.
    source : str
        The config's file, for messages.
    """

    config: dict
    datasets: pd.DataFrame
    runs: pd.DataFrame
    roots: dict
    source: str

    def as_written(self):
        """The config as a file that gives the same study: every default filled in, nothing that only follows.

        Returns
        -------
        dict
        """
        geometry = {key: value for key, value in self.config["geometry"].items() if key not in DERIVED}
        return {**self.config, "geometry": geometry}

    def locate(self, path):
        """A path of the config or a table with its leading ``{name}`` replaced by the value under ``paths``.

        Returns
        -------
        str or None
            A path relative to the working directory, an absolute one, or an URL; None for None or "".

        Raises
        ------
        InputError
            If ``paths`` has no such name.
        """
        return locate(path, self.roots, self.source)

    def training_datasets(self, genome):
        """Names of a genome's datasets with role ``train``, in file order."""
        chosen = (self.datasets["genome"] == genome) & (self.datasets["role"] == "train")
        return list(self.datasets.index[chosen])

    def datasets_of_split(self, split):
        """Names of the datasets whose targets a split's records hold, in the order of the model's outputs."""
        return self.training_datasets(self.config["splits"][split]["genome"])

    def model_outputs(self, model):
        """Names of the datasets that a model predicts, in order."""
        return self.datasets_of_split(self.config["models"][model]["split"])

    def libraries(self, dataset):
        """Libraries of a dataset that enters at ``fastq``, in file order."""
        return list(dict.fromkeys(self.runs.loc[self.runs["dataset"] == dataset, "library"]))

    def runs_of(self, dataset, library):
        """Runs of a library, in file order."""
        chosen = (self.runs["dataset"] == dataset) & (self.runs["library"] == library)
        return list(self.runs.loc[chosen, "run"])

    def reads(self, dataset, library, run):
        """The two located FASTQ files of a run."""
        chosen = self.runs[["dataset", "library", "run"]].eq([dataset, library, run]).all(axis=1)
        row = self.runs[chosen].iloc[0]
        return [self.locate(row["fastq_1"]), self.locate(row["fastq_2"])]


def load(raw, folder="config", source="config/config.yaml", workflow_folder="."):
    """Validate a config and its tables, fill in the defaults and check them against each other.

    Nothing is read but the tables, and nothing is fetched; of other local files only the presence is
    checked. Relative paths of tables refer to the config's folder, all others to the working directory.

    Parameters
    ----------
    raw : dict
        The config as YAML gives it. It is not changed.
    folder : str or Path
        Folder of the config file, where its tables are.
    source : str
        Name of the config's file, for messages.
    workflow_folder : str or Path
        Folder of the Snakefile, the value of ``{workflow}`` in paths.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        For the first thing that cannot be right: file, key or row and column, what was found, what to write.
    """
    schema = load_schema("config")
    raw = read_text(raw, schema)
    validate(raw, schema, source)
    config = fill(raw, schema)
    roots = {"workflow": str(workflow_folder), **config["paths"]}
    names = {"source": source}
    for table in ("datasets", "runs"):
        path = locate(config[table], roots, source)
        names[table] = None if path is None else os.path.join(folder, path)
    datasets = read_table(names["datasets"], "datasets", "datasets")
    runs = read_table(names["runs"], "runs", "runs") if _has_runs(names, datasets) else []

    checks.geometry(config, names)
    _derive(config["geometry"])
    checks.datasets(config, datasets, names)
    checks.runs(datasets, runs, names)
    checks.splits(config, datasets, names)
    checks.models(config, datasets, names)
    checks.analyses(config, datasets, names)
    checks.simulated(config, datasets, names)
    checks.files(config, datasets, runs, names, lambda path: locate(path, roots, source))
    _choose(config, datasets)
    for block in ("simulation", "truth"):
        if config[block] is None:
            del config[block]
    return Study(
        config=config,
        datasets=_frame(datasets, "datasets").set_index("dataset"),
        runs=_frame(runs, "runs"),
        roots=roots,
        source=source,
    )


def locate(path, roots, source="config"):
    """See :meth:`Study.locate`."""
    if not path:
        return None
    found = _ROOT.match(path)
    if not found:
        return path
    if found[1] not in roots:
        known = ", ".join(f"{{{name}}}" for name in roots)
        raise InputError(
            f"{source}, paths: {path!r} needs a value for {found[1]!r}; write paths: {{{found[1]}: <folder or URL>}} "
            f"(known: {known})"
        )
    return roots[found[1]].rstrip("/") + path[found.end() :]


def _has_runs(names, datasets):
    """Whether a table of runs is to be read: it may be absent where no dataset enters at fastq."""
    if names["runs"] is None:
        return False
    return any(row["entry"] == "fastq" for _, row in datasets) or os.path.exists(names["runs"])


def _frame(rows, kind):
    columns = list(load_schema(kind)["properties"])
    return pd.DataFrame([row for _, row in rows], columns=columns)


def _derive(geometry):
    geometry["window_bins"] = geometry["window"] // geometry["bin_size"]
    geometry["crop_bins"] = geometry["crop"] // geometry["bin_size"]
    geometry["map_bins"] = geometry["window_bins"] - 2 * geometry["crop_bins"]
    side = geometry["map_bins"] - geometry["diagonal_offset"]
    geometry["n_values"] = side * (side + 1) // 2


def _choose(config, datasets):
    """What the figures show where the config leaves it open."""
    figures = config["figures"]
    if figures["model"] is None and config["models"]:
        figures["model"] = next(iter(config["models"]))
    if figures["dataset"] is None and figures["model"] is not None:
        figures["dataset"] = checks.outputs(config, datasets, figures["model"])[0]
