"""What stands between an outcome and the disk: uncommitted changes, a person's choice, and a copy for ``undo``."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

import click

from migrator.records import dataclass
from migrator.settings import Mode

if TYPE_CHECKING:
    from migrator.config.policy import Policy
    from migrator.journal import Journal
    from migrator.outcome import Outcome
    from migrator.run import Stage

OPTIONS = (
    click.option("-i", "--interactive", is_flag=True, help="Show each rewrite and ask whether it is to be made."),
    click.option("--allow-dirty", is_flag=True, help="Rewrite files with changes that are not committed too."),
)


@contextlib.contextmanager
def stages(mode: Mode, arguments: Mapping[str, Any], policy: Policy) -> Iterator[tuple[Stage, ...]]:
    """Give the last stages of a run that writes: none without apply, or where the result goes to standard output."""
    if mode is not Mode.APPLY or "-" in arguments["paths"]:
        yield ()
        return
    from migrator import journal

    journal.sweep()
    kept = journal.Journal(os.getcwd())
    asking = _asking(policy) if arguments["interactive"] else ()
    clean = () if arguments["allow_dirty"] else (_Committed().stage,)
    try:
        yield (*clean, *asking, _Keeping(kept).stage)
    finally:
        kept.close()


def _asking(policy: Policy) -> tuple[Stage, ...]:
    from migrator.cli.interactive import Dialogue

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("--interactive asks on a terminal, and there is none.")
    return (Dialogue(policy.settings_for).stage,)


@dataclass(slots=True)
class _Committed:
    """Turns away files that git knows to hold changes nobody could get back from it, or may know so."""

    trees: dict[str, frozenset[str] | str] = field(default_factory=dict)

    def stage(self, outcome: Outcome) -> Outcome:
        """Give the outcome, unwritten where the file has uncommitted changes."""
        if outcome.after is None:
            return outcome
        from migrator.work import unwritten

        match self._uncommitted(outcome.path):
            case str(reason):
                return unwritten(outcome, "MG408", f"may have changes that are not committed: git cannot say, {reason}")
            case changed if os.path.realpath(outcome.path) in changed:
                return unwritten(outcome, "MG408", "has changes that are not committed")
        return outcome

    def _uncommitted(self, path: str) -> frozenset[str] | str:
        """The files with changes in the work tree of this one, which may lie in another; or why nobody knows."""
        from migrator.find import git

        root = git.work_tree(os.path.dirname(os.path.realpath(path)))
        if root is None:
            return frozenset()
        if root not in self.trees:
            try:
                self.trees[root] = git.uncommitted(root)
            except git.GitError as error:
                self.trees[root] = str(error)
        return self.trees[root]


@dataclass(slots=True)
class _Keeping:
    """Keeps what is replaced; where that is impossible the run goes on, and says so once."""

    journal: Journal
    works: bool = True

    def stage(self, outcome: Outcome) -> Outcome:
        """Give the outcome as it is, after its file's content was kept."""
        from migrator.journal import JournalError

        if outcome.after is not None and self.works:
            try:
                self.journal.keep(outcome.path, outcome.before, outcome.after)
            except JournalError as error:
                self.works = False
                click.echo(f"warning: this run cannot be undone by migrator undo: {error}", err=True)
        return outcome
