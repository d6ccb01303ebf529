"""``map``: what the field maps say, what is wrong with one, and what an SDK has that they lack."""

from __future__ import annotations

from pathlib import Path

import click

from migrator.cli import options
from migrator.cli.codes import CLEAN, ERROR, LEFT


@click.group("map")
def map_() -> None:
    """Show, check and compare field maps."""


@map_.command()
@click.argument("field", default="")
@options.field_map
def show(field: str, field_maps: tuple[str, ...]) -> None:
    """Show where a field goes.

    FIELD is a name (top_k), a name of a type (Part.inline_data) or a path (usage_metadata.prompt_token_count); without
    it, every row is shown.
    """
    click.echo(rows(field, field_maps))


def rows(query: str, field_maps: tuple[str, ...]) -> str:
    """Describe the rows that a query means; click.ClickException with near names where there is none."""
    from migrator import mapinfo

    maps = options.load(field_maps)
    found = mapinfo.show(maps, query)
    if not found:
        near = mapinfo.nearest(maps, query)
        hint = f" Did you mean {' or '.join(near)}?" if near else " All that they have is shown by migrator map show."
        raise click.ClickException(f"No field map has {query!r}.{hint}")
    return "\n".join(mapinfo.text(maps, row) for row in found)


@map_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def check(file: str) -> int:
    """Check the field map FILE, read over the built-in maps."""
    from migrator import mapinfo

    problems = mapinfo.check(Path(file))
    for problem in problems:
        click.echo(problem)
    if problems:
        return ERROR
    for row, near in mapinfo.unknown(Path(file)):
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        click.echo(f"{row.file}:{row.line}: {row.type}.{row.field} is in no built-in map{hint}")
    click.echo(f"{file}: no problem found")
    return CLEAN


@map_.command()
@options.field_map
def coverage(field_maps: tuple[str, ...]) -> int:
    """Compare the maps with the installed google-genai."""
    from migrator import mapinfo

    try:
        compared = mapinfo.coverage(options.load(field_maps))
    except mapinfo.SdkMissingError as error:
        raise click.ClickException(str(error)) from error
    for name in compared.missing:
        click.echo(f"{name}: the SDK has it, no map does")
    for name in compared.unknown:
        click.echo(f"{name}: a map has it, the SDK does not")
    click.echo(
        f"google-genai {compared.version}: {len(compared.missing)} fields without a row, "
        f"{len(compared.unknown)} rows without a field."
    )
    return LEFT if compared.missing or compared.unknown else CLEAN
