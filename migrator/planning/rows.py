"""Apply the rows of a field map to a record: which value goes where, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import TypeAlias

from migrator.casing import camel
from migrator.diagnostics import Diagnostic, Level, Settled
from migrator.fieldmap import FieldMap, Row
from migrator.ir import (
    PLANNED,
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
    walk,
)
from migrator.planning.at_run_time import group_settled, splat_settled
from migrator.planning.model import Context, Feature
from migrator.records import dataclass

Path = tuple[str, ...]

_LISTS = ("tools", "function_tools")  # how a list that is rewritten where it is made becomes part of another


@dataclass(frozen=True, slots=True)
class Put:
    """A value and its place in the target; ``origin`` is the legacy field that it comes from."""

    path: Path
    value: Value
    origin: Origin = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """What one field becomes: nothing, one place or several."""

    puts: tuple[Put, ...] = ()
    said: tuple[Diagnostic, ...] = ()
    features: frozenset[Feature] = frozenset()

    def __or__(self, other: Mapped) -> Mapped:
        return Mapped(self.puts + other.puts, self.said + other.said, self.features | other.features)


def _place(field: Field) -> Origin:
    return field.origin if field.origin is not None else field.value.origin


Handler: TypeAlias = "Callable[[Task], Mapped]"


@dataclass(frozen=True, slots=True)
class Task:
    """One field to map: its row, and the whole record around it where a handler has to look there."""

    field: Field
    row: Row
    context: Context
    root: Record
    handlers: Mapping[str, Handler]

    @property
    def value(self) -> Value:
        """The field's value."""
        return self.field.value

    @property
    def place(self) -> Origin:
        """Where to point at."""
        return _place(self.field)

    @property
    def path(self) -> Path:
        """Where the row puts the value."""
        return tuple((self.row.to or self.row.field).split("."))

    def holding(self, value: Value) -> Task:
        """The same task for another value of the field."""
        return replace(self, field=replace(self.field, value=value))

    def put(self, value: Value, *features: Feature) -> Mapped:
        """``value`` at the row's place."""
        return Mapped((Put(self.path, value, self.field.origin),), (), frozenset(features))

    def refuse(self, code: str, message: str, advice: str = "", settled: Settled = Settled.BY_HAND) -> Mapped:
        """A refusal at the field."""
        return Mapped(said=(Diagnostic(code, Level.MANUAL, message, self.place, advice, settled),))

    def unknown(self, value: Unknown) -> Mapped:
        """A refusal for a value that is not visible."""
        return self.refuse("MG106", f"{self.row.field}: {value.reason}", settled=value.settled)

    def review(self, message: str, code: str = "MG102", advice: str = "") -> Mapped:
        """Something to accept about the field."""
        return Mapped(said=(Diagnostic(code, Level.REVIEW, message, self.place, advice),))


# Fields -------------------------------------------------------------------------------------------------------------


@cache
def _spellings(names: tuple[str, ...]) -> Mapping[str, str]:
    return {spelling: name for name in names for spelling in (camel(name), name)}


def known_name(maps: FieldMap, kind: str, name: str) -> str | None:
    """The snake_case name of the field of ``kind`` that ``name`` spells, in snake or camel case; None where none is."""
    return _spellings(tuple(maps.requests.get(kind, {}))).get(name)


def canonical(record: Record, kind: str, context: Context) -> tuple[Record, tuple[Diagnostic, ...]]:
    """``record`` as a ``kind`` with snake_case fields, and a refusal for every field that is hidden or not known.

    Of a field that is given again in the same spelling the last one counts, as in a dict; which of two spellings counts
    is for the legacy API to say.
    """
    fields: dict[str, Field] = {}
    spelt: dict[str, str] = {}
    said: list[Diagnostic] = []
    if record.type not in ("dict", kind):
        said.append(Diagnostic("MG106", Level.MANUAL, f"expected {kind}, found {record.type}", record.origin))
    for found in unfolded(record):
        name = known_name(context.maps, kind, found.name)
        if name is not None:
            if spelt.setdefault(name, found.name) != found.name:
                said.append(Diagnostic("MG111", Level.MANUAL, twice(spelt[name], found.name), _place(found)))
            fields.pop(name, None)
            fields[name] = replace(found, name=name)
        elif found.name == "**":
            message = f"the fields that are splatted into {kind} are not visible"
            said.append(Diagnostic("MG106", Level.MANUAL, message, _place(found), settled=splat_settled(kind)))
        else:
            said.append(Diagnostic("MG104", Level.MANUAL, f"{kind} has no field '{found.name}'", found.origin))
    return Record(kind, tuple(fields.values()), record.origin), tuple(said)


def twice(first: str, second: str) -> str:
    """What is said of a field that is there in both spellings."""
    return f"'{first}' and '{second}' are one field, which is given twice"


