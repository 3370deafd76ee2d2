"""The study: config and tables, validated, with every default filled in.

Only light packages are imported here, because Snakemake reads the config in its own environment.
"""

import os
import re
from dataclasses import dataclass, field

import pandas as pd

from akitaflow.dataset import cross_validation
from akitaflow.errors import InputError
from akitaflow.evaluation.published_numbers import read_claims
from akitaflow.geometry import Geometry
from akitaflow.mapping import distiller_project
from akitaflow.retrieve import ena
from akitaflow.retrieve.addresses import check_levels, read_resources
from akitaflow.study import checks, locus_checks, model_checks, prediction_checks
from akitaflow.study.alternative_models import complete
from akitaflow.study.schema import fill, load_schema, read_text, validate
from akitaflow.study.tables import read_table

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
        Columns ``dataset, library, run, fastq_1, fastq_2, md5_1, md5_2, bytes_1, bytes_2, read_count``, in file order.
    roots : dict of str to str
        Values of ``{name}`` in paths.
    source : str
        The config's file, for messages.
    claims : str or None
        Path of the table of published numbers.
    cross_validated : dict of str to list of str
        Models of cross-validated splits as the config names them -> the models that they became.
    unexpanded : dict
        The blocks of the config that cross-validation wrote out, as they were before.
    accessions : str or None
        Path of the table of accessions, which need not exist.
    resource_table : str or None
        Path of the table of resources.
    resources : dict of str to dict
        Its row for each address.
    """

    config: dict
    datasets: pd.DataFrame
    runs: pd.DataFrame
    roots: dict
    source: str
    claims: str | None = None
    cross_validated: dict = field(default_factory=dict)
    unexpanded: dict = field(default_factory=dict)
    accessions: str | None = None
    resource_table: str | None = None
    resources: dict = field(default_factory=dict)

    def as_written(self):
        """The config as a file that gives the same study: every default filled in, nothing that only follows.

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
            A path relative to the working directory, an absolute one, or an URL; None for None or "".

        Raises
        ------
        InputError
            If ``paths`` has no such name.
        """
        return locate(path, self.roots, self.source)

    def expected_file(self, url):
        """What is known of a file of the net, from the tables of resources and of runs.

        Returns
        -------
        dict
            mirror and checksum (empty if not known), size (0 if not known).
        """
        row = self.resources.get(url, {"mirror": "", "checksum": "", "size": 0})
        expected = {key: row[key] for key in ("mirror", "checksum", "size")}
        for mate in (1, 2):
            for run in self.runs[self.runs[f"fastq_{mate}"].map(self.locate) == url].to_dict("records"):
                if run[f"md5_{mate}"]:
                    expected["checksum"] = f"md5:{run[f'md5_{mate}']}"
                expected["size"] = int(run[f"bytes_{mate}"]) or expected["size"]
        return expected

    def expected_reads(self, dataset, library, run):
        """What the table of runs expects of a run: read_count, and md5 and bytes of files that are not fetched.

        Returns
        -------
        dict
            md5_1, md5_2, bytes_1, bytes_2, read_count; empty or 0 for what it does not tell, and for the files that are
            fetched, which are checked then.
        """
        chosen = self.runs[["dataset", "library", "run"]].eq([dataset, library, run]).all(axis=1)
        row = self.runs[chosen].iloc[0]
        expected = {"read_count": int(row["read_count"])}
        for mate, path in enumerate(self.reads(dataset, library, run), start=1):
            fetched = "://" in path or path.startswith(ena.SRA_FOLDER)
            expected[f"md5_{mate}"] = "" if fetched else row[f"md5_{mate}"]
            expected[f"bytes_{mate}"] = 0 if fetched else int(row[f"bytes_{mate}"])
        return expected

    def training_datasets(self, genome):
        """Names of a genome's datasets with role ``train``, in file order."""
        chosen = (self.datasets["genome"] == genome) & (self.datasets["role"] == "train")
        return list(self.datasets.index[chosen])

    def datasets_of_split(self, split):
        """Names of the datasets whose targets a split's records hold, in the order of the model's outputs.

        Those with role ``train`` of its genome; where there is none, those with role ``evaluate``.
        """
        given, genome = self.config["splits"][split]["records"], self.config["splits"][split]["genome"]
        if given:
            return list(given["outputs"])
        evaluated = (self.datasets["genome"] == genome) & (self.datasets["role"] == "evaluate")
        return self.training_datasets(genome) or list(self.datasets.index[evaluated])

    def model_outputs(self, model):
        """Names of what a model predicts, in order: those of its weights if it is imported, else its datasets."""
        weights = self.config["models"][model]["weights"]
        return list(weights["outputs"]) if weights else self.datasets_of_split(self.config["models"][model]["split"])

    def compared_outputs(self, model):
        """The outputs of a model that are measured, as training datasets of its split, in the model's order.

        Raises
        ------
        InputError
            If there is none: the model can predict, and others can start from it, but it cannot be evaluated.
        """
        split = self.config["models"][model]["split"]
        measured = self.datasets_of_split(split)
        found = [name for name in self.model_outputs(model) if name in measured]
        if not found:
            raise InputError(
                f"{self.source}, models.{model}: it predicts {', '.join(self.model_outputs(model))}, and split {split} "
                f"has targets of {', '.join(measured)}, so it cannot be evaluated; evaluate a model trained on them"
            )
        return found

    def imported_models(self):
        """Names of the models whose weights come from a file; all others are trained."""
        return [name for name, model in self.config["models"].items() if model["weights"]]

    def trained_models(self):
        """Names of the models that are trained here."""
        return [name for name, model in self.config["models"].items() if not model["weights"]]

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
    # `search:` with nothing below it is null in YAML
    config = fill({**raw, "search": raw.get("search") or {}}, schema)
    roots = {"workflow": str(workflow_folder), **config["paths"]}
    names = {"source": source}
    for table in ("datasets", "runs", "claims", "resources", "accessions"):
        path = locate(config[table], roots, source)
        names[table] = None if path is None else os.path.join(folder, path)
    datasets = read_table(names["datasets"], "datasets", "datasets")
    runs = read_table(names["runs"], "runs", "runs") if _has_runs(names, datasets) else []
    runs = ena.expand_sra(runs, names["runs"])
    if names["claims"] is not None:
        read_claims(names["claims"])
    resources = {}
    if names["resources"] is not None:
        resources = read_resources(names["resources"], lambda path: locate(path, roots, source))

    checks.geometry(config, names)
    config["geometry"].update(Geometry.from_config(config["geometry"]).derived)
    checks.datasets(config, datasets, names)
    checks.runs(datasets, runs, names)
    check_levels(datasets, config["geometry"]["bin_size"], names["datasets"], lambda path: locate(path, roots, source))
    checks.splits(config, datasets, names)
    model_checks.models(config, datasets, names)
    unexpanded = {key: config[key] for key in ("splits", "models")}
    cross_validated = cross_validation.expand(config, source)
    checks.analyses(config, datasets, names)
    prediction_checks.predictions(config, names)
    locus_checks.loci(config, datasets, names, lambda path: locate(path, roots, source))
    checks.search(config, names)
    distiller_project.check_config(config, source, lambda path: locate(path, roots, source))
    checks.simulated(config, datasets, names)
    checks.files(config, datasets, runs, names, lambda path: locate(path, roots, source))
    _choose(config, datasets)
    for block in ("simulation", "truth"):
        if config[block] is None:
            del config[block]
    study = Study(
        config=config,
        datasets=_frame(datasets, "datasets").set_index("dataset"),
        runs=_frame(runs, "runs"),
        roots=roots,
        source=source,
        claims=names["claims"],
        cross_validated=cross_validated,
        unexpanded=unexpanded,
        accessions=names["accessions"],
        resource_table=names["resources"],
        resources=resources,
    )
    if (model := config["figures"]["model"]) is not None:
        datasets_of_model = study.datasets_of_split(config["models"][model]["split"])
        config["comparison"]["variants"] = complete(config, datasets_of_model, source)
    return study


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


def _choose(config, datasets):
    """What the figures show, and which model is searched around, where the config leaves it open."""
    figures = config["figures"]
    if figures["model"] is None and config["models"]:
        figures["model"] = next(iter(config["models"]))
    if figures["dataset"] is None and figures["model"] is not None:
        figures["dataset"] = checks.compared(config, datasets, figures["model"])[0]
    if config["search"]["model"] is None:
        fresh = [name for name, model in config["models"].items() if not (model["weights"] or model["start"])]
        config["search"]["model"] = figures["model"] if figures["model"] in fresh else next(iter(fresh), None)
