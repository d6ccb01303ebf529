"""``--answers``: what the twin says to some prompts, from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from migrator.twin.state import Said, Twin

OTHER_PORT = "Name another with --port; 0 takes a free one."

option = click.option(
    "--answers",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help='What the twin says to some prompts: a YAML or JSON list of {"prompt": PATTERN, "text": WORDS}.',
)


def twin(path: str | None) -> Twin:
    """Make a twin that says what the file ``path`` chooses; a click.ClickException says what is wrong with it."""
    from migrator.twin.state import Twin

    return Twin(said=_said(path) if path else ())


def _said(path: str) -> tuple[Said, ...]:
    import re

    import yaml

    from migrator.twin.state import Said

    try:
        entries = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        return tuple(Said(re.compile(entry["prompt"]), str(entry["text"])) for entry in entries)
    except (yaml.YAMLError, re.error, UnicodeDecodeError, KeyError, TypeError) as error:
        shape = 'It has to be a list of {"prompt": PATTERN, "text": WORDS}.'
        raise click.ClickException(f"{path} cannot be used: {str(error).partition(chr(10))[0]}. {shape}") from error
