"""Downloads from a server that cuts, stalls, refuses and changes bytes; the table of resources and its check."""

import base64
import gzip
import hashlib
import socket
import threading
from pathlib import Path

import numpy as np
import pytest
from configs import put

from akitaflow.errors import InputError
from akitaflow.retrieve import addresses, downloads, ena
from akitaflow.study import tables

CONTENT = np.random.default_rng(1).bytes(300_000)
OTHER = np.random.default_rng(2).bytes(300_000)
MD5 = f"md5:{hashlib.md5(CONTENT).hexdigest()}"
SHA256 = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"


def fetch(url, path, **options):
    downloads.fetch(url, str(path), **({"wait": 0.01, "stall": 0.5, "attempts": 3} | options))
    return path.read_bytes()


def left(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("checksum", ["", MD5, SHA256])
def test_a_file_comes_whole_and_nothing_else_is_left(server, tmp_path, checksum):
    assert fetch(server.put("a", CONTENT), tmp_path / "a", checksum=checksum) == CONTENT
    assert left(tmp_path) == ["a"] and server.ranges() == [0]


@pytest.mark.parametrize("fault", ["cut", "stall"])
def test_an_interrupted_transfer_continues_where_it_stopped(server, tmp_path, fault):
    assert fetch(server.put("a", CONTENT, fault, fault), tmp_path / "a", checksum=MD5) == CONTENT
    assert server.ranges() == [0, 150_000, 225_000]


def test_a_server_without_ranges_sends_all_again(server, tmp_path):
    url = server.put("a", CONTENT, "whole cut", "whole cut", "whole")
    assert fetch(url, tmp_path / "a", checksum=MD5) == CONTENT
    assert server.ranges() == [0, 150_000, 150_000]


def test_requests_are_repeated_for_a_busy_server_but_not_for_a_missing_file(server, tmp_path):
    assert fetch(server.put("a", CONTENT, 503, 503), tmp_path / "a") == CONTENT
    assert len(server.asked) == 3
    with pytest.raises(downloads.Refused, match=r"/b: the server answers 404"):
        fetch(server.url("b"), tmp_path / "b")
    assert len(server.asked) == 4 and left(tmp_path) == ["a"]


def test_an_address_with_a_blank_fails_at_once(server, tmp_path):
    with pytest.raises(downloads.Refused, match="the address has a blank: write %20"):
        fetch(server.url("a b"), tmp_path / "b")
    assert len(server.asked) == 0 and left(tmp_path) == []


def test_an_address_of_other_letters_fails_at_once(server, tmp_path):
    with pytest.raises(downloads.Refused, match="letters beyond ASCII: write .*/%C3%BC%20b.h5"):
        fetch(server.url("ü%20b.h5"), tmp_path / "a")
    assert server.asked == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n<!DOCTYPE html><html>log in", "a web page"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied", "XML, often an error message"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of git-lfs"),
    ],
)
def test_what_a_server_sends_instead_of_a_file_is_no_download(server, tmp_path, content, message):
    with pytest.raises(downloads.DownloadError, match=f"/a.h5: instead of the file the server sends {message}"):
        fetch(server.put("a.h5", content), tmp_path / "a")
    assert left(tmp_path) == []
    assert fetch(server.put("a.html", content), tmp_path / "a") == content


def test_an_address_that_is_none_is_refused_with_the_study(small):
    with pytest.raises(InputError, match=r"one of its tables: https://\[x/genome.fa is no address"):
        small(put("genomes.toy.fasta", "https://[x/genome.fa"))


def test_a_server_that_does_not_respond_is_an_error_after_some_attempts(server, tmp_path):
    with pytest.raises(downloads.DownloadError, match="503.*after 3 attempts"):
        fetch(server.put("a", CONTENT, *[503] * 9), tmp_path / "a")
    assert len(server.asked) == 3 and left(tmp_path) == []


def test_a_partial_file_of_an_earlier_run_is_completed(server, tmp_path):
    (tmp_path / "a.part").write_bytes(CONTENT[:100_000])
    assert fetch(server.put("a", CONTENT), tmp_path / "a", checksum=MD5) == CONTENT
    assert server.ranges() == [100_000] and left(tmp_path) == ["a"]


@pytest.mark.parametrize("size", [0, len(CONTENT)])
def test_a_complete_partial_file_is_not_downloaded_again(server, tmp_path, size):
    (tmp_path / "a.part").write_bytes(CONTENT)
    assert fetch(server.put("a", CONTENT), tmp_path / "a", checksum=MD5, size=size) == CONTENT
    assert server.ranges() == ([] if size else [len(CONTENT)])


