"""Read one call site's request, with the structures that it names, into a draft."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import libcst as cst

from migrator import ir
from migrator.diagnostics import Level
from migrator.plan import Context, Feature, Mode, literal_name, outgrown, plan_model, plan_request
from migrator.python.evidence.guards import conditions
from migrator.python.evidence.sites import CallSite
from migrator.python.evidence.values import Facts, Place
from migrator.python.replies.responses import RESPONSE, How, Shape, Track, Tracker, how_used
from migrator.python.requests.bindings import Binding, binding_of, can_move, is_only_assignment
from migrator.python.requests.keywords import PLACES, Keywords
from migrator.python.requests.later import unplanned
from migrator.python.requests.order import in_order
from migrator.python.requests.structures import Structures
from migrator.python.requests.told import is_told_before
from migrator.python.requests.upgrades import checked, upgraded
from migrator.python.requests.workspace import Ledger, Workspace
from migrator.python.streams.flow import WHOLE
from migrator.python.tools.automatic import looped
from migrator.python.unit import Draft
from migrator.python.writing.edits import Remove, Replace
from migrator.python.writing.layout import Carried, Concat, Text
from migrator.python.writing.render import Renderer


class RequestReader:
    """Reads one site; ``places`` says what the arguments of its method hold."""

    places: ClassVar[dict[str, Place]] = PLACES

    def __init__(self, facts: Facts, renderer: Renderer, context: Context, site: CallSite, ledger: Ledger) -> None:
        self.facts = facts
        self.draft = Draft(site, track=ledger.tracks.get(site, Track()))
        self.space = Workspace(facts, renderer, context, self.draft, ledger)
        self.reader = Structures(self.space).reader
        self.kept: tuple[ir.Value | None, frozenset[str]] = (None, frozenset())  # a splatted dict, and what it gives

    def read(self) -> Draft:
        """The draft of the site: request planned, response tracked."""
        request = self._request()
        if request is None:
            return self.draft
        planned = plan_request(request, self.space.context)
        if planned.value is None:
            self.draft.unseen |= unplanned(request, self.space.context)
        if request.model is not None:
            planned = upgraded(self.facts, self.draft, request.model, planned, self.space.ledger.made)
        self.draft.diagnostics += planned.diagnostics
        self.draft.features |= planned.features
        if request.model is not None and planned.value is not None:
            self.space.note(outgrown(request.model, self.space.context, self.draft.features))
        self._features_of_model(request)
        if isinstance(planned.value, ir.Record) and self._is_all_known(planned.value):
            self._write_call(self._in_order(self._beside_comments(planned.value)))
        return self.draft

    # The call ------------------------------------------------------------------------------------------------------

    def _request(self) -> ir.Request | None:
        site = self.draft.site
        fields = self._arguments(site)
        if fields is None:
            return None
        known = {each.name: each for each in fields}
        strange = [each for each in fields if each.name not in ("model", "contents", "config")]
        for each in strange:
            self.draft.refuse(
                "MG104", f"{site.operation} has no argument called {each.name}", _node(each.origin) or site.call
            )
        kept, inside = self.kept
        if not {"model", "contents"} <= known.keys() | inside:
            self.draft.refuse("MG106", "model or contents is not visible in this call", site.call)
            return None
        if strange:
            return None
        model, contents, config = (known[name].value if name in known else None for name in PLACES)
        if model is not None:
            model = self._asked_model(model)
        return ir.Request(site.operation, model, contents, config, site.call, kept)

    def _asked_model(self, model: ir.Value) -> ir.Value:
        """The model, as an interaction names it; every name that it may stand for has to be served."""
        return checked(self.facts, self.draft, self.space.context, model, self.space.ledger.made)

    def _arguments(self, site: CallSite) -> list[ir.Field] | None:
        fields: list[ir.Field] = []
        for argument in sorted(site.arguments, key=_turn):
            if argument.star == "**":
                inner = self._splatted(argument)
                keywords = Keywords(self.space, self.reader)
                kept = keywords.read(argument) if inner is None else None
                if kept is not None:
                    self.kept = kept
                    continue
                if inner is None:
                    self.draft.refuse("MG106", keywords.why_not(argument), argument)
                    return None
                fields += inner
            elif argument.keyword is None:
                if argument.star:
                    self.draft.refuse("MG106", "the arguments of this call are not visible", argument)
                    return None
                self.draft.refuse("MG104", f"{site.operation} takes keywords only: this call fails today", argument)
                return None
            else:
                fields.append(self._argument(argument.keyword.value, argument))
        return fields

    def _argument(self, name: str, argument: cst.Arg | cst.DictElement) -> ir.Field:
        if (self.draft.site.call, name) in self.space.ledger.later:
            return ir.Field(name, ir.Opaque(argument.value, ir.LATER), argument)
        if name == "contents" and is_told_before(self.facts, argument.value):
            return ir.Field(name, ir.Opaque(argument.value, ir.TURNS), argument)
        node = _without_default(argument.value) if name == "config" else argument.value
        bound, said = set(self.draft.bindings), len(self.draft.diagnostics)
        value = self.reader.read(node, self.places.get(name, Place(name, "")))
        self.draft.held.update(dict.fromkeys(set(self.draft.bindings) - bound, name))
        if name == "contents" and any(each.level is Level.MANUAL for each in self.draft.diagnostics[said:]):
            self.draft.unseen.add(name)
        if name == "config":
            self.space.remember(value)
        if name == "model":
            self.space.context = replace(self.space.context, model=literal_name(plan_model(value, self.space.context)))
        return ir.Field(name, value, argument)

    def _splatted(self, argument: cst.Arg) -> list[ir.Field] | None:
        binding = binding_of(self.facts, argument.value)
        made = (
            binding.values[0]
            if binding is not None and can_move(self.facts, binding, argument.value)
            else argument.value
        )
        if not isinstance(made, cst.Dict):
            return None
        fields = []
        for element in made.elements:
            match element:
                case cst.DictElement(key=cst.SimpleString() as key):
                    fields.append(self._argument(str(key.evaluated_value), element))
                case _:
                    return None
        if binding is not None and made is not argument.value:
            self.space.move(binding)
        return fields

    def _is_all_known(self, body: ir.Value) -> bool:
        """Whether no place of the body holds something that the plan carried without understanding it."""
        unknown = [value for value in ir.walk(body) if isinstance(value, ir.Unknown)]
        for value in unknown:
            self.draft.refuse("MG106", value.reason, _node(value.origin))
        return not unknown

    def _beside_comments(self, body: ir.Record) -> ir.Record:
        """``body`` with the legacy arguments as origins of model and input, so that their comments stay with them."""
        site = self.draft.site
        named = {argument.keyword.value: argument for argument in site.arguments if argument.keyword is not None}
        origins = {"model": named.get("model"), "input": named.get("contents")}
        fields = tuple(replace(each, origin=each.origin or origins.get(each.name)) for each in body.fields)
        return replace(body, fields=fields)

    def _in_order(self, body: ir.Record) -> ir.Record:
        """``body`` in the order of the legacy arguments, where what they evaluate may do something."""
        ordered, same = in_order(self.facts, body, self.draft.site.call)
        if not same:
            message = "the calls among the arguments are made in another order than before"
            advice = "Accept with --review if the order does not matter, or give the values names first."
            self.draft.ask("MG102", message, self.draft.site.call, advice)
        return ordered

    def _features_of_model(self, request: ir.Request) -> None:
        if isinstance(request.model, ir.Literal) and isinstance(request.model.value, str):
            if "image" in request.model.value:
                self.draft.features.add(Feature.IMAGE)
            if "tts" in request.model.value:
                self.draft.features.add(Feature.AUDIO)

    def _write_call(self, body: ir.Record) -> None:
        site = self.draft.site
        method = self._method(site)
        if method is None:
            return
        if Feature.CALLABLES in self.draft.features:
            loop, looped_body = looped(self.facts, self.space.renderer, self.draft, site.method, body)
            method, body = (f"{loop}, {method}", body) if site.handed_to else (loop, looped_body)
            if any(each.value is site.method and each.keyword is not None for each in site.call.args):
                self.draft.refuse("MG304", "the method is handed on by keyword, and a loop takes its place", site.call)
        group = self.space.renderer.call(body, method, site, self.draft.moved)
        self.draft.edits[site.call] = Replace(group)

    def _method(self, site: CallSite) -> str | None:
        """The code that names ``interactions.create`` on the same client."""
        match site.method:
            case cst.Attribute(value=cst.Attribute(value=client, attr=cst.Name(value="models"))):
                return f"{self.facts.module.source(client)}.interactions.create"
            case cst.Attribute(value=holder):
                return self._through_alias(holder, ".interactions", "models")
            case cst.Name():
                return self._through_alias(site.method, ".interactions.create", f"models.{site.operation}")
        return None

    def _through_alias(self, alias: cst.BaseExpression, new: str, old: str) -> str | None:
        """``models = client.models``, ``generate = models.generate_content``: the alias changes with its uses."""
        binding = binding_of(self.facts, alias)
        if binding is None:
            self.draft.refuse("MG301", f"what {self.facts.module.source(alias)} stands for is not visible", alias)
            return None
        if (around := self._around(alias, binding, old)) is not None:
            return f"{around}.interactions.create"
        for value in binding.values:
            client = self._client_in(value, old)
            if client is None:
                self.draft.refuse("MG301", f"what {self.facts.module.source(alias)} stands for is not visible", alias)
                return None
            self.draft.edits[value] = Replace(Concat((Carried(client), Text(new))))
        self.draft.bindings[binding.key] = binding
        self.space.ledger.consumed.add(alias)
        source = self.facts.module.source(alias)
        return f"{source}.create" if old == "models" else source

    def _around(self, alias: cst.BaseExpression, binding: Binding, old: str) -> str | None:
        """The client's own name, where the alias has other uses (``models.count_tokens``) and has to stay."""
        others = [read for read in binding.reads if not self._is_legacy_call(read, old)]
        client = self._client_in(binding.values[0], old) if others and len(binding.values) == 1 else None
        if not isinstance(client, cst.Name):
            return None
        made = self.facts.scopes.definitions(client)
        same = len(made) == 1 and list(made) == self.facts.names.visible(alias, client.value)
        return client.value if same else None

    def _is_legacy_call(self, read: cst.CSTNode, old: str) -> bool:
        if old != "models":
            return isinstance(self.facts.module.parent(read), (cst.Call, cst.Arg))
        match self.facts.module.parent(read):
            case cst.Attribute(attr=cst.Name(value="generate_content" | "generate_content_stream")):
                return True
        return False

    def _client_in(self, value: cst.BaseExpression, old: str) -> cst.BaseExpression | None:
        for name in reversed(old.split(".")):
            match value:
                case cst.Attribute(value=inner, attr=cst.Name(value=found)) if found == name:
                    value = inner
                case _:
                    return None
        return value


