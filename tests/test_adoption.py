"""Step by step: a baseline of what is known, marks and comments on the command line, and the cache between two runs."""

import json
import multiprocessing
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from migrator import baseline, cache, run
from migrator.cache import Cache
from migrator.cli import run_command_line
from migrator.diagnostics import Level
from migrator.find import find
from migrator.outcome import By, Status
from migrator.settings import Marks, Mode, Settings
from migrator.work import MIGRATION, attempt

HEAD = "from google import genai\n\nclient = genai.Client()\n"
CALL = 'client.models.generate_content(model="gemini-2.5-flash", contents="Hello")\n'
REFUSED = CALL.replace('"Hello"', '"Hello", config={"candidate_count": 3}')


@pytest.fixture
def cli(tmp_path, monkeypatch, capfdbinary):
    monkeypatch.chdir(tmp_path)

    def do(*arguments):
        code = run_command_line(arguments)
        out, err = capfdbinary.readouterr()
        return SimpleNamespace(code=code, out=out.decode(), err=err.decode())

    return do


# Baseline ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def known(cli):
    Path("a.py").write_text(HEAD + CALL + REFUSED)
    Path("b.py").write_text(HEAD + CALL + CALL)
    written = cli("check", "--write-baseline", "base.json")
    assert (written.code, written.err) == (0, "base.json: 4 known from now on.\n")
    return cli


def check(cli, *arguments):
    result = cli("check", "-q", "--baseline", "base.json", *arguments)
    assert result.err == ""
    return result.code, [line.split(" [")[0] for line in result.out.splitlines()]


def test_what_is_known_does_not_fail(known):
    assert check(known) == (0, [])
    assert known("check").code == 1
    assert "4 suppressed" in known("check", "--baseline", "base.json").out


def test_lines_that_move_and_code_that_is_laid_out_anew_are_known(known):
    a, b = Path("a.py").read_text(), Path("b.py").read_text()
    Path("a.py").write_text("'''A docstring.'''\n\n" + a.replace('contents="Hello")', "\n    contents='Hello',\n)"))
    Path("b.py").write_text(b.replace("client.models", "client . models"))
    assert check(known) == (0, [])


def test_what_is_new_fails(known):
    Path("a.py").write_text(Path("a.py").read_text() + CALL.replace("Hello", "Bye"))
    Path("b.py").write_text(Path("b.py").read_text() + CALL)
    Path("c.py").write_text(HEAD + CALL)
    assert check(known) == (1, ["a.py:6:1 MG400", "b.py:6:1 MG400", "c.py:4:1 MG400"])
    os.mkdir("sub")
    os.chdir("sub")
    result = known("check", "-q", "--baseline", "../base.json", "../b.py")
    assert (result.code, result.out.count("MG400")) == (1, 1)


def test_another_reason_at_a_known_call_is_new(known):
    Path("a.py").write_text(HEAD + CALL + REFUSED + "x = 1  # migrator: ignore\n")
    assert check(known) == (1, ["a.py:6:8 MG410"])


def test_errors_are_never_known(cli):
    Path("a.py").write_text(HEAD + CALL + "(\n")
    assert cli("check", "--write-baseline", "base.json").code == 2
    assert json.loads(Path("base.json").read_text())["known"] == []
    assert check(cli)[0] == 2


def test_a_baseline_is_named_in_settings_and_only_a_check_heeds_it(known):
    Path("pyproject.toml").write_text('[tool.migrator]\nbaseline = "base.json"\n')
    assert known("check").code == 0
    assert known("diff").code == 1
    assert known("apply").code == 1
    assert "interactions.create" in Path("a.py").read_text()


def test_a_baseline_is_the_same_every_time_and_a_line_an_entry(known):
    first = Path("base.json").read_bytes()
    known("check", "--write-baseline", "base.json")
    assert Path("base.json").read_bytes() == first
    document = json.loads(first)
    assert [(it["path"], it["code"], it.get("count")) for it in document["known"]] == [
        ("a.py", "MG101", None),
        ("a.py", "MG400", None),
        ("b.py", "MG400", 2),
    ]
    assert len(first.splitlines()) == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        ("", "not a baseline"),
        ("[]", "not a baseline"),
        ('{"version": 1}', "not a baseline"),
        ('{"version": 1, "known": [{}]}', "not a baseline"),
        ('{"version": 9, "known": []}', "version 9 is not known"),
    ],
)
def test_a_baseline_that_is_none(cli, text, said):
    if text is not None:
        Path("base.json").write_text(text)
    result = cli("check", "--baseline", "base.json")
    assert (result.code, said in result.err) == (2, True)


def test_a_baseline_that_cannot_be_written(cli):
    result = cli("check", "--write-baseline", "nowhere/base.json")
    assert (result.code, "nowhere/base.json: cannot be written: No such" in result.err) == (2, True)


