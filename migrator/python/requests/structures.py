"""Names that stand for structures of a request: written where they are made, or moved to where they are used."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import field, replace

import libcst as cst

from migrator import ir
from migrator.plan import PART, Mode, plan_item
from migrator.planning.parts import PICTURES, TEXTS
from migrator.planning.tools import UNSEEN
from migrator.python.evidence.guards import conditions, says_there
from migrator.python.evidence.module import is_none, is_nothing
from migrator.python.evidence.scopes import Kind
from migrator.python.evidence.values import Place, Reader
from migrator.python.requests.bindings import (
    Binding,
    binding_of,
    growths,
)
from migrator.python.requests.configs import Configs
from migrator.python.requests.copies import Copies
from migrator.python.requests.cuts import CUTS, Cuts
from migrator.python.requests.gathered import Gathered
from migrator.python.requests.histories import Histories
from migrator.python.requests.in_place import SAFETY, InPlace, is_done
from migrator.python.requests.snapshots import keep_apart
from migrator.python.requests.tables import item_of
from migrator.python.requests.unbound import CONTENTS, Unbound
from migrator.python.requests.workspace import Workspace, field_names, is_step, is_structure, is_turn
from migrator.python.tools.calls import answered_alone, answered_elsewhere, answers_by_hand, completed, hands_calls_on
from migrator.python.tools.toolboxes import PATH
from migrator.records import dataclass


@dataclass(slots=True)
class Structures:
    """Follows the names in one site's request; ``reader`` reads expressions and asks back here."""

    space: Workspace
    following: set[Hashable] = field(default_factory=set)

    @property
    def reader(self) -> Reader:
        """The reader that follows names through this."""
        return Reader(self.space.facts, self.follow, self._complete)

    @property
    def in_place(self) -> InPlace:
        """What writes the names of structures inside of a configuration."""
        return InPlace(self.space, self.reader)

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
        if place.path == "config" and (given := Gathered(self.space, self.reader).read(node, place)) is not None:
            return given
        if place.path.endswith("[]") and self._is_picture(node):
            return None
        if place.path == "contents" and isinstance(node, cst.Subscript) and isinstance(node.slice[0].slice, cst.Slice):
            return self._cut(node, node.value, place)
        binding = binding_of(self.space.facts, node)
        loose = binding is None and not getattr(self.space.facts.module.parent(node), "star", "")
        if (place.path == "config" or (loose and CONTENTS.match(place.path))) and (
            item := item_of(self.space.facts, node)
        ) is not None:
            binding = item
            if place.path != "config" and all(self.space.facts.kinds.of(value) == "str" for value in item.values):
                return ir.Opaque(node, "str")
        if binding is None:
            return Unbound(self.space).likely(node, place)
        if place.path == SAFETY and not self._is_display(binding, node):
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
            return Unbound(self.space).likely(node, place)
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
            place.path in (PATH, "config") and any(map(is_done, values))
        )
        if not any(is_structure(value) for value in values) or (place.path.startswith("config") and not shown):
            seen_as_text = CONTENTS.match(place.path) and not place.path.endswith(
                ".parts[]"
            )  # no strings are taken there
            if place.path.startswith("config") and any(map(_is_rewritten, values)):
                return self._rewritten(node, binding, values)
            return Unbound(self.space).likely(node, place) if seen_as_text else None
        if place.path == "config":
            return Configs(self.space, self.reader).named(node, binding, values)
        if CONTENTS.match(place.path):
            histories = Histories(self.space, self.reader)
            if not place.path.endswith("[]"):
                return histories.whole(node, binding, values, place)
            return histories.item(node, binding, values) or self.in_place.moved_or_unknown(node, binding, values, place)
        if place.path.startswith("contents") and place.type in CUTS:
            return Cuts(self.space, place).named(node, binding, values)
        if place.path.startswith("contents"):
            return self.in_place.moved_or_unknown(node, binding, values, place) if place.type else None
        return self.in_place.named(node, binding, values, place)

    def _are_given(self, node: cst.BaseExpression, binding: Binding) -> bool:
        """Whether callers hand in a list of texts or pictures and may go on to do so: it is made into contents here."""
        given = any(each.kind is Kind.PARAMETER and each.annotation is not None for each in binding.definitions)
        facts = self.space.facts
        return given and facts.kinds.of(node) in (TEXTS, PICTURES) and not growths(facts, binding)[0]

    def _rewritten(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value]) -> ir.Value:
        """What a name holds that stands for other names, where those are rewritten."""
        if not all(map(is_done, values)):
            return ir.Unknown(f"{binding.label} holds different things", node)
        self.space.claim(binding, node)
        return ir.Opaque(node, ir.PLANNED, hint=",".join(sorted(field_names(values))))

    def _is_any_schema(self, binding: Binding) -> bool:
        """Whether the run has to tell what a schema is: it changes after it was made, or callers hand it in.

        A parameter may hold schemas of other callers, or classes beside them.
        """
        if any(isinstance(value, cst.Dict) for value in binding.values) and any(
            map(self._is_looked_into, binding.reads)
        ):
            return True
        if not any(each.kind is Kind.PARAMETER for each in binding.definitions):
            return False
        kinds = {self.space.facts.kinds.of(value) for value in binding.values if not is_none(value)}
        return len(kinds) > 1 or (bool(binding.outside) and not self.space.facts.alone)

    def _is_looked_into(self, read: cst.BaseExpression) -> bool:
        match self.space.facts.module.parent(read):
            case cst.Subscript(value=value) | cst.Attribute(value=value):
                return value is read
        return False

    def _grows_strangely(self, binding: Binding, values: list[ir.Value], place: Place) -> str | None:
        """Why a list cannot be read where it is used, for what is put into it elsewhere; None where it can."""
        if not CONTENTS.match(place.path):
            return None
        facts = self.space.facts
        grown = growths(facts, binding)[0]
        if not any(is_structure(value) for value in values):
            kinds = [facts.kinds.of(each.items) for each in grown]
            if any(kind.removeprefix("list[").removesuffix("]") != "str" for kind in kinds):
                return f"{binding.label} grows by things that are not visible as strings"
        return None

    def _comprehension(self, node: cst.ListComp | cst.GeneratorExp, place: Place) -> ir.Value | None:
        """``[Part.from_bytes(...) for page in pages]``: the element is rewritten where it stands."""
        item = self.reader.read(node.elt, place.item())
        if not place.path.startswith("contents"):
            declared = place.path.endswith("function_declarations") and isinstance(item, ir.Opaque)
            found = self.in_place.planned(item, place.item()) if declared or is_structure(item) else None
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


def _is_rewritten(value: ir.Value) -> bool:
    return isinstance(value, ir.Opaque) and value.type == ir.PLANNED
