"""The functions of a plan as Python code: operators, methods and helpers around what they are applied to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from migrator import ir
from migrator.python.evidence.models import is_model
from migrator.python.writing.layout import Carried, Concat, Doc, Text
from migrator.records import dataclass

if TYPE_CHECKING:
    from migrator.python.writing.render import Renderer


@dataclass(frozen=True, slots=True)
class Applied:
    """Writes functions with the values that ``renderer`` writes; what the code needs is added to its needs."""

    renderer: Renderer

    def written(self, value: ir.Apply) -> Doc:
        """The code for ``value``."""
        first = value.args[0]
        if isinstance(first, ir.Opaque) and value.function in OF_SOMETHING and self.renderer.may_be_none(first):
            return self._unless_none(value, first)
        if value.function in _HELPED and value.function is not ir.Function.ANY_CONFIG:
            return self._helped(value)
        match value.function:
            case ir.Function.ANY_CONFIG:
                return self._settings_of(value)
            case ir.Function.CALL_ID:
                return self._call_id(value)
            case ir.Function.BASE64:
                self.renderer.needs.modules.add("base64")
                return Concat((Text("base64.b64encode("), self.renderer.value(first), Text(").decode()")))
            case ir.Function.ATTRIBUTE | ir.Function.MEMBER | ir.Function.MEMBER_OR_EMPTY:
                return self._member(value)
            case ir.Function.JSON_SCHEMA:
                return self._schema_of(first)
            case ir.Function.SPELLING:
                return self._spelling(first, value.args[1])
            case function if function in _EACH:
                return self._each(*_EACH[function], first)
            case ir.Function.SECONDS if (seconds := _thousandth(first)) is not None:
                return Carried(seconds)
            case ir.Function.RESULT:
                return self._result(first, value.args[1])
            case function if function in _BEHIND:
                return Concat((self.renderer.tight(first), self._words(_BEHIND[function])))
            case function if function in _AROUND:
                head, tail = map(self._words, _AROUND[function])
                return Concat((head, self.renderer.value(first), tail))
            case ir.Function.STEP_TYPE:
                head, tail = map(self._words, ('"model_output" if ', ' == "model" else "user_input"'))
                return Concat((head, self.renderer.tight(first), tail))
        raise TypeError(f"no code for {value.function}")

    def _result(self, part: ir.Value, call: ir.Value) -> Doc:
        """The step for a result; where the call is handed on, it is another object than the one that is named here."""
        assert isinstance(call, ir.Opaque)
        assert isinstance(call.origin, cst.Name)
        self.renderer.needs.helpers.add("function_result")
        return Concat((Text("_function_result("), self.renderer.value(part), Text(f", {call.origin.value})")))

    def _each(self, function: ir.Function, name: str, made: ir.Value) -> Doc:
        """A list with what ``function`` makes of each item of another."""
        called, *others = _HELPED[function]
        self.renderer.needs.helpers.update((called, *others))
        self.renderer.needs.names.update(_NAMES.get(function, ()))
        missing = isinstance(made, ir.Opaque) and self.renderer.may_be_none(made)
        end = Text(" or ()]" if missing else "]")
        return Concat((Text(f"[_{called}({name}) for {name} in "), self.renderer.tight(made), end))

    def _words(self, code: str) -> Text:
        """``code`` in the file's quotes."""
        return Text(code.replace('"', self.renderer.quote))

    def _member(self, value: ir.Apply) -> Doc:
        """A field of an object, or an item of a dict."""
        holder, key = value.args
        assert isinstance(key, ir.Literal)
        name = self.renderer.constant(key.value)
        shown = self.renderer.tight(holder)
        if isinstance(holder, ir.Opaque) and holder.hint == "optional" and holder.type == ir.PLANNED:
            shown = Concat((Text("("), self.renderer.value(holder), Text(" or {})")))
        match value.function:
            case ir.Function.ATTRIBUTE:
                return Concat((shown, Text(f".{key.value!s}")))
            case ir.Function.MEMBER:
                return Concat((shown, Text(f"[{name}]")))
        return Concat((shown, Text(f".get({name}, {{}})")))

    def _unless_none(self, value: ir.Apply, first: ir.Opaque) -> Doc:
        """``value`` where its first argument is something, else None."""
        assert isinstance(first.origin, cst.CSTNode)
        sure = replace(value, args=(replace(first, optional=False), *value.args[1:]))
        return Concat((self.written(sure), Text(" if "), Carried(first.origin), Text(" is not None else None")))

    def _call_id(self, value: ir.Apply) -> Doc:
        self.renderer.needs.helpers.add("call_id")
        chat, *asked = value.args
        rest = (part for each in asked for part in (Text(", "), self.renderer.value(each)))
        return Concat((Text("_call_id("), self.renderer.tight(chat), Text(".history"), *rest, Text(")")))

    def _settings_of(self, value: ir.Apply) -> Doc:
        """The keywords that a configuration becomes, which may stand alone in a dict of keywords itself."""
        (given,) = value.args
        hints = given.hint.split(",") if isinstance(given, ir.Opaque) else ()
        self.renderer.needs.helpers.update(_HELPED[value.function])
        for part in hints:
            self.renderer.needs.helpers.update(_SETTINGS.get(part, ()))
        self.renderer.needs.names.update(_NAMES[value.function])
        stars = "**" if "**" in hints else ""
        return Concat((Text(f"_settings_of({stars}"), self.renderer.value(given), Text(")")))

    def _helped(self, value: ir.Apply) -> Doc:
        """A call of the helper that does what ``value`` asks for."""
        called, *others = _HELPED[value.function]
        self.renderer.needs.helpers.update((called, *others))
        self.renderer.needs.names.update(_NAMES.get(value.function, ()))
        arguments = [part for each in value.args for part in (Text(", "), self.renderer.value(each))][1:]
        return Concat((Text(f"_{called}("), *arguments, Text(")")))

    def _spelling(self, value: ir.Value, prefix: ir.Value) -> Doc:
        """Enum members of the SDK are strings too, so string methods serve for both."""
        assert isinstance(prefix, ir.Literal)
        strip = f".removeprefix({self.renderer.constant(prefix.value)})" if prefix.value else ""
        return Concat((self.renderer.tight(value), Text(f"{strip}.lower()")))

    def _schema_of(self, value: ir.Value) -> Doc:
        node = value.origin if isinstance(value, ir.Opaque) else None
        if isinstance(node, cst.CSTNode) and is_model(self.renderer.facts, node):
            return Concat((Carried(node), Text(".model_json_schema()")))
        self.renderer.needs.names.add(("pydantic", "TypeAdapter"))
        return Concat((Text("TypeAdapter("), self.renderer.value(value), Text(").json_schema()")))


