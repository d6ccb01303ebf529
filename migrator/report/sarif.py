"""A run as SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), with the rewrites as fixes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from migrator import __version__
from migrator.catalogue import CODES, Code
from migrator.diagnostics import Level
from migrator.outcome import Finding, Kind, Outcome
from migrator.report.compared import Compared
from migrator.report.names import relative
from migrator.report.record import Record, fingerprints
from migrator.source import Lines

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Level.MANUAL: "error", Level.REVIEW: "warning", Level.SAFE: "warning"}
_CODES = list(CODES)


def render(record: Record) -> str:
    """Give the log: one run, a result a finding; the first call of a file that waits has the file's rewrite as fix."""
    fixed: set[str] = set()
    results = []
    for outcome, finding, fingerprint in fingerprints(record):
        result = _result(outcome, finding, fingerprint)
        if finding.code == "MG400" and outcome.after is not None and outcome.path not in fixed:
            fixed.add(outcome.path)
            result["fixes"] = [_fix(outcome)]
        results.append(result)
    failures = [outcome for outcome in record.outcomes if outcome.kind is Kind.FAILED]
    run = {
        "tool": {"driver": _driver()},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not failures,
                "toolExecutionNotifications": [_notification(outcome) for outcome in failures],
            }
        ],
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _driver() -> dict[str, object]:
    return {
        "name": "migrator",
        "semanticVersion": __version__,
        "rules": [_rule(code) for code in CODES.values()],
    }


def _rule(code: Code) -> dict[str, object]:
    return {
        "id": code.code,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.explanation},
        "help": {"text": code.advice or code.explanation},
    }


def _result(outcome: Outcome, finding: Finding, fingerprint: str) -> dict[str, object]:
    message = f"{finding.message}. {finding.advice}".rstrip() if finding.advice else finding.message
    region = {"startLine": finding.line, "startColumn": finding.column}
    return {
        "ruleId": finding.code,
        "ruleIndex": _CODES.index(finding.code),
        "level": _LEVELS[finding.level],
        "message": {"text": message},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(outcome), "region": region}}],
        "partialFingerprints": {"migrator/v1": fingerprint},
    }


def _notification(outcome: Outcome) -> dict[str, object]:
    text = "; ".join(finding.message for finding in outcome.findings) or "failed"
    return {
        "level": "error",
        "message": {"text": text},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(outcome)}}],
    }


def _artifact(outcome: Outcome) -> dict[str, object]:
    return {"uri": quote(os.fsencode(relative(outcome.path)))}


def _fix(outcome: Outcome) -> dict[str, object]:
    return {
        "description": {"text": "Rewrite the calls of this file."},
        "artifactChanges": [{"artifactLocation": _artifact(outcome), "replacements": list(_replacements(outcome))}],
    }


def _replacements(outcome: Outcome) -> Iterator[dict[str, object]]:
    """The rewrite as whole lines that take the place of others."""
    assert outcome.after is not None
    old, new = (re.findall(r"[^\n]*\n|[^\n]+", Lines.shown(data).text) for data in (outcome.before, outcome.after))
    for kind, start, end, first, last in Compared(old, new).get_opcodes():
        if kind == "equal":
            continue
        region: dict[str, int] = {"startLine": start + 1, "startColumn": 1}
        region |= {"endLine": end + 1, "endColumn": 1} if end < len(old) else _last(old, start, end)
        replacement: dict[str, object] = {"deletedRegion": region}
        if first < last:
            replacement["insertedContent"] = {"text": "".join(new[first:last])}
        yield replacement


def _last(old: list[str], start: int, end: int) -> dict[str, int]:
    """Where a region ends that goes to the end of the file."""
    if start == end or old[-1].endswith("\n"):
        return {"endLine": end + 1, "endColumn": 1}
    return {"endLine": end, "endColumn": len(old[-1]) + 1}
