"""Which versions of google-genai a manifest asks for, and at which line: requirements, TOML, locks, setup files.

Lines are read, not documents: tomllib tells no places, and what is wanted is one name in forms that never span lines
but in locks. What is not understood is no pin.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

NAME = "google-genai"
_NAME = r"google[-_.]+genai"
_TOKEN = re.compile(r""""(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<comment>\#.*)""")
_KEY = re.compile(rf"""^\s*["']?{_NAME}["']?\s*=\s*(?P<value>.*)$""", re.IGNORECASE)
_LOCKED = re.compile(rf"""^name\s*=\s*["']{_NAME}["']""", re.IGNORECASE)
_INSTALL = re.compile(r"^\s*[%!]*(?:pip3?|uv|poetry|python3? -m pip|conda|mamba)\b.* (?:install|add)\b")
_ASKED = re.compile(rf"""(?<![\w-]){_NAME}(?:\[[\w,-]*\])?[^\w\s'"][^\s'"]*""", re.IGNORECASE)
_VERSION = re.compile(r"""^version\s*=\s*["'](?P<version>[^"']+)["']""")
_VERSION_KEY = re.compile(r"""(?:^|[{,])\s*version\s*=\s*["'](?P<version>[^"']*)["']""")


@dataclass(frozen=True, slots=True)
class Pin:
    """What one line asks for: ``specifier`` in the words of PEP 440, ``text`` as it stands there."""

    line: int
    column: int
    specifier: str
    text: str
    locked: bool = False  # by a lock file, which nobody edits by hand


def pins(path: str, text: str) -> list[Pin]:
    """Give the pins of a manifest, in the order of its lines."""
    name = os.path.basename(path)
    lines = text.splitlines()
    if name == "Pipfile.lock":
        return list(_json_lock(lines))
    if name.endswith(".lock") or name.startswith("pylock."):
        return list(_toml_lock(lines))
    if name.endswith((".txt", ".in")):
        return list(_plain(lines))
    if name == "setup.cfg":
        return list(_plain(line.partition(" = ")[2] or line for line in lines))
    if name.endswith((".yml", ".yaml")):
        return list(_plain([re.sub(r"^\s*-\s*", lambda dash: " " * len(dash[0]), line) for line in lines]))
    return [*_quoted(lines), *(_keyed(lines) if name != "setup.py" else ())]


def installed(code: str) -> Iterator[Pin]:
    """Give what the install commands of a notebook's cell ask for, as in ``!pip install google-genai==1.7``."""
    for number, line in enumerate(code.splitlines(), 1):
        command = _INSTALL.search(line)
        for found in _ASKED.finditer(line, command.end()) if command else ():
            specifier = _requirement(found[0])
            if specifier:
                yield Pin(number, found.start() + 1, specifier, found[0])


def _plain(lines: Iterator[str] | list[str]) -> Iterator[Pin]:
    """A requirement a line, with comments and options of pip behind it."""
    for number, line in enumerate(lines, 1):
        text = re.sub(r"(^|\s)#.*$", "", line)
        text = re.sub(r"\s+--?[a-z].*$|\\$", "", text).strip()
        specifier = _requirement(text)
        if specifier:
            yield Pin(number, line.index(text) + 1, specifier, text)


def _quoted(lines: list[str]) -> Iterator[Pin]:
    """Requirements as strings, in lists of TOML or Python."""
    for number, line in enumerate(lines, 1):
        for token in _TOKEN.finditer(line):
            text = token["double"] or token["single"] or ""
            specifier = _requirement(text)
            if specifier:
                yield Pin(number, token.start() + 2, specifier, text)


def _keyed(lines: list[str]) -> Iterator[Pin]:
    """Keys of Poetry and Pipenv: ``google-genai = "^1.0"`` or a table with a version."""
    section = ""
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("["):
            section = line.strip()
        if not re.match(r"\[(tool\.poetry\b.*dependencies|(dev-)?packages)\]", section):
            continue
        found = _KEY.match(line)
        if found is None:
            continue
        value = found["value"].strip()
        table = _VERSION_KEY.search(value) if value.startswith("{") else None
        quoted = _TOKEN.match(value)
        wanted = table["version"] if table else (quoted["double"] or quoted["single"] or "") if quoted else ""
        specifier = _constraint(wanted)
        if specifier:
            column = line.index(wanted, found.start("value")) + 1
            yield Pin(number, column, specifier, wanted)


def _toml_lock(lines: list[str]) -> Iterator[Pin]:
    inside = False
    for number, line in enumerate(lines, 1):
        if line.startswith("[["):
            inside = False
        elif _LOCKED.match(line):
            inside = True
        elif inside and (found := _VERSION.match(line)):
            yield Pin(number, found.start("version") + 1, f"=={found['version']}", found["version"], locked=True)


def _json_lock(lines: list[str]) -> Iterator[Pin]:
    inside = False
    for number, line in enumerate(lines, 1):
        if opened := re.findall(r'"([^"]+)"\s*:\s*\{', line):
            inside = re.fullmatch(_NAME, opened[-1], re.IGNORECASE) is not None
        if inside and (found := re.search(r'"version"\s*:\s*"==(?P<version>[^"]+)"', line)):
            yield Pin(number, found.start("version") + 1, f"=={found['version']}", found["version"], locked=True)


def _requirement(text: str) -> str:
    """Give the specifier of a requirement of google-genai; empty where it is another, has none or never holds."""
    if not re.match(_NAME, text, re.IGNORECASE):
        return ""
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        found = Requirement(text)
        holds = found.marker is None or any(
            found.marker.evaluate({"python_version": f"3.{minor}", "python_full_version": f"3.{minor}.0"})
            for minor in range(10, 20)
        )
    except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName):
        return ""
    return str(found.specifier) if holds and canonicalize_name(found.name) == NAME else ""


def _constraint(text: str) -> str:
    """Put a constraint of Poetry in the words of PEP 440; empty where it says nothing, or is not understood."""
    text = text.strip()
    if re.fullmatch(r"v?\d[\w.]*", text):
        return f"=={text}"
    clauses = [clause.strip() for clause in text.split(",")]
    turned = [_clause(clause) for clause in clauses]
    return ",".join(turned) if all(turned) else ""


def _clause(text: str) -> str:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    found = re.fullmatch(r"(\^|~)\s*(\d+(?:\.\d+)*)", text)
    if found is None:
        try:
            return str(SpecifierSet(text.replace(" ", ""))) if text[:1] in tuple("<>=!~") else ""
        except InvalidSpecifier:
            return ""
    numbers = [int(number) for number in found[2].split(".")]
    if found[1] == "~":
        kept = numbers[:2]
    else:
        first = next((place for place, number in enumerate(numbers) if number), len(numbers) - 1)
        kept = numbers[: first + 1]
    above = [*kept[:-1], kept[-1] + 1]
    return f">={found[2]},<{'.'.join(map(str, above))}"
