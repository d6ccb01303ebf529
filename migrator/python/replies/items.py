"""Reads of candidates, of their parts, and of what a part holds.

The interaction stands for the response, its candidate and that candidate's content; a part is a content of the model's
output, or a step that legacy answered as a part; its blob, function call and so on are that item itself.
"""

from __future__ import annotations

import libcst as cst

from migrator.plan import Feature
from migrator.python.evidence.guards import Known, known_at
from migrator.python.replies.asked import is_hasattr, is_read_next
from migrator.python.replies.blocked import AT_LEAST_ONE, ask_about_blocked
from migrator.python.replies.lists import listed
from migrator.python.replies.turns import keep
from migrator.python.replies.uses import How, Use, how_used
from migrator.python.replies.writer import MEDIA, Writer, carried, is_tested
from migrator.python.writing.edits import Remove
from migrator.python.writing.layout import Doc

_KINDS = {
    "function_call": ("function_call",),
    "function_response": ("function_result",),
    "executable_code": ("code_execution_call",),
    "code_execution_result": ("code_execution_result",),
    "thought": ("thought",),
}
_NONE = frozenset({("0", cst.Equal), ("1", cst.LessThan)})


# Candidates ----------------------------------------------------------------------------------------------------------


def candidates(writer: Writer, use: Use) -> None:
    """The interaction is its only candidate; a failed one had none."""
    match use.how:
        case How.READ:
            writer.put(use.node, carried(use))
        case How.ITERATED:
            writer.put(use.node, "[", carried(use), "]")
        case How.COUNTED:
            _counted(writer, use)
        case _ if is_tested(use):
            answered(writer, use)
        case _ if writer.is_repeatable(use):
            there = carried(use, f".status != {writer.text('failed')}")
            writer.put(writer.or_empty(use.node), "[", carried(use), "] if ", there, " else []")


def answered(writer: Writer, use: Use) -> None:
    """Whether there was a candidate: what was blocked raises an error now, what failed says so."""
    ask_about_blocked(writer, use)
    failed = writer.text("failed")
    writer.test(use, carried(use, f".status != {failed}"), carried(use, f".status == {failed}"))


def _counted(writer: Writer, use: Use) -> None:
    """``len(response.candidates) > 0``."""
    argument = writer.facts.module.parent(use.node)
    call = writer.facts.module.parent(argument) if argument is not None else None
    assert call is not None
    how, holder = how_used(writer.facts, call)
    failed = writer.text("failed")
    match holder:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator, cst.Integer(value=number))]):
            asked = (number, type(operator))
            if left is call and asked in AT_LEAST_ONE | _NONE:
                ask_about_blocked(writer, use)
                sign = "!=" if asked in AT_LEAST_ONE else "=="
                writer.put(holder, carried(use), f".status {sign} {failed}")
                return
    if how is How.TEST:
        ask_about_blocked(writer, use)
        writer.put(call, carried(use), f".status != {failed}")
    else:
        writer.put(use.node, "[", carried(use), "]")


def item(writer: Writer, use: Use) -> None:
    """``candidates[0]`` is the interaction; there is no other one."""
    if use.shape.type != "Candidate":
        return
    if use.field in ("[0]", "[-1]"):
        if any(each.node is use.base for each in writer.uses("candidates")):
            writer.put(use.node, carried(use))
    elif use.field == "[:]":
        if _is_first_alone(use.node) and all(each.node is not use.base for each in writer.uses("candidates")):
            return  # of the list that stands for the candidates
        writer.refuse(use, "one interaction returns one result: there are no further candidates")
    elif use.field.startswith("[") and use.field != "[*]":
        writer.refuse(use, "one interaction returns one result: there is no second candidate")


def _is_first_alone(node: cst.CSTNode) -> bool:
    """``candidates[:1]``."""
    match node:
        case cst.Subscript(
            slice=[cst.SubscriptElement(slice=cst.Slice(lower=None, upper=cst.Integer(value="1"), step=None))]
        ):
            return True
    return False


