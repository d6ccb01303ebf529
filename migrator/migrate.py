"""One file from bytes to outcome, pure: parse, read, plan, write, verify."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import libcst as cst

from migrator import ir
from migrator.changes import Change, spliced
from migrator.diagnostics import CODES, Diagnostic, Level
from migrator.dialects import google_genai
from migrator.fieldmap import load
from migrator.outcome import Finding, Kind, Outcome, SiteReport, Status
from migrator.python.edits import Edit
from migrator.python.facts import facts_of
from migrator.python.habits import style_of
from migrator.python.imports import Leftovers, settled
from migrator.python.render import Needs
from migrator.python.sites import LostSite
from migrator.python.splice import relocated
from migrator.python.transform import written
from migrator.python.unit import Draft, Unit
from migrator.python.values import Facts, Place, Reader
from migrator.readback import breaches
from migrator.settings import Settings


def migrate(path: str, data: bytes, settings: Settings, home: int = 0) -> Outcome:
    """What becomes of the Python source ``data`` of the file ``path``. FieldMapError if a field map is wrong.

    ``home`` is the offset from which on imports and helpers are put, where that is not the top.
    """
    try:
        tree = cst.parse_module(data)
    except cst.ParserSyntaxError as error:
        message = error.message.partition(": expected one of")[0].splitlines()[0]
        return _failed(path, data, "MG402", f"does not parse: {message}", error.raw_line, error.raw_column + 1)
    except (UnicodeDecodeError, LookupError, SyntaxError, ValueError) as error:
        return _failed(path, data, "MG402", f"its encoding cannot be read: {error}")
    facts = facts_of(tree, load(settings.field_maps))
    reading = google_genai.read(facts, settings)
    if not reading.units and not reading.lost:
        return Outcome(path, Kind.UNCHANGED, data)
    return _outcome(path, data, facts, reading, settings, home)


def _outcome(
    path: str, data: bytes, facts: Facts, reading: google_genai.Reading, settings: Settings, home: int
) -> Outcome:
    accepted = [unit for unit in reading.units if (unit.level | settings.accept) is settings.accept]
    for unit in reading.units:
        if unit not in accepted:
            google_genai.said_of(unit, settings.accept)
    changes = _changes(path, data, facts, accepted, reading.needs, home) if accepted else []
    if changes is None:
        return _failed(path, data, "MG406", "the parser does not give the file back as it is")
    after = _changed(data, facts, changes) if accepted else None
    broken = breaches(after, facts, accepted) if after is not None else []
    if broken:
        return _failed(path, data, "MG406", broken[0])
    rewritten_drafts = [draft for unit in accepted for draft in unit.drafts]
    reports = [_report(facts, draft, rewritten_drafts) for unit in reading.units for draft in unit.drafts]
    reports += [_lost(facts, site) for site in reading.lost]
    reports.sort(key=lambda report: (report.line, report.column))
    migrated = sum(report.status is Status.MIGRATED for report in reports)
    kind = Kind.MIGRATED if migrated == len(reports) else Kind.PARTIAL if migrated else Kind.REFUSED
    return Outcome(path, kind, data, after, tuple(reports), changes=tuple(changes))


def _changes(
    path: str, data: bytes, facts: Facts, accepted: Iterable[Unit], needs: dict[Unit, Needs], home: int
) -> list[Change] | None:
    """What rewrites the accepted units; None where the parser did not read what stands in the file."""
    edits: dict[cst.CSTNode, Edit] = {}
    together = Needs()
    for unit in accepted:
        for draft in unit.drafts:
            edits.update(draft.edits)
        together.modules |= needs[unit].modules
        together.names |= needs[unit].names
        together.aliases |= needs[unit].aliases
        together.helpers |= needs[unit].helpers
    style = style_of(facts.module)
    done = written(facts.module, edits, style)
    changes = settled(Leftovers(facts.module, facts.scopes, edits, done, style, path, home), together)
    source = data.decode(facts.module.tree.encoding)
    return relocated([*done.changes, *changes], facts.module.text, source)


def _changed(data: bytes, facts: Facts, changes: Iterable[Change]) -> bytes:
    encoding = facts.module.tree.encoding
    return spliced(data.decode(encoding), changes).encode(encoding, "backslashreplace")


# Reports -----------------------------------------------------------------------------------------------------------


def _report(facts: Facts, draft: Draft, accepted: Collection[Draft]) -> SiteReport:
    line, column = facts.module.position(draft.site.call)
    findings = sorted({_finding(facts, said, draft.site.call) for said in draft.diagnostics}, key=_order)
    refused = Status.REFUSED if draft.level is Level.MANUAL else Status.REVIEW
    status = Status.MIGRATED if draft in accepted else refused
    return SiteReport(
        line, column, draft.site.operation, google_genai.NAME, status, tuple(findings), model=_model(facts, draft)
    )


def _model(facts: Facts, draft: Draft) -> str:
    """The model that a call names, by a literal or by a name that stands for one."""
    given = next((each.value for each in draft.site.arguments if each.keyword and each.keyword.value == "model"), None)
    match Reader(facts, lambda _node, _place: None).read(given, Place("model", "str")) if given is not None else None:
        case ir.Literal(value=str() as model):
            return model
    return ""


def _finding(facts: Facts, said: Diagnostic, site: cst.CSTNode) -> Finding:
    origin = said.origin if isinstance(said.origin, cst.CSTNode) else site
    line, column = facts.module.position(origin)
    return Finding(said.code, said.level, line, column, said.message, said.help())


def _lost(facts: Facts, lost: LostSite) -> SiteReport:
    line, column = facts.module.position(lost.node)
    said = Diagnostic(lost.code, Level.MANUAL, lost.reason, lost.node)
    finding = Finding(lost.code, Level.MANUAL, line, column, said.message, said.help())
    return SiteReport(line, column, lost.operation, google_genai.NAME, Status.REFUSED, (finding,))


def _failed(path: str, data: bytes, code: str, message: str, line: int = 1, column: int = 1) -> Outcome:
    said = Finding(code, Level.MANUAL, max(line, 1), max(column, 1), message, CODES[code].advice)
    return Outcome(path, Kind.FAILED, data, findings=(said,))


def _order(finding: Finding) -> tuple[int, int, str, str]:
    return finding.line, finding.column, finding.code, finding.message
