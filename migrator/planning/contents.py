"""``contents`` as ``input``: a text, the contents of one turn, or the steps of a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count

from migrator.diagnostics import Diagnostic, Level, Settled
from migrator.ir import (
    LATER,
    PLANNED,
    TURNS,
    Apply,
    Choice,
    Field,
    Function,
    Literal,
    Opaque,
    Origin,
    Record,
    Sequence,
    Spread,
    Unknown,
    Value,
)
from migrator.planning.model import Context, Mode, Planned, planned, refused, review, unknown
from migrator.planning.parts import EACH, MISSING, MISSING_ADVICE, TEXTS, Piece, Pieces, all_pieces, pieces, several
from migrator.planning.rows import canonical, known_name, unfolded
from migrator.records import dataclass

USER, MODEL = "user_input", "model_output"
ROLES = {"user": USER, "model": MODEL, "function": USER, "tool": USER}
_TURNS_ELSEWHERE = (
    "the turns so far are taken for types.Content objects that hold texts, data or files, and become steps while the "
    "program runs"
)
_MADE_ELSEWHERE = (
    "the contents stay as they are made, and their texts, data and files become steps while the program runs"
)
_TURNS_ADVICE = "Accept with --review if nothing else is among them; a call or a result of a function raises an error."
CALLS = {"function_call": "function_result", "code_execution_call": "code_execution_result"}


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says; ``loose`` where the parts stood in the list without a content around them."""

    kind: str | Value  # a value where only the run knows who speaks
    items: tuple[Piece, ...]
    origin: Origin = None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """The turns of a list of contents."""

    turns: tuple[Turn, ...] = ()
    said: tuple[Diagnostic, ...] = ()

    @property
    def mode(self) -> Mode:
        """The kind of list that can hold all of it."""
        return Mode.CONTENTS if self.narrowest is Mode.CONTENTS else Mode.STEPS

    @property
    def narrowest(self) -> Mode:
        """The same, where a list inside of a step is one too."""
        items = [piece for turn in self.turns for piece in turn.items]
        many = len(self.turns) > 1 or any(turn.kind != USER for turn in self.turns)
        if many or any(piece.step for piece in items):
            return Mode.STEPS
        return Mode.PARTS if any(piece.turn for piece in items) else Mode.CONTENTS


# Whole contents -----------------------------------------------------------------------------------------------------


def contents(value: Value, context: Context, mode: Mode | None = None) -> Planned:
    """The ``input`` for ``value``, as a list of kind ``mode`` where one is asked for."""
    match value:
        case Choice(test=test, then=then, otherwise=otherwise, origin=origin):
            sides = [contents(side, context, mode) for side in (then, otherwise)]
            said = sides[0].diagnostics + sides[1].diagnostics
            if sides[0].value is None or sides[1].value is None:
                return Planned(None, said)
            return planned(Choice(test, sides[0].value, sides[1].value, origin), said)
        case Opaque(type=kind, optional=True, origin=origin) if kind == PLANNED:
            return refused("MG108", f"contents: {MISSING}", origin, MISSING_ADVICE)
        case Opaque(type=kind) if kind == PLANNED:
            return Planned(value)
        case Literal(value=str()) | Opaque(type="str") if mode is None:
            return Planned(value)
        case Opaque(type="", origin=origin) if mode is None:
            message = "contents: nothing here shows what it is; it is assumed to be a string"
            return planned(value, (review("MG107", message, origin),))
        case Opaque(type=kind, origin=origin) if kind == LATER and not context.resolution:
            later = review("MG107", _MADE_ELSEWHERE, origin, _TURNS_ADVICE)
            return planned(Apply(Function.ANY_CONTENTS, (value,), origin), (later,))
        case Opaque(type=kind, origin=origin) if kind == TURNS and not context.resolution:
            stored = review("MG107", _TURNS_ELSEWHERE, origin, _TURNS_ADVICE)
            return planned(Apply(Function.TURNS, (value,), origin), (stored,))
        case Opaque(type=kind, origin=origin) if kind == TEXTS and mode is not Mode.STEPS:
            return Planned(Apply(Function.TEXT_LIST, (value,), origin))
        case Opaque(type=kind) if kind in EACH and mode is not Mode.STEPS and not context.resolution:
            return planned(*several(value))
        case Unknown() as hidden:
            return unknown("contents", hidden)
        case Sequence(items=(), origin=origin) if mode is None:
            return refused("MG108", "contents: the list is empty, which the legacy call refuses", origin)
        case _:
            found = talk(value.items if isinstance(value, Sequence) else (value,), context)
            return _written(found, mode or found.mode, value.origin)


def briefly(value: Value | None) -> Value | None:
    """``value`` with a list that holds one text alone as the text: what a person would write, and the same request."""
    match value:
        case Sequence(items=(Record(fields=(Field("type", Literal("text")), Field("text", text))),)):
            return text
        case Choice(then=then, otherwise=otherwise):
            return replace(value, then=briefly(then) or then, otherwise=briefly(otherwise) or otherwise)
    return value


