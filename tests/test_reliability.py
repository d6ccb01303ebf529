"""What a run leaves behind when it is killed, interrupted, out of room, or given files that nobody would write."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CASE = ROOT / "fixtures" / "google_genai"
CALL = b"""from google import genai

client = genai.Client()
response = client.models.generate_content(model="gemini-2.5-flash", contents="Say hello")
print(response.text)
"""
NEW = b"interactions.create"
linux = pytest.mark.skipif(sys.platform != "linux", reason="signals and limits as Linux has them")


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "MIGRATOR"))}
    return {**kept, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder / "state"), "XDG_CACHE_HOME": str(folder)}


def start(folder: Path, *arguments: str, limits: int | None = None, program: str = "") -> subprocess.Popen[str]:
    def limit() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job's children ignore it
        if limits is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limits, limits))

    line = ["-c", program] if program else ["-m", "migrator"]
    return subprocess.Popen(
        [sys.executable, *line, *arguments],
        cwd=folder,
        env=environment(folder.parent),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,  # noqa: PLW1509  no threads here
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out + err


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    for number in range(120):
        (folder / f"file_{number:03}.py").write_bytes(CALL.replace(b"hello", b"%d" % number))
    return folder


def temporaries(folder: Path) -> list[Path]:
    return [path for path in folder.rglob(".*") if path.name.endswith(".migrator-tmp")]


@linux
def test_killed_at_any_moment_every_file_is_old_or_new_and_can_be_put_back(tree: Path) -> None:
    """The next run clears away what was in flight; undo puts back what each run rewrote, the killed ones too."""
    old = {path.name: path.read_bytes() for path in tree.iterdir()}
    seen: dict[str, set[bytes]] = {name: set() for name in old}
    for attempt in range(5):
        process = start(tree, "apply", ".", "--isolated", "--jobs", "1")
        while process.poll() is None and len(rewritten(tree)) <= 15 * attempt:
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL, "it was still at work"
        for name in old:
            seen[name].add((tree / name).read_bytes())
    (tree / ".stray.migrator-tmp").write_bytes(b"torn")
    code, said = ended(start(tree, "apply", ".", "--isolated"))
    assert code == 0, said
    new = {path.name: path.read_bytes() for path in tree.iterdir()}
    assert new.keys() == old.keys(), "nothing is left behind"
    for name, data in new.items():
        assert NEW in data
        assert seen[name] <= {old[name], data}
    while ended(start(tree, "undo"))[0] == 0:
        pass
    assert {path.name: path.read_bytes() for path in tree.iterdir()} == old


def rewritten(tree: Path) -> list[Path]:
    """The files that a run has kept in its journal; a journal may go away meanwhile."""
    folders = os.walk(tree.parent / "state")
    return [Path(folder) / name for folder, _, names in folders for name in names if name.endswith(".old")]


@linux
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt_ends_the_run_within_a_second(tree: Path, jobs: str) -> None:
    for number in range(120, 600):
        (tree / f"file_{number:03}.py").write_bytes(CALL + b"\n# %d\n" % number * 20)
    process = start(tree, "check", ".", "--isolated", "--jobs", jobs, "--no-cache")
    assert process.stdout
    process.stdout.readline()  # it is at work
    os.killpg(process.pid, signal.SIGINT)
    asked = time.monotonic()
    code, said = ended(process)
    assert time.monotonic() - asked < 5  # one second on a machine that has nothing else to do
    assert code == 130, said
    assert re.search(r"Interrupted\. \d+ of 600 files looked into, \d+ call sites?\. Every file is", said)
    assert "Traceback" not in said


@linux
def test_a_full_disk_leaves_the_old_content(tree: Path) -> None:
    big = tree / "file_big.py"
    big.write_bytes(CALL + b"# a long comment\n" * 4_000)
    code, said = ended(start(tree, "apply", "file_big.py", "--isolated", limits=20_000))
    assert code == 2
    assert "file_big.py" in said
    assert "Traceback" not in said
    assert big.read_bytes() == CALL + b"# a long comment\n" * 4_000
    assert temporaries(tree) == []


_SOCKETS = """
import socket, sys
class Refused(socket.socket):
    def __init__(self, *arguments, **keywords):
        sys.__stderr__.write("a socket was opened\\n")
        raise OSError("no network here")