@pytest.mark.parametrize("kept", [100_000, 300_000, 400_000])
def test_a_partial_file_of_another_file_is_deleted(server, tmp_path, kept):
    (tmp_path / "a.part").write_bytes((OTHER + OTHER)[:kept])
    assert fetch(server.put("a", CONTENT), tmp_path / "a", checksum=MD5) == CONTENT
    assert server.ranges()[-1] == 0


@pytest.mark.parametrize("header", ["ETag", "Last_Modified"])
@pytest.mark.parametrize("heed", ["", "heedless"])
def test_a_file_that_changed_between_two_runs_starts_anew(server, tmp_path, header, heed):
    url = server.put("a", CONTENT, "cut", 503, 503, **{header: '"one"'})
    with pytest.raises(downloads.DownloadError):
        fetch(url, tmp_path / "a", attempts=2)
    assert left(tmp_path) == ["a.part", "a.part.version"]
    server.put("a", OTHER, heed, **{header: '"two"'})
    assert fetch(url, tmp_path / "a") == OTHER
    assert left(tmp_path) == ["a"]


@pytest.mark.parametrize("header", ["ETag", "Last_Modified"])
def test_a_file_that_did_not_change_is_gone_on_with(server, tmp_path, header):
    url = server.put("a", CONTENT, "cut", 503, 503, **{header: '"one"'})
    with pytest.raises(downloads.DownloadError):
        fetch(url, tmp_path / "a", attempts=2)
    assert fetch(url, tmp_path / "a") == CONTENT
    assert server.ranges() == [0, 150_000, 150_000, 150_000] and left(tmp_path) == ["a"]


def test_a_part_of_unknown_version_is_used_only_with_a_checksum(server, tmp_path):
    (tmp_path / "a.part").write_bytes(OTHER[:100_000])
    assert fetch(server.put("a", CONTENT, ETag='W/"weak"'), tmp_path / "a") == CONTENT
    assert server.ranges() == [0]


SECRET = "s3cr3t-of-4dn"


def test_credentials_come_from_netrc_and_are_in_no_message(server, tmp_path, monkeypatch, capsys):
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login me password {SECRET}\ndefault login any password no\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    url = server.put("a", CONTENT, "cut", 404)
    with pytest.raises(downloads.DownloadError) as caught:
        fetch(url, tmp_path / "a")
    sent = base64.b64encode(f"me:{SECRET}".encode()).decode()
    assert server.credentials == [f"Basic {sent}"] * 2
    printed = capsys.readouterr()
    assert all(word not in f"{caught.value}{printed.out}{printed.err}" for word in (SECRET, sent))
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    fetch(server.put("b", CONTENT), tmp_path / "b")
    assert server.credentials[-1] is None


