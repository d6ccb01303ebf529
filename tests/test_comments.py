"""Comments to the migrator, marks that it leaves, and codes that nobody wants to hear of."""

import re
from dataclasses import replace

import pytest

from migrator import codes, prefilter
from migrator.diagnostics import Level
from migrator.migrate import migrate
from migrator.outcome import By, Kind, Status
from migrator.settings import Marks, Mode, Settings
from migrator.silence import by_settings
from migrator.work import MIGRATION, attempt

HEAD = """\
from google import genai

client = genai.Client()
"""
SAFE = 'client.models.generate_content(model="gemini-2.5-flash", contents="Hello")'
REFUSED = 'client.models.generate_content(model="gemini-2.5-flash", contents="Hello", config={"candidate_count": 3})'
ASSUMED = 'client.models.generate_content(model="gemini-2.5-flash", contents="Hello", config={"top_k": 3})'


def run(body, settings=None, head=HEAD):
    data = (head + body).encode()
    outcome = migrate("a.py", data, settings or Settings())
    return outcome, (data if outcome.after is None else outcome.after).decode().removeprefix(head)


def said(outcome):
    return [(it.line - 3, it.code) for it in (*(f for s in outcome.sites for f in s.findings), *outcome.findings)]


def test_what_the_examples_are():
    assert [site.status for site in run(SAFE)[0].sites] == [Status.MIGRATED]
    assert said(run(REFUSED)[0]) == [(1, "MG101")]
    assert [site.status for site in run(ASSUMED)[0].sites] == [Status.REVIEW]


# Suppression ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accept", [Level.SAFE, Level.REVIEW])
@pytest.mark.parametrize(
    "body",
    [
        f"{SAFE}  # migrator: ignore\n",
        f"{SAFE}  # migrator: ignore[MG400]\n",
        f"{SAFE}  # noqa: E501  # migrator: ignore[mg400] as long as the old service runs\n",
        f"# migrator: ignore\n{SAFE}\n",
        f"# migrator: ignore\n# because of the old service\n{SAFE}\n",
        f"{REFUSED}  # migrator: ignore[MG101]\n",
        f"{REFUSED}  # migrator: ignore\n",
        f"{REFUSED}  # migrator: ignore[MG101, MG400]\n".replace(", MG400", ""),
        f"{ASSUMED}  # migrator: ignore[MG103]\n",
        f"print(\n    {SAFE}.text,  # migrator: ignore\n)\n",
        f"print(\n    {SAFE}.text\n)  # migrator: ignore\n",
        f"print(  # migrator: ignore\n    {SAFE}.text\n)\n",
        f"if {SAFE}:  # migrator: ignore\n    pass\n",
        f"if True: print({SAFE})  # migrator: ignore\n",
        f"try:\n    pass\nexcept E: print({SAFE})  # migrator: ignore\n",
        f"@decorated({SAFE})  # migrator: ignore\ndef f(): ...\n",
        f"match {SAFE}:  # migrator: ignore\n    case _:\n        pass\n",
    ],
)
def test_a_suppressed_call_stays_byte_for_byte_and_quiet(body, accept):
    outcome, after = run(body, Settings(accept=accept, marks=Marks.ALL))
    assert after == body
    assert said(outcome) == []
    assert [site.status for site in outcome.sites] == [Status.SUPPRESSED]
    assert outcome.kind is Kind.UNCHANGED
    assert outcome.after is None


def test_what_would_have_been_said_is_kept_for_those_who_want_it():
    (site,) = run(f"{REFUSED}  # migrator: ignore[MG101]\n")[0].sites
    assert [(it.finding.code, it.by) for it in site.unsaid] == [("MG101", By.COMMENT)]


def test_only_the_named_code_is_suppressed():
    body = REFUSED.replace("3}", '3, "top_k": 3}') + "  # migrator: ignore[MG103]\n"
    outcome, after = run(body)
    assert after == body
    assert said(outcome) == [(1, "MG101")]
    assert [site.status for site in outcome.sites] == [Status.REFUSED]


def test_a_comment_where_the_reason_stands():
    body = f"response = {SAFE}\nprint(response.prompt_feedback.block_reason_message)\n"
    ((_, code),) = {it for it in said(run(body)[0]) if it[0] == 2}
    marked = body.replace("message)", f"message)  # migrator: ignore[{code}]")
    outcome, after = run(marked)
    assert (after, said(outcome)) == (marked, [])
    assert [site.status for site in outcome.sites] == [Status.SUPPRESSED]


