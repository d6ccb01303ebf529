"""Reports for pipelines: each format as those read it who it is for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pysarif
import pytest

from migrator.catalogue import CODES
from migrator.changes import spliced
from migrator.cli import run_command_line
from migrator.diagnostics import Level
from migrator.outcome import Finding, Kind, Outcome, SiteReport, Status, Summary
from migrator.report import github, gitlab, junit, markdown, sarif
from migrator.report.record import Record, fingerprints
from migrator.settings import Mode
from migrator.source import Lines

CALL = """from google import genai

client = genai.Client()
response = client.models.generate_content(model="gemini-2.5-flash", contents="Name a sea.")
print(response.text)
"""
LOST = CALL.replace("print(response.text)", "print(response.candidates[0].avg_logprobs)")
CACHED = CALL.replace('contents="Name a sea."', 'contents="Name a sea.", config={"cached_content": "seas"}')


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run in: a call that can be migrated, two that cannot, and a file that does not parse."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "good, one.py").write_text(CALL)
    (tmp_path / "app" / "lost.py").write_text(LOST)
    (tmp_path / "cached.py").write_text(CACHED)
    (tmp_path / "torn.py").write_text("client.models.generate_content(\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    return tmp_path


def run(*arguments: str) -> str:
    """The standard output of a run."""
    done = subprocess.run([sys.executable, "-m", "migrator", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr  # one file does not parse
    return done.stdout


def record(*findings: Finding, before: bytes = CALL.encode(), mode: Mode = Mode.CHECK) -> Record:
    """A run over one file with these findings, each at a call of its own."""
    sites = tuple(
        SiteReport(it.line, it.column, "generate_content", "google_genai", Status.REFUSED, (it,)) for it in findings
    )
    outcome = Outcome("a.py", Kind.REFUSED, before, None, sites)
    return Record(mode, Summary(files=1).add(outcome), (outcome,))


def finding(code: str = "MG101", level: Level = Level.MANUAL, line: int = 4, message: str = "m") -> Finding:
    return Finding(code, level, line, 1, message, "Do it.")


# GitHub --------------------------------------------------------------------------------------------------------------


def test_annotations(tree: Path) -> None:
    lines = run("check", "--output-format", "github").splitlines()
    assert all(
        re.match(r"::(error|warning) file=[^,:]+,line=\d+,col=\d+,title=migrator MG\d{3}::\S", line) for line in lines
    )
    assert any(line.startswith("::error file=app/lost.py,line=5,col=7,title=migrator MG201::") for line in lines)
    assert any(line.startswith("::warning file=app/good%2C one.py,line=4,") for line in lines)
    assert [line.partition(" ")[0] for line in lines] == ["::error"] * 3 + ["::warning"]


def test_github_shows_the_worst_and_counts_the_rest() -> None:
    many = [finding(line=number) for number in range(1, 14)]
    mild = finding("MG107", Level.REVIEW, message="100 %\nsure")
    lines = github.render(record(mild, *many)).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error"] * 10 + ["::notice", "::warning"]
    assert lines[10].endswith("::3 more of the kind error: see migrator check.")
    assert lines[11].endswith("::100 %25%0Asure%0ADo it.")


def test_the_step_gets_a_summary(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tree / "summary.md"))
    (tree / "summary.md").write_text("Before.\n")
    run("check", "--output-format", "github")
    assert (tree / "summary.md").read_text().startswith("Before.\n## migrator\n")


# GitLab --------------------------------------------------------------------------------------------------------------


def test_code_quality(tree: Path) -> None:
    entries = json.loads(run("check", "--output-format", "gitlab"))
    assert {tuple(sorted(entry)) for entry in entries} == {
        ("check_name", "description", "fingerprint", "location", "severity")
    }
    assert {entry["severity"] for entry in entries} == {"major", "info"}
    assert len({entry["fingerprint"] for entry in entries}) == len(entries) == 4
    assert {"path": "app/lost.py", "lines": {"begin": 5}} in [entry["location"] for entry in entries]


def test_a_fingerprint_stays_when_lines_are_added_above() -> None:
    def prints(before: str, line: int) -> list[str]:
        run_of = record(finding(line=line), finding(line=line, message="n"), before=before.encode())
        return [each for _, _, each in fingerprints(run_of)]

    assert prints(CALL, 4) == prints("\n\n# Seas\n" + CALL, 7)
    assert len(set(prints(CALL, 4))) == 2


# SARIF ---------------------------------------------------------------------------------------------------------------


def test_sarif_says_only_what_the_standard_knows(tree: Path) -> None:
    """The classes of pysarif are made from the official schema: a key that it does not know would not come back."""
    log = json.loads(run("check", "--output-format", "sarif"))
    assert log.pop("$schema").endswith("/sarif-schema-2.1.0.json")
    again = pysarif.save_to_dict(pysarif.load_from_dict(log))
    assert _within(log, again) == []
    assert log["version"] == "2.1.0"
    [only] = log["runs"]
    assert [rule["id"] for rule in only["tool"]["driver"]["rules"]] == list(CODES)
    for result in only["results"]:
        assert only["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert only["invocations"][0]["executionSuccessful"] is False


def _within(part: object, whole: object, path: str = "$") -> list[str]:
    """Where ``part`` has what ``whole`` has not."""
    match part, whole:
        case dict(), dict():
            return [it for key, value in part.items() for it in _within(value, whole.get(key, ...), f"{path}.{key}")]
        case list(), list() if len(part) == len(whole):
            return [it for n, pair in enumerate(zip(part, whole, strict=True)) for it in _within(*pair, f"{path}[{n}]")]
    return [] if part == whole else [path]


def test_sarif_carries_the_rewrite(tree: Path) -> None:
    results = json.loads(run("check", "--output-format", "sarif"))["runs"][0]["results"]
    [fixed] = [result for result in results if "fixes" in result]
    [change] = fixed["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "app/good%2C%20one.py"
    assert _applied(CALL, change["replacements"]) == _migrated(tree / "app" / "good, one.py")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\nc\n", "a\nx\nc\n"),
        ("a\nb", "a\nb\nc"),
        ("a\nb\n", "b\n"),
        ("a", ""),
        ("a\nb\n", "a\n"),
        ("a\r\nb", "x\r\nb"),
    ],
)
def test_a_fix_is_the_whole_change(before: str, after: str) -> None:
    waiting = SiteReport(1, 1, "generate_content", "google_genai", Status.MIGRATED)
    outcome = Outcome("a.py", Kind.MIGRATED, before.encode(), after.encode(), (waiting,))
    log = json.loads(sarif.render(Record(Mode.DIFF, Summary(), (outcome,))))
    [change] = log["runs"][0]["results"][0]["fixes"][0]["artifactChanges"]
    assert _applied(before, change["replacements"]) == after


def _applied(text: str, replacements: list[dict[str, dict[str, int]]]) -> str:
    """The text with the replacements of a fix made, as the standard defines them."""
    from migrator.changes import Change

    lines = Lines.shown(text.encode())

    def offset(line: int, column: int) -> int:
        return len(text) if line > len(lines.starts) else lines.offset(line, column)

    changes = []
    for each in replacements:
        region = each["deletedRegion"]
        start = offset(region["startLine"], region["startColumn"])
        end = offset(region["endLine"], region["endColumn"])
        changes.append(Change(start, end, str(each.get("insertedContent", {}).get("text", ""))))
    return spliced(text, changes)


def _migrated(path: Path) -> str:
    assert run_command_line(["apply", "-q", str(path)]) == 0
    return path.read_text()


# JUnit ---------------------------------------------------------------------------------------------------------------


def test_junit(tree: Path) -> None:
    suites = ET.fromstring(run("check", "--output-format", "junit"))
    assert {name: suites.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "4",
        "failures": "3",
        "errors": "1",
    }
    names = {suite.get("name"): [case.get("name") for case in suite] for suite in suites}
    assert names["app/lost.py"] == ["generate_content in line 4, column 12"]
    assert names["torn.py"] == ["the file"]


def test_junit_holds_what_xml_can_hold() -> None:
    text = junit.render(record(finding(message="a \x00 b \ud800 <c>")))
    assert ET.fromstring(text)[0][0][0].get("message") == "a \ufffd b \ufffd <c>"


def test_a_migrated_call_passes() -> None:
    site = SiteReport(4, 1, "generate_content", "google_genai", Status.MIGRATED)
    outcome = Outcome("a.py", Kind.MIGRATED, b"", b"x", (site, SiteReport(5, 1, "g", "d", Status.SUPPRESSED)))
    suites = ET.fromstring(junit.render(Record(Mode.APPLY, Summary(), (outcome,))))
    assert [suites.get(name) for name in ("tests", "failures", "skipped")] == ["2", "0", "1"]


# Markdown ------------------------------------------------------------------------------------------------------------


def test_markdown(tree: Path) -> None:
    text = run("check", "--output-format", "markdown")
    assert text.startswith(
        "## migrator\n\nScanned 4 files, 3 with calls. 3 call sites: 1 can be migrated, 0 need review,"
    )
    assert "| MG201 | read without counterpart | 1 |\n" in text or "| MG201 |" in text
    assert "<summary><code>app/lost.py</code>: 1</summary>" in text


def test_markdown_shows_text_as_it_is() -> None:
    assert r"- **4:1** MG101 (manual): a \`b\` \<c\> \*d\*. Do it." in markdown.render(
        record(finding(message="a `b` <c> *d*"))
    )


def test_a_comment_is_not_too_long() -> None:
    outcomes = tuple(
        Outcome(f"{n}.py", Kind.FAILED, findings=tuple(finding(line=at) for at in range(50))) for n in range(99)
    )
    text = markdown.render(Record(Mode.CHECK, Summary(), outcomes))
    assert len(text) < 65_536
    assert re.search(r"\n\d+ more files: see `migrator check`\.\n\Z", text)


# Several at once -----------------------------------------------------------------------------------------------------


def test_several_reports_at_once(tree: Path) -> None:
    shown = run("check", "--output", "sarif=out.sarif", "--output", "junit=out.xml", "--output", "json=out.json")
    assert "app/lost.py:5:7 MG201 [manual]" in shown
    assert json.loads((tree / "out.sarif").read_text())["version"] == "2.1.0"
    assert ET.parse(tree / "out.xml").getroot().tag == "testsuites"
    assert json.loads((tree / "out.json").read_text())["version"] == 1
    assert not list(tree.glob(".*tmp"))


@pytest.mark.parametrize("command", ["check", "verify", "diff"])
def test_the_text_is_written_to_a_file_too(tree: Path, command: str) -> None:
    line = [sys.executable, "-m", "migrator", command, "--output", "text=out.txt"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    said = done.stderr if command == "diff" else done.stdout
    assert "Scanned 4 files" in said
    assert (tree / "out.txt").read_text() == said


@pytest.mark.parametrize("given", ["sarif", "sarif=", "pdf=a.pdf", "json=no/such/folder.json"])
def test_an_output_that_cannot_be_is_an_error(tree: Path, given: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["check", "--output", given, "cached.py"]) == 2
    assert "Invalid value for '--output'" in capsys.readouterr().err


def test_an_output_that_cannot_be_written_is_an_error(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "folder").mkdir()
    assert run_command_line(["check", "--output", "json=folder", "cached.py"]) == 2
    assert "folder cannot be written" in capsys.readouterr().err


def test_gitlab_takes_an_empty_report() -> None:
    assert json.loads(gitlab.render(record())) == []
