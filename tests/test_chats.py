"""What a rewritten chat keeps of a streamed reply and tells of its history, for every kind of step."""

from __future__ import annotations

import asyncio
import contextlib
import json
from types import SimpleNamespace
from typing import Any

import pytest
from google.genai import interactions
from pydantic import TypeAdapter

from migrator.python.helpers.chats import CHAT_HELPERS, CHATS, PARTS, SEND, STREAM
from migrator.python.helpers.definitions import annotated, is_definition, parts_of, plain

STREAMING = ("Chat", "Chat.send_message_stream", "record", "record.calls")


def helpers(*names: str) -> dict[str, Any]:
    """A module that defines the helpers called ``names``."""
    module: dict[str, Any] = {
        "Any": Any,
        "SimpleNamespace": SimpleNamespace,
        "TypeAdapter": TypeAdapter,
        "contextlib": contextlib,
        "interactions": interactions,
        "json": json,
    }
    for each in plain(names):
        exec(each.code, module)
    return module


def start(index: int, **step: Any) -> interactions.StepStart:
    return interactions.StepStart.model_validate({"index": index, "step": step, "event_type": "step.start"})


def delta(index: int, **data: Any) -> interactions.StepDelta:
    return interactions.StepDelta.model_validate({"index": index, "delta": data, "event_type": "step.delta"})


def stop(index: int) -> interactions.StepStop:
    return interactions.StepStop.model_validate({"index": index, "event_type": "step.stop"})


COMPLETED = SimpleNamespace(event_type="interaction.completed", interaction=SimpleNamespace(id="v1_abc"))


def recorded(*events: Any) -> list[dict[str, Any]]:
    """The steps that ``events`` make."""
    known: list[list[dict[str, Any]]] = []
    for parts in (("record",), ("record", "record.calls")):
        steps: dict[int, dict[str, Any]] = {}
        for event in events:
            helpers(*parts)["_record"](steps, event)
        known.append(list(steps.values()))
    short, whole = known
    assert short == whole or any(step["type"] not in ("model_output", "thought") for step in whole)
    return whole


def test_text_is_put_together_from_the_start_of_its_step_on() -> None:
    began = start(0, type="model_output", content=[{"type": "text", "text": "Hel"}])
    assert recorded(began, delta(0, type="text", text="lo"), stop(0)) == [
        {"type": "model_output", "content": [{"type": "text", "text": "Hello"}]}
    ]


def test_a_picture_parts_two_texts() -> None:
    events = [
        start(0, type="model_output"),
        delta(0, type="text", text="a"),
        delta(0, type="image", data="aGk=", mime_type="image/png"),
        delta(0, type="text", text="b"),
    ]
    (step,) = recorded(*events)
    assert [content["type"] for content in step["content"]] == ["text", "image", "text"]
    assert step["content"][1]["data"] == "aGk="


def test_a_thought_keeps_its_summary_and_its_signature() -> None:
    said = {"type": "text", "text": "Hm"}
    events = [start(0, type="thought"), delta(0, type="thought_summary", content=said)]
    signed = delta(0, type="thought_signature", signature="c2ln")
    assert recorded(*events, signed, stop(0)) == [{"type": "thought", "summary": [said], "signature": "c2ln"}]


def test_a_call_is_whole_and_signed() -> None:
    began = start(1, type="function_call", id="c1", name="light", arguments={}, signature="c2ln")
    pieces = [delta(1, type="arguments_delta", arguments=piece) for piece in ('{"on"', ": true}")]
    assert recorded(began, *pieces, stop(1)) == [
        {"type": "function_call", "id": "c1", "name": "light", "arguments": {"on": True}, "signature": "c2ln"}
    ]


def test_a_search_of_the_service_is_kept() -> None:
    began = start(0, type="google_search_call", id="s1", arguments={})
    asked = delta(0, type="google_search_call", arguments={"queries": ["q"]}, signature="c2ln")
    (step,) = recorded(began, asked, stop(0))
    assert (step["id"], step["arguments"], step["signature"]) == ("s1", {"queries": ["q"]}, "c2ln")


class Client:
    """A client whose one stream is given; it keeps what it is asked."""

    def __init__(self, *events: Any) -> None:
        self.events = events
        self.asked: list[dict[str, Any]] = []
        self.interactions = self

    def create(self, **body: Any) -> Any:
        self.asked.append(body)
        return Stream(self.events)


class Stream:
    """A stream of events, one of which may be an exception."""

    def __init__(self, events: tuple[Any, ...]) -> None:
        self.events = events

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __iter__(self) -> Any:
        for event in self.events:
            if isinstance(event, Exception):
                raise event
            yield event


SAID = (start(0, type="model_output"), delta(0, type="text", text="Hello"), stop(0))


def streamed(*events: Any, read: int = 100) -> tuple[Any, Client]:
    """A chat whose reply of ``events`` was read to its end, or for ``read`` events."""
    client = Client(*events)
    chat = helpers(*STREAMING)["_Chat"](client, "gemini-2.5-flash", temperature=1)
    for position, _ in enumerate(chat.send_message_stream("Hi"), 1):
        if position == read:
            break
    return chat, client


