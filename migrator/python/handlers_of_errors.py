"""Exception handlers around a call: interactions raise another hierarchy of errors than generate_content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from migrator.diagnostics import Diagnostic, Level
from migrator.python.render import Renderer
from migrator.python.sites import CallSite
from migrator.python.transform import Edit
from migrator.python.values import Facts

ERRORS = "google.genai.errors."


@dataclass(slots=True)
class Handled:
    """The edits to the handlers around one site, and what is said about them."""

    edits: dict[cst.CSTNode, Edit] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def read(facts: Facts, renderer: Renderer, site: CallSite) -> Handled:
    """What the handlers of legacy errors around ``site`` become."""
    handled = Handled()
    for handler in _handlers(facts, site.call):
        for node in _types(handler):
            if facts.names.path(node).startswith(ERRORS):
                message = f"{facts.module.source(node)} does not catch what an interaction raises"
                handled.diagnostics.append(Diagnostic("MG207", Level.MANUAL, message, node))
    return handled


def _handlers(facts: Facts, node: cst.CSTNode) -> Iterator[cst.ExceptHandler]:
    inner = node
    for holder in facts.module.ancestors(node):
        if isinstance(holder, cst.Try) and inner is holder.body:
            yield from holder.handlers
        if isinstance(holder, (cst.FunctionDef, cst.Lambda)):
            return
        inner = holder


def _types(handler: cst.ExceptHandler) -> list[cst.BaseExpression]:
    match handler.type:
        case None:
            return []
        case cst.Tuple(elements=elements):
            return [element.value for element in elements]
        case one:
            return [one]
