"""What a name refers to: the one resolver of identity.

An ``Entity`` is a dotted path into the SDK in which ``()`` stands for an instance or a result:
``google.genai.types.Part``, ``google.genai.Client().aio.models.generate_content``. Names are followed through imports,
assignments, attributes of the same class, annotations, ``with`` and factories of the same file, never by spelling.
"""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from migrator.python.evidence.callers import Callers
from migrator.python.evidence.classes import owner_of, self_name
from migrator.python.evidence.functions import decorator_names, own_statements
from migrator.python.evidence.members import Members
from migrator.python.evidence.module import Module, descendants, is_none
from migrator.python.evidence.scopes import Definition, Kind, Scopes
from migrator.python.evidence.stars import starred
from migrator.records import dataclass

CLIENT = "google.genai.Client()"
_DEPTH = 25  # longer chains of aliases than this are nobody's code

_SAME = {
    "google.genai.client.Client": "google.genai.Client",
    "google.genai.client.AsyncClient()": "google.genai.Client().aio",
    "google.genai.models.Models()": "google.genai.Client().models",
    "google.genai.models.AsyncModels()": "google.genai.Client().aio.models",
    "google.genai.chats.Chat()": "google.genai.Client().chats.create()",
    "google.genai.chats.AsyncChat()": "google.genai.Client().aio.chats.create()",
}
_TRANSPARENT_WRAPPERS = frozenset({"typing.Optional", "typing.Annotated", "typing.Final", "typing.ClassVar"})
_ANYTHING = frozenset({"typing.Any", "types.ModuleType"})
_SELF_RETURNING = frozenset({"__enter__", "__aenter__"})


