"""Proofs by running: what is the same is called so, what is planted is found at its line, and errors say what to do."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrator.cli import run_command_line
from migrator.outcome import Kind, Outcome, SiteReport, Status
from migrator.proof.command import Ended
from migrator.proof.copies import CopyError, copy
from migrator.proof.ran import Ran
from migrator.proof.reach import reach
from migrator.twin.meaning import Meaning
from migrator.twin.state import Asked, Origin, Twin

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT = Path(__file__).parents[1] / "fixtures" / "project"
LETTERS = ("--", sys.executable, "-m", "letters", "letters.txt")

# A program of either protocol that needs no SDK: it starts in a tenth of a second.
PLAIN = """
import json, os, sitecustomize, sys, urllib.request

def ask(path, body):
    url = os.environ["GOOGLE_GEMINI_BASE_URL"] + "/v1beta/" + path
    headers = {"Content-Type": "application/json"}
    sitecustomize.mark(headers, url)
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    return json.load(urllib.request.urlopen(request))

def legacy(text, **more):
    body = {"contents": [{"role": "user", "parts": [{"text": text}]}], **more}
    return ask("models/gemini-2.5-flash:generateContent", body)["candidates"][0]["content"]["parts"][0]["text"]

def new(text, **more):
    body = {"model": "gemini-2.5-flash", "input": text, "store": False, **more}
    return ask("interactions", body)["steps"][-1]["content"][0]["text"]
"""


@pytest.fixture
def prove(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple]:
    """Proves in a folder; gives the exit code and everything that was said."""

    def run(*arguments: str, folder: Path | None = None) -> tuple[int, str]:
        monkeypatch.chdir(folder or tmp_path / "one")
        code = run_command_line(["prove", *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


@pytest.fixture
def pair(tmp_path: Path, prove: Callable[..., tuple], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple]:
    """Proves one plain program against another."""

    def run(before: str, after: str, *options: str) -> tuple[int, str]:
        for name, script in (("one", before), ("two", after)):
            (tmp_path / name).mkdir()
            (tmp_path / name / "app.py").write_text(f"from plain import *\n{script}\n", encoding="utf-8")
        (tmp_path / "library").mkdir()
        (tmp_path / "library" / "plain.py").write_text(PLAIN, encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "library"))
        return prove("--against", str(tmp_path / "two"), *options, "--", sys.executable, "app.py")

    return run


# The sample project -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rewritten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample project as the tool rewrites it."""
    folder = tmp_path_factory.mktemp("rewritten") / "project"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__"))
    assert run_command_line(["apply", str(folder)]) == 0
    return folder


