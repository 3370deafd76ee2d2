"""The study: config and tables, validated, with every default filled in.

Imports light packages only, because Snakemake reads the config in its own environment.
"""

import os
import re
from dataclasses import dataclass, field, replace

import pandas as pd

from akitaflow.dataset import cross_validation
from akitaflow.errors import InputError
from akitaflow.genome.intervals import parse_region
from akitaflow.geometry import Geometry, extension
from akitaflow.retrieve import ena
from akitaflow.retrieve.addresses import download_name
from akitaflow.study.alternative_models import BASE, chosen_alternatives, kind
from akitaflow.study.checks import order
from akitaflow.study.schema import as_types, fill, load_schema, read_text, validate
from akitaflow.study.tables import read_claims, read_resources, read_table

DERIVED = ("window_bins", "crop_bins", "map_bins", "n_values")  # keys of geometry that load adds
DOWNLOADS = "results/downloads"
RECORD_TABLES = {"statistics": "statistics.json", "sequences": "sequences.bed"}  # of imported records
_ROOT = re.compile(r"^\{([^{}]*)\}")


@dataclass(frozen=True)
class Study:
    """A validated study, made by :func:`load`.

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

    def expected_file(self, url):
        """Expected properties of a file at a URL, from the tables of resources and runs.

        Returns
        -------
        dict
            mirror and checksum (empty if unknown), size in bytes (0 if unknown).
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
        """Expected properties of a run's FASTQ files, from the table of runs.

        Returns
        -------
        dict
            md5_1, md5_2, bytes_1, bytes_2, read_count. Empty or 0 where the table has no value, and for md5 and bytes
            of downloaded files, which are checked when they are downloaded.
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
        """Names of the datasets with targets in a split's records, in the order of the model's outputs.

        The datasets of its genome with role ``train``; if there are none, those with role ``evaluate``.
        """
        records, genome = self.config["splits"][split]["records"], self.config["splits"][split]["genome"]
        if records:
            return list(records["outputs"])
        evaluated = (self.datasets["genome"] == genome) & (self.datasets["role"] == "evaluate")
        return self.training_datasets(genome) or list(self.datasets.index[evaluated])

    def model_outputs(self, model):
        """Names of a model's outputs in order: those of ``weights`` if it is imported, else its split's datasets."""
        weights = self.config["models"][model]["weights"]
        return list(weights["outputs"]) if weights else self.datasets_of_split(self.config["models"][model]["split"])

    def measured_outputs(self, model):
        """Outputs of a model that have targets in its split, in the model's order. May be empty."""
        measured = self.datasets_of_split(self.config["models"][model]["split"])
        return [name for name in self.model_outputs(model) if name in measured]

    def compared_outputs(self, model):
        """:meth:`measured_outputs` of a model that is evaluated.

        Raises
        ------
        InputError
            If there are none. Such a model can predict, and a training can start from it.
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
        """Names of the models whose weights are imported from a file."""
        return [name for name, model in self.config["models"].items() if model["weights"]]

    def trained_models(self):
        """Names of the models that the workflow trains."""
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

    # Local files

    def local_file(self, path):
        """Local path of a file of the config or a table.

        Parameters
        ----------
        path : str or None
            Path or URL as written in the config or the table.

        Returns
        -------
        str or None
            The located path; for a URL the path of the downloaded file; None for None or "".
        """
        path = self.locate(path)
        return f"{DOWNLOADS}/{download_name(path)}" if path and "://" in path else path

    def local_reads(self, dataset, library, run):
        """Local paths of the two FASTQ files of a run."""
        return [self.local_file(path) for path in self.reads(dataset, library, run)]

    def local_libraries(self, dataset):
        """Local paths of the FASTQ files of a dataset.

        Returns
        -------
        dict of str to dict
            library -> run -> list of two paths, in file order.
        """
        return {
            library: {run: self.local_reads(dataset, library, run) for run in self.runs_of(dataset, library)}
            for library in self.libraries(dataset)
        }

    # Downloads

    def addresses(self):
        """Every URL in the config and the tables of datasets and runs, without duplicates.

        Returns
        -------
        list of str
            In the order of the config, the tables and the imported records.
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
        """Every file that can be downloaded: those of the study and those of the table of resources.

        Returns
        -------
        dict of str to str
            File name in ``results/downloads`` -> URL.
        """
        others = [url for url in self.resources if "://" in url]
        return {download_name(url): url for url in (*self.addresses(), *others)}

    def resources_to_check(self):
        """Rows of the table of resources, and a row for each further file that the study downloads.

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
        """A cell of the table of datasets as a Python type (not a numpy type)."""
        return self.datasets[column].astype(object)[dataset]

    def datasets_entering(self, *entries):
        """Names of the datasets with one of these entries (fastq, pairs, cool, mcool), in file order."""
        return list(self.datasets.index[self.datasets["entry"].isin(entries)])

    def datasets_mapped_by(self, engine):
        """Names of the datasets whose reads an engine maps; none if ``mapping.engine`` is another one."""
        return self.datasets_entering("fastq") if self.config["mapping"]["engine"] == engine else []

    def datasets_binned(self):
        """Names of the datasets whose pairs the workflow bins and balances; distiller-nf does this for its own."""
        mapped = self.datasets_mapped_by("native")
        return [name for name in self.datasets_entering("fastq", "pairs") if name in mapped or self.has_own_pairs(name)]

    def has_own_pairs(self, dataset):
        """Whether a dataset enters at a file of pairs."""
        return self.datasets.loc[dataset, "entry"] == "pairs"

    def libraries_of_pairs(self, dataset):
        """Names of a dataset's files of pairs: its libraries, or ``"pairs"`` if it enters at pairs."""
        return ["pairs"] if self.has_own_pairs(dataset) else self.libraries(dataset)

    def libraries_entering(self, *entries):
        """The (dataset, library) of every dataset that enters at one of these steps (fastq, pairs), in file order."""
        return [
            (dataset, library)
            for dataset in self.datasets_entering(*entries)
            for library in self.libraries_of_pairs(dataset)
        ]

    def sequenced_runs(self, dataset):
        """The [library, run] pairs of a dataset in table order; ``[["pairs", "pairs"]]`` if it has no reads.

        Returns
        -------
        list of list of str
        """
        runs = self.runs[self.runs["dataset"] == dataset]
        return runs[["library", "run"]].values.tolist() or [["pairs", "pairs"]]

    def chunk_labels(self):
        """Names of the chunks of a run, such as ``1-of-2``. The total in the name keeps other settings apart."""
        chunks = self.config["mapping"]["chunks"]
        return [f"{part}-of-{chunks}" for part in range(1, chunks + 1)]

    # Splits and targets

    def genome_of_split(self, split):
        """Name of the genome of a split."""
        return self.config["splits"][split]["genome"]

    def split_of_figures(self):
        """Name of the split of ``figures.model``."""
        return self.config["models"][self.config["figures"]["model"]]["split"]

    def splits_of_records(self):
        """Names of the splits with imported records."""
        return [name for name, split in self.config["splits"].items() if split["records"] is not None]

    def has_training_windows(self, split):
        """Whether a split has windows to learn from: downloaded records may leave out the training fold."""
        records = self.config["splits"][split]["records"]
        downloaded = records is not None and "://" in self.locate(records["folder"])
        return not downloaded or records["files"]["train"] > 0

    def splits_of_maps(self):
        """Names of the splits whose records are computed from maps."""
        return [name for name, split in self.config["splits"].items() if split["records"] is None]

    def mapped_datasets(self, split):
        """Names of the datasets of a split that have a map in the study; none if its records are imported."""
        return self.datasets_of_split(split) if split in self.splits_of_maps() else []

    def contig_datasets(self, split):
        """Names of the datasets whose filtered bins cut the contigs of a split.

        None for the published split, whose table of gaps already holds them, and none where ``min_filtered_run`` is 0.
        """
        settings = self.config["splits"][split]
        cut = settings["policy"] != "published" and settings["min_filtered_run"] > 0
        return self.datasets_of_split(split) if cut else []

    def local_records(self, split):
        """Local paths of the imported TFRecords of a split: their folder, or each file if they are downloaded."""
        return [self.local_file(path) for path in self._record_paths(split)]

    def local_record_table(self, split, name):
        """Local path of ``statistics`` (.json) or ``sequences`` (.bed) of the imported records of a split."""
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

    def claimed_files(self):
        """The files that the table of published numbers names, each once, in file order.

        Returns
        -------
        list of str
        """
        return list(read_claims(self.claims)["file"].unique())

    # Models

    def split_of_model(self, model):
        """Name of the split on which a model is trained, or analysed if it is imported."""
        return self.config["models"][model]["split"]

    def genome_of_model(self, model):
        """Name of the genome of a model's split."""
        return self.config["splits"][self.split_of_model(model)]["genome"]

    def gpus_of_model(self, model):
        """Number of GPUs of a job that predicts with a model: 0 if its ``device`` is ``cpu``, else 1."""
        return 0 if self.config["models"][model]["training"]["device"] == "cpu" else 1

    def gpus_of_training(self, model):
        """Number of GPUs of a job that trains a model: its ``gpus``, or 0 if its ``device`` is ``cpu``.

        ``gpus: all`` uses every GPU of the job; 1 is requested.
        """
        gpus = self.config["models"][model]["training"]["gpus"]
        return 1 if self.gpus_of_model(model) and gpus == "all" else self.gpus_of_model(model) and gpus

    def enzymes_of_model(self, model):
        """Recognition sequence of the enzyme of each of a model's compared datasets, in the model's order."""
        return {dataset: self.datasets.loc[dataset, "enzyme"] for dataset in self.compared_outputs(model)}

    def datasets_with_ceiling(self, model):
        """Datasets of a model whose split-read ceiling is measured.

        Empty if ``evaluation.ceiling`` is false or the records of its split are imported, because the ceiling needs
        the contacts of a map.
        """
        records = self.config["splits"][self.split_of_model(model)]["records"]
        return [] if records or not self.config["evaluation"]["ceiling"] else self.compared_outputs(model)

    def filters_of_search(self, model):
        """Largest number of filters of a search trial relative to the model's number, at least 1."""
        filters = self.config["search"]["space"]["filters"]
        return max(1, filters["high"] / self.config["models"][model]["architecture"]["stem_filters"]) if filters else 1

    # Alternatives

    def alternatives(self):
        """Settings of the alternatives of ``figures.model`` by name, the base first; empty without a model."""
        return self.config["comparison"]["alternatives"] if self.config["models"] else {}

    def alternatives_about(self, *kinds):
        """Descriptions of the base and of the alternatives of some kinds, by name, in order.

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
        """Settings of the targets without ``min_finite``, which only selects windows.

        Parameters
        ----------
        alternative : str, optional
            Name of an alternative whose ``targets`` override those of the study.
        """
        targets = {key: value for key, value in self.config["targets"].items() if key != "min_finite"}
        return {**targets, **self.alternatives()[alternative]["targets"]} if alternative else targets

    def settings_of_alternative(self, name):
        """Settings of an alternative without its description, which does not affect results."""
        return {key: value for key, value in self.alternatives()[name].items() if key != "description"}

    def records_of_alternative(self, name):
        """Folder of an alternative's training records: its own if it changes targets, else the model's."""
        if self.alternatives()[name]["targets"]:
            return f"results/comparison/{name}/records"
        return f"results/records/{self.split_of_model(self.config['figures']['model'])}"

    # Motifs

    def shown_motif(self):
        """Name of the set of motifs in figures: the first of ``mutagenesis.motifs``, or CTCF if it is empty."""
        return next(iter(self.config["mutagenesis"]["motifs"]), "CTCF")

    def motif_margin(self):
        """Length (bp) at both ends of a window in which sites are not changed."""
        geometry = self.config["geometry"]
        return 0 if self.config["mutagenesis"]["margin"] else geometry["crop_bins"] * geometry["bin_size"]

    def datasets_of_region(self, model):
        """Datasets whose maps give the target of ``region_panels.window``; empty if it is null."""
        return self.compared_outputs(model) if self.config["region_panels"]["window"] else []

    # Strength of patterns

    def strength_datasets(self):
        """The datasets whose strength of patterns is drawn: that of the figures, then the other outputs with tracks.

        None without a model.
        """
        figures = self.config["figures"]
        if not self.config["models"]:
            return []
        others = [name for name in self.compared_outputs(figures["model"]) if self.config["tracks"].get(name)]
        return list(dict.fromkeys([figures["dataset"], *others]))

    # Differences between datasets

    def cell_type_datasets(self):
        """Datasets of the predicted difference: ``cell_types.datasets``, or the first two outputs of ``figures.model``.

        Fewer than two if the model has one output; empty without a model.
        """
        if self.config["cell_types"]["datasets"]:
            return self.config["cell_types"]["datasets"]
        return self.compared_outputs(self.config["figures"]["model"])[:2] if self.config["models"] else []

    def ctcf_independent_dataset(self):
        """Name of the dataset of the analysis of structure without CTCF."""
        return self.config["ctcf_independent"]["dataset"] or self.config["figures"]["dataset"]

    def ctcf_independent_tracks(self):
        """CTCF and DNase bigWig of this dataset as in the config; empty if one is missing."""
        tracks = self.config["tracks"].get(self.ctcf_independent_dataset(), {})
        return [tracks[name] for name in ("CTCF", "DNase")] if {"CTCF", "DNase"} <= set(tracks) else []

    # Another genome

    def cross_species_genome(self):
        """Name of the genome of ``cross_species.split``, or None."""
        split = self.config["cross_species"]["split"]
        return self.config["splits"][split]["genome"] if split else None

    def cross_species_output(self):
        """Name of the model output that is compared with the map of the other genome."""
        return self.config["cross_species"]["output"] or self.config["figures"]["dataset"]

    def cross_species_repeats(self):
        """RepeatMasker table of the other genome as in the config, or None."""
        genome = self.cross_species_genome()
        return self.config["genomes"][genome]["repeatmasker"] if genome else None

    # Deletions

    def shown_deletion(self):
        """Name of the deletion in figures: the first of ``deletions``, or None."""
        return next(iter(self.config["deletions"]), None)

    def genome_of_deletion(self, name, model):
        """Name of the genome of a deletion; the model's genome by default."""
        return self.config["deletions"][name]["genome"] or self.genome_of_model(model)

    def motif_of_deletion(self, name):
        """Name of the set of motifs whose sites in the boundary are deleted."""
        return self.config["deletions"][name]["sites"]["motif"] or self.shown_motif()

    def track_of_deletion(self, name):
        """The CTCF bigWig by which the sites of a deleted boundary are ranked, as in the config, or None."""
        track = self.config["deletions"][name]["sites"]["track"]
        return self.config["tracks"].get(track, {}).get("CTCF", track)

    def extension_of_deletion(self, name):
        """bp by which the window of a deletion is extended to the left and to the right to keep its length."""
        region = parse_region(self.config["deletions"][name]["deletion"])
        return extension(region.end - region.start, self.config["geometry"]["bin_size"])

    def output_of_deletion(self, name):
        """Name of the model output in the figures of a deletion."""
        return self.config["deletions"][name]["dataset"] or self.config["figures"]["dataset"]

    def maps_of_deletion(self, name):
        """Datasets of the measured maps, [undeleted, deleted]; empty if there is no map of the deletion."""
        if name is None:
            return []
        measured = self.config["deletions"][name]["measured"]
        if not measured["deletion"]:
            return []
        return [measured["wild_type"] or self.output_of_deletion(name), measured["deletion"]]

    def has_five_c(self, name):
        """Whether a deletion, None for none, has a 5C experiment, at least of the undeleted cells."""
        return name is not None and self.config["deletions"][name]["five_c"] is not None

    def has_five_c_of_deletion(self, name):
        """Whether a deletion, None for none, has a 5C experiment of the cells with the deletion."""
        return self.has_five_c(name) and self.config["deletions"][name]["five_c"]["deletion"] is not None

    # Predictions

    def genome_of_prediction(self, name):
        """Name of the genome of a prediction; the model's genome by default."""
        prediction = self.config["predictions"][name]
        return prediction["genome"] or self.genome_of_model(prediction["model"])


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


def _texts(value):
    """All strings in nested dicts and lists, in order."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in parts for text in _texts(part)]