def test_a_whole_reply_is_a_turn() -> None:
    chat, client = streamed(*SAID, COMPLETED)
    assert [step["type"] for step in chat.history] == ["user_input", "model_output"]
    (body,) = client.asked
    assert (body["store"], body["stream"], body["temperature"]) == (False, True, 1)


def test_a_reply_that_is_not_read_to_its_end_is_no_turn() -> None:
    assert streamed(*SAID, COMPLETED, read=2)[0].history == []


def test_a_reply_that_does_not_end_is_no_turn() -> None:
    assert streamed(*SAID)[0].history == []


def test_a_reply_that_fails_is_no_turn() -> None:
    with pytest.raises(OSError, match="lost"):
        streamed(*SAID, OSError("lost"))
    client = Client(*SAID, OSError("lost"))
    chat = helpers(*STREAMING)["_Chat"](client, "gemini-2.5-flash")
    with pytest.raises(OSError, match="lost"):
        list(chat.send_message_stream("Hi"))
    assert chat.history == []


def test_turns_tell_who_speaks() -> None:
    history = [
        {"type": "user_input", "content": [{"type": "text", "text": "Hi"}]},
        interactions.ThoughtStep(signature="c2ln"),
        interactions.ModelOutputStep(content=[interactions.TextContent(text="Hello")]),
        {"type": "user_input", "content": [{"type": "text", "text": "On"}]},
        {"type": "function_call", "id": "c1", "name": "light", "arguments": {}},
        {"type": "function_call", "id": "c2", "name": "light", "arguments": {}},
        {"type": "function_result", "call_id": "c1", "name": "light", "result": {}},
        {"type": "function_result", "call_id": "c2", "name": "light", "result": {}},
    ]
    turns = helpers("turns")["_turns"](history)
    assert [(turn.role, len(turn.parts), len(turn.steps)) for turn in turns] == [
        ("user", 1, 1),
        ("model", 1, 2),
        ("user", 1, 1),
        ("model", 2, 2),
        ("user", 2, 2),
    ]
    assert turns[1].parts[0].text == "Hello"
    assert [step.type for turn in turns for step in turn.steps] == [
        step["type"] if isinstance(step, dict) else step.type for step in history
    ]


@pytest.mark.parametrize("name", [*CHAT_HELPERS, *CHATS])
@pytest.mark.parametrize("parts", [(), PARTS], ids=["short", "whole"])
def test_annotated_helpers_annotate_every_function(name: str, parts: tuple[str, ...]) -> None:
    (helper,) = annotated([name, *(f"{name}.{part}" for part in parts)])
    compile(helper.code, name, "exec")
    assert all("->" in line for line in helper.code.splitlines() if "def " in line)


@pytest.mark.parametrize("name", CHATS)
def test_a_class_serves_whoever_needs_no_more(name: str) -> None:
    wanted = [name, *(f"{name}.{part}" for part in PARTS)]
    (whole,) = plain(wanted)
    (texts,) = plain([name, f"{name}.{SEND}"])
    assert is_definition(name, whole.code, parts_of(name, wanted))
    assert is_definition(name, whole.code, frozenset({SEND}))
    assert is_definition(name, texts.code, frozenset({SEND}))
    assert not is_definition(name, texts.code, frozenset({STREAM}))
    assert not is_definition(name, f"class _{name}: pass")


class Closed:
    """A stream that knows whether somebody closed it."""

    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> Any:
        yield from SAID

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@pytest.mark.parametrize("parts", [("texts.of_model",), ("texts.of_model", "texts.of_chat")], ids=["model", "both"])
def test_a_stream_of_the_model_is_closed_when_its_reader_stops(parts: tuple[str, ...]) -> None:
    stream = Closed()
    texts = helpers("texts", *parts)["_texts"](stream)
    assert next(texts) == "Hello"
    assert not stream.closed
    texts.close()
    assert stream.closed


async def _abandoned(texts: Any) -> str:
    first: str = await anext(texts)
    await texts.aclose()
    return first


@pytest.mark.parametrize("of_chat", [False, True], ids=["model", "chat"])
def test_either_asynchronous_stream_is_closed_when_its_reader_stops(of_chat: bool) -> None:
    closed: list[bool] = []

    async def events() -> Any:
        try:
            for event in SAID:
                yield event
        finally:
            closed.append(True)

    class Asynchronous:
        def __aiter__(self) -> Any:
            return events()

        async def __aenter__(self) -> Any:
            return self

        async def __aexit__(self, *_: object) -> None:
            closed.append(True)

    given = events() if of_chat else Asynchronous()
    parts = ("async_texts", "async_texts.of_model", "async_texts.of_chat")
    assert asyncio.run(_abandoned(helpers(*parts)["_async_texts"](given))) == "Hello"
    assert closed
