"""What a read of the response becomes: uses and features in, edits and vetoes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from migrator.diagnostics import Level
from migrator.python.evidence.values import Facts
from migrator.python.replies import cited as read_sources
from migrator.python.replies import enums as read_enums
from migrator.python.replies import items as read_items
from migrator.python.replies import text as read_text
from migrator.python.replies import tools as read_tools
from migrator.python.replies import turns
from migrator.python.replies import values as read_values
from migrator.python.replies.asked import asked, is_always_true
from migrator.python.replies.chains import shortened
from migrator.python.replies.handed import ELSEWHERE
from migrator.python.replies.uses import How, Track, Use
from migrator.python.replies.writer import Answer, Writer, is_tested
from migrator.python.tools import called
from migrator.python.writing.render import Renderer

__all__ = ["Answer", "Writer", "read"]

READERS: Mapping[str, Callable[[Writer, Use], None]] = {
    "called": called.called,
    "candidates": read_items.candidates,
    "citations": read_tools.citations,
    "code": read_tools.code,
    "code_output": read_tools.code_output,
    "decoded": read_values.decoded,
    "feedback": read_values.feedback,
    "function_calls": read_tools.function_calls,
    "itself": read_values.itself,
    "mime_type": read_values.mime_type,
    "never": read_values.never,
    "output": read_tools.output,
    "optional_count": read_values.optional_count,
    "parsed": read_text.parsed,
    "part_code_execution_result": read_items.held,
    "part_executable_code": read_items.held,
    "part_file_data": read_items.held,
    "part_function_call": read_items.held,
    "part_function_response": read_items.held,
    "part_image": read_items.image,
    "part_inline_data": read_items.held,
    "part_text": read_items.text,
    "part_thought": read_items.thought,
    "parts": read_items.parts,
    "rebuilt": read_sources.rebuilt,
    "search_queries": read_tools.search_queries,
    "search_suggestions": read_tools.search_suggestions,
    "status": read_enums.status,
    "text": read_text.text,
    "url_results": read_tools.url_results,
}
"""What a map may call; each puts edits or vetoes for one use."""

_NAME_THEIR_OWN = frozenset({"citations", "feedback", "mime_type", "parsed", "rebuilt", "status"})
"""Readers that know when the difference of their row matters."""


def read(facts: Facts, renderer: Renderer, track: Track, answer: Answer) -> Writer:
    """The edits and vetoes of all uses of one unit's responses."""
    writer = Writer(facts, renderer, track, answer)
    for use in sorted(track.uses, key=lambda use: use.field == ELSEWHERE):  # around what a read becomes
        _read(writer, use)
    writer.edits.update(shortened(facts, writer.edits))
    return writer


def _read(writer: Writer, use: Use) -> None:
    row = use.row
    if row is None:
        _read_whole(writer, use)
    elif row.refuse is not None:
        writer.refuse(use, f"{use.shape.type}.{use.field}: {row.refuse}", advice=row.advice)
    else:
        if row.level is not Level.SAFE and row.via not in _NAME_THEIR_OWN and not is_tested(use):
            writer.ask(use, f"{use.shape.type}.{use.field}: {row.note}")
        reader = READERS[row.via] if row.via is not None else read_values.renamed
        (asked if row.via is not None and is_always_true(writer, use) else reader)(writer, use)


def _read_whole(writer: Writer, use: Use) -> None:
    """A use of an item, of a list, or of a variable that holds a value."""
    match use:
        case Use(field="append()" | "extend()" | "insert()"):
            turns.appended(writer, use)
        case Use(field=turns.COLLECTED):
            turns.check_collected(writer, use)
        case Use(field="shown"):
            read_tools.shown(writer, use)
        case Use(field="Part()"):
            read_values.in_a_part(writer, use)
        case Use(field=field) if field == ELSEWHERE:
            read_tools.handed_on(writer, use)
        case Use(field="printed" | "continued" | "saved"):
            pass  # of a history, whose steps stand in its place
        case Use(field=""):
            read_values.alias(writer, use)
        case Use(field="len()", how=How.COUNTED):
            pass  # a list is counted as before
        case _:
            read_items.item(writer, use)