def test_fingerprints_know_layout_from_code():
    assert baseline.fingerprint("f(a, 'b')") == baseline.fingerprint('f(\n    a,\n    "b",\n)')
    assert baseline.fingerprint("f(a, b)") != baseline.fingerprint("f(a, c)")


# Marks and suppression on the command line ----------------------------------------------------------------------------


def test_apply_leaves_marks_and_takes_them_away(cli):
    Path("a.py").write_text(HEAD + CALL + REFUSED)
    shown = cli("diff", "--mark", "a.py")
    assert (shown.code, "+# TODO(migrator): MG101 generate_content: " in shown.out) == (1, True)
    assert cli("apply", "--mark").code == 1
    marked = Path("a.py").read_text()
    assert marked.count("# TODO(migrator): MG101 generate_content: ") == 1
    for command in (("apply", "--mark"), ("apply",), ("check",)):
        assert cli(*command).code == 1
        assert Path("a.py").read_text() == marked
    Path("a.py").write_text(marked.replace('"candidate_count": 3', '"temperature": 0.5'))
    told = cli("check").out
    assert "MG412 [safe]" in told
    assert cli("apply").code == 0
    assert "TODO" not in Path("a.py").read_text()
    assert cli("check").code == 0


def test_a_mark_that_stands_alone_is_removed(cli):
    Path("a.py").write_text("# TODO(migrator): MG101 generate_content: has no counterpart\nx = 1\n")
    assert cli("check", "a.py").code == 0
    assert cli("diff", "a.py").code == 1
    assert cli("apply", "a.py").code == 0
    assert Path("a.py").read_text() == "x = 1\n"


def test_codes_on_the_command_line(cli):
    Path("a.py").write_text(HEAD + REFUSED)
    assert cli("check", "--ignore", "MG101").code == 0
    assert cli("check", "--ignore", "mg1", "--select", "MG101").code == 1
    assert cli("check", "--select", "MG2").code == 0
    for wrong in (("--ignore", "MG402"), ("--select", "E501")):
        result = cli("check", *wrong)
        assert (result.code, "Usage:" in result.err) == (2, True)
    assert cli("apply", "--ignore", "MG101").code == 0
    assert Path("a.py").read_text() == HEAD + REFUSED


def test_a_file_that_is_passed_over_is_named_on_request(cli):
    Path("a.py").write_text("# migrator: skip-file\n" + HEAD + CALL)
    assert cli("check").code == 0
    assert "a.py: passed over, as a comment in it says" in cli("check", "-v").out


# The cache -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path):
    return Cache(str(tmp_path / "cache"))


@pytest.fixture
def counted(monkeypatch, tmp_path):
    """A tree, and how often a file of it was migrated rather than remembered."""
    monkeypatch.chdir(tmp_path)
    Path("a.py").write_text(HEAD + CALL + REFUSED)
    Path("b.py").write_text("'''About generate_content.'''\n")
    Path("c.py").write_text(HEAD + CALL + "(\n")
    done = []
    really = run.migrate_file
    monkeypatch.setattr(run, "migrate_file", lambda job: done.append(job.path) or really(job))
    return done


def do(store, mode=Mode.CHECK, settings=None):
    outcomes = []
    options = run.Options(mode, lambda _: settings or Settings(), 1, (), store)
    summary = run.run(find(["."]), options, outcomes.append)
    return summary, outcomes


def test_a_second_run_remembers(store, counted):
    first = do(store)
    assert counted == ["a.py", "b.py", "c.py"]
    assert do(store) == first
    assert counted[3:] == ["c.py"]  # a failure is looked at again


@pytest.mark.parametrize(
    "settings",
    [
        Settings(accept=Level.REVIEW),
        Settings(marks=Marks.ALL),
        Settings(ignore=("MG1",)),
        Settings(field_maps=("m.yaml",)),
    ],
)
def test_other_settings_are_another_matter(store, counted, settings):
    Path("m.yaml").write_text("request: {}\n")
    do(store)
    counted.clear()
    do(store, settings=settings)
    assert counted == ["a.py", "b.py", "c.py"]
    counted.clear()
    do(store, settings=settings)
    assert counted == ["c.py"]


def test_the_content_of_a_field_map_counts(store, counted):
    settings = Settings(field_maps=(os.path.abspath("m.yaml"),))
    Path("m.yaml").write_text("request: {}\n")
    do(store, settings=settings)
    Path("m.yaml").write_text("request: {}\n# more\n")
    counted.clear()
    cache._maps.cache_clear()
    do(store, settings=settings)
    assert counted == ["a.py", "b.py", "c.py"]


def test_another_content_and_another_tool_are_another_matter(store, counted, monkeypatch):
    do(store)
    counted.clear()
    Path("a.py").write_text(HEAD + CALL)
    do(store)
    assert counted == ["a.py", "c.py"]
    counted.clear()
    monkeypatch.setattr(cache, "_tool", lambda: "another")
    do(store)
    assert counted == ["a.py", "b.py", "c.py"]


