"""How new code is laid out: small documents of text, carried source and bracketed groups, and their printer.

A group stays on one line where it fits and nothing asks for more; otherwise it has one item a line, indented one step
from the line it begins on. Carried source is moved as a block: the inside of strings is never touched.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import libcst as cst

from migrator.python.module import Module


@dataclass(frozen=True, slots=True)
class Text:
    """New code on one line."""

    text: str


@dataclass(frozen=True, slots=True)
class Carried:
    """An expression of the source, carried as written (with the edits inside it applied)."""

    node: cst.CSTNode


@dataclass(frozen=True, slots=True)
class Concat:
    """Documents one after the other."""

    parts: tuple[Doc, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a group: ``prefix`` is ``key=`` or ``"key": ``; comments are kept with it."""

    doc: Doc
    prefix: str = ""
    leading: tuple[str, ...] = ()
    trailing: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Items between brackets; ``broken`` asks for one item a line."""

    opening: str
    items: tuple[Item, ...]
    closing: str
    broken: bool = False
    final_comma: bool = True
    dangling: tuple[str, ...] = ()
    aligned: bool = False  # items under the first one, as in f(a,\n  b)
    separator: str = ","  # a space in comprehensions

    def has_comments(self) -> bool:
        """Whether a comment stands inside, so that one line would lose code."""
        return bool(self.dangling) or any(item.leading or item.trailing for item in self.items)


Doc = Text | Carried | Concat | Group
Carry = Callable[[cst.CSTNode], str]


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments around one element of a bracketed list."""

    leading: tuple[str, ...] = ()
    trailing: str = ""


def comments_around(holder: cst.CSTNode) -> tuple[dict[cst.CSTNode, Comments], tuple[str, ...]]:
    """For every element of a call, dict or list its comments; and those that stand before the closing bracket."""
    match holder:
        case cst.Call(args=elements):
            opening: cst.BaseParenthesizableWhitespace = holder.whitespace_before_args
        case cst.Dict(elements=elements):
            opening = holder.lbrace.whitespace_after
        case cst.List(elements=elements):
            opening = holder.lbracket.whitespace_after
        case cst.Tuple(elements=elements) if holder.lpar:
            opening = holder.lpar[0].whitespace_after
        case _:
            return {}, ()
    trailing, leading = _comments(opening)
    leading = (trailing, *leading) if trailing else leading
    around: dict[cst.CSTNode, Comments] = {}
    for element in elements:
        own, following = _after(element)
        around[element] = Comments(leading, own)
        leading = following
    closing = _before_closing(holder)
    return around, (*leading, *closing)


def _after(element: cst.CSTNode) -> tuple[str, tuple[str, ...]]:
    """The comment behind an element, and the comments on the lines after it."""
    comma = getattr(element, "comma", None)
    spaces: list[object] = [getattr(element, "whitespace_after_arg", None)]
    if isinstance(comma, cst.Comma):
        spaces += [comma.whitespace_before, comma.whitespace_after]
    own, following = "", ()
    for space in spaces:
        trailing, lines = _comments(space)
        own = own or trailing
        following += lines
    return own, following


def _before_closing(holder: cst.CSTNode) -> tuple[str, ...]:
    match holder:
        case cst.Dict(rbrace=bracket):
            space = bracket.whitespace_before
        case cst.List(rbracket=bracket):
            space = bracket.whitespace_before
        case cst.Tuple(rpar=[bracket, *_]):
            space = bracket.whitespace_before
        case _:
            return ()
    trailing, lines = _comments(space)
    return (trailing, *lines) if trailing else lines


def _comments(space: object) -> tuple[str, tuple[str, ...]]:
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return "", ()
    first = space.first_line.comment
    lines = tuple(line.comment.value for line in space.empty_lines if line.comment is not None)
    return (first.value if first is not None else ""), lines


def is_broken(module: Module, holder: cst.CSTNode) -> bool:
    """Whether a call or display has its elements on several lines."""
    match holder:
        case cst.Call(args=elements):
            spaces: list[object] = [holder.whitespace_before_args]
        case cst.Dict(elements=elements):
            spaces = [holder.lbrace.whitespace_after]
        case cst.List(elements=elements):
            spaces = [holder.lbracket.whitespace_after]
        case _:
            return False
    spaces += [element.comma.whitespace_after for element in elements if isinstance(element.comma, cst.Comma)]
    return any(isinstance(space, cst.ParenthesizedWhitespace) for space in spaces)


def is_aligned(call: cst.CSTNode) -> bool:
    """Whether the first argument stands behind the bracket and later ones on lines of their own."""
    return isinstance(call, cst.Call) and not isinstance(call.whitespace_before_args, cst.ParenthesizedWhitespace)


def has_final_comma(holder: cst.CSTNode) -> bool:
    """Whether the last element of a broken call or display is followed by a comma."""
    elements = holder.args if isinstance(holder, cst.Call) else getattr(holder, "elements", ())
    return not elements or isinstance(elements[-1].comma, cst.Comma)


