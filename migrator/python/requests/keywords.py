"""Keywords of a call that stand in a dict of this file: ``client.models.generate_content(**kwargs)``.

The dict is rewritten where it is made and where it is given more, and is splatted into the new call.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import libcst as cst

from migrator import ir
from migrator.plan import Planned, literal_name, plan_config, plan_input, plan_model
from migrator.python.evidence.values import Place, Reader
from migrator.python.requests.bindings import Binding, binding_of
from migrator.python.requests.upgrades import checked
from migrator.python.requests.workspace import CONFIG, DICT, Workspace
from migrator.python.writing.edits import Replace
from migrator.python.writing.layout import Carried, Concat, Doc, Text
from migrator.records import dataclass

PLACES = {"model": Place("model", ""), "contents": Place("contents", "Content"), "config": Place("config", CONFIG)}
_ORDER = ("model", "config", "contents")  # a configuration depends on the model, contents on their resolution

Entry = tuple[str, cst.BaseExpression]


@dataclass(frozen=True, slots=True)
class Given:
    """``kwargs["config"] = value``: an entry that the dict is given after it was made."""

    read: cst.BaseExpression
    target: cst.BaseExpression
    assignment: cst.Assign
    name: str


@dataclass(frozen=True, slots=True)
class Keywords:
    """Reads the keywords of one site."""

    space: Workspace
    reader: Reader

    def read(self, argument: cst.Arg) -> tuple[ir.Opaque, frozenset[str]] | None:
        """The dict that ``argument`` splats, as it is now, and what it gives; None where it is not visible."""
        binding = binding_of(self.space.facts, argument.value)
        if binding is None or binding.function is not None or binding.outside:
            return None
        made = [_entries(value) for value in binding.values]
        given = [each for read in binding.reads if (each := self._given(read)) is not None]
        named = [[name for name, _ in entries or ()] for entries in made]
        if None in made or any(name not in PLACES for names in named for name in names):
            return None
        if any(each.name not in PLACES for each in given):
            return None
        seen = frozenset(name for names in named for name in names) | {each.name for each in given}
        if len([1 for names in named if "config" in names]) + len([1 for each in given if each.name == "config"]) > 1:
            message = f"{binding.label}['config'] is given more than once, and becomes several keywords"
            self.space.draft.refuse("MG106", message, argument.value, "Give the configuration once.")
            return ir.Opaque(argument.value, ir.PLANNED), seen
        self._write(binding, made, given)
        self.space.claim(binding, argument.value)
        self.space.declare(binding, DICT)
        return ir.Opaque(argument.value, ir.PLANNED), seen

    def why_not(self, argument: cst.Arg) -> str:
        """Why the keywords are not visible, in words."""
        binding = binding_of(self.space.facts, argument.value)
        if binding is None or not any(isinstance(value, cst.Dict) for value in binding.values):
            return "the keywords of this call come from a dict that this file does not show"
        return f"{binding.label} has other entries than model, contents and config, or gets them in a way not followed"

    def _given(self, read: cst.BaseExpression) -> Given | None:
        module = self.space.facts.module
        target = module.parent(read)
        assigned = module.parent(target) if target is not None else None
        assignment = module.parent(assigned) if isinstance(assigned, cst.AssignTarget) else None
        match target, assignment:
            case (
                cst.Subscript(
                    value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]
                ),
                cst.Assign(targets=[_]),
            ) if value is read:
                return Given(read, target, assignment, str(key.evaluated_value))
        return None

    # Writing -------------------------------------------------------------------------------------------------------

    def _write(self, binding: Binding, made: list[list[Entry] | None], given: list[Given]) -> None:
        """The dict and what it is given later, the entries of one name after those that they depend on."""
        fields: dict[cst.CSTNode, tuple[ir.Field, ...]] = {}
        for name in _ORDER:
            for entries in made:
                for found, value in entries or ():
                    if found == name:
                        fields[value] = self._planned(name, value)
            for each in given:
                if each.name == name:
                    self._put(each, self._planned(name, each.assignment.value))
        for value, entries in zip(binding.values, made, strict=True):
            keys = tuple(field for _, entry in entries or () for field in fields[entry])
            self.space.rewrite(value, ir.Record("dict", keys, value))

    def _planned(self, name: str, node: cst.BaseExpression) -> tuple[ir.Field, ...]:
        """The keywords that an entry becomes."""
        value = self.reader.read(node, PLACES[name])
        context = self.space.context
        if name == "config":
            self.space.remember(value)
            result = plan_config(value, self.space.context)
        elif name == "model":
            value = checked(self.space.facts, self.space.draft, context, value, self.space.ledger.made)
            result = plan_model(value, context)
        else:
            result = plan_input(value, context)
        self.space.note(result)
        if name == "model" and literal_name(result):
            self.space.context = replace(context, model=literal_name(result))
        return _keywords(name, result)

    def _put(self, given: Given, keywords: tuple[ir.Field, ...]) -> None:
        self.space.ledger.consumed.add(given.read)
        q, renderer = self.space.renderer.quote, self.space.renderer
        match keywords:
            case []:
                self.space.draft.edits[given.assignment] = Replace(Text("pass"))
            case [ir.Field(name="**", value=ir.Spread(value=ir.Opaque(origin=cst.CSTNode() as whole, hint="")))]:
                self._call(given, Carried(whole))
            case [ir.Field(name=name, value=value)] if name != "**":
                self.space.draft.edits[given.target] = Replace(Concat((Carried(given.read), Text(f"[{q}{name}{q}]"))))
                shown = renderer.keeping(renderer.value(value), given.assignment.value)
                self.space.draft.edits[given.assignment.value] = Replace(shown)
            case _:
                self._call(given, renderer.value(ir.Record("dict", keywords, given.assignment.value)))

    def _call(self, given: Given, shown: Doc) -> None:
        made = self.space.renderer.keeping(shown, given.assignment.value)
        parts = (Carried(given.read), Text(".update("), made, Text(")"))
        self.space.draft.edits[given.assignment] = Replace(Concat(parts))


def _keywords(name: str, result: Planned) -> tuple[ir.Field, ...]:
    match result.value:
        case None:
            return ()
        case ir.Record(fields=fields) if name == "config":
            return fields
        case value if name == "config":
            return (ir.Field("**", ir.Spread(value)),)
        case value:
            return (ir.Field("input" if name == "contents" else name, value),)


def _entries(node: cst.BaseExpression) -> list[Entry] | None:
    """The entries of a display or a call of ``dict``; None where a key is not visible."""
    elements: Iterable[cst.BaseDictElement | cst.Arg] = ()
    match node:
        case cst.Dict():
            elements = node.elements
        case cst.Call(func=cst.Name(value="dict")):
            elements = node.args
        case _:
            return None
    found: list[Entry] = []
    for element in elements:
        match element:
            case cst.DictElement(key=cst.SimpleString() as key, value=value):
                found.append((str(key.evaluated_value), value))
            case cst.Arg(keyword=cst.Name(value=name), value=value):
                found.append((name, value))
            case _:
                return None
    return found
