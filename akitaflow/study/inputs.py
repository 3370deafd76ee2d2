"""Files that a study reads: their paths, addresses and expected properties."""

import os

from akitaflow.errors import InputError
from akitaflow.retrieve import ena
from akitaflow.retrieve.addresses import download_name
from akitaflow.study.checks.common import MADE_HERE
from akitaflow.study.tables import read_claims

DOWNLOADS = "results/downloads"
RECORD_TABLES = {"statistics": "statistics.json", "sequences": "sequences.bed"}  # of imported records


class Inputs:
    """Methods of :class:`akitaflow.study.study.Study` about its files."""

    def reads(self, dataset, library, run):
        """The two located FASTQ files of a run."""
        chosen = self.runs[["dataset", "library", "run"]].eq([dataset, library, run]).all(axis=1)
        row = self.runs[chosen].iloc[0]
        return [self.locate(row["fastq_1"]), self.locate(row["fastq_2"])]

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

    def expected_file(self, url):
        """Expected properties of a file at a URL, from the tables of resources and runs.

        Returns
        -------
        dict
            mirror and checksum (empty if unknown), size in bytes (0 if unknown).
        """
        row = self.resources.get(url, {"mirror": "", "checksum": "", "size": 0})
        expected = {"mirror": row["mirror"], "checksum": row["checksum"], "size": row["size"]}
        for mate in (1, 2):
            for run in self.runs[self.runs[f"fastq_{mate}"].map(self.locate) == url].to_dict("records"):
                if run[f"md5_{mate}"]:
                    expected["checksum"] = f"md5:{run[f'md5_{mate}'].lower()}"
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
            expected[f"md5_{mate}"] = "" if fetched else row[f"md5_{mate}"].lower()
            expected[f"bytes_{mate}"] = 0 if fetched else int(row[f"bytes_{mate}"])
        return expected

    def local_records(self, split):
        """Local paths of the imported TFRecords of a split: their folder, or each file if they are downloaded."""
        return [self.local_file(path) for path in self._record_paths(split)]

    def local_record_table(self, split, name):
        """Local path of ``statistics`` (.json) or ``sequences`` (.bed) of the imported records of a split."""
        return self.local_file(self._record_table(split, name))

    def _record_paths(self, split):
        records = self.config["splits"][split]["records"]
        folder = self.locate(records["folder"]).rstrip("/")
        if "://" not in folder:
            return [f"{folder}/tfrecords"]
        files = (records["files"] or {}).items()  # without them the check of files refuses the study
        return [f"{folder}/tfrecords/{fold}-{number}.tfr" for fold, count in files for number in range(count)]

    def _record_table(self, split, name):
        records = self.config["splits"][split]["records"]
        return records[name] or f"{records['folder'].rstrip('/')}/{RECORD_TABLES[name]}"

    def addresses(self):
        """Every URL in the config and the tables of datasets and runs, without duplicates.

        Returns
        -------
        list of str
            In the order of the config, the tables and the imported records.
        """
        config = self.config
        blocks = [config["genomes"], config["tracks"], config["motifs"]["sets"], config["models"], config["deletions"]]
        blocks += [[variants[key] for key in ("file", "chain")] for variants in config["variants"]["sets"].values()]
        blocks.append(config["variants"]["genes"])
        columns = [*self.datasets["path"], *self.datasets["rename"], *self.runs["fastq_1"], *self.runs["fastq_2"]]
        paths = [self.locate(path) for path in (*_texts(blocks), *columns)]
        for split in self.splits_of_records():
            paths += self._record_paths(split)
            paths += [self.locate(self._record_table(split, name)) for name in RECORD_TABLES]
        return list(dict.fromkeys(path for path in paths if path and "://" in path))

    def tables(self):
        """Paths of the tables of the study that are read before the first job: datasets, runs, claims."""
        return [path for path in (self.dataset_table, self.run_table, self.claims) if path]

    def recorded_files(self):
        """Local paths of the files whose checksums record what a run was made from, without FASTQ files.

        Returns
        -------
        list of str
            The tables of datasets and runs, FASTA of the genomes of datasets and figures, files of the table of
            datasets (for a URL, the downloaded file), and every file of the config that exists and is not made by the
            workflow. Sorted, without duplicates.
        """
        config = self.config
        genomes = {*self.datasets["genome"], *map(self.genome_of_split, self.splits_of_figures())}
        needed = [config["genomes"][genome]["fasta"] for genome in genomes]
        needed += [*self.datasets["path"], *self.datasets["rename"]]
        paths = {self.local_file(path) for path in needed if path}
        blocks = [config["genomes"], config["tracks"], config["motifs"]["sets"], config["models"], config["deletions"]]
        others = [*(self.locate(path) for path in _texts(blocks)), *self.tables()]
        paths |= {path for path in others if path and not path.startswith(MADE_HERE) and os.path.isfile(path)}
        return sorted(paths)

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

    def claimed_files(self):
        """The files that the table of published numbers names, each once, in file order.

        Returns
        -------
        list of str
        """
        return list(read_claims(self.claims)["file"].unique())


def _texts(value):
    """All strings in nested dicts and lists, in order."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in parts for text in _texts(part)]