def test_credentials_of_one_server_are_not_sent_to_another(server, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text(f"default login me password {SECRET}\nmachine other.org login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    fetch(server.put("a", CONTENT), tmp_path / "a")
    assert server.credentials == [None]


def test_credentials_of_an_address_are_masked(tmp_path, capsys):
    address = f"ftp://me:{SECRET}@127.0.0.1:1/a"
    with pytest.raises(downloads.DownloadError, match=r"ftp://\*\*\*@127.0.0.1:1/a") as caught:
        fetch(address, tmp_path / "a", attempts=1)
    assert SECRET not in str(caught.value) + capsys.readouterr().out
    assert downloads.masked("https://host/a@b?c=d@e") == "https://host/a@b?c=d@e"


def test_a_study_refuses_credentials_in_addresses_without_showing_them(small):
    with pytest.raises(InputError, match=r"https://\*\*\*@data.org/g.fa .*machine data.org login USER") as caught:
        small(put("genomes.toy.fasta", f"https://me:{SECRET}@data.org/g.fa"))
    assert SECRET not in str(caught.value)


def test_a_wrong_checksum_is_an_error_with_both_values_and_leaves_no_file(server, tmp_path):
    changed = bytes([CONTENT[0], CONTENT[1] ^ 1]) + CONTENT[2:]
    with pytest.raises(downloads.DownloadError) as caught:
        fetch(server.put("a", CONTENT, "flip"), tmp_path / "a", checksum=SHA256)
    assert SHA256 in str(caught.value) and hashlib.sha256(changed).hexdigest() in str(caught.value)
    assert left(tmp_path) == [] and len(server.asked) == 1


def test_a_wrong_size_is_an_error_with_both_values(server, tmp_path):
    with pytest.raises(downloads.DownloadError, match="it has 300000 bytes, but 300001 are expected"):
        fetch(server.put("a", CONTENT), tmp_path / "a", size=300_001)
    assert left(tmp_path) == []


@pytest.mark.parametrize("faults", [[404], [503] * 3, ["flip"]])
def test_the_mirror_is_asked_when_the_first_address_fails(server, tmp_path, faults):
    url, mirror = server.put("a", CONTENT, *faults), server.put("m", CONTENT)
    assert fetch(url, tmp_path / "a", mirror=mirror, checksum=MD5) == CONTENT
    assert server.asked[-1][1] == "/m" and left(tmp_path) == ["a"]


def test_what_the_first_address_sent_is_not_mixed_with_the_mirror(server, tmp_path):
    url, mirror = server.put("a", CONTENT, "cut", 404), server.put("m", OTHER)
    assert fetch(url, tmp_path / "a", mirror=mirror) == OTHER
    assert server.ranges() == [0, 150_000, 0] and left(tmp_path) == ["a"]


def test_when_both_addresses_fail_both_are_named(server, tmp_path):
    url, mirror = server.put("a", CONTENT, "flip"), server.put("m", CONTENT, 404)
    with pytest.raises(downloads.DownloadError) as caught:
        fetch(url, tmp_path / "a", mirror=mirror, checksum=MD5)
    assert f"{url}: its checksum is" in str(caught.value) and f"{mirror}: the server answers 404" in str(caught.value)


def test_gzips_are_tested_to_their_end(server, tmp_path):
    whole = gzip.compress(CONTENT) + gzip.compress(CONTENT)  # of several members, as bgzip writes
    assert fetch(server.put("a.gz", whole), tmp_path / "a.gz") == whole
    with pytest.raises(downloads.DownloadError, match="does not decompress to its end"):
        fetch(server.put("b.gz", whole[:-100]), tmp_path / "b.gz")
    with pytest.raises(downloads.DownloadError, match="it is no gzip"):
        fetch(server.put("c.gz", b"Sign in"), tmp_path / "c.gz")
    assert left(tmp_path) == ["a.gz"]


def test_paths_and_buckets(tmp_path):
    (tmp_path / "source").write_bytes(CONTENT)
    assert fetch(str(tmp_path / "source"), tmp_path / "a", checksum=MD5) == CONTENT
    assert fetch(f"file://{tmp_path / 'source'}", tmp_path / "b") == CONTENT
    with pytest.raises(downloads.Refused, match="No such file"):
        fetch(str(tmp_path / "none"), tmp_path / "c")
    with pytest.raises(downloads.Refused, match="gopher:// are not known"):
        fetch("gopher://host/a", tmp_path / "c")
    assert downloads.address("s3://bucket/a/b.gz") == "https://bucket.s3.amazonaws.com/a/b.gz"
    assert downloads.address("gs://bucket/a/b.gz") == "https://storage.googleapis.com/bucket/a/b.gz"


def ftp_server(content, cut):
    """One file by FTP; the first transfer is cut after so many bytes. Returns its port and the offsets asked for."""
    listener, offsets = socket.create_server(("127.0.0.1", 0)), []

    def serve():
        nonlocal cut
        while True:
            try:
                control, _ = listener.accept()
            except OSError:
                return
            rest, data = 0, None
            lines = control.makefile("r")
            control.sendall(b"220 ready\r\n")
            for line in lines:
                command, _, argument = line.strip().partition(" ")
                answer = "200 ok"
                if command in ("EPSV", "PASV"):
                    data = socket.create_server(("127.0.0.1", 0))
                    high, low = divmod(data.getsockname()[1], 256)
                    answer = f"227 here (127,0,0,1,{high},{low})"
                elif command == "SIZE":
                    answer = f"213 {len(content)}" if argument == "/a" else "550 no such file"
                elif command == "REST":
                    rest, answer = int(argument), "350 from there"
                elif command == "RETR":
                    control.sendall(b"150 coming\r\n")
                    offsets.append(rest)
                    connection, _ = data.accept()
                    connection.sendall(content[rest : rest + cut] if cut else content[rest:])
                    connection.close()
                    cut, answer = 0, "226 done"
                control.sendall(f"{answer}\r\n".encode())

    threading.Thread(target=serve, daemon=True).start()
    return listener, offsets


def test_ftp_continues_where_it_stopped(tmp_path):
    listener, offsets = ftp_server(CONTENT, cut=120_000)
    url = f"ftp://127.0.0.1:{listener.getsockname()[1]}"
    assert fetch(f"{url}/a", tmp_path / "a", checksum=MD5) == CONTENT
    assert offsets == [0, 120_000]
    with pytest.raises(downloads.Refused, match="550 no such file"):
        fetch(f"{url}/b", tmp_path / "b")
    listener.close()


# --- the table of resources ------------------------------------------------------------------------------------------
def table(tmp_path, *rows):
    path = tmp_path / "resources.tsv"
    path.write_text(
        "\n".join(["name\turl\tmirror\tchecksum\tsize\tsure\tnote", *("\t".join(row) for row in rows)]) + "\n"
    )
    return path


def expand(path):
    return path.replace("{root}", "http://host") or None


def test_resources_are_found_by_their_expanded_address(tmp_path):
    path = table(tmp_path, ("a", "{root}/a", "{root}/m", MD5, "300000", "published", ""), ("b", "{root}/b"))
    resources = tables.read_resources(path, expand)
    assert list(resources) == ["http://host/a", "http://host/b"]
    assert resources["http://host/a"]["mirror"] == "http://host/m" and resources["http://host/a"]["size"] == 300_000
    assert resources["http://host/b"]["sure"] == "unverified" and resources["http://host/b"]["checksum"] == ""


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("a", "u"), ("a", "v")], "row 3, column name: 'a' stands in row 2"),
        ([("a", "{root}/u"), ("b", "http://host/u")], "row 3, column url: http://host/u is the address of a too"),
        ([("a", "u", "", "d41d8cd98f00b204e9800998ecf8427e")], "row 2, column checksum: found"),
        ([("a", "u", "", "", "1.5 GB")], "row 2, column size: found '1.5 GB'; write a whole number"),
    ],
)
def test_bad_resources_are_named(tmp_path, rows, message):
    with pytest.raises(InputError, match=message):
        tables.read_resources(table(tmp_path, *rows), expand)


