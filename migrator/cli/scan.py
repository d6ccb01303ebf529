"""``scan``: what there is to migrate, for planning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from migrator.cli import inputs, options
from migrator.cli.codes import CLEAN, ERROR
from migrator.report.summary import plural

if TYPE_CHECKING:
    from migrator.inventory.entry import Entry


@click.command()
@options.together(inputs.OPTIONS)
@options.decisions
@click.option(
    "--output-format",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="How to report.",
)
def scan(**arguments: object) -> int:
    """Count the legacy calls under PATHS; write nothing.

    They are counted by directory, dialect, level, reason and model, also those of dialects that are not rewritten:
    google-generativeai, vertexai, addresses of the REST API, curl and the JavaScript SDKs.
    """
    from migrator.config.pyproject import ConfigError
    from migrator.inventory import tables as report
    from migrator.inventory.entry import FAILED
    from migrator.inventory.scan import SUFFIXES
    from migrator.inventory.scan import scan as inventory

    policy = options.policy(arguments)
    policy = replace(policy, given={"include": tuple(f"*{suffix}" for suffix in SUFFIXES), **policy.given})
    try:
        found = inputs.found(arguments, policy)
        entries = _gathered(inventory(found, policy.settings_for), len(found.files))
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    render = {"text": report.as_text, "json": report.as_json, "csv": report.as_csv}[str(arguments["output_format"])]
    click.echo(render(len(found.files), entries), nl=False)
    return ERROR if any(entry.level == FAILED for entry in entries) else CLEAN


def _gathered(entries: Iterator[Entry], files: int) -> list[Entry]:
    """Take all entries; whoever interrupts is told what there was until then."""
    found: list[Entry] = []
    try:
        found.extend(entries)
    except KeyboardInterrupt:
        uses = plural(len(found), "legacy use")
        last = f", the last in {found[-1].path}" if found else ""
        raise KeyboardInterrupt(f"{uses} found so far in {plural(files, 'file')}{last}. ") from None
    return found
