"""A request with placeholders for what it says: what a live check sends, and what a report shows of it.

Only what is named here is kept; everything else is left out, and said to be. Every place of the result knows which
place of the source it came from, so that an answer that names a field can be followed back.
"""

from __future__ import annotations

import base64
from dataclasses import field
from enum import Enum
from functools import cache
from typing import Any, Final

from migrator.records import dataclass
from migrator.schema import ANY, SPREAD, UNSET, Known
from migrator.specimens import pdf, png, wav
from migrator.verification.body import Sender

PROMPT: Final = "Reply with OK."
INSTRUCTION: Final = "Be brief."
OUTPUT_TOKENS: Final = 16

_DROPPED: Final = object()
_STEPS = ("user_input", "model_output")
_CONTENTS = ("text", "image", "audio", "video", "document")
_SCHEMA_KEPT = ("type", "format", "minItems", "maxItems", "minimum", "maximum", "nullable", "additionalProperties")
_SCHEMA_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_SCHEMA_NAMED = ("properties", "$defs")
_PLAIN_TOOLS = {
    "google_search": ("search_types",),
    "url_context": (),
    "code_execution": (),
    "google_maps": ("enable_widget",),
    "computer_use": ("environment", "enable_prompt_injection_detection"),
}
_CONFIG = ("temperature", "top_p", "seed", "thinking_level", "thinking_summaries")


class Content(Enum):
    """Whether what the request says is replaced, or sent where the source shows it."""

    REPLACED = "replaced"
    SENT = "sent"