def test_what_shares_code_with_a_suppressed_call_stays_and_says_why():
    shared = "config = {'temperature': 0.5}\n"
    call = SAFE.replace('"Hello"', '"Hello", config=config')
    body = f"{shared}{call}  # migrator: ignore\n{call}\n"
    assert "generate_content" not in run(body.replace("  # migrator: ignore", ""))[1]
    outcome, after = run(body)
    assert after == body
    assert said(outcome) == [(3, "MG206")]
    assert "line 5" in outcome.sites[1].findings[0].message
    quiet, after = run(body.rstrip() + "  # migrator: ignore[MG206]\n")
    assert said(quiet) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x = 1  # migrator: ignore\n", [(1, "MG410")]),
        (f"{REFUSED}  # migrator: ignore[MG101, MG106]\n", [(1, "MG410")]),
        (f"{SAFE}\nx = 1  # migrator: ignore[MG101]\n", [(2, "MG410")]),
        (f"{SAFE}  # migrator: ignroe\n", [(1, "MG411")]),
        (f"{SAFE}  # migrator: ignore[MG999]\n", [(1, "MG411")]),
        (f"{SAFE}  # migrator: ignore[]\n", [(1, "MG411")]),
        (f"text = '# migrator: ignore'; {SAFE}\n", []),
        (f"text = '''\n# migrator: ignore\n'''\n{SAFE}\n", []),
    ],
)
def test_a_comment_of_no_use_is_named_and_changes_nothing(body, expected):
    outcome, after = run(body)
    assert said(outcome)[-1:] == expected
    assert ("interactions.create" in after) is (SAFE in body)


def test_a_comment_of_no_use_fails_a_run():
    outcome, _ = run("x = 1  # migrator: ignore\n")
    assert [it.level for it in outcome.findings] == [Level.MANUAL]


@pytest.mark.parametrize(
    ("text", "skipped"),
    [
        (f"# migrator: skip-file\n{SAFE}\n", True),
        (f"{SAFE}\n# migrator: skip-file\n", True),
        (f"# migrator: skip-file\nprint 'Python 2'\n{SAFE}\n(", True),
        (f"'# migrator: skip-file'\n{SAFE}\n", False),
        (f"'''\n# migrator: skip-file\n'''\n{SAFE}\n", False),
        (f"(\n{SAFE}\n", False),
    ],
)
def test_a_file_that_says_so_is_passed_over(text, skipped):

    data = (HEAD + text).encode()
    assert prefilter.skips(data) is skipped
    outcome = attempt(MIGRATION.make, "a.py", data, Settings())
    assert (outcome.kind is Kind.UNCHANGED) is skipped
    assert bool(outcome.note) is skipped


def test_a_file_with_nothing_but_comments_to_us_is_read():
    assert prefilter.speaks(b"x = 1  # migrator: ignore  (generate_content)\n")
    assert prefilter.speaks(b"# TODO(migrator): MG101 generate_content: ...\n")
    assert not prefilter.speaks(b"from migrator import generate_content\n")


# Selection -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("select", "ignore", "wanted"),
    [
        ((), (), True),
        (("MG1",), (), True),
        (("MG2",), (), False),
        ((), ("MG1",), False),
        ((), ("MG101",), False),
        (("MG101",), ("MG1",), True),
        (("MG1",), ("MG101",), False),
        (("MG101",), ("MG101",), False),
    ],
)
def test_the_longest_beginning_decides(select, ignore, wanted):
    assert codes.is_wanted("MG101", select, ignore) is wanted


def test_errors_are_always_wanted():
    assert codes.is_wanted("MG402", ("MG1",), ("MG4",))
    with pytest.raises(ValueError, match="exclude the file"):
        codes.prefixes(["MG402"])


@pytest.mark.parametrize("code", ["MG9", "", "M", "X", "101"])
def test_what_is_no_code_is_named(code):
    with pytest.raises(ValueError, match="no code"):
        codes.prefixes([code])


@pytest.mark.parametrize("mode", Mode)
def test_an_ignored_code_is_not_said_and_nothing_is_rewritten_for_it(mode):
    settings = Settings(ignore=("MG101",), marks=Marks.ALL)
    outcome, after = run(REFUSED + "\n", settings)
    quiet = by_settings(outcome, settings, mode)
    assert after == REFUSED + "\n"
    assert (said(quiet), [site.status for site in quiet.sites]) == ([], [Status.SUPPRESSED])
    assert [(it.finding.code, it.by) for it in quiet.sites[0].unsaid] == [("MG101", By.SETTINGS)]


def test_what_else_is_said_of_a_call_is_said_still():
    settings = Settings(ignore=("MG103",))
    outcome = by_settings(run(REFUSED.replace("3}", '3, "top_k": 3}'))[0], settings, Mode.CHECK)
    assert (said(outcome), [site.status for site in outcome.sites]) == ([(1, "MG101")], [Status.REFUSED])


@pytest.mark.parametrize(
    ("mode", "status"), [(Mode.CHECK, Status.SUPPRESSED), (Mode.DIFF, Status.MIGRATED), (Mode.APPLY, Status.MIGRATED)]
)
def test_only_a_check_can_pass_over_calls_that_can_be_migrated(mode, status):
    settings = Settings(ignore=("MG400",))
    (site,) = by_settings(run(SAFE)[0], settings, mode).sites
    assert site.status is status


