"""Blocks of imports: where a new one belongs, sorted as the file sorts its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise

import libcst as cst

from migrator.changes import Change
from migrator.python.evidence.module import NEWLINE, Module, descendants
from migrator.python.evidence.scopes import dotted
from migrator.python.writing.habits import Style
from migrator.records import dataclass

Key = tuple[int, bool, str, str]


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """``import module``, or ``from module import name as alias``."""

    module: str
    name: str = ""
    alias: str = ""

    @property
    def bound(self) -> str:
        """The name that the import binds."""
        return self.alias or self.name or self.module.partition(".")[0]

    @property
    def full(self) -> str:
        """The dotted name of what it binds."""
        return f"{self.module}.{self.name}" if self.name else self.module

    @property
    def package(self) -> str:
        """The outermost package of the module."""
        return self.module.partition(".")[0]

    @property
    def section(self) -> int:
        """The section of a sorted block: the future, the standard library, others' packages, this one."""
        if not self.package:
            return 3
        return 0 if self.package == "__future__" else 1 if self.package in sys.stdlib_module_names else 2

    def code(self) -> str:
        """The statement."""
        renamed = f" as {self.alias}" if self.alias else ""
        return f"from {self.module} import {self.name}{renamed}" if self.name else f"import {self.module}{renamed}"

    def by_form(self) -> Key:
        """Sorts plain imports before those of names."""
        return self.section, bool(self.name), self.module.lower(), self.name.lower()

    def by_module(self) -> Key:
        """Sorts by the module alone."""
        return self.section, False, self.module.lower(), self.name.lower()


def imports_in(statement: cst.CSTNode) -> Iterator[Import]:
    """What a statement imports, itself or in its blocks."""
    for node in descendants(statement) if not isinstance(statement, (cst.FunctionDef, cst.ClassDef)) else ():
        match node:
            case cst.Import(names=names):
                yield Import(dotted(names[0].name))
            case cst.ImportFrom(module=module, relative=dots, names=names):
                base = "." * len(dots) + (dotted(module) if module is not None else "")
                first = names[0].evaluated_name if not isinstance(names, cst.ImportStar) else "*"
                yield Import(base, first)


