"""JSON schemas of the config and its tables: validation, messages and defaults."""

import copy
import difflib
import math
from pathlib import Path

import jsonschema
import yaml

from akitaflow.errors import InputError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser reads the schemas ten times as fast
FOLDER = Path(__file__).resolve().parent / "schemas"
NAME_HINT = "letters, digits, '-' and '_' only (names become part of file names)"


def load_schema(name, folder=FOLDER):
    """A schema with every reference resolved.

    Parameters
    ----------
    name : str
        ``config``, ``datasets``, ``runs`` or another ``<name>.schema.yaml`` of the folder.
    folder : str or Path
        Folder of the schemas.

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
        node = {**target, **node}  # keys beside a reference override those of its target
    node.pop("$defs", None)
    return {key: _resolved(value, document, folder) for key, value in node.items()}


def fill(value, schema):
    """A copy of a value with the schema's default for every missing key, also within named maps and lists."""
    if isinstance(value, dict):
        known, additional = schema.get("properties", {}), schema.get("additionalProperties")
        filled = {}
        for key, subschema in known.items():
            filled[key] = fill(value[key] if key in value else copy.deepcopy(subschema.get("default")), subschema)
        for key, item in value.items():
            if key not in known:
                filled[key] = fill(item, additional) if isinstance(additional, dict) else copy.deepcopy(item)
        return filled
    if isinstance(value, list):
        return [fill(item, schema.get("items", {})) for item in value]
    return copy.deepcopy(value)


def read_text(value, schema):
    """A copy of a config in which text is converted to the type of its schema: ``"5"`` to 5, ``"1e-5"`` to 1.0e-5.

    Needed because all values of blocks on Snakemake's command line are text, and YAML reads 1e-5 as text. Text that
    the schema allows, or that cannot be converted, is unchanged.
    """
    if isinstance(value, dict):
        known, additional = schema.get("properties", {}), schema.get("additionalProperties")
        subschemas = {key: known.get(key, additional if isinstance(additional, dict) else {}) for key in value}
        return {key: read_text(item, subschemas[key]) for key, item in value.items()}
    if isinstance(value, list):
        return [read_text(item, schema.get("items", {})) for item in value]
    if not isinstance(value, str) or not schema.get("type"):
        return value
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "string" in kinds:
        return value
    for read in (yaml.safe_load, float):
        try:
            converted = read(value)
        except (ValueError, yaml.YAMLError):
            continue
        if jsonschema.Draft202012Validator({"type": kinds}).is_valid(converted):
            return converted
    return value


def as_types(value, schema):
    """A copy of a config in which whole numbers are ints where the schema asks for whole numbers.

    ``3.0`` and ``1e4`` become ints there. Other numbers are unchanged, also ints where the schema allows any number.
    """
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        parts = {key: known.get(key, others if isinstance(others, dict) else {}) for key in value}
        return {key: as_types(item, parts[key]) for key, item in value.items()}
    if isinstance(value, list):
        return [as_types(item, schema.get("items", {})) for item in value]
    if not isinstance(value, float) or not value.is_integer():
        return value
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return int(value) if "integer" in kinds and "number" not in kinds else value


def validate(value, schema, source, where=""):
    """Check a value against a schema.

    Parameters
    ----------
    value : dict
        The config or one row of a table.
    schema : dict
        Of :func:`load_schema`.
    source : str
        The file, for the message.
    where : str
        Text between file and key in the message, for example ``"row 3, column "``.

    Raises
    ------
    InputError
        For the first error: file, dotted key, value and what to write.
    """
    wrong = next(_not_finite(value), None)
    if wrong is not None:
        raise InputError(f"{source}, {where}{'.'.join(wrong[0])}: found {wrong[1]}; write a finite number")
    validator = jsonschema.Draft202012Validator(schema)
    errors = sorted(validator.iter_errors(value), key=lambda error: [str(part) for part in error.absolute_path])
    if errors:
        raise InputError(_message(errors[0], source, where))


def _not_finite(value, path=()):
    """Yield path and value of each number that is infinite or no number, which pass limits of a schema."""
    if isinstance(value, float) and not math.isfinite(value):
        yield path, value
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in parts:
        yield from _not_finite(item, (*path, str(key)))


def _message(error, source, where):
    key = ".".join(str(part) for part in error.absolute_path)
    place = f"{source}, {where}{key}" if key else f"{source}{', ' + where.rstrip(', ') if where else ''}"
    schema, value = error.schema, error.instance
    if error.validator == "additionalProperties":
        return _unknown_keys(error, source, where)
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in value]
        return f"{place}: the key {missing[0]!r} is missing; write it ({_about(schema, missing[0])})"
    if list(error.absolute_schema_path)[-2:-1] == ["propertyNames"]:  # the instance is a key of the map
        return f"{place}: the name {value!r} cannot be used; write {NAME_HINT}"
    return f"{place}: found {value!r}; write {_expected(schema, error)}"


def _unknown_keys(error, source, where):
    known = list(error.schema.get("properties", {}))
    extra = next(key for key in error.instance if key not in known)
    prefix = "".join(f"{part}." for part in error.absolute_path)
    renamed = error.schema.get("x-renamed", {})  # keys of earlier versions
    if extra in renamed:
        return f"{source}, {where}{prefix}{extra}: this key is now {renamed[extra]!r}; write {renamed[extra]}"
    close = difflib.get_close_matches(str(extra), known, n=1, cutoff=0.6)
    hint = f"did you mean {close[0]!r}?" if close else f"known keys here are {', '.join(known)}"
    return f"{source}, {where}{prefix}{extra}: unknown key; {hint}"


def _about(schema, key):
    return schema.get("properties", {}).get(key, {}).get("description", "see docs/configuration.md").rstrip(".")


def _expected(schema, error):
    """Description of the expected value."""
    value = error.instance
    if "enum" in schema:
        choices = ["null" if choice is None else str(choice) for choice in schema["enum"]]
        close = difflib.get_close_matches(str(value), choices, n=1)
        choice = "one of " + ", ".join(choices)
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
    if words[0].startswith("a text") and isinstance(value, int | float):
        if isinstance(value, bool):  # the spelling in the file is not known here
            return (
                f"{words[0]}: quote it; YAML reads no, off and false, yes, on and true as truth values without quotes"
            )
        return f'{words[0]}: quote it, "{value}"'
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
