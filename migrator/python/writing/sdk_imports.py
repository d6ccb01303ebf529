"""Files that import the SDK only under a condition: what the new code needs of it is imported under the same condition.

An import of the SDK in a ``try`` or in a function says that the module has to load without it. A new one at the top
would take that away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from migrator.python.evidence.module import Module
from migrator.python.evidence.scopes import Kind, Scope, Scopes
from migrator.python.helpers.definitions import Helper
from migrator.python.writing.blocks import Block, Import, block_of
from migrator.python.writing.habits import Style
from migrator.records import dataclass

_DEFINITION = re.compile(r'(?:async )?def .*?:\n(?:    """.*?"""\n)?', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a module imports the SDK: in ``block`` (a ``try``, or behind other code), in functions alone, or at once."""

    block: Block | None = None
    is_lazy: bool = False


def conditions(module: Module, scopes: Scopes, style: Style) -> Conditions:
    """Under which condition the SDK is imported."""
    top = scopes.own(module.tree)
    statements = [module.statement(node) for node in _imports(top)]
    outermost = [each for each in statements if module.parent(each) is module.tree]
    if outermost:
        return Conditions(_behind_code(module, outermost, style))
    for each in statements:
        block = module.parent(each)
        holder = module.parent(block) if block is not None else None
        if isinstance(block, cst.IndentedBlock) and isinstance(holder, (cst.Try, cst.TryStar)) and holder.body is block:
            return Conditions(block_of(module, block, style, frozenset()))
    inner = (scope for scope in scopes.scope_of.values() if isinstance(scope.node, cst.FunctionDef))
    return Conditions(is_lazy=not statements and any(any(_imports(scope)) for scope in inner))


def _behind_code(module: Module, statements: list[cst.CSTNode], style: Style) -> Block | None:
    """The imports that begin with the SDK's, where code stands before them: it may have to run first."""
    above = {each for each, _ in block_of(module, module.tree, style, frozenset()).imports}
    if not above or any(each in above for each in statements):
        return None
    return block_of(module, module.tree, style, frozenset(), min(module.span(each)[0] for each in statements))


def is_of_sdk(wanted: Import) -> bool:
    """Whether an import loads google.genai."""
    return f"{wanted.module}.".startswith("google.genai.") or wanted.full == "google.genai"


def importing(helper: Helper, wanted: list[Import]) -> Helper:
    """The function with those imports inside that it uses; a class is left as it is."""
    needed = sorted({each for each in wanted if helper.mentions(each.bound)}, key=Import.by_form)
    head = _DEFINITION.match(helper.code)
    if head is None or not needed:
        return helper
    modules = sorted({each.module for each in needed})
    lines = [f"    from {module} import {', '.join(_names(needed, module))}\n" for module in modules]
    return replace(helper, code=helper.code[: head.end()] + "".join(lines) + "\n" + helper.code[head.end() :])


def _names(needed: list[Import], module: str) -> list[str]:
    return [each.code().partition(" import ")[2] for each in needed if each.module == module]


def _imports(scope: Scope) -> Iterator[cst.CSTNode]:
    for definitions in scope.definitions.values():
        for each in definitions:
            if each.kind is Kind.IMPORT and f"{each.module}.".startswith("google.genai."):
                yield each.node
