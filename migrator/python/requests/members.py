"""A structure that becomes several fields of another one: a dict under its name, which is splatted there."""

from __future__ import annotations

import libcst as cst

from migrator import ir
from migrator.plan import plan_config
from migrator.python.replies.uses import How, how_used
from migrator.python.requests.bindings import Binding
from migrator.python.requests.workspace import CONFIG, DICT, Workspace
from migrator.records import dataclass

HOLDERS = {"config.thinking_config": "generation_config"}  # whose fields all become fields of one record


@dataclass(frozen=True, slots=True)
class Members:
    """Rewrites such structures of one site where they are made."""

    space: Workspace
    path: str

    def named(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value]) -> ir.Value | None:
        """The dict that ``node`` names now; None where one of its values cannot be one."""
        made = [self._fields(value) for value in values]
        if any(each is None for each in made) or (self._is_asked_for(binding) and any(map(_is_empty, made))):
            return None
        for value, where in zip(made, binding.values, strict=True):
            if value is not None and not _is_none(value):
                self.space.rewrite(where, value)
        self.space.claim(binding, node)
        self.space.declare(binding, f"{DICT} | None" if len(binding.values) > 1 else DICT)
        optional = any(_may_be_none(value) for value in made if value is not None)
        return ir.Opaque(node, ir.PLANNED, hint="optional" if optional else "members")

    def _fields(self, value: ir.Value) -> ir.Value | None:
        """The fields that ``value`` becomes, as a record; None stays None."""
        match value:
            case ir.Literal(value=None):
                return value
            case ir.Choice(test=cst.CSTNode() as test, then=then, otherwise=otherwise, origin=origin):
                sides = self._fields(then), self._fields(otherwise)
                return None if None in sides else ir.Choice(test, *sides, origin)  # type: ignore[arg-type]
            case ir.Record():
                name = self.path.removeprefix("config.")
                result = plan_config(ir.Record(CONFIG, (ir.Field(name, value),)), self.space.context)
                self.space.note(result)
                return self._inside(result.value, value.origin)
        return None

    def _inside(self, planned: ir.Value | None, origin: ir.Origin) -> ir.Value | None:
        match planned:
            case ir.Record(fields=()):
                return ir.Record("dict", (), origin)
            case ir.Record(fields=(ir.Field(name=name, value=ir.Record(fields=fields)),)):
                return ir.Record("dict", fields, origin) if name == HOLDERS[self.path] else None
        return None

    def _is_asked_for(self, binding: Binding) -> bool:
        """Whether the file asks for the truth of what the name holds, which an empty dict has not."""
        return any(how_used(self.space.facts, read)[0] is How.TEST for read in binding.reads)


def _is_none(value: ir.Value) -> bool:
    return isinstance(value, ir.Literal) and value.value is None


def _may_be_none(value: ir.Value) -> bool:
    return any(_is_none(each) for each in _sides(value))


def _is_empty(value: ir.Value | None) -> bool:
    return any(isinstance(each, ir.Record) and not each.fields for each in _sides(value))


def _sides(value: ir.Value | None) -> tuple[ir.Value, ...]:
    match value:
        case None:
            return ()
        case ir.Choice(then=then, otherwise=otherwise):
            return (*_sides(then), *_sides(otherwise))
    return (value,)
