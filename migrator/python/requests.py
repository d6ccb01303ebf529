"""Read one call site's request, with the structures that it names, into a draft."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace

import libcst as cst

from migrator import ir
from migrator.plan import Context, Feature, Mode, Planned, plan_config, plan_contents, plan_item, plan_model, plan_request, resolution_of
from migrator.python.bindings import (
    Binding,
    Growth,
    binding_of,
    can_move,
    growths,
    is_constant,
    is_only_assignment,
)
from migrator.python.layout import Carried, Concat, Doc, Text
from migrator.python.module import descendants
from migrator.python.render import Renderer
from migrator.python.calls import answering
from migrator.python.responses import RESPONSE, How, Shape, Track, Tracker, Veto, how_used
from migrator.python.scopes import Kind
from migrator.python.sites import CallSite
from migrator.python.transform import Annotate, Remove, Replace
from migrator.python.unit import Draft
from migrator.python.values import Facts, Place, Reader

CONFIG = "GenerateContentConfig"
_MEDIA_WORDS = frozenset(
    "file files image images img imgs photo picture audio video media part parts pdf doc document upload uploaded blob "
    "attachment frame screenshot clip recording history messages contents content turn turns".split()
)
_PLACES = {"contents": Place("contents", "Content"), "config": Place("config", CONFIG)}
_TURN = Shape("Content")
_CONTENTS = re.compile(r"contents(\[\])*(\.parts(\[\])?)?$")
_TEXT_WORDS = frozenset("prompt prompts text question query message instruction instructions description caption".split())


@dataclass(slots=True)
class Ledger:
    """What several sites of a module share while they are read: which reads of which bindings were understood."""

    consumed: set[cst.CSTNode] = field(default_factory=set)
    tracks: dict[CallSite, Track] = field(default_factory=dict)
    shapes: dict[cst.CSTNode, Shape] = field(default_factory=dict)  # what every reply's track goes through
    modes: dict[Hashable, Mode] = field(default_factory=dict)


class RequestReader:
    """Reads one site."""

    def __init__(self, facts: Facts, renderer: Renderer, context: Context, site: CallSite, ledger: Ledger) -> None:
        self.facts = facts
        self.renderer = renderer
        self.context = context
        self.ledger = ledger
        self.draft = Draft(site)
        self.reader = Reader(facts, self.follow, lambda result: answering(facts, ledger.shapes, result))
        self.following: set[Hashable] = set()

    def read(self) -> Draft:
        """The draft of the site: request planned, response tracked."""
        request = self._request()
        if request is None:
            return self.draft
        planned = plan_request(request, self.context)
        self.draft.diagnostics += planned.diagnostics
        self.draft.features |= planned.features
        self._features_of_model(request)
        if isinstance(planned.value, ir.Record) and self._is_all_known(planned.value):
            self._write_call(self._beside_comments(planned.value))
        return self.draft

    # The call ----------------------------------------------------------------------------------------------------------

    def _request(self) -> ir.Request | None:
        site = self.draft.site
        fields = self._arguments(site)
        if fields is None:
            return None
        known = {each.name: each for each in fields}
        strange = [each for each in fields if each.name not in ("model", "contents", "config")]
        for each in strange:
            self.draft.refuse("MG104", f"{site.operation} has no argument called {each.name}", _node(each.origin) or site.call)
        if "model" not in known or "contents" not in known:
            self.draft.refuse("MG106", "model or contents is not visible in this call", site.call)
            return None
        if strange:
            return None
        config = known["config"].value if "config" in known else None
        self._remember_schema(config)
        self._check_models(known["model"].value)
        return ir.Request(site.operation, known["model"].value, known["contents"].value, config, site.call)

    def _check_models(self, model: ir.Value) -> None:
        """A model that a loop takes from a visible list: each of them has to be served."""
        if not isinstance(model, ir.Opaque) or not isinstance(model.origin, cst.Name):
            return
        for definition in self.facts.scopes.definitions(model.origin):
            for name in self._listed(definition.value) if definition.kind is Kind.FOR else ():
                result = plan_model(ir.Literal(name), self.context)
                for said in result.diagnostics:
                    self.draft.diagnostics.append(replace(said, origin=model.origin))

    def _listed(self, node: cst.BaseExpression | None) -> list[str]:
        """The strings of a visible list of strings."""
        if isinstance(node, cst.Name):
            definition = self.reader.single(node)
            node = definition.value if definition is not None else None
        elements = node.elements if isinstance(node, (cst.List, cst.Tuple)) else ()
        values = (self.reader.read(element.value, Place("", "")) for element in elements)
        return [value.value for value in values if isinstance(value, ir.Literal) and isinstance(value.value, str)]

    def _arguments(self, site: CallSite) -> list[ir.Field] | None:
        fields: list[ir.Field] = []
        configured_first = sorted(site.arguments, key=lambda each: each.keyword is None or each.keyword.value != "config")
        for argument in configured_first:
            if argument.star == "**":
                inner = self._splatted(argument)
                if inner is None:
                    self.draft.refuse("MG106", "the keywords of this call come from a dict that this file does not show", argument)
                    return None
                fields += inner
            elif argument.keyword is None:
                self.draft.refuse("MG104", f"{site.operation} takes keywords only: this call fails today", argument)
                return None
            else:
                fields.append(self._argument(argument.keyword.value, argument))
        return fields

    def _argument(self, name: str, argument: cst.Arg | cst.DictElement) -> ir.Field:
        value = self.reader.read(argument.value, _PLACES.get(name, Place(name, "")))
        if name == "config":
            self._remember_resolution(value)
        return ir.Field(name, value, argument)

    def _remember_resolution(self, config: ir.Value) -> None:
        """Contents that are rewritten where they are made have to know the resolution of their media."""
        self.context = replace(self.context, resolution=resolution_of(config, self.context) or self.context.resolution)

    def _splatted(self, argument: cst.Arg) -> list[ir.Field] | None:
        binding = binding_of(self.facts, argument.value)
        made = binding.values[0] if binding is not None and can_move(self.facts, binding, argument.value) else argument.value
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
            self._moved(binding)
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

    def _features_of_model(self, request: ir.Request) -> None:
        if isinstance(request.model, ir.Literal) and isinstance(request.model.value, str):
            if "image" in request.model.value:
                self.draft.features.add(Feature.IMAGE)
            if "tts" in request.model.value:
                self.draft.features.add(Feature.AUDIO)

    def _remember_schema(self, config: ir.Value | None) -> None:
        records = ir.walk(config) if config is not None else ()
        for record in records:
            if not isinstance(record, ir.Record):
                continue
            schema = record.get("response_schema") or record.get("responseSchema") or record.get("response_json_schema")
            origin = getattr(schema, "origin", None)
            if isinstance(origin, cst.BaseExpression):
                self.draft.schema = origin

    def _write_call(self, body: ir.Record) -> None:
        site = self.draft.site
        method = self._method(site)
        if method is None:
            return
        group = self.renderer.call(body, method, site, self.draft.moved)
        self.draft.edits[site.call] = Replace(group)

    def _method(self, site: CallSite) -> str | None:
        """The code that names ``interactions.create`` on the same client."""
        match site.method:
            case cst.Attribute(value=cst.Attribute(value=client, attr=cst.Name(value="models"))):
                return f"{self.facts.module.source(client)}.interactions.create"
            case cst.Attribute(value=holder):
                return self._through_alias(holder, ".interactions", "models")
            case cst.Name():
                return self._through_alias(site.method, ".interactions.create", "models.generate_content")
        return None

    def _through_alias(self, alias: cst.BaseExpression, new: str, old: str) -> str | None:
        """``models = client.models`` or ``generate = client.models.generate_content``: the alias changes with its uses."""
        binding = binding_of(self.facts, alias)
        if binding is None:
            self.draft.refuse("MG301", f"what {self.facts.module.source(alias)} stands for is not visible", alias)
            return None
        for value in binding.values:
            client = self._client_in(value, old)
            if client is None:
                self.draft.refuse("MG301", f"what {self.facts.module.source(alias)} stands for is not visible", alias)
                return None
            self.draft.edits[value] = Replace(Concat((Carried(client), Text(new))))
        self.draft.bindings[binding.key] = binding
        self.ledger.consumed.add(alias)
        source = self.facts.module.source(alias)
        return f"{source}.create" if old == "models" else source

    def _client_in(self, value: cst.BaseExpression, old: str) -> cst.BaseExpression | None:
        for name in reversed(old.split(".")):
            match value:
                case cst.Attribute(value=inner, attr=cst.Name(value=found)) if found == name:
                    value = inner
                case _:
                    return None
        return value

    # Structures behind names -------------------------------------------------------------------------------------------

    def follow(self, node: cst.BaseExpression, place: Place) -> ir.Value | None:
        """The structure that ``node`` names: moved here, or planned where it is made; None where it is none."""
        if not place.path:
            return None
        if place.path == "contents[]" and self._is_models_turn(node):
            return ir.Apply(ir.Function.STEPS, (ir.Opaque(node, ir.PLANNED),), node)
        if isinstance(node, (cst.ListComp, cst.GeneratorExp)):
            return self._comprehension(node, place)
        binding = binding_of(self.facts, node)
        if binding is None:
            return self._unseen(node, place)
        if binding.key in self.draft.bindings and node in self.ledger.consumed:
            return ir.Opaque(node, ir.PLANNED)
        if binding.key in self.following:
            return ir.Unknown(f"{binding.label} is made from itself", node)
        self.following.add(binding.key)
        values = [self.reader.read(value, place) for value in binding.values]
        self.following.discard(binding.key)
        if place.path.startswith("config") and not any(isinstance(value, ir.Record | ir.Sequence | ir.Choice) for value in values):
            return None
        if not any(_is_structure(value) for value in values):
            return None
        if place.path == "config":
            return self._config(node, binding, values, place)
        return self._in_place(node, binding, values, place)

    def _unseen(self, node: cst.BaseExpression, place: Place) -> ir.Value | None:
        """What a name that is bound elsewhere most likely is, where its spelling says more than nothing."""
        if not isinstance(node, (cst.Name, cst.Attribute)) or self.facts.kinds.of(node):
            return None
        name = node.value if isinstance(node, cst.Name) else node.attr.value
        words = set(name.lower().split("_"))
        is_item = _CONTENTS.match(place.path) is not None
        if is_item and words & _MEDIA_WORDS and not words & _TEXT_WORDS:
            return ir.Unknown(f"{name} may be a file, an image or a part: its type is not visible", node)
        elsewhere = isinstance(node, cst.Attribute) or all(
            each.kind is Kind.IMPORT for each in self.facts.scopes.definitions(node)
        )
        if place.path.endswith("response_schema") and elsewhere and name[:1].isupper() and not name.isupper():
            self.draft.ask("MG102", f"response_schema: {name} is assumed to be a class: it is made elsewhere", node)
            return ir.Opaque(node, "type", repeatable=True)
        return None

    def _comprehension(self, node: cst.ListComp | cst.GeneratorExp, place: Place) -> ir.Value | None:
        """``[Part.from_bytes(...) for page in pages]``: the element is rewritten where it stands."""
        item = self.reader.read(node.elt, place.item())
        if place.path.startswith("contents"):
            mode = Mode.STEPS if _is_turn(item) or _is_step(item) else Mode.CONTENTS
            result = plan_item(item, mode, self.context)
            self._note(result)
            if result.value is not None and not isinstance(result.value, ir.Sequence):
                self.draft.edits[node.elt] = Replace(self.renderer.value(result.value))
                return ir.Opaque(node, ir.PLANNED, hint=mode.value)
            return ir.Unknown("one item of this comprehension becomes several", node) if result.value is not None else item
        found = self._planned_inside(item, place.item()) if _is_structure(item) else None
        if found is None:
            return None
        self.draft.edits[node.elt] = Replace(self.renderer.value(found))
        return ir.Opaque(node, ir.PLANNED)

    def _moved(self, binding: Binding) -> None:
        definition = binding.definitions[0]
        statement = self.facts.module.statement(definition.node)
        self.draft.edits[statement] = Remove()
        self.draft.moved.append(binding.values[0])

    def _claim(self, binding: Binding, node: cst.CSTNode) -> None:
        self.draft.bindings[binding.key] = binding
        self.ledger.consumed.add(node)
        if binding.outside:
            message = f"{binding.label} is given by the callers: assumed that no other file calls {binding.outside}"
            self.draft.ask("MG306", message, node)
        for annotation in binding.annotations:
            self._annotated_dict(annotation)
        if binding.function is not None and binding.function.returns is not None:
            self._returns_dict(binding.function)

    def _returns_dict(self, function: cst.FunctionDef) -> None:
        assert function.returns is not None
        annotation = function.returns.annotation
        self._annotated_dict(annotation)

    def _annotated_dict(self, annotation: cst.BaseExpression) -> None:
        """``types.GenerateContentConfig`` and its like inside an annotation, which is a dict now."""
        for node in descendants(annotation):
            if isinstance(node, cst.BaseExpression) and self.facts.names.path(node).startswith("google.genai.types."):
                self.renderer.needs.names.add(("typing", "Any"))
                self.draft.edits[node] = Replace(Text("dict[str, Any]"))

    # A configuration under a name ----------------------------------------------------------------------------------------

    def _config(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value], place: Place) -> ir.Value:
        if can_move(self.facts, binding, node) and len(values) == 1:
            self._moved(binding)
            return values[0]
        planned = [self._planned_config(value, made) for value, made in zip(values, binding.values, strict=True)]
        if not all(planned):
            return ir.Opaque(node, ir.PLANNED)  # a diagnostic says why
        for read in binding.reads:
            self._changed_later(binding, read)
        self._claim(binding, node)
        self._typed(binding)
        optional = any(isinstance(value, ir.Literal) and value.value is None for value in values)
        return ir.Opaque(node, ir.PLANNED, hint="optional" if optional and binding.optional else "")

    def _typed(self, binding: Binding) -> None:
        """A type checker takes a dict that is splatted for a request only where it is said to hold anything."""
        if binding.annotations or binding.function is not None or not binding.values:
            return
        assignment = self.facts.module.parent(binding.values[0])
        if not isinstance(assignment, cst.Assign) or len(assignment.targets) != 1:
            return
        self.renderer.needs.names.add(("typing", "Any"))
        self.draft.edits[assignment] = Annotate("dict[str, Any]")

    def _planned_config(self, value: ir.Value, made: cst.BaseExpression) -> bool:
        self._remember_schema(value)
        self._remember_resolution(value)
        if isinstance(value, ir.Literal) and value.value is None:
            return True
        result = plan_config(value, self.context)
        self._note(result)
        if result.value is None:
            return False
        self.draft.edits[made] = Replace(self._whole(result.value, made))
        return True

    def _whole(self, value: ir.Value, made: cst.CSTNode) -> Doc:
        doc = self.renderer.value(value)
        return self.renderer.keeping(doc, made)

    def _note(self, result: Planned) -> None:
        self.draft.diagnostics += result.diagnostics
        self.draft.features |= result.features

    def _changed_later(self, binding: Binding, read: cst.BaseExpression) -> None:
        """``config.tools = …`` becomes an assignment to the dict's key."""
        target = self.facts.module.parent(read)
        assigned = self.facts.module.parent(target) if target is not None else None
        match target, assigned:
            case cst.Attribute(attr=cst.Name(value=name)), cst.AssignTarget():
                self._changed_field(binding, read, target, name, self._assigned_value(assigned))
            case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]), cst.AssignTarget():
                self._changed_field(binding, read, target, str(key.evaluated_value), self._assigned_value(assigned))

    def _assigned_value(self, assigned: cst.AssignTarget) -> cst.BaseExpression:
        assignment = self.facts.module.parent(assigned)
        assert isinstance(assignment, cst.Assign)
        return assignment.value

    def _changed_field(
        self,
        binding: Binding,
        read: cst.BaseExpression,
        target: cst.Attribute | cst.Subscript,
        name: str,
        value: cst.BaseExpression,
    ) -> None:
        of = self.facts.maps.types.get(CONFIG, {}).get(name, "")
        entry = ir.Field(name, self.reader.read(value, Place(f"config.{name}", of)), target)
        result = plan_config(ir.Record(CONFIG, (entry,), target), self.context)
        self._note(result)
        match result.value:
            case ir.Record(fields=[ir.Field(name="generation_config", value=ir.Record(fields=[ir.Field(name=leaf, value=new)]))]):
                q = self.renderer.quote
                steps = f".setdefault({q}generation_config{q}, {{}})[{q}{leaf}{q}]"
                self.draft.edits[target] = Replace(Concat((Carried(read), Text(steps))))
                self.draft.edits[value] = Replace(self.renderer.value(new))
                self.ledger.consumed.add(read)
            case ir.Record(fields=[ir.Field(name=key, value=new)]) if key not in ("response_format", "generation_config", "**"):
                q = self.renderer.quote
                self.draft.edits[target] = Replace(Concat((Carried(read), Text(f"[{q}{key}{q}]"))))
                self.draft.edits[value] = Replace(self.renderer.value(new))
                self.ledger.consumed.add(read)
            case None:
                self.ledger.consumed.add(read)  # a diagnostic says why
            case _:
                message = f"{binding.label}.{name} is changed after it was made, and becomes more than one key"
                self.draft.refuse("MG106", message, target, "Give the value where the configuration is made.")
                self.ledger.consumed.add(read)

    # Everything else under a name ---------------------------------------------------------------------------------------------

    def _in_place(
        self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value], place: Place
    ) -> ir.Value | None:
        if _CONTENTS.match(place.path):
            return self._contents(node, binding, values, place)
        if place.path.startswith("contents"):
            return self._moved_or_unknown(node, binding, values) if place.type else None
        if growths(self.facts, binding)[0]:
            return ir.Unknown(f"{binding.label} is a list that grows after it was made", node)
        edits = []
        for value, made in zip(values, binding.values, strict=True):
            found = self._planned_inside(value, place)
            if found is None:
                return self._moved_or_unknown(node, binding, values)
            edits.append((made, found))
        for (made, found), value in zip(edits, values, strict=True):
            if found is not value:
                self.draft.edits[made] = Replace(self._whole(found, made))
        self._claim(binding, node)
        return ir.Opaque(node, ir.PLANNED, hint=",".join(sorted(_field_names(values))))

    def _moved_or_unknown(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value]) -> ir.Value:
        if len(values) == 1 and can_move(self.facts, binding, node):
            self._moved(binding)
            return values[0]
        if len(values) == 1 and is_constant(self.facts, binding.values[0]):
            self.ledger.consumed.add(node)
            self.draft.copied[binding.key] = binding
            return values[0]
        return ir.Unknown(f"{binding.label} is made elsewhere and becomes several things here", node)

    def _planned_inside(self, value: ir.Value, place: Place) -> ir.Value | None:
        """What ``value`` becomes at ``place`` of a configuration, where it stays one value."""
        path = place.path.removeprefix("config.")
        entries = [_wrapped(path, value)]
        if path.startswith(("response_schema", "response_json_schema")):
            entries.append(ir.Field("response_mime_type", ir.Literal("application/json")))
        result = plan_config(ir.Record(CONFIG, tuple(entries)), self.context)
        found = _inside(result.value, value, listed=path.endswith("[]"))
        if found is not None or result.value is None:
            self._note(result)
        return found

    # Contents under a name ----------------------------------------------------------------------------------------------------

    def _contents(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value], place: Place) -> ir.Value:
        if not place.path.endswith("[]"):
            return self._contents_list(node, binding, values, place)
        mode = Mode.STEPS if any(_is_turn(value) for value in values) else Mode.CONTENTS
        for value, made in zip(values, binding.values, strict=True):
            result = plan_item(value, mode, self.context)
            self._note(result)
            match result.value:
                case None:
                    return ir.Opaque(node, ir.PLANNED)
                case ir.Sequence():
                    return self._moved_or_unknown(node, binding, values)
                case new:
                    self.draft.edits[made] = Replace(self._whole(new, made))
        self._claim(binding, node)
        return ir.Opaque(node, ir.PLANNED, hint=mode.value)

    def _contents_list(
        self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value], place: Place
    ) -> ir.Value:
        grown, _ = growths(self.facts, binding)
        grown = [growth for growth in grown if growth.read not in self.ledger.consumed]
        added = [(growth, self._added(growth)) for growth in grown]
        everything = [*values, *(value for _, value in added if value is not None)]
        items = [each for value in everything for each in _items(value)]
        turns = any(value is None for _, value in added) or any(_is_turn(each) for each in items)
        mode = Mode.STEPS if turns or any(_is_step(each) for each in items) else Mode.CONTENTS
        if place.path != "contents" and turns:
            return ir.Unknown(f"{binding.label} holds whole turns where parts are expected", node)
        for value, made in zip(values, binding.values, strict=True):
            result = plan_contents(value, self.context, mode if grown or isinstance(value, ir.Sequence) else None)
            self._note(result)
            if result.value is None:
                return ir.Opaque(node, ir.PLANNED)
            self.draft.edits[made] = Replace(self._whole(result.value, made))
        for growth, value in added:
            self._grow(growth, value, mode)
        if self.context.resolution and len(binding.reads) > len(grown) + 1:
            self.draft.refuse("MG106", f"media_resolution: {binding.label} is also used where it may have another one", node)
        self._claim(binding, node)
        return ir.Opaque(node, ir.PLANNED, hint=mode.value)

    def _added(self, growth: Growth) -> ir.Value | None:
        """What a growth adds; None where it adds the model's turn of a tracked response."""
        if self._is_models_turn(growth.items):
            return None
        place = Place("contents[]", "Content") if growth.method in ("append", "insert") else Place("contents", "Content")
        return self.reader.read(growth.items, place)

    def _is_models_turn(self, node: cst.BaseExpression) -> bool:
        return self.ledger.shapes.get(node) == _TURN

    def _grow(self, growth: Growth, value: ir.Value | None, mode: Mode) -> None:
        self.ledger.consumed.add(growth.read)
        if value is None:
            return  # the read of the response puts the steps in
        if growth.method not in ("append", "insert"):
            result = plan_contents(value, self.context, mode)
            self._note(result)
            if isinstance(result.value, ir.Sequence):
                self.draft.edits[growth.items] = Replace(self.renderer.value(result.value))
            elif result.value is not None:
                self.draft.refuse("MG108", "the list grows by something that is not a list", growth.call)
            return
        result = plan_item(value, mode, self.context)
        self._note(result)
        match result.value, growth.call:
            case ir.Spread(value=whole), cst.Call(func=cst.Attribute(value=history)) if growth.method == "append":
                shown = self.renderer.value(whole)
                self.draft.edits[growth.call] = Replace(Concat((Carried(history), Text(".extend("), shown, Text(")"))))
            case ir.Sequence() as several, cst.Call(func=cst.Attribute(value=history)) if growth.method == "append":
                shown = self.renderer.value(several)
                self.draft.edits[growth.call] = Replace(Concat((Carried(history), Text(".extend("), shown, Text(")"))))
            case ir.Sequence() | ir.Spread(), _:
                self.draft.refuse("MG108", "one turn becomes several steps, which cannot be inserted here", growth.call)
            case ir.Record() | ir.Opaque() | ir.Apply() | ir.Choice() as one, _:
                self.draft.edits[growth.items] = Replace(self.renderer.value(one))


