"""What is printed: text, JSON by its schema, and diffs that git and patch take."""

import json
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.diagnostics import Level
from migrator.outcome import Finding, Kind, Outcome, SiteReport, Status, Summary, said, said_by_check
from migrator.report import diff, text
from migrator.report import json as json_report
from migrator.report.compared import Compared
from migrator.report.record import Record
from migrator.settings import Mode

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "docs" / "output.schema.json").read_text(encoding="utf-8"))
CODE = b"import x\n\n\tr = client.models.generate_content(model, contents)\n"
REFUSAL = Finding("MG101", Level.MANUAL, 3, 6, "no counterpart", "Do it by hand.")


def outcome(finding=REFUSAL, status=Status.REFUSED, before=CODE, after=None):
    site = SiteReport(3, 6, "generate_content", "google_genai", status, (finding,) if finding else ())
    return Outcome("app/llm.py", Kind.REFUSED, before, after, (site,))


# Text ----------------------------------------------------------------------------------------------------------------


def render(it, style=text.Style()):  # noqa: B008
    return text.render(it, said(it), style)


def test_a_diagnostic():
    assert render(outcome()) == (
        "app/llm.py:3:6 MG101 [manual] no counterpart\n"
        "  |\n"
        "3 | \tr = client.models.generate_content(model, contents)\n"
        "  | \t    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  = help: Do it by hand.\n"
        "\n"
    )


def test_one_line_a_diagnostic():
    quiet = text.Style(text.Detail.QUIET)
    assert render(outcome(), quiet) == "app/llm.py:3:6 MG101 [manual] no counterpart\n"


def test_colour():
    painted = render(outcome(), text.Style(palette=text.Palette.COLOUR))
    assert "\x1b[31m[manual]\x1b[0m" in painted
    assert "\x1b" not in render(outcome())


def test_wide_characters_take_two_cells():
    it = outcome(Finding("MG101", Level.MANUAL, 1, 8, "m", ""), before="x('日本', y)".encode())
    assert render(it).splitlines()[2:4] == ["1 | x('日本', y)", "  |          ^"]


@pytest.mark.parametrize("start", [0, 20, 500, 980])
def test_of_a_line_without_end_only_what_is_near_is_shown(start):
    """A notebook may be one line, with its pictures."""
    line = "." * start + "generate" + "." * (992 - start)
    it = outcome(Finding("MG101", Level.MANUAL, 1, start + 1, "m", ""), before=line.encode())
    shown, marks = render(it).splitlines()[2:4]
    assert len(shown) < 300
    assert shown[marks.index("^") : marks.rindex("^") + 1].startswith("generate")


@pytest.mark.parametrize(("line", "column"), [(9, 1), (2, 1), (3, 500)])
def test_a_place_that_is_not_there_is_no_reason_to_fail(line, column):
    assert "MG101" in render(outcome(Finding("MG101", Level.MANUAL, line, column, "m", "a")))


@pytest.mark.parametrize("before", [b"x\n\n# \xe9 coding\n", b"# coding: klingon\n\nxxxxxxx\n"])
def test_bytes_that_are_no_text_are_shown_as_well_as_possible(before):
    assert "3 | " in render(outcome(before=before))


def test_what_two_sites_share_is_said_once():
    site = outcome().sites[0]
    assert len(said(Outcome("a.py", Kind.REFUSED, CODE, None, (site, site)))) == 1


def test_a_check_names_what_can_be_migrated():
    (finding,) = said_by_check(outcome(None, Status.MIGRATED, after=b"x"))
    assert (finding.code, finding.level, finding.line, finding.column) == ("MG400", Level.SAFE, 3, 6)
    assumed = Finding("MG107", Level.REVIEW, 3, 6, "assumed", "")
    assert [(it.code, it.level) for it in said_by_check(outcome(assumed, Status.MIGRATED, after=b"x"))] == [
        ("MG107", Level.REVIEW),
        ("MG400", Level.REVIEW),
    ]
    assert said_by_check(outcome()) == [REFUSAL]


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        (
            Summary(12, 4, 3, 2, 9, 5, 3, 1, 0, 1),
            "Scanned 12 files, 3 with calls. 9 call sites: 5 migrated, 3 need review, 1 refused. 1 error.\n"
            "With --review, those that need review are rewritten too.\n",
        ),
        (
            Summary(1, 1, 1, 1, 1, 1),
            "Scanned 1 file, 1 with calls. 1 call site: 1 migrated, 0 need review, 0 refused. 0 errors.\n",
        ),
        (
            Summary(7),
            "Scanned 7 files, 0 with calls. 0 call sites: 0 migrated, 0 need review, 0 refused. 0 errors.\n"
            "Nothing to do: no file names generate_content.\n",
        ),
    ],
)
def test_the_summary(summary, said):
    assert text.summarise(summary, text.Tense.DONE) == said


