"""The HTML report without a browser: its structure, its policy, and that other people's text stays text."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reports import HOSTILE, hostile, mixed

from migrator.catalogue import CODES
from migrator.changes import Change, spliced
from migrator.cli import run_command_line
from migrator.diagnostics import Level
from migrator.outcome import Finding, Kind, Outcome, SiteReport, Status, Summary
from migrator.report import html
from migrator.report.page import hunks, words
from migrator.report.record import Record
from migrator.settings import Mode

VOID = {"meta", "link", "input"}
PHRASING = {"a", "b", "span", "mark", "code"}  # of what the page uses: holds no block


class Page(HTMLParser):
    """A page that is read strictly: what is opened is closed, in its order."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []  # of each text, the element that it is in
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice"
        if tag in {"div", "p", "details", "table", "dl", "section", "h1", "h2", "h3"}:
            assert "p" not in self.open, f"{tag} would end a paragraph"
            assert not PHRASING & set(self.open), f"{tag} in {self.open}"
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def text(self, *within: str) -> str:
        return "".join(data for tag, data in self.texts if not within or tag in within)


@pytest.fixture(scope="module")
def report() -> str:
    return html.render(mixed())


@pytest.fixture(scope="module")
def page(report: str) -> Page:
    return Page(report)


# Structure ------------------------------------------------------------------------------------------------------------


def test_references_lead_somewhere(page: Page) -> None:
    ids = Counter(attributes["id"] for _, attributes in page.tags if "id" in attributes)
    assert set(ids.values()) == {1}
    targets = [each["href"] for each in page.all("a")]
    assert targets
    assert all(target.startswith("#") and target[1:] in ids for target in targets)
    assert all(each["for"] in ids for each in page.all("label"))
    assert all(each["aria-labelledby"] in ids for _, each in page.tags if "aria-labelledby" in each)


def test_everything_that_takes_input_has_a_label(page: Page) -> None:
    labelled = {each["for"] for each in page.all("label")}
    fields = [each["id"] for tag in ("input", "select") for each in page.all(tag)]
    assert len(fields) == 5
    assert set(fields) == labelled


