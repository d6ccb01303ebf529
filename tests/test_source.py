"""Bytes in and out: encodings, newlines, positions, and replacing a file whole or not at all."""

import ast
import errno
import os
import re
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator import source

LINES = [b"# first", b"x = 1", b"call(old)", b"y = 2"]
KINDS = {
    "lf": b"\n".join(LINES) + b"\n",
    "crlf": b"\r\n".join(LINES) + b"\r\n",
    "cr": b"\r".join(LINES) + b"\r",
    "mixed": b"# first\r\nx = 1\ncall(old)\r\ny = 2\n",
    "bom": b"\xef\xbb\xbf" + b"\n".join(LINES) + b"\n",
    "latin-1": b"# -*- coding: latin-1 -*-\nx = '\xe9'\ncall(old)\n",
    "no final newline": b"\n".join(LINES),
    "form feed": b"# first\n\x0cx = '\x0c\x1c\x85'\ncall(old)\n".replace(b"\x85", b""),
}


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"", "utf-8"),
        (b"x = 1\n", "utf-8"),
        (b"\xef\xbb\xbfx = 1\n", "utf-8-sig"),
        (b"# -*- coding: latin-1 -*-\n", "iso8859-1"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n", "cp1252"),
        (b"\xef\xbb\xbf# coding: utf8\n", "utf-8-sig"),
        (b"\n\n# coding: latin-1\n", "utf-8"),  # only the first two lines count
        (b"x = 1\n# coding: latin-1\n", "utf-8"),  # and the second only after a blank or a comment
        (b"x = 1  # coding: latin-1\n", "utf-8"),
        (b"#\r# coding: latin-1\r", "iso8859-1"),
    ],
)
def test_encoding(data, encoding):
    assert source.encoding_of(data) == encoding


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"# coding: klingon\n", "unknown encoding: klingon"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "the byte order mark says UTF-8"),
        (b"x = '\xe9'\n", "byte 5 is not utf-8"),
        (b"# coding: rot13\n", "not a text encoding"),
    ],
)
def test_bytes_that_are_no_text(data, message):
    with pytest.raises(source.EncodingError, match=re.escape(message)):
        source.decode(data)


@pytest.mark.parametrize("kind", KINDS)
def test_decoding_agrees_with_python(kind):
    text = source.decode(KINDS[kind])
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(KINDS[kind]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_position_is_the_one_python_gives(kind):
    data = KINDS[kind]
    call = next(node for node in ast.walk(ast.parse(data)) if isinstance(node, ast.Call))
    text = source.decode(data)
    assert source.Lines.of(text).position(text.index("call(")) == (call.lineno, call.col_offset + 1)


def test_columns_are_characters():
    data = "é = '日本'; call()\n".encode()
    lines = source.Lines.of(source.decode(data))
    assert lines.position(10) == (1, 11)
    assert lines.line(1) == "é = '日本'; call()"
    assert lines.line(2) == lines.line(3) == lines.line(0) == ""


@given(st.text(alphabet="ab\r\n\x0c\u2028é"), st.data())
def test_offset_and_position_are_inverse(text, data):
    lines = source.Lines.of(text)
    offset = data.draw(st.integers(0, len(text)))
    assert lines.offset(*lines.position(offset)) == offset
    assert len(lines.starts) == len(re.split("\r\n|\r|\n", text))


@pytest.mark.parametrize("kind", KINDS)
def test_replacing_changes_what_it_is_given_and_nothing_else(tmp_path, kind):
    path = tmp_path / "a.py"
    before = KINDS[kind]
    path.write_bytes(before)
    path.chmod(0o751)
    source.replace_file(str(path), before, before.replace(b"old", b"new"))
    assert path.read_bytes() == before.replace(b"old", b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o751
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "a.py"
    target.write_bytes(b"old")
    link = tmp_path / "link.py"
    link.symlink_to(target)
    source.replace_file(str(link), b"old", b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_relative_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_bytes(b"old")
    source.replace_file("a.py", b"old", b"new")
    assert (tmp_path / "a.py").read_bytes() == b"new"


def test_a_file_that_changed_meanwhile_is_kept(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(b"newer")
    with pytest.raises(source.FileChangedError):
        source.replace_file(str(path), b"old", b"new")
    assert path.read_bytes() == b"newer"
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_read_only_file_is_not_written(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(PermissionError, match="read-only"):
        source.replace_file(str(path), b"old", b"new")
    assert path.read_bytes() == b"old"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_not_written(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "a.py"
    path.write_bytes(b"old")
    folder.chmod(0o555)
    with pytest.raises(PermissionError):
        source.replace_file(str(path), b"old", b"new")
    folder.chmod(0o755)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, step):
    path = tmp_path / "a.py"
    path.write_bytes(b"old")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space left"):
        source.replace_file(str(path), b"old", b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.py"]


def test_the_owner_is_kept_where_possible(tmp_path, monkeypatch):
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    asked = []
    original = os.stat(path)
    foreign = os.stat_result((original.st_mode, *original[1:4], original.st_uid + 7, original.st_gid, *original[6:]))
    really = os.stat
    monkeypatch.setattr(os, "stat", lambda name, **kw: foreign if str(name) == str(path) else really(name, **kw))

    def refuse(*arguments):
        asked.append(arguments[1:])
        raise PermissionError

    monkeypatch.setattr(os, "chown", refuse)
    source.replace_file(str(path), b"old", b"new")
    assert asked == [(original.st_uid + 7, original.st_gid)]
    assert path.read_bytes() == b"new"


def test_reading_a_file_that_is_longer_than_it_said(tmp_path, monkeypatch):
    path = tmp_path / "a.py"
    path.write_bytes(b"0123456789")
    monkeypatch.setattr(os, "fstat", lambda _: os.stat_result((0o100644, *[0] * 5, 3, *[0] * 3)))
    assert source.read(str(path)) == b"0123456789"