def past(value: Value, context: Context) -> Planned:
    """The steps for the ``history`` that a chat begins with; what the program does not show is asked while it runs."""
    match value:
        case Unknown(origin=origin, settled=Settled.BY_THE_RUN):
            return past(Opaque(origin), context)
        case Opaque(type=kind, origin=origin) if kind != PLANNED and context.resolution:
            return refused("MG106", "history: its turns are not visible here", origin)
        case Opaque(type=kind, origin=origin) if kind != PLANNED:
            stored = review("MG107", _TURNS_ELSEWHERE, origin, _TURNS_ADVICE)
            return planned(Apply(Function.RESTORED, (value,), origin), (stored,))
    return contents(value, context, Mode.STEPS)


def _written(found: Talk, mode: Mode, origin: Origin) -> Planned:
    items, said = written(found, mode)
    match items:
        case (Spread(value=Apply(function=Function.PICTURES | Function.FILES | Function.PARTS) as whole),):
            return planned(whole, said)
    return planned(Sequence(items, origin), said)


def item(value: Value, mode: Mode, context: Context) -> Planned:
    """What one appended element becomes: the thing itself where it is one, else a ``Sequence``."""
    items, said = written(talk((value,), context), mode)
    return planned(items[0] if len(items) == 1 else Sequence(items, value.origin), said)


# Turns --------------------------------------------------------------------------------------------------------------


def talk(values: Iterable[Value], context: Context) -> Talk:
    """The turns of the elements of a list: parts in a row make one turn, a content is a turn of its own."""
    turns: list[Turn] = []
    said: list[Diagnostic] = []
    for value in values:
        turn, more = _turn(value, context)
        said.extend(more)
        if turn is None:
            continue
        if turn.loose and turns and turns[-1].loose:
            turn = _merged(turns.pop(), turn)
        turns.append(turn)
    return Talk(tuple(turns), tuple(said))


def _merged(first: Turn, second: Turn) -> Turn:
    return replace(first, items=first.items + second.items)


def _turn(value: Value, context: Context) -> tuple[Turn | None, tuple[Diagnostic, ...]]:
    match value:
        case Record() if _is_content(value, context):
            return _content(value, context)
        case Opaque(type=kind, hint=Mode.STEPS.value) | Spread(value=Opaque(type=kind, hint=Mode.STEPS.value)) if (
            kind == PLANNED
        ):
            return Turn(USER, (Piece(value, step=True),)), ()
        case Spread(value=Apply(function=Function.RESTORED)):
            return Turn(USER, (Piece(value, step=True),)), ()
        case Sequence(items=items, origin=origin):
            found = all_pieces(items, context)
            return Turn(USER, found.items, origin), found.said
        case _:
            found = pieces(value, context)
            return (Turn(context.speaker, found.items, None, loose=True) if found.items else None), found.said


def _is_content(record: Record, context: Context) -> bool:
    names = {known_name(context.maps, "Content", field.name) for field in unfolded(record)}
    return record.type == "Content" or (record.type == "dict" and bool(names & {"role", "parts"}))


def _content(record: Record, context: Context) -> tuple[Turn | None, tuple[Diagnostic, ...]]:
    whole, said = canonical(record, "Content", context)
    kind, wrong = _role(whole)
    found = _parts(whole.get("parts"), context)
    return Turn(kind, found.items, record.origin), (*said, *wrong, *found.said)


def _role(content: Record) -> tuple[str | Value, tuple[Diagnostic, ...]]:
    field = next((field for field in content.fields if field.name == "role"), Field("role", Literal(None)))
    place = field.origin if field.origin is not None else field.value.origin
    match field.value:
        case Literal(value=None):
            return USER, ()
        case Literal(value=str() as role) if role in ROLES:
            return ROLES[role], ()
        case Choice() | Opaque() as role if (speaker := _speaker(role)) is not None:
            return speaker, ()
        case Literal(value=role):
            return USER, (Diagnostic("MG115", Level.MANUAL, f"role: {role!r} has no step of its own", place),)
        case _:
            message = "role: whether the user or the model speaks is not visible"
            return USER, (Diagnostic("MG106", Level.MANUAL, message, place),)


def _speaker(role: Value) -> Value | None:
    """The type of the step of a speaker whom only the run knows."""
    match role:
        case Literal(value=str() as name) if name in ROLES:
            return Literal(ROLES[name])
        case Opaque(type="str" | ""):
            return Apply(Function.STEP_TYPE, (role,), role.origin)
        case Choice(test=test, then=then, otherwise=otherwise, origin=origin):
            sides = _speaker(then), _speaker(otherwise)
            if sides[0] is not None and sides[1] is not None:
                return Choice(test, sides[0], sides[1], origin)
    return None


