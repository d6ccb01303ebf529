"""Which files a run takes: ignore files, patterns, lists, what has changed; with git and without."""

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from migrator.cli import run_command_line
from migrator.find import Ignoring, Naming, Scope, find, git
from migrator.patterns import Patterns

GIT = ("git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
CALL = "client.models.generate_content(1)\n"


def touch(*names):
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def run_git(*arguments, cwd="."):
    subprocess.run([*GIT, *arguments], check=True, capture_output=True, cwd=cwd)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    top = tmp_path / "work"
    top.mkdir()
    monkeypatch.chdir(top)
    run_git("init", "-q")
    return top


@pytest.fixture(params=["git", "no git"])
def either(request, monkeypatch):
    """With git, and where there is none: the same files."""
    if request.param == "no git":
        monkeypatch.setattr(git, "_program", lambda: None)


def files(*paths, **scope):
    return list(find(paths or (".",), Scope(**scope)).files)


# Ignore files --------------------------------------------------------------------------------------------------------


def test_nested_and_negated_ignore_files(repository, either):
    touch(
        "a.py", "gen/b.py", "gen/keep.py", "sub/gen/c.py", "sub/d_pb2.py", "sub/e_pb2.py", "sub/deep/f.py", "x/y/z.py"
    )
    Path(".gitignore").write_text("/gen/*\n!/gen/keep.py\n*_pb2.py\n\n# deep/\nx/**/z.py\n")
    Path("sub/.gitignore").write_text("!e_pb2.py\ndeep/\n")
    assert files() == ["a.py", "gen/keep.py", "sub/e_pb2.py", "sub/gen/c.py"]
    assert files("sub") == ["sub/e_pb2.py", "sub/gen/c.py"]
    os.chdir("sub")
    assert files() == ["e_pb2.py", "gen/c.py"]
    assert files("../gen") == ["../gen/keep.py"]


def test_the_excludes_of_the_repository_and_of_the_user(repository, either):
    touch("a.py", "local.py", "mine.py", "yours.py")
    Path(".git/info/exclude").write_text("local.py\n")
    Path("../home/.config/git").mkdir(parents=True)
    Path("../home/.config/git/ignore").write_text("mine.py\n")
    assert files() == ["a.py", "yours.py"]
    Path("../home/.gitconfig").write_text('[user]\n\tname = A\n[core]\n\texcludesFile = "~/other"\n')
    Path("../home/other").write_text("yours.py\n")
    assert files() == ["a.py", "mine.py"]


def test_what_is_ignored_and_named_is_taken(repository, either):
    touch("out/a.py", "out/sub/b.py")
    Path(".gitignore").write_text("out/\n")
    assert files() == []
    assert files("out") == ["out/a.py", "out/sub/b.py"]
    assert files("out/sub") == ["out/sub/b.py"]
    assert files("out/a.py") == ["out/a.py"]
    assert files(ignoring=Ignoring.DISREGARD) == ["out/a.py", "out/sub/b.py"]


def test_an_ignore_file_counts_outside_of_a_repository_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    touch("a.py", "out/b.py", "sub/c.py", "sub/d.py")
    Path(".gitignore").write_text("out/\n!\n\\\n")
    Path("sub/.gitignore").write_text("\ufeffc.py\n")
    assert files() == ["a.py", "sub/d.py"]


def test_a_tracked_file_is_taken_though_a_pattern_means_it(repository):
    touch("a.py", "b.py")
    Path(".gitignore").write_text("b.py\n")
    run_git("add", "-f", ".")
    assert files() == ["a.py", "b.py"]


def test_deleted_linked_and_inner_files_of_a_repository(repository, either):
    touch("a.py", "gone.py", "real/b.py", "venv2/pyvenv.cfg", "venv2/c.py", "build/d.py", ".hidden/e.py", "é ü.py")
    Path("link.py").symlink_to("real/b.py")
    Path("dangling.py").symlink_to("nowhere.py")
    Path("loop").symlink_to(".")
    run_git("add", "-f", ".")
    Path("gone.py").unlink()
    Path("untracked.py").symlink_to("a.py")
    Path("inner").mkdir()
    run_git("init", "-q", cwd="inner")
    touch("inner/f.py", "inner/g.py")
    Path("inner/.gitignore").write_text("g.py\n")
    assert files() == ["a.py", "inner/f.py", "link.py", "é ü.py"]


def test_a_submodule_is_searched(repository, tmp_path, either):
    other = tmp_path / "other"
    other.mkdir()
    run_git("init", "-q", cwd=other)
    (other / "lib.py").touch()
    run_git("add", ".", cwd=other)
    run_git("commit", "-qm", "one", cwd=other)
    run_git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "sub")
    touch("a.py")
    assert files() == ["a.py", "sub/lib.py"]


