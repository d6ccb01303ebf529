"""What an expression holds: Python code into neutral values.

Constructors of the SDK become records, dict and list displays become records and sequences, what stays an expression is
carried. A name that stands for a structure is handed to ``follow``, which decides between writing the structure where
it is made and moving it to where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import libcst as cst

from migrator import ir
from migrator.casing import snake
from migrator.fieldmap import FieldMap
from migrator.planning.media import PERHAPS_VIDEO
from migrator.python.evidence import attributes
from migrator.python.evidence.alternatives import either
from migrator.python.evidence.hints import of_file, of_mime_type
from migrator.python.evidence.kinds import Kinds
from migrator.python.evidence.module import Module
from migrator.python.evidence.names import Names
from migrator.python.evidence.optional import Nones
from migrator.python.evidence.scopes import Definition, Kind, Scopes, dotted
from migrator.records import dataclass

TYPES = "google.genai.types."
_OF_THE_RUN = {"Part": f"{TYPES}Part", "FunctionDeclaration": ""}  # objects that the new code asks what they hold
_ASKED = ("FunctionResponse", "FunctionCall")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a request a value stands: the legacy type expected there, and whether as an item of a list."""

    path: str  # contents, config, config.tools, contents[] …
    type: str

    def field(self, name: str, type: str) -> Place:
        """The place of a field of a record that stands here."""
        return Place(f"{self.path}.{name}", type)

    def item(self) -> Place:
        """The place of one item of a list that stands here."""
        return Place(f"{self.path}[]", self.type)


