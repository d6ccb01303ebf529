"""Reads that the last event alone answers, where a program asks for something else of the same piece first.

``if chunk.text: …; usage = chunk.usage_metadata``: the last chunk of a legacy stream had text and usage, or so such a
program takes it; the end of a streamed interaction has neither text nor parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.guards import surrounding
from migrator.python.evidence.values import Facts
from migrator.python.replies.uses import RESPONSE, Shape, Track, Use

OF_THE_END = frozenset(
    {"usage_metadata", "finish_reason", "grounding_metadata", "url_context_metadata", "citation_metadata"}
)
_OF_PIECES = frozenset({(RESPONSE, "text"), (RESPONSE, "function_calls"), ("Content", "parts")})


def passed_over(facts: Facts, track: Track) -> Iterator[Use]:
    """The reads of what comes with the end that stand where only a piece with text or parts gets."""
    there = [use for use in track.uses if (use.shape.type, use.field) in _OF_PIECES]
    names = {name for use in there for name in _names(facts, use.node)}
    kept = any(_is_kept(facts, each) and _is_behind(facts, track, each, names) for each in _chunks(track))
    for use in track.uses:
        if use.field in OF_THE_END and (kept or _is_behind(facts, track, use.node, names)):
            yield use


def _chunks(track: Track) -> list[cst.CSTNode]:
    return [node for node, shape in track.nodes.items() if shape == Shape(RESPONSE)]


def _is_kept(facts: Facts, chunk: cst.CSTNode) -> bool:
    """Whether a chunk is kept or handed on where it stands: who reads it later may ask for the end."""
    return isinstance(
        facts.module.parent(chunk), (cst.Arg, cst.Yield, cst.Return, cst.Assign, cst.AnnAssign, cst.Element)
    )


def _names(facts: Facts, node: cst.CSTNode) -> Iterator[str]:
    """How a value may be written: as it is read, and by the name that it is given."""
    yield facts.module.source(node)
    parent = facts.module.parent(node)
    match facts.module.parent(parent) if isinstance(parent, cst.BooleanOperation) else parent:
        case (
            cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))])
            | cst.NamedExpr(target=cst.Name(value=name))
        ):
            yield name


def _is_behind(facts: Facts, track: Track, node: cst.CSTNode, names: set[str]) -> bool:
    found = surrounding(facts.module, node)
    if names and any(_asks(facts, test, _any_of(names), holds=holds) for test, holds in found):
        return True
    loops = (each for each in facts.module.ancestors(node) if isinstance(each, cst.For))
    return any(_is_of_parts(track, each) for each in loops)


def _any_of(names: set[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<![\w.]){re.escape(name)}(?!\w)" for name in sorted(names)))


def _asks(facts: Facts, test: cst.CSTNode, names: re.Pattern[str], *, holds: bool) -> bool:
    """Whether ``test``, which ``holds`` or not, may say that one of the ``names`` is there; too often does no harm."""
    match test:
        case cst.UnaryOperation(operator=cst.Not(), expression=inner):
            return _asks(facts, inner, names, holds=not holds)
        case cst.BooleanOperation(left=left, operator=operator, right=right):
            both = isinstance(operator, cst.And) is holds
            return both and any(_asks(facts, each, names, holds=holds) for each in (left, right))
        case cst.Comparison(comparisons=[cst.ComparisonTarget(operator=cst.Is() | cst.Equal())]):
            holds = not holds
    return holds and names.search(facts.module.source(test)) is not None


def _is_of_parts(track: Track, loop: cst.For) -> bool:
    shape = track.nodes.get(loop.iter)
    return shape is not None and shape.listed and shape.type in ("Part", "FunctionCall")
