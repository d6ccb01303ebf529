"""The few named functions that a map row may call.

REQUEST_HANDLERS name what the plan can do to a request's field; READERS name what a writer can make of a read of the
response. Both are closed: a map that names another one is refused when it is loaded.
"""

from __future__ import annotations

REQUEST_HANDLERS: tuple[str, ...] = ()

READERS: tuple[str, ...] = (
    "candidates",
    "citations",
    "code",
    "code_output",
    "decoded",
    "function_calls",
    "itself",
    "parsed",
    "part_code_execution_result",
    "part_executable_code",
    "part_file_data",
    "part_function_call",
    "part_inline_data",
    "part_text",
    "part_thought",
    "parts",
    "search_queries",
    "search_suggestions",
    "status",
    "steps",
    "text",
    "url_results",
)
