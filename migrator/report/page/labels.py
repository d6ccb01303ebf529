"""The words of the page for what became of a call."""

from __future__ import annotations

from migrator.outcome import Status
from migrator.records import dataclass
from migrator.report import summary as words
from migrator.report.page.notes import ABOUT_FILE, FAILED
from migrator.settings import Mode

_WORDS = {
    "review": "to review",
    "refused": "refused",
    "suppressed": "suppressed",
    "right": "right",
    "wrong": "wrong",
    "unseen": "not checked",
    ABOUT_FILE: "about the file",
    FAILED: "error",
}
_MIGRATION = (Status.MIGRATED, Status.REVIEW, Status.REFUSED)
_VERIFICATION = (Status.RIGHT, Status.WRONG, Status.UNSEEN)


@dataclass(frozen=True, slots=True)
class Labels:
    """The words for a run of this mode."""

    mode: Mode

    def of(self, status: str) -> str:
        """What is said of a call with this status."""
        if status == Status.MIGRATED.value:
            return words.MIGRATED if self.mode is Mode.APPLY else words.POSSIBLE
        return _WORDS[status]

    def statuses(self) -> tuple[Status, ...]:
        """What can become of a call in a run of this mode, the best first."""
        return _VERIFICATION if self.mode is Mode.VERIFY else _MIGRATION

    @property
    def subject(self) -> str:
        """What the run is about."""
        return "request" if self.mode is Mode.VERIFY else "call"
