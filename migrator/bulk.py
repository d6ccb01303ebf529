"""Which of many files hold one of a few needles: the question that a run over a large tree mostly consists of.

The files are read one behind the other into one block of memory, which is searched as a whole; only a block with a hit
is looked at file by file. Where the C library has ``memmem`` it is asked: it finds twice as fast as ``bytes`` does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import cache

from migrator import source, wide

_BLOCK = 1 << 20
_PART = 1 << 16  # most files fit, and memory for more would be mapped anew for each
_FULL = _BLOCK - _PART

# Fewer files are not worth the import of ctypes.
_MANY = 500

# Whether a needle stands in the block before an offset.
_Finds = Callable[[bytes, int], bool]


def holding(paths: Sequence[str], needles: Sequence[bytes]) -> list[int]:
    """Give the numbers of the files that hold a needle, and of those that cannot be read, as their reader will say."""
    if len(paths) < _MANY or not hasattr(os, "readv"):
        return [number for number, path in enumerate(paths) if _holds(path, needles)]
    block = bytearray(_BLOCK)
    view, finds = memoryview(block), _finder(block)
    found: list[int] = []
    inside: list[tuple[int, int]] = []  # the numbers of the files in the block, and where they end
    end = 0
    for number, path in enumerate(paths):
        try:
            descriptor = os.open(path, source.READING)
            try:
                size = os.readv(descriptor, (view[end:],))
            finally:
                os.close(descriptor)
        except OSError:
            found.append(number)
            continue
        if size < _BLOCK - end:  # all of the file: it ends before the block does
            if (
                size > 1
                and (block[end + 1] in wide.SECOND or not block[end])
                and wide.holds(bytes(view[end : end + size]), needles)
            ):
                found.append(number)
                continue
            end += size
            inside.append((number, end))
        elif _holds(path, needles):
            found.append(number)
        if end > _FULL:
            if any(finds(needle, end) for needle in needles):
                found += _hits(block, inside, needles)
            end = 0
            inside.clear()
    if any(finds(needle, end) for needle in needles):
        found += _hits(block, inside, needles)
    return sorted(found)


def ready(files: int) -> None:
    """Import what ``holding`` needs for so many files, before copies of this process would do so."""
    if files >= _MANY:
        _memmem()


def _holds(path: str, needles: Sequence[bytes]) -> bool:
    """Whether a file of any size holds a needle, or cannot be read."""
    overlap = max(map(len, needles)) - 1
    try:
        descriptor = os.open(path, source.READING)
        try:
            data = part = os.read(descriptor, _PART)
            if wide.is_wide(data):
                return wide.holds(source.read(path), needles)
            while not any(needle in data for needle in needles):
                if len(part) < _PART:  # the end, for regular files
                    return False
                part = os.read(descriptor, _PART)
                data = data[-overlap:] + part
        finally:
            os.close(descriptor)
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
    """Give the fastest search of a block that there is."""
    memmem = _memmem()
    if memmem is None:
        return lambda needle, end: block.find(needle, 0, end) >= 0
    import ctypes

    start = ctypes.addressof(ctypes.c_char.from_buffer(block))
    return lambda needle, end: memmem(start, end, needle, len(needle)) is not None


@cache
def _memmem() -> Callable[[int, int, bytes, int], int | None] | None:
    """Give the C library's search; None where there is none to rely on."""
    if sys.platform != "linux":
        return None
    try:
        import ctypes

        memmem = ctypes.CDLL(None).memmem
    except (ImportError, OSError, AttributeError):
        return None
    memmem.restype = ctypes.c_void_p
    memmem.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t)
    found: Callable[[int, int, bytes, int], int | None] = memmem
    return found
