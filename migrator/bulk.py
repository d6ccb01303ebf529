"""Which of many files hold one of a few needles: the question that a run over a large tree mostly consists of.

The files are read one behind the other into one block of memory, which is searched as a whole; only a block with a hit
is looked at file by file. Where the C library has ``strstr`` it is asked: it is four times as fast as ``bytes``.
"""

from __future__ import annotations

import os
import sys

from migrator.wide import SECOND, is_wide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    # Whether a needle stands in the block before an offset.
    _Finds: TypeAlias = Callable[[Sequence[bytes], int], bool]

_BLOCK = 1 << 18  # stays in the cache of its processor from being read to being searched
_PART = 1 << 16

# Fewer files are not worth the import of ctypes.
_MANY = 500


def holding(paths: Sequence[str], needles: Sequence[bytes]) -> list[int]:
    """Give the numbers of the files that hold a needle, and of those for their reader to judge: unreadable or wide."""
    if len(paths) < _MANY or not hasattr(os, "readv"):
        return [number for number, path in enumerate(paths) if _holds(path, needles)]
    block = bytearray(_BLOCK + 1)
    view, finds = memoryview(block)[:_BLOCK], _finder(block)
    overlap = max(map(len, needles)) - 1
    found: set[int] = set()
    inside: list[tuple[int, int]] = []  # the numbers of the files in the block, and where they end
    end = 0
    for number, path in enumerate(paths):
        try:
            descriptor = os.open(path, os.O_RDONLY)
            begin, rest = end, False
            try:
                while True:
                    end += os.readv(descriptor, (view[end:],))
                    inside.append((number, end))
                    if not rest and end - begin > 1 and (block[begin + 1] in SECOND or not block[begin]):
                        found.add(number)  # it may be UTF-16: whoever reads all of it knows
                    if end < _BLOCK:  # the end of the file, for regular files
                        break
                    if finds(needles, end):
                        found.update(_hits(block, inside, needles))
                    kept = min(overlap, end - begin)  # where a needle may begin that ends in the next block
                    block[:kept] = block[end - kept : end]
                    begin, end = 0, kept
                    inside.clear()
                    rest = True
            finally:
                os.close(descriptor)
        except OSError:
            found.add(number)
    if finds(needles, end):
        found.update(_hits(block, inside, needles))
    return sorted(found)


def ready(files: int) -> None:
    """Import what ``holding`` needs for so many files, before copies of this process would do so."""
    if files >= _MANY:
        _c_library()


def _holds(path: str, needles: Sequence[bytes]) -> bool:
    """Whether a file of any size holds a needle, or cannot be read."""
    overlap = max(map(len, needles)) - 1
    try:
        with open(path, "rb", buffering=0) as file:
            data = part = file.read(_PART)
            if is_wide(data):
                return True  # whoever reads all of it knows
            while not any(needle in data for needle in needles):
                if len(part) < _PART:  # the end, for regular files
                    return False
                part = file.read(_PART)
                data = data[-overlap:] + part
    except OSError:
        pass
    return True


def _hits(block: bytearray, inside: list[tuple[int, int]], needles: Sequence[bytes]) -> list[int]:
    """Give the numbers of the files in the block that hold a needle: one may stand across two files, too."""
    starts = (0, *(end for _, end in inside))
    return [
        number
        for start, (number, end) in zip(starts, inside, strict=False)
        if any(block.find(needle, start, end) >= 0 for needle in needles)
    ]


def _finder(block: bytearray) -> _Finds:
    """Give the fastest search of a block that there is; behind what is searched, one byte is overwritten."""

    def finds(needles: Sequence[bytes], end: int) -> bool:
        return any(block.find(needle, 0, end) >= 0 for needle in needles)

    library = _c_library()
    if library is None:
        return finds
    import ctypes

    start = ctypes.addressof(ctypes.c_char.from_buffer(block))
    strlen, strstr = library

    def finds_text(needles: Sequence[bytes], end: int) -> bool:
        block[end] = 0
        if strlen(start) < end:  # there are zeros in it, at which strstr stops
            return finds(needles, end)
        return any(strstr(start, needle) is not None for needle in needles)

    return finds_text


def _c_library() -> tuple[Callable[[int], int], Callable[[int, bytes], int | None]] | None:
    """Give ``strlen`` and ``strstr`` of the C library; None where there is none to rely on."""
    if sys.platform != "linux":
        return None
    try:
        import ctypes

        library = ctypes.CDLL(None)
        strlen, strstr = library.strlen, library.strstr
    except (ImportError, OSError, AttributeError):
        return None
    strlen.argtypes, strlen.restype = (ctypes.c_void_p,), ctypes.c_size_t
    strstr.argtypes, strstr.restype = (ctypes.c_void_p, ctypes.c_char_p), ctypes.c_void_p
    return strlen, strstr
