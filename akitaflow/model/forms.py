"""The forms that a network can have, and which of them fit together.

Only light packages are imported here, because Snakemake reads the config in its own environment.
"""

from akitaflow.errors import InputError

# The form of a network: keys of `architecture` and what they may be, the published one first.
FORM = {
    "pairs": ("mean", "concatenate", "product", "max"),
    "distance": (True, False),
    "symmetrize": (True, False),
    "trunk": ("dilated", "lstm"),
    "lstm_units": (None,),  # or a number
    "convolution": ("full", "separable"),
    "head": ("map", "virtual_4c", "zigzag"),
}


def check_form(numbers):
    """The form of a network is one that can be built.

    Parameters
    ----------
    numbers : dict
        Keys of ``architecture``; those of :data:`FORM` are looked at, where they are given.

    Raises
    ------
    InputError
        An unknown value, or values that exclude each other.
    """
    form = {key: numbers.get(key, choices[0]) for key, choices in FORM.items()}
    for key, choices in FORM.items():
        if key != "lstm_units" and form[key] not in choices:
            words = ", ".join(str(choice).lower() if isinstance(choice, bool) else choice for choice in choices)
            raise InputError(f"architecture.{key}: found {form[key]!r}; write one of {words}")
    if form["lstm_units"] is not None and form["trunk"] != "lstm":
        raise InputError("architecture.lstm_units: belongs to trunk: lstm; write that too, or delete lstm_units")
    if form["head"] != "map":
        for key in ("pairs", "distance", "symmetrize"):
            if form[key] != FORM[key][0]:
                raise InputError(
                    f"architecture.{key}: a head {form['head']} has no map of pairs whose {key} could be chosen; "
                    f"delete {key}, or write head: map"
                )
