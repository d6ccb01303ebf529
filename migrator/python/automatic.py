"""The call of a loop that calls Python functions among the tools, where the legacy SDK called them by itself."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from migrator import ir
from migrator.plan import Feature
from migrator.python.names import CLIENT
from migrator.python.render import Renderer
from migrator.python.sites import CallSite
from migrator.python.taken import taken
from migrator.python.tool_helpers import NEEDED_BY, TOOL_NAMES
from migrator.python.unit import Draft
from migrator.python.values import Facts

FUNCTION = "function"
STREAMED = "the SDK calls the Python functions among the tools in the middle of the stream"
APART = "automatic_function_calling is set at another place than the tools, so whether they are called is not visible"


def looped(facts: Facts, renderer: Renderer, draft: Draft, method: str, body: ir.Record) -> tuple[str, ir.Record]:
    """The loop that is called in place of ``method``, and its arguments: the method itself first, then ``body``."""
    _check(facts, draft, body)
    loop = _bring(facts, renderer, draft, body)
    if draft.site.handed_to:
        return f"{loop}, {method}", body
    return loop, replace(body, fields=(ir.Field("", _asked(draft.site)), *body.fields))


def is_asynchronous(facts: Facts, site: CallSite) -> bool:
    """Whether the site is a call of the asynchronous client."""
    awaited = isinstance(facts.module.parent(site.call), cst.Await) and not site.handed_to
    return awaited or site.client.path.startswith(f"{CLIENT}.aio.")


def _check(facts: Facts, draft: Draft, body: ir.Value) -> None:
    """Refuse what no loop can do: settings apart from the tools, and coroutines in a call that awaits nothing."""
    site = draft.site
    if site.operation != "generate_content":
        draft.refuse("MG110", STREAMED, site.call)
    if Feature.APART in draft.features:
        draft.refuse("MG110", APART, site.call, "Set both where the configuration is made.")
    if any(argument.value is site.method and argument.keyword is not None for argument in site.call.args):
        draft.refuse("MG304", "the method is handed on by keyword, and a loop takes its place", site.call)
    for value in ir.walk(body) if not is_asynchronous(facts, site) else ():
        if isinstance(value, ir.Opaque) and value.type == FUNCTION and isinstance(value.origin, cst.CSTNode):
            target = facts.names.function(value.origin)
            if isinstance(target, cst.FunctionDef) and target.asynchronous is not None:
                message = f"{target.name.value} is a coroutine function, which this call refuses today"
                draft.refuse("MG110", message, value.origin, "Use the asynchronous client, or a plain function.")


def _asked(site: CallSite) -> ir.Value:
    """The method ``interactions.create`` in place of the site's."""
    match site.method:
        case cst.Attribute(value=cst.Attribute(value=client, attr=cst.Name(value="models"))):
            return ir.Apply(ir.Function.ATTRIBUTE, (ir.Opaque(client), ir.Literal("interactions.create")))
        case cst.Attribute(value=holder):
            return ir.Apply(ir.Function.ATTRIBUTE, (ir.Opaque(holder), ir.Literal("create")))
    return ir.Opaque(site.method)


def _bring(facts: Facts, renderer: Renderer, draft: Draft, body: ir.Record) -> str:
    """Ask for the loop that fits the request ``body``, and for all that it calls; its name."""
    stored = "" if body.get("store") is not None else "stored_"
    name = f"{'async_' if is_asynchronous(facts, draft.site) else ''}run_{stored}tools"
    helpers = NEEDED_BY[name]
    modules = sorted({module for helper in helpers for module in TOOL_NAMES.get(helper, ())})
    for each in taken(facts, helpers, modules):
        draft.refuse("MG308", f"the name {each}, which the new code needs, is taken in this file", draft.site.call)
    renderer.needs.names.update(("google.genai", module) for module in modules)
    renderer.needs.helpers.update(helpers)
    return f"_{name}"
