"""Where things lie."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # of the Snakefile
DATA = ROOT / "tests" / "data"
SHARED = ROOT.parent / "shared"  # real data and reference files that lie beside a checkout, where there are any
NEXTFLOW = ROOT / ".nextflow.installed" / "bin"  # what `make nextflow` puts in place
