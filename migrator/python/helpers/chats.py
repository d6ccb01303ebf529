"""The class that a rewritten file brings along for its chats: what a chat of the legacy SDK kept and did.

``Chat.send_message_stream`` is a part of ``Chat`` that only a file whose chats stream has.
"""

from __future__ import annotations

CALL_ID_HELPER = '''\
def _call_id(history, name, position=0):
    """The id of the call that a result answers: among those of its function that have none yet, the one at position."""
    steps = [dict(step) for step in history]
    answered = {step["call_id"] for step in steps if step["type"] == "function_result"}
    calls = [step["id"] for step in steps if step["type"] == "function_call" and step["name"] == name]
    return [call for call in calls if call not in answered][position]
'''

_BEGIN = '''\
class {name}:
    """{summary}"""

    def __init__(self, client, model, history=(), **settings):
        self.client = client
        self.model = model
        self.history = list(history)
        self.settings = settings{id}

'''

_SEND = '''\
    {define} send_message(self, message, **settings):
        """The reply to a text, contents or results of functions; ``settings`` replace those of the chat."""
        turn = self._turn(message)
        interaction = {wait}self.client.interactions.create(
            model=self.model,
            input=[*self.history, *turn],
            {before}**(settings or self.settings),{after}
        )
        if interaction.steps:
            {keep}
        return interaction

'''

_SEND_AND_CALL = '''\
    {define} send_message(self, message, **settings):
        """The reply to a message; Python functions among the tools are called as often as replies ask for them."""
        settings = dict(settings or self.settings)
        tools, maximum = settings.pop("tools", ()), settings.pop("maximum_remote_calls", 10)
        turn = self._turn(message)
        for calls_left in reversed(range(max(maximum, 1))):
            interaction = {wait}self.client.interactions.create(
                model=self.model,
                input=[*self.history, *turn],
                {before_inside}tools=_declared(tools) or None,
                **settings,{after_inside}
            )
            if interaction.steps:
                {keep}
            turn = {wait}{results}(interaction.steps, tools) if calls_left else []
            if not turn:
                break
        return interaction

'''

_TURN = '''\
    @staticmethod
    def _turn(message):
        """The steps that a message is."""
        turn = [{{"type": "text", "text": message}}] if isinstance(message, str) else list(message)
        if any(item["type"] != "function_result" for item in turn):
            turn = [{{"type": "user_input", "content": turn}}]
        return turn
'''

_STREAM = '''\
    {define} send_message_stream(self, message, **settings):
        """The events of the reply as they come; the turn is kept when all of them are there."""
        turn = self._turn(message)
        events = {wait}self.client.interactions.create(
            model=self.model,
            input=[*self.history, *turn],
            {before}**(settings or self.settings),{after}
            stream=True,
        )
        return {recorded}(self, turn, events)
'''

_STREAM_AND_CALL = '''\
    {define} send_message_stream(self, message, **settings):
        """The events of the reply; Python functions among the tools are called as often as replies ask for them."""
        settings = dict(settings or self.settings)
        tools, maximum = settings.pop("tools", ()), settings.pop("maximum_remote_calls", 10)

        {define} ask(turn):
            events = {wait}self.client.interactions.create(
                model=self.model,
                input=[*self.history, *turn],
                {before_inside}tools=_declared(tools) or None,
                **settings,{after_inside}
                stream=True,
            )
            return {recorded}(self, turn, events)

        events = {wait}ask(self._turn(message))
        return {events}(events, tools, maximum, lambda _reply, _steps, results: ask(results))
'''

_RECORDED = '''\
class {recorded}:
    """The events of a streamed reply; its turn is kept in the chat when all of them have come."""

    def __init__(self, chat, turn, events):
        self.chat, self.turn, self.events = chat, turn, events

    {define} __{a}enter__(self):
        return self

    {define} __{a}exit__(self, *_):
        {wait}self.events.close()

    {define} __{a}iter__(self):
        {begin}
        {loop} event in self.events:{record}
            if event.event_type == "interaction.completed":
                completed = event.interaction
            yield event
        if {whole}:
            {keep}
'''

