"""Results of functions that a message sends and whose calls no variable holds: the chat itself knows what it was asked.

The legacy service matched results with calls by name and order. Here the chat's steps are asked for the id of the call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from migrator import ir
from migrator.python.evidence.scopes import dotted
from migrator.python.unit import Draft

CALL_ID = "call_id"


def with_ids(message: ir.Value, draft: Draft) -> ir.Value:
    """``message`` with the id of its call for every result that names a function and no call."""
    method = draft.site.method
    chat = method.value if isinstance(method, cst.Attribute) else None
    if chat is None or not dotted(chat):
        return message
    if _result(message) is not None:
        return _numbered(message, chat, Counter(), draft)
    if isinstance(message, ir.Sequence):
        seen: Counter[str] = Counter()
        return replace(message, items=tuple(_numbered(item, chat, seen, draft) for item in message.items))
    return message


def asks_for_ids(value: ir.Value) -> bool:
    """Whether ``value`` holds an id that the chat is asked for."""
    return any(isinstance(each, ir.Apply) and each.function is ir.Function.CALL_ID for each in ir.walk(value))


def _numbered(part: ir.Value, chat: cst.BaseExpression, seen: Counter[str], draft: Draft) -> ir.Value:
    result = _result(part)
    name = result.get("name") if result is not None else None
    if result is None or not isinstance(part, ir.Record) or not isinstance(name, ir.Literal):
        return part
    function, position = str(name.value), seen[str(name.value)]
    seen[function] += 1
    if any(each.name == "id" for each in result.fields):
        return part
    nth = (ir.Literal(position),) if position else ()
    asked = ir.Apply(ir.Function.CALL_ID, (ir.Opaque(chat, repeatable=True), ir.Literal(name.value, name.origin), *nth))
    which = f"call {position + 1} of that function" if position else "the call of that function"
    draft.ask(
        "MG102",
        f"the result of {function!r} is taken to answer {which} which has no result yet",
        name.origin if isinstance(name.origin, cst.CSTNode) else draft.site.call,
        "Where the reply asks for fewer calls, an IndexError is raised here instead of the service's error.",
    )
    answer = replace(result, fields=(ir.Field("id", asked), *result.fields))
    return replace(part, fields=tuple(_put(each, result, answer) for each in part.fields))


def _put(field: ir.Field, old: ir.Record, new: ir.Record) -> ir.Field:
    return replace(field, value=new) if field.value is old else field


def _result(part: ir.Value) -> ir.Record | None:
    """The result inside a part."""
    values: Iterator[ir.Value] = (each.value for each in part.fields) if isinstance(part, ir.Record) else iter(())
    return next((each for each in values if isinstance(each, ir.Record) and each.type == "FunctionResponse"), None)
