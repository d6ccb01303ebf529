"""Where the errors of calls surface that run later than they are written: tasks, futures and generators."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from migrator.python.evidence.module import descendants
from migrator.python.evidence.sites import CallSite
from migrator.python.evidence.values import Facts

_RUNNERS = frozenset({"run", "run_until_complete"})  # asyncio.run(main()), loop.run_until_complete(main())
_OPENED = (cst.FunctionDef, cst.Lambda, cst.ClassDef)


class Later:
    """Follows what is started at one place of a module and waited for at another."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def of_site(self, site: CallSite) -> list[cst.CSTNode]:
        """Where else an error of ``site`` may surface: nowhere for a call that is made, or awaited, where it stands."""
        asynchronous = ".aio." in f"{self.facts.names.path(site.method)}."
        return self._waits(site.call) if asynchronous or site.handed_to else self._generated(site.call)

    def of_mention(self, mention: cst.CSTNode, function: cst.FunctionDef | cst.Lambda) -> list[cst.CSTNode]:
        """Where else an error of ``function`` may surface that is called, or handed on, at ``mention``."""
        holder = self.facts.module.parent(mention)
        match function, holder:
            case cst.FunctionDef(asynchronous=None), cst.Call(func=called) if called is mention:
                return self._names(mention) if _is_generator(function) else self._generated(mention)
            case cst.FunctionDef(), cst.Call(func=called) if called is mention and _is_generator(function):
                return self._names(mention)
            case cst.FunctionDef(), cst.Call(func=called) if called is mention:
                return self._waits(mention)
            case _, cst.Arg():
                return self._waits(mention)
        return []

    def _waits(self, started: cst.CSTNode) -> list[cst.CSTNode]:
        """Where something is waited for, unless ``started`` is waited for where it stands."""
        for holder in self._within_statement(started):
            match holder:
                case cst.Await():
                    return []
                case cst.Call(func=cst.Attribute(attr=cst.Name(value=name))) if name in _RUNNERS:
                    return []
        return [*self._names(started), *self._results]

    def _generated(self, node: cst.CSTNode) -> list[cst.CSTNode]:
        """The reads of the names that hold the generator expression which ``node`` is part of."""
        holders = self._within_statement(node)
        return self._names(node) if any(isinstance(holder, cst.GeneratorExp) for holder in holders) else []

    def _names(self, started: cst.CSTNode) -> list[cst.CSTNode]:
        """The reads of the names that hold what is started."""
        holders = {started, *self._within_statement(started)}
        own = self.facts.scopes.at(started).definitions.values()
        bound = [each for found in own for each in found if each.value in holders]
        return [read for definition in bound for read in self.facts.scopes.reads(definition)]

    def _within_statement(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        for holder in self.facts.module.ancestors(node):
            if isinstance(holder, (cst.BaseSmallStatement, cst.BaseCompoundStatement, *_OPENED)):
                return
            yield holder

    @cached_property
    def _results(self) -> list[cst.CSTNode]:
        """The places that wait for something that may have been started elsewhere."""
        return [node for node in descendants(self.facts.module.tree) if self._is_wait(node)]

    def _is_wait(self, node: cst.CSTNode) -> bool:
        match node:
            case cst.Await(expression=cst.Call(func=called)):
                return self.facts.names.function(called) is None
            case cst.Await():
                return True
            case cst.Call(func=cst.Attribute(attr=cst.Name(value="result"))):
                return True
            case cst.Call(func=cst.Attribute(attr=cst.Name(value="get")), args=arguments):
                return all(argument.keyword is not None for argument in arguments)
        return False


def _is_generator(function: cst.FunctionDef) -> bool:
    waiting: list[cst.CSTNode] = [function.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, cst.Yield):
            return True
        waiting += [child for child in node.children if not isinstance(child, _OPENED)]
    return False
