"""``explain``: more about a diagnostic's code, or about a field."""

from __future__ import annotations

import textwrap

import click

from migrator.cli import maps, options
from migrator.diagnostics import CODES, Code


@click.command()
@click.argument("subject", metavar="CODE|FIELD")
@options.field_map
def explain(subject: str, field_maps: tuple[str, ...]) -> None:
    """Say more about a diagnostic's CODE, or where a legacy FIELD goes."""
    code = CODES.get(subject.upper())
    if code is not None:
        click.echo(_about(code), nl=False)
    elif subject[:2].upper() == "MG" and subject[2:].isdigit():
        raise click.ClickException(f"There is no code {subject}. The codes are {', '.join(CODES)}.")
    else:
        click.echo(maps.rows(subject, field_maps))


def _about(code: Code) -> str:
    explanation = textwrap.fill(code.explanation, 100)
    return f"{code.code}: {code.title}\n\n{explanation}\n\nWhat to do: {code.advice}\n"
