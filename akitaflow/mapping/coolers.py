"""Coolers: chromosomes, contacts by distance, summaries, and empty maps."""

import cooler
import numpy as np
import pandas as pd

PIXELS = 10_000_000  # pixels in memory at a time
WEIGHT = "weight"  # column of the bins with the factors of balancing


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
    with clr.open("r") as file:
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


def distance_counts(clr):
    """Contacts within chromosomes at each distance, and contacts between chromosomes.

    Parameters
    ----------
    clr : cooler.Cooler

    Returns
    -------
    counts : ndarray of float64, shape (bins of the longest chromosome,)
        Raw contacts at each distance in bins.
    trans : float
        Raw contacts between chromosomes.
    """
    chroms = clr.bins()["chrom"][:].cat.codes.to_numpy()
    counts = np.zeros(int(np.bincount(chroms).max()))
    trans = 0.0
    for low in range(0, clr.info["nnz"], PIXELS):
        pixels = clr.pixels()[low : low + PIXELS]
        bin1, bin2, count = (pixels[name].to_numpy() for name in ("bin1_id", "bin2_id", "count"))
        cis = chroms[bin1] == chroms[bin2]
        trans += float(count[~cis].sum())
        counts += np.bincount(bin2[cis] - bin1[cis], weights=count[cis], minlength=len(counts))
    return counts, trans


def summarise(path):
    """Summary of a balanced map.

    Parameters
    ----------
    path : str
        Cooler.

    Returns
    -------
    dict
        bin_size (bp), contacts, bins, filtered_bins (without a weight), balanced ("converged", "not converged", "no bin
        kept", or "as imported" if the file does not say), and shares of the contacts within chromosomes (cis_share,
        cis_1kb_share, ...). Distances are those of bin centres; a share that the bins cannot resolve is missing.
    ndarray
        Contacts at each distance, see :func:`distance_counts`.
    """
    clr = cooler.Cooler(path)
    counts, trans = distance_counts(clr)
    weights = clr.bins()[WEIGHT][:].to_numpy()
    with clr.open("r") as file:
        converged = file[f"bins/{WEIGHT}"].attrs.get("converged")
    if not np.isfinite(weights).any():
        balanced = "no bin kept"
    elif converged is None:
        balanced = "as imported"
    else:
        balanced = "converged" if np.all(converged) else "not converged"
    total = counts.sum() + trans
    summary = {
        "bin_size": int(clr.binsize),
        "contacts": int(total),
        "bins": len(weights),
        "filtered_bins": int(np.isnan(weights).sum()),
        "balanced": balanced,
        "cis_share": counts.sum() / total if total else np.nan,
    }
    for kb in (1, 10, 20):
        least_distance = -(-kb * 1000 // clr.binsize)  # smallest distance in bins of at least this length
        resolved = total and clr.binsize <= kb * 1000
        summary[f"cis_{kb}kb_share"] = counts[least_distance:].sum() / total if resolved else np.nan
    return summary, counts