Follow = Callable[[cst.BaseExpression, Place], "ir.Value | None"]
Complete = Callable[[ir.Record], "ir.Value"]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that can be asked about a module."""

    module: Module
    scopes: Scopes
    names: Names
    kinds: Kinds
    maps: FieldMap
    alone: bool = False  # no other file can import it: it is the code of a notebook or of a page


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads expressions into values; ``follow`` answers for names and calls that stand for structures.

    ``complete`` says what a function's result and a part become where the source shows more elsewhere.
    """

    facts: Facts
    follow: Follow
    complete: Complete = lambda record: record

    def read(self, node: cst.BaseExpression, place: Place) -> ir.Value:
        """The value of ``node`` at ``place``."""
        value = self._read(node, place)
        return of_mime_type(self.facts, value, node) if snake(place.path.rpartition(".")[2]) == "mime_type" else value

    def _read(self, node: cst.BaseExpression, place: Place) -> ir.Value:
        match node:
            case cst.SimpleString() | cst.ConcatenatedString():
                return self._string(node)
            case cst.Integer() | cst.Float():
                return ir.Literal(node.evaluated_value, node)
            case cst.UnaryOperation(operator=cst.Minus(), expression=(cst.Integer() | cst.Float()) as number):
                return ir.Literal(-number.evaluated_value, node)
            case cst.Name(value="None"):
                return ir.Literal(None, node)
            case cst.Name(value="True" | "False"):
                return ir.Literal(node.value == "True", node)
            case cst.List(elements=elements) | cst.Tuple(elements=elements):
                return ir.Sequence(tuple(self._element(element, place.item()) for element in elements), node)
            case cst.Dict():
                return self._dict(node, place)
            case cst.IfExp(test=test, body=body, orelse=orelse):
                sides = self.read(body, place), self.read(orelse, place)
                condition = self.facts.module.source(test) if is_steady_test(test) else ""
                return ir.Choice(test, *sides, node, condition)
            case cst.Call():
                return self._call(node, place)
            case cst.Attribute():
                return self._attribute(node, place)
            case cst.BinaryOperation(left=left, operator=cst.Add(), right=right) if self._lists(node):
                return ir.Sequence(self._items(left, place) + self._items(right, place), node)
            case cst.Name():
                return self._name(node, place)
        return self.follow(node, place) or self.opaque(node)

    def opaque(self, node: cst.BaseExpression) -> ir.Opaque:
        """``node`` carried as written, with what is known of it."""
        kind = self.facts.kinds.of(node) or either(self.facts.kinds, node)
        optional = Nones(self.facts.module, self.facts.scopes, self.facts.names).may_be(node)
        return ir.Opaque(node, kind, _is_repeatable(node), of_file(self.facts, node, kind), optional)

    # Literals ------------------------------------------------------------------------------------------------------

    def _string(self, node: cst.SimpleString | cst.ConcatenatedString) -> ir.Value:
        value = node.evaluated_value
        return self.opaque(node) if value is None else ir.Literal(value, node)

    def _element(self, element: cst.BaseElement, place: Place) -> ir.Value:
        if isinstance(element, cst.StarredElement):
            return ir.Spread(self.read(element.value, Place(place.path.removesuffix("[]"), place.type)), element)
        return self.read(element.value, place)

    def _lists(self, node: cst.BinaryOperation) -> bool:
        kinds = (self.facts.kinds.of(node.left), self.facts.kinds.of(node.right))
        return any(map(self._is_shown, (node.left, node.right))) or all(kind.startswith("list") for kind in kinds)

    def _is_shown(self, side: cst.BaseExpression) -> bool:
        """Whether ``side`` is a list by the look of it; what is added to a list is one too."""
        match side:
            case cst.BinaryOperation(operator=cst.Add()):
                return self._lists(side)
        return isinstance(side, (cst.List, cst.ListComp))

    def _items(self, node: cst.BaseExpression, place: Place) -> tuple[ir.Value, ...]:
        match self.read(node, place):
            case ir.Sequence(items=items, origin=cst.List() | cst.Tuple() | cst.BinaryOperation()):
                return items
            case value:
                return (ir.Spread(value, node),)

    # Records -------------------------------------------------------------------------------------------------------

    def _dict(self, node: cst.Dict, place: Place) -> ir.Value:
        fields = []
        for element in node.elements:
            match element:
                case cst.StarredDictElement(value=value):
                    fields.append(ir.Field("**", ir.Spread(self.read(value, place), element), element))
                case cst.DictElement(key=cst.SimpleString() as key, value=value):
                    name = str(key.evaluated_value)
                    fields.append(ir.Field(name, self.read(value, self._inside(place, place.type, name)), element))
                case _:
                    return ir.Unknown("a key of this dict is not a string literal", node)
        return self._complete(ir.Record("dict", tuple(fields), node), place.type)

    def _complete(self, record: ir.Record, type: str) -> ir.Value:
        asked = type in _ASKED or (type in ("Part", "Content") and record.get("function_call") is not None)
        return self.complete(record) if asked else record

    def _inside(self, place: Place, type: str, name: str) -> Place:
        known = self.facts.maps.types.get(type, {})
        return place.field(name, known.get(name) or known.get(snake(name)) or "")

    def _call(self, node: cst.Call, place: Place) -> ir.Value:
        path = self.facts.names.path(node.func)
        if path == "dict":
            return self._record("dict", node, place)
        if path.startswith(TYPES):
            return self._constructed(node, path.removeprefix(TYPES), place)
        match node.func:
            case cst.Attribute(value=value, attr=cst.Name(value="model_copy" | "copy" | "deepcopy")) if (
                not node.args and self._is_used_at_once(node, value)
            ):
                return self.read(value, place)
            case cst.Name(value="dict") if not self.facts.scopes.definitions(node.func):
                return (self.follow(node, place) if _is_copy(node) else None) or self._record("dict", node, place)
            case cst.Name(value="list" | "tuple") if len(node.args) == 1 and not self.facts.scopes.definitions(
                node.func
            ):
                return self.follow(node, place) or self.opaque(node)
        return self.follow(node, place) or self.opaque(node)

    def _is_used_at_once(self, copy: cst.Call, value: cst.BaseExpression) -> bool:
        """Whether a copy can be taken for its original: nothing changes one of the two without the other."""
        return not dotted(value) or isinstance(self.facts.module.parent(copy), cst.Arg)

    def _constructed(self, node: cst.Call, name: str, place: Place) -> ir.Value:
        kind, _, method = name.partition(".")
        made = self.facts.maps.made_by(kind, method)
        if made is not None:
            return self._made(node, made.makes, dict(made.arguments), dict(made.sets), place)
        if method in ("model_validate", "parse_obj") and len(node.args) == 1:
            inner = self.read(node.args[0].value, Place(place.path, kind))
            return inner if isinstance(inner, (ir.Record, ir.Choice)) else self.opaque(node)
        if not method and not node.args and place.path.startswith("config.tools"):
            return ir.Record(kind, (), node)
        if method or kind not in self.facts.maps.types:
            return self.follow(node, place) or self.opaque(node)
        return self._record(kind, node, place)

    def _made(
        self, node: cst.Call, type: str, arguments: dict[str, str], sets: dict[str, ir.Scalar], place: Place
    ) -> ir.Value:
        record = ir.Record(type, tuple(ir.Field(name, ir.Literal(value)) for name, value in sets.items()), node)
        order = list(arguments)
        for position, argument in enumerate(node.args):
            name = argument.keyword.value if argument.keyword else order[position] if position < len(order) else ""
            if argument.star or not name:
                return ir.Unknown("an argument of this call is not visible", node)
            path = arguments.get(name, name)
            inside = self._at_path(type, path, place)
            value = self.read(argument.value, inside)
            if isinstance(value, ir.Opaque) and value.hint == PERHAPS_VIDEO:
                value = replace(value, hint="")  # from_uri guesses by the end of the address, and takes no other
            record = self._with(record, path.split("."), value, argument)
        return self._whole(record)

    def _whole(self, record: ir.Record) -> ir.Value:
        """A record made by a factory, with the records inside of it complete."""
        fields = tuple(
            replace(field, value=self._complete(field.value, field.value.type))
            if isinstance(field.value, ir.Record)
            else field
            for field in record.fields
        )
        return self._complete(replace(record, fields=fields), record.type)

    def _at_path(self, kind: str, path: str, place: Place) -> Place:
        for name in path.split("."):
            place = self._inside(place, kind, name)
            kind = place.type
        return place

    def _with(self, record: ir.Record, path: list[str], value: ir.Value, argument: cst.Arg) -> ir.Record:
        name, *rest = path
        if rest:
            inner = record.get(name)
            kind = self.facts.maps.types.get(record.type, {}).get(name, "")
            base = inner if isinstance(inner, ir.Record) else ir.Record(kind, (), record.origin)
            value = self._with(base, rest, value, argument)
        kept = tuple(field for field in record.fields if field.name != name)
        return ir.Record(record.type, (*kept, ir.Field(name, value, argument)), record.origin)

    def _record(self, type: str, node: cst.Call, place: Place) -> ir.Value:
        fields = []
        expected = place.type if type == "dict" else type
        for argument in node.args:
            if argument.star == "**":
                fields += self._splatted(argument, Place(place.path, expected))
            elif argument.keyword is None:
                return ir.Unknown("a positional argument of this call is not understood", node)
            else:
                name = argument.keyword.value
                inside = self._inside(place, expected, name)
                fields.append(ir.Field(name, self.read(argument.value, inside), argument))
        if type in _OF_THE_RUN and place.path and any(map(_is_unseen, fields)):
            return ir.Opaque(node, _OF_THE_RUN[type])
        return self._complete(ir.Record(type, tuple(fields), node), expected)

    def _splatted(self, argument: cst.Arg, place: Place) -> list[ir.Field]:
        """``**settings``: the fields of a visible dict, or one field named ``**`` that nobody can see into."""
        match self.read(argument.value, place):
            case ir.Record(type="dict", fields=fields):
                return list(fields)
            case value:
                return [ir.Field("**", ir.Spread(value, argument), argument)]

    # Names ---------------------------------------------------------------------------------------------------------

    def _attribute(self, node: cst.Attribute, place: Place) -> ir.Value:
        path = self.facts.names.path(node)
        if path.startswith(TYPES) and "(" not in path:
            return self._sdk_name(node, path.removeprefix(TYPES), place)
        if literal := self._enum_value(node):
            return literal
        constant = self._constant_member(node)
        return constant or self.follow(node, place) or self.opaque(node)

    def _sdk_name(self, node: cst.BaseExpression, name: str, place: Place) -> ir.Value:
        kind, _, member = name.partition(".")
        members = self.facts.maps.enum(kind)
        if members is not None and member in members:
            return ir.Literal(members[member], node)
        if not member and place.path.startswith("config.tools"):
            return ir.Record(kind, (), node)  # Tool(google_search=types.GoogleSearch): an empty one
        return self.opaque(node)

    def _enum_value(self, node: cst.Attribute) -> ir.Value | None:
        """``HarmCategory.X.value`` is the literal too."""
        if node.attr.value in ("value", "name"):
            path = self.facts.names.path(node.value)
            if path.startswith(TYPES):
                found = self._sdk_name(node, path.removeprefix(TYPES), Place("", ""))
                return found if isinstance(found, ir.Literal) else None
        return None

    def _constant_member(self, node: cst.Attribute) -> ir.Value | None:
        owner = self.facts.names.class_of(node.value)
        found = attributes.kept(self.facts, owner, node.attr.value) if owner is not None else None
        if found is not None and len(found.values) == 1:
            return self._literal_behind(found.values[0], node)
        return None

    def _literal_behind(self, value: cst.BaseExpression, node: cst.BaseExpression) -> ir.Literal | None:
        """The literal that ``node`` is a name for: still written as the name."""
        found = Reader(self.facts, lambda *_: None).read(value, Place("", ""))
        if isinstance(found, ir.Literal):
            return ir.Literal(found.value, node)
        return None

    def _name(self, node: cst.Name, place: Place) -> ir.Value:
        path = self.facts.names.path(node)
        if path.startswith(TYPES) and "(" not in path:
            return self._sdk_name(node, path.removeprefix(TYPES), place)
        definition = self.single(node)
        if definition is not None and definition.value is not None:
            literal = self._literal_behind(definition.value, node)
            if literal is not None:
                return literal
        return self.follow(node, place) or self.opaque(node)

    def single(self, node: cst.Name) -> Definition | None:
        """The one assignment that reaches this read, or None."""
        found = self.facts.scopes.definitions(node)
        if len(found) != 1:
            return None
        definition = next(iter(found))
        return definition if definition.kind is Kind.ASSIGN else None


