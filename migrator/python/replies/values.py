"""Reads that only have another name or spelling now: counts, states, members of enums, data."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from migrator import ir
from migrator.plan import Feature
from migrator.python.evidence.guards import conditions, says_there
from migrator.python.evidence.module import is_none
from migrator.python.evidence.values import Place, Reader
from migrator.python.replies.absence import none_matters
from migrator.python.replies.asked import is_hasattr
from migrator.python.replies.items import answered
from migrator.python.replies.tools import METADATA, has_step, shown
from migrator.python.replies.uses import How, Use, how_used
from migrator.python.replies.writer import Writer, carried, is_tested, joined
from migrator.python.writing.layout import Carried, Doc, Group, Item

REASON = "FinishReason"
_WITHHELD = frozenset(
    """
    SAFETY RECITATION LANGUAGE BLOCKLIST PROHIBITED_CONTENT SPII IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT
    IMAGE_RECITATION
    """.split()
)
_ASCII = frozenset({"utf-8", "utf8", "ascii"})
_NUMBERS = (cst.BinaryOperation, cst.AugAssign)


# Names ---------------------------------------------------------------------------------------------------------------


def renamed(writer: Writer, use: Use) -> None:
    """The same value under another name."""
    assert use.row is not None
    assert use.row.to is not None
    to = use.row.to
    match use.node:
        case cst.Call(args=[_, name, *_]) if "." in to:
            writer.refuse(use, f"{use.field} is {to} now, which one getattr cannot read", "MG204")
        case cst.Call(args=[_, name, *_]):
            writer.put(name.value, writer.text_like(name.value, to))
        case _:
            writer.put(use.node, carried(use, f".{to}"))
    compared(writer, use)


def itself(writer: Writer, use: Use) -> None:
    """The object at hand stands for the value of its field, which was None where there was none."""
    assert use.row is not None
    if (is_tested(use) and _presence(writer, use, use.row.of)) or (use.shape.type == REASON and _leaves(writer)):
        return
    if is_hasattr(use) and not is_tested(use):
        writer.put(use.node, "True")  # of every object of the legacy type
        return
    writer.put(use.node, carried(use))
    compared(writer, use)
    if isinstance(matched := writer.facts.module.parent(use.node), cst.Match) and use.row.values:
        _in_cases(writer, use, matched)
    elif use.how is How.DISCARDED:
        shown(writer, use)  # what a notebook shows
    elif use.how in (How.VALUE, How.READ) and use.field in ("name", "value") and use.row.values:
        _looked_up(writer, use)
        message = f"{use.shape.type}.{use.field} has other spellings: {', '.join(use.row.values.values())}"
        writer.ask(use, message)


def alias(writer: Writer, use: Use) -> None:
    """A variable that stands for something which may not be there is tested."""
    if use.shape.type == REASON and _leaves(writer):
        compared(writer, use)
        return
    if is_tested(use):
        if not use.shape.listed:
            _presence(writer, use, use.shape.type)
    elif use.how is How.COMPARED:
        compared(writer, use)
    elif isinstance(matched := writer.facts.module.parent(use.node), cst.Match):
        _in_cases(writer, use, matched)
    elif writer.facts.maps.response(use.shape.type, "value") is not None:
        values = values_of(writer, use)
        if values:
            _looked_up(writer, use)
            writer.ask(use, f"{use.shape.type} has other spellings: {', '.join(values.values())}")


def _presence(writer: Writer, use: Use, kind: str) -> bool:
    """Put the test whether an object of ``kind`` is there, where that does not go without saying."""
    if kind in METADATA:
        there = has_step(writer, use, METADATA[kind])
        if not _may_be_none(writer, use.node):
            writer.test(use, there)
        else:
            writer.test(
                use,
                joined((Carried(use.node), " and ", there)),
                joined(("not (", Carried(use.node), " and ", there, ")")),
            )
    elif kind == "Content" and _may_be_none(writer, use.node):
        pass  # it was made only where there was a candidate
    elif kind == "Content":
        answered(writer, use)
    else:
        return False
    return True


def _may_be_none(writer: Writer, node: cst.CSTNode) -> bool:
    """Whether the variable ``node`` is None where it has not been given a value."""
    found = writer.facts.scopes.definitions(node) if isinstance(node, cst.Name) else ()
    return any(_gives_none(each.value) for each in found)


def _gives_none(value: cst.CSTNode | None) -> bool:
    match value:
        case cst.IfExp(body=body, orelse=orelse):
            return _gives_none(body) or _gives_none(orelse)
    return is_none(value)


def feedback(writer: Writer, use: Use) -> None:
    """What a prompt was blocked for comes with an error now; an interaction has the faults that made it fail."""
    assert use.row is not None
    first = min(writer.uses("feedback"), key=lambda each: writer.facts.module.order(each.node))
    if use is first:
        writer.ask(use, f"{use.shape.type}.{use.field}: {use.row.note}")
    renamed(writer, use)


def never(writer: Writer, use: Use) -> None:
    """What there is no more of: None, as it was where there was none of it."""
    if is_tested(use):
        writer.test(use, "False", "True")
    else:
        writer.put(use.node, "None")


# Numbers -------------------------------------------------------------------------------------------------------------


def optional_count(writer: Writer, use: Use) -> None:
    """A count that legacy left out where it is 0."""
    assert use.row is not None
    assert use.row.to is not None
    renamed(writer, use)
    parent = writer.facts.module.parent(use.node)
    calm = isinstance(parent, _NUMBERS) or (isinstance(parent, cst.BooleanOperation) and parent.left is use.node)
    if is_tested(use):
        writer.test(use, carried(use, f".{use.row.to}"))
    elif calm or not _is_shown(writer, use) or _is_asked_for(writer, use):
        return
    elif isinstance(use.node, cst.Attribute):
        writer.put(use.node, carried(use, f".{use.row.to} or None"))
    elif isinstance(use.node, cst.Call) and [is_none(each.value) for each in use.node.args[2:]] == [True]:
        name = writer.text_like(use.node.args[1].value, use.row.to)
        writer.put(use.node, "getattr(", carried(use), f", {name}, None) or None")


def _is_asked_for(writer: Writer, use: Use) -> bool:
    """Whether a condition around the count says that it is not 0."""
    module = writer.facts.module
    source = module.source(use.node)
    return any(says_there(module, test, source, holds=holds) for test, holds in conditions(module, use.node))


def _is_shown(writer: Writer, use: Use) -> bool:
    """Whether None would be seen: everywhere but under a name that is only counted with."""
    parent = writer.facts.module.parent(use.node)
    return not isinstance(parent, (cst.Assign, cst.AnnAssign)) or none_matters(writer.facts, use.node)


# Enums ---------------------------------------------------------------------------------------------------------------


def values_of(writer: Writer, use: Use) -> Mapping[str, str]:
    """How the members of the enum at hand are spelt now."""
    row = writer.facts.maps.response(use.shape.type, "value")
    return use.row.values if use.row is not None else row.values if row is not None else {}


def status(writer: Writer, use: Use) -> None:
    """A finish reason is the interaction's status; one that goes where it cannot be followed is made anew."""
    if _leaves(writer):
        writer.put(use.node, writer.helper("finish_reason", carried(use)))
    else:
        writer.put(use.node, carried(use, ".status"))
    compared(writer, use)


