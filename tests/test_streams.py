"""The generators that read a stream, met with every order of events that the SDK lets through."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace as Event
from typing import Any, Self

import pytest
from google.genai import errors, interactions

from migrator.python.helpers.definitions import plain
from migrator.python.helpers.streams import NEEDED_BY


def helpers(*names: str) -> dict[str, Any]:
    """A module that defines the helpers called ``names``."""
    module: dict[str, Any] = {"json": json, "errors": errors, "interactions": interactions}
    for each in plain(names):
        exec(each.code, module)
    return module


def helper(name: str) -> Any:
    """One of the generators, as a rewritten file has it."""
    return helpers(*NEEDED_BY[name])[f"_{name}"]


@dataclass
class Stream:
    """What ``create(stream=True)`` gives, sync and async; it remembers whether it was closed."""

    events: list[Any]
    closed: list[bool] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.append(True)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.events)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.closed.append(True)

    async def __aiter__(self) -> AsyncIterator[Any]:
        for event in self.events:
            yield event


def start(index: int, **step: Any) -> Event:
    return Event(event_type="step.start", index=index, step=Event(**step))


def delta(index: int, **data: Any) -> Event:
    return Event(event_type="step.delta", index=index, delta=Event(**data))


def stop(index: int) -> Event:
    return Event(event_type="step.stop", index=index)


def text(said: str) -> Event:
    return Event(type="text", text=said)


def completed() -> Event:
    return Event(
        event_type="interaction.completed", interaction=Event(id="1", model="gemini", status="completed", usage=None)
    )


def failed(code: str | None) -> Event:
    return Event(event_type="error", error=Event(code=code, message="as asked"))


SPOKEN = [
    Event(event_type="interaction.created", interaction=None),
    start(0, type="thought", summary=[text("hm")], signature=None),
    delta(0, type="thought_summary", content=text("well")),
    delta(0, type="thought_signature", signature="c2ln"),
    stop(0),
    start(1, type="model_output", content=[text("Once "), Event(type="image", data="")]),
    delta(1, type="text", text="upon "),
    delta(1, type="text_annotation_delta", annotations=[]),
    delta(1, type="text", text="a time"),
    stop(1),
    Event(event_type="UNKNOWN", raw={}),
    completed(),
]


def test_text_is_given_as_it_arrives() -> None:
    assert list(helper("texts")(Stream(SPOKEN))) == ["Once ", "upon ", "a time"]


def test_text_is_given_as_it_arrives_to_asynchronous_readers() -> None:
    async def read() -> list[str]:
        return [said async for said in helper("async_texts")(Stream(SPOKEN))]

    assert asyncio.run(read()) == ["Once ", "upon ", "a time"]


def test_pieces_say_what_they_are() -> None:
    pieces = list(helper("replies")(Stream(SPOKEN)))
    assert [piece.output_text for piece in pieces] == ["", "", "Once ", "upon ", "a time", ""]
    assert [step.type for piece in pieces for step in piece.steps] == ["thought"] * 2 + ["model_output"] * 4
    assert [piece.status for piece in pieces] == [None] * 5 + ["completed"]


def test_where_no_parts_are_read_there_are_texts_and_an_end() -> None:
    pieces = list(helper("texts_and_end")(Stream(SPOKEN)))
    assert [piece.output_text for piece in pieces] == ["Once ", "upon ", "a time", ""]
    assert [piece.status for piece in pieces] == [None] * 3 + ["completed"]


def test_an_end_without_usage_has_none() -> None:
    for name in ("replies", "texts_and_end"):
        [piece] = helper(name)(Stream([completed()]))
        assert (piece.usage, piece.steps or []) == (None, [])


def test_pieces_are_put_together_to_the_steps_that_were_said() -> None:
    module = helpers(*NEEDED_BY["replies"], "piece.signed", "whole")
    signed = interactions.ThoughtStep(signature="bGFzdA==")
    events = [
        delta(0, type="thought_summary", content=interactions.TextContent(text="hm, ")),
        delta(0, type="thought_signature", signature="c2ln"),
        *(
            Event(event_type="step.delta", index=1, delta=interactions.TextContent(text=each))
            for each in ("Once ", "upon")
        ),
        Event(event_type="step.start", index=2, step=signed),
        completed(),
    ]
    pieces = list(module["_replies"](Stream(events)))
    assert [len(piece.steps) for piece in pieces] == [1, 2, 1, 1]
    assert module["_whole"](step for piece in pieces for step in piece.steps) == [
        {"type": "thought", "summary": [{"type": "text", "text": "hm, "}], "signature": "c2ln"},
        {"type": "model_output", "content": [{"type": "text", "text": "Once upon"}]},
        {"type": "thought", "signature": "bGFzdA=="},
    ]


def test_the_last_piece_may_tell_the_end() -> None:
    module = helpers(*NEEDED_BY["replies"], "with_end")
    pieces = list(module["_with_end"](module["_replies"](Stream(SPOKEN))))
    assert [piece.output_text for piece in pieces] == ["", "", "Once ", "upon ", "a time"]
    assert [piece.status for piece in pieces] == [None] * 4 + ["completed"]
    [alone] = module["_with_end"](module["_replies"](Stream([completed()])))
    assert alone.status == "completed"
    left = Stream(SPOKEN)
    next(module["_with_end"](module["_replies"](left)))
    assert left.closed == [True]


def test_a_piece_that_waits_comes_before_the_error() -> None:
    module = helpers(*NEEDED_BY["replies"], "with_end")
    reading = module["_with_end"](
        module["_replies"](Stream([delta(0, type="text", text="Once "), failed("unavailable")]))
    )
    assert next(reading).output_text == "Once "
    with pytest.raises(errors.ServerError):
        next(reading)


@pytest.mark.parametrize("pieces", [['{"town": ', '"Bern"}'], ['{"town": "Bern"}'], []])
def test_a_call_comes_when_it_is_whole(pieces: list[str]) -> None:
    given = {} if pieces else {"town": "Bern"}
    events = [start(0, type="function_call", id="1", name="weather", arguments=given)]
    events += [delta(0, type="arguments_delta", arguments=piece) for piece in pieces]
    [piece] = helper("replies")(Stream([*events, stop(0)]))
    assert [(step.name, step.arguments) for step in piece.steps] == [("weather", {"town": "Bern"})]


def test_parallel_calls_keep_their_arguments_apart() -> None:
    events = [
        start(0, type="function_call", id="1", name="weather", arguments={}),
        start(1, type="function_call", id="2", name="time", arguments={}),
        delta(1, type="arguments_delta", arguments='{"zone": 1}'),
        delta(0, type="arguments_delta", arguments='{"town": 2}'),
        stop(1),
        stop(0),
    ]
    calls = [step for piece in helper("replies")(Stream(events)) for step in piece.steps]
    assert [(call.name, call.arguments) for call in calls] == [("time", {"zone": 1}), ("weather", {"town": 2})]


@pytest.mark.parametrize("name", ["texts", "texts_and_end", "replies"])
@pytest.mark.parametrize(
    ("code", "kind", "status"),
    [
        ("unavailable", errors.ServerError, 503),
        ("rate_limit_exceeded", errors.ClientError, 429),
        ("content_blocked", errors.ClientError, 400),
        ("something new", errors.ServerError, 500),
        (None, errors.ServerError, 500),
    ],
)
def test_an_error_is_raised_after_what_came_before_it(
    name: str, code: str | None, kind: type[errors.APIError], status: int
) -> None:
    reading = helper(name)(Stream([delta(0, type="text", text="Once "), failed(code)]))
    next(reading)
    with pytest.raises(kind) as caught:
        next(reading)
    assert (caught.value.code, caught.value.message) == (status, "as asked")


def test_an_error_that_says_nothing_is_raised() -> None:
    with pytest.raises(errors.ServerError):
        list(helper("texts")(Stream([Event(event_type="error", error=None)])))


@pytest.mark.parametrize("name", ["texts", "texts_and_end", "replies"])
def test_a_stream_is_closed_where_its_loop_is_left(name: str) -> None:
    stream = Stream(SPOKEN)
    for _ in helper(name)(stream):
        break
    assert stream.closed == [True]


@pytest.mark.parametrize("name", ["async_texts", "async_texts_and_end", "async_replies"])
def test_an_asynchronous_stream_is_closed_where_its_loop_is_left(name: str) -> None:
    stream = Stream(SPOKEN)

    async def read() -> None:
        async for _ in helper(name)(stream):
            break

    asyncio.run(read())
    assert stream.closed == [True]
