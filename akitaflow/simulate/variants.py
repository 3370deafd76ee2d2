"""Variants of a simulated genome with a known effect, and matched ones without.

Each class of planted variants has a matched class of the same kind and size. The column ID of the VCF has names
``{class}:{number}``; variants of one number belong together.

========================  ===========================================================================================
class                     variants
========================  ===========================================================================================
``boundary_deletion``     deletion of ``SPAN`` bins with all sites of a cluster of ``SITES`` or more; all have one size,
                          because disruption grows with the size of a deletion
``matched_deletion``      deletion of as many bins where no site is
``pair_inversion``        inversion of the same bins as the boundary deletion
``matched_inversion``     inversion of the same bins as the matched deletion
``core_snv``              the change of a base of a site that costs it most bits
``flank_snv``             change of a base 30 to 60 bp beside a site, where no site is
``locus_deletion``        the boundary of the locus, where the genome has one
``domain_deletion``       deletion as long inside a domain of the locus, left and right of it
========================  ===========================================================================================
"""

import numpy as np
import pandas as pd

from akitaflow.files import write_text
from akitaflow.genome.sequence import UNKNOWN, decode, reverse_complement
from akitaflow.seeds import generator

COLUMNS = ["chrom", "start", "end", "name", "alt"]  # 0-based, half-open; alt is a base, DEL or INV
SITES = 2  # fewest sites of a cluster; loop extruders often pass a single site
SPAN = 2  # bins of a deletion or inversion; clusters that need more are left out
JOINED = 400  # sites nearer than this belong to one cluster, bp
CLEAR = 64  # bp around a matched variant without a site
FLANK = (30, 61)  # distances of SNVs beside a site, bp
TRIES = 200  # random places for one matched variant
HEADER = """##fileformat=VCFv4.2
##INFO=<ID=END,Number=1,Type=Integer,Description="Last base">
##INFO=<ID=SVTYPE,Number=1,Type=String,Description="Kind">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""


def plant(genome, sites, locus, regions, factor, bin_size, n, margin, seed):
    """Variants in some regions of a simulated genome.

    Parameters
    ----------
    genome : akitaflow.genome.sequence.Genome
    sites : DataFrame
        Truth table of the sites of all factors: chrom, start, end, strand, factor.
    locus : DataFrame
        Truth table of the locus: chrom, start, end, name; may be empty.
    regions : DataFrame
        chrom, start, end of the regions in which variants lie: those that the model was not trained on.
    factor : akitaflow.simulate.folding.Factor
        Whose sites are changed.
    bin_size : int
        bp.
    n : int
        Most variants of each class; fewer where regions have fewer clusters.
    margin : int
        Least distance of a variant from the ends of its region and its chromosome, bp.
    seed : int

    Returns
    -------
    DataFrame
        ``COLUMNS``.
    """
    random = generator(seed, "simulation", "variants")
    clusters = _clusters(sites[sites["factor"] == factor.name], regions, bin_size, margin)
    chosen = [clusters[place] for place in sorted(random.permutation(len(clusters))[:n])]
    rows = []
    for number, (cluster, start, end) in enumerate(chosen):
        chrom = cluster["chrom"].iloc[0]
        matched = _free(random, genome, sites, regions, end - start, bin_size, margin)
        if matched is None:
            continue
        for kind, symbol in (("deletion", "DEL"), ("inversion", "INV")):
            changed = "boundary" if kind == "deletion" else "pair"
            rows.append((chrom, start, end, f"{changed}_{kind}:{number}", symbol))
            rows.append((*matched, f"matched_{kind}:{number}", symbol))
        site = cluster.iloc[random.integers(len(cluster))]
        rows += _snvs(random, genome, site, sites, factor.matrix, number)
    return pd.DataFrame([*rows, *_of_the_locus(locus, bin_size)], columns=COLUMNS)


def _clusters(sites, regions, bin_size, margin):
    """(sites, start, end) of the clusters of ``SITES`` sites or more in regions; the interval has ``SPAN`` bins."""
    sites = sites.sort_values(["chrom", "start"], ignore_index=True)
    new = (sites["chrom"] != sites["chrom"].shift()) | (sites["start"] - sites["end"].shift() > JOINED)
    clusters = []
    for _, cluster in sites.groupby(new.cumsum(), sort=False):
        start = cluster["start"].min() // bin_size * bin_size
        end = start + SPAN * bin_size
        within = (
            (regions["chrom"] == cluster["chrom"].iloc[0])
            & (regions["start"] + margin <= start)
            & (regions["end"] - margin >= end)
        )
        if len(cluster) >= SITES and within.any() and cluster["end"].max() <= end:
            clusters.append((cluster, int(start), int(end)))
    return clusters


def _free(random, genome, sites, regions, size, bin_size, margin):
    """(chrom, start, end) of whole bins of a size without a site or N; None if there is no room."""
    wide = regions[regions["end"] - regions["start"] >= size + 2 * margin + bin_size]
    for _ in range(TRIES if len(wide) else 0):
        region = wide.iloc[random.integers(len(wide))]
        start = int(random.integers(region["start"] + margin, region["end"] - margin - size)) // bin_size * bin_size
        around = (region["chrom"], max(start - CLEAR, 0), start + size + CLEAR)
        if start >= region["start"] and not _near(sites, *around) and not (genome.fetch(*around) == UNKNOWN).any():
            return region["chrom"], start, start + size
    return None


def _near(sites, chrom, start, end):
    return bool(((sites["chrom"] == chrom) & (sites["start"] < end) & (sites["end"] > start)).any())


def _snvs(random, genome, site, sites, matrix, number):
    """The change of a site that costs most, and one beside it."""
    chrom, start, end = site["chrom"], int(site["start"]), int(site["end"])
    codes = genome.fetch(chrom, start, end)
    along = codes if site["strand"] == "+" else reverse_complement(codes)
    scores = matrix.log_odds()
    loss = scores[along, np.arange(matrix.width)] - scores
    base, place = np.unravel_index(loss.argmax(), loss.shape)
    if site["strand"] == "-":
        base, place = 3 - base, matrix.width - 1 - place
    rows = [(chrom, start + int(place), start + int(place) + 1, f"core_snv:{number}", "ACGT"[base])]
    distances = [*range(*FLANK)]
    for distance in random.permutation([*distances, *(-each for each in distances)]):
        beside = end + int(distance) if distance > 0 else start + int(distance)
        code = genome.fetch(chrom, beside, beside + 1)[0]
        if code != UNKNOWN and not _near(sites, chrom, beside - 5, beside + 6):
            alt = "ACGT"[(code + int(random.integers(1, 4))) % 4]
            return [*rows, (chrom, beside, beside + 1, f"flank_snv:{number}", alt)]
    return []


def _of_the_locus(locus, bin_size):
    rows = locus.set_index("name")
    if "deletion" not in rows.index:
        return []
    chrom, start, end = rows.loc["deletion", ["chrom", "start", "end"]]
    size, variants = end - start, [(chrom, start, end, "locus_deletion:0", "DEL")]
    for number, side in enumerate(("left", "right")):
        low, high = rows.loc[f"domain_{side}", ["start", "end"]]
        first = (low + high - size) // 2 // bin_size * bin_size
        variants.append((chrom, first, first + size, f"domain_deletion:{number}", "DEL"))
    return variants


def write_vcf(path, genome, variants):
    """Write variants as VCF, symbolic alleles for deletions and inversions.

    Parameters
    ----------
    path : str or Path
    genome : akitaflow.genome.sequence.Genome
    variants : DataFrame
        Of :func:`plant`.
    """
    lines = []
    for row in variants.itertuples():
        symbolic = len(row.alt) > 1
        # POS of a symbolic allele is the base before the event
        pos = row.start if symbolic else row.start + 1
        ref = decode(genome.fetch(row.chrom, pos - 1, pos))
        alt, info = (f"<{row.alt}>", f"END={row.end};SVTYPE={row.alt}") if symbolic else (row.alt, ".")
        lines.append(f"{row.chrom}\t{pos}\t{row.name}\t{ref}\t{alt}\t.\t.\t{info}\n")
    write_text(path, HEADER + "".join(lines))
