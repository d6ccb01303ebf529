"""Finding files, turning away those that cannot matter, and containing what goes wrong in one of them."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import stub_migrate

from migrator import pool, prefilter, run, source
from migrator.find import find
from migrator.outcome import Kind, Status
from migrator.settings import Mode, Settings
from migrator.work import MIGRATION, Job

CALL = "client.models.generate_content(1)\n"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "migrator.migrate", stub_migrate)
    monkeypatch.chdir(tmp_path)

    def plant(**files):
        for name, text in files.items():
            path = Path(name.replace("__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return plant


def do(*paths, mode=Mode.CHECK, jobs=1):
    outcomes = []
    summary = run.run(find(paths or (".",)), run.Options(mode, lambda _: Settings(), jobs), outcomes.append)
    return summary, outcomes


# Finding -------------------------------------------------------------------------------------------------------------


def touch(*names):
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_directories_are_walked_in_the_order_of_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    touch("b.py", "a/z.py", "a/b/c.py", "a.py", "README.md", "stub.pyi")
    assert find(["."]).files == ("README.md", "a/b/c.py", "a/z.py", "a.py", "b.py")
    assert find(["b.py", "a"]).files == ("b.py", "a/b/c.py", "a/z.py")


def test_other_peoples_code_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folders = [".git", ".venv", "venv", "node_modules", "__pycache__", "build", "dist", "lib/site-packages"]
    touch("a.py", *(f"{folder}/b.py" for folder in folders), "myenv/pyvenv.cfg", "myenv/lib/c.py")
    found = find(["."])
    assert found.files == ("a.py",)
    assert sorted(map(os.path.normpath, found.skipped)) == sorted([*folders, "myenv"])


def test_what_is_named_is_taken(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    touch("build/a.py", ".hidden/b.py", "script")
    assert find(["build", ".hidden/b.py", "script"]).files == ("build/a.py", ".hidden/b.py", "script")


def test_a_file_is_taken_once_under_its_first_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    touch("a/b.py")
    Path("link.py").symlink_to("a/b.py")
    Path("dangling.py").symlink_to("nowhere.py")
    assert find(["./a/b.py", "a", "link.py", "."]).files == ("./a/b.py",)
    assert find(["link.py", "a"]).files == ("link.py",)


def test_a_loop_of_links_ends(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    touch("a/b.py")
    Path("a/loop").symlink_to("..", target_is_directory=True)
    Path("self").symlink_to("self")
    assert find(["."]).files == ("a/b.py",)


def test_what_cannot_be_taken_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    found = find(["nowhere", "pipe", "null\0byte"])
    assert [(missing.path, missing.reason) for missing in found.missing] == [
        ("nowhere", "No such file or directory"),
        ("pipe", "Not a regular file"),
        ("null\0byte", "embedded null byte"),
    ]


def test_a_folder_that_cannot_be_listed_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    touch("a/b.py", "c.py")
    really = os.scandir

    def guarded(path):
        if os.path.basename(path) == "a":
            raise PermissionError(13, "Permission denied")
        return really(path)

    monkeypatch.setattr(os, "scandir", guarded)
    found = find(["."])
    assert found.files == ("c.py",)
    assert [missing.reason for missing in found.missing] == ["Permission denied"]


# The prefilter -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "refers"),
    [
        ("client.models.generate_content(1)", True),
        ("client.aio.models.generate_content_stream(1)", True),
        ("f = client.models.generate_content", True),
        ("getattr(client.models, 'generate_content')(1)", True),
        ("mock.patch('google.genai.models.Models.generate_content')", True),
        ("a = (", True),  # whoever reports syntax errors has to see it
        ("# client.models.generate_content(1)", False),
        ("'''Calls generate_content.'''", False),
        ("def generate_content(): ...", False),
        ("x.generate_content_plan()", False),
    ],
)
def test_code_that_refers_to_the_api(code, refers):
    assert prefilter.refers(code.encode()) is refers


def test_bytes_that_mention_the_api():
    assert prefilter.mentions(b"models.generate_content(")
    assert not prefilter.mentions(b"models.generate_images(")


def test_every_name_holds_a_needle():
    assert all(prefilter.mentions(name.encode()) for name in prefilter._NAMES)


# Running -------------------------------------------------------------------------------------------------------------


def test_counts(tree):
    tree(none="x = 1", prose="'generate_content is a method'", a=CALL + CALL + CALL[:-1] + "  # review\n")
    tree(b=CALL[:-1] + "  # refuse\n")
    summary, outcomes = do()
    assert [(it.path, it.kind) for it in outcomes] == [
        ("a.py", Kind.PARTIAL),
        ("b.py", Kind.REFUSED),
        ("prose.py", Kind.UNCHANGED),
    ]
    assert (summary.files, summary.mentioning, summary.calling, summary.changed) == (4, 3, 2, 1)
    assert (summary.sites, summary.migrated, summary.review, summary.refused, summary.errors) == (4, 2, 1, 1, 0)


@pytest.mark.parametrize("mode", [Mode.DIFF, Mode.CHECK])
def test_only_apply_writes(tree, mode):
    tree(a=CALL)
    do(mode=mode)
    assert Path("a.py").read_text() == CALL
    do(mode=Mode.APPLY)
    assert Path("a.py").read_text() == "client.interactions.create(1)\n"


def test_a_crash_is_contained(tree):
    tree(a=CALL + "# crash", b=CALL)
    summary, (crashed, fine) = do()
    assert (crashed.kind, fine.kind) == (Kind.FAILED, Kind.MIGRATED)
    assert [(it.code, it.message) for it in crashed.findings] == [
        ("MG405", "the migrator failed on this file: RuntimeError: boom")
    ]
    assert "report" in crashed.findings[0].advice
    assert summary.errors == 1


@pytest.mark.parametrize(
    "depth",
    ["(" * 3000 + ")" * 3000, "-" * 100_000 + "1", "if x:\n" + "".join(" " * n + "if x:\n" for n in range(1, 150))],
)
def test_code_that_would_end_the_process_is_named(tree, depth):
    tree(a=f"{CALL}{depth}\n", b=CALL)
    _, (deep, fine) = do()
    assert [(it.code, it.message) for it in deep.findings] == [("MG402", "nested too deeply to be parsed")]
    assert (deep.kind, fine.kind) == (Kind.FAILED, Kind.MIGRATED)


def test_code_that_is_only_deep_is_migrated(tree, monkeypatch):
    def visiting(path, data, settings):
        import libcst

        libcst.parse_module(data).visit(libcst.CSTTransformer())
        return stub_migrate.migrate(path, data, settings)

    monkeypatch.setitem(sys.modules, "migrator.migrate", SimpleNamespace(migrate=visiting))
    limit = sys.getrecursionlimit()
    tree(a=f"{CALL}x = {' + '.join(['y'] * 900)}\n")
    _, (outcome,) = do()
    assert outcome.kind is Kind.MIGRATED
    assert sys.getrecursionlimit() == limit


def test_a_path_that_does_not_exist_stops_nobody(tree):
    tree(a=CALL)
    summary, (missing, fine) = do("nowhere", "a.py")
    assert [(it.code, it.message) for it in missing.findings] == [
        ("MG401", "cannot be read: No such file or directory")
    ]
    assert (fine.kind, summary.errors, summary.files) == (Kind.MIGRATED, 1, 1)


def test_a_file_that_cannot_be_read_stops_nobody(tree, monkeypatch):
    tree(a=CALL, b=CALL)
    really = source.read

    def guarded(path):
        if path == "a.py":
            raise PermissionError(13, "Permission denied")
        return really(path)

    monkeypatch.setattr(source, "read", guarded)
    summary, (unread, fine) = do()
    assert [it.message for it in unread.findings] == ["cannot be read: Permission denied"]
    assert (fine.kind, summary.errors) == (Kind.MIGRATED, 1)


def test_a_file_that_cannot_be_written_counts_nothing_as_migrated(tree):
    tree(a=CALL, b=CALL)
    Path("a.py").chmod(0o444)
    summary, (unwritten, _) = do(mode=Mode.APPLY)
    assert unwritten.kind is Kind.FAILED
    assert [(it.code, it.message) for it in unwritten.findings] == [
        ("MG403", "cannot be written: the file is read-only")
    ]
    assert [site.status for site in unwritten.sites] == [Status.REFUSED]
    assert (summary.migrated, summary.changed, summary.errors) == (1, 1, 1)
    assert Path("a.py").read_text() == CALL


def test_a_file_that_changes_meanwhile_is_kept(tree, monkeypatch):
    tree(a=CALL)

    def slow(path, data, settings):
        Path(path).write_text("# newer\n" + CALL)
        return stub_migrate.migrate(path, data, settings)

    monkeypatch.setitem(sys.modules, "migrator.migrate", SimpleNamespace(migrate=slow))
    summary, (outcome,) = do(mode=Mode.APPLY)
    assert [it.code for it in outcome.findings] == ["MG404"]
    assert summary.errors == 1
    assert Path("a.py").read_text() == "# newer\n" + CALL


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_order_does_not_depend_on_the_processes(tree, monkeypatch, jobs):
    monkeypatch.setattr(run, "POOL_BYTES", 0)
    tree(**{f"f{number}": CALL * (20 - number) for number in range(20)})
    summary, outcomes = do(jobs=jobs)
    assert [it.path for it in outcomes] == sorted(f"f{number}.py" for number in range(20))
    assert summary.migrated == sum(range(1, 21))


@pytest.mark.skipif(sys.platform != "linux", reason="the stand-in travels to the workers by fork")
def test_a_worker_that_dies_costs_one_file(tree, monkeypatch):
    monkeypatch.setattr(run, "POOL_BYTES", 0)
    tree(a=CALL, b=CALL + "# kill", c=CALL, d=CALL)
    summary, outcomes = do(jobs=2)
    assert [(it.path, it.kind) for it in outcomes] == [
        ("a.py", Kind.MIGRATED),
        ("b.py", Kind.FAILED),
        ("c.py", Kind.MIGRATED),
        ("d.py", Kind.MIGRATED),
    ]
    assert outcomes[1].findings[0].code == "MG405"
    assert summary.errors == 1


def test_a_file_that_is_a_large_part_of_all_is_begun_first():
    jobs = [Job(f"{number}.py", Settings(), MIGRATION.make, size) for number, size in enumerate((10, 20, 90, 10, 300))]
    assert pool._schedule(jobs, 2) == [2, 4, 0, 1, 3]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every worker imports for itself")
def test_what_the_workers_need_is_imported_once_before_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.py", "b.py"):
        Path(name).write_text(CALL + "#" * run.POOL_BYTES)
    modules = modules_after("check", "--jobs", "2", "--no-cache", ".")
    assert {"concurrent.futures", "libcst"} <= set(modules)


# Start-up ------------------------------------------------------------------------------------------------------------

HEAVY = ("libcst", "httpx", "yaml", "multiprocessing", "json", "difflib", "tempfile", "concurrent.futures")


def modules_after(*arguments):
    code = (
        "import sys; from migrator.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('MODULES', *sys.modules)"
    )
    run_ = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return run_.stdout.rpartition("MODULES ")[2].split()


@pytest.mark.parametrize("command", ["apply", "diff", "check"])
@pytest.mark.parametrize("text", ["x = 1\n", "'''About generate_content.'''\n"])
def test_a_run_that_finds_nothing_imports_nothing_heavy(tmp_path, command, text):
    (tmp_path / "a.py").write_text(text)
    loaded = modules_after(command, str(tmp_path), "--verbose")
    assert "migrator.run" in loaded
    assert not set(HEAVY) & set(loaded)


def test_the_version_imports_nothing_at_all():
    loaded = modules_after("--version")
    assert not {"click", "migrator.cli", *HEAVY} & set(loaded)


# The real thing ------------------------------------------------------------------------------------------------------

LINES = (
    b"# first",
    b"from google import genai",
    b"client = genai.Client()",
    b'client.models.generate_content(model="gemini-2.5-flash", contents="Hello")',
    b"done = True",
)
KINDS = {
    "lf": b"\n".join([*LINES, b""]),
    "crlf": b"\r\n".join([*LINES, b""]),
    "cr": b"\r".join([*LINES, b""]),
    "mixed": b"\r\n".join(LINES[:3]) + b"\n" + b"\r\n".join(LINES[3:]) + b"\n",
    "bom": b"\xef\xbb\xbf" + b"\n".join([*LINES, b""]),
    "latin-1": b"# coding: latin-1\n" + b"\n".join(LINES).replace(b"Hello", b"H\xe9llo") + b"\n",
    "no final newline": b"\n".join(LINES[:-1]),
    "form feed": b"\n".join([*LINES[:4], b"\x0cdone = True\x0c", b""]),
    "tabs": b"if True:\n\t" + b"\n\t".join(LINES[1:4]) + b"\n",
}


@pytest.mark.parametrize("kind", KINDS)
def test_one_changed_line_changes_that_line_alone(tmp_path, kind):
    path = tmp_path / "a.py"
    path.write_bytes(KINDS[kind])
    summary, _ = do(str(path), mode=Mode.APPLY)
    assert (summary.migrated, summary.errors) == (1, 0)
    before, after = (re.split(rb"(?<=\n)|(?<=\r)(?!\n)", data) for data in (KINDS[kind], path.read_bytes()))
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    ((old, new),) = changed
    assert b"interactions.create(" in new
    assert (old[-2:] if old[-1:] in b"\r\n" else b")") in new
    again, _ = do(str(path), mode=Mode.APPLY)
    assert (again.sites, again.changed) == (0, 0)
