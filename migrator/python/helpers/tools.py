"""The functions that rewritten code brings along to call Python functions among its tools, as the legacy SDK did."""

from __future__ import annotations

_RESULTS = '''\
{define} _{name}(steps, tools):
    """The results of the functions that a reply asks for: what each returned, or the error that it raised."""
    functions = {{tool.__name__: tool for tool in tools or () if callable(tool)}}
    results = []
    for call in steps or [] if functions else []:
        if call.type != "function_call":
            continue
        function = functions[call.name]
        arguments = _extra_utils.convert_number_values_for_dict_function_call_args(call.arguments or {{}})
        try:
{invoke}
        except Exception as error:
            result = {{"error": str(error)}}
        answer = types.FunctionResponse(response=result).model_dump(mode="json", exclude_none=True)["response"]
        step = {{"type": "function_result", "call_id": call.id, "name": call.name, "result": answer}}
        results.append({{**step, "is_error": "error" in result}})
    return results
'''
_INVOKE = """\
            result = {"result": _extra_utils.invoke_function_from_dict_args(arguments, function)}"""
_INVOKE_ASYNC = """\
            if inspect.iscoroutinefunction(function):
                value = await _extra_utils.invoke_function_from_dict_args_async(arguments, function)
            else:
                value = await asyncio.to_thread(_extra_utils.invoke_function_from_dict_args, arguments, function)
            result = {"result": value}"""

_STATELESS = '''\
{define} _{name}(create, *, input, tools=(), maximum_remote_calls=10, **settings):
    """The reply to an input; Python functions among the tools are called as often as replies ask for them."""
    steps = _steps_of(input){begin}
    settings["tools"] = _declared(tools) or None
    interaction = {wait}create(input=steps, **settings)
    for _ in range(maximum_remote_calls - 1):
        results = {wait}_{results}(interaction.steps, tools)
        if not results:
            break
        steps += [*interaction.steps, *results]
        interaction = {wait}create(input=steps, **settings){end}
    return interaction
'''
_UNRECORDED = {"begin": "", "end": ""}
_RECORDED = {
    "begin": "\n    asked = len(steps)",
    "end": "\n    interaction.called_steps = steps if len(steps) > asked else []",
}
_STATEFUL = '''\
{define} _{name}(create, *, input, tools=(), maximum_remote_calls=10, **settings):
    """The reply to an input; Python functions among the tools are called as often as replies ask for them."""
    settings["tools"] = _declared(tools) or None
    interaction = {wait}create(input=input, **settings)
    for _ in range(maximum_remote_calls - 1):
        results = {wait}_{results}(interaction.steps, tools)
        if not results:
            break
        settings["previous_interaction_id"] = interaction.id
        interaction = {wait}create(input=results, **settings)
    return interaction
'''

