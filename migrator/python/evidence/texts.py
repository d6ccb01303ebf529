"""What a text that is put together visibly says."""

from __future__ import annotations

import libcst as cst


def beginning(node: cst.BaseExpression) -> str:
    """The text that a string visibly begins with."""
    match node:
        case cst.SimpleString() if isinstance(node.evaluated_value, str):
            return node.evaluated_value
        case cst.FormattedString(parts=[cst.FormattedStringText(value=text), *_]):
            return text
        case cst.BinaryOperation(left=left, operator=cst.Add() | cst.Modulo()) | cst.ConcatenatedString(left=left):
            return beginning(left).partition("%")[0]
        case cst.Call(func=cst.Attribute(value=text, attr=cst.Name(value="format" | "strip"))):
            return beginning(text).partition("{")[0]
    return ""
