"""Check of the config's ``mapping``."""

import re
from pathlib import Path

from akitaflow.errors import InputError
from akitaflow.mapping.distiller_project import check_revision


def check_mapping(study):
    """The settings of distiller-nf are consistent with each other and with the study's bin size."""
    options, size = study.config["mapping"]["distiller"], study.config["geometry"]["bin_size"]
    if study.config["mapping"]["engine"] != "distiller":
        return
    key = f"{study.source}, mapping.distiller"
    for other in options["resolutions"]:
        if other % size or other == size:
            raise InputError(
                f"{key}.resolutions: {other} is not a multiple of geometry.bin_size ({size}), from which distiller-nf "
                f"sums all others; write multiples of {size} above it, as {2 * size}, or none"
            )
    kept_names = [name for name in options["filters"] if re.fullmatch(r"no_filter|mapq_[0-9]+", name)]
    if kept_names:
        raise InputError(
            f"{key}.filters: the name {kept_names[0]} is kept for the filter of a dataset's own min_mapq; write "
            "another one"
        )
    if options["executor"] == "local":
        for name in ("queue", "account", "extra"):
            if options[name]:
                raise InputError(f"{key}.{name}: only SLURM has it; write executor: slurm, or leave {name} out")
    if options["path"] is None:
        return
    folder = Path(study.locate(options["path"]))
    if not (folder / "distiller.nf").is_file():
        raise InputError(f"{key}.path: no distiller.nf in {folder}; write the folder of a checkout of distiller-nf")
    check_revision(folder, options["revision"], key)
