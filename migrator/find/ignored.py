"""Ignore files read without git: nested and negated ones, ``.git/info/exclude`` and the excludes of the user."""

from __future__ import annotations

import os
import re

from migrator import source
from migrator.patterns import Patterns, usable
from migrator.records import dataclass

NAME = ".gitignore"


@dataclass(frozen=True, slots=True)
class Ignored:
    """The patterns of one ignore file, over those of the files further up, which decide where it says nothing."""

    patterns: Patterns
    outer: Ignored | None = None

    def has(self, path: str) -> bool:
        """Whether an absolute path (of a folder: with a separator at its end) is ignored."""
        level: Ignored | None = self
        while level is not None:
            if (found := level.patterns.match(path)) is not None:
                return found
            level = level.outer
        return False

    def without(self, folder: str, names: list[str]) -> list[str]:
        """Give the files of a folder, an absolute path with a separator at its end, that are not ignored."""
        return [name for name in names if not self.has(folder + name)]


def within(folder: str, outer: Ignored | None) -> Ignored | None:
    """Give what is ignored in a folder that has an ignore file."""
    return _layer(os.path.join(folder, NAME), os.path.abspath(folder), outer)


def above(root: str) -> Ignored | None:
    """Give what the files further up ignore below ``root``, an ignore file in ``root`` itself not yet counted.

    Nothing outside of a git work tree, and nothing where they ignore ``root`` itself: who names it wants it.
    """
    root = os.path.abspath(root)
    folders = [root]
    while not os.path.lexists(os.path.join(folders[-1], ".git")):
        parent = os.path.dirname(folders[-1])
        if parent == folders[-1]:
            return None
        folders.append(parent)
    top = folders[-1]
    found = _layer(_excludes_of_the_user(), top, None)
    found = _layer(os.path.join(top, ".git", "info", "exclude"), top, found)
    for folder in reversed(folders[1:]):
        if found is not None and found.has(os.path.join(folder, "")):
            return None
        found = within(folder, found)
    return None if found is not None and found.has(os.path.join(root, "")) else found


def _layer(path: str, base: str, outer: Ignored | None) -> Ignored | None:
    try:
        text = os.fsdecode(source.read(path))
    except (OSError, ValueError):
        return outer  # none there, or not readable: git goes on too
    lines = usable(text.removeprefix("\udcef\udcbb\udcbf").removeprefix("\ufeff").splitlines())
    return Ignored(Patterns(base, lines), outer) if lines else outer


def _excludes_of_the_user() -> str:
    """Give the path of ``core.excludesFile``, as far as the user's own configuration says it plainly."""
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    said = os.path.join(home, "git", "ignore")
    for path in (os.path.join(home, "git", "config"), os.path.expanduser("~/.gitconfig")):
        try:
            text = os.fsdecode(source.read(path))
        except OSError:
            continue
        section = ""
        for line in text.splitlines():
            if header := re.match(r"\s*\[\s*([^\]\s]*)", line):
                section = header[1].lower()
            elif section == "core" and (value := re.match(r"\s*excludesfile\s*=\s*(.*?)\s*$", line, re.IGNORECASE)):
                said = os.path.expanduser(value[1].strip('"'))
    return said
