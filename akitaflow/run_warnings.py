"""Warnings about results that are empty, all zero, or lost much of their input.

Each function takes a table of results and returns rows of the table of warnings (:func:`warning_table`): stage,
subject, what, value and advice, all as text. Nothing is returned where nothing is wrong.
"""

import pandas as pd

from akitaflow.dataset.given_records import NOT_GIVEN
from akitaflow.evaluation.bootstrap import MIN_BLOCKS  # contigs of a fold below which no interval is computed
from akitaflow.genome.intervals import overlaps

#: Columns of the table of warnings.
COLUMNS = ["stage", "subject", "what", "value", "advice"]
FEW_MAPPED = 0.1  # share of read pairs below which the genome or the reads are probably the wrong ones
FEW_UNIQUE = 0.1  # share of mapped pairs that are no duplicates, below which a library has little to say
MANY_FILTERED = 0.5  # share of bins, or of windows, above which a loss is reported
FEW_WINDOWS = 20  # windows of a fold


def _row(stage, subject, what, value, advice):
    return dict(zip(COLUMNS, (stage, subject, what, value, advice), strict=True))


def warn_of_libraries(libraries):
    """Warnings about the reads and pairs of libraries.

    Parameters
    ----------
    libraries : DataFrame
        ``results/mapping/libraries.tsv``: dataset, library, read_pairs, mapped, unique_pairs, selected_pairs; missing
        where a dataset entered at pairs.

    Returns
    -------
    list of dict
        Rows with the keys of :data:`COLUMNS`.
    """
    rows = []
    for row in libraries.itertuples():
        subject = f"{row.dataset}, library {row.library}"
        if pd.notna(row.read_pairs):
            if row.mapped == 0:
                what = "no read pair is mapped"
            elif row.mapped < FEW_MAPPED * row.read_pairs:
                what = "few read pairs are mapped"
            else:
                what = ""
            if what:
                advice = "check that the reads are of this genome and that both mates are those of one run"
                rows.append(_row("mapping", subject, what, f"{row.mapped} of {row.read_pairs}", advice))
            if 0 < row.unique_pairs < FEW_UNIQUE * row.mapped:
                value = f"{row.unique_pairs} of {row.mapped}"
                advice = "more sequencing of this library adds little: sequence another one"
                rows.append(_row("mapping", subject, "most mapped pairs are duplicates", value, advice))
        if row.selected_pairs == 0:
            value = "0" if pd.isna(row.unique_pairs) else f"0 of {row.unique_pairs}"
            advice = "write a smaller min_mapq for the dataset, or check its pairs"
            rows.append(_row("mapping", subject, "no pair is selected, so its map is empty", value, advice))
    return rows


def warn_of_maps(datasets):
    """Warnings about the maps of datasets.

    Parameters
    ----------
    datasets : DataFrame
        ``results/tables/table_1.tsv``: dataset, contacts, bins, filtered_bins, balanced.

    Returns
    -------
    list of dict
        Rows with the keys of :data:`COLUMNS`.
    """
    rows = []
    for row in datasets.itertuples():
        if row.contacts == 0:
            advice = "check its reads or pairs; no target can be computed"
            rows.append(_row("maps", row.dataset, "the map has no contacts", "0", advice))
        elif row.balanced == "no bin kept":
            advice = "write smaller min_nnz and min_count or a larger mad_max in mapping.balance, or use larger bins"
            value = f"{row.contacts} contacts in {row.bins} bins"
            rows.append(_row("maps", row.dataset, "balancing kept no bin", value, advice))
        elif row.filtered_bins > MANY_FILTERED * row.bins:
            advice = "the map is sparse, or most of its genome is not mappable: larger bins or more reads help"
            value = f"{row.filtered_bins} of {row.bins} bins"
            rows.append(_row("maps", row.dataset, "most bins are filtered", value, advice))
        if row.balanced == "not converged" and row.contacts:
            advice = "larger bins, more reads, or more max_iters in mapping.balance; the weights are approximate"
            rows.append(_row("maps", row.dataset, "balancing did not converge", row.balanced, advice))
    return rows


def warn_of_chromosomes(chromosomes):
    """Warnings about chromosomes that a map lost.

    Parameters
    ----------
    chromosomes : DataFrame
        ``results/mapping/{dataset}/chromosomes.tsv`` of one dataset: dataset, chrom, bins, filtered_bins, cis_contacts,
        trans_contacts.

    Returns
    -------
    list of dict
        Rows with the keys of :data:`COLUMNS`. Nothing where no chromosome has weights, see :func:`warn_of_maps`.
    """
    lost = chromosomes["filtered_bins"] == chromosomes["bins"]
    if lost.all():
        return []
    rows = []
    for row in chromosomes[lost].itertuples():
        contacts = row.cis_contacts + row.trans_contacts
        what = "no bin of the chromosome has a weight" if contacts else "the chromosome has no contacts"
        advice = "it is missing in targets and analyses; leave it out in 'chromosomes' of the genome if that is meant"
        rows.append(_row("maps", f"{row.dataset}, {row.chrom}", what, f"{contacts} contacts, {row.bins} bins", advice))
    return rows


