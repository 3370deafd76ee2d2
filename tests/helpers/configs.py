"""Edits of configs, and the header lines of their tables."""

DATASETS = "dataset\tgenome\tentry\tpath\trole\tmin_mapq\n"
RUNS = "dataset\tlibrary\trun\tfastq_1\tfastq_2\n"


def put(key, value):
    """An edit that sets a dotted key."""

    def edit(raw):
        *parents, last = key.split(".")
        for parent in parents:
            raw = raw.setdefault(parent, {})
        raw[last] = value

    return edit
