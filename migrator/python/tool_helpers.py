"""The functions that rewritten code brings along to call Python functions among its tools, as the legacy SDK did."""

from __future__ import annotations

_RESULTS = '''\
{define} _{name}(interaction, tools):
    """The results of the functions that a reply asks for: what each returned, or the error that it raised."""
    functions = {{tool.__name__: tool for tool in tools if callable(tool)}}
    calls = [step for step in interaction.steps or [] if step.type == "function_call"] if functions else []
    results = []
    for call in calls:
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
    declared = _declared(tools)
    steps = _steps_of(input)
    interaction = {wait}create(input=input, tools=declared, **settings)
    for _ in range(maximum_remote_calls - 1):
        results = {wait}_{results}(interaction, tools)
        if not results:
            break
        steps = [*steps, *interaction.steps, *results]
        interaction = {wait}create(input=steps, tools=declared, **settings)
    return interaction
'''
_STATEFUL = '''\
{define} _{name}(create, *, input, tools=(), maximum_remote_calls=10, **settings):
    """The reply to an input; Python functions among the tools are called as often as replies ask for them."""
    declared = _declared(tools)
    interaction = {wait}create(input=input, tools=declared, **settings)
    for _ in range(maximum_remote_calls - 1):
        results = {wait}_{results}(interaction, tools)
        if not results:
            break
        settings["previous_interaction_id"] = interaction.id
        interaction = {wait}create(input=results, tools=declared, **settings)
    return interaction
'''

_SYNC = {"define": "def", "wait": "", "results": "function_results"}
_ASYNC = {"define": "async def", "wait": "await ", "results": "async_function_results"}

TOOL_HELPERS = {
    "declared": '''\
def _declared(tools):
    """The tools, Python functions among them as the declarations that the SDK makes of them."""
    return [_declaration(tool) if callable(tool) else tool for tool in tools]
''',
    "declaration": '''\
def _declaration(function):
    """The declaration of a Python function."""
    made = types.FunctionDeclaration.from_callable_with_api_option(callable=function, use_json_schema=True)
    return {
        "type": "function",
        "name": made.name,
        "description": made.description,
        "parameters": made.parameters_json_schema,
    }
''',
    "steps_of": '''\
def _steps_of(input):
    """The steps that an input stands for: a text, or a list of contents, is what the user says."""
    items = [{"type": "text", "text": input}] if isinstance(input, str) else input
    kinds = [item["type"] for item in items if isinstance(item, dict)]
    contents = all(kind in ("text", "image", "audio", "video", "document") for kind in kinds)
    return [{"type": "user_input", "content": items}] if len(kinds) == len(items) and contents else [*items]
''',
    "function_results": _RESULTS.format(define="def", name="function_results", invoke=_INVOKE),
    "async_function_results": _RESULTS.format(define="async def", name="async_function_results", invoke=_INVOKE_ASYNC),
    "run_tools": _STATELESS.format(name="run_tools", **_SYNC),
    "async_run_tools": _STATELESS.format(name="async_run_tools", **_ASYNC),
    "run_stored_tools": _STATEFUL.format(name="run_stored_tools", **_SYNC),
    "async_run_stored_tools": _STATEFUL.format(name="async_run_stored_tools", **_ASYNC),
}

_RUN = """\
(
    create: Any, *, input: Any, tools: Any = (), maximum_remote_calls: int = 10, **settings: Any
) -> Any"""
_RESULTS_OF = "(interaction: Any, tools: Any) -> list[Any]"
TOOL_SIGNATURES = {
    "declared": "(tools: Any) -> list[Any]",
    "declaration": "(function: Any) -> dict[str, Any]",
    "steps_of": "(input: Any) -> list[Any]",
    "function_results": _RESULTS_OF,
    "async_function_results": _RESULTS_OF,
    "run_tools": _RUN,
    "async_run_tools": _RUN,
    "run_stored_tools": _RUN,
    "async_run_stored_tools": _RUN,
}
TOOL_MODULES = {"async_function_results": ("asyncio", "inspect")}
TOOL_NAMES = {
    "declaration": ("types",),
    "function_results": ("_extra_utils", "types"),
    "async_function_results": ("_extra_utils", "types"),
}
"""The modules of google.genai that a helper's code uses."""

DECLARING = ("declared", "declaration")
NEEDED_BY = {
    "run_tools": ("run_tools", *DECLARING, "steps_of", "function_results"),
    "async_run_tools": ("async_run_tools", *DECLARING, "steps_of", "async_function_results"),
    "run_stored_tools": ("run_stored_tools", *DECLARING, "function_results"),
    "async_run_stored_tools": ("async_run_stored_tools", *DECLARING, "async_function_results"),
}
"""The helpers that come along with each that rewritten code calls."""

RUNNERS = frozenset(name for name in NEEDED_BY if name.endswith("tools"))
"""The helpers that are given the method which asks for an interaction."""
