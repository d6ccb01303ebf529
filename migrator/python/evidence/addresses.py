"""What the source shows of the file at an address: of a video on YouTube, or of an uploaded file."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.planning.media import MEDIA, PERHAPS_VIDEO, VIDEO, is_youtube
from migrator.python.evidence.scopes import Kind, Scopes
from migrator.python.evidence.texts import beginning
from migrator.python.evidence.uploads import Uploads
from migrator.python.evidence.words import words

_DEEPEST = 4
_OF_VIDEOS = frozenset({"youtube", "yt", "video", "url", "link"})
_OF_OTHERS = frozenset("image img picture photo audio pdf doc document file gcs gs bucket thumbnail page html".split())


def kind_at(scopes: Scopes, uploads: Uploads, node: cst.BaseExpression) -> str:
    """A MIME type for the file at the address ``node``; ``PERHAPS_VIDEO`` where only its name speaks for a video."""
    if isinstance(node, cst.Attribute) and node.attr.value == "uri":
        shown = uploads.mime_type(node.value)
        return "" if shown == MEDIA else shown
    values = list(_values(scopes, node, _DEEPEST))
    if values and all(is_youtube(beginning(value)) for value in values):
        return VIDEO
    said = words(_name(node))
    return PERHAPS_VIDEO if said & _OF_VIDEOS and not said & _OF_OTHERS else ""


def _values(scopes: Scopes, node: cst.BaseExpression, depth: int) -> Iterator[cst.BaseExpression]:
    """What a name may hold here; the name itself where that is not known."""
    found = scopes.definitions(node) if isinstance(node, cst.Name) else frozenset()
    for definition in found:
        value = definition.value
        if definition.kind is Kind.ASSIGN and value is not None and depth:
            yield from _values(scopes, value, depth - 1)
        else:
            yield node
    if not found:
        yield node


def _name(node: cst.BaseExpression) -> str:
    match node:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            return name
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]):
            return str(key.evaluated_value)
    return ""
