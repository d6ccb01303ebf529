"""What operators, methods and functions of libraries give, whatever the file shows besides."""

from __future__ import annotations

import libcst as cst

STR_METHODS = frozenset(
    "capitalize casefold center expandtabs format format_map join ljust lower lstrip removeprefix removesuffix replace "
    "rjust rstrip strip swapcase title translate upper zfill".split()
)
READS_BYTES = frozenset({"read_bytes", "getvalue", "tobytes"})

# Strings whatever they are asked of; ``replace`` and ``format`` belong to other types as well.
_ALWAYS_STR = frozenset({"strip", "lower", "upper", "lstrip", "rstrip", "removeprefix", "removesuffix", "title"})

_STR_CALLS = frozenset(
    "json.dumps textwrap.dedent textwrap.fill textwrap.shorten textwrap.indent os.getenv input str repr pprint.pformat "
    "os.path.join os.path.basename html.escape html.unescape yaml.dump inspect.cleandoc ascii chr format "
    "os.environ.get uuid.uuid4().hex base64.b64encode().decode time.strftime re.sub datetime.datetime.now().isoformat "
    "datetime.datetime.now().strftime string.Template().substitute string.Template().safe_substitute "
    "jinja2.Template().render jinja2.Environment().get_template().render "
    "jinja2.Environment().from_string().render".split()
)
FILE = "google.genai.types.File"
CALLS = {
    "PIL.Image.open": "PIL.Image.Image",
    "PIL.Image.new": "PIL.Image.Image",
    "PIL.Image.fromarray": "PIL.Image.Image",
    "google.genai.Client().files.upload": FILE,
    "google.genai.Client().files.get": FILE,
    "google.genai.Client().aio.files.upload": FILE,
    "google.genai.Client().aio.files.get": FILE,
    "base64.b64decode": "bytes",
    "len": "int",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "bytes": "bytes",
    "functools.partial": "function",
}


def of_call(path: str) -> str:
    """The kind of what calling the function at ``path`` gives, empty where that is not known."""
    return "str" if path in _STR_CALLS else CALLS.get(path, "")


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