def _without_default(config: cst.BaseExpression) -> cst.BaseExpression:
    """``config`` of ``config or None``, ``config or {}``: one without fields asks for what none asks for."""
    match config:
        case cst.BooleanOperation(left=left, operator=cst.Or(), right=cst.Name(value="None") | cst.Dict(elements=())):
            return left
    return config


def _turn(argument: cst.Arg) -> int:
    """The model is read first, for a configuration depends on it, and the configuration before the contents."""
    name = argument.keyword.value if argument.keyword is not None else "model" if argument.star else ""
    return {"model": 0, "config": 1}.get(name, 2)


def follow(facts: Facts, site: CallSite, ledger: Ledger) -> None:
    """Follow the response of a site; before any request is read, for requests send parts of responses back."""
    shape = WHOLE if site.operation.endswith("_stream") else Shape(RESPONSE)
    tracker = Tracker(facts)
    run = tracker.run_result if site.handed_to == "functools.partial" else tracker.run
    ledger.tracks[site] = run(site.call, shape)
    ledger.shapes.update(ledger.tracks[site].nodes)


def drop_copied(facts: Facts, draft: Draft, ledger: Ledger) -> None:
    """Take out what was copied to every place that reads it."""
    for binding in draft.copied.values():
        statement = facts.module.statement(binding.values[0])
        if all(read in ledger.consumed for read in binding.reads) and is_only_assignment(facts, statement):
            draft.edits[statement] = Remove()
            draft.keys.add(binding.key)


