"""A server on this machine that misbehaves as archives do."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Server(ThreadingHTTPServer):
    """Serves files, each as its list of faults says: an answer takes the first one left, and then goes well.

    Faults: ``cut`` (half of what is asked for), ``stall`` (half, then nothing), ``flip`` (a byte changed), ``whole``
    (ignores ranges; with ``cut`` and the like as ``whole cut``), a number (that status).
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.faults, self.asked, self.headers, self.credentials = {}, {}, [], {}, []
        self.stop = threading.Event()

    def put(self, name, content, *faults, **headers):
        """Serve a file; returns its address."""
        self.files[f"/{name}"], self.faults[f"/{name}"], self.headers[f"/{name}"] = content, list(faults), headers
        return self.url(name)

    def url(self, name):
        return f"http://127.0.0.1:{self.server_port}/{name}"

    def ranges(self):
        """First byte that each GET asked for."""
        return [start for method, _, start in self.asked if method == "GET"]


class Handler(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, body):
        path = urlsplit(self.path).path
        asked = self.headers.get("Range")
        first = asked.removeprefix("bytes=").partition("-")[0] if asked else 0
        start = int(first)
        self.server.asked.append((self.command, self.path, start))
        self.server.credentials.append(self.headers.get("Authorization"))
        content, faults = self.server.files.get(path), self.server.faults.get(path)
        fault = str(faults.pop(0)) if faults else ""
        if content is None or fault.isdigit():
            self.send_error(int(fault or 404))
            return
        versions = [self.server.headers[path].get(name) for name in ("ETag", "Last_Modified")]
        if asked and self.headers.get("If-Range") not in (None, *versions) and "heedless" not in fault:
            asked, start = None, 0
        if fault.startswith("whole"):
            asked, start = None, 0
        if asked and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.end_headers()
            return
        last = asked.removeprefix("bytes=").partition("-")[2] if asked else ""
        data = content[start : int(last) + 1 if last else None]
        if "flip" in fault:
            data = bytes([data[0]]) + bytes([data[1] ^ 1]) + data[2:]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(data)))
        for name, value in self.server.headers[path].items():
            self.send_header(name.replace("_", "-"), value)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{start + len(data) - 1}/{len(content)}")
        self.end_headers()
        if not body:
            return
        if "cut" in fault or "stall" in fault:
            data = data[: len(data) // 2]
        self.wfile.write(data)
        if "stall" in fault:
            self.wfile.flush()
            deadline = time.monotonic() + 20
            while not self.server.stop.wait(0.05) and time.monotonic() < deadline:
                pass

    def log_message(self, *_):
        pass


def start():
    """A server that runs."""
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


def close(server):
    server.stop.set()
    server.shutdown()
    server.server_close()
