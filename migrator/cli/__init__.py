"""The command line: arguments in, exit code out, no decisions in between; one module a family of commands.

Only click is imported at the start; each command imports what it needs when it runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from migrator import __version__
from migrator.cli.codes import CLEAN, ERROR, INTERRUPTED

# Each command and the module that it stands in, which is imported for that command alone.
COMMANDS = {
    "apply": "files",
    "check": "files",
    "diff": "files",
    "explain": "explain",
    "map": "maps",
    "payload": "payload",
    "prove": "prove",
    "scan": "scan",
    "twin": "twin",
    "undo": "undo",
    "verify": "verify",
}


class _Commands(click.Group):
    """The commands, each imported when it is first asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's own signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"migrator.cli.{COMMANDS[cmd_name]}")
        name = f"{cmd_name}_" if cmd_name in _BUILTINS else cmd_name
        command = getattr(module, name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command as click does, and say what may be meant where there is none."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.message}{_meant(args[0])}", error.ctx) from None


def _meant(word: str) -> str:
    import difflib

    if os.path.exists(word):
        return f" To look at what is there: migrator check {word}"
    near = difflib.get_close_matches(word, COMMANDS, n=1)
    return f" Did you mean '{near[0]}'?" if near else ""


_BUILTINS = ("map",)  # commands whose functions are called otherwise


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def commands() -> None:
    """Rewrite google-genai generate_content calls into Interactions API calls.

    What is rewritten means the same; what cannot be rewritten stays as it is and is named, with the reason and what
    to do.

    Exit codes: 0 nothing left, 1 something to do or refused, 2 an error.
    """


def run_command_line(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit code; raises nothing, unless MIGRATOR_DEBUG is set."""
    _open_all()
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")  # for what the terminal cannot show
    try:
        code = commands.main(list(arguments), prog_name="migrator", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return ERROR
    except (click.Abort, KeyboardInterrupt) as stopped:
        so_far = stopped.__context__ or stopped  # click raises its own from the interrupt
        click.echo(f"Interrupted. {so_far}Every file is either as it was or wholly rewritten.", err=True)
        return INTERRUPTED
    except (BrokenPipeError, SystemExit) as leaving:  # click exits by itself after a completion and for a broken pipe
        if isinstance(leaving, SystemExit) and leaving.code == CLEAN:
            return CLEAN
        return _cut_off()  # the reader has seen enough
    except OSError as error:
        if error.filename is not None:
            return _failed(error)
        click.echo(f"Error: standard output cannot be written: {error.strerror or error}.", err=True)
        return _cut_off()
    except Exception as error:  # noqa: BLE001  a traceback tells a user nothing
        return _failed(error)
    return code if isinstance(code, int) else CLEAN


def _open_all() -> None:
    """Give a program whose standard streams are closed empty ones, so that no file of its own takes their place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  until the end


def _cut_off() -> int:
    """Leave nothing for the interpreter to flush at exit, where it would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ERROR


def _failed(error: Exception) -> int:
    if os.environ.get("MIGRATOR_DEBUG"):
        raise error
    click.echo(
        f"Error: the migrator failed: {type(error).__name__}: {error}. Please report it to those who gave you the "
        "migrator, with the output of migrator --version and the traceback that MIGRATOR_DEBUG=1 shows.",
        err=True,
    )
    return ERROR
