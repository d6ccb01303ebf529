"""Every fixture, and every fixture again under changes that must not matter."""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from typing import TYPE_CHECKING

import changes
import pytest
from cases import Case, cases, findings, report

from migrator.diagnostics import Level
from migrator.migrate import migrate
from migrator.outcome import Kind, Outcome, Status
from migrator.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

every_case = pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)


@every_case
def test_fixture(case: Case, request: pytest.FixtureRequest) -> None:
    outcome = migrate("before.py", case.before, case.settings)
    if request.config.getoption("--accept"):
        _accept(case, outcome)
    assert _text(outcome.after) == _text(case.after)
    assert report(outcome) == case.report
    _check_invariants(case, outcome)


def _text(source: bytes | None) -> str | None:
    """The source as pytest can show it; no two sources become one."""
    return None if source is None else source.decode("utf-8", "backslashreplace")


def _accept(case: Case, outcome: Outcome) -> None:
    for name, data in (("after.py", outcome.after), ("report.txt", report(outcome).encode() or None)):
        if data is None:
            (case.folder / name).unlink(missing_ok=True)
        else:
            (case.folder / name).write_bytes(data)


def _check_invariants(case: Case, outcome: Outcome) -> None:
    assert outcome.kind is not Kind.FAILED or findings(outcome)
    assert (outcome.after is None) == (outcome.kind not in (Kind.MIGRATED, Kind.PARTIAL))
    assert all(site.findings for site in outcome.sites if site.status is not Status.MIGRATED)
    if outcome.after is None:
        return
    assert outcome.after != case.before
    compile(outcome.after, "after.py", "exec", dont_inherit=True)
    assert not _comments(case.before) - _comments(outcome.after)
    after = set(outcome.after.splitlines())
    rewritten = {site.line for site in outcome.sites if site.status is Status.MIGRATED}
    for site in outcome.sites:
        if site.status is not Status.MIGRATED and site.line not in rewritten:
            assert case.before.splitlines()[site.line - 1] in after
    checked = verify("after.py", outcome.after, case.settings)
    assert not [said for said in findings(checked) if said.level is Level.MANUAL], "our own check calls it wrong"
    again = migrate("after.py", outcome.after, case.settings)
    assert again.after is None
    assert len(again.sites) == sum(site.status is not Status.MIGRATED for site in outcome.sites)
    if outcome.kind is Kind.MIGRATED:
        assert report(again) == ""


def _comments(source: bytes) -> Counter[str]:
    tokens = tokenize.tokenize(io.BytesIO(source).readline)
    return Counter(token.string.rstrip() for token in tokens if token.type == tokenize.COMMENT)


def _said(outcome: Outcome) -> list[tuple[str, str]]:
    return [(each.code, each.level.value) for each in findings(outcome)]


def _places(outcome: Outcome, lines: int = 0) -> list[tuple[int, int, str]]:
    return [(each.line + lines, each.column, each.code) for each in findings(outcome)]


def _changed(case: Case, change: Callable[[bytes], bytes | None]) -> tuple[Outcome, Outcome, bytes | None]:
    """The outcome, the outcome for the changed source, and what that should have become."""
    outcome = migrate("before.py", case.before, case.settings)
    source = None if outcome.kind is Kind.FAILED else change(case.before)
    expected = outcome.after and change(outcome.after)
    new_name = change is changes.other_aliases and b"import types" in (outcome.after or b"").replace(case.before, b"")
    if source is None or (outcome.after and expected is None) or (new_name and b"import types" not in case.before):
        pytest.skip("the change cannot be made here")
    return outcome, migrate("before.py", source, case.settings), expected


@pytest.mark.parametrize("change", [changes.crlf, changes.other_names, changes.other_aliases])
@every_case
def test_spelling_does_not_matter(case: Case, change: Callable[[bytes], bytes | None]) -> None:
    outcome, changed, expected = _changed(case, change)
    assert _text(changed.after) == _text(expected)
    assert _said(changed) == _said(outcome)
    if change is changes.crlf:
        assert report(changed) == report(outcome)


@every_case
def test_a_line_above_does_not_matter(case: Case) -> None:
    outcome, changed, expected = _changed(case, changes.line_above)
    assert _text(changed.after) == _text(expected)
    assert _places(changed) == _places(outcome, lines=1)


@pytest.mark.parametrize("change", [changes.in_function, changes.in_class, changes.in_branch])
@every_case
def test_scope_does_not_matter(case: Case, change: Callable[[bytes], bytes | None]) -> None:
    outcome, changed, expected = _changed(case, change)
    if (
        {"MG202", "MG306"} & set(dict(_said(outcome)))
        or _is_open(case.before)
        or _defines_more(case.before, outcome.after)
    ):
        pytest.skip("what is at the top of a module is seen by others, and has others' names beside it")
    assert _said(changed) == _said(outcome)
    assert (changed.after and changes.shape(changed.after)) == (expected and changes.shape(expected))


def _is_open(before: bytes) -> bool:
    """Whether a function takes settings that other files may give it, while it stands at the top of the module."""
    return re.search(rb"^def [a-z]\w*\([^)]*\*\*\w+", before, re.MULTILINE) is not None


def _defines_more(before: bytes, after: bytes | None) -> bool:
    """Whether the rewrite added a helper, which stands at the top of the module wherever the call is."""
    return after is not None and any(after.count(word) > before.count(word) for word in (b"\ndef ", b"\nclass "))


def test_enough_cases_show_restraint() -> None:
    """A rewriter is judged by what it leaves alone: a third of the cases end in a refusal or in nothing."""
    left = [case for case in cases() if case.after is None]
    assert len(left) >= 0.35 * len(cases())


def test_every_file_of_a_case_is_known() -> None:
    known = {"before.py", "after.py", "report.txt", "options.txt", "norun.txt", "differs.txt", "map.yaml"}
    assert {path.name for case in cases() for path in case.folder.iterdir()} <= known