def row(name, url, **values):
    return {"name": name, "url": url, "mirror": "", "checksum": "", "size": 0, "sure": "published", "note": ""} | values


def test_the_check_reports_every_address_and_does_not_fail(server, tmp_path):
    (tmp_path / "copy").write_bytes(OTHER)
    checksums = "crc32c=AAAAAA==,md5=" + base64.b64encode(hashlib.md5(CONTENT).digest()).decode()
    rows = [
        row("gone", server.url("none"), mirror=server.put("m", CONTENT), checksum=MD5, size=300_000),
        row("good", server.put("a", CONTENT), checksum=SHA256, size=300_000),
        row("short", server.put("b", CONTENT[:-1]), checksum=MD5, size=300_000),
        row("no head", server.put("c", CONTENT, 405), size=300_000),
        row("unknown", server.put("d", CONTENT)),
        row("copied", server.put("e", CONTENT), checksum=MD5),
        row("told", server.put("f", CONTENT * 40, x_goog_hash=checksums), checksum=MD5),
        row("large", server.put("g", CONTENT * 40), checksum=MD5),
        row("silent", "http://127.0.0.1:9/x"),
    ]
    report = addresses.check(rows, {rows[5]["url"]: str(tmp_path / "copy")}, timeout=2).set_index("name")
    assert list(report.index) == [
        "gone", "gone (mirror)", "good", "short", "no head", "unknown", "copied", "told", "large", "silent",
    ]  # fmt: skip
    verdicts = report["verdict"].to_dict()
    assert verdicts.pop("gone") == "failed: the server answers 404 (Not Found)"
    assert verdicts.pop("silent").startswith("failed: ")
    assert verdicts.pop("short") == "other size and other checksum"
    assert verdicts.pop("copied") == "other checksum"
    assert set(verdicts.values()) == {"ok"}
    assert list(report.index[report["reachable"] == "no"]) == ["gone", "silent"]
    assert report.loc["no head", "size_found"] == 300_000 and report.loc["short", "size_found"] == 299_999
    assert report.loc["good", "checksum_found"] == SHA256 and report.loc["told", "checksum_found"] == MD5
    assert report.loc["large", "checksum_found"] == ""
    gets = [path for method, path, _ in server.asked if method == "GET"]
    assert "/g" not in gets and "/f" not in gets and "/e" not in gets  # large ones, and what is at hand


# --- reads by accession ----------------------------------------------------------------------------------------------
HEADER = "run_accession\texperiment_accession\tlibrary_layout\tread_count\tfastq_ftp\tfastq_md5\tfastq_bytes\n"


def report(run, layout="PAIRED", mates=(1, 2), count=70):
    files = [f"ftp.host/{run}{f'_{mate}' if mate else ''}.fastq.gz" for mate in mates]
    md5 = [f"{mate}" * 32 for mate in mates]
    size = [f"{100 + mate}" for mate in mates]
    return f"{run}\tSRX1\t{layout}\t{count}\t{';'.join(files)}\t{';'.join(md5)}\t{';'.join(size)}\n"


