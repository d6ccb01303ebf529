"""Reads of what tools were asked and what they said: functions, code, searches, visited pages."""

from __future__ import annotations

from migrator.python.absence import none_matters
from migrator.python.layout import Doc, Group
from migrator.python.uses import How, Use
from migrator.python.writer import Writer, carried, is_tested


def function_calls(writer: Writer, use: Use) -> None:
    """The function_call steps; legacy gave None for none."""
    if writer.stands_alone("function_calls") or len(writer.uses("function_calls")) == 1:
        doc: Doc = _steps(writer, use, "function_call", "step")
        asked = has_step(writer, use, "function_call")
    else:
        doc = asked = writer.helper("function_calls_of", carried(use))
    either = writer.or_empty(use.node)
    if either is not use.node:
        writer.put(either, doc)
    elif is_tested(use):
        writer.test(use, asked)
    elif none_matters(writer.facts, use.node):
        writer.put(use.node, doc, " or None")
    else:
        writer.put(use.node, doc)


def _steps(writer: Writer, use: Use, kind: str, element: str, *more: str, brackets: str = "[]") -> Group:
    """``element`` of every step of a kind."""
    return writer.comprehension(
        element,
        ("for step in ", carried(use), ".steps or []"),
        f"if step.type == {writer.text(kind)}",
        *more,
        brackets=brackets,
    )


def has_step(writer: Writer, use: Use, kind: str) -> Doc:
    """Whether the reply has a step of a kind."""
    return writer.comprehension(
        f"step.type == {writer.text(kind)}", ("for step in ", carried(use), ".steps or []"), brackets="any()"
    )


def code(writer: Writer, use: Use) -> None:
    """The first code that was executed, or None."""
    _first(writer, use, "code_execution_call", "step.arguments.code")


def code_output(writer: Writer, use: Use) -> None:
    """What the first executed code gave, or None."""
    assert use.row is not None
    if not is_tested(use):
        writer.ask(use, f"{use.shape.type}.{use.field}: {use.row.note}")
    _first(writer, use, "code_execution_result", "step.result")


def _first(writer: Writer, use: Use, kind: str, element: str, *more: str) -> None:
    if is_tested(use):
        writer.test(use, has_step(writer, use, kind))
    else:
        writer.put(use.node, "next(", _steps(writer, use, kind, element, *more, brackets="()"), ", None)")


# Searches and pages --------------------------------------------------------------------------------------------------

METADATA = {
    "GroundingMetadata": "google_search_call",
    "SearchEntryPoint": "google_search_result",
    "UrlContextMetadata": "url_context_result",
}
"""The step that stands for an object which legacy gave only after a search, or a visit of a page."""


def search_queries(writer: Writer, use: Use) -> None:
    """The queries of all searches."""
    _collected(writer, use, "google_search_call", "query", "for query in step.arguments.queries or []")


def url_results(writer: Writer, use: Use) -> None:
    """The pages that were visited."""
    _collected(writer, use, "url_context_result", "result", "for result in step.result or []")


def search_suggestions(writer: Writer, use: Use) -> None:
    """The HTML of the first search's suggestions, or None."""
    element = "result.search_suggestions"
    _first(writer, use, "google_search_result", element, "for result in step.result or []")


def citations(writer: Writer, use: Use) -> None:
    """The url_citation annotations of all texts: one for each passage that a source supports."""
    assert use.row is not None
    if not is_tested(use):
        writer.ask(use, f"{use.shape.type}.{use.field}: {use.row.note}")
    doc = writer.comprehension(
        "annotation",
        ("for step in ", carried(use), ".steps or []"),
        f"if step.type == {writer.text('model_output')}",
        "for content in step.content or []",
        f"if content.type == {writer.text('text')}",
        "for annotation in content.annotations or []",
        f"if annotation.type == {writer.text('url_citation')}",
    )
    _listed(writer, use, doc, doc)


def _collected(writer: Writer, use: Use, kind: str, element: str, loop: str) -> None:
    _listed(writer, use, _steps(writer, use, kind, element, loop), has_step(writer, use, kind))


def _listed(writer: Writer, use: Use, doc: Doc, asked: Doc) -> None:
    """A list where legacy had a list or None."""
    either = writer.or_empty(use.node)
    if is_tested(use):
        writer.test(use, asked)
    elif either is not use.node:
        writer.put(either, doc)
    elif use.how is How.VALUE and none_matters(writer.facts, use.node):
        writer.put(use.node, doc, " or None")
    else:
        writer.put(use.node, doc)
