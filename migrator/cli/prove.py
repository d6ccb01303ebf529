"""``prove``: a command on the code as it is and on its rewriting, against the twin."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrator.cli import answers, inputs, options
from migrator.cli.codes import CLEAN, LEFT

if TYPE_CHECKING:
    from migrator.config.policy import Policy
    from migrator.proof.prove import Verdict

_OPTIONS = (
    click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND..."),
    options.decisions,
    click.option(
        "--against",
        metavar="FOLDER",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Prove this folder's code instead of a rewritten copy.",
    ),
    click.option(
        "--expect",
        metavar="CODE",
        type=int,
        default=0,
        show_default=True,
        help="The exit code of the command on the code as it is.",
    ),
    click.option(
        "--timeout",
        metavar="SECONDS",
        type=click.FloatRange(0, min_open=True),
        default=600,
        show_default=True,
        help="How long one run of the command may take.",
    ),
    click.option("--input", "typed", metavar="FILE", type=click.File("rb"), help="What the command reads; - is stdin."),
    answers.option,
    click.option("--port", type=click.IntRange(0, 65535), default=0, help="The twin's port; by default a free one."),
    click.option(
        "--keep", metavar="FOLDER", type=click.Path(path_type=Path), help="Leave the rewritten copy in FOLDER."
    ),
)


@click.command()
@options.together(_OPTIONS)
def prove(**arguments: object) -> int:
    """Run COMMAND on the code as it is and on a rewritten copy.

    The code is that of this folder, which is not changed. No key is needed: a double of the Gemini API on this machine
    answers both. Compared are what the requests mean, the output and the exit code.

    Exit codes: 0 the same, 1 different, 2 nothing could be compared.
    """
    return _prove(arguments)


def _prove(arguments: Mapping[str, Any]) -> int:
    from migrator.proof.tell import told

    keep = arguments["keep"]
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise click.ClickException(f"{keep} is not empty; --keep needs a new folder.")
    verdict = _verdict(arguments, options.policy(arguments))
    click.echo(told(verdict), nl=False)
    if keep is not None:
        click.echo(f"The rewritten copy is in {keep}.")
    return LEFT if verdict.differences else CLEAN


def _verdict(arguments: Mapping[str, Any], policy: Policy) -> Verdict:
    """Prove; a click.ClickException says what cannot be compared, and why."""
    from migrator.config.pyproject import ConfigError
    from migrator.proof.command import Command, CommandError
    from migrator.proof.copies import CopyError
    from migrator.proof.prove import ProofError, Task, prove, workshop
    from migrator.twin.server import PortError

    typed = arguments["typed"].read() if arguments["typed"] else b""
    command = Command(tuple(arguments["command"]), typed, arguments["timeout"])
    against = arguments["against"] and arguments["against"].resolve()
    root = Path.cwd().resolve()
    try:
        found = inputs.found({"paths": (str(root),), "files_from": None, "diff_base": None}, policy)
        task = Task(root, command, found, policy.settings_for, against, arguments["expect"])
        with workshop(arguments["keep"]) as base:
            return prove(task, answers.twin(arguments["answers"]), base, arguments["port"])
    except (ProofError, CommandError, CopyError, ConfigError) as error:
        raise click.ClickException(str(error)) from error
    except PortError as error:
        raise click.ClickException(f"{error} {answers.OTHER_PORT}") from error
