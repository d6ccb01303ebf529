"""What one twin was asked and what it keeps: the record that a comparison reads."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import field
from typing import Literal

from migrator.records import dataclass
from migrator.twin.meaning import Json, Meaning

Directions = Callable[[Meaning], str]
Protocol = Literal["generateContent", "Interactions"]

_MARKED = re.compile(r"\[twin: ([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from, as far as its sender says: ``lane`` names what runs its requests one by one."""

    path: str = ""
    line: int = 0
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was understood."""

    meaning: Meaning
    protocol: Protocol
    origin: Origin


@dataclass(frozen=True, slots=True)
class Refused:
    """One request that was answered with an error because of its form, and why."""

    problem: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Said:
    """Words that somebody chose for the prompts that ``pattern`` finds."""

    pattern: re.Pattern[str]
    words: str


def by_marks(meaning: Meaning) -> str:
    """What a prompt asks of the twin in ``[twin: ...]``; unasked, it calls a function and runs code where it may."""
    if marked := _MARKED.findall(meaning.prompt()):
        return " ".join(marked)
    functions = [tool["name"] for tool in meaning.tools if tool["type"] == "function"]
    names = [name for name in meaning.tool_choice.get("names") or functions if name in functions]
    return " ".join([*(f"call {name}" for name in names[:1]), "run code"])


@dataclass
class Twin:
    """The state of one twin: what was asked since the last ``clear``, and what it keeps."""

    url: str = ""
    directions: Directions = by_marks
    said: tuple[Said, ...] = ()
    log: Callable[[str], None] = lambda _line: None
    asked: list[Asked] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    interactions: dict[str, Json] = field(default_factory=dict)  # id -> {"turns", "body"}
    files: dict[str, Json] = field(default_factory=dict)
    uploads: dict[str, tuple[str, list[bytes]]] = field(default_factory=dict)  # begun: the type, what has come
    stumbled: set[str] = field(default_factory=set)  # the digests of what was answered with an error once
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def meanings(self) -> list[Meaning]:
        """What the requests meant, in the order in which they came."""
        return [each.meaning for each in self.asked]

    @property
    def invalid(self) -> list[str]:
        """What was wrong with the requests that were refused."""
        return [each.problem for each in self.refused]

    def clear(self) -> None:
        """Forgets everything that was asked and kept."""
        for record in (self.asked, self.refused, self.interactions, self.files, self.uploads, self.stumbled):
            record.clear()

    def is_first(self, meaning: Meaning) -> bool:
        """Whether nothing of this meaning was asked before."""
        with self.lock:
            first = meaning.digest() not in self.stumbled
            self.stumbled.add(meaning.digest())
        return first

    def take(self, request: Asked, *, failed: bool) -> None:
        """Records a request; the retries of one that was answered with an error count once."""
        with self.lock:
            same = [each for each in reversed(self.asked) if each.origin.lane == request.origin.lane][:1]
            if not (failed and same and same[0].meaning == request.meaning):
                self.asked.append(request)

    def words(self, meaning: Meaning) -> str:
        """The words that were chosen for this request, if any."""
        text = f"{meaning.system}\n{meaning.prompt()}"
        return next((each.words for each in self.said if each.pattern.search(text)), "")

    def begin_upload(self, mime_type: str) -> str:
        """The name of a new upload."""
        with self.lock:
            name = f"upload-{secrets.token_hex(8)}"
            self.uploads[name] = (mime_type, [])
        return name

    def add_chunk(self, upload: str, data: bytes) -> None:
        """Takes a part of an upload that goes on."""
        self.uploads[upload][1].append(data)

    def end_upload(self, upload: str, data: bytes) -> Json:
        """The file that an upload has become; its name follows from what it holds, not from when it came."""
        mime, chunks = self.uploads.pop(upload)
        data = b"".join([*chunks, data])
        stem = hashlib.sha256(mime.encode() + b"\0" + data).hexdigest()[:12]
        with self.lock:
            name = stem
            while name in self.files:
                name = f"{stem}-{len(self.files)}"
            record = {"name": f"files/{name}", "uri": f"https://files.example/{name}", "mimeType": mime}
            self.files[name] = {**record, "sizeBytes": str(len(data)), "state": "ACTIVE"}
        return self.files[name]
