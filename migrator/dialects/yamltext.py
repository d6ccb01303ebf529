"""YAML text as ``ir`` values that know their place, and back."""

from __future__ import annotations

import re
from typing import Any

import yaml

from migrator.dialects.jsontext import DEEPEST, Document, PayloadError, Place
from migrator.ir import Field, Literal, Record, Scalar, Sequence, Value

PLAIN = {"null": None, "bool": None, "int": None, "float": None}
COMMENT = re.compile(r"(?:^|\s)#")


def documents(text: str) -> tuple[Document, ...]:
    """All documents of a text; PayloadError where it is not YAML."""
    try:
        composed: list[yaml.Node | None] = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PayloadError(error.problem or "not YAML", mark.index if mark else 0) from None
    except yaml.reader.ReaderError as error:
        raise PayloadError(error.reason, error.position) from None
    nodes = [node for node in composed if node is not None]
    found = [Document(_value(node, "", 0), node.start_mark.index, node.end_mark.index) for node in nodes]
    if not found:
        raise PayloadError("there is no document", 0)
    return tuple(found)


def comments(text: str) -> int | None:
    """The offset of the first comment; None where there is none."""
    tokens = yaml.scan(text, Loader=yaml.SafeLoader)
    at = 0
    for token in tokens:
        found = COMMENT.search(text, at, token.start_mark.index)
        if found:
            return found.end() - 1
        at = max(at, token.end_mark.index)
    found = COMMENT.search(text, at)
    return found.end() - 1 if found else None


def _value(node: yaml.Node, path: str, depth: int) -> Value:
    place = Place(path, node.start_mark.index)
    if depth > DEEPEST:
        raise PayloadError("nested too deeply", place.offset)
    match node:
        case yaml.MappingNode():
            return Record("dict", _fields(node, path, depth), place)
        case yaml.SequenceNode():
            items = (_value(item, f"{path}[{at}]", depth + 1) for at, item in enumerate(node.value))
            return Sequence(tuple(items), place)
        case _:
            return Literal(_scalar(node), place)


def _fields(node: yaml.MappingNode, path: str, depth: int) -> tuple[Field, ...]:
    fields: dict[str, Field] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise PayloadError("a key has to be a plain word", key.start_mark.index)
        if key.value == "<<":
            raise PayloadError("merge keys (<<) are not read: write out the fields that it takes", key.start_mark.index)
        name = str(key.value)
        if name in fields:
            raise PayloadError(f"the key {name!r} is given twice", key.start_mark.index)
        inner = f"{path}.{name}" if path else name
        fields[name] = Field(name, _value(value, inner, depth + 1), Place(inner, key.start_mark.index))
    return tuple(fields.values())


def _scalar(node: yaml.Node) -> Scalar:
    """What JSON knows too; dates and the like stay the text that they are."""
    if node.tag.rpartition(":")[2] not in PLAIN:
        return str(node.value)
    loader: Any = yaml.SafeLoader("")
    found: Scalar = loader.construct_object(node)
    return found


class _Dumper(yaml.SafeDumper):
    """Writes lists indented under their key and long texts as blocks."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _string)


def write(value: Value) -> str:
    """The YAML text of a planned value, with a newline at its end; TypeError for what is no plain data."""
    text = yaml.dump(plain(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**20)
    return str(text)


def plain(value: Value) -> object:
    """A planned value as Python's own data; TypeError for what is computed at run time."""
    match value:
        case Record(fields=fields):
            return {field.name: plain(field.value) for field in fields}
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Literal(value=str() | int() | float() | None as scalar):
            return scalar
        case _:
            raise TypeError(f"not plain data: {type(value).__name__}")
