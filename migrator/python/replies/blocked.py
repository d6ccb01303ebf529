"""Branches for want of a candidate: a blocked prompt gave none, and raises an error at the call now.

Such a branch is named, for it is no longer reached. Not so where an answer without content goes the same way as no
candidate at all: ``if response.candidates:`` around a loop over parts keeps an error away, and says nothing of a block.
"""

from __future__ import annotations

import libcst as cst

from migrator.plan import Feature
from migrator.python.evidence.module import descendants
from migrator.python.replies.asked import is_hasattr
from migrator.python.replies.uses import Use, definitions_at
from migrator.python.replies.writer import Writer
from migrator.records import dataclass

_BLOCKED = (
    "a blocked prompt, which gave no candidate, raises an error at the call now, so what is done here about it is no "
    "longer reached; the status is failed where something else went wrong"
)
_THERE = frozenset({"candidates", "content"})  # what tells an answer from a blocked prompt, be it empty or not
_CONTENT = frozenset({"parts", "text", "function_calls"})  # what an answer without content lacks
AT_LEAST_ONE = frozenset({("0", cst.GreaterThan), ("0", cst.NotEqual), ("1", cst.GreaterThanEqual)})


def ask_about_blocked(writer: Writer, use: Use) -> None:
    """Name a branch that a blocked prompt alone would have taken."""
    if writer.has(Feature.STREAMED) or writer.uses("feedback"):
        return  # a piece without a candidate was no sign of it
    if _decides_alone(writer, use):
        writer.ask_once(use, _BLOCKED)


def _decides_alone(writer: Writer, use: Use) -> bool:
    """Whether a statement branches on it, and its condition asks nothing else of the reply."""
    condition: cst.CSTNode = use.node
    for holder in writer.facts.module.ancestors(use.node):
        match holder:
            case cst.If(test=test) | cst.While(test=test) | cst.Assert(test=test) if test is condition:
                inside = set(descendants(condition))
                asked = [each for each in writer.track.uses if each.node in inside and each.row is not None]
                return all(each.field in _THERE for each in asked) and not _is_guard(writer, holder)
            case cst.IfExp() | cst.BaseSmallStatement() | cst.BaseCompoundStatement():
                return False
        condition = holder
    return False


def _is_guard(writer: Writer, statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.If) and _Guard(writer, statement).is_idle()


@dataclass(frozen=True, slots=True)
class _Guard:
    """A statement that may be there to keep an error away: what it skips, an answer without content skips as well."""

    writer: Writer
    whole: cst.If

    def is_idle(self) -> bool:
        """Whether no candidate and an answer without content go the same way."""
        return self.whole.orelse is None and self._wants(self.whole.test, _THERE) and self._idles(self.whole.body)

    def _idles(self, body: cst.BaseSuite) -> bool:
        return all(self._does_nothing(each) for each in body.body)

    def _does_nothing(self, statement: cst.CSTNode) -> bool:
        """Whether an answer without content leaves nothing behind."""
        match statement:
            case cst.SimpleStatementLine(body=body):
                return all(self._names_a_part(each) for each in body)
            case cst.If(test=test, body=body, orelse=None):
                return self._wants(test, _CONTENT) or self._idles(body)
            case cst.For(iter=drawn, body=body, orelse=None):
                return self._wants(drawn, _CONTENT) or self._idles(body)
        return False

    def _names_a_part(self, statement: cst.BaseSmallStatement) -> bool:
        """Whether it only names a part of the reply, and for the rest of the guard alone."""
        match statement:
            case cst.Assign(value=value, targets=[cst.AssignTarget(target=cst.Name() as name) as target]):
                inside = set(descendants(self.whole))
                made = definitions_at(self.writer.facts, name, target)
                reads = [read for each in made for read in self.writer.facts.scopes.reads(each)]
                return self._reads(value) and all(read in inside for read in reads)
        return False

    def _wants(self, test: cst.BaseExpression, fields: frozenset[str]) -> bool:
        """Whether ``test`` is false where the reply has none of ``fields``."""
        match test:
            case cst.BooleanOperation(left=left, operator=cst.And(), right=right):
                return self._wants(left, fields) or self._wants(right, fields)
            case cst.BooleanOperation(left=left, operator=cst.Or(), right=right):
                return self._wants(left, fields) and (self._wants(right, fields) or _is_empty(right))
            case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(cst.IsNot(), cst.Name(value="None"))]):
                return self._wants(left, fields)
            case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator, cst.Integer(value=number))]):
                return (number, type(operator)) in AT_LEAST_ONE and self._wants(left, fields)
            case cst.Call(func=cst.Name(value="len" | "bool"), args=[cst.Arg(value=value)]):
                return self._wants(value, fields)
        return self._reads(test, fields)

    def _reads(self, node: cst.BaseExpression, fields: frozenset[str] | None = None) -> bool:
        """Whether ``node`` reads the reply, and one of ``fields`` where they are given."""
        found = (use for use in self.writer.track.uses if use.node is node and not is_hasattr(use))
        return any(fields is None or use.field in fields for use in found)


def _is_empty(node: cst.BaseExpression) -> bool:
    """``[]``, as in ``parts or []``."""
    match node:
        case cst.List(elements=[]) | cst.Tuple(elements=[]):
            return True
    return False
