"""Histories that a ``pydantic.TypeAdapter(list[types.Content])`` saves and restores: an adapter of steps does the same.

What is saved is the JSON of the chat's steps, and what is restored begins another chat as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.diagnostics import Level
from migrator.python.evidence.scopes import Kind
from migrator.python.evidence.values import Facts
from migrator.python.replies.uses import Beside, Flow, How, Shape, Step, Use, Veto, is_called

SAVED = Shape("SavedHistory")
_SAVING = frozenset({"dump_json", "dump_python"})
_RESTORING = frozenset({"validate_json", "validate_python"})
_OTHER_FORM = "the saved history is one of steps now: what was saved before, or is read elsewhere, has the old form"


def saved(facts: Facts, argument: cst.Arg, node: cst.CSTNode, turns: Shape) -> Iterator[Step] | None:
    """What becomes of a history that an adapter saves; None where it is handed to something else."""
    adapter = adapter_of(facts, argument)
    return None if adapter is None else _saved(facts, adapter, node, turns)


def adapter_of(facts: Facts, argument: cst.CSTNode | None) -> cst.BaseExpression | None:
    """The adapter, as it is named there, that saves ``argument``."""
    call = facts.module.parent(argument) if isinstance(argument, cst.Arg) else None
    match call:
        case cst.Call(func=cst.Attribute(value=adapter, attr=cst.Name(value=name)), args=[first, *_]):
            if name in _SAVING and first is argument and content_of(facts, adapter) is not None:
                return adapter
    return None


def content_of(facts: Facts, adapter: cst.BaseExpression) -> cst.BaseExpression | None:
    """The ``types.Content`` in what makes ``adapter``, or None where it is no adapter of a list of them."""
    match _made(facts, adapter):
        case cst.Call(
            func=func,
            args=[
                cst.Arg(
                    keyword=None,
                    value=cst.Subscript(
                        value=cst.Name(value="list"),
                        slice=[cst.SubscriptElement(slice=cst.Index(value=content))],
                    ),
                )
            ],
        ) if facts.names.path(func) == "pydantic.TypeAdapter":
            return content if facts.names.path(content) == "google.genai.types.Content" else None
    return None


def _made(facts: Facts, adapter: cst.BaseExpression) -> cst.BaseExpression | None:
    if not isinstance(adapter, cst.Name):
        return adapter
    found = facts.scopes.definitions(adapter)
    made = [each.value for each in found if each.kind is Kind.ASSIGN]
    return made[0] if len(found) == 1 and made else None


def _saved(facts: Facts, adapter: cst.BaseExpression, node: cst.CSTNode, turns: Shape) -> Iterator[Step]:
    yield Use(node, node, turns, "saved", None, How.VALUE)
    yield Veto("MG203", node, _OTHER_FORM, Level.REVIEW, "Accept with --review if only this file reads it.")
    for read in _reads(facts, adapter):
        method = facts.module.parent(read)
        call = facts.module.parent(method) if isinstance(method, cst.Attribute) else None
        name = method.attr.value if isinstance(method, cst.Attribute) else ""
        if not isinstance(method, cst.Attribute) or not isinstance(call, cst.Call) or not is_called(facts, method):
            yield Veto("MG204", read, "the adapter of the history is used here in a way that is not understood")
        elif name in _SAVING and call.args:
            yield Beside(call.args[0].value)
        elif name in _RESTORING:
            yield Flow(call, SAVED)
        else:
            yield Veto("MG204", read, f"the adapter of the history is used by its method {name}")


def _reads(facts: Facts, adapter: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(adapter, cst.Name):
        for definition in facts.scopes.definitions(adapter):
            yield from facts.scopes.reads(definition)
