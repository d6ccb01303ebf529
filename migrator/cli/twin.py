"""``twin`` and ``prove``: the service's double on this machine, and a proof by running against it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrator.cli import options
from migrator.cli.codes import CLEAN, LEFT

if TYPE_CHECKING:
    from migrator.twin.state import Said, Twin

PORT = 8421
_OTHER_PORT = "Name another with --port; 0 takes a free one."

_ANSWERS = click.option(
    "--answers",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help='What the twin says to some prompts: a YAML or JSON list of {"prompt": PATTERN, "text": WORDS}.',
)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 takes a free one.")
@_ANSWERS
@click.option("-q", "--quiet", is_flag=True, help="Do not name each request.")
def twin(port: int, answers: str | None, *, quiet: bool) -> int:
    """Serve a double of the Gemini API on this machine until it is interrupted.

    It speaks generateContent and Interactions, and answers from what a request means. A wrong Interactions request is
    answered with the error of the service, which names the field.
    """
    import threading

    from migrator.twin.server import PortError, serving

    state = _twin(answers)
    if not quiet:
        state.log = click.echo
    try:
        with serving(state, port):
            click.echo(f"The twin listens at {state.url}; Ctrl-C ends it. Programs find it by\n")
            click.echo(f"    export GOOGLE_GEMINI_BASE_URL={state.url} GEMINI_API_KEY=none\n")
            threading.Event().wait()
    except PortError as error:
        raise click.ClickException(f"{error} {_OTHER_PORT}") from error
    except KeyboardInterrupt:
        click.echo("")
    return CLEAN


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
@options.decisions
@click.option("--against", metavar="FOLDER", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Prove this folder's code instead of a rewritten copy.")  # fmt: skip
@click.option("--expect", metavar="CODE", type=int, default=0, show_default=True,
              help="The exit code of the command on the code as it is.")  # fmt: skip
@click.option("--timeout", metavar="SECONDS", type=click.FloatRange(0, min_open=True), default=600, show_default=True,
              help="How long one run of the command may take.")  # fmt: skip
@click.option("--input", "typed", metavar="FILE", type=click.File("rb"), help="What the command reads; - for stdin.")
@_ANSWERS
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The twin's port; by default a free one.")
@click.option("--keep", metavar="FOLDER", type=click.Path(path_type=Path), help="Leave the rewritten copy in FOLDER.")
def prove(**arguments: object) -> int:
    """Run COMMAND on the code of this folder as it is and on a rewritten copy, and compare what both do.

    No key is needed: a double of the Gemini API on this machine answers both. Compared are what the requests mean, the
    output and the exit code. This folder is not changed.
    """
    return _prove(arguments)


def _prove(arguments: Mapping[str, Any]) -> int:
    from migrator.proof.command import Command, CommandError
    from migrator.proof.copies import CopyError
    from migrator.proof.prove import ProofError, Task, prove, workshop
    from migrator.proof.tell import told
    from migrator.twin.server import PortError

    typed = arguments["typed"].read() if arguments["typed"] else b""
    command = Command(tuple(arguments["command"]), typed, arguments["timeout"])
    against, keep = arguments["against"], arguments["keep"]
    root = Path.cwd().resolve()
    task = Task(root, command, options.settings(arguments), against and against.resolve(), arguments["expect"])
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise click.ClickException(f"{keep} is not empty; --keep needs a new folder.")
    try:
        with workshop(keep) as base:
            verdict = prove(task, _twin(arguments["answers"]), base, arguments["port"])
    except (ProofError, CommandError, CopyError) as error:
        raise click.ClickException(str(error)) from error
    except PortError as error:
        raise click.ClickException(f"{error} {_OTHER_PORT}") from error
    click.echo(told(verdict), nl=False)
    if keep is not None:
        click.echo(f"The rewritten copy is in {keep}.")
    return LEFT if verdict.differences else CLEAN


def _twin(answers: str | None) -> Twin:
    from migrator.twin.state import Twin

    return Twin(said=_said(answers) if answers else ())


def _said(path: str) -> tuple[Said, ...]:
    """The chosen words of a file; a click.ClickException that says what is wrong with it."""
    import re

    import yaml

    from migrator.twin.state import Said

    try:
        entries = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        return tuple(Said(re.compile(entry["prompt"]), entry["text"]) for entry in entries)
    except (yaml.YAMLError, re.error, UnicodeDecodeError, KeyError, TypeError) as error:
        shape = 'It has to be a list of {"prompt": PATTERN, "text": WORDS}.'
        raise click.ClickException(f"{path} cannot be used: {str(error).partition(chr(10))[0]}. {shape}") from error
