"""The text that a person reads, as a file: what is said on a terminal, without colours and diffs."""

from __future__ import annotations

from migrator.outcome import said, said_by_check
from migrator.report import text
from migrator.report.record import Record
from migrator.settings import Mode


def render(record: Record) -> str:
    """Give the report of a run as text."""
    spoken = said_by_check if record.mode is Mode.CHECK else said
    tense = text.Tense.DONE if record.mode is Mode.APPLY else text.Tense.POSSIBLE
    parts = [text.render(outcome, spoken(outcome), text.Style()) for outcome in record.outcomes]
    return "".join([*parts, text.summarise(record.summary, tense)])
