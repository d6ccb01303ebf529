"""Run the migrator over real repositories and say what became of every call site.

    python bench/real_code.py DIR [DIR ...] > table.md

Each DIR holds one folder a repository or package, whose ``.py`` files and notebooks are read as the tool reads them.
Nothing is written. Every result is checked: it parses, no comment is lost, and a second run changes nothing.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from migrator.catalogue import CODES
from migrator.diagnostics import Level
from migrator.embedded.migrate import migrate_document
from migrator.migrate import migrate
from migrator.outcome import Kind, Outcome, SiteReport, Status
from migrator.prefilter import mentions
from migrator.settings import Settings, Vertex

REVIEWED = Settings(accept=Level.REVIEW, vertex=Vertex.ALLOW)
OFFICIAL = ("GoogleCloudPlatform", "google-gemini", "googleapis")
UNARY = "generate_content"
STREAM = "generate_content_stream"
CHAT = "chats.create"
APPLICATIONS, COLLECTED = "applications", "applications of a collection"
RESULTS = (b"from_function_response", b"FunctionResponse(", b"functionResponse", b"function_response")


@dataclass(slots=True)
class Fates:
    """What became of the sites of one kind."""

    safe: int = 0
    review: int = 0
    refused: int = 0
    codes: Counter[str] = field(default_factory=Counter)

    @property
    def all(self) -> int:
        """The number of sites."""
        return self.safe + self.review + self.refused

    @property
    def done(self) -> int:
        """Rewritten, safe or with ``--review``."""
        return self.safe + self.review

    def add(self, site: SiteReport) -> None:
        """Count one site."""
        if site.status is not Status.MIGRATED:
            self.refused += 1
            self.codes.update(sorted({finding.code for finding in site.findings if finding.level is Level.MANUAL}))
        elif any(finding.level is Level.REVIEW for finding in site.findings):
            self.review += 1
        else:
            self.safe += 1

    def merge(self, other: Fates) -> None:
        """Add the figures of another repository."""
        self.safe += other.safe
        self.review += other.review
        self.refused += other.refused
        self.codes += other.codes


@dataclass(slots=True)
class Tally:
    """The sites of one repository: calls, streams and conversations, which their creation stands for."""

    unary: Fates = field(default_factory=Fates)
    streams: Fates = field(default_factory=Fates)
    chats: Fates = field(default_factory=Fates)
    tools: Fates = field(default_factory=Fates)  # all sites of files that send the results of functions back
    broken: list[str] = field(default_factory=list)

    def add(self, site: SiteReport) -> None:
        """Count one site; what is sent in a conversation is part of it."""
        kinds = {UNARY: self.unary, STREAM: self.streams, CHAT: self.chats}
        if site.operation in kinds:
            kinds[site.operation].add(site)

    def merge(self, other: Tally) -> None:
        """Add another repository's figures."""
        self.unary.merge(other.unary)
        self.streams.merge(other.streams)
        self.chats.merge(other.chats)
        self.tools.merge(other.tools)
        self.broken += other.broken

    @property
    def is_empty(self) -> bool:
        """Whether the repository has no site at all."""
        return not (self.unary.all or self.streams.all or self.chats.all)


