"""GitLab's code quality report: docs.gitlab.com/ci/testing/code_quality, "Code Quality report format"."""

from __future__ import annotations

import json

from migrator.diagnostics import Level
from migrator.report.names import relative, shown
from migrator.report.record import Record, fingerprints

_SEVERITIES = {Level.MANUAL: "major", Level.REVIEW: "minor", Level.SAFE: "info"}


def render(record: Record) -> str:
    """Give the report: one entry a finding, with a fingerprint that does not depend on the line's number."""
    entries = [
        {
            "description": f"{finding.message}. {finding.advice}".rstrip(),
            "check_name": finding.code,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[finding.level],
            "location": {"path": shown(relative(outcome.path)), "lines": {"begin": finding.line}},
        }
        for outcome, finding, fingerprint in fingerprints(record)
    ]
    return json.dumps(entries, indent=2) + "\n"
