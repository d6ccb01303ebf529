"""Before and after are run with the real SDK: they print the same and ask for the same, in valid requests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cases import Case, cases
from running import explain, run

from migrator.diagnostics import Level
from migrator.migrate import migrate

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.twin.state import Twin

MIGRATED = [case for case in cases() if case.after is not None]
RUNNABLE = [case for case in MIGRATED if not case.text("norun.txt")]
ASKED = [case for case in cases() if "[review]" in case.report and not case.text("norun.txt")]


@pytest.mark.parametrize("case", RUNNABLE, ids=lambda case: case.name)
def test_it_does_the_same(case: Case, loopback: Twin, files: Path) -> None:
    assert case.after is not None
    before, after = run(case.before, loopback, files), run(case.after, loopback, files)
    assert explain(before, after, case.differs) == []
    assert before.meanings, "a runnable case asks for something; else it has a norun.txt"


def reviewed(case: Case) -> bytes | None:
    """What a yes to every review makes of a case that differs from what is made without."""
    after = migrate("before.py", case.before, replace(case.settings, accept=Level.REVIEW)).after
    return None if after == case.after else after


@pytest.mark.parametrize("case", ASKED, ids=lambda case: case.name)
def test_what_a_review_accepts_still_runs(case: Case, loopback: Twin, files: Path) -> None:
    """It may differ in the way that its diagnostics name, but it runs, and the service takes its requests."""
    after = reviewed(case)
    before = run(case.before, loopback, files)
    if after is None or before.error:
        pytest.skip("nothing more is rewritten, or it does not run today")
    done = run(after, loopback, files)
    assert (done.error, done.invalid) == ("", [])
    assert len(done.meanings) == len(before.meanings)


def test_few_cases_cannot_run() -> None:
    stuck = [case.name for case in MIGRATED if case.text("norun.txt")]
    assert len(stuck) <= 0.2 * len(MIGRATED), stuck


def test_few_differences_are_allowed() -> None:
    """Where the meaning may differ, the tool says so and asks for a yes."""
    for case in MIGRATED:
        assert not case.differs or case.settings.accept.value == "review", case.name
