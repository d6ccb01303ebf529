"""The kind of what a loop draws, or an assignment takes apart: ``for name, prompt in PROMPTS.items()``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

import libcst as cst

from migrator.python.evidence.displays import shown
from migrator.python.evidence.module import Module, is_none
from migrator.python.evidence.scopes import Definition, Kind, dotted
from migrator.python.evidence.sight import Kinds

Path = tuple[int, ...]
_SAME_ITEMS = frozenset({"list", "tuple", "sorted", "reversed", "set"})
_MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "defaultdict"})
_DEEPEST = 6


class Side(Enum):
    """Which half of the entries of a dict."""

    KEYS = "keys"
    VALUES = "values"


def drawn(kinds: Kinds, definition: Definition) -> str:
    """The kind of the name that ``definition`` binds to a part of what is taken apart; empty where it does not show."""
    return _agreed(possible(kinds, definition))


def possible(kinds: Kinds, definition: Definition) -> Iterator[str]:
    """The kinds that a name may be of which a loop or an assignment binds; an empty one where not all are known."""
    path = _path(kinds.module, definition)
    value = definition.value
    if value is None or (definition.kind is Kind.UNPACK and not path):
        yield ""
    elif isinstance(_holder(kinds.module, definition), (cst.For, cst.CompFor)):
        yield from _item(kinds, value, path, 0)
    else:
        yield from _part(kinds, value, path, 0)


def held(kinds: Kinds, table: cst.BaseExpression) -> Iterator[str]:
    """The kinds that an item of a list or a dict may be of; an empty one where not all are known."""
    match shown(kinds, table):
        case (cst.Dict() | cst.DictComp(), _):
            yield from _entries(kinds, table, Side.VALUES)
        case (_, _):
            yield from _item(kinds, table, (), 0)
        case _:
            yield ""


def items(kinds: Kinds, iterable: cst.BaseExpression) -> str:
    """The kind of what a loop over ``iterable`` gives one by one."""
    return _agreed(_item(kinds, iterable, (), 0))


def _path(module: Module, definition: Definition) -> Path:
    """The positions at which the name stands in the target: ``(1, 0)`` for ``b`` in ``a, (b, c)``."""
    node: cst.CSTNode | None = definition.node
    if isinstance(node, cst.CompFor):
        return next((path for name, path in _names(node.target) if name == definition.name), ())
    path: Path = ()
    while isinstance(node, cst.Element):
        holder = module.parent(node)
        if not isinstance(holder, (cst.Tuple, cst.List)) or _is_starred(holder):
            return ()
        path = (list(holder.elements).index(node), *path)
        node = module.parent(holder)
    return path


def _names(target: cst.BaseExpression, path: Path = ()) -> Iterator[tuple[str, Path]]:
    match target:
        case cst.Name(value=name):
            yield name, path
        case cst.Tuple() | cst.List() if not _is_starred(target):
            for position, element in enumerate(target.elements):
                yield from _names(element.value, (*path, position))


def _holder(module: Module, definition: Definition) -> cst.CSTNode | None:
    """The loop or the target of an assignment that binds the name."""
    node: cst.CSTNode | None = definition.node
    while isinstance(node, (cst.Element, cst.Tuple, cst.List)):
        node = module.parent(node)
    return node


def _is_starred(holder: cst.Tuple | cst.List) -> bool:
    return any(isinstance(each, cst.StarredElement) for each in holder.elements)


# What is drawn ------------------------------------------------------------------------------------------------------


def _item(kinds: Kinds, iterable: cst.BaseExpression, path: Path, depth: int) -> Iterator[str]:
    """The kinds of what stands at ``path`` in the items of ``iterable``."""
    match iterable:
        case _ if depth > _DEEPEST:
            yield ""
        case cst.Call(func=cst.Name(value=name) as func, args=args) if not kinds.scopes.definitions(func):
            given = [each.value for each in args if not each.star and each.keyword is None]
            yield from _of_builtin(kinds, name, given, path, depth) if given else [""]
        case cst.Call(func=cst.Attribute(value=table, attr=cst.Name(value="items")), args=[]) if len(path) == 1:
            yield from _entries(kinds, table, Side.KEYS if path[0] == 0 else Side.VALUES)
        case cst.Call(func=cst.Attribute(value=table, attr=cst.Name(value="values" | "keys" as name)), args=[]):
            yield from [""] if path else _entries(kinds, table, Side(name))
        case cst.List(elements=elements) | cst.Tuple(elements=elements) | cst.Set(elements=elements):
            for each in elements:
                starred = isinstance(each, cst.StarredElement)
                yield from (
                    _item(kinds, each.value, path, depth + 1) if starred else _part(kinds, each.value, path, depth)
                )
        case cst.ListComp(elt=element) | cst.GeneratorExp(elt=element):
            yield from _part(kinds, element, path, depth)
        case _:
            yield from _named(kinds, iterable, path, depth)


def _named(kinds: Kinds, iterable: cst.BaseExpression, path: Path, depth: int) -> Iterator[str]:
    kind = kinds.of(iterable)
    found = shown(kinds, iterable)
    if not path and kind.startswith("list["):
        yield kind[5:-1]
    elif not path and kind == "dict":
        yield from _entries(kinds, iterable, Side.KEYS)
    elif found is None:
        yield ""
    else:
        display, added = found
        yield from _item(kinds, display, path, depth + 1)
        for each in added:
            yield from _part(kinds, each, path, depth + 1) if each is not None else [""]


def _of_builtin(kinds: Kinds, name: str, given: list[cst.BaseExpression], path: Path, depth: int) -> Iterator[str]:
    match name, path:
        case ("enumerate", (0,)) | ("range", ()):
            yield "int"
        case "enumerate", (1, *rest):
            yield from _item(kinds, given[0], tuple(rest), depth + 1)
        case "zip", (position, *rest) if position < len(given):
            yield from _item(kinds, given[position], tuple(rest), depth + 1)
        case _ if name in _SAME_ITEMS:
            yield from _item(kinds, given[0], path, depth + 1)
        case _:
            yield ""


def _part(kinds: Kinds, node: cst.BaseExpression, path: Path, depth: int) -> Iterator[str]:
    """The kinds of what stands at ``path`` of one value."""
    match node:
        case _ if not path:
            yield from [] if is_none(node) else [kinds.of(node)]
        case cst.Tuple(elements=elements) if path[0] < len(elements):  # of a list the items may be other ones by now
            starred = any(isinstance(each, cst.StarredElement) for each in elements)
            yield from [""] if starred else _part(kinds, elements[path[0]].value, path[1:], depth)
        case _:
            kind = kinds.of(node)
            yield kind[5:-1] if len(path) == 1 and kind.startswith("list[") else ""


# Displays under names ------------------------------------------------------------------------------------------------


def entries(kinds: Kinds, node: cst.BaseExpression, side: Side) -> str:
    """What the keys or the values of a dict are, by its annotation or by the display that it was made with."""
    return _agreed(_entries(kinds, node, side))


def _entries(kinds: Kinds, node: cst.BaseExpression, side: Side) -> Iterator[str]:
    annotated = _annotated(kinds, node, side)
    if annotated is not None:
        yield annotated
        return
    found = (node, []) if isinstance(node, cst.Dict) else shown(kinds, node)
    if found is None:
        yield ""
        return
    display, added = found
    match display:
        case cst.DictComp(key=key, value=value):
            yield kinds.of(key if side is Side.KEYS else value)
        case cst.Dict(elements=pairs):
            for each in pairs:
                part = (each.key if side is Side.KEYS else each.value) if isinstance(each, cst.DictElement) else None
                yield kinds.of(part) if part is not None else ""
        case _:
            yield ""
    for more in added:
        yield kinds.of(more) if more is not None and side is Side.VALUES else ""


def _annotated(kinds: Kinds, node: cst.BaseExpression, side: Side) -> str | None:
    match kinds.annotation_of(node):
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=key), cst.SubscriptElement(slice=inner)]):
            mapping = (kinds.names.path(value) or dotted(value)).rpartition(".")[2] in _MAPPINGS
            asked = key if side is Side.KEYS else inner
            return kinds.annotation(asked.value) if mapping and isinstance(asked, cst.Index) else ""
    return None


def _agreed(kinds: Iterable[str]) -> str:
    found = set(kinds)
    return found.pop() if len(found) == 1 else ""
