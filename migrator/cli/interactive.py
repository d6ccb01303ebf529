"""``apply --interactive``: the rewrites of a file one by one, each with its diff and a question."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from enum import Enum

import click

from migrator.outcome import By, Kind, Outcome, SiteReport, Status, Unsaid
from migrator.records import dataclass
from migrator.report import console, diff, text
from migrator.settings import Settings


class Answer(Enum):
    """What a person says to one rewrite, by its key."""

    APPLY = "y"
    SKIP = "n"
    REST = "a"
    SKIP_FILE = "s"
    QUIT = "q"
    HELP = "?"


_MEANINGS = {
    Answer.APPLY: "make this rewrite",
    Answer.SKIP: "leave this code as it is",
    Answer.REST: "make this rewrite and the others of this file",
    Answer.SKIP_FILE: "leave this code and the rest of this file as it is",
    Answer.QUIT: "leave this code and all that follows as it is",
    Answer.HELP: "show this help",
}


@dataclass(slots=True)
class Dialogue:
    """Asks about each rewrite of a run; ``over`` once the person wants no more of it."""

    settings_for: Callable[[str], Settings]
    over: bool = False

    def stage(self, outcome: Outcome) -> Outcome:
        """Give the outcome with only those rewrites that the person wants."""
        if outcome.after is None:
            return outcome
        offered = sorted({site.unit for site in outcome.sites if site.status is Status.MIGRATED})
        chosen = frozenset[int]() if self.over else self._chosen(outcome, offered)
        if len(chosen) == len(offered):
            return outcome
        return _left(outcome, self._made(outcome, chosen), chosen)

    def _chosen(self, outcome: Outcome, offered: list[int]) -> frozenset[int]:
        chosen: frozenset[int] = frozenset()
        done = self._made(outcome, chosen)
        for position, unit in enumerate(offered, start=1):
            offer = self._made(outcome, chosen | {unit})
            _show(done, offer, outcome, unit)
            match _answer(f"{outcome.path}: rewrite {position} of {len(offered)}"):
                case Answer.APPLY:
                    chosen, done = chosen | {unit}, offer
                case Answer.REST:
                    return chosen | set(offered[position - 1 :])
                case Answer.SKIP_FILE:
                    break
                case Answer.QUIT:
                    self.over = True
                    break
        return chosen

    def _made(self, outcome: Outcome, units: frozenset[int]) -> Outcome:
        """The file with only these units rewritten."""
        from migrator.work import migrate_bytes

        settings = replace(self.settings_for(outcome.path), units=units)
        return migrate_bytes(outcome.path, outcome.before, settings)


def _show(done: Outcome, offer: Outcome, outcome: Outcome, unit: int) -> None:
    """Show what one unit changes beyond what is chosen already, and what is to be known about it."""
    before = done.before if done.after is None else done.after
    patch = diff.unified(replace(offer, before=before))
    if console.palette(sys.stdout) is text.Palette.COLOUR:
        patch = diff.coloured(patch)
    sys.stdout.flush()
    sys.stdout.buffer.write(patch)
    sys.stdout.buffer.flush()
    for site in outcome.sites:
        if site.unit == unit:
            for said in site.findings:
                click.echo(f"{said.code} [{said.level.value}] line {said.line}: {said.message}")


def _answer(question: str) -> Answer:
    keys = ",".join(answer.value for answer in Answer)
    while True:
        click.echo(f"{question} [{keys}] ", nl=False)
        line = sys.stdin.readline()
        if not line:
            click.echo()
            return Answer.QUIT
        try:
            answer = Answer(line.strip().lower())
        except ValueError:
            answer = Answer.HELP
        if answer is not Answer.HELP:
            return answer
        for each, meaning in _MEANINGS.items():
            click.echo(f"{each.value}  {meaning}")


def _left(whole: Outcome, made: Outcome, chosen: frozenset[int]) -> Outcome:
    """The outcome with the chosen units; the calls that the person left are not spoken of."""

    def site(report: SiteReport) -> SiteReport:
        if report.status is not Status.MIGRATED or report.unit in chosen:
            return report
        unsaid = (*report.unsaid, *(Unsaid(said, By.PERSON) for said in report.findings))
        return replace(report, status=Status.SUPPRESSED, findings=(), unsaid=unsaid)

    kind = Kind.PARTIAL if chosen else Kind.REFUSED
    return replace(whole, kind=kind, after=made.after, changes=made.changes, sites=tuple(map(site, whole.sites)))
