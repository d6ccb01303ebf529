"""How far a run is, on a terminal's standard error: one line that goes away before anything else is said."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import field
from typing import TextIO

from migrator.outcome import Outcome, Summary
from migrator.records import dataclass
from migrator.report.console import Reporter
from migrator.report.summary import plural

EVERY = 0.1  # seconds between two looks at the clock
PATIENCE = 0.5  # seconds that a run may take without a word
_CLEAR = "\r\x1b[K"


@dataclass(slots=True)
class ProgressReporter:
    """Reports through ``inner`` and shows, of ``total`` files to look into, how many are done and how long it takes."""

    inner: Reporter
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    total: int = 0
    _done: int = 0
    _sites: int = 0
    _began: float = field(default_factory=time.monotonic)
    _shown: float = 0.0

    def begin(self, total: int) -> None:
        """Say how many files there are to look into."""
        self.total = total

    def take(self, outcome: Outcome) -> None:
        """Report one file, and how far the run is."""
        self._clear()
        self.inner.take(outcome)
        self._done += 1
        self._sites += len(outcome.sites)
        self._show()

    def close(self, summary: Summary, skipped: Sequence[str], /) -> None:
        """Report the run; the line is gone."""
        self._clear()
        self.inner.close(summary, skipped)

    def _show(self) -> None:
        now = time.monotonic()
        if now - self._began < PATIENCE or now - self._shown < EVERY:
            return
        self._shown = now
        self.stream.write(f"{_CLEAR}{line(self._done, self.total, self._sites, now - self._began)}")
        self.stream.flush()

    def _clear(self) -> None:
        if self._shown:
            self.stream.write(_CLEAR)
            self.stream.flush()


def line(done: int, total: int, sites: int, seconds: float) -> str:
    """Say in words how far a run is."""
    left = seconds / done * (total - done) if done else 0.0
    remaining = f"{left / 60:.0f} min" if left >= 90 else f"{left:.0f} s"
    return f"{done} of {total} files, {plural(sites, 'call site')}, about {remaining} left"
