"""Which words of a run go where: the diff or the document to standard output, and what is said beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Protocol, TextIO

from migrator.outcome import Outcome, Summary
from migrator.report import text
from migrator.settings import Mode


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
        said = text.findings(outcome)
        if self.mode is Mode.CHECK:
            said = sorted([*said, *text.pending(outcome)], key=lambda finding: (finding.line, finding.column))
        self.said_to.write(text.render(outcome, said, self.style))
        if self.style.detail is text.Detail.VERBOSE and not (outcome.sites or outcome.findings):
            self.said_to.write(text.silent(outcome))

    def close(self, summary: Summary, skipped: Sequence[str], /) -> None:
        """Write the summary and, where all is to be said, the folders that were passed over."""
        if self.style.detail is text.Detail.QUIET:
            return
        if self.style.detail is text.Detail.VERBOSE:
            self.said_to.writelines(f"{folder}: passed over\n" for folder in skipped)
        tense = text.Tense.DONE if self.mode is Mode.APPLY else text.Tense.POSSIBLE
        self.said_to.write(text.summarise(summary, tense))


@dataclass(frozen=True, slots=True)
class JsonReporter:
    """One JSON document at the end, in every mode."""

    outcomes: list[Outcome] = field(default_factory=list)

    def take(self, outcome: Outcome) -> None:
        """Keep what the document needs, without the file's old content."""
        self.outcomes.append(replace(outcome, before=b"", after=outcome.after and b""))

    def close(self, summary: Summary, _skipped: Sequence[str], /) -> None:
        """Write the document."""
        from migrator.report import json

        sys.stdout.write(json.render(summary, self.outcomes))


def for_text(mode: Mode, detail: text.Detail, saying: Saying) -> Reporter:
    """Make the reporter for a person."""
    stream = sys.stderr if saying is Saying.BESIDE else sys.stdout
    return TextReporter(mode, text.Style(detail, palette(stream)), stream)


def for_json() -> Reporter:
    """Make the reporter for a program."""
    return JsonReporter()


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
