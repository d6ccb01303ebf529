"""Scopes and definitions: which names are bound where, and which definitions reach which read.

A structured reaching-definitions pass: blocks are run in order over an environment ``name -> definitions``, branches
are joined, loops run twice. Names read from an enclosing scope see every definition there, because the time of the
read is not known. The result answers both ways: from a read to its definitions, from a definition to its reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

import libcst as cst

from migrator.python.module import Module, children

Function = cst.FunctionDef | cst.Lambda
Comprehension = cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp


class Kind(Enum):
    """How a name is bound."""

    ASSIGN = "assign"
    UNPACK = "unpack"
    AUGMENT = "augment"
    DECLARE = "declare"  # an annotation without a value
    PARAMETER = "parameter"
    IMPORT = "import"
    FUNCTION = "function"
    CLASS = "class"
    FOR = "for"
    WITH = "with"
    EXCEPT = "except"
    DELETE = "delete"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One binding of ``name``: the node that binds it, and the expression it is bound to or drawn from."""

    name: str
    kind: Kind
    node: cst.CSTNode
    value: cst.BaseExpression | None
    scope: Scope
    annotation: cst.BaseExpression | None = None
    module: str = ""  # the dotted name that an import binds


@dataclass(eq=False, slots=True)
class Scope:
    """A module, class, function, lambda or comprehension, and the definitions of its own names."""

    node: cst.CSTNode
    outer: Scope | None
    definitions: dict[str, list[Definition]] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)  # names declared global or nonlocal

    @property
    def is_class(self) -> bool:
        """Whether names defined here are invisible to nested functions."""
        return isinstance(self.node, cst.ClassDef)


Environment = dict[str, frozenset[Definition]]


def _join(environments: Iterable[Environment | None]) -> Environment | None:
    joined: Environment | None = None
    for environment in environments:
        if environment is None:
            continue
        if joined is None:
            joined = dict(environment)
            continue
        for name, definitions in environment.items():
            joined[name] = joined.get(name, frozenset()) | definitions
    return joined


def dotted(node: cst.CSTNode) -> str:
    """``a.b.c`` for a name or an attribute of names, else an empty string."""
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=value, attr=cst.Name(value=name)):
            base = dotted(value)
            return f"{base}.{name}" if base else ""
    return ""


