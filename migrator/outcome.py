"""What became of one file: frozen records that travel between processes and into every report."""

from __future__ import annotations

from dataclasses import KW_ONLY, replace
from enum import Enum

from migrator.catalogue import CODES
from migrator.changes import Change
from migrator.diagnostics import Level
from migrator.records import dataclass


class Kind(Enum):
    """How a file ended."""

    MIGRATED = "migrated"  # every site was rewritten
    PARTIAL = "partial"  # some sites were rewritten, some were not
    UNCHANGED = "unchanged"  # nothing to do
    REFUSED = "refused"  # there are sites, and none was rewritten
    RIGHT = "right"  # verified: nothing is wrong with the requests
    WRONG = "wrong"  # verified: something is
    FAILED = "failed"  # the file could not be read, parsed, verified or written


class Status(Enum):
    """What became of one call site."""

    MIGRATED = "migrated"
    REVIEW = "review"  # could be rewritten with --review, and was not
    REFUSED = "refused"
    SUPPRESSED = "suppressed"  # left, or not to be spoken of, because a person said so
    RIGHT = "right"  # a request that would be taken, as far as it shows itself
    WRONG = "wrong"
    UNSEEN = "unseen"  # a call that may be a request: its client is not visible


class By(Enum):
    """Who said that something need not be said."""

    COMMENT = "comment"
    SETTINGS = "settings"
    BASELINE = "baseline"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic at its place: ``line`` from 1, ``column`` from 1 in characters."""

    code: str
    level: Level
    line: int
    column: int
    message: str
    advice: str
    cell: int = 0  # of a notebook, from 1

    @classmethod
    def of(
        cls, code: str, message: str, line: int = 1, column: int = 1, *, level: Level = Level.MANUAL, cell: int = 0
    ) -> Finding:
        """Make a finding with the advice that is the code's own."""
        return cls(code, level, line, column, message, CODES[code].advice, cell)


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A finding that is not reported, and because of whom."""

    finding: Finding
    by: By


@dataclass(frozen=True, slots=True)
class SiteReport:
    """One call site and what is said about it; ``end_line`` and ``end_column`` are just behind the call, 0 if unknown.

    ``unsaid`` is what would be said if nobody had said otherwise.
    """

    line: int
    column: int
    operation: str
    dialect: str
    status: Status
    findings: tuple[Finding, ...] = ()
    _: KW_ONLY
    end_line: int = 0
    end_column: int = 0
    unsaid: tuple[Unsaid, ...] = ()
    hidden: int = 0  # values of a request that the source does not show, and that were not checked
    cell: int = 0  # of a notebook, from 1
    model: str = ""  # where a literal shows it
    source: str = ""  # the call as written
    unit: int = -1  # what is rewritten together with this has the same number; -1 where nothing could be rewritten


def pending(site: SiteReport) -> Finding | None:
    """Give what a check has to say about a call that can be migrated and has not been."""
    if site.status is not Status.MIGRATED:
        return None
    level = max((finding.level for finding in site.findings), key=list(Level).index, default=Level.SAFE)
    message = f"{site.operation} can be migrated"
    return Finding.of("MG400", message, site.line, site.column, level=level)


def said_by_check(outcome: Outcome) -> list[Finding]:
    """Give everything said about a file, and the calls that can be migrated and have not been, in the file's order."""
    waiting = filter(None, map(pending, outcome.sites))
    return sorted([*said(outcome), *waiting], key=lambda finding: (finding.line, finding.column))


def said(outcome: Outcome) -> list[Finding]:
    """Give everything said about a file, each thing once, in the order of the file."""
    found = [*outcome.findings, *(finding for site in outcome.sites for finding in site.findings)]
    return sorted(dict.fromkeys(found), key=lambda finding: (finding.line, finding.column))


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file's result; ``after`` is None where nothing changes, else ``before`` with the ``changes`` of its text."""

    path: str
    kind: Kind
    before: bytes = b""
    after: bytes | None = None
    sites: tuple[SiteReport, ...] = ()
    findings: tuple[Finding, ...] = ()  # about the file, not about one site
    changes: tuple[Change, ...] = ()
    note: str = ""  # why nothing is said, where there is more to it than that there is nothing

    @classmethod
    def failed(cls, path: str, why: Finding, before: bytes = b"") -> Outcome:
        """Make the outcome of a file with which nothing could be done."""
        return cls(path, Kind.FAILED, before, findings=(why,))


@dataclass(frozen=True, slots=True)
class Requests:
    """The Interactions requests of a verification; ``hidden`` counts the values in them that the source hides."""

    right: int = 0
    wrong: int = 0
    unseen: int = 0
    hidden: int = 0

    def add(self, outcome: Outcome) -> Requests:
        """Give the counts with one more outcome in them."""
        statuses = [site.status for site in outcome.sites]
        return Requests(
            self.right + statuses.count(Status.RIGHT),
            self.wrong + statuses.count(Status.WRONG),
            self.unseen + statuses.count(Status.UNSEEN),
            self.hidden + sum(site.hidden for site in outcome.sites),
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a run: files first, then call sites.

    ``mentioning`` counts the files that name the legacy API in their bytes, ``calling`` those with a call site,
    ``leftover`` the things said about a file, not a site, that somebody has to act on. ``requests``
    counts what a verification found, and is None in other runs.
    """

    files: int = 0
    mentioning: int = 0
    calling: int = 0
    changed: int = 0
    sites: int = 0
    migrated: int = 0
    review: int = 0
    refused: int = 0
    leftover: int = 0
    errors: int = 0
    requests: Requests | None = None
    suppressed: int = 0

    def add(self, outcome: Outcome) -> Summary:
        """Give the summary with one more outcome in it; ``files`` and ``mentioning`` are counted by the run."""
        statuses = [site.status for site in outcome.sites]
        return replace(
            self,
            calling=self.calling + bool(statuses),
            changed=self.changed + (outcome.after is not None),
            sites=self.sites + len(statuses),
            migrated=self.migrated + statuses.count(Status.MIGRATED),
            review=self.review + statuses.count(Status.REVIEW),
            refused=self.refused + statuses.count(Status.REFUSED),
            suppressed=self.suppressed + statuses.count(Status.SUPPRESSED),
            leftover=self.leftover + sum(finding.level is Level.MANUAL for finding in outcome.findings),
            errors=self.errors + (outcome.kind is Kind.FAILED),
            requests=self.requests and self.requests.add(outcome),
        )
