"""How the source is laid out: the lines of a call or display, its comments, and the habits of a whole file."""

from __future__ import annotations

import re
from collections import Counter
from enum import Enum

import libcst as cst

from migrator.python.evidence.module import NEWLINE, Module
from migrator.records import dataclass

Element = cst.Arg | cst.BaseElement | cst.BaseDictElement


class Lines(Enum):
    """Where the elements between two brackets stand."""

    ONE = "all on the line of the brackets"
    INNER = "all on one line between the brackets"
    EACH = "each on a line of its own"
    ALIGNED = "each under the first, which stands behind the bracket"


@dataclass(frozen=True, slots=True)
class Habit:
    """The layout of one call or display; ``attached`` says that the closing bracket follows the last element."""

    lines: Lines = Lines.ONE
    final_comma: bool = True
    attached: bool = False


@dataclass(frozen=True, slots=True)
class Style:
    """What a whole file does: its quotes, its line length, and how it lays out lists that have several lines.

    ``step`` is how much further their elements are indented: not always as much as a block.
    """

    quote: str
    limit: int
    final_comma: bool
    hugs: bool  # [{ … }] rather than a line for each bracket
    step: str


# A file ------------------------------------------------------------------------------------------------------------

_LONGEST = 120
_USUAL = 88
_NARROW = 79
_HUG = re.compile(r"\[\{[ \t]*$|\(\[[ \t]*$|\(\{[ \t]*$", re.MULTILINE)
_UNBREAKABLE = re.compile(r"#.*$|[\"'].*[\"']")


def style_of(module: Module) -> Style:
    """The style of a file; what it does not show is what formatters do."""
    text = module.text
    quote = "'" if text.count("'") > 2 * text.count('"') else '"'
    holders = [node for kind in (cst.Call, cst.Dict, cst.List) for node in module.nodes(kind)]
    habits = [habit_of(node) for node in holders]
    commas = [habit.final_comma for habit in habits if habit.lines is Lines.EACH]
    steps = Counter(step for node in holders if (step := step_of(module, node)))
    step = max(steps, key=steps.__getitem__, default=module.tree.default_indent)
    return Style(quote, _limit(text), commas.count(True) >= commas.count(False), _HUG.search(text) is not None, step)


def _limit(text: str) -> int:
    """The longest line to write: what formatters leave, or what the file's own code already has."""
    lengths = [len(line) if len(line) <= _NARROW else _breakable(line) for line in NEWLINE.split(text)]
    longest = max(lengths, default=0)
    if _NARROW - 8 < longest <= _NARROW and len(lengths) > _USUAL:
        return _NARROW
    return min(max(_USUAL, longest), _LONGEST)


def _breakable(line: str) -> int:
    """The length of a long line as far as it says something of the file's limit: strings and comments do not."""
    return len(line) if len(_UNBREAKABLE.sub("", line)) > _NARROW // 2 else 0


# A call or display -------------------------------------------------------------------------------------------------


def habit_of(holder: cst.CSTNode) -> Habit:
    """How a call, list or dict is laid out."""
    elements = elements_of(holder)
    opening, closing = edges_of(holder)
    if not elements:
        return Habit()
    between = any(_has_newline(spaces_behind(element)[2]) for element in elements[:-1])
    final_comma = isinstance(elements[-1].comma, cst.Comma)
    if not _has_newline(opening):
        return Habit(Lines.ALIGNED if between else Lines.ONE, final_comma, attached=True)
    attached = not any(map(_has_newline, (closing, *spaces_behind(elements[-1]))))
    one_line = not between and not (final_comma and len(elements) == 1)
    return Habit(Lines.INNER if one_line else Lines.EACH, final_comma, attached)


def step_of(module: Module, holder: cst.CSTNode) -> str:
    """How much further than its first line the elements of a call, list or dict are indented; empty on one line."""
    elements = elements_of(holder)
    if not elements or not _has_newline(edges_of(holder)[0]):
        return ""
    outer, inner = module.line_indent(holder), module.line_indent(elements[0])
    return inner.removeprefix(outer) if inner.startswith(outer) else ""


def elements_of(holder: cst.CSTNode) -> list[Element]:
    """The arguments or elements of a call, list, tuple or dict."""
    match holder:
        case cst.Call(args=args):
            return list(args)
        case cst.List(elements=elements) | cst.Tuple(elements=elements):
            return list(elements)
        case cst.Dict(elements=pairs):
            return list(pairs)
    return []


def edges_of(holder: cst.CSTNode) -> tuple[object, object]:
    """The whitespace behind the opening bracket and before the closing one."""
    match holder:
        case cst.Call():
            return holder.whitespace_before_args, None
        case cst.Dict():
            return holder.lbrace.whitespace_after, holder.rbrace.whitespace_before
        case cst.List():
            return holder.lbracket.whitespace_after, holder.rbracket.whitespace_before
        case cst.Tuple() if holder.lpar:
            return holder.lpar[0].whitespace_after, holder.rpar[-1].whitespace_before
    return None, None


def spaces_behind(element: Element) -> tuple[object, object, object]:
    """The whitespace behind an element: before the comma, in an argument and elsewhere, and behind the comma."""
    comma = element.comma
    around = (comma.whitespace_before, comma.whitespace_after) if isinstance(comma, cst.Comma) else (None, None)
    return getattr(element, "whitespace_after_arg", None), *around


def _has_newline(space: object) -> bool:
    return isinstance(space, cst.ParenthesizedWhitespace)
