"""What a function inside of another one may see of its names: all that they hold from the moment that it is made."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from migrator.python.evidence.definitions import Definition, Kind, Scope
from migrator.python.evidence.evaluation import Environment
from migrator.python.evidence.module import Module

_REPEATS = (cst.For, cst.While)


def still_held(
    module: Module, scope: Scope, made: cst.CSTNode, found: Iterable[Definition], before: Environment
) -> frozenset[Definition]:
    """Those of ``found`` in ``scope`` that the function ``made`` may see, where ``before`` is what held before it."""
    definitions = frozenset(found)
    name = next(iter(definitions)).name
    kept = {each for each in definitions if each in before.get(name, ()) or not _is_over(module, scope, made, each)}
    return frozenset(kept) or definitions


def _is_over(module: Module, scope: Scope, made: cst.CSTNode, definition: Definition) -> bool:
    """Whether a definition runs before ``made`` in every frame of ``scope``, and never again."""
    if definition.kind is Kind.PARAMETER and definition.scope is scope:
        return True
    around = list(module.ancestors(definition.node))
    own = next((each for each in around if isinstance(each, (cst.FunctionDef, cst.Lambda, cst.ClassDef))), None)
    if own is not scope.node:
        return False  # by ``nonlocal``, whenever that function runs
    if module.span(module.statement(definition.node))[1] > module.span(made)[0]:
        return False
    loops = {each for each in around[: around.index(own)] if isinstance(each, _REPEATS)}
    return loops.isdisjoint(module.ancestors(made))
