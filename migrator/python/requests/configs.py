"""A configuration under a name: moved into the one call that uses it, or made a dict that several calls splat."""

from __future__ import annotations

import libcst as cst

from migrator import ir
from migrator.plan import plan_config
from migrator.planning.derived import is_derived
from migrator.planning.rows import unfolded
from migrator.python.evidence.scopes import dotted
from migrator.python.evidence.values import Reader
from migrator.python.requests.bindings import Binding, can_move, can_move_next
from migrator.python.requests.config_changes import Changes, records
from migrator.python.requests.config_reads import Reads
from migrator.python.requests.tables import may_be_missing
from migrator.python.requests.workspace import DICT, Workspace
from migrator.records import dataclass


@dataclass(frozen=True, slots=True)
class Configs:
    """Reads the configurations of one site that stand under a name."""

    space: Workspace
    reader: Reader

    def named(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value]) -> ir.Value:
        """The configuration that ``node`` names: the record itself where it moves, else a dict to splat."""
        if len(values) == 1 and self._can_move(node, binding, values[0]):
            self.space.move(binding)
            return values[0]
        made = [self._made_dict(value, where) for value, where in zip(values, binding.values, strict=True)]
        if not all(made):
            return ir.Opaque(node, ir.PLANNED)  # a diagnostic says why it is refused
        changes = Changes(self.space, self.reader, binding, tuple(values))
        given = changes.write()
        Reads(changes, tuple(given)).write()
        self.space.claim(binding, node)
        self.space.declare(binding, _type_of(binding))
        optional = any(map(_may_be_none, values)) or (binding.table is not None and may_be_missing(node))
        hint = "optional" if optional else ""
        held = ir.Opaque(node, ir.PLANNED, bool(dotted(node)), hint, was=(*records(values), *given))
        self.space.ledger.held[node] = held
        return held

    def _can_move(self, node: cst.BaseExpression, binding: Binding, value: ir.Value) -> bool:
        """Whether the configuration can be written in the call; one that is made of others sees when they change."""
        if _stays(value):
            return False
        if not isinstance(value, ir.Record) or not is_derived(value):
            return can_move(self.space.facts, binding, node)
        return len(list(unfolded(value))) == 1 and can_move_next(self.space.facts, binding, node)

    def _made_dict(self, value: ir.Value, made: cst.BaseExpression) -> bool:
        self.space.remember(value)
        if _stays(value):
            return True
        result = plan_config(value, self.space.context)
        self.space.note(result)
        if result.value is None:
            return False
        self.space.rewrite(made, result.value)
        return True


def _type_of(binding: Binding) -> str:
    """The type of what holds the new dicts."""
    match binding.table:
        case None:
            return DICT
        case cst.Dict() as table:
            return f"dict[str, {DICT}]" if _is_flat(table, binding) else DICT
        case table:
            return f"list[{DICT if _is_flat(table, binding) else 'Any'}]" if isinstance(table, cst.List) else "Any"


def _is_flat(table: cst.BaseExpression, binding: Binding) -> bool:
    elements = table.elements if isinstance(table, (cst.Dict, cst.List)) else ()
    return all(isinstance(each, (cst.DictElement, cst.Element)) and each.value in binding.values for each in elements)


def _stays(value: ir.Value) -> bool:
    """Whether the source of a value stays as it is: another name of a rewritten one, a copy of it, or None."""
    match value:
        case ir.Choice(then=then, otherwise=otherwise):
            return _stays(then) and _stays(otherwise)
        case ir.Opaque(type=ir.PLANNED) | ir.Literal(value=None):
            return True
    return False


def _may_be_none(value: ir.Value) -> bool:
    match value:
        case ir.Choice(then=then, otherwise=otherwise):
            return _may_be_none(then) or _may_be_none(otherwise)
        case ir.Opaque(hint="optional") | ir.Literal(value=None):
            return True
    return False
