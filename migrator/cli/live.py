"""The live check behind a run: its options, and the reporter that asks the service before it reports."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

import click

from migrator.cli.codes import CLEAN, ERROR, LEFT
from migrator.records import dataclass

if TYPE_CHECKING:
    from migrator.outcome import Outcome, Summary
    from migrator.report.console import Reporter
    from migrator.settings import Settings
    from migrator.verification.live import Checked, Terms
    from migrator.verification.placeholders import Content

KEY = "GEMINI_API_KEY"

OPTIONS = (
    click.option("--yes", is_flag=True, help="Send what the live check's estimate says; without it, nothing is sent."),
    click.option(
        "--max-calls",
        type=click.IntRange(1, 1000),
        default=10,
        show_default=True,
        metavar="N",
        help="The most calls that a live check makes.",
    ),
    click.option(
        "--send-content",
        is_flag=True,
        help="Send prompts, media, schemas and names as they are instead of placeholders.",
    ),
    click.option("--base-url", metavar="URL", help="The endpoint of the live check.  [default: Google's]"),
    click.option("--api-version", default="v1", show_default=True, help="The version of the API that is asked."),
    click.option(
        "--timeout", type=click.FloatRange(0.1, 600), default=30.0, show_default=True, help="Seconds for one answer."
    ),
    click.option(
        "--pause", type=click.FloatRange(0, 60), default=1.0, show_default=True, help="Seconds between two calls."
    ),
)


def terms(arguments: Mapping[str, Any]) -> Terms:
    """Make the terms of a live check; what cannot be used is a click.ClickException."""
    from migrator.verification.live import BASE_URL, LiveError, Terms

    key = os.environ.get(KEY, "").strip()
    if not key:
        raise click.ClickException(f"a live check needs an API key in the environment variable {KEY}.")
    made = Terms(
        key,
        arguments["base_url"] or BASE_URL,
        arguments["api_version"],
        arguments["max_calls"],
        arguments["timeout"],
        arguments["pause"],
    )
    try:
        _ = made.url
    except LiveError as error:
        raise click.ClickException(f"{error}.") from error
    return made


@dataclass(slots=True)
class LiveReporter:
    """Keeps the outcomes of a run until its end, asks the service, and hands all on with what was answered."""

    inner: Reporter
    terms: Terms
    arguments: Mapping[str, Any]
    settings_for: Callable[[str], Settings]
    code: int = CLEAN
    outcomes: list[Outcome] = field(default_factory=list)

    def take(self, outcome: Outcome) -> None:
        """Keep the outcome of one file."""
        self.outcomes.append(outcome)

    def close(self, summary: Summary, skipped: Sequence[str], /) -> None:
        """Ask, and report the run."""
        result = self._checked(summary)
        if result is None:
            for outcome in self.outcomes:
                self.inner.take(outcome)
            self.inner.close(summary, skipped)
            return
        self.code = ERROR if result.is_stopped else CLEAN if result.is_clean else LEFT
        self._report(result, summary, skipped)

    def _report(self, result: Checked, summary: Summary, skipped: Sequence[str]) -> None:
        """Report what was answered at the places of the source, and beside the run as a whole."""
        from migrator.livecheck import with_answers
        from migrator.outcome import Requests
        from migrator.report import live
        from migrator.report.console import RecordReporter, TextReporter

        counted = Requests()
        for outcome in self.outcomes:
            said = with_answers(outcome, result)
            counted = counted.add(said)
            self.inner.take(said)
        reporters = list(_single(self.inner))
        for reporter in reporters:
            if isinstance(reporter, RecordReporter):
                reporter.beside["live"] = live.document(result)
        self.inner.close(summary if summary.requests is None else replace(summary, requests=counted), skipped)
        if any(isinstance(reporter, TextReporter) for reporter in reporters):
            sys.stdout.write(live.text(result))

    def _checked(self, summary: Summary) -> Checked | None:
        """What the service answered; None where nothing was sent, and that was said."""
        from migrator import livecheck
        from migrator.outcome import Kind
        from migrator.verification.live import estimate

        subjects = [subject for outcome in self.outcomes for subject in self._subjects(outcome)]
        if summary.errors or any(subject.kind is not Kind.RIGHT for subject in subjects):
            click.echo("Live check: nothing was sent; mend what the offline check says first.", err=True)
            self.code = ERROR if summary.errors else LEFT
            return None
        probes, passed = livecheck.gathered(subjects, self.settings_for, self._content())
        if probes:
            click.echo(estimate(probes, self.terms), err=True)
        if probes and not self.arguments["yes"]:
            click.echo("Nothing was sent: add --yes to send it.", err=True)
            self.code = ERROR
            return None
        return livecheck.checked(probes, passed, self.terms)

    def _subjects(self, outcome: Outcome) -> list[Outcome]:
        """The verified file: itself after a verification, its new content after a migration."""
        from migrator.outcome import Kind
        from migrator.verify import verify

        if outcome.kind in (Kind.RIGHT, Kind.WRONG):
            return [outcome]
        if outcome.after is None:
            return []
        found = verify(outcome.path, outcome.after, self.settings_for(outcome.path))
        return [found] if found.sites else []

    def _content(self) -> Content:
        from migrator.verification.placeholders import Content

        return Content.SENT if self.arguments["send_content"] else Content.REPLACED


def _single(reporter: Reporter) -> Iterator[Reporter]:
    """The reporters that a reporter stands for."""
    from migrator.report.console import Reporters

    if isinstance(reporter, Reporters):
        for each in reporter.each:
            yield from _single(each)
    else:
        yield reporter
