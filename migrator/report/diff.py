"""A changed file as a unified diff that ``git apply`` and ``patch -p1`` take: bytes, newlines and all."""

from __future__ import annotations

import os
from collections.abc import Iterator

from migrator.outcome import Outcome
from migrator.report.compared import Compared

_CONTEXT = 3  # lines around a change, as git shows
_STYLES = {b"---": b"1", b"+++": b"1", b"@@": b"36", b"+": b"32", b"-": b"31"}


def unified(outcome: Outcome) -> bytes:
    """Give the diff of a file's change in the file's own bytes; empty where nothing changes."""
    if outcome.after is None:
        return b""
    name = _name(outcome.path)
    header = b"--- %b\n+++ %b\n" % (_header(b"a/" + name), _header(b"b/" + name))
    return header + b"".join(_hunks(_lines(outcome.before), _lines(outcome.after)))


def _hunks(before: list[bytes], after: list[bytes]) -> Iterator[bytes]:
    for group in Compared(before, after).get_grouped_opcodes(_CONTEXT):
        (_, start, _, first, _), (_, _, end, _, last) = group[0], group[-1]
        yield f"@@ -{_range(start, end)} +{_range(first, last)} @@\n".encode()
        for kind, at, old_end, there, new_end in group:
            if kind == "equal":
                yield from map(_marked, (b" " + line for line in before[at:old_end]))
            else:
                yield from map(_marked, (b"-" + line for line in before[at:old_end]))
                yield from map(_marked, (b"+" + line for line in after[there:new_end]))


def _range(start: int, end: int) -> str:
    """The lines from ``start`` on, counted from 0, as diffs name them."""
    match end - start:
        case 0:
            return f"{start},0"
        case 1:
            return str(start + 1)
        case length:
            return f"{start + 1},{length}"


def coloured(diff: bytes) -> bytes:
    """Give the diff with the colours that a terminal shows."""
    return b"\n".join(_coloured_line(line) for line in diff.split(b"\n"))


def _coloured_line(line: bytes) -> bytes:
    for prefix, style in _STYLES.items():
        if line.startswith(prefix):
            return b"\x1b[" + style + b"m" + line + b"\x1b[0m"
    return line


def _lines(data: bytes) -> list[bytes]:
    r"""Split as git does: a line ends at ``\n`` and nowhere else."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _marked(line: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def _name(path: str) -> bytes:
    """Give the path as seen from here, with slashes; an absolute one without its root."""
    here = os.path.relpath(path)
    name = os.path.abspath(path) if here.startswith(os.pardir) else here
    return os.fsencode(os.path.splitdrive(name)[1].replace(os.sep, "/").lstrip("/"))


def _header(name: bytes) -> bytes:
    """Quote a name as git does where it would be misread."""
    if any(byte < 0x20 or byte in b'"\\\x7f' for byte in name):
        return b'"' + b"".join(_quoted(byte) for byte in name) + b'"'
    return name + b"\t" if b" " in name else name


def _quoted(byte: int) -> bytes:
    if byte in b'"\\':
        return b"\\%c" % byte
    return b"\\%03o" % byte if byte < 0x20 or byte == 0x7F else b"%c" % byte
