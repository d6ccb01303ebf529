"""Comments stay next to what they describe: read from calls and displays, put into the new code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

import libcst as cst

from migrator.python.evidence.module import Module, Span, descendants
from migrator.python.writing.habits import edges_of, elements_of, spaces_behind
from migrator.python.writing.layout import Carried, Concat, Doc, Group, Item
from migrator.records import dataclass


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments around one element of a bracketed list."""

    leading: tuple[str, ...] = ()
    trailing: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A comment that lost its place: ``span`` is what it described, ``trails`` says that it stood behind that."""

    comment: str
    span: Span
    trails: bool


# In the source -----------------------------------------------------------------------------------------------------


def remark_of(holder: cst.CSTNode) -> str:
    """The comment behind the opening bracket of a call, dict or list."""
    return _comments(edges_of(holder)[0])[0]


def comments_around(holder: cst.CSTNode) -> tuple[dict[cst.CSTNode, Comments], tuple[str, ...]]:
    """For every element of a call, dict or list its comments; and those that stand before the closing bracket."""
    opening, closing = edges_of(holder)
    leading = _comments(opening)[1]
    around: dict[cst.CSTNode, Comments] = {}
    for element in elements_of(holder):
        own = ""
        following: tuple[str, ...] = ()
        for space in spaces_behind(element):
            found, lines = _comments(space)
            own = own or found
            following += lines
        around[element] = Comments(leading, own)
        leading = following
    trailing, last = _comments(closing)
    if trailing and around and not leading and not around[element].trailing:  # behind the last element, on its line
        around[element] = replace(around[element], trailing=trailing)
        trailing = ""
    return around, (*leading, *((trailing,) if trailing else ()), *last)


def _comments(space: object) -> tuple[str, tuple[str, ...]]:
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return "", ()
    first = space.first_line.comment
    lines = tuple(line.comment.value for line in space.empty_lines if line.comment is not None)
    return (first.value if first is not None else ""), lines


def comments_in(node: cst.CSTNode) -> list[str]:
    """Every comment inside a node, in order."""
    found: list[str] = []

    class Finder(cst.CSTVisitor):
        def visit_Comment(self, node: cst.Comment) -> None:  # noqa: N802 - libcst's naming
            found.append(node.value)

    node.visit(Finder())
    return found


def _notes(module: Module, source: cst.CSTNode) -> list[Note]:
    """The comments of the calls and displays in ``source``, with what they describe, and then all others."""
    notes: list[Note] = []
    for holder in descendants(source):
        around, dangling = comments_around(holder)
        for element, comments in around.items():
            notes += [Note(comment, module.span(element), trails=False) for comment in comments.leading]
            notes += [Note(comments.trailing, module.span(element), trails=True)] if comments.trailing else []
        end = module.span(holder)[1]
        notes += [Note(remark, module.span(holder), trails=False)] if (remark := remark_of(holder)) else []
        notes += [Note(comment, (end, end), trails=False) for comment in dangling]
    others = Counter(comments_in(source)) - Counter(note.comment for note in notes)
    begin = module.span(source)
    return [*notes, *(Note(comment, begin, trails=False) for comment in others.elements())]


# In the new code ---------------------------------------------------------------------------------------------------


def keeping_comments(module: Module, group: Group, sources: Iterable[cst.CSTNode]) -> Group:
    """``group`` with every comment of the ``sources`` that it does not hold yet, beside what the comment describes."""
    held = Counter(comments_of(group))
    for source in sources:
        if "#" not in module.source(source):
            continue
        within = module.span(source)
        for note in _notes(module, source):
            if held[note.comment]:
                held[note.comment] -= 1
            else:
                group = _placed(module, group, note, within)
    return group


def comments_of(doc: Doc) -> Iterator[str]:
    """The comments that new code will have."""
    match doc:
        case Carried(node=node, changes=changes):
            gone = Counter(comment for old, _ in changes for comment in comments_in(old))
            yield from (Counter(comments_in(node)) - gone).elements()
            for _, new in changes:
                yield from comments_of(new)
        case Concat(parts=parts):
            for part in parts:
                yield from comments_of(part)
        case Group(items=items, dangling=dangling):
            yield from (doc.remark, *dangling) if doc.remark else dangling
            for item in items:
                yield from (comment for comment in (*item.leading, item.trailing) if comment)
                yield from comments_of(item.doc)


def _placed(module: Module, group: Group, note: Note, within: Span) -> Group:
    """``group`` with a comment at the item that stands for what it describes, else at the next one, else at the end."""
    items = [(item, span) for item in _items(group) if (span := _source(module, item)) is not None]
    inside = [(item, span) for item, span in items if within[0] <= span[0] and span[1] <= within[1]]
    exact = [item for item, span in inside if span == note.span and item.origin is not None]
    described = exact or [item for item, span in inside if note.span[0] <= span[0] and span[1] <= note.span[1]]
    if note.trails and described:
        last = max(described, key=lambda item: (_source(module, item) or (0, 0))[1])
        if not last.trailing:
            return _with(group, last, replace(last, trailing=note.comment))
    following = [(span[0], item) for item, span in inside if span[0] >= note.span[0]]
    around = [(span[1] - span[0], item) for item, span in inside if _holds(span, note.span)]
    if not following and not around:
        return replace(group, dangling=(*group.dangling, note.comment))
    if exact or not around:
        nearest = exact[0] if exact else min(following, key=lambda pair: pair[0])[1]
    else:
        nearest = min(around, key=lambda pair: pair[0])[1]
    return _with(group, nearest, replace(nearest, leading=(*nearest.leading, note.comment)))


def _holds(outer: Span, inner: Span) -> bool:
    """Whether a comment stands within what an item stands for, which says it all in fewer words now."""
    return outer[0] < inner[0] and inner[1] < outer[1]


def _source(module: Module, item: Item) -> Span | None:
    """What of the source an item stands for, itself or by the items inside it."""
    if item.origin is not None:
        return module.span(item.origin)
    inner = [_source(module, each) for each in item.doc.items] if isinstance(item.doc, Group) else []
    spans = [span for span in inner if span is not None]
    return (min(span[0] for span in spans), max(span[1] for span in spans)) if spans else None


def _items(group: Group) -> Iterator[Item]:
    """The items of a group and of the groups inside it, outermost first."""
    for item in group.items:
        yield item
        if isinstance(item.doc, Group):
            yield from _items(item.doc)


def _with(group: Group, old: Item, new: Item) -> Group:
    """``group`` with one of its items, or of the items inside it, replaced."""
    items = []
    for item in group.items:
        inner = item.doc
        if item is old:
            items.append(new)
        elif isinstance(inner, Group):
            items.append(replace(item, doc=_with(inner, old, new)))
        else:
            items.append(item)
    return replace(group, items=tuple(items))