socket.socket = Refused
socket.create_connection = socket.getaddrinfo = Refused
import migrator.__main__ as program
program.main()
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "."),
        ("diff", "."),
        ("apply", "."),
        ("verify", "."),
        ("scan", "."),
        ("undo",),
        ("explain", "MG101"),
        ("map", "show", "temperature"),
        ("check", ".", "--output-format", "sarif"),
    ],
    ids=" ".join,
)
def test_no_command_opens_a_socket(arguments: tuple[str, ...], tree: Path) -> None:
    _, said = ended(start(tree, *arguments, program=_SOCKETS))
    assert "a socket was opened" not in said
    assert "Traceback" not in said


def test_no_code_of_the_target_is_imported_or_run(tree: Path) -> None:
    """Not even where a module of the tree has the name of one that the migrator imports."""
    trap = "open('sprung', 'w').close()\n"
    for name in ("libcst.py", "yaml.py", "sitecustomize.py", "click.py", "difflib.py", "conftest.py"):
        (tree / name).write_text(trap)
    (tree / "trap.py").write_bytes(trap.encode() + CALL)
    for command in ("check", "diff", "verify", "scan", "apply"):
        code, said = ended(start(tree, command, "trap.py", "--isolated"))
        assert code in (0, 1), said
    assert not (tree / "sprung").exists()


def test_yaml_is_loaded_safely() -> None:
    for path in (ROOT / "migrator").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "yaml.load(" not in text or "SafeLoader" in text, path
        assert "yaml.unsafe_load" not in text
        assert "yaml.full_load" not in text


HARD = {
    "nested.py": CALL + b"x = " + b"(" * 5_000 + b"1" + b")" * 5_000 + b"\n",
    "deep_attribute.py": CALL + b"y = x" + b".a" * 20_000 + b"\n",
    "long_sum.py": CALL + b"y = 1" + b" + 1" * 20_000 + b"\n",
    "null.py": CALL + b"x = '\x00'\n",
    "newlines.py": CALL.replace(b"\n", b"\r\n", 3) + b"x = 1\r\ny = 2\n",
    "old_mac.py": CALL.replace(b"\n", b"\r"),
    "latin.py": b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + CALL,
    "unknown_cookie.py": b"# -*- coding: klingon -*-\n" + CALL,
    "wrong_utf8.py": CALL + b"# caf\xe9\n",
    "marked.py": b"\xef\xbb\xbf" + CALL,
    "shift_jis.py": b"# coding: shift_jis\n" + CALL + "# 日本語\n".encode("shift_jis"),
    "template.py": CALL + b'name = "x"\nt = t"hello {name}"\n',
    "except.py": CALL + b"try:\n    pass\nexcept ValueError, TypeError:\n    pass\n",
    "type_alias.py": CALL + b"type Numbers[T: int] = list[T]\n",
    "empty.py": b"",
    "tabs.py": b"if 1:\n\tx = 1\n        y = 2\n" + CALL,
}


@pytest.mark.parametrize("name", HARD)
def test_files_that_nobody_would_write_are_survived(name: str, tmp_path: Path) -> None:
    """Rewritten and read again, or byte-identical and named; in a notebook too, where its text can stand in one."""
    folder = tmp_path / "tree"
    folder.mkdir()
    path = folder / name
    path.write_bytes(HARD[name])
    _survived(path)
    try:
        lines = HARD[name].decode("utf-8").splitlines(keepends=True)
    except UnicodeDecodeError:
        return
    cell = {"cell_type": "code", "execution_count": None, "id": "a1", "metadata": {}, "outputs": [], "source": lines}
    book = path.with_suffix(".ipynb")
    book.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1))
    _survived(book)


def _survived(path: Path) -> None:
    before = path.read_bytes()
    code, said = ended(start(path.parent, "apply", path.name, "--isolated", "--allow-dirty"))
    assert "Traceback" not in said
    assert "MG405" not in said
    after = path.read_bytes()
    if after == before:
        assert (code == 0 and b"generate_content" not in before) or path.name in said, said
        return
    assert NEW in after
    assert b"generate_content" not in after
    code, again = ended(start(path.parent, "check", path.name, "--isolated"))
    assert code == 0, again


def test_a_file_of_ten_megabytes(tmp_path: Path) -> None:
    """Without the API it is only read; a crash in it would be one finding."""
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "big.py").write_bytes(b"x = 1  # one\n" * 800_000)
    code, said = ended(start(folder, "check", ".", "--isolated"))
    assert code == 0, said
    assert "Scanned 1 file" in said
