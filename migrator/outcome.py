"""What became of one file: frozen records that travel between processes and into every report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from migrator.diagnostics import Level


class Kind(Enum):
    """How a file ended."""

    MIGRATED = "migrated"  # every site was rewritten
    PARTIAL = "partial"  # some sites were rewritten, some were not
    UNCHANGED = "unchanged"  # nothing to do
    REFUSED = "refused"  # there are sites, and none was rewritten
    FAILED = "failed"  # the file could not be read, parsed, verified or written


class Status(Enum):
    """What became of one call site."""

    MIGRATED = "migrated"
    REVIEW = "review"  # could be rewritten with --review, and was not
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic at its place: ``line`` from 1, ``column`` from 1 in characters."""

    code: str
    level: Level
    line: int
    column: int
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class SiteReport:
    """One call site and what is said about it."""

    line: int
    column: int
    operation: str
    dialect: str
    status: Status
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file's result; ``after`` is None where nothing changes."""

    path: str
    kind: Kind
    before: bytes = b""
    after: bytes | None = None
    sites: tuple[SiteReport, ...] = ()
    findings: tuple[Finding, ...] = ()  # about the file, not about one site
