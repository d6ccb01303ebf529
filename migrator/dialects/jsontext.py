"""JSON text as ``ir`` values that know their place, and back, laid out as the source is."""

from __future__ import annotations

import json
import re
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]  # documented nowhere, used by json
from typing import cast

from migrator.ir import Field, Literal, Record, Scalar, Sequence, Value
from migrator.records import dataclass

BLANK = re.compile(r"[ \t\n\r]*")
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
DEEPEST = 200  # far deeper than a request is, and far from Python's own limit


class PayloadError(ValueError):
    """A text that is not what it should be, at ``offset``."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value or a key stands; ``raw`` is a number as it is written."""

    path: str
    offset: int
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a JSON text is laid out: ``indent`` is empty on one line, ``space`` follows a colon."""

    indent: str
    space: str
    ascii: bool


@dataclass(frozen=True, slots=True)
class Document:
    """One document and the part of the text that it takes."""

    value: Value
    start: int
    end: int


# Reading ------------------------------------------------------------------------------------------------------------


def documents(text: str) -> tuple[Document, ...]:
    """All documents of a text, one or one after the other; PayloadError where it is not JSON."""
    found: list[Document] = []
    at = _blank(text, 0)
    while at < len(text):
        value, end = _value(text, at, "", 0)
        found.append(Document(value, at, end))
        at = _blank(text, end)
    if not found:
        raise PayloadError("there is no document", 0)
    return tuple(found)


def _blank(text: str, at: int) -> int:
    found = BLANK.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int, path: str, depth: int) -> tuple[Value, int]:
    if depth > DEEPEST:
        raise PayloadError("nested too deeply", at)
    head = text[at : at + 1]
    if head == "{":
        return _object(text, at, path, depth)
    if head == "[":
        return _array(text, at, path, depth)
    if head == '"':
        string, end = _string(text, at)
        return Literal(string, Place(path, at)), end
    for word, value in WORDS.items():
        if text.startswith(word, at):
            return Literal(value, Place(path, at)), at + len(word)
    number = NUMBER.match(text, at)
    if number is None:
        raise PayloadError("expected a JSON value", at)
    raw = number[0]
    return Literal(float(raw) if number[1] or number[2] else int(raw), Place(path, at, raw)), number.end()


def _string(text: str, at: int) -> tuple[str, int]:
    try:
        return cast("tuple[str, int]", scanstring(text, at + 1, True))  # noqa: FBT003 - a built-in
    except JSONDecodeError as error:
        raise PayloadError(error.msg, error.pos) from None


def _object(text: str, start: int, path: str, depth: int) -> tuple[Value, int]:
    fields: dict[str, Field] = {}
    at = _blank(text, start + 1)
    if text[at : at + 1] == "}":
        return Record("dict", (), Place(path, start)), at + 1
    while True:
        if text[at : at + 1] != '"':
            raise PayloadError("expected a key in double quotes", at)
        name, end = _string(text, at)
        inner = f"{path}.{name}" if path else name
        if name in fields:
            raise PayloadError(f"the key {name!r} is given twice", at)
        colon = _expect(text, _blank(text, end), ":")
        value, end = _value(text, _blank(text, colon), inner, depth + 1)
        fields[name] = Field(name, value, Place(inner, at))
        at = _blank(text, end)
        if text[at : at + 1] == "}":
            return Record("dict", tuple(fields.values()), Place(path, start)), at + 1
        at = _blank(text, _expect(text, at, ","))


def _array(text: str, start: int, path: str, depth: int) -> tuple[Value, int]:
    items: list[Value] = []
    at = _blank(text, start + 1)
    if text[at : at + 1] == "]":
        return Sequence((), Place(path, start)), at + 1
    while True:
        value, end = _value(text, at, f"{path}[{len(items)}]", depth + 1)
        items.append(value)
        at = _blank(text, end)
        if text[at : at + 1] == "]":
            return Sequence(tuple(items), Place(path, start)), at + 1
        at = _blank(text, _expect(text, at, ","))


def _expect(text: str, at: int, mark: str) -> int:
    if text[at : at + 1] != mark:
        raise PayloadError(f"expected '{mark}'", at)
    return at + 1


# Writing ------------------------------------------------------------------------------------------------------------


def layout(text: str) -> Layout:
    """How ``text`` is laid out."""
    broken = re.search(r"[{\[]\r?\n([ \t]+)", text)
    spaced = re.search(r'"[ \t]*:[ \t]', text)
    return Layout(broken[1] if broken else "", " " if spaced or broken else "", text.isascii() and "\\u" in text)


def write(value: Value, style: Layout, depth: int = 0) -> str:
    """The JSON text of a planned value; TypeError for what is no plain data."""
    match value:
        case Record(fields=fields):
            members = [f"{_text(one.name, style)}:{style.space}{write(one.value, style, depth + 1)}" for one in fields]
            return _enclosed("{", members, "}", style, depth)
        case Sequence(items=items):
            return _enclosed("[", [write(item, style, depth + 1) for item in items], "]", style, depth)
        case Literal(value=int() | float(), origin=Place(raw=raw)) if raw:
            return raw
        case Literal(value=str() as string):
            return _text(string, style)
        case Literal(value=bool() | int() | float() | None as scalar):
            return json.dumps(scalar)
        case _:
            raise TypeError(f"not plain data: {type(value).__name__}")


def _text(string: str, style: Layout) -> str:
    return json.dumps(string, ensure_ascii=style.ascii)


def _enclosed(first: str, members: list[str], last: str, style: Layout, depth: int) -> str:
    if not members:
        return first + last
    if not style.indent:
        return first + f",{style.space}".join(members) + last
    line = "\n" + style.indent * (depth + 1)
    return first + line + f",{line}".join(members) + "\n" + style.indent * depth + last
