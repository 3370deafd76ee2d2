"""Reads, completes and checks a study.

Imports light packages only, because Snakemake reads the config in its own environment.
"""

import os
from dataclasses import replace

import pandas as pd

from akitaflow.dataset import cross_validation
from akitaflow.geometry import Geometry
from akitaflow.retrieve import ena
from akitaflow.study.alternative_models import chosen_alternatives
from akitaflow.study.checks import order
from akitaflow.study.schema import as_types, fill, load_schema, read_text, validate
from akitaflow.study.study import Study
from akitaflow.study.tables import read_claims, read_resources, read_table


def load(raw, folder="config", source="config/config.yaml", workflow_folder="."):
    """Validate a config and its tables, fill in the defaults and check them against each other.

    Only the tables are read, and nothing is downloaded. Other local files are only tested for existence. Relative
    paths of tables refer to the config's folder, all others to the working directory.

    Parameters
    ----------
    raw : dict
        The parsed config. Not modified.
    folder : str or Path
        Folder of the config file and its tables.
    source : str
        Path of the config file, for messages.
    workflow_folder : str or Path
        Folder of the Snakefile, the value of ``{workflow}`` in paths.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        For the first error: file, key or row and column, value, and what to write.
    """
    study = _read(raw, folder, source, workflow_folder)
    for check in order.AS_WRITTEN:
        check(study)
    study = _complete(study)
    for check in order.COMPLETE:
        check(study)
    if study.config["figures"]["model"] is not None:
        outputs = study.datasets_of_split(study.split_of_figures())
        study.config["comparison"]["alternatives"] = chosen_alternatives(study.config, outputs)
    return study


def _read(raw, folder, source, workflow_folder):
    """The study with the defaults of the schemas; config and tables are each valid on their own."""
    schema = load_schema("config")
    raw = read_text(raw, schema)
    validate(raw, schema, source)
    # `search:` with nothing below it is null in YAML
    config = as_types(fill({**raw, "search": raw.get("search") or {}}, schema), schema)
    study = Study(config=config, roots={"workflow": str(workflow_folder), **config["paths"]}, source=source)
    paths = {}
    for table in ("datasets", "runs", "claims", "resources", "accessions"):
        path = study.locate(config[table])
        paths[table] = None if path is None else os.path.join(folder, path)
    datasets = [(number, _with_group(row)) for number, row in read_table(paths["datasets"], "datasets", "datasets")]
    runs = read_table(paths["runs"], "runs", "runs") if _has_runs(paths["runs"], datasets) else []
    runs = ena.expand_sra(runs, paths["runs"])
    if paths["claims"] is not None:
        read_claims(paths["claims"])
    return replace(
        study,
        datasets=_frame(datasets, "datasets", "group").set_index("dataset"),
        runs=_frame(runs, "runs"),
        dataset_table=paths["datasets"],
        run_table=paths["runs"],
        line_numbers={"datasets": [number for number, _ in datasets], "runs": [number for number, _ in runs]},
        claims=paths["claims"],
        accessions=paths["accessions"],
        resource_table=paths["resources"],
        resources={} if paths["resources"] is None else read_resources(paths["resources"], study.locate),
    )


def _has_runs(path, datasets):
    """Whether to read the table of runs; it may be missing if no dataset enters at fastq."""
    if path is None:
        return False
    return any(row["entry"] == "fastq" for _, row in datasets) or os.path.exists(path)


def _with_group(row):
    """Row of the table of datasets with the group of a path ``file::group`` as an own column, empty without one."""
    path, _, group = row["path"].partition("::")
    return {**row, "path": path, "group": group}


def _frame(rows, kind, *others):
    columns = [*load_schema(kind)["properties"], *others]
    return pd.DataFrame([row for _, row in rows], columns=columns)


def _complete(study):
    """The study with derived values: geometry in bins, expanded cross-validation, and null choices resolved.

    The null choices are ``figures.model``, ``figures.dataset`` and ``search.model``. ``simulation`` and ``truth`` are
    removed where they are null.
    """
    config = study.config
    config["geometry"].update(Geometry.from_config(config["geometry"]).derived)
    unexpanded = {key: config[key] for key in ("splits", "models")}
    cross_validated = cross_validation.expand(config, study.source)
    study = replace(study, cross_validated=cross_validated, unexpanded=unexpanded)
    figures = config["figures"]
    if figures["model"] is None:
        figures["model"] = next(iter(config["models"]), None)
    if figures["dataset"] is None and figures["model"] in config["models"]:
        figures["dataset"] = study.compared_outputs(figures["model"])[0]
    if config["search"]["model"] is None:
        fresh = [name for name, model in config["models"].items() if not (model["weights"] or model["start"])]
        config["search"]["model"] = figures["model"] if figures["model"] in fresh else next(iter(fresh), None)
    for block in ("simulation", "truth"):
        if config[block] is None:
            del config[block]
    return study
