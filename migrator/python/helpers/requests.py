"""The functions that rewritten code may bring along to make a request; each is defined once in a file that needs it."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from migrator.planning.at_run_time import CONFIG, IMAGE, carried, dropped
from migrator.planning.config import LOW, MEDIUM, USUAL
from migrator.planning.derived import INNER

REQUEST_HELPERS = {
    "json_schema": '''\
def _json_schema(schema):
    """A class, a types.Schema or a dict like one as JSON Schema."""
    if schema is None:
        return None
    if isinstance(schema, dict):
        try:
            schema = types.Schema.model_validate(schema)
        except ValidationError:  # JSON Schema that says more than the SDK knows
            return schema
    if isinstance(schema, types.Schema):
        return schema.json_schema.model_dump(by_alias=True, exclude_none=True, mode="json")
    return TypeAdapter(schema).json_schema()
''',
    "function_tool": '''\
def _function_tool(declaration):
    """The declaration of a function as a tool of an interaction."""
    given = types.FunctionDeclaration.model_validate(declaration)
    schema = given.parameters_json_schema or _json_schema(given.parameters)
    tool = {"type": "function", "name": given.name, "description": given.description, "parameters": schema}
    return {name: value for name, value in tool.items() if value is not None}
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
        found += map(_function_tool, given.function_declarations or ())
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
_FORMATS = '''\
def _formats(kinds, image, text):
    """The kinds of content that are asked for, with what is said of pictures and of the text."""
    found = []
    for kind in [each.lower() for each in kinds or ("text", "image")]:
        if kind not in ("text", "image"):
            raise ValueError(f"no counterpart in an interaction is known for {kind} beside other settings")
        said = image.model_dump(exclude_none=True) if image and kind == "image" else {}
        if said.keys() - {{carried}}:
            raise ValueError(f"no counterpart in an interaction is known for {', '.join(sorted(said))}")
        found.append({"type": kind, **said} if kind == "image" or not text else text)
    if text and text not in found:
        found.insert(0, text)
    return found[0] if len(found) == 1 else found
'''
PICTURES, TOOLS = "pictures", "tools"  # the parts of ``_settings_of``
_SETTINGS_OF = '''\
def _settings_of(config=None):
    """A configuration of generate_content as keywords of interactions.create."""
    config = types.GenerateContentConfig.model_validate(config or {})
    given = {name: value for name in config.model_fields_set if (value := getattr(config, name)) is not None}
    for name in ({dropped}):
        given.pop(name, None)
    for name, usual in (("candidate_count", 1), ("response_modalities", ["TEXT"])):
        if given.get(name) == usual:
            given.pop(name)
    sampling = ({sampling})
    generation = {name: given.pop(name) for name in sampling if name in given}
    if thinking := given.pop("thinking_config", None):
        level = thinking.thinking_level.lower() if thinking.thinking_level else None
        generation["thinking_level"] = level or _thinking_level(thinking.thinking_budget)
        generation["thinking_summaries"] = "auto" if thinking.include_thoughts else None
    generation = {name: value for name, value in generation.items() if value is not None}
    settings = {"generation_config": generation}
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
    settings["safety_settings"] = _safety_settings(given.pop("safety_settings", None))
{pictures}{tools}    if given:
        raise ValueError(f"no counterpart in an interaction is known for {', '.join(sorted(given))}")
    return {name: value for name, value in settings.items() if value}
'''
_PICTURES = """\
    kinds, image = given.pop("response_modalities", None) or [], given.pop("image_config", None)
    if kinds or image:
        settings["response_format"] = _formats(kinds, image, settings.get("response_format"))
"""
_TOOLS = """\
    settings["tools"] = _tools(given.pop("tools", None))
"""


def settings_of(parts: AbstractSet[str]) -> str:
    """The function that makes keywords of a configuration, with those of its ``parts`` that a file needs."""
    code = _SETTINGS_OF.replace("{tools}", _TOOLS if TOOLS in parts else "")
    code = code.replace("{pictures}", _PICTURES if PICTURES in parts else "")
    code = code.replace("{dropped}", _quoted((*dropped(CONFIG), "automatic_function_calling")))
    return code.replace("{sampling}", _quoted(carried(CONFIG, INNER)))


def formats(_parts: AbstractSet[str]) -> str:
    """The function that makes one format of the kinds of content and of what is said of pictures."""
    return _FORMATS.replace("{carried}", _quoted(carried(IMAGE)))


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


REQUEST_SIGNATURES = {
    "json_schema": "(schema: Any) -> Any",
    "settings_of": "(config: Any = None) -> dict[str, Any]",
    "function_tool": "(declaration: Any) -> dict[str, Any]",
    "formats": "(kinds: Any, image: Any, text: Any) -> Any",
    "tools": "(tools: Any) -> Any",
    "safety_settings": "(settings: Any) -> list[dict[str, Any]]",
    "thinking_level": f"(budget: Any, levels: Any = {USUAL!r}) -> Any".replace("'", '"'),
}
