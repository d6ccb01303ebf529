"""Which words of a run go where: the diff or the document to standard output, and what is said beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import field, replace
from enum import Enum
from typing import Protocol, TextIO

from migrator.outcome import Outcome, Summary, said, said_by_check
from migrator.records import dataclass
from migrator.report import text
from migrator.settings import Mode
from migrator.source import create

STANDARD = "-"  # output, by the name that commands have for it


class ReportError(Exception):
    """A report that cannot be written; the text says which and why."""


class Saying(Enum):
    """Whether what is said goes to standard output, or beside something else that goes there."""

    PLAINLY = "plainly"
    BESIDE = "beside"


class Reporter(Protocol):
    """Takes the outcomes of a run in order, then its summary."""

    def take(self, outcome: Outcome) -> None:
        """Report one file."""

    def close(self, summary: Summary, skipped: Sequence[str], /) -> None:
        """Report the run."""


@dataclass(frozen=True, slots=True)
class TextReporter:
    """Diagnostics and a summary as text, each file as soon as it is done; for a diff, on standard error."""

    mode: Mode
    style: text.Style
    said_to: TextIO

    def take(self, outcome: Outcome) -> None:
        """Write the file's diff, where one was asked for, and what is said about the file."""
        if self.mode is Mode.DIFF and outcome.after is not None:
            _write_diff(outcome)
        findings = said_by_check(outcome) if self.mode is Mode.CHECK else said(outcome)
        self.said_to.write(text.render(outcome, findings, self.style))
        if self.style.detail is text.Detail.VERBOSE and not (outcome.sites or outcome.findings):
            self.said_to.write(text.unasked(outcome) if self.mode is Mode.VERIFY else text.silent(outcome))

    def close(self, summary: Summary, skipped: Sequence[str], /) -> None:
        """Write the summary and, where all is to be said, the folders that were passed over."""
        if self.style.detail is text.Detail.QUIET:
            return
        if self.style.detail is text.Detail.VERBOSE:
            self.said_to.writelines(f"{folder}: passed over\n" for folder in skipped)
        tense = text.Tense.DONE if self.mode is Mode.APPLY else text.Tense.POSSIBLE
        self.said_to.write(text.summarise(summary, tense))


@dataclass(frozen=True, slots=True)
class RecordReporter:
    """Reports of the whole run at its end: the ``formats``, each with the file that it is written to."""

    mode: Mode
    formats: tuple[tuple[str, str], ...]
    outcomes: list[Outcome] = field(default_factory=list)
    beside: dict[str, object] = field(default_factory=dict)  # further parts of the document

    def take(self, outcome: Outcome) -> None:
        """Keep the outcome; only a format for programs says nothing of a file's old and new content."""
        needed = any(name != "json" for name, _ in self.formats)
        self.outcomes.append(outcome if needed else replace(outcome, before=b"", after=outcome.after and b""))

    def close(self, summary: Summary, skipped: Sequence[str], /) -> None:
        """Write the reports; raise ReportError where one cannot be written."""
        from migrator.report.formats import render
        from migrator.report.record import Record

        record = Record(self.mode, summary, tuple(self.outcomes), tuple(skipped), self.beside)
        for name, path in self.formats:
            text = render(name, record)
            if path == STANDARD:
                sys.stdout.write(text)
            else:
                try:
                    create(path, text.encode("utf-8", "backslashreplace"))
                except OSError as error:
                    raise ReportError(f"{path} cannot be written: {error.strerror or error}") from error


@dataclass(frozen=True, slots=True)
class Reporters:
    """Several reporters of one run."""

    each: tuple[Reporter, ...]

    def take(self, outcome: Outcome) -> None:
        """Report one file in every way."""
        for reporter in self.each:
            reporter.take(outcome)

    def close(self, summary: Summary, skipped: Sequence[str], /) -> None:
        """Report the run in every way."""
        for reporter in self.each:
            reporter.close(summary, skipped)


def for_text(mode: Mode, detail: text.Detail, saying: Saying) -> Reporter:
    """Make the reporter for a person."""
    stream = sys.stderr if saying is Saying.BESIDE else sys.stdout
    return TextReporter(mode, text.Style(detail, palette(stream)), stream)


def for_programs(mode: Mode, formats: Sequence[tuple[str, str]]) -> Reporter:
    """Make the reporter that writes formats to files, or to standard output where the file is ``-``."""
    return RecordReporter(mode, tuple(formats))


def palette(stream: TextIO) -> text.Palette:
    """Say whether a stream gets colour: it is for terminals, unless https://no-color.org says no."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty():
        return text.Palette.PLAIN
    return text.Palette.COLOUR


def _write_diff(outcome: Outcome) -> None:
    """Write bytes, so that the diff can be applied whatever the file's encoding and newlines are."""
    from migrator.report import diff

    patch = diff.unified(outcome)
    if palette(sys.stdout) is text.Palette.COLOUR:
        patch = diff.coloured(patch)
    sys.stdout.flush()
    sys.stdout.buffer.write(patch)
    sys.stdout.buffer.flush()
