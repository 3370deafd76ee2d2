"""JSON schemas of the config and its tables: validation with messages a user can act on, and defaults."""

import copy
import difflib
from pathlib import Path

import jsonschema
import yaml

from akitaflow.errors import InputError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser reads the schemas ten times as fast
FOLDER = Path(__file__).resolve().parents[2] / "config" / "schemas"
NAME_HINT = "letters, digits, '-' and '_' only (names become part of file names)"


def load_schema(name, folder=FOLDER):
    """A schema with every reference replaced by what it points to.

    Parameters
    ----------
    name : str
        ``config``, ``datasets``, ``runs`` or another ``<name>.schema.yaml`` of the folder.
    folder : str or Path
        Where the schemas are.

    Returns
    -------
    dict
    """
    document = yaml.load((Path(folder) / f"{name}.schema.yaml").read_text(), LOADER)
    return _resolved(document, document, Path(folder))


def _resolved(node, document, folder):
    if isinstance(node, list):
        return [_resolved(item, document, folder) for item in node]
    if not isinstance(node, dict):
        return node
    node = dict(node)
    reference = node.pop("$ref", None)
    if reference is not None:
        if reference.startswith("#/"):
            target = document
            for part in reference[2:].split("/"):
                target = target[part]
        else:
            target = load_schema(reference.removesuffix(".schema.yaml"), folder)
        node = {**target, **node}  # what stands beside a reference has the last word
    node.pop("$defs", None)
    return {key: _resolved(value, document, folder) for key, value in node.items()}


def fill(value, schema):
    """A copy of a value in which every missing key has its schema's default, in named maps and lists too."""
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        filled = {}
        for key, part in known.items():
            filled[key] = fill(value[key] if key in value else copy.deepcopy(part.get("default")), part)
        for key, item in value.items():
            if key not in known:
                filled[key] = fill(item, others) if isinstance(others, dict) else copy.deepcopy(item)
        return filled
    if isinstance(value, list):
        return [fill(item, schema.get("items", {})) for item in value]
    return copy.deepcopy(value)


def read_text(value, schema):
    """A copy of a config in which text stands for what its schema asks: ``"5"`` for 5, ``"1e-5"`` for 1.0e-5.

    Blocks given on Snakemake's command line arrive as text throughout, and YAML takes 1e-5 for text. Text that stays
    text, or that is none of what the schema allows, is left as it is.
    """
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        parts = {key: known.get(key, others if isinstance(others, dict) else {}) for key in value}
        return {key: read_text(item, parts[key]) for key, item in value.items()}
    if isinstance(value, list):
        return [read_text(item, schema.get("items", {})) for item in value]
    if not isinstance(value, str) or not schema.get("type"):
        return value
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "string" in kinds:
        return value
    for read in (yaml.safe_load, float):
        try:
            meant = read(value)
        except (ValueError, yaml.YAMLError):
            continue
        if jsonschema.Draft202012Validator({"type": kinds}).is_valid(meant):
            return meant
    return value


def as_types(value, schema):
    """A copy of a config in which each number has the type of its schema.

    A whole number that is written as ``3.0`` or ``1e4`` becomes an int where the schema asks for a whole number, and an
    int becomes a float where it asks for a number.
    """
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        parts = {key: known.get(key, others if isinstance(others, dict) else {}) for key in value}
        return {key: as_types(item, parts[key]) for key, item in value.items()}
    if isinstance(value, list):
        return [as_types(item, schema.get("items", {})) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "number" in kinds and "integer" not in kinds:
        return float(value)
    if "integer" in kinds and "number" not in kinds and float(value).is_integer():
        return int(value)
    return value


def validate(value, schema, source, where=""):
    """Check a value against a schema.

    Parameters
    ----------
    value : dict
        The config or one row of a table.
    schema : dict
        As :func:`load_schema` gives it.
    source : str
        The file, for the message.
    where : str
        What stands between file and key in the message, as ``"row 3, column "``.

    Raises
    ------
    InputError
        For the first problem: file, dotted key, what was found and what to write.
    """
    validator = jsonschema.Draft202012Validator(schema)
    errors = sorted(validator.iter_errors(value), key=lambda error: [str(part) for part in error.absolute_path])
    if errors:
        raise InputError(_message(errors[0], source, where))


def _message(error, source, where):
    key = ".".join(str(part) for part in error.absolute_path)
    place = f"{source}, {where}{key}" if key else f"{source}{', ' + where.rstrip(', ') if where else ''}"
    schema, found = error.schema, error.instance
    if error.validator == "additionalProperties":
        return _unknown_keys(error, source, where)
    if error.validator == "required":
        lacking = [name for name in error.validator_value if name not in found]
        return f"{place}: the key {lacking[0]!r} is missing; write it ({_about(schema, lacking[0])})"
    if list(error.absolute_schema_path)[-2:-1] == ["propertyNames"]:  # the path is the map's, the instance its key
        return f"{place}: the name {found!r} cannot be used; write {NAME_HINT}"
    return f"{place}: found {found!r}; write {_expected(schema, error)}"


def _unknown_keys(error, source, where):
    known = list(error.schema.get("properties", {}))
    extra = next(key for key in error.instance if key not in known)
    prefix = "".join(f"{part}." for part in error.absolute_path)
    close = difflib.get_close_matches(str(extra), known, n=1, cutoff=0.6)
    hint = f"did you mean {close[0]!r}?" if close else f"known keys here are {', '.join(known)}"
    return f"{source}, {where}{prefix}{extra}: unknown key; {hint}"


def _about(schema, key):
    return schema.get("properties", {}).get(key, {}).get("description", "see docs/configuration.md").rstrip(".")


def _expected(schema, error):
    """What to write, in words."""
    found = error.instance
    if "enum" in schema:
        close = difflib.get_close_matches(str(found), [str(value) for value in schema["enum"]], n=1)
        choice = "one of " + ", ".join(str(value) for value in schema["enum"])
        return choice + (f"; did you mean {close[0]!r}?" if close else "")
    if error.validator == "pattern":
        if schema["pattern"] == r"^[A-Za-z0-9_-]+\Z":
            return NAME_HINT
        return f"text that matches {schema['pattern']} ({schema.get('description', '').strip()})"
    if error.validator == "uniqueItems":
        return "each item once"
    if error.validator in ("minItems", "minProperties"):
        return f"at least {error.validator_value} item(s)"
    if error.validator == "minLength":
        return "a text that is not empty"
    words = [_type_words(schema)]
    if words[0].startswith("a text") and isinstance(found, int | float):
        return f'{words[0]}: quote it, "{found}"'
    for keyword, word in (
        ("minimum", "at least"),
        ("exclusiveMinimum", "more than"),
        ("maximum", "at most"),
        ("exclusiveMaximum", "less than"),
    ):
        if keyword in schema:
            words.append(f"{word} {schema[keyword]}")
    return words[0] + (" of " + " and ".join(words[1:]) if words[1:] else "")


def _type_words(schema):
    words = {
        "integer": "a whole number",
        "number": "a number",
        "string": "a text",
        "boolean": "true or false",
        "array": "a list, [a, b]",
        "object": "keys with values",
        "null": "null",
    }
    types = schema.get("type", "object")
    return " or ".join(words[kind] for kind in ([types] if isinstance(types, str) else types))
