"""A document from bytes to outcome: its programs are migrated, and what changes is put back where it stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from migrator import prefilter, recursion
from migrator.changes import spliced
from migrator.embedded.document import Document, DocumentError, MisplacedError, Place, Program, Unread
from migrator.embedded.read import reader_of
from migrator.manifests.check import too_old
from migrator.migrate import migrate
from migrator.outcome import Finding, Kind, Outcome, SiteReport, Status
from migrator.settings import Settings
from migrator.source import Lines

_OTHER_LINE = re.compile(r"\bline (\d+)\b")  # of which a message speaks besides its own


def migrate_document(path: str, data: bytes, settings: Settings) -> Outcome:
    """What becomes of the document ``data`` of the file ``path``. FieldMapError if a field map is wrong."""
    read = reader_of(path)
    try:
        document = read(data)
    except DocumentError as error:
        return Outcome.failed(path, Finding.of("MG420", str(error), error.line, error.column), data)
    results: list[tuple[Program, Outcome]] = []
    units = 0
    for program in document.programs:
        outcome = _migrated(path, program, settings, units)
        results.append((program, outcome))
        units = max([units, *(site.unit + 1 for site in outcome.sites)])
    told = [_told(document, program, outcome) for program, outcome in results]
    unread = tuple(_unread(document, each) for each in document.unread if prefilter.mentions(each.text.encode()))
    broken = [finding for outcome in told if outcome.kind is Kind.FAILED for finding in outcome.findings]
    if broken:
        return Outcome(path, Kind.FAILED, data, findings=tuple(broken))
    try:
        after = _changed(document, results, read)
    except MisplacedError:
        return Outcome.failed(path, Finding.of("MG406", "a change would not stay inside one piece of code"), data)
    sites = tuple(sorted((site for each in told for site in each.sites), key=lambda site: (site.line, site.column)))
    findings = [finding for each in told for finding in each.findings]
    if after is not None:
        findings += _pinned(document)
    return Outcome(path, _kind(sites, after), data, after, sites, (*findings, *unread))


def _migrated(path: str, program: Program, settings: Settings, before: int) -> Outcome:
    """What becomes of a program; ``before`` is how many units those before it have."""
    data = program.text.encode()
    if not (prefilter.refers(data) or prefilter.speaks(data)):
        return Outcome(path, Kind.UNCHANGED, data)
    if settings.units is not None:
        settings = replace(settings, units=frozenset(unit - before for unit in settings.units))
    with recursion.deep():
        outcome = migrate(path, data, settings, program.segments)
    sites = (replace(site, unit=site.unit + before if site.unit >= 0 else -1) for site in outcome.sites)
    return replace(outcome, sites=tuple(sites))


def _changed(
    document: Document, results: Iterable[tuple[Program, Outcome]], read: Callable[[bytes], Document]
) -> bytes | None:
    """The document with its programs' changes, None where there are none; MisplacedError where one has no place.

    A cell or a block that only imports what is not used any more stays: empty it would puzzle its readers.
    """
    placed = [program.placed(outcome.changes) for program, outcome in results]
    codes = {piece.number: piece.text for program in document.programs for piece in program.pieces}
    new = {number: spliced(codes[number], made) for each in placed for number, made in each.items()}
    kept = {number for number, code in new.items() if not code.strip() and _only_imports(codes[number])}
    together = {number: made for each in placed for number, made in each.items() if number not in kept}
    if not together:
        return None
    after = document.changed(together)
    found = {piece.number: piece.text for program in read(after).programs for piece in program.pieces}
    expected = codes | {number: new[number] for number in together}
    wanted = {number: code for number, code in expected.items() if code.strip() or number in found}
    if _without_ends(found) != _without_ends(wanted):
        raise MisplacedError  # it would not be read back as what it was meant to be
    return after


def _without_ends(codes: dict[int, str]) -> dict[int, str]:
    """Each piece without the line breaks at its end, which a document may not keep."""
    return {number: code.rstrip("\n") for number, code in codes.items()}


def _only_imports(code: str) -> bool:
    return all(isinstance(statement, (ast.Import, ast.ImportFrom)) for statement in ast.parse(code).body)


def _kind(sites: Iterable[SiteReport], after: bytes | None) -> Kind:
    statuses = {site.status for site in sites} - {Status.SUPPRESSED}
    if not statuses:
        return Kind.UNCHANGED
    if statuses == {Status.MIGRATED}:
        return Kind.MIGRATED
    return Kind.REFUSED if after is None else Kind.PARTIAL


# Places --------------------------------------------------------------------------------------------------------------


def _told(document: Document, program: Program, outcome: Outcome) -> Outcome:
    """What is said of a program, at its place in the document."""
    lines = Lines.of(program.text)

    def place(line: int, column: int) -> Place:
        return document.place(*program.origin(lines.offset(line, column)))

    def line(found: re.Match[str]) -> str:
        there = place(int(found[1]), 1)
        return f"line {there.line} (cell {there.cell})" if there.cell else f"line {there.line}"

    def moved(finding: Finding) -> Finding:
        there = place(finding.line, finding.column)
        message = _OTHER_LINE.sub(line, finding.message)
        return replace(finding, line=there.line, column=there.column, cell=there.cell, message=message)

    def site(report: SiteReport) -> SiteReport:
        there = place(report.line, report.column)
        end = place(report.end_line, report.end_column) if report.end_line else Place(0, 0)
        return replace(
            report,
            line=there.line,
            column=there.column,
            cell=there.cell,
            findings=tuple(map(moved, report.findings)),
            end_line=end.line,
            end_column=end.column,
            unsaid=tuple(replace(each, finding=moved(each.finding)) for each in report.unsaid),
        )

    findings = tuple(map(moved, outcome.findings))
    return replace(outcome, sites=tuple(map(site, outcome.sites)), findings=findings)


def _pinned(document: Document) -> Iterator[Finding]:
    """What is said about cells that install an SDK which rewritten code does not run with."""
    codes = {each.number: each.text for program in document.programs for each in program.pieces}
    codes |= {each.number: each.text for each in document.unread}
    for number, code in sorted(codes.items()):
        for said in too_old(code):
            place = document.place(number, Lines.of(code).offset(said.line, said.column))
            yield replace(said, line=place.line, column=place.column, cell=place.cell)


def _unread(document: Document, unread: Unread) -> Finding:
    offset = min(found for needle in prefilter.NEEDLES if (found := unread.text.find(needle.decode())) >= 0)
    place = document.place(unread.number, offset)
    message = f"names the legacy API, but {unread.reason}"
    return Finding.of("MG421", message, place.line, place.column, cell=place.cell)
