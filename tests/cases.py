"""The fixtures as records: a folder is a case, its name the situation."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.diagnostics import Level
from migrator.settings import Models, Settings, State, Vertex

if TYPE_CHECKING:
    from migrator.outcome import Finding, Outcome

FIXTURES = Path(__file__).parents[1] / "fixtures" / "google_genai"


@dataclass(frozen=True)
class Case:
    """One folder: what goes in, and what is expected to come out."""

    folder: Path

    @property
    def name(self) -> str:
        """``feature/situation``."""
        return self.folder.relative_to(FIXTURES).as_posix()

    @property
    def before(self) -> bytes:
        """The file that the tool is given."""
        return (self.folder / "before.py").read_bytes()

    @property
    def after(self) -> bytes | None:
        """What it becomes, or None where it stays."""
        path = self.folder / "after.py"
        return path.read_bytes() if path.exists() else None

    @property
    def report(self) -> str:
        """What is said; nothing where there is no report."""
        return self.text("report.txt")

    @property
    def differs(self) -> frozenset[str]:
        """The parts of the meaning that a named difference changes: the first words of the lines of ``differs.txt``."""
        return frozenset(line.split(":")[0] for line in self.text("differs.txt").splitlines())

    @property
    def settings(self) -> Settings:
        """The decisions of ``options.txt``, spelt as on the command line."""
        return settings(self.text("options.txt").split(), self.folder)

    def text(self, name: str) -> str:
        """The text of a file of the case; empty where there is none."""
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.exists() else ""


def settings(options: list[str], folder: Path) -> Settings:
    """The settings for command-line ``options``; exits on an unknown one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--review", action="store_const", const=Level.REVIEW, default=Level.SAFE)
    parser.add_argument("--state", type=State, default=State.STATELESS)
    parser.add_argument("--vertex", type=Vertex, default=Vertex.REVIEW)
    parser.add_argument("--upgrade-models", action="store_const", const=Models.UPGRADE, default=Models.KEEP)
    parser.add_argument("--field-map", action="append", default=[])
    given = parser.parse_args(options)
    maps = tuple(str(folder / name) for name in given.field_map)
    return Settings(given.review, given.state, given.vertex, given.upgrade_models, maps)


@cache
def cases() -> tuple[Case, ...]:
    """Every case, in the order of their names."""
    return tuple(Case(path.parent) for path in sorted(FIXTURES.glob("*/*/before.py")))


def findings(outcome: Outcome) -> list[Finding]:
    """All that is said about a file, in the order of the lines."""
    said = [*outcome.findings, *(finding for site in outcome.sites for finding in site.findings)]
    return sorted(said, key=lambda finding: (finding.line, finding.column, finding.code, finding.message))


def report(outcome: Outcome) -> str:
    """The findings as ``report.txt`` has them."""
    return "".join(
        f"{each.line}:{each.column} {each.code} [{each.level.value}] {each.message}\n    help: {each.advice}\n"
        for each in findings(outcome)
    )