def _parts(value: Value | None, context: Context) -> Pieces:
    match value:
        case None | Literal(value=None):
            return Pieces()
        case Sequence(items=items):
            return all_pieces(items, context)
        case Opaque(type=kind, origin=origin, hint=hint) if kind == PLANNED:
            return Pieces((Piece(Spread(value, origin), step=hint == Mode.STEPS.value),))
        case Opaque(type="", origin=origin):
            message = "parts: what they are is not visible here"
            return Pieces(said=(Diagnostic("MG106", Level.MANUAL, message, origin),))
        case Opaque(type=kind, origin=origin) if kind == TEXTS or kind in EACH:
            return pieces(Spread(value, origin), context)
        case _:
            return pieces(value, context)


# Lists --------------------------------------------------------------------------------------------------------------


def written(found: Talk, mode: Mode) -> tuple[tuple[Value, ...], tuple[Diagnostic, ...]]:
    """The elements of a list of kind ``mode``."""
    if mode is Mode.STEPS:
        steps, said = numbered(tuple(_steps(found.turns)))
        return steps, found.said + said
    if found.narrowest is Mode.STEPS or (found.narrowest is Mode.PARTS and mode is not Mode.PARTS):
        place = found.turns[0].origin if found.turns else None
        message = "contents: a turn of a conversation does not fit into a list that holds one turn"
        return (), (*found.said, Diagnostic("MG108", Level.MANUAL, message, place))
    return tuple(piece.value for turn in found.turns for piece in turn.items), found.said


def _steps(turns: Iterable[Turn]) -> Iterator[Value]:
    """Contents in a row make one step of their speaker; calls, results and thoughts stand for themselves."""
    for turn in turns:
        pending: list[Value] = []
        for piece in turn.items:
            if not piece.step:
                pending.append(piece.value)
                continue
            if pending:
                yield _step(turn, pending)
                pending = []
            yield piece.value
        if pending or not turn.items:
            yield _step(turn, pending)


def _step(turn: Turn, content: list[Value]) -> Record:
    match content:
        case [Spread(value=Opaque(type=kind) as whole)] if kind == PLANNED:
            inside: Value = whole
        case _:
            inside = Sequence(tuple(content))
    speaker = Literal(turn.kind) if isinstance(turn.kind, str) else turn.kind
    fields = (Field("type", speaker), Field("content", inside))
    return Record("dict", fields, turn.origin)


# Ids ----------------------------------------------------------------------------------------------------------------


def numbered(steps: tuple[Value, ...]) -> tuple[tuple[Value, ...], tuple[Diagnostic, ...]]:
    """The steps with an id for every call that has none, and with that id in its result.

    Legacy calls and results belong together by name and order; a step names the call that it answers.
    """
    open_calls: list[tuple[str, Value | None, Value]] = []  # kind of the result, name, id
    done: list[Value] = []
    said: list[Diagnostic] = []
    numbers = count(1)
    for step in steps:
        kind = _kind(step)
        if not isinstance(step, Record):
            done.append(step)
        elif kind in CALLS:
            call, made = _with_id(step, numbers)
            open_calls.append((CALLS[kind], step.get("name"), call.get("id") or Literal(None)))
            done.append(call)
            said.extend(made)
        elif kind in CALLS.values() and step.get("call_id") is None:
            answer, missing = _answering(step, kind, open_calls)
            done.append(answer)
            said.extend(missing)
        else:
            done.append(step)
    return tuple(done), tuple(said)


def _kind(step: Value) -> str:
    kind = step.get("type") if isinstance(step, Record) else None
    return str(kind.value) if isinstance(kind, Literal) else ""


def _with_id(step: Record, numbers: Iterator[int]) -> tuple[Record, tuple[Diagnostic, ...]]:
    if step.get("id") is not None:
        return step, ()
    made = f"call_{next(numbers)}"
    fields = (step.fields[0], Field("id", Literal(made)), *step.fields[1:])
    message = f"a step of a call has an id, so this one gets '{made}'"
    return replace(step, fields=fields), (review("MG102", message, step.origin),)


def _answering(
    step: Record, kind: str, calls: list[tuple[str, Value | None, Value]]
) -> tuple[Record, tuple[Diagnostic, ...]]:
    """The result with the id of the first call in sight that it can answer; that call is taken out of ``calls``."""
    name = step.get("name")
    for call in calls:
        same = isinstance(name, Literal) and isinstance(call[1], Literal) and name.value == call[1].value
        if call[0] == kind and (same or name is None):
            calls.remove(call)
            fields = (step.fields[0], Field("call_id", call[2]), *step.fields[1:])
            return replace(step, fields=fields), ()
    message = "the result names no call, and no call in sight matches it by name"
    return step, (Diagnostic("MG112", Level.MANUAL, message, step.origin),)
