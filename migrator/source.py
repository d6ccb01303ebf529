"""Files as bytes: encoding, newline, line and column of an offset, and the one way a file is replaced.

Nothing here parses; a text is described by what its bytes show.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import stat
from bisect import bisect_right
from collections.abc import Iterator

from migrator.records import dataclass

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#.*)?$")
_NEWLINE = re.compile("\r\n|\r|\n")

_READING = os.O_RDONLY | getattr(os, "O_BINARY", 0)

# Most files fit, and the memory for it is not mapped anew for each; a larger read costs half as much again.
_BLOCK = 1 << 16

_MAKING = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)

TEMPORARY_SUFFIX = ".migrator-tmp"


class EncodingError(ValueError):
    """The bytes are not text in the encoding that they declare."""


class FileChangedError(Exception):
    """The file on disk is no longer the one that was read."""


def read(path: str) -> bytes:
    """Give the whole content of a file; raise OSError where it cannot be read."""
    descriptor = os.open(path, _READING)
    try:
        data = os.read(descriptor, _BLOCK)
        if len(data) < _BLOCK:  # the end, for regular files
            return data
        chunks = [data]
        size = max(os.fstat(descriptor).st_size - _BLOCK, 0) + 1  # one more, so that a short read tells the end
        while chunk := os.read(descriptor, size):
            chunks.append(chunk)
            if len(chunk) < size:
                break
        return b"".join(chunks)
    finally:
        os.close(descriptor)


def encoding_of(data: bytes) -> str:
    """Name the encoding as Python does (PEP 263): BOM, then cookie, then UTF-8.

    Raise EncodingError where the cookie names no known text encoding, or contradicts the BOM.
    """
    bom = data.startswith(codecs.BOM_UTF8)
    cookie = _cookie(data[3:] if bom else data)
    if cookie is None:
        return "utf-8-sig" if bom else "utf-8"
    try:
        codec = codecs.lookup(cookie)
    except LookupError:
        raise EncodingError(f"unknown encoding: {cookie}") from None
    if bom and codec.name != "utf-8":
        raise EncodingError(f"the encoding cookie says {cookie}, the byte order mark says UTF-8")
    return "utf-8-sig" if bom else codec.name


def _cookie(data: bytes) -> str | None:
    for line in re.split(rb"\r\n|\r|\n", data[:4096], maxsplit=2)[:2]:
        if found := _COOKIE.match(line):
            return found[1].decode("ascii", "replace")
        if not _BLANK.match(line):
            return None
    return None


def decode(data: bytes) -> str:
    """Give the text without its BOM, newlines as they are; raise EncodingError where that is impossible."""
    encoding = encoding_of(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise EncodingError(f"byte {error.start} is not {encoding}: {error.reason}") from None
    except LookupError:  # a codec that is not for text, such as rot13
        raise EncodingError(f"not a text encoding: {encoding}") from None


@dataclass(frozen=True, slots=True)
class Lines:
    """A text with the offsets at which its lines start; lines and columns count from 1, columns in characters."""

    text: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Lines:
        r"""Index a text; a line ends at ``\n``, ``\r\n`` or ``\r``, as Python reads it."""
        return cls(text, (0, *(found.end() for found in _NEWLINE.finditer(text))))

    @classmethod
    def shown(cls, data: bytes) -> Lines:
        """Index a file's text for somebody to see; bytes that are none are shown as far as they are."""
        try:
            return cls.of(decode(data))
        except EncodingError:
            return cls.of(data.decode("utf-8", "replace"))

    def position(self, offset: int) -> tuple[int, int]:
        """Give line and column of a character offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Give the character offset of a line and column; raise IndexError where there is no such line."""
        return self.starts[line - 1] + column - 1

    def line(self, number: int) -> str:
        """Give a line without its newline; an empty string where there is no such line."""
        if not 1 <= number <= len(self.starts):
            return ""
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].rstrip("\r\n")


def create(path: str, data: bytes) -> None:
    """Write a file that holds no source, whole or not at all, over one that may be there; OSError where it cannot be.

    It gets the mode that the umask leaves to a new file. What is no file (``/dev/stdout``, a pipe) is written to.
    """
    if _is_stream(path):
        with open(path, "ab") as stream:
            stream.write(data)
        return
    target = os.path.realpath(path)
    with _beside(target, 0o666) as (descriptor, temporary):
        with open(descriptor, "wb") as stream:
            stream.write(data)
        os.replace(temporary, target)


def _is_stream(path: str) -> bool:
    """Whether a path leads to something that a file must not take the place of."""
    if path.startswith("/dev/"):
        return True  # also where standard output is a file
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def replace_file(path: str, before: bytes, after: bytes) -> None:
    """Replace a file's content whole or not at all, keeping its mode, owner and symbolic link.

    The new content is written beside the file and moved over it, so a crash or a full disk leaves the old content.
    Raise FileChangedError where the file no longer holds ``before``, OSError where it cannot be written.
    """
    target = os.path.realpath(path)
    status = os.stat(target)
    if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(13, "the file is read-only", path)  # a rename would silently ignore it
    with _beside(target, 0o600) as (descriptor, temporary):
        with open(descriptor, "wb") as stream:
            stream.write(after)
            stream.flush()
            os.fsync(descriptor)
        _dress(temporary, status)
        if read(target) != before:
            raise FileChangedError(path)
        os.replace(temporary, target)
    _sync_directory(os.path.dirname(target))


@contextlib.contextmanager
def _beside(target: str, mode: int) -> Iterator[tuple[int, str]]:
    """Give a new file in the folder of ``target``, open for writing, and its name; it is removed if anything raises.

    As tempfile does, whose import costs as much as a run that finds nothing.
    """
    temporary = os.path.join(os.path.dirname(target), f".{os.urandom(8).hex()}{TEMPORARY_SUFFIX}")
    descriptor = os.open(temporary, _MAKING, mode)
    try:
        yield descriptor, temporary
    except BaseException:
        os.unlink(temporary)
        raise


def _dress(path: str, status: os.stat_result) -> None:
    """Give a new file the owner and mode of the one it is to replace."""
    if hasattr(os, "chown"):
        own = os.stat(path)
        if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
            with contextlib.suppress(PermissionError):  # only root gives files away; the content matters more
                os.chown(path, status.st_uid, status.st_gid)
    os.chmod(path, stat.S_IMODE(status.st_mode))  # after chown, which clears set-user-id


def _sync_directory(path: str) -> None:
    """Make the rename durable where the platform can."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # some network file systems refuse it; the rename is done either way
    finally:
        os.close(descriptor)
