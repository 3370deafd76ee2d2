"""Draw the stages of the paper's config and what each needs, from Snakemake's graph of rules: rule_graph.svg.

    python docs/rule_graph.py

A stage is a file of rules. An arrow says that a rule of one stage uses a file that a rule of the other makes; an arrow
that follows from others is left out. Run it after rules were added; a test compares the picture with the rules.
"""

import re
import subprocess
import sys
import tempfile
from collections import Counter
from itertools import combinations
from pathlib import Path
from xml.sax.saxutils import escape

import networkx as nx
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "rule_graph.svg"

# Second line of a box, and its colour.
ABOUT = {
    "retrieve": ("data, genomes", "data"),
    "map": ("reads to pairs", "data"),
    "distiller": ("reads to pairs", "data"),
    "cool": ("balanced maps", "data"),
    "prepare": ("windows, records", "data"),
    "train": ("the network", "model"),
    "evaluate": ("accuracy", "model"),
    "mutagenesis": ("CTCF sites", "analysis"),
    "region_panels": ("one region", "analysis"),
    "inversion": ("sites inverted", "analysis"),
    "motif_sweep": ("all of JASPAR", "analysis"),
    "pattern_strength": ("and CTCF, DNase", "analysis"),
    "cell_types": ("differences", "analysis"),
    "cross_species": ("mouse, repeats", "analysis"),
    "deletion": ("Lmo2, 5C", "analysis"),
    "run": ("config, software", "record"),
    "claims": ("published numbers", "record"),
}
COLOURS = {"data": "#d6e6f5", "model": "#fbe3c8", "analysis": "#d9ecd5", "record": "#e6e6e6"}
WIDTH, HEIGHT, COLUMN, ROW, MARGIN = 108, 40, 134, 49, 12  # of boxes, from box to box, and at the edges


def stages_of_rules(folder=ROOT / "rules"):
    """Rule -> name of the file of rules that has it."""
    files = sorted(folder.glob("*.smk"))
    return {
        rule: path.stem for path in files for rule in re.findall(r"^(?:rule|checkpoint) (\w+):", path.read_text(), re.M)
    }


def stage_graph(rulegraph, stages):
    """Graph of stages, with the number of rules of each as ``rules``.

    Parameters
    ----------
    rulegraph : str
        Output of ``snakemake --rulegraph``.
    stages : dict of str to str
        Of :func:`stages_of_rules`. Rules of the Snakefile, which only collect files, are left out.
    """
    rules = dict(re.findall(r'(\d+)\[label = "(\w+)"', rulegraph))
    graph = nx.DiGraph()
    for stage, number in sorted(Counter(stages[rule] for rule in rules.values() if rule in stages).items()):
        graph.add_node(stage, rules=number)
    for pair in re.findall(r"(\d+) -> (\d+)", rulegraph):
        made, using = (stages.get(rules[number]) for number in pair)
        if made and using and made != using:
            graph.add_edge(made, using)
    reduced = nx.transitive_reduction(graph)
    reduced.add_nodes_from(graph.nodes(data=True))
    return reduced


def placed(graph):
    """(column, row) of each stage, and the points at which an arrow passes the columns between its stages.

    Columns are the longest ways from the first stage. Rows follow the mean row of the neighbours, in sweeps to both
    sides, of which the one with the fewest crossings is used.
    """
    columns = {stage: i for i, layer in enumerate(nx.topological_generations(graph)) for stage in layer}
    chains = {}
    layout = nx.DiGraph()
    layout.add_nodes_from(sorted(graph))
    for made, using in sorted(graph.edges):
        between = [(made, using, column) for column in range(columns[made] + 1, columns[using])]
        columns |= {point: point[2] for point in between}
        chains[made, using] = [made, *between, using]
        nx.add_path(layout, chains[made, using])
    layers = [sorted((n for n in layout if columns[n] == c), key=str) for c in range(max(columns.values()) + 1)]
    rows = {node: row - (len(layer) - 1) / 2 for layer in layers for row, node in enumerate(layer)}
    best, fewest = rows, crossings(layout, columns, rows)
    for sweep in range(24):
        neighbours, order = (layout.pred, layers) if sweep % 2 == 0 else (layout.succ, layers[::-1])
        for layer in order:
            wanted = {n: np.mean([rows[m] for m in neighbours[n]] or [rows[n]]) for n in layer}
            layer.sort(key=lambda node: (round(wanted[node], 6), str(node)))
            rows = rows | {node: row - (len(layer) - 1) / 2 for row, node in enumerate(layer)}
        number = crossings(layout, columns, rows)
        if number < fewest:
            best, fewest = rows, number
    return {node: (columns[node], best[node]) for node in layout}, chains


