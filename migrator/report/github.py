"""Annotations of GitHub Actions: workflow commands on standard output, and the whole report as the step's summary.

A step shows ten errors and ten warnings (github.com/actions/toolkit/issues/734), so the worst come first and the rest
is said to be in the summary. Commands: docs.github.com/actions/reference/workflows-and-actions/workflow-commands.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from migrator.diagnostics import Level
from migrator.outcome import Finding, Outcome
from migrator.report import markdown
from migrator.report.names import relative
from migrator.report.record import SEVERITY, Record

SHOWN = 10  # annotations of a kind
_KINDS = {Level.MANUAL: "error", Level.REVIEW: "warning", Level.SAFE: "warning"}


def render(record: Record) -> str:
    """Give the annotations; where the step has a summary, it gets the report too."""
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with open(summary, "a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(markdown.render(record))
    findings = sorted(record.all(), key=lambda pair: -SEVERITY.index(pair[1].level))
    lines: list[str] = []
    for kind in ("error", "warning"):
        of_kind = [pair for pair in findings if _KINDS[pair[1].level] == kind]
        lines += [_annotation(kind, outcome, finding) for outcome, finding in of_kind[:SHOWN]]
        if rest := len(of_kind) - SHOWN:
            lines += [_more(kind, rest)] if rest > 0 else []
    return "".join(f"{line}\n" for line in lines)


def _annotation(kind: str, outcome: Outcome, finding: Finding) -> str:
    place = {
        "file": relative(outcome.path),
        "line": str(finding.line),
        "col": str(finding.column),
        "title": f"migrator {finding.code}",
    }
    return _command(kind, place.items(), f"{finding.message}\n{finding.advice}".rstrip())


def _more(kind: str, rest: int) -> str:
    where = "the summary of this step" if os.environ.get("GITHUB_STEP_SUMMARY") else "migrator check"
    return _command("notice", [("title", "migrator")], f"{rest} more of the kind {kind}: see {where}.")


def _command(kind: str, properties: Iterable[tuple[str, str]], message: str) -> str:
    given = ",".join(f"{name}={_property(value)}" for name, value in properties)
    return f"::{kind} {given}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