def test_the_order_is_that_of_a_walk(repository, monkeypatch):
    touch("a/b/c.py", "a/z.py", "a.py", "a-b/d.py", "b.py", "a b.py")
    with_git = files()
    monkeypatch.setattr(git, "_program", lambda: None)
    assert with_git == files() == ["a/b/c.py", "a/z.py", "a b.py", "a-b/d.py", "a.py", "b.py"]


def test_git_looks_for_untracked_files_only_where_there_are_some(repository, monkeypatch):
    asked = []
    ask = git._run
    monkeypatch.setattr(
        git, "_run", lambda program, root, line: asked.append("--others" in line) or ask(program, root, line)
    )
    touch("a.py", "sub/b.py", "sub/deep/c.py", "sub-d/e.py")
    Path(".gitignore").write_text("out/\nsub/gen*\n")
    run_git("add", ".")
    touch("notes.txt")
    assert files() == ["a.py", "sub/b.py", "sub/deep/c.py", "sub-d/e.py"]
    assert asked == [False]
    touch("out/f.py", "sub/new.py", "sub/gen.py", "sub/generated/g.py", "other/h.py")
    assert files() == ["a.py", "other/h.py", "sub/b.py", "sub/deep/c.py", "sub/new.py", "sub-d/e.py"]
    assert asked == [False, False, True]


def test_a_folder_that_cannot_be_read_is_named_unless_it_is_ignored(repository, either, monkeypatch):
    touch("a.py", "z/b.py")
    Path("closed").mkdir()  # git lists nothing of it, as of one that it cannot open
    Path("secret").mkdir()
    Path(".gitignore").write_text("secret/\n")
    closed = ("closed", "secret")
    scan, access = os.scandir, os.access

    def scandir(path):
        if str(path).endswith(closed):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(os, "access", lambda path, mode: not path.rstrip("/").endswith(closed) and access(path, mode))
    found = find(["."])
    assert found.files == ("a.py", "z/b.py")
    assert [(it.path, it.reason) for it in found.missing] == [("closed", "Permission denied")]


def test_a_name_that_differs_in_case_is_tracked_where_case_does_not_count(repository, monkeypatch):
    touch("Sub/Über.py")
    run_git("add", ".")
    Path("Sub").rename("sub")
    Path("sub/Über.py").rename("sub/u\u0308ber.py")
    Path(".gitignore").write_text("sub/\n")
    monkeypatch.setattr(git, "_PLAIN_NAMES", False)
    assert files() == ["sub/u\u0308ber.py"]


def test_git_runs_nothing_that_a_repository_names(repository):
    touch("a.py")
    Path("evil.sh").write_text("#!/bin/sh\ntouch RAN\n")
    Path("evil.sh").chmod(0o755)
    run_git("config", "core.fsmonitor", "./evil.sh")
    assert files() == ["a.py"]
    assert not Path("RAN").exists()


