"""Reads that only have another name now, or are there in another form: counts, what may not be there, data."""

from __future__ import annotations

import libcst as cst

from migrator.plan import Feature
from migrator.python.evidence.guards import conditions, says_there
from migrator.python.evidence.module import is_none
from migrator.python.replies.absence import none_matters
from migrator.python.replies.asked import is_hasattr
from migrator.python.replies.enums import REASON, compared, in_cases, leaves, looked_up, values_of
from migrator.python.replies.items import answered
from migrator.python.replies.tools import METADATA, has_step, shown
from migrator.python.replies.uses import How, Use
from migrator.python.replies.writer import Writer, carried, is_tested, joined
from migrator.python.writing.layout import Carried, Doc, Group, Item

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
    if (is_tested(use) and _presence(writer, use, use.row.of)) or (use.shape.type == REASON and leaves(writer)):
        return
    if is_hasattr(use) and not is_tested(use):
        writer.put(use.node, "True")  # of every object of the legacy type
        return
    writer.put(use.node, carried(use))
    compared(writer, use)
    if isinstance(matched := writer.facts.module.parent(use.node), cst.Match) and use.row.values:
        in_cases(writer, use, matched)
    elif use.how is How.DISCARDED:
        shown(writer, use)  # what a notebook shows
    elif use.how in (How.VALUE, How.READ) and use.field in ("name", "value") and use.row.values:
        looked_up(writer, use)
        message = f"{use.shape.type}.{use.field} has other spellings: {', '.join(use.row.values.values())}"
        writer.ask(use, message)


def alias(writer: Writer, use: Use) -> None:
    """A variable that stands for something which may not be there is tested."""
    if use.shape.type == REASON and leaves(writer):
        compared(writer, use)
        return
    if is_tested(use):
        if not use.shape.listed:
            _presence(writer, use, use.shape.type)
    elif use.how is How.COMPARED:
        compared(writer, use)
    elif isinstance(matched := writer.facts.module.parent(use.node), cst.Match):
        in_cases(writer, use, matched)
    elif writer.facts.maps.response(use.shape.type, "value") is not None:
        values = values_of(writer, use)
        if values:
            looked_up(writer, use)
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
