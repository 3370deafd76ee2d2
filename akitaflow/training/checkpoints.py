"""The state of a training run in one file that is replaced at once, so that a killed run goes on where it stood."""

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
    """Write the state; the file of the epoch before stays until the new one is whole and on the disk.

    Parameters
    ----------
    folder : str or Path
        Of this run alone; it is made.
    identity : dict
        What the run is: plain JSON values. Only a run of the same identity resumes from the file.
    arrays : dict of str to list of ndarray
        Weights and the like.
    notes : dict
        Plain JSON values, for example the history.
    """
    named = {f"{group}/{i}": array for group, members in arrays.items() for i, array in enumerate(members)}
    with whole(Path(folder) / NAME) as temporary, open(temporary, "wb") as file:
        np.savez(file, notes=json.dumps({"identity": identity, "notes": notes}), **named)
        file.flush()
        os.fsync(file.fileno())


def load(folder, identity):
    """The last state of the run of this identity.

    A checkpoint of another run, or one that cannot be read, is set aside under a name of its own, and a line on
    standard error says why.

    Returns
    -------
    (dict of str to list of ndarray, dict) or None
        Arrays and notes as given to :func:`save`; None where there is nothing to resume.
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


def _set_aside(path, why):
    digest = blake2b(path.read_bytes(), digest_size=4).hexdigest()
    aside = path.with_name(f"{path.stem}.{digest}{path.suffix}")
    os.replace(path, aside)
    print(f"The checkpoint {path} is set aside as {aside.name}: {why}. Training starts anew.", file=sys.stderr)


def _differences(old, new, name=""):
    """Lines "key: was, now" for every leaf at which two trees of plain values differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _differences(old.get(key), new.get(key), f"{name}.{key}".lstrip("."))
    elif old != new:
        yield f"{name} was {old!r}, now {new!r}"