_EVENTS = '''\
class _{events}:
    """The events of a streamed reply, and of those that follow when the functions that it asks for are called."""

    def __init__(self, events, tools, most, ask):
        self.events, self.tools, self.most, self.ask = events, tools, most, ask

    {define} __{a}enter__(self):
        return self

    {define} __{a}exit__(self, *error):
        {wait}self.events.__{a}exit__(*error)

    {define} __{a}iter__(self):
        for left in reversed(range(max(self.most, 1))):
            steps, reply = {{}}, None
            {loop} event in self.events:
                _record(steps, event)
                reply = event.interaction if event.event_type == "interaction.completed" else reply
                yield event
            calls = [
                interactions.FunctionCallStep.model_construct(**step)
                for step in steps.values()
                if left and reply is not None and step["type"] == "function_call"
            ]
            results = {wait}_{results}(calls, self.tools)
            if not results:
                break
            self.events = {wait}self.ask(reply, [*steps.values()], results)
'''
_STREAMED = '''\
{define} _{name}(create, *, input, tools=(), maximum_remote_calls=10, **settings):
    """The events of a reply; Python functions among the tools are called as often as replies ask for them."""
    said = _steps_of(input)
    settings["tools"] = _declared(tools) or None

    {define} ask(_reply, steps, results):
        said.extend([*steps, *results])
        return {wait}create(input=said, **settings)

    events = {wait}create(input=said, **settings)
    return _{events}(events, tools, maximum_remote_calls, ask)
'''
_STREAMED_STATEFUL = '''\
{define} _{name}(create, *, input, tools=(), maximum_remote_calls=10, **settings):
    """The events of a reply; Python functions among the tools are called as often as replies ask for them."""
    settings["tools"] = _declared(tools) or None

    {define} ask(reply, _steps, results):
        asked = {{**settings, "previous_interaction_id": reply.id}}
        return {wait}create(input=results, **asked)

    events = {wait}create(input=input, **settings)
    return _{events}(events, tools, maximum_remote_calls, ask)
'''
_SYNC = {
    "define": "def",
    "wait": "",
    "a": "",
    "loop": "for",
    "results": "function_results",
    "events": "ToolEvents",
}
_ASYNC = {
    "define": "async def",
    "wait": "await ",
    "a": "a",
    "loop": "async for",
    "results": "async_function_results",
    "events": "AsyncToolEvents",
}
TOOL_HELPERS = {
    "function_result": '''\
def _function_result(given, call):
    """The result of a function in a types.Part, or in a types.Content of it alone, as the step that answers a call."""
    (part,) = (given.parts or []) if isinstance(given, types.Content) else [given]
    result = part.function_response.model_dump(mode="json", exclude_none=True)
    return {"type": "function_result", "call_id": call.id, "name": result["name"], "result": result["response"]}
''',
    "function_call": '''\
def _function_call(call):
    """A call of a function as the legacy type, for code that reads it so; None where there is none."""
    return call and types.FunctionCall(id=call.id, name=call.name, args=call.arguments)
''',
    "declared": '''\
def _declared(tools):
    """The tools of an interaction: a Python function among them as the declaration that the SDK makes of it."""
    declared = []
    for tool in tools or ():
        if callable(tool):
            made = types.FunctionDeclaration.from_callable_with_api_option(callable=tool, use_json_schema=True)
            tool = {"name": made.name, "description": made.description, "parameters": made.parameters_json_schema}
            tool = {"type": "function", **tool}
        declared.append(tool)
    return declared
''',
    "steps_of": '''\
def _steps_of(input):
    """The steps that an input stands for: a text, or a list of contents, is what the user says."""
    items = [{"type": "text", "text": input}] if isinstance(input, str) else input
    said = ("text", "image", "audio", "video", "document")
    is_said = all(isinstance(item, dict) and item["type"] in said for item in items)
    return [{"type": "user_input", "content": items}] if is_said else [*items]
''',
    "function_results": _RESULTS.format(define="def", name="function_results", invoke=_INVOKE),
    "async_function_results": _RESULTS.format(define="async def", name="async_function_results", invoke=_INVOKE_ASYNC),
    "run_tools": _STATELESS.format(name="run_tools", **_UNRECORDED, **_SYNC),
    "async_run_tools": _STATELESS.format(name="async_run_tools", **_UNRECORDED, **_ASYNC),
    "run_recorded_tools": _STATELESS.format(name="run_recorded_tools", **_RECORDED, **_SYNC),
    "async_run_recorded_tools": _STATELESS.format(name="async_run_recorded_tools", **_RECORDED, **_ASYNC),
    "run_stored_tools": _STATEFUL.format(name="run_stored_tools", **_SYNC),
    "async_run_stored_tools": _STATEFUL.format(name="async_run_stored_tools", **_ASYNC),
    "ToolEvents": _EVENTS.format(**_SYNC),
    "AsyncToolEvents": _EVENTS.format(**_ASYNC),
    "stream_tools": _STREAMED.format(name="stream_tools", **_SYNC),
    "async_stream_tools": _STREAMED.format(name="async_stream_tools", **_ASYNC),
    "stream_stored_tools": _STREAMED_STATEFUL.format(name="stream_stored_tools", **_SYNC),
    "async_stream_stored_tools": _STREAMED_STATEFUL.format(name="async_stream_stored_tools", **_ASYNC),
}

