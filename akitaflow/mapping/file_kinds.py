"""Recognition of file formats by their first bytes, for messages about files of a wrong format."""

import gzip
import re
import shlex
import zlib

from akitaflow.errors import InputError

GZIP = b"\x1f\x8b"
MAGIC = {
    b"\x89HDF": "an HDF5 file, as coolers are (entry: cool or mcool)",
    b"HIC\0": "a .hic file of Juicer, which 'hictk convert FILE.hic FILE.mcool' makes a cooler",
    b"BAM\1": "a BAM file, which 'pairtools parse' makes pairs",
    b"CRAM": "a CRAM file",
    b"\x04\x22\x4d\x18": "compressed by LZ4: decompress it (lz4 -d), and compress it by bgzip",
    b"\x28\xb5\x2f\xfd": "compressed by zstd: decompress it (zstd -d), and compress it by bgzip",
    b"BZh": "compressed by bzip2: decompress it (bunzip2), and compress it by bgzip",
    b"\xfd7zXZ": "compressed by xz: decompress it (unxz), and compress it by bgzip",
    b"PK\3\4": "a zip archive: unpack it",
}
CONVERT = (
    "Convert it: (printf '## pairs format v1.0\\n#columns: readID chrom1 pos1 chrom2 pos2 strand1 strand2 mapq1 "
    "mapq2\\n'; gzip -cdf {path} | awk 'BEGIN {{OFS=\"\\t\"}} {{print {columns}}}') | gzip > converted.pairs.gz, and "
    "write converted.pairs.gz as 'path'"
)
ALL_VALID_PAIRS = "allValidPairs of HiC-Pro. " + CONVERT
ALL_VALID_COLUMNS = "$1, $2, $3, $5, $6, $4, $7, $11, $12"
MERGED_NODUPS = "merged_nodups of Juicer. " + CONVERT
MERGED_COLUMNS = '".", $2, $3, $6, $7, $1 ? "-" : "+", $5 ? "-" : "+", $9, $12'


def first_bytes(path, count=4096):
    """First bytes of a file, decompressed if it is gzipped; empty if a gzip file is damaged.

    Parameters
    ----------
    path : str
    count : int

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        If the file is missing, a folder, or may not be read.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(count)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): write the path of a file.") from None
    if not start.startswith(GZIP):
        return start
    try:
        with gzip.open(path) as file:
            return file.read(count)
    except (EOFError, OSError, zlib.error):
        return b""


def describe(path):
    """Format of a file that is not of the expected one.

    Parameters
    ----------
    path : str

    Returns
    -------
    str
        A noun phrase, with a command that converts the file if there is one; empty if the format is not recognised.
    """
    start = first_bytes(path)
    for magic, name in MAGIC.items():
        if start.startswith(magic):
            return name
    if not start:
        return "empty or a damaged gzip file"
    if start.startswith(b"## pairs"):
        return "a pairs file (entry: pairs)"
    if re.match(rb"\s*<(!doctype|html|\?xml)", start, re.I):
        return "a page of a web site (HTML): its address is not that of the file"
    lines = start.decode("utf-8", "replace").splitlines()
    cells = lines[0].split()
    if lines[0].startswith("@") and len(lines) > 2 and lines[2].startswith("+"):
        return "a FASTQ file (entry: fastq, in the table of runs)"
    if lines[0].startswith("@") or (len(cells) >= 11 and re.fullmatch(r"(\d+[MIDNSHP=X])+|\*", cells[5])):
        return "a SAM file, which 'pairtools parse' makes pairs"
    if len(cells) >= 7 and [cells[index] in "+-" for index in (3, 6)] == [True, True] and cells[2].isdigit():
        return ALL_VALID_PAIRS.format(path=shlex.quote(path), columns=ALL_VALID_COLUMNS)
    if len(cells) >= 8 and all(cells[index].isdigit() for index in (0, 2, 3, 4, 6, 7)):
        return MERGED_NODUPS.format(path=shlex.quote(path), columns=MERGED_COLUMNS)
    return ""
