"""DNA sequences as integer codes: A, C, G, T are 0, 1, 2, 3 and all other letters (N) are 4."""

import os

import numpy as np
import pyfaidx

from akitaflow.errors import InputError
from akitaflow.files import is_gzipped, require_bgzip_end

BASES = b"ACGTN"
IUPAC = b"ACGTNacgtnRYSWKMBDHVryswkmbdhv"  # letters of a FASTA of DNA
UNKNOWN = 4

_CODE = np.full(256, UNKNOWN, np.uint8)
for _code, (_upper, _lower) in enumerate(zip(b"ACGT", b"acgt", strict=True)):
    _CODE[[_upper, _lower]] = _code
_LETTER = np.frombuffer(BASES, np.uint8)
_HEADER = 4096  # bytes read before a sequence to find its header; longer headers are not compared
_NEWLINE = 2  # bytes of a line end, at most
_COMPLEMENT = np.array([3, 2, 1, 0, UNKNOWN], np.uint8)
_ONE_HOT = np.vstack([np.eye(4, dtype=np.uint8), np.zeros((1, 4), np.uint8)])


def encode(sequence):
    """Encode a sequence as integer codes.

    Parameters
    ----------
    sequence : str or bytes
        Upper or lower case; letters other than A, C, G, T become N.

    Returns
    -------
    ndarray of uint8, shape (length,)
    """
    if isinstance(sequence, str):
        sequence = sequence.encode("ascii")
    return _CODE[np.frombuffer(sequence, np.uint8)]


def decode(codes):
    """Sequence of an array of codes as an upper-case string."""
    return _LETTER[np.asarray(codes)].tobytes().decode("ascii")


def reverse_complement(codes):
    """Reverse complement of codes along the last axis; N stays N."""
    return _COMPLEMENT[np.asarray(codes)[..., ::-1]]


def one_hot(codes):
    """One-hot encoding of codes with channels A, C, G, T; N is all zeros, as in the published records.

    Parameters
    ----------
    codes : ndarray of uint8, shape (..., length)

    Returns
    -------
    ndarray of uint8, shape (..., length, 4)
    """
    return _ONE_HOT[np.asarray(codes)]


def as_codes(sequences, length):
    """Codes of sequences of equal length, from text or one-hot arrays.

    Parameters
    ----------
    sequences : str, list of str, or ndarray of shape (n, length, 4)
        Text of either case, in which letters other than A, C, G, T become N; or one-hot arrays of 0 and 1 of any dtype,
        in which N is all zeros.
    length : int
        Required length, bp.

    Returns
    -------
    ndarray of uint8, shape (n, length)

    Raises
    ------
    ValueError
        If the sequences have another length, shape, dtype or content.
    """
    if isinstance(sequences, str):
        sequences = [sequences]
    if isinstance(sequences, list | tuple) and all(isinstance(sequence, str) for sequence in sequences):
        for i, sequence in enumerate(sequences):
            if len(sequence) != length:
                raise ValueError(f"sequence {i} has {len(sequence)} bp; the model reads {length}")
            if not (sequence.isascii() and sequence.isalpha()):
                raise ValueError(f"sequence {i} holds something that is no letter; write N for an unknown base")
        return np.stack([encode(sequence) for sequence in sequences]) if sequences else np.zeros((0, length), np.uint8)
    coded = np.asarray(sequences)
    if coded.shape[1:] != (length, 4) or coded.dtype.kind not in "buif":
        raise ValueError(f"sequences must be text or one-hot (n, {length}, 4), not {coded.dtype} {coded.shape}")
    if not ((coded == 0) | (coded == 1)).all() or (coded.sum(-1) > 1).any():
        raise ValueError("one-hot sequences hold 0 and 1, at most one 1 to a base; N is all zeros")
    return np.where(coded.any(-1), coded.argmax(-1), UNKNOWN).astype(np.uint8)


