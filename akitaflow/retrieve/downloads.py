"""Downloads of files: transfers that break off are resumed, and files are checked before they get their names.

The module needs only Python's standard library, so that rules with their own environments can use it.
"""

import base64
import ftplib
import gzip
import hashlib
import http.client
import netrc
import os
import re
import socket
import ssl
import string
import tempfile
import time
import urllib.error
import urllib.request
import zlib
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from akitaflow.errors import InputError
from akitaflow.files import format_of

BLOCK = 1 << 18  # bytes read at once
PROGRESS = 1 << 20  # received bytes after which the count of failures starts again
LONGEST_WAIT = 300.0  # s
GONE = (400, 401, 403, 404, 405, 410, 451)  # status codes that another attempt would not change
SENT_INSTEAD = ("a web page", "XML", "a pointer of git-lfs")  # what servers send in the place of a file
BROKEN = (TimeoutError, ConnectionError, http.client.HTTPException, urllib.error.URLError, ftplib.error_temp, EOFError,
          socket.gaierror, ssl.SSLError)  # fmt: skip


class DownloadError(InputError):
    """File that could not be downloaded, with the reason at each address."""


class Refused(DownloadError):
    """Permanent failure: another attempt at the same address would fail too."""


@dataclass
class Answer:
    """A file that a server sends.

    Attributes
    ----------
    read : callable
        Returns the next bytes, at most as many as its argument says; empty at the end.
    start : int
        Position of the first byte in the file, 0-based.
    total : int or None
        Length of the whole file in bytes, if the server sends it.
    version : str
        ETag (a strong one) or time of the last change; empty if unknown.
    """

    read: Any
    start: int
    total: int | None
    version: str = ""


