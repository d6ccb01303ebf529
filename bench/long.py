"""Programs of any length with legacy calls in them, for measurements."""

from __future__ import annotations

_HEAD = '''"""A long program."""
from google import genai
from google.genai import types

client = genai.Client()
'''

_CALL = """

def ask_{number}(question: str) -> str:
    response = client.models.generate_content(
        model="gemini-2.5-flash",
        contents=question,
        config=types.GenerateContentConfig(temperature=0.{digit}, max_output_tokens={number}),
    )
    if not response.text:
        raise ValueError("nothing was said")
    return response.text
"""

_OTHER = """

def step_{number}_{part}(values: list[int], factor: int = {part}) -> dict[str, int]:
    total = 0
    for index, value in enumerate(values):
        if value % (factor + 1):
            total += value * index  # the odd ones
        else:
            total -= max(value, index, factor)
    return {{"total": total, "factor": factor, "count": len(values)}}
"""


def program(lines: int, calls: int | None = None) -> bytes:
    """A program of about so many lines, with a call in every hundred or so many in all."""
    parts = max(lines // 100, 1)
    calling = set(range(parts)) if calls is None else {number * parts // calls for number in range(calls)}
    text = [_HEAD]
    for number in range(parts):
        if number in calling:
            text.append(_CALL.format(number=number, digit=number % 10))
        text += [_OTHER.format(number=number, part=part) for part in range(8 if number in calling else 9)]
    return "".join(text).encode()
