"""A run as one JSON document, described by ``docs/output.schema.json``."""

from __future__ import annotations

import json

from migrator.outcome import Finding, Outcome, SiteReport, Summary
from migrator.report.record import Record

VERSION = 1


def render(record: Record) -> str:
    """Give the document: the counts, then each file that names the legacy API or failed."""
    summary = record.summary
    document: dict[str, object] = {
        "version": VERSION,
        "summary": {
            "files": summary.files,
            "changed": summary.changed,
            "sites": summary.sites,
            "migrated": summary.migrated,
            "review": summary.review,
            "refused": summary.refused,
            "suppressed": summary.suppressed,
            "errors": summary.errors,
            **_requests(summary),
        },
        "files": [_file(outcome) for outcome in record.outcomes],
    }
    return json.dumps(document | dict(record.beside), indent=2) + "\n"


def _requests(summary: Summary) -> dict[str, object]:
    """The counts of a verification."""
    found = summary.requests
    if found is None:
        return {}
    counts = {"right": found.right, "wrong": found.wrong, "unseen": found.unseen, "hidden": found.hidden}
    return {"requests": counts}


def _file(outcome: Outcome) -> dict[str, object]:
    return {
        "path": outcome.path,
        "outcome": outcome.kind.value,
        "changed": outcome.after is not None,
        "sites": [_site(site) for site in outcome.sites],
        "diagnostics": [_diagnostic(finding) for finding in outcome.findings],
    }


def _site(site: SiteReport) -> dict[str, object]:
    return {
        **_place(site),
        "operation": site.operation,
        "dialect": site.dialect,
        "status": site.status.value,
        "diagnostics": [_diagnostic(finding) for finding in site.findings],
    }


def _diagnostic(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "level": finding.level.value,
        **_place(finding),
        "message": finding.message,
        "advice": finding.advice,
    }


def _place(it: SiteReport | Finding) -> dict[str, object]:
    """Where something stands; in a notebook, with the number of its cell."""
    place = {"line": it.line, "column": it.column}
    return {**place, "cell": it.cell} if it.cell else dict(place)
