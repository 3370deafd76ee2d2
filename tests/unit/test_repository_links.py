"""Links of the documentation to files of the repository, on a small site."""

import pytest
from places import ROOT
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

pytestmark = pytest.mark.filterwarnings("ignore:.*Sphinx API modifications")  # of myst-parser

PAGE = """# Page

[page](other.md) [changes](../CHANGELOG.md) [changes of 1](../CHANGELOG.md#version-1) [readme](../README.md#software)
[text](../data/table.tsv) [folder](../data) [there](https://example.org/x)
"""
CHANGES = "# Changes\n\n## Version 1\n\n[other](docs/other.md) [readme](README.md) [table](data/table.tsv)\n"


@pytest.fixture
def build(tmp_path):
    """A function that builds a small site and returns the HTML of two pages and the warnings."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "table.tsv").write_text("a\n")
    (tmp_path / "README.md").write_text("# Read\n\n## Software\n")
    (tmp_path / "CHANGELOG.md").write_text(CHANGES)
    (tmp_path / "docs" / "changes.md").write_text("```{include} ../CHANGELOG.md\n```\n")
    (tmp_path / "docs" / "other.md").write_text("# Other\n")
    (tmp_path / "docs" / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'docs' / '_extensions')!r})\n"
        "extensions = ['myst_parser', 'repository_links']\nmyst_heading_anchors = 3\n"
        "repository_pages = {'CHANGELOG.md': 'changes'}\n"
    )

    def run(url, page=PAGE):
        (tmp_path / "docs" / "index.md").write_text(page + "\n```{toctree}\nchanges\nother\n```\n")
        docs, out, warnings = tmp_path / "docs", tmp_path / "html", tmp_path / "warnings"
        with warnings.open("w") as stream, patch_docutils(docs), docutils_namespace():
            options = {"repository_url": url, "repository_commit": "abc"}
            Sphinx(docs, docs, out, tmp_path / "trees", "html", options, None, stream, freshenv=True).build()
        html = [(out / name).read_text().partition('<div class="body"')[2] for name in ("index.html", "changes.html")]
        return *html, warnings.read_text()

    return run


def test_links_lead_to_the_repository(build):
    page, changes, warnings = build("https://example.org/owner/name")
    assert warnings == ""
    for link in (
        'href="other.html"',
        'href="changes.html"',
        'href="changes.html#version-1"',
        'href="https://example.org/owner/name/blob/abc/README.md#software"',
        'href="https://example.org/owner/name/blob/abc/data/table.tsv"',
        'href="https://example.org/owner/name/tree/abc/data"',
        'href="https://example.org/x"',
    ):
        assert link in page
    assert 'href="other.html"' in changes
    assert 'href="https://example.org/owner/name/blob/abc/README.md"' in changes
    assert 'href="https://example.org/owner/name/blob/abc/data/table.tsv"' in changes


def test_files_are_copied_where_the_address_is_unknown(build, tmp_path):
    page, changes, warnings = build("")
    assert warnings == ""
    copies = {path.name for path in (tmp_path / "html" / "_downloads").rglob("*") if path.is_file()}
    assert copies == {"README.md", "table.tsv"}
    assert page.count('href="_downloads/') == 2 and changes.count('href="_downloads/') == 2
    assert "folder" in page and ">folder</a>" not in page


@pytest.mark.parametrize("link", ["../data/none.tsv", "none.md", "other.md#none", "../CHANGELOG.md#none"])
def test_broken_links_are_reported(build, link):
    assert link.rpartition("#")[2] in build("https://example.org/owner/name", PAGE + f"[broken]({link})\n")[2]
