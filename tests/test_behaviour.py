"""Before and after are run with the real SDK: they print the same and ask for the same, in valid requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cases import Case, cases
from running import explain, run

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Loopback

MIGRATED = [case for case in cases() if case.after is not None]
RUNNABLE = [case for case in MIGRATED if not case.text("norun.txt")]


@pytest.mark.parametrize("case", RUNNABLE, ids=lambda case: case.name)
def test_it_does_the_same(case: Case, loopback: Loopback, files: Path) -> None:
    assert case.after is not None
    before, after = run(case.before, loopback, files), run(case.after, loopback, files)
    assert explain(before, after, case.differs) == []
    assert before.meanings, "a runnable case asks for something; else it has a norun.txt"


def test_few_cases_cannot_run() -> None:
    stuck = [case.name for case in MIGRATED if case.text("norun.txt")]
    assert len(stuck) <= 0.2 * len(MIGRATED), stuck


def test_few_differences_are_allowed() -> None:
    """Where the meaning may differ, the tool says so and asks for a yes."""
    for case in MIGRATED:
        assert not case.differs or case.settings.accept.value == "review", case.name
