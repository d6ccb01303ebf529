"""What the service says to a meaning, and how either protocol spells it.

Directions steer the answer, so that a test can ask for what it needs: ``error 429`` (any status), ``stumbles 429``
(each request fails once), ``blocked``, ``max tokens`` (JSON is cut in the middle), ``two parts``, ``empty answer``,
``call NAME`` (a declared function), ``in 3 rounds`` (it is called again after its result), ``twice at once`` (two
calls in one answer), ``undeclared NAME`` (a call of a function that nobody declared), ``run code``, ``begins at
once`` (the first text comes with the start of its step), ``breaks off 503`` (in the middle of a stream),
``uncounted`` (no usage). As the service does, each answer begins with the signature of a thought, which says nothing
else.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

from migrator.records import dataclass
from migrator.specimens import png
from migrator.twin.json_schemas import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrator.twin.meaning import Json, Meaning

STATUSES = {
    400: ("INVALID_ARGUMENT", "invalid_request"),
    401: ("UNAUTHENTICATED", "authentication"),
    403: ("PERMISSION_DENIED", "permission_denied"),
    404: ("NOT_FOUND", "model_not_found"),
    429: ("RESOURCE_EXHAUSTED", "rate_limit_exceeded"),
    500: ("INTERNAL", "internal"),
    503: ("UNAVAILABLE", "unavailable"),
}

_LOOKED_UP = frozenset({"google_search", "url_context", "google_maps", "retrieval", "file_search"})
PLACE = {"name": "Café é", "url": "https://example.org/place", "place_id": "places/1"}
FILE = {"document_uri": "https://example.org/file", "file_name": "file.pdf"}


@dataclass(frozen=True)
class Answer:
    """An answer free of its protocol: items in order, and how it ended."""

    id: str
    model: str
    items: list[Json]
    usage: dict[str, int]
    finish: str = "stop"  # stop, call, max_tokens, blocked
    error: int = 0
    broken: int = 0  # the status of an error in the middle of a stream
    at_once: bool = False  # whether a step starts with text


def answer(meaning: Meaning, directions: str, words: str = "") -> Answer:
    """The one answer to ``meaning``, as ``directions`` ask for it; ``words`` are said instead of made-up ones."""
    digest, prompt = meaning.digest(), directions
    if found := re.search(r"\berror (\d{3})\b", prompt):
        return Answer(digest, meaning.model, [], {}, error=int(found[1]))
    if "blocked" in prompt:
        return Answer(digest, meaning.model, [], _usage(meaning, []), finish="blocked")
    items = [] if "empty answer" in prompt else list(_items(meaning, digest, prompt, words))
    finish = "max_tokens" if "max tokens" in prompt else "stop"
    if any(item["type"] == "call" for item in items):
        finish = "call"
    usage = {} if "uncounted" in prompt else _usage(meaning, items)
    broken = re.search(r"\bbreaks off (\d{3})\b", prompt)
    status = int(broken[1]) if broken else 0
    return Answer(digest, meaning.model, items, usage, finish, broken=status, at_once="begins at once" in prompt)


def _items(meaning: Meaning, digest: str, prompt: str, words: str) -> Iterator[Json]:
    if meaning.thinking.get("summaries"):
        yield {"type": "thought", "text": f"thinking about {digest}"}
    yield {"type": "signature", "signature": base64.b64encode(digest.encode()).decode()}
    if calls := list(_calls(meaning, digest, prompt)):
        yield from calls
        return
    built_in = {tool["type"] for tool in meaning.tools} - {"function"}
    if "code_execution" in built_in and "code" in prompt:
        yield {"type": "text", "text": f"I run this for {digest}. "}
        yield {"type": "code", "code": f"print('{digest}')", "id": f"code_{digest}"}
        yield {"type": "ran", "output": f"{digest}\n", "ok": True, "id": f"code_{digest}"}
    if "audio" in meaning.modalities:
        yield {"type": "audio", "mime_type": "audio/l16", "data": base64.b64encode(digest.encode() * 8).decode()}
        return
    if "image" in meaning.modalities:
        yield from _picture(meaning, digest)
        return
    if built_in & _LOOKED_UP:
        yield {"type": "text", "text": f"Before looking it up, {digest}: "}
        yield from _looked_up(built_in, digest, meaning.prompt())
    if words:
        yield {"type": "text", "text": words}
    else:
        yield from _words(meaning, digest, prompt)


def _words(meaning: Meaning, digest: str, prompt: str) -> Iterator[Json]:
    if schema := meaning.format.get("schema"):
        text = json.dumps(sample(schema, digest), ensure_ascii=False)
        yield {"type": "text", "text": text[: len(text) // 2] if "max tokens" in prompt else text}
    elif meaning.format.get("mime_type") == "application/json":
        yield {"type": "text", "text": json.dumps({"digest": digest, "prompt": meaning.prompt()})}
    else:
        result = meaning.last_item().get("result")
        said = f"after {json.dumps(result, sort_keys=True)}" if result is not None else meaning.prompt()[:200]
        if "two parts" in prompt:
            yield {"type": "text", "text": f"First, {digest}. "}
        yield {"type": "text", "text": f"{digest} says é: {said}"}


def _picture(meaning: Meaning, digest: str) -> Iterator[Json]:
    picture = {
        "type": "image",
        "mime_type": "image/png",
        "data": base64.b64encode(png(bytes.fromhex(digest[:6]))).decode(),
    }
    if "text" in meaning.modalities:
        yield {"type": "text", "text": f"A picture of {digest}:"}
    yield picture
    if "text" in meaning.modalities:
        yield {"type": "text", "text": " there it is."}


def _looked_up(built_in: set[str], digest: str, prompt: str) -> Iterator[Json]:
    if "google_search" in built_in:
        yield {"type": "search", "queries": [f"query {digest}"], "html": f"<div>{digest}</div>", "id": f"s_{digest}"}
    if "google_maps" in built_in:
        yield {"type": "maps", "token": f"widget_{digest}", "id": f"m_{digest}"}
    if "retrieval" in built_in:
        yield {"type": "retrieval", "queries": [f"query {digest}"], "id": f"r_{digest}"}
    if "file_search" in built_in:
        yield {"type": "files", "id": f"f_{digest}"}
    if "url_context" in built_in:
        urls = re.findall(r"https?://\S+", prompt) or ["https://example.org/"]
        yield {"type": "url", "urls": urls, "id": f"u_{digest}"}


def _calls(meaning: Meaning, digest: str, prompt: str) -> Iterator[Json]:
    functions = [tool for tool in meaning.tools if tool["type"] == "function"]
    mode, names = meaning.tool_choice.get("mode"), meaning.tool_choice.get("names")
    rounds = re.search(r"\bin (\d+) rounds\b", prompt)
    if not functions or mode == "none" or meaning.rounds() >= (int(rounds[1]) if rounds else 1):
        return
    functions = [tool for tool in functions if not names or tool["name"] in names]
    asked = [tool for tool in functions if re.search(rf"\bcall\b.*\b{tool['name']}\b", prompt)]
    asked = asked or (functions[:1] if mode == "any" else [])
    asked += [{"name": name} for name in re.findall(r"\bundeclared (\w+)", prompt)]
    for number, tool in enumerate(asked * (2 if "twice at once" in prompt else 1)):
        args = sample(tool.get("parameters") or {"type": "object"}, f"{digest}-{number}")
        yield {"type": "call", "name": tool["name"], "args": args, "id": f"call_{digest}_{number}"}


def _usage(meaning: Meaning, items: list[Json]) -> dict[str, int]:
    asked = len(json.dumps([meaning.system, meaning.turns])) // 4
    thought = sum(len(item["text"]) for item in items if item["type"] == "thought") // 4
    said = len(json.dumps([item for item in items if item["type"] not in ("thought", "signature")])) // 4
    tools = 3 if any(item["type"] in ("search", "url") for item in items) else 0
    return {"input": asked, "output": said, "thought": thought, "tools": tools}


def pieces_of(item: Json) -> list[Json]:
    """An item in the pieces in which a stream brings it."""
    if item["type"] != "text" or len(item["text"]) < 3:
        return [item]
    third = len(item["text"]) // 3
    cuts = (item["text"][:third], item["text"][third : 2 * third], item["text"][2 * third :])
    return [{"type": "text", "text": cut} for cut in cuts]


def cited(items: list[Json]) -> tuple[int, int, str]:
    """Where the cited words stand, in bytes of the last text, and the words."""
    text = [item["text"] for item in items if item["type"] == "text"][-1]
    return 0, len(text.encode()), text
