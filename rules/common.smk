# Requires: the config and its tables.
# Gives: `study` (the validated config with all defaults), `located`, `library`, `memory`, `minutes`, `left_out` and the
# wildcard constraints.

import os
from hashlib import blake2b
from urllib.parse import urlsplit

from snakemake.exceptions import WorkflowError

from akitaflow.study.study import load
from akitaflow.errors import InputError

config_file = workflow.overwrite_configfiles[-1] if workflow.overwrite_configfiles else "config/config.yaml"
try:
    study = load(config, folder=os.path.dirname(config_file), source=str(config_file), workflow_folder=workflow.basedir)
except InputError as error:
    raise WorkflowError(str(error)) from None
config.update(study.config)


wildcard_constraints:
    genome="[^/.]+",
    dataset="[^/.]+",
    library="[^/.]+",
    run="[^/.]+",
    split="[^/.]+",
    model="[^/.]+",
    motif="[^/.]+",
    locus="[^/.]+",


def memory(mb):
    """MB of a job, more with each attempt.

    Parameters
    ----------
    mb : int or function of wildcards
        What the first attempt asks for.
    """
    return lambda wildcards, attempt: attempt * int(mb(wildcards) if callable(mb) else mb)


def minutes(n):
    """Run time of a job in minutes, more with each attempt."""
    return lambda wildcards, attempt: attempt * n


downloads = {}  # name under results/downloads -> URL; filled by located()


def located(path):
    """The local path of a file named in the config: {names} expanded; a URL becomes the place it is downloaded to.

    Nothing gives an empty list, so that an optional file can stand among the inputs of a rule.
    """
    path = study.locate(path)
    if path is None:
        return []
    if "://" not in path:
        return path
    digest = blake2b(path.encode(), digest_size=4).hexdigest()
    name = f"{digest}-{os.path.basename(urlsplit(path).path)}"
    downloads[name] = path
    return f"results/downloads/{name}"


def library(*modules):
    """Modules of akitaflow as inputs of a figure, so that an edit of its style redraws it."""
    return [os.path.join(workflow.basedir, "akitaflow", module) for module in modules]


left_out = {}  # figure that this study cannot have -> what it lacks
