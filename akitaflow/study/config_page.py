"""The documentation page of config keys, generated from the schemas.

``python -m akitaflow.study.config_page docs/configuration.md`` writes it.
"""

import json
import sys

from akitaflow.files import write_text
from akitaflow.study.schema import load_schema

INTRODUCTION = """\
# Configuration

<!-- Written by `python -m akitaflow.study.config_page docs/configuration.md` from akitaflow/study/schemas. -->

A study is described by a YAML file and two tables in the same folder. Every key has a default, that of the published
study if there is one, so a config contains only what differs. `<name>` stands for a name of your choice (letters,
digits, `-` and `_`), `[]` for each item of a list. Any key can be given on the command line
(`--config seed=7 targets='{smoothing_sigma: 0}'`). Errors stop the workflow before it starts, with the file, the key
and what to write.

[config/README.md](../config/README.md) explains step by step how to describe your own study.
"""


def reference():
    """The page of config keys.

    Returns
    -------
    str
        Markdown.
    """
    config = load_schema("config")
    blocks = [(key, subschema) for key, subschema in config["properties"].items() if _children(subschema)]
    single = {key: subschema for key, subschema in config["properties"].items() if not _children(subschema)}
    parts = [INTRODUCTION, "## Single keys\n", _table(_rows(single, (), ""))]
    for key, subschema in blocks:
        parts += [f"## `{key}`\n", subschema["description"].strip() + "\n", _table(list(_leaves(subschema, "")))]
    for name in ("datasets", "runs", "claims", "resources", "accessions"):
        schema = load_schema(name)
        rows = _rows(schema["properties"], schema["required"], "")
        parts += [f"## {schema['title']}\n", schema["description"].strip() + "\n", _table(rows, "column")]
    return "\n".join(parts)


def write(path):
    """Write the page to a file."""
    write_text(path, reference())


def _children(schema):
    """Properties of a schema by key; the values of a map of names have the key ``<name>``."""
    children = dict(schema.get("properties", {}))
    additional = schema.get("additionalProperties")
    if isinstance(additional, dict):
        children["<name>"] = additional
    return children


def _rows(parts, required, prefix):
    return [(prefix + key, subschema, key in required) for key, subschema in parts.items()]


def _leaves(schema, prefix):
    """Every key below a schema, parents before children."""
    for key, subschema in _children(schema).items():
        path = f"{prefix}{key}"
        yield path, subschema, key in schema.get("required", ())
        yield from _leaves(subschema, f"{path}.")
        items = subschema.get("items", {})
        if _children(items):
            yield from _leaves(items, f"{path}[].")


def _table(rows, first="key"):
    lines = [f"| {first} | default | value | meaning |", "|---|---|---|---|"]
    for path, subschema, is_required in rows:
        default = "(required)" if is_required else _default(subschema)
        if path.endswith("<name>"):
            default = ""
        meaning = " ".join(subschema["description"].split()).replace("|", "\\|")
        lines.append(f"| `{path}` | {default} | {_value(subschema)} | {meaning} |")
    return "\n".join(lines) + "\n"


def _default(subschema):
    default = subschema.get("default")
    if _children(subschema):
        return f"`{json.dumps(default)}`" if default else ""
    if default == "":
        return "empty"
    if isinstance(default, float):
        # YAML reads 1e-05 as text, 1.0e-05 as a number
        return f"`{default!r}`".replace("e", ".0e") if "." not in repr(default) else f"`{default!r}`"
    return f"`{json.dumps(default)}`" if not isinstance(default, str) else f"`{default}`"


def _value(subschema):
    if "enum" in subschema:
        return " \\| ".join(f"`{'null' if value is None else value}`" for value in subschema["enum"])
    types = subschema.get("type", "object")
    types = [types] if isinstance(types, str) else types
    words = {
        "integer": "whole number",
        "number": "number",
        "string": "text",
        "boolean": "true, false",
        "array": "list",
        "object": "keys",
        "null": "null",
    }
    text = " or ".join(words[kind] for kind in types)
    limits = [
        f"{sign} {subschema[keyword]}"
        for keyword, sign in (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<"))
        if keyword in subschema
    ]
    return f"{text}, {', '.join(limits)}" if limits else text


if __name__ == "__main__":
    write(sys.argv[1] if len(sys.argv) > 1 else "docs/configuration.md")
