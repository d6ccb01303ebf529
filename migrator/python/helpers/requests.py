"""The functions that rewritten code may bring along to make a request; each is defined once in a file that needs it."""

from __future__ import annotations

from migrator.planning.config import LOW, MEDIUM, USUAL

REQUEST_HELPERS = {
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
    "json_schema": '''\
def _json_schema(schema):
    """JSON Schema for what generate_content takes as a schema: a class, a Schema, or a dict of either spelling."""
    if schema is None:
        return None
    if isinstance(schema, dict):
        kind = schema.get("type")
        if not isinstance(kind, str) or not kind.isupper():
            return schema
        schema = types.Schema.model_validate(schema)
    if isinstance(schema, types.Schema):
        return schema.json_schema.model_dump(by_alias=True, exclude_none=True, mode="json")
    return TypeAdapter(schema).json_schema()
''',
    "tools": '''\
def _tools(tools):
    """Declared functions, Google search and pages to read as the tools of an interaction; None where there are none."""
    found = []
    for tool in tools or ():
        given = types.Tool.model_validate(tool)
        for name, settings in given.model_dump(exclude_none=True).items():
            if name != "function_declarations" and (settings or name not in ("google_search", "url_context")):
                raise ValueError(f"no tool of an interaction is known for {name}")
            if name != "function_declarations":
                found.append({"type": name})
        for each in given.function_declarations or ():
            schema = each.parameters_json_schema or _json_schema(each.parameters)
            entry = {"type": "function", "name": each.name, "description": each.description, "parameters": schema}
            found.append({name: value for name, value in entry.items() if value is not None})
    return found or None
''',
    "safety_settings": '''\
def _safety_settings(settings):
    """The safety settings of generate_content as those of an interaction."""
    found = []
    for setting in settings or ():
        given = types.SafetySetting.model_validate(setting).model_dump(exclude_none=True, mode="json")
        given = {name: value.removeprefix("HARM_CATEGORY_").lower() for name, value in given.items()}
        found.append({"type": given.pop("category"), **given})
    return found
''',
}
REQUEST_SIGNATURES = {
    "json_schema": "(schema: Any) -> Any",
    "tools": "(tools: Any) -> Any",
    "safety_settings": "(settings: Any) -> list[dict[str, Any]]",
    "thinking_level": f"(budget: Any, levels: Any = {USUAL!r}) -> Any".replace("'", '"'),
}
