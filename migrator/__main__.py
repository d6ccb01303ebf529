"""``python -m migrator`` and the console script: what needs no option parser is answered before one is imported."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__" and not sys.flags.safe_path and not __file__.startswith(os.path.join(sys.path[0], "")):
    # Python looks for modules in the current folder first, where a program of the user may be called as one of ours.
    del sys.path[0]

from migrator import __version__


def main() -> None:
    """Run the command line and exit with its code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        print(f"migrator {__version__}")
    elif arguments[:1] in (["apply"], ["check"], ["diff"]) and _is_answered(arguments[0], arguments[1:]):
        pass
    else:
        from migrator.cli import run_command_line

        sys.exit(run_command_line(arguments))


def _is_answered(command: str, arguments: list[str]) -> bool:
    """Whether the run finds nothing, which is said then."""
    from migrator import glance

    try:
        found = glance.idle(command, arguments)
    except KeyboardInterrupt:
        from migrator.cli.codes import INTERRUPTED

        sys.stderr.write("Interrupted. Every file is as it was.\n")
        sys.exit(INTERRUPTED)
    if found is None:
        return False
    from migrator.report import summary

    stream = sys.stderr if command == "diff" else sys.stdout
    done = summary.MIGRATED if command == "apply" else summary.POSSIBLE
    stream.write(summary.counts(found[0], 0, (0, 0, 0), 0, done) + summary.nothing(*found))
    return True


if __name__ == "__main__":
    main()
