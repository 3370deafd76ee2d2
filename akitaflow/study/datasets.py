"""Datasets of a study, their libraries and runs, and the splits that use them."""


class Datasets:
    """Methods of :class:`akitaflow.study.study.Study` about datasets and splits."""

    def libraries(self, dataset):
        """Libraries of a dataset that enters at ``fastq``, in file order."""
        return list(dict.fromkeys(self.runs.loc[self.runs["dataset"] == dataset, "library"]))

    def runs_of(self, dataset, library):
        """Runs of a library, in file order."""
        chosen = (self.runs["dataset"] == dataset) & (self.runs["library"] == library)
        return list(self.runs.loc[chosen, "run"])

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
