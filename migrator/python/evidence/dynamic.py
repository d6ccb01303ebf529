"""What a file gives its own module's names without naming them: ``globals()["X"] = …``, ``exec(code)``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.definitions import Definition, Kind, Scope, dotted
from migrator.python.evidence.module import Module

_WRITERS = frozenset({"update", "setdefault", "pop", "clear", "__setitem__"})
_KEYED = frozenset({"setdefault", "pop", "__setitem__"})
_OWN = frozenset({"__name__", "__file__"})


def given_by_spelling(module: Module, scope: Scope) -> Iterator[Definition]:
    """A definition of unseen value for each name of the module that is written to by a string with its name."""
    for node, key in _writes(module):
        name = _literal(key)
        if name is not None:
            yield Definition(name, Kind.UNPACK, node, None, scope)


def rebinder(module: Module) -> cst.CSTNode | None:
    """Code that may give any name of the module another value; None where there is none."""
    for node, key in _writes(module):
        if _literal(key) is None:
            return node
    return next((call for call in module.nodes(cst.Call) if _executes_here(module, call)), None)


def _writes(module: Module) -> Iterator[tuple[cst.CSTNode, cst.BaseExpression | None]]:
    """Each write to the dict of the module, and the key that it writes; None where it may write any."""
    for call in module.nodes(cst.Call):
        match call:
            case cst.Call(func=cst.Attribute(value=space, attr=cst.Name(value=method))) if (
                method in _WRITERS and _is_own_dict(module, space)
            ):
                yield call, call.args[0].value if method in _KEYED and call.args else None
            case cst.Call(func=cst.Name(value="setattr"), args=[cst.Arg(value=target), cst.Arg(value=key), _]):
                if _is_own_module(target):
                    yield call, key
            case cst.Call(func=cst.Name(value="globals")):
                holder = module.parent(call)
                if isinstance(holder, cst.Subscript) and _is_target(module, holder):
                    yield holder, _index(holder)
    for assigned in module.nodes(cst.AssignTarget):
        match assigned.target:
            case cst.Attribute(value=owner, attr=cst.Name(value=name)) if _is_own_module(owner):
                yield assigned, cst.SimpleString(repr(name))


def _is_own_dict(module: Module, node: cst.BaseExpression) -> bool:
    """``globals()``; ``vars()`` and ``locals()`` are the same where no function is around them."""
    match node:
        case cst.Call(func=cst.Name(value="globals"), args=[]):
            return True
        case cst.Call(func=cst.Name(value="vars" | "locals"), args=[]):
            return module.enclosing(node, cst.FunctionDef, cst.ClassDef) is None
    return False


def _is_own_module(node: cst.BaseExpression) -> bool:
    """``sys.modules[__name__]``."""
    match node:
        case cst.Subscript(value=modules, slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Name(value=name)))]):
            return name in _OWN and dotted(modules).endswith("modules")
    return False


def _is_target(module: Module, node: cst.Subscript) -> bool:
    holder = module.parent(node)
    match holder:
        case cst.AssignTarget() | cst.Del():
            return True
        case cst.AugAssign(target=target) | cst.AnnAssign(target=target):
            return target is node
    return False


def _index(node: cst.Subscript) -> cst.BaseExpression | None:
    match node.slice:
        case [cst.SubscriptElement(slice=cst.Index(value=key))]:
            return key
    return None


def _literal(key: cst.BaseExpression | None) -> str | None:
    match key:
        case cst.SimpleString():
            value = ast.literal_eval(key.value)
            return value if isinstance(value, str) else None
    return None


def _executes_here(module: Module, call: cst.Call) -> bool:
    """``exec(code)`` outside of functions, or with ``globals()``, runs in the module itself."""
    match call:
        case cst.Call(func=cst.Name(value="exec"), args=[_]):
            return module.enclosing(call, cst.FunctionDef, cst.ClassDef) is None
        case cst.Call(func=cst.Name(value="exec"), args=[_, cst.Arg(value=space), *_]):
            return _is_own_dict(module, space)
    return False
