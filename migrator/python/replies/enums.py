"""Members of enums that a reply has: they are strings now, and what they are compared with is spelt as the new ones."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from migrator import ir
from migrator.plan import Feature
from migrator.python.evidence.values import Place, Reader
from migrator.python.replies.uses import How, Use, how_used
from migrator.python.replies.writer import Writer, carried
from migrator.python.writing.layout import Carried

REASON = "FinishReason"
_WITHHELD = frozenset(
    """
    SAFETY RECITATION LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT
    IMAGE_RECITATION
    """.split()
)


def values_of(writer: Writer, use: Use) -> Mapping[str, str]:
    """How the members of the enum at hand are spelt now."""
    row = writer.facts.maps.response(use.shape.type, "value")
    return use.row.values if use.row is not None else row.values if row is not None else {}


def status(writer: Writer, use: Use) -> None:
    """A finish reason is the interaction's status; one that goes where it cannot be followed is made anew."""
    if leaves(writer):
        writer.put(use.node, writer.helper("finish_reason", carried(use)))
    else:
        writer.put(use.node, carried(use, ".status"))
    compared(writer, use)


def leaves(writer: Writer) -> bool:
    """Whether a finish reason of the unit is shown, kept, or compared with something that only the run knows."""
    return not writer.has(Feature.STREAMED) and any(_is_kept(writer, use) for use in writer.track.uses)


def _is_kept(writer: Writer, use: Use) -> bool:
    if use.shape.type != REASON and not (use.row is not None and use.row.of == REASON):
        return False
    match use.how:
        case How.COMPARED:
            return any(not _is_known(writer, each) for each in _compared_with(writer, use))
        case How.VALUE | How.DISCARDED | How.ITERATED:
            return use.shape.type == REASON
    return False


def _compared_with(writer: Writer, use: Use) -> list[cst.BaseExpression]:
    """What the value is compared with; the value itself where a word is looked for in its text."""
    _, holder = how_used(writer.facts, use.node)
    if not isinstance(holder, cst.Comparison):
        return []
    contained = any(
        target.comparator is use.node and isinstance(target.operator, (cst.In, cst.NotIn))
        for target in holder.comparisons
    )
    return [holder] if contained else _beside(holder, use.node)


def _is_known(writer: Writer, node: cst.BaseExpression) -> bool:
    value = Reader(writer.facts, lambda *_: None).read(node, Place("", ""))
    return isinstance(value, ir.Literal) and (value.value is None or isinstance(value.value, str))


def compared(writer: Writer, use: Use) -> None:
    """A member that the value is compared with is spelt as the new values are."""
    _, holder = how_used(writer.facts, use.node)
    if use.how is not How.COMPARED or not isinstance(holder, cst.Comparison) or not _is_enum(writer, use):
        return
    is_kept = REASON in (use.shape.type, use.row.of if use.row is not None else "") and leaves(writer)
    if is_kept and _compared_with(writer, use) == [holder]:
        return
    values = values_of(writer, use)
    beside = [each for each in _beside(holder, use.node) if not is_kept or _is_known(writer, each)]
    spelt = [(literal, _spelt(writer, use, literal, values)) for literal in beside]
    if is_kept or any(new is None for _, new in spelt):
        return
    stops = _stops(writer, values)
    if any(new in stops for _, new in spelt):
        _widened(writer, use, holder, spelt, stops)
        return
    for literal, new in spelt:
        if new:
            writer.put(literal, writer.text_like(literal, new))


def looked_up(writer: Writer, use: Use) -> None:
    """No key of a table is found any more where the keys are the old spellings."""
    match writer.facts.module.parent(use.node):
        case cst.Index():
            is_key = True
        case cst.Arg() as argument:
            call = writer.facts.module.parent(argument)
            is_get = (
                isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and call.func.attr.value == "get"
            )
            is_key = is_get and isinstance(call, cst.Call) and call.args[0] is argument
        case _:
            is_key = False
    if is_key:
        advice = "Compare it with its members, or rewrite the keys of the table first."
        writer.refuse(use, f"{use.shape.type} is looked up in a table of the old spellings", "MG204", advice)


