"""Imports of a rewritten module: what became unused goes, what the new code needs comes, in the file's own style."""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePath

import libcst as cst

from migrator.changes import Change
from migrator.python.evidence.module import NEWLINE, Module
from migrator.python.evidence.scopes import Definition, Kind, Scope, Scopes
from migrator.python.evidence.stars import unused_stars
from migrator.python.helpers.definitions import NAME, Helper, annotated, is_definition, plain
from migrator.python.writing.blocks import Block, Import, block_of, imports_in
from migrator.python.writing.edits import Edits, new_code
from migrator.python.writing.habits import Style
from migrator.python.writing.render import Needs
from migrator.python.writing.sdk_imports import Conditions, conditions, importing, is_of_sdk
from migrator.python.writing.splice import place_of
from migrator.python.writing.transform import Written

_SDK = ("google.genai", "google")
_STRING_READERS = frozenset({"cast", "TypeVar", "NewType", "ForwardRef", "TypeAlias"})


@dataclass(frozen=True, slots=True)
class Leftovers:
    """A module, or a part of one, whose calls are rewritten, before its imports are.

    What is added is put behind the offset ``home``. A part ends at ``end``, and the new code of those behind it uses
    the names ``wanted_later`` of what is imported in it or before it.
    """

    module: Module
    scopes: Scopes
    edits: Edits
    written: Written
    style: Style
    path: str
    home: int = 0
    end: int = sys.maxsize
    wanted_later: frozenset[str] = frozenset()

    def holds(self, node: cst.CSTNode) -> bool:
        """Whether a node stands in this part."""
        return self.end == sys.maxsize or self.home <= self.module.span(node)[0] < self.end

    def fresh_names(self) -> set[str]:
        """The names in the new code."""
        return {name for edit in self.edits.values() for text in new_code(edit) for name in NAME.findall(text)}

    def top(self) -> Block:
        """The imports at the beginning of the module, or behind ``home`` where nothing is rewritten before it."""
        edited = _edited(self)
        early = any(self.module.span(statement)[0] < self.home for statement in edited)
        edited |= {statement for statement in self.module.tree.body if not self.holds(statement)}
        return block_of(self.module, self.module.tree, self.style, edited, 0 if early else self.home)


def settled(left: Leftovers, needs: Needs) -> list[Change]:
    """The changes that give a rewritten module the imports and helpers that it needs, and take unused imports out."""
    helpers = annotated(needs.helpers) if _annotates(left.module) else plain(needs.helpers)
    functions = [each for each in helpers if not _is_defined(left, each)]
    wanted = _wanted(needs) | {Import(name) for each in functions for name in each.modules}
    wanted |= {Import("typing", "Any") for each in functions if each.mentions("Any")}
    aliases = _aliases(left, wanted)
    functions = [each.renamed(aliases) for each in functions]
    wanted = {each for each in wanted if each.bound not in aliases or any(_users(left, each))}
    under = conditions(left.module, left.scopes, left.style)
    if under.is_lazy:
        of_sdk = [each for each in wanted if is_of_sdk(each)]
        functions = [importing(each, of_sdk) for each in functions]
        wanted -= {each for each in of_sdk if not any(_users(left, each))}
    changes = [*_pruned(left, functions)] if PurePath(left.path).name != "__init__.py" else []
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


# Unused ------------------------------------------------------------------------------------------------------------


def _pruned(left: Leftovers, functions: Sequence[Helper]) -> Iterator[Change]:
    """Take out the SDK's names that were used before and are not any more."""
    mentioned = _mentioned_in_strings(left.module)
    words = left.fresh_names().union(left.wanted_later, *(each.names() for each in functions))
    unused: dict[cst.CSTNode, list[cst.ImportAlias]] = {}
    for definition in _definitions(left.scopes):
        if not definition.module.startswith(_SDK) or definition.name in words | mentioned:
            continue
        if not left.holds(definition.node):
            continue
        reads = left.scopes.reads(definition)
        if reads and not any(_is_copied(left, read) for read in reads) and isinstance(definition.node, cst.ImportAlias):
            unused.setdefault(left.module.parents[definition.node], []).append(definition.node)
    for star in unused_stars(left.module, left.scopes, lambda read: _is_copied(left, read), words | mentioned):
        unused.update({star: []} if left.holds(star) else {})
    for node, aliases in unused.items():
        statement = left.module.statement(node)
        if isinstance(statement, cst.SimpleStatementLine) and _may_go(left.module, statement):
            yield from _without(left.module, statement, node, aliases)


def _definitions(scopes: Scopes) -> Iterator[Definition]:
    for scope in scopes.scope_of.values():
        for definitions in scope.definitions.values():
            yield from (each for each in definitions if each.kind is Kind.IMPORT)


def _is_copied(left: Leftovers, read: cst.Name) -> bool:
    at = left.module.span(read)[0]
    position = bisect_right(left.written.copied, (at, len(left.module.text))) - 1
    return position >= 0 and at < left.written.copied[position][1]


