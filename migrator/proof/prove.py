"""One proof: copies, the rewriting, the runs and the comparison."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from migrator.find import Found
from migrator.outcome import Finding, Kind, Outcome, Summary
from migrator.proof import compare
from migrator.proof.command import Command, environment
from migrator.proof.copies import copy
from migrator.proof.differences import Difference, Missing, Other
from migrator.proof.ran import Ran
from migrator.proof.reach import Reach, announced, reach
from migrator.proof.requests import concurrent, in_order
from migrator.records import dataclass
from migrator.run import Options, run
from migrator.settings import Mode, Settings
from migrator.twin.server import serving
from migrator.twin.state import Twin

REWRITTEN: Final = "rewritten"


class ProofError(Exception):
    """Nothing can be proved; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be proved: ``root`` against its rewriting, or against the folder ``against``.

    ``found`` are the files of ``root`` to rewrite, by absolute paths, and ``settings_for`` says how.
    """

    root: Path
    command: Command
    found: Found
    settings_for: Callable[[str], Settings]
    against: Path | None = None
    expected: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a proof; ``differences`` is empty where the code does the same, and the first explains most."""

    differences: tuple[Difference, ...]
    requests: int
    moved: int  # requests that the rewritten code makes as interactions
    ordered: bool  # whether the requests came one by one as before
    repeated: compare.Free
    reach: Reach
    summary: Summary
    announced: tuple[Finding, ...] = ()  # what was said of the rewriting of the call where they first differ


@contextmanager
def workshop(keep: Path | None) -> Iterator[Path]:
    """A folder for the copies; with ``keep``, the rewritten one is left there."""
    base = Path(tempfile.mkdtemp(prefix="migrator-proof-")).resolve()
    try:
        yield base
        if keep is not None and (base / REWRITTEN).exists():
            shutil.copytree(base / REWRITTEN, keep, symlinks=True, dirs_exist_ok=True)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def prove(task: Task, twin: Twin, base: Path, port: int = 0) -> Verdict:
    """Runs the command on the code as it is and on the rewritten code, in copies inside ``base``.

    ProofError, CommandError or CopyError where there is nothing to compare. PortError where the twin cannot listen.
    """
    original = base / "original"
    copy(task.root, original)
    outcomes, summary = _rewritten(task, original, base / REWRITTEN)
    with serving(twin, port):
        bench = _Bench(task, twin, base)
        before = bench.run(original, "as-it-is")
        _check_before(before, task)
        after = bench.run(base / REWRITTEN, "rewritten-ran")
        moved = sum(each.protocol == "Interactions" for each in after.asked)
        _check_after(after, moved, task)
        free = compare.NOTHING
        found = compare.differences(before, after)
        if found:
            free = compare.what_varies(before, bench.run(original, "as-it-is-again"))
            found = compare.differences(before, after, free)
    ordered = in_order(before, after, free.parts) or not concurrent(before)
    reached = reach(outcomes, base / REWRITTEN, before)
    said = tuple(
        finding
        for each in found[:1]
        if isinstance(each, Other | Missing)
        for finding in announced(outcomes, base / REWRITTEN, each.before)
    )
    return Verdict(tuple(found), len(before.asked), moved, ordered, free, reached, summary, said)


def _rewritten(task: Task, original: Path, target: Path) -> tuple[list[Outcome], Summary]:
    """The rewritten copy at ``target``, and what became of its files."""
    outcomes: list[Outcome] = []
    if task.against is not None:
        copy(task.against, target)
        return outcomes, Summary()
    copy(original, target)
    files = [target / Path(path).relative_to(task.root) for path in task.found.files]
    own = Found(tuple(str(path) for path in files if path.exists() and path.resolve().is_relative_to(target)))

    def settings_for(path: str) -> Settings:
        return task.settings_for(str(task.root / Path(path).relative_to(target)))

    summary = run(own, Options(Mode.APPLY, settings_for), outcomes.append)
    failed = [each for each in outcomes if each.kind is Kind.FAILED]
    if failed and not summary.migrated:
        where = os.path.relpath(failed[0].path, target)
        raise ProofError(f"{where} cannot be rewritten: {failed[0].findings[0].message}.")
    if not summary.migrated:
        raise ProofError(
            "No call is rewritten here, so there is nothing to prove. `migrator check` names the calls that are left "
            "and what keeps them; --review rewrites more."
        )
    return outcomes, summary


@dataclass(frozen=True, slots=True)
class _Bench:
    """Where the runs take place: one after the other under the same path, so that their output can be compared."""

    task: Task
    twin: Twin
    base: Path

    def run(self, source: Path, name: str) -> Ran:
        """Runs the command in a fresh copy of ``source``, which is then kept as ``name``."""
        folder = self.base / "run" / self.task.root.name
        folder.parent.mkdir(exist_ok=True)
        copy(source, folder)
        self.twin.clear()
        given = environment(os.environ, self.twin.url, self.task.root, folder)
        ended = self.task.command.run(folder, given)
        folder.rename(self.base / name)
        return Ran(ended, tuple(self.twin.asked), tuple(self.twin.refused), folder, self.base / name)


def _check_before(before: Ran, task: Task) -> None:
    if before.ended.code != task.expected:
        said = "\n".join(f"    {line}" for line in compare.last_lines(before))
        raise ProofError(
            f"The command ends with {before.ended.code} on the code as it is, before anything is rewritten:\n{said}\n"
            f"Mend that first, or say that it is right: --expect {before.ended.code}."
        )
    _check_strangers(before, task)
    if not before.asked:
        raise ProofError(
            "The command never called the API: no request came to the twin, so there is nothing to compare. Choose a "
            "command that makes requests; tests that replace the client make none, and a base_url in the code leads "
            "past the twin."
        )


def _check_after(after: Ran, moved: int, task: Task) -> None:
    _check_strangers(after, task)
    if not moved and not after.refused and after.ended.code == task.expected:
        raise ProofError(
            "The command reaches no call that was rewritten: every request was still generateContent. Choose a command "
            "that runs the rewritten code; `migrator diff` shows it."
        )


def _check_strangers(ran: Ran, task: Task) -> None:
    if strangers := ran.strangers(task.root):
        where = os.path.relpath(strangers[0].path, task.root)
        raise ProofError(
            f"The command runs {where} of {task.root} itself, and not of the copy in which it is started. Name files "
            "and modules relative to the project's folder."
        )
