"""``undo``: the last run taken back."""

from __future__ import annotations

import os

import click

from migrator.cli.codes import CLEAN, ERROR


@click.command()
def undo() -> int:
    """Put back the files that the last apply in this folder rewrote.

    Each further undo takes back the run before. A file that was changed since stays as it is and is named; the exit
    code is 2 then.
    """
    from migrator import journal

    try:
        done = journal.undo(os.getcwd())
    except journal.JournalError as error:
        raise click.ClickException(f"There is nothing to undo: {error}.") from error
    for path in done.restored:
        click.echo(f"{os.path.relpath(path)}: put back")
    for path, reason in done.left:
        click.echo(f"{os.path.relpath(path)}: left as it is, {reason}", err=True)
    if done.damaged:
        click.echo(
            f"Error: the journal of this run is damaged: {done.damaged}. What is missing above can be put back by hand "
            "from the old contents that are in it; remove the folder to undo the run before.",
            err=True,
        )
    return ERROR if done.left or done.damaged else CLEAN
