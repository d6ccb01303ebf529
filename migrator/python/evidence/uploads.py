"""The MIME type of an uploaded file, where the source shows it: given with the upload, or told by the file's name.

``files.upload`` takes ``config.mime_type``, else what ``mimetypes`` guesses from the path, and refuses one that tells
nothing (google-genai 3.4, ``_extra_utils.prepare_resumable_upload``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import libcst as cst

from migrator.casing import snake
from migrator.planning.media import MEDIA, guessed, unlisted
from migrator.python.evidence.functions import run_with
from migrator.python.evidence.mime_types import is_of_media
from migrator.python.evidence.scopes import Kind, dotted

if TYPE_CHECKING:
    from migrator.python.evidence.values import Facts

_PATHS = ("pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "os.path.join", "os.path.abspath", "str", "open")
_SAME_FILE = frozenset({"absolute", "resolve", "expanduser", "as_posix", "joinpath", "with_suffix", "open"})
_CONFIG = "google.genai.types.UploadFileConfig"


class Uploads:
    """Answers for the files of one module."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.scopes = facts.scopes
        self.names = facts.names

    def mime_type(self, node: cst.BaseExpression) -> str:
        """The MIME type of the uploaded file that ``node`` holds; empty where the source does not show it.

        ``MEDIA`` where it shows no more than that the file is no text.
        """
        return self._file(node, frozenset())

    def _file(self, node: cst.BaseExpression, seen: frozenset[cst.CSTNode]) -> str:
        if node in seen:
            return "*"  # the file that a loop asks for again is the one that it asked for before
        seen |= {node}
        match node:
            case cst.Name():
                return _agreed({self._file(value, seen) for value in self._assigned(node)} - {"*"})
            case cst.Await(expression=inner) | cst.NamedExpr(value=inner):
                return self._file(inner, seen)
            case cst.Call() if self._names(node.func, ".files.upload"):
                return self._uploaded(node)
            case cst.Call(args=[cst.Arg(value=cst.Attribute(value=file, attr=cst.Name(value="name")))]):
                return self._file(file, seen) if self._names(node.func, ".files.get") else self._made(node, seen)
            case cst.Call():
                return self._made(node, seen)
        return ""

    def _made(self, call: cst.Call, seen: frozenset[cst.CSTNode]) -> str:
        """The MIME type of what a function of the file uploads, or one that is run in a thread."""
        for argument in call.args:
            run = run_with(self.facts.module, argument.value)
            match argument.value:
                case cst.Lambda(body=body) if run is not None:
                    return self._file(body, seen)
                case cst.Attribute() as method if run is not None and self._names(method, ".files.upload"):
                    return self._uploaded(run)
        function = self.names.function(call.func)
        if not isinstance(function, cst.FunctionDef):
            return ""
        return _agreed({self._file(value, seen) for value in self.names.returns(function)} - {"*"})

    def _names(self, function: cst.BaseExpression, method: str) -> bool:
        """Whether ``function`` is a method of a client, be the client visible or not."""
        return (self.names.path(function) or dotted(function)).endswith(method)

    def _assigned(self, name: cst.Name) -> list[cst.BaseExpression]:
        """Everything that the name may hold here; nothing where a part of it is not an assignment."""
        definitions = self.scopes.definitions(name)
        values = [each.value for each in definitions if each.kind is Kind.ASSIGN and each.value is not None]
        return values if len(values) == len(definitions) else []

    def _uploaded(self, call: cst.Call) -> str:
        given = {argument.keyword.value: argument.value for argument in call.args if argument.keyword is not None}
        if len(given) != len(call.args):
            return ""
        settings = self._settings(given.get("config"))
        if settings is None:
            return ""
        if "mime_type" in settings:
            given_type = settings["mime_type"]
            return self._text(given_type) or (MEDIA if is_of_media(self.facts, given_type) else "")
        name = self._file_name(given["file"], frozenset()) if "file" in given else ""
        return guessed(name)

    def _settings(self, config: cst.BaseExpression | None) -> dict[str, cst.BaseExpression] | None:
        """The fields that the upload sets; None where they are not visible."""
        match config:
            case None | cst.Name(value="None"):
                return {}
            case cst.Name():
                values = self._assigned(config)
                alone = len(values) == 1 and len(self._reads(config)) == 1
                return self._settings(values[0]) if alone else None
            case cst.Dict(elements=elements):
                return _fields(elements)
            case cst.Call(args=args) if self.names.path(config.func) in (_CONFIG, "dict") or _is_dict(config.func):
                if any(argument.keyword is None for argument in args):
                    return None
                return {argument.keyword.value: argument.value for argument in args if argument.keyword is not None}
        return None

    def _reads(self, name: cst.Name) -> list[cst.Name]:
        return [read for definition in self.scopes.definitions(name) for read in self.scopes.reads(definition)]

    def _text(self, node: cst.BaseExpression) -> str:
        match node:
            case cst.SimpleString() | cst.ConcatenatedString():
                return node.evaluated_value if isinstance(node.evaluated_value, str) else ""
            case cst.Name():
                values = self._assigned(node)
                return self._text(values[0]) if len(values) == 1 and not isinstance(values[0], cst.Name) else ""
        return ""

    def _file_name(self, node: cst.BaseExpression, seen: frozenset[cst.CSTNode]) -> str:
        """How the name of the file at a path ends, as far as it is written here."""
        if node in seen:
            return ""
        seen |= {node}
        match node:
            case cst.SimpleString() | cst.ConcatenatedString():
                return node.evaluated_value if isinstance(node.evaluated_value, str) else ""
            case cst.FormattedString(parts=[*_, cst.FormattedStringText(value=text)]):
                return f"file{text}" if "." in text else ""
            case cst.BinaryOperation(operator=cst.Divide() | cst.Add(), right=right):
                return f"file{self._file_name(right, seen)}"
            case cst.Name():
                values = self._assigned(node)
                return self._file_name(values[0], seen) if len(values) == 1 else ""
            case cst.Call():
                return self._called(node, seen)
        return ""

    def _called(self, call: cst.Call, seen: frozenset[cst.CSTNode]) -> str:
        positional = [argument.value for argument in call.args if argument.keyword is None and not argument.star]
        match call.func:
            case cst.Attribute(value=inner, attr=cst.Name(value=name)) if name in _SAME_FILE and not positional:
                return self._file_name(inner, seen)
            case cst.Attribute(attr=cst.Name(value="joinpath" | "with_suffix")) if positional:
                return f"file{self._file_name(positional[-1], seen)}"
        path = self.names.path(call.func)
        if isinstance(call.func, cst.Name) and not self.scopes.definitions(call.func):
            path = call.func.value
        if path not in _PATHS or not positional:
            return ""
        return self._file_name(positional[0] if path == "open" else positional[-1], seen)


def _agreed(shown: set[str]) -> str:
    """What several files have in common: their MIME type, or that none of them is a text."""
    if len(shown) == 1:
        return shown.pop()
    return MEDIA if shown and all(each == MEDIA or (each and not unlisted(each)) for each in shown) else ""


def _is_dict(function: cst.BaseExpression) -> bool:
    return isinstance(function, cst.Name) and function.value == "dict"


def _fields(elements: Sequence[cst.BaseDictElement]) -> dict[str, cst.BaseExpression] | None:
    found = {}
    for element in elements:
        match element:
            case cst.DictElement(key=cst.SimpleString() as key, value=value):
                found[snake(str(key.evaluated_value))] = value
            case _:
                return None
    return found
