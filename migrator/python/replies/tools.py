"""Reads of what tools were asked and what they said: functions, code, searches, visited pages."""

from __future__ import annotations

from migrator.python.replies.lists import listed
from migrator.python.replies.uses import Use
from migrator.python.replies.writer import Writer, carried, is_tested
from migrator.python.writing.edits import Replace
from migrator.python.writing.layout import Doc, Group
from migrator.records import dataclass


def function_calls(writer: Writer, use: Use) -> None:
    """The function_call steps; legacy gave None for none."""
    doc = _steps(writer, use, "function_call", "step")
    if len(writer.uses("function_calls")) == 1 and not writer.in_text(use.node) and not writer.is_named_here(use):
        listed(writer, use, doc, has_step(writer, use, "function_call"), "calls")
    else:
        called = writer.helper("function_calls_of", carried(use))
        listed(writer, use, called, called, "calls")


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
    if writer.is_named_here(use):
        return writer.helper("has_step", carried(use), writer.text(kind))
    return writer.comprehension(
        f"step.type == {writer.text(kind)}", ("for step in ", carried(use), ".steps or []"), brackets="any()"
    )


# Code ----------------------------------------------------------------------------------------------------------------


def code(writer: Writer, use: Use) -> None:
    """The first code that was executed, or None."""
    _first(writer, use, _Kind("code_execution_call", "step.arguments.code"))


def code_output(writer: Writer, use: Use) -> None:
    """The text that the first executed code gave, or None."""
    writer.put(use.node, writer.helper("code_output_of", carried(use)))


def output(writer: Writer, use: Use) -> None:
    """The text that executed code gave; a result is a list of contents where the code made files."""
    writer.put(use.node, writer.helper("output_of", carried(use)))


# Searches and pages --------------------------------------------------------------------------------------------------

METADATA = {
    "GroundingMetadata": "google_search_call",
    "SearchEntryPoint": "google_search_result",
    "UrlContextMetadata": "url_context_result",
}
"""The step that stands for an object which legacy gave only after a search, or a visit of a page."""


_SHOWN = {
    "GroundingMetadata": ("google_search_call", "google_search_result"),
    "SearchEntryPoint": ("google_search_result",),
    "UrlContextMetadata": ("url_context_result",),
}


def shown(writer: Writer, use: Use) -> None:
    """An object that is printed whole, where the interaction stands for it, is shown by its steps alone."""
    kinds = _SHOWN.get(use.shape.type if use.row is None else use.row.of)
    if kinds is None:
        return
    source = next((each for each in writer.track.uses if each.node is use.node and each.row is not None), use)
    doc = writer.comprehension(
        "step", ("for step in ", carried(source), ".steps or []"), f"if step.type {writer.one_of(kinds)}"
    )
    writer.put(use.node, doc)


def handed_on(writer: Writer, use: Use) -> None:
    """A call of the model for a function of another file, which reads it as before."""
    read = writer.edits.get(use.node)
    writer.put(use.node, writer.helper("function_call", read.doc if isinstance(read, Replace) else carried(use)))


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of step, and what is read of each."""

    step: str
    element: str
    loop: tuple[str, ...] = ()


def search_queries(writer: Writer, use: Use) -> None:
    """The queries of all searches."""
    _all(writer, use, _Kind("google_search_call", "query", ("for query in step.arguments.queries or []",)))


def url_results(writer: Writer, use: Use) -> None:
    """The pages that were visited."""
    _all(writer, use, _Kind("url_context_result", "result", ("for result in step.result or []",)))


def search_suggestions(writer: Writer, use: Use) -> None:
    """The HTML of the first search's suggestions, or None."""
    loop = ("for result in step.result or []",)
    _first(writer, use, _Kind("google_search_result", "result.search_suggestions", loop))


def citations(writer: Writer, use: Use) -> None:
    """The url_citation annotations of all texts: one for each passage that a source supports."""
    assert use.row is not None
    if not is_tested(use):
        writer.ask(use, f"{use.shape.type}.{use.field}: {use.row.note}")
    loop = (
        "for content in step.content or []",
        f"if content.type == {writer.text('text')}",
        "for annotation in content.annotations or []",
        f"if annotation.type == {writer.text('url_citation')}",
    )
    _all(writer, use, _Kind("model_output", "annotation", loop))


def _first(writer: Writer, use: Use, kind: _Kind) -> None:
    """What the first step of a kind says, or None."""
    if is_tested(use):
        writer.test(use, has_step(writer, use, kind.step))
    elif _stands(writer, use):
        inner = _steps(writer, use, kind.step, kind.element, *kind.loop, brackets="()")
        writer.put(use.node, "next(", inner, ", None)")
    else:
        writer.put(use.node, _called(writer, use))


def _all(writer: Writer, use: Use, kind: _Kind) -> None:
    """What all steps of a kind say."""
    if _stands(writer, use):
        doc: Doc = _steps(writer, use, kind.step, kind.element, *kind.loop)
    else:
        doc = _called(writer, use)
    asked = doc if kind.step == "model_output" else has_step(writer, use, kind.step)
    listed(writer, use, doc, asked, "them")


def _stands(writer: Writer, use: Use) -> bool:
    assert use.row is not None
    assert use.row.via is not None
    return writer.stands_alone(use.row.via)


def _called(writer: Writer, use: Use) -> Doc:
    """The function that finds the same."""
    assert use.row is not None
    return writer.helper(f"{use.row.via}_of", carried(use))
