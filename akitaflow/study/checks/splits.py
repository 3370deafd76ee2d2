"""Check of the config's ``splits``."""

from akitaflow.errors import InputError
from akitaflow.study.checks.common import require_known, require_region


def check_splits(study):
    """Fractions, chromosomes, regions and lengths of each split are consistent."""
    config, geometry = study.config, study.config["geometry"]
    window = geometry["window"] // geometry["bin_size"]
    for name, split in config["splits"].items():
        key = f"{study.source}, splits.{name}"
        require_known(split["genome"], config["genomes"], f"{key}.genome", "genome")
        if split["records"] is not None:
            _check_outputs_of_records(study, split, key)
            continue
        total = sum(split["fractions"].values())
        if abs(total - 1) > 1e-6:
            shares = ", ".join(f"{fold}: {share}" for fold, share in split["fractions"].items())
            raise InputError(f"{key}.fractions: {shares} sum to {total:g}; write shares that sum to 1")
        if split["max_contig_bins"] < window:
            raise InputError(
                f"{key}.max_contig_bins: contigs of at most {split['max_contig_bins']} bins hold no window of "
                f"{window} bins; write at least {window}, better 4 x {window}"
            )
        chromosomes = config["genomes"][split["genome"]]["chromosomes"]
        _check_chromosomes(split, chromosomes, key)
        for index, region in enumerate(split["holdout"]):
            require_region(region["region"], chromosomes, f"{key}.holdout.{index}.region")


def _check_outputs_of_records(study, split, key):
    """The targets of imported records are datasets of the split's genome."""
    genomes = study.datasets["genome"]
    for index, name in enumerate(split["records"]["outputs"]):
        place = f"{key}.records.outputs.{index}"
        require_known(name, genomes.index, place, "dataset")
        if genomes[name] != split["genome"]:
            raise InputError(
                f"{place}: {name} is a dataset of genome {genomes[name]}, the split is one of {split['genome']}; write "
                f"a dataset of {split['genome']}, or correct one of the two genomes"
            )


def _check_chromosomes(split, known, key):
    """Each chromosome belongs to the genome (if its chromosomes are known) and to one fold."""
    fold_of_chrom = {}
    for fold, chromosomes in split["chromosomes"].items():
        for chrom in chromosomes:
            if known is not None:
                require_known(chrom, known, f"{key}.chromosomes.{fold}", "chromosome")
            if chrom in fold_of_chrom:
                raise InputError(
                    f"{key}.chromosomes.{fold}: {chrom} is in {fold_of_chrom[chrom]} too; write each chromosome in one "
                    "fold"
                )
            fold_of_chrom[chrom] = fold