_RUN = """\
(
    create: Any, *, input: Any, tools: Any = (), maximum_remote_calls: int = 10, **settings: Any
) -> Any"""
_RESULTS_OF = "(steps: Any, tools: Any) -> list[Any]"
TOOL_SIGNATURES = {
    "function_result": "(given: Any, call: Any) -> dict[str, Any]",
    "function_call": "(call: Any) -> Any",
    "declared": "(tools: Any) -> list[Any]",
    "steps_of": "(input: Any) -> list[Any]",
    "function_results": _RESULTS_OF,
    "async_function_results": _RESULTS_OF,
    "run_tools": _RUN,
    "async_run_tools": _RUN,
    "run_recorded_tools": _RUN,
    "async_run_recorded_tools": _RUN,
    "run_stored_tools": _RUN,
    "async_run_stored_tools": _RUN,
    "stream_tools": _RUN,
    "async_stream_tools": _RUN,
    "stream_stored_tools": _RUN,
    "async_stream_stored_tools": _RUN,
}
TOOL_ANNOTATIONS = {
    "(self, events, tools, most, ask):": "(self, events: Any, tools: Any, most: int, ask: Any) -> None:",
    "enter__(self):": "enter__(self) -> Any:",
    "iter__(self):": "iter__(self) -> Any:",
    "exit__(self, *error):": "exit__(self, *error: Any) -> None:",
    "(_reply, steps, results):": "(_reply: Any, steps: list[Any], results: list[Any]) -> Any:",
    "(reply, _steps, results):": "(reply: Any, _steps: list[Any], results: list[Any]) -> Any:",
    "steps, reply = {}, None": "steps: dict[int, dict[str, Any]] = {}\n            reply: Any = None",
}
"""What stands inside of a helper, in a file that annotates its functions."""
TOOL_MODULES = {"async_function_results": ("asyncio", "inspect")}
TOOL_NAMES = {
    "function_call": ("types",),
    "function_result": ("types",),
    "declared": ("types",),
    "function_results": ("_extra_utils", "types"),
    "async_function_results": ("_extra_utils", "types"),
    "ToolEvents": ("interactions",),
    "AsyncToolEvents": ("interactions",),
}
"""The modules of google.genai that a helper's code uses."""

_CALLING = ("declared", "function_results")
_ASYNC_CALLING = ("declared", "async_function_results")
_STREAMING = (*_CALLING, "ToolEvents", "record", "record.calls")
_ASYNC_STREAMING = (*_ASYNC_CALLING, "AsyncToolEvents", "record", "record.calls")
NEEDED_BY = {
    "run_tools": ("run_tools", *_CALLING, "steps_of"),
    "async_run_tools": ("async_run_tools", *_ASYNC_CALLING, "steps_of"),
    "run_recorded_tools": ("run_recorded_tools", *_CALLING, "steps_of"),
    "async_run_recorded_tools": ("async_run_recorded_tools", *_ASYNC_CALLING, "steps_of"),
    "run_stored_tools": ("run_stored_tools", *_CALLING),
    "async_run_stored_tools": ("async_run_stored_tools", *_ASYNC_CALLING),
    "stream_tools": ("stream_tools", *_STREAMING, "steps_of"),
    "async_stream_tools": ("async_stream_tools", *_ASYNC_STREAMING, "steps_of"),
    "stream_stored_tools": ("stream_stored_tools", *_STREAMING),
    "async_stream_stored_tools": ("async_stream_stored_tools", *_ASYNC_STREAMING),
}
"""The helpers that come along with each that rewritten code names."""

RUNNERS = frozenset(name for name in NEEDED_BY if name.endswith("tools"))
"""The helpers that are given the method which asks for an interaction."""
