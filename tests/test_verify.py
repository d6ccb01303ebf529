"""The offline check of Interactions requests: what is wrong is found at its key, what is right is not touched.

In ``fixtures/verify/wrong`` a comment above each request names the codes and paths that have to be found, and
``report.txt`` has every finding with its line and column. In ``fixtures/verify/right`` nothing may be found.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migrator.outcome import Finding, Kind, Outcome, Requests, Status, Summary
from migrator.settings import Settings
from migrator.verify import verify

FIXTURES = Path(__file__).parents[1] / "fixtures"
WRONG = sorted(path for path in (FIXTURES / "verify" / "wrong").iterdir() if path.name != "report.txt")
RIGHT = sorted((FIXTURES / "verify" / "right").iterdir())
EXPECTED = re.compile(r"^\s*#: (MG6\d\d) ?(.*)$")
PATH = re.compile(r" \[([^ ]+|a positional argument)\]$")
LAST = re.compile(r"([^.\[\]]+)$")


def checked(path: Path) -> Outcome:
    return verify(str(path), path.read_bytes(), Settings(bodies=frozenset([str(path)])))


def findings(outcome: Outcome) -> list[Finding]:
    return [*outcome.findings, *(finding for site in outcome.sites for finding in site.findings)]


def place(finding: Finding) -> str:
    found = PATH.search(finding.message)
    return found[1] if found else ""


def report(path: Path) -> str:
    said = sorted(findings(checked(path)), key=lambda each: (each.line, each.column, each.code, each.message))
    return "".join(f"{path.name}:{it.line}:{it.column} {it.code} [{it.level.value}] {it.message}\n" for it in said)


def test_every_finding_is_as_expected(request: pytest.FixtureRequest) -> None:
    text = "".join(map(report, WRONG))
    expected = FIXTURES / "verify" / "wrong" / "report.txt"
    if request.config.getoption("--accept"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [path for path in WRONG if path.suffix == ".py"], ids=lambda path: path.stem)
def test_what_the_comments_name_is_found_and_nothing_else(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    wanted = [
        (number, found[1], found[2] if "positional" not in found[2] else "")
        for number, line in enumerate(lines, 1)
        if (found := EXPECTED.match(line))
    ]
    said = findings(checked(path))
    for line, code, field in wanted:
        here = [it for it in said if it.code == code and place(it) == field and _is_of(line, it, lines)]
        assert len(here) == 1, (line, code, field, [(it.line, it.code, it.message) for it in said])
    assert len(said) == len(wanted)


def _is_of(line: int, finding: Finding, lines: list[str]) -> bool:
    """Whether no other request begins between a comment and a finding."""
    between = lines[line : finding.line - 1]
    return finding.line > line and "" not in between


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.name)
def test_a_finding_stands_at_the_key(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    for it in findings(checked(path)):
        last = LAST.search(place(it))
        if last is not None and not place(it).endswith("]"):
            key = last[1].rstrip("]")
            assert re.match(rf"[\"']?{re.escape(key)}\b", lines[it.line - 1][it.column - 1 :]), (it, lines[it.line - 1])


def test_there_are_enough_of_both() -> None:
    wrong = [site for path in WRONG for site in checked(path).sites if site.status is Status.WRONG]
    right = [site for path in RIGHT for site in checked(path).sites if site.status is Status.RIGHT]
    assert len(wrong) >= 60
    assert len(right) >= 60


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.name)
def test_nothing_is_found_in_what_is_right(path: Path) -> None:
    outcome = checked(path)
    assert [(it.line, it.code, it.message) for it in findings(outcome)] == []
    assert outcome.kind is Kind.RIGHT


def test_what_is_not_visible_is_counted_and_not_guessed() -> None:
    source = """from google import genai
client = genai.Client()
def ask(prompt, extra, settings):
    client.interactions.create(model="gemini-2.5-flash", input=prompt, generation_config=settings, **extra)
"""
    outcome = verify("ask.py", source.encode(), Settings())
    assert [(site.status, site.hidden) for site in outcome.sites] == [(Status.RIGHT, 3)]
    unseen = verify("ask.py", b"def ask(it):\n    return it.interactions.create(input='x')\n", Settings())
    assert [site.status for site in unseen.sites] == [Status.UNSEEN]
    counted = Summary(requests=Requests()).add(outcome).add(unseen).requests
    assert counted == Requests(right=1, unseen=1, hidden=3)
