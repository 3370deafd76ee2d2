"""The site of the documentation, after `make docs` has built it: complete, with links that lead somewhere."""

import ast
import json
import os
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from places import ROOT

MODULES = [
    path
    for path in sorted((ROOT / "akitaflow").rglob("*.py"))
    if path.name != "__main__.py" and path != ROOT / "akitaflow" / "__init__.py"
]
LOADED = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src")}


def module_name(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.fixture(scope="module")
def site():
    """The folder of the built site, which `make docs` names in SITE."""
    if "SITE" not in os.environ:
        pytest.skip("`make docs` builds the site and runs these tests")
    return ROOT / os.environ["SITE"]


class Page(HTMLParser):
    """Targets of the links of a page, the files that it loads, and its anchors."""

    def __init__(self, path):
        super().__init__()
        self.links, self.loaded, self.anchors = [], [], {""}
        self.feed(path.read_text())

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if "id" in attributes:
            self.anchors.add(attributes["id"])
        for name in ("href", "src"):
            if attributes.get(name):
                self.links.append(attributes[name])
                if (tag, name) in LOADED:
                    self.loaded.append(attributes[name])


@pytest.fixture(scope="module")
def pages(site):
    """The pages of the site by their path."""
    return {path: Page(path) for path in sorted(site.rglob("*.html"))}


def broken_links(pages, site):
    """Links to files and anchors of the site that do not exist."""
    broken = []
    for path, page in pages.items():
        for link in set(page.links):
            parts = urlsplit(link)
            if parts.scheme in ("https", "data", "mailto"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            if parts.scheme or not target.is_file() or not target.is_relative_to(site):
                broken.append(f"{path.relative_to(site)}: {link}")
            elif anchor and target in pages and anchor not in pages[target].anchors:
                broken.append(f"{path.relative_to(site)}: {link} has no such anchor")
    return broken


def test_every_page_of_docs_is_in_the_site(site, pages):
    front = pages[site / "index.html"]
    for page in sorted([*(ROOT / "docs").glob("*.md"), *(ROOT / "docs").glob("*.ipynb")]):
        assert site / f"{page.stem}.html" in pages
        assert page.stem not in ("search", "genindex", "py-modindex"), f"Sphinx has its own page {page.stem}.html"
        assert page.stem == "index" or f"{page.stem}.html" in front.links, f"docs/index.md does not list {page.name}"


def test_public_names_are_in_the_reference(site, pages):
    missing = []
    for path in MODULES:
        name = module_name(path)
        page = pages[site / "reference" / f"{name}.html"]
        nodes = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        public = {f"{name}.{node.name}" for node in nodes if not node.name.startswith("_")}
        missing += sorted(public - page.anchors)
    assert missing == []


def test_names_of_the_package_itself_are_linked(site, pages):
    import akitaflow

    links = pages[site / "reference" / "akitaflow.html"].links
    for module, names in akitaflow._MODULES.items():
        for name in names:
            assert f"akitaflow.{module}.html#akitaflow.{module}.{name}" in links


def test_packages_are_described(site):
    text = (site / "reference" / "akitaflow.html").read_text()
    assert "Sequences, FASTA, intervals, motif scans" in text  # the row of docs/architecture.md


def test_search_knows_pages_and_names(site):
    index = json.loads(re.fullmatch(r"Search\.setIndex\((.*)\)", (site / "searchindex.js").read_text(), re.S)[1])
    assert {"usage", "configuration", "predict", "reference/akitaflow.prediction.perturb"} <= set(index["docnames"])
    assert "perturb" in index["terms"] and "akitaflow.prediction.perturb" in index["objects"]
    assert (site / "search.html").is_file()


@pytest.mark.parametrize("name", ["predict", "score_variants"])
def test_notebooks_are_shown_with_their_outputs(site, name):
    notebook = json.loads((ROOT / "docs" / f"{name}.ipynb").read_text())
    pictures = [o for cell in notebook["cells"] for o in cell.get("outputs", ()) if "image/png" in o.get("data", ())]
    tables = [o for cell in notebook["cells"] for o in cell.get("outputs", ()) if "text/html" in o.get("data", ())]
    html = (site / f"{name}.html").read_text()
    assert len(pictures) == 3 and len(re.findall(r'<img [^>]*src="_images/', html)) == 3
    assert tables and html.count("<table") >= len(tables)


def test_links_lead_somewhere(site, pages):
    assert broken_links(pages, site) == []
    assert sum(len(page.links) for page in pages.values()) > 5000


def test_broken_links_are_found(tmp_path):
    (tmp_path / "a.html").write_text('<a href="b.html#x">x</a><a href="b.html#y">y</a><a href="c.html">c</a>')
    (tmp_path / "b.html").write_text('<p id="x"><a href="http://example.org">not encrypted</a><img src="d.png"></p>')
    found = broken_links({path: Page(path) for path in sorted(tmp_path.glob("*.html"))}, tmp_path)
    assert sorted(line.split(": ")[1] for line in found) == [
        "b.html#y has no such anchor",
        "c.html",
        "d.png",
        "http://example.org",
    ]


def test_pages_load_nothing_from_elsewhere(site, pages):
    loaded = {link for page in pages.values() for link in page.loaded if urlsplit(link).scheme not in ("", "data")}
    assert loaded == set()


def test_no_path_of_the_machine_is_in_the_site(site, pages):
    assert [path.name for path in pages if str(ROOT) in path.read_text()] == []
