"""What code asks of a MIME type: ``mime.startswith("video/")``, ``mime in ("image/png", "image/jpeg")``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.planning.media import unlisted
from migrator.python.evidence.displays import shown
from migrator.python.evidence.sight import Sight
from migrator.records import dataclass

_MAIN = ("image", "audio", "video")
_SAME_TYPE = frozenset({"lower", "strip", "casefold"})
_OF_TEXTS = ("text", "json", "xml", "yaml")


@dataclass(frozen=True, slots=True)
class Question:
    """A condition that asks whether ``subject`` is one of ``texts``, or is none of them; None for what is not shown."""

    subject: cst.BaseExpression
    texts: tuple[str | None, ...]
    is_one: bool = True


def is_media(text: str) -> bool:
    """Whether ``text`` is the MIME type of a picture, of sound, a video or a document."""
    return "/" in text and not unlisted(text)


def begins_media(text: str) -> bool:
    """Whether every MIME type that begins with ``text`` is one of media."""
    return text in _MAIN or is_media(text)


def speaks_of_texts(text: str) -> bool:
    """Whether ``text`` names MIME types that no media have."""
    return not begins_media(text) and ("/" in text or any(word in text for word in _OF_TEXTS))


def same(node: cst.BaseExpression) -> cst.BaseExpression:
    """The expression whose MIME type ``node`` is, cleaned or cut: ``str(mime or "").lower().split(";")[0]``."""
    match node:
        case cst.Call(func=cst.Name(value="str"), args=[cst.Arg(value=inner, keyword=None, star="")]):
            return same(inner)
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value=name)), args=[]) if name in _SAME_TYPE:
            return same(inner)
        case cst.Subscript(
            value=cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value="split" | "partition"))),
            slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Integer(value="0")))],
        ):
            return same(inner)
        case cst.BooleanOperation(left=left, operator=cst.Or(), right=cst.SimpleString(value='""' | "''")):
            return same(left)
    return node


def question(sight: Sight, test: cst.CSTNode) -> Question | None:
    """What ``test`` asks of a MIME type; None where it asks something else."""
    match test:
        case cst.Call(
            func=cst.Attribute(value=subject, attr=cst.Name(value="startswith")), args=[cst.Arg(value=asked)]
        ):
            return Question(same(subject), tuple(_texts(sight, asked)))
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=right)]):
            is_one = isinstance(operator, (cst.Equal, cst.In))
            match operator:
                case cst.Equal() | cst.NotEqual():
                    return Question(same(left), tuple(_texts(sight, right)), is_one)
                case cst.In() | cst.NotIn() if isinstance(left, cst.SimpleString):
                    return Question(same(right), tuple(_texts(sight, left)), is_one)
                case cst.In() | cst.NotIn():
                    return Question(same(left), tuple(_texts(sight, right)), is_one)
    return None


def _texts(sight: Sight, node: cst.BaseExpression) -> Iterator[str | None]:
    """The texts that ``node`` is or holds; None for what is not shown."""
    match node:
        case cst.SimpleString() | cst.ConcatenatedString():
            yield node.evaluated_value if isinstance(node.evaluated_value, str) else None
        case cst.Tuple(elements=elements) | cst.List(elements=elements) | cst.Set(elements=elements):
            for each in elements:
                yield from [None] if isinstance(each, cst.StarredElement) else _texts(sight, each.value)
        case cst.Dict(elements=elements):
            for entry in elements:
                yield from _texts(sight, entry.key) if isinstance(entry, cst.DictElement) else [None]
        case cst.Name() if (found := shown(sight, node)) is not None and not found[1]:
            yield from _texts(sight, found[0])
        case _:
            yield None


def says_media(sight: Sight, test: cst.CSTNode, asked: str, *, holds: bool) -> bool:
    """Whether ``test``, which ``holds`` or not, says that the MIME type written as ``asked`` is one of media."""
    match test:
        case cst.UnaryOperation(operator=cst.Not(), expression=inner):
            return says_media(sight, inner, asked, holds=not holds)
        case cst.BooleanOperation(left=left, operator=operator, right=right):
            sides = [says_media(sight, side, asked, holds=holds) for side in (left, right)]
            return all(sides) if isinstance(operator, cst.Or) is holds else any(sides)
    found = question(sight, test)
    if found is None or found.is_one is not holds or sight.module.source(found.subject) != asked:
        return False
    return bool(found.texts) and all(text is not None and begins_media(text) for text in found.texts)