def _thousandth(value: ir.Value) -> cst.BaseExpression | None:
    """What ``value`` is a thousand times of, as it says itself."""
    match value:
        case ir.Opaque(origin=cst.BinaryOperation(left=left, operator=cst.Multiply(), right=right)):
            factors = ((left, right), (right, left))
            return next(
                (other for each, other in factors if isinstance(each, cst.Integer) and each.value in _SECOND), None
            )
    return None


_SECOND = frozenset({"1000", "1_000"})
_BEHIND = {
    ir.Function.SECONDS: " / 1000",
    ir.Function.SCHEMA_DUMP: '.json_schema.model_dump(by_alias=True, exclude_none=True, mode="json")',
    ir.Function.DECODE_TEXT: ".decode()",
    ir.Function.BARE_NAME: '.removeprefix("models/")',
    ir.Function.STEPS: ".steps or []",
}
_AROUND = {
    ir.Function.JOIN_LINES: ('"\\n".join(', ")"),
    ir.Function.LIST: ("list(", ")"),
    ir.Function.TEXT_LIST: ('[{"type": "text", "text": text} for text in ', "]"),
}
_EACH = {
    ir.Function.TURNS: (ir.Function.TURN, "content"),
    ir.Function.DECLARATIONS: (ir.Function.DECLARATION, "declaration"),
    ir.Function.PICTURES: (ir.Function.PICTURE, "image"),
    ir.Function.FILES: (ir.Function.CONTENT, "file"),
    ir.Function.PARTS: (ir.Function.PART, "part"),
}
OF_SOMETHING = frozenset(
    {
        ir.Function.SECONDS,
        ir.Function.SPELLING,
        ir.Function.JSON_SCHEMA,
        ir.Function.SCHEMA_DUMP,
        ir.Function.JOIN_LINES,
    }
)
_HELPED = {
    ir.Function.DECLARED: ("declared",),
    ir.Function.RESTORED: ("restored", "content_of_part", "inline_content", "content_type"),
    ir.Function.TURN: ("step_of", "content_of_part", "inline_content", "content_type"),
    ir.Function.CONTENT: ("content_of", "content_type"),
    ir.Function.CONTENT_TYPE: ("content_type",),
    ir.Function.INLINE: ("inline_content",),
    ir.Function.ANY_CONTENTS: ("input_of", "step_of", "content_of_part", "inline_content", "content_type"),
    ir.Function.ANY_CONFIG: ("settings_of", "json_schema", "safety_settings", "thinking_level"),
    ir.Function.DECLARATION: ("function_tool", "json_schema"),
    ir.Function.REFERENCE: ("uri_content", "content_type"),
    ir.Function.PART: ("content_of_part", "inline_content", "content_type"),
    ir.Function.PICTURE: ("image_content",),
    ir.Function.THINKING_LEVEL: ("thinking_level",),
    ir.Function.SCHEMA: ("json_schema",),
    ir.Function.TOOLS: ("tools", "function_tool", "json_schema"),
    ir.Function.SAFETY: ("safety_settings",),
}
_SETTINGS = {
    "pictures": ("settings_of.pictures", "formats"),
    "tools": ("settings_of.tools", *_HELPED[ir.Function.TOOLS]),
}
_TYPES_OF = ("google.genai", "types")
_TRANSFORMERS = ("google.genai", "_transformers")
_FOR_SCHEMAS = (_TYPES_OF, ("pydantic", "TypeAdapter"), ("pydantic", "ValidationError"))
_NAMES = {
    ir.Function.DECLARED: (_TYPES_OF,),
    ir.Function.RESTORED: (_TYPES_OF,),
    ir.Function.CONTENT: (_TYPES_OF,),
    ir.Function.SCHEMA: _FOR_SCHEMAS,
    ir.Function.SAFETY: (_TYPES_OF,),
    ir.Function.TOOLS: _FOR_SCHEMAS,
    ir.Function.DECLARATION: _FOR_SCHEMAS,
    ir.Function.ANY_CONTENTS: (_TRANSFORMERS,),
    ir.Function.ANY_CONFIG: (*_FOR_SCHEMAS, _TRANSFORMERS),
}
