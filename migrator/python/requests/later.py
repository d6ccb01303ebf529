"""Arguments that the file does not show well enough: what else can be done than to leave their call.

A wrapper takes contents or a configuration from its callers, or makes them in a way that cannot be rewritten in place.
Such an argument may stay what it is and be converted while the program runs, where nothing in the file shows that it
holds something that the conversion does not know.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import libcst as cst

from migrator import ir
from migrator.diagnostics import Level
from migrator.plan import UNSEEN_CONFIG, Context, plan_config, plan_contents
from migrator.planning.derived import is_derived
from migrator.python.evidence.values import Facts
from migrator.python.requests.keywords import KEYWORDS
from migrator.python.requests.special import TOOLS, is_special, may_have_tools
from migrator.python.unit import Draft, Unit

_HIDDEN = frozenset(
    {"MG106", "MG108", "MG111", "MG113", "MG204", "MG303"}
)  # what the conversion may settle; tried to know
_UNSEEN = (UNSEEN_CONFIG, "the fields that are splatted into GenerateContentConfig are not visible")


def unplanned(request: ir.Request, context: Context) -> set[str]:
    """The arguments of a refused request that cannot be planned by themselves."""
    found: set[str] = set()
    contents = request.contents
    if contents is not None and contents != ir.Sequence((), contents.origin):
        found |= {"contents"} if plan_contents(contents, context).value is None else set()
    if is_unseen(request.config, context):
        found.add("config")
    return found


def is_unseen(config: ir.Value | None, context: Context) -> bool:
    """Whether all that is wrong with a configuration is that it does not show, or is made of others."""
    said = [each for each in plan_config(config, context).diagnostics if each.level is Level.MANUAL]
    made = isinstance(config, ir.Record) and is_derived(config)
    return bool(said) and all(each.message in _UNSEEN or (made and each.code == "MG111") for each in said)


def convertible(facts: Facts, units: Iterable[Unit]) -> frozenset[tuple[cst.Call, str]]:
    """The arguments to convert while the program runs, of calls that nothing else keeps."""
    found: set[tuple[cst.Call, str]] = set()
    for unit in units:
        refused = [each.code for draft in unit.drafts for each in draft.diagnostics if each.level is Level.MANUAL]
        hidden = [(draft, name) for draft in unit.drafts for name in draft.unseen]
        if not hidden or not _HIDDEN.issuperset(refused):
            continue
        if not any(_is_written_out(draft, name) or _is_special(facts, draft, name) for draft, name in hidden):
            found |= {(draft.site.call, name) for draft, name in hidden}
            found |= {(draft.site.call, TOOLS) for draft, name in hidden if _may_have_tools(facts, draft, name)}
    return frozenset(found)


def _is_written_out(draft: Draft, name: str) -> bool:
    """Whether the call itself holds what cannot be migrated: no run makes it something else."""
    wrong = any(each.code == "MG108" for each in draft.diagnostics)
    return wrong and any(isinstance(node, (cst.List, cst.Dict)) for node in _given(draft, name))


def _given(draft: Draft, name: str) -> list[cst.BaseExpression]:
    if name == KEYWORDS:
        return [each.value for each in draft.site.arguments if each.star == KEYWORDS]
    return [each.value for each in draft.site.arguments if each.keyword is not None and each.keyword.value == name]


def _is_special(facts: Facts, draft: Draft, name: str) -> bool:
    return is_special(facts, draft.site.call, _given(draft, name), contents=name == "contents")


def _may_have_tools(facts: Facts, draft: Draft, name: str) -> bool:
    return name != "contents" and may_have_tools(facts, draft.site.call, _given(draft, name))


def converted(units: Iterable[Unit], later: frozenset[tuple[cst.Call, str]]) -> frozenset[tuple[cst.Call, str]]:
    """Those of ``later`` whose calls are rewritten for it."""
    done: set[cst.Call] = set()
    for unit in units:
        if unit.level is not Level.MANUAL:
            done |= {draft.site.call for draft in unit.drafts}
    return frozenset((call, name) for call, name in later if call in done)


def keeps_unread(draft: Draft, key: Hashable) -> None:
    """Note that a structure of the request has to stay what it is."""
    name = draft.held.get(key)
    if name in ("contents", "config"):
        draft.unseen.add(name)
