"""What one run of the command did, and where its requests stand in the source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from migrator.proof.command import Ended
from migrator.records import dataclass
from migrator.twin.state import Asked, Origin, Refused


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the project's source: ``path`` from the project's folder; empty where the sender did not tell it."""

    path: str = ""
    line: int = 0
    text: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.path else "(line unknown)"


@dataclass(frozen=True, slots=True)
class Ran:
    """One run: how it ended, what it asked, the folder it ran in and the one in which its files are now."""

    ended: Ended
    asked: Sequence[Asked]
    refused: Sequence[Refused]
    folder: Path
    files: Path

    def place(self, origin: Origin) -> Place:
        """Where a request comes from."""
        if not origin.path:
            return Place()
        path = Path(origin.path)
        if not path.is_relative_to(self.folder):
            return Place(origin.path, origin.line)
        inside = path.relative_to(self.folder)
        return Place(inside.as_posix(), origin.line, _line(self.files / inside, origin.line))

    def strangers(self, original: Path) -> list[Origin]:
        """The requests that come from the folder that was copied, and not from the copy."""
        origins = [each.origin for each in self.asked]
        return [each for each in origins if each.path and Path(each.path).is_relative_to(original)]


def _line(file: Path, number: int) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()[number - 1].strip()
    except (OSError, IndexError):
        return ""
