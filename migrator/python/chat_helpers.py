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

CHAT_HELPERS = {
    "Chat": _STATELESS.format(name="_Chat", define="def", wait=""),
    "AsyncChat": _STATELESS.format(name="_AsyncChat", define="async def", wait="await "),
    "StoredChat": _STATEFUL.format(name="_StoredChat", define="def", wait=""),
    "AsyncStoredChat": _STATEFUL.format(name="_AsyncStoredChat", define="async def", wait="await "),
}

CHAT_SIGNATURES = {
    "(self, client, model, history=(), **settings)": (
        "(self, client: Any, model: str, history: Any = (), **settings: Any) -> None"
    ),
    "(self, message, **settings)": "(self, message: Any, **settings: Any) -> Any",
}
