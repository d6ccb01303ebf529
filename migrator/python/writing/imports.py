"""Imports of a rewritten module: what became unused goes, what the new code needs comes, in the file's own style."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from pathlib import PurePath

import libcst as cst

from migrator.changes import Change
from migrator.python.evidence.module import NEWLINE, Module
from migrator.python.evidence.scopes import Definition, Kind, Scope, Scopes
from migrator.python.helpers.definitions import Helper, annotated, is_definition, parts_of, plain
from migrator.python.writing.blocks import Block, Import, block_of, imports_in
from migrator.python.writing.edits import Edits, new_code
from migrator.python.writing.leftovers import Leftovers
from migrator.python.writing.render import Needs
from migrator.python.writing.sdk_imports import Conditions, conditions, importing, is_of_sdk
from migrator.python.writing.unused import pruned


def settled(left: Leftovers, needs: Needs) -> list[Change]:
    """The changes that give a rewritten module the imports and helpers that it needs, and take unused imports out."""
    helpers = annotated(needs.helpers) if _annotates(left.module) else plain(needs.helpers)
    functions = [each for each in helpers if not _is_defined(left, each)]
    wanted = _wanted(needs) | {Import(name) for each in functions for name in each.modules}
    wanted |= {Import("typing", "Any") for each in functions if each.mentions("Any")}
    aliases = _aliases(left, wanted)
    functions = [each.renamed(aliases) for each in functions]
    wanted = {each for each in wanted if each.bound not in aliases or any(_users(left, each))}
    under = conditions(left.module, left.scopes, left.style) if not left.home else Conditions()
    if under.is_lazy:
        of_sdk = [each for each in wanted if is_of_sdk(each)]
        functions = [importing(each, of_sdk) for each in functions]
        wanted -= {each for each in of_sdk if not any(_users(left, each))}
    changes = [*pruned(left, functions)] if PurePath(left.path).name != "__init__.py" else []
    for block, missing in _missing(left, under, sorted(wanted, key=Import.by_form), functions):
        changes += block.with_imports(missing, gone=changes)
    if functions:
        changes += _defined(left, functions, changes)
    return _merged(left.module, changes)


def _wanted(needs: Needs) -> set[Import]:
    """The imports that the new code asks for by name."""
    named = {Import(module, name) for module, name in needs.names}
    return {Import(name) for name in needs.modules} | named | {Import(*alias) for alias in needs.aliases}


def _aliases(left: Leftovers, wanted: Iterable[Import]) -> dict[str, str]:
    """The names of this file for what it imports already under another name."""
    top = left.scopes.own(left.module.tree).definitions
    found = [each for definitions in top.values() for each in definitions if each.kind is Kind.IMPORT]
    return {
        each.bound: known.name
        for each in wanted
        for known in found
        if known.module == each.full and known.name != each.bound
    }


def _merged(module: Module, changes: Iterable[Change]) -> list[Change]:
    """Changes, those at one place made one, in order; what takes a statement's place has its blank lines."""
    merged: list[Change] = []
    for change in sorted(changes, key=lambda each: (each.start, each.end)):
        if not merged or merged[-1].start != change.start:
            merged.append(change)
        elif change.start == change.end:
            merged[-1] = Change(change.start, change.end, merged[-1].text + change.text)
        else:
            is_line = change.start == module.line_start(change.start)
            end = min(change.end, module.line_end(change.start)) if is_line else change.end
            merged[-1] = Change(change.start, end, merged[-1].text + change.text)
    return merged


# Missing -----------------------------------------------------------------------------------------------------------


def _missing(
    left: Leftovers, under: Conditions, wanted: Sequence[Import], functions: Sequence[Helper]
) -> Iterator[tuple[Block, list[Import]]]:
    """The imports that are not visible yet where they are needed, by the block that they belong into."""
    top, own = left.top(), left.scopes.own(left.module.tree)
    places: dict[tuple[cst.CSTNode, int], tuple[Block, list[Import]]] = {}
    for each in wanted:
        users = list(_users(left, each))
        lazy = under.is_lazy and is_of_sdk(each) and bool(users)
        everywhere = not users or (not lazy and any(helper.mentions(each.bound) for helper in functions))
        nodes = list(left.edits) if everywhere else users
        open_to = [left.scopes.at(node) for node in nodes if not _is_visible(left, node, each)]
        if not open_to and (not everywhere or _found(own, each) is not None):
            continue
        block = _local_block(left, open_to) if lazy or not (everywhere or top.imports) else None
        if block is None:
            block = under.block if under.block is not None and is_of_sdk(each) else top
        places.setdefault((block.node, block.start), (block, []))[1].append(each)
    yield from places.values()


def _users(left: Leftovers, wanted: Import) -> Iterator[cst.CSTNode]:
    """Where new code uses what ``wanted`` binds."""
    name = re.compile(rf"\b{wanted.bound}\b")
    for node, edit in left.edits.items():
        if any(name.search(text) for text in new_code(edit)):
            yield node


