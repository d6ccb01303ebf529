"""The functions that rewritten code may bring along to read a streamed reply; each is defined once in a file."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

_TEXTS = '''\
def _texts(events):
    """The text of a streamed reply, piece by piece as it arrives."""
    with events:
        for event in events:
            if event.event_type == "error":
                raise _stream_error(event.error)
            if event.event_type == "step.delta" and event.delta.type == "text":
                yield event.delta.text
            elif event.event_type == "step.start" and event.step.type == "model_output":
                for content in event.step.content or []:
                    if content.type == "text":
                        yield content.text
'''
_PIECES = '''\
def _pieces(events):
    """A streamed reply in pieces: interactions with the steps that came since the last one."""
    known: dict = {}
    with events:
        for event in events:
            piece = _piece(event, known)
            if piece is not None and piece.steps and piece.status is None:
                yield piece
'''
_REPLIES = '''\
def _replies(events):
    """A streamed reply in pieces: interactions with the steps that came since the last one, then how it ended."""
    known: dict = {}
    with events:
        for event in events:
            piece = _piece(event, known)
            if piece is not None:
                yield piece
'''
_TEXTS_AND_END = '''\
def _texts_and_end(events):
    """A streamed reply in pieces: interactions with the text that came since the last one, then how it ended."""
    with events:
        for event in events:
            text, end = "", None
            match event.event_type:
                case "error":
                    raise _stream_error(event.error)
                case "step.delta" if event.delta.type == "text":
                    text = event.delta.text
                case "step.start" if event.step.type == "model_output":
                    text = "".join(content.text for content in event.step.content or [] if content.type == "text")
                case "interaction.completed":
                    end = event.interaction
            if text or end is not None:
                piece = interactions.Interaction(status="in_progress")
                vars(piece).update(output_text=text, status=end and end.status, usage=end and end.usage)
                yield piece
'''


_PIECE = '''\
def _piece(event, known):
    """The piece that one event makes, or None; known holds what is not whole yet, and what comes with the end."""
    head, end, steps = known.get("head"), None, []
    match event.event_type:
        case "error":
            raise _stream_error(event.error)
        case "interaction.created":
            known["head"] = event.interaction
        case "step.start" if event.step.type not in ("model_output", "thought"):
            known[event.index] = event.step, []
        case "step.start" if event.step.content if event.step.type == "model_output" else event.step.summary:
            steps.append(event.step)
        case "step.delta" if event.delta.type in ("text", "image", "audio"):
            steps.append(interactions.ModelOutputStep.model_construct(content=[event.delta]))
        case "step.delta" if event.delta.type == "thought_summary":
            steps.append(interactions.ThoughtStep.model_construct(summary=[event.delta.content]))
        case "step.delta" if event.delta.type == "text_annotation_delta":
            cited = interactions.TextContent.model_construct(text="", annotations=event.delta.annotations)
            known.setdefault("last", []).append(interactions.ModelOutputStep.model_construct(content=[cited]))
        case "step.delta" if event.delta.type == "arguments_delta":
            known[event.index][1].append(event.delta.arguments)
        case "step.delta" if event.index in known:
            step, said = known[event.index]
            new = {name: value for name, value in event.delta if value is not None}
            known[event.index] = step.model_copy(update=new), said
        case "step.stop" if event.index in known:
            step, said = known.pop(event.index)
            if step.type == "function_call":
                step.arguments = json.loads("".join(said)) if said else step.arguments or {}
            code = step.type in ("function_call", "code_execution_call", "code_execution_result")
            (steps if code else known.setdefault("last", [])).append(step)
        case "interaction.completed":
            head = end = event.interaction
            steps = known.pop("last", [])
    if not steps and end is None:
        return None
    contents = [content for step in steps if step.type == "model_output" for content in step.content]
    piece = interactions.Interaction(status="in_progress")
    vars(piece).update(
        id=head.id if head is not None else "",
        model=head.model if head is not None else None,
        steps=steps,
        output_text="".join(content.text for content in contents if content.type == "text"),
        status=end.status if end is not None else None,
        usage=end.usage if end is not None else None,
    )
    return piece
'''
_SIGNED_CASES = """\
        case "step.start" if event.step.type == "thought" and event.step.signature:
            known.setdefault("signed", []).append(event.step)
        case "step.delta" if event.delta.type == "thought_signature":
            thought = interactions.ThoughtStep.model_construct(signature=event.delta.signature)
            known.setdefault("signed", []).append(thought)