@dataclass(slots=True)
class Replacing:
    """One request on its way; ``places`` maps a path of the result to the path of the source."""

    content: Content
    places: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)  # paths of the result whose values are the check's own

    def drop(self, path: str, why: str) -> Any:  # noqa: ANN401  - a mark among values of any kind
        """Leave something out and note it."""
        self.left_out.append(f"{path}: {why}")
        return _DROPPED

    def named(self, name: object, kind: str) -> str:
        """The same stand-in for the same name."""
        if self.content is Content.SENT and isinstance(name, str):
            return name
        return self.names.setdefault(f"{kind} {name}", f"{kind}_{len(self.names) + 1}")

    def body(self, given: dict[str, Any], sender: Sender) -> dict[str, Any]:
        """The whole body; what is not visible is replaced or left out."""
        done: dict[str, Any] = {"model": given["model"], "input": self._input(given.get("input", ANY), sender)}
        self.places |= {"": "", "model": "model", "input": "input"}
        for name, value in given.items():
            match name:
                case "model" | "input" | "store" | "background" | "stream":
                    continue
                case "system_instruction":
                    self._put(done, name, name, name, self._words(value, INSTRUCTION))
                case "tools":
                    self._put(done, name, name, name, self._items(value, name, name, self._tool))
                case "generation_config":
                    self._put(done, name, name, name, self._config(value))
                case "response_format":
                    self._put(done, name, name, name, self._formats(value))
                case "safety_settings" if _is_visible(value):
                    self._put(done, name, name, name, value)
                    self._copy_places(value, name, name)
                case _ if name != SPREAD and value is not UNSET:
                    self.drop(name, "never sent by a live check")
        done["store"] = False
        config = done.setdefault("generation_config", {})
        config["max_output_tokens"] = OUTPUT_TOKENS
        self.made |= {"store", "generation_config.max_output_tokens"}
        for own in self.made:
            self.places.setdefault(own, "")
        return done

    def _put(self, into: dict[str, Any], key: str, sent: str, source: str, value: Any) -> None:  # noqa: ANN401
        if value is _DROPPED:
            return
        into[key] = value
        self.places[sent] = source

    def _copy_places(self, value: object, sent: str, source: str) -> None:
        self.places[sent] = source
        match value:
            case dict():
                for key, inner in value.items():
                    self._copy_places(inner, f"{sent}.{key}", f"{source}.{key}")
            case list():
                for at, inner in enumerate(value):
                    self._copy_places(inner, f"{sent}[{at}]", f"{source}[{at}]")

    def _words(self, value: object, instead: str) -> Any:  # noqa: ANN401
        if value is UNSET:
            return _DROPPED
        return value if self.content is Content.SENT and isinstance(value, str) else instead

    def _items(self, value: object, sent: str, source: str, each: Any) -> Any:  # noqa: ANN401
        """A list with its items done; the places count what is kept."""
        if not isinstance(value, list):
            return _DROPPED if value is UNSET else self.drop(source, "not visible")
        done: list[Any] = []
        for at, item in enumerate(value):
            new = each(item, f"{sent}[{len(done)}]", f"{source}[{at}]")
            if new is not _DROPPED:
                self.places[f"{sent}[{len(done)}]"] = f"{source}[{at}]"
                done.append(new)
        return done

    # Input ---------------------------------------------------------------------------------------------------------

    def _input(self, value: object, sender: Sender) -> Any:  # noqa: ANN401
        match value:
            case list() if any(_type(item) not in _CONTENTS for item in value if isinstance(item, dict)):
                return self._items(value, "input", "input", self._step) or PROMPT
            case list() if sender is Sender.SDK:  # which wraps contents in one step
                contents = self._items(value, "input[0].content", "input", self._content)
                self.places |= {"input[0]": "input", "input[0].content": "input"}
                return [{"type": "user_input", "content": contents or [_text()]}]
            case list():
                return self._items(value, "input", "input", self._content) or PROMPT
            case dict():
                done = self._content(value, "input", "input")
                return PROMPT if done is _DROPPED else done
            case str():
                return self._words(value, PROMPT)
        self.left_out.append("input: not visible, a short text stands for it")
        return PROMPT

    def _step(self, value: object, sent: str, source: str) -> Any:  # noqa: ANN401
        if not isinstance(value, dict) or SPREAD in value:
            return self.drop(source, "not visible")
        kind = _type(value)
        if kind in _STEPS:
            contents = self._items(value.get("content"), f"{sent}.content", f"{source}.content", self._content)
            self.places |= {f"{sent}.type": f"{source}.type", f"{sent}.content": f"{source}.content"}
            return {"type": kind, "content": [_text()] if contents is _DROPPED or not contents else contents}
        if kind == "function_call":
            self.places |= {f"{sent}.{key}": f"{source}.{key}" for key in ("type", "id", "name", "arguments")}
            made = {"id": self.named(value.get("id"), "call"), "name": self.named(value.get("name"), "function")}
            return {"type": kind, **made, "arguments": {}}
        if kind == "function_result":
            return self._result(value, sent, source)
        return self.drop(source, f"a step of type {kind} comes from another interaction")

    def _result(self, value: dict[str, Any], sent: str, source: str) -> Any:  # noqa: ANN401
        self.places |= {f"{sent}.{key}": f"{source}.{key}" for key in ("type", "call_id", "name", "result")}
        given = value.get("result")
        result: Any = {"result": "OK"} if isinstance(given, dict) else "OK"
        if isinstance(given, list):
            result = self._items(given, f"{sent}.result", f"{source}.result", self._content) or [_text()]
        done = {"type": "function_result", "call_id": self.named(value.get("call_id"), "call"), "result": result}
        return done | ({"name": self.named(value["name"], "function")} if "name" in value else {})

    def _content(self, value: object, sent: str, source: str) -> Any:  # noqa: ANN401
        if not isinstance(value, dict):
            return self.drop(source, "not visible")
        kind = _type(value)
        if kind == "text":
            self.places |= {f"{sent}.type": f"{source}.type", f"{sent}.text": f"{source}.text"}
            return {"type": "text", "text": self._words(value.get("text"), PROMPT)}
        if self.content is Content.SENT and _is_visible(value):
            self._copy_places(value, sent, source)
            return value
        if kind not in _media():
            return self.drop(source, "there is no small placeholder for it")
        mime_type, data = _media()[kind]
        done = {"type": kind, "mime_type": mime_type, "data": data}
        for key in ("resolution", "processing"):
            if key in value and _is_visible(value[key]):
                done[key] = value[key]
        self.made |= {f"{sent}.data", f"{sent}.mime_type"}
        given = "data" if "data" in value else "uri"
        self.places |= {f"{sent}.{key}": f"{source}.{key}" for key in done} | {f"{sent}.data": f"{source}.{given}"}
        return done

    # Settings ------------------------------------------------------------------------------------------------------

    def _config(self, value: object) -> Any:  # noqa: ANN401
        if not isinstance(value, dict):
            return _DROPPED if value is UNSET else self.drop("generation_config", "not visible")
        done: dict[str, Any] = {}
        for key, inner in value.items():
            path = f"generation_config.{key}"
            match key:
                case "max_output_tokens":
                    self.places[path] = path
                case "stop_sequences" if isinstance(inner, list):
                    count = range(len(inner))
                    sent = inner if self.content is Content.SENT and _is_visible(inner) else [f"STOP{n}" for n in count]
                    self._put(done, key, path, path, sent)
                case "tool_choice":
                    self._put(done, key, path, path, self._choice(inner, path))
                case _ if key in _CONFIG and _is_visible(inner) and inner is not UNSET:
                    self._put(done, key, path, path, inner)
                case _ if key != SPREAD and inner is not UNSET:
                    self.drop(path, "not visible" if key in _CONFIG else "never sent by a live check")
        return done

    def _choice(self, value: object, path: str) -> Any:  # noqa: ANN401
        if isinstance(value, str):
            return value
        if not isinstance(value, dict) or not _is_visible(value):
            return self.drop(path, "not visible")
        self._copy_places(value, path, path)
        allowed = value.get("allowed_tools", {})
        tools = [self.named(name, "function") for name in allowed.get("tools", ())]
        return {"allowed_tools": {**allowed, "tools": tools}} if "tools" in allowed else value

    def _formats(self, value: object) -> Any:  # noqa: ANN401
        if isinstance(value, list):
            return self._items(value, "response_format", "response_format", self._format)
        return _DROPPED if value is UNSET else self._format(value, "response_format", "response_format")

    def _format(self, value: object, sent: str, source: str) -> Any:  # noqa: ANN401
        if not isinstance(value, dict):
            return self.drop(source, "not visible")
        done: dict[str, Any] = {}
        for key, inner in value.items():
            name = "schema" if key == "schema_" else key
            if name == "schema" and isinstance(inner, dict):
                self._put(done, name, f"{sent}.schema", f"{source}.{key}", self._schema(inner, sent, source, key))
            elif name in ("type", "mime_type") and _is_visible(inner):
                self._put(done, name, f"{sent}.{name}", f"{source}.{key}", inner)
            elif key != SPREAD and inner is not UNSET:
                self.drop(f"{source}.{key}", "not visible")
        return done

    def _tool(self, value: object, sent: str, source: str) -> Any:  # noqa: ANN401
        kind = _type(value)
        if not isinstance(value, dict) or kind is None:
            return self.drop(source, "not visible")
        if kind == "function":
            done: dict[str, Any] = {"type": "function", "name": self.named(value.get("name"), "function")}
            self.places |= {f"{sent}.{key}": f"{source}.{key}" for key in value}
            if "description" in value:
                done["description"] = self._words(value["description"], "A function.")
            if isinstance(value.get("parameters"), dict):
                done["parameters"] = self._schema(value["parameters"], sent, source, "parameters")
            elif "parameters" in value:
                self.drop(f"{source}.parameters", "not visible")
            return done
        if kind not in _PLAIN_TOOLS:
            return self.drop(source, f"a tool of type {kind} names something of yours")
        kept = {key: value[key] for key in ("type", *_PLAIN_TOOLS[kind]) if _is_visible(value.get(key, ANY))}
        self._copy_places(kept, sent, source)
        return kept

    # Schemas -------------------------------------------------------------------------------------------------------

    def _schema(self, value: dict[str, Any], sent: str, source: str, key: str) -> Any:  # noqa: ANN401
        name = "schema" if key == "schema_" else key
        return self._schema_at(value, f"{sent}.{name}", f"{source}.{key}")

    def _schema_at(self, value: object, sent: str, source: str) -> Any:  # noqa: ANN401
        """A JSON Schema of the same form, in which nothing has a name of yours."""
        self.places[sent] = source
        if not isinstance(value, dict):
            return value if isinstance(value, bool) else {}
        if self.content is Content.SENT and _is_visible(value):
            self._copy_places(value, sent, source)
            return value
        done: dict[str, Any] = {}
        for key, inner in value.items():
            if not _is_part_visible(inner):
                continue
            at, origin = f"{sent}.{key}", f"{source}.{key}"
            self.places[at] = origin
            if key in _SCHEMA_NAMED and isinstance(inner, dict):
                done[key] = self._schemas_by_name(inner, at, origin)
            elif key in _SCHEMA_LISTS and isinstance(inner, list):
                done[key] = [self._schema_at(each, f"{at}[{n}]", f"{origin}[{n}]") for n, each in enumerate(inner)]
            elif key in ("items", "additionalProperties") and isinstance(inner, dict):
                done[key] = self._schema_at(inner, at, origin)
            elif key == "required" and isinstance(inner, list):
                done[key] = [self.named(each, "field") for each in inner]
            elif key == "enum" and isinstance(inner, list):
                done[key] = [f"value_{n}" if isinstance(each, str) else each for n, each in enumerate(inner)]
            elif key == "$ref" and isinstance(inner, str):
                head, _, last = inner.rpartition("/")
                done[key] = f"{head}/{self.named(last, 'field')}" if head else inner
            elif key in _SCHEMA_KEPT:
                done[key] = inner
        return done

    def _schemas_by_name(self, value: dict[str, Any], sent: str, source: str) -> dict[str, Any]:
        done = {}
        for name, inner in value.items():
            if name != SPREAD:
                new = self.named(name, "field")
                done[new] = self._schema_at(inner, f"{sent}.{new}", f"{source}.{name}")
        return done


def _type(value: object) -> str | None:
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else None


def _text() -> dict[str, str]:
    return {"type": "text", "text": PROMPT}


def _is_visible(value: object) -> bool:
    """Whether a value is plain data all through."""
    match value:
        case dict():
            return SPREAD not in value and all(_is_visible(inner) for inner in value.values())
        case list():
            return all(_is_visible(inner) for inner in value)
    return value is not ANY and value is not UNSET and not isinstance(value, Known)


def _is_part_visible(value: object) -> bool:
    return value is not ANY and value is not UNSET and not isinstance(value, Known)


# Media --------------------------------------------------------------------------------------------------------------


@cache
def _media() -> dict[str, tuple[str, str]]:
    """The smallest image, sound and document, by the type of their content."""
    made = {"image": ("image/png", png()), "audio": ("audio/wav", wav()), "document": ("application/pdf", pdf())}
    return {kind: (mime_type, base64.b64encode(data).decode()) for kind, (mime_type, data) in made.items()}