def crossings(layout, columns, rows):
    """Number of pairs of arrows between the same two columns that cross."""
    pairs = combinations(layout.edges, 2)
    return sum(columns[a] == columns[c] and (rows[a] - rows[c]) * (rows[b] - rows[d]) < 0 for (a, b), (c, d) in pairs)


def draw(graph):
    """The graph as SVG, with its own background, so that it is legible on a dark page."""
    places, chains = placed(graph)
    highest = min(row for _, row in places.values())
    centre = {
        node: (MARGIN + column * COLUMN + WIDTH / 2, MARGIN + (row - highest) * ROW + HEIGHT / 2)
        for node, (column, row) in places.items()
    }
    width = max(x for x, _ in centre.values()) + WIDTH / 2 + MARGIN
    height = max(y for _, y in centre.values()) + HEIGHT / 2 + MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="Helvetica, Arial, sans-serif" text-anchor="middle">',
        "<title>Stages of the workflow</title>",
        "<desc>" + "; ".join(f"{made} to {using}" for made, using in sorted(graph.edges)) + "</desc>",
        '<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#5b6570"/></marker></defs>',
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="#ffffff"/>',
    ]
    for chain in chains.values():
        # arrows end before a box; where they pass a column they run level across the width of its boxes
        x, y = centre[chain[0]][0] + WIDTH / 2, centre[chain[0]][1]
        path = f"M{x:g} {y:g}"
        for node in chain[1:]:
            to_x, to_y = centre[node][0] - WIDTH / 2 - (1 if node is chain[-1] else 0), centre[node][1]
            middle = (x + to_x) / 2
            path += f"C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}"
            x, y = centre[node][0] + WIDTH / 2, to_y
            if node is not chain[-1]:
                path += f"H{x:g}"
        lines.append(f'<path d="{path}" fill="none" stroke="#5b6570" stroke-width="1.3" marker-end="url(#end)"/>')
    for stage in sorted(graph):
        x, y = centre[stage]
        about, kind = ABOUT[stage]
        rules = graph.nodes[stage]["rules"]
        lines += [
            f'<g><rect x="{x - WIDTH / 2:g}" y="{y - HEIGHT / 2:g}" width="{WIDTH}" height="{HEIGHT}" rx="6" '
            f'fill="{COLOURS[kind]}" stroke="#5b6570"/>',
            f"<title>rules/{stage}.smk: {rules} rule{'s' * (rules > 1)}</title>",
            f'<text x="{x:g}" y="{y - 2.5:g}" font-size="13.5" fill="#16202a">{escape(stage.replace("_", " "))}</text>',
            f'<text x="{x:g}" y="{y + 12.5:g}" font-size="11" fill="#3c4650">{escape(about)}</text></g>',
        ]
    return "\n".join([*lines, "</svg>"]) + "\n"


def main():
    config = ROOT / "config" / "config.yaml"
    with tempfile.TemporaryDirectory() as folder:
        command = ["--snakefile", ROOT / "Snakefile", "--directory", folder, "--rulegraph", "--configfile", config]
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", *command], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
    if done.returncode:
        sys.exit(done.returncode)
    PICTURE.write_text(draw(stage_graph(done.stdout, stages_of_rules())))


if __name__ == "__main__":
    main()
