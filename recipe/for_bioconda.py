"""Print the bioconda recipe of a release: that of this folder with the address and checksum of the release's sdist.

    python recipe/for_bioconda.py dist/akitaflow-0.2.0.tar.gz --repository owner/akitaflow --maintainer login

The address is that of the file in the GitHub release of the tag ``v<version>``; the checksum is computed from the file.
"""

import argparse
import hashlib
import re
import sys
from pathlib import Path

RECIPE = Path(__file__).with_name("meta.yaml")


def for_bioconda(recipe, sdist, repository, maintainers):
    """Recipe of a release.

    Parameters
    ----------
    recipe : str
        Recipe that builds a checkout.
    sdist : Path
        Source distribution of the release, ``akitaflow-<version>.tar.gz``.
    repository : str
        ``owner/name`` on GitHub.
    maintainers : list of str
        GitHub logins of those who maintain the recipe.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the sdist is of another version than the recipe.
    """
    version = re.search(r'set version = "([^"]+)"', recipe)[1]
    if sdist.name != f"akitaflow-{version}.tar.gz":
        raise ValueError(f"{sdist.name} is not the sdist of version {version}, which recipe/meta.yaml has")
    checksum = hashlib.sha256(sdist.read_bytes()).hexdigest()
    address = f"https://github.com/{repository}"
    file = f"{address}/releases/download/v{{{{ version }}}}/{{{{ name }}}}-{{{{ version }}}}.tar.gz"
    text = "".join(line for line in recipe.splitlines(keepends=True) if not line.startswith("#"))
    text = _replaced(text, "  path: ..\n", f"  url: {file}\n  sha256: {checksum}\n")
    text = _replaced(text, "about:\n", f"about:\n  home: {address}\n")
    return text + "\nextra:\n  recipe-maintainers:\n" + "".join(f"    - {login}\n" for login in maintainers)


def _replaced(text, old, new):
    if text.count(old) != 1:
        raise ValueError(f"recipe/meta.yaml must have the line {old.strip()!r} once")
    return text.replace(old, new)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sdist", type=Path)
    parser.add_argument("--repository", required=True, metavar="OWNER/NAME")
    parser.add_argument("--maintainer", required=True, action="append", metavar="LOGIN")
    options = parser.parse_args()
    sys.stdout.write(for_bioconda(RECIPE.read_text(), options.sdist, options.repository, options.maintainer))


if __name__ == "__main__":
    main()
