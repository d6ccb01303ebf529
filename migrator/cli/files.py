"""``apply``, ``diff`` and ``check``: the same run over files, with what is found done, shown or named.

A run goes one way: `options` makes a policy of the command line and the settings; `inputs` finds the files; `run` gives
their outcomes one by one, each through the stages of the run; the reporter takes them; the summary makes the exit code.
What is new has one place: an option in the group that it belongs to, a key in `config.keys`, a stage, or a reporter.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from migrator.cli import baselines, inputs, live, options, writing
from migrator.cli.codes import CLEAN, ERROR, LEFT
from migrator.report.formats import FORMATS
from migrator.settings import Mode

if TYPE_CHECKING:
    from migrator.cache import Cache
    from migrator.config.policy import Policy
    from migrator.outcome import Summary
    from migrator.report.console import Reporter
    from migrator.report.text import Detail
    from migrator.run import Options, Stage
    from migrator.settings import Settings


def _output(given: str) -> tuple[str, str]:
    """Tell the format and the file of one ``--output``; click.BadParameter where it names none."""
    name, equals, path = given.partition("=")
    if not (equals and path and name in FORMATS):
        raise click.BadParameter(f"{given!r} is not FORMAT=FILE with one of the formats {', '.join(FORMATS)}.")
    if not os.path.isdir(os.path.dirname(os.path.realpath(path))):
        raise click.BadParameter(f"the folder of {path} does not exist.")
    return name, path


def _listed(given: tuple[str, ...]) -> tuple[str, ...]:
    """Tell the codes apart that are separated by commas."""
    return tuple(code.strip() for each in given for code in each.split(",") if code.strip())


SettingsFor = Callable[[str], "Settings"]

WHAT_IS_SAID = (
    click.option(
        "--select",
        multiple=True,
        metavar="CODE",
        callback=lambda _context, _parameter, given: _listed(given),
        help="Report only codes that begin so, such as MG1; separated by commas or given several times.",
    ),
    click.option(
        "--ignore",
        multiple=True,
        metavar="CODE",
        callback=lambda _context, _parameter, given: _listed(given),
        help="Do not report codes that begin so, nor fail for them; calls are left as they would be.",
    ),
    click.option(
        "--output-format",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="How to report on standard output.",
    ),
    click.option(
        "--output",
        "outputs",
        multiple=True,
        metavar="FORMAT=FILE",
        callback=lambda _context, _parameter, given: tuple(map(_output, given)),
        help="Write a report to a file too; may be given several times.",
    ),
    click.option("--exit-zero", is_flag=True, help="Exit with 0 where the code would be 1; errors still exit with 2."),
    click.option("-q", "--quiet", is_flag=True, help="One line a diagnostic and no summary."),
    click.option("-v", "--verbose", is_flag=True, help="Also name the files and folders that were passed over."),
)

_MARK = click.option(
    "--mark/--no-mark",
    default=None,
    help="Leave a comment, TODO(migrator), at each call that is not rewritten.  [default: no]",
)

_REMEMBERS = (
    click.option("--cache/--no-cache", default=None, help="Remember what became of files.  [default: yes]"),
    click.option(
        "--cache-dir",
        metavar="DIR",
        type=click.Path(file_okay=False),
        help="Where it is remembered.  [default: a folder of the user]",
    ),
)

HOW_IT_RUNS = (
    click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes; by default one a processor."),
)


def _shared(command: options.Command) -> options.Command:
    groups = (
        options.decisions,
        options.together(inputs.OPTIONS),
        options.together(WHAT_IS_SAID),
        options.together(_REMEMBERS),
        options.together(HOW_IT_RUNS),
    )
    return options.together(groups)(command)


@click.command()
@_shared
@_MARK
@options.together(writing.OPTIONS)
@options.together(live.OPTIONS)
@click.option("--verify-live", is_flag=True, help="Then ask the real service whether it takes the new requests.")
def apply(**arguments: object) -> int:
    """Rewrite the files under PATHS in place.

    PATHS are files and folders, by default the current folder. For -, what standard input holds is rewritten to
    standard output.
    """
    return _run(Mode.APPLY, arguments)


@click.command()
@_shared
@_MARK
def diff(**arguments: object) -> int:
    """Show as a diff what apply would change; write nothing.

    PATHS are files and folders, by default the current folder; - is standard input.
    """
    return _run(Mode.DIFF, arguments)


@click.command()
@_shared
@options.together(baselines.OPTIONS)
def check(**arguments: object) -> int:
    """Name the calls that are left and what keeps them; write nothing.

    PATHS are files and folders, by default the current folder; - is standard input.
    """
    return _run(Mode.CHECK, arguments)


def _run(mode: Mode, arguments: Mapping[str, Any]) -> int:
    from migrator.config.pyproject import ConfigError
    from migrator.report.console import ReportError

    reporter = reporter_for(mode, arguments)
    policy = options.policy(arguments)
    asking: live.LiveReporter | None = None
    if arguments.get("verify_live"):
        reporter = asking = live.LiveReporter(reporter, live.terms(arguments), arguments, policy.settings_for)
    try:
        with baselines.stages(mode, arguments, policy) as first, writing.stages(mode, arguments, policy) as last:
            summary = _outcomes(arguments, _chosen(mode, policy, (*first, *last)), policy, reporter)
    except (ConfigError, ReportError) as error:
        raise click.ClickException(str(error)) from error
    code = max(exit_code(mode, summary), asking.code if asking is not None else CLEAN)
    return CLEAN if code == LEFT and arguments["exit_zero"] else code


def _outcomes(arguments: Mapping[str, Any], chosen: Options, policy: Policy, reporter: Reporter) -> Summary:
    """Report the outcomes of the whole run and count them."""
    from migrator.run import run, run_bytes

    if inputs.is_standard_input(arguments):
        name, data = inputs.standard_input(arguments)
        summary, result = run_bytes(name, data, chosen, reporter.take)
        if chosen.mode is Mode.APPLY:
            inputs.give_back(result)
        reporter.close(summary, ())
        return summary
    found = inputs.found(arguments, policy)
    if sys.stderr.isatty() and not arguments["quiet"] and not arguments.get("interactive"):
        from migrator.report.progress import ProgressReporter

        reporter = watched = ProgressReporter(reporter)
        chosen = replace(chosen, begun=watched.begin)
    summary = run(found, chosen, reporter.take)
    reporter.close(summary, found.skipped)
    return summary


def _chosen(mode: Mode, policy: Policy, stages: tuple[Stage, ...]) -> Options:
    from migrator.run import Options
    from migrator.sift import processors

    jobs = policy.run_value("jobs")
    processes = jobs if isinstance(jobs, int) else processors()
    return Options(mode, policy.settings_for, processes, stages, _cache(policy))


def _cache(policy: Policy) -> Cache | None:
    from migrator.cache import Cache, default_directory

    if policy.run_value("cache") is False:
        return None
    return Cache(str(policy.run_value("cache-dir") or default_directory()))


def reporter_for(mode: Mode, arguments: Mapping[str, Any]) -> Reporter:
    """Make the reporter that the options ask for."""
    from migrator.report import console

    outputs = arguments["outputs"]
    if arguments["output_format"] != "text":
        if mode is Mode.APPLY and inputs.is_standard_input(arguments):
            raise click.UsageError("apply - writes its result to standard output: use --output FORMAT=FILE.")
        return console.for_programs(mode, [(arguments["output_format"], console.STANDARD), *outputs])
    to_stderr = mode is Mode.DIFF or (mode is Mode.APPLY and inputs.is_standard_input(arguments))
    saying = console.Saying.BESIDE if to_stderr else console.Saying.PLAINLY
    said = console.for_text(mode, _detail(arguments), saying)
    return console.Reporters((said, console.for_programs(mode, outputs))) if outputs else said


def _detail(arguments: Mapping[str, Any]) -> Detail:
    from migrator.report.text import Detail

    if arguments["quiet"] and arguments["verbose"]:
        raise click.UsageError("-q and -v exclude each other.")
    return Detail.QUIET if arguments["quiet"] else Detail.VERBOSE if arguments["verbose"] else Detail.NORMAL


def exit_code(mode: Mode, summary: Summary) -> int:
    """Give the exit code of a run."""
    if summary.errors:
        return ERROR
    if summary.requests is not None:
        return LEFT if summary.requests.wrong or summary.leftover else CLEAN
    # A diff that shows something is no clean one, be it only a mark that goes; what a check names is counted.
    possible = {Mode.DIFF: summary.changed, Mode.CHECK: summary.migrated}.get(mode, 0)
    return LEFT if possible or summary.review or summary.refused or summary.leftover else CLEAN
