"""The study: config and tables with every default filled in."""

import re
from dataclasses import dataclass, field

import pandas as pd

from akitaflow.errors import InputError
from akitaflow.study.analyses import Analyses
from akitaflow.study.datasets import Datasets
from akitaflow.study.inputs import Inputs
from akitaflow.study.models import Models

DERIVED = ("window_bins", "crop_bins", "map_bins", "n_values")  # keys of geometry that load adds
_ROOT = re.compile(r"^\{([^{}]*)\}")


@dataclass(frozen=True)
class Study(Inputs, Datasets, Models, Analyses):
    """A validated study, made by :func:`akitaflow.study.loading.load`.

    Attributes
    ----------
    config : dict
        The config with every default filled in. ``geometry`` has the derived keys ``window_bins``, ``crop_bins``,
        ``map_bins`` and ``n_values`` in addition. ``simulation`` and ``truth`` are missing where they are null.
    roots : dict of str to str
        Values of ``{name}`` in paths.
    source : str
        Path of the config file, for messages.
    datasets : DataFrame
        Indexed by dataset name, in file order; columns ``genome, entry, path, role, min_mapq, protocol,
        cell_type, reference, enzyme, rename, tolerance, weight, description`` and ``group`` (in the file of a cooler;
        empty for none).
    runs : DataFrame
        Columns ``dataset, library, run, fastq_1, fastq_2, md5_1, md5_2, bytes_1, bytes_2, read_count``, in file order.
    dataset_table : str or None
        Path of the table of datasets.
    run_table : str or None
        Path of the table of runs.
    line_numbers : dict of str to list of int
        Line number (1-based) of each row of ``datasets`` and ``runs`` in its file, for messages.
    claims : str or None
        Path of the table of published numbers.
    cross_validated : dict of str to list of str
        For each model of a cross-validated split, the names of the models of its parts.
    unexpanded : dict
        The blocks ``splits`` and ``models`` of the config before cross-validation was expanded.
    accessions : str or None
        Path of the table of accessions. The file may be missing.
    resource_table : str or None
        Path of the table of resources.
    resources : dict of str to dict
        Rows of the table of resources by URL.
    """

    config: dict
    roots: dict
    source: str
    datasets: pd.DataFrame | None = None
    runs: pd.DataFrame | None = None
    dataset_table: str | None = None
    run_table: str | None = None
    line_numbers: dict = field(default_factory=dict)
    claims: str | None = None
    cross_validated: dict = field(default_factory=dict)
    unexpanded: dict = field(default_factory=dict)
    accessions: str | None = None
    resource_table: str | None = None
    resources: dict = field(default_factory=dict)

    def as_written(self):
        """A config that gives the same study: every default filled in, without derived keys.

        Returns
        -------
        dict
        """
        geometry = {key: value for key, value in self.config["geometry"].items() if key not in DERIVED}
        return {**self.config, "geometry": geometry, **self.unexpanded}

    def locate(self, path):
        """A path of the config or a table with its leading ``{name}`` replaced by the value under ``paths``.

        Returns
        -------
        str or None
            A path relative to the working directory, an absolute path, or a URL; None for None or "".

        Raises
        ------
        InputError
            If ``paths`` has no such name.
        """
        root = _ROOT.match(path or "")
        if not root:
            return path or None
        if root[1] not in self.roots:
            known = ", ".join(f"{{{name}}}" for name in self.roots)
            raise InputError(
                f"{self.source}, paths: {path!r} needs a value for {root[1]!r}; write paths: "
                f"{{{root[1]}: <folder or URL>}} (known: {known})"
            )
        return self.roots[root[1]].rstrip("/") + path[root.end() :]

    def numbered_rows(self, table):
        """Rows of a table with their line numbers, for messages.

        Parameters
        ----------
        table : str
            ``datasets`` or ``runs``.

        Returns
        -------
        list of (int, dict)
            Line number (1-based) and values by column, in file order.
        """
        rows = self.runs if table == "runs" else self.datasets.reset_index()
        return list(zip(self.line_numbers[table], rows.to_dict("records"), strict=True))
