"""Run the command line: ``python -m manometer``."""

from .faces.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
