"""``payload``: request bodies instead of programs, from standard input to standard output or in place."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from migrator.cli import options
from migrator.cli.codes import CLEAN, ERROR, LEFT

if TYPE_CHECKING:
    from migrator.outcome import Outcome


@click.command()
@click.argument("file", default="-", type=click.Path(dir_okay=False, allow_dash=True))
@options.decisions
@click.option("--write", is_flag=True, help="Replace FILE's content instead of printing it.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 where the code would be 1; errors still exit with 2.")
def payload(**arguments: object) -> int:
    """Turn generateContent request bodies into Interactions bodies.

    Bodies are JSON, JSON Lines or YAML, read from FILE, or from standard input where FILE is - or missing. A body that
    cannot be migrated comes out as it went in.
    """
    return _run(arguments)


def _run(arguments: Mapping[str, Any]) -> int:
    from migrator.outcome import Kind, Status

    if arguments["write"] and arguments["file"] == "-":
        raise click.UsageError("--write needs a FILE.")
    outcome = _outcome(arguments)
    if not arguments["write"] and outcome.kind is not Kind.FAILED:
        _print(outcome)
    _report(outcome)
    if outcome.kind is Kind.FAILED:
        return ERROR
    left = any(site.status is not Status.MIGRATED for site in outcome.sites)
    return LEFT if left and not arguments["exit_zero"] else CLEAN


def _outcome(arguments: Mapping[str, Any]) -> Outcome:
    from migrator import work
    from migrator.dialects.payload import migrate_payload
    from migrator.outcome import Outcome

    path = arguments["file"]
    settings = options.settings(arguments, path)
    data = sys.stdin.buffer.read() if path == "-" else work.read(path)
    if isinstance(data, Outcome):
        return data
    outcome = work.attempt(migrate_payload, path, data, settings)
    return work.write(outcome) if arguments["write"] else outcome


def _print(outcome: Outcome) -> None:
    sys.stdout.buffer.write(outcome.before if outcome.after is None else outcome.after)
    sys.stdout.buffer.flush()


def _report(outcome: Outcome) -> None:
    """Say on standard error what is to be known about the bodies."""
    from migrator.outcome import said
    from migrator.report import console, text

    style = text.Style(palette=console.palette(sys.stderr))
    sys.stderr.write(text.render(outcome, said(outcome), style))