def unfolded(record: Record) -> Iterable[Field]:
    """The fields of ``record`` with those of every splat that can be seen; one that cannot stays a field ``**``."""
    for found in record.fields:
        match found.value:
            case Spread(value=Record() as inner) if found.name == "**":
                yield from unfolded(inner)
            case Spread(value=Choice(test, Record() as then, Record() as otherwise, origin)) if found.name == "**":
                left, right = tuple(unfolded(then)), tuple(unfolded(otherwise))
                names = {side.name for side in (*left, *right)}
                if len(names) != 1 or "**" in names:
                    yield found
                    continue
                one = Choice(test, _only(left), _only(right), origin)
                yield Field(names.pop(), one, (*left, *right)[0].origin)
            case _:
                yield found


def _only(fields: tuple[Field, ...]) -> Value:
    return fields[-1].value if fields else Literal(None)


# Rows ---------------------------------------------------------------------------------------------------------------


def mapped(record: Record, kind: str, context: Context, handlers: Mapping[str, Handler]) -> Mapped:
    """Every field of ``record`` through its row."""
    root, said = canonical(record, kind, context)
    return Mapped(said=said) | fields_mapped(root, root, context, handlers)


def change_mapped(change: Field, whole: Record, context: Context, handlers: Mapping[str, Handler]) -> Mapped:
    """One field that a ``whole`` record is given later, seen beside its others."""
    one, said = canonical(Record(whole.type, (change,), whole.origin), whole.type, context)
    others = tuple(field for field in whole.fields if field.name != change.name)
    root, _ = canonical(replace(whole, fields=(*others, *one.fields)), whole.type, context)
    return Mapped(said=said) | fields_mapped(one, root, context, handlers)


def inside(task: Task) -> Mapped:
    """Every field of the record that is the task's value, seen inside the same root."""
    match task.value:
        case Record() as record:
            whole, said = canonical(record, task.row.of, task.context)
            return Mapped(said=said) | fields_mapped(whole, task.root, task.context, task.handlers)
        case _:
            message = f"{task.row.field}: the {task.row.of} is not visible here"
            return task.refuse("MG106", message, settled=group_settled(task.row.of))


def fields_mapped(record: Record, root: Record, context: Context, handlers: Mapping[str, Handler]) -> Mapped:
    """Every field of a canonical ``record``, seen inside ``root``."""
    found = Mapped()
    for field in record.fields:
        row = context.maps.request(record.type, field.name)
        if row is not None:
            found = found | apply_row(Task(field, row, context, root, handlers))
    return found


def apply_row(task: Task) -> Mapped:
    """What the row says of the field; None is the same as no field at all."""
    row = task.row
    match task.value:
        case Literal(value=None):
            return Mapped()
        case Unknown() as hidden:
            return task.unknown(hidden)
        case Literal(value=value) if row.refuse is not None and _listed(value, row.unless):
            return Mapped()
        case Opaque(type=type) if type == PLANNED and row.to not in (None, "response_format") and row.via not in _LISTS:
            return task.put(task.value) | _note(task)
    if row.refuse is not None:
        return task.refuse("MG101", f"{row.field}: {row.refuse}", row.advice)
    if row.drop is not None:
        return Mapped(said=(Diagnostic("MG103", row.level, f"{row.field}: {row.drop}", task.place, row.advice),))
    handler = task.handlers[row.via] if row.via is not None else leaf
    return handler(task) | _note(task)


def _listed(value: object, allowed: tuple[object, ...]) -> bool:
    """``1`` is not ``True`` here, and enum members compare without case."""
    spelt = value.upper() if isinstance(value, str) else value
    choices = [item.upper() if isinstance(item, str) else item for item in allowed]
    return any(spelt == item and isinstance(spelt, bool) == isinstance(item, bool) for item in choices)


def _note(task: Task) -> Mapped:
    if not task.row.note or (task.row.service and task.context.service not in ("", task.row.service)):
        return Mapped()
    message = f"{task.row.field}: {task.row.note}"
    return Mapped(said=(Diagnostic("MG102", task.row.level, message, task.place, task.row.advice),))


def leaf(task: Task) -> Mapped:
    """Carry the value to the row's place, spelt as the row says."""
    hidden = next((inner for inner in walk(task.value) if isinstance(inner, Unknown)), None)
    if hidden is not None:
        return task.unknown(hidden)
    return spelt(task) if task.row.values else task.put(task.value)


def computed(task: Task, function: Function, value: Opaque, *rest: Value) -> Mapped:
    """``function(value, *rest)`` at the row's place; what may be None is asked for first, so it has to have a name."""
    if value.optional and not value.repeatable:
        advice = "Put it into a variable first."
        return task.refuse("MG106", f"{task.row.field}: this may be None, and is needed in another form", advice)
    return task.put(Apply(function, (value, *rest), value.origin))


