"""One file from bytes to outcome, pure: parse, read, plan, write, verify."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import libcst as cst

from migrator.changes import Change, spliced
from migrator.codes import is_wanted
from migrator.diagnostics import Diagnostic, Level
from migrator.dialects import google_genai
from migrator.fieldmap import load
from migrator.outcome import Finding, Kind, Outcome, SiteReport, Status
from migrator.prefilter import DOCUMENTS
from migrator.python.directives import directives_of, keep
from migrator.python.evidence.facts import facts_of
from migrator.python.evidence.lines import lines_of
from migrator.python.evidence.module import UnreadableError, parse
from migrator.python.evidence.values import Facts
from migrator.python.stand_ins import stand_ins
from migrator.python.unit import Unit
from migrator.python.writing.edits import Edit
from migrator.python.writing.habits import style_of
from migrator.python.writing.imports import settled
from migrator.python.writing.leftovers import Leftovers
from migrator.python.writing.marks import Left, apart, marking
from migrator.python.writing.render import Needs
from migrator.python.writing.segmented import settled_by_segment
from migrator.python.writing.splice import relocated
from migrator.python.writing.transform import written
from migrator.readback import Breach, breaches, is_only_comments
from migrator.records import dataclass
from migrator.segments import WHOLE, Segments
from migrator.settings import Settings
from migrator.site_reports import Told, Verdict, about_comments, about_doubles, told_of

_OWN_FAULT = "Migrate it by hand. Please report it with this call and the output of migrator --version."


def migrate(path: str, data: bytes, settings: Settings, segments: Segments = WHOLE) -> Outcome:
    """What becomes of the Python source ``data`` of the file ``path``. FieldMapError if a field map is wrong.

    ``segments`` says where the cells or blocks begin, of a program that stands in a document.
    """
    try:
        tree = parse(data)
    except UnreadableError as error:
        return Outcome.failed(path, Finding.of("MG402", str(error), error.line, error.column), data)
    alone = path.lower().endswith(DOCUMENTS)
    facts = replace(facts_of(tree, load(settings.field_maps), segments), alone=alone)
    reading = google_genai.read(facts, settings)
    doubles = () if reading.units or reading.lost else stand_ins(facts.module)
    if not reading.units and not reading.lost and not doubles and b"migrator" not in data:
        return Outcome(path, Kind.UNCHANGED, data)
    return _outcome(Job(path, data, facts, reading, settings, segments), doubles)


@dataclass(frozen=True, slots=True)
class Job:
    """A file that may be rewritten, and what is known of it."""

    path: str
    data: bytes
    facts: Facts
    reading: google_genai.Reading
    settings: Settings
    segments: Segments


def _outcome(job: Job, doubles: Sequence[Diagnostic]) -> Outcome:
    module, reading, settings = job.facts.module, job.reading, job.settings
    directives = directives_of(module)
    accepted = _accepted(job)
    kept = keep(directives, reading.units, settings.accept)
    result = _checked(job, [unit for unit in accepted if kept.isdisjoint(unit.drafts)])
    if result is None:
        return _without_tail(job)
    if result.broken:
        return Outcome.failed(job.path, Finding.of("MG406", result.broken[0].message), job.data)
    drafts = frozenset(draft for unit in result.units for draft in unit.drafts)
    told = told_of(job.facts, reading, Verdict(drafts, kept, directives))
    marks = marking(module, _left(job, told), settings.marks, module.tree.default_newline)
    findings = (*about_doubles(module, directives, doubles), *about_comments(module, directives, marks.stale))
    marked = _with_marks(job, result, marks.changes)
    if marked is None:
        return Outcome.failed(job.path, Finding.of("MG406", "its marks would change the code"), job.data)
    sites = tuple(each.report for each in told)
    return Outcome(job.path, _kind(sites), job.data, marked.after, sites, findings, changes=tuple(marked.changes))


def _accepted(job: Job) -> list[Unit]:
    """The units that the settings let through; the others say at their call why they stay."""
    accept, chosen = job.settings.accept, job.settings.units
    accepted = [
        unit
        for number, unit in enumerate(job.reading.units)
        if (unit.level | accept) is accept and (chosen is None or number in chosen)
    ]
    for unit in job.reading.units:
        if unit not in accepted:
            google_genai.said_of(job.facts.module, unit, accept)
    return accepted


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What rewriting some units gives: the changes, the new content if there are any, and what is wrong with it."""

    units: Sequence[Unit]
    changes: list[Change]
    after: bytes | None
    broken: list[Breach]


def _checked(job: Job, accepted: Sequence[Unit]) -> Rewritten | None:
    """What rewriting the accepted units gives, without those that do not pass the checks."""
    result = _rewritten(job, accepted)
    if result is None or not result.broken:
        return result
    return _rewritten(job, _fitting(job, accepted))


