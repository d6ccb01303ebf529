"""Reads of grounding metadata whose legacy form is made anew."""

from __future__ import annotations

import libcst as cst

from migrator.python.replies.sources import FIELD
from migrator.python.replies.uses import Use
from migrator.python.replies.writer import Writer, carried, joined
from migrator.python.writing.layout import Doc


def rebuilt(writer: Writer, use: Use) -> None:
    """The whole metadata, made anew; its fields, where that cannot be done, are refused."""
    assert use.row is not None
    if use.field != FIELD:
        message = f"{use.shape.type}.{use.field}: a streamed reply has its citations piece by piece"
        writer.refuse(use, message, advice="Read the annotations of the text contents.")
        return
    match use.node:
        case cst.Call(func=cst.Name(value="hasattr")):
            writer.put(use.node, carried(use))
            return
        case cst.Call():
            made: Doc = joined((carried(use), " and ", _made(writer, use)))
        case _:
            made = _made(writer, use)
    writer.put(use.node, made)
    if use is min(writer.uses("rebuilt"), key=lambda each: writer.facts.module.order(each.node)):
        writer.ask(use, f"{use.shape.type}.{use.field}: {use.row.note}")


def _made(writer: Writer, use: Use) -> Doc:
    writer.renderer.needs.helpers |= {"cited_in", "source_of"}
    return writer.helper("grounding_of", carried(use))
