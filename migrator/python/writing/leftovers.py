"""A module whose calls are rewritten and whose imports are not yet."""

from __future__ import annotations

import sys

import libcst as cst

from migrator.python.evidence.module import Module
from migrator.python.evidence.scopes import Scopes
from migrator.python.helpers.definitions import NAME
from migrator.python.writing.blocks import Block, block_of
from migrator.python.writing.edits import Edits, new_code
from migrator.python.writing.habits import Style
from migrator.python.writing.transform import Written
from migrator.records import dataclass


@dataclass(frozen=True, slots=True)
class Leftovers:
    """A module, or a segment of one, whose calls are rewritten, before its imports are.

    What is added is put behind the offset ``home``. A segment ends at ``end``, and the new code of those behind it uses
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
        """Whether a node stands in this segment."""
        return self.end == sys.maxsize or self.home <= self.module.span(node)[0] < self.end

    def fresh_names(self) -> set[str]:
        """The names in the new code."""
        return {name for edit in self.edits.values() for text in new_code(edit) for name in NAME.findall(text)}

    def edited(self) -> frozenset[cst.CSTNode]:
        """The statements of the module in which something changes."""
        return frozenset(_top_statement(self.module, node) for node in self.edits)

    def top(self) -> Block:
        """The imports at the beginning of the module, or behind ``home`` where nothing is rewritten before it."""
        edited = self.edited()
        early = any(self.module.span(statement)[0] < self.home for statement in edited)
        edited |= {statement for statement in self.module.tree.body if not self.holds(statement)}
        return block_of(self.module, self.module.tree, self.style, edited, 0 if early else self.home)


def _top_statement(module: Module, node: cst.CSTNode) -> cst.CSTNode:
    while (holder := module.parent(node)) is not None and holder is not module.tree:
        node = holder
    return node
