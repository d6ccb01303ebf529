"""Imports of a rewritten module: what became unused goes, what the new code needs comes, in the file's own style."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

import libcst as cst

from migrator.python.module import Module
from migrator.python.render import HELPER_MODULES, HELPERS, Needs
from migrator.python.scopes import Definition, Kind, Scopes, dotted

_SDK = ("google.genai", "google")


def settled(tree: cst.Module, before: Scopes, needs: Needs) -> cst.Module:
    """``tree`` with the imports and helper functions that it needs, without the SDK imports that it no longer uses."""
    tree = _pruned(tree, before)
    modules = needs.modules.union(*(HELPER_MODULES.get(name, ()) for name in needs.helpers))
    missing = [f"import {name}" for name in sorted(modules) if not _imports(tree, name)]
    missing += [f"from {module} import {name}" for module, name in sorted(needs.names) if not _imports(tree, module, name)]
    missing += [
        f"from {module} import {name} as {alias}"
        for module, name, alias in sorted(needs.aliases)
        if not _imports(tree, module, name, alias)
    ]
    for line in missing:
        tree = _with_import(tree, line)
    return _with_helpers(tree, [HELPERS[name] for name in sorted(needs.helpers)])


# Unused ------------------------------------------------------------------------------------------------------------


def _pruned(tree: cst.Module, before: Scopes) -> cst.Module:
    module = Module(tree)
    scopes = Scopes(module)
    was_used = {_key(definition) for definition in _sdk_imports(before) if before.reads(definition)}
    unused = [
        definition.node
        for definition in _sdk_imports(scopes)
        if _key(definition) in was_used and not scopes.reads(definition) and _is_removable(module, definition)
    ]
    if not unused or any(_is_exported(tree, definition) for definition in _sdk_imports(scopes)):
        return tree
    changed = tree.visit(_WithoutAliases(frozenset(unused)))
    assert isinstance(changed, cst.Module)
    return changed


def _sdk_imports(scopes: Scopes) -> list[Definition]:
    return [
        definition
        for scope in scopes.scope_of.values()
        for definitions in scope.definitions.values()
        for definition in definitions
        if definition.kind is Kind.IMPORT and definition.module.startswith(_SDK)
    ]


def _key(definition: Definition) -> tuple[str, str]:
    return definition.name, definition.module


def _is_removable(module: Module, definition: Definition) -> bool:
    """Whether the import stands in a block that stays valid without it."""
    statement = module.statement(definition.node)
    block = module.parent(statement)
    in_try = module.enclosing(statement, cst.Try) is not None
    alone = isinstance(block, cst.IndentedBlock) and len(block.body) == 1
    return not in_try and not alone and '"' + definition.name + '"' not in module.text and not _in_annotation(module, definition)


def _in_annotation(module: Module, definition: Definition) -> bool:
    return f'"{definition.name}.' in module.text or f"'{definition.name}." in module.text


def _is_exported(tree: cst.Module, definition: Definition) -> bool:
    return f"'{definition.name}'" in tree.code and "__all__" in tree.code


class _WithoutAliases(cst.CSTTransformer):
    """Takes import aliases out, and import statements that have none left."""

    def __init__(self, unused: frozenset[cst.CSTNode]) -> None:
        super().__init__()
        self.unused = unused

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> cst.ImportFrom | cst.RemovalSentinel:  # noqa: N802, E501
        if isinstance(original_node.names, cst.ImportStar):
            return updated_node
        return self._kept(original_node, updated_node, original_node.names)  # type: ignore[return-value]

    def leave_Import(self, original_node: cst.Import, updated_node: cst.Import) -> cst.Import | cst.RemovalSentinel:  # noqa: N802
        return self._kept(original_node, updated_node, original_node.names)  # type: ignore[return-value]

    def _kept(self, original: cst.CSTNode, updated: cst.CSTNode, names: Iterable[cst.ImportAlias]) -> cst.CSTNode | cst.RemovalSentinel:
        kept = [alias for alias in names if alias not in self.unused]
        if len(kept) == len(list(names)):
            return updated
        if not kept:
            return cst.RemoveFromParent()
        last = list(names)[-1]
        kept[-1] = kept[-1].with_changes(comma=last.comma)
        return updated.with_changes(names=kept)

    def leave_SimpleStatementLine(self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine) -> cst.SimpleStatementLine | cst.RemovalSentinel:  # noqa: N802, E501
        return updated_node


# Missing -----------------------------------------------------------------------------------------------------------


def _imports(tree: cst.Module, module: str, name: str = "", alias: str = "") -> bool:
    """Whether the module's top level already imports this, under its own name or the ``alias``."""
    for statement in _imported(tree):
        for node in statement.body:
            match node:
                case cst.Import(names=names) if not name:
                    if any(dotted(alias.name) == module and alias.asname is None for alias in names):
                        return True
                case cst.ImportFrom(names=[*aliases], module=base) if base is not None and dotted(base) == module:
                    if any(dotted(each.name) == name and each.evaluated_alias == (alias or None) for each in aliases):
                        return True
    return False


def _imported(tree: cst.Module) -> list[cst.SimpleStatementLine]:
    return [
        statement
        for statement in tree.body
        if isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[0], (cst.Import, cst.ImportFrom))
    ]


