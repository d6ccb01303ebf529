"""What a person reads: a line a diagnostic, with the place shown and the way out, and a summary that is never empty."""

from __future__ import annotations

import re
from enum import Enum

from migrator.diagnostics import Level
from migrator.outcome import Finding, Outcome, Summary
from migrator.records import dataclass
from migrator.report import summary as words
from migrator.report.names import shown
from migrator.source import Lines


class Detail(Enum):
    """How much is said: one line a diagnostic and no summary; the place and the advice too; every file looked into."""

    QUIET = "quiet"
    NORMAL = "normal"
    VERBOSE = "verbose"


class Tense(Enum):
    """Whether the migrated sites are rewritten on disk or only could be."""

    DONE = words.MIGRATED
    POSSIBLE = words.POSSIBLE


class Palette(Enum):
    """Whether the reader is a terminal."""

    PLAIN = "plain"
    COLOUR = "colour"


@dataclass(frozen=True, slots=True)
class Style:
    """How a report is written."""

    detail: Detail = Detail.NORMAL
    palette: Palette = Palette.PLAIN

    def paint(self, text: str, code: str) -> str:
        """Give the text in a terminal's colour, where the reader is one."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.palette is Palette.COLOUR else text


_COLOURS = {Level.SAFE: "32", Level.REVIEW: "33", Level.MANUAL: "31"}
# What is said of a whole file, of which no line is worth showing.
_OF_FILES = frozenset({"MG401", "MG403", "MG404", "MG405", "MG406", "MG408"})

_LONGEST = 240  # characters of a line that are shown
_UNSEEN = "\N{REPLACEMENT CHARACTER}"

_NAME = re.compile(r"""\w*"[^"]+"|\w*'[^']+'|[\w.]+""")


def render(outcome: Outcome, said: list[Finding], style: Style) -> str:
    """Give the diagnostics of one file as text; empty where there is nothing to say."""
    lines = Lines.shown(outcome.before) if said and style.detail is not Detail.QUIET else None
    return "".join(_diagnostic(outcome.path, finding, lines, style) for finding in said)


def _diagnostic(path: str, finding: Finding, lines: Lines | None, style: Style) -> str:
    cell = f" (cell {finding.cell})" if finding.cell else ""
    place = style.paint(f"{shown(path)}:{finding.line}:{finding.column}", "1") + cell
    level = style.paint(f"[{finding.level.value}]", _COLOURS[finding.level])
    head = f"{place} {style.paint(finding.code, '1;31')} {level} {finding.message}\n"
    if lines is None:
        return head
    advice = f"{style.paint('  = help:', '36')} {finding.advice}\n" if finding.advice else ""
    return f"{head}{_excerpt(finding, lines, style)}{advice}\n"


def _excerpt(finding: Finding, lines: Lines, style: Style) -> str:
    """Show the line with what the diagnostic is about underlined."""
    line = lines.line(finding.line)
    if not line.strip() or finding.code in _OF_FILES:
        return ""
    number = str(finding.line)
    bar = style.paint("|", "36")
    margin = " " * len(number)
    line, start = _near(line, min(finding.column - 1, len(line)))
    line = "".join(char if char.isprintable() or char == "\t" else _UNSEEN for char in line)  # nothing moves a cursor
    name = _NAME.match(line, start)
    indent = "".join("\t" if char == "\t" else " " * _width(char) for char in line[:start])
    caret = style.paint("^" * sum(map(_width, name[0] if name else " ")), _COLOURS[finding.level])
    return f"{margin} {bar}\n{style.paint(number, '36')} {bar} {line}\n{margin} {bar} {indent}{caret}\n"


def _near(line: str, start: int) -> tuple[str, int]:
    """What is shown of a line, and where ``start`` is in it: a notebook may be one line, with its pictures."""
    if len(line) <= _LONGEST:
        return line, start
    first = max(0, min(start - _LONGEST // 3, len(line) - _LONGEST))
    before, after = "…" if first else "", "…" if first + _LONGEST < len(line) else ""
    return f"{before}{line[first : first + _LONGEST]}{after}", start - first + len(before)


def _width(char: str) -> int:
    """Count the terminal's cells that a character takes."""
    if char.isascii():
        return 1
    import unicodedata

    return 0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "FW")


def silent(outcome: Outcome) -> str:
    """Say why a file that names the API holds nothing to migrate."""
    if outcome.note:
        return f"{shown(outcome.path)}: {outcome.note}\n"
    return (
        f"{shown(outcome.path)}: names generate_content, but calls it on no google-genai client that the file shows\n"
    )


def unasked(outcome: Outcome) -> str:
    """Say that a file that may hold a request holds none, or was passed over."""
    if outcome.note:
        return f"{shown(outcome.path)}: {outcome.note}\n"
    return f"{shown(outcome.path)}: holds no Interactions request of a google-genai client\n"


def summarise(summary: Summary, tense: Tense) -> str:
    """Give the closing lines: what was looked at and what became of it, and why where that is nothing."""
    if (found := summary.requests) is not None:
        checked = (found.right, found.wrong, found.unseen)
        return words.verified(summary.files, summary.calling, checked, found.hidden, summary.errors, summary.suppressed)
    statuses = (summary.migrated, summary.review, summary.refused)
    counts = words.counts(summary.files, summary.calling, statuses, summary.errors, tense.value, summary.suppressed)
    if summary.review:
        return f"{counts}With --review, those that need review are rewritten too.\n"
    if summary.sites or summary.errors:
        return counts
    return counts + words.nothing(summary.files, summary.mentioning)