class Scopes:
    """Every scope of a module and the definitions that reach each name read in it."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.scope_of: dict[cst.CSTNode, Scope] = {}
        self._reaching: dict[cst.Name, frozenset[Definition]] = {}
        self._free: dict[cst.Name, Scope] = {}
        self._reads: dict[Definition, list[cst.Name]] | None = None
        top = Scope(module.tree, None)
        _Run(self, top).run(module.tree.body)

    def definitions(self, name: cst.Name) -> frozenset[Definition]:
        """The definitions that may reach this read of a name; empty for builtins and unbound names."""
        if name in self._reaching:
            return self._reaching[name]
        scope: Scope | None = self._free.get(name)
        while scope is not None:
            found = scope.definitions.get(name.value)
            if found and name.value not in scope.elsewhere:
                return frozenset(found)
            scope = scope.outer
            while scope is not None and scope.is_class:
                scope = scope.outer
        return frozenset()

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

    def own(self, node: cst.CSTNode) -> Scope:
        """The scope that ``node`` opens."""
        return self.scope_of[node]

    def at(self, node: cst.CSTNode) -> Scope:
        """The scope whose code ``node`` is part of; a comprehension counts as part of what holds it."""
        for holder in self.module.ancestors(node):
            if holder in self.scope_of and not isinstance(holder, Comprehension):
                return self.scope_of[holder]
        return self.scope_of[self.module.tree]


class _Run:
    """Runs the blocks of one scope over an environment."""

    def __init__(self, scopes: Scopes, scope: Scope) -> None:
        self.scopes = scopes
        self.scope = scope
        self.env: Environment | None = {}
        self.breaks: list[list[Environment | None]] = []
        self.continues: list[list[Environment | None]] = []
        self.pending: list[tuple[cst.CSTNode, Scope]] = []
        self.local: list[dict[str, frozenset[Definition]]] = []  # comprehension targets, innermost last
        scopes.scope_of[scope.node] = scope

    def run(self, body: Sequence[cst.CSTNode]) -> None:
        """Run a whole scope, then the scopes nested in it."""
        self.scope.elsewhere.update(_declared_elsewhere(body))
        self.block(body)
        for node, outer in self.pending:
            _Run(self.scopes, Scope(node, outer))._enter(node)

    def _enter(self, node: cst.CSTNode) -> None:
        match node:
            case cst.FunctionDef(params=params, body=body):
                self.parameters(params)
                self.run([body])
            case cst.Lambda(params=params, body=body):
                self.parameters(params)
                self.run([body])
            case cst.ClassDef(body=body):
                self.run([body])

    def parameters(self, params: cst.Parameters) -> None:
        stars = [star for star in (params.star_arg, params.star_kwarg) if isinstance(star, cst.Param)]
        for param in [*params.posonly_params, *params.params, *params.kwonly_params, *stars]:
            annotation = param.annotation.annotation if param.annotation else None
            self.define(param.name, Kind.PARAMETER, param, param.default, annotation)

    # Definitions and reads -----------------------------------------------------------------------------------------

    def define(
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
        home = self.scope
        if name in home.elsewhere:
            home = self._home_of(name)
        known = home.definitions.setdefault(name, [])
        for definition in known:
            if definition.node is node:  # a loop body runs twice
                return definition
        definition = Definition(name, kind, node, value, home, annotation, module)
        known.append(definition)
        return definition

    def _home_of(self, name: str) -> Scope:
        scope = self.scope
        while scope.outer is not None and (name in scope.elsewhere or name not in scope.definitions):
            scope = scope.outer
        return scope

    def read(self, name: cst.Name) -> None:
        for targets in reversed(self.local):
            if name.value in targets:
                self.scopes._reaching[name] = targets[name.value]
                return
        if name.value in self.scope.elsewhere or self.env is None:
            self.scopes._free[name] = self.scope
            return
        found = self.env.get(name.value)
        if found:
            self.scopes._reaching[name] = self.scopes._reaching.get(name, frozenset()) | found
            self.scopes._free.pop(name, None)
        elif name not in self.scopes._reaching:
            self.scopes._free[name] = self.scope

    # Expressions -----------------------------------------------------------------------------------------------------

    def expression(self, node: cst.CSTNode | None) -> None:
        match node:
            case None:
                return
            case cst.Name():
                self.read(node)
            case cst.Attribute(value=value):
                self.expression(value)
            case cst.Arg(value=value):
                self.expression(value)
            case cst.NamedExpr(target=cst.Name() as target, value=value):
                self.expression(value)
                self.define(target, Kind.ASSIGN, node, value)
            case cst.Lambda(params=params):
                self._defaults(params)
                self.pending.append((node, self.scope))
            case cst.ListComp() | cst.SetComp() | cst.DictComp() | cst.GeneratorExp():
                self._comprehension(node)
            case _:
                for child in children(node):
                    self.expression(child)

    def _comprehension(self, node: Comprehension) -> None:
        self.scopes.scope_of.setdefault(node, Scope(node, self.scope))
        self.local.append({})
        clause: cst.CompFor | None = node.for_in
        while clause is not None:
            self.expression(clause.iter)
            for name in _target_names(clause.target):
                self.local[-1][name.value] = frozenset([self._comprehended(node, name, clause)])
            for condition in clause.ifs:
                self.expression(condition.test)
            clause = clause.inner_for_in
        if isinstance(node, cst.DictComp):
            self.expression(node.key)
            self.expression(node.value)
        else:
            self.expression(node.elt)
        self.local.pop()

    def _comprehended(self, node: Comprehension, name: cst.Name, clause: cst.CompFor) -> Definition:
        scope = self.scopes.scope_of[node]
        known = scope.definitions.setdefault(name.value, [])
        if not known:
            kind = Kind.FOR if clause.target is name else Kind.UNPACK
            known.append(Definition(name.value, kind, clause, clause.iter, scope))
        return known[0]

    def _defaults(self, params: cst.Parameters) -> None:
        for param in [*params.posonly_params, *params.params, *params.kwonly_params]:
            self.expression(param.default)
            self.expression(param.annotation.annotation if param.annotation else None)

    # Targets ---------------------------------------------------------------------------------------------------------

    def target(
        self,
        target: cst.BaseExpression,
        kind: Kind,
        node: cst.CSTNode,
        value: cst.BaseExpression | None,
        annotation: cst.BaseExpression | None = None,
    ) -> None:
        match target:
            case cst.Name():
                self.define(target, kind, node, value, annotation)
            case cst.Tuple() | cst.List():
                for element in target.elements:
                    self.target(element.value, Kind.UNPACK, element, value)
            case cst.Attribute(value=base):
                self.expression(base)
            case cst.Subscript():
                self.expression(target)
            case _:
                self.expression(target)

    # Statements ------------------------------------------------------------------------------------------------------

    def block(self, body: Sequence[cst.CSTNode]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, node: cst.CSTNode) -> None:
        match node:
            case (
                cst.SimpleStatementLine(body=body) | cst.SimpleStatementSuite(body=body) | cst.IndentedBlock(body=body)
            ):
                self.block(body)
            case cst.Assign(targets=targets, value=value):
                self.expression(value)
                for assigned in targets:
                    self.target(assigned.target, Kind.ASSIGN, assigned, value)
            case cst.AnnAssign(target=target, annotation=annotation, value=value):
                self.expression(annotation.annotation)
                self.expression(value)
                self.target(target, Kind.ASSIGN if value else Kind.DECLARE, node, value, annotation.annotation)
            case cst.AugAssign(target=target, value=value):
                self.expression(target)
                self.expression(value)
                self.target(target, Kind.AUGMENT, node, value)
            case cst.Import() | cst.ImportFrom():
                self._import(node)
            case cst.FunctionDef():
                self._function(node)
            case cst.ClassDef():
                self._class(node)
            case cst.Return() | cst.Raise():
                for child in children(node):
                    self.expression(child)
                self.env = None
            case cst.Break():
                if self.breaks:
                    self.breaks[-1].append(self.env)
                self.env = None
            case cst.Continue():
                if self.continues:
                    self.continues[-1].append(self.env)
                self.env = None
            case cst.Del(target=target):
                self.target(target, Kind.DELETE, node, None)
            case cst.Global() | cst.Nonlocal() | cst.Pass():
                pass
            case cst.If() | cst.For() | cst.While() | cst.Try() | cst.TryStar() | cst.With() | cst.Match():
                self._compound(node)
            case _:
                for child in children(node):
                    self.expression(child)

    def _import(self, node: cst.Import | cst.ImportFrom) -> None:
        if isinstance(node.names, cst.ImportStar):
            return
        prefix = ""
        if isinstance(node, cst.ImportFrom):
            prefix = "." * len(node.relative) + (dotted(node.module) if node.module else "") + "."
        for alias in node.names:
            full = prefix + dotted(alias.name)
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                self.define(alias.asname.name, Kind.IMPORT, alias, module=full)
            else:
                bound = _leftmost(alias.name)
                self.define(bound, Kind.IMPORT, alias, module=full if prefix else bound.value)

    def _function(self, node: cst.FunctionDef) -> None:
        for decorator in node.decorators:
            self.expression(decorator.decorator)
        self._defaults(node.params)
        if node.returns:
            self.expression(node.returns.annotation)
        self.define(node.name, Kind.FUNCTION, node)
        self.pending.append((node, self.scope))

    def _class(self, node: cst.ClassDef) -> None:
        for decorator in node.decorators:
            self.expression(decorator.decorator)
        for base in [*node.bases, *node.keywords]:
            self.expression(base.value)
        self.define(node.name, Kind.CLASS, node)
        self.pending.append((node, self.scope))

    def _compound(self, node: cst.CSTNode) -> None:
        match node:
            case cst.If(test=test, body=body, orelse=orelse):
                self.expression(test)
                self._branches([body], [orelse] if orelse else [])
            case cst.For(target=target, iter=iterable, body=body, orelse=orelse):
                self.expression(iterable)
                self._loop(body, orelse, lambda: self.target(target, Kind.FOR, node, iterable))
            case cst.While(test=test, body=body, orelse=orelse):
                self._loop(body, orelse, lambda: self.expression(test))
            case cst.With(items=items, body=body):
                for item in items:
                    self.expression(item.item)
                    if item.asname is not None:
                        self.target(item.asname.name, Kind.WITH, item, item.item)
                self.statement(body)
            case cst.Try() | cst.TryStar():
                self._try(node)
            case cst.Match(subject=subject, cases=cases):
                self.expression(subject)
                self._match(cases)

    def _branches(self, *arms: Sequence[cst.CSTNode]) -> None:
        before, after = self.env, []
        for arm in arms:
            self.env = dict(before) if before is not None else None
            for statement in arm:
                self.statement(statement.body if isinstance(statement, (cst.Else, cst.Finally)) else statement)
            after.append(self.env)
        self.env = _join(after)

    def _loop(self, body: cst.CSTNode, orelse: cst.Else | None, head: Callable[[], None]) -> None:
        self.breaks.append([])
        for _ in range(2):
            before = dict(self.env) if self.env is not None else None
            self.continues.append([])
            head()
            self.statement(body)
            self.env = _join([before, self.env, *self.continues.pop()])
        head()
        if orelse:
            self.statement(orelse.body)
        self.env = _join([self.env, *self.breaks.pop()])

    def _try(self, node: cst.Try | cst.TryStar) -> None:
        before = dict(self.env) if self.env is not None else None
        midway = [before]
        for statement in node.body.body:
            self.statement(statement)
            midway.append(dict(self.env) if self.env is not None else None)
        interrupted = _join([*midway, self._all_defined_in(node.body)])
        if node.orelse:
            self.statement(node.orelse.body)
        ends = [self.env]
        for handler in node.handlers:
            self.env = dict(interrupted) if interrupted is not None else None
            self.expression(handler.type)
            if handler.name is not None:
                self.target(handler.name.name, Kind.EXCEPT, handler, None)
            self.statement(handler.body)
            ends.append(self.env)
        if node.finalbody:
            self.env = _join([*ends, interrupted])
            self.statement(node.finalbody.body)
            final = self.env
            self.env = _join([*ends]) and final
        else:
            self.env = _join(ends)

    def _all_defined_in(self, body: cst.CSTNode) -> Environment:
        """Everything defined inside a try body: a nested block may be left at any point of it."""
        inside: Environment = {}
        for name, definitions in self.scope.definitions.items():
            for definition in definitions:
                if any(holder is body for holder in self.scopes.module.ancestors(definition.node)):
                    inside[name] = inside.get(name, frozenset()) | {definition}
        return inside

    def _match(self, cases: Sequence[cst.MatchCase]) -> None:
        before = self.env
        ends = [before]
        for case in cases:
            self.env = dict(before) if before is not None else None
            self._pattern(case.pattern)
            self.expression(case.guard)
            self.statement(case.body)
            ends.append(self.env)
        self.env = _join(ends)

    def _pattern(self, pattern: cst.CSTNode) -> None:
        for node in children(pattern):
            match pattern, node:
                case ((cst.MatchAs() | cst.MatchStar() | cst.MatchMapping()), cst.Name()):
                    self.define(node, Kind.PATTERN, node)
                case cst.MatchKeywordElement(), cst.Name():
                    pass
                case ((cst.MatchValue() | cst.MatchClass()), (cst.Name() | cst.Attribute())):
                    self.expression(node)
                case _:
                    self._pattern(node)


def _leftmost(node: cst.Name | cst.Attribute) -> cst.Name:
    while isinstance(node, cst.Attribute):
        assert isinstance(node.value, (cst.Name, cst.Attribute)), "an import names a dotted path"
        node = node.value
    return node


def _target_names(target: cst.BaseExpression) -> Iterator[cst.Name]:
    match target:
        case cst.Name():
            yield target
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for element in elements:
                yield from _target_names(element.value)


def _declared_elsewhere(body: Sequence[cst.CSTNode]) -> Iterator[str]:
    stack = list(body)
    while stack:
        node = stack.pop()
        match node:
            case cst.FunctionDef() | cst.ClassDef() | cst.Lambda():
                continue
            case cst.Global(names=names) | cst.Nonlocal(names=names):
                yield from (item.name.value for item in names)
            case cst.BaseExpression():
                continue
        stack.extend(children(node))