def track(facts: Facts, site: CallSite, ledger: Ledger) -> None:
    """Follow the response of a site, before any request is read: requests send parts of responses back."""
    start: cst.CSTNode = site.call
    ledger.tracks[site] = found = Track()
    if site.handed_to == "functools.partial":
        argument = facts.module.parent(start)
        run = facts.module.parent(argument) if isinstance(argument, cst.Arg) else None
        if not isinstance(run, cst.Call):
            found.vetoes.append(Veto("MG202", start, "the partial call is made where it is not visible"))
            return
        start = run
    ledger.tracks[site] = Tracker(facts).run(start, Shape(RESPONSE))
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
    found = []
    for binding in draft.bindings.values():
        for read in binding.reads:
            calm = how_used(facts, read)[0] in (How.TEST, How.COUNTED, How.IS_NONE, How.IS_NOT_NONE, How.DISCARDED)
            if read not in ledger.consumed and not calm:
                found.append((binding, read))
    return found


def _wrapped(path: str, value: ir.Value) -> ir.Field:
    """``value`` at ``path`` of a configuration, with nothing else around it."""
    first, *rest = path.split(".")
    if rest:
        value = ir.Record("dict", (_wrapped(".".join(rest), value),))
    return ir.Field(first.removesuffix("[]"), ir.Sequence((value,)) if first.endswith("[]") else value)


