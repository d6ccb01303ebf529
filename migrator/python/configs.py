"""A configuration under a name: moved into the one call that uses it, or made a dict that several calls splat."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from migrator import ir
from migrator.plan import plan_config
from migrator.python.bindings import Binding, can_move
from migrator.python.edits import Annotate, Replace
from migrator.python.layout import Carried, Concat, Text
from migrator.python.values import Place, Reader
from migrator.python.workspace import CONFIG, DICT, Workspace

_MERGED = ("response_format", "generation_config", "**")  # keys that several legacy fields share


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
        for read in binding.reads:
            self._changed_later(binding, read)
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

    def _changed_later(self, binding: Binding, read: cst.BaseExpression) -> None:
        """``config.tools = …`` and ``config["tools"] = …`` become assignments to the dict's new key."""
        module = self.space.facts.module
        target = module.parent(read)
        assigned = module.parent(target) if target is not None else None
        assignment = module.parent(assigned) if isinstance(assigned, cst.AssignTarget) else None
        if not isinstance(assignment, cst.Assign):
            return
        match target:
            case cst.Attribute(attr=cst.Name(value=name)):
                self._changed(binding, read, target, name, assignment.value)
            case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]):
                self._changed(binding, read, target, str(key.evaluated_value), assignment.value)

    def _changed(
        self,
        binding: Binding,
        read: cst.BaseExpression,
        target: cst.BaseExpression,
        name: str,
        value: cst.BaseExpression,
    ) -> None:
        of = self.space.facts.maps.types.get(CONFIG, {}).get(name, "")
        entry = ir.Field(name, self.reader.read(value, Place(f"config.{name}", of)), target)
        result = plan_config(ir.Record(CONFIG, (entry,), target), self.space.context)
        self.space.note(result)
        self.space.ledger.consumed.add(read)
        q = self.space.renderer.quote
        match result.value:
            case None:
                return  # a diagnostic says why it is refused
            case ir.Record(fields=(ir.Field(name="generation_config", value=ir.Record(fields=(one,))),)):
                key, new = f".setdefault({q}generation_config{q}, {{}})[{q}{one.name}{q}]", one.value
            case ir.Record(fields=(ir.Field() as one,)) if one.name not in _MERGED:
                key, new = f"[{q}{one.name}{q}]", one.value
            case _:
                message = f"{binding.label}.{name} is changed after it was made, and becomes more than one key"
                self.space.draft.refuse("MG106", message, target, "Give the value where the configuration is made.")
                return
        self.space.draft.edits[target] = Replace(Concat((Carried(read), Text(key))))
        self.space.draft.edits[value] = Replace(self.space.renderer.value(new))
