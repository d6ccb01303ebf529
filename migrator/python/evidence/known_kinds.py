"""What operators and methods give, by the kinds of what they are used on alone."""

from __future__ import annotations

import libcst as cst

STR_METHODS = frozenset(
    "capitalize casefold center expandtabs format format_map join ljust lower lstrip removeprefix removesuffix replace "
    "rjust rstrip strip swapcase title translate upper zfill".split()
)
READS_BYTES = frozenset({"read_bytes", "getvalue", "tobytes"})

# Strings whatever they are asked of; ``replace`` and ``format`` belong to other types as well.
_ALWAYS_STR = frozenset({"strip", "lower", "upper", "lstrip", "rstrip", "removeprefix", "removesuffix", "title"})


def of_operation(operator: cst.BaseBinaryOp, left: str, right: str) -> str:
    """The kind of what an operator makes of two values of known kinds."""
    match operator:
        case cst.Modulo() if left == "str":
            return "str"
        case cst.Add() if "str" in (left, right):
            return "str"
        case cst.Add() if "bytes" in (left, right):
            return "bytes"
        case cst.Add() if left.startswith("list") and right.startswith("list"):
            return left if left == right else "list"
        case cst.Multiply() if "str" in (left, right):
            return "str"
        case cst.Multiply() if left.startswith("list"):
            return left
        case cst.Divide():
            return "float" if left in ("int", "float") else ""
        case cst.Add() | cst.Subtract() | cst.Multiply() if left == right and left in ("int", "float"):
            return left
    return ""


def of_method(kind: str, name: str) -> str:
    """The kind of what a method called ``name`` gives, of a value of ``kind`` or, if that is empty, of any value."""
    if name in STR_METHODS and kind in ("str", ""):
        return "str" if kind == "str" or name in _ALWAYS_STR else ""
    if name == "split" and kind == "str":
        return "list[str]"
    if name == "copy" and kind.startswith("list"):
        return kind
    if name == "encode" and kind == "str":
        return "bytes"
    if name == "decode":
        return "str"
    if name in ("read_text", "isoformat", "strftime", "model_dump_json"):
        return "str"
    if name in ("model_json_schema", "json_schema"):
        return "dict"
    if name in READS_BYTES:
        return "bytes" if name != "getvalue" or kind == "" else ""
    if name in ("convert", "resize", "crop", "rotate", "copy") and kind == "PIL.Image.Image":
        return kind
    return ""
