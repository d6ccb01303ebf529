"""Contents under a name: one item, a list of parts, or a history of turns that grows after it was made."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from migrator import ir
from migrator.plan import Mode, plan_contents, plan_item
from migrator.python.bindings import Binding, Growth, growths
from migrator.python.layout import Carried, Concat, Text
from migrator.python.transform import Replace
from migrator.python.values import Facts, Place, Reader
from migrator.python.workspace import Workspace, is_turn


@dataclass(frozen=True, slots=True)
class Histories:
    """Reads the contents of one site that stand under a name."""

    space: Workspace
    reader: Reader

    def item(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value]) -> ir.Value | None:
        """One part or turn under a name, rewritten where it is made; None where it becomes several."""
        mode = Mode.STEPS if any(is_turn(value) for value in values) else Mode.CONTENTS
        for value, made in zip(values, binding.values, strict=True):
            result = plan_item(value, mode, self.space.context)
            self.space.note(result)
            if result.value is None:
                return ir.Opaque(node, ir.PLANNED)  # a diagnostic says why it is refused
            if isinstance(result.value, ir.Sequence):
                return None
            self.space.rewrite(made, result.value)
        self.space.claim(binding, node)
        return ir.Opaque(node, ir.PLANNED, hint=mode.value)

    def whole(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value], place: Place) -> ir.Value:
        """A list under a name, rewritten where it is made and wherever it grows."""
        grown = [each for each in growths(self.space.facts, binding)[0] if each.read not in self.space.ledger.consumed]
        added = [(growth, self._added(growth)) for growth in grown]
        mode = self._mode(values, [value for _, value in added])
        if place.path != "contents" and mode is Mode.STEPS:
            return ir.Unknown(f"{binding.label} holds whole turns where parts are expected", node)
        for value, made in zip(values, binding.values, strict=True):
            asked = mode if grown or isinstance(value, ir.Sequence) else None
            result = plan_contents(value, self.space.context, asked)
            self.space.note(result)
            if result.value is None:
                return ir.Opaque(node, ir.PLANNED)  # a diagnostic says why it is refused
            self.space.rewrite(made, result.value)
        for growth, item in added:
            self._grow(growth, item, mode)
        if self.space.context.resolution and len(binding.reads) > len(grown) + 1:
            message = f"media_resolution: {binding.label} is also used where it may have another one"
            self.space.draft.refuse("MG106", message, node)
        self.space.ledger.modes[binding.key] = mode
        self.space.claim(binding, node)
        return ir.Opaque(node, ir.PLANNED, hint=mode.value)

    def _mode(self, values: list[ir.Value], added: list[ir.Value | None]) -> Mode:
        """Steps as soon as one turn has a speaker of its own, or a reply is added."""
        everything = [*values, *(value for value in added if value is not None)]
        turns = any(is_turn(each) for value in everything for each in _items(value))
        return Mode.STEPS if turns or None in added else Mode.CONTENTS

    def _added(self, growth: Growth) -> ir.Value | None:
        """What a growth adds; None where it adds the model's turn of a tracked response."""
        if is_models_turn(self.space.facts, growth.items):
            return None
        one = growth.method in ("append", "insert")
        return self.reader.read(growth.items, Place("contents[]" if one else "contents", "Content"))

    def _grow(self, growth: Growth, value: ir.Value | None, mode: Mode) -> None:
        self.space.ledger.consumed.add(growth.read)
        if value is None:
            return  # the read of the response puts the steps in
        if growth.method in ("append", "insert"):
            self._grow_by_one(growth, value, mode)
            return
        result = plan_contents(value, self.space.context, mode)
        self.space.note(result)
        match result.value:
            case ir.Sequence() | ir.Opaque(type=ir.PLANNED) as several:
                self.space.rewrite(growth.items, several)
            case None:
                pass  # a diagnostic says why it is refused
            case _:
                self.space.draft.refuse("MG108", "the list grows by something that is not a list", growth.call)

    def _grow_by_one(self, growth: Growth, value: ir.Value, mode: Mode) -> None:
        result = plan_item(value, mode, self.space.context)
        self.space.note(result)
        match result.value, growth.call:
            case None, _:
                pass  # a diagnostic says why it is refused
            case ir.Sequence() as several, cst.Call(func=cst.Attribute(value=history)) if growth.method == "append":
                shown = self.space.renderer.value(several)
                parts = (Carried(history), Text(".extend("), shown, Text(")"))
                self.space.draft.edits[growth.call] = Replace(Concat(parts))
            case ir.Sequence(), _:
                message = "one turn becomes several steps, which cannot be inserted here"
                self.space.draft.refuse("MG108", message, growth.call)
            case one, _:
                self.space.rewrite(growth.items, one)


def is_models_turn(facts: Facts, node: cst.BaseExpression) -> bool:
    """Whether ``node`` is the content of a response's candidate, directly or by a name."""
    match node:
        case cst.Attribute(value=cst.Subscript(value=cst.Attribute(value=response)), attr=cst.Name(value="content")):
            return _is_response(facts, response)
        case cst.Attribute(value=cst.Name() as candidate, attr=cst.Name(value="content")):
            values = _values(facts, candidate)
            return bool(values) and all(_is_candidate(facts, value) for value in values)
        case cst.Name():
            values = _values(facts, node)
            return bool(values) and all(is_models_turn(facts, value) for value in values)
    return False


def _is_candidate(facts: Facts, value: cst.BaseExpression) -> bool:
    match value:
        case cst.Subscript(value=cst.Attribute(value=response)):
            return _is_response(facts, response)
    return False


def _is_response(facts: Facts, node: cst.BaseExpression) -> bool:
    return facts.names.path(node).endswith("models.generate_content()")


def _values(facts: Facts, name: cst.Name) -> list[cst.BaseExpression]:
    return [each.value for each in facts.scopes.definitions(name) if each.value is not None]


def _items(value: ir.Value) -> tuple[ir.Value, ...]:
    return value.items if isinstance(value, ir.Sequence) else (value,)
