"""Simulation of genomes: random bases with planted sites, decoys, gaps, repeats and B2 elements.

Elements never overwrite those that were planted before. The locus is planted first; its position depends only on the
length of its chromosome and the bin size, so that the config can refer to it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyfaidx

from akitaflow import seeds
from akitaflow.errors import InputError
from akitaflow.files import whole, write_table
from akitaflow.genome.matrices import jaspar_matrix
from akitaflow.genome.sequence import UNKNOWN, Genome, decode, reverse_complement
from akitaflow.simulate.folding import Law, bound_sites, load_factors
from akitaflow.simulate.sites import background, draw_sites

#: Columns of each table of the truth.
COLUMNS = {
    "sites": ["chrom", "start", "end", "strand", "factor", "score", "occupancy", "origin"],
    "decoys": ["chrom", "start", "end", "strand", "factor"],
    "gaps": ["chrom", "start", "end"],
    "repeats": ["chrom", "start", "end", "family"],
    "b2": ["chrom", "start", "end", "strand"],
    "locus": ["chrom", "start", "end", "strand", "name"],
}

END = 500  # bp without elements at the ends of chromosomes
MARGIN = 2  # free bp on both sides of a site
TRIES = 200  # random positions that are tried for an element

# the locus, in bins from its middle: three sites at the boundary, and two at each outer end that point inwards
LOCUS_SITES = (
    ("flank_left_1", -17, "+"),
    ("flank_left_2", -16, "+"),
    ("boundary_1", -2, "-"),
    ("boundary_2", 0, "-"),
    ("boundary_3", 2, "-"),
    ("flank_right_1", 16, "-"),
    ("flank_right_2", 17, "-"),
)
LOCUS_INTERVALS = (("domain_left", -15, -3), ("deletion", -3, 4), ("domain_right", 4, 16))
LOCUS_BARE = 24  # bins on both sides of the middle without other sites of factors
LOCUS_WHOLE = 96  # bins on both sides of the middle without gaps and repeats; the region to hold out


@dataclass
class _Chromosome:
    """Chromosome during planting."""

    name: str
    codes: np.ndarray
    occupied: np.ndarray  # bool per base

    @classmethod
    def draw(cls, name, length, composition, rng):
        codes = rng.choice(4, size=length, p=composition).astype(np.uint8)
        occupied = np.zeros(length, bool)
        occupied[:END] = occupied[-END:] = True
        return cls(name, codes, occupied)

    def free(self, start, end, margin=MARGIN):
        """Whether the bases from start to end, and a margin on both sides, are free."""
        return (
            start >= margin
            and end + margin <= len(self.codes)
            and not self.occupied[start - margin : end + margin].any()
        )

    def plant(self, codes, start, strand="+"):
        """Write bases at a position and mark them as occupied; returns name, start and end."""
        end = start + len(codes)
        self.codes[start:end] = codes if strand == "+" else reverse_complement(codes)
        self.occupied[start:end] = True
        return self.name, start, end

    def find(self, length, rng, closed=None, ends=END, margin=MARGIN):
        """Start of a random free interval outside ``closed``; None if none of the tried positions is free."""
        last = len(self.codes) - ends - length
        if last <= ends:
            return None
        for start in rng.integers(ends, last, TRIES):
            outside = closed is None or start >= closed[1] or start + length <= closed[0]
            if outside and self.free(start, start + length, margin):
                return int(start)
        return None


def locus_middle(length, bin_size):
    """Start of the middle bin of the locus; it does not depend on the seed.

    Parameters
    ----------
    length : int
        Length of the chromosome, bp.
    bin_size : int
        bp.

    Returns
    -------
    int
        bp, 0-based.

    Raises
    ------
    InputError
        If the chromosome is too short for the locus and the region around it.
    """
    middle = length // 2 // bin_size * bin_size
    if middle < LOCUS_WHOLE * bin_size:
        least = 2 * LOCUS_WHOLE * bin_size
        raise InputError(
            f"simulation: the last chromosome, {length} bp, is too short for the locus; write at least {least} bp "
            "or `locus: false`"
        )
    return middle


def simulate_genome(simulation, name, seed, bin_size):
    """Draw a genome and plant its elements.

    Parameters
    ----------
    simulation : dict
        The config's ``simulation`` with all defaults.
    name : str
        One of ``simulation["genomes"]``, not a deletion.
    seed : int
    bin_size : int
        bp.

    Returns
    -------
    chromosomes : dict of str to ndarray of uint8
        Codes.
    tables : dict of str to DataFrame
        Truth tables with the columns of :data:`COLUMNS`; 0-based, half-open. ``sites`` holds all sites that the factors
        bind: planted ones, random ones (``origin`` background), and those in B2 elements, whose occupancy is 0. The
        occupancy applies to datasets with the factor.

    Raises
    ------
    InputError
        If the settings have an unknown factor or no chromosomes, a chromosome is too short for the locus, or sites of
        the required score are too rare.
    """
    genome = simulation["genomes"][name]
    if not genome["chromosomes"]:
        raise InputError(
            f"simulation.genomes.{name}: no chromosomes; write chromosomes: {{chr1: 200000}} or deletion_of"
        )
    factors = load_factors(simulation)
    for key in {genome["clusters"]["factor"], *genome["scattered"]}:
        if key not in factors:
            raise InputError(f"simulation.genomes.{name}: no factor {key!r}; write one of {', '.join(factors)}")
    composition = background(simulation["gc"])
    excess = {key: simulation["factors"][key]["excess_bits"] for key in factors}
    minimum = {key: factors[key].threshold + excess[key] for key in factors}
    main = factors[genome["clusters"]["factor"]]

    def rng(*parts):
        return seeds.generator(seed, "simulation", "genome", name, *parts)

    def sites(factor, n, *parts):
        return draw_sites(factor.matrix, n, minimum[factor.name], composition, rng("sites", factor.name, *parts))

    rows = {table: [] for table in COLUMNS}
    planted = set()  # (chrom, start, factor)
    families = _repeat_families(genome["repeats"], composition, rng)
    element = _b2_element(genome["b2"], sites(main, 1, "b2"), composition, rng("b2"))
    decoys = {
        key: jaspar_matrix(simulation["motif_release"], matrix) for key, matrix in genome["decoys"]["matrices"].items()
    }
    chromosomes = {}
    for chrom, length in genome["chromosomes"].items():
        chromosome = _Chromosome.draw(chrom, length, composition, rng("bases", chrom))
        bare = whole = None
        if genome["locus"] and chrom == list(genome["chromosomes"])[-1]:
            middle = locus_middle(length, bin_size)
            rows["locus"] += _plant_locus(chromosome, middle, bin_size, sites(main, len(LOCUS_SITES), "locus"))
            bare = (middle - LOCUS_BARE * bin_size, middle + (LOCUS_BARE + 1) * bin_size)
            whole = (middle - LOCUS_WHOLE * bin_size, middle + (LOCUS_WHOLE + 1) * bin_size)
        rows["gaps"] += _plant_gaps(chromosome, genome["gaps"], bin_size, whole, rng("gaps", chrom))
        rows["repeats"] += _plant_repeats(chromosome, genome["repeats"], families, whole, rng("repeats", chrom))
        places = _cluster_places(length, genome["clusters"], main.matrix.width, bare, rng("clusters", chrom))
        clustered = _plant_sites(chromosome, places, sites(main, len(places), chrom))
        planted |= {(*place[:2], main.name) for place in clustered + rows["locus"]}
        rows["b2"] += _plant_b2(chromosome, genome["b2"], element, bare, rng("b2", chrom))
        for key, per_mb in genome["scattered"].items():
            instances = sites(factors[key], _number(per_mb, length), chrom)
            scattered = _scatter(chromosome, instances, bare, rng("scattered", key, chrom))
            planted |= {(*place[:2], key) for place in scattered}
        for key, matrix in decoys.items():
            random = rng("decoys", key, chrom)
            least = genome["decoys"]["min_score"] * matrix.log_odds(composition).max(axis=0).sum()
            number = _number(genome["decoys"]["per_mb"], length)
            instances = draw_sites(matrix, number, least, composition, random)
            rows["decoys"] += [(*place, key) for place in _scatter(chromosome, instances, None, random)]
        chromosomes[chrom] = chromosome.codes
    tables = {key: _table(key, rows[key]) for key in COLUMNS}
    tables["sites"] = _all_sites(chromosomes, tables["b2"], planted, factors, simulation, bin_size)
    return chromosomes, tables


def delete_locus(chromosomes, tables):
    """Apply the deletion of the locus to a genome and its truth tables.

    Parameters
    ----------
    chromosomes : dict of str to ndarray of uint8
    tables : dict of str to DataFrame
        From :func:`simulate_genome`; they are not changed.

    Returns
    -------
    chromosomes : dict of str to ndarray of uint8
    tables : dict of str to DataFrame
        In coordinates of the new genome, without elements that overlap the deletion. ``locus`` has a row ``junction``
        with the two bases on both sides of the deletion.

    Raises
    ------
    InputError
        If the genome has no locus.
    """
    deletion = tables["locus"][tables["locus"]["name"] == "deletion"]
    if deletion.empty:
        raise InputError("simulation: a deletion needs a genome with a locus; write `locus: true` there")
    chrom, start, end = deletion.iloc[0][["chrom", "start", "end"]]
    codes = {
        name: np.delete(codes, slice(start, end)) if name == chrom else codes for name, codes in chromosomes.items()
    }
    shifted = {}
    for key, table in tables.items():
        deleted = (table["chrom"] == chrom) & (table["start"] < end) & (table["end"] > start)
        remaining = table[~deleted].copy()
        downstream = (remaining["chrom"] == chrom) & (remaining["start"] >= end)
        remaining.loc[downstream, ["start", "end"]] -= end - start
        shifted[key] = remaining.reset_index(drop=True)
    junction = pd.DataFrame([(chrom, start - 1, start + 1, ".", "junction")], columns=COLUMNS["locus"])
    shifted["locus"] = pd.concat([shifted["locus"], junction], ignore_index=True)
    return codes, shifted


def capture_region(locus, bins, bin_size):
    """Captured region around a locus: contacts outside it are not sequenced.

    Parameters
    ----------
    locus : DataFrame
        Truth table ``locus`` of the genome.
    bins : int
        Bins on both sides of the middle of the deletion, or of its junction.
    bin_size : int
        bp.

    Returns
    -------
    (chrom, first, last) : (str, int, int)
        Chromosome and bins, 0-based, half-open.

    Raises
    ------
    InputError
        If the genome has no locus.
    """
    rows = locus[locus["name"].isin(["deletion", "junction"])]
    if rows.empty:
        raise InputError("simulation: capture_bins needs a genome with a locus; write null, or `locus: true` there")
    row = rows.iloc[0]
    centre = (row["start"] + row["end"]) // 2 // bin_size
    return row["chrom"], max(int(centre) - bins, 0), int(centre) + bins


def write_fasta(path, chromosomes, width=80):
    """Write codes as FASTA with its index; both get their names only when complete.

    Parameters
    ----------
    path : str
        FASTA to write; its index is ``{path}.fai``.
    chromosomes : dict of str to ndarray of uint8
        Codes by chromosome.
    width : int
        Bases per line.
    """
    with whole(path) as temporary, whole(f"{path}.fai") as index:
        with open(temporary, "w", encoding="ascii") as file:
            for name, codes in chromosomes.items():
                bases = decode(codes)
                lines = (bases[start : start + width] for start in range(0, len(bases), width))
                file.write(f">{name}\n" + "\n".join(lines) + "\n")
        pyfaidx.Fasta(str(temporary), indexname=str(index)).close()


def read_fasta(path):
    """Codes of all chromosomes of a genome.

    Parameters
    ----------
    path : str
        Indexed FASTA.

    Returns
    -------
    dict of str to ndarray of uint8, shape (length,)
    """
    genome = Genome(path)
    return {name: genome.fetch(name, 0, size) for name, size in genome.chromsizes.items()}


def write_tables(paths, tables):
    """Write truth tables as TSV.

    Parameters
    ----------
    paths : dict of str to str
        File of each table of :data:`COLUMNS`.
    tables : dict of str to DataFrame
    """
    for name in COLUMNS:
        write_table(tables[name], paths[name], float_format="%.4f")


def read_tables(paths):
    """Read truth tables.

    Parameters
    ----------
    paths : dict of str to str
        Files of tables of :data:`COLUMNS`, by name.

    Returns
    -------
    dict of str to DataFrame
    """
    text = dict.fromkeys(["chrom", "strand", "factor", "family", "origin", "name"], str)
    return {name: pd.read_csv(path, sep="\t", dtype=text) for name, path in paths.items()}


def _number(per_mb, length, least=0):
    """Number of elements of a kind on a chromosome of ``length`` bp."""
    return max(round(per_mb * length / 1e6), least) if per_mb > 0 else 0


def _table(name, rows):
    """Truth table sorted by chromosome, in the order of ``rows``, and start."""
    order = {chrom: i for i, chrom in enumerate(dict.fromkeys(row[0] for row in rows))}
    rows = sorted(rows, key=lambda row: (order[row[0]], row[1]))
    return pd.DataFrame(rows, columns=COLUMNS[name]).astype({"start": np.int64, "end": np.int64})


def _plant_locus(chromosome, middle, bin_size, instances):
    rows = []
    for (name, offset, strand), site in zip(LOCUS_SITES, instances, strict=True):
        start = middle + offset * bin_size + (bin_size - len(site)) // 2
        rows.append((*chromosome.plant(site, start, strand), strand, name))
    for name, first, last in LOCUS_INTERVALS:
        rows.append((chromosome.name, middle + first * bin_size, middle + last * bin_size, ".", name))
    return rows


def _plant_gaps(chromosome, gaps, bin_size, closed, rng):
    rows = []
    ends = min(80 * bin_size, len(chromosome.codes) // 8)  # the ends beside gaps stay long enough for a window
    for _ in range(_number(gaps["per_mb"], len(chromosome.codes), least=1)):
        length = int(rng.integers(gaps["length_bins"][0], gaps["length_bins"][1] + 1)) * bin_size
        start = chromosome.find(length, rng, closed, ends)
        if start is not None:
            rows.append(chromosome.plant(np.full(length, UNKNOWN, np.uint8), start))
    return rows


def _repeat_families(repeats, composition, rng):
    return {
        name: rng("family", name).choice(4, size=family["length"], p=composition).astype(np.uint8)
        for name, family in repeats.items()
    }


def _plant_repeats(chromosome, repeats, families, closed, rng):
    rows = []
    for name, codes in families.items():
        for _ in range(_number(repeats[name]["per_mb"], len(chromosome.codes), least=1)):
            start = chromosome.find(len(codes), rng, closed, margin=300)
            if start is not None:
                rows.append((*chromosome.plant(codes, start), name))
    return rows


def _cluster_places(length, clusters, width, closed, rng):
    """Start and strand of each site of all clusters."""
    sites = []
    if not clusters["spacing"]:
        return sites
    probabilities = np.array(clusters["sizes"]) / sum(clusters["sizes"])
    start = 2 * END
    while True:
        # a part of the spacing is fixed, so that clusters do not overlap
        start += int(rng.exponential(0.7 * clusters["spacing"]) + 0.3 * clusters["spacing"])
        if start >= length - 2 * END:
            return sites
        number = 1 + rng.choice(len(probabilities), p=probabilities)
        same = rng.random() < clusters["same_orientation"]
        strands = np.full(number, rng.choice(["+", "-"])) if same else rng.choice(["+", "-"], number)
        steps = rng.integers(clusters["gap"][0], clusters["gap"][1] + 1, number - 1)
        for position, strand in zip(start + np.concatenate([[0], np.cumsum(steps)]), strands, strict=True):
            if closed is None or position >= closed[1] or position + width <= closed[0]:
                sites.append((int(position), str(strand)))


def _plant_sites(chromosome, places, instances):
    rows = []
    for (start, strand), site in zip(places, instances, strict=True):
        if chromosome.free(start, start + len(site), margin=20):
            rows.append(chromosome.plant(site, start, strand))
    return rows


def _scatter(chromosome, instances, closed, rng):
    """Plant sites at random free positions on random strands; returns chromosome, start, end and strand of each."""
    rows = []
    for site, strand in zip(instances, rng.choice(["+", "-"], len(instances)), strict=True):
        start = chromosome.find(len(site), rng, closed)
        if start is not None:
            rows.append((*chromosome.plant(site, start, strand), str(strand)))
    return rows


def _b2_element(b2, site, composition, rng):
    """Consensus of the B2 elements, with a site, and the probability with which a copy redraws each of its bases."""
    element = rng.choice(4, size=b2["length"], p=composition).astype(np.uint8)
    start = b2["length"] // 3
    site_bases = slice(start, start + site.shape[1])
    element[site_bases] = site[0]
    rate = np.full(b2["length"], b2["divergence"])
    rate[site_bases] = b2["site_divergence"]
    return element, rate


def _plant_b2(chromosome, b2, element, closed, rng):
    consensus, rate = element
    rows = []
    for _ in range(_number(b2["per_mb"], len(chromosome.codes))):
        copy = np.where(rng.random(len(consensus)) < rate, rng.integers(0, 4, len(consensus)), consensus).astype(
            np.uint8
        )
        strand = str(rng.choice(["+", "-"]))
        start = chromosome.find(len(copy), rng, closed)
        if start is not None:
            rows.append((*chromosome.plant(copy, start, strand), strand))
    return rows


def _all_sites(chromosomes, b2, planted, factors, simulation, bin_size):
    """Truth table ``sites`` of the finished genome: planted and random sites of the factors."""
    binding = simulation["binding"]
    law = Law(
        factors=tuple(factors.values()),
        bin_size=bin_size,
        occupancy_width=binding["width_bits"],
        occupancy_max=binding["maximum"],
        occupancy_min=binding["minimum"],
    )
    tables = []
    for chrom, codes in chromosomes.items():
        elements = b2.loc[b2["chrom"] == chrom, ["start", "end"]]
        sites = bound_sites(codes, law, elements.to_numpy())
        sites.insert(0, "chrom", chrom)
        keys = zip(sites["chrom"], sites["start"], sites["factor"], strict=True)
        origin = np.where([key in planted for key in keys], "planted", "background")
        sites["origin"] = np.where(sites["occupancy"] == 0, "b2", origin)
        tables.append(sites)
    return pd.concat(tables, ignore_index=True)[COLUMNS["sites"]]