def address(url):
    """Address to request: for public s3 and gs buckets, the https address.

    Parameters
    ----------
    url : str
        Address with http(s), ftp, file, s3 or gs, or a path.

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


def masked(url):
    """An address without the user and password that it may have, for messages.

    Parameters
    ----------
    url : str

    Returns
    -------
    str
    """
    return re.sub(r"(://)[^/?#]*@", r"\1***@", url)


def fetch(url, target, *, mirror="", checksum="", size=0, attempts=8, wait=1.0, stall=60.0):
    """Download a file. It gets its name only when it is complete and has the expected size and checksum.

    The part of a file that an interrupted transfer left (``.part``) is continued, in this run or a later one, unless
    the file on the server changed: its ETag or the time of its last change is kept in ``.part.version``. Without it, a
    part of an earlier run is continued only if the checksum is known. The mirror is used if the first address fails or
    sends another file than expected.

    A user and password for an http or https server are read from the file ``~/.netrc`` (or ``$NETRC``). They are sent
    to this server alone, and are in no message.

    Parameters
    ----------
    url, mirror : str
        Addresses (see :func:`address`) or paths; ``mirror`` may be empty.
    target : str
        File to write.
    checksum : str
        ``md5:...`` or ``sha256:...``; empty if unknown.
    size : int
        Bytes; 0 if unknown. If checksum and size are unknown, a gzip file is decompressed as a check.
    attempts : int
        Attempts without progress at an address.
    wait : float
        Seconds before the second attempt; doubled before each further one.
    stall : float
        Seconds without data after which a connection is closed.

    Raises
    ------
    DownloadError
        With the failure of each address; a wrong checksum with both values.
    """
    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    failures, partial_files = [], {url: f"{target}.part"}
    if mirror:
        partial_files[mirror] = f"{target}.mirror.part"  # separate: without a checksum the two files may differ
    for source, partial in partial_files.items():
        try:
            _whole(source, partial, checksum, size, attempts, wait, stall)
        except DownloadError as error:
            failures.append((error, f"{masked(source)}: {error}"))
            print(failures[-1][1], flush=True)
            continue
        os.replace(partial, target)
        for leftover in partial_files.values():
            _remove_part(leftover)
        print(f"{masked(source)}: {os.path.getsize(target)} bytes, {checksum or 'no checksum known'}", flush=True)
        return
    kind = Refused if all(isinstance(error, Refused) for error, _ in failures) else DownloadError
    raise kind("\n".join(message for _, message in failures))


def read(url, **options):
    """Download a small file into memory.

    Parameters
    ----------
    url : str
    **options
        Options of :func:`fetch`.

    Returns
    -------
    bytes
    """
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        fetch(url, path, **options)
        with open(path, "rb") as file:
            return file.read()


def digest(path, kind):
    """Checksum of a file.

    Parameters
    ----------
    path : str
    kind : str
        ``md5`` or ``sha256``.

    Returns
    -------
    str
        ``{kind}:{hexadecimal digits}``.
    """
    with open(path, "rb") as file:
        return f"{kind}:{hashlib.file_digest(file, kind).hexdigest()}"


def fault(path, *, checksum="", size=0, name=""):
    """Reason why a file is not the expected one.

    Parameters
    ----------
    path : str
    checksum : str
        ``md5:...`` or ``sha256:...``; empty if unknown.
    size : int
        Bytes; 0 if unknown.
    name : str
        Name or address of the source; if it ends in ``.gz``, the file must be gzip. A web page, an error message in
        XML or a pointer of git-lfs is not the expected file, unless the name ends as that of a page.

    Returns
    -------
    str
        A clause for a message; empty if the file is as expected.
    """
    n_bytes = os.path.getsize(path)
    if size and n_bytes != size:
        return f"it has {n_bytes} bytes, but {size} are expected"
    if checksum:
        checksum_of_file = digest(path, checksum.partition(":")[0])
        return "" if checksum_of_file == checksum else f"its checksum is {checksum_of_file}, but {checksum} is expected"
    with open(path, "rb") as file:
        start = file.read(64)
    sent, ending = format_of(start) or "", os.path.splitext(urlsplit(name).path)[1].lower()
    if sent.startswith(SENT_INSTEAD) and ending not in (".html", ".htm", ".xml"):
        return f"instead of the file the server sends {sent}; look at the address in a browser"
    if start[:2] != b"\x1f\x8b":
        return "it is no gzip, though its name ends in .gz" if ending == ".gz" else ""
    try:
        with gzip.open(path) as file:
            while file.read(BLOCK):
                pass
    except (EOFError, OSError, zlib.error) as error:
        return f"it is a gzip that does not decompress to its end ({error})"
    return ""


def _whole(source, partial, checksum, size, attempts, wait, stall):
    """Transfer until the partial file is complete and as expected."""
    if not checksum and _length(partial) and not _kept_version(partial):
        _remove_part(partial)  # it may be of a file that has changed since
    resumed = _length(partial) > 0
    while True:
        if not size or _length(partial) != size:
            _transfer(source, partial, size, attempts, wait, stall)
        reason = fault(partial, checksum=checksum, size=size, name=source)
        if not reason:
            return
        _remove_part(partial)
        if not resumed:
            raise DownloadError(reason)
        print(
            f"{masked(source)}: {reason}; the part from an earlier run may be of another file; downloading from the "
            "start",
            flush=True,
        )
        resumed = False


def _transfer(source, partial, size, attempts, wait, stall):
    if "://" in source and re.search(r"\s", source):
        raise Refused("the address has a blank: write %20 in its place")
    if "://" in source and not source.isascii():
        raise Refused(f"the address has letters beyond ASCII: write {quote(source, safe=string.punctuation)}")
    failed = 0
    while True:
        start = _length(partial)
        if size and start > size:
            _remove_part(partial)
            start = 0
        try:
            _receive(source, partial, start, _kept_version(partial), stall)
            return
        except BROKEN as error:
            failed = 1 if _length(partial) >= start + PROGRESS else failed + 1
            reason = _reason(error)
            if failed >= attempts:
                raise DownloadError(f"{reason}, after {attempts} attempts") from error
            pause = max(min(wait * 2 ** (failed - 1), LONGEST_WAIT), _asked_wait(error))
            print(f"{masked(source)}: {reason} at byte {_length(partial)}; again in {pause:g} s", flush=True)
            time.sleep(pause)


def _receive(source, partial, start, version, stall):
    """Append the bytes of one connection to the partial file, and keep the version that the server sends beside it."""
    with opened(address(source), start, version, stall) as answer:
        received = answer.start
        block = answer.read(BLOCK)
        if block:
            _keep_version(partial, answer.version)
        # opened after the first block, so that a failing address leaves no empty file
        with open(partial, "r+b" if os.path.exists(partial) else "wb") as file:
            file.seek(answer.start)
            file.truncate()
            while block:
                file.write(block)
                received += len(block)
                block = answer.read(BLOCK)
        if answer.total is not None and received < answer.total:
            raise ConnectionError(f"the transfer ended after {received} of {answer.total} bytes")


@contextmanager
def opened(url, start=0, version="", stall=60.0):
    """Open a file for reading: from ``start`` on if the server supports it, else from its beginning.

    Parameters
    ----------
    url : str
        http(s), ftp, file, or a path.
    start : int
        Position of the first byte, 0-based.
    version : str
        Version of the file whose bytes before ``start`` were received; if it changed, the whole file is sent.
    stall : float
        See :func:`fetch`.

    Yields
    ------
    Answer

    Raises
    ------
    Refused
        If the file does not exist or may not be read.
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
    credentials = _credentials(urlsplit(url).hostname)
    if credentials:  # not sent to the server to which this one may redirect
        request.add_unredirected_header("Authorization", f"Basic {credentials}")
    if start:
        request.add_header("Range", f"bytes={start}-")
        if version:  # a changed file is sent whole
            request.add_header("If-Range", version)
    try:
        response = urllib.request.urlopen(request, timeout=stall)
    except urllib.error.HTTPError as error:
        total = re.fullmatch(r"bytes \*/(\d+)", error.headers.get("Content-Range") or "")
        if error.code == 416 and total and int(total[1]) == start:  # the file was complete
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
        sent_version = _version(response.headers)
        if response.status == 206 and version and sent_version and sent_version != version:
            # the server does not heed If-Range
            with _http(url, 0, "", stall) as answer:
                yield answer
            return
        length = response.headers.get("Content-Length")
        content_range = re.match(r"bytes (\d+)-", response.headers.get("Content-Range") or "")
        begin = int(content_range[1]) if response.status == 206 and content_range else 0
        if begin > start:
            raise ConnectionError(f"asked for bytes from {start} on, the server sends those from {begin} on")
        yield Answer(
            response.read1,
            begin,
            begin + int(length) if length else None,
            sent_version,
        )