def first_mismatch(path, fasta):
    """The first record of a plain FASTA that its index does not describe.

    Parameters
    ----------
    path : str or Path
    fasta : pyfaidx.Fasta
        The FASTA with its index.

    Returns
    -------
    str or None
        Name of the record, if it does not begin after its header or does not end before the next one or at the end.
    """
    with open(path, "rb") as file:
        for name, record in fasta.faidx.index.items():
            header = max(record.offset - _HEADER, 0)
            file.seek(header)
            before = file.read(record.offset - header)
            title = before[before.rfind(b"\n>") + 1 :]
            is_long = header > 0 and b"\n" not in before[:-1]
            matches = title.endswith(b"\n") and (
                is_long or (title[:1] == b">" and title[1:].split()[:1] == [name.encode()])
            )
            if record.rlen:
                n_lines, rest = divmod(record.rlen - 1, record.lenc)
                file.seek(record.offset + n_lines * record.lenb + rest)
                last, following = file.read(1), file.read(2 * _NEWLINE).lstrip()[:1]
                matches &= last.isalpha() and following in (b"", b">")
                if n_lines:
                    file.seek(record.offset + record.lenc)
                    matches &= not file.read(record.lenb - record.lenc).strip()
            if not matches:
                return name
    return None


class Genome:
    """Genome in FASTA, read by coordinates through its ``.fai`` index.

    Parameters
    ----------
    path : str or Path
        Plain or bgzipped FASTA. Its index is created in the same folder if it is missing or older than the file.

    Attributes
    ----------
    chromsizes : dict of str to int
        Length of each chromosome in bp, in the order of the file.

    Raises
    ------
    InputError
        If the file is missing, cut short or not a FASTA, its index is of another file, or cannot be written.
    """

    def __init__(self, path):
        self.path = str(path)
        if not os.path.isfile(self.path):
            raise InputError(f"{self.path}: no such file; give the FASTA of the genome")
        require_bgzip_end(self.path)
        try:
            self._fasta = pyfaidx.Fasta(self.path, as_raw=True, sequence_always_upper=True)
        except (pyfaidx.FastaIndexingError, pyfaidx.UnsupportedCompressionFormat, ValueError, OSError) as error:
            raise InputError(f"{self.path} cannot be indexed: {error}") from error
        except RuntimeError as error:  # pyfaidx, for lines that it does not expect
            raise InputError(f"{self.path} cannot be indexed: delete empty lines, also at its end") from error
        wrong = None if is_gzipped(self.path) else first_mismatch(self.path, self._fasta)
        if wrong is not None:  # offsets of a gzipped file are those of the decompressed text
            raise InputError(
                f"{self.path}: its index {self.path}.fai does not match it at {wrong!r}; delete the index, "
                "which is then made again"
            )
        self.chromsizes = {name: len(self._fasta[name]) for name in self._fasta.keys()}

    def fetch(self, chrom, start, end):
        """Codes of an interval of a chromosome. Positions beyond the ends of the chromosome are N.

        Parameters
        ----------
        chrom : str
        start, end : int
            0-based, half-open, in bp.

        Returns
        -------
        ndarray of uint8, shape (end - start,)

        Raises
        ------
        KeyError
            If the genome has no such chromosome.
        InputError
            If the interval holds something else than IUPAC letters of DNA.
        """
        size = self.chromsizes[chrom]
        codes = np.full(end - start, UNKNOWN, np.uint8)
        low, high = max(start, 0), min(end, size)
        if low < high:
            bases = self._fasta[chrom][low:high].encode("latin-1", "replace")
            if wrong := bases.translate(None, IUPAC):
                raise InputError(
                    f"{self.path}: {chrom}:{low}-{high} holds {wrong[:1].decode('latin-1')!r}, which is no letter of "
                    "DNA; write A, C, G, T, N or another IUPAC letter for each base, without blanks or numbers"
                )
            codes[low - start : high - start] = encode(bases)
        return codes
