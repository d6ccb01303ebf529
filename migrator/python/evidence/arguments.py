"""What a call passes for a parameter: by position, by keyword, or by a dict that it splats.

``arguments = {"model": model, "contents": contents}`` and ``self._send(**arguments)`` pass what the keywords would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst

from migrator.python.evidence.functions import argument_of
from migrator.python.evidence.module import Module
from migrator.python.evidence.scopes import Definition, Kind, Scopes
from migrator.records import dataclass

_LOOKING = frozenset({"get", "pop"})

Given = tuple[cst.BaseExpression, ...]


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one call; ``is_same`` tells other calls that run the same function."""

    module: Module
    scopes: Scopes
    call: cst.Call
    is_same: Callable[[cst.Call], bool]

    def given(self, function: cst.FunctionDef, name: str, *, bound: bool) -> Given | None:
        """What the parameter ``name`` may be given; empty where it keeps its default, None where that is not seen."""
        found = argument_of(self.call, function, name, bound=bound)
        if found is not None:
            return (found,)
        by_keyword_only = any(each.name.value == name for each in function.params.kwonly_params)
        if any(each.star == "*" for each in self.call.args) and not by_keyword_only:
            return None
        splatted = [self._held(each.value, name) for each in self.call.args if each.star == "**"]
        if None in splatted:
            return None
        return tuple(value for held in splatted for value in held or ())

    # Dicts -----------------------------------------------------------------------------------------------------------

    def _held(self, node: cst.BaseExpression, name: str) -> Given | None:
        """What the dict ``node`` may hold under ``name``; None where not everything of it is seen."""
        if not isinstance(node, cst.Name):
            return _last(node, name)
        definitions = self.scopes.definitions(node)
        displays = [self._display(each, name) for each in definitions]
        if not displays or None in displays:
            return None
        reads = {read for each in definitions for read in self.scopes.reads(each)}
        later = [self._added(read, name) for read in sorted(reads, key=self.module.order)]
        if None in later:
            return None
        return tuple(dict.fromkeys(value for held in (*displays, *later) for value in held or ()))

    def _display(self, definition: Definition, name: str) -> Given | None:
        """What a local dict is made with; one of a module or a class may be changed by others."""
        local = isinstance(definition.scope.node, cst.FunctionDef)
        if not local or definition.kind is not Kind.ASSIGN or definition.value is None:
            return None
        return _last(definition.value, name)

    def _added(self, read: cst.Name, name: str) -> Given | None:
        """What a use of the dict puts into it under ``name``; None for a use that may do anything."""
        parent = self.module.parent(read)
        match parent:
            case cst.Arg(star="**"):
                call = self.module.parent(parent)
                return () if isinstance(call, cst.Call) and (call is self.call or self.is_same(call)) else None
            case cst.Subscript(value=value) if value is read:
                return self._by_key(parent, name)
            case cst.Attribute(value=value, attr=cst.Name(value=method)) if value is read:
                call = self.module.parent(parent)
                if not isinstance(call, cst.Call) or call.func is not parent:
                    return None
                return _updated(call, name) if method == "update" else _looked_up(call, method, name)
            case cst.ComparisonTarget(operator=cst.In() | cst.NotIn()):
                return ()
        return None

    def _by_key(self, node: cst.Subscript, name: str) -> Given | None:
        match node.slice:
            case [cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]:
                pass
            case _:
                return None
        if key.evaluated_value != name:
            return ()
        target = self.module.parent(node)
        assignment = self.module.parent(target) if isinstance(target, cst.AssignTarget) else None
        return (assignment.value,) if isinstance(assignment, cst.Assign) and len(assignment.targets) == 1 else None


def _last(node: cst.BaseExpression, name: str) -> Given | None:
    """What a display or a call of ``dict`` holds under ``name``: the last entry counts, or what an unseen one hides."""
    held: Given | None = ()
    for key, value in _entries(node):
        held = None if key is None else (value,) if key == name else held
    return held


def _entries(node: cst.BaseExpression) -> Iterator[tuple[str | None, cst.BaseExpression]]:
    """The entries of a display in their order, without a key where any key may be meant."""
    match node:
        case cst.Dict(elements=elements):
            yield from map(_entry, elements)
        case cst.Call(func=cst.Name(value="dict"), args=arguments):
            yield from ((each.keyword.value if each.keyword is not None else None, each.value) for each in arguments)
        case _:
            yield None, node


def _entry(element: cst.BaseDictElement) -> tuple[str | None, cst.BaseExpression]:
    match element:
        case cst.DictElement(key=cst.SimpleString() as key):
            return str(key.evaluated_value), element.value
    return None, element.value


def _updated(call: cst.Call, name: str) -> Given | None:
    """``arguments.update({…})`` and ``arguments.update(contents=…)``."""
    held: list[cst.BaseExpression] = []
    for argument in call.args:
        if argument.star:
            return None
        if argument.keyword is None:
            inner = _last(argument.value, name)
            if inner is None:
                return None
            held += inner
        elif argument.keyword.value == name:
            held.append(argument.value)
    return tuple(held)


def _looked_up(call: cst.Call, method: str, name: str) -> Given | None:
    """``arguments.get("model")`` looks at another entry."""
    match call.args:
        case [cst.Arg(value=cst.SimpleString() as key, star="", keyword=None), *_] if method in _LOOKING:
            return () if key.evaluated_value != name else None
    return None
