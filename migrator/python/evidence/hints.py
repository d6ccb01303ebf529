"""The hint of a value: what the source shows of the file that it stands for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from migrator import ir
from migrator.planning.media import MEDIA
from migrator.python.evidence.addresses import kind_at
from migrator.python.evidence.mime_types import is_of_media
from migrator.python.evidence.uploads import Uploads

if TYPE_CHECKING:
    from migrator.python.evidence.values import Facts


def of_file(facts: Facts, node: cst.BaseExpression, kind: str) -> str:
    """The MIME type of an uploaded file, or of the file at an address, where it is shown."""
    uploads = Uploads(facts)
    return uploads.mime_type(node) or (kind_at(facts.scopes, uploads, node) if kind in ("", "str") else "")


def of_mime_type(facts: Facts, value: ir.Value, node: cst.BaseExpression) -> ir.Value:
    """A MIME type that was read from ``node``, with what the source shows of it."""
    match value:
        case ir.Opaque(type=ir.PLANNED):
            return value
        case ir.Opaque() | ir.Choice():
            return _hinted(value, _of_upload(facts, node) or (MEDIA if is_of_media(facts, node) else ""))
    return value


def _of_upload(facts: Facts, node: cst.BaseExpression) -> str:
    """What is shown of an uploaded file whose own MIME type is read."""
    match node:
        case cst.Attribute(value=file, attr=cst.Name(value="mime_type")):
            return Uploads(facts).mime_type(file)
    return ""


def _hinted(value: ir.Value, hint: str) -> ir.Value:
    """``value`` with a hint; a choice keeps what is known of its sides where nothing is known of the whole."""
    match value:
        case ir.Opaque():
            return replace(value, hint=hint)
        case ir.Choice() if hint:
            return replace(value, then=_hinted(value.then, hint), otherwise=_hinted(value.otherwise, hint))
    return value