def test_headings_are_in_order(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_name_their_rows_and_columns(page: Page) -> None:
    assert len(page.all("table")) == len(page.all("caption")) == 2
    assert {each["scope"] for each in page.all("th")} == {"col", "row"}


def test_the_page_is_whole_and_loads_nothing(report: str, page: Page) -> None:
    assert report.isascii()
    assert not [it for it in page.tags if {"src", "srcset", "action", "style"} & set(it[1])]
    assert not [name for _, each in page.tags for name in each if name.startswith("on")]
    assert [each["href"] for each in page.all("link")] == ["data:,"]
    assert not re.search(r"url\(|@import|https?:|fetch\(|XMLHttpRequest|WebSocket|eval\(", report)


def test_the_policy_allows_what_is_in_the_page_only(report: str, page: Page) -> None:
    [policy] = [each["content"] for each in page.all("meta") if each.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        [content] = re.findall(rf"<{tag}>(.*?)</{tag}>", report, re.DOTALL)
        assert rules.pop(rule) == f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


# What it says ---------------------------------------------------------------------------------------------------------


def test_every_finding_is_there_with_its_message_and_its_explanation(page: Page) -> None:
    record = mixed()
    shown = page.text("p", "span", "b", "a").replace("\n", " ")
    for _, finding in record.all():
        if finding.code != "MG400":
            assert finding.message[1:] in shown
            assert finding.advice in shown
        assert {"id": finding.code, "tabindex": "-1"} in page.all("article")
        assert CODES[finding.code].explanation in shown
    notes = [each for each in page.all("div") if each.get("class", "").startswith("note ")]
    calls = sum(len(outcome.sites) for outcome in record.outcomes)
    assert sum("call" in each["class"].split() for each in notes) == calls
    assert {each["data-status"] for each in notes} == {"migrated", "review", "refused", "error", "suppressed"}


def test_totals_and_reasons(page: Page) -> None:
    text = page.text()
    assert "2 of 5 calls can be migrated" in text
    assert re.search(r"can be migrated2to review1refused1suppressed1error1", text)
    assert re.search(r"No counterpart in the Interactions APIMG101manual111", text)


def test_lines_stand_side_by_side(report: str) -> None:
    assert re.search(r"<del><code data-n=4>.*models\.generate_content", report)
    assert re.search(r"<ins><code data-n=4>.*interactions\.create", report)
    assert '<div class="diff single" role="group" aria-label="Lines of lib/left.py">' in report


def test_a_suppressed_call_says_who_said_so(page: Page) -> None:
    assert "MG101, by comment: explicit caching is not part of it" in page.text()


def test_the_same_run_gives_the_same_page(report: str) -> None:
    assert html.render(mixed()) == report


def test_a_call_that_stays_names_what_keeps_it_and_not_what_could_be_accepted() -> None:
    kept = Finding("MG201", Level.MANUAL, 5, 7, "no log probabilities", "")
    mild = Finding("MG107", Level.REVIEW, 3, 1, "assumed", "")
    site = SiteReport(4, 1, "generate_content", "google_genai", Status.REFUSED, (kept, mild))
    outcome = Outcome("a.py", Kind.REFUSED, b"\n" * 9, None, (site,))
    report = html.render(Record(Mode.CHECK, Summary(files=1).add(outcome), (outcome,)))
    [row] = re.findall(r'<div class="note call.*?</div>', report, re.DOTALL)
    assert "MG201</a> in <a" in row
    assert "line 5" in row
    assert "line 3" not in row


def test_an_empty_run() -> None:
    report = html.render(Record(Mode.CHECK, Summary(files=3), (), (".venv",)))
    page = Page(report)
    assert "No call found" in page.text("h1")
    assert ".venv" in page.text("li")
    assert not page.all("form")


@pytest.mark.parametrize("mode", list(Mode))
def test_every_mode_has_its_words(mode: Mode) -> None:
    record = mixed(mode)
    assert Page(html.render(record)).text("h1") == {
        Mode.APPLY: "2 of 5 calls migrated",
        Mode.VERIFY: "0 of 5 requests are right",
    }.get(mode, "2 of 5 calls can be migrated")


def test_a_notebook_is_shown_as_code() -> None:
    lines = b'    "r = client.models.generate_content(x)\\n",\n    "print(\\"<b>\\")"\n'
    before = b'{"cells": [\n  "source": [\n' + lines + b"  ]\n]}\n"
    outcome = Outcome(
        "a.ipynb", Kind.MIGRATED, before, before.replace(b"models.generate_content", b"interactions.create")
    )
    page = Page(html.render(Record(Mode.DIFF, Summary(files=1).add(outcome), (outcome,))))
    shown = page.text("code", "mark")
    assert "r = client.models.generate_content(x)" in shown
    assert 'print("<b>")' in shown
    assert "\\n" not in shown


def test_the_command_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.py").write_text(
        "from google import genai\n\nclient = genai.Client()\n"
        'print(client.models.generate_content(model="gemini-2.5-flash", contents="Name a sea.").text)\n'
    )
    assert run_command_line(["check", "--exit-zero", "--output", "html=out.html", "."]) == 0
    page = Page(Path("out.html").read_text("ascii"))
    assert page.text("h1") == "1 of 1 call can be migrated"
    assert "client.interactions.create(" in page.text("code", "mark")


# Other people's text --------------------------------------------------------------------------------------------------


def test_text_stays_text() -> None:
    report = html.render(hostile())
    page = Page(report)
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert not page.all("img")
    assert report.count("</noscript>") == report.count("<noscript>") == 1
    assert not re.search("[^\t\n\x20-\x7e]", report)
    assert not re.search(r"&#(?:x202e|8238|1|0|55296);", report)
    assert page.text("code", "span").count("U+202E") >= 2
    assert HOSTILE.split("\x01")[0] in page.text("code")


def test_numbers_beyond_ascii_come_back() -> None:
    outcome = Outcome("\u05d0.py", Kind.UNCHANGED, "x = '\u05d0\U0001f600'\n".encode(), b"x = 'b'\n")
    page = Page(html.render(Record(Mode.DIFF, Summary(), (outcome,))))
    assert "\u05d0\U0001f600" in page.text("code", "mark")
    assert "\u05d0.py" in page.text("span")


# Lines ----------------------------------------------------------------------------------------------------------------

_LINES = st.lists(st.sampled_from(["", "a", "b", "call(", "    x,", ")", "é"]), max_size=60)
_NEWLINE = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def changed(draw: st.DrawFn) -> tuple[str, list[Change]]:
    """A text and changes of it."""
    newline = draw(_NEWLINE)
    text = newline.join(draw(_LINES)) + draw(st.sampled_from(["", newline]))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    return text, [Change(start, end, newline.join(draw(_LINES))) for start, end in pairs if start < end]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changed(), st.sets(st.integers(1, 60)))
def test_blocks_hold_both_files(made: tuple[str, list[Change]], noted: set[int]) -> None:
    text, changes = made
    after = spliced(text, changes)
    blocks = [*hunks.blocks(text.encode(), after.encode(), noted)]
    sides: tuple[list[str], list[str]] = ([], [])
    for block in blocks:
        match block:
            case hunks.Swap():
                assert (block.old, block.new) == (len(sides[0]) + 1, len(sides[1]) + 1)
                assert block.before != block.after
                sides[0].extend(block.before)
                sides[1].extend(block.after)
            case hunks.Fold(run) | (hunks.Same() as run):
                assert (run.old, run.new) == (len(sides[0]) + 1, len(sides[1]) + 1)
                assert run.lines
                sides[0].extend(run.lines)
                sides[1].extend(run.lines)
                if isinstance(block, hunks.Fold):
                    assert not noted & set(range(run.old, run.old + len(run.lines)))
                    assert len(run.lines) >= hunks.FEWEST or len(blocks) == 1
    assert [*map(list, sides)] == [_split(text), _split(after)]


def _split(text: str) -> list[str]:
    lines = re.split("\r\n|\r|\n", text)
    return lines if lines[-1] else lines[:-1]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_LINES, _LINES)
def test_marks_are_within_their_lines(before: list[str], after: list[str]) -> None:
    for lines, spans in zip((before, after), words.differing(before, after), strict=True):
        assert len(lines) == len(spans)
        for line, parts in zip(lines, spans, strict=True):
            ends = [at for part in parts for at in part]
            assert ends == sorted(set(ends))
            assert all(0 <= at <= len(line) for at in ends)


def test_marks_show_what_differs() -> None:
    old, new = words.differing(
        ["response = client.models.generate_content("], ["response = client.interactions.create("]
    )
    assert old == [[(18, 41)]]
    assert new == [[(18, 37)]]


def test_unalike_lines_have_no_marks() -> None:
    assert words.differing(["alpha beta"], ["gamma delta"]) == ([[]], [[]])
