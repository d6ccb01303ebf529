"""Which of the rewritten calls a command has reached: what is not reached is not proved."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from migrator.diagnostics import Level
from migrator.outcome import Finding, Outcome, SiteReport, Status
from migrator.proof.ran import Place, Ran
from migrator.records import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """The rewritten calls of a project: those from whose lines a request came, and the others."""

    reached: tuple[Place, ...] = ()
    missed: tuple[Place, ...] = ()


def reach(outcomes: Sequence[Outcome], folder: Path, before: Ran) -> Reach:
    """The calls that were rewritten in ``folder``, by whether the code as it is made a request there."""
    asked = {(place.path, place.line) for place in (before.place(each.origin) for each in before.asked)}
    if not any(path for path, _ in asked):
        return Reach()
    reached: list[Place] = []
    missed: list[Place] = []
    for outcome in outcomes:
        path = Path(os.path.relpath(outcome.path, folder)).as_posix()
        for site, lines in _lines(outcome):
            found = reached if any((path, line) in asked for line in lines) else missed
            found.append(Place(path, site.line))
    return Reach(tuple(reached), tuple(missed))


def announced(outcomes: Sequence[Outcome], folder: Path, place: Place) -> tuple[Finding, ...]:
    """What was said when the call at ``place`` was rewritten, and was accepted."""
    found = [
        finding
        for outcome in outcomes
        if Path(os.path.relpath(outcome.path, folder)).as_posix() == place.path
        for site, lines in _lines(outcome)
        if place.line in lines
        for finding in site.findings
    ]
    return tuple(finding for finding in found if finding.level is Level.REVIEW)


def _lines(outcome: Outcome) -> Iterator[tuple[SiteReport, range]]:
    """Each rewritten site with the lines from which its request may come.

    A request is made in the lines of its call; that of a stream or of a chat where it is read or sent, in the function
    around it for all that is known.
    """
    sites = [site for site in outcome.sites if site.status is Status.MIGRATED]
    try:
        tree = ast.parse(outcome.before)
    except (SyntaxError, ValueError):
        return
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    whole = range(1, outcome.before.count(b"\n") + 2)
    for site in sites:
        wide = "stream" in site.operation or "chat" in site.operation
        spans = [range(node.lineno, (node.end_lineno or node.lineno) + 1) for node in (blocks if wide else calls)]
        around = [span for span in spans if (site.line in span if wide else span.start == site.line)]
        yield site, min(around, key=len, default=whole) if wide else max(around, key=len, default=whole)
