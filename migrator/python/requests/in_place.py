"""Names of structures inside of a configuration, which are rewritten where they are made or moved to their use."""

from __future__ import annotations

import libcst as cst

from migrator import ir
from migrator.diagnostics import Settled
from migrator.plan import plan_config
from migrator.planning.at_run_time import group_settled
from migrator.planning.automatic import CALLABLES, FUNCTION, FUNCTIONS, has_callables
from migrator.python.evidence.values import Place, Reader
from migrator.python.requests.bindings import Binding, can_move, growths, is_constant, is_counted
from migrator.python.requests.instructions import INSTRUCTION, Instructions
from migrator.python.requests.members import HOLDERS, Members
from migrator.python.requests.workspace import CONFIG, Workspace, field_names
from migrator.python.tools.toolboxes import GROWING, Toolboxes
from migrator.records import dataclass

SAFETY = "config.safety_settings"


@dataclass(frozen=True, slots=True)
class InPlace:
    """Writes what names hold that stand in a configuration."""

    space: Workspace
    reader: Reader

    def named(
        self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value], place: Place
    ) -> ir.Value | None:
        """The name of a structure that is written where it is made; its value where it moves; None where it stays."""
        if place.path == "config.tools" and self._holds_functions(binding):
            return ir.Opaque(node, FUNCTIONS, repeatable=True)
        grown = growths(self.space.facts, binding)[0]
        if grown and place.path in GROWING:
            box = Toolboxes(self.space, self.reader, place.path).grown(node, binding, values, grown)
            return None if isinstance(box, ir.Unknown) and place.path == SAFETY else box
        if grown and self._is_carried(place):
            return None
        if grown:
            message = f"{binding.label} is a list that grows after it was made"
            return ir.Unknown(message, node, Settled.BY_THE_RUN)
        if place.path in HOLDERS:
            return self._members(node, binding, values, place)
        planned = [value if is_done(value) else self.planned(value, place) for value in values]
        if None in planned:
            found = self.moved_or_unknown(node, binding, values, place)
            told = (
                Instructions(self.space).named(node, binding, values, place) if _is_instruction(found, place) else None
            )
            return told or found
        if is_counted(self.space.facts, binding) and any(map(_has_another_length, values, planned)):
            return ir.Unknown(f"{binding.label} is counted, and becomes a list of another length", node)
        for made, value, new in zip(binding.values, values, planned, strict=True):
            if new is not None and new is not value:
                self.space.rewrite(made, new)
        self.space.claim(binding, node)
        names = field_names(values) | ({CALLABLES} if any(map(has_callables, values)) else set())
        return ir.Opaque(node, ir.PLANNED, hint=",".join(sorted(names)))

    def _is_carried(self, place: Place) -> bool:
        """Whether what stands at a place of a configuration is the same in the new one."""
        row = self.space.facts.maps.request(CONFIG, place.path.removeprefix("config."))
        return row is not None and row.to is not None and row.via is None and not row.values

    def _holds_functions(self, binding: Binding) -> bool:
        """Whether a list holds Python functions alone, so that it stays what it is."""
        kinds = self.space.facts.kinds
        grown = growths(self.space.facts, binding)[0]
        added = [kinds.of(each.items) for each in grown]
        return all(kinds.of(value) == FUNCTIONS for value in binding.values) and {FUNCTION, FUNCTIONS}.issuperset(added)

    def _members(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value], place: Place) -> ir.Value:
        """A structure whose fields are spread over another one: written there, else a dict to splat."""
        found = self.moved_or_unknown(node, binding, values, place)
        if not isinstance(found, ir.Unknown):
            return found
        return Members(self.space, place.path).named(node, binding, values) or found

    def moved_or_unknown(
        self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value], place: Place
    ) -> ir.Value:
        """The one value of a name that can be written where the name is read."""
        if len(values) == 1 and can_move(self.space.facts, binding, node):
            self.space.move(binding)
            return values[0]
        if len(values) == 1 and is_constant(self.space.facts, binding.values[0]):
            self.space.ledger.consumed.add(node)
            self.space.draft.copied[binding.key] = binding
            return values[0]
        message = f"{binding.label} is made elsewhere and becomes several things here"
        return ir.Unknown(message, node, group_settled(place.type))

    def planned(self, value: ir.Value, place: Place) -> ir.Value | None:
        """What ``value`` becomes at ``place`` of a configuration, where it stays one value."""
        path = place.path.removeprefix("config.")
        entries = [_wrapped(path, value)]
        if path.startswith(("response_schema", "response_json_schema")):
            entries.append(ir.Field("response_mime_type", ir.Literal("application/json")))
        result = plan_config(ir.Record(CONFIG, tuple(entries)), self.space.context)
        found = _inside(result.value, value, path)
        if found is not None or result.value is None:
            self.space.note(result)
        return found


def is_done(value: ir.Value) -> bool:
    """Whether a value needs no other form here: it has got one where it is made, or is none."""
    match value:
        case ir.Choice(then=then, otherwise=otherwise):
            return is_done(then) and is_done(otherwise)
        case ir.Opaque(type=ir.PLANNED) | ir.Literal(value=None):
            return True
    return False


def _is_instruction(found: ir.Value, place: Place) -> bool:
    return isinstance(found, ir.Unknown) and place.path.startswith(INSTRUCTION)


def _has_another_length(value: ir.Value, new: ir.Value | None) -> bool:
    match value, new:
        case ir.Sequence(items=items), ir.Sequence(items=others):
            return len(items) != len(others)
    return False


def _wrapped(path: str, value: ir.Value) -> ir.Field:
    """``value`` at ``path`` of a configuration, with nothing else around it."""
    first, *rest = path.split(".")
    if rest:
        value = ir.Record("dict", (_wrapped(".".join(rest), value),))
    return ir.Field(first.removesuffix("[]"), ir.Sequence((value,)) if first.endswith("[]") else value)


def _inside(planned: ir.Value | None, value: ir.Value, path: str) -> ir.Value | None:
    """The one value that ``value`` became inside of ``planned``; None where it became several, or none."""
    match planned:
        case ir.Record(fields=(ir.Field(value=ir.Sequence(items=(only,))),)) if path.endswith("[]"):
            return None if isinstance(only, ir.Spread) else only
        case ir.Record(fields=(ir.Field(value=ir.Sequence() as entries),)) if isinstance(value, ir.Sequence):
            return ir.Sequence(entries.items, value.origin)
        case None:
            return None
    origin = getattr(value, "origin", None)
    found = [each for each in ir.walk(planned) if getattr(each, "origin", None) is origin]
    made = [each for each in ir.walk(planned) if isinstance(each, ir.Apply) and set(found) & set(each.args)]
    return (made or found)[0] if len(found) == 1 else None
