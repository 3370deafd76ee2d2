"""Files appear under their names only when whole, whatever happens to the one that writes them."""

import base64
import gzip
import os
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser

import h5py
import numpy as np
import pandas as pd
import pytest
from places import ROOT

from akitaflow.errors import InputError
from akitaflow.files import (
    PREFIX,
    join_tables,
    whole,
    whole_gzip,
    whole_h5,
    write_h5,
    write_page,
    write_table,
    write_text,
)

TABLE = pd.DataFrame({"name": ["a", "b"], "start": [1, 20], "value": [0.123456789, np.nan]})


class Cells(HTMLParser):
    """Texts of the cells of a page, and the data of its links."""

    def __init__(self, page):
        super().__init__()
        self.cells, self.links, self.inside = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.inside = tag in ("th", "td")
        if self.inside:
            self.cells.append("")
        if tag == "a":
            self.links.append(dict(attributes))

    def handle_data(self, data):
        if self.inside and data.strip():
            self.cells[-1] += data.strip()


def test_a_page_shows_a_table_and_gives_it_as_text(tmp_path):
    table = pd.DataFrame({"name": ["a<b", "c"], "n": [1, 20], "value": [0.123456789, np.nan]})
    write_page(table, tmp_path / "t.html")
    page = Cells((tmp_path / "t.html").read_text())
    assert page.cells == ["name", "n", "value", "a<b", "1", "0.1235", "c", "20", ""]
    (link,) = page.links
    text = base64.b64decode(link["href"].partition("base64,")[2]).decode()
    assert link["download"] == "t.tsv" and text.splitlines() == ["name\tn\tvalue", "a<b\t1\t0.123457", "c\t20\t"]
    write_page(table, tmp_path / "t.html", across=True)
    page = Cells((tmp_path / "t.html").read_text())
    assert page.cells == ["", "a<b", "c", "n", "1", "20", "value", "0.1235", ""] and page.links == [link]


