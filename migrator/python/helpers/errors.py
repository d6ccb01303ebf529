"""The functions that rewritten code may bring along to read an error, whichever hierarchy it is of."""

from __future__ import annotations

ERROR_HELPERS = {
    "status_code": '''\
def _status_code(error):
    """The HTTP status of an error, be it of google.genai.errors or of an interaction."""
    return error.code if hasattr(error, "code") else error.status_code
''',
    "error_message": '''\
def _error_message(error):
    """What the service says in an error, be it of google.genai.errors or of an interaction."""
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else None
    return inner.get("message") if isinstance(inner, dict) else error.message
''',
    "error_status": '''\
def _error_status(error):
    """The status in an error of google.genai.errors, or the code that an interaction's error has in its place."""
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else None
    return inner.get("code") if isinstance(inner, dict) else error.status
''',
    "status_name": '''\
def _status_name(error):
    """The status in an error of google.genai.errors, or the code of an interaction's error spelt like one."""
    if not hasattr(error, "body"):
        return error.status
    inner = error.body.get("error", error.body) if isinstance(error.body, dict) else None
    name = inner.get("status", inner.get("code")) if isinstance(inner, dict) else None
    return name.upper() if isinstance(name, str) else None
''',
}
