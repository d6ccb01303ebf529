"""Scopes and definitions: which names are bound where, and which definitions reach which read.

A structured reaching-definitions pass: blocks are run in order over an environment ``name -> definitions``, branches
are joined, loops run twice. Names read from an enclosing scope see every definition there that has not been replaced
when the function is made, because the time of the read is not known. The result answers both ways: from a read to its
definitions, from a definition to its reads.
"""

from __future__ import annotations

import libcst as cst

from migrator.python.evidence.closures import still_held
from migrator.python.evidence.definitions import Definition, Kind, Scope, dotted
from migrator.python.evidence.dynamic import given_by_spelling
from migrator.python.evidence.evaluation import Comprehension, Reads
from migrator.python.evidence.module import Module
from migrator.python.evidence.pages import Views, statements_of
from migrator.python.evidence.reaching import Run
from migrator.segments import WHOLE, Segments

__all__ = ["Definition", "Kind", "Scope", "Scopes", "dotted"]


class Scopes:
    """Every scope of a module and the definitions that reach each name read in it."""

    def __init__(self, module: Module, segments: Segments = WHOLE) -> None:
        self.module = module
        found = Reads()
        self.scope_of = found.scope_of
        self._reaching = found.reaching
        self._free = found.free
        self._from_inside = found.from_inside
        self._before = found.before
        self._reads: dict[Definition, list[cst.Name]] | None = None
        self._views = Views(module, segments, found) if segments.is_page else None
        top = Scope(module.tree, None)
        run = Run(found, module, top)
        if segments.starts:
            run.run_segments(statements_of(module, segments), are_variants=segments.is_page)
        else:
            run.run(module.tree.body)
        for given in given_by_spelling(module, top):
            top.definitions.setdefault(given.name, []).append(given)
            found.from_inside.setdefault((top, given.name), set()).add(given)

    def definitions(self, name: cst.Name) -> frozenset[Definition]:
        """The definitions that may reach this read of a name; empty for builtins and unbound names."""
        if name in self._reaching:
            return self._with_inner(self._reaching[name])
        scope: Scope | None = self._free.get(name)
        inner: Scope | None = None
        while scope is not None:
            found = scope.definitions.get(name.value)
            if found and name.value not in scope.elsewhere:
                if inner is not None and inner.node in self._before:
                    return still_held(self.module, scope, inner.node, found, self._before[inner.node])
                return self._views.of(name, found) if self._views and scope.outer is None else frozenset(found)
            inner = scope
            scope = scope.outer
            while scope is not None and scope.is_class:
                scope = scope.outer
        return frozenset()

    def _with_inner(self, found: frozenset[Definition]) -> frozenset[Definition]:
        """A name that an inner function binds by ``global`` or ``nonlocal`` may hold that wherever it is read."""
        if not self._from_inside:
            return found
        return found.union(*(self._from_inside.get((each.scope, each.name), ()) for each in found))

    def reads(self, definition: Definition) -> list[cst.Name]:
        """Every read that this definition may reach, in source order."""
        if self._reads is None:
            self._reads = {}
            for name in [*self._reaching, *self._free]:
                for reached in self.definitions(name):
                    self._reads.setdefault(reached, []).append(name)
            for names in self._reads.values():
                names.sort(key=self.module.order)
        return self._reads.get(definition, [])

    def unbound(self) -> list[cst.Name]:
        """The reads of names that nothing in the file binds: builtins, and what a star import gives."""
        return [name for name in (*self._reaching, *self._free) if not self.definitions(name)]

    def own(self, node: cst.CSTNode) -> Scope:
        """The scope that ``node`` opens."""
        return self.scope_of[node]

    def at(self, node: cst.CSTNode) -> Scope:
        """The scope whose code ``node`` is part of; a comprehension counts as part of what holds it."""
        for holder in self.module.ancestors(node):
            if holder in self.scope_of and not isinstance(holder, Comprehension):
                return self.scope_of[holder]
        return self.scope_of[self.module.tree]
