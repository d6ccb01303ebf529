"""Reads of a reply's text, and of what is parsed from it."""

from __future__ import annotations

import libcst as cst

from migrator.plan import Feature
from migrator.python.evidence.models import is_model
from migrator.python.evidence.module import descendants, is_none
from migrator.python.replies.absence import (
    compared_with_nothing,
    fails_on_none,
    failure_matters,
    none_matters,
)
from migrator.python.replies.serialised import leaves_as_data
from migrator.python.replies.uses import Use
from migrator.python.replies.writer import Writer, is_tested, joined
from migrator.python.writing.layout import Carried, Doc


def text(writer: Writer, use: Use) -> None:
    """``output_text`` where nothing can stand between the texts, else their join; None came of no text."""
    doc = text_of(writer, use.base)
    if is_tested(use):
        writer.test(use, doc)
        return
    if writer.has(Feature.CHOICE):
        doc = writer.helper("unquoted", doc)
    if _is_told_apart(writer, use):
        writer.put(use.node, doc, " or None")
    else:
        writer.put(use.node, doc)
        if compared_with_nothing(writer.facts, use.node) is not None:
            writer.ask(use, "the text of an empty answer was None, which does not equal an empty string; it is one now")


def _is_told_apart(writer: Writer, use: Use) -> bool:
    """Whether something in this file, or whoever reads its data, sees that there is no text."""
    if none_matters(writer.facts, use.node) or failure_matters(writer.facts, use.node):
        return True
    return not writer.has(Feature.STREAMED) and leaves_as_data(writer.facts, use.node)


def text_of(writer: Writer, base: cst.CSTNode) -> Doc:
    """All text of the reply ``base``."""
    if not writer.is_broken:
        return joined((Carried(base), ".output_text"))
    if not writer.stands_alone("text"):
        return writer.helper("text_of", Carried(base))
    quotes = writer.text("")
    return writer.comprehension(
        "content.text",
        ("for step in ", Carried(base), ".steps or []"),
        f"if step.type == {writer.text('model_output')}",
        "for content in step.content or []",
        f"if content.type == {writer.text('text')}",
        brackets=f"{quotes}.join()",
    )


# Parsed --------------------------------------------------------------------------------------------------------------


def parsed(writer: Writer, use: Use) -> None:
    """The text read by the schema: None where it does not fit, unless None would fail at the very same place."""
    schema = writer.answer.schema
    if schema is None or not _is_visible(writer, schema, use.node):
        writer.refuse(use, "the schema that the text is parsed with is not visible here", "MG204")
        return
    if writer.has(Feature.CHOICE) and _is_plain(writer, schema):
        writer.refuse(use, "parsed was None: a value of text/x.enum is no JSON", advice="Read response.text.")
        return
    if writer.has(Feature.OPEN_SCHEMA) or _shows_later(writer, schema):
        needs = writer.renderer.needs
        needs.names.update((("pydantic", "TypeAdapter"), ("google.genai", "types")))
        writer.put(use.node, writer.helper("parsed_by", Carried(schema), text_of(writer, use.base)))
        return
    surely = all(fails_on_none(writer.facts, each.node) for each in writer.uses("parsed"))
    writer.put(use.node, _for_sure(writer, schema, use) if surely else _if_it_fits(writer, schema, use))


def _if_it_fits(writer: Writer, schema: cst.BaseExpression, use: Use) -> Doc:
    body = text_of(writer, use.base)
    if _is_plain(writer, schema):
        return writer.helper("loaded", body)
    writer.renderer.needs.names.add(("pydantic", "TypeAdapter"))
    return writer.helper("parsed", Carried(schema), body)


def _for_sure(writer: Writer, schema: cst.BaseExpression, use: Use) -> Doc:
    body = text_of(writer, use.base)
    if _is_plain(writer, schema):
        writer.renderer.needs.modules.add("json")
        return joined(("json.loads(", body, ")"))
    if is_model(writer.facts, schema):
        return joined((Carried(schema), ".model_validate_json(", body, ")"))
    writer.renderer.needs.names.add(("pydantic", "TypeAdapter"))
    return joined(("TypeAdapter(", Carried(schema), ").validate_json(", body, ")"))


def _is_plain(writer: Writer, schema: cst.BaseExpression) -> bool:
    """Whether the schema is data, so that what was parsed is data too; as it was where the schema may be None."""
    if _may_be_none(writer, schema):
        return True
    if isinstance(schema, cst.Dict) or writer.facts.kinds.of(schema) == "dict":
        return True
    return writer.facts.names.path(schema).endswith("Schema()")


def _may_be_none(writer: Writer, schema: cst.BaseExpression) -> bool:
    """``Optional[Recipe]``: the legacy call tried each side in turn, and the last one gave plain data."""
    match schema:
        case cst.Subscript(value=value):
            return writer.facts.names.path(value) == "typing.Optional"
        case cst.BinaryOperation(operator=cst.BitOr(), right=right):
            return is_none(right)
    return False


def _is_visible(writer: Writer, schema: cst.BaseExpression, node: cst.CSTNode) -> bool:
    scopes = writer.facts.scopes
    names = [each for each in descendants(schema) if isinstance(each, cst.Name)]
    homes = {definition.scope for name in names for definition in scopes.definitions(name)}
    return all(home is scopes.at(node) or home.outer is None for home in homes)


def _shows_later(writer: Writer, schema: cst.BaseExpression) -> bool:
    """Whether the schema may be a class, a Schema or a dict, of which each is parsed differently."""
    match schema:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            is_class = name[:1].isupper() and not name.isupper()
            return not is_class and writer.facts.kinds.of(schema) in ("", "object")
        case cst.Call():
            return not writer.facts.kinds.of(schema) and not writer.facts.names.path(schema)
    return False
