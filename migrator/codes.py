"""Which codes a person wants to hear of: ``--select`` and ``--ignore``, by code or by the beginning of codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from migrator.catalogue import CODES

# What makes a file fail is never ignored: a file that was not looked into must not pass for one without a call.
ERRORS = frozenset({"MG401", "MG402", "MG403", "MG404", "MG405", "MG406", "MG407"})


def prefixes(given: Iterable[str]) -> tuple[str, ...]:
    """Give codes and beginnings of codes in capitals; ValueError where one is no code's, or is an error's."""
    wanted = tuple(text.strip().upper() for text in given)
    for text in wanted:
        if len(text) < 2 or not any(code.startswith(text) for code in CODES):
            raise ValueError(f"there is no code {text or '(empty)'}; see migrator explain")
        if text in ERRORS:
            raise ValueError(f"{text} says that a file could not be processed and is never ignored: exclude the file")
    return wanted


def is_wanted(code: str, select: Sequence[str], ignore: Sequence[str]) -> bool:
    """Whether a code is to be reported: the longest beginning that fits decides, of two equal ones ``ignore``."""
    if code in ERRORS:
        return True
    chosen = max((len(prefix) for prefix in select if code.startswith(prefix)), default=-1) if select else 0
    dropped = max((len(prefix) for prefix in ignore if code.startswith(prefix)), default=-1)
    return chosen > dropped
