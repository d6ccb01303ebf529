"""``apply``, ``diff`` and ``check``: the same run over files, with what is found done, shown or named."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from migrator.cli import options
from migrator.cli.codes import CLEAN, ERROR, LEFT
from migrator.settings import Mode

if TYPE_CHECKING:
    from migrator.outcome import Summary
    from migrator.report.text import Detail

_OPTIONS = (
    click.argument("paths", nargs=-1, type=click.Path()),
    options.decisions,
    click.option(
        "--output-format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How to report.",
    ),
    click.option("--exit-zero", is_flag=True, help="Exit with 0 where the code would be 1; errors still exit with 2."),
    click.option("-q", "--quiet", is_flag=True, help="One line a diagnostic and no summary."),
    click.option("-v", "--verbose", is_flag=True, help="Also name the files and folders that were passed over."),
    click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes; by default one a processor."),
)


def _shared(command: options.Command) -> options.Command:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command()
@_shared
def apply(**arguments: object) -> int:
    """Rewrite the files under PATHS in place."""
    return _run(Mode.APPLY, arguments)


@click.command()
@_shared
def diff(**arguments: object) -> int:
    """Show as a diff what apply would change; write nothing."""
    return _run(Mode.DIFF, arguments)


@click.command()
@_shared
def check(**arguments: object) -> int:
    """Name the calls that are left and what keeps them; write nothing."""
    return _run(Mode.CHECK, arguments)


def _run(mode: Mode, arguments: Mapping[str, Any]) -> int:
    from migrator.find import find
    from migrator.report import console
    from migrator.run import Options, run

    detail = _detail(arguments)
    as_json = arguments["output_format"] == "json"
    reporter = console.for_json() if as_json else console.for_text(mode, detail)
    chosen = Options(mode, options.settings(arguments), arguments["jobs"] or _processors())
    found = find(arguments["paths"] or (".",))
    summary = run(found, chosen, reporter.take)
    reporter.close(summary, found.skipped)
    code = _exit_code(mode, summary)
    return CLEAN if code == LEFT and arguments["exit_zero"] else code


def _detail(arguments: Mapping[str, Any]) -> Detail:
    from migrator.report.text import Detail

    if arguments["quiet"] and arguments["verbose"]:
        raise click.UsageError("-q and -v exclude each other.")
    return Detail.QUIET if arguments["quiet"] else Detail.VERBOSE if arguments["verbose"] else Detail.NORMAL


def _exit_code(mode: Mode, summary: Summary) -> int:
    if summary.errors:
        return ERROR
    possible = 0 if mode is Mode.APPLY else summary.migrated
    return LEFT if possible or summary.review or summary.refused or summary.leftover else CLEAN


def _processors() -> int:
    """Count the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
