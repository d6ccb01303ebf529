"""HTML that is escaped by its type: what is `Html` is markup, and a plain string only becomes it as text.

Text of source files is somebody else's: characters that nobody sees, or that turn the order of others around
(trojansource.codes), are shown by their numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import NewType

Html = NewType("Html", str)

EMPTY = Html("")

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_VOID = frozenset({"meta", "link", "input"})


def text(value: object) -> Html:
    """Text that is shown as it is; what cannot be seen is shown as its number."""
    escaped = escape(str(value))
    return Html(escaped if escaped.isascii() and escaped.isprintable() else _UNSEEN.sub(_number, escaped))


def attribute(value: object) -> str:
    """Text for an attribute, in quotes."""
    escaped = escape(str(value))
    if not escaped.isprintable():
        escaped = _UNSEEN.sub(lambda found: f"[{_name(found[0])}]", escaped)
    return f'"{escaped}"'


def joined(parts: Iterable[Html]) -> Html:
    """Markup behind markup."""
    return Html("".join(parts))


def element(tag: str, *children: Html, **attributes: object) -> Html:
    """An element: ``class_`` and ``data_level`` are the attributes class and data-level; one that is None is left out.

    An attribute that is True has no value.
    """
    head = tag + "".join(
        f" {_key(name)}" if value is True else f" {_key(name)}={attribute(value)}"
        for name, value in attributes.items()
        if value is not None
    )
    return Html(f"<{head}>" if tag in _VOID else f"<{head}>{''.join(children)}</{tag}>")


def _key(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _number(found: re.Match[str]) -> str:
    return f"<span class=unseen>{_name(found[0])}</span>"


def _name(char: str) -> str:
    return f"U+{ord(char):04X}"
