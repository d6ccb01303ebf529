"""The functions that rewritten code may bring along to make contents of what only the run knows."""

from __future__ import annotations

CONTENT_HELPERS = {
    "content_type": '''\
def _content_type(mime_type):
    """The Interactions content type for a MIME type."""
    kind = (mime_type or "").partition("/")[0]
    return kind if kind in ("image", "audio", "video") else "document"
''',
    "uri_content": '''\
def _uri_content(uri, mime_type):
    """A file at an address as an Interactions content of its kind."""
    return {"type": _content_type(mime_type), "uri": uri, "mime_type": mime_type}
''',
    "inline_content": '''\
def _inline_content(data, mime_type):
    """Inline data as an Interactions content of its kind; text is sent as text."""
    kind = mime_type.partition("/")[0]
    if kind == "text" and mime_type != "text/csv":
        return {"type": "text", "text": data.decode()}
    if kind not in ("image", "audio", "video"):
        kind = "document"
    return {"type": kind, "data": base64.b64encode(data).decode(), "mime_type": mime_type}
''',
    "content_of_part": '''\
def _content_of_part(part):
    """A types.Part as an Interactions content."""
    sent = part.model_dump(exclude_none=True)
    match list(sent):
        case ["text"]:
            return {"type": "text", "text": part.text}
        case ["inline_data"]:
            return _inline_content(part.inline_data.data, part.inline_data.mime_type)
        case ["file_data"] if part.file_data.mime_type:
            mime_type = part.file_data.mime_type
            return {"type": _content_type(mime_type), "uri": part.file_data.file_uri, "mime_type": mime_type}
    raise ValueError(f"no content is known for a part of {list(sent)}")
''',
    "step_of": '''\
def _step_of(content):
    """A types.Content as a step of an interaction."""
    kind = "model_output" if content.role == "model" else "user_input"
    return {"type": kind, "content": [_content_of_part(part) for part in content.parts or []]}
''',
    "input_of": '''\
def _input_of(contents):
    """Contents of generate_content as the steps of an interaction."""
    return [_step_of(content) for content in _transformers.t_contents(contents)]
''',
    "restored": '''\
def _restored(history):
    """The steps of stored turns, which are types.Content objects or dicts like them."""
    steps = []
    for content in [types.Content.model_validate(turn) for turn in history or []]:
        said = []
        for part in content.parts or []:
            if part.thought_signature:
                signature = base64.b64encode(part.thought_signature).decode()
                steps.append({"type": "thought", "signature": signature})
                part = part.model_copy(update={"thought_signature": None})
            if part != types.Part():
                said.append(_content_of_part(part))
        steps.append({"type": "model_output" if content.role == "model" else "user_input", "content": said})
    return steps
''',
    "content_of": '''\
def _content_of(item):
    """A text or an uploaded file as an Interactions content."""
    match item:
        case str() as text:
            return {"type": "text", "text": text}
        case types.File() as file:
            return {"type": _content_type(file.mime_type), "uri": file.uri, "mime_type": file.mime_type}
    raise TypeError(f"no content is known for a {type(item).__name__}")
''',
    "image_content": '''\
def _image_content(image):
    """A PIL image as an Interactions content; a JPEG file stays a JPEG, anything else becomes a PNG."""
    keep = image.format == "JPEG" and getattr(image, "filename", "")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality="keep") if keep else image.save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    return {"type": "image", "data": data, "mime_type": "image/jpeg" if keep else "image/png"}
''',
}
CONTENT_MODULES = {"inline_content": ("base64",), "image_content": ("base64", "io"), "restored": ("base64",)}
