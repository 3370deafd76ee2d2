"""Configuration of the documentation's site: `make docs` builds it in docs/_build/html."""

import importlib
import os
import re
import sys
import tomllib
from pathlib import Path

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path[:0] = [str(ROOT), str(DOCS / "_extensions")]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before a module imports TensorFlow

import akitaflow  # noqa: E402

project = "akitaflow"
author = "the akitaflow authors"
release = version = akitaflow.__version__

extensions = [
    "myst_nb",  # Markdown and notebooks
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_design",
    "repository_links",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_templates"]
nitpicky = True  # a reference to a name of akitaflow that does not exist is a warning
nitpick_ignore_regex = [("py:.*", r"(cooler|matplotlib|pandas)\..*")]  # names of other packages

# --- pages ---
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4  # links to headings, with GitHub's names
nb_execution_mode = "off"  # notebooks are shown with their committed outputs (`make docs-results`)

# --- API reference: a page for each module, made from docstrings ---
# Modules are imported. On Read the Docs, too, they find the packages of requirements.txt: with mocks of TensorFlow and
# others the classes that derive from theirs would be documented differently there than in the tests.
autosummary_generate = ["_templates/modules.rst"]
autosummary_context = {"public_names": akitaflow._MODULES}
add_module_names = False  # in signatures
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True  # as in the code: values may be paths of this machine
autodoc_typehints = "none"
numpydoc_show_class_members = False  # autodoc shows them

# --- HTML ---
html_theme = "furo"
html_title = f"akitaflow {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_copy_source = False
copybutton_exclude = ".linenos, .gp, .go"

# Files of the repository that are no pages are linked at the repository's address. Read the Docs knows it; where it is
# not known, they are copied into the site.
repository_pages = {"CONTRIBUTING.md": "contributing", "CHANGELOG.md": "changelog"}
urls = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"].get("urls", {})
clone_url = os.environ.get("READTHEDOCS_GIT_CLONE_URL", "")
repository_url = urls.get("Repository") or (clone_url.removesuffix(".git") if clone_url.startswith("https://") else "")
repository_commit = os.environ.get("READTHEDOCS_GIT_COMMIT_HASH", "main")

# Packages are described by their rows in architecture.md, as their __init__.py are empty.
contents = re.findall(r"^\| `(\w+)` \| (.+) \|$", (DOCS / "architecture.md").read_text(), re.M)
for name, content in [*contents, ("study.checks", "checks of the config, one module per section")]:
    if (ROOT / "akitaflow" / name.replace(".", "/") / "__init__.py").exists():
        package = importlib.import_module(f"akitaflow.{name}")
        package.__doc__ = package.__doc__ or f"{content[0].upper()}{content[1:]}.".replace("`", "``")


def skip_fields(app, what, name, obj, skip, options):
    """Skip fields of named tuples, which their class describes and whose own docstring has their number only."""
    return True if type(obj).__name__ == "_tuplegetter" else None


def collapse_navigation(app, pagename, templatename, context, doctree):
    """Show the modules of the page's own package in the sidebar only; with all of them, builds take twice as long."""
    toctree = context["toctree"]
    context["toctree"] = lambda **options: toctree(**{**options, "collapse": True})


def setup(app):
    """Connect the functions above."""
    app.connect("autodoc-skip-member", skip_fields)
    app.connect("html-page-context", collapse_navigation, priority=400)  # before that of the theme
