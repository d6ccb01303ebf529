"""Structures inside of a dict or a list: ``CONFIGS[style]``, ``for name, config in CONFIGS.items()``.

All of them that one read may give are one binding: they change together, and so do all that read any of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

import libcst as cst

from migrator.python.evidence.scopes import Definition, Kind
from migrator.python.evidence.values import Facts
from migrator.python.replies.uses import How, how_used, is_written
from migrator.python.requests.bindings import Binding, binding_of
from migrator.records import dataclass

ANY = "*"  # an item that only the run knows
Step = str | int
Path = tuple[Step, ...]
_TABLES = (cst.Dict, cst.List, cst.Tuple, cst.ListComp)
_CALM = (How.TEST, How.COUNTED, How.IS_NONE, How.IS_NOT_NONE)
_KEYS = frozenset({"sorted", "list", "set", "tuple", "len", "enumerate", "join"})


@dataclass(slots=True)
class _Walk:
    """Where a table goes: the nodes that hold it, or one of its items, with their paths in it."""

    facts: Facts
    nodes: dict[cst.BaseExpression, Path] = field(default_factory=dict)
    defaults: list[tuple[Path, cst.BaseExpression]] = field(default_factory=list)
    lost: list[Path] = field(default_factory=list)  # of uses that cannot be followed

    def visit(self, node: cst.BaseExpression, path: Path, table: cst.BaseExpression) -> None:
        """Follow a node that holds what stands at ``path``; ``table`` is what it was made of, where that is shown."""
        self.nodes[node] = path
        parent = self.facts.module.parent(node)
        match parent:
            case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]) if value is node:
                if is_written(self.facts, parent):
                    self.lost.append(path)
                else:
                    self.visit(parent, (*path, _step(key)), table)
            case cst.Attribute(value=value, attr=cst.Name(value=name)) if value is node:
                self._method(parent, name, path, table)
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name() as target) as holder]):
                self._bound(target, holder, path, table)
            case cst.For(target=target, iter=iterable) | cst.CompFor(target=target, iter=iterable) if iterable is node:
                if not isinstance(table, cst.Dict) or path:
                    self._targets(parent, target, parent, (*path, ANY), table)
            case cst.ComparisonTarget():
                pass  # style in CONFIGS
            case cst.Arg() if (path or not isinstance(table, cst.Dict)) and (loop := _counted(self.facts, parent)):
                self._pairs(loop, path, table)
            case cst.Arg() if isinstance(table, cst.Dict) and not path and _gives_keys(self.facts, parent):
                pass
            case _ if how_used(self.facts, node)[0] not in _CALM:
                self.lost.append(path)

    def _method(self, node: cst.Attribute, name: str, path: Path, table: cst.BaseExpression) -> None:
        call = self.facts.module.parent(node)
        match name, call:
            case "get", cst.Call(args=[cst.Arg(value=key, star=""), *rest]):
                place = (*path, _step(key))
                self.defaults += [(place, argument.value) for argument in rest]
                self.visit(call, place, table)
            case "keys", cst.Call():
                pass
            case (("values" | "items"), cst.Call()):
                loop = self.facts.module.parent(call)
                if isinstance(loop, (cst.For, cst.CompFor)) and loop.iter is call:
                    self._loop(loop, name, path, table)
                else:
                    self.lost.append(path)
            case _:
                self.lost.append(path)

    def _loop(self, loop: cst.For | cst.CompFor, method: str, path: Path, table: cst.BaseExpression) -> None:
        if method == "values":
            self._targets(loop, loop.target, loop, (*path, ANY), table)
        else:
            self._pairs(loop, path, table)

    def _pairs(self, loop: cst.For | cst.CompFor, path: Path, table: cst.BaseExpression) -> None:
        """Items that come second in what a loop takes apart, behind their keys or numbers."""
        match loop.target:
            case cst.Tuple(elements=[cst.Element(), cst.Element(value=value) as element]):
                self._targets(loop, value, element, (*path, ANY), table)
            case _:
                self.lost.append(path)

    def _targets(
        self, loop: cst.CSTNode, target: cst.BaseExpression, holder: cst.CSTNode, path: Path, table: cst.BaseExpression
    ) -> None:
        match target:
            case cst.Name():
                self._bound(target, loop if isinstance(loop, cst.CompFor) else holder, path, table)
            case cst.Tuple(elements=elements):
                for position, element in enumerate(elements):
                    self._targets(loop, element.value, element, (*path, position), table)
            case _:
                self.lost.append(path)

    def _bound(self, target: cst.Name, holder: cst.CSTNode, path: Path, table: cst.BaseExpression) -> None:
        made = list(_definitions(self.facts, target, holder))
        if not made:
            self.lost.append(path)
        for definition in made:
            for read in self.facts.scopes.reads(definition):
                if len(self.facts.scopes.definitions(read)) > 1:
                    self.lost.append(path[:-1])  # it may also hold something else
                self.visit(read, path, table)


def item_of(facts: Facts, node: cst.BaseExpression) -> Binding | None:
    """The items of a table of this file one of which ``node`` gives; None where it gives none, or they are not seen."""
    holder = _holder(facts, node, 0)
    if holder is None or len(holder.values) != 1 or not isinstance(holder.values[0], _TABLES):
        return None
    walk = _Walk(facts)
    for read in holder.reads:
        walk.visit(read, (), holder.values[0])
    path = walk.nodes.get(node)
    if not path:
        return None
    wanted = _general(path, walk)
    if any(_overlap(lost, wanted[: len(lost)]) for lost in walk.lost if len(lost) < len(wanted)):
        return None
    values = list(_values(holder.values[0], wanted))
    values += [value for place, value in walk.defaults if _general(place, walk) == wanted]
    reads = tuple(
        each for each, place in walk.nodes.items() if _general(place, walk) == wanted and _is_end(facts, each)
    )
    if not values or any(value is None for value in values):
        return None
    made = tuple(value for value in values if value is not None)
    label = facts.module.source(node)
    return Binding((holder.key, wanted), label, made, reads, annotations=holder.annotations, table=holder.values[0])


def may_be_missing(node: cst.BaseExpression) -> bool:
    """Whether an item that ``node`` asks for is None where there is none."""
    return isinstance(node, cst.Call) and len(node.args) == 1


def _holder(facts: Facts, node: cst.BaseExpression, depth: int) -> Binding | None:
    """The table that ``node`` gives an item of."""
    match node:
        case _ if depth > 5:
            return None
        case cst.Subscript(value=value):
            return _held(facts, value, depth)
        case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value="get" | "values" | "items"))):
            return _held(facts, value, depth)
        case cst.Call(func=cst.Name(value="enumerate"), args=[cst.Arg(value=value), *_]):
            return _held(facts, value, depth)
        case cst.Name():
            found = list(facts.scopes.definitions(node))
            if len(found) == 1 and found[0].kind in (Kind.FOR, Kind.UNPACK, Kind.ASSIGN) and found[0].value is not None:
                inner = found[0].value
                return (
                    _held(facts, inner, depth) if found[0].kind is not Kind.ASSIGN else _holder(facts, inner, depth + 1)
                )
    return None


def _held(facts: Facts, node: cst.BaseExpression, depth: int) -> Binding | None:
    if isinstance(node, (cst.Dict, cst.List, cst.Tuple)):
        return Binding(node, facts.module.source(node), (node,), (node,))
    return _holder(facts, node, depth + 1) or binding_of(facts, node)


def _counted(facts: Facts, argument: cst.Arg) -> cst.For | cst.CompFor | None:
    """The loop over ``enumerate(table)`` that ``argument`` is the table of, where it takes the pairs apart."""
    call = facts.module.parent(argument)
    match call, facts.module.parent(call) if call is not None else None:
        case (
            cst.Call(func=cst.Name(value="enumerate"), args=[first, *_]),
            cst.For(target=cst.Tuple(elements=[_, cst.Element()]), iter=drawn) as loop,
        ) if first is argument and drawn is call:
            return loop
        case (
            cst.Call(func=cst.Name(value="enumerate"), args=[first, *_]),
            cst.CompFor(target=cst.Tuple(elements=[_, cst.Element()]), iter=drawn) as inner,
        ) if first is argument and drawn is call:
            return inner
    return None


def _definitions(facts: Facts, target: cst.Name, holder: cst.CSTNode) -> Iterator[Definition]:
    for scope in facts.scopes.scope_of.values():
        for each in scope.definitions.get(target.value, ()):
            if each.node is holder:
                yield each


def _step(key: cst.BaseExpression) -> Step:
    match key:
        case cst.SimpleString():
            return str(key.evaluated_value)
        case cst.Integer():
            return key.evaluated_value
    return ANY


def _general(path: Path, walk: _Walk) -> Path:
    """``path`` with every step as open as the most open read at its depth."""
    opened = {depth for place in walk.nodes.values() for depth, step in enumerate(place) if step == ANY}
    return tuple(ANY if depth in opened else step for depth, step in enumerate(path))


def _overlap(first: Path, second: Path) -> bool:
    return all(one == other or ANY in (one, other) for one, other in zip(first, second, strict=True))


def _values(table: cst.BaseExpression, path: Path) -> Iterator[cst.BaseExpression | None]:
    """What stands at ``path`` of a display; None for what is not shown."""
    if not path:
        yield table
        return
    step, rest = path[0], path[1:]
    match table:
        case cst.Dict(elements=elements):
            for entry in elements:
                if not isinstance(entry, cst.DictElement):
                    yield None
                elif step == ANY or _step(entry.key) in (step, ANY):
                    yield from _values(entry.value, rest)
        case cst.List(elements=items) | cst.Tuple(elements=items):
            for position, item in enumerate(items):
                if not isinstance(item, cst.Element):
                    yield None
                elif step in (ANY, position):
                    yield from _values(item.value, rest)
        case cst.ListComp(elt=item):
            yield from _values(item, rest)
        case _:
            yield None


def _is_end(facts: Facts, node: cst.BaseExpression) -> bool:
    """Whether a node is where an item is used, not where it is bound to a name."""
    return not isinstance(facts.module.parent(node), cst.Assign)


def _gives_keys(facts: Facts, argument: cst.Arg) -> bool:
    call = facts.module.parent(argument)
    match call:
        case cst.Call(func=cst.Name(value=name)) | cst.Call(func=cst.Attribute(attr=cst.Name(value=name))):
            return name in _KEYS
    return False
