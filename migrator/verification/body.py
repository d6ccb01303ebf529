"""A request as its source shows it: read as plain data, and found again in the source by the path of a problem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from typing import Final

from migrator.ir import BETWEEN, Choice, Field, Literal, Opaque, Origin, Record, Sequence, Spread, Unknown, Value, walk
from migrator.records import dataclass
from migrator.schema import ANY, SPREAD, UNSET, Known

ABSENT: Final = Unknown("not given")
"""The value of a field that may be left out: ``Choice(None, value, ABSENT)``."""

PATH: Final = "path"
"""The type of an expression that gives the path of a file, as a string."""

POSITIONAL: Final = "a positional argument"
"""The name of a field that is no keyword: ``create`` takes none."""

_WIDEST = 16  # alternatives of one value that are looked at
_SCALARS = frozenset({"str", "int", "float", "bool", PATH})
_NAMED = {"function": "a Python function", "type": "a class", "bytes": "bytes"}
_LEGACY = "google.genai.types."


class Sender(Enum):
    """Who sends the request: the SDK, which mends some things on the way, or a program that posts the body as it is."""

    SDK = "sdk"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; a field's origin is its key, ``origin`` is the call or the object, ``dialect`` who found it."""

    value: Record
    origin: Origin
    sender: Sender
    dialect: str


def alternatives(value: Value) -> list[Value]:
    """The values that a choice is between; of anything else, itself."""
    match value:
        case Choice(then=then, otherwise=otherwise):
            return [*alternatives(then), *alternatives(otherwise)]
    return [value]


def _asked(value: Choice) -> list[Value]:
    """The alternatives that a request is meant to have: None stands for what is not known yet, or was not found."""
    options = alternatives(value)
    return [option for option in options if not (isinstance(option, Literal) and option.value is None)] or options


def variants(value: Record) -> Iterator[Record]:
    """``value`` without choices, often enough that each alternative is in one of the results."""
    widest = max((len(alternatives(each)) for each in walk(value) if isinstance(each, Choice)), default=1)
    for number in range(min(widest, _WIDEST)):
        yield _record(value, number)


def certain(value: Record) -> Record:
    """``value`` with what it holds in any case; what is chosen from alternatives is not visible."""
    return _record(value, None)


def _settled(value: Value, number: int | None) -> Value:
    match value:
        case Choice():
            options = _asked(value)
            return Opaque(value.origin) if number is None else _settled(options[number % len(options)], number)
        case Record():
            return _record(value, number)
        case Sequence(items=items, origin=origin):
            return Sequence(tuple(_items(items, number)), origin)
    return value


def _items(items: tuple[Value, ...], number: int | None) -> Iterator[Value]:
    for item in items:
        match item:
            case Spread(value=inner, origin=origin):
                found = _settled(inner, number)
                yield from found.items if isinstance(found, Sequence) else (Opaque(origin),)
            case _:
                yield _settled(item, number)


def _record(value: Record, number: int | None) -> Record:
    """The record with what is spread into it in its place; of two fields of one name the last one counts."""
    fields: dict[str, Field] = {}
    for field in value.fields:
        if number is None and isinstance(field.value, Choice) and ABSENT in alternatives(field.value):
            fields[SPREAD] = Field(SPREAD, Spread(Unknown("it may be given")), field.origin)
            continue
        inner = _settled(field.value.value if isinstance(field.value, Spread) else field.value, number)
        match inner:
            case Record(type="dict", fields=more) if field.name == SPREAD:
                fields.update({each.name: each for each in more})
            case _ if inner is ABSENT:
                continue
            case _:
                fields[field.name] = replace(field, value=inner)
    return replace(value, fields=tuple(fields.values()))


# Plain data ---------------------------------------------------------------------------------------------------------


def plain(value: Value, sender: Sender) -> object:
    """What ``value``, which has no choices in it, is on the wire; ``ANY`` or ``Known`` where that is not visible."""
    match value:
        case Record(type="dict", fields=fields):
            return {field.name: _field(field.value, sender) for field in fields}
        case Record(type=name):
            return Known(f"{_LEGACY}{name}")
        case Sequence(items=items):
            return [plain(item, sender) for item in items]
        case Literal(value=bytes()):
            return Known("bytes")
        case Literal(value=scalar):
            return scalar
        case Opaque(type=name):
            return _known(name)
    return ANY


def _field(value: Value, sender: Sender) -> object:
    if sender is Sender.SDK and isinstance(value, Literal) and value.value is None:
        return UNSET  # the SDK leaves such a field out
    return plain(value, sender)


def _known(name: str) -> object:
    if BETWEEN in name:
        return ANY  # which of them reaches the request, the code around it decides: `isinstance`, a conversion
    if name in _SCALARS:
        return Known(name)
    if name in _NAMED:
        return Known(_NAMED[name])
    return Known(name) if name.startswith((_LEGACY, "PIL.Image.")) else ANY


def hidden(value: Value) -> int:
    """How many values of a request are not visible."""
    return sum(isinstance(each, (Opaque, Unknown)) and each is not ABSENT for each in walk(value))


# Paths --------------------------------------------------------------------------------------------------------------


def origin_at(value: Value, path: str) -> Origin:
    """The key in the source of what stands at ``path``, or of the nearest thing around it; None for the top.

    A path is spelt as the service spells it: ``input[0].content``. A key may have dots in it.
    """
    found: Origin = None
    while path:
        path = path.removeprefix(".")
        match value:
            case Record(fields=fields):
                named = [field for field in fields if _leads(path, field.name)]
                if not named:
                    return found
                field = max(named, key=lambda each: len(each.name))
                found, value, path = field.origin or found, field.value, path[len(field.name) :]
            case Sequence(items=items) if path.startswith("["):
                number, _, path = path[1:].partition("]")
                if not number.isdecimal() or int(number) >= len(items):
                    return found
                value = items[int(number)]
                found = getattr(value, "origin", None) or found
            case _:
                return found
    return found


def _leads(path: str, name: str) -> bool:
    return path.startswith(name) and path[len(name) : len(name) + 1] in ("", ".", "[")
