"""``verify``: the Interactions requests of files, whoever wrote them, checked offline and, if asked for, live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from migrator.cli import files, inputs, live, options
from migrator.cli.codes import CLEAN, LEFT
from migrator.settings import Mode

if TYPE_CHECKING:
    from migrator.config.policy import Policy
    from migrator.outcome import Summary
    from migrator.report.console import Reporter
    from migrator.settings import Settings


@click.command()
@options.together(inputs.OPTIONS)
@options.sources
@options.together(files.WHAT_IS_SAID)
@options.together(files.HOW_IT_RUNS)
@click.option("--live", "is_live", is_flag=True, help="Also ask the real service, with the key in GEMINI_API_KEY.")
@options.together(live.OPTIONS)
def verify(**arguments: object) -> int:
    """Check the Interactions requests under PATHS; write nothing.

    Finds interactions.create calls of google-genai clients, also in notebooks and code blocks, and request bodies in
    JSON and YAML files. What the source does not show is counted, not guessed.
    """
    return _run(arguments)


def _run(arguments: Mapping[str, Any]) -> int:
    from migrator.config.pyproject import ConfigError
    from migrator.report.console import ReportError

    policy = options.policy(arguments)
    named = frozenset(arguments["paths"])

    def settings_for(path: str) -> Settings:
        return replace(policy.settings_for(path), bodies=named & {path})

    reporter = files.reporter_for(Mode.VERIFY, arguments)
    asking: live.LiveReporter | None = None
    if arguments["is_live"]:
        reporter = asking = live.LiveReporter(reporter, live.terms(arguments), arguments, settings_for)
    try:
        summary = _outcomes(arguments, policy, settings_for, reporter)
    except (ConfigError, ReportError) as error:
        raise click.ClickException(str(error)) from error
    code = max(files.exit_code(Mode.VERIFY, summary), asking.code if asking is not None else CLEAN)
    return CLEAN if code == LEFT and arguments["exit_zero"] else code


def _outcomes(
    arguments: Mapping[str, Any], policy: Policy, settings_for: files.SettingsFor, reporter: Reporter
) -> Summary:
    from migrator.prefilter import DATA
    from migrator.run import Options, run, run_bytes
    from migrator.sift import processors

    jobs = policy.run_value("jobs")
    chosen = Options(Mode.VERIFY, settings_for, jobs if isinstance(jobs, int) else processors())
    if inputs.is_standard_input(arguments):
        name, data = inputs.standard_input(arguments)
        summary, _ = run_bytes(name, data, chosen, reporter.take)
        reporter.close(summary, ())
        return summary
    found = inputs.found(arguments, policy, DATA)
    summary = run(found, chosen, reporter.take)
    reporter.close(summary, found.skipped)
    return summary
