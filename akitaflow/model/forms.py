"""Options of a network's architecture, and the check of their combinations.

Imports light packages only, because Snakemake reads the config in its own environment.
"""

from akitaflow.errors import InputError

#: Keys of ``architecture`` and their allowed values, the published value first.
FORM = {
    "pairs": ("mean", "concatenate", "product", "max"),
    "distance": (True, False),
    "symmetrize": (True, False),
    "trunk": ("dilated", "lstm"),
    "lstm_units": (None,),  # or a number
    "convolution": ("full", "separable"),
    "head": ("map", "virtual_4c", "zigzag"),
    "block_order": ("relu_first", "convolution_first"),
}


def check_form(numbers):
    """Check that the options of an architecture are valid together.

    Parameters
    ----------
    numbers : dict
        Keys of ``architecture``. Only those of :data:`FORM` are checked; missing ones have the published value.

    Raises
    ------
    InputError
        If a value is unknown, or values exclude each other.
    """
    form = {key: numbers.get(key, choices[0]) for key, choices in FORM.items()}
    for key, choices in FORM.items():
        if key != "lstm_units" and form[key] not in choices:
            words = ", ".join(str(choice).lower() if isinstance(choice, bool) else choice for choice in choices)
            raise InputError(f"architecture.{key}: found {form[key]!r}; write one of {words}")
    if form["lstm_units"] is not None and form["trunk"] != "lstm":
        raise InputError("architecture.lstm_units: needs trunk: lstm; write that too, or delete lstm_units")
    if form["head"] != "map":
        for key in ("pairs", "distance", "symmetrize"):
            if form[key] != FORM[key][0]:
                raise InputError(
                    f"architecture.{key}: a head {form['head']} has no map of pairs, so {key} has no effect; "
                    f"delete {key}, or write head: map"
                )