def warn_of_windows(split, windows, chromosomes=None):
    """Warnings about the windows of a split.

    Parameters
    ----------
    split : str
    windows : DataFrame
        ``results/records/{split}/windows.tsv``: chrom, start, end, fold, contig, kept, reason.
    chromosomes : dict of str to int, optional
        Lengths in bp of the chromosomes in use; those without any window are reported.

    Returns
    -------
    list of dict
        Rows with the keys of :data:`COLUMNS`.
    """
    rows = _shared_windows(split, windows[windows["kept"].astype(bool) | (windows["reason"] == NOT_GIVEN)])
    windows = windows[windows["reason"] != NOT_GIVEN]  # folds that the config leaves out
    kept = windows[windows["kept"].astype(bool)]
    for fold, members in windows.groupby("fold", sort=False):
        subject = f"split {split}, fold {fold}"
        here = kept[kept["fold"] == fold]
        if len(here) < (1 - MANY_FILTERED) * len(members):
            reasons = members["reason"].str.split("; ").explode().replace("", pd.NA).dropna().value_counts()
            value = f"{len(here)} of {len(members)} windows are left"
            if len(reasons):
                value += f"; {reasons.iloc[0]} times {reasons.index[0]}"
            advice = "write a larger max_filtered or a smaller targets.min_finite, or leave out the sparse dataset"
            rows.append(_row("windows", subject, "most windows are left out", value, advice))
        if len(here) < FEW_WINDOWS:
            advice = "scores of so few windows depend on chance: give the fold a larger share, or write smaller strides"
            rows.append(_row("windows", subject, "few windows", str(len(here)), advice))
        n_contigs = here["contig"].nunique()
        if 0 < n_contigs < MIN_BLOCKS and fold != "train":
            advice = f"intervals need {MIN_BLOCKS} contigs: write a smaller max_contig_bins"
            rows.append(_row("windows", subject, "few contigs", str(n_contigs), advice))
    length = int((windows["end"] - windows["start"]).max()) if len(windows) else 0
    for chrom in sorted(set(chromosomes or {}) - set(kept["chrom"])):
        size = chromosomes[chrom]
        advice = (
            f"it is shorter than a window ({length} bp)"
            if size < length
            else "its bins are filtered, or gaps and exclude cut it into pieces shorter than a window"
        )
        rows.append(_row("windows", f"split {split}, {chrom}", "the chromosome has no window", f"{size} bp", advice))
    return rows


def _shared_windows(split, windows):
    """Warnings about windows of validation and test that share bases with another fold, as given records may."""
    rows = []
    for fold, other in (("valid", "train"), ("test", "train"), ("test", "valid")):
        members = windows[windows["fold"] == fold]
        shared = int(overlaps(members, windows[windows["fold"] == other]).sum())
        if shared:
            subject, what = f"split {split}, fold {fold}", f"windows share bases with fold {other}"
            advice = "scores of the fold are too good: take folds that do not overlap"
            rows.append(_row("windows", subject, what, f"{shared} of {len(members)}", advice))
    return rows


def warn_of_sites(split, motif, sites, windows, fold):
    """Warnings about the sites of a motif in the windows of a fold.

    Parameters
    ----------
    split, motif : str
    sites : DataFrame
        ``results/motifs/{split}/{motif}.windows.tsv``: a row per window and site, with the column window.
    windows : DataFrame
        ``results/records/{split}/windows.tsv``: fold, kept.
    fold : str
        Fold that is analysed.

    Returns
    -------
    list of dict
        Rows with the keys of :data:`COLUMNS`.
    """
    if len(sites):
        return []
    n_windows = int((windows["kept"].astype(bool) & (windows["fold"] == fold)).sum())
    advice = "write a larger motifs.pvalue, or check the matrix or the names in the BED of the motif"
    value = f"0 sites in {n_windows} windows of fold {fold}"
    return [_row("motifs", f"{motif}, split {split}", "no window has a site, so all its scores are 0", value, advice)]


def warn_of_metrics(model, metrics):
    """Warnings about an evaluation without a result.

    Parameters
    ----------
    model : str
    metrics : DataFrame
        ``results/evaluation/{model}/metrics.tsv``: dataset, fold, pearson.

    Returns
    -------
    list of dict
        Rows with the keys of :data:`COLUMNS`.
    """
    advice = "predictions or targets are constant: look at the history of the training and at the map"
    return [
        _row("evaluation", f"model {model}, {row.dataset}, fold {row.fold}", "no correlation", "undefined", advice)
        for row in metrics[metrics["pearson"].isna()].itertuples()
    ]


def warn_of_variants(subject, status):
    """Warnings about variants without scores.

    Parameters
    ----------
    subject : str
        The set of variants, or the region of a saturation mutagenesis.
    status : DataFrame
        ``results/variants/{set}/status.tsv``: status, alleles.

    Returns
    -------
    list of dict
        Rows with the keys of :data:`COLUMNS`.
    """
    counts = status.set_index("status")["alleles"]
    total, scored = int(counts.sum()), int(counts.get("ok", 0))
    if total and scored > (1 - MANY_FILTERED) * total:
        return []
    what = "there is no variant" if not total else "no variant has scores" if not scored else "most have no scores"
    others = counts.drop("ok", errors="ignore").sort_values(ascending=False)
    reasons = "".join(f", {number} {name}" for name, number in others.items())
    advice = "look up the status in docs/variants.md; the column reason of the scores says more"
    return [_row("variants", subject, what, f"{scored} of {total} scored{reasons}", advice)]


def warning_table(rows):
    """Table of warnings.

    Parameters
    ----------
    rows : list of dict
        Of the functions of this module.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`, all text; a row per warning, in the order of the stages.
    """
    return pd.DataFrame(rows, columns=COLUMNS, dtype=str)
