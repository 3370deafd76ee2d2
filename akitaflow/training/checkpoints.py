"""Checkpoints: the state of a training in one file that is replaced atomically, to resume an interrupted training."""

import json
import os
import sys
from hashlib import blake2b
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from akitaflow.files import whole

NAME = "state.npz"


def save(folder, identity, arrays, notes):
    """Write the state. The previous file is kept until the new one is complete and on disk.

    Parameters
    ----------
    folder : str or Path
        Folder of this training; created if missing.
    identity : dict
        Data and settings of the training as JSON values. Only a training of the same identity resumes from the file.
    arrays : dict of str to list of ndarray
        Weights and optimiser state by group.
    notes : dict
        JSON values, for example the history.
    """
    named = {f"{group}/{i}": array for group, members in arrays.items() for i, array in enumerate(members)}
    with whole(Path(folder) / NAME) as temporary, open(temporary, "wb") as file:
        np.savez(file, notes=json.dumps({"identity": identity, "notes": notes}), **named)
        file.flush()
        os.fsync(file.fileno())


def load(folder, identity):
    """Read the last state of a training.

    A checkpoint with another identity, or one that cannot be read, is renamed, and the reason is written to standard
    error.

    Parameters
    ----------
    folder : str or Path
    identity : dict
        As in :func:`save`.

    Returns
    -------
    (arrays, notes) : (dict of str to list of ndarray, dict) or None
        As in :func:`save`; None if there is nothing to resume.
    """
    path = Path(folder) / NAME
    if not path.exists():
        return None
    identity = json.loads(json.dumps(identity))  # tuples become lists, as in the file
    try:
        with np.load(path) as file:
            stored = json.loads(str(file["notes"]))
            arrays = {}
            for key in file.files:
                if key != "notes":
                    arrays.setdefault(key.split("/")[0], []).append(file[key])
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        _set_aside(path, f"it cannot be read ({error})")
        return None
    differences = list(_differences(stored["identity"], identity))
    if differences:
        _set_aside(path, "it is of a run with other settings: " + "; ".join(differences))
        return None
    return arrays, stored["notes"]


def _set_aside(path, reason):
    digest = blake2b(path.read_bytes(), digest_size=4).hexdigest()
    aside = path.with_name(f"{path.stem}.{digest}{path.suffix}")
    os.replace(path, aside)
    print(f"The checkpoint {path} is renamed {aside.name}: {reason}. Training starts again.", file=sys.stderr)


def _differences(old, new, name=""):
    """A text "key was old, now new" for every leaf in which two nested dicts differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _differences(old.get(key), new.get(key), f"{name}.{key}".lstrip("."))
    elif old != new:
        yield f"{name} was {old!r}, now {new!r}"