def unread(facts: Facts, draft: Draft, ledger: Ledger) -> list[tuple[Binding, cst.BaseExpression]]:
    """Reads of the draft's bindings that nobody understood."""
    return [
        (binding, read)
        for binding in draft.bindings.values()
        for read in binding.reads
        if read not in ledger.consumed and not _is_calm(facts, binding, read, ledger)
    ]


def _is_calm(facts: Facts, binding: Binding, read: cst.BaseExpression, ledger: Ledger) -> bool:
    """Whether a read means the same whatever form the value has; a history of steps has another length."""
    how, _ = how_used(facts, read)
    if how is How.COUNTED or (binding.key in ledger.modes and _is_shortened(facts, read)):
        return ledger.modes.get(binding.key) is not Mode.STEPS or binding.key not in ledger.uneven
    if how in (How.TEST, How.IS_NONE, How.IS_NOT_NONE, How.DISCARDED):
        return True
    kinds = [facts.kinds.of(value) for value in binding.values]
    keeps = all(kind == "str" or kind.startswith("list") for kind in kinds)
    return keeps and (_is_asked_for_its_type(facts, read) or _is_text(facts, read))


def _is_asked_for_its_type(facts: Facts, read: cst.CSTNode) -> bool:
    """``type(contents)`` or ``isinstance(contents, list)`` of what is a list or a text before and after."""
    argument = facts.module.parent(read)
    match facts.module.parent(argument) if isinstance(argument, cst.Arg) else None:
        case cst.Call(func=cst.Name(value="type"), args=[_]):
            return True
        case cst.Call(func=cst.Name(value="isinstance"), args=[asked, cst.Arg(value=cst.Name(value="list" | "str"))]):
            return asked is argument
    return False


def _is_text(facts: Facts, read: cst.BaseExpression) -> bool:
    """Whether a condition around ``read`` says that what is a list or a text is a text here: it stays one."""
    texts = {
        f"isinstance({facts.module.source(read)}, str)": True,
        f"isinstance({facts.module.source(read)}, list)": False,
    }
    return any(texts.get(facts.module.source(test)) is holds for test, holds in conditions(facts.module, read))


def _is_shortened(facts: Facts, read: cst.CSTNode) -> bool:
    """Whether a statement takes elements out of a list and does nothing with them: ``del history[:2]``."""
    holder = facts.module.parent(read)
    match holder:
        case cst.Subscript():
            return isinstance(facts.module.parent(holder), cst.Del)
        case cst.Attribute(attr=cst.Name(value="pop" | "clear")):
            call = facts.module.parent(holder)
            return isinstance(call, cst.Call) and isinstance(facts.module.parent(call), cst.Expr)
    return False


def _node(origin: ir.Origin) -> cst.CSTNode | None:
    return origin if isinstance(origin, cst.CSTNode) else None