@pytest.mark.parametrize("folder", [False, True])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_no_file_and_keeps_the_old_one(tmp_path, folder, error):
    def fill(path, text):
        (path / "inner" if folder else path).write_text(text)

    path = tmp_path / "new" / "name.txt"
    with pytest.raises(error), whole(path, folder) as part:
        fill(part, "half")
        raise error
    assert not list(path.parent.iterdir())
    with whole(path, folder) as part:
        fill(part, "old")
        assert not path.exists()
    with pytest.raises(error), whole(path, folder) as part:
        fill(part, "half")
        raise error
    assert (path / "inner" if folder else path).read_text() == "old"
    with whole(path, folder) as part:
        fill(part, "new")
    assert (path / "inner" if folder else path).read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_is_replaced_as_a_whole_and_a_link_to_one_is_not_followed(tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    (there / "kept").write_text("kept")
    link = tmp_path / "link"
    link.symlink_to(there)
    with whole(tmp_path / "there2", folder=True) as part:
        (part / "file").write_text("1")
    with whole(link) as part:
        part.write_text("a file now")
    assert link.read_text() == "a file now" and (there / "kept").exists()


def test_a_folder_is_not_replaced_by_a_file(tmp_path):
    (tmp_path / "kept").write_text("kept")
    for path in (tmp_path, "."):
        with pytest.raises(InputError, match="is a folder; write the name of a file"), whole(path):
            raise AssertionError("nothing is written")
    assert (tmp_path / "kept").read_text() == "kept"


def test_a_block_that_writes_nothing_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), whole(tmp_path / "a"):
        pass
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("folder", [False, True])
def test_a_killed_writer_does_not_change_the_final_file_or_the_next_writer(tmp_path, folder):
    path = tmp_path / "name.tsv"
    with whole(path, folder) as part:
        (part / "old" if folder else part).write_text("old")
    code = f"""
import time
from akitaflow.files import whole
with whole({str(path)!r}, folder={folder}) as part:
    (part / "half" if {folder} else part).write_text("half")
    print("in the block", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "in the block\n"
        writer.send_signal(signal.SIGKILL)
    assert writer.returncode == -signal.SIGKILL
    assert (path / "old" if folder else path).read_text() == "old"
    assert {each.name for each in tmp_path.iterdir()} == {"name.tsv", f"{PREFIX}name.tsv"}
    with whole(path, folder) as part:
        assert not list(part.iterdir()) if folder else not part.exists()
        (part / "new" if folder else part).write_text("new")
    assert (path / "new" if folder else path).read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_the_name_of_the_part_has_the_same_ending(tmp_path):
    with whole(tmp_path / "model.weights.h5") as part:
        part.touch()
        assert part.name.endswith("model.weights.h5") and part.parent == tmp_path


def test_gzipped_bytes_depend_on_the_content_only(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1e9)
    write_table(TABLE, tmp_path / "one.tsv.gz")
    monkeypatch.setattr(time, "time", lambda: 1.5e9)
    write_table(TABLE, tmp_path / "two.tsv.gz")
    assert (tmp_path / "one.tsv.gz").read_bytes() == (tmp_path / "two.tsv.gz").read_bytes()
    write_table(TABLE, tmp_path / "plain.tsv")
    assert gzip.decompress((tmp_path / "one.tsv.gz").read_bytes()) == (tmp_path / "plain.tsv").read_bytes()
    with pytest.raises(ValueError), whole_gzip(tmp_path / "three.gz") as file:
        file.write(b"half")
        raise ValueError
    assert not (tmp_path / "three.gz").exists() and not list(tmp_path.glob(f"{PREFIX}*"))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "name\tstart\tvalue\na\t1\t0.123457\nb\t20\t\n"),
        ({"float_format": "%.8g"}, "name\tstart\tvalue\na\t1\t0.12345679\nb\t20\t\n"),
        ({"float_format": None}, "name\tstart\tvalue\na\t1\t0.123456789\nb\t20\t\n"),
        ({"header": False, "float_format": "%.4f"}, "a\t1\t0.1235\nb\t20\t\n"),
    ],
)
def test_a_table_is_written_in_its_format(tmp_path, options, text):
    write_table(TABLE, tmp_path / "table.tsv", **options)
    assert (tmp_path / "table.tsv").read_text() == text


def test_joined_tables_keep_their_text(tmp_path):
    for name, cell in (("a", "0.10"), ("b", "NA")):
        (tmp_path / f"{name}.tsv").write_text(f"name\tvalue\n{name}\t{cell}\n\t\n")
    table = join_tables([tmp_path / "a.tsv", tmp_path / "b.tsv"])
    assert table.values.tolist() == [["a", "0.10"], ["", ""], ["b", "NA"], ["", ""]]
    assert table.index.tolist() == [0, 1, 2, 3]


def test_text_is_written_as_it_is(tmp_path):
    write_text(tmp_path / "a.txt", "Zürich, ≥ 1\n")
    assert (tmp_path / "a.txt").read_bytes() == "Zürich, ≥ 1\n".encode()


def test_hdf5_keeps_types_order_and_attributes_and_compresses_maps(tmp_path):
    maps, path = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32), tmp_path / "maps.h5"
    attributes = {"outputs": np.array(["A", "B"], dtype=object), "bin_size": 2048}
    arrays = {"maps": maps, "start": np.arange(3), "chrom": ["chr1", "chr2", "chrX"], "sites/strand": []}
    write_h5(path, arrays, attributes)
    with h5py.File(path) as file:
        assert list(file.attrs["outputs"]) == ["A", "B"] and file.attrs["bin_size"] == 2048
        assert np.array_equal(file["maps"][:], maps) and file["maps"].dtype == np.float32
        assert (file["maps"].compression, file["start"].compression) == ("gzip", None)
        assert file["chrom"].asstr()[:].tolist() == arrays["chrom"] and len(file["sites/strand"]) == 0
    with pytest.raises(TypeError):
        write_h5(path, {"start": np.arange(2), "what": object()})
    with h5py.File(path) as file:
        assert len(file["start"]) == 3
    with pytest.raises(ValueError), whole_h5(tmp_path / "other.h5") as file:
        file["a"] = 1
        raise ValueError
    assert os.listdir(tmp_path) == ["maps.h5"]


def test_scripts_write_through_this_module():
    for path in sorted((ROOT / "scripts").rglob("*.py")):
        text = path.read_text()
        for by_hand in (".to_csv(", "os.replace(", ".write_text(", '"w")', ".savefig("):
            assert by_hand not in text, f"{path} writes a file with {by_hand}; use akitaflow.files"
