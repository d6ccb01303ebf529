"""Many files searched at once: the same files as one by one, whatever their sizes and wherever a needle stands."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from migrator import bulk
from migrator.wide import is_wide

NEEDLES = (b"generate_content", b"chats.create")
PART = 1 << 16


@pytest.fixture(params=["the C library's search", "the one of bytes", "file by file"])
def search(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "the one of bytes":
        monkeypatch.setattr(bulk, "_c_library", lambda: None)
    elif request.param == "file by file":
        monkeypatch.delattr(os, "readv")


def written(folder: Path, contents: Sequence[bytes]) -> list[str]:
    """The paths of files with the contents, and of as many without a needle as make them many."""
    paths = []
    for number, data in enumerate((*contents, *[b"x = 1\n"] * 600)):
        paths.append(str(folder / f"{number}.py"))
        Path(paths[-1]).write_bytes(data)
    return paths


@pytest.mark.usefixtures("search")
def test_a_needle_is_found_wherever_it_stands(tmp_path: Path) -> None:
    filler = b"generate_conten\nchats,create\n" * 400
    contents = [
        NEEDLES[0],
        filler + NEEDLES[1],
        b"a" * (PART - 5) + NEEDLES[0] + b"a" * PART,
        b"a" * (5 * PART - 1) + NEEDLES[1],
        b"a" * (20 * PART - 8) + NEEDLES[0] + b"\n",
        b"\0" * (16 * PART) + NEEDLES[1],
        b"a" * (16 * PART - len(NEEDLES[0])) + NEEDLES[0],
    ]
    paths = written(tmp_path, contents)
    assert bulk.holding(paths, NEEDLES) == list(range(len(contents)))


@pytest.mark.usefixtures("search")
def test_what_holds_no_needle_is_left_out(tmp_path: Path) -> None:
    contents = [b"generate_", b"content", b"", b"a" * (17 * PART), b"chats.creat", b"a" * (16 * PART)]
    assert bulk.holding(written(tmp_path, contents), NEEDLES) == []


@pytest.mark.usefixtures("search")
def test_as_one_by_one(tmp_path: Path) -> None:
    chance = random.Random(5)
    contents = []
    for _ in range(900):
        data = bytearray(chance.randbytes(chance.choice((0, 10, 3_000, 40_000))))
        if chance.random() < 0.1:
            data[chance.randrange(len(data) + 1) : 0] = chance.choice(NEEDLES)
        contents.append(bytes(data))
    wanted = [
        number for number, data in enumerate(contents) if is_wide(data) or any(needle in data for needle in NEEDLES)
    ]
    assert bulk.holding(written(tmp_path, contents), NEEDLES) == wanted


@pytest.mark.usefixtures("search")
@pytest.mark.parametrize("size", [17, 40, 997])
def test_blocks_that_end_anywhere(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the midst of a needle, of what two files have of one, and of zeros."""
    monkeypatch.setattr(bulk, "_BLOCK", size)
    chance = random.Random(size)
    pieces = (b"generate_", b"content", b"chats.", b"create", *NEEDLES, b"\0", b"a", b"ch", b"te")
    contents = [b"".join(chance.choices(pieces, k=chance.randrange(9))) for _ in range(2_000)]
    wanted = [number for number, data in enumerate(contents) if any(needle in data for needle in NEEDLES)]
    found = bulk.holding(written(tmp_path, contents), NEEDLES)
    assert [number for number in found if number in wanted or not is_wide(contents[number])] == wanted


@pytest.mark.usefixtures("search")
def test_what_cannot_be_read_is_among_them(tmp_path: Path) -> None:
    paths = written(tmp_path, [])
    os.unlink(paths[7])
    os.unlink(paths[9])
    os.mkdir(paths[9])
    assert bulk.holding(paths, NEEDLES) == [7, 9]
