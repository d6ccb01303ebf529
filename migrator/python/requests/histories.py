"""Contents under a name: one item, a list of parts, or a history of turns that grows after it was made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import libcst as cst

from migrator import ir
from migrator.plan import Mode, plan_contents, plan_item
from migrator.python.evidence.optional import Nones
from migrator.python.evidence.values import Place, Reader
from migrator.python.requests.bindings import Binding, Growth, binding_of, growths
from migrator.python.requests.speakers import speaker_of
from migrator.python.requests.workspace import Workspace, is_cut, is_step, is_turn
from migrator.python.writing.edits import Replace
from migrator.python.writing.layout import Carried, Concat, Text
from migrator.records import dataclass

_SEVERAL = ("function", "tool", "thought", "code")  # what the source of a turn says that may be more than one step


@dataclass(frozen=True, slots=True)
class Histories:
    """Reads the contents of one site that stand under a name."""

    space: Workspace
    reader: Reader

    def item(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value]) -> ir.Value | None:
        """One part or turn under a name, rewritten where it is made; None where it becomes several."""
        if all(isinstance(value, ir.Sequence) for value in values):
            return self._inner(node, binding, values)
        missing, values = self._given(node, values)
        mode = Mode.PARTS if any(map(is_cut, values)) else Mode.CONTENTS
        mode = Mode.STEPS if any(is_turn(value) or is_step(value) for value in values) else mode
        for value, made in zip(values, binding.values, strict=True):
            if _is_none(value):
                continue
            result = plan_item(value, mode, self.space.context)
            self.space.note(result)
            if result.value is None:
                return ir.Opaque(node, ir.PLANNED)  # a diagnostic says why it is refused
            if isinstance(result.value, ir.Sequence):
                return None
            self.space.rewrite(made, result.value)
        return self._claimed(binding, node, mode, missing=missing)

    def _claimed(self, binding: Binding, node: cst.BaseExpression, mode: Mode, *, missing: bool) -> ir.Opaque:
        """What ``node`` reads now: the same for every caller that hands on what it gives."""
        self.space.claim(binding, node)
        held = ir.Opaque(node, ir.PLANNED, hint=mode.value, optional=missing)
        return self.space.ledger.held.setdefault(node, held)

    def _given(self, node: cst.BaseExpression, values: list[ir.Value]) -> tuple[bool, list[ir.Value]]:
        """Whether a name may be None where it is read, and its values without that question."""
        facts = self.space.facts
        given = [replace(value, optional=False) if isinstance(value, ir.Opaque) else value for value in values]
        if given == values and not any(map(_is_none, values)):
            return False, values
        return Nones(facts.module, facts.scopes, facts.names).may_be(node), given

    def _inner(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value]) -> ir.Value | None:
        """A list of parts inside a list of contents: a turn of the user, whose parts stay under their name."""
        items = [item for value in values for item in _items(value)]
        if any(item is None or is_turn(item) or is_step(item) for item in items):
            return None
        parts = self.whole(node, binding, values, Place("contents[]", "Content"))
        if isinstance(parts, ir.Opaque) and parts.hint == Mode.STEPS.value:
            return ir.Unknown(f"{binding.label} holds calls or results of functions inside a list of contents", node)
        return ir.Record("Content", (ir.Field("role", ir.Literal("user")), ir.Field("parts", parts)))

    def whole(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value], place: Place) -> ir.Value:
        """A list under a name, rewritten where it is made and wherever it grows."""
        missing, values = self._given(node, values)
        grown = [each for each in growths(self.space.facts, binding)[0] if each.read not in self.space.ledger.consumed]
        added = [(growth, self._added(growth, place)) for growth in grown]
        everything = [each for value in (*values, *(value for _, value in added)) for each in _items(value)]
        if place.path != "contents" and any(
            each is None or (is_turn(each) and not is_step(each)) for each in everything
        ):
            return ir.Unknown(f"{binding.label} holds whole turns where parts are expected", node)
        mode = self.space.ledger.modes.get(binding.key) or _mode(everything)
        given = [value for value in values if not _is_none(value)]
        if place.path == "contents" and len(binding.reads) > 1 and all(map(self._is_one, given)):
            return self._turn(node, binding, values)
        with self._spoken(node, everything, mode if place.path.endswith(".parts") else Mode.CONTENTS):
            for value, made in zip(values, binding.values, strict=True):
                if _is_none(value):
                    continue
                asked = mode if grown or isinstance(value, ir.Sequence) else None
                result = plan_contents(value, self.space.context, asked)
                self.space.note(result)
                if result.value is None:
                    return ir.Opaque(node, ir.PLANNED)  # a diagnostic says why it is refused
                self.space.rewrite(made, result.value)
            for growth, item in added:
                self._grow(growth, item, mode)
        if mode is Mode.STEPS and added and len(binding.values) == 1:
            self.space.declare(binding, "list[Any]")
        if self._is_uneven(binding):
            self.space.ledger.uneven.add(binding.key)
        if self.space.context.resolution and len(binding.reads) > len(grown) + 1:
            message = f"media_resolution: {binding.label} is also used where it may have another one"
            self.space.draft.refuse("MG106", message, node)
        self.space.ledger.modes[binding.key] = mode
        return self._claimed(binding, node, mode, missing=missing)

    @contextmanager
    def _spoken(self, node: cst.BaseExpression, items: Iterable[ir.Value | None], mode: Mode) -> Iterator[None]:
        """Let what is no step of its own be said by the one whose parts these are."""
        known = self.space.context
        speaker = speaker_of(self.space.facts, node) if mode is Mode.STEPS else known.speaker
        if speaker is not None:
            self.space.context = replace(known, speaker=speaker)
        elif not all(each is None or is_step(each) for each in items):
            self.space.draft.refuse("MG106", "role: whether the user or the model speaks is not visible", node)
        try:
            yield
        finally:
            self.space.context = known

    def _is_one(self, value: ir.Value) -> bool:
        """Whether a value is one part or turn, which may stand for all contents too, and no list that is rewritten."""
        if isinstance(value, ir.Record) or not is_turn(value):
            return is_turn(value) or (isinstance(value, ir.Record) and value.type == "Part")
        made = value.origin if isinstance(value, ir.Opaque) else None
        binding = binding_of(self.space.facts, made) if isinstance(made, cst.BaseExpression) else None
        return binding is not None and binding.key not in self.space.ledger.modes

    def _is_uneven(self, binding: Binding) -> bool:
        """Whether a turn may have become several steps: a reply's, or one with calls, results or thoughts."""
        grown = growths(self.space.facts, binding)[0]
        added = [each for growth in grown for each in (growth.items, *_elements(growth.items))]
        made = [*binding.values, *added]
        sources = (self.space.facts.module.source(turn).lower() for turn in made)
        return (
            any(map(self.space.is_models_turn, made))
            or any(growth.call in self.space.draft.edits for growth in grown)  # an append that became an extend
            or any(word in source for source in sources for word in _SEVERAL)
        )

    def _turn(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value]) -> ir.Value:
        """One turn that stands for all contents here, and for one of several elsewhere."""
        found = self.item(node, binding, values)
        if found is None:
            return ir.Unknown(f"{binding.label} is one turn that becomes several steps", node)
        return ir.Sequence((found,))

    def _added(self, growth: Growth, place: Place) -> ir.Value | None:
        """What a growth adds to a list at ``place``; None where it adds the model's turn of a tracked response."""
        if self.space.is_models_turn(growth.items):
            return None
        return self.reader.read(growth.items, place.item() if growth.method in ("append", "insert") else place)

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
            case ir.Spread(value=whole), cst.Call(func=cst.Attribute(value=history)) if growth.method == "append":
                parts = (Carried(history), Text(".extend("), self.space.renderer.value(whole), Text(")"))
                self.space.draft.edits[growth.call] = Replace(Concat(parts))
            case ir.Sequence() | ir.Spread(), _:
                message = "one turn becomes several steps, which cannot be inserted here"
                self.space.draft.refuse("MG108", message, growth.call)
            case one, _:
                self.space.rewrite(growth.items, one)


def _elements(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    """What a display adds to the list that it is added to."""
    return [each.value for each in node.elements] if isinstance(node, (cst.List, cst.Tuple)) else []


def _mode(items: list[ir.Value | None]) -> Mode:
    """Steps as soon as one turn has a speaker of its own, a function is called or answers, or a reply is added."""
    return Mode.STEPS if any(each is None or is_turn(each) or is_step(each) for each in items) else Mode.CONTENTS


def _is_none(value: ir.Value) -> bool:
    return isinstance(value, ir.Literal) and value.value is None


def _items(value: ir.Value | None) -> tuple[ir.Value | None, ...]:
    return value.items if isinstance(value, ir.Sequence) else (value,)
