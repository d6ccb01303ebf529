"""What the page says at the lines of a file: each call with what became of it, and each finding."""

from __future__ import annotations

from collections.abc import Iterable

from migrator.diagnostics import Level
from migrator.outcome import Finding, Kind, Outcome, SiteReport, Status, pending, said
from migrator.records import dataclass
from migrator.report.record import Record
from migrator.settings import Mode

ABOUT_FILE = "file"  # in the place of a call's status, where a finding belongs to no call
FAILED = "error"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing said at one line, and what it can be found by; ``call`` is the operation where it stands for a call."""

    line: int
    column: int
    cell: int
    statuses: tuple[str, ...]
    level: str
    codes: tuple[str, ...]
    message: str = ""
    advice: str = ""
    call: str = ""
    elsewhere: tuple[tuple[str, int], ...] = ()  # code and line of what keeps the call, where that is another line


def of(record: Record, outcome: Outcome) -> list[Note]:
    """Everything that is said about a file, in its order; at one line the call comes first."""
    calls = [_call(site, record.mode) for site in outcome.sites]
    statuses: dict[Finding, dict[str, None]] = {}
    for site in outcome.sites:
        for finding in site.findings:
            statuses.setdefault(finding, {})[site.status.value] = None
    unowned = FAILED if outcome.kind is Kind.FAILED else ABOUT_FILE
    findings = [_finding(it, tuple(statuses.get(it, {unowned: None}))) for it in said(outcome)]
    return sorted([*calls, *findings], key=lambda note: note.line)


def _finding(it: Finding, statuses: tuple[str, ...]) -> Note:
    return Note(it.line, it.column, it.cell, statuses, it.level.value, (it.code,), it.message, it.advice)


def _call(site: SiteReport, mode: Mode) -> Note:
    waiting = None if mode is Mode.APPLY else pending(site)
    codes = [*([waiting.code] if waiting else []), *(it.code for it in site.findings), *_unsaid(site)]
    worst = _worst(site)
    keeping = (it for it in site.findings if it.level is worst and it.line != site.line)
    elsewhere = tuple(dict.fromkeys((it.code, it.line) for it in keeping))
    kept = "; ".join(f"{it.finding.code}, by {it.by.value}: {it.finding.message}" for it in site.unsaid)
    return Note(
        site.line,
        site.column,
        site.cell,
        (site.status.value,),
        worst.value,
        tuple(dict.fromkeys(codes)),
        kept,
        "",
        site.operation,
        () if site.status is Status.MIGRATED else elsewhere,
    )


def _unsaid(site: SiteReport) -> Iterable[str]:
    return (it.finding.code for it in site.unsaid)


def _worst(site: SiteReport) -> Level:
    findings = [*site.findings, *(it.finding for it in site.unsaid)]
    return max((it.level for it in findings), key=list(Level).index, default=Level.SAFE)
