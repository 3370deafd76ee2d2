"""Checks of the table of resources: whether each address answers, and with the expected size and checksum."""

import base64
import hashlib
import os
import re
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pandas as pd

from akitaflow.retrieve import downloads

SMALL = 10_000_000  # bytes; smaller files are downloaded to compute their checksums
COLUMNS = ["name", "url", "reachable", "size_expected", "size_found", "checksum_expected", "checksum_found", "verdict",
           "sure", "note"]  # fmt: skip


def download_name(url):
    """Name of the file to which a URL is downloaded.

    Parameters
    ----------
    url : str

    Returns
    -------
    str
        A digest of the URL, so that files of one name on two servers differ, and the file name of the URL. Characters
        other than letters, digits and ``. _ + -`` become ``_``, because the name is a wildcard of rules.
    """
    digest = hashlib.blake2b(url.encode(), digest_size=4).hexdigest()
    name = re.sub(r"[^A-Za-z0-9._+-]", "_", os.path.basename(urlsplit(url).path))
    return f"{digest}-{name[-150:]}"


def check(rows, files=None, workers=4, timeout=30.0):
    """Request size and checksum of every resource. An address that fails does not stop the others.

    Parameters
    ----------
    rows : list of dict
        name, url, mirror, checksum, size, sure, note.
    files : dict of str to str, optional
        Downloaded file of each address, from which its checksum is computed.
    workers : int
        Number of parallel requests.
    timeout : float
        Seconds without an answer after which an address is unreachable.

    Returns
    -------
    DataFrame
        A row per address, mirrors after their resource: name, url, reachable (``yes``, ``no``), size_expected and
        size_found (bytes, missing if unknown), checksum_expected, checksum_found (empty if the file is large and
        was not downloaded), verdict, sure, note.
    """
    requests = []
    for row in rows:
        requests.append({**row, "copy": (files or {}).get(row["url"])})
        if row["mirror"]:
            requests.append({**row, "name": f"{row['name']} (mirror)", "url": row["mirror"], "copy": None})
    with ThreadPoolExecutor(workers) as pool:
        results = list(pool.map(lambda row: _check_one(row, timeout), requests))
    table = pd.DataFrame(results, columns=COLUMNS)
    for column in ("size_expected", "size_found"):
        table[column] = pd.to_numeric(table[column]).astype("Int64")
    return table


def _check_one(row, timeout):
    result = {
        "name": row["name"],
        "url": row["url"],
        "reachable": "no",
        "size_expected": row["size"] or None,
        "size_found": None,
        "checksum_expected": row["checksum"],
        "checksum_found": "",
        "sure": row["sure"],
        "note": row["note"],
    }
    try:
        size, checksum = ask(row["url"], timeout)
        result |= {"reachable": "yes", "size_found": size}
        kind = row["checksum"].partition(":")[0]
        if kind and row["copy"] and os.path.exists(row["copy"]):
            checksum = downloads.digest(row["copy"], kind)
        elif kind and not checksum.startswith(kind) and size is not None and size <= SMALL:
            checksum = _fetched_digest(row["url"], kind, timeout)
        result["checksum_found"] = checksum if checksum.startswith(kind) else ""
    except Exception as error:  # the other addresses are still checked
        return {**result, "verdict": f"failed: {error}".replace("\n", " ")}
    return {**result, "verdict": _verdict(result)}


def _verdict(result):
    problems = []
    if result["size_expected"] and result["size_found"] is not None and result["size_expected"] != result["size_found"]:
        problems.append("other size")
    if result["checksum_expected"] and result["checksum_found"] not in ("", result["checksum_expected"]):
        problems.append("other checksum")
    return " and ".join(problems) or "ok"


def _fetched_digest(url, kind, timeout):
    return f"{kind}:{hashlib.new(kind, downloads.read(url, attempts=2, stall=timeout)).hexdigest()}"


def ask(url, timeout=30.0):
    """Size and checksum of a file from the headers of its server, without downloading it.

    Parameters
    ----------
    url : str
        See :func:`akitaflow.retrieve.downloads.address`.
    timeout : float
        Seconds without an answer after which the request fails.

    Returns
    -------
    int or None
        Bytes, if the server sends the size.
    str
        ``md5:...`` if the server sends it, else empty.

    Raises
    ------
    DownloadError, OSError
        If the address does not answer, or answers with an error.
    """
    url = downloads.address(url)
    if urlsplit(url).scheme not in ("http", "https"):
        with downloads.opened(url, stall=timeout) as answer:
            return answer.total, ""
    headers = None
    for method, extra in (("HEAD", {}), ("GET", {"Range": "bytes=0-0"})):
        request = urllib.request.Request(url, method=method, headers={"User-Agent": "akitaflow", **extra})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                headers = response.headers
                break
        except urllib.error.HTTPError as error:
            if method == "GET" or error.code == 404:
                raise downloads.DownloadError(f"the server answers {error.code} ({error.reason})") from None
    total = re.match(r"bytes \d+-\d+/(\d+)", headers.get("Content-Range") or "")
    length = total[1] if total else headers.get("Content-Length")
    return int(length) if length else None, _md5_of_headers(url, headers)


def _md5_of_headers(url, headers):
    """MD5 from the headers of object stores: Google's own header, or Amazon's ETag of a file uploaded in one part."""
    for value in headers.get_all("x-goog-hash") or []:
        for item in value.split(","):
            if item.strip().startswith("md5="):
                return "md5:" + base64.b64decode(item.strip()[4:]).hex()
    etag = (headers.get("ETag") or "").strip('"')
    if (urlsplit(url).hostname or "").endswith(".amazonaws.com") and re.fullmatch(r"[0-9a-f]{32}", etag):
        return f"md5:{etag}"
    return ""
