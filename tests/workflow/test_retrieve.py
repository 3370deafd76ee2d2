"""Downloads through the real rule, from a server on this machine that cuts and refuses."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

BASES = "".join(np.random.default_rng(5).choice(list("ACGT"), 40_000))
CONTENT = gzip.compress(f">chr1\n{BASES}\n".encode(), mtime=0)


class Server(ThreadingHTTPServer):
    """Serves CONTENT with ranges; the first ``cuts`` answers stop in the middle."""

    daemon_threads = True

    def __init__(self, cuts):
        super().__init__(("127.0.0.1", 0), Handler)
        self.cuts, self.ranges = cuts, []

    def url(self, name):
        return f"http://127.0.0.1:{self.server_port}/{name}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if not self.path.endswith("genome.fa.gz"):
            self.send_error(404)
            return
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0
        self.server.ranges.append(start)
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.end_headers()
        body = CONTENT[start:]
        if self.server.cuts > 0:
            self.server.cuts -= 1
            body = body[: len(body) // 2]
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def serve():
    servers = []

    def start(cuts=0):
        servers.append(Server(cuts))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return servers[-1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def enter(study, url):
    """Let the genome of a study be downloaded; its map, which nobody asks for, would be too."""
    study.enter("cool", f"{url}.cool", url)


def downloads(study):
    return sorted(path.name for path in study.path("results/downloads").glob("*"))


def test_a_url_is_fetched_and_the_genome_prepared(study, serve):
    server = serve()
    enter(study, server.url("genome.fa.gz"))
    study.make("results/genomes/human/chrom.sizes")
    assert study.path("results/genomes/human/chrom.sizes").read_text() == "chr1\t40000\n"
    assert server.ranges == [0]


def test_a_transfer_that_was_cut_is_resumed_where_it_stopped(study, serve):
    server = serve(cuts=1)
    enter(study, server.url("genome.fa.gz"))
    study.make("results/genomes/human/chrom.sizes")
    assert server.ranges[0] == 0 and server.ranges[-1] == len(CONTENT) // 2
    (name,) = downloads(study)
    assert study.path("results/downloads", name).read_bytes() == CONTENT


def test_a_file_that_is_not_there_fails_with_its_address_and_leaves_nothing(study, serve):
    url = serve().url("other.fa.gz")
    enter(study, url)
    output = study.fails("results/genomes/human/chrom.sizes", "--retries", "0")
    assert url in output and "404" in output
    assert downloads(study) == []