def _version(headers):
    """Strong ETag, or the time of the last change; a weak ETag does not tell files apart byte by byte."""
    etag = headers.get("ETag") or ""
    return etag if etag and not etag.startswith("W/") else headers.get("Last-Modified") or ""


def _credentials(host):
    """User and password of a server from ``~/.netrc`` as Basic Authentication writes them; empty if there are none."""
    try:
        entry = netrc.netrc(os.environ.get("NETRC")).hosts.get(host)  # not the default of the file, for any server
    except (OSError, netrc.NetrcParseError):
        return ""
    return base64.b64encode(f"{entry[0]}:{entry[2]}".encode()).decode() if entry else ""


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
    """Seconds to wait, from the header Retry-After of a busy server; 0 without it."""
    seconds = error.headers.get("Retry-After") if isinstance(error, urllib.error.HTTPError) else None
    return min(float(seconds), LONGEST_WAIT) if seconds and seconds.isdigit() else 0.0


def _reason(error):
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answers {error.code} ({error.reason})"
    if isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError):
        return "no data for too long"
    return str(getattr(error, "reason", "") or error) or type(error).__name__


def _kept_version(partial):
    path = f"{partial}.version"
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def _keep_version(partial, version):
    if version:
        with open(f"{partial}.version", "w", encoding="utf-8") as file:
            file.write(version)
    else:
        _remove(f"{partial}.version")


def _remove_part(partial):
    _remove(partial)
    _remove(f"{partial}.version")


def _length(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def _remove(path):
    if os.path.exists(path):
        os.remove(path)
