"""The reports of a module's call sites: what is told of each, and what a comment keeps from being told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import libcst as cst

from migrator import ir
from migrator.diagnostics import Diagnostic, Level
from migrator.dialects import google_genai
from migrator.outcome import By, Finding, SiteReport, Status, Unsaid
from migrator.python.directives import Checking, Directives
from migrator.python.evidence.module import Module
from migrator.python.evidence.sites import LostSite
from migrator.python.evidence.values import Facts, Place, Reader
from migrator.python.unit import Draft
from migrator.records import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided of the drafts of a module: those that are rewritten, and those that a comment keeps."""

    accepted: frozenset[Draft]
    kept: frozenset[Draft]
    directives: Directives


@dataclass(frozen=True, slots=True)
class Told:
    """A site as it is reported, and where it stands."""

    report: SiteReport
    node: cst.CSTNode


def told_of(facts: Facts, reading: google_genai.Reading, verdict: Verdict) -> list[Told]:
    """What is told of every site of a module, in the order of the source."""
    told = [_draft(facts, draft, verdict, number) for number, unit in enumerate(reading.units) for draft in unit.drafts]
    told += [_lost(facts.module, site, verdict) for site in reading.lost]
    return sorted(told, key=lambda each: (each.report.line, each.report.column))


def about_comments(module: Module, directives: Directives, stale: Sequence[cst.CSTNode]) -> list[Finding]:
    """What is told of comments that are of no use or not understood."""
    said = [*directives.wrong, *directives.unused(Checking.CALLS)]
    said += [Diagnostic("MG412", Level.SAFE, "no call is left that this mark is about", node) for node in stale]
    return sorted((finding(module, each, module.tree) for each in said), key=_order)


def about_doubles(module: Module, directives: Directives, doubles: Sequence[Diagnostic]) -> list[Finding]:
    """What is told of test doubles, without those that a comment keeps quiet."""
    heard = [said for said in doubles if not directives.keep(cast("cst.CSTNode", said.origin), [said])]
    return [finding(module, said, module.tree) for said in heard]


def finding(module: Module, said: Diagnostic, site: cst.CSTNode) -> Finding:
    """A diagnostic at its place, by default that of the site."""
    origin = said.origin if isinstance(said.origin, cst.CSTNode) else site
    line, column = module.position(origin)
    return Finding(said.code, said.level, line, column, said.message, said.help())


def _draft(facts: Facts, draft: Draft, verdict: Verdict, unit: int) -> Told:
    told = _judged(facts.module, draft, verdict)
    return Told(replace(told.report, model=_model(facts, draft), unit=unit), told.node)


def _model(facts: Facts, draft: Draft) -> str:
    """The model that a call names, by a literal or by a name that stands for one."""
    given = next((each.value for each in draft.site.arguments if each.keyword and each.keyword.value == "model"), None)
    match Reader(facts, lambda _node, _place: None).read(given, Place("model", "str")) if given is not None else None:
        case ir.Literal(value=str() as model):
            return model
    return ""


def _judged(module: Module, draft: Draft, verdict: Verdict) -> Told:
    refused = Status.REFUSED if draft.level is Level.MANUAL else Status.REVIEW
    status = Status.MIGRATED if draft in verdict.accepted else refused
    site = draft.site
    if draft in verdict.kept:
        return _kept(module, site.call, site.operation, draft.diagnostics, verdict.directives)
    return _told(module, site.call, site.operation, status, draft.diagnostics)


def _lost(module: Module, lost: LostSite, verdict: Verdict) -> Told:
    said = [Diagnostic(lost.code, Level.MANUAL, lost.reason, lost.node)]
    if verdict.directives.keep(lost.node, said):
        return _kept(module, lost.node, lost.operation, said, verdict.directives)
    return _told(module, lost.node, lost.operation, Status.REFUSED, said)


def _kept(
    module: Module, node: cst.CSTNode, operation: str, diagnostics: Sequence[Diagnostic], directives: Directives
) -> Told:
    """A site that a comment keeps: told only where something holds it that the comment does not name."""
    named = [said for said in diagnostics if directives.met(node, said)]
    others = [said for said in diagnostics if said not in named]
    held = [said for said in others if said.level is Level.MANUAL]
    told = _told(module, node, operation, Status.REFUSED if held else Status.SUPPRESSED, others if held else ())
    unsaid = named if held else diagnostics
    return Told(_with(told.report, [Unsaid(finding(module, said, node), By.COMMENT) for said in unsaid]), node)


def _with(report: SiteReport, unsaid: Sequence[Unsaid]) -> SiteReport:
    return replace(report, unsaid=tuple(unsaid))


def _told(module: Module, node: cst.CSTNode, operation: str, status: Status, diagnostics: Sequence[Diagnostic]) -> Told:
    line, column = module.position(node)
    end_line, end_column = module.end(node)
    findings = sorted({finding(module, said, node) for said in diagnostics}, key=_order)
    report = SiteReport(
        line,
        column,
        operation,
        google_genai.NAME,
        status,
        tuple(findings),
        end_line=end_line,
        end_column=end_column,
        source=module.source(node),
    )
    return Told(report, node)


def _order(said: Finding) -> tuple[int, int, str, str]:
    return said.line, said.column, said.code, said.message
