"""Imports of the SDK that a rewritten module no longer uses: they go, unless something else may read them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import libcst as cst

from migrator.changes import Change
from migrator.python.evidence.module import NEWLINE, Module
from migrator.python.evidence.scopes import Definition, Kind, Scopes
from migrator.python.evidence.stars import unused_stars
from migrator.python.helpers.definitions import Helper
from migrator.python.writing.leftovers import Leftovers
from migrator.python.writing.splice import place_of

_SDK = ("google.genai", "google")
_STRING_READERS = frozenset({"cast", "TypeVar", "NewType", "ForwardRef", "TypeAlias"})


def pruned(left: Leftovers, functions: Sequence[Helper]) -> Iterator[Change]:
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