def resolve(server, tmp_path, text, rows=("A\t\tSRP1",)):
    path = tmp_path / "accessions.tsv"
    path.write_text("\n".join(["dataset\tlibrary\taccession", *rows]) + "\n")
    accessions = tables.read_table(path, "accessions", "accessions")
    return ena.resolve(accessions, path, server.put("report", text.encode()))


def test_runs_come_with_mates_md5_sizes_and_counts(server, tmp_path):
    # 0 is the file of reads whose mate was lost; SRR3 is not there as FASTQ
    text = HEADER + report("SRR2", mates=(0, 1, 2)) + report("SRR1", mates=(2, 1)) + report("SRR3", mates=())
    runs = resolve(server, tmp_path, text, ["A\tL1\tSRP1"])
    assert list(runs["run"]) == ["SRR1", "SRR2", "SRR3"] and set(runs["library"]) == {"L1"}
    for run in ("SRR1", "SRR2"):
        row = runs.set_index("run").loc[run]
        assert row["fastq_1"] == f"https://ftp.host/{run}_1.fastq.gz" and row["fastq_2"].endswith("_2.fastq.gz")
        assert (row["md5_1"], row["md5_2"], row["bytes_1"], row["bytes_2"]) == ("1" * 32, "2" * 32, "101", "102")
    assert list(runs.loc[2, ["fastq_1", "fastq_2", "md5_1", "read_count"]]) == ["sra:SRR3", "sra:SRR3", "", "70"]
    assert "accession=SRP1" in server.asked[0][1] and "result=read_run" in server.asked[0][1]
    assert set(resolve(server, tmp_path, text)["library"]) == {"SRX1"}


def test_the_runs_that_are_written_are_a_table_of_runs(server, tmp_path):
    ena.write_runs(resolve(server, tmp_path, HEADER + report("SRR1") + report("SRR3", mates=())), tmp_path / "runs.tsv")
    rows = [row for _, row in tables.read_table(tmp_path / "runs.tsv", "runs", "runs")]
    assert rows[0]["bytes_2"] == 102 and rows[0]["read_count"] == 70 and rows[1]["bytes_1"] == 0
    assert [row["fastq_2"] for _, row in ena.expand_sra([(1, rows[1])], "runs.tsv")] == [
        "results/downloads/sra/SRR3_2.fastq.gz"
    ]


@pytest.mark.parametrize(
    ("text", "rows", "message"),
    [
        (HEADER, ["A\t\tSRP1"], "row 2, column accession: ENA knows no run of SRP1"),
        (HEADER + report("SRR1", layout="SINGLE"), ["A\t\tSRP1"], "run SRR1 is SINGLE"),
        (HEADER + report("SRR1"), ["A\t\tSRP1", "A\t\tSRX1"], "row 3.*run SRR1 of SRX1 is one of row 2 already"),
        ("a\tb\n1\t2\n", ["A\t\tSRP1"], "answers without the columns run_accession"),
        (HEADER, ["A\t\t"], "row 2, column accession: the cell is empty"),
    ],
)
def test_accessions_that_give_no_runs_are_named(server, tmp_path, text, rows, message):
    with pytest.raises(InputError, match=message):
        resolve(server, tmp_path, text, rows)


def test_sra_cells_have_to_agree():
    for first, second in (("sra:SRR1", "sra:SRR2"), ("sra:SRR1", "b.gz"), ("sra:HIC1", "sra:HIC1")):
        with pytest.raises(InputError, match="runs.tsv, row 4, column fastq_1: found .* in both cells"):
            ena.expand_sra([(4, {"fastq_1": first, "fastq_2": second})], "runs.tsv")


def test_files_of_a_run_are_compared_with_its_row(tmp_path):
    paths = [str(tmp_path / name) for name in "ab"]
    for path, content in zip(paths, (CONTENT, OTHER), strict=True):
        Path(path).write_bytes(content)
    expected = {"md5_1": MD5[4:], "md5_2": "", "bytes_1": 300_000, "bytes_2": 0}
    ena.check_files(paths, expected)
    with pytest.raises(InputError, match=f"b: its checksum is md5:.*, but {MD5} is expected .mate 2"):
        ena.check_files(paths, expected | {"md5_2": MD5[4:]})
    ena.check_count(5, 0, paths)
    ena.check_count(5, 5, paths)
    with pytest.raises(InputError, match="have 5 read pairs, but 6 are expected"):
        ena.check_count(5, 6, paths)