@pytest.mark.parametrize(
    ("summary", "reason"),
    [
        (Summary(), "No Python file found"),
        (Summary(3), "no file names generate_content"),
        (Summary(3, 2), "2 files name generate_content, none calls it on a google-genai client"),
    ],
)
def test_a_run_that_did_nothing_says_why(summary, reason):
    assert reason in text.summarise(summary, text.Tense.POSSIBLE)


# JSON ----------------------------------------------------------------------------------------------------------------


def test_the_schema_is_one_and_is_closed():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    objects = [SCHEMA, *(it for it in SCHEMA["$defs"].values() if it.get("type") == "object")]
    assert all(it["additionalProperties"] is False for it in objects)
    assert all(sorted(it["required"]) == sorted(set(it["properties"]) - {"cell", "live", "requests"}) for it in objects)


def test_the_document_is_as_documented():
    whole = Outcome("b.py", Kind.FAILED, findings=(Finding("MG401", Level.MANUAL, 1, 1, "m", "a"),))
    summary = Summary(files=5).add(outcome()).add(whole)
    document = json.loads(json_report.render(Record(Mode.CHECK, summary, (outcome(), whole))))
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document == {
        "version": 1,
        "summary": {
            "files": 5,
            "changed": 0,
            "sites": 1,
            "migrated": 0,
            "review": 0,
            "refused": 1,
            "suppressed": 0,
            "errors": 1,
        },
        "files": [
            {
                "path": "app/llm.py",
                "outcome": "refused",
                "changed": False,
                "sites": [
                    {
                        "line": 3,
                        "column": 6,
                        "operation": "generate_content",
                        "dialect": "google_genai",
                        "status": "refused",
                        "diagnostics": [
                            {
                                "code": "MG101",
                                "level": "manual",
                                "line": 3,
                                "column": 6,
                                "message": "no counterpart",
                                "advice": "Do it by hand.",
                            }
                        ],
                    }
                ],
                "diagnostics": [],
            },
            {
                "path": "b.py",
                "outcome": "failed",
                "changed": False,
                "sites": [],
                "diagnostics": [
                    {"code": "MG401", "level": "manual", "line": 1, "column": 1, "message": "m", "advice": "a"}
                ],
            },
        ],
    }


@pytest.mark.parametrize(
    ("kind", "statuses"), [(Kind, "file.outcome"), (Status, "site.status"), (Level, "diagnostic.level")]
)
def test_the_schema_knows_every_word(kind, statuses):
    record, field = statuses.split(".")
    assert SCHEMA["$defs"][record]["properties"][field]["enum"] == [it.value for it in kind]


# Diff ----------------------------------------------------------------------------------------------------------------

CHANGES = {
    "lf": (b"a\nold\nb\n", b"a\nnew\nb\n"),
    "crlf": (b"a\r\nold\r\nb\r\n", b"a\r\nnew\r\nb\r\n"),
    "mixed": (b"a\r\nold\nb\r\n", b"a\r\nnew\nb\r\n"),
    "lone cr": (b"a\rold\rb\n", b"a\rnew\rb\n"),
    "no final newline": (b"a\nold", b"a\nnew"),
    "no final newline, change above": (b"old\na\nb", b"new\na\nb"),
    "final newline lost": (b"a\nold\n", b"a\nnew"),
    "final newline won": (b"a\nold", b"a\nnew\n"),
    "bom": (b"\xef\xbb\xbfold\na\n", b"\xef\xbb\xbfnew\na\n"),
    "latin-1": (b"# coding: latin-1\n'\xe9'\nold\n", b"# coding: latin-1\n'\xe9'\nnew\n"),
    "form feed": (b"a\x0cb\n\x0c\nold\n", b"a\x0cb\n\x0c\nnew\n"),
    "all gone": (b"old\n", b""),
    "far apart": (b"old\n" + b"x\n" * 30 + b"old\n", b"new\n" + b"x\n" * 30 + b"new\n"),
}