def test_what_is_remembered_is_applied(store, counted):
    do(store)
    counted.clear()
    summary, outcomes = do(store, Mode.APPLY)
    assert counted == ["c.py"]
    assert (summary.migrated, summary.changed) == (1, 1)
    assert "interactions.create" in Path("a.py").read_text()
    assert outcomes[0].before == (HEAD + CALL + REFUSED).encode()


def test_every_field_of_an_outcome_is_remembered(store):
    data = (
        "# \xe9\n" + HEAD + CALL + REFUSED.rstrip() + "  # migrator: ignore[MG101]\nx=1 # migrator: ignore\n"
    ).encode()
    outcome = attempt(MIGRATION.make, "a.py", data, Settings(marks=Marks.ALL))
    assert {site.status for site in outcome.sites} == {Status.MIGRATED, Status.SUPPRESSED}
    assert outcome.sites[1].unsaid[0].by is By.COMMENT
    assert outcome.findings
    assert outcome.changes
    store.store(outcome, Settings())
    assert store.load("elsewhere/a.py", data, Settings()).changes == outcome.changes
    assert store.load("a.py", data, Settings()) == outcome
    assert store.load("__init__.py", data, Settings()) is None


@pytest.mark.parametrize("damage", ["empty", "short", "flipped", "other", "folder"])
def test_a_damaged_entry_is_none(store, counted, damage):
    first = do(store)
    for path in Path(store.directory).glob("??/*"):
        content = path.read_bytes()
        path.unlink()
        match damage:
            case "empty":
                path.touch()
            case "short":
                path.write_bytes(content[: len(content) // 2])
            case "flipped":
                path.write_bytes(content[:-5] + bytes([content[-5] ^ 1]) + content[-4:])
            case "other":
                path.write_bytes(b"x" * 20 + b"[]")
            case "folder":
                path.mkdir()
    counted.clear()
    assert do(store) == first
    assert counted == ["a.py", "b.py", "c.py"]


def test_an_entry_of_another_shape_is_none(store):
    import hashlib

    data = CALL.encode()
    place = Path(store._place("a.py", data, Settings()))
    place.parent.mkdir(parents=True)
    for body in (b"[]", b"[null, 1]", b'[null, ["", "nonsense", 0, 0, [], [], [], ""]]'):
        place.write_bytes(hashlib.blake2b(body, digest_size=20).digest() + body)
        assert store.load("a.py", data, Settings()) is None


def test_a_cache_that_cannot_be_written_is_no_matter(tmp_path, counted):
    Path("file").touch()
    for directory in ("file", "file/below"):
        summary, _ = do(Cache(directory))
        assert (summary.sites, summary.errors) == (2, 1)


def test_a_cache_keeps_itself_out_of_version_control(store, counted):
    do(store)
    folder = Path(store.directory)
    assert (folder / ".gitignore").read_text() == "*\n"
    assert (folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert not list(folder.rglob("*-tmp"))
    if os.name != "nt":
        assert folder.stat().st_mode & 0o077 == 0


def test_what_is_of_no_use_goes_after_a_month(store, counted):
    do(store)
    entries = list(Path(store.directory).glob("??/*"))
    month = time.time() - 31 * 24 * 60 * 60
    for path in (*entries, Path(store.directory, "pruned")):
        os.utime(path, (month, month))
    Path("b.py").unlink()
    do(store)  # a.py is of use, and c.py is looked at again
    left = [path for path in entries if path.exists()]
    assert len(entries) == 2
    assert len(left) == 1
    assert left[0].stat().st_mtime > month + 1


def _run_often(directory, folder):
    os.chdir(folder)
    for _ in range(20):
        do(Cache(directory))
        for path in Path(directory).glob("??/*"):
            path.unlink(missing_ok=True)


@pytest.mark.skipif(sys.platform != "linux", reason="the tests start their processes by fork")
def test_runs_at_once_do_not_disturb_one_another(store, counted, tmp_path):
    first = do(None)
    context = multiprocessing.get_context("fork")
    others = [context.Process(target=_run_often, args=(store.directory, str(tmp_path))) for _ in range(2)]
    for other in others:
        other.start()
    while any(other.is_alive() for other in others):
        assert do(store) == first
    assert [other.exitcode for other in others] == [0, 0]


def test_where_the_cache_is(cli, monkeypatch, tmp_path):
    Path("a.py").write_text(HEAD + CALL)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    for arguments, folder in (((), "xdg/migrator"), (("--cache-dir", "here"), "here"), (("--no-cache",), None)):
        before = set(Path().iterdir())
        cli("check", "a.py", "-q", *arguments)
        new = {str(path) for path in set(Path().iterdir()) - before}
        assert new == ({folder.split("/")[0]} if folder else set())
        assert folder is None or Path(folder, ".gitignore").exists()


def test_a_run_that_finds_nothing_does_not_ask_the_cache(cli, monkeypatch):
    Path("a.py").write_text("x = 1\n")
    monkeypatch.setattr(Cache, "load", lambda *_: 1 / 0)
    assert cli("check", ".").code == 0
