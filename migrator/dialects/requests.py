"""Interactions requests in a file of any kind that may hold one, with the place of everything in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import libcst as cst

from migrator import prefilter
from migrator.diagnostics import Diagnostic
from migrator.dialects import payload
from migrator.dialects.jsontext import Place
from migrator.fieldmap import FieldMap
from migrator.ir import Literal, Origin, Record, Sequence, Value
from migrator.python.directives import Checking, directives_of
from migrator.python.evidence.facts import facts_of
from migrator.python.evidence.module import parse
from migrator.python.requests import interactions
from migrator.records import dataclass
from migrator.schema import has_path
from migrator.source import Lines
from migrator.verification.body import Asked, Sender

BODY = "body"
_MODELS = ("gemini", "models/gemini", "gemma", "lyria", "nano-banana")
_AGENTS = ("deep-research", "antigravity")
_OWN = ("previous_interaction_id", "generation_config", "agent_config")  # fields that no other API has beside input
_LEGACY = ("contents", "generationConfig", "systemInstruction")
_ANSWER = ("steps", "outputs", "status", "usage", "object", "choices")


# Whether a comment keeps a code from being said of a request, at the second origin.
Ignores: TypeAlias = Callable[[str, Origin, Origin], bool]

# What is wrong with such comments, and which have kept nothing, when all has been asked: place, code and message.
Unused: TypeAlias = Callable[[], tuple[tuple[tuple[int, int], Diagnostic], ...]]


@dataclass(frozen=True, slots=True)
class Reading:
    """The requests of a file, where calls stand that may be requests, and the line and column of an origin it holds."""

    requests: tuple[Asked, ...]
    unseen: tuple[tuple[int, int], ...]
    position: Callable[[Origin], tuple[int, int]]
    holds: Callable[[Origin], bool]
    ignores: Ignores = lambda *_: False
    unused: Unused = tuple


def is_data(path: str) -> bool:
    """Whether a file holds data instead of a program, by its name."""
    return path.endswith(prefilter.DATA)


def in_python(data: bytes, maps: FieldMap) -> Reading:
    """The requests of Python source; UnreadableError where it cannot be read."""
    facts = facts_of(parse(data), maps)
    found = interactions.find(facts)

    def position(origin: Origin) -> tuple[int, int]:
        assert isinstance(origin, cst.CSTNode)
        return facts.module.position(origin)

    def holds(origin: Origin) -> bool:
        return origin in facts.module.parents

    directives = directives_of(facts.module)

    def ignores(code: str, *origins: Origin) -> bool:
        return directives.meet(code, *(origin for origin in origins if isinstance(origin, cst.CSTNode)))

    def unused() -> tuple[tuple[tuple[int, int], Diagnostic], ...]:
        return tuple((position(said.origin), said) for said in directives.unused(Checking.REQUESTS))

    return Reading(found.requests, tuple(map(position, found.unseen)), position, holds, ignores, unused)


def in_named_data(path: str, data: bytes) -> Reading:
    """The requests of a data file that somebody named: its documents are bodies, unless they show to be others.

    PayloadError or UnicodeDecodeError where it cannot be read.
    """
    return _in_data(path, data, _named)


def in_data(path: str, data: bytes) -> Reading:
    """The requests of a data file that was found: objects that are plainly bodies, at any depth; errors as above."""
    return _in_data(path, data, _bodies)


def _in_data(path: str, data: bytes, find: Callable[[Value], Iterator[Record]]) -> Reading:
    text = data.decode("utf-8-sig")
    _, documents = payload.parsed(path, text)
    lines = Lines.of(text)

    def position(origin: Origin) -> tuple[int, int]:
        return lines.position(origin.offset) if isinstance(origin, Place) else (1, 1)

    bodies = [body for document in documents for body in find(document.value)]
    requests = tuple(Asked(body, body.origin, Sender.BODY, BODY) for body in bodies)
    return Reading(requests, (), position, lambda _: True)


def _named(value: Value) -> Iterator[Record]:
    match value:
        case Sequence(items=items):
            for item in items:
                yield from _named(item)
        case Record() if _says(value, "model", "agent", "input") and not _says(value, *_LEGACY, *_ANSWER):
            if _says(value, "input") or all(has_path(field.name) or field.name == "agent" for field in value.fields):
                yield value
            else:
                yield from _bodies(value)
        case Record():
            yield from _bodies(value)


def _bodies(value: Value) -> Iterator[Record]:
    match value:
        case Record() if _is_body(value):
            yield value
        case Record(fields=fields):
            for field in fields:
                yield from _bodies(field.value)
        case Sequence(items=items):
            for item in items:
                yield from _bodies(item)


def _is_body(value: Record) -> bool:
    """An input beside a model or an agent of this API, or beside a field that only this API has; and no answer."""
    if not _says(value, "input") or _says(value, *_LEGACY, *_ANSWER):
        return False
    return _starts(value, "model", _MODELS) or _starts(value, "agent", _AGENTS) or _says(value, *_OWN)


def _says(value: Record, *names: str) -> bool:
    return any(value.get(name) is not None for name in names)


def _starts(value: Record, name: str, prefixes: tuple[str, ...]) -> bool:
    match value.get(name):
        case Literal(value=str() as text):
            return text.startswith(prefixes)
    return False
