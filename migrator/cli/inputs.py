"""Where the sources of a run come from: paths, lists of paths, what has changed, or standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from migrator.config.policy import Policy
    from migrator.find import Found

STDIN = "-"

OPTIONS = (
    click.argument("paths", nargs=-1, type=click.Path(allow_dash=True, readable=False)),
    click.option(
        "--include",
        multiple=True,
        metavar="PATTERN",
        help="In folders, take what matches instead of Python files, notebooks and documents; may be given several "
        "times, as in .gitignore.",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="PATTERN",
        help="In folders, pass over what matches; may be given several times, as in .gitignore.",
    ),
    click.option(
        "--force-exclude/--no-force-exclude",
        default=None,
        help="Pass over what is excluded even where it is named, as a commit hook needs.  [default: no]",
    ),
    click.option(
        "--respect-gitignore/--no-respect-gitignore",
        default=None,
        help="Pass over what git ignores.  [default: yes]",
    ),
    click.option(
        "--files-from",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True),
        help="Also take the paths in FILE, one a line or with NUL between them; - is standard input.",
    ),
    click.option(
        "--diff-base",
        metavar="REF",
        help="Take only files that changed since the current branch left REF, also if not committed.",
    ),
    click.option("--stdin-filename", metavar="PATH", help="The name of what - reads: for settings and for reports."),
)


def is_standard_input(arguments: Mapping[str, Any]) -> bool:
    """Whether the source is standard input; click.UsageError where other paths stand beside it."""
    if STDIN not in arguments["paths"]:
        if arguments["stdin_filename"]:
            raise click.UsageError("--stdin-filename needs the path -.")
        return False
    if len(arguments["paths"]) > 1 or arguments["files_from"] or arguments["diff_base"]:
        raise click.UsageError("- stands alone: no other paths, --files-from or --diff-base beside it.")
    return True


def standard_input(arguments: Mapping[str, Any]) -> tuple[str, bytes]:
    """Give the name and the bytes of standard input."""
    return arguments["stdin_filename"] or STDIN, sys.stdin.buffer.read()


def give_back(data: bytes) -> None:
    """Write the result to standard output, byte for byte."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def found(arguments: Mapping[str, Any], policy: Policy, more: tuple[str, ...] = ()) -> Found:
    """Find the files that the command line means; in folders, Python files and those that end as ``more`` says.

    Raise ConfigError where settings cannot be used.
    """
    from migrator.find import SUFFIXES, Ignoring, Naming, Scope, find

    scope = Scope(
        include=lambda folder: policy.patterns("include", folder),
        exclude=lambda folder: policy.patterns("exclude", folder),
        ignoring=Ignoring.DISREGARD if policy.run_value("respect-gitignore") is False else Ignoring.RESPECT,
        naming=Naming.UNLESS_EXCLUDED if policy.run_value("force-exclude") else Naming.ALWAYS,
        changed=_changed(arguments["diff_base"]) if arguments["diff_base"] else None,
        suffixes=SUFFIXES + more,
    )
    return find(_paths(arguments), scope)


def _paths(arguments: Mapping[str, Any]) -> list[str]:
    paths = list(arguments["paths"])
    if not arguments["files_from"]:
        return paths or [os.curdir]
    if arguments["files_from"] == STDIN:
        data = sys.stdin.buffer.read()
    else:
        with open(arguments["files_from"], "rb") as stream:
            data = stream.read()
    names = data.split(b"\0") if b"\0" in data else data.splitlines()
    return paths + [os.fsdecode(name) for name in names if name]


def _changed(reference: str) -> frozenset[str]:
    from migrator.find import git

    try:
        return git.changed(reference, os.curdir)
    except git.GitError as error:
        raise click.ClickException(f"--diff-base: {error}.") from error
