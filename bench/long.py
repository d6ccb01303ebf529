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


def program(lines: int) -> bytes:
    """A program of about so many lines, a call in every hundred."""
    text = [_HEAD]
    for number in range(max(lines // 100, 1)):
        text.append(_CALL.format(number=number, digit=number % 10))
        text += [_OTHER.format(number=number, part=part) for part in range(8)]
    return "".join(text).encode()
