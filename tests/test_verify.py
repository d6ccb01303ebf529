"""The offline check of Interactions requests: what is wrong is found at its key, what is right is not touched.

In ``fixtures/verify/wrong`` a comment above each request names the codes and paths that have to be found, and
``report.txt`` has every finding with its line and column. In ``fixtures/verify/right`` nothing may be found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.cli import run_command_line
from migrator.embedded.verify import verify_document
from migrator.find import find
from migrator.livecheck import gathered
from migrator.migrate import migrate
from migrator.outcome import Finding, Kind, Outcome, Requests, Status, Summary
from migrator.run import Options, run
from migrator.settings import Mode, Settings
from migrator.verification.placeholders import Content
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


# Documents ----------------------------------------------------------------------------------------------------------


def in_markdown(source: str) -> str:
    return f"# How to ask\n\n```python\n{source}```\n"


def in_notebook(source: str) -> str:
    cells = [source.splitlines(keepends=True), ["%pip install google-genai\n"]]
    shown = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell} for cell in cells]
    return json.dumps({"cells": shown, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


@pytest.mark.parametrize("path", [path for path in WRONG if path.suffix == ".py"], ids=lambda path: path.stem)
@pytest.mark.parametrize(("suffix", "wrap"), [(".md", in_markdown), (".ipynb", in_notebook)])
def test_the_same_is_found_in_a_document(path: Path, suffix: str, wrap: Callable[[str], str]) -> None:
    source = path.read_text(encoding="utf-8")
    document = wrap(source)
    plain = findings(checked(path))
    found = findings(verify_document(f"a{suffix}", document.encode(), Settings()))
    assert [(it.code, it.message) for it in found] == [(it.code, it.message) for it in plain]
    lines, shown = source.splitlines(), document.splitlines()
    for here, there in zip(plain, found, strict=True):
        text = lines[here.line - 1][here.column - 1 :]
        text = json.dumps(text)[1:-1] if suffix == ".ipynb" else text
        assert shown[there.line - 1][there.column - 1 :].startswith(text)


def test_requests_in_pieces_that_are_not_read_are_counted() -> None:
    text = ">>> client.interactions.create(inputs=1)\n"
    outcome = verify_document("a.md", in_markdown(text).encode(), Settings())
    assert [(site.line, site.column, site.status) for site in outcome.sites] == [(4, 12, Status.UNSEEN)]


def test_a_document_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "torn.ipynb"
    path.write_text('{"cells": "interactions.create', encoding="utf-8")
    said: list[Outcome] = []
    summary = run(find([str(path)]), Options(Mode.VERIFY, lambda _: Settings()), said.append)
    assert [finding.code for finding in said[0].findings] == ["MG420"]
    assert summary.errors == 1


def test_a_request_in_a_document_can_be_asked_about_live() -> None:
    outcome = verify_document("a.md", in_markdown(GOOD).encode(), Settings())
    probes, passed = gathered([outcome], lambda _: Settings(), Content.REPLACED)
    assert [(spot.path, spot.line, spot.column) for each in probes for spot in each.spots] == [("a.md", 6, 1)]
    assert passed == []


GOOD = """from google import genai
client = genai.Client()
client.interactions.create(model="gemini-2.5-flash", input="hello", store=False)
"""


# Comments -----------------------------------------------------------------------------------------------------------

REMARKS = """\
from google import genai

client = genai.Client()
client.interactions.create(model="gemini-2.5-flash", contents="x", input="y")  # migrator: ignore[MG601]
client.interactions.create(
    model="gemini-2.5-flash",
    contents="x",  # migrator: ignore[MG601, MG604]
    input="y",
    store="no",
)
# migrator: ignore
client.interactions.create(model="gemini-2.5-flash", contents="x", input="y")
client.interactions.create(model="gemini-2.5-flash", input="y")  # migrator: ignore[MG601]
client.interactions.create(model="gemini-2.5-flash", input="y")  # migrator: ignore[MG101]
"""
ABOUT_REMARKS = [
    (7, "MG410", "ignore[MG604] keeps nothing: MG604 is not said of this statement"),
    (9, "MG602", "'store' has to be true or false, not a string [store]"),
    (13, "MG410", "ignore[MG601] keeps nothing: MG601 is not said of this statement"),
]


@pytest.mark.parametrize("document", ["", "```python\n"])
def test_a_comment_keeps_a_request_from_being_reported(document: str) -> None:
    if document:
        outcome = verify_document("a.md", f"{document}{REMARKS}```\n".encode(), Settings())
    else:
        outcome = verify("a.py", REMARKS.encode(), Settings())
    shift = 1 if document else 0
    found = sorted((said.line - shift, said.code, said.message) for said in findings(outcome))
    assert [each[:2] for each in found] == [each[:2] for each in ABOUT_REMARKS]
    assert found[0] == ABOUT_REMARKS[0]
    statuses = [site.status for site in outcome.sites]
    assert statuses == [Status.SUPPRESSED, Status.WRONG, Status.SUPPRESSED, Status.RIGHT, Status.RIGHT]
    assert [[kept.finding.code for kept in site.unsaid] for site in outcome.sites] == [["MG601"]] * 3 + [[], []]


def test_comments_about_requests_are_no_concern_of_a_migration() -> None:
    outcome = migrate("a.py", REMARKS.encode(), Settings())
    assert [(said.line, said.code) for said in outcome.findings] == [(11, "MG410"), (14, "MG410")]


def test_a_file_that_is_passed_over_is_not_verified_either(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.py"
    path.write_text("# migrator: skip-file\n" + REMARKS)
    assert run_command_line(["verify", "-v", str(path)]) == 0
    assert "a.py: passed over, as a comment in it says\n" in capfd.readouterr().out
