"""``python -m migrator`` and the console script: what needs no option parser is answered before one is imported."""

from __future__ import annotations

import gc
import os
import sys

if __name__ == "__main__" and not sys.flags.safe_path and not __file__.startswith(os.path.join(sys.path[0], "")):
    # Python looks for modules in the current folder first, where a program of the user may be called as one of ours.
    del sys.path[0]

from migrator import __version__

# Looking every 700 objects for what can be freed costs a seventh of a run: modules and trees are objects that stay.
_COLLECTING = (100_000, 50, 100)


def program() -> None:
    """Run the command line as a process of its own, which ends at once.

    Taking apart what was imported, object by object, costs a file with a call a tenth of its run, and frees what the
    end of the process frees anyway. Whatever has been written is on its way before; where other threads are at work,
    or somebody looks for a defect, the end is the usual one.
    """
    gc.set_threshold(*_COLLECTING)
    code: object = 0
    try:
        main()
    except SystemExit as leaving:
        code = leaving.code or 0
    threads = sys.modules.get("threading")
    if not isinstance(code, int) or (threads and threads.active_count() > 1) or os.environ.get("MIGRATOR_DEBUG"):
        sys.exit(code)  # type: ignore[arg-type]
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):  # there is none, or nobody listens: Python knows what to say
        sys.exit(code)
    os._exit(code)


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
    try:
        stream.write(summary.counts(found[0], 0, (0, 0, 0), 0, done) + summary.nothing(*found))
        stream.flush()
    except (AttributeError, OSError):
        return False  # it is closed or full: the command line says so
    return True


if __name__ == "__main__":
    program()
