"""The inventory of files: what the migrator would say of their calls, and what it knows of other dialects."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace

from migrator import prefilter
from migrator.diagnostics import Level
from migrator.find import Found
from migrator.inventory import older, wire
from migrator.inventory.entry import FAILED, MANUAL, REVIEW, SAFE, Entry
from migrator.outcome import Kind, Outcome, Status
from migrator.settings import Settings
from migrator.source import EncodingError, decode
from migrator.work import MIGRATION, Job, migrate_file, read

# Files that may name the API without being Python: shells, JavaScript, notebooks, documents, configurations.
SUFFIXES = (
    ".py .pyi .ipynb .md .markdown .rst .txt .sh .bash .zsh .js .mjs .cjs .jsx .ts .mts .cts .tsx .vue .svelte .html "
    ".json .yaml .yml .toml .http .rest .go .java .kt .cs .php .rb .rs .swift .dart .ps1 .bat"
).split()

_LEVELS = {Status.MIGRATED: SAFE, Status.REVIEW: REVIEW, Status.REFUSED: MANUAL, Status.SUPPRESSED: MANUAL}
_NEEDLES = (*prefilter.NEEDLES, *older.NEEDLES, b"enerateContent", b"getGenerativeModel")


def scan(found: Found, settings_for: Callable[[str], Settings]) -> Iterator[Entry]:
    """The entries of all files, in the order of the files and of their lines; one too for a file that fails."""
    for missing in found.missing:
        yield Entry(missing.path, 1, 1, "", f"cannot be read: {missing.reason}", FAILED, ("MG401",))
    for path in found.files:
        match read(path):
            case Outcome() as failure:
                yield from _failures(failure)
            case data if any(needle in data for needle in _NEEDLES):
                yield from sorted(_of_file(path, data, settings_for), key=lambda each: (each.line, each.column))


def _of_file(path: str, data: bytes, settings_for: Callable[[str], Settings]) -> Iterator[Entry]:
    seen: set[int] = set()
    if path.endswith((".py", *prefilter.DOCUMENTS)) and prefilter.mentions(data):
        settings = replace(settings_for(path), accept=Level.SAFE)
        outcome = migrate_file(Job(path, settings, MIGRATION.make))
        yield from _failures(outcome) if outcome.kind is Kind.FAILED else _unread(outcome)
        for site in outcome.sites:
            seen.add(site.line)
            codes = tuple(dict.fromkeys(said.code for said in site.findings))
            yield Entry(
                path, site.line, site.column, site.dialect, site.operation, _LEVELS[site.status], codes, site.model
            )
    if path.endswith(".py"):
        yield from (each for each in older.entries(path, data) if each.line not in seen)
    try:
        yield from wire.entries(path, decode(data))
    except EncodingError:
        return  # what is no text holds no command and no address


def _unread(outcome: Outcome) -> Iterator[Entry]:
    """What a document has that is no code that can be read."""
    for said in outcome.findings:
        yield Entry(outcome.path, said.line, said.column, "", said.message, MANUAL, (said.code,))


def _failures(outcome: Outcome) -> Iterator[Entry]:
    for said in outcome.findings:
        yield Entry(outcome.path, said.line, said.column, "", said.message, FAILED, (said.code,))


def directory_of(entry: Entry) -> str:
    """The directory that an entry is counted under, with slashes."""
    return os.path.dirname(os.path.relpath(entry.path)).replace(os.sep, "/") or "."
