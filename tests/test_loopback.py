"""The judge is judged: pairs that are the same program are seen as the same, and planted defects as different."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest
from running import explain, run

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.twin.state import Twin

HEAD = """
from google import genai
from google.genai import types
client = genai.Client(api_key="test-key")
"""
GENERATE = "client.models.generate_content(model='gemini-2.5-flash', contents="
CREATE = "client.interactions.create(model='gemini-2.5-flash', store=False, input="
WEATHER = "name='weather', description='d', parameters="
LEGACY_WEATHER = (
    f"types.Tool(function_declarations=[types.FunctionDeclaration({WEATHER}"
    "types.Schema(type='OBJECT', properties={'city': types.Schema(type='STRING')}, required=['city']))])"
)
NEW_WEATHER = (
    "{'type': 'function', 'name': 'weather', 'description': 'd', 'parameters':"
    " {'type': 'object', 'properties': {'city': {'type': 'string'}}, 'required': ['city']}}"
)
JOIN = (
    "''.join(c.text for s in (i.steps or []) if s.type == 'model_output' for c in s.content or [] if c.type == 'text')"
)

SAME = {
    "text": (
        f"r = {GENERATE}'hi')\nprint(r.text, r.usage_metadata.total_token_count, r.model_version, r.response_id)",
        f"i = {CREATE}'hi')\nprint(i.output_text, i.usage.total_tokens, i.model, i.id)",
    ),
    "config": (
        f"r = {GENERATE}['a', 'b'], config=types.GenerateContentConfig(system_instruction=['x', 'y'], temperature=1,"
        " top_p=0.5, seed=3, stop_sequences=['z'], max_output_tokens=9))\nprint(r.text)",
        f"i = {CREATE}[{{'type': 'text', 'text': 'a'}}, {{'type': 'text', 'text': 'b'}}], system_instruction='x\\ny',"
        " generation_config={'temperature': 1.0, 'top_p': 0.5, 'seed': 3, 'stop_sequences': ['z'],"
        " 'max_output_tokens': 9})\nprint(i.output_text)",
    ),
    "bytes": (
        f"r = {GENERATE}[types.Part.from_bytes(data=open('cat.png', 'rb').read(), mime_type='image/png'), 'what?'],"
        " config={'mediaResolution': 'MEDIA_RESOLUTION_LOW'})\nprint(r.text)",
        f"i = {CREATE}[{{'type': 'image', 'data': open('cat.png', 'rb'), 'mime_type': 'image/png',"
        " 'resolution': 'low'}, {'type': 'text', 'text': 'what?'}])\nprint(i.output_text)",
    ),
    "schema": (
        "import pydantic\nclass In(pydantic.BaseModel):\n    n: int | None = None\n"
        "class Out(pydantic.BaseModel):\n    name: str\n    parts: list[In]\n"
        f"r = {GENERATE}'hi', config={{'response_mime_type': 'application/json', 'response_schema': Out}})\n"
        "print(repr(r.parsed))",
        "import pydantic\nclass In(pydantic.BaseModel):\n    n: int | None = None\n"
        "class Out(pydantic.BaseModel):\n    name: str\n    parts: list[In]\n"
        f"i = {CREATE}'hi', response_format={{'type': 'text', 'mime_type': 'application/json',"
        " 'schema': Out.model_json_schema()})\nprint(repr(Out.model_validate_json(i.output_text)))",
    ),
    "history": (
        f"r = {GENERATE}[types.Content(role='user', parts=[types.Part(text='a')]),"
        " types.Content(role='model', parts=[types.Part(text='b')]), {'role': 'user', 'parts': [{'text': 'c'}]}])\n"
        "print(r.text)",
        f"i = {CREATE}[{{'type': 'user_input', 'content': [{{'type': 'text', 'text': 'a'}}]}},"
        " {'type': 'model_output', 'content': [{'type': 'text', 'text': 'b'}]},"
        " {'type': 'user_input', 'content': [{'type': 'text', 'text': 'c'}]}])\nprint(i.output_text)",
    ),
    "search": (
        f"r = {GENERATE}'hi', config={{'tools': [{{'google_search': {{}}}}]}})\n"
        "print(r.text, r.candidates[0].grounding_metadata.web_search_queries)",
        f"i = {CREATE}'hi', tools=[{{'type': 'google_search'}}])\n"
        f"print({JOIN}, [q for s in i.steps if s.type == 'google_search_call' for q in s.arguments.queries])",
    ),
    "functions": (
        f"said = [types.Content(role='user', parts=[types.Part(text='call weather')])]\ntool = {LEGACY_WEATHER}\n"
        f"r = {GENERATE}said, config={{'tools': [tool]}})\ncall = r.function_calls[0]\nprint(call.name, call.args)\n"
        "said.append(r.candidates[0].content)\n"
        "said.append(types.Content(role='user', parts=[types.Part.from_function_response(name=call.name,"
        f" response={{'sun': True}})]))\nprint({GENERATE}said, config={{'tools': [tool]}}).text)",
        "said = [{'type': 'user_input', 'content': [{'type': 'text', 'text': 'call weather'}]}]\n"
        f"tool = {NEW_WEATHER}\n"
        f"i = {CREATE}said, tools=[tool])\ncall = [s for s in i.steps if s.type == 'function_call'][0]\n"
        "print(call.name, call.arguments)\nsaid += i.steps\n"
        "said.append({'type': 'function_result', 'name': call.name, 'call_id': call.id, 'result': {'sun': True}})\n"
        f"print({CREATE}said, tools=[tool]).output_text)",
    ),
    "forced call": (
        f"r = {GENERATE}'hi', config={{'tools': [{LEGACY_WEATHER}], 'tool_config': {{'function_calling_config':"
        " {'mode': 'ANY', 'allowed_function_names': ['weather']}}})\nprint(r.function_calls[0].args)",
        f"i = {CREATE}'hi', tools=[{NEW_WEATHER}], generation_config={{'tool_choice': {{'allowed_tools':"
        " {'mode': 'any', 'tools': ['weather']}}})\nprint([s.arguments for s in i.steps if s.type != 'thought'][0])",
    ),
    "picture": (
        f"r = {GENERATE}'hi', config={{'response_modalities': ['TEXT', 'IMAGE'],"
        " 'image_config': {'aspect_ratio': '1:1'}})\nprint(r.text, r.parts[1].inline_data.data)",
        f"import base64\ni = {CREATE}'hi', response_format=[{{'type': 'text'}},"
        " {'type': 'image', 'aspect_ratio': '1:1'}])\n"
        f"print({JOIN}, base64.b64decode(i.output_image.data))",
    ),
    "voice": (
        f"r = {GENERATE}'hi', config={{'response_modalities': ['AUDIO'], 'speech_config': {{'voice_config':"
        " {'prebuilt_voice_config': {'voice_name': 'Kore'}}}})\nprint(r.parts[0].inline_data.data)",
        f"import base64\ni = {CREATE}'hi', response_format={{'type': 'audio'}},"
        " generation_config={'speech_config': [{'voice': 'Kore'}]})\nprint(base64.b64decode(i.output_audio.data))",
    ),
    "thoughts": (
        f"r = {GENERATE}'hi', config={{'thinking_config': {{'include_thoughts': True, 'thinking_level': 'LOW'}}}})\n"
        "for p in r.parts:\n    print(p.thought or False, p.text)",
        f"i = {CREATE}'hi', generation_config={{'thinking_summaries': 'auto', 'thinking_level': 'low'}})\n"
        "for s in i.steps:\n    for c in (s.summary or [] if s.type == 'thought' else s.content):\n"
        "        print(s.type == 'thought', c.text)",
    ),
    "code": (
        f"r = {GENERATE}'run code', config={{'tools': [{{'code_execution': {{}}}}]}})\n"
        "print(r.text, r.executable_code, r.code_execution_result)",
        f"i = {CREATE}'run code', tools=[{{'type': 'code_execution'}}])\n"
        f"print({JOIN}, *[s.arguments.code for s in i.steps if s.type == 'code_execution_call'],"
        " *[s.result for s in i.steps if s.type == 'code_execution_result'])",
    ),
    "the rest": (
        f"r = {GENERATE}'hi', config={{'safety_settings': [{{'category': 'HARM_CATEGORY_HARASSMENT',"
        " 'threshold': 'BLOCK_NONE'}], 'service_tier': 'flex',"
        " 'http_options': {'headers': {'x-team': 'a'}, 'timeout': 9000}})\nprint(r.text)",
        f"i = {CREATE}'hi', safety_settings=[{{'type': 'harassment', 'threshold': 'block_none'}}],"
        " service_tier='flex', extra_headers={'x-team': 'a'}, timeout=9)\nprint(i.output_text)",
    ),
    "cut short": (
        f"print({GENERATE}'max tokens').candidates[0].finish_reason == types.FinishReason.MAX_TOKENS)",
        f"print({CREATE}'max tokens').status == 'incomplete')",
    ),
    "upload": (
        "f = client.files.upload(file='report.pdf')\n" + f"print({GENERATE}[f, 'what?']).text)",
        "f = client.files.upload(file='report.pdf')\n"
        f"print({CREATE}[{{'type': 'document', 'uri': f.uri, 'mime_type': f.mime_type}},"
        " {'type': 'text', 'text': 'what?'}]).output_text)",
    ),
    "error": (
        f"from google.genai import errors\ntry:\n    {GENERATE}'error 429')\n"
        "except errors.APIError as e:\n    print(e.code)",
        f"from google.genai._interactions import APIError\ntry:\n    {CREATE}'error 429')\n"
        "except APIError as e:\n    print(e.status_code)",
    ),
    "stream": (
        "for c in client.models.generate_content_stream(model='gemini-2.5-flash', contents='hi'):\n"
        "    print(c.text, end='|') if c.text else None",
        f"for e in {CREATE}'hi', stream=True):\n"
        "    if e.event_type == 'step.delta' and e.delta.type == 'text':\n        print(e.delta.text, end='|')",
    ),
    "async": (
        "import asyncio\nasync def main():\n    r = await client.aio.models.generate_content("
        "model='gemini-2.5-flash', contents='hi')\n    print(r.text)\nasyncio.run(main())",
        "import asyncio\nasync def main():\n    i = await client.aio.interactions.create("
        "model='gemini-2.5-flash', input='hi', store=False)\n    print(i.output_text)\nasyncio.run(main())",
    ),
    "server state": (
        f"r = {GENERATE}'a')\nprint({GENERATE}[types.UserContent('a'), r.candidates[0].content,"
        " types.UserContent('b')]).text)",
        "one = client.interactions.create(model='gemini-2.5-flash', input='a')\n"
        "print(client.interactions.create(model='gemini-2.5-flash', input='b',"
        " previous_interaction_id=one.id).output_text)",
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_program_is_the_same(name: str, loopback: Twin, files: Path) -> None:
    before, after = (run((HEAD + script).encode(), loopback, files) for script in SAME[name])
    assert explain(before, after) == []
    assert before.output


PLANTED = {
    "system instruction lost": ("config", ", system_instruction='x\\ny'", "", "system"),
    "temperature dropped": ("config", "'temperature': 1.0, ", "", "sampling"),
    "wrong role": ("history", "'model_output'", "'user_input'", "turns"),
    "bytes unencoded": ("bytes", "open('cat.png', 'rb')", "b'cat'", "turns"),
    "resolution lost": ("bytes", ", 'resolution': 'low'", "", "turns"),
    "schema lost": ("schema", "'schema': Out.model_json_schema()", "", "format"),
    "tool lost": ("search", ", tools=[{'type': 'google_search'}]", "", "tools"),
    "header lost": ("the rest", ", extra_headers={'x-team': 'a'}", "", "headers"),
    "safety lost": ("the rest", "'block_none'", "'off'", "safety"),
    "thought level lost": ("thoughts", ", 'thinking_level': 'low'", "", "thinking"),
    "signature lost": ("functions", "said += i.steps", "said.append(call)", "turns"),
    "voice lost": ("voice", "'voice': 'Kore'", "'voice': 'Puck'", "speech"),
    "shape lost": ("picture", ", 'aspect_ratio': '1:1'", "", "image"),
    "choice lost": ("forced call", "'mode': 'any'", "'mode': 'auto'", "tool_choice"),
    "text before the search lost": ("search", JOIN, "i.output_text", "output"),
    "picture left as text": ("picture", "base64.b64decode(i.output_image.data)", "i.output_image.data", "output"),
    "error not caught": ("error", "google.genai._interactions import", "google.genai.errors import", "fails after"),
    "unknown model": ("text", "gemini-2.5-flash", "gemini-2.0-flash", "invalid request"),
}


@pytest.mark.parametrize("defect", PLANTED)
def test_a_planted_defect_is_seen(defect: str, loopback: Twin, files: Path) -> None:
    name, old, new, seen = PLANTED[defect]
    legacy, script = SAME[name]
    assert old in script
    before = run((HEAD + legacy).encode(), loopback, files)
    after = run((HEAD + script.replace(old, new)).encode(), loopback, files)
    assert [line for line in explain(before, after) if line.startswith(seen)]


def test_a_script_of_its_own_uses_its_own_main_module(loopback: Twin, files: Path) -> None:
    script = textwrap.dedent("""
        import os, sys
        answer = 42
        print(__name__, sys.modules["__main__"].answer, "cat.png" in os.listdir())
    """)
    assert run(script.encode(), loopback, files).output == "__main__ 42 True\n"


def test_an_exception_is_told(loopback: Twin, files: Path) -> None:
    assert "ZeroDivisionError" in run(b"1 / 0", loopback, files).error
