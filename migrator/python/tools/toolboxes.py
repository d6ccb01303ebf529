"""A list of tools or settings under a name that grows by ``append`` before a configuration is made of it."""

from __future__ import annotations

import libcst as cst

from migrator import ir
from migrator.diagnostics import Settled
from migrator.plan import plan_config
from migrator.python.evidence.values import Place, Reader
from migrator.python.requests.bindings import Binding, Growth, is_counted
from migrator.python.requests.workspace import CONFIG, Workspace, field_names
from migrator.python.writing.edits import Replace
from migrator.python.writing.layout import Carried, Concat, Text
from migrator.records import dataclass

PATH = "config.tools"
GROWING = {PATH: "Tool", "config.safety_settings": "SafetySetting"}


@dataclass(frozen=True, slots=True)
class Toolboxes:
    """Reads the growing lists of one site that stand at ``path`` of a configuration."""

    space: Workspace
    reader: Reader
    path: str = PATH

    def grown(
        self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value], growths: list[Growth]
    ) -> ir.Value:
        """The list that ``node`` names: rewritten where it is made and wherever it grows."""
        order, scopes = self.space.facts.module.order, self.space.facts.scopes
        homes = {scopes.at(each.read) for each in growths}
        how = ""
        if any(home is not scopes.at(node) and home.outer is not None for home in homes):
            how = "grows in another function"
        elif any(order(each.read) > order(node) for each in growths):
            how = "grows after a configuration was made of it"
        elif any(growth.method == "insert" for growth in growths) or not all(map(_is_list, values)):
            how = "is a list that grows after it was made"
        if how:
            return ir.Unknown(f"{binding.label} {how}", node, Settled.BY_THE_RUN)
        added = [self._added(growth) for growth in growths]
        planned = [self._entries(value) for value in (*values, *added)]
        if is_counted(self.space.facts, binding) and any(map(_has_another_length, (*values, *added), planned)):
            return ir.Unknown(f"{binding.label} is counted, and becomes a list of another length", node)
        for value, made, entries in zip(values, binding.values, planned, strict=False):
            if entries and isinstance(value, ir.Sequence):
                self.space.rewrite(made, ir.Sequence(entries, value.origin))
        for growth, value, entries in zip(growths, added, planned[len(values) :], strict=True):
            self._grow(growth, value, entries)
        if len(binding.values) == 1:
            self.space.declare(binding, "list[Any]")
        self.space.claim(binding, node)
        return ir.Opaque(node, ir.PLANNED, hint=",".join(sorted(field_names([*values, *added]))))

    def _added(self, growth: Growth) -> ir.Value:
        one = growth.method == "append"
        return self.reader.read(growth.items, Place(f"{self.path}[]" if one else self.path, GROWING[self.path]))

    def _entries(self, value: ir.Value) -> tuple[ir.Value, ...] | None:
        """The entries that the items become; None where a diagnostic says why not."""
        entries = value if isinstance(value, ir.Sequence) else ir.Sequence((value,))
        result = plan_config(
            ir.Record(CONFIG, (ir.Field(self.path.removeprefix("config."), entries),)), self.space.context
        )
        self.space.note(result)
        match result.value:
            case None:
                return None
            case ir.Record(fields=(ir.Field(value=ir.Sequence(items=items)),)):
                return items
            case _:
                return ()

    def _grow(self, growth: Growth, value: ir.Value, entries: tuple[ir.Value, ...] | None) -> None:
        self.space.ledger.consumed.add(growth.read)
        match entries, growth:
            case None, _:
                pass  # a diagnostic says why it is refused
            case (only,), Growth(method="append"):
                self.space.rewrite(growth.items, only)
            case entries, Growth(method="append", call=cst.Call(func=cst.Attribute(value=tools))) if entries:
                shown = self.space.renderer.value(ir.Sequence(entries))
                parts = (Carried(tools), Text(".extend("), shown, Text(")"))
                self.space.draft.edits[growth.call] = Replace(Concat(parts))
            case entries, Growth(method="extend" | "+=") if entries and isinstance(value, ir.Sequence):
                self.space.rewrite(growth.items, ir.Sequence(entries, value.origin))
            case _:
                message = "the list grows in a way that is not understood"
                self.space.draft.refuse("MG106", message, growth.call)


def _has_another_length(value: ir.Value, entries: tuple[ir.Value, ...] | None) -> bool:
    return entries is not None and len(entries) != (len(value.items) if isinstance(value, ir.Sequence) else 1)


def _is_list(value: ir.Value) -> bool:
    return isinstance(value, ir.Sequence)
