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
    "unquoted": '''\
def _unquoted(text):
    """A value that was chosen, without the quotes that JSON puts around it."""
    return (text or "").strip('"')
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
    "has_step": '''\
def _has_step(interaction, kind):
    """Whether a reply has a step of this kind."""
    return any(step.type == kind for step in interaction.steps or [])
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
    "grounding_of": '''\
def _grounding_of(interaction):
    """What a reply rests on as types.GroundingMetadata, or None; its chunks are the sources that the texts cite."""
    from google.genai import types

    texts = []
    queries = []
    retrievals = []
    html = token = None
    for step in interaction.steps or []:
        if step.type == "model_output":
            texts += step.content or []
        elif step.type == "google_search_call":
            queries += step.arguments.queries or []
        elif step.type == "retrieval_call" and step.arguments:
            retrievals += step.arguments.queries or []
        elif step.type == "google_search_result":
            html = next((each.search_suggestions for each in step.result or []), html)
        elif step.type == "google_maps_result":
            token = next((each.widget_context_token for each in step.result or []), token)
    chunks, supports = _cited_in(texts)
    found = types.GroundingMetadata(
        grounding_chunks=chunks or None,
        grounding_supports=supports or None,
        web_search_queries=queries or None,
        retrieval_queries=retrievals or None,
        search_entry_point=types.SearchEntryPoint(rendered_content=html) if html else None,
        google_maps_widget_context_token=token,
    )
    return found if found != types.GroundingMetadata() else None
''',
    "cited_in": '''\
def _cited_in(contents):
    """The sources that texts cite, as types.GroundingChunk, and the passages that they support, with their indices."""
    from google.genai import types

    cited = [(at, note) for at, each in enumerate(contents) if each.type == "text" for note in each.annotations or []]
    chunks = []
    supports = []
    passages = {}
    for at, note in sorted(cited, key=lambda pair: (pair[0], pair[1].start_index or 0, pair[1].end_index or 0)):
        chunk = _source_of(note)
        if chunk is not None:
            chunks += [] if chunk in chunks else [chunk]
            passages.setdefault((at, note.start_index, note.end_index), []).append(chunks.index(chunk))
    for (at, start, end), indices in passages.items():
        text = contents[at].text.encode()[start:end].decode(errors="ignore")
        segment = types.Segment(start_index=start, end_index=end, text=text)
        supports.append(types.GroundingSupport(segment=segment, grounding_chunk_indices=indices))
    return chunks, supports
''',
    "source_of": '''\
def _source_of(annotation):
    """The source that an annotation names as types.GroundingChunk, or None."""
    from google.genai import types

    if annotation.type == "url_citation":
        page = types.GroundingChunkWeb(uri=annotation.url, title=annotation.title)
        return types.GroundingChunk(web=page)
    if annotation.type == "place_citation":
        place = types.GroundingChunkMaps(uri=annotation.url, title=annotation.name, place_id=annotation.place_id)
        return types.GroundingChunk(maps=place)
    if annotation.type == "file_citation":
        file = types.GroundingChunkRetrievedContext(uri=annotation.document_uri, title=annotation.file_name)
        return types.GroundingChunk(retrieved_context=file)
    return None
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
    "parsed_by": '''\
def _parsed_by(schema, text):
    """What ``text`` says in terms of ``schema``, as data where the schema is data; None where it does not fit."""
    try:
        if isinstance(schema, (dict, types.Schema)):
            return json.loads(text)
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
REPLY_MODULES = {"image_of": ("base64",), "loaded": ("json",), "parsed_by": ("json",)}
