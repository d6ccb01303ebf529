"""What evaluating an expression, or assigning to a target, does to the names of a scope: reads and definitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

import libcst as cst

from migrator.python.evidence.definitions import Definition, Kind, Scope
from migrator.python.evidence.module import children
from migrator.records import dataclass

Comprehension = cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp
Environment = dict[str, frozenset[Definition]]


@dataclass(slots=True)
class Reads:
    """What running a module finds out: reads with the definitions that reach them, reads that look outwards, scopes."""

    reaching: dict[cst.Name, frozenset[Definition]] = field(default_factory=dict)
    free: dict[cst.Name, Scope] = field(default_factory=dict)
    scope_of: dict[cst.CSTNode, Scope] = field(default_factory=dict)
    from_inside: dict[tuple[Scope, str], set[Definition]] = field(default_factory=dict)  # by global and nonlocal
    behind: list[Environment] = field(default_factory=list)  # each segment of a program that has several
    before: dict[cst.CSTNode, Environment] = field(default_factory=dict)  # each function made inside of another one


class Evaluation:
    """Evaluates expressions of one scope over an environment; what is nested and runs later is left ``pending``."""

    def __init__(self, reads: Reads, scope: Scope) -> None:
        self.reads = reads
        self.scope = scope
        self.env: Environment | None = {}  # None where nothing runs any more
        self.pending: list[tuple[cst.CSTNode, Scope]] = []
        self.made: dict[tuple[str, cst.CSTNode], Definition] = {}
        self.local: list[dict[str, frozenset[Definition]]] = []  # comprehension targets, innermost last
        self.inner = [scope]  # with the comprehensions that are being run, innermost last
        reads.scope_of[scope.node] = scope

    # Definitions and reads -----------------------------------------------------------------------------------------

    def _define(
        self,
        name: cst.Name,
        kind: Kind,
        node: cst.CSTNode,
        value: cst.BaseExpression | None = None,
        annotation: cst.BaseExpression | None = None,
        module: str = "",
    ) -> None:
        definition = self._definition(name.value, kind, node, value, annotation, module)
        if self.env is None:
            return
        kept = self.env.get(name.value, frozenset()) if kind in (Kind.AUGMENT, Kind.DECLARE) else frozenset()
        self.env[name.value] = kept | {definition}

    def _definition(
        self,
        name: str,
        kind: Kind,
        node: cst.CSTNode,
        value: cst.BaseExpression | None,
        annotation: cst.BaseExpression | None,
        module: str,
    ) -> Definition:
        made = self.made.get((name, node))
        if made is not None:  # a loop body runs twice
            return made
        home = self.scope
        if name in home.elsewhere:
            home = self._home_of(name)
        definition = Definition(name, kind, node, value, home, annotation, module)
        self.made[name, node] = definition
        home.definitions.setdefault(name, []).append(definition)
        if home is not self.scope:
            self.reads.from_inside.setdefault((home, name), set()).add(definition)
        return definition

    def _home_of(self, name: str) -> Scope:
        scope = self.scope
        while scope.outer is not None and (name in scope.elsewhere or name not in scope.definitions):
            scope = scope.outer
        return scope

    def _read(self, name: cst.Name) -> None:
        for targets in reversed(self.local):
            if name.value in targets:
                self.reads.reaching[name] = targets[name.value]
                return
        if name.value in self.scope.elsewhere or self.env is None:
            self.reads.free[name] = self.scope
            return
        found = self.env.get(name.value)
        if found:
            self.reads.reaching[name] = self.reads.reaching.get(name, frozenset()) | found
            self.reads.free.pop(name, None)
        elif name not in self.reads.reaching:
            self.reads.free[name] = self.scope

    def _postpone(self, node: cst.CSTNode, scope: Scope) -> None:
        """Leave what is nested for later, with what its names hold when it is made."""
        self.pending.append((node, scope))
        if self.env is not None and isinstance(self.scope.node, cst.FunctionDef):
            known = self.reads.before.setdefault(node, {})
            for name, found in self.env.items():
                known[name] = known.get(name, frozenset()) | found

    # Expressions -----------------------------------------------------------------------------------------------------

    def _expression(self, node: cst.CSTNode | None) -> None:
        match node:
            case None:
                return
            case cst.Name():
                self._read(node)
            case cst.Attribute(value=value):
                self._expression(value)
            case cst.Arg(value=value):
                self._expression(value)
            case cst.NamedExpr(target=cst.Name() as target, value=value):
                self._expression(value)
                self._define(target, Kind.ASSIGN, node, value)
            case cst.Lambda(params=params):
                self._defaults(params)
                self._postpone(node, self.inner[-1])
            case cst.ListComp() | cst.SetComp() | cst.DictComp() | cst.GeneratorExp():
                self._comprehension(node)
            case _:
                for child in children(node):
                    self._expression(child)

    def _comprehension(self, node: Comprehension) -> None:
        self.inner.append(self.reads.scope_of.setdefault(node, Scope(node, self.inner[-1])))
        self.local.append({})
        clause: cst.CompFor | None = node.for_in
        while clause is not None:
            self._expression(clause.iter)
            for name in _target_names(clause.target):
                self.local[-1][name.value] = frozenset([self._comprehended(node, name, clause)])
            for condition in clause.ifs:
                self._expression(condition.test)
            clause = clause.inner_for_in
        if isinstance(node, cst.DictComp):
            self._expression(node.key)
            self._expression(node.value)
        else:
            self._expression(node.elt)
        self.local.pop()
        self.inner.pop()

    def _comprehended(self, node: Comprehension, name: cst.Name, clause: cst.CompFor) -> Definition:
        scope = self.reads.scope_of[node]
        known = scope.definitions.setdefault(name.value, [])
        if not known:
            kind = Kind.FOR if clause.target is name else Kind.UNPACK
            known.append(Definition(name.value, kind, clause, clause.iter, scope))
        return known[0]

    def _defaults(self, params: cst.Parameters) -> None:
        for param in [*params.posonly_params, *params.params, *params.kwonly_params]:
            self._expression(param.default)
            self._expression(param.annotation.annotation if param.annotation else None)

    # Targets ---------------------------------------------------------------------------------------------------------

    def _target(
        self,
        target: cst.BaseExpression,
        kind: Kind,
        node: cst.CSTNode,
        value: cst.BaseExpression | None,
        annotation: cst.BaseExpression | None = None,
    ) -> None:
        match target:
            case cst.Name():
                self._define(target, kind, node, value, annotation)
            case cst.Tuple() | cst.List():
                for element in target.elements:
                    self._target(element.value, Kind.UNPACK, element, value)
            case cst.Attribute(value=base):
                self._expression(base)
            case cst.Subscript():
                self._expression(target)
            case _:
                self._expression(target)

    def _parameters(self, params: cst.Parameters) -> None:
        stars = [star for star in (params.star_arg, params.star_kwarg) if isinstance(star, cst.Param)]
        for param in [*params.posonly_params, *params.params, *params.kwonly_params, *stars]:
            annotation = param.annotation.annotation if param.annotation else None
            self._define(param.name, Kind.PARAMETER, param, param.default, annotation)

    def _pattern(self, pattern: cst.CSTNode) -> None:
        for node in children(pattern):
            match pattern, node:
                case ((cst.MatchAs() | cst.MatchStar() | cst.MatchMapping()), cst.Name()):
                    self._define(node, Kind.PATTERN, node)
                case cst.MatchKeywordElement(), cst.Name():
                    pass
                case ((cst.MatchValue() | cst.MatchClass()), (cst.Name() | cst.Attribute())):
                    self._expression(node)
                case _:
                    self._pattern(node)


def _target_names(target: cst.BaseExpression) -> Iterator[cst.Name]:
    match target:
        case cst.Name():
            yield target
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for element in elements:
                yield from _target_names(element.value)
