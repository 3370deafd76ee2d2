"""Files from elsewhere: resumed where a transfer stopped, checked, and under their names only when whole.

Beyond Python nothing is needed, so that every environment can fetch.
"""

import ftplib
import gzip
import hashlib
import http.client
import os
import re
import socket
import ssl
import tempfile
import time
import urllib.error
import urllib.request
import zlib
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from akitaflow.errors import InputError

BLOCK = 1 << 18  # bytes read at a time
PROGRESS = 1 << 20  # bytes after which a transfer that stops counts as a first failure again
LONGEST_WAIT = 300.0  # s
GONE = (400, 401, 403, 404, 405, 410, 451)  # answers that another attempt does not change
BROKEN = (TimeoutError, ConnectionError, http.client.HTTPException, urllib.error.URLError, ftplib.error_temp, EOFError,
          socket.gaierror, ssl.SSLError)  # fmt: skip


class DownloadError(InputError):
    """A file that could not be had, with the reason at each address."""


class Refused(DownloadError):
    """What another attempt at the same address does not change."""


@dataclass
class Answer:
    """A stream of bytes from ``start`` on; ``total`` is the length of the whole file, if the server tells."""

    read: Any
    start: int
    total: int | None
    version: str = ""


def address(url):
    """The address that is asked: that of buckets open to all is their https form.

    Parameters
    ----------
    url : str
        http(s), ftp, file, s3 or gs, or a path.

    Returns
    -------
    str
    """
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return f"https://{parts.netloc}.s3.amazonaws.com{parts.path}"
    if parts.scheme == "gs":
        return f"https://storage.googleapis.com/{parts.netloc}{parts.path}"
    return url


def fetch(url, target, *, mirror="", checksum="", size=0, attempts=8, wait=1.0, stall=60.0):
    """Get a file; it has its name only when it is whole and right.

    What a broken transfer left (``.part``) is gone on with, in this run or a later one. A mirror is asked after the
    first address gave up, or gave a file that is not the expected one.

    Parameters
    ----------
    url, mirror : str
        Addresses (see :func:`address`) or paths; ``mirror`` may be empty.
    target : str
        File to write.
    checksum : str
        ``md5:...`` or ``sha256:...``; empty if unknown.
    size : int
        Bytes; 0 if unknown. With neither, a gzip is decompressed to its end.
    attempts : int
        Attempts without progress at an address.
    wait : float
        Seconds before the second attempt; doubled before each further one.
    stall : float
        Seconds without a byte after which a connection is given up.

    Raises
    ------
    DownloadError
        Each address with what was wrong; a wrong checksum with both values.
    """
    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    failures, parts = [], {url: f"{target}.part"}
    if mirror:
        parts[mirror] = f"{target}.mirror.part"  # of its own: without a checksum the two may not be the same file
    for source, part in parts.items():
        try:
            _whole(source, part, checksum, size, attempts, wait, stall)
        except DownloadError as error:
            failures.append((error, f"{source}: {error}"))
            print(failures[-1][1], flush=True)
            continue
        os.replace(part, target)
        for other in parts.values():
            _remove(other)
        print(f"{source}: {os.path.getsize(target)} bytes, {checksum or 'no checksum known'}", flush=True)
        return
    kind = Refused if all(isinstance(error, Refused) for error, _ in failures) else DownloadError
    raise kind("\n".join(message for _, message in failures))


