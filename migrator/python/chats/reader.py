"""What creating a chat and sending a message in it become."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar

import libcst as cst

from migrator import ir
from migrator.diagnostics import Diagnostic
from migrator.plan import (
    Context,
    Feature,
    Mode,
    Planned,
    literal_name,
    outgrown,
    plan_config,
    plan_contents,
    plan_history,
    plan_model,
)
from migrator.python.chats.conversation import CREATE, SENDS, STREAM, Conversation
from migrator.python.chats.flow import HISTORIES
from migrator.python.chats.histories import Histories, need
from migrator.python.chats.results import CALL_ID, asks_for_ids, with_ids
from migrator.python.chats.saved import SAVED
from migrator.python.evidence.sites import CallSite
from migrator.python.evidence.values import Facts, Place
from migrator.python.helpers import chats as classes
from migrator.python.helpers.streams import CALLS
from migrator.python.helpers.tools import TOOL_NAMES
from migrator.python.replies.callers import annotated
from migrator.python.replies.responses import Track, Use
from migrator.python.replies.uses import TURNS, Named, is_written
from migrator.python.requests.bindings import binding_of
from migrator.python.requests.keywords import PLACES
from migrator.python.requests.reader import RequestReader
from migrator.python.requests.upgrades import renamed
from migrator.python.requests.workspace import Ledger
from migrator.python.tools.automatic import APART
from migrator.python.unit import Draft
from migrator.python.writing.comments import keeping_comments
from migrator.python.writing.edits import Replace
from migrator.python.writing.layout import Group, Text
from migrator.python.writing.render import Renderer
from migrator.settings import State

_WORDS = {
    "the response": "the chat",
    "the Chat": "the chat",
    "the list of Turn": "the history of the chat",
    "the SavedHistory": "the saved history",
    "the Turn": "a turn of the chat's history",
}
_LEGACY_NAME = re.compile(r"[\w.]+")
_ORDER = ("message", "config", "a third one")
_OWN = frozenset({"client", "history", "store", "previous_interaction_id", "input", "stream"})

_CONTENTS = PLACES["contents"]


class ChatReader(RequestReader):
    """Reads the creation of a chat, or one message that is sent in it."""

    places: ClassVar[dict[str, Place]] = {**RequestReader.places, "history": _CONTENTS, "message": _CONTENTS}

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
        self._histories = Histories(self.space, chats[0])
        for chat in chats:
            self.draft.keys |= set(chat.track.nodes)

    def created(self) -> Draft:
        """The draft of a chat's creation."""
        (chat,) = self.chats
        fields = {each.name: each for each in self._arguments(chat.created) or ()}
        body = self._settings(fields) if self._is_complete(fields, {"model"}, {"model", "config", "history"}) else None
        if "config" in fields:
            self._check_changes(fields["config"])
        chat.context, chat.features = self.space.context, self.draft.features
        self._follow(chat.track)
        match chat.created.method:
            case cst.Attribute(value=cst.Attribute(value=client, attr=cst.Name(value="chats"))):
                if body is not None and self._is_all_known(body):
                    self._write(chat, client, body)
            case _:
                self.draft.refuse("MG301", "which client the chat is created with is not visible", chat.created.call)
        return self.draft

    def _check_changes(self, given: ir.Field) -> None:
        """A legacy chat keeps the configuration itself, so what is changed later counts for its next message."""
        argument, site = given.origin, self.draft.site
        binding = binding_of(self.facts, argument.value) if isinstance(argument, cst.Arg) else None
        if binding is None or all(isinstance(value, cst.Dict) for value in binding.values):
            return
        home, made = self.facts.module.enclosing(site.call, cst.FunctionDef), self.facts.module.span(site.call)
        for each in binding.reads:
            changed = self.facts.module.parent(each)
            if not isinstance(changed, cst.Attribute) or not is_written(self.facts, changed):
                continue
            same = self.facts.module.enclosing(each, cst.FunctionDef) is home
            if not same or self.facts.module.span(each) > made:
                message = f"{binding.label} may be changed here after the chat was made, which keeps the object itself"
                self.draft.refuse("MG303", message, changed, "Give the chat a configuration of its own.")

    def _settings(self, fields: dict[str, ir.Field]) -> ir.Record | None:
        """The arguments of the new chat; None where something is refused."""
        model = plan_model(self._asked_model(fields["model"].value), self.space.context)
        self.space.context = replace(self.space.context, model=literal_name(model))
        config = plan_config(fields["config"].value if "config" in fields else None, self.space.context)
        history = self._history(fields.get("history"))
        for result in (model, config, history):
            self.space.note(result)
        self.space.note(outgrown(fields["model"].value, self.space.context, self.draft.features))
        self._features_of_model(ir.Request(CREATE, fields["model"].value, None, None))
        if model.value is None or config.value is None or history.value is None:
            return None
        past = (
            () if history.value == ir.Literal(None) else (ir.Field("history", history.value, fields["history"].origin),)
        )
        settings = self._checked(config.value)
        name = renamed(self.facts, self.draft, fields["model"].value, model.value, self.space.ledger.made)
        named = ir.Field("model", name, fields["model"].origin)
        return ir.Record("body", (named, *past, *settings)) if settings is not None else None

    def _history(self, given: ir.Field | None) -> Planned:
        if given is not None and isinstance(given.origin, cst.Arg):
            turns = given.origin.value
            if self.space.ledger.shapes.get(turns) in (TURNS, SAVED):
                self.draft.keys.add(turns)
                return Planned(ir.Opaque(turns, ir.PLANNED, hint=Mode.STEPS.value))
        match given:
            case None | ir.Field(value=ir.Literal(value=None)):
                return Planned(ir.Literal(None))
            case ir.Field(value=ir.Sequence(items=())):
                return Planned(ir.Literal(None))
        return plan_history(given.value, self.space.context)

    def _checked(self, settings: ir.Value) -> tuple[ir.Field, ...] | None:
        if not self._may_call():
            return None
        fields = settings.fields if isinstance(settings, ir.Record) else (ir.Field("**", ir.Spread(settings)),)
        for each in fields:
            if each.name in _OWN:
                origin = each.origin if isinstance(each.origin, cst.CSTNode) else None
                self.draft.refuse("MG111", f"{each.name} is decided by the chat itself", origin)
                return None
        return fields

    def _may_call(self) -> bool:
        """Whether Python functions among the tools, if any, can be called by the loop of the chat's class."""
        site = self.draft.site
        if Feature.CALLABLES not in self.draft.features:
            return True
        if Feature.APART in self.draft.features:
            self.draft.refuse("MG110", APART, site.call, "Set both where the configuration is made.")
        elif site.operation != CREATE and any(Feature.CALLABLES not in chat.features for chat in self.chats):
            message = "Python functions are among the tools of this message, and the chat has none"
            self.draft.refuse("MG110", message, site.call, "Give them to the chat.")
        else:
            return True
        return False

    def _write(self, chat: Conversation, client: cst.BaseExpression, body: ir.Record) -> None:
        name = self._class(chat)
        self.space.renderer.needs.helpers.add(name)
        if Feature.CALLABLES in chat.features:
            self._need_loop(chat)
        whole = ir.Record("body", (ir.Field("", ir.Opaque(client)), *body.fields), body.origin)
        group = self.space.renderer.call(whole, f"_{name}", chat.created, self.draft.moved)
        self.draft.edits[chat.created.call] = Replace(group)

    def _class(self, chat: Conversation) -> str:
        stored = "Stored" if self.space.context.settings.state is State.STATEFUL else ""
        tools = "Tool" if Feature.CALLABLES in chat.features else ""
        return f"{'Async' if chat.is_async else ''}{stored}{tools}Chat"

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
        message = plan_contents(self._answering(fields["message"].value), self.space.context)
        self.space.note(message)
        if message.value is None or config is None:
            return self.draft
        given = fields["message"].origin
        keyword = "message" if isinstance(given, cst.Arg) and given.keyword is not None else ""
        said = _text_alone(message.value)
        body = ir.Record("body", (ir.Field(keyword, said, given), *config))
        if not self._is_all_known(body):
            return self.draft
        self._need_method(config, said)
        if config:
            method = self.facts.module.source(site.method)
            self.draft.edits[site.call] = Replace(self.space.renderer.call(body, method, site, self.draft.moved))
        else:
            self._write_message(fields["message"], said)
        return self.draft

    def _answering(self, message: ir.Value) -> ir.Value:
        """The message, its results with the ids of the calls that the chat keeps; a chat of the service keeps none."""
        if self.space.context.settings.state is State.STATEFUL:
            return message
        found = with_ids(message, self.draft)
        if asks_for_ids(found):
            need(self.space, CALL_ID)
        return found

    def _need_loop(self, chat: Conversation) -> None:
        """What declares and calls the functions among the tools."""
        for helper in ("declared", f"{'async_' if chat.is_async else ''}function_results"):
            modules = TOOL_NAMES.get(helper, ())
            need(self.space, helper, *(("google.genai", module) for module in modules))

    def _need_method(self, config: tuple[ir.Field, ...], said: ir.Value) -> None:
        """The method that sends the message, what that message may be, and what a stream keeps the turn with."""
        name, sends = self._class(self.chats[0]), self.draft.site.operation
        parts = {sends, *([classes.CONFIG] if config else ()), *(() if _is_text(said) else [classes.CONTENTS])}
        self.space.renderer.needs.helpers |= {name, *(f"{name}.{each}" for each in parts)}
        if sends != STREAM:
            return
        if "Tool" in name:
            need(self.space, "record", ("google.genai", "interactions"))
        elif self.space.context.settings.state is State.STATELESS:
            need(self.space, "record")
        if "tools" in self.facts.module.text:
            self.space.renderer.needs.helpers.add(f"record.{CALLS}")

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
            message = veto.message
            for type_name, words in _WORDS.items():
                message = message.replace(type_name, words)
            self.draft.diagnostics.append(Diagnostic(veto.code, veto.level, message, veto.node, veto.advice))
        for use in track.uses:
            self._used(use)
        for definition in track.definitions:
            if definition.annotation is not None:
                named = annotated(self.facts, definition.annotation)
                track.annotations.update(each.node for each in named if isinstance(each, Named))
        for node in track.annotations:
            source = self.facts.module.source(node)
            self.draft.edits[node] = Replace(Text(_LEGACY_NAME.sub(f"_{self._class(self.chats[0])}", source)))

    def _used(self, use: Use) -> None:
        if use.field in SENDS and use.node not in {send.method for chat in self.chats for send in chat.sends}:
            self.draft.refuse("MG304", "the method of the chat is handed on without being called", use.node)
        elif use.field in HISTORIES:
            self._histories.read(use)
        elif use.field == "continued" and not self._histories.is_asked_for(use.node):
            self._histories.write_steps(use.node)
        elif use.field == "saved":
            self._histories.save(use.node)


def _is_text(message: ir.Value) -> bool:
    """Whether a message is a text, as far as the file shows."""
    match message:
        case ir.Literal(value=str()):
            return True
        case ir.Opaque(type=kind):
            return kind in ("", "str")
        case ir.Choice(then=then, otherwise=otherwise):
            return _is_text(then) and _is_text(otherwise)
    return False


def _text_alone(message: ir.Value) -> ir.Value:
    """The text of a message that is a list of one text."""
    match message:
        case ir.Sequence(items=[ir.Record() as only]) if only.get("type") == ir.Literal("text"):
            return only.get("text") or message
    return message