def _rewritten(job: Job, accepted: Sequence[Unit]) -> Rewritten | None:
    """What rewriting the accepted units gives; None where the parser did not read what stands in the file."""
    if not accepted:
        return Rewritten(accepted, [], None, [])
    changes = _changes(job, accepted)
    if changes is None:
        return None
    after = _changed(job, changes)
    return Rewritten(accepted, changes, after, breaches(after, job.facts, accepted))


def _fitting(job: Job, accepted: Sequence[Unit]) -> list[Unit]:
    """The units whose rewrite passes the checks when it is made alone; the others say at their call why they stay."""
    fitting = []
    for unit in accepted:
        alone = _rewritten(job, [unit])
        if alone is None or not alone.broken:
            fitting.append(unit)
            continue
        first, breach = unit.drafts[0], alone.broken[0]
        advice = "" if breach.line else _OWN_FAULT
        first.refuse("MG117", breach.reason, first.site.call, advice)
        google_genai.said_of(job.facts.module, unit, job.settings.accept)
    return fitting


def _with_marks(job: Job, result: Rewritten, marks: Iterable[Change]) -> Rewritten | None:
    """The result with its marks, without those that touch what is rewritten; None where one would change the code."""
    source = job.data.decode(job.facts.module.tree.encoding)
    found = relocated(marks, job.facts.module.text, source)
    placed = apart(found, result.changes, source) if found else []
    if not placed:
        return result
    marked = _changed(job, [*result.changes, *placed])
    if not is_only_comments(job.data if result.after is None else result.after, marked):
        return None
    return replace(result, after=marked, changes=[*result.changes, *placed])


def _without_tail(job: Job) -> Outcome:
    """What becomes of a file that the parser does not give back: it loses indented comments at the end of one.

    Nothing depends on them, so they are kept from the parser and stay behind the result.
    """
    head = _head(job.data)
    if head == job.data:
        why = Finding.of("MG406", "the parser does not give the file back as it is")
        return Outcome.failed(job.path, why, job.data)
    outcome = migrate(job.path, head, job.settings, job.segments)
    after = None if outcome.after is None else outcome.after + job.data[len(head) :]
    return replace(outcome, before=job.data, after=after)


def _head(data: bytes) -> bytes:
    """``data`` without the comments and blank lines at its end."""
    lines = data.splitlines(keepends=True)
    end = len(lines)
    while end and lines[end - 1].lstrip(b" \t\f")[:1] in (b"", b"#", b"\r", b"\n"):
        end -= 1
    goes_on = end and lines[end - 1].rstrip(b"\r\n").endswith(b"\\")
    return data if goes_on else b"".join(lines[:end])


def _kind(sites: Iterable[SiteReport]) -> Kind:
    """How the file ended, by the sites that nobody wants left."""
    statuses = [site.status for site in sites if site.status is not Status.SUPPRESSED]
    if not statuses:
        return Kind.UNCHANGED
    migrated = statuses.count(Status.MIGRATED)
    return Kind.MIGRATED if migrated == len(statuses) else Kind.PARTIAL if migrated else Kind.REFUSED


def _left(job: Job, told: Iterable[Told]) -> list[Left]:
    """The sites that get a mark, with what is to be said there, the gravest first."""
    left = []
    for each in told:
        if each.report.status in (Status.REVIEW, Status.REFUSED):
            said = sorted(each.report.findings, key=lambda it: it.level is not Level.MANUAL)
            said = [it for it in said if it.level is not Level.SAFE]
            shown = tuple(
                (it.code, it.message) for it in said if is_wanted(it.code, job.settings.select, job.settings.ignore)
            )
            if shown:
                left.append(Left(lines_of(job.facts.module, each.node).first, each.report.operation, shown))
    return left


def _changes(job: Job, accepted: Iterable[Unit]) -> list[Change] | None:
    """What rewrites the accepted units; None where the parser did not read what stands in the file."""
    facts = job.facts
    edits: dict[cst.CSTNode, Edit] = {}
    together = Needs()
    for unit in accepted:
        for draft in unit.drafts:
            edits.update(draft.edits)
        together.update(job.reading.needs[unit])
    style = style_of(facts.module)
    done = written(facts.module, edits, style)
    left = Leftovers(facts.module, facts.scopes, edits, done, style, job.path, job.segments.home)
    changes = settled_by_segment(left, together, job.segments) if job.segments.is_page else settled(left, together)
    source = job.data.decode(facts.module.tree.encoding)
    return relocated([*done.changes, *changes], facts.module.text, source)


def _changed(job: Job, changes: Iterable[Change]) -> bytes:
    encoding = job.facts.module.tree.encoding
    return spliced(job.data.decode(encoding), changes).encode(encoding, "backslashreplace")
