"""Reads of lists that were None where the answer had nothing of the kind, and are empty lists now."""

from __future__ import annotations

from migrator.plan import Feature
from migrator.python.replies.absence import iteration_matters, none_matters, waits_for_none
from migrator.python.replies.uses import Use
from migrator.python.replies.writer import Writer, is_tested
from migrator.python.writing.layout import Carried, Doc


def listed(writer: Writer, use: Use, doc: Doc, asked: Doc, what: str) -> None:
    """``doc`` in place of ``use``, or ``asked`` where only its truth counts; None again where somebody waits for it."""
    facts = writer.facts
    either = writer.or_empty(use.node)
    if either is not use.node:
        writer.put(either, Carried(use.node))  # a list is never None
    waited = waits_for_none(facts, use.node)
    if waited == "AttributeError":
        writer.ask(use, f"an answer without {what} raises an IndexError here now, which no handler waits for")
    if is_tested(use):
        writer.test(use, asked)
    elif waited == "TypeError":
        writer.put(use.node, "(", doc, " or None)")
    elif none_matters(facts, use.node) or (either is use.node and _fails_without(writer, use)):
        writer.put(use.node, doc, " or None")
    else:
        writer.put(use.node, doc)


def _fails_without(writer: Writer, use: Use) -> bool:
    """Whether a handler waits for the error that the list of an empty answer gave; a piece of a stream has one item."""
    return not writer.has(Feature.STREAMED) and iteration_matters(writer.facts, use.node)