# Parts ---------------------------------------------------------------------------------------------------------------


def parts(writer: Writer, use: Use) -> None:
    """The contents of the model's output, with the steps that legacy answered as parts between them."""
    if keep(writer, use):
        return
    doc = items_of(writer, use)
    listed(writer, use, doc, doc, "parts")


def items_of(writer: Writer, use: Use) -> Doc:
    """The list of parts of ``use.base``."""
    steps = _steps(writer)
    run, thought = writer.has(Feature.CODE_EXECUTION), writer.has(Feature.THOUGHTS)
    if thought or run or not writer.stands_alone("parts"):
        name = "parts_with_code_of" if run else "parts_of" if steps or thought else "contents_of"
        return writer.helper(name, carried(use))
    output = writer.text("model_output")
    if steps:
        return writer.comprehension(
            "item",
            ("for step in ", carried(use), ".steps or []"),
            f"if step.type {writer.one_of(('model_output', *steps))}",
            f"for item in (step.content or [] if step.type == {output} else [step])",
        )
    clauses: list[Doc | str | tuple[Doc | str, ...]] = [
        "content",
        ("for step in ", carried(use), ".steps or []"),
        f"if step.type == {output}",
        "for content in step.content or []",
    ]
    if is_text_alone(writer) and not _is_told_by_type(writer):
        clauses.append(f"if content.type == {writer.text('text')}")
    return writer.comprehension(*clauses)


def _is_told_by_type(writer: Writer) -> bool:
    """Whether every text of an item is read where the item's type was asked for."""
    texts = [use for use in writer.track.uses if use.shape.type == "Part" and use.field == "text"]
    asked = {How.IS_NOT_NONE, How.IS_NONE}
    return all(use.how in asked or "text" in _known(writer, use).present for use in texts) and any(
        use.how in asked for use in texts
    )


def _steps(writer: Writer) -> tuple[str, ...]:
    """The steps beside model_output that legacy answered as parts."""
    return ("function_call",) if writer.has(Feature.FUNCTIONS) else ()


def is_text_alone(writer: Writer) -> bool:
    """Whether every part is a text."""
    others = (
        Feature.FUNCTIONS,
        Feature.CODE_EXECUTION,
        Feature.THOUGHTS,
        Feature.IMAGE,
        Feature.AUDIO,
        Feature.TOLD_BACK,
    )
    return not writer.reads_media and not any(writer.has(feature) for feature in others)


# What a part holds ---------------------------------------------------------------------------------------------------


def held(writer: Writer, use: Use) -> None:
    """A field whose value is the item itself: read through, tested by type, or kept where it has the type."""
    kinds = _KINDS.get(use.field) or _media(writer)
    if use.field not in _KINDS:
        _drawn(writer, use)
    if _is_asked(use):
        _test(writer, use, kinds)
    elif use.how is How.READ or use.field in _known(writer, use).present:
        writer.put(use.node, carried(use))
    elif writer.is_repeatable(use):
        writer.put(use.node, carried(use), " if ", carried(use), f".type {writer.one_of(kinds)} else None")


def thought(writer: Writer, use: Use) -> None:
    """Whether the item is a thought; without thoughts in the reply, none is, and none is passed over."""
    passed_over = _passed_over(writer, use)
    if passed_over is not None:
        writer.edits[passed_over] = Remove()
    elif _is_asked(use):
        _test(writer, use, ("thought",))
    else:
        writer.put(use.node, carried(use, f".type == {writer.text('thought')}"))


