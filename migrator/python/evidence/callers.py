"""Who calls a function of the file, and with what."""

from __future__ import annotations

from typing import Protocol

import libcst as cst

from migrator.python.evidence import members
from migrator.python.evidence.arguments import Arguments
from migrator.python.evidence.functions import run_with
from migrator.python.evidence.scopes import Definition


class Names(members.Names, Protocol):
    """What is asked of the names of a module."""

    def owner(self, function: cst.CSTNode) -> cst.ClassDef | None:
        """The class whose method ``function`` is."""

    def members(self, owner: cst.ClassDef) -> dict[str, list[cst.CSTNode]]:
        """Name -> what the class binds it to."""

    def held(self, owner: cst.ClassDef, name: str) -> list[cst.CSTNode]:
        """What an object that is known as an ``owner`` may have under ``name``."""


class Callers:
    """Finds the calls of the functions of one module."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._calls: dict[str, list[cst.Call]] | None = None

    def calls_of(self, function: cst.FunctionDef | cst.ClassDef) -> list[cst.Call]:
        """Every call of ``function`` in this file, those too that may run what a subclass has in its place."""
        return [node for node in self._calls_by(function.name.value) if function in self.may_run(node.func)]

    def may_run(self, func: cst.BaseExpression) -> list[cst.CSTNode]:
        """What a call of ``func`` may run: also what a subclass has in its place."""
        match func:
            case cst.Attribute(value=cst.Call(func=cst.Name(value="super")), attr=cst.Name(value=name)):
                here = self.names.module.enclosing(func, cst.ClassDef)
                above = [self.names.function(base.value) for base in here.bases] if here is not None else []
                owners = [each for each in above if isinstance(each, cst.ClassDef)]
                return [member for each in owners for member in self.names.members(each).get(name, [])]
            case cst.Attribute(value=value, attr=cst.Name(value=name)):
                owner = self.names.class_of(value)
                if owner is not None:
                    return self.names.held(owner, name)
        target = self.names.function(func)
        return [target] if target is not None else []

    def _calls_by(self, name: str) -> list[cst.Call]:
        """The calls of anything whose last name is ``name``."""
        if self._calls is None:
            self._calls = {}
            for node in self.names.module.nodes(cst.Call):
                match node.func:
                    case cst.Name(value=last) | cst.Attribute(attr=cst.Name(value=last)):
                        self._calls.setdefault(last, []).append(node)
        return self._calls.get(name, [])

    def of(self, function: cst.FunctionDef) -> list[cst.Call] | None:
        """The calls of ``function``, also by what runs it for the file; None where one of them is not visible."""
        handed_on = [run_with(self.names.module, mention) for mention in self._handed_on(function)]
        runs = [run for run in handed_on if run is not None]
        return [*self.calls_of(function), *runs] if len(runs) == len(handed_on) else None

    def arguments_for(self, parameter: Definition) -> list[cst.BaseExpression]:
        """What the callers in this file pass for ``parameter``; empty when one of them is not visible."""
        function = parameter.scope.node
        if not isinstance(function, cst.FunctionDef):
            return []
        module, scopes = self.names.module, self.names.scopes
        passed: list[cst.BaseExpression] = []
        for call in self.of(function) or ():
            arguments = Arguments(module, scopes, call, lambda each: self.may_run(each.func) == [function])
            given = arguments.given(function, parameter.name, bound=self.names.owner(function) is not None)
            if given is None or (not given and parameter.value is None):
                return []
            passed += given
        return passed

    def _handed_on(self, function: cst.FunctionDef) -> list[cst.CSTNode]:
        """The places that name ``function`` without calling it there."""
        name, module = function.name.value, self.names.module
        named = module.attributes(name) if self.names.owner(function) is not None else module.names(name)
        return [
            node
            for node in named
            if node is not function.name and not self._is_called(node) and function in self.may_run(node)
        ]

    def _is_called(self, node: cst.CSTNode) -> bool:
        holder = self.names.module.parent(node)
        return isinstance(holder, cst.Call) and holder.func is node