@dataclass(frozen=True, slots=True)
class Block:
    """The statements of a module or function, of which some are imports at its beginning."""

    module: Module
    node: cst.CSTNode
    style: Style
    imports: tuple[tuple[cst.SimpleStatementLine, Import], ...]
    start: int  # where a first import would stand

    def with_imports(self, missing: Sequence[Import], gone: Sequence[Change]) -> list[Change]:
        """The changes that add ``missing``; ``gone`` are statements that are taken out."""
        left = [pair for pair in self.imports if not any(_covers(self.module, each, pair[0]) for each in gone)]
        missing = list(self._together(missing, left))
        return [self._joined(wanted, left, gone) or self._with(wanted, left, missing) for wanted in missing]

    def _together(
        self, missing: Sequence[Import], present: Sequence[tuple[cst.SimpleStatementLine, Import]]
    ) -> Iterator[Import]:
        """Names of one module, of which nothing is imported yet, in one statement where the line is long enough."""
        every = [each.module for _, each in self.imports if each.name]
        alone = len(every) > len(set(every))  # the file imports name by name
        modules = [each.module for _, each in present if each.name]
        for (module, plain), each in groupby(missing, key=lambda new: (new.module, bool(new.name and not new.alias))):
            group = list(each)
            together = Import(module, ", ".join(new.name for new in group))
            if plain and not alone and module not in modules and len(together.code()) <= self.style.limit:
                yield together
            else:
                yield from group

    def _joined(
        self, new: Import, present: Sequence[tuple[cst.SimpleStatementLine, Import]], gone: Sequence[Change]
    ) -> Change | None:
        """``from module import a, b``: one more name of a module that names are imported from already."""
        for statement, each in present if new.name else ():
            match statement.body:
                case [cst.ImportFrom(names=[*names]) as node] if each.module == new.module:
                    kept = [alias for alias in names if not any(_covers(self.module, change, alias) for change in gone)]
                    return self._one_more(node, kept, new)
        return None

    def _one_more(self, node: cst.ImportFrom, names: Sequence[cst.ImportAlias], new: Import) -> Change | None:
        """One more name in its place among ``names``; None where the line gets too long."""
        written = new.code().partition(" import ")[2]
        start, end = self.module.span(node)
        is_spread = NEWLINE.search(self.module.text[start:end]) is not None
        if not is_spread and end + len(written) + 2 - self.module.line_start(end) > self.style.limit:
            return None
        first = self.module.span(names[0])[0]
        between = f"{self._newline}{self.module.indent_at(first)}" if is_spread else " "
        following = [alias for alias in names if alias.evaluated_name.lower() > new.name.lower()]
        if following:
            at = self.module.span(following[0])[0]
            return Change(at, at, f"{written},{between}")
        at = self.module.span(names[-1])[1]
        return Change(at, at, f",{between}{written}")

    def _with(
        self, new: Import, present: list[tuple[cst.SimpleStatementLine, Import]], missing: Sequence[Import]
    ) -> Change:
        same = self._kin(new, present)
        if same:
            sort = _order_of([each for _, each in same])
            related = [pair for pair in same if pair[1].package == new.package] if sort is None else []
            if related:
                return self._behind(related[-1][0], new, "")
            before = [pair for pair in same if sort is None or sort(pair[1]) < sort(new)]
            return self._behind(before[-1][0], new, "") if before else self._ahead(same[0][0], new, "")
        first = new == next(each for each in missing if each.section == new.section)
        last = new == [each for each in missing if each.section == new.section][-1]
        blank = self._newline if self._separates(present) else ""
        if not present and self.imports:  # all of them go
            return self._ahead(self.imports[0][0], new, "")
        later = [pair for pair in present if pair[1].section > new.section]
        if later:
            return self._ahead(later[0][0], new, blank if last else "")
        if present:
            return self._behind(present[-1][0], new, blank if first else "")
        below = [each for each in missing if each.section > new.section]
        return self._alone(new, above=self._newline if first else "", below=self._room(below) if last else "")

    def _kin(
        self, new: Import, present: Sequence[tuple[cst.SimpleStatementLine, Import]]
    ) -> list[tuple[cst.SimpleStatementLine, Import]]:
        """The imports of the section of ``new``; where blank lines divide it, those of its package, or the first."""
        groups: list[list[tuple[cst.SimpleStatementLine, Import]]] = []
        for pair in (pair for pair in present if pair[1].section == new.section):
            if not groups or self._is_apart(groups[-1][-1][0], pair[0]):
                groups.append([])
            groups[-1].append(pair)
        of_package = [group for group in groups if any(each.package == new.package for _, each in group)]
        return next(iter([*of_package, *groups]), [])

    def _is_apart(self, one: cst.CSTNode, other: cst.CSTNode) -> bool:
        """Whether a blank line, or other code, stands between two statements."""
        between = self.module.text[self.module.span(one)[1] : self.module.span(other)[0]]
        return len(NEWLINE.findall(between)) > 1

    @property
    def _newline(self) -> str:
        return self.module.tree.default_newline

    def _ahead(self, statement: cst.CSTNode, new: Import, blank: str) -> Change:
        at = self.module.line_start(self.module.span(statement)[0])
        return Change(at, at, self.module.indent_at(at) + new.code() + self._newline + blank)

    def _behind(self, statement: cst.CSTNode, new: Import, blank: str) -> Change:
        start, end = self.module.span(statement)
        at = self.module.line_end(end)
        return Change(at, at, blank + self.module.indent_at(start) + new.code() + self._newline)

    def _alone(self, new: Import, *, above: str, below: str) -> Change:
        """The first import of all: behind the docstring or the header, with blank lines around it."""
        before = self.module.text[: self.start].rstrip(" \t")
        opened = NEWLINE.split(before.rstrip("\r\n"))[-1].startswith("#") or not before.strip() or _ends_blank(before)
        return Change(self.start, self.start, ("" if opened else above) + new.code() + self._newline + below)

    def _room(self, below: Sequence[Import]) -> str:
        """The blank lines between first imports and what follows: ``below``, or the first statement."""
        after = self.module.text[self.start :]
        if below or not after.strip():
            return self._newline if below else ""
        is_definition = after.lstrip().startswith(("def ", "class ", "@", "async def "))
        present = (len(after) - len(after.lstrip("\r\n"))) // len(self._newline)
        return self._newline * max(0, (2 if is_definition else 1) - present)

    def _separates(self, present: Sequence[tuple[cst.SimpleStatementLine, Import]]) -> bool:
        """Whether sections have blank lines between them; one section alone does not say, and formatters do."""
        for (one, before), (other, after) in pairwise(present):
            if before.section != after.section:
                between = self.module.text[self.module.span(one)[1] : self.module.span(other)[0]]
                return len(NEWLINE.findall(between)) > 1
        return True


def _ends_blank(text: str) -> bool:
    """Whether the last line is blank."""
    return len(NEWLINE.findall(text[len(text.rstrip()) :])) > 1


def _order_of(imports: Sequence[Import]) -> Callable[[Import], Key] | None:
    """The order that imports are sorted by, or None where they are not sorted."""
    for order in (Import.by_form, Import.by_module):
        keys = [order(each) for each in imports]
        if keys == sorted(keys):
            return order
    return None


def _covers(module: Module, change: Change, node: cst.CSTNode) -> bool:
    return change.start <= module.span(node)[0] and module.span(node)[1] <= change.end


def block_of(
    module: Module, node: cst.Module | cst.IndentedBlock, style: Style, edited: frozenset[cst.CSTNode], home: int = 0
) -> Block:
    """The imports at the beginning of a module or function: none behind other code, or behind what is ``edited``.

    The beginning of a module may be said to be at the offset ``home``.
    """
    imports: list[tuple[cst.SimpleStatementLine, Import]] = []
    start: int | None = None
    body = [statement for statement in node.body if not home or module.span(statement)[0] >= home]
    for position, statement in enumerate(body):
        found = list(imports_in(statement))
        if isinstance(statement, cst.SimpleStatementLine) and found:
            imports.append((statement, found[0]))
        elif position == 0 and _is_docstring(statement):
            start = module.line_end(module.span(statement)[1])
        elif statement in edited or any(each.section for _, each in imports):
            break
    futures = [statement for statement, each in imports if each.section == 0]
    if futures:
        start = module.line_end(module.span(futures[-1])[1])
    if start is None:
        start = module.line_start(module.span(body[0])[0]) if body else len(module.text)
    return Block(module, node, style, tuple(imports), start)


def _is_docstring(statement: cst.CSTNode) -> bool:
    match statement:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString())]):
            return True
    return False
