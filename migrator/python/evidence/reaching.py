"""Which definitions reach which read of a name: blocks run in order, branches are joined, loops run twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import libcst as cst

from migrator.python.evidence.definitions import Definition, Kind, Scope, dotted
from migrator.python.evidence.evaluation import Environment, Evaluation, Reads
from migrator.python.evidence.module import Module, children

_SWALLOWING = frozenset({"suppress", "raises", "assertRaises", "assertRaisesRegex"})


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


class Run(Evaluation):
    """Runs the blocks of one scope over an environment."""

    def __init__(self, reads: Reads, module: Module, scope: Scope) -> None:
        super().__init__(reads, scope)
        self.module = module
        self.breaks: list[list[Environment | None]] = []
        self.continues: list[list[Environment | None]] = []

    def run(self, body: Sequence[cst.CSTNode]) -> None:
        """Run a whole scope, then the scopes nested in it."""
        self.scope.elsewhere.update(_declared_elsewhere(body))
        self._block(body)
        self._run_nested()

    def run_segments(self, segments: Iterable[Sequence[cst.CSTNode]], *, are_variants: bool) -> None:
        """Run segments of a program one after the other; one that raises does not end those behind it."""
        for body in segments:
            before = dict(self.env or {})
            self._block(body)
            self._run_nested()
            if self.env is None:
                self.env = {name: frozenset(found) for name, found in self.scope.definitions.items()}
            if are_variants:
                self.env |= self._variants(before)
            self.reads.behind.append(dict(self.env))

    def _variants(self, before: Environment) -> Environment:
        """The names that a segment binds again though nobody had read them: either binding may be meant behind it."""
        assert self.env is not None, "a segment has an end"
        read = frozenset[Definition]().union(*self.reads.reaching.values())
        asked = {name.value for name in self.reads.free}
        unread = {name for name, found in before.items() if name not in asked and not found & read}
        return {name: self.env.get(name, frozenset()) | before[name] for name in unread}

    def _run_nested(self) -> None:
        while self.pending:
            node, outer = self.pending.pop(0)
            Run(self.reads, self.module, Scope(node, outer)).enter(node)

    def enter(self, node: cst.CSTNode) -> None:
        """Run the function, lambda or class that ``node`` is."""
        match node:
            case cst.FunctionDef(params=params, body=body):
                self._parameters(params)
                self.run([body])
            case cst.Lambda(params=params, body=body):
                self._parameters(params)
                self._expression(body)
                self._run_nested()
            case cst.ClassDef(body=body):
                self.run([body])

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
        self._postpone(node, self.scope)

    def _class(self, node: cst.ClassDef) -> None:
        for decorator in node.decorators:
            self._expression(decorator.decorator)
        for base in [*node.bases, *node.keywords]:
            self._expression(base.value)
        self._define(node.name, Kind.CLASS, node)
        self._postpone(node, self.scope)

    def _compound(self, node: cst.CSTNode) -> None:
        match node:
            case cst.If(test=test, body=body, orelse=orelse):
                self._expression(test)
                self._branches([body], [orelse] if orelse else [])
            case cst.For(target=target, iter=iterable, body=body, orelse=orelse):
                self._expression(iterable)
                self._loop(body, lambda: self._target(target, Kind.FOR, node, iterable))
                self._end_loop(orelse)
            case cst.While(test=test, body=body, orelse=orelse):
                self._loop(body, lambda: self._expression(test))
                self._expression(test)
                self._end_loop(orelse)
            case cst.With():
                self._with(node)
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

    def _with(self, node: cst.With) -> None:
        before = dict(self.env) if self.env is not None else None
        for item in node.items:
            self._expression(item.item)
            if item.asname is not None:
                self._target(item.asname.name, Kind.WITH, item, item.item)
        if any(_swallows(item.item) for item in node.items):
            midway = self._midway(node.body)
            self.env = _join([before, *midway, self._all_defined_in(node.body)])
        else:
            self._statement(node.body)

    def _loop(self, body: cst.CSTNode, head: Callable[[], None]) -> None:
        self.breaks.append([])
        for _ in range(2):
            before = dict(self.env) if self.env is not None else None
            self.continues.append([])
            head()
            self._statement(body)
            self.env = _join([before, self.env, *self.continues.pop()])

    def _end_loop(self, orelse: cst.Else | None) -> None:
        if orelse:
            self._statement(orelse.body)
        self.env = _join([self.env, *self.breaks.pop()])

    def _try(self, node: cst.Try | cst.TryStar) -> None:
        before = dict(self.env) if self.env is not None else None
        midway = self._midway(node.body)
        interrupted = _join([before, *midway, self._all_defined_in(node.body)])
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

    def _midway(self, body: cst.BaseSuite) -> list[Environment | None]:
        """Runs a block, and gives what holds behind each of its statements."""
        midway: list[Environment | None] = []
        for statement in body.body:
            self._statement(statement)
            midway.append(dict(self.env) if self.env is not None else None)
        return midway

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


def _leftmost(node: cst.Name | cst.Attribute) -> cst.Name:
    while isinstance(node, cst.Attribute):
        assert isinstance(node.value, (cst.Name, cst.Attribute)), "an import names a dotted path"
        node = node.value
    return node


def _swallows(context: cst.BaseExpression) -> bool:
    """Whether a context manager ends errors of its body, so that what is behind it runs in any case."""
    return isinstance(context, cst.Call) and dotted(context.func).rpartition(".")[2] in _SWALLOWING


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