"""
_WITH_END = '''\
def _with_end(pieces):
    """The pieces of a streamed reply, the last of which also tells how it ended."""
    last = None
    try:
        for piece in pieces:
            if last is not None and piece.status is not None:
                vars(last).update(status=piece.status, usage=piece.usage, steps=[*last.steps, *piece.steps])
                continue
            if last is not None:
                yield last
            last = piece
    except Exception:
        if last is not None:
            yield last
        raise
    if last is not None:
        yield last
'''
_RECORD = '''\
def _record(steps, event):
    """Let the steps of a reply grow by what one event of its stream says."""
    if event.event_type == "step.start":
        steps[event.index] = event.step.model_dump(exclude_none=True)
    elif event.event_type == "step.delta":
        step, delta = steps[event.index], event.delta.model_dump(exclude_none=True)
        match delta.pop("type"):
            case "text" if step.get("content") and step["content"][-1]["type"] == "text":
                step["content"][-1]["text"] += delta["text"]
            case "text" | "image" | "audio" | "video" | "document" as kind:
                step["content"] = [*step.get("content", []), {"type": kind, **delta}]
            case "thought_summary":
                step["summary"] = [*step.get("summary", []), delta["content"]]
            case "arguments_delta":
                step["pieces"] = step.get("pieces", "") + delta["arguments"]
            case "text_annotation_delta" | "UNKNOWN":
                pass  # it is no part of what the next turn needs
            case _:
                step.update(delta)
    elif event.event_type == "step.stop" and "pieces" in steps[event.index]:
        step = steps[event.index]
        step["arguments"] = json.loads(step.pop("pieces"))
'''
_RECORD_SAID = '''\
def _record(steps, event):
    """Let the steps of a reply grow by what one event of its stream says."""
    if event.event_type == "step.start":
        steps[event.index] = event.step.model_dump(exclude_none=True)
    elif event.event_type == "step.delta":
        step, delta = steps[event.index], event.delta.model_dump(exclude_none=True)
        match delta["type"]:
            case "text" if step.get("content") and step["content"][-1]["type"] == "text":
                step["content"][-1]["text"] += delta["text"]
            case "text" | "image" | "audio" | "video" | "document":
                step["content"] = [*step.get("content", []), delta]
            case "thought_summary":
                step["summary"] = [*step.get("summary", []), delta["content"]]
            case "thought_signature":
                step["signature"] = delta["signature"]
'''
CALLS, OF_CHAT, OF_MODEL, SIGNED = "calls", "of_chat", "of_model", "signed"


def piece(parts: AbstractSet[str]) -> str:
    """What makes pieces of events: with the signatures of thoughts only where steps are sent back."""
    if SIGNED not in parts:
        return _PIECE
    found = _PIECE.replace(
        '        case "step.delta" if event.delta.type in (',
        _SIGNED_CASES + '        case "step.delta" if event.delta.type in (',
    )
    return found.replace("    contents = [", '    steps = known.pop("signed", []) + steps\n    contents = [')


def record(parts: AbstractSet[str]) -> str:
    """What keeps the steps of a streamed reply: calls among them only where there are tools."""
    return _RECORD if CALLS in parts else _RECORD_SAID


def wrapper(name: str, parts: AbstractSet[str]) -> str:
    """A generator around a stream: a stream of the model is closed by it, a chat closes its stream itself."""
    code, asynchronous = STREAM_HELPERS[name], name.startswith("async_")
    if OF_CHAT not in parts:
        return code
    before, opened, after = code.partition(f"    {'async ' if asynchronous else ''}with events:\n")
    assert opened
    if OF_MODEL not in parts:
        return before + re.sub("^    ", "", after, flags=re.MULTILINE)
    if asynchronous:
        closing = '    closing = contextlib.aclosing(events) if hasattr(events, "aclose") else events\n'
        return f"{before}{closing}    async with closing:\n{after}"
    return f"{before}    with contextlib.closing(events):\n{after}"


def _asynchronous(helper: str, name: str) -> str:
    """The twin of a helper that reads an asynchronous stream."""
    twin = helper.replace("with events:", "async with events:").replace("for event in", "async for event in")
    return twin.replace(f"def _{name}(", f"async def _async_{name}(")


STREAM_HELPERS = {
    "texts": _TEXTS,
    "async_texts": _asynchronous(_TEXTS, "texts"),
    "pieces": _PIECES,
    "async_pieces": _asynchronous(_PIECES, "pieces"),
    "replies": _REPLIES,
    "async_replies": _asynchronous(_REPLIES, "replies"),
    "texts_and_end": _TEXTS_AND_END,
    "async_texts_and_end": _asynchronous(_TEXTS_AND_END, "texts_and_end"),
    "with_end": _WITH_END,
    "async_with_end": _WITH_END.replace("def _with", "async def _async_with").replace("for piece", "async for piece"),
    "whole": '''\
def _whole(pieces):
    """The steps that the pieces of a reply make, as they are sent back."""
    steps = []
    for piece in pieces:
        step = piece.model_dump(exclude={"content"}, exclude_none=True)
        last = steps[-1] if steps and steps[-1]["type"] == piece.type else None
        match piece.type:
            case "model_output":
                if last is None:
                    steps.append(last := {"type": "model_output", "content": []})
                for content in piece.content or []:
                    said = content.model_dump(exclude_none=True)
                    if said["type"] == "text" and last["content"] and last["content"][-1]["type"] == "text":
                        last["content"][-1]["text"] += said["text"]
                    elif said.get("text") != "":
                        last["content"].append(said)
            case "thought" if last is not None and "signature" not in last:
                last.update(step, summary=last.get("summary", []) + step.get("summary", []))
            case _:
                steps.append(step)
    return steps
''',
    "stream_error": '''\
def _stream_error(error):
    """What an error inside a stream is raised as: an exception of the classes that generate_content raises."""
    code, message = (error.code or "", error.message) if error is not None else ("", "")
    known = {"rate_limit_exceeded": 429, "quota_exceeded": 429, "too_many_requests": 429, "unavailable": 503}
    blocked = ("content_blocked", "safety", "recitation", "prohibited_content", "blocklist", "spii")
    status = 400 if code in blocked else known.get(code, 500)
    kind = errors.ServerError if status >= 500 else errors.ClientError
    return kind(status, {"error": {"code": status, "status": code, "message": message}})
''',
}
STREAM_MODULES = {"piece": ("json",)}
NEEDED_BY = {
    "texts": ("texts", "stream_error"),
    "async_texts": ("async_texts", "stream_error"),
    "texts_and_end": ("texts_and_end", "stream_error"),
    "async_texts_and_end": ("async_texts_and_end", "stream_error"),
    "pieces": ("pieces", "piece", "stream_error"),
    "async_pieces": ("async_pieces", "piece", "stream_error"),
    "replies": ("replies", "piece", "stream_error"),
    "async_replies": ("async_replies", "piece", "stream_error"),
}
"""The helpers that come along with each of those that a stream is wrapped in."""
WRAPPERS = tuple(NEEDED_BY)
