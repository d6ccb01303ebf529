"""``explain``: more about a diagnostic's code, or about a field."""

from __future__ import annotations

import textwrap

import click

from migrator.catalogue import CODES, Code
from migrator.cli import maps, options


@click.command()
@click.argument("subject", metavar="[CODE|FIELD]", required=False)
@options.field_map
def explain(subject: str | None, field_maps: tuple[str, ...]) -> None:
    """Say more about a CODE, or where a legacy FIELD goes.

    Without either, list the codes; with the beginning of some, such as MG1, list these.
    """
    name = "MG" if subject is None else subject.upper()
    if name in CODES:
        click.echo(_about(CODES[name]), nl=False)
    elif found := sorted(code for code in CODES if name.startswith("MG") and code.startswith(name)):
        click.echo("".join(f"{code}  {CODES[code].title}\n" for code in found), nl=False)
    elif name.startswith("MG") and name[2:].isdigit():
        raise click.ClickException(f"There is no code {name}; migrator explain lists those that there are.")
    else:
        click.echo(maps.rows(str(subject), field_maps))


def _about(code: Code) -> str:
    explanation = textwrap.fill(code.explanation, 100)
    return f"{code.code}: {code.title}\n\n{explanation}\n\nWhat to do: {code.advice}\n"
