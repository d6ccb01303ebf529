"""Reads that the last event alone answers, where a program asks for something else of the same piece first.

``if chunk.text: …; usage = chunk.usage_metadata``: the last chunk of a legacy stream had text and usage, or so such a
program takes it; the end of a streamed interaction has neither text nor parts.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.guards import conditions, says_there
from migrator.python.evidence.values import Facts
from migrator.python.replies.uses import RESPONSE, Track, Use

OF_THE_END = frozenset(
    {"usage_metadata", "finish_reason", "grounding_metadata", "url_context_metadata", "citation_metadata"}
)
_OF_PIECES = frozenset({(RESPONSE, "text"), (RESPONSE, "function_calls"), ("Content", "parts")})


def passed_over(facts: Facts, track: Track) -> Iterator[Use]:
    """The reads of what comes with the end that stand where only a piece with text or parts gets."""
    there = [use for use in track.uses if (use.shape.type, use.field) in _OF_PIECES]
    names = {name for use in there for name in _names(facts, use.node)}
    for use in track.uses:
        if use.field in OF_THE_END and _is_behind(facts, track, use, names):
            yield use


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


def _is_behind(facts: Facts, track: Track, use: Use, names: set[str]) -> bool:
    found = conditions(facts.module, use.node)
    if any(says_there(facts.module, test, name, holds=holds) for test, holds in found for name in names):
        return True
    loops = (each for each in facts.module.ancestors(use.node) if isinstance(each, cst.For))
    return any(_is_of_parts(track, each) for each in loops)


def _is_of_parts(track: Track, loop: cst.For) -> bool:
    shape = track.nodes.get(loop.iter)
    return shape is not None and shape.listed and shape.type in ("Part", "FunctionCall")
