"""Planned values as Python code: which text, which carried source, which imports and helper functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import field, replace

import libcst as cst

from migrator import ir
from migrator.python.evidence.guards import says_there
from migrator.python.evidence.sites import CallSite
from migrator.python.evidence.values import TYPES, Facts, Place, Reader
from migrator.python.writing.applied import OF_SOMETHING, Applied
from migrator.python.writing.comments import Comments, comments_around, keeping_comments, remark_of
from migrator.python.writing.habits import Habit, Lines, Style, habit_of
from migrator.python.writing.layout import ELSE, IF, Carried, Concat, Doc, Group, Item, Text
from migrator.records import dataclass

_LOOSE = (cst.BinaryOperation, cst.BooleanOperation, cst.Comparison, cst.IfExp, cst.Lambda, cst.UnaryOperation)


_SPREAD = re.compile(r"(.*\.\s*)models(\s*\n\s*\.\s*)generate_content", re.DOTALL)

Changes = tuple[tuple[cst.CSTNode, Doc], ...]


@dataclass(slots=True)
class Needs:
    """What rendered code relies on: modules to import, names to import from modules, helper functions to define."""

    modules: set[str] = field(default_factory=set)
    names: set[tuple[str, str]] = field(default_factory=set)
    aliases: set[tuple[str, str, str]] = field(default_factory=set)  # module, name, the name here
    helpers: set[str] = field(default_factory=set)

    def update(self, other: Needs) -> None:
        """Take in what other code relies on."""
        self.modules |= other.modules
        self.names |= other.names
        self.aliases |= other.aliases
        self.helpers |= other.helpers

    def __sub__(self, other: Needs) -> Needs:
        return Needs(
            self.modules - other.modules,
            self.names - other.names,
            self.aliases - other.aliases,
            self.helpers - other.helpers,
        )


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders values of one module; what the code needs is added to ``needs``."""

    facts: Facts
    style: Style
    needs: Needs
    tests: tuple[cst.CSTNode, ...] = ()  # what holds where a value is written, by the new code around it

    @property
    def quote(self) -> str:
        """The quote that the file prefers."""
        return self.style.quote

    # Calls ---------------------------------------------------------------------------------------------------------

    def call(self, body: ir.Record, method: str, site: CallSite, sources: Iterable[cst.CSTNode] = ()) -> Group:
        """The call of ``method`` in place of the site's; ``sources`` are other nodes whose comments move here."""
        original = site.call
        items = [self._argument(entry) for entry in body.fields]
        opening = f"{method}("
        if site.handed_to:
            opening = f"{self.facts.module.source(original.func)}("
            items = self._handed_on(site, method, items)
        habit = habit_of(original)
        if habit.lines in (Lines.ONE, Lines.INNER):  # broken only where it gets too long: as the file does
            habit = replace(habit, final_comma=self.style.final_comma)
        group = Group(self._opening(original, opening), tuple(items), ")", habit, remark=remark_of(original))
        return keeping_comments(self.facts.module, group, [original, *sources])

    def _opening(self, original: cst.Call, opening: str) -> str:
        """``opening`` on the lines that the original function had."""
        found = _SPREAD.fullmatch(self.facts.module.source(original.func))
        if found is None or not opening.endswith(".interactions.create("):
            return opening
        return f"{found[1]}interactions{found[2]}create("

    def _handed_on(self, site: CallSite, method: str, items: list[Item]) -> list[Item]:
        """The arguments of the call that hands the method on: its own stay where they are."""
        shown: list[Item] = []
        for argument in site.call.args:
            if argument.value is site.method:
                shown.append(self._passed(argument, Text(method)))
            elif argument in site.arguments:
                shown += items
                items = []
            else:
                shown.append(self._passed(argument, Carried(argument.value)))
        return shown

    def _passed(self, argument: cst.Arg, value: Doc) -> Item:
        """An argument that keeps its place, holding ``value``."""
        comments = self._comments(argument)
        prefix = f"{argument.keyword.value}=" if argument.keyword else argument.star
        return Item(value, prefix, comments.leading, comments.trailing, argument)

    def passing(self, original: cst.Call, replaced: ir.Record, fields: Iterable[ir.Field]) -> Group:
        """The same call with ``fields`` in place of the arguments that ``replaced`` holds."""
        gone = [field.origin for field in replaced.fields]
        kept = [self._passed(each, Carried(each.value)) for each in original.args if each not in gone]
        items = (*kept, *map(self._argument, fields))
        opening = f"{self.facts.module.source(original.func)}("
        group = Group(opening, items, ")", habit_of(original), remark=remark_of(original))
        return keeping_comments(self.facts.module, group, [original])

    def keeping(self, doc: Doc, source: cst.CSTNode) -> Doc:
        """``doc`` in place of ``source``, with its comments."""
        return keeping_comments(self.facts.module, doc, [source]) if isinstance(doc, Group) else doc

    def _argument(self, entry: ir.Field) -> Item:
        if entry.name == "**":
            return self._item(self._splat(entry.value), "**", entry.origin or _origin_of(entry.value))
        prefix = f"{entry.name}=" if entry.name else ""  # without a name, it is given by its position
        return self._item(self.value(entry.value), prefix, entry.origin)

    def _item(self, doc: Doc, prefix: str, origin: ir.Origin) -> Item:
        """An item with the comments of what it stands for."""
        comments = self._comments(origin)
        return Item(
            doc, prefix, comments.leading, comments.trailing, origin if isinstance(origin, cst.CSTNode) else None
        )

    def _splat(self, value: ir.Value) -> Doc:
        match value:
            case ir.Spread(value=ir.Choice() as choice):
                same = self._if_any(choice)
                return self.value(same) if same else Concat((Text("("), self._choice(choice), Text(")")))
            case ir.Spread(value=ir.Opaque(type=ir.PLANNED, hint="optional") as maybe):
                return Concat((Text("("), self.value(maybe), Text(" or {})")))
            case ir.Spread(value=inner):
                return self.value(inner)
        return self.value(value)

    def _if_any(self, choice: ir.Choice) -> ir.Value | None:
        """What is splatted by ``{**fields} if fields else {}``: the fields themselves."""
        match choice.then, choice.otherwise, choice.test:
            case (
                ir.Record(fields=[ir.Field("**", ir.Spread(value=ir.Opaque(origin=cst.Name(value=name)) as fields))]),
                ir.Record(fields=[]),
                cst.Name(value=tested),
            ) if name == tested:
                return fields
        return None

    def _comments(self, origin: ir.Origin) -> Comments:
        if not isinstance(origin, cst.CSTNode):
            return Comments()
        holder = self.facts.module.parent(origin)
        if holder is None:
            return Comments()
        around, _ = comments_around(holder)
        return around.get(origin, Comments())

    # Values --------------------------------------------------------------------------------------------------------

    def value(self, value: ir.Value) -> Doc:
        """The code for ``value``."""
        match value:
            case ir.Literal():
                return self._literal(value)
            case ir.Opaque(origin=cst.CSTNode() as node):
                return Carried(node)
            case ir.Record(fields=fields):
                items = tuple(self._entry(entry) for entry in fields)
                return self._amended(value) or self._display("{", items, "}", value.origin)
            case ir.Sequence(items=values):
                items = tuple(self._element(item) for item in values)
                return self._amended(value) or self._display("[", items, "]", value.origin)
            case ir.Choice():
                return self._choice(value)
            case ir.Apply():
                return Applied(self).written(value)
            case ir.Spread(value=inner):
                return Concat((Text("*"), self.tight(inner)))
        raise TypeError(f"not a planned value: {value!r}")

    def _literal(self, literal: ir.Literal) -> Doc:
        origin = literal.origin
        if isinstance(origin, cst.BaseExpression) and not self.facts.names.path(origin).startswith(TYPES):
            shown = Reader(self.facts, lambda *_: None).read(origin, Place("", ""))
            if (
                isinstance(shown, ir.Literal)
                and shown.value == literal.value
                and type(shown.value) is type(literal.value)
            ):
                return Carried(origin)
        if isinstance(origin, cst.SimpleString) and not origin.prefix and len(origin.quote) == 1:
            match self.facts.module.parent(origin):
                case cst.Arg(keyword=cst.Name(value="model")):
                    return Text(self.constant(literal.value, origin.quote))
        return Text(self.constant(literal.value))

    def constant(self, value: ir.Scalar, wanted: str = "") -> str:
        """``value`` as a literal in the ``wanted`` quotes, or in the file's own."""
        if not isinstance(value, str):
            return repr(value)
        wanted = wanted or self.quote
        quote = wanted if wanted not in value else '"' if wanted == "'" else "'"
        quote = wanted if quote in value else quote
        inside = repr('"' + value)[2:-1].replace("\\'", "'")  # the quote in front makes it single ones
        return quote + inside.replace(quote, f"\\{quote}") + quote

    def _display(self, opening: str, items: tuple[Item, ...], closing: str, origin: ir.Origin) -> Group:
        habit = Habit(final_comma=self.style.final_comma)
        dangling: tuple[str, ...] = ()
        if isinstance(origin, cst.CSTNode):
            found = habit_of(origin)
            habit = found if found.lines in (Lines.EACH, Lines.ALIGNED) and len(items) > 1 else habit
            dangling = comments_around(origin)[1]
        remark = remark_of(origin) if isinstance(origin, cst.CSTNode) else ""
        return Group(opening, items, closing, habit, dangling, remark=remark)

    # What only changes inside --------------------------------------------------------------------------------------

    def _amended(self, value: ir.Record | ir.Sequence) -> Doc | None:
        """The display that ``value`` was with only its changes made; None where it has to be laid out anew."""
        match value, value.origin:
            case ir.Record(fields=fields), cst.Dict(elements=elements) if len(fields) == len(elements) > 0:
                pairs = [self._pair(entry, element) for entry, element in zip(fields, elements, strict=True)]
            case ir.Sequence(items=items), cst.List(elements=elements) if len(items) == len(elements) > 0:
                pairs = [self._change(element, item) for item, element in zip(items, elements, strict=True)]
            case _:
                return None
        changes = tuple(change for pair in pairs if pair is not None for change in pair)
        lines = habit_of(value.origin).lines
        crowded = lines is not Lines.EACH and not (lines is Lines.INNER and len(pairs) == 1)
        if None in pairs or (crowded and any(isinstance(doc, Group) for _, doc in changes)):
            return None
        return Carried(value.origin, changes)

    def _pair(self, entry: ir.Field, element: cst.BaseDictElement) -> Changes | None:
        if entry.origin is not element or not isinstance(element, cst.DictElement) or entry.name == "**":
            return None
        change = self._change(element, entry.value)
        if (
            change is not None
            and isinstance(element.key, cst.SimpleString)
            and element.key.evaluated_value != entry.name
        ):
            return ((element.key, Text(self.constant(entry.name))), *change)
        return change

    def _change(self, element: cst.BaseDictElement | cst.BaseElement, value: ir.Value) -> Changes | None:
        """What has to change in an element of a display so that it becomes ``value``."""
        node = element.value
        if isinstance(element, (cst.StarredElement, cst.StarredDictElement)) or isinstance(value, ir.Spread):
            return None
        match self.value(value):
            case Carried(node=same, changes=changes) if same is node:
                return changes
            case Text(text=text) if text == self.facts.module.source(node):
                return ()
            case doc:
                return ((node, doc),)

    def _entry(self, entry: ir.Field) -> Item:
        if entry.name == "**":
            return self._item(self._splat(entry.value), "**", entry.origin)
        return self._item(self.value(entry.value), f"{self.constant(entry.name)}: ", entry.origin)

    def _element(self, value: ir.Value) -> Item:
        origin = getattr(value, "origin", None)
        holder = self.facts.module.parent(origin) if isinstance(origin, cst.CSTNode) else None
        return self._item(self.value(value), "", holder if isinstance(holder, cst.BaseElement) else origin)

    def _choice(self, choice: ir.Choice) -> Doc:
        assert isinstance(choice.test, cst.CSTNode)
        inside = replace(self, tests=(*self.tests, choice.test))
        then = inside.tight(choice.then) if inside.is_conditional(choice.then) else inside.value(choice.then)
        otherwise = self.value(choice.otherwise)
        return Concat((then, Text(IF), Carried(choice.test), Text(ELSE), otherwise))

    def may_be_none(self, value: ir.Opaque) -> bool:
        """Whether ``value`` may be None where it is written: the conditions of the new code count too."""
        if not value.optional or not isinstance(value.origin, cst.CSTNode):
            return False
        source = self.facts.module.source(value.origin)
        return not any(says_there(self.facts.module, test, source, holds=True) for test in self.tests)

    def is_conditional(self, value: ir.Value) -> bool:
        """Whether ``value`` is written with ``if`` and ``else``, so that it needs brackets before another ``if``."""
        match value:
            case ir.Choice():
                return True
            case ir.Apply(function=function, args=[ir.Opaque() as first, *_]):
                return function in OF_SOMETHING and self.may_be_none(first)
        return False

    def tight(self, value: ir.Value) -> Doc:
        """``value`` so that something may be attached to it: operators and conditions in parentheses."""
        doc = self.value(value)
        steps = isinstance(value, ir.Apply) and value.function is ir.Function.STEPS
        loose = steps or self.is_conditional(value)
        if isinstance(value, ir.Opaque) and isinstance(value.origin, _LOOSE):
            loose = not value.origin.lpar
        return Concat((Text("("), doc, Text(")"))) if loose else doc


def _origin_of(value: ir.Value) -> ir.Origin:
    """The expression that is splatted, where it is one of the source."""
    match value:
        case ir.Spread(value=ir.Opaque(origin=origin)) | ir.Opaque(origin=origin):
            return origin
    return None
