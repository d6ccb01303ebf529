"""The functions that rewritten code may bring along to make a request; each is defined once in a file that needs it."""

from __future__ import annotations

from migrator.planning.config import LOW, MEDIUM, USUAL

REQUEST_HELPERS = {
    "json_schema": '''\
def _json_schema(schema):
    """A class, a types.Schema or a dict like one as JSON Schema."""
    if schema is None:
        return None
    if isinstance(schema, dict):
        try:
            schema = types.Schema.model_validate(schema)
        except ValidationError:  # a JSON Schema that no types.Schema can say
            return schema
    if isinstance(schema, types.Schema):
        return schema.json_schema.model_dump(by_alias=True, exclude_none=True, mode="json")
    return TypeAdapter(schema).json_schema()
''',
    "settings_of": '''\
def _settings_of(config):
    """A configuration of generate_content as keywords of interactions.create."""
    config = types.GenerateContentConfig.model_validate(config or {})
    given = {name: value for name in config.model_fields_set if (value := getattr(config, name)) is not None}
    for name in ("top_k", "automatic_function_calling"):
        given.pop(name, None)
    if given.get("candidate_count") == 1:
        given.pop("candidate_count")
    sampling = ("temperature", "top_p", "max_output_tokens", "stop_sequences", "seed")
    generation = {name: given.pop(name) for name in sampling if name in given}
    if thinking := given.pop("thinking_config", None):
        level = thinking.thinking_level.lower() if thinking.thinking_level else None
        generation["thinking_level"] = level or _thinking_level(thinking.thinking_budget)
        generation["thinking_summaries"] = "auto" if thinking.include_thoughts else None
    settings = {"generation_config": {name: value for name, value in generation.items() if value is not None}}
    instruction = given.pop("system_instruction", None)
    if instruction is not None and not isinstance(instruction, str):
        contents = _transformers.t_contents(instruction)
        instruction = "\\n".join(part.text for content in contents for part in content.parts or [])
    settings["system_instruction"] = instruction
    schema = given.pop("response_json_schema", None) or _json_schema(given.pop("response_schema", None))
    mime_type = given.pop("response_mime_type", "application/json" if schema else "text/plain")
    if mime_type == "application/json":
        settings["response_format"] = {"type": "text", "mime_type": mime_type, **({"schema": schema} if schema else {})}
    elif mime_type != "text/plain":
        given["response_mime_type"] = mime_type
    if safety := given.pop("safety_settings", None):
        settings["safety_settings"] = [
            {
                "type": one.category.removeprefix("HARM_CATEGORY_").lower(),
                "threshold": one.threshold.lower(),
                **({"method": one.method.lower()} if one.method else {}),
            }
            for one in safety
        ]
    if given:
        raise ValueError(f"no counterpart in an interaction is known for {', '.join(sorted(given))}")
    return {name: value for name, value in settings.items() if value}
''',
    "function_tool": '''\
def _function_tool(declaration):
    """A types.FunctionDeclaration, or a dict like one, as a tool of an interaction."""
    declaration = types.FunctionDeclaration.model_validate(declaration)
    tool = {"type": "function", "name": declaration.name}
    if declaration.description is not None:
        tool["description"] = declaration.description
    if declaration.parameters_json_schema is not None:
        tool["parameters"] = declaration.parameters_json_schema
    elif declaration.parameters is not None:
        dump = declaration.parameters.json_schema.model_dump(by_alias=True, exclude_none=True, mode="json")
        tool["parameters"] = dump
    return tool
''',
    "thinking_level": f'''\
def _thinking_level(budget, levels={"(" + ", ".join(f'"{level}"' for level in USUAL) + ")"}):
    """The thinking level nearest to a budget of tokens; None where the model decides."""
    if budget is None or budget == -1:
        return None
    if budget == 0:
        return levels[0]
    level = "low" if budget <= {LOW} else "medium" if budget <= {MEDIUM} else "high"
    return level if level in levels else levels[-1]
''',
}
REQUEST_SIGNATURES = {
    "json_schema": "(schema: Any) -> Any",
    "settings_of": "(config: Any) -> dict[str, Any]",
    "function_tool": "(declaration: Any) -> dict[str, Any]",
    "thinking_level": f"(budget: Any, levels: Any = {USUAL!r}) -> Any".replace("'", '"'),
}
