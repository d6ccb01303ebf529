"""Source that is moved to another place as a block: its lines are indented anew, but for the inside of strings."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator

from migrator.python.evidence.module import NEWLINE


def moved(text: str, old: str, old_column: int, new: str, new_column: int) -> str:
    """``text`` as it stands where it began at ``old_column`` of a line indented by ``old``, moved to the new place.

    Lines that stand under its first character or further right go with it; others keep their distance from the
    indentation. The inside of strings stays as it is.
    """
    if old == new and old_column == new_column:
        return text
    kept = _inside_strings(text)
    lines = _lines(text)
    free = [line for number, line in enumerate(lines[1:], start=2) if number not in kept and line.strip()]
    aligned = old_column > len(old) and all(_width(line) >= old_column for line in free)
    before, after = (" " * old_column, " " * new_column) if aligned else (old, new)
    shown = [lines[0]]
    for number, line in enumerate(lines[1:], start=2):
        stays = number in kept or not line.strip() or not line.startswith(before)
        shown.append(line if stays else after + line.removeprefix(before))
    return "".join(shown)


def _lines(text: str) -> list[str]:
    ends = [found.end() for found in NEWLINE.finditer(text)]
    return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]


def _width(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _inside_strings(text: str) -> set[int]:
    """The numbers of the lines that begin inside a string."""
    if '"""' not in text and "'''" not in text and "\\" not in text:
        return set()
    return {line for token in _tokens(f"({text})") if _is_string(token) for line in _later_lines(token)}


def _is_string(token: tokenize.TokenInfo) -> bool:
    return token.type == tokenize.STRING or tokenize.tok_name[token.type] == "FSTRING_MIDDLE"


def _later_lines(token: tokenize.TokenInfo) -> range:
    return range(token.start[0] + 1, token.end[0] + 1)


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError):
        return
