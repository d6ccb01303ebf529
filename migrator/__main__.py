"""``python -m migrator`` and the console script: answers ``--version`` before anything else is imported."""

from __future__ import annotations

import sys

from migrator import __version__


def main() -> None:
    """Run the command line and exit with its code."""
    if sys.argv[1:] == ["--version"]:
        print(f"migrator {__version__}")
        return
    from migrator.cli import run_command_line

    sys.exit(run_command_line(sys.argv[1:]))


if __name__ == "__main__":
    main()