@dataclass(frozen=True, slots=True)
class Entity:
    """A dotted path, and the calls that made the instance it starts from, where they are visible."""

    path: str
    made_by: frozenset[cst.Call] = frozenset()

    def attribute(self, name: str) -> Entity:
        """What ``.name`` of this entity is."""
        return Entity(_canonical(f"{self.path}.{name}"), self.made_by)

    def called(self, call: cst.Call | None = None) -> Entity:
        """What calling this entity gives."""
        made_by = self.made_by or (frozenset([call]) if call is not None else frozenset())
        return Entity(_canonical(f"{self.path}()"), made_by)


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a class of this file."""

    of: cst.ClassDef


Resolved = Entity | Instance


def _canonical(path: str) -> str:
    return _SAME.get(path, path)


class Names:
    """Resolves expressions of one module."""

    def __init__(self, module: Module, scopes: Scopes) -> None:
        self.module = module
        self.scopes = scopes
        self._cache: dict[cst.CSTNode, Resolved | None] = {}
        self._functions: dict[cst.CSTNode, cst.FunctionDef | cst.ClassDef | cst.Lambda | None] = {}
        self._stars: dict[str, str] = {}
        self._members = Members(self)
        self._callers = Callers(self)

    # Expressions -------------------------------------------------------------------------------------------------

    def resolve(self, node: cst.CSTNode, depth: int = 0) -> Resolved | None:
        """What ``node`` refers to, or None when it is nothing of the SDK's, or not visible."""
        if node in self._cache:
            return self._cache[node]
        if depth > _DEPTH:
            return None
        self._cache[node] = None  # an alias of itself resolves to nothing
        self._cache[node] = self._resolve(node, depth + 1)
        return self._cache[node]

    def path(self, node: cst.CSTNode) -> str:
        """The dotted path of ``node``, empty when it is nothing that has one."""
        match self.resolve(node):
            case Entity(path=path):
                return path
        return ""

    def _resolve(self, node: cst.CSTNode, depth: int) -> Resolved | None:
        match node:
            case cst.Name():
                bound = self.scopes.definitions(node)
                return self._agreed(self._defined(each, depth) for each in bound) if bound else self._starred(node)
            case cst.Attribute(value=value, attr=cst.Name(value=name)):
                return self._attribute(self.resolve(value, depth), name, depth) or self._of_class(value, name, depth)
            case cst.Call(func=func):
                return self._call(node, func, depth)
            case cst.Await(expression=inner):
                return self.resolve(inner, depth)
            case cst.NamedExpr(value=value):
                return self.resolve(value, depth)
            case cst.IfExp(body=body, orelse=orelse):
                return self._agreed(self.resolve(side, depth) for side in (body, orelse) if not is_none(side))
            case cst.BooleanOperation(left=left, right=right):
                return self._agreed(found for side in (left, right) if (found := self.resolve(side, depth)))
        return None

    def _starred(self, node: cst.Name) -> Entity | None:
        """What a name that nothing in the file binds has from the SDK's star import."""
        if node.value not in self._stars:
            self._stars[node.value] = starred(self.module, node.value)
        path = self._stars[node.value]
        return Entity(_canonical(path)) if path else None

    def _agreed(self, found: Iterable[Resolved | None]) -> Resolved | None:
        candidates = list(found)
        paths = {entity.path if isinstance(entity, Entity) else entity for entity in candidates}
        if len(paths) != 1 or None in paths:
            return None
        match candidates[0]:
            case Entity(path=path):
                made = [entity.made_by for entity in candidates if isinstance(entity, Entity)]
                return Entity(path, frozenset().union(*made))
            case other:
                return other

    def _defined(self, definition: Definition, depth: int) -> Resolved | None:
        match definition.kind:
            case Kind.IMPORT:
                return Entity(_canonical(definition.module))
            case Kind.PARAMETER if definition.annotation is not None and not self._is_anything(definition.annotation):
                return self.annotated(definition.annotation, depth)
            case Kind.PARAMETER:
                return self._parameter(definition, depth)
            case Kind.DECLARE if definition.annotation is not None:
                return self.annotated(definition.annotation, depth)
            case Kind.ASSIGN if definition.value is not None:
                found = self.resolve(definition.value, depth)
                if found is None and definition.annotation is not None:
                    return self.annotated(definition.annotation, depth)
                return found if not is_none(definition.value) else self._sibling(definition, depth)
            case Kind.WITH if definition.value is not None:
                return self.resolve(definition.value, depth)
        return None

    def _is_anything(self, annotation: cst.BaseExpression) -> bool:
        """Whether an annotation leaves open what it is: ``Any``, or a module."""
        return self.path(annotation) in _ANYTHING

    def _sibling(self, none: Definition, depth: int) -> Resolved | None:
        """``client = None`` at first, a real client later: what the other definitions of the name agree on."""
        others = [
            definition
            for definition in none.scope.definitions.get(none.name, [])
            if definition is not none
            and definition.kind is not Kind.DELETE
            and not (definition.value is not None and is_none(definition.value))
        ]
        return self._agreed(self._defined(definition, depth) for definition in others)

    def _parameter(self, definition: Definition, depth: int) -> Resolved | None:
        """``self`` of a method, or what every caller in this file hands in."""
        function = definition.scope.node
        owner = self.owner(function)
        if owner is not None and self_name(function) == definition.name:
            return Instance(owner)
        arguments = self.arguments_for(definition)
        if definition.value is not None and not is_none(definition.value):
            arguments = [*arguments, definition.value]
        return self._agreed(self.resolve(argument, depth) for argument in arguments) if arguments else None

    def _attribute(self, base: Resolved | None, name: str, depth: int) -> Resolved | None:
        match base:
            case Entity():
                return base.attribute(name)
            case Instance(of=owner) if name in self.members(owner):
                return self._shared(self.held(owner, name), depth)
            case Instance(of=owner):
                return self._inherited(owner, name, depth)
        return None

    def _of_class(self, node: cst.BaseExpression, name: str, depth: int) -> Resolved | None:
        """What ``Class.name`` is, for a value that a class of this file has."""
        owner = self.function(node)
        if not isinstance(owner, cst.ClassDef):
            return None
        members = self.members(owner).get(name, [])
        return None if any(isinstance(each, cst.FunctionDef) for each in members) else self._shared(members, depth)

    def _inherited(self, owner: cst.ClassDef, name: str, depth: int) -> Resolved | None:
        """An attribute that a class of this file has from a class of the SDK."""
        for base in owner.bases:
            match self.resolve(base.value, depth):
                case Entity() as found:
                    return found.called().attribute(name)
        return None

    def _shared(self, members: list[cst.CSTNode], depth: int) -> Resolved | None:
        """What all the values that an attribute is given are."""
        found = []
        for member in members:
            match member:
                case cst.FunctionDef() if _is_property(member):
                    found.append(self.returned(member, depth))
                case cst.Annotation(annotation=annotation):
                    found.append(self.annotated(annotation, depth))
                case cst.FunctionDef():
                    return None
                case _ if not is_none(member):
                    found.append(self.resolve(member, depth))
        known = [entity for entity in found if entity is not None]
        annotated = any(isinstance(member, cst.Annotation) for member in members)
        return self._agreed(known if annotated else found)

    def _call(self, node: cst.Call, func: cst.BaseExpression, depth: int) -> Resolved | None:
        target = self.function(func)
        match target:
            case cst.ClassDef():
                return Instance(target)
            case cst.FunctionDef():
                return self.returned(target, depth)
        found = self.resolve(func, depth)
        match found:
            case None if isinstance(func, cst.Name) and func.value == "getattr":
                return self._getattr(node, depth)
            case Entity(path="typing.cast") if len(node.args) == 2:
                kind, value = (argument.value for argument in node.args)
                return self.resolve(value, depth) if self._is_anything(kind) else self.annotated(kind, depth)
            case Entity():
                last = found.path.rpartition(".")[2]
                return (
                    Entity(found.path.rpartition(".")[0], found.made_by)
                    if last in _SELF_RETURNING
                    else found.called(node)
                )
        return None

    def _getattr(self, node: cst.Call, depth: int) -> Resolved | None:
        match node.args:
            case [cst.Arg(value=base), cst.Arg(value=cst.SimpleString() as name), *_]:
                return self._attribute(self.resolve(base, depth), str(name.evaluated_value), depth)
        return None

    def possibilities(self, node: cst.CSTNode) -> list[Resolved | None]:
        """What each definition of a name, or each value of an attribute, refers to; None where it is not visible."""
        match node:
            case cst.Name():
                found = self.scopes.definitions(node)
                unset = [
                    each
                    for each in found
                    if each.kind is Kind.ASSIGN and each.value is not None and is_none(each.value)
                ]
                return [entity for each in found if each not in unset for entity in self._each(each)]
            case cst.Attribute(value=value, attr=cst.Name(value=name)):
                owner = self.class_of(value)
                if owner is not None:
                    return [self._shared([member], 0) for member in self.held(owner, name) if not is_none(member)]
        return [self.resolve(node)]

    def _each(self, definition: Definition) -> list[Resolved | None]:
        """What a name refers to by one definition, or by each thing that it may be given there."""
        found = self._defined(definition, 0)
        value = definition.value
        if found is not None or definition.annotation is not None:
            return [found]
        if definition.kind is Kind.PARAMETER:
            passed = [*self.arguments_for(definition), *([value] if value is not None else [])]
            return [self.resolve(each) for each in passed if not is_none(each)] or [None]
        match value:
            case cst.Attribute() if definition.kind is Kind.ASSIGN:
                return self.possibilities(value)
            case cst.Call(func=cst.Attribute() as func) if definition.kind is Kind.ASSIGN:
                methods = [each for each in self._callers.may_run(func) if isinstance(each, cst.FunctionDef)]
                return [self.returned(each) for each in methods] or [None]
        return [None]

    # Annotations -------------------------------------------------------------------------------------------------

    def annotated(self, annotation: cst.BaseExpression, depth: int = 0) -> Resolved | None:
        """The instance that an annotation promises: ``genai.Client``, ``Optional[…]``, ``… | None``, or in quotes."""
        match annotation:
            case cst.SimpleString():
                return self._quoted(annotation, depth)
            case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
                sides = [side for side in (left, right) if not is_none(side)]
                return self._agreed(self.annotated(side, depth) for side in sides)
            case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=inner)), *_]):
                return self.annotated(inner, depth) if self.path(value) in _TRANSPARENT_WRAPPERS else None
        target = self.function(annotation)
        if isinstance(target, cst.ClassDef):
            return Instance(target)
        match self.resolve(annotation, depth):
            case Entity() as found:
                return Entity(_canonical(f"{found.path}()"))
        return None

    def _quoted(self, annotation: cst.SimpleString, depth: int) -> Resolved | None:
        text = annotation.evaluated_value
        if not isinstance(text, str) or not text.isascii():
            return None
        head, *rest = text.replace(" ", "").removesuffix("|None").removeprefix("Optional[").removesuffix("]").split(".")
        found = self._agreed(
            self._defined(definition, depth) or self._local_class(definition)
            for definition in self.visible(annotation, head)
        )
        for name in rest:
            found = found.attribute(name) if isinstance(found, Entity) else None
        return Entity(_canonical(f"{found.path}()")) if isinstance(found, Entity) else found

    def _local_class(self, definition: Definition) -> Resolved | None:
        return Instance(definition.node) if isinstance(definition.node, cst.ClassDef) else None

    def visible(self, node: cst.CSTNode, name: str) -> list[Definition]:
        """What ``name`` would stand for if it stood at ``node``."""
        scope = self.scopes.at(node)
        while scope is not None:
            if name in scope.definitions:
                return scope.definitions[name]
            if scope.outer is None:
                break
            scope = scope.outer
        return []

    # Functions and classes of this file --------------------------------------------------------------------------

    def function(self, node: cst.CSTNode) -> cst.FunctionDef | cst.ClassDef | cst.Lambda | None:
        """The function, class or lambda of this file that ``node`` names, directly or as a method of ``self``."""
        if node not in self._functions:
            self._functions[node] = None  # what stands for itself names nothing
            self._functions[node] = self._function(node)
        return self._functions[node]

    def _function(self, node: cst.CSTNode) -> cst.FunctionDef | cst.ClassDef | cst.Lambda | None:
        match node:
            case cst.Lambda():
                return node
            case cst.Name():
                found = self.scopes.definitions(node)
                if len(found) != 1:
                    return None
                definition = next(iter(found))
                match definition:
                    case Definition(
                        kind=Kind.FUNCTION | Kind.CLASS, node=(cst.FunctionDef() | cst.ClassDef()) as target
                    ):
                        return target
                    case Definition(kind=Kind.ASSIGN, value=cst.Lambda() as target):
                        return target
            case cst.Attribute(value=value, attr=cst.Name(value=name)):
                owner = self.class_of(value)
                members = self.held(owner, name) if owner is not None else []
                if len(members) == 1 and isinstance(members[0], cst.FunctionDef) and not _is_property(members[0]):
                    return members[0]
        return None

    def class_of(self, node: cst.CSTNode) -> cst.ClassDef | None:
        """The class of this file that ``node`` names or is an instance of."""
        target = self.function(node)
        if isinstance(target, cst.ClassDef):
            return target
        found = self.resolve(node)
        return found.of if isinstance(found, Instance) else None

    def returns(self, function: cst.FunctionDef | cst.Lambda) -> list[cst.BaseExpression]:
        """The expressions that ``function`` itself returns, bare returns left out."""
        if isinstance(function, cst.Lambda):
            return [function.body]
        statements = own_statements(function)
        return [node.value for node in statements if isinstance(node, cst.Return) and node.value is not None]

    def returned(self, function: cst.FunctionDef | cst.Lambda, depth: int = 0) -> Resolved | None:
        """What a call of ``function`` gives: what its returns agree on, else its annotation."""
        values = [value for value in self.returns(function) if not is_none(value)]
        found = self._agreed(self.resolve(value, depth) for value in values) if values else None
        if found is None and isinstance(function, cst.FunctionDef) and function.returns is not None:
            return self.annotated(function.returns.annotation, depth)
        if found is None and isinstance(function, cst.FunctionDef):
            return self._yielded(function, depth)
        return found

    def _yielded(self, function: cst.FunctionDef, depth: int) -> Resolved | None:
        """A context manager or fixture made of a generator gives what it yields."""
        yields = [node.value for node in descendants(function.body) if isinstance(node, cst.Yield)]
        if len(yields) == 1 and isinstance(yields[0], cst.BaseExpression):
            return self.resolve(yields[0], depth)
        return None

    def owner(self, function: cst.CSTNode) -> cst.ClassDef | None:
        """The class whose method ``function`` is."""
        return owner_of(self.module, function)

    def members(self, owner: cst.ClassDef) -> dict[str, list[cst.CSTNode]]:
        """Name -> what the class binds it to: values given to ``self.name``, annotations, methods; bases included."""
        return self._members.of(owner)

    def held(self, owner: cst.ClassDef, name: str) -> list[cst.CSTNode]:
        """What an object that is known as an ``owner`` may have under ``name``: see ``Members.held``."""
        return self._members.held(owner, name)

    # Callers -----------------------------------------------------------------------------------------------------

    def calls_of(self, function: cst.FunctionDef | cst.ClassDef) -> list[cst.Call]:
        """Every call of ``function`` in this file, those too that may run what a subclass has in its place."""
        return self._callers.calls_of(function)

    def callers(self, function: cst.FunctionDef) -> list[cst.Call] | None:
        """The calls of ``function``, also by what runs it for the file; None where one of them is not visible."""
        return self._callers.of(function)

    def arguments_for(self, parameter: Definition) -> list[cst.BaseExpression]:
        """What the callers in this file pass for ``parameter``; empty when one of them is not visible."""
        return self._callers.arguments_for(parameter)


def _is_property(function: cst.FunctionDef) -> bool:
    return any(name.rpartition(".")[2] in ("property", "cached_property") for name in decorator_names(function))