def sources(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """The Python programs below ``folder`` that name the legacy API."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".ipynb") and path.is_file() and mentions(data := path.read_bytes()):
            yield path, data


def become(path: Path, data: bytes) -> Outcome:
    """What the tool makes of one file."""
    read = migrate_document if path.suffix == ".ipynb" else migrate
    return read(str(path), data, REVIEWED)


def judged(path: Path, data: bytes, tally: Tally) -> None:
    """Migrate one program and check the result."""
    outcome = become(path, data)
    answers = any(word in data for word in RESULTS)
    for site in outcome.sites:
        tally.add(site)
        if answers:
            tally.tools.add(site)
    if outcome.kind is Kind.FAILED and outcome.findings[0].code != "MG402":
        tally.broken.append(f"{path}: {outcome.findings[0].message}")
    if outcome.after is not None and not _is_settled(path, outcome):
        tally.broken.append(f"{path}: a second run changes it again")


def _is_settled(path: Path, outcome: Outcome) -> bool:
    assert outcome.after is not None
    again = become(path, outcome.after)
    return again.after is None and again.kind is not Kind.FAILED


def kind_of(repository: str, path: Path) -> str:
    """What sort of code a file is: a notebook, an example (Google's own, or called a sample), or of an application."""
    owner, _, name = repository.partition("+")
    if path.suffix == ".ipynb":
        return "notebooks"
    if owner in OFFICIAL or "sample" in name:
        return "examples"
    return COLLECTED if name.startswith("awesome") else APPLICATIONS


def share(part: int, whole: int) -> str:
    """``part`` of ``whole`` in percent."""
    return f"{100 * part / whole:.0f} %" if whole else "–"


def row(name: str, tally: Tally) -> str:
    """One line of the table."""
    codes = ", ".join(f"{code} {count}" for code, count in tally.unary.codes.most_common(6))
    streams, chats = (f"{kind.done} of {kind.all}" for kind in (tally.streams, tally.chats))
    unary = tally.unary
    cells = (name, unary.all, unary.safe, unary.review, unary.refused, streams, chats, codes)
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def goals(total: Tally) -> Iterator[str]:
    """The shares of each kind, and the codes that refuse it."""
    kinds = {"calls": total.unary, "streams": total.streams, "chats": total.chats}
    rows = {**kinds, "calls, streams, chats and messages of files that send results back": total.tools}
    yield "| | all | safe | with --review | refused | rewritten |\n|---|---|---|---|---|---|"
    for name, kind in rows.items():
        yield f"| {name} | {kind.all} | {kind.safe} | {kind.review} | {kind.refused} | {share(kind.done, kind.all)} |"
    yield "\n| code | calls | streams | chats | what it says |\n|---|---|---|---|---|"
    for code, _ in sum((kind.codes for kind in kinds.values()), Counter[str]()).most_common():
        counts = " | ".join(str(kind.codes[code]) for kind in kinds.values())
        yield f"| {code} | {counts} | {CODES[code].title} |"


def by_kind(kinds: dict[str, Tally]) -> Iterator[str]:
    """The calls by what they stand in; those of applications also together."""
    yield "| kind | calls | safe | with --review |\n|---|---|---|---|"
    together = Tally()
    for kind in kinds.keys() & {APPLICATIONS, COLLECTED}:
        together.merge(kinds[kind])
    for kind, tally in [*sorted(kinds.items()), ("all applications", together)]:
        calls = tally.unary
        safe, done = (f"{part} ({share(part, calls.all)})" for part in (calls.safe, calls.done))
        yield f"| {kind} | {calls.all} | {safe} | {done} |"
    yield ""


def main(folders: list[str]) -> int:
    """Print the tables; 1 where a result is broken."""
    total = Tally()
    kinds: dict[str, Tally] = {}
    print("| repository | calls | safe | with --review | refused | streams | chats | calls refused by |")
    print("|---|---|---|---|---|---|---|---|")
    for folder in folders:
        for repository in sorted(path for path in Path(folder).iterdir() if path.is_dir()):
            tally = Tally()
            for path, data in sources(repository):
                one = Tally()
                judged(path, data, one)
                kinds.setdefault(kind_of(repository.name, path), Tally()).merge(one)
                tally.merge(one)
            if not tally.is_empty:
                print(row(repository.name.replace("+", "/"), tally))
            total.merge(tally)
    print(row("**all**", total))
    print(f"\nSafe: {share(total.unary.safe, total.unary.all)} of the calls.\n")
    for line in [*by_kind(kinds), *goals(total)]:
        print(line)
    for line in total.broken:
        print(f"broken: {line}", file=sys.stderr)
    return 1 if total.broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
