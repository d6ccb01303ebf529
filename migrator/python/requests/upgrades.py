"""Names of models that are replaced where they are made: constants, and strings that a model may be.

Either changes where it serves rewritten calls alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import libcst as cst

from migrator import ir
from migrator.diagnostics import Level
from migrator.plan import Context, Planned, plan_model
from migrator.python.evidence.scopes import Definition, Kind
from migrator.python.evidence.values import Facts
from migrator.python.replies.handed import is_printed
from migrator.python.requests.model_names import PREFIX, ModelNames, Named, reads
from migrator.python.unit import Draft, Unit
from migrator.python.writing.edits import Replace
from migrator.python.writing.layout import Text

Made = Definition | cst.SimpleString

_ASKING = (".generate_content", ".generate_content_stream", ".chats.create")
_GOOGLES = ("gemini", "gemma", "models/", "tunedModels/", "learnlm", "imagen", "veo")


def settled(facts: Facts, units: Iterable[Unit], accept: Level) -> frozenset[Made]:
    """The constants and strings all of whose reads are models of calls that are rewritten, or only shown."""
    accepted = [draft for unit in units if (unit.level | accept) is accept for draft in unit.drafts]
    served = {name for draft in accepted for name in draft.upgraded}
    constants = {each for name in served if (each := _constant(facts, name)) is not None}
    whole = (each for each in constants if served.issuperset(facts.scopes.reads(each)))
    flows = {read for draft in accepted for read in draft.asked}
    named = {each for draft in accepted for each in draft.named}
    kept = {each.literal for each in named if not _serves(facts, each, flows)}
    return frozenset([*whole, *(each.literal for each in named if each.literal not in kept)])


def _serves(facts: Facts, named: Named, flows: set[cst.CSTNode]) -> bool:
    read = (read for holder in named.holders for read in reads(facts, holder))
    return all(each in flows or is_printed(facts, each) for each in read)


def checked(facts: Facts, draft: Draft, context: Context, model: ir.Value, made: frozenset[Made] | None) -> ir.Value:
    """``model`` without the prefix of its name; says which strings that it may be are not served.

    Those change where ``made`` has them; it is None as long as nobody knows which may change: then all of them do.
    """
    if isinstance(model, ir.Choice):
        then, otherwise = (checked(facts, draft, context, side, made) for side in (model.then, model.otherwise))
        return replace(model, then=then, otherwise=otherwise)
    if not isinstance(model, ir.Opaque) or not isinstance(model.origin, cst.BaseExpression):
        return model
    if (bare := _without_prefix(model.origin)) is not None:
        return checked(facts, draft, context, replace(model, origin=bare), made)
    names = ModelNames(facts, draft.asked)
    _check(draft, context, names.of(model.origin), made)
    return ir.Apply(ir.Function.BARE_NAME, (model,), model.origin) if names.is_prefixed else model


def _without_prefix(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """What stands behind the prefix: ``name`` of ``f"models/{name}"`` and of ``"models/" + name``."""
    match node:
        case cst.FormattedString(
            parts=[
                cst.FormattedStringText(value="models/"),
                cst.FormattedStringExpression(expression=name, conversion=None, format_spec=None),
            ]
        ):
            return name
        case cst.BinaryOperation(left=cst.SimpleString() as head, operator=cst.Add(), right=name):
            return name if head.evaluated_value == PREFIX else None
    return None


def _check(draft: Draft, context: Context, names: Iterable[Named], made: frozenset[Made] | None) -> None:
    for named in names:
        literal = named.literal
        name = literal.evaluated_value
        if not isinstance(name, str) or not name.startswith(_GOOGLES):
            continue
        found = plan_model(ir.Literal(name, literal), context)
        changes = _is_replaced(ir.Literal(name), found.value)
        if changes and made is not None and literal not in made:
            message = f"{name} is not served by the Interactions API, and other code uses it too"
            draft.refuse("MG105", message, literal, "Give the calls that are to be rewritten a model of their own.")
            continue
        draft.diagnostics += found.diagnostics
        draft.features |= found.features
        if changes:
            draft.named.append(named)
            _change(draft, literal, found.value or ir.Literal(name))
            draft.keys.add(literal)


def upgraded(facts: Facts, draft: Draft, model: ir.Value, planned: Planned, made: frozenset[Made] | None) -> Planned:
    """``planned`` with what holds the name of its model, where that changes."""
    body = planned.value
    new = body.get("model") if isinstance(body, ir.Record) else None
    if not isinstance(body, ir.Record) or new is None:
        return planned
    written = renamed(facts, draft, model, new, made)
    if written is new:
        return planned
    fields = tuple(replace(each, value=written) if each.name == "model" else each for each in body.fields)
    return replace(planned, value=replace(body, fields=fields))


def renamed(facts: Facts, draft: Draft, model: ir.Value, new: ir.Value, made: frozenset[Made] | None) -> ir.Value:
    """What to write for a ``model`` that becomes ``new``: the constant or attribute that holds it, where that changes.

    ``made`` is None as long as nobody knows what may change.
    """
    name = getattr(model, "origin", None)
    if model == new or not isinstance(model, ir.Literal) or not isinstance(name, cst.Name | cst.Attribute):
        return new
    if isinstance(name, cst.Name):
        return _in_constant(facts, draft, name, model, new, made or frozenset())
    return _in_attribute(facts, draft, name, new, made) if _is_replaced(model, new) else _bare(name)


def _bare(name: cst.BaseExpression) -> ir.Value:
    """The name of a model without its prefix, which only the new call is not to have."""
    return ir.Apply(ir.Function.BARE_NAME, (ir.Opaque(name, "str"),), name)


def _in_constant(
    facts: Facts, draft: Draft, name: cst.Name, model: ir.Value, new: ir.Value, constants: frozenset[Made]
) -> ir.Value:
    """The constant, where it changes; otherwise it is named."""
    definition = _constant(facts, name)
    draft.upgraded.append(name)
    if definition is None or definition not in constants:
        if not _is_replaced(model, new):
            return _bare(name)
        if definition is not None and any(not _is_model(facts, read) for read in facts.scopes.reads(definition)):
            message = f"{name.value} keeps its value: other code uses it too"
            draft.ask("MG105", message, name, "Change the constant by hand where nothing needs the old model.")
        return new
    assert isinstance(definition.value, cst.SimpleString)
    _change(draft, definition.value, new)
    draft.keys.add(definition)
    return ir.Opaque(name, "str")


def _in_attribute(
    facts: Facts, draft: Draft, node: cst.Attribute, new: ir.Value, made: frozenset[Made] | None
) -> ir.Value:
    """The attribute, where the one string that it holds changes: whoever gives it another model is heard as before."""
    found = list(ModelNames(facts, draft.asked).of(node))
    if len(found) != 1:
        return new
    draft.named += found
    if made is not None and found[0].literal not in made:
        message = f"{facts.module.source(node)} keeps its value: other code uses it too"
        draft.ask("MG105", message, node, "Change it by hand where nothing needs the old model.")
        return new
    _change(draft, found[0].literal, new)
    draft.keys.add(found[0].literal)
    return ir.Opaque(node, "str")


def _change(draft: Draft, literal: cst.SimpleString, new: ir.Value) -> None:
    draft.edits[literal] = Replace(Text(f"{literal.quote}{_text(new)}{literal.quote}"))


def _text(value: ir.Value | None) -> str:
    return value.value if isinstance(value, ir.Literal) and isinstance(value.value, str) else ""


def _is_model(facts: Facts, read: cst.Name) -> bool:
    match facts.module.parent(read):
        case cst.Arg(keyword=cst.Name(value="model")) as argument:
            call = facts.module.parent(argument)
            return isinstance(call, cst.Call) and facts.names.path(call.func).endswith(_ASKING)
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
