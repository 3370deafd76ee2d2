"""The table of resources: what a study may fetch, with checksum, size and mirror, and whether it is still there."""

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

SMALL = 10_000_000  # bytes up to which a file is fetched to know its checksum
COLUMNS = ["name", "url", "reachable", "size_expected", "size_found", "checksum_expected", "checksum_found", "verdict",
           "sure", "note"]  # fmt: skip


def download_name(url):
    """Name of the file to which an URL is downloaded.

    Parameters
    ----------
    url : str

    Returns
    -------
    str
        A digest of the whole URL, so that equal names of two servers differ, and the file name of the URL. Other
        characters than letters, digits and ``. _ + -`` become ``_``, because the name is a wildcard of rules.
    """
    digest = hashlib.blake2b(url.encode(), digest_size=4).hexdigest()
    name = re.sub(r"[^A-Za-z0-9._+-]", "_", os.path.basename(urlsplit(url).path))
    return f"{digest}-{name[-150:]}"


def check(rows, files=None, workers=4, timeout=30.0):
    """Ask for every resource whether it is there and what it is; nothing stops the others.

    Parameters
    ----------
    rows : list of dict
        name, url, mirror, checksum, size, sure, note.
    files : dict of str to str, optional
        Address -> file where it was downloaded to; its checksum is that of the copy.
    workers : int
        Questions at a time.
    timeout : float
        Seconds without an answer after which an address counts as unreachable.

    Returns
    -------
    DataFrame
        A row per address (mirrors after their resource): name, url, reachable (``yes``, ``no``), size_expected,
        size_found (bytes, missing where not known), checksum_expected, checksum_found (empty where finding it would
        mean to fetch a large file), verdict, sure, note.
    """
    asked = []
    for row in rows:
        asked.append({**row, "copy": (files or {}).get(row["url"])})
        if row["mirror"]:
            asked.append({**row, "name": f"{row['name']} (mirror)", "url": row["mirror"], "copy": None})
    with ThreadPoolExecutor(workers) as pool:
        found = list(pool.map(lambda row: _check_one(row, timeout), asked))
    table = pd.DataFrame(found, columns=COLUMNS)
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
    except Exception as error:  # whatever one address does, the others are still to be asked
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
    """Size and checksum of a file as its server tells them, without fetching it.

    Returns
    -------
    int or None
        Bytes.
    str
        ``md5:...`` where the server tells it, else empty.

    Raises
    ------
    DownloadError, OSError
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
    return int(length) if length else None, _told_md5(url, headers)


def _told_md5(url, headers):
    """The MD5 that stores of objects tell: Google in a header of its own, Amazon as the tag of a single upload."""
    for value in headers.get_all("x-goog-hash") or []:
        for part in value.split(","):
            if part.strip().startswith("md5="):
                return "md5:" + base64.b64decode(part.strip()[4:]).hex()
    tag = (headers.get("ETag") or "").strip('"')
    if (urlsplit(url).hostname or "").endswith(".amazonaws.com") and re.fullmatch(r"[0-9a-f]{32}", tag):
        return f"md5:{tag}"
    return ""