def _is_visible(left: Leftovers, node: cst.CSTNode, wanted: Import) -> bool:
    """Whether what ``wanted`` binds is bound at ``node``, by an import that is not further below."""
    is_bound = _found(left.scopes.at(node), wanted) is not None
    return is_bound and not _comes_later(left.scopes, left.module, node, wanted.bound)


def _found(scope: Scope, wanted: Import) -> bool | None:
    """Whether the name that ``wanted`` binds is bound to it, or to something else; None where it is not bound."""
    current: Scope | None = scope
    while current is not None:
        definitions = current.definitions.get(wanted.bound, [])
        if definitions and (current is scope or not current.is_class):
            return all(each.kind is Kind.IMPORT and each.module == wanted.full for each in definitions)
        current = current.outer
    return None


def _local_block(left: Leftovers, users: Sequence[Scope]) -> Block | None:
    """The body of the one function that needs the import, where that function has its imports inside."""
    functions = {scope.node for scope in users}
    if len(functions) != 1:
        return None
    function = next(iter(functions))
    if not isinstance(function, cst.FunctionDef) or not isinstance(function.body, cst.IndentedBlock):
        return None
    block = block_of(left.module, function.body, left.style, frozenset())
    return block if block.imports else None


def conflicts(scopes: Scopes, module: Module, edits: Edits, needs: Needs) -> list[tuple[cst.CSTNode, str]]:
    """The edits whose new code would meet another meaning of a name that it uses."""
    wanted = _wanted(needs)
    found: list[tuple[cst.CSTNode, str]] = []
    for node, edit in edits.items():
        words = {word for text in new_code(edit) for word in re.findall(r"\w+", text)}
        for each in (each for each in wanted if each.bound in words):
            if _found(scopes.at(node), each) is False:
                found.append((node, f"the name {each.bound} means something else here"))
            elif scopes.at(node).outer is not None and _comes_later(scopes, module, node, each.bound):
                found.append((node, f"the name {each.bound} is imported further below"))
        for name in (f"_{name}" for name in needs.helpers if f"_{name}" in words):
            taken = _known(scopes.at(node), name)
            parts = parts_of(name[1:], needs.helpers)
            if any(not is_definition(name[1:], module.source(each.node), parts) for each in taken):
                found.append((node, f"the name {name} is taken in this file"))
            elif _comes_later(scopes, module, node, name):
                found.append((node, f"the function {name} is defined further below"))
    return found


def _comes_later(scopes: Scopes, module: Module, node: cst.CSTNode, name: str) -> bool:
    """Whether the block that ``node`` runs in defines ``name``, but only further below."""
    defined = scopes.at(node).definitions.get(name, [])
    return bool(defined) and all(module.order(each.node) > module.order(node) for each in defined)


def _known(scope: Scope, name: str) -> list[Definition]:
    """What ``name`` is defined as in ``scope`` and around it."""
    own = scope.definitions.get(name, [])
    return [*own, *(_known(scope.outer, name) if scope.outer is not None else [])]


# Helpers -----------------------------------------------------------------------------------------------------------


def _annotates(module: Module) -> bool:
    """Whether the file annotates its functions, as a rule."""
    functions = module.nodes(cst.FunctionDef)
    return len(functions) > 0 and sum(each.returns is not None for each in functions) * 2 > len(functions)


def _is_defined(left: Leftovers, helper: Helper) -> bool:
    return helper.name in left.scopes.own(left.module.tree).definitions


def _defined(left: Leftovers, functions: Sequence[Helper], gone: Sequence[Change]) -> list[Change]:
    """Put the functions behind the imports, before the first statement that may call them."""
    module, tree, edited = left.module, left.module.tree, left.edited()
    imports = [each for each in takewhile(lambda each: each not in edited, tree.body) if any(imports_in(each))]
    block = left.top()
    if left.home:
        imports = [statement for statement, _ in block.imports]
    at = _behind(module, imports[-1]) if imports else block.start
    at = max([at, *(change.end for change in gone if change.start < at <= change.end)])
    lines = [line for each in functions for line in ["", "", *each.lines(left.style, tree.default_indent)]]
    added = "".join(change.text for change in gone if change.start == change.end == at)
    before, after = module.text[:at] + added, module.text[at:]
    above = len(NEWLINE.findall(before[len(before.rstrip()) :])) - 1 if before.strip() else 2
    below = len(NEWLINE.findall(after[: len(after) - len(after.lstrip())]))
    lines = [*lines[max(0, min(2, above)) :], *[""] * max(0, 2 - below)]
    return [Change(at, at, tree.default_newline.join([*lines, ""]))]


def _behind(module: Module, statement: cst.CSTNode) -> int:
    """Where the line after a statement begins; a block ends with its own line ending."""
    end = module.span(statement)[1]
    return end if module.text[end - 1] in "\r\n" else module.line_end(end)