def test_inside_of_a_hook_git_is_asked_about_the_folder_at_hand(repository, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    touch("a.py")
    Path(".gitignore").write_text("b.py\n")
    touch("b.py")
    assert files() == ["a.py"]


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text(tmp_path, monkeypatch, capfdbinary):
    monkeypatch.chdir(tmp_path)
    Path(os.fsdecode(b"caf\xe9.py")).write_text(CALL.replace("client", "genai.Client()") + "import (\n")
    assert run_command_line(["check"]) == 2
    out, err = capfdbinary.readouterr()
    assert b"caf\\xe9.py:2:" in out
    assert err == b""


def test_a_link_to_itself_is_named_and_costs_nothing_else(repository, either):
    touch("a.py", "sub/b.py")
    Path("loop.py").symlink_to("loop.py")
    Path("nowhere.py").symlink_to("missing.py")
    found = find(["."])
    assert found.files == ("a.py", "sub/b.py")
    assert [it.path for it in found.missing] == ["loop.py"]


# Patterns ------------------------------------------------------------------------------------------------------------


def patterns(*lines):
    here = os.getcwd()
    return lambda _: Patterns(here, lines)


def test_exclude(repository, either):
    touch("a.py", "tests/b.py", "src/tests/c.py", "src/d_pb2.py", "src/e.py")
    assert files(exclude=patterns("tests/", "*_pb2.py")) == ["a.py", "src/e.py"]
    assert files(exclude=patterns("/tests")) == ["a.py", "src/d_pb2.py", "src/e.py", "src/tests/c.py"]
    assert files(exclude=patterns("src/*", "!src/e.py")) == ["a.py", "src/e.py", "tests/b.py"]


def test_include(repository, either):
    touch("a.py", "bin/tool", "bin/b.py", "notes.txt", "stub.pyi")
    assert files(include=patterns("*.py", "/bin/*")) == ["a.py", "bin/b.py", "bin/tool"]
    assert files(include=patterns("*.pyi")) == ["stub.pyi"]


def test_what_is_excluded_and_named(repository):
    touch("a.py", "tests/b.py", "build/c.py", ".hidden/d.py")
    named = ("a.py", "tests/b.py", "build/c.py", ".hidden/d.py")
    assert files(*named, exclude=patterns("tests/")) == list(named)
    found = find(named, Scope(exclude=patterns("tests/"), naming=Naming.UNLESS_EXCLUDED))
    assert (found.files, found.skipped) == (("a.py",), named[1:])
    assert files("tests", exclude=patterns("tests/"), naming=Naming.UNLESS_EXCLUDED) == []


# The command line ----------------------------------------------------------------------------------------------------


@pytest.fixture
def cli(capfdbinary, monkeypatch):
    def run(*arguments, stdin=b""):
        import io
        import sys

        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin)))
        code = run_command_line(arguments)
        out, err = capfdbinary.readouterr()
        return SimpleNamespace(code=code, out=out.decode(), err=err.decode())

    return run


HEAD = "from google import genai\n\nclient = genai.Client()\n"
SAFE = HEAD + 'client.models.generate_content(model="gemini-2.5-flash", contents="Hello")\n'
DONE = HEAD + 'client.interactions.create(model="gemini-2.5-flash", input="Hello", store=False)\n'


def checked(result):
    return sorted({line.split(":")[0] for line in result.out.splitlines() if ".py:" in line})


def test_files_from_a_list(tmp_path, monkeypatch, cli):
    monkeypatch.chdir(tmp_path)
    for name in ("a.py", "b c.py", "d\ne.py", "other.py"):
        Path(name).write_text(SAFE)
    Path("list").write_text("a.py\nb c.py\n")
    assert checked(cli("check", "-q", "--files-from", "list")) == ["a.py", "b c.py"]
    assert checked(cli("check", "-q", "--files-from", "list", "other.py")) == ["a.py", "b c.py", "other.py"]
    assert cli("check", "--files-from", "-", stdin=b"a.py\0d\ne.py").out.count("MG400") == 2
    nothing = cli("check", "--files-from", "-")
    assert (nothing.code, "Scanned 0 files" in nothing.out) == (0, True)
    assert cli("check", "--files-from", "-", stdin=b"nowhere.py\n").code == 2
    assert cli("check", "--files-from", "nowhere").code == 2


def test_standard_input(tmp_path, monkeypatch, cli):
    monkeypatch.chdir(tmp_path)
    applied = cli("apply", "-", stdin=SAFE.encode())
    assert (applied.code, applied.out) == (0, DONE)
    assert "1 migrated" in applied.err
    same = cli("apply", "-", stdin=b"x = 1\r\n")
    assert (same.code, same.out) == (0, "x = 1\r\n")
    checked_ = cli("check", "-", "--stdin-filename", "src/app.py", stdin=SAFE.encode())
    assert (checked_.code, checked_.out.startswith("src/app.py:4:1 MG400")) == (1, True)
    shown = cli("diff", "-", "--stdin-filename", "src/app.py", stdin=SAFE.encode())
    assert (shown.code, shown.out.startswith("--- a/src/app.py\n+++ b/src/app.py\n")) == (1, True)
    assert list(Path().iterdir()) == []


def test_a_failure_gives_standard_input_back(tmp_path, monkeypatch, cli):
    monkeypatch.chdir(tmp_path)
    broken = SAFE + "(\n"
    result = cli("apply", "-", stdin=broken.encode())
    assert (result.code, result.out) == (2, broken)
    assert "MG402" in result.err


@pytest.mark.parametrize(
    "arguments", [("-", "a.py"), ("-", "--diff-base", "main"), ("a.py", "--stdin-filename", "b.py"), ("-", "-")]
)
def test_standard_input_stands_alone(tmp_path, monkeypatch, cli, arguments):
    monkeypatch.chdir(tmp_path)
    assert cli("check", *arguments).code == 2


