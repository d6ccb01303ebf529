"""Names that stand for structures of a request: written where they are made, or moved to where they are used."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import field, replace

import libcst as cst

from migrator import ir
from migrator.plan import PART, Mode, plan_config, plan_item
from migrator.planning.automatic import CALLABLES, FUNCTION, FUNCTIONS, has_callables
from migrator.planning.parts import OWN, PICTURES, TEXTS
from migrator.planning.tools import UNSEEN
from migrator.python.evidence.guards import conditions, says_there
from migrator.python.evidence.module import is_none, is_nothing
from migrator.python.evidence.names import Instance
from migrator.python.evidence.own_types import is_no_content
from migrator.python.evidence.scopes import Kind
from migrator.python.evidence.unseen import TEXT_WORDS, is_made_unseen
from migrator.python.evidence.values import Place, Reader
from migrator.python.evidence.words import words
from migrator.python.requests.bindings import (
    Binding,
    binding_of,
    can_move,
    growths,
    is_constant,
    is_counted,
)
from migrator.python.requests.configs import Configs
from migrator.python.requests.copies import Copies
from migrator.python.requests.cuts import CUTS, Cuts
from migrator.python.requests.histories import Histories
from migrator.python.requests.members import HOLDERS, Members
from migrator.python.requests.snapshots import keep_apart
from migrator.python.requests.tables import item_of
from migrator.python.requests.workspace import CONFIG, Workspace, field_names, is_step, is_structure, is_turn
from migrator.python.tools.calls import answered_alone, answered_elsewhere, answers_by_hand, completed, hands_calls_on
from migrator.python.tools.toolboxes import GROWING, PATH, Toolboxes
from migrator.records import dataclass

_MEDIA_WORDS = frozenset(
    "file files image images img imgs photo picture audio video media part parts pdf doc document upload uploaded blob "
    "attachment frame screenshot clip recording history messages contents content turn turns".split()
)
_FILE_WORDS = frozenset("file audio video pdf doc document upload uploaded attachment clip recording".split())
_SAFETY = "config.safety_settings"
_CONTENTS = re.compile(r"contents(\[\])*(\.parts(\[\])?)?$")


@dataclass(slots=True)
class Structures:
    """Follows the names in one site's request; ``reader`` reads expressions and asks back here."""

    space: Workspace
    following: set[Hashable] = field(default_factory=set)

    @property
    def reader(self) -> Reader:
        """The reader that follows names through this."""
        return Reader(self.space.facts, self.follow, self._complete)

    def _complete(self, record: ir.Record) -> ir.Value:
        return completed(self.space, record)

    def follow(self, node: cst.BaseExpression, place: Place) -> ir.Value | None:
        """The structure that ``node`` names: moved here, or planned where it is made; None where it is none."""
        unseen = not self.space.facts.kinds.of(node)
        answer = self._answer(node, place) if unseen else None
        if answer is not None:
            return answer
        found = self._followed(node, place)
        if found is not None or not unseen:
            return found
        if place.path.endswith(".parts[]") and hands_calls_on(self.space):
            return ir.Unknown("whether this is the result for a call that another file runs is not visible", node)
        if place.path.endswith(".parts[]"):
            return ir.Opaque(node, PART)  # the legacy types take nothing else here, no strings
        if place.path.endswith("config.tools[]") and answers_by_hand(self.space):
            return ir.Opaque(node, UNSEEN)
        return None

    def _answer(self, node: cst.BaseExpression, place: Place) -> ir.Value | None:
        """The result of a function that another file runs."""
        if place.path == "contents":
            return answered_alone(self.space, node)
        return answered_elsewhere(self.space, node) if place.path.endswith((".parts[]", "contents[]")) else None

    def _followed(self, node: cst.BaseExpression, place: Place) -> ir.Value | None:
        if not place.path:
            return None
        if place.path == "contents[]" and self.space.is_models_turn(node):
            self.space.ledger.consumed.add(node)
            return ir.Apply(ir.Function.STEPS, (ir.Opaque(node, ir.PLANNED),), node)
        if isinstance(node, cst.BooleanOperation) and is_nothing(node.right) and isinstance(node.operator, cst.Or):
            return self._or_nothing(node, place)
        if isinstance(node, (cst.ListComp, cst.GeneratorExp)):
            return self._comprehension(node, place)
        if place.path == "config" and (copied := Copies(self.space.facts, self.reader).read(node, place)) is not None:
            return copied
        if place.path.endswith("[]") and self._is_picture(node):
            return None
        if place.path == "contents" and isinstance(node, cst.Subscript) and isinstance(node.slice[0].slice, cst.Slice):
            return self._cut(node, node.value, place)
        binding = binding_of(self.space.facts, node)
        loose = binding is None and not getattr(self.space.facts.module.parent(node), "star", "")
        if (place.path == "config" or (loose and _CONTENTS.match(place.path))) and (
            item := item_of(self.space.facts, node)
        ) is not None:
            binding = item
            if place.path != "config" and all(self.space.facts.kinds.of(value) == "str" for value in item.values):
                return ir.Opaque(node, "str")
        if binding is None:
            return self._unseen(node, place)
        if place.path == _SAFETY and not self._is_display(binding, node):
            return None  # rewritten while the program runs, from what the list holds then
        if binding.key in self.space.draft.bindings and node in self.space.ledger.consumed:
            return self.space.ledger.held.get(node) or ir.Opaque(node, ir.PLANNED)
        if binding.key in self.following:
            return ir.Unknown(f"{binding.label} is made from itself", node)
        if place.path.endswith("response_schema") and self._is_any_schema(binding):
            return None
        if place.path.startswith("contents") and self._are_given(node, binding):
            return None
        keep_apart(self.space, node, binding)
        self.following.add(binding.key)
        values = [self.reader.read(value, place) for value in binding.values]
        self.following.discard(binding.key)
        return self._named(node, binding, values, place)

    def _or_nothing(self, node: cst.BooleanOperation, place: Place) -> ir.Value | None:
        """``options or {}``, ``tools or None``: what is there, or nothing."""
        found = self.reader.read(node.left, place)
        match found:
            case ir.Opaque(type=ir.PLANNED) if place.path == "config":
                return replace(found, hint="optional")
            case ir.Opaque(type=ir.PLANNED):
                return replace(found, origin=node)
            case ir.Record() | ir.Sequence():
                return found
        return None

    def _is_display(self, binding: Binding, node: cst.BaseExpression) -> bool:
        """Whether a list is written out where it is made, and grows for ``node`` alone."""
        grown, others = growths(self.space.facts, binding)
        written = all(
            isinstance(value, (cst.List, cst.Tuple))
            and all(isinstance(each, cst.Element) and not isinstance(each.value, cst.Name) for each in value.elements)
            for value in binding.values
        )
        return written and (not grown or others == [node])

    def _cut(self, node: cst.Subscript, whole: cst.BaseExpression, place: Place) -> ir.Value | None:
        """Some turns of a history: as many steps, where each turn is one."""
        binding = binding_of(self.space.facts, whole)
        if binding is None:
            return self._unseen(node, place)
        if binding.key in self.following:  # history = history[-10:]
            self.space.ledger.consumed.add(whole)
            return ir.Opaque(node, ir.PLANNED)
        found = self._followed(whole, place)
        if found is not None and binding.key in self.space.ledger.uneven:
            return ir.Unknown(f"{binding.label} is cut by turns, and one of them may become several steps", node)
        match found:
            case ir.Opaque(type=ir.PLANNED):
                return replace(found, origin=node)
        return found

    def _is_picture(self, node: cst.BaseExpression) -> bool:
        """Whether ``node`` is a picture of PIL; one that may be missing has been asked for before."""
        facts = self.space.facts
        if not isinstance(node, cst.Name) or not facts.kinds.of(node).startswith("PIL."):
            return False
        found = facts.scopes.definitions(node)
        sure = all(each.value is not None and facts.kinds.of(each.value) for each in found)
        asked = conditions(facts.module, node)
        return sure or any(says_there(facts.module, test, node.value, holds=holds) for test, holds in asked)

    def _named(
        self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value], place: Place
    ) -> ir.Value | None:
        if place.path == "config.system_instruction" and self.space.facts.kinds.of(node) == TEXTS:
            return None  # joined where it is used: the list may have other readers
        if (reason := self._grows_strangely(binding, values, place)) is not None:
            return ir.Unknown(reason, node)
        shown = any(isinstance(value, (ir.Record, ir.Sequence, ir.Choice)) for value in values) or (
            place.path in (PATH, "config") and any(map(_is_done, values))
        )
        if not any(is_structure(value) for value in values) or (place.path.startswith("config") and not shown):
            seen_as_text = _CONTENTS.match(place.path) and not place.path.endswith(
                ".parts[]"
            )  # no strings are taken there
            if place.path.startswith("config") and any(map(_is_rewritten, values)):
                return self._rewritten(node, binding, values)
            return self._unseen(node, place) if seen_as_text else None
        if place.path == "config":
            return Configs(self.space, self.reader).named(node, binding, values)
        if _CONTENTS.match(place.path):
            histories = Histories(self.space, self.reader)
            if not place.path.endswith("[]"):
                return histories.whole(node, binding, values, place)
            return histories.item(node, binding, values) or self._moved_or_unknown(node, binding, values)
        if place.path.startswith("contents") and place.type in CUTS:
            return Cuts(self.space, place).named(node, binding, values)
        if place.path.startswith("contents"):
            return self._moved_or_unknown(node, binding, values) if place.type else None
        return self._in_place(node, binding, values, place)

    def _are_given(self, node: cst.BaseExpression, binding: Binding) -> bool:
        """Whether callers hand in a list of texts or pictures and may go on to do so: it is made into contents here."""
        given = any(each.kind is Kind.PARAMETER and each.annotation is not None for each in binding.definitions)
        facts = self.space.facts
        return given and facts.kinds.of(node) in (TEXTS, PICTURES) and not growths(facts, binding)[0]

    def _rewritten(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value]) -> ir.Value:
        """What a name holds that stands for other names, where those are rewritten."""
        if not all(map(_is_done, values)):
            return ir.Unknown(f"{binding.label} holds different things", node)
        self.space.claim(binding, node)
        return ir.Opaque(node, ir.PLANNED, hint=",".join(sorted(field_names(values))))

    def _is_any_schema(self, binding: Binding) -> bool:
        """Whether a parameter may hold schemas of other callers, or classes beside them: the run tells them apart."""
        if not any(each.kind is Kind.PARAMETER for each in binding.definitions):
            return False
        kinds = {self.space.facts.kinds.of(value) for value in binding.values if not is_none(value)}
        return len(kinds) > 1 or (bool(binding.outside) and not self.space.facts.alone)

    def _grows_strangely(self, binding: Binding, values: list[ir.Value], place: Place) -> str | None:
        """Why a list cannot be read where it is used, for what is put into it elsewhere; None where it can."""
        if not _CONTENTS.match(place.path):
            return None
        facts = self.space.facts
        grown = growths(facts, binding)[0]
        if not any(is_structure(value) for value in values):
            kinds = [facts.kinds.of(each.items) for each in grown]
            if any(kind.removeprefix("list[").removesuffix("]") != "str" for kind in kinds):
                return f"{binding.label} grows by things that are not visible as strings"
        return None

    # Inside of a configuration -------------------------------------------------------------------------------------

    def _in_place(
        self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value], place: Place
    ) -> ir.Value | None:
        if place.path == "config.tools" and self._holds_functions(binding):
            return ir.Opaque(node, FUNCTIONS, repeatable=True)
        grown = growths(self.space.facts, binding)[0]
        if grown and place.path in GROWING:
            box = Toolboxes(self.space, self.reader, place.path).grown(node, binding, values, grown)
            return None if isinstance(box, ir.Unknown) and place.path == _SAFETY else box
        if grown and self._is_carried(place):
            return None
        if grown:
            return ir.Unknown(f"{binding.label} is a list that grows after it was made", node)
        if place.path in HOLDERS:
            return self._members(node, binding, values, place)
        planned = [value if _is_done(value) else self._planned_inside(value, place) for value in values]
        if None in planned:
            return self._moved_or_unknown(node, binding, values)
        if is_counted(self.space.facts, binding) and any(map(_has_another_length, values, planned)):
            return ir.Unknown(f"{binding.label} is counted, and becomes a list of another length", node)
        for made, value, new in zip(binding.values, values, planned, strict=True):
            if new is not None and new is not value:
                self.space.rewrite(made, new)
        self.space.claim(binding, node)
        names = field_names(values) | ({CALLABLES} if any(map(has_callables, values)) else set())
        return ir.Opaque(node, ir.PLANNED, hint=",".join(sorted(names)))

    def _is_carried(self, place: Place) -> bool:
        """Whether what stands at a place of a configuration is the same in the new one."""
        row = self.space.facts.maps.request(CONFIG, place.path.removeprefix("config."))
        return row is not None and row.to is not None and row.via is None and not row.values

    def _holds_functions(self, binding: Binding) -> bool:
        """Whether a list holds Python functions alone, so that it stays what it is."""
        kinds = self.space.facts.kinds
        grown = growths(self.space.facts, binding)[0]
        added = [kinds.of(each.items) for each in grown]
        return all(kinds.of(value) == FUNCTIONS for value in binding.values) and {FUNCTION, FUNCTIONS}.issuperset(added)

    def _members(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value], place: Place) -> ir.Value:
        """A structure whose fields are spread over another one: written there, else a dict to splat."""
        found = self._moved_or_unknown(node, binding, values)
        if not isinstance(found, ir.Unknown):
            return found
        return Members(self.space, place.path).named(node, binding, values) or found

    def _moved_or_unknown(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value]) -> ir.Value:
        if len(values) == 1 and can_move(self.space.facts, binding, node):
            self.space.move(binding)
            return values[0]
        if len(values) == 1 and is_constant(self.space.facts, binding.values[0]):
            self.space.ledger.consumed.add(node)
            self.space.draft.copied[binding.key] = binding
            return values[0]
        return ir.Unknown(f"{binding.label} is made elsewhere and becomes several things here", node)

    def _planned_inside(self, value: ir.Value, place: Place) -> ir.Value | None:
        """What ``value`` becomes at ``place`` of a configuration, where it stays one value."""
        path = place.path.removeprefix("config.")
        entries = [_wrapped(path, value)]
        if path.startswith(("response_schema", "response_json_schema")):
            entries.append(ir.Field("response_mime_type", ir.Literal("application/json")))
        result = plan_config(ir.Record(CONFIG, tuple(entries)), self.space.context)
        found = _inside(result.value, value, path)
        if found is not None or result.value is None:
            self.space.note(result)
        return found

    # Without a binding ---------------------------------------------------------------------------------------------

    def _comprehension(self, node: cst.ListComp | cst.GeneratorExp, place: Place) -> ir.Value | None:
        """``[Part.from_bytes(...) for page in pages]``: the element is rewritten where it stands."""
        item = self.reader.read(node.elt, place.item())
        if not place.path.startswith("contents"):
            declared = place.path.endswith("function_declarations") and isinstance(item, ir.Opaque)
            found = self._planned_inside(item, place.item()) if declared or is_structure(item) else None
            if found is None:
                return None
            self.space.rewrite(node.elt, found)
            return ir.Opaque(node, ir.PLANNED, hint=ir.FRESH if isinstance(node, cst.ListComp) else "")
        mode = Mode.STEPS if is_turn(item) or is_step(item) else Mode.CONTENTS
        result = plan_item(item, mode, self.space.context)
        self.space.note(result)
        match result.value:
            case None:
                return item
            case ir.Sequence():
                return ir.Unknown("one item of this comprehension becomes several", node)
            case new:
                self.space.rewrite(node.elt, new)
                return ir.Opaque(node, ir.PLANNED, hint=mode.value)

    def _unseen(self, node: cst.BaseExpression, place: Place) -> ir.Value | None:
        """What a name that is bound elsewhere most likely is, where its spelling says more than nothing."""
        if self.space.facts.kinds.of(node):
            return None
        if (_CONTENTS.match(place.path)) and (owner := self._no_content(node)) is not None:
            return ir.Opaque(node, f"{OWN}{owner.name.value}")
        made_unseen = place.path == "contents[]" and is_made_unseen(self.space.facts, node)
        if not isinstance(node, (cst.Name, cst.Attribute)):
            return ir.Opaque(node, ir.MADE) if made_unseen else None
        name = node.value if isinstance(node, cst.Name) else node.attr.value
        said = words(name)
        if _CONTENTS.match(place.path) and said & _MEDIA_WORDS and not said & TEXT_WORDS:
            if place.path == "contents[]" and said & _MEDIA_WORDS <= _FILE_WORDS:
                return ir.Opaque(node, ir.MADE)
            return ir.Unknown(f"{name} may be a file, an image or a part: {ir.UNTOLD}", node)
        if made_unseen:
            return ir.Opaque(node, ir.MADE)
        looks_like_a_class = name[:1].isupper() and not name.isupper()
        if place.path.endswith("response_schema") and looks_like_a_class and self._is_from_elsewhere(node):
            message = f"response_schema: {name} is assumed to be a class: it is made elsewhere"
            if not self._is_used_as_a_class(node):
                self.space.draft.ask("MG102", message, node)
            return ir.Opaque(node, "type", repeatable=True)
        return None

    def _no_content(self, node: cst.BaseExpression) -> cst.ClassDef | None:
        """The class of this file that ``node`` is an instance of, where contents are made of no such object."""
        names = self.space.facts.names
        found = names.resolve(node)
        return found.of if isinstance(found, Instance) and is_no_content(names, found.of) else None

    def _is_used_as_a_class(self, node: cst.Name | cst.Attribute) -> bool:
        """Whether the file annotates with the same name, or asks it to validate something."""
        module = self.space.facts.module
        source = module.source(node)
        annotated = any(module.source(each.annotation) == source for each in module.nodes(cst.Annotation))
        validators = ("model_validate", "model_validate_json", "model_json_schema")
        asked = (each for name in validators for each in module.attributes(name))
        return annotated or any(module.source(each.value) == source for each in asked)

    def _is_from_elsewhere(self, node: cst.Name | cst.Attribute) -> bool:
        if isinstance(node, cst.Attribute):
            return True
        return all(each.kind is Kind.IMPORT for each in self.space.facts.scopes.definitions(node))


