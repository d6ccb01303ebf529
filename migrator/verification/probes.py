"""The distinct requests that a live check would send, each with the places of the source that it stands for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from migrator.ir import Literal, Origin, walk
from migrator.records import dataclass
from migrator.schema import SPREAD, is_keyword
from migrator.verification.body import Asked, Sender, origin_at, plain, variants
from migrator.verification.placeholders import Content, Replacing

_MAKERS = ("image", "tts", "omni", "lyria", "banana", "veo", "transcribe")
_MADE = ("image", "audio", "video")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Probe:
    """One body to send; ``shown`` is the same with placeholders in any case, ``secrets`` are never to be shown.

    ``spots`` are the calls of this form, the first of which the keys belong to; ``keys`` says where in the source a
    path of the body comes from, ``made`` which paths hold the check's own values.
    """

    body: dict[str, Any]
    shown: dict[str, Any]
    spots: tuple[Spot, ...]
    keys: dict[str, Spot]
    made: frozenset[str]
    left_out: tuple[str, ...]
    secrets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Passed:
    """A request that a live check does not send, and why."""

    spot: Spot
    reason: str


Place = Callable[[Origin], Spot]


def distinct(probes: Iterable[Probe]) -> list[Probe]:
    """One probe a form: what has the same keys, types and spellings is asked once."""
    found: dict[str, Probe] = {}
    for probe in probes:
        form = _form(probe.body)
        known = found.get(form)
        found[form] = probe if known is None else replace(known, spots=known.spots + probe.spots)
    return list(found.values())


def _form(body: dict[str, Any]) -> str:
    text = json.dumps(_formed(body), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _formed(value: object) -> object:
    """``value`` with numbers as their types; the strings that are left are spellings, names and placeholders."""
    match value:
        case bool() | str() | None:
            return value
        case int() | float():
            return type(value).__name__
        case dict():
            return {key: _formed(inner) for key, inner in value.items()}
        case list():
            return [_formed(inner) for inner in value]
    return value


def probe(asked: Asked, place: Place, content: Content) -> Probe | Passed:
    """The body that stands for a request, or why none does."""
    record = next(variants(asked.value))
    spot = place(asked.origin)
    whole = plain(record, asked.sender)
    assert isinstance(whole, dict)
    given = {name: value for name, value in whole.items() if asked.sender is Sender.BODY or not is_keyword(name)}
    reason = _why_not(given)
    if reason:
        return Passed(spot, reason)
    replacing, shown = Replacing(content), Replacing(Content.REPLACED)
    body = replacing.body(given, asked.sender)
    keys = {sent: _spot(origin_at(record, source), spot, place) for sent, source in replacing.places.items()}
    secrets = {each.value for each in walk(record) if isinstance(each, Literal) and isinstance(each.value, str)}
    sent = _strings(body) if content is Content.SENT else set()
    return Probe(
        body,
        shown.body(given, asked.sender),
        (spot,),
        keys,
        frozenset(replacing.made),
        tuple(replacing.left_out),
        frozenset(text for text in secrets & sent if len(text) > 20 or " " in text),
    )


def _spot(origin: Origin, whole: Spot, place: Place) -> Spot:
    return whole if origin is None else place(origin)


def _strings(value: object) -> set[str]:
    match value:
        case str():
            return {value}
        case dict():
            return set().union(*map(_strings, value.values())) if value else set()
        case list():
            return set().union(*map(_strings, value)) if value else set()
    return set()


def _why_not(given: dict[str, Any]) -> str:
    """Why a request is not asked: it costs more than a few tokens, or does not show enough."""
    model = given.get("model")
    if "agent" in given:
        return "agents run for minutes and are never started by a live check"
    if not isinstance(model, str):
        return "its model is not visible"
    if any(word in model for word in _MAKERS) or _makes_media(given):
        return "it would make images, audio or video"
    if SPREAD in given and len(given) <= 2:
        return "its fields are not visible"
    return ""


def _makes_media(given: dict[str, Any]) -> bool:
    formats = given.get("response_format")
    types = [
        each.get("type") for each in (formats if isinstance(formats, list) else [formats]) if isinstance(each, dict)
    ]
    asked = given.get("response_modalities")
    return any(kind in _MADE for kind in [*types, *(asked if isinstance(asked, list) else [])])
