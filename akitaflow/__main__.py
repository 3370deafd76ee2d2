"""``python -m akitaflow``: the command line."""

from akitaflow.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
