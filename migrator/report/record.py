"""A whole run as one record, which every format of a report is a function of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from migrator.diagnostics import Level
from migrator.outcome import Finding, Outcome, Summary, said, said_by_check
from migrator.records import dataclass
from migrator.report.names import relative
from migrator.settings import Mode
from migrator.source import Lines

SEVERITY = list(Level)  # the worst last


@dataclass(frozen=True, slots=True)
class Record:
    """What a run did: its counts, its outcomes in order, and the folders that were passed over."""

    mode: Mode
    summary: Summary
    outcomes: tuple[Outcome, ...]
    skipped: tuple[str, ...] = ()
    beside: Mapping[str, object] = field(default_factory=dict)  # further parts, for formats that have a place for them

    def findings(self, outcome: Outcome) -> list[Finding]:
        """Everything that is to be said about a file, in its order; without apply, the calls that wait too."""
        return said(outcome) if self.mode is Mode.APPLY else said_by_check(outcome)

    def all(self) -> Iterator[tuple[Outcome, Finding]]:
        """Every finding of the run with its file, in order."""
        for outcome in self.outcomes:
            for finding in self.findings(outcome):
                yield outcome, finding


def fingerprints(record: Record) -> Iterator[tuple[Outcome, Finding, str]]:
    """Every finding with a name that stays when lines above it come and go: what is said of which code."""
    import hashlib  # late: most runs end without a fingerprint

    for outcome in record.outcomes:
        lines = Lines.shown(outcome.before)
        seen: dict[str, int] = {}
        for finding in record.findings(outcome):
            about = f"{relative(outcome.path)}\0{finding.code}\0{lines.line(finding.line).strip()}"
            seen[about] = seen.get(about, 0) + 1
            yield (
                outcome,
                finding,
                hashlib.sha256(f"{about}\0{seen[about]}".encode(errors="surrogatepass")).hexdigest()[:32],
            )
