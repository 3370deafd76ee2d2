"""Check of the text of a config file, before YAML's rules turn it into values.

YAML reads some texts as values that few people mean: ``012`` is 10, ``1:30`` is 90, ``no`` is false, and of a key that
stands twice the second counts.
"""

import json
import re
from pathlib import Path

import yaml

from akitaflow.errors import InputError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_KINDS = {"str", "int", "float", "bool", "null", "timestamp", "seq", "map"}
_OCTAL = re.compile(r"[-+]?0[0-7_]+")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def check_config_file(path):
    """Check that a config file is text that is read as it is meant.

    Parameters
    ----------
    path : str or Path
        YAML or JSON.

    Raises
    ------
    InputError
        With the file and line: text that is not UTF-8, a tab that indents, a key that stands twice, a key that is no
        text (``1``, ``true``), a number that is read as octal (``012``) or as sexagesimal (``1:30``), a date.
    """
    try:
        _check_text(_decoded(path), path)
    except RecursionError:
        raise InputError(
            f"{path}: lists or keys within each other beyond any config; write the config of a study"
        ) from None


def _check_text(text, path):
    try:
        json.loads(text)
        is_json = True
    except ValueError:
        is_json = False
    try:
        root = yaml.compose(text, _LOADER)
    except yaml.YAMLError as error:
        if is_json:  # YAML refuses tabs, which JSON has
            return
        raise InputError(f"{path}, {_yaml_problem(error, text)}") from None
    if root is None:
        raise InputError(f"{path}: the file is empty; write the config of a study (docs/configuration.md)")
    if not isinstance(root, yaml.MappingNode):
        raise InputError(f"{path}, line 1: found no keys; write keys with values, as 'seed: 1'")
    _check(root, path, set(), set())


def _decoded(path):
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); write the path of the config") from None
    if content[:2] in _UTF_16:
        raise InputError(f"{path}, line 1: the text is UTF-16; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(
            f"{path}, line {line}: the byte {content[error.start : error.start + 1].hex()} is not UTF-8 (the text may "
            "be Latin-1); save it as UTF-8"
        ) from None


def _yaml_problem(error, text):
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return f"line 1: not YAML: {error}"
    lines = text.split("\n")
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())] or "\t" in line[mark.column : mark.column + 1]:
        return f"line {mark.line + 1}: a tab; YAML is indented by blanks"
    return f"line {mark.line + 1}: not YAML: {getattr(error, 'problem', error)}; found {line.strip()[:80]!r}"


def _check(node, path, seen, outer):
    if id(node) in outer:
        raise InputError(f"{path}, line {node.start_mark.line + 1}: an alias of itself; write the values out")
    if id(node) in seen:  # a node that an alias repeats
        return
    seen.add(id(node))
    _check_tag(node, f"{path}, line {node.start_mark.line + 1}")
    if isinstance(node, yaml.MappingNode):
        lines = {}
        for key, value in node.value:
            _check_key(key, path, lines)
            _check(value, path, seen, outer | {id(node)})
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _check(item, path, seen, outer | {id(node)})
    elif isinstance(node, yaml.ScalarNode) and not node.style:  # plain text
        _check_value(node, f"{path}, line {node.start_mark.line + 1}")


def _check_tag(node, place):
    """Check that a node is text, a number, a truth value, null, a list or a mapping."""
    if node.tag == f"{_TAG}value":
        raise InputError(f'{place}: = has a meaning of its own in YAML; quote it: "="')
    if node.tag.removeprefix(_TAG) not in _KINDS:
        tag = node.tag.replace(_TAG, "!!")
        raise InputError(f"{place}: the tag {tag} is not read; write the value without a tag")


def _check_key(key, path, lines):
    number = key.start_mark.line + 1
    if key.tag == f"{_TAG}merge":
        return
    if not isinstance(key, yaml.ScalarNode) or key.tag != f"{_TAG}str":
        kind = key.tag.removeprefix(_TAG)
        value = key.value if isinstance(key, yaml.ScalarNode) else kind
        raise InputError(f'{path}, line {number}: the key {value} is read as {kind}; quote it: "{value}"')
    if key.value in lines:
        raise InputError(
            f"{path}, line {number}: the key {key.value!r} stands in line {lines[key.value]} already; keep one of them"
        )
    lines[key.value] = number


def _check_value(node, place):
    text, kind = node.value, node.tag.removeprefix(_TAG)
    if kind == "int" and _OCTAL.fullmatch(text):
        raise InputError(
            f"{place}: {text} is read as an octal number, {int(text.replace('_', ''), 8)}; write it without the zero "
            f'in front, or quote it if it is a name: "{text}"'
        )
    if kind in ("int", "float") and ":" in text:
        raise InputError(f'{place}: {text} is read as a number to base 60; quote it: "{text}"')
    if kind == "timestamp":
        raise InputError(f'{place}: {text} is read as a date; quote it: "{text}"')
