"""In which order the expressions of a request are evaluated: a rewritten call keeps the order of the legacy one."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from migrator import ir
from migrator.python.evidence.module import descendants
from migrator.python.evidence.scopes import dotted
from migrator.python.evidence.values import Facts

_LIBRARIES = ("google.genai.", "base64.", "datetime.", "json.", "math.", "os.path.", "pathlib.", "re.", "textwrap.")
_ONLY_READ = frozenset({"os.getenv", "os.environ.get", "open"})
_BUILTINS = frozenset(
    "abs bool bytes dict enumerate float format getattr int isinstance len list max min repr round set sorted str sum "
    "tuple zip".split()
)


def in_order(facts: Facts, body: ir.Record, call: cst.Call) -> tuple[ir.Record, bool]:
    """``body`` with its fields in the order in which the legacy call evaluated them, and whether that was possible.

    Nothing moves unless two calls that may do something would change places.
    """
    if _is_sorted(_effects(facts, body, call)):
        return body, True
    acting = [each for each in body.fields if _effects(facts, each.value, call)]
    sorted_ones = iter(sorted(acting, key=lambda each: min(_effects(facts, each.value, call))))
    moved = replace(body, fields=tuple(next(sorted_ones) if each in acting else each for each in body.fields))
    return moved, _is_sorted(_effects(facts, moved, call))


def _is_sorted(places: list[int]) -> bool:
    return places == sorted(places)


def _effects(facts: Facts, value: ir.Value, call: cst.Call) -> list[int]:
    """Where in the legacy call the calls stand that may do something, as ``value`` has them one after the other."""
    found: list[int] = []
    for inner in ir.walk(value):
        origin = inner.test if isinstance(inner, ir.Choice) else inner.origin if isinstance(inner, ir.Opaque) else None
        # None is asked for first: to learn that it is no node, every class of nodes would be asked
        if origin is not None and isinstance(origin, cst.CSTNode) and _stands_in(facts, origin, call):
            acts = [node for node in descendants(origin) if _may_act(facts, node)]
            found += sorted(facts.module.span(node)[0] for node in acts)
    return found


def _stands_in(facts: Facts, node: cst.CSTNode, call: cst.Call) -> bool:
    start, end = facts.module.span(call)
    return start <= facts.module.span(node)[0] < end


def _may_act(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether evaluating ``node`` may do something that another expression of the request sees."""
    match node:
        case cst.Await() | cst.Yield() | cst.NamedExpr():
            return True
        case cst.Call(func=func):
            path = facts.names.path(func) or dotted(func)
            if path.startswith(_LIBRARIES) or path in _ONLY_READ:
                return False
            if isinstance(func, cst.Name) and path in _BUILTINS:
                return bool(facts.scopes.definitions(func))
            return not (isinstance(func, cst.Attribute) and facts.kinds.of(func.value) == "str")
    return False