def _is_unseen(field: ir.Field) -> bool:
    """Whether a field is a dict that is splatted and not visible: what it sets only the run knows."""
    match field:
        case ir.Field(name="**", value=ir.Spread(value=ir.Opaque(type=kind))):
            return kind != ir.PLANNED
    return False


def _is_copy(call: cst.Call) -> bool:
    return len(call.args) == 1 and call.args[0].keyword is None and not call.args[0].star


def _is_repeatable(node: cst.BaseExpression) -> bool:
    match node:
        case cst.Subscript(
            value=value,
            slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() | cst.Integer() | cst.Name()))],
        ):
            return _is_repeatable(value)
    return bool(dotted(node))


def is_steady_test(node: cst.BaseExpression) -> bool:
    """Whether a condition only asks for names, attributes and literals, so that it may be asked twice."""
    match node:
        case cst.BooleanOperation(left=left, right=right):
            return is_steady_test(left) and is_steady_test(right)
        case cst.UnaryOperation(expression=inner):
            return is_steady_test(inner)
        case cst.Comparison(left=left, comparisons=others):
            return is_steady_test(left) and all(is_steady_test(each.comparator) for each in others)
        case cst.SimpleString() | cst.Integer() | cst.Float():
            return True
    return _is_repeatable(node)