def test_a_result_and_a_document_do_not_share_standard_output(tmp_path, monkeypatch, cli):
    monkeypatch.chdir(tmp_path)
    assert cli("apply", "-", "--output-format", "json", stdin=SAFE.encode()).code == 2
    result = cli("apply", "-", "--output", "json=out.json", stdin=SAFE.encode())
    assert (result.code, result.out, Path("out.json").exists()) == (0, DONE, True)


def test_the_settings_of_the_name_hold_for_standard_input(tmp_path, monkeypatch, cli):
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    Path("sub/pyproject.toml").write_text('[tool.migrator]\nstate = "stateful"\n')
    assert "store" not in cli("apply", "-", "--stdin-filename", "sub/a.py", stdin=SAFE.encode()).out
    assert "store" in cli("apply", "-", "--stdin-filename", "a.py", stdin=SAFE.encode()).out


@pytest.fixture
def branch(repository):
    for name in ("old.py", "both.py", "staged.py", "touched.py", "gone.py", "moved.py"):
        Path(name).write_text(f"# {name}\n{SAFE}")
    Path(".gitignore").write_text("ignored.py\n")
    run_git("add", ".")
    run_git("commit", "-qm", "one")
    run_git("checkout", "-qb", "feature")
    Path("both.py").write_text(SAFE + "# committed\n")
    run_git("commit", "-qam", "two")
    run_git("checkout", "-q", "main")
    Path("old.py").write_text(SAFE + "# on main\n")
    run_git("commit", "-qam", "three")
    run_git("checkout", "-q", "feature")
    Path("staged.py").write_text(SAFE + "# staged\n")
    run_git("add", "staged.py")
    Path("touched.py").write_text(SAFE + "# touched\n")
    Path("gone.py").unlink()
    run_git("mv", "moved.py", "new name.py")
    Path("sub").mkdir()
    Path("sub/untracked é.py").write_text(SAFE)
    Path("ignored.py").write_text(SAFE)
    return repository


CHANGED = ["both.py", "new name.py", "staged.py", "sub/untracked é.py", "touched.py"]


def test_only_what_has_changed(branch, cli):
    assert checked(cli("check", "-q", "--diff-base", "main")) == CHANGED
    assert checked(cli("check", "-q", "--diff-base", "main", "sub", "both.py", "old.py")) == ["both.py", CHANGED[3]]
    assert checked(cli("check", "-q", "--diff-base", "HEAD")) == CHANGED[1:]
    os.chdir("sub")
    assert checked(cli("check", "-q", "--diff-base", "main")) == ["untracked é.py"]


def test_a_base_without_a_common_ancestor(branch, cli):
    run_git("checkout", "-q", "--orphan", "alone")
    run_git("commit", "-qam", "alone")
    assert "old.py" in checked(cli("check", "-q", "--diff-base", "main"))


@pytest.mark.parametrize("reference", ["nowhere", "--output=RAN", "main:a.py", ""])
def test_a_reference_that_is_none(branch, cli, reference):
    result = cli("check", f"--diff-base={reference}")
    assert not Path("RAN").exists()
    if reference:
        assert result.code == 2
        assert f"git knows no commit {reference!r}" in result.err


def test_a_base_without_git(branch, cli, monkeypatch, tmp_path):
    os.chdir(tmp_path)
    result = cli("check", "--diff-base", "main")
    assert (result.code, "is in no git work tree" in result.err) == (2, True)
    monkeypatch.setattr(git, "_program", lambda: None)
    result = cli("check", "--diff-base", "main")
    assert (result.code, "git is not installed" in result.err) == (2, True)


def test_force_exclude_on_the_command_line_and_in_settings(tmp_path, monkeypatch, cli):
    monkeypatch.chdir(tmp_path)
    Path("tests").mkdir()
    Path("tests/a.py").write_text(SAFE)
    Path("pyproject.toml").write_text('[tool.migrator]\nexclude = ["tests/"]\n')
    assert cli("check", "tests/a.py").code == 1
    assert cli("check", "tests/a.py", "--force-exclude").code == 0
    assert cli("check", "tests/a.py", "--force-exclude", "--isolated").code == 1
    assert cli("check").code == 0
    Path("pyproject.toml").write_text('[tool.migrator]\nexclude = ["tests/"]\nforce-exclude = true\n')
    assert cli("check", "tests/a.py").code == 0
    assert cli("check", "tests/a.py", "--no-force-exclude").code == 1
    assert cli("check", "tests/a.py", "--exclude", "other").code == 1
