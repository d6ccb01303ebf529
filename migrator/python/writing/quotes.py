"""Code inside f-strings: before Python 3.12 it may not have the quotes, the lines or the backslashes of its string."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from migrator.python.evidence.module import Module
from migrator.python.writing.layout import Concat, Doc, Group, Text


def holding_strings(module: Module, node: cst.CSTNode) -> list[cst.FormattedString]:
    """The f-strings that ``node`` stands in, innermost first."""
    return [holder for holder in module.ancestors(node) if isinstance(holder, cst.FormattedString)]


def requoted(doc: Doc, quote: str) -> Doc:
    """``doc`` with the other quote wherever its new code has ``quote``, as far as that keeps its meaning."""
    match doc:
        case Text(text=text):
            return Text(_swapped(text, quote))
        case Concat(parts=parts):
            return Concat(tuple(requoted(part, quote) for part in parts))
        case Group(items=items):
            shown = tuple(
                replace(item, doc=requoted(item.doc, quote), prefix=_swapped(item.prefix, quote)) for item in items
            )
            return replace(doc, opening=_swapped(doc.opening, quote), items=shown)
    return doc


def _swapped(text: str, quote: str) -> str:
    other = "'" if quote == '"' else '"'
    return text.replace(quote, other) if other not in text and "\\" not in text else text
