"""What was known when a baseline was written: a check fails only for what is new.

An entry is a path, a code and the source of its site, so that it outlives lines that move; of several equal ones the
file says how many there are. Source is compared without white space, quotes' kind and trailing commas, which a
formatter changes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import field

from migrator import source
from migrator.diagnostics import Level
from migrator.outcome import By, Finding, Kind, Outcome, pending
from migrator.records import dataclass
from migrator.settings import Mode
from migrator.silence import silenced

VERSION = 1
_NO_BASELINE = "not a baseline of migrator check --write-baseline"
_NOISE = re.compile(r"\s+|,(?=\s*[)\]}])")


class BaselineError(Exception):
    """A baseline that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One thing that is known."""

    path: str
    code: str
    fingerprint: str


def fingerprint(text: str) -> str:
    """Give what stands for a piece of source, however it is laid out."""
    return hashlib.blake2b(_NOISE.sub("", text).replace("'", '"').encode(), digest_size=10).hexdigest()


def entries(outcome: Outcome, folder: str) -> Iterable[tuple[Finding, Entry]]:
    """Give each finding that would fail a check, with the entry that stands for it; nothing of a file that failed.

    Paths are relative to ``folder``, with slashes, so that a baseline serves everywhere.
    """
    if outcome.kind is Kind.FAILED:
        return
    path = os.path.relpath(outcome.path, folder).replace(os.sep, "/")
    lines = source.Lines.shown(outcome.before)
    for site in outcome.sites:
        waiting = pending(site)
        failing = [said for said in site.findings if said.level is not Level.SAFE]
        text = site.source or lines.line(site.line)
        for said in [waiting] if waiting is not None else failing:
            yield said, Entry(path, said.code, fingerprint(text))
    for said in outcome.findings:
        if said.level is not Level.SAFE:
            text = said.message if said.cell else lines.line(said.line)
            yield said, Entry(path, said.code, fingerprint(text))


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is known, in a file in ``folder``."""

    folder: str
    known: Counter[Entry] = field(default_factory=Counter)

    def new(self, outcome: Outcome) -> Outcome:
        """Give the outcome without what is known of it."""
        left = Counter(self.known)
        old: set[Finding] = set()
        for said, entry in entries(outcome, self.folder):
            if left[entry]:
                left[entry] -= 1
                old.add(said)
        if not old:
            return outcome
        return silenced(outcome, Mode.CHECK, By.BASELINE, lambda said, _: said in old)


@dataclass(frozen=True, slots=True)
class Recorder:
    """Gathers the entries of a run."""

    folder: str
    seen: Counter[Entry] = field(default_factory=Counter)

    def record(self, outcome: Outcome) -> Outcome:
        """Note what is said of a file, and give it back quiet: all of it is known from now on."""
        found = list(entries(outcome, self.folder))
        self.seen.update(entry for _, entry in found)
        return silenced(outcome, Mode.CHECK, By.BASELINE, lambda said, _: any(said == old for old, _ in found))


def read(path: str) -> Baseline:
    """Read a baseline. Raise BaselineError where the file is none."""
    try:
        document = json.loads(source.read(path))
        if document["version"] != VERSION:
            raise BaselineError(f"{path}: version {document['version']} is not known; write it anew")
        known = Counter(
            {Entry(it["path"], it["code"], it["fingerprint"]): int(it.get("count", 1)) for it in document["known"]}
        )
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise BaselineError(f"{path}: {what}; migrator check --write-baseline {path} writes it") from None
    except ValueError as error:
        raise BaselineError(f"{path}: {_NO_BASELINE}: {error}") from None
    except (KeyError, TypeError, AttributeError):
        raise BaselineError(f"{path}: {_NO_BASELINE}: it has no list of what is known") from None
    return Baseline(os.path.dirname(os.path.abspath(path)), known)


def write(path: str, seen: Counter[Entry]) -> None:
    """Write a baseline, one entry a line, so that version control shows what was paid off. OSError as of a write."""
    rows = []
    for entry, count in sorted(seen.items()):
        row: dict[str, object] = {"path": entry.path, "code": entry.code, "fingerprint": entry.fingerprint}
        rows.append(json.dumps(row | {"count": count} if count > 1 else row))
    text = '{"version": 1, "known": [' + ",".join(f"\n{row}" for row in rows) + "\n]}\n"
    source.create(path, text.encode())
