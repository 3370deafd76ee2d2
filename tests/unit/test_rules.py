"""Each file of rules is read with common.smk alone, and what a rule gives to a shell is quoted."""

import ast
import builtins
import dis
import re
import string
import symtable
from functools import cache
from types import SimpleNamespace

import pytest
from places import ROOT
from snakemake.parser import parse
from snakemake.sourcecache import LocalSourceFile

FILES = sorted(path.name for path in (ROOT / "rules").glob("*.smk"))
# what Snakemake gives to every file of rules
SNAKEMAKE = {
    *("workflow", "config", "rules", "expand", "multiext", "lookup", "branch", "unpack"),
    *("ancient", "temp", "local", "directory", "report", "shell", "script"),
}


@cache
def python(name):
    """A file of rules, or the Snakefile, as the Python that Snakemake makes of it."""
    path = ROOT / name if name == "Snakefile" else ROOT / "rules" / name
    workflow = SimpleNamespace(sourcecache=SimpleNamespace(open=lambda file: open(file.get_path_or_uri(True))))
    return parse(LocalSourceFile(str(path)), workflow, {})[0]


@cache
def names(name):
    """Names that a file defines for all that follow it, and names that it uses without defining them."""
    top = symtable.symtable(python(name), name, "exec")
    bound = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    # from Python 3.12 on, these include the variables of comprehensions, which nothing that follows can use
    code = dis.get_instructions(compile(python(name), name, "exec"))
    defined = {step.argval for step in code if step.opname in ("STORE_NAME", "STORE_GLOBAL")}
    used, scopes = set(), [top]
    while scopes:
        scope = scopes.pop()
        scopes += scope.get_children()
        for symbol in scope.get_symbols():
            if symbol.is_referenced() and (scope is top or symbol.is_global()):
                used.add(symbol.get_name())
    rules = {symbol for symbol in defined if symbol.startswith("__")}
    return defined - rules, used - bound - set(dir(builtins)) - SNAKEMAKE


def directives(name, directive):
    """(rule, arguments) of a directive of every rule of a file."""
    for node in ast.walk(ast.parse(python(name))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("__rule_"):
            calls = [node for statement in (*node.decorator_list, *node.body) for node in ast.walk(statement)]
            for call in calls:
                if isinstance(call, ast.Call) and ast.unparse(call.func).removeprefix("workflow.") == directive:
                    yield node.name.removeprefix("__rule_"), call.args


SHELLS = {rule: arguments[0].value for name in FILES for rule, arguments in directives(name, "shell")}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_rules_needs_no_other_than_common(name):
    _, used = names(name)
    available = set() if name == "common.smk" else names("common.smk")[0]
    assert used <= available, f"rules/{name} uses {', '.join(sorted(used - available))}, which it does not define"


def test_the_snakefile_needs_the_chapters_too():
    available = names("common.smk")[0] | names("chapters.smk")[0]
    _, used = names("Snakefile")
    assert used <= available and used & names("chapters.smk")[0]


def test_no_name_is_defined_in_two_files():
    where = {}
    for name in FILES:
        imported = {
            (alias.asname or alias.name)
            for node in ast.walk(ast.parse(python(name)))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        for defined in names(name)[0] - imported:
            where.setdefault(defined, []).append(name)
    assert not {defined: files for defined, files in where.items() if len(files) > 1}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_rules_opens_with_what_it_requires_and_gives(name):
    assert re.match(r"# Requires: .*\n(# .*\n)*# Gives[:,]", (ROOT / "rules" / name).read_text())


def test_the_files_that_are_read_alone_are_short_and_have_no_companions():
    assert len((ROOT / "rules" / "common.smk").read_text().splitlines()) < 250
    assert not [name for name in FILES if name.endswith("_inputs.smk")]


def test_rules_that_run_beside_snakemake_are_rules():
    lists = [text for name in FILES for text in re.findall(r"workflow\.localrules\((.*?)\)", python(name), re.S)]
    local = set(re.findall(r"\w+", " ".join(lists)))
    assert local == {"download_file", "download_sra_run", "resolve_runs", "check_resources"}
    assert local <= {rule for name in FILES for rule, _ in directives(name, "threads")}


def test_the_rules_with_a_shell_are_found():
    assert set(SHELLS) == {
        *("index_genome", "chunk_fastq", "map_run", "merge_dedup"),
        "download_sra_run",
    }


def unquoted(command):
    """Placeholders of a shell command that a shell could read otherwise than as the words that they are."""
    unquoted_fields, before = [], ""
    for text, field, form, _ in string.Formatter().parse(command):
        before += text
        line = before.rpartition("\n")[2]
        inside = line.count("'") % 2 or line.count('"') % 2
        if field is not None and field != "threads" and (form != "q" or inside):
            unquoted_fields.append(field)
    return unquoted_fields


@pytest.mark.parametrize("rule", SHELLS)
def test_everything_that_reaches_a_shell_is_quoted(rule):
    assert unquoted(SHELLS[rule]) == []


@pytest.mark.parametrize("command", ["bwa {input}", "bwa '{input:q}'", "cat {input.x:q} > {log}", 'mv "{params.a}" b'])
def test_paths_that_are_not_quoted_are_found(command):
    assert len(unquoted(command)) == 1


@pytest.mark.parametrize("rule", SHELLS)
def test_paths_cannot_be_options(rule):
    calls = re.findall(r"\b(?:mv|rm|mkdir|gzip -c\w+) .*", SHELLS[rule])
    assert [call for call in calls if " -- " not in call] == []


def test_files_of_the_workflow_stay_local_with_a_storage_provider():
    """--default-storage-provider would look for their absolute paths in the storage."""
    paths = [line for name in FILES for line in (ROOT / "rules" / name).read_text().splitlines() if "basedir," in line]
    assert len(paths) >= 2
    assert not [line for line in paths if "local(os.path.join(workflow.basedir" not in line]


def test_no_program_is_started_through_a_shell():
    for path in [*(ROOT / "akitaflow").rglob("*.py"), *(ROOT / "scripts").rglob("*.py")]:
        assert not re.search(r"shell=True|os\.(system|popen)\(", path.read_text()), path