def _is_done(value: ir.Value) -> bool:
    """Whether a value needs no other form here: it has got one where it is made, or is none."""
    match value:
        case ir.Choice(then=then, otherwise=otherwise):
            return _is_done(then) and _is_done(otherwise)
        case ir.Opaque(type=ir.PLANNED) | ir.Literal(value=None):
            return True
    return False


def _is_rewritten(value: ir.Value) -> bool:
    return isinstance(value, ir.Opaque) and value.type == ir.PLANNED


def _has_another_length(value: ir.Value, new: ir.Value | None) -> bool:
    match value, new:
        case ir.Sequence(items=items), ir.Sequence(items=others):
            return len(items) != len(others)
    return False


def _wrapped(path: str, value: ir.Value) -> ir.Field:
    """``value`` at ``path`` of a configuration, with nothing else around it."""
    first, *rest = path.split(".")
    if rest:
        value = ir.Record("dict", (_wrapped(".".join(rest), value),))
    return ir.Field(first.removesuffix("[]"), ir.Sequence((value,)) if first.endswith("[]") else value)


def _inside(planned: ir.Value | None, value: ir.Value, path: str) -> ir.Value | None:
    """The one value that ``value`` became inside of ``planned``; None where it became several, or none."""
    match planned:
        case ir.Record(fields=(ir.Field(value=ir.Sequence(items=(only,))),)) if path.endswith("[]"):
            return None if isinstance(only, ir.Spread) else only
        case ir.Record(fields=(ir.Field(value=ir.Sequence() as entries),)) if isinstance(value, ir.Sequence):
            return ir.Sequence(entries.items, value.origin)
        case None:
            return None
    origin = getattr(value, "origin", None)
    found = [each for each in ir.walk(planned) if getattr(each, "origin", None) is origin]
    made = [each for each in ir.walk(planned) if isinstance(each, ir.Apply) and set(found) & set(each.args)]
    return (made or found)[0] if len(found) == 1 else None
