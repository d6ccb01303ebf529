"""Constants that name a model which is replaced: the constant changes where it serves rewritten calls alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import libcst as cst

from migrator import ir
from migrator.diagnostics import Level
from migrator.plan import Planned
from migrator.python.evidence.scopes import Definition, Kind
from migrator.python.evidence.values import Facts
from migrator.python.unit import Draft, Unit
from migrator.python.writing.edits import Replace
from migrator.python.writing.layout import Text


def settled(facts: Facts, units: Iterable[Unit], accept: Level) -> frozenset[Definition]:
    """The constants all of whose reads are models of calls that are rewritten."""
    accepted = [draft for unit in units if (unit.level | accept) is accept for draft in unit.drafts]
    served = {name for draft in accepted for name in draft.upgraded}
    constants = {each for name in served if (each := _constant(facts, name)) is not None}
    return frozenset(each for each in constants if served.issuperset(facts.scopes.reads(each)))


def upgraded(
    facts: Facts, draft: Draft, model: ir.Value, planned: Planned, constants: frozenset[Definition]
) -> Planned:
    """``planned`` with the constant that names its model, where that changes; otherwise the constant is named."""
    body = planned.value
    new = body.get("model") if isinstance(body, ir.Record) else None
    name = getattr(model, "origin", None)
    if not isinstance(body, ir.Record) or not isinstance(name, cst.Name) or not _is_replaced(model, new):
        return planned
    definition = _constant(facts, name)
    draft.upgraded.append(name)
    if definition is None or definition not in constants:
        if definition is not None and any(not _is_model(facts, read) for read in facts.scopes.reads(definition)):
            message = f"{name.value} keeps its value: other code uses it too"
            draft.ask("MG105", message, name, "Change the constant by hand where nothing needs the old model.")
        return planned
    assert isinstance(definition.value, cst.SimpleString)
    quote = definition.value.quote
    draft.edits[definition.value] = Replace(Text(f"{quote}{_text(new)}{quote}"))
    draft.keys.add(definition)
    kept = ir.Field("model", ir.Opaque(name, "str"))
    fields = tuple(replace(kept, origin=each.origin) if each.name == "model" else each for each in body.fields)
    return replace(planned, value=replace(body, fields=fields))


def _text(value: ir.Value | None) -> str:
    return value.value if isinstance(value, ir.Literal) and isinstance(value.value, str) else ""


def _is_model(facts: Facts, read: cst.Name) -> bool:
    match facts.module.parent(read):
        case cst.Arg(keyword=cst.Name(value="model")) as argument:
            call = facts.module.parent(argument)
            return isinstance(call, cst.Call) and facts.names.path(call.func).endswith(".generate_content")
    return False


def _is_replaced(model: ir.Value, new: ir.Value | None) -> bool:
    match model, new:
        case ir.Literal(value=str() as before), ir.Literal(value=str() as after):
            return before.removeprefix("models/") != after
    return False


def _constant(facts: Facts, name: cst.Name) -> Definition | None:
    found = facts.scopes.definitions(name)
    definition = next(iter(found)) if len(found) == 1 else None
    if definition is None or definition.kind is not Kind.ASSIGN or not isinstance(definition.value, cst.SimpleString):
        return None
    return definition if definition.value.prefix == "" else None