# Marks ---------------------------------------------------------------------------------------------------------------

ALL = Settings(marks=Marks.ALL)
MARK = "# TODO(migrator): MG101 generate_content: "


@pytest.mark.parametrize(
    "body",
    [
        f"{REFUSED}\n",
        f"def f():\n    return {REFUSED}\n",
        f"def f():\n\treturn {REFUSED}\n",
        f"if x:\n    pass\nelif {REFUSED}:\n    pass\n",
        f"if x: print({REFUSED})\n",
        f"if x:\n    pass\nelse: print({REFUSED})\n",
        f"try:\n    pass\nexcept E: print({REFUSED})\nfinally: print(1)\n",
        f"x = \\\n    {REFUSED}\n",
        f"x = [\n    1,\n    # two\n    {REFUSED},\n]\n",
        f"text = '''\n{MARK}\n'''; {REFUSED}\n",
        f"@decorated({REFUSED})\ndef f(): ...\n",
        f"@one\n@decorated({REFUSED})\nasync def f():\n    async with {REFUSED} as y: ...\n",
        f"match {REFUSED}:\n    case _ if {REFUSED}: pass\n",
        f"\\\n{REFUSED}\n",
        f"x = 1; y = {REFUSED}; z = {REFUSED.replace('Hello', 'Bye')}\n",
        f"class A:\n    x = {REFUSED}",
        f"f'''\n{{{REFUSED}}}\n'''\n",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_mark_stands_above_the_statement_and_breaks_nothing(body, newline):
    body, head = body.replace("\n", newline), HEAD.replace("\n", newline)
    outcome, after = run(body, ALL, head)
    marked = [number for number, line in enumerate(after.split(newline)) if re.match(r"[ \t]*# TODO\(migrator\)", line)]
    assert outcome.kind is Kind.REFUSED
    assert len(marked) >= 1 + ("'''" in body and "TODO" in body)
    compile(after.lstrip("\\\r\n") if body.startswith("\\") else after, "a.py", "exec")
    again, after_again = run(after, ALL, head)
    assert (again.after, after_again) == (None, after)
    kept, _ = run(after, Settings(), head)
    assert kept.after is None


def test_the_place_of_a_mark():
    body = f"def f():\n    if x:\n        y = g(\n            {REFUSED},\n        )\n"
    _, after = run(body, ALL)
    lines = after.splitlines()
    assert lines[2].startswith("        # TODO(migrator): MG202, MG101 generate_content: ")
    assert "\n".join([*lines[:2], *lines[3:], ""]) == body


def test_a_mark_goes_with_its_call():
    body = f"{REFUSED}\n"
    _, marked = run(body, ALL)
    mended = marked.replace('"candidate_count": 3', '"temperature": 0.5')
    for settings in (ALL, Settings()):
        outcome, after = run(mended, settings)
        assert "TODO" not in after
        assert after == run(mended.split("\n", 1)[1], settings)[1]
        assert [it.code for it in outcome.findings] == ["MG412"]
    gone = marked.splitlines(keepends=True)[0] + "x = 1\n"
    assert run(gone)[1] == "x = 1\n"
    ignored = marked.removesuffix("\n") + "  # migrator: ignore\n"
    assert run(ignored)[1].splitlines() == [f"{REFUSED}  # migrator: ignore"]


def test_a_mark_that_says_something_else_is_renewed_only_where_marks_are_asked_for():
    old = f"{MARK}as an earlier version put it\n{REFUSED}\n"
    assert run(old)[1] == old
    assert run(old, ALL)[1] == run(f"{REFUSED}\n", ALL)[1]


def test_a_mark_is_no_longer_than_a_line_should_be():
    _, after = run("    ".join(["if x:\n", REFUSED.replace("3", "[" + "'long', " * 40 + "]")]) + "\n", ALL)
    assert max(map(len, (line for line in after.splitlines() if "TODO" in line))) <= 120


def test_a_mark_never_names_an_encoding():
    call = 'g.Client().models.generate_content(model="m", contents=1, config={"coding: rot13": 1})'
    outcome = migrate("a.py", f"import google.genai as g; {call}\n".encode(), ALL)
    assert outcome.after is not None
    assert not re.search(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", outcome.after)


def test_marks_in_the_encoding_of_the_file():
    data = f'# coding: latin-1\n{HEAD}x = "\xe9"\n{REFUSED}\n'.encode("latin-1")
    outcome = migrate("a.py", data, ALL)
    assert MARK.encode() in outcome.after
    assert migrate("a.py", outcome.after, replace(ALL)).after is None


def test_a_migrated_and_a_marked_call_in_one_file():
    outcome, after = run(f"a = {REFUSED}\nb = {SAFE}\n", ALL)
    assert outcome.kind is Kind.PARTIAL
    assert after.count("TODO(migrator)") == after.count("interactions.create") == 1
    assert run(after, ALL)[0].after is None