def in_cases(writer: Writer, use: Use, matched: cst.Match) -> None:
    """``case FinishReason.STOP:`` names a member as a comparison does."""
    values = values_of(writer, use)
    stops = _stops(writer, values)
    for case in matched.cases:
        for literal in _named_by(case.pattern):
            new = "" if literal is None else _spelt(writer, use, literal, values)
            if literal is None or new in stops:
                writer.refuse(use, f"{use.shape.type} is matched in a way that is not understood", "MG204")
            elif new:
                writer.put(literal, writer.text_like(literal, new))


def _named_by(pattern: cst.MatchPattern) -> list[cst.BaseExpression | None]:
    """The values that ``pattern`` matches; None for a pattern of another kind."""
    match pattern:
        case cst.MatchValue(value=value):
            return [value]
        case cst.MatchOr(patterns=patterns):
            return [value for each in patterns for value in _named_by(each.pattern)]
        case cst.MatchAs(pattern=inner):
            return _named_by(inner) if inner is not None else []
        case cst.MatchSingleton():
            return []
    return [None]


def _is_enum(writer: Writer, use: Use) -> bool:
    kinds = (use.row.of if use.row is not None else "", use.shape.type)
    return any(writer.facts.maps.response(kind, "value") is not None for kind in kinds)


def _spelt(writer: Writer, use: Use, literal: cst.BaseExpression, values: Mapping[str, str]) -> str | None:
    """The new spelling; empty where the literal stays, None where it is refused."""
    value = Reader(writer.facts, lambda *_: None).read(literal, Place("", ""))
    name = use.field or use.shape.type
    of = f"{use.shape.type}.{use.field}" if use.field else use.shape.type
    match value:
        case ir.Literal(value=None | int() | float()):
            return ""  # neither a member of an enum nor its new spelling is a number
        case ir.Literal(value=str() as text):
            found = values.get(text.rpartition(".")[2])
            if found is None and text.rpartition(".")[2] in _WITHHELD:
                message = f"{of} is never {text!r} in an Interaction: a reply that is withheld raises an error now"
                writer.refuse(use, message, advice="Do what is done here where the errors of the call are handled.")
            elif found is None:
                advice = use.row.note if use.row is not None else ""
                writer.refuse(use, f"{of} is never {text!r} in an Interaction", advice=advice)
            return found
    source = writer.facts.module.source(literal)
    writer.refuse(use, f"{name} is compared with {source}, whose value is not visible", "MG204")
    return None


def _beside(comparison: cst.Comparison, node: cst.CSTNode) -> list[cst.BaseExpression]:
    sides = [comparison.left, *(target.comparator for target in comparison.comparisons)]
    found: list[cst.BaseExpression] = []
    for side in sides:
        if isinstance(side, (cst.Tuple, cst.List, cst.Set)):
            found += [element.value for element in side.elements]
        elif side is not node:
            found.append(side)
    return found


def _stops(writer: Writer, values: Mapping[str, str]) -> tuple[str, ...]:
    """The states of a reply that just ended: one that asks for a function call has a state of its own."""
    if values.get("STOP") == "completed" and writer.has(Feature.FUNCTIONS):
        return ("completed", "requires_action")
    return ()


def _widened(
    writer: Writer,
    use: Use,
    holder: cst.Comparison,
    spelt: list[tuple[cst.BaseExpression, str | None]],
    stops: tuple[str, ...],
) -> None:
    """``== STOP`` becomes ``in ("completed", "requires_action")``."""
    kinds = list(dict.fromkeys([*stops, *(new for _, new in spelt if new)]))
    match holder.comparisons:
        case [cst.ComparisonTarget(operator=cst.Equal() | cst.Is() | cst.In())]:
            test = writer.one_of(kinds)
        case [cst.ComparisonTarget(operator=cst.NotEqual() | cst.IsNot() | cst.NotIn())]:
            test = writer.none_of(kinds)
        case _:
            writer.refuse(use, "the finish reason is compared in a way that is not understood", "MG204")
            return
    assert isinstance(use.node, cst.BaseExpression)
    writer.put(holder, Carried(use.node), f" {test}")