@dataclass(frozen=True, slots=True)
class Printer:
    """Prints documents; ``limit`` is the longest line, ``step`` one indentation, ``newline`` the line ending.

    Lines and columns count from the indentation of the block that the code stands in, which libcst adds.
    """

    module: Module
    carry: Carry
    limit: int
    step: str
    newline: str

    def show(self, doc: Doc, indent: str, column: int, behind: int = 0) -> str:
        """``doc`` as code that begins at ``column`` of a line indented by ``indent``; ``behind`` columns follow it."""
        match doc:
            case Text(text=text):
                return text
            case Carried(node=node):
                return self._moved(node, indent)
            case Concat(parts=parts):
                return self._concat(parts, indent, column, behind)
            case Group():
                flat = None if doc.broken or doc.has_comments() else self._flat(doc)
                if flat is not None and column + len(flat) + behind <= self.limit:
                    return flat
                if not doc.items and not doc.dangling:
                    return doc.opening + doc.closing
                return self._aligned(doc, indent, column) if doc.aligned else self._broken(doc, indent, column, behind)

    def _concat(self, parts: tuple[Doc, ...], indent: str, column: int, behind: int) -> str:
        shown = ""
        for part in parts:
            text = self.show(part, indent, column, behind)
            shown += text
            column = column + len(text) if "\n" not in text else len(text.rpartition("\n")[2])
        return shown

    def _flat(self, doc: Doc) -> str | None:
        """``doc`` on one line, or None where something inside needs several."""
        match doc:
            case Text(text=text):
                return text
            case Carried(node=node):
                text = self.carry(node)
                return None if "\n" in text or "\r" in text else text
            case Concat(parts=parts):
                flats = [self._flat(part) for part in parts]
                return None if None in flats else "".join(flat for flat in flats if flat is not None)
            case Group(opening=opening, items=items, closing=closing):
                if doc.broken or doc.has_comments():
                    return None
                flats = [self._flat(item.doc) for item in items]
                if None in flats:
                    return None
                between = f"{doc.separator.strip()} "
                inside = between.join(f"{item.prefix}{flat}" for item, flat in zip(items, flats, strict=True))
                return f"{opening}{inside}{closing}"

    def _broken(self, group: Group, indent: str, column: int, behind: int) -> str:
        if len(group.items) == 1 and not group.broken and not group.has_comments() and group.opening[-1] in "[(" and group.separator == ",":
            hugged = self._hugged(group, indent, column)
            if hugged is not None:
                return hugged
        inner = indent + self.step
        lines = [group.opening]
        for position, item in enumerate(group.items):
            lines += [inner + comment for comment in item.leading]
            last = position == len(group.items) - 1
            comma = "" if last and not group.final_comma else group.separator.strip()
            shown = self.show(item.doc, inner, len(inner) + len(item.prefix), len(comma))
            comment = f"  {item.trailing}" if item.trailing else ""
            lines.append(f"{inner}{item.prefix}{shown}{comma}{comment}")
        lines += [inner + comment for comment in group.dangling]
        lines.append(indent + group.closing)
        return self.newline.join(lines)

    def _hugged(self, group: Group, indent: str, column: int) -> str | None:
        """``[{`` … ``}]``: one display inside another needs no line of its own."""
        item = group.items[0]
        if not isinstance(item.doc, Group) or item.prefix:
            return None
        return group.opening + self.show(item.doc, indent, column + len(group.opening)) + group.closing

    def _aligned(self, group: Group, indent: str, column: int) -> str:
        inner = " " * (column + len(group.opening))
        lines = []
        for position, item in enumerate(group.items):
            last = position == len(group.items) - 1
            comma = "" if last else ","
            shown = self.show(item.doc, inner, len(inner) + len(item.prefix), 1)
            comment = f"  {item.trailing}" if item.trailing else ""
            lines += [inner + leading for leading in item.leading]
            lines.append(f"{inner}{item.prefix}{shown}{comma}{comment}")
        text = self.newline.join(lines)
        closing = self.newline + inner if group.items[-1].trailing else ""
        return group.opening + text.removeprefix(inner) + closing + group.closing

    def _moved(self, node: cst.CSTNode, indent: str) -> str:
        text = self.carry(node)
        if "\n" not in text:
            return text
        old = self.module.own_indent(node)
        return reindent(text, old, indent)


def reindent(text: str, old: str, new: str) -> str:
    """``text`` with the lines after the first moved from indentation ``old`` to ``new``; strings keep their inside."""
    if old == new:
        return text
    kept = _inside_strings(text)
    lines = text.splitlines(keepends=True)
    moved = [lines[0]]
    for number, line in enumerate(lines[1:], start=2):
        if number in kept or not line.strip():
            moved.append(line)
        elif line.startswith(old):
            moved.append(new + line[len(old) :])
        else:
            moved.append(line)
    return "".join(moved)


def _inside_strings(text: str) -> set[int]:
    """The numbers of the lines that begin inside a string."""
    return {line for token in _tokens(f"({text})") if _is_string(token) for line in _later_lines(token)}


def _is_string(token: tokenize.TokenInfo) -> bool:
    return token.type == tokenize.STRING or tokenize.tok_name[token.type] == "FSTRING_MIDDLE"


def _later_lines(token: tokenize.TokenInfo) -> range:
    return range(token.start[0] + 1, token.end[0] + 1)


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError):
        return