@pytest.mark.parametrize("command", [["git", "apply", "-"], ["patch", "-p1", "--binary"]], ids=["git", "patch"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_diff_can_be_applied(tmp_path, monkeypatch, change, command):
    if not shutil.which(command[0]):
        pytest.skip(f"no {command[0]} here")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    before, after = CHANGES[change]
    Path("a.py").write_bytes(before)
    patch = diff.unified(Outcome("a.py", Kind.MIGRATED, before, after))
    subprocess.run(command, input=patch, check=True, capture_output=True)
    assert (Path("a.py").read_bytes() if Path("a.py").exists() else b"") == after


@pytest.mark.parametrize("name", ["a b.py", "é.py", 'q"uote.py', "tab\tnew\nline.py", "back\\slash.py"])
def test_a_diff_names_any_file(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    Path(name).write_bytes(b"old\n")
    patch = diff.unified(Outcome(name, Kind.MIGRATED, b"old\n", b"new\n"))
    subprocess.run(["git", "apply", "-"], input=patch, check=True, capture_output=True)
    assert Path(name).read_bytes() == b"new\n"


def test_a_diff_of_a_path_from_elsewhere(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    patch = diff.unified(Outcome("../there/a.py", Kind.MIGRATED, b"old\n", b"new\n"))
    assert patch.startswith(f"--- a{tmp_path}/there/a.py\n+++ b{tmp_path}/there/a.py\n@@".encode())
    monkeypatch.chdir("/")
    inside = diff.unified(Outcome(f"{tmp_path}/a.py", Kind.MIGRATED, b"old\n", b"new\n"))
    assert inside.startswith(f"--- a{tmp_path}/a.py\n".encode())


def test_lines_that_occur_often_are_not_shown_as_changed():
    call = b"r%d = client.models.generate_content(\n    model=MODEL,\n    contents=c%d,\n)\nprint(r%d)\n\n"
    before = b"".join(call % (at, at, at) for at in range(60))
    after = before.replace(b"models.generate_content", b"interactions.create").replace(b"contents=", b"input=")
    patch = diff.unified(Outcome("a.py", Kind.MIGRATED, before, after))
    shown = patch.splitlines()[3:]
    assert {line for line in shown if line.startswith(b" ")} >= {b"     model=MODEL,", b" )", b" print(r0)"}
    assert sum(line.startswith(b"-") for line in shown) == sum(line.startswith(b"+") for line in shown) == 120


_SOME_LINES = st.lists(
    st.sampled_from(["", "a", "b", "call(", "    x,", ")"]) | st.text("xyz", max_size=2), max_size=40
)


@given(_SOME_LINES, _SOME_LINES, _SOME_LINES)
def test_what_is_compared_is_whole_and_in_order(shared, old, new):
    before, after = old + shared, new + shared
    codes = Compared(before, after).get_opcodes()
    assert [line for _, start, end, _, _ in codes for line in before[start:end]] == before
    assert [line for _, _, _, start, end in codes for line in after[start:end]] == after
    assert all(before[at:end] == after[there:last] for kind, at, end, there, last in codes if kind == "equal")
    assert all("equal" in (one[0], other[0]) for one, other in pairwise(codes))


def test_no_change_no_diff():
    assert diff.unified(outcome()) == b""


def test_a_coloured_diff():
    patch = diff.coloured(b"--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same\n")
    assert patch == (
        b"\x1b[1m--- a\x1b[0m\n\x1b[1m+++ b\x1b[0m\n\x1b[36m@@ -1 +1 @@\x1b[0m\n\x1b[31m-old\x1b[0m\n"
        b"\x1b[32m+new\x1b[0m\n same\n"
    )
