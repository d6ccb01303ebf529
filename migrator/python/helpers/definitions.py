"""The helper functions that rewritten code calls, as the file that calls them would have written them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from itertools import combinations

from migrator.python.helpers.chats import CHAT_HELPERS, CHAT_SIGNATURES, CHATS, PARTS, chat
from migrator.python.helpers.contents import CONTENT_HELPERS, CONTENT_MODULES
from migrator.python.helpers.errors import ERROR_HELPERS
from migrator.python.helpers.replies import REPLY_HELPERS, REPLY_MODULES
from migrator.python.helpers.requests import PICTURES, REQUEST_HELPERS, REQUEST_SIGNATURES, TOOLS, formats, settings_of
from migrator.python.helpers.streams import (
    CALLS,
    OF_CHAT,
    OF_MODEL,
    SIGNED,
    STREAM_HELPERS,
    STREAM_MODULES,
    WRAPPERS,
    piece,
    record,
    wrapper,
)
from migrator.python.helpers.tools import TOOL_ANNOTATIONS, TOOL_HELPERS, TOOL_MODULES, TOOL_SIGNATURES
from migrator.python.writing.habits import Style
from migrator.records import dataclass

_HELPERS = {
    **CONTENT_HELPERS,
    **ERROR_HELPERS,
    **REQUEST_HELPERS,
    **REPLY_HELPERS,
    **CHAT_HELPERS,
    **STREAM_HELPERS,
    **TOOL_HELPERS,
}
_BUILT: dict[str, tuple[Callable[[AbstractSet[str]], str], tuple[str, ...]]] = {
    **{name: (partial(chat, name), PARTS) for name in CHATS},
    **{name: (partial(wrapper, name), (OF_CHAT, OF_MODEL)) for name in WRAPPERS},
    "record": (record, (CALLS,)),
    "settings_of": (settings_of, (PICTURES, TOOLS)),
    "formats": (formats, ()),
    "piece": (piece, (SIGNED,)),
}
"""The helpers that say no more than a file needs: what makes each of the parts wanted, and the parts there are."""
_MODULES = {**CONTENT_MODULES, **REPLY_MODULES, **STREAM_MODULES, **TOOL_MODULES}
_SIGNATURES = {
    "content_type": "(mime_type: str | None) -> str",
    "uri_content": "(uri: str, mime_type: str | None) -> dict[str, Any]",
    "inline_content": "(data: bytes, mime_type: str) -> dict[str, str]",
    "content_of_part": "(part: Any) -> dict[str, str]",
    "step_of": "(content: Any) -> dict[str, Any]",
    "input_of": "(contents: Any) -> list[dict[str, Any]]",
    "restored": "(history: Any) -> list[Any]",
    "content_of": "(item: Any) -> dict[str, Any]",
    "image_content": "(image: Any) -> dict[str, str]",
    "status_code": "(error: Any) -> Any",
    "error_message": "(error: Any) -> Any",
    "error_status": "(error: Any) -> Any",
    "status_name": "(error: Any) -> str | None",
    "text_of": "(interaction: Any) -> str",
    "unquoted": "(text: str | None) -> str",
    "contents_of": "(interaction: Any) -> list[Any]",
    "parts_of": "(interaction: Any) -> list[Any]",
    "parts_with_code_of": "(interaction: Any) -> list[Any]",
    "has_step": "(interaction: Any, kind: str) -> bool",
    "function_calls_of": "(interaction: Any) -> list[Any]",
    "grounding_of": "(interaction: Any) -> Any",
    "cited_in": "(contents: Any) -> tuple[list[Any], list[Any]]",
    "source_of": "(annotation: Any) -> Any",
    "finish_reason": "(interaction: Any) -> Any",
    "output_of": "(step: Any) -> str",
    "text_of_part": "(part: Any) -> str | None",
    "image_of": "(part: Any) -> Any",
    "parsed": "(schema: Any, text: Any) -> Any",
    "parsed_by": "(schema: Any, text: Any) -> Any",
    "loaded": "(text: Any) -> Any",
    "texts": "(events: Any) -> Any",
    "async_texts": "(events: Any) -> Any",
    "pieces": "(events: Any) -> Any",
    "async_pieces": "(events: Any) -> Any",
    "texts_and_end": "(events: Any) -> Any",
    "async_texts_and_end": "(events: Any) -> Any",
    "replies": "(events: Any) -> Any",
    "async_replies": "(events: Any) -> Any",
    "piece": "(event: Any, known: dict) -> Any",
    "stream_error": "(error: Any) -> Exception",
    "with_end": "(pieces: Any) -> Any",
    "async_with_end": "(pieces: Any) -> Any",
    "whole": "(pieces: Any) -> list[Any]",
    "record": "(steps: dict[int, dict[str, Any]], event: Any) -> None",
    **REQUEST_SIGNATURES,
    **TOOL_SIGNATURES,
}
NAME = re.compile(r"(?<![\w.])\w+")
_DOCSTRING = re.compile(r'""".*?"""', re.DOTALL)
_DOCSTRING_APART = re.compile(f"({_DOCSTRING.pattern})", re.DOTALL)
_IMPORT = re.compile(r"^ +from \S+ import (.*)$", re.MULTILINE)
_SIGNATURE = re.compile(r"\([^\n]*\)(?=:\n)")
_LISTS = "parts results declared steps texts queries retrievals chunks supports found".replace(" ", "|")
_LIST = re.compile(rf"^    ({_LISTS}) = \[\]$", re.MULTILINE)
_SIMPLE_STRING = re.compile(r'(?<!")"([^"\'\n]*)"(?!")')


@dataclass(frozen=True, slots=True)
class Helper:
    """A function or class that a file is given; ``modules`` are those that its code uses."""

    name: str
    code: str
    modules: tuple[str, ...]

    def mentions(self, name: str) -> bool:
        """Whether the function uses ``name``."""
        return re.search(rf"\b{re.escape(name)}\b", self.code) is not None

    def names(self) -> set[str]:
        """The names that the function takes from around it: not those that it imports itself."""
        code = _DOCSTRING.sub("", self.code)
        own = {name for imported in _IMPORT.findall(code) for name in NAME.findall(imported)}
        return set(NAME.findall(_IMPORT.sub("", code))) - own

    def renamed(self, names: Mapping[str, str]) -> Helper:
        """The function with other names for what it uses; its docstring speaks of them as the SDK does."""
        pieces = _DOCSTRING_APART.split(self.code)
        for name, other in names.items():
            pieces[::2] = [re.sub(rf"\b{re.escape(name)}\b(?=[.(])", other, piece) for piece in pieces[::2]]
        return replace(self, code="".join(pieces))

    def lines(self, style: Style, indent: str) -> list[str]:
        """The lines that define it in the style of a file."""
        code = _SIMPLE_STRING.sub(r"'\1'", self.code) if style.quote == "'" else self.code
        return [
            re.sub(r"^(?:    )+", lambda found: indent * (len(found.group()) // 4), line) for line in code.splitlines()
        ]


def plain(names: Iterable[str]) -> list[Helper]:
    """The helpers called ``names``; ``helper.part`` is something that the helper has to have."""
    return [Helper(f"_{name}", code, _modules(name, code)) for name, code in _whole(names)]


def _modules(name: str, code: str) -> tuple[str, ...]:
    """The modules that ``code`` uses."""
    built = [each for each in ("contextlib", "json") if name in _BUILT and f"{each}." in code]
    return (*_MODULES.get(name, ()), *built)


def annotated(names: Iterable[str]) -> list[Helper]:
    """The helpers called ``names`` in a file that annotates its functions."""
    return [replace(each, code=_with_types(each.name.removeprefix("_"), each.code)) for each in plain(names)]


def _whole(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The code of each function or class, with those of its parts that are wanted."""
    wanted = sorted(names)
    for name in wanted:
        if "." not in name:
            yield name, _code(name, parts_of(name, wanted))


