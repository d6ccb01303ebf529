"""Arguments that the file does not show well enough: what else can be done than to leave their call.

A wrapper takes contents or a configuration from its callers, or makes them in a way that cannot be rewritten in place.
Such an argument may stay what it is and be converted while the program runs, where nothing in the file shows that it
holds something that the conversion does not know.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import libcst as cst

from migrator import ir
from migrator.diagnostics import Diagnostic, Level, Settled
from migrator.plan import Context, plan_config, plan_contents
from migrator.planning.at_run_time import is_as_built
from migrator.python.evidence.module import descendants
from migrator.python.evidence.values import Facts
from migrator.python.requests.keywords import KEYWORDS
from migrator.python.requests.special import is_special, parts
from migrator.python.unit import Draft, Unit

_HIDDEN = frozenset(
    {"MG106", "MG108", "MG111", "MG113", "MG204", "MG303"}
)  # what the conversion may settle; tried to know


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
    return shows_later(plan_config(config, context).diagnostics)


def shows_later(said: Iterable[Diagnostic]) -> bool:
    """Whether what keeps a configuration from being written anew is there to see while the program runs."""
    wrong = [each for each in said if each.level is Level.MANUAL]
    return bool(wrong) and all(each.settled is Settled.BY_THE_RUN for each in wrong)


def convertible(facts: Facts, units: Iterable[Unit]) -> frozenset[tuple[cst.Call, str]]:
    """The arguments to convert while the program runs, of calls that nothing else keeps."""
    found: set[tuple[cst.Call, str]] = set()
    for unit in units:
        refused = [each.code for draft in unit.drafts for each in draft.diagnostics if each.level is Level.MANUAL]
        if not _HIDDEN.issuperset(refused):
            continue
        for each, name in ((draft, name) for draft in unit.drafts for name in draft.unseen):
            if _is_convertible(facts, each, name):
                found.add((each.site.call, name))
                found |= {(each.site.call, part) for part in _parts(facts, each, name)}
    return frozenset(found)


def _is_convertible(facts: Facts, draft: Draft, name: str) -> bool:
    """Whether the conversion of an argument knows all that is seen of it, and follows the maps of the run."""
    known = name == "contents" or is_as_built(facts.maps)
    return known and not _is_written_out(draft, name) and not _is_special(facts, draft, name)


def _is_written_out(draft: Draft, name: str) -> bool:
    """Whether the call itself holds what cannot be migrated: no run makes it something else."""
    wrong = {each.origin for each in draft.diagnostics if each.code == "MG108"}
    shown = (node for node in _given(draft, name) if isinstance(node, (cst.List, cst.Dict)))
    return any(not wrong.isdisjoint(descendants(node)) for node in shown)


def _given(draft: Draft, name: str) -> list[cst.BaseExpression]:
    if name == KEYWORDS:
        return [each.value for each in draft.site.arguments if each.star == KEYWORDS]
    return [each.value for each in draft.site.arguments if each.keyword is not None and each.keyword.value == name]


def _is_special(facts: Facts, draft: Draft, name: str) -> bool:
    return is_special(facts, draft.site.call, _given(draft, name), contents=name == "contents")


def _parts(facts: Facts, draft: Draft, name: str) -> frozenset[str]:
    return parts(facts, draft.site.call, _given(draft, name)) if name != "contents" else frozenset()


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