def _passed_over(writer: Writer, use: Use) -> cst.If | None:
    """The statement ``if part.thought: continue`` of a loop over contents, among which there are no thoughts."""
    steps = (Feature.THOUGHTS, Feature.CODE_EXECUTION, Feature.STREAMED, Feature.TOLD_BACK)
    only_contents = not any(map(writer.has, steps)) and (not _steps(writer) or writer.stands_alone("parts"))
    match writer.facts.module.parent(use.node):
        case (
            cst.If(
                test=test,
                body=cst.IndentedBlock(body=[cst.SimpleStatementLine(body=[cst.Continue()])])
                | cst.SimpleStatementSuite(body=[cst.Continue()]),
                orelse=None,
            ) as statement
        ) if test is use.node and only_contents:
            block = writer.facts.module.parent(statement)
            is_alone = not isinstance(block, cst.IndentedBlock) or len(block.body) == 1
            return None if is_alone or "#" in writer.facts.module.source(statement) else statement
    return None


def text(writer: Writer, use: Use) -> None:
    """The text of a content, or of the summary of a thought."""
    if writer.has(Feature.CHOICE):
        writer.refuse(use, "text/x.enum: the text of a part is in quotes now", advice="Read response.text instead.")
        return
    known, thoughts = _known(writer, use), writer.has(Feature.THOUGHTS)
    spoken = not thoughts or "thought" in known.absent
    if use.how is How.TEST and is_text_alone(writer) and not is_hasattr(use):
        writer.put(use.node, carried(use, ".text"))
    elif _is_asked(use):
        _test(writer, use, ("text",) if spoken else ("text", "thought"))
    elif thoughts and "thought" in known.present:
        quotes = writer.text("")
        writer.put(
            use.node,
            f"{quotes}.join(content.text for content in ",
            carried(use),
            f".summary or [] if content.type == {writer.text('text')})",
        )
    elif not spoken:
        writer.put(use.node, writer.helper("text_of_part", carried(use)))
    elif (is_text_alone(writer) or "text" in known.present) and isinstance(use.node, cst.Attribute):
        writer.put(use.node, carried(use), ".text")
    else:
        writer.put(use.node, "getattr(", carried(use), f", {writer.text('text')}, None)")


def image(writer: Writer, use: Use) -> None:
    """``part.as_image()`` made a types.Image of the bytes, which still can be made."""
    call = writer.facts.module.parent(use.node)
    if not isinstance(call, cst.Call) or call.func is not use.node:
        writer.refuse(use, "contents have no method as_image")
        return
    _drawn(writer, use)
    kind = writer.text("image")
    whole = Use(call, use.base, use.shape, use.field, use.row, how_used(writer.facts, call)[0])
    if is_tested(whole):
        writer.test(whole, carried(use, f".type == {kind}"), carried(use, f".type != {kind}"))
        return
    writer.put(call, writer.helper("image_of", carried(use)))


def _drawn(writer: Writer, use: Use) -> None:
    """A picture that executed code makes is no part of its own."""
    if writer.has(Feature.CODE_EXECUTION) and use is next(each for each in writer.track.uses if each.field in MEDIA):
        writer.ask(use, "a picture that the code makes is looked for in the result of its code_execution_result step")


def _media(writer: Writer) -> tuple[str, ...]:
    """The types of the contents that hold data."""
    kinds = [kind for kind, feature in (("image", Feature.IMAGE), ("audio", Feature.AUDIO)) if writer.has(feature)]
    return tuple(kinds) or ("image",)


def _known(writer: Writer, use: Use) -> Known:
    return known_at(writer.facts.module, use.node, writer.facts.module.source(use.base))


def _is_asked(use: Use) -> bool:
    return is_tested(use) or is_hasattr(use)


def _test(writer: Writer, use: Use, kinds: tuple[str, ...]) -> None:
    """The type of the item in place of a test of its field."""
    test = carried(use, f".type {writer.one_of(kinds)}")
    if is_hasattr(use) and not is_read_next(writer, use):
        writer.ask(use, f"hasattr was true of every {use.shape.type}: the type of the item is tested now")
    if is_tested(use):
        writer.test(use, test, carried(use, f".type {writer.none_of(kinds)}"))
    else:
        writer.put(use.node, test)
