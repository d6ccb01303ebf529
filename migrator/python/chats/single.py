"""A chat in which one message is sent: a plain call says all that the chat would have said."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from migrator import ir
from migrator.plan import Feature, Mode, Planned, plan_request
from migrator.python.chats.conversation import STREAM, Conversation
from migrator.python.chats.reader import ChatReader
from migrator.python.chats.saved import SAVED
from migrator.python.evidence.module import descendants
from migrator.python.evidence.scopes import Kind
from migrator.python.evidence.values import Facts
from migrator.python.replies.uses import TURNS
from migrator.python.requests.bindings import Binding, binding_of, can_move
from migrator.python.requests.workspace import Ledger
from migrator.python.tools.automatic import looped
from migrator.python.unit import Draft
from migrator.python.writing.edits import Replace

_UNARY, _STREAMED = "generate_content", "generate_content_stream"


def is_single(facts: Facts, ledger: Ledger, chat: Conversation) -> bool:
    """Whether all that happens in the chat is one message, sent where its settings mean the same as at its creation."""
    settings = {each.keyword.value: each.value for each in chat.created.arguments if each.keyword is not None}
    if len(settings) != len(chat.created.arguments) or set(settings) - {"model", "config", "history"}:
        return False
    if len(chat.sends) != 1 or len(chat.track.uses) != 1 or chat.track.vetoes or chat.track.beside:
        return False
    (send,) = chat.sends
    if (
        send.handed_to
        or any(each.star for each in send.arguments)
        or (len(send.arguments) > 1 and "config" in settings)
    ):
        return False
    if "history" in settings and ledger.shapes.get(settings["history"]) in (TURNS, SAVED):
        return False
    if _client(chat) is None or not isinstance(send.method, cst.Attribute):
        return False
    holder = send.method.value
    return holder is chat.created.call or _binding(facts, chat, holder) is not None


def _client(chat: Conversation) -> cst.BaseExpression | None:
    match chat.created.method:
        case cst.Attribute(value=cst.Attribute(value=client, attr=cst.Name(value="chats"))):
            return client
    return None


def _binding(facts: Facts, chat: Conversation, holder: cst.BaseExpression) -> Binding | None:
    """The one name of the chat, where nothing that it is made of changes before the message is sent."""
    binding = binding_of(facts, holder) if isinstance(holder, cst.Name) else None
    if binding is None or len(binding.values) != 1 or binding.values[0] is not chat.created.call:
        return None
    if can_move(facts, binding, holder, [chat.created.call]):
        return binding  # the next statement, or one inside it
    given = {each.keyword.value: each.value for each in chat.created.arguments if each.keyword is not None}
    history, client = given.get("history"), _client(chat)
    if history is not None and not isinstance(history, cst.List) and facts.module.source(history) != "None":
        return None  # a list that may grow in between
    parts = list(given.values())
    inner = [value for part in parts for value in _values_behind(facts, part, 0)]
    if client is None or any(_is_touched(facts, part, chat.created.call, holder) for part in parts):
        return None
    return binding if can_move(facts, binding, holder, [*parts, *inner, client]) else None


def _is_touched(facts: Facts, part: cst.BaseExpression, made: cst.CSTNode, used: cst.CSTNode) -> bool:
    """Whether a structure that ``part`` names is mentioned between the creation and the message."""
    _, start = facts.module.span(made)
    end, _ = facts.module.span(used)
    for name in descendants(part):
        if not isinstance(name, (cst.Name, cst.Attribute)) or facts.kinds.of(name) == "str":
            continue
        source = facts.module.source(name)
        same = facts.module.attributes(name.attr.value) if isinstance(name, cst.Attribute) else _names(facts, source)
        if any(start <= facts.module.span(each)[0] < end for each in same):
            return True
    return False


def _names(facts: Facts, name: str) -> list[cst.Name]:
    return [each for each in facts.module.nodes(cst.Name) if each.value == name]


def _values_behind(facts: Facts, node: cst.BaseExpression, depth: int) -> list[cst.BaseExpression]:
    """The structures that names inside ``node`` stand for, and those inside them."""
    found: list[cst.BaseExpression] = []
    for name in descendants(node):
        if not isinstance(name, cst.Name) or depth > 5:
            continue
        for definition in facts.scopes.definitions(name):
            value = definition.value
            if definition.kind is Kind.ASSIGN and isinstance(value, (cst.Dict, cst.List, cst.Call)):
                is_sdk = not isinstance(value, cst.Call) or facts.names.path(value.func).startswith("google.genai.")
                if is_sdk and not facts.names.path(name).endswith("Client()"):
                    found += [value, *_values_behind(facts, value, depth + 1)]
    return found


class SingleReader(ChatReader):
    """Reads a chat with one message: its creation goes into the call that sends the message."""

    def created(self) -> Draft:
        """The draft of the creation, which the message's takes out."""
        self.draft.track = self.space.ledger.tracks[self.draft.site]
        return self.draft

    def sent(self) -> Draft:
        """The draft of the message, which asks for everything itself."""
        (chat,) = self.chats
        settings = {each.name: each for each in self._arguments(chat.created) or ()}
        fields = self._named(self.draft.site)
        whole = self._is_complete(fields, {"message"}, {"message", "config"})
        if not self._is_complete(settings, {"model"}, {"model", "config", "history"}) or not whole:
            return self.draft
        contents = self._contents(settings.get("history"), fields["message"].value)
        if contents is None:
            return self.draft
        given = fields.get("config") or settings.get("config")
        config = given.value if given is not None else None
        operation = _STREAMED if self.draft.site.operation == STREAM else _UNARY
        request = ir.Request(operation, settings["model"].value, contents, config, chat.created.call)
        planned = plan_request(request, self.space.context)
        self.space.note(planned)
        self._features_of_model(request)
        if isinstance(planned.value, ir.Record) and self._is_all_known(planned.value):
            self._write_whole(chat, planned.value, {"model": settings["model"], "input": fields["message"]})
        return self.draft

    def _contents(self, history: ir.Field | None, message: ir.Value) -> ir.Value | None:
        """The turns so far and the message after them; None where the turns are refused."""
        past: Planned = self._history(history)
        if past.value is None:
            self.space.note(past)
            return None
        if past.value == ir.Literal(None) or history is None:
            return message
        said = message.items if isinstance(message, ir.Sequence) else (message,)
        match past.value:
            case ir.Apply(function=ir.Function.RESTORED, origin=origin) as steps:
                self.draft.diagnostics += past.diagnostics
                return ir.Sequence((ir.Spread(steps), *said), origin)
        match history.value:
            case ir.Sequence(items=turns, origin=origin):
                return ir.Sequence((*turns, *said), origin)
            case ir.Opaque(origin=origin) as turns:
                return ir.Sequence((ir.Spread(replace(turns, hint=Mode.STEPS.value), origin), *said))
        self.draft.refuse("MG106", "history: its turns are not visible here", self.draft.site.call)
        return None

    def _write_whole(self, chat: Conversation, body: ir.Record, origins: dict[str, ir.Field]) -> None:
        site, client = self.draft.site, _client(chat)
        assert client is not None
        assert isinstance(site.method, cst.Attribute)
        if site.method.value is not chat.created.call:
            binding = _binding(self.facts, chat, site.method.value)
            assert binding is not None
            self.space.move(binding)
        fields = tuple(
            replace(each, origin=each.origin or origins[each.name].origin) if each.name in origins else each
            for each in body.fields
        )
        method = f"{self.facts.module.source(client)}.interactions.create"
        body = replace(body, fields=fields)
        if Feature.CALLABLES in self.draft.features:
            asked = ir.Apply(ir.Function.ATTRIBUTE, (ir.Opaque(client), ir.Literal("interactions.create")))
            method, body = looped(self.facts, self.space.renderer, self.draft, site.method, body, asked)
        sources = [site.call, *(node for node in self.draft.moved if node is not chat.created.call)]
        group = self.space.renderer.call(body, method, chat.created, sources)
        self.draft.edits[site.call] = Replace(group)
