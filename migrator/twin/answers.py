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
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
_PLACE = {"name": "Café é", "url": "https://example.org/place", "place_id": "places/1"}
_FILE = {"document_uri": "https://example.org/file", "file_name": "file.pdf"}
_CITATIONS: dict[str, Json] = {
    "search": {"type": "url_citation", "url": "https://example.org/a", "title": "example.org"},
    "maps": {"type": "place_citation", **_PLACE},
    "retrieval": {"type": "file_citation", **_FILE},
    "files": {"type": "file_citation", **_FILE},
}
_CONTEXT: Json = {"retrievedContext": {"uri": _FILE["document_uri"], "title": _FILE["file_name"]}}
_CHUNKS: dict[str, Json] = {
    "search": {"web": {"uri": "https://example.org/a", "title": "example.org"}},
    "maps": {"maps": {"uri": _PLACE["url"], "title": _PLACE["name"], "placeId": _PLACE["place_id"]}},
    "retrieval": _CONTEXT,
    "files": _CONTEXT,
}


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


# --- the legacy protocol -------------------------------------------------------------------------------------------


def legacy_body(given: Answer) -> Json:
    """A ``GenerateContentResponse``."""
    rest = {"usageMetadata": _legacy_usage(given), "modelVersion": given.model, "responseId": given.id}
    if given.finish == "blocked":
        return {"promptFeedback": {"blockReason": "SAFETY"}, **rest}
    reason = "MAX_TOKENS" if given.finish == "max_tokens" else "STOP"
    content: Json = {"role": "model"}
    if parts := list(_legacy_parts(given.items)):
        content["parts"] = parts
    candidate = {"content": content, "finishReason": reason, "index": 0, **_legacy_metadata(given.items)}
    return {"candidates": [candidate], **rest}


def legacy_chunks(given: Answer) -> Iterator[Json]:
    """The same answer in pieces, the last one of which says how it ended."""
    whole = legacy_body(given)
    pieces = list(_legacy_parts([piece for item in given.items for piece in _pieces(item)]))
    if given.broken:
        yield _legacy_chunk(whole, pieces[0])
        yield legacy_error(given.broken)
        return
    for piece in pieces[:-1]:
        yield _legacy_chunk(whole, piece)
    for candidate in whole.get("candidates", []):
        candidate["content"] = {"role": "model", "parts": pieces[-1:] or [{"text": ""}]}
    yield whole


