"""What kind of value an expression holds, as far as the file shows: evidence, never a guess.

Kinds are builtin names (``str``, ``bytes``, ``list[str]``, ``type``, ``function``) or dotted SDK and library types
(``google.genai.types.File``, ``PIL.Image.Image``); an empty string means that nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from migrator.python.evidence.command_line import kind_of_option
from migrator.python.evidence.documented import is_documented_as_text
from migrator.python.evidence.drawn import Side, drawn, entries, items
from migrator.python.evidence.functions import THREADS
from migrator.python.evidence.known_kinds import CALLS, FILE, READS_BYTES, STR_METHODS, of_call, of_method, of_operation
from migrator.python.evidence.module import Module, is_none
from migrator.python.evidence.names import Entity, Names
from migrator.python.evidence.scopes import Definition, Kind, Scopes, dotted
from migrator.python.evidence.unpacked import annotation, elements, unpacked

_ONLY_STR = STR_METHODS | frozenset(
    "encode endswith startswith splitlines isspace isdigit isalpha isalnum rsplit partition".split()
)
_TYPES = frozenset({"str", "int", "float", "bool", "list", "dict", "tuple", "set"})
_STR_NAMES = frozenset({"__doc__", "__name__", "__file__"})
_VALIDATORS = frozenset({"model_validate", "model_validate_json", "parse_obj"})
_ANNOTATIONS = {
    "str": "str",
    "bytes": "bytes",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "PIL.Image.Image": "PIL.Image.Image",
    "PIL.Image": "PIL.Image.Image",  # a module, but many annotations mean its class
    "typing.Text": "str",
    "typing.LiteralString": "str",
    "typing.Callable": "function",
    "collections.abc.Callable": "function",
}
_LIBRARIES = ("google.genai.", "mcp.", "fastmcp.")
_LISTS = frozenset({"list", "sorted", "reversed"})
_GENERICS = frozenset(
    {"list", "dict", "tuple", "set", "type", "Optional", "Union", "List", "Dict", "Literal", "Annotated"}
)
_AWAITED = frozenset({"Future", "Task", "Awaitable"})
_SEQUENCES = frozenset({"list", "List", "Sequence", "Iterable", "tuple", "Tuple"})
_ANSWERS = ("models.generate_content", ".send_message")


class Kinds:
    """Infers kinds for the expressions of one module."""

    def __init__(self, module: Module, scopes: Scopes, names: Names) -> None:
        self.module = module
        self.scopes = scopes
        self.names = names
        self._cache: dict[cst.CSTNode, str] = {}

    def of(self, node: cst.CSTNode) -> str:
        """The kind of ``node``, empty when the file does not show it."""
        if node not in self._cache:
            self._cache[node] = ""  # an expression that depends on itself shows nothing
            self._cache[node] = self._infer(node)
        return self._cache[node]

    def _infer(self, node: cst.CSTNode) -> str:
        match node:
            case cst.FormattedString():
                return "str"
            case cst.SimpleString():
                return "bytes" if "b" in node.prefix.lower() else "str"
            case cst.ConcatenatedString(left=left):
                return self.of(left)
            case cst.Integer() | cst.Float():
                return "int" if isinstance(node, cst.Integer) else "float"
            case cst.BinaryOperation():
                return of_operation(node.operator, self.of(node.left), self.of(node.right))
            case cst.IfExp(body=left, orelse=right) | cst.BooleanOperation(left=left, right=right):
                optional = isinstance(node, cst.BooleanOperation)
                sides = [side for side in (left, right) if not (optional and is_none(side))]
                filled = [side for side in sides if not isinstance(side, cst.List) or side.elements]
                return self._agreed(self.of(side) for side in filled or sides)
            case cst.NamedExpr(value=inner) | cst.UnaryOperation(operator=cst.Minus(), expression=inner):
                return self.of(inner)
            case cst.Await(expression=inner):
                return self.of(inner) or self._promised(inner)
            case cst.List(elements=elements) if elements:
                kind = self._agreed([self.of(element.value) for element in elements])
                return f"list[{kind}]" if kind else "list"
            case cst.List() | cst.ListComp():
                return f"list[{self.of(node.elt)}]" if isinstance(node, cst.ListComp) and self.of(node.elt) else "list"
            case cst.Dict() | cst.DictComp():
                return "dict"
            case cst.Lambda():
                return "function"
            case cst.Name():
                return self._name(node)
            case cst.Attribute():
                return self._attribute(node)
            case cst.Call():
                return self._call(node)
            case cst.Subscript():
                return self._subscript(node)
        return ""

    def _promised(self, node: cst.BaseExpression) -> str:
        """What an annotation says that waiting for ``node`` gives."""
        match self.annotation_of(node):
            case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=inner))]):
                awaited = (self.names.path(value) or dotted(value)).rpartition(".")[2] in _AWAITED
                return self.annotation(inner) if awaited else ""
        return ""

    def annotation_of(self, node: cst.BaseExpression) -> cst.BaseExpression | None:
        """The annotation of a name, or of what a loop takes out of an annotated list."""
        found = self.scopes.definitions(node) if isinstance(node, cst.Name) else frozenset()
        if len(found) != 1:
            return None
        definition = next(iter(found))
        if definition.kind is not Kind.FOR or definition.value is None:
            return definition.annotation
        match self.annotation_of(definition.value):
            case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=inner))]):
                return inner if (self.names.path(value) or dotted(value)).rpartition(".")[2] in _SEQUENCES else None
        return None

    def _agreed(self, kinds: Iterable[str]) -> str:
        found = set(kinds)
        return found.pop() if len(found) == 1 else ""

    def _name(self, node: cst.Name) -> str:
        if node.value in _STR_NAMES:
            return "str"
        if node.value in ("True", "False"):
            return "bool"
        definitions = self.scopes.definitions(node)
        if not definitions and node.value in _TYPES:
            return "type"
        kind = self._agreed(self.defined(each) for each in definitions if not _assigns_none(each))
        if kind.startswith("list[") and any(self._grows_by_others(read, kind) for read in self._reads(definitions)):
            return "list"
        return kind

    def _reads(self, definitions: Iterable[Definition]) -> Iterator[cst.Name]:
        return (read for each in definitions for read in self.scopes.reads(each))

    def _grows_by_others(self, read: cst.Name, kind: str) -> bool:
        """Whether a mention of a list of one ``kind`` puts something into it that is of another."""
        match self.module.parent(read):
            case cst.Attribute(attr=cst.Name(value="append" | "insert" | "extend" as method)) as func:
                call = self.module.parent(func)
                if not isinstance(call, cst.Call) or not call.args:
                    return False
                added = self.of(call.args[-1].value)
                return added != (kind if method == "extend" else kind[5:-1])
            case cst.Subscript(value=value) as item if value is read:
                target = self.module.parent(item)
                assignment = self.module.parent(target) if isinstance(target, cst.AssignTarget) else None
                given = self.of(assignment.value) if isinstance(assignment, cst.Assign) else ""
                return assignment is not None and given not in (kind, kind[5:-1])
        return False

    def defined(self, definition: Definition) -> str:
        """The kind that one binding of a name gives it."""
        match definition.kind:
            case Kind.FUNCTION:
                return "function"
            case Kind.CLASS:
                return "type"
            case Kind.ASSIGN if definition.annotation is not None:
                return self.annotation(definition.annotation) or self._value_of(definition)
            case Kind.ASSIGN:
                return self._value_of(definition) or self._from_use(definition)
            case Kind.AUGMENT if definition.value is not None:
                return self.of(definition.value)
            case Kind.DECLARE if definition.annotation is not None:
                return self.annotation(definition.annotation)
            case Kind.PARAMETER:
                return self._parameter(definition)
            case Kind.FOR if definition.value is not None:
                return items(self, definition.value) or self._from_use(definition)
            case Kind.WITH if definition.value is not None:
                return self.of(definition.value)
            case Kind.UNPACK if (taken := unpacked(self, [definition])) is not None:
                said = annotation(*taken)
                found = elements(self, *taken) if said is None else []
                return self.annotation(said) if said is not None else self._agreed(map(self.of, _something(found)))
            case Kind.UNPACK:
                return drawn(self, definition) or self._from_use(definition)
        return ""

    def _value_of(self, definition: Definition) -> str:
        return self.of(definition.value) if definition.value is not None else ""

    def _parameter(self, definition: Definition) -> str:
        if definition.annotation is not None:
            return self.annotation(definition.annotation)
        default = self.of(definition.value) if definition.value is not None else ""
        if default.startswith("list"):
            return "list"  # the callers may put other things into it
        arguments = self.names.arguments_for(definition)
        if default == "str":
            return "str" if all(self.of(each) in ("", "str") or is_none(each) for each in arguments) else ""
        given = {self.of(argument) for argument in arguments if not is_none(argument)}
        if given - {"", "str"}:
            return self._agreed(given)
        is_text = given == {"str"} or is_documented_as_text(self.module, self.scopes, definition)
        return "str" if is_text else self._from_use(definition)

    def _from_use(self, definition: Definition) -> str:
        """A value on which string methods are called, or to which a string is added, is a string."""
        return "str" if any(self._used_as_str(read) for read in self.scopes.reads(definition)) else ""

    def _used_as_str(self, read: cst.Name) -> bool:
        holder = self.module.parent(read)
        match holder:
            case cst.Attribute(value=value, attr=cst.Name(value=name)) if value is read and name in _ONLY_STR:
                return isinstance(self.module.parent(holder), cst.Call) and not self._is_told_apart(read)
            case cst.BinaryOperation(operator=cst.Add(), left=left, right=right):
                other = right if left is read else left
                shown = isinstance(other, (cst.SimpleString, cst.FormattedString)) and self.of(other) == "str"
                return shown and not self._is_told_apart(read)
        return False

    def _is_told_apart(self, read: cst.Name) -> bool:
        """Whether ``isinstance`` decides if the code comes to ``read``: what it does there is no evidence."""
        asked = f"isinstance({read.value},"
        return any(
            asked in self.module.source(holder.test)
            for holder in self.module.ancestors(read)
            if isinstance(holder, (cst.If, cst.IfExp))
        )

    def _attribute(self, node: cst.Attribute) -> str:
        if node.attr.value == "text" and self.of(node.value).startswith("requests."):
            return "str"
        if node.attr.value == "text" and self.of(node.value).endswith(_ANSWERS):
            return "str"
        path = self.names.path(node)
        if path.startswith("google.genai.types.") and "(" not in path:
            enum, _, name = path.rpartition(".")
            return enum if name.isupper() and enum != "google.genai.types" else "type"
        if isinstance(self.names.function(node), cst.FunctionDef):
            return "function"
        if path.endswith("().session") and path.startswith(_LIBRARIES):
            return path
        members = self.members(node)
        kinds = []
        for member in members:
            match member:
                case cst.Annotation(annotation=annotation):
                    kinds.append(self.annotation(annotation))
                case cst.FunctionDef(returns=cst.Annotation(annotation=annotation)):
                    kinds.append(self.annotation(annotation))
                case cst.BaseExpression() if not is_none(member):
                    kinds.append(self.of(member))
        annotated = [self.annotation(m.annotation) for m in members if isinstance(m, cst.Annotation)]
        return annotated[0] if annotated else self._agreed(kinds) or kind_of_option(self, node)

    def members(self, node: cst.Attribute) -> list[cst.CSTNode]:
        """What the class of ``self`` binds the attribute to, for an attribute of an instance of this file's classes."""
        owner = self.names.class_of(node.value)
        return self.names.held(owner, node.attr.value) if owner is not None else []

    def _call(self, node: cst.Call) -> str:
        target = self.names.function(node.func)
        match target:
            case cst.ClassDef():
                return ""
            case cst.FunctionDef() | cst.Lambda():
                return self.returned(target)
        methods = self.members(node.func) if isinstance(node.func, cst.Attribute) else []
        if len(methods) > 1 and all(isinstance(each, cst.FunctionDef) for each in methods):
            giving = [each for each in methods if isinstance(each, cst.FunctionDef) and self.names.returns(each)]
            return self._agreed(self.returned(each) for each in giving)
        path = self.names.path(node.func) or dotted(node.func)
        if path in _LISTS and isinstance(node.func, cst.Name) and not self.scopes.definitions(node.func):
            item = items(self, node.args[0].value) if node.args else ""
            return f"list[{item}]" if item else "list"
        if known := of_call(path):
            return known
        if path == "typing.cast" and node.args:
            return self.annotation(node.args[0].value)
        if path in THREADS or path.endswith(".run_in_executor"):
            return self._run(node)
        if path.startswith(_LIBRARIES):
            made, _, method = path.removesuffix("()").rpartition(".")
            makes = method in _VALIDATORS or (method.startswith("from_") and made.rpartition(".")[2][:1].isupper())
            return made if makes else path.removesuffix("()")
        match node.func:
            case cst.Attribute(
                value=cst.Attribute(attr=cst.Name(value="files")), attr=cst.Name(value="upload" | "get")
            ):
                return FILE  # of a client that is assumed to be one, as at the calls of its models
            case cst.Attribute(attr=cst.Name(value="format")) if node.args and all(each.keyword for each in node.args):
                return "str"  # nothing else is filled in by name
            case cst.Attribute(attr=cst.Name(value="get")) if len(node.args) == 2 and _is_text(node.args[1].value):
                return "str"
            case cst.Attribute(value=value, attr=cst.Name(value=name)):
                return self._file_mode(value) if name == "read" else of_method(self.of(value), name)
        return ""

    def _run(self, node: cst.Call) -> str:
        """What a runner gives is what the function that it runs gives."""
        for argument in node.args[:2]:
            match argument.value:
                case cst.Lambda(body=body):
                    return self.of(body)
                case cst.Attribute() | cst.Name() if (path := self.names.path(argument.value)) in CALLS:
                    return CALLS[path]
                case cst.Attribute(attr=cst.Name(value=name)) if name in READS_BYTES:
                    return "bytes"
                case cst.Name() | cst.Attribute():
                    target = self.names.function(argument.value)
                    if isinstance(target, (cst.FunctionDef, cst.Lambda)):
                        return self.returned(target)
        return ""

    def _file_mode(self, file: cst.BaseExpression) -> str:
        opened = self._opened(file)
        if opened is None:
            return ""
        modes = [arg.value for arg in opened.args if arg.keyword is None][1:2]
        modes += [arg.value for arg in opened.args if arg.keyword is not None and arg.keyword.value == "mode"]
        if isinstance(opened.func, cst.Attribute) and not modes:
            modes = [arg.value for arg in opened.args if arg.keyword is None][:1]
        if not modes:
            return "str"
        match modes[0]:
            case cst.SimpleString() as mode:
                return "bytes" if "b" in str(mode.evaluated_value) else "str"
        return ""

    def _opened(self, file: cst.BaseExpression) -> cst.Call | None:
        match file:
            case cst.Call(func=cst.Name(value="open")) | cst.Call(func=cst.Attribute(attr=cst.Name(value="open"))):
                return file
            case cst.Name():
                found = self.scopes.definitions(file)
                if len(found) == 1:
                    value = next(iter(found)).value
                    return self._opened(value) if value is not None and value is not file else None
        return None

    def _subscript(self, node: cst.Subscript) -> str:
        if dotted(node.value) == "os.environ" or self.names.path(node.value) == "os.environ":
            return "str"
        name = dotted(node.value)
        if name.removeprefix("typing.") in _GENERICS and self._is_type_name(node.value):
            return "type"
        kind = self.of(node.value)
        match node.slice:
            case [cst.SubscriptElement(slice=cst.Slice())]:
                return kind
            case [cst.SubscriptElement(slice=cst.Index())]:
                if kind == "dict":
                    return entries(self, node.value, Side.VALUES)
                return kind[5:-1] if kind.startswith("list[") else kind if kind == "str" else ""
        return ""

    def _is_type_name(self, node: cst.BaseExpression) -> bool:
        path = self.names.path(node)
        builtin = isinstance(node, cst.Name) and not self.scopes.definitions(node)
        return builtin or path.startswith("typing.")

    def returned(self, function: cst.FunctionDef | cst.Lambda) -> str:
        """The kind of what ``function`` returns."""
        if isinstance(function, cst.FunctionDef) and function.returns is not None:
            return self.annotation(function.returns.annotation)
        values = [value for value in self.names.returns(function) if not is_none(value)]
        return self._agreed(self.of(value) for value in values) if values else ""

    def annotation(self, node: cst.BaseExpression) -> str:
        """The kind that an annotation promises; ``Optional`` and ``| None`` are looked through."""
        match node:
            case cst.SimpleString():
                return self._quoted(str(node.evaluated_value))
            case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
                return self._agreed(self.annotation(side) for side in (left, right) if not is_none(side))
            case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=inner)), *rest]):
                return self._generic(self.names.path(value) or dotted(value), inner, len(rest))
        if isinstance(node, cst.Name) and not self.scopes.definitions(node):
            return _ANNOTATIONS.get(node.value, node.value if node.value in ("list", "dict", "type") else "")
        found = self.names.resolve(node)
        if isinstance(found, Entity):
            return _ANNOTATIONS.get(found.path, found.path if found.path.startswith(_LIBRARIES) else "")
        return ""

    def _generic(self, base: str, inner: cst.BaseExpression, others: int) -> str:
        if base in ("typing.Optional", "Optional", "typing.Final", "typing.Annotated", "Annotated"):
            return self.annotation(inner)
        if base in (
            "list",
            "List",
            "typing.List",
            "Sequence",
            "typing.Sequence",
            "collections.abc.Sequence",
            "typing.Iterable",
        ):
            kind = self.annotation(inner)
            return f"list[{kind}]" if kind else "list"
        if base in ("dict", "Dict", "typing.Dict"):
            return "dict"
        if base in ("type", "Type", "typing.Type"):
            return "type"
        if base in ("Callable", "typing.Callable", "collections.abc.Callable"):
            return "function"
        if base in ("Literal", "typing.Literal"):
            return self.of(inner)
        if base in ("Union", "typing.Union"):
            return "" if others else self.annotation(inner)
        return ""

    def _quoted(self, text: str) -> str:
        text = text.replace(" ", "").removesuffix("|None")
        if text.startswith("Optional["):
            text = text[9:-1]
        return _ANNOTATIONS.get(text, "")


def _something(values: Iterable[cst.BaseExpression]) -> list[cst.BaseExpression]:
    return [value for value in values if not is_none(value)]


def _is_text(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.SimpleString) and "b" not in node.prefix.lower()


def _assigns_none(definition: Definition) -> bool:
    return definition.kind is Kind.ASSIGN and definition.value is not None and is_none(definition.value)
