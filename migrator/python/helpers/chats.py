"""The class that a rewritten file brings along for its chats: what a chat of the legacy SDK kept and did.

It has the methods that the file calls. Where each message is a text, or none has a configuration of its own, it says no
more than that takes.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

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

_SEND = '''
    {define} send_message(self, message{config}):
        """{reply}."""
        turn = {turn}
        interaction = {wait}self.client.interactions.create(
            model=self.model,
            input=[*self.history, *turn],
            {before}**{settings},{after}
        )
        if interaction.steps:
            {keep}
        return interaction
'''

_SEND_AND_CALL = '''
    {define} send_message(self, message{config}):
        """The reply to a message; Python functions among the tools are called as often as replies ask for them."""
        settings = dict({each_setting})
        tools, maximum = settings.pop("tools", ()), settings.pop("maximum_remote_calls", 10)
        turn = {turn}
        for calls_left in reversed(range(max(maximum, 1))):
            interaction = {wait}self.client.interactions.create(
                model=self.model,
                input=[*self.history, *turn],
                {before_inside}tools=_declared(tools) or None,
                **settings,{after_inside}
            )
            results = {wait}{results}(interaction.steps, tools) if calls_left else []
            if interaction.steps:
                {keep}
            if not results:
                break
            turn = results
        return interaction
'''

_TURN = '''
    @staticmethod
    def _turn(message):
        """The steps that a message is."""
        turn = [{"type": "text", "text": message}] if isinstance(message, str) else list(message)
        if any(item["type"] != "function_result" for item in turn):
            turn = [{"type": "user_input", "content": turn}]
        return turn
'''

_STREAM = '''
    {define} send_message_stream(self, message{config}):
        """The events of the reply as they come; the turn is kept when all of them are there."""
        turn = {turn}
        {begin}
        {a}with {open}self.client.interactions.create(
            model=self.model,
            input=[*self.history, *turn],
            {before}**{settings},{after}
            stream=True,
        ) as events:
            {a}for event in events:{record}
                if event.event_type == "interaction.completed":
                    completed = event.interaction
                yield event
        if {whole}:
            {keep_completed}
'''

_STREAM_AND_CALL = '''
    {define} send_message_stream(self, message{config}):
        """The events of the reply; Python functions among the tools are called as often as replies ask for them."""
        settings = dict({each_setting})
        tools, maximum = settings.pop("tools", ()), settings.pop("maximum_remote_calls", 10)
        turn = {turn}
        for calls_left in reversed(range(max(maximum, 1))):
            steps, completed = {{}}, None
            {a}with {open}self.client.interactions.create(
                model=self.model,
                input=[*self.history, *turn],
                {before_inside}tools=_declared(tools) or None,
                **settings,{after_inside}
                stream=True,
            ) as events:
                {a}for event in events:
                    _record(steps, event)
                    if event.event_type == "interaction.completed":
                        completed = event.interaction
                    yield event
            if not steps or completed is None:
                break
            calls = [
                interactions.FunctionCallStep.model_construct(**step)
                for step in steps.values()
                if calls_left and step["type"] == "function_call"
            ]
            results = {wait}{results}(calls, tools)
            {keep_completed}
            if not results:
                break
            turn = results
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

_SYNC = {"define": "def", "wait": "", "a": "", "open": "", "results": "_function_results"}
_ASYNC = {
    "define": "async def",
    "wait": "await ",
    "a": "async ",
    "open": "await ",
    "results": "_async_function_results",
}
_STATELESS = {
    "summary": "A conversation: its steps so far, and what is asked with each turn.",
    "id": "",
    "before": "",
    "after": "\n            store=False,",
    "keep": "self.history += [*turn, *interaction.steps]",
    "begin": "steps, completed = {}, None",
    "record": "\n                _record(steps, event)",
    "whole": "steps and completed is not None",
    "keep_completed": "self.history += [*turn, *steps.values()]",
}
_STATEFUL = {
    "summary": "A conversation that the service keeps, and what is asked with each turn.",
    "id": "\n        self.last_id = None",
    "before": "previous_interaction_id=self.last_id,\n            ",
    "after": "",
    "keep": "self.history, self.last_id = [], interaction.id",
    "begin": "completed = None",
    "record": "",
    "whole": "completed is not None",
    "keep_completed": "self.history, self.last_id = [], completed.id",
}
SEND, STREAM, CONTENTS, CONFIG = "send_message", "send_message_stream", "contents", "config"
PARTS = (SEND, STREAM, CONTENTS, CONFIG)
"""What a chat's class may have to have: its two methods, messages that are no texts, and settings of one message."""
_TEXT = '[{"type": "user_input", "content": [{"type": "text", "text": message}]}]'
_OWN = "; ``settings`` replace those of the chat"


def _variants() -> dict[str, dict[str, str]]:
    found = {}
    for first, speed in (("", _SYNC), ("Async", _ASYNC)):
        for second, state in (("", _STATELESS), ("Stored", _STATEFUL)):
            inside = {f"{each}_inside": state[each].replace("\n", "\n    ") for each in ("before", "after")}
            for third in ("", "Tool"):
                name = f"{first}{second}{third}Chat"
                found[name] = {**speed, **state, **inside, "name": f"_{name}"}
    return found


CHATS = _variants()
"""The words of each class."""


def chat(name: str, parts: AbstractSet[str]) -> str:
    """The class ``name`` with the ``parts`` that a file needs; a chat in which nothing is sent could send anything."""
    parts = parts if parts & {SEND, STREAM} else {*parts, SEND, CONTENTS, CONFIG}
    words = {
        **CHATS[name],
        "config": ", **settings" if CONFIG in parts else "",
        "settings": "(settings or self.settings)" if CONFIG in parts else "self.settings",
        "each_setting": "settings or self.settings" if CONFIG in parts else "self.settings",
        "turn": "self._turn(message)" if CONTENTS in parts else _TEXT,
        "reply": _reply(parts),
    }
    calls = name.endswith("ToolChat")
    methods = {SEND: _SEND_AND_CALL if calls else _SEND, STREAM: _STREAM_AND_CALL if calls else _STREAM}
    sent = [method.format(**words) for part, method in methods.items() if part in parts]
    return "".join((_BEGIN.format(**words), *sent, _TURN if CONTENTS in parts else ""))


def _reply(parts: AbstractSet[str]) -> str:
    said = "a text, contents or results of functions" if CONTENTS in parts else "a text"
    return f"The reply to {said}{_OWN if CONFIG in parts else ''}"


CHAT_HELPERS = {"turns": _TURNS, "call_id": CALL_ID_HELPER}

CHAT_SIGNATURES = {
    "(self, client, model, history=(), **settings):": (
        "(self, client: Any, model: str, history: Any = (), **settings: Any) -> None:"
    ),
    "(self, message, **settings):": "(self, message: Any, **settings: Any) -> Any:",
    "(self, message):": "(self, message: Any) -> Any:",
    "_turn(message):": "_turn(message: Any) -> list[Any]:",
    "            steps, completed = {}, None": (
        "            steps: dict[int, dict[str, Any]] = {}\n            completed = None"
    ),
    "        steps, completed = {}, None": "        steps: dict[int, dict[str, Any]] = {}\n        completed = None",
    "_call_id(history, name, position=0):": "_call_id(history: Any, name: str, position: int = 0) -> str:",
    "_turns(history):": "_turns(history: Any) -> list[Any]:",
    "    turns = []": "    turns: list[Any] = []",
}
