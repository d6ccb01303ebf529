"""A stand-in for migrator.migrate: what becomes of a line is written on the line itself."""

import os

from migrator.diagnostics import Level
from migrator.outcome import Finding, Kind, Outcome, SiteReport, Status

CALL = b"models.generate_content("


def migrate(path, data, settings):
    if b"# crash" in data:
        raise RuntimeError("boom")
    if b"# kill" in data:
        os._exit(3)
    lines = data.splitlines(keepends=True)
    sites = tuple(site(line, number, settings) for number, line in enumerate(lines, 1) if CALL in line)
    statuses = {it.status for it in sites}
    after = b"".join(
        line.replace(CALL, b"interactions.create(") if migrates(line, settings) else line for line in lines
    )
    kind = {frozenset(): Kind.UNCHANGED, frozenset({Status.MIGRATED}): Kind.MIGRATED}.get(
        frozenset(statuses), Kind.PARTIAL if Status.MIGRATED in statuses else Kind.REFUSED
    )
    return Outcome(path, kind, data, after if after != data else None, sites)


def migrates(line, settings):
    return CALL in line and b"# refuse" not in line and (b"# review" not in line or settings.accept is Level.REVIEW)


def site(line, number, settings):
    column = len(line[: line.index(CALL)].decode("latin-1").rpartition("client.")[0]) + 1
    findings = ()
    if b"# refuse" in line:
        findings = (
            Finding("MG101", Level.MANUAL, number, column, "candidate_count=2 has no counterpart", "Ask twice."),
        )
    if b"# review" in line:
        findings = (Finding("MG107", Level.REVIEW, number, column, "text is assumed to be a string", "Annotate it."),)
    status = Status.REFUSED if b"# refuse" in line else Status.REVIEW
    status = Status.MIGRATED if migrates(line, settings) else status
    return SiteReport(number, column, "generate_content", "google_genai", status, findings)
