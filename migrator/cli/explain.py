"""``explain``: more about a diagnostic's code, or about a field."""

from __future__ import annotations

import textwrap

import click

from migrator.cli import maps, options
from migrator.diagnostics import CODES, Code


@click.command()
@click.argument("subject", metavar="[CODE|FIELD]", required=False)
@options.field_map
def explain(subject: str | None, field_maps: tuple[str, ...]) -> None:
    """Say more about a CODE, or where a legacy FIELD goes.

    Without either, list the codes.
    """
    code = CODES.get((subject or "").upper())
    if subject is None:
        click.echo("".join(f"{each.code}  {each.title}\n" for each in CODES.values()), nl=False)
    elif code is not None:
        click.echo(_about(code), nl=False)
    elif subject[:2].upper() == "MG" and subject[2:].isdigit():
        raise click.ClickException(f"There is no code {subject}. The codes are {', '.join(CODES)}.")
    else:
        click.echo(maps.rows(subject, field_maps))


def _about(code: Code) -> str:
    explanation = textwrap.fill(code.explanation, 100)
    return f"{code.code}: {code.title}\n\n{explanation}\n\nWhat to do: {code.advice}\n"
