"""The study: config and tables, validated, with every default filled in.

Only light packages are imported here, because Snakemake reads the config in its own environment.
"""

import os
import re
from dataclasses import dataclass, field, replace

import pandas as pd

from akitaflow.dataset import cross_validation
from akitaflow.errors import InputError
from akitaflow.geometry import Geometry
from akitaflow.retrieve import ena
from akitaflow.retrieve.addresses import download_name
from akitaflow.study.alternative_models import BASE, chosen_alternatives, kind
from akitaflow.study.checks import order
from akitaflow.study.schema import as_types, fill, load_schema, read_text, validate
from akitaflow.study.tables import read_claims, read_resources, read_table

DERIVED = ("window_bins", "crop_bins", "map_bins", "n_values")  # of geometry, added by load
DOWNLOADS = "results/downloads"
RECORD_TABLES = {"statistics": "statistics.json", "sequences": "sequences.bed"}  # of given records
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
    roots : dict of str to str
        Values of ``{name}`` in paths.
    source : str
        The config's file, for messages.
    datasets : DataFrame
        Indexed by dataset name, in file order; columns ``genome, entry, path, role, min_mapq, protocol,
        enzyme, rename, tolerance, description``.
    runs : DataFrame
        Columns ``dataset, library, run, fastq_1, fastq_2, md5_1, md5_2, bytes_1, bytes_2, read_count``, in file order.
    dataset_table : str or None
        Path of the table of datasets.
    run_table : str or None
        Path of the table of runs.
    line_numbers : dict of str to list of int
        Of ``datasets`` and of ``runs``: the line of each row in its file, from 1, for messages.
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
        """Rows of a table with their lines in its file, for messages.

        Parameters
        ----------
        table : str
            ``datasets`` or ``runs``.

        Returns
        -------
        list of (int, dict)
            Line number, from 1, and value of each column, in file order.
        """
        rows = self.runs if table == "runs" else self.datasets.reset_index()
        return list(zip(self.line_numbers[table], rows.to_dict("records"), strict=True))

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
        records, genome = self.config["splits"][split]["records"], self.config["splits"][split]["genome"]
        if records:
            return list(records["outputs"])
        evaluated = (self.datasets["genome"] == genome) & (self.datasets["role"] == "evaluate")
        return self.training_datasets(genome) or list(self.datasets.index[evaluated])

    def model_outputs(self, model):
        """Names of what a model predicts, in order: those of its weights if it is imported, else its datasets."""
        weights = self.config["models"][model]["weights"]
        return list(weights["outputs"]) if weights else self.datasets_of_split(self.config["models"][model]["split"])

    def measured_outputs(self, model):
        """The outputs of a model whose targets its split has, in the model's order; maybe none."""
        measured = self.datasets_of_split(self.config["models"][model]["split"])
        return [name for name in self.model_outputs(model) if name in measured]

    def compared_outputs(self, model):
        """The outputs of a model whose predictions are compared with targets: :meth:`measured_outputs`, at least one.

        Raises
        ------
        InputError
            If there is none: the model can predict, and others can start from it, but it cannot be evaluated.
        """
        outputs, split = self.measured_outputs(model), self.config["models"][model]["split"]
        if not outputs:
            raise InputError(
                f"{self.source}, models.{model}: it predicts {', '.join(self.model_outputs(model))}, and split {split} "
                f"has targets of {', '.join(self.datasets_of_split(split))}, so it cannot be evaluated; evaluate a "
                "model trained on them"
            )
        return outputs

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

    # Files of the study on this machine

    def local_file(self, path):
        """Where a file that the config or a table names is on this machine.

        Parameters
        ----------
        path : str or None
            As it is written there.

        Returns
        -------
        str or None
            The path itself, or, of an URL, that to which it is downloaded; None for None or "".
        """
        path = self.locate(path)
        return f"{DOWNLOADS}/{download_name(path)}" if path and "://" in path else path

    def local_reads(self, dataset, library, run):
        """The two FASTQ files of a run on this machine."""
        return [self.local_file(path) for path in self.reads(dataset, library, run)]

    def local_libraries(self, dataset):
        """The FASTQ files of a dataset on this machine.

        Returns
        -------
        dict of str to dict
            The two paths of each run of each library, in file order.
        """
        return {
            library: {run: self.local_reads(dataset, library, run) for run in self.runs_of(dataset, library)}
            for library in self.libraries(dataset)
        }

    # Downloads

    def addresses(self):
        """Every URL that the config and the tables of datasets and runs name, each once.

        Returns
        -------
        list of str
            In the order of the config, the tables and the given records.
        """
        config = self.config
        blocks = [config["genomes"], config["tracks"], config["motifs"]["sets"], config["models"], config["deletions"]]
        columns = [*self.datasets["path"], *self.datasets["rename"], *self.runs["fastq_1"], *self.runs["fastq_2"]]
        paths = [self.locate(path) for path in (*_texts(blocks), *columns)]
        for split in self.splits_of_records():
            paths += self._record_paths(split)
            paths += [self.locate(self._record_table(split, name)) for name in RECORD_TABLES]
        return list(dict.fromkeys(path for path in paths if path and "://" in path))

    def downloads(self):
        """Every file that can be fetched: those that the study needs, and the rest of the table of resources.

        Returns
        -------
        dict of str to str
            The URL of each file name under ``results/downloads``.
        """
        others = [url for url in self.resources if "://" in url]
        return {download_name(url): url for url in (*self.addresses(), *others)}

    def resources_to_check(self):
        """Rows of the table of resources, and of what the study fetches beyond them.

        Returns
        -------
        list of dict
        """
        others = [
            {"name": name, "url": url, **self.expected_file(url), "sure": "", "note": "not in the table of resources"}
            for name, url in self.downloads().items()
            if url not in self.resources
        ]
        return [*self.resources.values(), *others]

    def accession_table(self):
        """Path of the table of accessions.

        Raises
        ------
        InputError
            If the file is missing.
        """
        if not os.path.exists(self.accessions):
            raise InputError(
                f"{self.source}, accessions: no such file: {self.accessions}; write a table with the columns dataset, "
                "library, accession (docs/data.md)"
            )
        return self.accessions

    # Datasets and their libraries

    def genome_of_dataset(self, dataset):
        """Name of the genome of a dataset."""
        return self.datasets.loc[dataset, "genome"]

    def dataset_setting(self, dataset, column):
        """A cell of the table of datasets, as a type of Python and not of numpy."""
        return self.datasets[column].astype(object)[dataset]

    def datasets_entering(self, *entries):
        """Names of the datasets that enter at one of these steps (fastq, pairs, cool, mcool), in file order."""
        return list(self.datasets.index[self.datasets["entry"].isin(entries)])

    def datasets_mapped_by(self, engine):
        """Names of the datasets whose reads an engine maps; none if the config names the other engine."""
        return self.datasets_entering("fastq") if self.config["mapping"]["engine"] == engine else []

    def datasets_binned(self):
        """Names of the datasets whose pairs are binned and balanced here; distiller-nf does so for those it maps."""
        mapped = self.datasets_mapped_by("native")
        return [name for name in self.datasets_entering("fastq", "pairs") if name in mapped or self.has_own_pairs(name)]

    def has_own_pairs(self, dataset):
        """Whether a dataset enters at a file of pairs."""
        return self.datasets.loc[dataset, "entry"] == "pairs"

    def libraries_of_pairs(self, dataset):
        """Names of what pairs a dataset has: its libraries, or ``"pairs"`` for the file of pairs at which it enters."""
        return ["pairs"] if self.has_own_pairs(dataset) else self.libraries(dataset)

    def libraries_entering(self, *entries):
        """The (dataset, library) of every dataset that enters at one of these steps (fastq, pairs), in file order."""
        return [
            (dataset, library)
            for dataset in self.datasets_entering(*entries)
            for library in self.libraries_of_pairs(dataset)
        ]

    def sequenced_runs(self, dataset):
        """The (library, run) of a dataset, in the order of the table; one, ``("pairs", "pairs")``, if it has no reads.

        Returns
        -------
        list of list of str
        """
        runs = self.runs[self.runs["dataset"] == dataset]
        return runs[["library", "run"]].values.tolist() or [["pairs", "pairs"]]

    def chunk_labels(self):
        """Names of the parts of a run, such as ``1-of-2``; the number of parts tells divisions apart."""
        chunks = self.config["mapping"]["chunks"]
        return [f"{part}-of-{chunks}" for part in range(1, chunks + 1)]

    # Splits and targets

    def genome_of_split(self, split):
        """Name of the genome that a split divides."""
        return self.config["splits"][split]["genome"]

    def split_of_figures(self):
        """Name of the split of the model that the figures show."""
        return self.config["models"][self.config["figures"]["model"]]["split"]

    def splits_of_records(self):
        """Names of the splits whose records are given."""
        return [name for name, split in self.config["splits"].items() if split["records"] is not None]

    def splits_of_maps(self):
        """Names of the splits whose records are made from maps."""
        return [name for name, split in self.config["splits"].items() if split["records"] is None]

    def mapped_datasets(self, split):
        """Names of the datasets of a split whose maps are made or imported here: none if its records are given."""
        return self.datasets_of_split(split) if split in self.splits_of_maps() else []

    def contig_datasets(self, split):
        """Names of the datasets whose filtered bins cut the contigs of a split.

        None for the published split, whose table of gaps already holds them, and none where ``min_filtered_run`` is 0.
        """
        settings = self.config["splits"][split]
        cut = settings["policy"] != "published" and settings["min_filtered_run"] > 0
        return self.datasets_of_split(split) if cut else []

    def local_records(self, split):
        """Given TFRecords of a split on this machine: their folder, or each file if they are downloaded."""
        return [self.local_file(path) for path in self._record_paths(split)]

    def local_record_table(self, split, name):
        """``statistics`` (.json) or ``sequences`` (.bed) of the given records of a split on this machine."""
        return self.local_file(self._record_table(split, name))

    def _record_paths(self, split):
        records = self.config["splits"][split]["records"]
        folder = self.locate(records["folder"])
        if "://" not in folder:
            return [f"{folder}/tfrecords"]
        files = records["files"].items()
        return [f"{folder}/tfrecords/{fold}-{number}.tfr" for fold, count in files for number in range(count)]

    def _record_table(self, split, name):
        records = self.config["splits"][split]["records"]
        return records[name] or f"{records['folder']}/{RECORD_TABLES[name]}"

    # Published numbers

    def claimed_files(self, reproduced):
        """The files with which the table of published numbers is compared now.

        Nothing is made for the sake of the table but what reproduces the published model: other numbers are compared as
        far as this study has measured them.

        Parameters
        ----------
        reproduced : collection of str
            Files that are made for it.

        Returns
        -------
        list of str
            The files that the table names and that are either there or in ``reproduced``, in file order.
        """
        files = read_claims(self.claims)["file"].unique()
        return [path for path in files if path in reproduced or os.path.exists(path)]

    # Models

    def split_of_model(self, model):
        """Name of the split on which a model is trained, or analysed if it is imported."""
        return self.config["models"][model]["split"]

    def genome_of_model(self, model):
        """Name of the genome of a model's split."""
        return self.config["splits"][self.split_of_model(model)]["genome"]

    def gpus_of_model(self, model):
        """GPUs for a job that predicts with a model: none if its ``device`` is ``cpu``, else one."""
        return 0 if self.config["models"][model]["training"]["device"] == "cpu" else 1

    def gpus_of_training(self, model):
        """GPUs for a job that trains a model: its ``gpus``, none if its ``device`` is ``cpu``.

        ``gpus: all`` takes every GPU of the job, so one is asked for.
        """
        gpus = self.config["models"][model]["training"]["gpus"]
        return 1 if self.gpus_of_model(model) and gpus == "all" else self.gpus_of_model(model) and gpus

    def enzymes_of_model(self, model):
        """Recognition sequence of the enzyme of each dataset with which a model is compared, in its order."""
        return {dataset: self.datasets.loc[dataset, "enzyme"] for dataset in self.compared_outputs(model)}

    def datasets_with_ceiling(self, model):
        """Datasets of a model whose split-read ceiling is measured.

        None if ``evaluation.ceiling`` is false, or if the records of its split are given: the ceiling halves the
        contacts of a map, which are not there.
        """
        records = self.config["splits"][self.split_of_model(model)]["records"]
        return [] if records or not self.config["evaluation"]["ceiling"] else self.compared_outputs(model)

    def filters_of_search(self, model):
        """How many times as many filters as the model has a trial of a search around it can have, at least 1."""
        filters = self.config["search"]["space"]["filters"]
        return max(1, filters["high"] / self.config["models"][model]["architecture"]["stem_filters"]) if filters else 1

    # Alternatives

    def alternatives(self):
        """Settings of the alternatives of the model of the figures, by name, the base first; none without a model."""
        return self.config["comparison"]["alternatives"] if self.config["models"] else {}

    def alternatives_about(self, *kinds):
        """What figures call the base and the alternatives of some kinds, by name, in order.

        Parameters
        ----------
        *kinds : {"architecture", "tasks", "data"}
            See :func:`akitaflow.study.alternative_models.kind`.
        """
        return {
            name: alternative["description"]
            for name, alternative in self.alternatives().items()
            if name == BASE or kind(alternative) in kinds
        }

    def target_settings(self, alternative=None):
        """Settings of the targets but for ``min_finite``, which only decides which windows are kept.

        Parameters
        ----------
        alternative : str, optional
            Name of an alternative; its ``targets`` then take the place of those of the study.
        """
        targets = {key: value for key, value in self.config["targets"].items() if key != "min_finite"}
        return {**targets, **self.alternatives()[alternative]["targets"]} if alternative else targets

    def settings_of_alternative(self, name):
        """Settings of an alternative, but for its description, which changes no result."""
        return {key: value for key, value in self.alternatives()[name].items() if key != "description"}

    def records_of_alternative(self, name):
        """Folder of the records that an alternative learns from: its own where it changes targets, else the model's."""
        if self.alternatives()[name]["targets"]:
            return f"results/comparison/{name}/records"
        return f"results/records/{self.split_of_model(self.config['figures']['model'])}"

    # Motifs

    def shown_motif(self):
        """Name of the set of motifs that the figures show: the first of ``mutagenesis.motifs``, or CTCF without any."""
        return next(iter(self.config["mutagenesis"]["motifs"]), "CTCF")

    def motif_margin(self):
        """bp at both ends of a window where sites are left alone."""
        geometry = self.config["geometry"]
        return 0 if self.config["mutagenesis"]["margin"] else geometry["crop_bins"] * geometry["bin_size"]

    def datasets_of_region(self, model):
        """Datasets whose maps give the target of ``region_panels.window``; none where an evaluated window is shown."""
        return self.compared_outputs(model) if self.config["region_panels"]["window"] else []

    # Differences between datasets

    def cell_type_datasets(self):
        """The datasets whose difference is predicted: the config's, or the first two outputs of the figures' model.

        Fewer than two if the model has one output, none without a model.
        """
        if self.config["cell_types"]["datasets"]:
            return self.config["cell_types"]["datasets"]
        return self.compared_outputs(self.config["figures"]["model"])[:2] if self.config["models"] else []

    def ctcf_independent_dataset(self):
        """Name of the dataset of which is shown what persists without CTCF."""
        return self.config["ctcf_independent"]["dataset"] or self.config["figures"]["dataset"]

    def ctcf_independent_tracks(self):
        """The CTCF and the DNase bigWig of this dataset, as in the config; none if one of them is lacking."""
        tracks = self.config["tracks"].get(self.ctcf_independent_dataset(), {})
        return [tracks[name] for name in ("CTCF", "DNase")] if {"CTCF", "DNase"} <= set(tracks) else []

    # Another genome

    def cross_species_genome(self):
        """Name of the genome of ``cross_species.split``, or None."""
        split = self.config["cross_species"]["split"]
        return self.config["splits"][split]["genome"] if split else None

    def cross_species_output(self):
        """Output of the model that is compared with the other genome's map."""
        return self.config["cross_species"]["output"] or self.config["figures"]["dataset"]

    def cross_species_repeats(self):
        """RepeatMasker table of the other genome, as in the config; None if there is none."""
        genome = self.cross_species_genome()
        return self.config["genomes"][genome]["repeatmasker"] if genome else None

    # Deletions

    def shown_deletion(self):
        """Name of the deletion that the figures show, the first of ``deletions``; None without any."""
        return next(iter(self.config["deletions"]), None)

    def genome_of_deletion(self, name, model):
        """Name of the genome of a deletion: that of the model unless the config says otherwise."""
        return self.config["deletions"][name]["genome"] or self.genome_of_model(model)

    def motif_of_deletion(self, name):
        """Name of the set of motifs whose sites in a deleted boundary are deleted one by one."""
        return self.config["deletions"][name]["sites"]["motif"] or self.shown_motif()

    def track_of_deletion(self, name):
        """The CTCF bigWig by which the sites of a deleted boundary are ranked, as in the config, or None."""
        dataset = self.config["deletions"][name]["sites"]["track"]
        return self.config["tracks"][dataset]["CTCF"] if dataset else None

    def output_of_deletion(self, name):
        """Output of the model that figures show of a deletion."""
        return self.config["deletions"][name]["dataset"] or self.config["figures"]["dataset"]

    def maps_of_deletion(self, name):
        """Datasets of the measured maps of a deletion, undeleted and deleted; none if the deleted genome has no map.

        None either if ``name`` is None.
        """
        if name is None:
            return []
        measured = self.config["deletions"][name]["measured"]
        if not measured["deletion"]:
            return []
        return [measured["wild_type"] or self.output_of_deletion(name), measured["deletion"]]

    def has_five_c(self, name):
        """Whether a deletion, None for none, has a 5C experiment."""
        return name is not None and self.config["deletions"][name]["five_c"] is not None

    # Predictions

    def genome_of_prediction(self, name):
        """Name of the genome of a prediction: that of its model unless the config says otherwise."""
        prediction = self.config["predictions"][name]
        return prediction["genome"] or self.genome_of_model(prediction["model"])


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
    """The study as its config and tables are written, each valid by itself, with the defaults of the schemas."""
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
    datasets = read_table(paths["datasets"], "datasets", "datasets")
    runs = read_table(paths["runs"], "runs", "runs") if _has_runs(paths["runs"], datasets) else []
    runs = ena.expand_sra(runs, paths["runs"])
    if paths["claims"] is not None:
        read_claims(paths["claims"])
    return replace(
        study,
        datasets=_frame(datasets, "datasets").set_index("dataset"),
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
    """Whether a table of runs is to be read: it may be absent where no dataset enters at fastq."""
    if path is None:
        return False
    return any(row["entry"] == "fastq" for _, row in datasets) or os.path.exists(path)


def _frame(rows, kind):
    columns = list(load_schema(kind)["properties"])
    return pd.DataFrame([row for _, row in rows], columns=columns)


def _complete(study):
    """The study with what follows from its config: bins and map, cross-validation written out, and open choices made.

    Open are what the figures show, and which model is searched around. ``simulation`` and ``truth`` are left out of the
    config where they are null.
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


def _texts(value):
    """All strings in nested dicts and lists, in order."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in parts for text in _texts(part)]
