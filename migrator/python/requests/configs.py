"""A configuration under a name: moved into the one call that uses it, or made a dict that several calls splat."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from migrator import ir
from migrator.plan import plan_config
from migrator.python.evidence.values import Reader
from migrator.python.requests.bindings import Binding, can_move
from migrator.python.requests.config_changes import Changes
from migrator.python.requests.workspace import CONFIG, DICT, Workspace
from migrator.python.writing.edits import Annotate


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
        whole = next((value for value in values if isinstance(value, ir.Record)), ir.Record(CONFIG, ()))
        Changes(self.space, self.reader, binding, whole, tuple(values)).write()
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