_TURNS = '''\
def _turns(history):
    """Who speaks in each turn of a conversation, and the parts of what is said."""
    turns = []
    for step in TypeAdapter(list[interactions.Step]).validate_python(history):
        role = "user" if step.type in ("user_input", "function_result") else "model"
        parts = step.content or [] if step.type in ("user_input", "model_output") else [step]
        if step.type == "thought" and not step.summary:
            parts = []  # only its signature
        if not turns or turns[-1].role != role or step.type == "user_input":
            turns.append(SimpleNamespace(role=role, parts=[], steps=[]))
        turns[-1].parts.extend(parts)
        turns[-1].steps.append(step)
    return turns
'''

_SYNC = {"define": "def", "wait": "", "a": "", "loop": "for", "results": "_function_results", "events": "_ToolEvents"}
_ASYNC = {
    "define": "async def",
    "wait": "await ",
    "a": "a",
    "loop": "async for",
    "results": "_async_function_results",
    "events": "_AsyncToolEvents",
}
_STATELESS = {
    "summary": "A conversation: its steps so far, and what is asked with each turn.",
    "id": "",
    "before": "",
    "after": "\n            store=False,",
    "keep": "self.history += [*turn, *interaction.steps]",
}
_STATEFUL = {
    "summary": "A conversation that the service keeps, and what is asked with each turn.",
    "id": "\n        self.last_id = None",
    "before": "previous_interaction_id=self.last_id,\n            ",
    "after": "",
    "keep": "self.history, self.last_id = [], interaction.id",
}
_RECORDING = {
    "": {
        "begin": "steps, completed = {}, None",
        "record": "\n            _record(steps, event)",
        "whole": "steps and completed is not None",
        "keep": "self.chat.history += [*self.turn, *steps.values()]",
    },
    "Stored": {
        "begin": "completed = None",
        "record": "",
        "whole": "completed is not None",
        "keep": "self.chat.history, self.chat.last_id = [], completed.id",
    },
}
STREAM_OF_A_CHAT = "send_message_stream"


def _variants() -> dict[str, str]:
    found = {"turns": _TURNS, "call_id": CALL_ID_HELPER}
    for first, speed in (("", _SYNC), ("Async", _ASYNC)):
        for second, state in (("", _STATELESS), ("Stored", _STATEFUL)):
            words = {**speed, **state, "name": f"_{first}{second}Chat", "recorded": f"_{first}{second}Recorded"}
            words["before_inside"], words["after_inside"] = (_deeper(words[each]) for each in ("before", "after"))
            found[f"{first}{second}Chat"] = (_BEGIN + _SEND + _TURN).format(**words)
            tooled = {**words, "name": f"_{first}{second}ToolChat"}
            found[f"{first}{second}ToolChat"] = (_BEGIN + _SEND_AND_CALL + _TURN).format(**tooled)
            found[f"{first}{second}Chat.{STREAM_OF_A_CHAT}"] = _STREAM.format(**words)
            found[f"{first}{second}ToolChat.{STREAM_OF_A_CHAT}"] = _STREAM_AND_CALL.format(**tooled)
            found[f"{first}{second}Recorded"] = _RECORDED.format(**{**words, **_RECORDING[second]})
    return found


def _deeper(lines: str) -> str:
    """Lines inside one more block."""
    return lines.replace("\n", "\n    ")


CHAT_HELPERS = _variants()

CHAT_SIGNATURES = {
    "(self, client, model, history=(), **settings):": (
        "(self, client: Any, model: str, history: Any = (), **settings: Any) -> None:"
    ),
    "(self, message, **settings):": "(self, message: Any, **settings: Any) -> Any:",
    "ask(turn):": "ask(turn: list[Any]) -> Any:",
    "_turn(message):": "_turn(message: Any) -> list[Any]:",
    "(self, chat, turn, events):": "(self, chat: Any, turn: list[Any], events: Any) -> None:",
    "enter__(self):": "enter__(self) -> Any:",
    "exit__(self, *_):": "exit__(self, *_: object) -> None:",
    "iter__(self):": "iter__(self) -> Any:",
    "steps, completed = {}, None": "steps: dict[int, dict[str, Any]] = {}\n        completed = None",
    "_call_id(history, name, position=0):": "_call_id(history: Any, name: str, position: int = 0) -> str:",
    "_turns(history):": "_turns(history: Any) -> list[Any]:",
    "    turns = []": "    turns: list[Any] = []",
}