def read(url, **options):
    """The bytes of a small file. Options are those of :func:`fetch`."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        fetch(url, path, **options)
        with open(path, "rb") as file:
            return file.read()


def digest(path, kind):
    """The checksum of a file, as ``md5:...`` or ``sha256:...``."""
    with open(path, "rb") as file:
        return f"{kind}:{hashlib.file_digest(file, kind).hexdigest()}"


def fault(path, *, checksum="", size=0, name=""):
    """What is wrong with a file, or an empty text.

    Parameters
    ----------
    path : str
    checksum : str
        ``md5:...`` or ``sha256:...``; empty if unknown.
    size : int
        Bytes; 0 if unknown.
    name : str
        What the file is called elsewhere: one in ``.gz`` has to be a gzip.

    Returns
    -------
    str
    """
    found = os.path.getsize(path)
    if size and found != size:
        return f"it has {found} bytes, but {size} are expected"
    if checksum:
        value = digest(path, checksum.partition(":")[0])
        return "" if value == checksum else f"its checksum is {value}, but {checksum} is expected"
    with open(path, "rb") as file:
        first = file.read(2)
    if first != b"\x1f\x8b":
        return "it is no gzip, though its name ends in .gz" if urlsplit(name).path.endswith(".gz") else ""
    try:
        with gzip.open(path) as file:
            while file.read(BLOCK):
                pass
    except (EOFError, OSError, zlib.error) as error:
        return f"it is a gzip that does not decompress to its end ({error})"
    return ""


def _whole(source, part, checksum, size, attempts, wait, stall):
    """Transfer until the part is whole and right."""
    resumed = _length(part) > 0
    while True:
        if not size or _length(part) != size:
            _transfer(source, part, size, attempts, wait, stall)
        wrong = fault(part, checksum=checksum, size=size, name=source)
        if not wrong:
            return
        _remove(part)
        if not resumed:
            raise DownloadError(wrong)
        print(f"{source}: {wrong}; what an earlier run left may be of another file: from the start", flush=True)
        resumed = False


def _transfer(source, part, size, attempts, wait, stall):
    failed, version = 0, ""
    while True:
        before = _length(part)
        if size and before > size:
            _remove(part)
            before = 0
        try:
            version = _receive(source, part, before, version, stall)
            return
        except BROKEN as error:
            failed = 1 if _length(part) >= before + PROGRESS else failed + 1
            reason = _reason(error)
            if failed >= attempts:
                raise DownloadError(f"{reason}, after {attempts} attempts") from error
            pause = max(min(wait * 2 ** (failed - 1), LONGEST_WAIT), _asked_wait(error))
            print(f"{source}: {reason} at byte {_length(part)}; again in {pause:g} s", flush=True)
            time.sleep(pause)


def _receive(source, part, start, version, stall):
    """One connection: append to the part what comes; returns the version of the file, where the server tells it."""
    with opened(address(source), start, version, stall) as answer:
        received = answer.start
        block = answer.read(BLOCK)
        # no empty part for an address that sends nothing, but an empty file is one
        with open(part, "r+b" if os.path.exists(part) else "wb") as file:
            file.seek(answer.start)
            file.truncate()
            while block:
                file.write(block)
                received += len(block)
                block = answer.read(BLOCK)
        if answer.total is not None and received < answer.total:
            raise ConnectionError(f"the transfer ended after {received} of {answer.total} bytes")
        return answer.version


@contextmanager
def opened(url, start=0, version="", stall=60.0):
    """A file as an :class:`Answer`: from ``start`` on where the server can, else from its beginning.

    Parameters
    ----------
    url : str
        http(s), ftp, file, or a path.
    start : int
        Byte, 0-based.
    version : str
        Version of the file whose bytes before ``start`` are at hand; if it changed, all of it is sent.
    stall : float
        See :func:`fetch`.
    """
    scheme = urlsplit(url).scheme
    if scheme in ("http", "https"):
        with _http(url, start, version, stall) as answer:
            yield answer
    elif scheme == "ftp":
        with _ftp(url, start, stall) as answer:
            yield answer
    elif scheme in ("", "file"):
        path = unquote(urlsplit(url).path) if scheme else url
        try:
            file = open(path, "rb")
        except OSError as error:
            raise Refused(str(error)) from error
        with file:
            total = os.path.getsize(path)
            start = min(start, total)
            file.seek(start)
            yield Answer(file.read, start, total)
    else:
        raise Refused(f"addresses that begin with {scheme}:// are not known; write http, https, ftp, s3, gs or a path")


@contextmanager
def _http(url, start, version, stall):
    request = urllib.request.Request(url, headers={"User-Agent": "akitaflow"})
    if start:
        request.add_header("Range", f"bytes={start}-")
        if version:  # another version of the file comes whole
            request.add_header("If-Range", version)
    try:
        response = urllib.request.urlopen(request, timeout=stall)
    except urllib.error.HTTPError as error:
        total = re.fullmatch(r"bytes \*/(\d+)", error.headers.get("Content-Range") or "")
        if error.code == 416 and total and int(total[1]) == start:  # nothing was left to send
            yield Answer(lambda count: b"", start, start)
            return
        if error.code == 416 and start:
            with _http(url, 0, "", stall) as answer:
                yield answer
            return
        if error.code in GONE:
            raise Refused(f"the server answers {error.code} ({error.reason})") from error
        raise
    with response:
        length = response.headers.get("Content-Length")
        place = re.match(r"bytes (\d+)-", response.headers.get("Content-Range") or "")
        begin = int(place[1]) if response.status == 206 and place else 0
        if begin > start:
            raise ConnectionError(f"asked for bytes from {start} on, the server sends those from {begin} on")
        yield Answer(
            response.read1,
            begin,
            begin + int(length) if length else None,
            response.headers.get("ETag") or response.headers.get("Last-Modified") or "",
        )


@contextmanager
def _ftp(url, start, stall):
    parts = urlsplit(url)
    try:
        with closing(ftplib.FTP(timeout=stall)) as ftp:
            ftp.connect(parts.hostname, parts.port or ftplib.FTP_PORT)
            ftp.login(parts.username or "anonymous", parts.password or "anonymous@")
            ftp.voidcmd("TYPE I")
            total = ftp.size(unquote(parts.path))
            if start and (total is None or start > total):
                start = 0
            with closing(ftp.transfercmd(f"RETR {unquote(parts.path)}", rest=start or None)) as connection:
                yield Answer(connection.recv, start, total)
    except ftplib.error_perm as error:
        raise Refused(f"the server answers {error}") from error


def _asked_wait(error):
    """Seconds that a busy server asks to wait."""
    asked = error.headers.get("Retry-After") if isinstance(error, urllib.error.HTTPError) else None
    return min(float(asked), LONGEST_WAIT) if asked and asked.isdigit() else 0.0


def _reason(error):
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answers {error.code} ({error.reason})"
    if isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError):
        return "no byte came for too long"
    return str(getattr(error, "reason", "") or error) or type(error).__name__


def _length(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def _remove(path):
    if os.path.exists(path):
        os.remove(path)
