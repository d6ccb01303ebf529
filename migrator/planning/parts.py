"""One legacy part, or whatever else stands in a list of contents, as contents and steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from migrator.diagnostics import Diagnostic, Level
from migrator.ir import (
    MADE,
    PLANNED,
    Apply,
    Choice,
    Field,
    Function,
    Literal,
    Opaque,
    Origin,
    Record,
    Sequence,
    Spread,
    Unknown,
    Value,
)
from migrator.planning import media
from migrator.planning.model import Context, Mode, review
from migrator.planning.part_rows import HANDLERS
from migrator.planning.rows import (
    Task,
    canonical,
    clashes,
    fields_mapped,
    known_name,
    nest,
)
from migrator.records import dataclass

STEPS = ("function_call", "function_response", "executable_code", "code_execution_result")
BODIES = ("text", "inline_data", "file_data", *STEPS, "tool_call", "tool_response")
RESOLVED = ("image", "video", "document")  # contents that have a resolution
PROCESSED = {
    "video": {"type", "start_offset", "end_offset", "fps", "content_layers"},
    "audio": {"type", "start_offset", "end_offset"},
    "document": {"type", "page_options", "spreadsheet_options"},
}
TEXTS = "list[str]"
PICTURES = "list[PIL.Image.Image]"
EACH = {
    PICTURES: (Function.PICTURES, "", "", ""),
    f"list[{media.FILE}]": (
        Function.FILES,
        "MG113",
        "the types of the uploaded files follow from their MIME types at run time; assumed not to be texts",
        "",
    ),
    f"list[{media.PART}]": (
        Function.PARTS,
        "MG107",
        "parts that are made elsewhere become contents while the program runs: texts, data or files",
        "Accept with --review if they hold nothing else, such as a function call or the bounds of a video.",
    ),
}
OWN = "own "  # before the name of a class of the file, as the type of its instances
MISSING = "this may be None, which the legacy call refuses"
MISSING_ADVICE = "Ask whether it is there before it is put into the contents."
_TOLD_APART = "Ask with isinstance which of them it is, and make one call for each, or annotate it."


@dataclass(frozen=True, slots=True)
class Piece:
    """A content, or a step of its own; ``turn`` says that the content has to stand inside a ``user_input`` step."""

    value: Value
    step: bool = False
    turn: bool = False


@dataclass(frozen=True, slots=True)
class Pieces:
    """What one element becomes, in order."""

    items: tuple[Piece, ...] = ()
    said: tuple[Diagnostic, ...] = ()

    def __or__(self, other: Pieces) -> Pieces:
        return Pieces(self.items + other.items, self.said + other.said)


def all_pieces(values: Iterable[Value], context: Context) -> Pieces:
    """The pieces of several elements."""
    found = Pieces()
    for value in values:
        found = found | pieces(value, context)
    return found


def pieces(value: Value, context: Context) -> Pieces:
    """The pieces that one element of a list of parts becomes."""
    match value:
        case Literal(value=str()) | Opaque(type="str"):
            return Pieces((Piece(text_content(value)),))
        case Record():
            return _part(value, context)
        case Opaque(type=kind, optional=True, origin=origin) if kind == PLANNED:
            return _refused("MG108", MISSING, origin, MISSING_ADVICE)
        case Opaque(type=kind, hint=hint) | Spread(value=Opaque(type=kind, hint=hint)) if kind == PLANNED:
            return Pieces((Piece(value, hint == Mode.STEPS.value, hint == Mode.PARTS.value),))
        case Opaque():
            return _object(value, context)
        case Choice():
            return _chosen(value, context)
        case Spread(value=Opaque(type=kind) as inner) if kind == TEXTS:
            return Pieces((Piece(Spread(Apply(Function.TEXT_LIST, (inner,)), value.origin)),))
        case Spread(value=Opaque(type=kind) as inner) if kind in EACH and not context.resolution:
            made, said = several(inner)
            return Pieces((Piece(Spread(made, value.origin)),), said)
        case Apply(function=Function.STEPS):
            return Pieces((Piece(Spread(value, value.origin), step=True),))
        case Apply(function=Function.RESULT):
            return Pieces((Piece(value, step=True),))
        case Spread(value=Choice() as choice):
            return _spread(choice, context)
        case Spread(value=Apply(function=Function.STEPS)):
            return Pieces((Piece(value, step=True),))
        case Unknown(reason=reason, origin=origin):
            return _refused("MG106", reason, origin)
        case Spread(origin=origin):
            return _refused("MG106", "the elements that are splatted into the contents are not visible", origin)
        case Literal(value=given):
            return _refused("MG108", f"{given!r} is neither a text nor a part", value.origin)
        case _:
            return _refused("MG108", "this is neither a text nor a part", value.origin)


def several(made: Opaque) -> tuple[Value, tuple[Diagnostic, ...]]:
    """The contents that a list of pictures, files or parts becomes, one by one."""
    function, code, message, advice = EACH[made.type]
    said = (review(code, message, made.origin, advice),) if message else ()
    return Apply(function, (made,), made.origin), said


def text_content(value: Value) -> Record:
    """A content of type text."""
    return Record("dict", (Field("type", Literal("text")), Field("text", value)), value.origin)


def _refused(code: str, message: str, origin: Origin, advice: str = "") -> Pieces:
    return Pieces(said=(Diagnostic(code, Level.MANUAL, message, origin, advice),))


def _article(name: str) -> str:
    return "an" if name[:1].lower() in "aeiou" else "a"


def _object(value: Opaque, context: Context) -> Pieces:
    """An object that is made elsewhere: what is known of its type decides."""
    match value.type:
        case "":
            message = "an element of the contents is assumed to be a string"
            return Pieces((Piece(text_content(value)),), (review("MG107", message, value.origin),))
        case media.FILE:
            content, said = media.uploaded(value)
            if content is None and not context.resolution:
                return Pieces((Piece(Apply(Function.CONTENT, (value,), value.origin)),), said)
            if content is None:
                advice = "Bind the uploaded file to a name first."
                return _refused("MG113", "an uploaded file is mentioned twice in its content", value.origin, advice)
            return _resolved(content, context, said)
        case media.PART if not context.resolution:
            message = "a part that is made elsewhere becomes a content while the program runs: a text, data or a file"
            made = Apply(Function.PART, (value,), value.origin)
            advice = "Accept with --review if it holds nothing else, such as a function call or the bounds of a video."
            return Pieces((Piece(made),), (review("MG107", message, value.origin, advice),))
        case name if name == MADE and not context.resolution:
            message = "what this is shows only while the program runs: a text or an uploaded file becomes a content"
            made = Apply(Function.CONTENT, (value,), value.origin)
            advice = "Accept with --review if it is one of the two; anything else raises a TypeError now."
            return Pieces((Piece(made),), (review("MG107", message, value.origin, advice),))
        case name if name == MADE:
            return _refused(
                "MG106", "whether this has a media_resolution is not visible: its type is not", value.origin
            )
        case name if name.startswith(OWN):
            own = name.removeprefix(OWN)
            message = f"{own} is a class of this file, and its objects are no texts, files or parts, or more than that"
            return _refused("MG101", message, value.origin, "Hand in a text or a part that is made of the object.")
        case name if name.startswith("PIL."):
            return Pieces((Piece(_picture(value, context)),))
        case name if " or " in name:
            kinds = name.replace("google.genai.types.", "")
            return _refused("MG106", f"this may be {kinds}, which only the run knows", value.origin, _TOLD_APART)
        case name if name.startswith("google.genai.types."):
            message = f"a {name.rpartition('.')[2]} that is made elsewhere would have to be rewritten there"
            return _refused("MG106", message, value.origin)
        case name if name.startswith("list"):
            return _refused("MG106", "the items of this list are not visible here", value.origin)
        case name:
            return _refused("MG108", f"{_article(name)} {name} is neither a text nor a part", value.origin)


def _spread(choice: Choice, context: Context) -> Pieces:
    """``*([image] if image else [])``: elements that are there on a condition."""
    sides: list[Sequence] = []
    said: tuple[Diagnostic, ...] = ()
    for side in (choice.then, choice.otherwise):
        if not isinstance(side, Sequence):
            return _refused("MG106", "the elements that are splatted into the contents are not visible", choice.origin)
        found = all_pieces(side.items, context)
        said += found.said
        if any(piece.step for piece in found.items):
            return Pieces(said=said) | _refused("MG106", "a condition decides whether a step follows", choice.origin)
        sides.append(Sequence(tuple(piece.value for piece in found.items), side.origin))
    value = Spread(Choice(choice.test, sides[0], sides[1], choice.origin), choice.origin)
    return Pieces((Piece(value),), said)


def _picture(image: Opaque, context: Context) -> Value:
    content = Apply(Function.PICTURE, (image,), image.origin)
    if not context.resolution:
        return content
    fields = (Field("**", Spread(content)), Field("resolution", Literal(context.resolution)))
    return Record("dict", fields, image.origin)


def _chosen(choice: Choice, context: Context) -> Pieces:
    """An element that depends on a condition: one content on each side."""
    sides = [pieces(side, context) for side in (choice.then, choice.otherwise)]
    said = sides[0].said + sides[1].said
    first, second = (side.items for side in sides)
    if len(first) != 1 or len(second) != 1 or first[0].step or second[0].step:
        return Pieces(said=said) | _refused("MG106", "a condition decides how many contents there are", choice.origin)
    value = Choice(choice.test, first[0].value, second[0].value, choice.origin)
    return Pieces((Piece(value, turn=first[0].turn or second[0].turn),), said)


# Parts --------------------------------------------------------------------------------------------------------------


def _part(record: Record, context: Context) -> Pieces:
    """The content or the steps of one part."""
    if _is_file(record, context):
        return _refused("MG108", "an uploaded file is handed on as an object, not as its fields", record.origin)
    whole, said = canonical(record, "Part", context)
    given = tuple(field for field in whole.fields if not _nothing(field.value))
    bodies = [field.name for field in given if field.name in BODIES]
    said += _refusals(replace(whole, fields=given), context)
    if said:
        return Pieces(said=said)
    if len(bodies) != 1:
        found = ", ".join(bodies) or "nothing"
        return _refused("MG108", f"a part holds exactly one thing, this one holds {found}", record.origin)
    split = _split(record, whole, bodies[0])
    if split is not None:
        return _chosen(split, context)
    part = replace(whole, fields=given)
    match part.get("thought"):
        case None | Literal(value=False):
            return _body(part, bodies[0], context)
        case Literal(value=True):
            return _thought(part, bodies[0], context)
        case _:
            return _refused("MG106", "thought: neither True nor False", record.origin)


def _refusals(part: Record, context: Context) -> tuple[Diagnostic, ...]:
    """What is said of the fields that no content can have; it is said first, for the rest may make no sense without."""
    rows = ((field, context.maps.request("Part", field.name)) for field in part.fields)
    refused = tuple(field for field, row in rows if row is not None and row.refuse is not None)
    return fields_mapped(replace(part, fields=refused), part, context, HANDLERS).said


def _is_file(record: Record, context: Context) -> bool:
    """Whether these are the fields of an uploaded file, of which a part has none."""
    names = [field.name for field in record.fields]
    of_file = bool(names) and all(known_name(context.maps, "File", name) for name in names)
    return record.type == "File" or (of_file and not any(known_name(context.maps, "Part", name) for name in names))


def _nothing(value: Value) -> bool:
    return isinstance(value, Literal) and value.value is None


def _split(record: Record, part: Record, body: str) -> Choice | None:
    """A part whose MIME type depends on a condition, as a condition between two parts: the type follows from it."""
    blob = part.get(body)
    if not isinstance(blob, Record):
        return None
    for field in blob.fields:
        match field:
            case Field(name="mime_type" | "mimeType", value=Choice(test, then, otherwise, origin)):
                sides = [_with(part, body, _with(blob, field.name, side)) for side in (then, otherwise)]
                return Choice(test, sides[0], sides[1], record.origin if record.origin is not None else origin)
    return None


def _with(record: Record, name: str, value: Value) -> Record:
    fields = tuple(replace(field, value=value) if field.name == name else field for field in record.fields)
    return replace(record, fields=fields)


def _body(part: Record, body: str, context: Context) -> Pieces:
    """What the part holds, and what is said about it beside."""
    found = fields_mapped(part, part, context, HANDLERS)
    said = found.said + clashes(found.puts)
    if any(diagnostic.level is Level.MANUAL for diagnostic in said):
        return Pieces(said=said)
    content = nest(sorted(found.puts, key=lambda put: put.path != ("type",)), origin=part.origin)
    if body in STEPS:
        return _signed(part, Pieces((Piece(content, step=True),), said), context)
    return _signed(part, _resolved(content, context, said), context)


def _resolved(content: Record, context: Context, said: tuple[Diagnostic, ...] = ()) -> Pieces:
    """A content with the resolution and the processing that it may have."""
    wrong = _misplaced(content)
    if wrong:
        return Pieces(said=said) | _refused("MG101", wrong, content.origin)
    match content.get("type"):
        case Literal(value=str() as name) if name in RESOLVED and context.resolution and not content.get("resolution"):
            content = replace(content, fields=(*content.fields, Field("resolution", Literal(context.resolution))))
        case Apply() if context.resolution and not content.get("resolution"):
            message = "media_resolution: whether this item has a resolution follows from its MIME type at run time"
            return Pieces(said=said) | _refused("MG106", message, content.origin)
    inline = media.whole(content)
    if inline is not None:
        return Pieces((Piece(inline),), said)
    if isinstance(content.get("type"), Apply) and (isinstance(content.get("data"), Apply) or media.is_once(content)):
        message = "mime_type: what this part may have beside its data follows from its MIME type at run time"
        return Pieces(said=said) | _refused("MG113", message, content.origin)
    return Pieces((Piece(content, turn=content.get("processing") is not None),), said)


def _misplaced(content: Record) -> str:
    """What a content of its type cannot have."""
    kind = content.get("type")
    name = str(kind.value) if isinstance(kind, Literal) else "computed"
    processing = content.get("processing")
    if content.get("resolution") is not None and name not in RESOLVED:
        return f"media_resolution: a content of type {name} has none"
    if processing is None:
        return ""
    if name not in PROCESSED:
        return f"a content of type {name} cannot be processed in another way"
    asked = _names(processing)
    if asked <= PROCESSED[name]:
        return ""
    return f"a content of type {name} has no {', '.join(sorted(asked - PROCESSED[name]))}"


def _names(value: Value) -> set[str]:
    """The fields that a record, or either side of a condition, has."""
    match value:
        case Record(fields=fields):
            return {field.name for field in fields}
        case Choice(then=then, otherwise=otherwise):
            return _names(then) | _names(otherwise)
    return set()


# Thoughts -----------------------------------------------------------------------------------------------------------


def _thought(part: Record, body: str, context: Context) -> Pieces:
    """A thought with its signature as a step; without one the service would not take it."""
    signature, said = _signature(part, context)
    if signature is None:
        message = "thought: a thought without its signature cannot be sent back, so it is left out"
        return Pieces(said=(*said, review("MG102", message, part.origin)))
    if body != "text":
        return _refused("MG108", "thought: only a text can be a thought", part.origin)
    summary = Record("dict", (Field("type", Literal("text")), Field("text", part.get("text") or Literal(""))))
    fields = (Field("type", Literal("thought")), signature, Field("summary", Sequence((summary,))))
    return Pieces((Piece(Record("dict", fields, part.origin), step=True),), said)


def _signed(part: Record, found: Pieces, context: Context) -> Pieces:
    """The pieces of a part, with the signature that it carries as a thought before them."""
    signature, said = _signature(part, context)
    if signature is None or not found.items:
        return found | Pieces(said=said)
    thought = Record("dict", (Field("type", Literal("thought")), signature))
    message = "thought_signature: it becomes a thought of its own; sources differ on where the service looks for it"
    noted = review("MG102", message, signature.origin)
    return Pieces((Piece(thought, step=True),), (*said, noted)) | found


def _signature(part: Record, context: Context) -> tuple[Field | None, tuple[Diagnostic, ...]]:
    row = context.maps.request("Part", "thought_signature")
    field = next((field for field in part.fields if field.name == "thought_signature"), None)
    if field is None or row is None:
        return None, ()
    found = media.base64_data(Task(field, row, context, part, {}))
    return next((Field("signature", put.value, field.origin) for put in found.puts), None), found.said
