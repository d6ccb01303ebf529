"""What objects of the classes of a file have under a name, whoever gave it to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import libcst as cst

from migrator.python.evidence.classes import bound_in, given_to
from migrator.python.evidence.module import Module
from migrator.python.evidence.scopes import Kind, Scopes


class Names(Protocol):
    """What is asked of the names of a module."""

    @property
    def module(self) -> Module:
        """The tree."""

    @property
    def scopes(self) -> Scopes:
        """Which definition reaches which read."""

    def resolve(self, node: cst.CSTNode, depth: int = 0) -> object | None:
        """What ``node`` refers to."""

    def function(self, node: cst.CSTNode) -> cst.FunctionDef | cst.ClassDef | cst.Lambda | None:
        """The function, class or lambda of the file that ``node`` names."""

    def class_of(self, node: cst.CSTNode) -> cst.ClassDef | None:
        """The class of the file that ``node`` names or is an instance of."""


class Members:
    """Looks up the attributes of the classes of one module."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._known: dict[cst.ClassDef, dict[str, list[cst.CSTNode]]] = {}
        self._held: dict[tuple[cst.ClassDef, str], list[cst.CSTNode]] = {}
        self._subclasses: dict[cst.ClassDef, list[cst.ClassDef]] | None = None

    def of(self, owner: cst.ClassDef) -> dict[str, list[cst.CSTNode]]:
        """Name -> what the class binds it to: values given to ``self.name``, annotations, methods; bases included."""
        if owner not in self._known:
            self._known[owner] = {}
            self._known[owner] = self._collected(owner)
        return self._known[owner]

    def held(self, owner: cst.ClassDef, name: str) -> list[cst.CSTNode]:
        """What an object that is known as an ``owner`` may have under ``name``.

        Subclasses may bind it anew, and so may any code of the file that has such an object.
        """
        if (owner, name) not in self._held:
            found = self._held[owner, name] = list(self.of(owner).get(name, []))
            below = self._below(owner)
            for each in below:
                found += self._own_members(each).get(name, [])
            if not any(isinstance(each, cst.FunctionDef) for each in found):
                found += [each for each in self._given_outside(owner, below, name) if each not in found]
        return self._held[owner, name]

    def _given_outside(self, owner: cst.ClassDef, below: list[cst.ClassDef], name: str) -> Iterator[cst.CSTNode]:
        """What code gives ``….name`` of objects that may be of ``owner``, by assignment or by ``setattr``."""
        for holder, value in given_to(self.names.module, name):
            of = self.names.class_of(holder)
            related = self._may_be_any(holder) if of is None else of in (owner, *below) or owner in self._below(of)
            if related:
                yield value

    def _may_be_any(self, holder: cst.BaseExpression) -> bool:
        """Whether ``holder`` is an item of a loop or a parameter of which nothing is known."""
        if not isinstance(holder, cst.Name) or self.names.resolve(holder) is not None:
            return False
        found = self.names.scopes.definitions(holder)
        return any(each.kind in (Kind.FOR, Kind.PARAMETER) and each.annotation is None for each in found)

    def _below(self, owner: cst.ClassDef) -> list[cst.ClassDef]:
        """The subclasses of ``owner`` in this file, and theirs."""
        if self._subclasses is None:
            self._subclasses = {}
            for each in self.names.module.nodes(cst.ClassDef):
                for base in each.bases:
                    above = self.names.function(base.value) if isinstance(base.value, cst.Name) else None
                    if isinstance(above, cst.ClassDef):
                        self._subclasses.setdefault(above, []).append(each)
        found: dict[cst.ClassDef, None] = {}
        waiting = [*self._subclasses.get(owner, ())]
        while waiting:
            below = waiting.pop(0)
            if below not in found:
                found[below] = None
                waiting += self._subclasses.get(below, ())
        return list(found)

    def _own_members(self, owner: cst.ClassDef) -> dict[str, list[cst.CSTNode]]:
        members: dict[str, list[cst.CSTNode]] = {}
        for name, bound in bound_in(self.names.module, self.names.scopes, owner):
            members.setdefault(name, []).append(bound)
        for name, assigned in self._assigned_on_class(owner):
            if not any(isinstance(member, cst.FunctionDef) for member in members.get(name, [])):
                members.setdefault(name, []).append(assigned)
        return members

    def _collected(self, owner: cst.ClassDef) -> dict[str, list[cst.CSTNode]]:
        members = self._own_members(owner)
        for base in owner.bases:
            inherited = self.names.function(base.value)
            if isinstance(inherited, cst.ClassDef):
                for name, values in self.of(inherited).items():
                    members.setdefault(name, list(values))
        return members

    def _assigned_on_class(self, owner: cst.ClassDef) -> Iterator[tuple[str, cst.CSTNode]]:
        """What the file gives ``Class.name``, inside of the class and outside."""
        for node in self.names.module.nodes(cst.AssignTarget):
            match node.target:
                case cst.Attribute(value=cst.Name(value=base) as holder, attr=cst.Name(value=name)):
                    assignment = self.names.module.parent(node) if base == owner.name.value else None
                    if isinstance(assignment, cst.Assign) and self.names.function(holder) is owner:
                        yield name, assignment.value