def test_the_sample_project_does_the_same_when_it_is_rewritten(prove: Callable[..., tuple], tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    command = ("--keep", str(kept), *LETTERS)
    code, said = prove(*command, folder=PROJECT)
    assert (code, said.splitlines()[0]) == (0, "The same: 6 requests, the output and the exit code.")
    assert "client.interactions.create(" in (kept / "letters" / "reply.py").read_text(encoding="utf-8")
    assert "generate_content" in (PROJECT / "letters" / "reply.py").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_read_stays_and_is_counted(prove: Callable[..., tuple], tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "old.py").write_text("print client.models.generate_content(model='a')\n", encoding="utf-8")
    code, said = prove(*LETTERS, folder=folder)
    assert (code, "cannot be read or rewritten stayed as they are: 1." in said) == (0, True)


PLANTED = {
    "system instruction lost": (
        "letters/reply.py",
        "        system_instruction=MANNER,\n",
        "",
        'system  "You answer customers briefly, and never pro | (not there)',
    ),
    "temperature dropped": ("letters/reply.py", '"temperature": 0.3, ', "", "sampling.temperature  0.3"),
    "wrong role": ("letters/conversation.py", '"model_output"', '"user_input"', "turns[1].role"),
}


@pytest.mark.parametrize("defect", PLANTED)
def test_a_planted_defect_is_found_at_its_line(
    defect: str, prove: Callable[..., tuple], rewritten: Path, tmp_path: Path
) -> None:
    file, old, new, seen = PLANTED[defect]
    folder = tmp_path / "project"
    shutil.copytree(rewritten, folder)
    source = (folder / file).read_text(encoding="utf-8")
    assert source.count(old) == 1
    (folder / file).write_text(source.replace(old, new), encoding="utf-8")
    code, said = prove("--against", str(folder), *LETTERS, folder=PROJECT)
    assert code == 1
    assert seen in said
    for name, root in (("as it is", PROJECT), ("rewritten", folder)):
        shown = next(line for line in said.splitlines() if line.strip().startswith(name) and f"{file}:" in line)
        number = int(shown.partition(f"{file}:")[2].split()[0])
        assert (root / file).read_text(encoding="utf-8").splitlines()[number - 1].strip() in shown


# What is compared ---------------------------------------------------------------------------------------------------


def test_the_order_of_what_is_fixed_is_compared(pair: Callable[..., tuple]) -> None:
    code, said = pair("legacy('a')\nlegacy('b')", "new('b')\nnew('a')")
    assert code == 1
    assert "in another order from request 1 of 2 on" in said
    assert "app.py:2   legacy('a')" in said
    assert "app.py:2   new('b')" in said


def test_the_order_of_threads_is_not_compared(pair: Callable[..., tuple]) -> None:
    threads = (
        "import threading, time\n"
        "def ask(text, wait):\n    time.sleep(wait)\n    {0}(text)\n"
        "all = [threading.Thread(target=ask, args=each) for each in [('a', {1}), ('b', {2})]]\n"
        "[each.start() for each in all], [each.join() for each in all]"
    )
    threads = threads.replace("def ask(", "def one(").replace("target=ask", "target=one")
    code, said = pair(threads.format("legacy", 0, 0.3), threads.format("new", 0.3, 0))
    assert code == 0, said
    assert "the order among these is not fixed" in said


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("legacy('a')", "new('a')\nnew('b')", "makes one request more, its number 2"),
        ("legacy('a')\nlegacy('b')", "new('b')", "request 1 of 2 is not made"),
        ("legacy('a')", "new('a')\nsys.exit(3)", "the exit code is 3 and not 0"),
        ("legacy('a')\nprint('x', 1)", "new('a')\nprint('x', 2)", "the output from line 1 on"),
        ("legacy('a')\nprint('x', file=sys.stderr)", "new('a')", "the error output from line 1 on"),
        ("legacy('a')", "new('a', tempo=1)", "unknown key 'tempo'"),
    ],
)
def test_every_kind_of_difference_is_told(pair: Callable[..., tuple], before: str, after: str, expected: str) -> None:
    code, said = pair(before, after)
    assert code == 1
    assert expected in said.splitlines()[0]


def test_what_a_request_says_is_shown_side_by_side(pair: Callable[..., tuple]) -> None:
    code, said = pair("legacy('a' * 400 + 'b', generationConfig={'topP': 0.5})", "new('a' * 400 + 'c')")
    assert code == 1
    assert "sampling.top_p" in said
    rows = [line for line in said.splitlines() if "|" in line]
    assert any('b"' in row.partition("|")[0] for row in rows)
    assert any('c"' in row.partition("|")[2] for row in rows)
    assert max(map(len, said.splitlines())) <= 120


def test_the_first_cause_comes_first(pair: Callable[..., tuple]) -> None:
    code, said = pair("print(legacy('a'))", "print(new('b'))\nsys.exit(4)")
    assert code == 1
    assert said.startswith("Different: request 1 of 1")
    assert "Also different: the exit code (4 and not 0), the output from line 1 on." in said


def test_what_varies_by_itself_is_not_compared(pair: Callable[..., tuple]) -> None:
    noise = "import time\nprint('took', time.time_ns(), 'here')\nprint({0}('a'))"
    code, said = pair(noise.format("legacy"), noise.format("new"))
    assert code == 0, said
    assert "differ in 1 line of output" in said


def test_what_varies_by_itself_hides_nothing_else(pair: Callable[..., tuple]) -> None:
    noise = "import time\nprint('took', time.time_ns(), {0})\n{1}('a')"
    code, said = pair(noise.format("'here'", "legacy"), noise.format("'there'", "new"))
    assert code == 1
    assert "the output from line 1 on" in said


def test_requests_that_vary_by_themselves_are_named(pair: Callable[..., tuple]) -> None:
    noise = "import time\n{0}(str(time.time_ns()), {1})"
    code, said = pair(
        noise.format("legacy", "generationConfig={'seed': 1}"), noise.format("new", "generation_config={'seed': 2}")
    )
    assert code == 1
    assert "sampling.seed" in said
    assert "turns[0].items[0].text" in said.partition("Two runs")[2]