def spelt(task: Task) -> Mapped:
    """A member of an enum, or a list of them, in the new spelling; the member that means nothing is left out."""
    match task.value:
        case Literal(value=str() as name) if name.upper().endswith("UNSPECIFIED"):
            return Mapped()
        case Literal(value=str() as name, origin=origin):
            word = spelling(task.row, name)
            if word is None:
                return task.refuse("MG101", f"{task.row.field}: '{name}' has no counterpart", task.row.advice)
            return task.put(Literal(word, origin))
        case Choice():
            return either(task, spelt)
        case Sequence(items=items, origin=origin):
            each = [spelt(task.holding(item)) for item in items]
            said = tuple(text for one in each for text in one.said)
            return Mapped(said=said) | task.put(Sequence(tuple(put.value for one in each for put in one.puts), origin))
        case Opaque():
            return _spelt_later(task, task.value)
        case _:
            return task.refuse("MG106", f"{task.row.field}: not a member of an enum")


def _spelt_later(task: Task, value: Opaque) -> Mapped:
    """A member that only the run will know: its spelling is computed where the whole table follows one pattern."""
    prefix = common_prefix(task.row)
    if prefix is None or (value.type not in ("", "str") and not value.type.startswith("google.genai.types.")):
        message = f"{task.row.field}: the value is not visible, and it is spelt differently in the Interactions API"
        return task.refuse("MG106", message)
    found = computed(task, Function.SPELLING, value, Literal(prefix))
    return (
        found
        if value.type
        else found | task.review(f"{task.row.field}: assumed to be a string or a member of the enum")
    )


def common_prefix(row: Row) -> str | None:
    """What every member's name has before its new spelling (``HARM_CATEGORY_``); None where they follow no pattern."""
    prefixes = {name[: -len(word)] for name, word in row.values.items() if name.lower().endswith(word)}
    regular = all(name.lower().endswith(word) for name, word in row.values.items())
    return prefixes.pop() if regular and len(prefixes) == 1 else None


def spelling(row: Row, name: str) -> str | None:
    """The new spelling of the enum member ``name``, whatever its case; None where it has none."""
    table = {member.upper(): word for member, word in row.values.items()}
    return table.get(name.upper())


def either(task: Task, handler: Handler) -> Mapped:
    """``handler`` on both sides of a ``Choice``; a side that gives nothing becomes None, which is never sent."""
    match task.value:
        case Choice(then=then, otherwise=otherwise) as choice:
            return chosen(task, choice, *(_side(task.holding(side), handler) for side in (then, otherwise)))
        case _:
            return handler(task)


def chosen(task: Task, choice: Choice, first: Mapped, second: Mapped) -> Mapped:
    """What the two sides of ``choice`` give, decided by its condition where they differ."""
    found = Mapped(said=first.said + second.said, features=first.features | second.features)
    sides = [{put.path: put for put in side.puts} for side in (first, second)]
    paths = list(dict.fromkeys([*sides[0], *sides[1]]))
    if len(paths) > 1 and not choice.condition:
        return found | task.refuse("MG106", f"{task.row.field}: its condition decides more than one field")
    for path in paths:
        values = [side[path].value if path in side else Literal(None) for side in sides]
        value: Value = choice
        if _says_the_same(*values):
            value = values[0]
        elif values[0] is not choice.then or values[1] is not choice.otherwise:
            value = replace(choice, then=values[0], otherwise=values[1])
        found = found | Mapped((Put(path, value, task.field.origin),))
    return found


def _says_the_same(one: Value, other: Value) -> bool:
    return isinstance(one, Literal) and isinstance(other, Literal) and one.value == other.value


def _side(task: Task, handler: Handler) -> Mapped:
    match task.value:
        case Literal(value=None):
            return Mapped()
        case Choice():
            return either(task, handler)
        case Unknown() as hidden:
            return task.unknown(hidden)
        case _:
            return handler(task)


def lifted(handler: Handler) -> Handler:
    """``handler``, made to take a ``Choice`` side by side."""
    return lambda task: either(task, handler)


# The target ---------------------------------------------------------------------------------------------------------


def nest(puts: Iterable[Put], kind: str = "dict", origin: Origin = None) -> Record:
    """The puts as one record, groups where their first member stands."""
    groups: dict[str, list[Put]] = {}
    for put in puts:
        groups.setdefault(put.path[0], []).append(replace(put, path=put.path[1:]))
    return Record(kind, tuple(_group(name, members) for name, members in groups.items()), origin)


def _group(name: str, members: list[Put]) -> Field:
    whole = next((put for put in members if not put.path), None)  # with others beside it: see ``clashes``
    return Field(name, nest(members)) if whole is None else Field(name, whole.value, whole.origin)


def clashes(puts: Iterable[Put]) -> tuple[Diagnostic, ...]:
    """A refusal for every place that two fields would fill."""
    seen: set[Path] = set()
    said = []
    for put in puts:
        if any(put.path[: len(path)] == path or path[: len(put.path)] == put.path for path in seen):
            message = f"two fields would both set {'.'.join(put.path)}"
            said.append(Diagnostic("MG111", Level.MANUAL, message, put.origin))
        seen.add(put.path)
    return tuple(said)
