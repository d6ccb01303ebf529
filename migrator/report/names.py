"""The paths of files as reports give them."""

from __future__ import annotations

import os


def relative(path: str) -> str:
    """Give a path as seen from here, with slashes, as those who know the repository want it."""
    here = os.path.relpath(path)
    return (path if here.startswith(os.pardir) else here).replace(os.sep, "/")


def shown(path: str) -> str:
    r"""Give a path for somebody to read, on one line: what nobody would see is spelt as Python does, ``\n``."""
    return path if path.isprintable() else "".join(map(_shown, path))


def _shown(char: str) -> str:
    if char.isprintable():
        return char
    if "\udc80" <= char <= "\udcff":  # a byte that is not UTF-8, as os.fsdecode has it
        return f"\\x{ord(char) & 0xFF:02x}"
    return ascii(char)[1:-1]