def _legacy_chunk(whole: Json, part: Json) -> Json:
    return {"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}], **_identity(whole)}


def _identity(whole: Json) -> Json:
    return {"modelVersion": whole["modelVersion"], "responseId": whole["responseId"]}


def _pieces(item: Json) -> list[Json]:
    if item["type"] != "text" or len(item["text"]) < 3:
        return [item]
    third = len(item["text"]) // 3
    cuts = (item["text"][:third], item["text"][third : 2 * third], item["text"][2 * third :])
    return [{"type": "text", "text": cut} for cut in cuts]


def _legacy_parts(items: list[Json]) -> Iterator[Json]:
    signature: Json = {}
    for item in items:
        match item["type"]:
            case "thought":
                yield {"text": item["text"], "thought": True}
            case "text":
                yield {"text": item["text"], **signature}
                signature = {}
            case "signature":
                signature = {"thoughtSignature": item["signature"]}
            case "call":
                call = {key: item[key] for key in ("id", "name", "args")}
                yield {"functionCall": call, **signature}
                signature = {}
            case "image" | "audio":
                mime = "audio/L16;codec=pcm;rate=24000" if item["type"] == "audio" else item["mime_type"]
                yield {"inlineData": {"mimeType": mime, "data": item["data"]}}
            case "code":
                yield {"executableCode": {"language": "PYTHON", "code": item["code"]}}
            case "ran":
                yield {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": item["output"]}}


def _legacy_metadata(items: list[Json]) -> Json:
    found: Json = {}
    grounding: Json = {}
    for item in items:
        match item["type"]:
            case "search":
                grounding["webSearchQueries"] = item["queries"]
                grounding["searchEntryPoint"] = {"renderedContent": item["html"]}
            case "retrieval":
                grounding["retrievalQueries"] = item["queries"]
            case "maps":
                grounding["googleMapsWidgetContextToken"] = item["token"]
            case "url":
                status = "URL_RETRIEVAL_STATUS_SUCCESS"
                done = [{"retrievedUrl": url, "urlRetrievalStatus": status} for url in item["urls"]]
                found["urlContextMetadata"] = {"urlMetadata": done}
    if chunks := [_CHUNKS[item["type"]] for item in items if item["type"] in _CHUNKS]:
        grounding["groundingChunks"] = chunks
        grounding["groundingSupports"] = [_support(items, len(chunks))]
    return {**found, "groundingMetadata": grounding} if grounding else found


def _cited(items: list[Json]) -> tuple[int, int, str]:
    """Where the cited words stand, in bytes of the last text, and the words."""
    text = [item["text"] for item in items if item["type"] == "text"][-1]
    return 0, len(text.encode()), text


def _support(items: list[Json], sources: int) -> Json:
    start, end, text = _cited(items)
    part = sum(item["type"] == "text" for item in items) - 1
    segment = {"partIndex": part, "startIndex": start, "endIndex": end, "text": text}
    return {"segment": segment, "groundingChunkIndices": list(range(sources))}


def _legacy_usage(given: Answer) -> Json | None:
    usage = given.usage
    if not usage:
        return None
    named = {
        "promptTokenCount": usage["input"],
        "candidatesTokenCount": usage["output"],
        "totalTokenCount": sum(usage.values()),
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": usage["input"]}],
    }
    if usage["thought"]:
        named["thoughtsTokenCount"] = usage["thought"]
    if usage["tools"]:
        named["toolUsePromptTokenCount"] = usage["tools"]
    return named


def legacy_error(status: int, message: str = "") -> Json:
    """An error body of the legacy protocol."""
    name = STATUSES.get(status, ("UNKNOWN", ""))[0]
    return {"error": {"code": status, "message": message or f"as asked: {status}", "status": name}}


# --- the Interactions protocol -------------------------------------------------------------------------------------


def interaction_body(given: Answer) -> Json:
    """An ``Interaction``."""
    status = {"call": "requires_action", "max_tokens": "incomplete"}.get(given.finish, "completed")
    return {
        "id": given.id,
        "object": "interaction",
        "model": given.model,
        "status": status,
        "created": "2026-11-01T00:00:00Z",
        "steps": list(_steps(given.items)),
        "usage": _usage_body(given),
    }


def _steps(items: list[Json]) -> Iterator[Json]:
    content: list[Json] = []
    for item in items:
        if item["type"] in ("text", "image", "audio"):
            content.append(_block(item, items))
            continue
        if content:
            yield {"type": "model_output", "content": content}
            content = []
        yield from _step(item)
    if content:
        yield {"type": "model_output", "content": content}


def _block(item: Json, items: list[Json]) -> Json:
    if item["type"] != "text":
        extra = {"sample_rate": 24000} if item["type"] == "audio" else {}
        return {**item, **extra}
    block: Json = {"type": "text", "text": item["text"]}
    sources = [_CITATIONS[each["type"]] for each in items if each["type"] in _CITATIONS]
    if sources and item is [e for e in items if e["type"] == "text"][-1]:
        start, end, _ = _cited(items)
        block["annotations"] = [{**source, "start_index": start, "end_index": end} for source in sources]
    return block


def _step(item: Json) -> Iterator[Json]:
    match item["type"]:
        case "thought":
            yield {"type": "thought", "summary": [{"type": "text", "text": item["text"]}]}
        case "signature":
            yield {"type": "thought", "signature": item["signature"]}
        case "call":
            yield {"type": "function_call", "id": item["id"], "name": item["name"], "arguments": item["args"]}
        case "code":
            arguments = {"code": item["code"], "language": "python"}
            yield {"type": "code_execution_call", "id": item["id"], "arguments": arguments}
        case "ran":
            yield {"type": "code_execution_result", "call_id": item["id"], "result": item["output"], "is_error": False}
        case "search":
            yield {"type": "google_search_call", "id": item["id"], "arguments": {"queries": item["queries"]}}
            suggestions = [{"search_suggestions": item["html"]}]
            yield {"type": "google_search_result", "call_id": item["id"], "result": suggestions}
        case "maps":
            yield {"type": "google_maps_call", "id": item["id"], "arguments": {"queries": ["where"]}}
            places = [{"places": [_PLACE], "widget_context_token": item["token"]}]
            yield {"type": "google_maps_result", "call_id": item["id"], "result": places}
        case "retrieval":
            arguments = {"queries": item["queries"]}
            yield {"type": "retrieval_call", "id": item["id"], "arguments": arguments}
            yield {"type": "retrieval_result", "call_id": item["id"]}
        case "files":
            yield {"type": "file_search_call", "id": item["id"]}
            yield {"type": "file_search_result", "call_id": item["id"]}
        case "url":
            yield {"type": "url_context_call", "id": item["id"], "arguments": {"urls": item["urls"]}}
            pages = [{"url": url, "status": "success"} for url in item["urls"]]
            yield {"type": "url_context_result", "call_id": item["id"], "result": pages}


def _usage_body(given: Answer) -> Json | None:
    usage = given.usage
    if not usage:
        return None
    return {
        "total_input_tokens": usage["input"],
        "total_output_tokens": usage["output"],
        "total_thought_tokens": usage["thought"],
        "total_tool_use_tokens": usage["tools"],
        "total_tokens": sum(usage.values()),
        "input_tokens_by_modality": [{"modality": "text", "tokens": usage["input"]}],
    }


def interaction_events(given: Answer) -> Iterator[Json]:
    """The same answer as a stream of events."""
    whole = interaction_body(given)
    short = {key: whole[key] for key in ("id", "object", "model", "status")}
    yield {"event_type": "interaction.created", "interaction": {**short, "status": "in_progress"}}
    events = [
        event for at, step in enumerate(whole["steps"]) for event in _step_events(at, step, at_once=given.at_once)
    ]
    if given.broken:
        yield from events[: next(at for at, each in enumerate(events) if _is_text(each)) + 1]
        code = STATUSES[given.broken][1]
        yield {"event_type": "error", **interaction_error(code, f"as asked: {given.broken}")}
        return
    yield from events
    yield {"event_type": "interaction.completed", "interaction": {**short, "usage": whole["usage"]}}


def _is_text(event: Json) -> bool:
    return bool(event.get("delta", {}).get("type") == "text" or event.get("step", {}).get("content"))


def _step_events(index: int, step: Json, *, at_once: bool) -> Iterator[Json]:
    def delta(**fields: object) -> Json:
        return {"event_type": "step.delta", "index": index, "delta": fields}

    match step:
        case {"type": "model_output", "content": blocks}:
            pieces = [piece for block in blocks for piece in _pieces(block)]
            started = {"content": [pieces.pop(0)]} if at_once else {}
            yield {"event_type": "step.start", "index": index, "step": {"type": "model_output", **started}}
            yield from (delta(**piece) for piece in pieces)
            cited = [each for block in blocks for each in block.get("annotations", [])]
            yield from [delta(type="text_annotation_delta", annotations=cited)] if cited else []
        case {"type": "thought", "summary": summary}:
            yield {"event_type": "step.start", "index": index, "step": {"type": "thought"}}
            yield from (delta(type="thought_summary", content=each) for each in summary)
        case {"type": "thought", "signature": signature}:
            yield {"event_type": "step.start", "index": index, "step": {"type": "thought"}}
            yield delta(type="thought_signature", signature=signature)
        case {"type": "function_call", "arguments": arguments}:
            yield {"event_type": "step.start", "index": index, "step": {**step, "arguments": {}}}
            text = json.dumps(arguments)
            yield delta(type="arguments_delta", arguments=text[:5])
            yield delta(type="arguments_delta", arguments=text[5:])
        case _:
            late = ("arguments", "result", "is_error")
            started = {key: value for key, value in step.items() if key not in late}
            yield {"event_type": "step.start", "index": index, "step": started}
            yield delta(type=step["type"], **{key: step[key] for key in late if key in step})
    yield {"event_type": "step.stop", "index": index}


def interaction_error(code: str, message: str) -> Json:
    """An error body of the Interactions protocol."""
    return {"error": {"code": code, "message": message}}
