"""What may change in a module: one record for each kind of edit, by the node that it is made at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst

from migrator.python.writing.layout import Doc, texts
from migrator.records import dataclass


@dataclass(frozen=True, slots=True)
class Replace:
    """Put ``doc`` in the place of an expression."""

    doc: Doc


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a statement out; its comments stay where it stood, of those inside it the ones that nothing else carries."""

    inside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Annotate:
    """Give the one target of an assignment a type."""

    type: str


@dataclass(frozen=True, slots=True)
class Behind:
    """Put a line of code behind a statement."""

    code: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """Put an exception handler ahead of an exception handler."""

    code: str


@dataclass(frozen=True, slots=True)
class Order:
    """Put the handlers of a ``try`` in another order."""

    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Drop:
    """Take an operand out of a chain of operands, with the operator between it and its ``neighbour``."""

    neighbour: cst.CSTNode


@dataclass(frozen=True, slots=True)
class Unwrap:
    """Put ``doc`` on one line in the place of an expression and of the parentheses that spread it over several."""

    doc: Doc


@dataclass(frozen=True, slots=True)
class Relay:
    """Lay a call or comprehension on one line out anew where what changed inside of it no longer fits there."""


Edit = Replace | Remove | Annotate | Behind | Ahead | Order | Drop | Unwrap | Relay
Edits = Mapping[cst.CSTNode, Edit]


def new_code(edit: Edit) -> Iterator[str]:
    """The code that an edit writes, piece by piece, without what it carries from elsewhere."""
    match edit:
        case Replace(doc=doc) | Unwrap(doc=doc):
            yield from texts(doc)
        case Annotate(type=code) | Behind(code=code) | Ahead(code=code):
            yield code
