"""A configuration under a name: moved into the one call that uses it, or made a dict that several calls splat."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from migrator import ir
from migrator.plan import Planned, plan_change, plan_config
from migrator.python.bindings import Binding, can_move
from migrator.python.edits import Annotate, Replace
from migrator.python.layout import Carried, Concat, Text
from migrator.python.values import Place, Reader
from migrator.python.workspace import CONFIG, DICT, Workspace

_MERGED = ("response_format", "generation_config", "**")  # keys that several legacy fields share


@dataclass(frozen=True, slots=True)
class Change:
    """A field that a configuration is given after it was made: ``target = made``."""

    read: cst.BaseExpression
    target: cst.BaseExpression
    name: str
    made: cst.BaseExpression
    field: ir.Field


@dataclass(frozen=True, slots=True)
class Configs:
    """Reads the configurations of one site that stand under a name."""

    space: Workspace
    reader: Reader

    def named(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value]) -> ir.Value:
        """The configuration that ``node`` names: the record itself where it moves, else a dict to splat."""
        if len(values) == 1 and can_move(self.space.facts, binding, node):
            self.space.move(binding)
            return values[0]
        made = [self._made_dict(value, where) for value, where in zip(values, binding.values, strict=True)]
        if not all(made):
            return ir.Opaque(node, ir.PLANNED)  # a diagnostic says why it is refused
        changes = [change for read in binding.reads if (change := self._change(read)) is not None]
        whole = next((value for value in values if isinstance(value, ir.Record)), ir.Record(CONFIG, ()))
        for change in changes:
            self._put(binding, change, self._planned(change, changes, whole))
        self.space.claim(binding, node)
        self._typed(binding)
        optional = any(isinstance(value, ir.Literal) and value.value is None for value in values)
        return ir.Opaque(node, ir.PLANNED, hint="optional" if optional else "")

    def _made_dict(self, value: ir.Value, made: cst.BaseExpression) -> bool:
        self.space.remember(value)
        if isinstance(value, ir.Literal) and value.value is None:
            return True
        result = plan_config(value, self.space.context)
        self.space.note(result)
        if result.value is None:
            return False
        self.space.rewrite(made, result.value)
        return True

    def _typed(self, binding: Binding) -> None:
        """A type checker takes a dict that is splatted for a request only where it is said to hold anything."""
        if binding.annotations or binding.function is not None:
            return
        assignment = self.space.facts.module.parent(binding.values[0])
        if isinstance(assignment, cst.Assign) and len(assignment.targets) == 1:
            self.space.renderer.needs.names.add(("typing", "Any"))
            self.space.draft.edits[assignment] = Annotate(DICT)

    # Changed after it was made -------------------------------------------------------------------------------------

    def _change(self, read: cst.BaseExpression) -> Change | None:
        """``config.tools = …`` or ``config["tools"] = …`` at ``read``."""
        module = self.space.facts.module
        target = module.parent(read)
        assigned = module.parent(target) if target is not None else None
        assignment = module.parent(assigned) if isinstance(assigned, cst.AssignTarget) else None
        if not isinstance(assignment, cst.Assign):
            return None
        match target:
            case cst.Attribute(attr=cst.Name(value=name)):
                return Change(read, target, name, assignment.value, self._field(target, name, assignment.value))
            case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]):
                name = str(key.evaluated_value)
                return Change(read, target, name, assignment.value, self._field(target, name, assignment.value))
        return None

    def _field(self, target: cst.BaseExpression, name: str, value: cst.BaseExpression) -> ir.Field:
        of = self.space.facts.maps.types.get(CONFIG, {}).get(name, "")
        return ir.Field(name, self.reader.read(value, Place(f"config.{name}", of)), target)

    def _planned(self, change: Change, changes: list[Change], whole: ir.Record) -> Planned:
        """What a change becomes; None where it stood is None where the other values of the field go."""
        if not _is_none(change.field.value):
            return plan_change(change.field, whole, self.space.context)
        others = [each.field for each in changes if each.name == change.name]
        given = [field for field in (*others, *whole.fields) if field.name == change.name and not _is_none(field.value)]
        places = [plan_change(field, whole, self.space.context).value for field in given[:1]]
        return Planned(_emptied(places[0]) if places and places[0] is not None else None)

    def _put(self, binding: Binding, change: Change, result: Planned) -> None:
        """The assignment to the dict's new key."""
        self.space.note(result)
        self.space.ledger.consumed.add(change.read)
        q = self.space.renderer.quote
        match result.value:
            case None if result.diagnostics:
                return  # a diagnostic says why it is refused
            case ir.Record(fields=(ir.Field(name="generation_config", value=ir.Record(fields=(one,))),)):
                key, new = f".setdefault({q}generation_config{q}, {{}})[{q}{one.name}{q}]", one.value
            case ir.Record(fields=(ir.Field() as one,)) if one.name not in _MERGED:
                key, new = f"[{q}{one.name}{q}]", one.value
            case _:
                message = f"{binding.label}.{change.name} is changed after it was made, and becomes more than one key"
                advice = "Give the value where the configuration is made."
                self.space.draft.refuse("MG106", message, change.target, advice)
                return
        self.space.draft.edits[change.target] = Replace(Concat((Carried(change.read), Text(key))))
        shown = self.space.renderer.keeping(self.space.renderer.value(new), change.made)
        self.space.draft.edits[change.made] = Replace(shown)


def _is_none(value: ir.Value) -> bool:
    return isinstance(value, ir.Literal) and value.value is None


def _emptied(value: ir.Value) -> ir.Value:
    """The same places with None in them, which is not sent."""
    match value:
        case ir.Record(
            type=("body" | "dict") as kind, fields=(ir.Field(name="generation_config" as name, value=inner),)
        ):
            return ir.Record(kind, (ir.Field(name, _emptied(inner)),))
        case ir.Record(type=kind, fields=(one,)):
            return ir.Record(kind, (ir.Field(one.name, ir.Literal(None)),))
    return value
