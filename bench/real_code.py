"""Run the migrator over real repositories and say what became of every call site.

    python bench/real_code.py DIR [DIR ...] > table.md

Each DIR holds one folder a repository or package; ``.py`` files are read as they are, notebooks as one program of their
code cells with magics turned into comments. Nothing is written. Every result is checked: it parses, no comment is
lost, and a second run changes nothing.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from migrator.diagnostics import CODES, Level
from migrator.migrate import migrate
from migrator.outcome import Kind, Outcome, SiteReport, Status
from migrator.prefilter import mentions
from migrator.settings import Settings, Vertex

REVIEWED = Settings(accept=Level.REVIEW, vertex=Vertex.ALLOW)
OFFICIAL = ("GoogleCloudPlatform", "google-gemini", "googleapis")
UNARY = "generate_content"
STREAM = "generate_content_stream"
RESULTS = (b"from_function_response", b"FunctionResponse(", b"functionResponse", b"function_response")


@dataclass(slots=True)
class Tally:
    """The call sites of one repository."""

    safe: int = 0
    review: int = 0
    refused: int = 0
    streams: int = 0
    streams_done: int = 0  # safe or with --review
    tools: int = 0  # calls of files that send the results of functions back
    tools_done: int = 0
    other: int = 0  # chats
    codes: Counter[str] = field(default_factory=Counter)
    stream_codes: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    @property
    def unary(self) -> int:
        """Sites of ``generate_content`` itself."""
        return self.safe + self.review + self.refused

    def add(self, site: SiteReport) -> None:
        """Count one site."""
        if site.operation == STREAM:
            self.streams += 1
            self.streams_done += site.status is Status.MIGRATED
            self.stream_codes.update({each.code for each in site.findings if each.level is Level.MANUAL})
        elif site.operation != UNARY:
            self.other += 1
        elif site.status is not Status.MIGRATED:
            self.refused += 1
            self.codes.update({finding.code for finding in site.findings if finding.level is Level.MANUAL})
        elif any(finding.level is Level.REVIEW for finding in site.findings):
            self.review += 1
        else:
            self.safe += 1

    def merge(self, other: Tally) -> None:
        """Add another repository's figures."""
        self.safe += other.safe
        self.review += other.review
        self.refused += other.refused
        self.streams += other.streams
        self.streams_done += other.streams_done
        self.tools += other.tools
        self.tools_done += other.tools_done
        self.other += other.other
        self.codes += other.codes
        self.stream_codes += other.stream_codes
        self.broken += other.broken


def sources(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """The Python programs below ``folder`` that name the legacy API."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".py" and path.is_file():
            data = path.read_bytes()
        elif path.suffix == ".ipynb" and path.is_file():
            data = program_of(path)
        else:
            continue
        if mentions(data):
            yield path, data


def program_of(notebook: Path) -> bytes:
    """The code cells of a notebook as one program."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8")).get("cells", [])
    except (ValueError, OSError):
        return b""
    lines: list[str] = []
    for cell in cells:
        if cell.get("cell_type") == "code":
            source = "".join(cell.get("source", []))
            lines += [_plain(line, source) for line in source.splitlines()]
    return ("\n".join(lines) + "\n").encode()


def _plain(line: str, cell: str) -> str:
    foreign = cell.lstrip().startswith("%%")
    stripped = line.lstrip()
    magic = stripped.startswith(("%", "!")) or "= !" in line
    return (
        f"# {line}"
        if foreign or (magic and stripped == line)
        else line.replace(stripped, f"pass  # {stripped}")
        if magic
        else line
    )


def judged(path: Path, data: bytes, tally: Tally) -> None:
    """Migrate one program and check the result."""
    outcome = migrate(str(path), data, REVIEWED)
    for site in outcome.sites:
        tally.add(site)
    if any(word in data for word in RESULTS):
        tally.tools += len(outcome.sites)
        tally.tools_done += sum(site.status is Status.MIGRATED for site in outcome.sites)
    if outcome.kind is Kind.FAILED and outcome.findings[0].code != "MG402":
        tally.broken.append(f"{path}: {outcome.findings[0].message}")
    if outcome.after is not None and not _is_settled(path, outcome):
        tally.broken.append(f"{path}: a second run changes it again")


def _is_settled(path: Path, outcome: Outcome) -> bool:
    assert outcome.after is not None
    again = migrate(str(path), outcome.after, REVIEWED)
    return again.after is None and again.kind is not Kind.FAILED


def kind_of(repository: str, path: Path) -> str:
    """What sort of code a file is: a notebook, an example (Google's, or one of a collection), or an application."""
    owner, _, name = repository.partition("+")
    if path.suffix == ".ipynb":
        return "notebooks"
    return "examples" if owner in OFFICIAL or "sample" in name or name.startswith("awesome") else "applications"


def share(part: int, whole: int) -> str:
    """``part`` of ``whole`` in percent."""
    return f"{100 * part / whole:.0f} %" if whole else "–"


def row(name: str, tally: Tally) -> str:
    """One line of the table."""
    codes = ", ".join(f"{code} {count}" for code, count in tally.codes.most_common(6))
    streams = f"{tally.streams_done} of {tally.streams}"
    cells = (name, tally.unary, tally.safe, tally.review, tally.refused, streams, tally.other, codes)
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def main(folders: list[str]) -> int:
    """Print the tables; 1 where a result is broken."""
    total = Tally()
    kinds: dict[str, Tally] = {}
    print("| repository | calls | safe | with --review | refused | streams | chats | refused by |")
    print("|---|---|---|---|---|---|---|---|")
    for folder in folders:
        for repository in sorted(path for path in Path(folder).iterdir() if path.is_dir()):
            tally = Tally()
            for path, data in sources(repository):
                one = Tally()
                judged(path, data, one)
                kinds.setdefault(kind_of(repository.name, path), Tally()).merge(one)
                tally.merge(one)
            if tally.unary or tally.streams or tally.other:
                print(row(repository.name.replace("+", "/"), tally))
            total.merge(tally)
    print(row("**all**", total))
    both = total.safe + total.review
    print(f"\nSafe: {share(total.safe, total.unary)} of the calls; with `--review`: {share(both, total.unary)}.")
    print(f"Streams with `--review`: {share(total.streams_done, total.streams)}.\n")
    print("| kind | calls | safe | with --review |\n|---|---|---|---|")
    for kind, tally in sorted(kinds.items()):
        applied = share(tally.safe + tally.review, tally.unary)
        print(f"| {kind} | {tally.unary} | {share(tally.safe, tally.unary)} | {applied} |")
    print()
    print(f"Calls of files that send results of functions back: {share(total.tools_done, total.tools)}.\n")
    for kind, codes in (("calls", total.codes), ("streams", total.stream_codes)):
        print(f"| code | {kind} | what it says |\n|---|---|---|")
        for code, count in codes.most_common():
            print(f"| {code} | {count} | {CODES[code].title} |")
        print()
    for line in total.broken:
        print(f"broken: {line}", file=sys.stderr)
    return 1 if total.broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
