"""Links of pages to files of the repository, which are no pages of the site, lead to the repository's address.

The pages are read on GitHub, too: there ``[CITATION.cff](../CITATION.cff)`` leads to the file.
"""

import os
from pathlib import Path

from docutils import nodes
from sphinx import addnodes


def path_and_anchor(node, folder):
    """Path and anchor that a link of MyST leads to; path None if it leads to a page or a name of the site."""
    if node.get("refdomain") == "doc":  # a file of Markdown: its path without the suffix
        anchor = node.get("reftargetid")
        paths = [Path(node["reftarget"] + suffix) for suffix in (".md", ".ipynb")]
        return next((path for path in paths if path.is_absolute() and path.exists()), None), anchor
    if node.get("reftype") != "myst" or node.get("refdomain"):
        return None, None
    target, _, anchor = node["reftarget"].partition("#")
    path = Path(os.path.normpath(folder / target))
    return (path if target and path.exists() else None), anchor


def resolve(app, doctree):
    """Replace the links of a page that lead out of the folder of pages.

    A link to a file that is included as a page (``repository_pages``) leads to this page. Others lead to the address of
    the repository; if it is not known, a file is copied into the site, as Sphinx does with downloads, and a folder is
    not linked. Links of an included file are relative to this file.
    """
    root, included, url = app.srcdir.parent, app.config.repository_pages, app.config.repository_url
    docname = app.env.docname
    page = Path(app.env.doc2path(docname))
    folder = root if docname in included.values() else page.parent
    for node in [*doctree.findall(addnodes.download_reference), *doctree.findall(addnodes.pending_xref)]:
        path, anchor = path_and_anchor(node, folder)
        if path is None:
            continue
        name = path.relative_to(root).as_posix()
        if name in included or path.is_relative_to(app.srcdir):
            target = included.get(name) or app.env.path2doc(path)
            link = addnodes.pending_xref("", **{**node.attributes, "refdomain": "doc", "reftype": "myst"})
            link["reftarget"], link["reftargetid"] = target, anchor or None
        elif url:
            kind = "tree" if path.is_dir() else "blob"
            address = f"{url}/{kind}/{app.config.repository_commit}/{name}"
            link = nodes.reference("", "", refuri=f"{address}#{anchor}" if anchor else address, internal=False)
        elif path.is_dir():
            link = nodes.inline()
        else:
            link = addnodes.download_reference("", refdoc=docname, reftype="myst", refexplicit=True)
            link["reftarget"] = os.path.relpath(path, page.parent)
        link += node.children
        node.replace_self(link)


def setup(app):
    """Add the values of the config and the function to Sphinx."""
    app.add_config_value("repository_pages", {}, "env")
    app.add_config_value("repository_url", "", "env")
    app.add_config_value("repository_commit", "main", "env")
    app.connect("doctree-read", resolve, priority=400)  # before Sphinx copies downloads
    return {"parallel_read_safe": True, "parallel_write_safe": True}
