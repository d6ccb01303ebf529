"""The call of a loop that calls Python functions among the tools, where the legacy SDK called them by itself."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from migrator import ir
from migrator.plan import Feature
from migrator.python.evidence.names import CLIENT
from migrator.python.evidence.sites import CallSite
from migrator.python.evidence.values import Facts
from migrator.python.helpers.tools import NEEDED_BY, TOOL_NAMES
from migrator.python.tools.called import is_read
from migrator.python.unit import Draft
from migrator.python.writing.render import Renderer
from migrator.python.writing.taken import taken

FUNCTION = "function"
APART = "automatic_function_calling is set at another place than the tools, so whether they are called is not visible"


def looped(
    facts: Facts,
    renderer: Renderer,
    draft: Draft,
    method: cst.BaseExpression,
    body: ir.Record,
    asked: ir.Value | None = None,
) -> tuple[str, ir.Record]:
    """The loop that takes the place of the legacy ``method``, and its arguments: the new method, then ``body``.

    ``asked`` is the new method, where the site does not name the legacy one.
    """
    asynchronous = is_asynchronous(facts, draft.site)
    _check(facts, draft, body, asynchronous=asynchronous)
    stored = "" if body.get("store") is not None else "stored_"
    verb = "stream" if draft.site.operation.endswith("stream") else "run"
    if verb == "run" and not stored and is_read(draft.track):
        draft.features |= {Feature.RECORDED, Feature.TOLD_BACK}
        stored = "recorded_"
    loop = f"{'async_' if asynchronous else ''}{verb}_{stored}tools"
    _bring(facts, renderer, draft, loop)
    return f"_{loop}", replace(body, fields=(ir.Field("", asked or _asked(method)), *body.fields))


def is_asynchronous(facts: Facts, site: CallSite) -> bool:
    """Whether the site is a call of the asynchronous client."""
    return (
        isinstance(facts.module.parent(site.call), cst.Await) and not site.handed_to
    ) or site.client.path.startswith(f"{CLIENT}.aio.")


def _check(facts: Facts, draft: Draft, body: ir.Value, *, asynchronous: bool) -> None:
    """Refuse what no loop can do: settings apart from the tools, and coroutines in a call that awaits nothing."""
    site = draft.site
    if Feature.APART in draft.features:
        draft.refuse("MG110", APART, site.call, "Set both where the configuration is made.")
    for value in ir.walk(body) if not asynchronous else ():
        if isinstance(value, ir.Opaque) and value.type == FUNCTION and isinstance(value.origin, cst.CSTNode):
            target = facts.names.function(value.origin)
            if isinstance(target, cst.FunctionDef) and target.asynchronous is not None:
                message = f"{target.name.value} is a coroutine function, which this call refuses today"
                draft.refuse("MG110", message, value.origin, "Use the asynchronous client, or a plain function.")


def _bring(facts: Facts, renderer: Renderer, draft: Draft, loop: str) -> None:
    """Ask for ``loop``, and for all that it calls."""
    helpers = NEEDED_BY[loop]
    modules = sorted({module for helper in helpers for module in TOOL_NAMES.get(helper, ())})
    for each in taken(facts, helpers, modules):
        draft.refuse("MG308", f"the name {each}, which the new code needs, is taken in this file", draft.site.call)
    renderer.needs.names.update(("google.genai", module) for module in modules)
    renderer.needs.helpers.update(helpers)


def _asked(method: cst.BaseExpression) -> ir.Value:
    """``interactions.create`` in place of a legacy method of ``models``."""
    match method:
        case cst.Attribute(value=cst.Attribute(value=client, attr=cst.Name(value="models"))):
            return ir.Apply(ir.Function.ATTRIBUTE, (ir.Opaque(client), ir.Literal("interactions.create")))
        case cst.Attribute(value=holder):
            return ir.Apply(ir.Function.ATTRIBUTE, (ir.Opaque(holder), ir.Literal("create")))
    return ir.Opaque(method)