def test_a_traceback_is_compared_by_its_last_line(pair: Callable[..., tuple]) -> None:
    script = "import logging\n{0}try:\n    1 / 0\nexcept ZeroDivisionError:\n    logging.exception('no')\n{1}('a')"
    code, said = pair(script.format("", "legacy"), script.format("\n\n", "new"))
    assert code == 0, said


def test_what_the_command_reads_is_given_to_both(pair: Callable[..., tuple], tmp_path: Path) -> None:
    (tmp_path / "typed").write_text("hello", encoding="utf-8")
    code, said = pair("legacy(input())", "new(input())", "--input", str(tmp_path / "typed"))
    assert code == 0, said


def test_chosen_answers_are_said(pair: Callable[..., tuple], tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text('- prompt: "colour"\n  text: "{\\"colour\\": 1}"\n', encoding="utf-8")
    script = "print(json.loads({0}('which colour?'))['colour'])"
    code, said = pair(script.format("legacy"), script.format("new"), "--answers", str(tmp_path / "answers.yaml"))
    assert code == 0, said


def test_neither_run_writes_into_the_folder(pair: Callable[..., tuple], tmp_path: Path) -> None:
    script = "open('made.txt', 'x').close()\n{0}('a')"
    code, said = pair(script.format("legacy"), script.format("new"))
    assert code == 0, said
    assert sorted(os.listdir(tmp_path / "one")) == ["app.py"]


def test_an_install_that_points_into_the_folder_is_led_into_the_copy(
    pair: Callable[..., tuple], prove: Callable[..., tuple], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ``pip install -e`` does: by a path, which here comes from PYTHONPATH."""
    pair("legacy('a')", "new('b')")
    for name, script in (("one", "legacy('a')"), ("two", "new('b')")):
        (tmp_path / name / "src").mkdir()
        (tmp_path / name / "src" / "inner.py").write_text(f"from plain import *\n{script}\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "library"), str(tmp_path / "one" / "src")]))
    code, said = prove("--against", str(tmp_path / "two"), "--", sys.executable, "-c", "import inner")
    assert code == 1
    assert "as it is   src/inner.py:2   legacy('a')" in said
    assert "rewritten  src/inner.py:2   new('b')" in said


LETTER = b"""client.models.generate_content(
    model=model,
    contents='a',
)


def read(stream):
    stream = client.models.generate_content_stream(model=model, contents='b')
    for chunk in stream:
        print(chunk.text)


client.models.generate_content(model=model, contents='c')
"""


@pytest.mark.parametrize(
    ("lines", "missed"), [([1, 9, 13], []), ([3, 13], [8]), ([9], [1, 13]), ([5], [1, 8, 13]), ([], [])]
)
def test_calls_that_are_not_reached_are_named(lines: list[int], missed: list[int], tmp_path: Path) -> None:
    sites = tuple(
        SiteReport(line, 1, operation, "google_genai", Status.MIGRATED)
        for line, operation in ((1, "generate_content"), (8, "generate_content_stream"), (13, "generate_content"))
    )
    outcome = Outcome(str(tmp_path / "app.py"), Kind.MIGRATED, LETTER, b"", sites)
    folder = Path("/run/project")
    asked = [Asked(Meaning("m"), "generateContent", Origin(str(folder / "app.py"), line)) for line in lines]
    ran = Ran(Ended(0, "", ""), asked, (), folder, tmp_path)
    assert [place.line for place in reach([outcome], tmp_path, ran).missed] == missed


def test_a_difference_that_a_review_has_named_is_told_with_it(prove: Callable[..., tuple], tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "app.py").write_text(
        "from google import genai\n"
        "client = genai.Client()\n"
        "reply = client.models.generate_content(\n"
        "    model='gemini-2.5-flash', contents='a', config={'top_k': 3}\n"
        ")\n",
        encoding="utf-8",
    )
    code, said = prove("--review", "--", sys.executable, "app.py")
    assert code == 1
    assert "sampling.top_k" in said
    assert re.search(r"--review accepted this rewriting, of which was said:\n  MG\d+ .*top_k", said)


def test_a_refused_request_and_its_retries_count_once() -> None:
    twin = Twin()
    for lane in ("one", "two", "one", "two"):
        twin.take(Asked(Meaning("m"), "Interactions", Origin("", 0, lane)), failed=True)
    assert len(twin.asked) == 2


@pytest.mark.parametrize("kind", ["large", "environment", "cache", "history", "link"])
def test_a_copy_is_complete_and_light(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    folder = {"environment": "env", "cache": "__pycache__", "history": ".git"}.get(kind, "data")
    (source / folder).mkdir(parents=True)
    file = source / folder / "file"
    file.write_text("content", encoding="utf-8")
    monkeypatch.setattr("migrator.proof.copies.LARGE", 3 if kind == "large" else 100)
    if kind == "environment":
        (source / folder / "pyvenv.cfg").touch()
    if kind == "link":
        (source / "other").symlink_to(source / folder)
    copy(source, target)
    assert (target / folder).exists() is (kind not in ("cache", "history"))
    assert (target / folder).is_symlink() is (kind == "environment")
    assert (target / folder / "file").is_symlink() is (kind == "large")
    assert (target / "other").is_symlink() is (kind == "link")


def test_a_folder_of_too_many_files_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrator.proof.copies.MOST", 1)
    (tmp_path / "source").mkdir()
    for name in "ab":
        (tmp_path / "source" / name).touch()
    with pytest.raises(CopyError, match="more than 1 files"):
        copy(tmp_path / "source", tmp_path / "target")


# What cannot be proved ----------------------------------------------------------------------------------------------


def test_a_command_without_requests_is_told(pair: Callable[..., tuple]) -> None:
    code, said = pair("pass", "pass")
    assert code == 2
    assert "The command never called the API" in said


def test_a_command_that_fails_before_is_told(pair: Callable[..., tuple]) -> None:
    code, said = pair("legacy('a')\nsys.exit('no lamp')", "new('a')")
    assert code == 2
    assert "ends with 1 on the code as it is" in said
    assert "no lamp" in said
    assert "--expect 1" in said


def test_an_expected_exit_code_is_none(pair: Callable[..., tuple]) -> None:
    code, said = pair("legacy('a')\nsys.exit(7)", "new('a')\nsys.exit(7)", "--expect", "7")
    assert code == 0, said


def test_a_command_that_takes_too_long_is_ended(pair: Callable[..., tuple]) -> None:
    start = time.monotonic()
    code, said = pair("import time\ntime.sleep(60)", "", "--timeout", "0.5")
    assert code == 2
    assert "ended after 0.5 seconds" in said
    assert time.monotonic() - start < 30


def test_a_command_that_is_none_is_told(prove: Callable[..., tuple], tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    code, said = prove("--against", str(tmp_path / "one"), "--", "no-such-command")
    assert code == 2
    assert "no-such-command cannot be started" in said


def test_a_port_that_is_taken_is_told(pair: Callable[..., tuple]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = pair("legacy('a')", "new('a')", "--port", str(port))
    assert code == 2
    assert f"Port {port} of 127.0.0.1 cannot be used" in said
    assert "--port" in said


def test_a_command_that_reaches_nothing_rewritten_is_told(pair: Callable[..., tuple]) -> None:
    code, said = pair("legacy('a')", "legacy('a')")
    assert code == 2
    assert "reaches no call that was rewritten" in said


def test_a_command_that_runs_the_original_is_told(
    pair: Callable[..., tuple], prove: Callable[..., tuple], tmp_path: Path
) -> None:
    """An absolute path leads out of the copy: what would be compared is the code as it is with itself."""
    pair("legacy('a')", "new('a')")
    code, said = prove("--against", str(tmp_path / "two"), "--", sys.executable, str(tmp_path / "one" / "app.py"))
    assert code == 2
    assert "and not of the copy" in said


def test_a_project_without_a_call_is_told(prove: Callable[..., tuple], tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "app.py").write_text("print(1)\n", encoding="utf-8")
    code, said = prove("--", sys.executable, "app.py")
    assert code == 2
    assert "No call is rewritten here" in said


def test_a_wrong_file_of_answers_is_told(pair: Callable[..., tuple], tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text("- prompt: a\n", encoding="utf-8")
    code, said = pair("legacy('a')", "new('a')", "--answers", str(tmp_path / "answers.yaml"))
    assert code == 2
    assert "answers.yaml cannot be used" in said
