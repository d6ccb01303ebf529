"""What the conditions around a read say about the item that is read: which fields it has, which it has not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.module import Module, is_none
from migrator.records import dataclass

_ENDS = (cst.Continue, cst.Break, cst.Return, cst.Raise)
_READ = re.compile(r"(?<![\w.'\"])[^\W\d]\w*")  # no name in quotes either: hasattr(chunk, "text")


@dataclass(frozen=True, slots=True)
class Known:
    """Fields of an item that are set, and fields that are not, where a read stands."""

    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()

    def __or__(self, other: Known) -> Known:
        return Known(self.present | other.present, self.absent | other.absent)


def known_at(module: Module, read: cst.CSTNode, item: str) -> Known:
    """What is known of the item called ``item`` (its source text) where ``read`` stands."""
    known = Known()
    for condition, holds in conditions(module, read):
        known = known | _learned(module, condition, item, holds=holds)
    return known


def conditions(module: Module, read: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, bool]]:
    """The conditions that hold, or do not hold, where ``read`` stands: nothing that they ask of is bound anew since."""
    for condition, holds, since in _around(module, read):
        for each in _parts(condition, holds=holds):
            if not _is_bound_anew(module, each, since, read):
                yield each, holds


def surrounding(module: Module, read: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, bool]]:
    """The conditions around ``read`` or left before it, and whether they held there, whatever is bound in between."""
    return ((condition, holds) for condition, holds, _ in _around(module, read))


def _around(module: Module, read: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, bool, int]]:
    """The conditions around ``read`` or left before it, whether they held there, and the offset from which on."""
    node = read
    for holder in module.ancestors(read):
        start = module.span(node)[0]
        match holder:
            case cst.If(test=test, body=body, orelse=orelse) if node is not test:
                if node is body:
                    yield test, True, start
                elif node is orelse:
                    yield test, False, start
            case cst.While(test=test, body=body) if node is body:
                yield test, True, start
            case cst.IfExp(test=test, body=body) if node is not test:
                yield test, node is body, start
            case cst.BooleanOperation(left=left, operator=operator, right=right) if node is right:
                yield left, isinstance(operator, cst.And), start
            case cst.ListComp() | cst.SetComp() | cst.GeneratorExp() | cst.DictComp() if node is not holder.for_in:
                yield from ((condition.test, True, start) for condition in _ifs(holder.for_in))
            case cst.CompFor(ifs=ifs) if isinstance(node, cst.CompIf):
                yield from ((condition.test, True, start) for condition in ifs[: list(ifs).index(node)])
            case cst.IndentedBlock(body=body) | cst.Module(body=body):
                yield from _left_before(module, body, node)
            case cst.FunctionDef() | cst.Lambda():
                return
        node = holder


def _parts(condition: cst.CSTNode, *, holds: bool) -> Iterator[cst.CSTNode]:
    """The conditions that all hold where ``a and b`` does, or all do not where ``a or b`` does not."""
    match condition:
        case cst.BooleanOperation(left=left, operator=operator, right=right) if isinstance(operator, cst.And) is holds:
            yield from _parts(left, holds=holds)
            yield from _parts(right, holds=holds)
        case _:
            yield condition


def _is_bound_anew(module: Module, condition: cst.CSTNode, since: int, read: cst.CSTNode) -> bool:
    """Whether a name of the condition has another value where ``read`` stands, as far as the code between tells."""
    end = module.span(read)[0]
    return any(module.binds(name, since, end) for name in _READ.findall(module.source(condition)))


def says_there(module: Module, test: cst.CSTNode, asked: str, *, holds: bool) -> bool:
    """Whether ``test``, which ``holds`` or not, says that ``asked`` is there and not empty."""
    match test:
        case cst.UnaryOperation(operator=cst.Not(), expression=inner):
            return says_there(module, inner, asked, holds=not holds)
        case cst.BooleanOperation(left=left, operator=operator, right=right):
            if isinstance(operator, cst.And) is holds:
                return says_there(module, left, asked, holds=holds) or says_there(module, right, asked, holds=holds)
            return False
        case cst.Comparison(
            left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=cst.Name(value="None"))]
        ):
            return module.source(left) == asked and isinstance(operator, (cst.IsNot, cst.NotEqual)) is holds
        case cst.Comparison(left=cst.Call(func=cst.Name(value="len"), args=[cst.Arg(value=counted)])):
            return holds and module.source(counted) == asked
        case cst.NamedExpr(target=target, value=value):
            return holds and asked in (module.source(target), module.source(value))
    return holds and module.source(test) == asked


def _ifs(clause: cst.CompFor | None) -> Iterator[cst.CompIf]:
    while clause is not None:
        yield from clause.ifs
        clause = clause.inner_for_in


def _left_before(module: Module, body: object, node: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, bool, int]]:
    """What statements before ``node`` say: an assertion holds from there on, ``if condition: continue`` does not."""
    assert isinstance(body, (tuple, list))
    for statement in body:
        if statement is node:
            return
        match statement:
            case cst.If(
                test=test, body=cst.IndentedBlock(body=[*_, cst.SimpleStatementLine(body=[last])]), orelse=None
            ) if isinstance(last, _ENDS):
                yield test, False, module.span(statement)[1]
            case cst.SimpleStatementLine(body=[cst.Assert(test=test)]):
                yield test, True, module.span(statement)[1]


def _learned(module: Module, condition: cst.CSTNode, item: str, *, holds: bool) -> Known:
    match condition:
        case cst.UnaryOperation(operator=cst.Not(), expression=inner):
            return _learned(module, inner, item, holds=not holds)
        case cst.BooleanOperation(left=left, operator=operator, right=right):
            if isinstance(operator, cst.And) is holds:
                return _learned(module, left, item, holds=holds) | _learned(module, right, item, holds=holds)
            return Known()
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=comparator)]):
            if is_none(comparator):
                positive = isinstance(operator, (cst.IsNot, cst.NotEqual))
                return _learned(module, left, item, holds=holds is positive)
            return _field_of(module, left, item) if holds else Known()
        case cst.Call(
            func=cst.Name(value="hasattr" | "getattr"), args=[base, cst.Arg(value=cst.SimpleString() as name), *_]
        ):
            if module.source(base.value) == item:
                fields = frozenset([str(name.evaluated_value)])
                return Known(present=fields) if holds else Known(absent=fields)
        case cst.Call(func=cst.Attribute(value=value)) if holds:
            return _field_of(module, value, item)
        case cst.NamedExpr(value=value):
            return _learned(module, value, item, holds=holds)
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if module.source(value) == item:
            fields = frozenset([name])
            return Known(present=fields) if holds else Known(absent=fields)
        case cst.Attribute() if holds:
            return _field_of(module, condition, item)
    return Known()


def _field_of(module: Module, node: cst.CSTNode, item: str) -> Known:
    """``part.inline_data.data`` is only reached on an item that has ``inline_data``."""
    while isinstance(node, (cst.Attribute, cst.Call, cst.Subscript)):
        inner = node.func if isinstance(node, cst.Call) else node.value
        if isinstance(node, cst.Attribute) and module.source(inner) == item:
            return Known(present=frozenset([node.attr.value]))
        node = inner
    return Known()
