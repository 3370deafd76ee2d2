"""Names of the chromosomes of a file in the genome: renaming tables."""

from akitaflow.errors import InputError
from akitaflow.genome.intervals import some_names

LEFT_OUT = "-"  # in a renaming table: a chromosome that is not imported


def read_rename(path):
    """Read a renaming table of two columns without a header: name in the file and name in the genome.

    Parameters
    ----------
    path : str

    Returns
    -------
    dict of str to str
        Name in the file -> name in the genome, or ``-`` for a chromosome to leave out.

    Raises
    ------
    InputError
        If a row does not have two columns, or a name is twice in the first column.
    """
    try:
        with open(path, encoding="utf-8-sig") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be read ({error}); write two tab-separated columns: name in the file, name in the genome."
        ) from None
    names = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.rstrip().split("\t")]
        if len(cells) != 2 or not all(cells):
            raise InputError(
                f"{path}, line {number}: {line[:80]!r} must be two tab-separated columns: name in the file, name in "
                "the genome."
            )
        if cells[0] in names:
            raise InputError(f"{path} names {cells[0]} twice in its first column: keep one of the rows.")
        names[cells[0]] = cells[1]
    if not names:
        raise InputError(f"{path} is empty; write two tab-separated columns: name in the file, name in the genome.")
    return names


def rename_sizes(sizes, rename, genome_sizes, source, in_use=None):
    """Names of a file's chromosomes in the genome.

    Parameters
    ----------
    sizes : dict of str to int
        Chromosomes of the file and their lengths in bp.
    rename : dict of str to str
        See :func:`read_rename`; other names stay.
    genome_sizes : dict of str to int
        All chromosomes of the FASTA, also those not in use.
    source : str
        The file, for messages.
    in_use : collection of str, optional
        Chromosomes that the config chooses. If the file has all of them, chromosomes that the FASTA lacks are left out;
        by default they are refused.

    Returns
    -------
    dict of str to str
        Name in the file -> name in the genome, without chromosomes that are left out.

    Raises
    ------
    InputError
        If the FASTA lacks a chromosome of the file, or two chromosomes of the file get one name.
    """
    names = {name: rename.get(name, name) for name in sizes}
    names = {name: new for name, new in names.items() if new != LEFT_OUT}
    unknown = [old_and_new(name, new) for name, new in names.items() if new not in genome_sizes]
    if unknown and in_use and set(in_use) <= set(names.values()):
        print(f"{source}: left out, because the FASTA lacks them: {some_names(unknown)}")
        names = {name: new for name, new in names.items() if new in genome_sizes}
    elif unknown:
        raise InputError(
            f"{source} has chromosomes that the FASTA lacks: {some_names(unknown)}; the FASTA has "
            f"{some_names(genome_sizes)}. Give a table of two columns (name in the file, name in the genome, or - to "
            "leave a chromosome out) as 'rename' of this dataset."
        )
    name_of = {}
    for name, new in names.items():
        if new in name_of:
            raise InputError(f"{source}: {name_of[new]} and {name} are both renamed {new}: correct the renaming table.")
        name_of[new] = name
    return names


def old_and_new(name, new):
    """A chromosome for messages: ``1 (renamed chr1)``, or the name if both are equal."""
    return name if name == new else f"{name} (renamed {new})"
