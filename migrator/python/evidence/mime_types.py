"""Whether a MIME type that only the run knows is shown to be one of media: of a picture, sound, a video or a document.

Evidence is what the file says of the value itself: what it falls back to, which table it is chosen from, what a
condition around it asks. One type of text among all that, and the value stays what nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import TYPE_CHECKING

import libcst as cst

from migrator.python.evidence import attributes
from migrator.python.evidence.displays import is_only_read, shown
from migrator.python.evidence.guards import conditions
from migrator.python.evidence.mime_questions import begins_media, is_media, question, same, says_media, speaks_of_texts
from migrator.python.evidence.module import descendants, is_none
from migrator.python.evidence.pairs import given
from migrator.python.evidence.scopes import Definition, Kind
from migrator.python.evidence.texts import beginning
from migrator.python.evidence.unpacked import elements, unpacked

if TYPE_CHECKING:
    from migrator.python.evidence.values import Facts

_GETTING = frozenset({"get", "pop", "setdefault"})
_QUESTIONS = (cst.Comparison, cst.Call)


class Sign(Enum):
    """What one of the values says that an expression may have."""

    MEDIA = "media"
    ASKED = "asked"  # media where the code comes to it, which says nothing of the other values
    OTHER = "other"  # a text, or what may be one
    UNSEEN = "unseen"


def is_of_media(facts: Facts, node: cst.BaseExpression) -> bool:
    """Whether the source shows that the MIME type ``node`` is one of media."""
    signs = set(_Signs(facts).of(node))
    return signs == {Sign.ASKED} or (Sign.MEDIA in signs and Sign.OTHER not in signs)


class _Signs:
    """Collects what the possible values of one expression say, each once."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.seen: set[cst.CSTNode] = set()

    def of(self, node: cst.BaseExpression) -> Iterator[Sign]:
        """What the possible values of ``node`` say that were not looked at before."""
        node = same(node)
        if node in self.seen or is_none(node):
            return
        self.seen.add(node)
        if self._is_asked_for(node):
            yield Sign.ASKED
            return
        match node:
            case cst.SimpleString() | cst.ConcatenatedString() if isinstance(node.evaluated_value, str):
                yield from _whole(node.evaluated_value)
            case cst.FormattedString() | cst.ConcatenatedString() | cst.BinaryOperation():
                yield _begun(beginning(node))
            case cst.BooleanOperation(left=left, operator=operator, right=right):
                yield from self.of(left) if isinstance(operator, cst.Or) else ()
                yield from self.of(right)
            case cst.IfExp(body=body, orelse=orelse):
                yield from self.of(body)
                yield from self.of(orelse)
            case cst.Await(expression=inner) | cst.NamedExpr(value=inner):
                yield from self.of(inner)
            case _:
                yield from self._elsewhere(node)

    def _elsewhere(self, node: cst.BaseExpression) -> Iterator[Sign]:
        """What is said of a value that stands somewhere else: under a name, in a table, in a function."""
        if self._is_perhaps_text(node):
            yield Sign.OTHER
        match node:
            case cst.Name():
                definitions = self.facts.scopes.definitions(node)
                for definition in definitions:
                    yield from self._defined(definition)
                yield from () if definitions else (Sign.UNSEEN,)
            case cst.Attribute():
                found = attributes.given(self.facts, node)
                yield from self._each(found.values if found is not None else None)
            case cst.Subscript(value=table, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
                yield from self._item(table, key)
            case cst.Call():
                yield from self._called(node)
            case _:
                yield Sign.UNSEEN

    def _each(self, values: Iterable[cst.BaseExpression] | None) -> Iterator[Sign]:
        if values is None:
            yield Sign.UNSEEN
        for value in values or ():
            yield from self.of(value)

    # Names ---------------------------------------------------------------------------------------------------------

    def _defined(self, definition: Definition) -> Iterator[Sign]:
        match definition.kind:
            case Kind.ASSIGN if definition.value is not None:
                yield from self.of(definition.value)
            case Kind.PARAMETER:
                passed = self.facts.names.arguments_for(definition)
                yield from self._each([*passed, *([definition.value] if definition.value else [])] or None)
            case Kind.UNPACK:
                yield from self._taken(definition)
            case Kind.AUGMENT:
                yield Sign.OTHER
            case _:
                yield Sign.UNSEEN

    def _taken(self, definition: Definition) -> Iterator[Sign]:
        alone = given(self.facts.module, definition)
        if alone is not None:
            yield from self.of(alone)
        elif (taken := unpacked(self.facts, [definition])) is not None:
            yield from self._each(elements(self.facts, *taken))
        else:
            yield Sign.UNSEEN

    # Tables and calls ------------------------------------------------------------------------------------------------

    def _item(self, table: cst.BaseExpression, key: cst.BaseExpression) -> Iterator[Sign]:
        """What stands in ``table`` under ``key``."""
        display, added = self._display(table)
        match display, key:
            case cst.Dict(elements=entries), _:
                for entry in entries:
                    if not isinstance(entry, cst.DictElement):
                        yield Sign.OTHER
                    elif not _is_another(entry.key, key):
                        yield from self.of(entry.value)
            case ((cst.List(elements=items) | cst.Tuple(elements=items)), _):
                for item in items:
                    yield from (Sign.OTHER,) if isinstance(item, cst.StarredElement) else self.of(item.value)
            case _:
                yield Sign.UNSEEN
        for more in added:
            yield from (Sign.OTHER,) if more is None else self.of(more)

    def _display(self, table: cst.BaseExpression) -> tuple[cst.BaseExpression | None, list[cst.BaseExpression | None]]:
        match table:
            case cst.Attribute():
                found = attributes.given(self.facts, table)
                if found is None or len(found.values) != 1:
                    return None, []
                return found.values[0], [None for read in found.reads if not is_only_read(self.facts.module, read)]
            case cst.Name():
                return shown(self.facts, table) or (None, [])
        return table, []

    def _called(self, call: cst.Call) -> Iterator[Sign]:
        match call:
            case cst.Call(func=cst.Name(value="getattr"), args=[_, _, cst.Arg(value=default)]):
                yield from self.of(default)
            case cst.Call(func=cst.Attribute(attr=cst.Name(value="format"))):
                yield _begun(beginning(call))
            case cst.Call(
                func=cst.Attribute(value=table, attr=cst.Name(value=name)), args=[cst.Arg(value=key), *rest]
            ) if name in _GETTING and len(rest) < 2:
                yield from self._item(table, key)
                yield from self._each([each.value for each in rest])
            case _:
                function = self.facts.names.function(call.func)
                returned = self.facts.names.returns(function) if isinstance(function, cst.FunctionDef) else None
                yield from self._each(returned)

    # Questions -------------------------------------------------------------------------------------------------------

    def _is_asked_for(self, node: cst.BaseExpression) -> bool:
        """Whether the code comes to ``node`` only where a condition found it to be one of media."""
        module = self.facts.module
        asked = module.source(node)
        return any(says_media(self.facts, test, asked, holds=holds) for test, holds in conditions(module, node))

    def _is_perhaps_text(self, node: cst.BaseExpression) -> bool:
        """Whether the function around ``node`` asks somewhere whether it is a text."""
        module = self.facts.module
        asked = module.source(node)
        around = module.enclosing(node, cst.FunctionDef) or module.tree
        found = (question(self.facts, each) for each in descendants(around) if isinstance(each, _QUESTIONS))
        texts = [text for one in found if one is not None and module.source(one.subject) == asked for text in one.texts]
        return any(text is not None and speaks_of_texts(text) for text in texts)


def _whole(text: str) -> Iterator[Sign]:
    """What a literal says; an empty one stands for none."""
    if text:
        yield Sign.MEDIA if is_media(text) else Sign.OTHER


def _begun(text: str) -> Sign:
    """What a text says that goes on with what only the run knows."""
    if not text:
        return Sign.UNSEEN
    return Sign.MEDIA if "/" in text and begins_media(text) else Sign.OTHER


def _is_another(key: cst.BaseExpression, asked: cst.BaseExpression) -> bool:
    """Whether two keys are literals that differ."""
    match key, asked:
        case cst.SimpleString(), cst.SimpleString():
            return key.evaluated_value != asked.evaluated_value
    return False
