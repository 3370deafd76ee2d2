"""What is installed for what: the modules of akitaflow that each extra of pyproject.toml is for.

    python tests/helpers/extras.py [extra]

imports the modules of an extra, or those that need none, and the packages that it declares. Run it with the Python of
an environment in which akitaflow is installed with this extra, and from a folder without the repository.
"""

import importlib
import importlib.metadata
import re
import sys

# A package stands for all of its modules.
MODULES = {
    "": ["errors", "logs", "seeds", "provenance", "files", "geometry", "genome.fasta", "genome.sequence", "retrieve",
         "study", "cli_options"],
    "maps": ["dataset.split", "dataset.windows", "dataset.published_split", "dataset.cross_validation",
             "dataset.targets", "evaluation.ceiling", "evaluation.depth", "genome.intervals", "mapping"],
    "model": ["dataset.records", "evaluation.map_scores", "model", "prediction.perturb", "prediction.predictor",
              "prediction.stream", "training"],
    "motifs": ["genome.matrices", "genome.motifs"],
    "baselines": ["evaluation.baselines", "genome.bigwig"],
    "five-c": ["analyses.five_c"],
    "variants": ["variants.alleles", "variants.places", "variants.supremo", "variants.vcf"],
    "plotting": ["plotting"],
}  # fmt: skip
PARTS = {"all": [name for name in MODULES if name], "workflow": [name for name in MODULES if name]}

# Name of the module where it is not that of the package.
IMPORTED = {
    "biopython": "Bio",
    "moods-python": "MOODS.scan",
    "pyyaml": "yaml",
    "scikit-image": "skimage",
    "scikit-learn": "sklearn",
    "adjusttext": "adjustText",
}


def requirement(text):
    """(name, versions, extras that ask for it or None, extras asked of it) of a line of the metadata."""
    name, asked, versions, extra = re.fullmatch(
        r"([\w.-]+)(?:\[([\w,-]+)\])?\s*([^;]*?)\s*(?:;\s*extra == [\"']([\w-]+)[\"'])?", text
    ).groups()
    return name.lower(), versions, extra, asked.split(",") if asked else []


def main(extra=""):
    parts = {"", extra, *PARTS.get(extra, [])}
    declared = [requirement(text) for text in importlib.metadata.requires("akitaflow")]
    packages = sorted({name for name, _, of, _ in declared if (of or "") in parts and name != "akitaflow"})
    modules = [f"akitaflow.{name}" for part in sorted(parts & set(MODULES)) for name in MODULES[part]]
    for name in [*(IMPORTED.get(name, name) for name in packages), *modules]:
        importlib.import_module(name)
    print(f"extra {extra or 'none'}: imported {len(modules)} modules of akitaflow and {len(packages)} packages")


if __name__ == "__main__":
    main(*sys.argv[1:])