def _inside(planned: ir.Value | None, value: ir.Value, listed: bool) -> ir.Value | None:
    """The one value that ``value`` became inside of ``planned``; None where it became several, or none."""
    match planned:
        case ir.Record(fields=[ir.Field(value=ir.Sequence(items=[only]))]) if listed:
            return only
        case ir.Record(fields=[ir.Field(value=ir.Sequence() as entries)]) if isinstance(value, ir.Sequence):
            return ir.Sequence(entries.items, value.origin)
        case None:
            return None
    origin = getattr(value, "origin", None)
    found = [each for each in ir.walk(planned) if getattr(each, "origin", None) is origin]
    return found[0] if len(found) == 1 else None


def _field_names(values: Iterable[ir.Value]) -> set[str]:
    """The names of all fields inside, those of structures that are rewritten where they are made included."""
    names: set[str] = set()
    for value in (inner for outer in values for inner in ir.walk(outer)):
        match value:
            case ir.Record(fields=fields):
                names.update(field.name for field in fields)
            case ir.Opaque(type=ir.PLANNED, hint=hint):
                names.update(hint.split(","))
    return names


def _is_structure(value: ir.Value) -> bool:
    match value:
        case ir.Record() | ir.Sequence() | ir.Unknown():
            return True
        case ir.Choice(then=then, otherwise=otherwise):
            return _is_structure(then) or _is_structure(otherwise)
        case ir.Opaque(type=type):
            return type == ir.PLANNED
    return False


def _items(value: ir.Value) -> tuple[ir.Value, ...]:
    return value.items if isinstance(value, ir.Sequence) else (value,)


def _is_turn(value: ir.Value) -> bool:
    """Whether a value is a whole turn of a conversation, not a part of one."""
    match value:
        case ir.Record(type="Content"):
            return True
        case ir.Record(type="dict"):
            return value.get("parts") is not None or value.get("role") is not None
        case ir.Opaque(type=ir.PLANNED, hint=hint):
            return hint == Mode.STEPS.value
    return False


def _is_step(value: ir.Value) -> bool:
    """Whether a part is a step of its own: a call or a result."""
    match value:
        case ir.Record(type="Part" | "dict"):
            return any(value.get(name) is not None for name in ("function_response", "functionResponse", "function_call"))
        case ir.Spread(value=inner):
            return _is_step(inner)
        case ir.Opaque(type=ir.PLANNED, hint=hint):
            return hint == Mode.STEPS.value
    return False


def _node(origin: ir.Origin) -> cst.CSTNode | None:
    return origin if isinstance(origin, cst.CSTNode) else None