def parts_of(name: str, wanted: Iterable[str]) -> frozenset[str]:
    """The parts of the helper ``name`` among all that is ``wanted``."""
    return frozenset(each.partition(".")[2] for each in wanted if each.startswith(f"{name}."))


def _code(name: str, parts: AbstractSet[str]) -> str:
    if name not in _BUILT:
        return _HELPERS[name]
    build, _ = _BUILT[name]
    return build(parts)


def _with_types(name: str, code: str) -> str:
    code = _SIGNATURE.sub(_SIGNATURES[name], code, count=1) if name in _SIGNATURES else code
    code = _LIST.sub(r"    \1: list[Any] = []", code)
    code = code.replace("    passages = {}\n", "    passages: dict[Any, list[int]] = {}\n")
    if name == "settings_of":
        code = code.replace("    settings = {", "    settings: dict[str, Any] = {")
        code = code.replace("contents = _", "contents: Any = _")
    if name in CHAT_HELPERS or name in CHATS:
        for plain_one, annotated_one in CHAT_SIGNATURES.items():
            code = code.replace(f"{plain_one}\n", f"{annotated_one}\n")
    if name in TOOL_HELPERS:
        for plain_one, annotated_one in TOOL_ANNOTATIONS.items():
            code = code.replace(f"{plain_one}\n", f"{annotated_one}\n")
    return code


def is_definition(name: str, source: str, parts: frozenset[str] = frozenset()) -> bool:
    """Whether ``source`` defines this very helper, in any style, with at least those ``parts``."""
    try:
        bare = _bare(source)
        return any(bare == _bare(_code(name, each)) for each in _variants(name) if parts <= each)
    except SyntaxError:
        return False


def _variants(name: str) -> Iterator[frozenset[str]]:
    """The sets of parts that the helper may have."""
    parts = _BUILT[name][1] if name in _BUILT else ()
    for size in range(len(parts) + 1):
        yield from map(frozenset, combinations(parts, size))


def _bare(source: str) -> str:
    """What a function does, its annotations left out."""
    return ast.dump(_Bare().visit(ast.parse(source.strip())))


class _Bare(ast.NodeTransformer):
    """Takes annotations away, and imports of the SDK, which the function has inside where the file has them so."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None if (node.module or "").startswith("google.genai") else node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return ast.Assign([node.target], node.value) if node.value is not None else node
