"""The model's turn, put back into a history: all steps of the reply, whole or put together from the pieces of a stream.

Agents collect the parts of all chunks in a list, make one Content of them and append that. Such a list is read nowhere
else, so it may hold steps instead, with the signatures that legacy kept with the parts.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.plan import Feature
from migrator.python.evidence.pairs import given
from migrator.python.evidence.scopes import Definition
from migrator.python.evidence.values import Facts
from migrator.python.replies.uses import TESTS, Beside, Flow, Shape, Step, Use, how_used, read
from migrator.python.replies.writer import Writer, carried, is_tested, joined
from migrator.python.writing.layout import Carried

COLLECTED = "collected()"
PUT_BACK = frozenset({"append()", COLLECTED})
_PARTS, _TURN = Shape("Part", listed=True), Shape("Content")
_CONTENTS = frozenset({"google.genai.types.Content", "google.genai.types.ModelContent"})


# Following -----------------------------------------------------------------------------------------------------------


def collected(facts: Facts, call: cst.Call, node: cst.CSTNode, shape: Shape) -> Iterator[Step] | None:
    """``parts.extend(…)`` of a list that is only made into the model's turn; None where it has other readers."""
    match call:
        case cst.Call(func=cst.Attribute(value=cst.Name() as items, attr=cst.Name(value="extend")), args=[_]):
            found = _uses(facts, items) if shape == _PARTS else None
            return _steps(facts, node, found) if found is not None else None
    return None


def _steps(facts: Facts, node: cst.CSTNode, found: list[cst.Call]) -> Iterator[Step]:
    yield read(facts, node, node, _PARTS, COLLECTED, None)
    for call in found:
        if isinstance(call.func, cst.Attribute) and call.func.attr.value == "extend":
            yield Beside(call.args[0].value)
        else:
            yield Flow(call, _TURN)


def _uses(facts: Facts, items: cst.Name) -> list[cst.Call] | None:
    """The calls by which the list grows and is made into turns; None where anything else is done with it."""
    made, reads = _kept_as(facts, items)
    if not made or not all(_is_empty_list(facts, each) for each in made):
        return None
    found: list[cst.Call] = []
    for each in reads:
        call = _extension(facts, each) or _turn(facts, each)
        if call is not None:
            found.append(call)
        elif how_used(facts, each)[0] not in TESTS:
            return None
    return found if any(_is_content(facts, call) for call in found) else None


def _kept_as(facts: Facts, items: cst.Name) -> tuple[set[Definition], list[cst.Name]]:
    """All that may give the list its name, and all that reads it by that."""
    made: set[Definition] = set()
    reads: dict[cst.Name, None] = {}
    waiting = set(facts.scopes.definitions(items))
    while waiting:
        definition = waiting.pop()
        made.add(definition)
        for each in facts.scopes.reads(definition):
            reads[each] = None
            waiting |= facts.scopes.definitions(each) - made
    return made, sorted(reads, key=facts.module.order)


def _is_empty_list(facts: Facts, definition: Definition) -> bool:
    value = given(facts.module, definition)
    typed = definition.annotation is not None and "Part" in facts.module.source(definition.annotation)
    return isinstance(value, cst.List) and not value.elements and not typed


def _extension(facts: Facts, each: cst.CSTNode) -> cst.Call | None:
    """``parts.extend(…)``."""
    method = facts.module.parent(each)
    call = facts.module.parent(method) if method is not None else None
    match method, call:
        case cst.Attribute(attr=cst.Name(value="extend")), cst.Call(func=func, args=[cst.Arg(keyword=None, star="")]):
            return call if func is method and isinstance(facts.module.parent(call), cst.Expr) else None
    return None


def _turn(facts: Facts, each: cst.CSTNode) -> cst.Call | None:
    """``types.Content(role="model", parts=parts)``."""
    argument = facts.module.parent(each)
    call = facts.module.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(call, cst.Call) or not _is_content(facts, call):
        return None
    told = {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None and not arg.star}
    if len(told) != len(call.args) or told.keys() - {"role", "parts"} or told.get("parts") is not each:
        return None
    match told.get("role"):
        case cst.SimpleString() as role if role.evaluated_value == "model":
            return call
        case None if facts.names.path(call.func).endswith(".ModelContent"):
            return call
    return None


def _is_content(facts: Facts, call: cst.Call) -> bool:
    return facts.names.path(call.func) in _CONTENTS


# Writing -------------------------------------------------------------------------------------------------------------


def keep(writer: Writer, use: Use) -> bool:
    """Whether the parts that ``use`` reads are put back, or asked for around that: they are the steps they came in.

    A piece may be the signature of a thought alone, which no part holds.
    """
    either = writer.or_empty(use.node)
    if any(each.field == COLLECTED and each.node is either for each in writer.track.uses):
        writer.put(either, carried(use), ".steps" if writer.has(Feature.STREAMED) else ".steps or []")
        return True
    if is_tested(use) and writer.has(Feature.STREAMED) and _is_only_put_back(writer):
        writer.test(use, carried(use, ".steps"))
        return True
    return False


def _is_only_put_back(writer: Writer) -> bool:
    """Whether turns are put back, and no part is read by its place, for which there has to be one."""
    by_place = [use for use in writer.track.uses if use.shape == _PARTS and use.field.startswith("[")]
    back = any(use.field in PUT_BACK for use in writer.track.uses)
    return back and all(use.field in ("[*]", "[:]") for use in by_place)


def check_collected(writer: Writer, use: Use) -> None:
    """What is collected has to be the parts of a reply where they are read."""
    read_here = (writer.or_empty(each.node) for each in writer.uses("parts"))
    if all(each is not use.node for each in read_here):
        writer.refuse(use, "the parts are collected in a way that is not understood", "MG204")


def appended(writer: Writer, use: Use) -> None:
    """The model's turn, put into a history, is all steps of the reply."""
    argument = writer.facts.module.parent(use.node)
    call = writer.facts.module.parent(argument) if argument is not None else None
    match call, use.field, use.node:
        case cst.Call(func=cst.Attribute(value=history)), "append()", cst.Call(args=arguments):
            pieces = next(each.value for each in arguments if each.keyword is None or each.keyword.value == "parts")
            writer.put(call, Carried(history), ".extend(", writer.helper("whole", Carried(pieces)), ")")
        case cst.Call(func=cst.Attribute(value=history)), "append()", _ if writer.has(Feature.STREAMED):
            whole = writer.helper("whole", joined((Carried(use.node), ".steps")))
            writer.put(call, Carried(history), ".extend(", whole, ")")
        case cst.Call(func=cst.Attribute(value=history)), "append()", _:
            writer.put(call, Carried(history), ".extend(", Carried(use.node), ".steps or [])")
        case _:
            writer.refuse(use, "the model's turn is put into the history in a way that is not understood", "MG204")
