"""What is wrong with the pins of manifests: outcomes, as of files of code.

Nothing is rewritten: a floor is a promise to others, and a lock is made by the program that resolved it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from migrator import source
from migrator.diagnostics import Level
from migrator.manifests.find import governing
from migrator.manifests.pins import NAME, Pin, installed, pins
from migrator.outcome import Finding, Kind, Outcome

# The first version that runs rewritten code: see docs/sdk-versions.md.
NEEDED = "2.26"


def outcomes(paths: Iterable[str]) -> Iterator[Outcome]:
    """Give an outcome for each manifest of the files with something to say; what cannot be read says nothing."""
    for path in governing(paths):
        try:
            data = source.read(path)
        except OSError:
            continue
        if b"genai" not in data.lower():
            continue
        findings = tuple(said for pin in pins(path, data.decode("utf-8", "replace")) if (said := _finding(pin)))
        if findings:
            yield Outcome(path, Kind.UNCHANGED, data, findings=findings)


def too_old(code: str) -> Iterator[Finding]:
    """Give the findings about a cell's commands that install a version which rewritten code does not run with."""
    found = (_finding(pin) for pin in installed(code))
    yield from (said for said in found if said is not None and said.code == "MG430")


def _finding(pin: Pin) -> Finding | None:
    from packaging.specifiers import InvalidSpecifier
    from packaging.version import InvalidVersion

    try:
        allowed = _allowed(pin.specifier)
    except (InvalidSpecifier, InvalidVersion):
        return None
    said = pin.text if re.match(r"google[-_.]", pin.text, re.IGNORECASE) else f"{NAME} {pin.text}"
    if allowed.newer and allowed.older:
        message = f"{said} allows versions before {NEEDED}, which rewritten code does not run with"
        return Finding.of("MG431", message, pin.line, pin.column, level=Level.SAFE)
    if allowed.newer:
        return None
    message = f"{said} leaves no version from {NEEDED} on, which rewritten code needs"
    found = Finding.of("MG430", message, pin.line, pin.column)
    return replace(found, advice=f"Update the lock: {NAME} {NEEDED} or later.") if pin.locked else found


@dataclass(frozen=True, slots=True)
class _Allowed:
    """Which versions a specifier leaves."""

    older: bool
    newer: bool


def _allowed(specifier: str) -> _Allowed:
    """Try the ends of every range, what is just beside them, and what is far away."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    given = SpecifierSet(specifier.replace("===", "=="))
    needed = Version(NEEDED)
    ends = [Version(clause.version.removesuffix(".*")) for clause in given]
    tried = {needed, Version("0.1"), Version("99999"), Version("2.25.99"), *ends}
    tried |= {Version(f"{'.'.join(map(str, end.release))}.0.0.1") for end in ends}
    allowed = [version for version in tried if given.contains(version, prereleases=True)]
    return _Allowed(any(version < needed for version in allowed), any(version >= needed for version in allowed))
