"""``check --baseline`` and ``--write-baseline``: what is known does not fail a check."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from migrator.settings import Mode

if TYPE_CHECKING:
    from migrator.config.policy import Policy
    from migrator.run import Stage

OPTIONS = (
    click.option("--baseline", metavar="FILE", type=click.Path(), help="Fail only for what this file does not know."),
    click.option(
        "--write-baseline", metavar="FILE", type=click.Path(dir_okay=False), help="Write all that is found to FILE."
    ),
)


@contextmanager
def stages(mode: Mode, arguments: Mapping[str, Any], policy: Policy) -> Iterator[tuple[Stage, ...]]:
    """Give what outcomes go through; at the end, write the baseline that was asked for.

    A baseline that cannot be used, or not be written, is a click.ClickException.
    """
    if mode is not Mode.CHECK:
        yield ()
    elif arguments["baseline"] and arguments["write_baseline"]:
        raise click.UsageError("--baseline and --write-baseline exclude each other.")
    elif arguments["write_baseline"]:
        from migrator.baseline import Recorder

        recorder = Recorder(os.path.dirname(os.path.abspath(arguments["write_baseline"])))
        yield (recorder.record,)
        _write(recorder, arguments["write_baseline"])
    elif path := policy.run_value("baseline"):
        from migrator import baseline

        try:
            read = baseline.read(str(path))
        except baseline.BaselineError as error:
            raise click.ClickException(str(error)) from error
        yield (read.new,)
    else:
        yield ()


def _write(recorder: Any, path: str) -> None:  # noqa: ANN401  a Recorder, whose module is imported only above
    from migrator import baseline

    try:
        baseline.write(path, recorder.seen)
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be written: {error.strerror or error}") from error
    click.echo(f"{path}: {recorder.seen.total()} known from now on.", err=True)
