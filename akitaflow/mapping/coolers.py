"""Coolers: chromosomes, contacts by distance, summaries, and empty maps."""

from contextlib import contextmanager
from dataclasses import dataclass

import cooler
import numpy as np
import pandas as pd

from akitaflow.errors import InputError

PIXELS = 10_000_000  # pixels in memory at a time
WEIGHT = "weight"  # column of the bins with the factors of balancing


@contextmanager
def readable(uri):
    """Turn errors of HDF5 about damaged or missing parts of a cooler into an InputError.

    Parameters
    ----------
    uri : str
        For the message.
    """
    try:
        yield
    except (OSError, KeyError, RuntimeError) as error:
        raise InputError(f"{uri} is damaged: a part of it cannot be read ({error}); get the file again.") from error


def read_chromosomes(clr):
    """Chromosomes of a cooler and their lengths.

    Parameters
    ----------
    clr : cooler.Cooler
        Names may be stored as fixed-length or variable-length text or bytes.

    Returns
    -------
    dict of str to int
        Length in bp, in the order of the file.
    """
    with readable(clr.uri), clr.open("r") as file:
        names, sizes = file["chroms/name"][:], file["chroms/length"][:].tolist()
    names = [name.decode() if isinstance(name, bytes) else str(name) for name in names]
    return dict(zip(names, sizes, strict=True))


def empty_cooler(target, chromosomes, bin_size, assembly=None):
    """Write a cooler without contacts.

    Parameters
    ----------
    target : str
    chromosomes : dict of str to int
        Lengths in bp.
    bin_size : int
        bp.
    assembly : str, optional
        Name of the genome, stored in the cooler.
    """
    pixels = pd.DataFrame({"bin1_id": np.array([], int), "bin2_id": np.array([], int), "count": np.array([], np.int32)})
    cooler.create_cooler(target, cooler.binnify(pd.Series(chromosomes), bin_size), pixels, assembly=assembly)


@dataclass(frozen=True)
class Contacts:
    """Raw contacts of a map, counted in one pass.

    Attributes
    ----------
    by_distance : ndarray of float64, shape (bins of the longest chromosome,)
        Contacts within chromosomes at each distance in bins.
    cis : ndarray of float64, shape (chromosomes,)
        Contacts within each chromosome.
    trans : ndarray of float64, shape (chromosomes,)
        Contacts of each chromosome with others; each contact counts for both chromosomes.
    """

    by_distance: np.ndarray
    cis: np.ndarray
    trans: np.ndarray

    @property
    def total(self):
        """Number of contacts of the map."""
        return float(self.cis.sum() + self.trans.sum() / 2)


def count_contacts(clr):
    """Count the raw contacts of a map by distance and by chromosome.

    Parameters
    ----------
    clr : cooler.Cooler

    Returns
    -------
    Contacts

    Raises
    ------
    InputError
        If the counts do not add up to the number of contacts that the file states.
    """
    chroms = clr.bins()["chrom"][:].cat.codes.to_numpy()
    n_chroms = len(clr.chromnames)
    by_distance = np.zeros(int(np.bincount(chroms).max()))
    cis, trans = np.zeros(n_chroms), np.zeros(n_chroms)
    for low in range(0, clr.info["nnz"], PIXELS):
        pixels = clr.pixels()[low : low + PIXELS]
        bin1, bin2, count = (pixels[name].to_numpy() for name in ("bin1_id", "bin2_id", "count"))
        first, second = chroms[bin1], chroms[bin2]
        same = first == second
        by_distance += np.bincount(bin2[same] - bin1[same], weights=count[same], minlength=len(by_distance))
        cis += np.bincount(first[same], weights=count[same], minlength=n_chroms)
        for ends in (first, second):
            trans += np.bincount(ends[~same], weights=count[~same], minlength=n_chroms)
    contacts = Contacts(by_distance, cis, trans)
    stated = clr.info.get("sum")
    if stated is not None and not np.isclose(float(stated), contacts.total, rtol=1e-9, atol=0):
        raise InputError(
            f"{clr.uri} says that it has {stated} contacts (sum), but its pixels add up to {contacts.total:.0f}: the "
            "file was damaged or edited; delete it, and it is made anew."
        )
    return contacts


def summarise(path):
    """Summary of a balanced map.

    Parameters
    ----------
    path : str
        Cooler.

    Returns
    -------
    summary : dict
        bin_size (bp), contacts, bins, filtered_bins (without a weight), balanced ("converged", "not converged", "no bin
        kept", or "as imported" if the file does not say), and shares of the contacts within chromosomes (cis_share,
        cis_1kb_share, ...). Distances are those of bin centres; a share that the bins cannot resolve is missing.
    by_distance : ndarray of float64, shape (bins of the longest chromosome,)
        Contacts within chromosomes at each distance in bins.
    chromosomes : DataFrame
        A row per chromosome, in the order of the map: chrom, length (bp), bins, filtered_bins, cis_contacts,
        trans_contacts (with other chromosomes).

    Raises
    ------
    InputError
        See :func:`count_contacts`.
    """
    clr = cooler.Cooler(path)
    contacts = count_contacts(clr)
    bins = clr.bins()[["chrom", WEIGHT]][:]
    weights, codes = bins[WEIGHT].to_numpy(), bins["chrom"].cat.codes.to_numpy()
    with clr.open("r") as file:
        converged = file[f"bins/{WEIGHT}"].attrs.get("converged")
    if not np.isfinite(weights).any():
        balanced = "no bin kept"
    elif converged is None:
        balanced = "as imported"
    else:
        balanced = "converged" if np.all(converged) else "not converged"
    total, by_distance = contacts.total, contacts.by_distance
    summary = {
        "bin_size": int(clr.binsize),
        "contacts": int(total),
        "bins": len(weights),
        "filtered_bins": int(np.isnan(weights).sum()),
        "balanced": balanced,
        "cis_share": by_distance.sum() / total if total else np.nan,
    }
    for kb in (1, 10, 20):
        least_distance = -(-kb * 1000 // clr.binsize)  # smallest distance in bins of at least this length
        resolved = total and clr.binsize <= kb * 1000
        summary[f"cis_{kb}kb_share"] = by_distance[least_distance:].sum() / total if resolved else np.nan
    n_chroms = len(clr.chromnames)
    chromosomes = pd.DataFrame(
        {
            "chrom": clr.chromnames,
            "length": clr.chromsizes.to_numpy(),
            "bins": np.bincount(codes, minlength=n_chroms),
            "filtered_bins": np.bincount(codes[np.isnan(weights)], minlength=n_chroms),
            "cis_contacts": contacts.cis.astype(np.int64),
            "trans_contacts": contacts.trans.astype(np.int64),
        }
    )
    return summary, by_distance, chromosomes
