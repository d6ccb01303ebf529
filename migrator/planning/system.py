"""``system_instruction`` in all its shapes as the one string that an interaction takes."""

from __future__ import annotations

from dataclasses import replace

from migrator.ir import Apply, Function, Literal, Opaque, Record, Sequence, Spread, Value
from migrator.planning.contents import talk
from migrator.planning.model import Context, Mode
from migrator.planning.parts import TEXTS
from migrator.planning.rows import Mapped, Task, computed, known_name, lifted


def system_instruction(task: Task) -> Mapped:
    """A string stays; texts are joined with newlines; media have no place."""
    match task.value:
        case Literal(value=str()) | Opaque(type="str"):
            return task.put(task.value)
        case Opaque(type=""):
            return task.put(task.value) | task.review("system_instruction: assumed to be a string", "MG107")
        case Opaque(type=kind) as texts if kind == TEXTS:
            return computed(task, Function.JOIN_LINES, texts)
        case Sequence() | Record():
            return _joined(task)
        case _:
            return task.refuse("MG101", "system_instruction: an interaction takes text only, as one string")


def _joined(task: Task) -> Mapped:
    found = talk(_without_roles(task.value, task.context), task.context)
    said = Mapped(said=found.said)
    texts = [_text(piece.value) for turn in found.turns for piece in turn.items]
    if found.mode is Mode.STEPS or any(text is None for text in texts):
        return said | task.refuse("MG101", "system_instruction: an interaction takes text only, as one string")
    return said | task.put(_lines([text for text in texts if text is not None], task.value))


def _without_roles(value: Value, context: Context) -> tuple[Value, ...]:
    """The elements of an instruction; whoever their contents name as the speaker is not asked about."""
    items = value.items if isinstance(value, Sequence) else (value,)
    return tuple(_without_role(item, context) if isinstance(item, Record) else item for item in items)


def _without_role(record: Record, context: Context) -> Record:
    kept = (field for field in record.fields if known_name(context.maps, "Content", field.name) != "role")
    return replace(record, fields=tuple(kept))


def _text(content: Value) -> Value | None:
    """The text of a content, or a splat of texts; None for media."""
    match content:
        case Record() if isinstance(content.get("type"), Literal) and content.get("text") is not None:
            return content.get("text")
        case Spread(value=Apply(function=Function.TEXT_LIST, args=(texts,)), origin=origin):
            return Spread(texts, origin)
        case _:
            return None


def _lines(texts: list[Value], whole: Value) -> Value:
    """The texts as one: joined now where all of them can be read."""
    if len(texts) == 1 and not isinstance(texts[0], Spread):
        return texts[0]
    known = [text.value for text in texts if isinstance(text, Literal) and isinstance(text.value, str)]
    if len(known) == len(texts):
        return Literal("\n".join(known), whole.origin)
    return Apply(Function.JOIN_LINES, (Sequence(tuple(texts)),))


HANDLERS = {"system_instruction": lifted(system_instruction)}
