"""What the code blocks of a page see of each other's names.

A block means its own binding of a name, else that of the closest block before it. A binding that nobody has read when
another block binds the name again is one of several ways to the same thing: whoever reads the name later may mean
either. A function's names are looked up when it runs, so it also sees what the blocks have that use it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import libcst as cst

from migrator.python.evidence.definitions import Definition, Kind, Scope
from migrator.python.evidence.evaluation import Reads
from migrator.python.evidence.module import Module, descendants
from migrator.segments import Segments


def statements_of(module: Module, segments: Segments) -> Iterator[Sequence[cst.CSTNode]]:
    """The statements of each segment."""
    found: list[list[cst.CSTNode]] = [[] for _ in segments.starts]
    for statement in module.tree.body:
        found[_segment(module, segments, statement)].append(statement)
    yield from found


def _segment(module: Module, segments: Segments, node: cst.CSTNode) -> int:
    return max(0, bisect_right(segments.starts, module.span(node)[0]) - 1)


class Views:
    """Which of the module's definitions of a name the functions of a segment see."""

    def __init__(self, module: Module, segments: Segments, reads: Reads) -> None:
        self.module = module
        self.segments = segments
        self._reads = reads

    def of(self, read: cst.Name, found: Iterable[Definition]) -> frozenset[Definition]:
        """Those of the definitions that a function may see where it reads the name."""
        here = self.segment(read)
        return frozenset[Definition]().union(*(self._from(segment, found) for segment in {here, *self._users[here]}))

    def segment(self, node: cst.CSTNode) -> int:
        """The number of the segment that a node stands in, from 0."""
        return _segment(self.module, self.segments, node)

    def _from(self, segment: int, found: Iterable[Definition]) -> frozenset[Definition]:
        by_segment: dict[int, set[Definition]] = {}
        for each in found:
            by_segment.setdefault(self.segment(each.node), set()).add(each)
        if segment in by_segment:
            return frozenset(by_segment[segment])
        name = next((each.name for each in found), "")
        before = self._reads.behind[segment - 1].get(name) if segment else None
        later = [each for each in by_segment if each > segment]
        return before or frozenset(by_segment[min(later)] if later else ())

    @cached_property
    def _users(self) -> Sequence[frozenset[int]]:
        """The segments that may run functions of each: those that use them, those that use these, and so on."""
        users: list[set[int]] = [set() for _ in self.segments.starts]
        for name, definitions in self._reached():
            for each in definitions:
                users[self.segment(each.node)].add(self.segment(name))
        for _ in users:
            for own in users:
                own.update(*(users[each] for each in [*own]))
        return [frozenset(own) for own in users]

    def _reached(self) -> Iterator[tuple[cst.Name, Iterable[Definition]]]:
        """The reads of names that a function may come with, and what may have bound them."""
        top = self._reads.scope_of[self.module.tree]
        carried = self._carried(top)
        for name, definitions in self._reads.reaching.items():
            if name.value in carried:
                yield name, [each for each in definitions if each.scope is top]
        for name in self._reads.free:
            if name.value in carried:
                yield name, self._from(self.segment(name), top.definitions[name.value])

    def _carried(self, top: Scope) -> frozenset[str]:
        """The names of the module that functions and classes have, or what was made with these."""
        mentioned: dict[str, set[str]] = {}
        carried: set[str] = set()
        for name, definitions in top.definitions.items():
            for each in definitions:
                if each.kind in (Kind.FUNCTION, Kind.CLASS) or isinstance(each.value, cst.Lambda):
                    carried.add(name)
                elif each.kind is not Kind.IMPORT:
                    words = (node.value for node in descendants(each.node) if isinstance(node, cst.Name))
                    mentioned.setdefault(name, set()).update(words)
        while more := {name for name, words in mentioned.items() if name not in carried and words & carried}:
            carried |= more
        return frozenset(carried)
