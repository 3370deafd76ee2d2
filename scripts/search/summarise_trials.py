"""Summarise a search: table of trials, importance of the parameters, and the best model as YAML."""

from akitaflow.logs import logged


def main(snakemake):
    import json
    import os

    from akitaflow.errors import InputError
    from akitaflow.files import write_table, write_text
    from akitaflow.training import search

    params, output = snakemake.params, snakemake.output
    workers = []
    for path in snakemake.input.workers:
        with open(path) as file:
            workers.append(json.load(file))
    name = workers[0]["study"]
    if any(worker["study"] != name for worker in workers):
        raise InputError(
            f"{os.path.dirname(snakemake.input.workers[0])}: the workers ran different studies, because data or "
            "settings were changed between them; delete this folder and run again"
        )
    base = {**params.base, "architecture": workers[0]["architecture"]}
    drawn = search.distributions(params.space, base["training"]["optimizer"])
    study = search.load_study(params.journal, name)
    trials = search.table(study, drawn)
    text = search.to_paste(f"{snakemake.wildcards.model}_best", base, search.best(trials), drawn, len(trials))
    for path, table in ((output.trials, trials), (output.importance, search.importance(trials, drawn))):
        write_table(table, path, float_format="%.8g")
    write_text(output.best, text)


with logged(snakemake.log[0]):
    main(snakemake)
