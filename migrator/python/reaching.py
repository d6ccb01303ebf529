"""Which definitions reach which read of a name: blocks run in order, branches are joined, loops run twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from migrator.python.definitions import Definition, Kind, Scope, dotted
from migrator.python.module import Module, children

Comprehension = cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp


@dataclass(slots=True)
class Reads:
    """What running a module finds out: reads with the definitions that reach them, reads that look outwards, scopes."""

    reaching: dict[cst.Name, frozenset[Definition]] = field(default_factory=dict)
    free: dict[cst.Name, Scope] = field(default_factory=dict)
    scope_of: dict[cst.CSTNode, Scope] = field(default_factory=dict)
    from_inside: dict[tuple[Scope, str], set[Definition]] = field(default_factory=dict)  # by global and nonlocal


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


class Run:
    """Runs the blocks of one scope over an environment."""

    def __init__(self, reads: Reads, module: Module, scope: Scope) -> None:
        self.reads = reads
        self.module = module
        self.scope = scope
        self.env: Environment | None = {}
        self.breaks: list[list[Environment | None]] = []
        self.continues: list[list[Environment | None]] = []
        self.pending: list[tuple[cst.CSTNode, Scope]] = []
        self.local: list[dict[str, frozenset[Definition]]] = []  # comprehension targets, innermost last
        reads.scope_of[scope.node] = scope

    def run(self, body: Sequence[cst.CSTNode]) -> None:
        """Run a whole scope, then the scopes nested in it."""
        self.scope.elsewhere.update(_declared_elsewhere(body))
        self._block(body)
        for node, outer in self.pending:
            Run(self.reads, self.module, Scope(node, outer)).enter(node)

    def enter(self, node: cst.CSTNode) -> None:
        """Run the function, lambda or class that ``node`` is."""
        match node:
            case cst.FunctionDef(params=params, body=body):
                self._parameters(params)
                self.run([body])
            case cst.Lambda(params=params, body=body):
                self._parameters(params)
                self.run([body])
            case cst.ClassDef(body=body):
                self.run([body])

    def _parameters(self, params: cst.Parameters) -> None:
        stars = [star for star in (params.star_arg, params.star_kwarg) if isinstance(star, cst.Param)]
        for param in [*params.posonly_params, *params.params, *params.kwonly_params, *stars]:
            annotation = param.annotation.annotation if param.annotation else None
            self._define(param.name, Kind.PARAMETER, param, param.default, annotation)

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
        home = self.scope
        if name in home.elsewhere:
            home = self._home_of(name)
        known = home.definitions.setdefault(name, [])
        for definition in known:
            if definition.node is node:  # a loop body runs twice
                return definition
        definition = Definition(name, kind, node, value, home, annotation, module)
        known.append(definition)
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
                self.pending.append((node, self.scope))
            case cst.ListComp() | cst.SetComp() | cst.DictComp() | cst.GeneratorExp():
                self._comprehension(node)
            case _:
                for child in children(node):
                    self._expression(child)

    def _comprehension(self, node: Comprehension) -> None:
        self.reads.scope_of.setdefault(node, Scope(node, self.scope))
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

    # Statements ------------------------------------------------------------------------------------------------------

    def _block(self, body: Sequence[cst.CSTNode]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, node: cst.CSTNode) -> None:
        match node:
            case (
                cst.SimpleStatementLine(body=body) | cst.SimpleStatementSuite(body=body) | cst.IndentedBlock(body=body)
            ):
                self._block(body)
            case cst.Assign(targets=targets, value=value):
                self._expression(value)
                for assigned in targets:
                    self._target(assigned.target, Kind.ASSIGN, assigned, value)
            case cst.AnnAssign(target=target, annotation=annotation, value=value):
                self._expression(annotation.annotation)
                self._expression(value)
                self._target(target, Kind.ASSIGN if value else Kind.DECLARE, node, value, annotation.annotation)
            case cst.AugAssign(target=target, value=value):
                self._expression(target)
                self._expression(value)
                self._target(target, Kind.AUGMENT, node, value)
            case cst.Import() | cst.ImportFrom():
                self._import(node)
            case cst.FunctionDef():
                self._function(node)
            case cst.ClassDef():
                self._class(node)
            case cst.Return() | cst.Raise() | cst.Break() | cst.Continue():
                self._leave(node)
            case cst.Del(target=target):
                self._target(target, Kind.DELETE, node, None)
            case cst.Global() | cst.Nonlocal() | cst.Pass():
                pass
            case cst.If() | cst.For() | cst.While() | cst.Try() | cst.TryStar() | cst.With() | cst.Match():
                self._compound(node)
            case _:
                for child in children(node):
                    self._expression(child)

    def _leave(self, node: cst.CSTNode) -> None:
        """Nothing after the statement runs in this block."""
        match node:
            case cst.Break() if self.breaks:
                self.breaks[-1].append(self.env)
            case cst.Continue() if self.continues:
                self.continues[-1].append(self.env)
            case _:
                for child in children(node):
                    self._expression(child)
        self.env = None

    def _import(self, node: cst.Import | cst.ImportFrom) -> None:
        if isinstance(node.names, cst.ImportStar):
            return
        prefix = ""
        if isinstance(node, cst.ImportFrom):
            prefix = "." * len(node.relative) + (dotted(node.module) if node.module else "") + "."
        for alias in node.names:
            full = prefix + dotted(alias.name)
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                self._define(alias.asname.name, Kind.IMPORT, alias, module=full)
            else:
                bound = _leftmost(alias.name)
                self._define(bound, Kind.IMPORT, alias, module=full if prefix else bound.value)

    def _function(self, node: cst.FunctionDef) -> None:
        for decorator in node.decorators:
            self._expression(decorator.decorator)
        self._defaults(node.params)
        if node.returns:
            self._expression(node.returns.annotation)
        self._define(node.name, Kind.FUNCTION, node)
        self.pending.append((node, self.scope))

    def _class(self, node: cst.ClassDef) -> None:
        for decorator in node.decorators:
            self._expression(decorator.decorator)
        for base in [*node.bases, *node.keywords]:
            self._expression(base.value)
        self._define(node.name, Kind.CLASS, node)
        self.pending.append((node, self.scope))

    def _compound(self, node: cst.CSTNode) -> None:
        match node:
            case cst.If(test=test, body=body, orelse=orelse):
                self._expression(test)
                self._branches([body], [orelse] if orelse else [])
            case cst.For(target=target, iter=iterable, body=body, orelse=orelse):
                self._expression(iterable)
                self._loop(body, orelse, lambda: self._target(target, Kind.FOR, node, iterable))
            case cst.While(test=test, body=body, orelse=orelse):
                self._loop(body, orelse, lambda: self._expression(test))
            case cst.With(items=items, body=body):
                for item in items:
                    self._expression(item.item)
                    if item.asname is not None:
                        self._target(item.asname.name, Kind.WITH, item, item.item)
                self._statement(body)
            case cst.Try() | cst.TryStar():
                self._try(node)
            case cst.Match(subject=subject, cases=cases):
                self._expression(subject)
                self._match(cases)

    def _branches(self, *arms: Sequence[cst.CSTNode]) -> None:
        before, after = self.env, []
        for arm in arms:
            self.env = dict(before) if before is not None else None
            for statement in arm:
                self._statement(statement.body if isinstance(statement, (cst.Else, cst.Finally)) else statement)
            after.append(self.env)
        self.env = _join(after)

    def _loop(self, body: cst.CSTNode, orelse: cst.Else | None, head: Callable[[], None]) -> None:
        self.breaks.append([])
        for _ in range(2):
            before = dict(self.env) if self.env is not None else None
            self.continues.append([])
            head()
            self._statement(body)
            self.env = _join([before, self.env, *self.continues.pop()])
        head()
        if orelse:
            self._statement(orelse.body)
        self.env = _join([self.env, *self.breaks.pop()])

    def _try(self, node: cst.Try | cst.TryStar) -> None:
        before = dict(self.env) if self.env is not None else None
        midway = [before]
        for statement in node.body.body:
            self._statement(statement)
            midway.append(dict(self.env) if self.env is not None else None)
        interrupted = _join([*midway, self._all_defined_in(node.body)])
        if node.orelse:
            self._statement(node.orelse.body)
        ends = [self.env]
        for handler in node.handlers:
            self.env = dict(interrupted) if interrupted is not None else None
            self._expression(handler.type)
            if handler.name is not None:
                self._target(handler.name.name, Kind.EXCEPT, handler, None)
            self._statement(handler.body)
            ends.append(self.env)
        if node.finalbody:
            self.env = _join([*ends, interrupted])
            self._statement(node.finalbody.body)
            final = self.env
            self.env = _join([*ends]) and final
        else:
            self.env = _join(ends)

    def _all_defined_in(self, body: cst.CSTNode) -> Environment:
        """Everything defined inside a try body: a nested block may be left at any point of it."""
        inside: Environment = {}
        for name, definitions in self.scope.definitions.items():
            for definition in definitions:
                if any(holder is body for holder in self.module.ancestors(definition.node)):
                    inside[name] = inside.get(name, frozenset()) | {definition}
        return inside

    def _match(self, cases: Sequence[cst.MatchCase]) -> None:
        before = self.env
        ends = [before]
        for case in cases:
            self.env = dict(before) if before is not None else None
            self._pattern(case.pattern)
            self._expression(case.guard)
            self._statement(case.body)
            ends.append(self.env)
        self.env = _join(ends)

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