def _may_go(module: Module, statement: cst.SimpleStatementLine) -> bool:
    """Whether the block stays valid without the statement, and nothing says that others import the name from here."""
    block = module.parent(statement)
    alone = isinstance(block, cst.IndentedBlock) and len(block.body) == 1
    in_try = module.enclosing(statement, cst.Try, cst.TryStar) is not None
    start, end = module.span(statement)
    commented = "#" in module.text[start : module.line_end(end)] or _has_comment_of_its_own(module, statement)
    return not alone and not in_try and not commented


def _has_comment_of_its_own(module: Module, statement: cst.SimpleStatementLine) -> bool:
    """Whether a comment stands above this import that is not about the imports below too."""
    start, end = module.span(statement)
    above = [line.strip() for line in NEWLINE.split(module.text[: module.line_start(start)])][:-1]
    header = all(line.startswith("#") for line in above)
    below = module.text[module.line_end(end) : module.line_end(module.line_end(end))]
    is_commented = bool(above) and above[-1].startswith("#") and not header
    return is_commented and not below.lstrip().startswith(("import ", "from "))


def _gone(module: Module, line: cst.SimpleStatementLine, node: cst.CSTNode) -> Change:
    """Take an import out of its line, or the line out where it has nothing else."""
    position = list(line.body).index(node)  # type: ignore[arg-type]
    if len(line.body) == 1:
        return Change(*place_of(module, line), "")
    if position:
        return Change(module.span(line.body[position - 1])[1], module.span(node)[1], "")
    return Change(module.span(node)[0], module.span(line.body[1])[0], "")


def _without(
    module: Module, statement: cst.SimpleStatementLine, node: cst.CSTNode, unused: list[cst.ImportAlias]
) -> Iterator[Change]:
    assert isinstance(node, (cst.Import, cst.ImportFrom))
    names = [] if isinstance(node.names, cst.ImportStar) else list(node.names)
    kept = [alias for alias in names if alias not in unused or _is_renamed_to_itself(alias)]
    if not kept:
        yield _gone(module, statement, node)
        return
    for position, alias in enumerate(names):
        if alias in kept:
            continue
        if alias is names[-1] or all(each not in kept for each in names[position:]):
            yield Change(_end(module, names[position - 1]), _end(module, alias), "")
        else:
            yield Change(module.span(alias)[0], module.span(names[position + 1])[0], "")


def _end(module: Module, alias: cst.ImportAlias) -> int:
    return module.span(alias.asname.name if alias.asname is not None else alias.name)[1]


def _is_renamed_to_itself(alias: cst.ImportAlias) -> bool:
    """``import x as x`` says that others may import it from here."""
    return alias.asname is not None and alias.evaluated_alias == alias.evaluated_name


def _mentioned_in_strings(module: Module) -> set[str]:
    """The names that annotations in quotes, ``__all__``, doctests and type comments use."""
    found: set[str] = set()
    for string in module.nodes(cst.SimpleString):
        if ">>> " in string.value:
            found |= {
                word for line in re.findall(r">>> .*|\.\.\. .*", string.value) for word in re.findall(r"\w+", line)
            }
        elif _is_code(module, string):
            found |= set(re.findall(r"\w+", string.value))
    for comment in module.comments:
        if re.match(r"#\s*type:", comment):
            found |= set(re.findall(r"\w+", comment))
    return found


def _is_code(module: Module, string: cst.SimpleString) -> bool:
    """Whether a string names what it stands for: an annotation in quotes, or an entry of ``__all__``."""
    for holder in module.ancestors(string):
        match holder:
            case cst.Annotation() | cst.Subscript():
                return True
            case cst.Call(func=cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name))):
                return name in _STRING_READERS
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value="__all__"))]) | cst.AugAssign():
                return True
            case cst.BaseSmallStatement() | cst.BaseCompoundStatement():
                return False
    return False


# Missing -----------------------------------------------------------------------------------------------------------


def _missing(
    left: Leftovers, under: Conditions, wanted: Sequence[Import], functions: Sequence[Helper]
) -> Iterator[tuple[Block, list[Import]]]:
    """The imports that are not visible yet where they are needed, by the block that they belong into."""
    top, own = left.top(), left.scopes.own(left.module.tree)
    places: dict[cst.CSTNode, tuple[Block, list[Import]]] = {}
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
        places.setdefault(block.node, (block, []))[1].append(each)
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
            if any(not is_definition(name[1:], module.source(each.node)) for each in taken):
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
    module, tree, edited = left.module, left.module.tree, _edited(left)
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


def _edited(left: Leftovers) -> frozenset[cst.CSTNode]:
    """The statements of the module in which something changes."""
    return frozenset(_top_statement(left.module, node) for node in left.edits)


def _top_statement(module: Module, node: cst.CSTNode) -> cst.CSTNode:
    while (holder := module.parent(node)) is not None and holder is not module.tree:
        node = holder
    return node
