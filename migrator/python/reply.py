"""The functions that rewritten code may bring along to read a reply; each is defined once in a file that needs it."""

from __future__ import annotations

REPLY_HELPERS = {
    "text_of": '''\
def _text_of(interaction):
    """All text of a reply; output_text has only what follows the last call or picture."""
    return "".join(
        content.text
        for step in interaction.steps or []
        if step.type == "model_output"
        for content in step.content or []
        if content.type == "text"
    )
''',
    "contents_of": '''\
def _contents_of(interaction):
    """The contents of a reply, in order."""
    return [
        content
        for step in interaction.steps or []
        if step.type == "model_output"
        for content in step.content or []
    ]
''',
    "parts_of": '''\
def _parts_of(interaction):
    """The contents of a reply and the function calls and thoughts between them, in order."""
    parts = []
    for step in interaction.steps or []:
        if step.type == "model_output":
            parts += step.content or []
        elif step.type == "function_call" or step.type == "thought" and step.summary:
            parts.append(step)
    return parts
''',
    "parts_with_code_of": '''\
def _parts_with_code_of(interaction):
    """The contents of a reply and the calls, results, pictures and thoughts between them, in order."""
    parts = []
    for step in interaction.steps or []:
        if step.type == "model_output":
            parts += step.content or []
        elif step.type in ("function_call", "code_execution_call") or step.type == "thought" and step.summary:
            parts.append(step)
        elif step.type == "code_execution_result":
            made = step.result if isinstance(step.result, list) else []
            parts += [step, *(content for content in made if content.type == "image")]
    return parts
''',
    "function_calls_of": '''\
def _function_calls_of(interaction):
    """The function calls of a reply."""
    return [step for step in interaction.steps or [] if step.type == "function_call"]
''',
    "code_of": '''\
def _code_of(interaction):
    """The first code that was executed for a reply, or None."""
    steps = (step for step in interaction.steps or [] if step.type == "code_execution_call")
    return next((step.arguments.code for step in steps), None)
''',
    "code_output_of": '''\
def _code_output_of(interaction):
    """What the first code that was executed for a reply wrote, or None."""
    for step in interaction.steps or []:
        if step.type == "code_execution_result":
            result = step.result
            return result if isinstance(result, str) else "".join(each.text for each in result if each.type == "text")
    return None
''',
    "finish_reason": '''\
def _finish_reason(interaction):
    """Why a reply ended; what withholds one raises an error."""
    from google.genai.types import FinishReason

    if interaction.status in ("completed", "requires_action"):
        return FinishReason.STOP
    return FinishReason.MAX_TOKENS if interaction.status == "incomplete" else FinishReason.OTHER
''',
    "output_of": '''\
def _output_of(step):
    """What executed code wrote; files that it made are contents beside the text."""
    result = step.result
    return result if isinstance(result, str) else "".join(each.text for each in result if each.type == "text")
''',
    "search_queries_of": '''\
def _search_queries_of(interaction):
    """What was searched for."""
    return [
        query
        for step in interaction.steps or []
        if step.type == "google_search_call"
        for query in step.arguments.queries or []
    ]
''',
    "search_suggestions_of": '''\
def _search_suggestions_of(interaction):
    """The HTML of the search suggestions, or None."""
    steps = (step for step in interaction.steps or [] if step.type == "google_search_result")
    return next((result.search_suggestions for step in steps for result in step.result or []), None)
''',
    "citations_of": '''\
def _citations_of(interaction):
    """The sources that the text cites, passage by passage."""
    return [
        annotation
        for step in interaction.steps or []
        if step.type == "model_output"
        for content in step.content or []
        if content.type == "text"
        for annotation in content.annotations or []
        if annotation.type == "url_citation"
    ]
''',
    "url_results_of": '''\
def _url_results_of(interaction):
    """The pages that were visited."""
    return [
        result
        for step in interaction.steps or []
        if step.type == "url_context_result"
        for result in step.result or []
    ]
''',
    "text_of_part": '''\
def _text_of_part(part):
    """The text of a content or of a thought's summary; None where there is none."""
    if part.type == "thought":
        return "".join(content.text for content in part.summary if content.type == "text")
    return getattr(part, "text", None)
''',
    "image_of": '''\
def _image_of(part):
    """The picture that a content is, or None."""
    from google.genai import types as genai_types

    if part.type != "image":
        return None
    return genai_types.Image(image_bytes=base64.b64decode(part.data), mime_type=part.mime_type)
''',
    "parsed": '''\
def _parsed(schema, text):
    """What ``text`` says in terms of ``schema``; None where it does not fit."""
    try:
        return TypeAdapter(schema).validate_json(text)
    except ValueError:
        return None
''',
    "loaded": '''\
def _loaded(text):
    """What the JSON ``text`` says; None where it is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return None
''',
}
REPLY_MODULES = {"image_of": ("base64",), "loaded": ("json",)}