def _leaves(writer: Writer) -> bool:
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
    leaves = REASON in (use.shape.type, use.row.of if use.row is not None else "") and _leaves(writer)
    if leaves and _compared_with(writer, use) == [holder]:
        return
    values = values_of(writer, use)
    beside = [each for each in _beside(holder, use.node) if not leaves or _is_known(writer, each)]
    spelt = [(literal, _spelt(writer, use, literal, values)) for literal in beside]
    if leaves or any(new is None for _, new in spelt):
        return
    stops = _stops(writer, values)
    if any(new in stops for _, new in spelt):
        _widened(writer, use, holder, spelt, stops)
        return
    for literal, new in spelt:
        if new:
            writer.put(literal, writer.text_like(literal, new))


def _looked_up(writer: Writer, use: Use) -> None:
    """No key of a table is found any more where the keys are the old spellings."""
    match writer.facts.module.parent(use.node):
        case cst.Index():
            looked_up = True
        case cst.Arg() as argument:
            call = writer.facts.module.parent(argument)
            is_get = (
                isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and call.func.attr.value == "get"
            )
            looked_up = is_get and isinstance(call, cst.Call) and call.args[0] is argument
        case _:
            looked_up = False
    if looked_up:
        advice = "Compare it with its members, or rewrite the keys of the table first."
        writer.refuse(use, f"{use.shape.type} is looked up in a table of the old spellings", "MG204", advice)


def _in_cases(writer: Writer, use: Use, matched: cst.Match) -> None:
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


# Data ----------------------------------------------------------------------------------------------------------------


def decoded(writer: Writer, use: Use) -> None:
    """The bytes behind base64 text."""
    data: Doc = carried(use, ".data")
    if is_tested(use):
        writer.test(use, data)
        return
    encoded = _encoded_again(writer, use.node)
    if encoded is not None:
        writer.put(encoded, data)
        return
    writer.renderer.needs.modules.add("base64")
    writer.put(use.node, joined(("base64.b64decode(", data, ")")))


def _encoded_again(writer: Writer, node: cst.CSTNode) -> cst.CSTNode | None:
    """``base64.b64encode(…).decode()`` around the bytes: the text that they come as."""
    module = writer.facts.module
    argument = module.parent(node)
    call = module.parent(argument) if isinstance(argument, cst.Arg) else None
    match call, module.parent(call) if call is not None else None:
        case cst.Call(func=func, args=[_]), cst.Attribute(attr=cst.Name(value="decode")) as method:
            decoding = module.parent(method)
            if writer.facts.names.path(func) == "base64.b64encode" and _is_plain_decode(decoding, method):
                return decoding
    return None


def _is_plain_decode(call: cst.CSTNode | None, method: cst.Attribute) -> bool:
    """Whether ``method`` is called to make text of bytes that are ASCII."""
    match call:
        case cst.Call(func=func, args=[]):
            return func is method
        case cst.Call(func=func, args=[cst.Arg(keyword=None, value=cst.SimpleString() as encoding)]):
            return func is method and str(encoding.evaluated_value).lower() in _ASCII
    return False


def in_a_part(writer: Writer, use: Use) -> None:
    """``types.Part(inline_data=blob)``: legacy parts still can be made, of a blob that is made anew."""
    call = writer.facts.module.enclosing(use.node, cst.Call)
    assert call is not None
    assert isinstance(call.func, cst.Attribute)
    if not writer.is_repeatable(use):
        return
    types = writer.facts.module.source(call.func.value)
    writer.ask(use, "the blob is made anew of the item's data, so there has to be one")
    writer.renderer.needs.modules.add("base64")
    data = Item(joined(("base64.b64decode(", carried(use, ".data"), ")")), "data=")
    kind = Item(carried(use, ".mime_type"), "mime_type=")
    writer.put(use.node, Group(f"{types}.Blob(", (data, kind), ")"))


def mime_type(writer: Writer, use: Use) -> None:
    """The same for pictures; audio says its rate elsewhere."""
    assert use.row is not None
    if writer.has(Feature.AUDIO) and not is_tested(use):
        writer.ask(use, f"{use.shape.type}.{use.field}: {use.row.note}")
    renamed(writer, use)
