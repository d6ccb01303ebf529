"""``python -m migrator`` and the console script: what needs no option parser is answered before one is imported."""

from __future__ import annotations

import os
import sys
from stat import S_ISREG

if __name__ == "__main__" and not sys.flags.safe_path and not __file__.startswith(os.path.join(sys.path[0], "")):
    # Python looks for modules in the current folder first, where a program of the user may be called as one of ours.
    del sys.path[0]

from migrator import __version__, prefilter
from migrator.report import summary

# What a commit hook says too, and what makes no difference to files that hold nothing.
_IDLE_OPTIONS = {
    "apply": ("--allow-dirty", "--force-exclude"),
    "check": ("--force-exclude",),
    "diff": ("--force-exclude",),
}


def main() -> None:
    """Run the command line and exit with its code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        print(f"migrator {__version__}")
    elif arguments and arguments[0] in _IDLE_OPTIONS and (idle := _idle(*arguments)):
        stream = sys.stderr if arguments[0] == "diff" else sys.stdout
        done = summary.MIGRATED if arguments[0] == "apply" else summary.POSSIBLE
        stream.write(summary.counts(idle[0], 0, (0, 0, 0), 0, done) + summary.nothing(*idle))
    else:
        from migrator.cli import run_command_line

        sys.exit(run_command_line(arguments))


def _idle(command: str, *rest: str) -> tuple[int, int] | None:
    """Answer what a commit hook asks nearly every time: whether the files hold nothing.

    Gives how many files there are and how many mention the API, where all arguments but the hook's own options are
    files and none refers to it; None where the command line has to look closer. What settings exclude is read and
    counted here all the same.
    """
    mentioning = {}
    try:
        for path in (each for each in rest if each not in _IDLE_OPTIONS[command]):
            if path.startswith("-") or not S_ISREG(os.stat(path).st_mode):
                return None
            with open(path, "rb", buffering=0) as file:
                data = file.read()
            mentioning[os.path.realpath(path)] = prefilter.mentions(data)
            if prefilter.mentions(data) and (
                prefilter.is_document(path) or prefilter.refers(data) or prefilter.speaks(data)
            ):
                return None
    except (OSError, ValueError):
        return None
    return (len(mentioning), sum(mentioning.values())) if mentioning else None


if __name__ == "__main__":
    main()
