"""What an answer of the service says about a request, and which field it names.

Codes and statuses as the API's page of errors lists them: a code that blames the request is our fault, everything else
that is no success says nothing about it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from enum import Enum
from typing import Any

from migrator.casing import snake
from migrator.records import dataclass


class Verdict(Enum):
    """What is known about a request after asking."""

    ACCEPTED = "accepted"
    OUR_FAULT = "our fault"
    INCONCLUSIVE = "inconclusive"
    NOT_SENT = "not sent"


class Then(Enum):
    """What to do after an answer."""

    GO_ON = "go on"
    WAIT = "wait"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one answer; ``message`` is the service's own words, not scrubbed yet."""

    verdict: Verdict
    then: Then
    code: str
    message: str


_TAKEN = ("completed", "incomplete", "requires_action", "in_progress", "queued", "requires_continuation")
_OURS = ("parameter_unknown", "parameter_missing", "invalid_request", "invalid_argument", "out_of_range")
_STOPPING = (401, 402, 403)
_OF_KEYS = re.compile(r"api[ _]key|authentication|credential", re.IGNORECASE)


def judged(status: int, body: object) -> Judgement:
    """What an answer with this status and this JSON means; ``body`` is None where the answer is no JSON."""
    if 200 <= status < 300:
        return _success(body)
    code, message = _error(body)
    if status in _STOPPING or (status == 400 and _OF_KEYS.search(f"{code} {message}")):
        return Judgement(Verdict.INCONCLUSIVE, Then.STOP, code, message)
    if status == 429:
        return Judgement(Verdict.INCONCLUSIVE, Then.WAIT, code, message)
    blamed = code in _OURS or not code or code.isdecimal()
    if status in (400, 422) and blamed and body is not None:
        return Judgement(Verdict.OUR_FAULT, Then.GO_ON, code, message)
    return Judgement(Verdict.INCONCLUSIVE, Then.GO_ON, code, message)


def _success(body: object) -> Judgement:
    match body:
        case {"error": {"message": str(message)}}:
            return Judgement(Verdict.INCONCLUSIVE, Then.GO_ON, "", message)
        case {"status": str(state)} if state not in _TAKEN:
            return Judgement(Verdict.INCONCLUSIVE, Then.GO_ON, state, f"the interaction ended as {state}")
        case {"status": str(state)}:
            return Judgement(Verdict.ACCEPTED, Then.GO_ON, state, "")
        case {"steps": list()} | {"id": str()}:
            return Judgement(Verdict.ACCEPTED, Then.GO_ON, "", "")
        case None:
            return Judgement(Verdict.INCONCLUSIVE, Then.GO_ON, "", "the answer is not JSON")
    return Judgement(Verdict.INCONCLUSIVE, Then.GO_ON, "", "the answer is no interaction")


def _error(body: object) -> tuple[str, str]:
    """The code and the message of an error; the legacy form has a number and a status in upper case."""
    match body:
        case [first, *_]:
            return _error(first)
        case {"error": {**error}}:
            code = error.get("code")
            name = code if isinstance(code, str) else error.get("status") or ""
            return str(name).lower(), str(error.get("message") or "")
        case {"error": str(message)}:
            return "", message
        case {"message": str(message)}:
            return "", message
    return "", "" if body is not None else "the answer is not JSON"


# Fields -------------------------------------------------------------------------------------------------------------

_QUOTED = re.compile(r"['\"`]([\w.\[\]$-]+)['\"`]")
_AT = re.compile(r"['\"`]([\w.\[\]$-]+)['\"`][^'\"`]*?\b(?:at|in|of|for)\b\s+(?:field\s+)?['\"`]([\w.\[\]$-]+)['\"`]")
_BARE = re.compile(r"\b[a-zA-Z_]+(?:\[\d+\])?(?:\.[\w$]+(?:\[\d+\])?)+|\b[a-z]+_[a-z_]+\b|\b[a-z_]+\[\d+\]")


def field_named(body: object, message: str, places: Collection[str]) -> str | None:
    """The path of the request that an error is about, as one of ``places``; None where it names none of them.

    The deepest place wins; a name without its path counts where there is only one of it.
    """
    best: tuple[bool, int, str] | None = None
    for candidate in (_normal(each) for each in _candidates(body, message)):
        found = _known(candidate, places)
        if found is not None:
            rank = (found == candidate, len(re.findall(r"[.\[]", found)) + 1, found)
            best = rank if best is None or rank[:2] > best[:2] else best
    return best[2] if best is not None else None


def _candidates(body: object, message: str) -> Iterator[str]:
    yield from _fields(body)
    for inner, outer in _AT.findall(message):
        yield f"{outer}.{inner}"
        yield outer
    yield from _QUOTED.findall(message)
    yield from _BARE.findall(message)


def _fields(body: object) -> Iterator[str]:
    """What an error says in fields of its own: ``param``, ``field``, and the violations of the legacy form."""
    match body:
        case {"error": {**error}}:
            for key in ("param", "field", "path", "parameter"):
                if isinstance(named := error.get(key), str):
                    yield named
            details = error.get("details")
            for detail in details if isinstance(details, list) else []:
                yield from _violations(detail)


def _violations(detail: object) -> Iterator[str]:
    if not isinstance(detail, dict):
        return
    given: Any = detail.get("fieldViolations") or detail.get("field_violations") or []
    for violation in given if isinstance(given, list) else []:
        if isinstance(violation, dict) and isinstance(violation.get("field"), str):
            yield violation["field"]


def _normal(path: str) -> str:
    """A path as this tool spells it: snake case, ``[0]`` for an index, nothing in front."""
    path = re.sub(r"\.(\d+)(?=[.\[]|$)", r"[\1]", path.removeprefix("$").removeprefix(".").strip("."))
    for front in ("body.", "request.", "interaction."):
        path = path.removeprefix(front)
    return snake(path)


def _known(path: str, places: Collection[str]) -> str | None:
    """The place at ``path`` or the nearest around it; for a bare name, the only place that ends with it."""
    shorter = path
    while shorter:
        if shorter in places:
            return shorter
        cut = max(shorter.rfind("."), shorter.rfind("["))
        shorter = shorter[:cut] if cut > 0 else ""
    ending = [place for place in places if place.endswith(f".{path}")]
    return ending[0] if len(ending) == 1 else None
