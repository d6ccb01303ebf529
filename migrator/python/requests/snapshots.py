"""Lists that the legacy types copied: what took one as it was does not see it change, so a dict takes a copy."""

from __future__ import annotations

import libcst as cst

from migrator.python.evidence.values import Facts
from migrator.python.requests.bindings import Binding, growth, is_changed
from migrator.python.requests.workspace import Workspace
from migrator.python.writing.edits import Replace
from migrator.python.writing.layout import Text

_LEGACY_TYPES = "google.genai.types."


def keep_apart(space: Workspace, node: cst.BaseExpression, binding: Binding) -> None:
    """Copy the list that ``node`` hands to a legacy type, where it may change before the request is made."""
    facts = space.facts
    around = [each for each in facts.module.ancestors(node) if isinstance(each, cst.Call)]
    if space.draft.site.call in around:
        return  # sent at once
    if not any(facts.names.path(each.func).startswith(_LEGACY_TYPES) for each in around):
        return  # a dict never copied it
    made = all(isinstance(value, (cst.List, cst.ListComp)) for value in binding.values)
    if made and isinstance(node, (cst.Name, cst.Attribute)) and _changes_after(facts, binding, node):
        space.draft.edits[node] = Replace(Text(f"list({facts.module.source(node)})"))


def _changes_after(facts: Facts, binding: Binding, node: cst.CSTNode) -> bool:
    """Whether what the binding holds may change after ``node`` has read it: later on, or when both run again."""
    changed = (read for read in binding.reads if growth(facts, read) is not None or is_changed(facts, read))
    return any(
        facts.module.order(read) > facts.module.order(node) or _run_again(facts, binding, node, read)
        for read in changed
    )


def _run_again(facts: Facts, binding: Binding, node: cst.CSTNode, read: cst.CSTNode) -> bool:
    """Whether ``node`` and ``read`` may run several times with the same object."""
    around = {each for each in facts.module.ancestors(node) if isinstance(each, (cst.For, cst.While, cst.FunctionDef))}
    shared = [each for each in facts.module.ancestors(read) if each in around]
    made = [set(facts.module.ancestors(each)) for each in binding.values]
    return any(not any(each in inside for inside in made) for each in shared)
