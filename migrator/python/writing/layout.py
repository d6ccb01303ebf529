"""How new code is laid out: small documents of text, carried source and bracketed groups, and their printer.

A group stays on one line where it fits and nothing asks for more; a call or comprehension may then stand on one line
between its brackets; else there is one item a line. Carried source is moved as a block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field

import libcst as cst

from migrator.python.evidence.module import NEWLINE, Module
from migrator.python.writing.habits import Habit, Lines, Style
from migrator.python.writing.moving import moved
from migrator.records import dataclass

_ANYWHERE = -1_000_000  # a column that lets everything be on one line
_WORTH_A_LINE = 16
IF, ELSE = " if ", " else "


@dataclass(frozen=True, slots=True)
class Text:
    """New code on one line."""

    text: str


@dataclass(frozen=True, slots=True)
class Carried:
    """An expression of the source, carried as written: with the edits inside it, and with ``changes``, applied."""

    node: cst.CSTNode
    changes: tuple[tuple[cst.CSTNode, Doc], ...] = ()


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
    origin: cst.CSTNode | None = None  # what of the source it stands for


@dataclass(frozen=True, slots=True)
class Group:
    """Items between brackets."""

    opening: str
    items: tuple[Item, ...]
    closing: str
    habit: Habit = field(default_factory=Habit)
    dangling: tuple[str, ...] = ()
    separator: str = ","  # a space in comprehensions
    remark: str = ""  # the comment behind the opening bracket

    @property
    def has_comments(self) -> bool:
        """Whether a comment stands inside, so that one line would lose code."""
        return bool(self.dangling or self.remark) or any(item.leading or item.trailing for item in self.items)

    @property
    def is_open(self) -> bool:
        """Whether each item asks for a line of its own."""
        return self.habit.lines in (Lines.EACH, Lines.ALIGNED) or self.has_comments

    @property
    def may_be_inside(self) -> bool:
        """Whether all items may stand on one line between the brackets; formatters do not do so to displays."""
        return self.separator != "," or self.opening.endswith("(")


Doc = Text | Carried | Concat | Group


def texts(doc: Doc) -> Iterator[str]:
    """The new code of a document, piece by piece."""
    match doc:
        case Text(text=text):
            yield text
        case Carried(changes=changes):
            for _, change in changes:
                yield from texts(change)
        case Concat(parts=parts):
            for part in parts:
                yield from texts(part)
        case Group():
            yield doc.opening
            for item in doc.items:
                yield item.prefix
                yield from texts(item.doc)


@dataclass(frozen=True, slots=True)
class Printer:
    """Prints documents; ``step`` is one indentation, ``newline`` the line ending."""

    module: Module
    carry: Callable[[Carried, int], str]  # at which column
    anew: Callable[[Carried], tuple[Printer, Doc] | None]  # what is carried as a document, where it is new itself
    style: Style
    step: str
    newline: str

    def show(self, doc: Doc, indent: str, column: int, behind: int = 0) -> str:
        """``doc`` as code that begins at ``column`` of a line indented by ``indent``; ``behind`` columns follow it."""
        match doc:
            case Text(text=text):
                return text
            case Carried():
                return self._moved(doc, indent, column)
            case Concat(parts=parts):
                flat = self.flat(doc)
                is_choice = any(isinstance(part, Text) and ELSE in part.text for part in parts)
                fits = flat is not None and column + len(flat) + behind <= self.style.limit
                choice = parts[1] if _is_choice_in_brackets(parts) else doc
                if flat is not None and not fits and isinstance(choice, Concat) and _is_choice(choice.parts):
                    return self.newline.join(["(", self._sides(choice, indent + self.step), f"{indent})"])
                if flat is not None and (is_choice or fits):
                    return flat
                return self._concat(_calls(parts, self.style), indent, column, behind)
            case Group():
                return self._group(doc, indent, column, behind)

    def flat(self, doc: Doc) -> str | None:
        """``doc`` on one line, or None where something inside needs several."""
        match doc:
            case Text(text=text):
                return text
            case Carried():
                text = self.carry(doc, _ANYWHERE)
                return None if NEWLINE.search(text) else text
            case Concat(parts=parts):
                return _joined("", [self.flat(part) for part in parts])
            case Group():
                inside = None if doc.is_open else self._in_one_line(doc)
                return None if inside is None else f"{doc.opening}{inside}{doc.closing}"

    def _in_one_line(self, group: Group) -> str | None:
        flats = [self.flat(item.doc) for item in group.items]
        shown = [None if flat is None else item.prefix + flat for item, flat in zip(group.items, flats, strict=True)]
        return _joined(f"{group.separator.strip()} ", shown)

    def _sides(self, choice: Concat, indent: str) -> str:
        """A choice between brackets: on a line of its own, or its sides and its test on one each."""
        flat = self.flat(choice)
        if flat is not None and len(indent) + len(flat) <= self.style.limit:
            return indent + flat
        then, _, test, _, otherwise = choice.parts
        lines = [("", then), (IF.lstrip(), test), (ELSE.lstrip(), otherwise)]
        shown = (indent + word + self.show(side, indent, len(indent) + len(word)) for word, side in lines)
        return self.newline.join(shown)

    def _concat(self, parts: tuple[Doc, ...], indent: str, column: int, behind: int) -> str:
        shown = ""
        for at, part in enumerate(parts):
            following = [self.flat(each) for each in parts[at + 1 :]]
            text = self.show(part, indent, column, behind + sum(len(each) for each in following if each is not None))
            shown += text
            column = column + len(text) if "\n" not in text else len(text.rpartition("\n")[2])
        return shown

    def _group(self, group: Group, indent: str, column: int, behind: int) -> str:
        if not group.items and not group.has_comments:
            return group.opening + group.closing
        if not group.is_open:
            inside = self._in_one_line(group)
            if inside is not None and group.habit.lines is Lines.ONE:
                flat = f"{group.opening}{inside}{group.closing}"
                if column + len(flat) + behind <= self.style.limit or len(inside) < _WORTH_A_LINE:
                    return flat
            inner = indent + self.step
            if inside is not None and group.may_be_inside and len(inner) + len(inside) <= self.style.limit:
                return f"{group.opening}{self.newline}{inner}{inside}{self._closing(group, indent)}"
            if self._is_hugged(group):
                return self._hugged(group, indent, column)
        if group.habit.lines is Lines.ALIGNED:
            return self._aligned(group, column)
        match group.items:
            case [Item(doc=Concat() as choice, prefix="")] if group.may_be_inside and not group.has_comments:
                if _is_choice(choice.parts):  # the call's own brackets will do
                    sides = self._sides(choice, indent + self.step)
                    return f"{group.opening}{self.newline}{sides}{self._closing(group, indent)}"
        return self._each(group, indent)

    def _closing(self, group: Group, indent: str) -> str:
        attached = group.habit.attached and group.habit.lines is not Lines.ONE
        return group.closing if attached else self.newline + indent + group.closing

    def _each(self, group: Group, indent: str) -> str:
        inner = indent + self.step
        lines = [f"{group.opening}  {group.remark}" if group.remark else group.opening]
        for position, item in enumerate(group.items):
            is_last = position == len(group.items) - 1
            comma = "" if is_last and not group.habit.final_comma else group.separator.strip()
            lines += self._item(item, inner, comma)
        lines += [inner + comment for comment in group.dangling]
        commented = group.dangling or (group.items and group.items[-1].trailing)
        closing = self.newline + indent + group.closing if commented else self._closing(group, indent)
        return self.newline.join(lines) + closing

    def _item(self, item: Item, indent: str, comma: str) -> list[str]:
        column = len(indent) + len(item.prefix)
        flat = self.flat(item.doc)
        fits = flat is not None and column + len(flat) + len(comma) <= self.style.limit
        printer, doc = (isinstance(item.doc, Carried) and not fits and self.anew(item.doc)) or (self, item.doc)
        shown = printer.show(doc, indent, column, len(comma))
        comment = f"  {item.trailing}" if item.trailing else ""
        return [*(indent + each for each in item.leading), f"{indent}{item.prefix}{shown}{comma}{comment}"]

    def _is_hugged(self, group: Group) -> bool:
        """``[{`` … ``}]``: one display inside another needs no line of its own where the file does so."""
        only = group.items[0]
        return self.style.hugs and len(group.items) == 1 and isinstance(only.doc, Group) and not only.prefix

    def _hugged(self, group: Group, indent: str, column: int) -> str:
        inside = self.show(group.items[0].doc, indent, column + len(group.opening), len(group.closing))
        return group.opening + inside + group.closing

    def _aligned(self, group: Group, column: int) -> str:
        inner = " " * (column + len(group.opening))
        lines: list[str] = []
        for position, item in enumerate(group.items):
            lines += self._item(item, inner, "" if position == len(group.items) - 1 else ",")
        lines += [inner + comment for comment in group.dangling]
        commented = group.dangling or group.items[-1].trailing
        closing = self.newline + inner if commented else ""
        if group.items[0].leading or group.remark:
            remark = f"  {group.remark}" if group.remark else ""
            return group.opening + remark + self.newline + self.newline.join(lines) + closing + group.closing
        return group.opening + self.newline.join(lines).removeprefix(inner) + closing + group.closing

    def _moved(self, carried: Carried, indent: str, column: int) -> str:
        text = self.carry(carried, column)
        if not NEWLINE.search(text):
            return text
        start = self.module.whole_span(carried.node)[0]
        return moved(text, self.module.indent_at(start), start - self.module.line_start(start), indent, column)


def _joined(separator: str, parts: list[str | None]) -> str | None:
    whole = [part for part in parts if part is not None]
    return separator.join(whole) if len(whole) == len(parts) else None


def _is_choice(parts: tuple[Doc, ...]) -> bool:
    return len(parts) == 5 and parts[1] == Text(IF) and parts[3] == Text(ELSE)


def _is_choice_in_brackets(parts: tuple[Doc, ...]) -> bool:
    return len(parts) == 3 and parts[0] == Text("(") and parts[2] == Text(")") and isinstance(parts[1], Concat)


# Calls in text -----------------------------------------------------------------------------------------------------


def _calls(parts: Sequence[Doc], style: Style) -> tuple[Doc, ...]:
    """``parts`` with the calls that their texts spell as groups, so that they can have several lines."""
    for at, part in enumerate(parts):
        if not isinstance(part, Text) or not part.text.endswith("("):
            continue
        closing = next(_closings(parts, at + 1), None)
        if closing is not None:
            last, offset = closing
            text = parts[last]
            assert isinstance(text, Text)
            inside = [*parts[at + 1 : last], Text(text.text[:offset])]
            arguments = _arguments(inside)
            group = Group(part.text, arguments, ")", Habit(final_comma=style.final_comma and len(arguments) > 1))
            return (*parts[:at], group, *_calls([Text(text.text[offset + 1 :]), *parts[last + 1 :]], style))
    return tuple(parts)


def _closings(parts: Sequence[Doc], start: int) -> Iterator[tuple[int, int]]:
    """Where brackets close in the texts from ``start`` that none of them opens."""
    depth = 0
    for at, part in enumerate(parts[start:], start):
        for offset, letter in enumerate(part.text if isinstance(part, Text) else ""):
            depth += (letter in "([{") - (letter in ")]}")
            if depth < 0:
                yield at, offset


def _arguments(parts: Sequence[Doc]) -> tuple[Item, ...]:
    """The arguments that ``parts`` are: a text that begins with a comma begins another one."""
    arguments: list[list[Doc]] = [[]]
    for part in parts:
        if isinstance(part, Text) and part.text.startswith(", "):
            first, *others = part.text[2:].split(", ")
            arguments += [[Text(each)] for each in (first, *others)]
        elif part != Text(""):
            arguments[-1].append(part)
    return tuple(Item(argument[0] if len(argument) == 1 else Concat(tuple(argument))) for argument in arguments)
