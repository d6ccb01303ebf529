"""The offline check of one file, pure: its Interactions requests, and what is wrong with each."""

from __future__ import annotations

from dataclasses import replace

from migrator.diagnostics import Level
from migrator.dialects import requests
from migrator.dialects.jsontext import PayloadError
from migrator.dialects.requests import Reading
from migrator.fieldmap import FieldMap, load
from migrator.outcome import By, Finding, Kind, Outcome, SiteReport, Status, Unsaid
from migrator.python.evidence.module import UnreadableError
from migrator.settings import Settings
from migrator.source import Lines
from migrator.verification.body import Asked, hidden
from migrator.verification.check import faults

OPERATION = "interactions.create"


def verify(path: str, data: bytes, settings: Settings) -> Outcome:
    """What is wrong with the requests in ``data``. FieldMapError if a field map is wrong."""
    maps = load(settings.field_maps)
    match read(path, data, settings):
        case Outcome() as failure:
            return failure
        case reading:
            return judged(path, data, reading, maps)


def read(path: str, data: bytes, settings: Settings) -> Reading | Outcome:
    """The requests of a file, or the outcome of one that cannot be read."""
    if requests.is_data(path):
        return _read_data(path, data, settings)
    try:
        return requests.in_python(data, load(settings.field_maps))
    except UnreadableError as error:
        return Outcome.failed(path, Finding.of("MG402", str(error), error.line, error.column), data)


def _read_data(path: str, data: bytes, settings: Settings) -> Reading | Outcome:
    """A data file that was only found, and is none of ours where it cannot be read, is passed over."""
    named = path in settings.bodies
    try:
        return requests.in_named_data(path, data) if named else requests.in_data(path, data)
    except UnicodeDecodeError as error:
        why = Finding.of("MG407", f"not UTF-8: {error.reason}")
    except PayloadError as error:
        line, column = Lines.of(data.decode("utf-8-sig")).position(error.offset)
        why = Finding.of("MG407", str(error), line, column)
    return Outcome.failed(path, why, data) if named else Outcome(path, Kind.UNCHANGED, data)


def judged(path: str, data: bytes, reading: Reading, maps: FieldMap) -> Outcome:
    """What is wrong with the requests that were read."""
    reports = [_report(asked, reading, maps) for asked in reading.requests]
    reports += [_unseen(line, column) for line, column in reading.unseen]
    reports.sort(key=lambda report: (report.line, report.column))
    statuses = {report.status for report in reports}
    kind = Kind.WRONG if Status.WRONG in statuses else Kind.RIGHT if reports else Kind.UNCHANGED
    comments = [Finding(said.code, said.level, *at, said.message, said.help()) for at, said in reading.unused()]
    return Outcome(path, kind, data, sites=tuple(reports), findings=tuple(comments))


def _report(asked: Asked, reading: Reading, maps: FieldMap) -> SiteReport:
    line, column = reading.position(asked.origin)
    found: list[Finding] = []
    kept: list[Unsaid] = []
    for fault in faults(asked, maps.models):
        said = Finding(fault.code, fault.level, *reading.position(fault.origin), fault.message, fault.advice)
        if reading.ignores(fault.code, asked.origin, fault.origin):
            kept.append(Unsaid(said, By.COMMENT))
        else:
            found.append(said)
    wrong = any(finding.level is Level.MANUAL for finding in found)
    status = Status.WRONG if wrong else Status.SUPPRESSED if kept else Status.RIGHT
    found.sort(key=lambda finding: (finding.line, finding.column, finding.code, finding.message))
    values = hidden(asked.value)
    report = SiteReport(line, column, OPERATION, asked.dialect, status, tuple(found), hidden=values)
    return replace(report, unsaid=tuple(kept))


def _unseen(line: int, column: int) -> SiteReport:
    return SiteReport(line, column, OPERATION, "python", Status.UNSEEN)
