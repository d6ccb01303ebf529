"""What creating a chat and sending a message in it become."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from migrator import ir
from migrator.diagnostics import Diagnostic, Level
from migrator.plan import Context, Feature, Mode, Planned, literal_name, plan_config, plan_contents, plan_model
from migrator.python.chats import CREATE, SEND, Conversation
from migrator.python.comments import keeping_comments
from migrator.python.edits import Replace
from migrator.python.layout import Group, Text
from migrator.python.module import descendants
from migrator.python.render import Renderer
from migrator.python.requests import RequestReader
from migrator.python.responses import Track, Use
from migrator.python.sites import CallSite
from migrator.python.unit import Draft
from migrator.python.values import Facts, Place
from migrator.python.workspace import CONFIG, Ledger
from migrator.settings import State

_PLACES = {
    "history": Place("contents", "Content"),
    "message": Place("contents", "Content"),
    "config": Place("config", CONFIG),
}
_CLASSES = ("google.genai.chats.Chat", "google.genai.chats.AsyncChat")
_ORDER = ("message", "config", "a third one")
_OWN = frozenset({"client", "history", "store", "previous_interaction_id", "input", "stream"})


class ChatReader(RequestReader):
    """Reads the creation of a chat, or one message that is sent in it."""

    def __init__(
        self,
        facts: Facts,
        renderer: Renderer,
        context: Context,
        site: CallSite,
        ledger: Ledger,
        chats: list[Conversation],
    ) -> None:
        super().__init__(facts, renderer, chats[0].context or context, site, ledger)
        self.chats = chats
        for chat in chats:
            self.draft.keys |= set(chat.track.nodes)

    def created(self) -> Draft:
        """The draft of a chat's creation."""
        (chat,) = self.chats
        self._follow(chat.track)
        fields = {each.name: each for each in self._arguments(chat.created) or ()}
        body = self._settings(fields) if self._is_complete(fields, {"model"}, {"model", "config", "history"}) else None
        chat.context, chat.features = self.space.context, self.draft.features
        match chat.created.method:
            case cst.Attribute(value=cst.Attribute(value=client, attr=cst.Name(value="chats"))):
                if body is not None and self._is_all_known(body):
                    self._write(chat, client, body)
            case _:
                self.draft.refuse("MG301", "which client the chat is created with is not visible", chat.created.call)
        return self.draft

    def _settings(self, fields: dict[str, ir.Field]) -> ir.Record | None:
        """The arguments of the new chat; None where something is refused."""
        model = plan_model(fields["model"].value, self.space.context)
        self.space.context = replace(self.space.context, model=literal_name(model))
        config = plan_config(fields["config"].value if "config" in fields else None, self.space.context)
        history = self._history(fields.get("history"))
        for result in (model, config, history):
            self.space.note(result)
        self._features_of_model(ir.Request(CREATE, fields["model"].value, None, None))
        if model.value is None or config.value is None or history.value is None:
            return None
        past = (
            () if history.value == ir.Literal(None) else (ir.Field("history", history.value, fields["history"].origin),)
        )
        settings = self._checked(config.value)
        named = ir.Field("model", model.value, fields["model"].origin)
        return ir.Record("body", (named, *past, *settings)) if settings is not None else None

    def _history(self, given: ir.Field | None) -> Planned:
        match given:
            case None | ir.Field(value=ir.Literal(value=None)):
                return Planned(ir.Literal(None))
            case ir.Field(value=ir.Sequence(items=())):
                return Planned(ir.Literal(None))
            case ir.Field(value=ir.Opaque(type=kind, origin=origin)) if kind != ir.PLANNED:
                said = Diagnostic("MG106", Level.MANUAL, "history: its turns are not visible here", origin)
                return Planned(None, (said,))
        return plan_contents(given.value, self.space.context, Mode.STEPS)

    def _checked(self, settings: ir.Value) -> tuple[ir.Field, ...] | None:
        if Feature.CALLABLES in self.draft.features:
            self.draft.refuse("MG110", "the chat calls the Python functions among its tools", self.draft.site.call)
            return None
        fields = settings.fields if isinstance(settings, ir.Record) else (ir.Field("**", ir.Spread(settings)),)
        for each in fields:
            if each.name in _OWN:
                origin = each.origin if isinstance(each.origin, cst.CSTNode) else None
                self.draft.refuse("MG111", f"{each.name} is decided by the chat itself", origin)
                return None
        return fields

    def _write(self, chat: Conversation, client: cst.BaseExpression, body: ir.Record) -> None:
        name = self._class(chat)
        self.space.renderer.needs.helpers.add(name)
        whole = ir.Record("body", (ir.Field("", ir.Opaque(client)), *body.fields), body.origin)
        group = self.space.renderer.call(whole, f"_{name}", chat.created, self.draft.moved)
        self.draft.edits[chat.created.call] = Replace(group)

    def _class(self, chat: Conversation) -> str:
        stored = self.space.context.settings.state is State.STATEFUL
        return ("Async" if chat.is_async else "") + ("StoredChat" if stored else "Chat")

    # Messages ------------------------------------------------------------------------------------------------------

    def sent(self) -> Draft:
        """The draft of a message."""
        site = self.draft.site
        for chat in self.chats:
            self.draft.features |= chat.features
        fields = self._named(site)
        if not self._is_complete(fields, {"message"}, {"message", "config"}):
            return self.draft
        config = self._replaced(fields.get("config"))
        message = plan_contents(fields["message"].value, self.space.context)
        self.space.note(message)
        if message.value is None or config is None:
            return self.draft
        given = fields["message"].origin
        keyword = "message" if isinstance(given, cst.Arg) and given.keyword is not None else ""
        body = ir.Record("body", (ir.Field(keyword, message.value, given), *config))
        if not self._is_all_known(body):
            return self.draft
        if config:
            method = self.facts.module.source(site.method)
            self.draft.edits[site.call] = Replace(self.space.renderer.call(body, method, site, self.draft.moved))
        else:
            self._write_message(fields["message"], message.value)
        return self.draft

    def _write_message(self, given: ir.Field, value: ir.Value) -> None:
        argument = given.origin
        assert isinstance(argument, cst.Arg)
        if getattr(value, "origin", None) is not argument.value or not isinstance(value, (ir.Opaque, ir.Literal)):
            doc = self.space.renderer.value(value)
            if isinstance(doc, Group):
                doc = keeping_comments(self.facts.module, doc, [argument.value, *self.draft.moved])
            self.draft.edits[argument.value] = Replace(doc)

    def _named(self, site: CallSite) -> dict[str, ir.Field]:
        """The arguments of a send by name; the configuration is read first, for media follow it."""
        given: dict[str, cst.Arg] = {}
        for position, argument in enumerate(site.arguments):
            name = argument.keyword.value if argument.keyword is not None else _ORDER[min(position, 2)]
            given[f"*{name}" if argument.star else name] = argument
        names = sorted(given, key=lambda name: name != "config")
        return {name: self._argument(name, given[name]) for name in names}

    def _replaced(self, given: ir.Field | None) -> tuple[ir.Field, ...] | None:
        """The settings of one message, which replace those of the chat; None where they are refused."""
        if given is None or given.value == ir.Literal(None, given.value.origin):
            return ()
        result = plan_config(given.value, self.space.context)
        self.space.note(result)
        if result.value is None:
            return None
        if isinstance(result.value, ir.Record) and not result.value.fields:
            message = "an empty configuration of one message takes the place of the chat's, which settings cannot say"
            self.draft.refuse("MG111", message, self.draft.site.call)
            return None
        return self._checked(result.value)

    # Both ----------------------------------------------------------------------------------------------------------

    def _argument(self, name: str, argument: cst.Arg | cst.DictElement) -> ir.Field:
        value = self.reader.read(argument.value, _PLACES.get(name, Place(name, "")))
        if name == "config":
            self.space.remember(value)
        return ir.Field(name, value, argument)

    def _is_complete(self, fields: dict[str, ir.Field], needed: set[str], known: set[str]) -> bool:
        site = self.draft.site
        for name in sorted(set(fields) - known):
            origin = fields[name].origin
            place = origin if isinstance(origin, cst.CSTNode) else site.call
            self.draft.refuse("MG104", f"{site.operation} has no argument called {name}", place)
        missing = needed - set(fields)
        if missing:
            self.draft.refuse("MG106", f"{', '.join(sorted(missing))} is not visible in this call", site.call)
        return not missing and set(fields) <= known

    def _follow(self, track: Track) -> None:
        """What is said of the places that the chat reaches, and the annotations that name its class."""
        for veto in track.vetoes:
            message = veto.message.replace("the response", "the chat").replace("the Chat", "the chat")
            self.draft.diagnostics.append(Diagnostic(veto.code, veto.level, message, veto.node, veto.advice))
        for use in track.uses:
            self._used(use)
        for definition in track.definitions:
            for node in descendants(definition.annotation) if definition.annotation is not None else ():
                if self.facts.names.path(node) in _CLASSES:
                    self.draft.edits[node] = Replace(Text(f"_{self._class(self.chats[0])}"))

    def _used(self, use: Use) -> None:
        call = self.facts.module.parent(use.node)
        called = isinstance(call, cst.Call) and call.func is use.node
        if use.field == SEND and not called:
            self.draft.refuse("MG304", "the method of the chat is handed on without being called", use.node)
        elif use.field == "send_message_stream":
            self.draft.refuse("MG305", "a stream of a chat is not rewritten yet", use.node)
        elif use.field == "get_history":
            self.draft.refuse("MG201", "the history of the chat is read, which is a list of steps now", use.node)