def _with_import(tree: cst.Module, line: str) -> cst.Module:
    """``tree`` with one more import, beside its own kind: the standard library's first, sorted where the file sorts."""
    new = cst.parse_statement(line, config=tree.config_for_parsing)
    assert isinstance(new, cst.SimpleStatementLine)
    body = list(tree.body)
    imports = [(position, body[position]) for position in range(len(body)) if body[position] in _imported(tree)]
    end = _first_use(tree, line.rsplit(maxsplit=1)[-1])
    imports = [(position, node) for position, node in imports if not _is_future(node) and position < end]
    wanted = _group(line)
    same = [(position, node) for position, node in imports if _group(_first_line(tree, node)) == wanted]
    if same:
        later = [pair for pair in same if _sort_key(_first_line(tree, pair[1])) > _sort_key(line)]
        position, neighbour = later[0] if later else same[-1]
        if later:
            new = new.with_changes(leading_lines=neighbour.leading_lines)  # type: ignore[attr-defined]
            body[position] = neighbour.with_changes(leading_lines=[])  # type: ignore[call-overload]
            if position != same[0][0]:
                new = new.with_changes(leading_lines=[])
                body[position] = neighbour
        return tree.with_changes(body=[*body[: position + (not later)], new, *body[position + (not later) :]])
    return _first_of_its_group(tree, body, imports, new, wanted)


def _first_use(tree: cst.Module, name: str) -> int:
    """The position of the first statement of the module that mentions ``name``: a later import would come too late."""
    mentions = re.compile(rf"\b{re.escape(name.partition('.')[0])}\b")
    uses = (at for at, each in enumerate(tree.body) if mentions.search(tree.code_for_node(each)))
    return next((at for at in uses if not _imports_something(tree.body[at])), len(tree.body))


def _first_of_its_group(
    tree: cst.Module,
    body: list[cst.BaseStatement | cst.SimpleStatementLine],
    imports: list[tuple[int, cst.BaseStatement | cst.SimpleStatementLine]],
    new: cst.SimpleStatementLine,
    wanted: int,
) -> cst.Module:
    blank = cst.EmptyLine(indent=False)
    later = [(position, node) for position, node in imports if _group(_first_line(tree, node)) > wanted]
    if later:
        position, neighbour = later[0]
        lines = neighbour.leading_lines  # type: ignore[union-attr]
        header = list(lines) if position else []
        comments = [line for line in lines if line.comment is not None]
        new = new.with_changes(leading_lines=header if not comments else [])
        body[position] = neighbour.with_changes(leading_lines=[blank, *(comments or [])])
        return tree.with_changes(body=[*body[:position], new, *body[position:]])
    position = imports[-1][0] + 1 if imports else _after_docstring(tree)
    if position:
        new = new.with_changes(leading_lines=[blank])
    return tree.with_changes(body=[*body[:position], new, *body[position:]])


def _after_docstring(tree: cst.Module) -> int:
    position = 1 if tree.body and tree.get_docstring() is not None else 0
    futures = [at for at, node in enumerate(tree.body) if _is_future(node)]
    return max([position, *(at + 1 for at in futures)])


def _is_future(node: cst.CSTNode) -> bool:
    match node:
        case cst.SimpleStatementLine(body=[cst.ImportFrom(module=cst.Name(value="__future__")), *_]):
            return True
    return False


def _first_line(tree: cst.Module, node: cst.CSTNode) -> str:
    assert isinstance(node, cst.SimpleStatementLine)
    return tree.code_for_node(node.body[0])


def _group(line: str) -> int:
    top = line.split()[1].split(".", maxsplit=1)[0]
    return 0 if top in sys.stdlib_module_names else 2 if line.split()[1].startswith(".") else 1


def _sort_key(line: str) -> tuple[bool, str]:
    return line.startswith("from "), line.split()[1].lower()


# Helpers -----------------------------------------------------------------------------------------------------------


def _imports_something(node: cst.CSTNode) -> bool:
    """Whether a statement is an import, or begins with one in a ``try`` or under a condition."""
    match node:
        case cst.SimpleStatementLine(body=[cst.Import() | cst.ImportFrom(), *_]):
            return True
        case cst.Try(body=cst.IndentedBlock(body=[first, *_])) | cst.If(body=cst.IndentedBlock(body=[first, *_])):
            return _imports_something(first)
    return False


def _with_helpers(tree: cst.Module, helpers: list[str]) -> cst.Module:
    """``tree`` with helper functions after its imports; one that is there already is not repeated."""
    defined = {node.name.value for node in tree.body if isinstance(node, (cst.FunctionDef, cst.ClassDef))}
    blank = cst.EmptyLine(indent=False)
    for helper in helpers:
        function = cst.parse_statement(helper, config=tree.config_for_parsing)
        assert isinstance(function, (cst.FunctionDef, cst.ClassDef))
        if function.name.value in defined:
            continue
        body = list(tree.body)
        before = body[: _first_use(tree, function.name.value)]
        imports = [at for at, each in enumerate(before) if _imports_something(each)]
        position = imports[-1] + 1 if imports else _after_docstring(tree)
        body.insert(position, function.with_changes(leading_lines=[blank, blank]))
        if position + 1 < len(body):
            following = body[position + 1]
            kept = list(following.leading_lines)  # type: ignore[union-attr]
            while kept and kept[0].comment is None:
                kept.pop(0)
            body[position + 1] = following.with_changes(leading_lines=[blank, blank, *kept])
        tree = tree.with_changes(body=body)
    return tree
