"""The class that a rewritten file brings along for its chats: what a chat of the legacy SDK kept and did."""

from __future__ import annotations

_STATELESS = '''\
class {name}:
    """A conversation: its steps so far, and what is asked with each turn."""

    def __init__(self, client, model, history=(), **settings):
        self.client = client
        self.model = model
        self.history = list(history)
        self.settings = settings

    {define} send_message(self, message, **settings):
        """The reply to a text, contents or results of functions; ``settings`` replace those of the chat."""
        turn = [{{"type": "text", "text": message}}] if isinstance(message, str) else list(message)
        if any(item["type"] != "function_result" for item in turn):
            turn = [{{"type": "user_input", "content": turn}}]
        interaction = {wait}self.client.interactions.create(
            model=self.model,
            input=[*self.history, *turn],
            **(settings or self.settings),
            store=False,
        )
        if interaction.steps:
            self.history += [*turn, *interaction.steps]
        return interaction
'''

_STATEFUL = '''\
class {name}:
    """A conversation that the service keeps, and what is asked with each turn."""

    def __init__(self, client, model, history=(), **settings):
        self.client = client
        self.model = model
        self.history = list(history)
        self.settings = settings
        self.last_id = None

    {define} send_message(self, message, **settings):
        """The reply to a text, contents or results of functions; ``settings`` replace those of the chat."""
        turn = [{{"type": "text", "text": message}}] if isinstance(message, str) else list(message)
        if any(item["type"] != "function_result" for item in turn):
            turn = [{{"type": "user_input", "content": turn}}]
        interaction = {wait}self.client.interactions.create(
            model=self.model,
            input=[*self.history, *turn],
            previous_interaction_id=self.last_id,
            **(settings or self.settings),
        )
        if interaction.steps:
            self.history, self.last_id = [], interaction.id
        return interaction
'''

_SYNC = {"name": "_Chat", "define": "def", "wait": ""}
_ASYNC = {"name": "_AsyncChat", "define": "async def", "wait": "await "}

CHAT_HELPERS = {
    "chat": _STATELESS.format(**_SYNC),
    "async_chat": _STATELESS.format(**_ASYNC),
    "stateful_chat": _STATEFUL.format(**_SYNC),
    "stateful_async_chat": _STATEFUL.format(**_ASYNC),
}
