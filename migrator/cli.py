"""The command line: arguments in, exit code out, no decisions in between.

Only click is imported here; each command imports what it needs when it runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from migrator import __version__
from migrator.diagnostics import Level
from migrator.settings import Mode, Models, Settings, State, Vertex

if TYPE_CHECKING:
    from migrator.outcome import Summary
    from migrator.report.text import Detail

CLEAN, LEFT, ERROR = 0, 1, 2

_Command = TypeVar("_Command", bound=Callable[..., Any])


def run_command_line(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit code: 0 nothing left, 1 something to do or refused, 2 an error."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")  # for what the terminal cannot show
    try:
        code = commands.main(list(arguments), prog_name="migrator", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return ERROR
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted; every file is either as it was or wholly rewritten.", err=True)
        return 130
    except BrokenPipeError:
        # The reader has seen enough; leave nothing for the interpreter to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ERROR
    except Exception as error:  # a traceback tells a user nothing
        if os.environ.get("MIGRATOR_DEBUG"):
            raise
        click.echo(f"Error: the migrator failed: {type(error).__name__}: {error}. Please report it.", err=True)
        return ERROR
    return code if isinstance(code, int) else CLEAN


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def commands() -> None:
    """Rewrite google-genai generate_content calls into Interactions API calls.

    What is rewritten means the same; what cannot be rewritten stays as it is and is named, with the reason and what
    to do.

    Exit codes: 0 nothing left, 1 something to do or refused, 2 an error.
    """


def _choices(*names: str) -> click.Choice[str]:
    return click.Choice(names)


def _shared(command: _Command) -> _Command:
    """Give a command the options that all of them take."""
    options = (
        click.argument("paths", nargs=-1, type=click.Path()),
        click.option("--review", is_flag=True, help="Also apply rewrites that rest on a named assumption."),
        click.option(
            "--state",
            type=_choices("stateless", "stateful"),
            default="stateless",
            show_default=True,
            help="Whether a migrated call leaves its interaction on the server; stateless adds store=False.",
        ),
        click.option(
            "--vertex",
            type=_choices("refuse", "review", "allow"),
            default="review",
            show_default=True,
            help="What happens to calls of Vertex AI and Enterprise clients.",
        ),
        click.option(
            "--upgrade-models", is_flag=True, help="Replace models that are no longer served (counts as review)."
        ),
        click.option(
            "--field-map",
            "field_maps",
            multiple=True,
            metavar="FILE",
            type=click.Path(exists=True, dir_okay=False, resolve_path=True),
            help="Take rows from this field map too; may be given several times.",
        ),
        click.option(
            "--output-format", type=_choices("text", "json"), default="text", show_default=True, help="Report as."
        ),
        click.option(
            "--exit-zero", is_flag=True, help="Exit with 0 where the code would be 1; errors still exit with 2."
        ),
        click.option("-q", "--quiet", is_flag=True, help="One line a diagnostic and no summary."),
        click.option("-v", "--verbose", is_flag=True, help="Also name the files and folders that were passed over."),
        click.option(
            "--jobs",
            type=click.IntRange(1),
            default=None,
            metavar="N",
            help="Processes; as many as processors by default.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@commands.command()
@_shared
def apply(**arguments: object) -> int:
    """Rewrite the files under PATHS in place."""
    return _run(Mode.APPLY, arguments)


@commands.command()
@_shared
def diff(**arguments: object) -> int:
    """Show as a diff what apply would change; write nothing."""
    return _run(Mode.DIFF, arguments)


@commands.command()
@_shared
def check(**arguments: object) -> int:
    """Name the calls that are left, with what keeps them; write nothing."""
    return _run(Mode.CHECK, arguments)


def _run(mode: Mode, arguments: dict[str, Any]) -> int:
    from migrator.find import find
    from migrator.report import console
    from migrator.run import Options, run

    settings = _settings(arguments)
    as_json = arguments["output_format"] == "json"
    reporter = console.for_json() if as_json else console.for_text(mode, _detail(arguments))
    found = find(arguments["paths"] or (".",))
    summary = run(found, Options(mode, settings, arguments["jobs"] or _processors()), reporter.take)
    reporter.close(summary, found.skipped)
    code = _exit_code(mode, summary)
    return CLEAN if code == LEFT and arguments["exit_zero"] else code


def _settings(arguments: dict[str, Any]) -> Settings:
    return Settings(
        accept=Level.REVIEW if arguments["review"] else Level.SAFE,
        state=State(arguments["state"]),
        vertex=Vertex(arguments["vertex"]),
        models=Models.UPGRADE if arguments["upgrade_models"] else Models.KEEP,
        field_maps=tuple(arguments["field_maps"]),
    )


def _detail(arguments: dict[str, Any]) -> Detail:
    from migrator.report.text import Detail

    if arguments["quiet"] and arguments["verbose"]:
        raise click.UsageError("-q and -v exclude each other.")
    return Detail.QUIET if arguments["quiet"] else Detail.VERBOSE if arguments["verbose"] else Detail.NORMAL


def _exit_code(mode: Mode, summary: Summary) -> int:
    """0 nothing left, 1 something to do or refused, 2 an error."""
    if summary.errors:
        return ERROR
    todo = summary.migrated if mode is not Mode.APPLY else 0
    return LEFT if todo or summary.review or summary.refused or summary.leftover else CLEAN


def _processors() -> int:
    """Count the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
