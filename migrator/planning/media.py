"""Media items: which type of content a MIME type makes, and how its data or address is written."""

from __future__ import annotations

import base64
import binascii
import mimetypes
from functools import cache
from urllib.parse import urlsplit

from migrator.diagnostics import Diagnostic
from migrator.ir import Apply, Field, Function, Literal, Opaque, Record, Value
from migrator.planning.model import ENTERPRISE, review
from migrator.planning.rows import Mapped, Put, Task, clashes, inside, leaf
from migrator.settings import Vertex

FILE = "google.genai.types.File"
PART = "google.genai.types.Part"
DOCUMENTS = ("application/pdf", "text/csv", "application/msword", "application/vnd.")
CODE = ("json", "xml", "javascript", "x-javascript", "typescript", "x-typescript", "x-python", "x-python-code", "yaml")
VIDEO = "video/*"  # the hint of an address that is one of YouTube's
PERHAPS_VIDEO = "video?"  # of one that may be
MEDIA = "media"  # the hint of a MIME type, and of an uploaded file, that is shown to be no text: which, the run knows
YOUTUBE = ("youtube.com", "www.youtube.com", "m.youtube.com", "youtu.be")


@cache
def _types() -> mimetypes.MimeTypes:
    """Python's own table alone: what the machine knows must not decide. It reads the other too, so it is made late."""
    return mimetypes.MimeTypes()


def guessed(address: str) -> str:
    """The MIME type that the end of an address or a path tells; empty where it tells none."""
    return _types().guess_type(address)[0] or ""


def kind(mime: str) -> str:
    """The content type for a MIME type: image, audio, video, document, or text where it is read as text."""
    mime = mime.partition(";")[0].strip().lower()
    main, _, sub = mime.partition("/")
    if main in ("image", "audio", "video"):
        return main
    if mime.startswith(DOCUMENTS):
        return "document"
    return "text" if main == "text" or (main == "application" and sub in CODE) else "document"


def unlisted(mime: str) -> bool:
    """Whether no content of an interaction is documented to take ``mime``."""
    mime = mime.partition(";")[0].strip().lower()
    return not mime.startswith(("image/", "audio/", "video/", *DOCUMENTS))


# Handlers -----------------------------------------------------------------------------------------------------------


def base64_data(task: Task) -> Mapped:
    """Bytes as base64 text; text is base64 already, for the legacy types decode it."""
    match task.value:
        case Literal(value=str()) | Opaque(type="str"):
            return task.put(task.value)
        case Literal(value=bytes()) | Opaque():
            return task.put(Apply(Function.BASE64, (task.value,)))
        case _:
            return task.refuse("MG108", f"{task.row.field}: neither bytes nor base64 text")


def mime_type(task: Task) -> Mapped:
    """The MIME type as it is; what it decides is decided by its part."""
    match task.value:
        case Literal(value=str()) | Opaque():
            return leaf(task)
        case _:
            return task.refuse("MG113", "mime_type: the MIME type is not visible")


def inline_data(task: Task) -> Mapped:
    """Data inside the request: a content of its kind, or a text where it is read as text."""
    found = inside(task)
    puts = {put.path[0]: put for put in found.puts}
    said = Mapped(said=found.said + clashes(found.puts))
    if "data" not in puts:
        return said | task.refuse("MG108", "inline_data: there is no data")
    assumed = _assumed_bytes(task)
    match puts.get("mime_type"):
        case Put(value=Literal(value=str() as mime)) if kind(mime) == "text":
            return said | assumed | _decoded(task, puts["data"])
        case Put(value=Literal(value=str() as mime)) as put:
            listed = task.review(_unlisted(mime), "MG113") if unlisted(mime) else Mapped()
            typed = Put(("type",), Literal(kind(mime)))
            return said | assumed | listed | Mapped((typed, puts["data"], put))
        case Put(value=Opaque() as value) as put if not isinstance(puts["data"].value, Apply):  # base64 already
            return said | _computed(task, value, (puts["data"], put))
        case Put(value=Opaque() as value) as put:
            typed = Put(("type",), Apply(Function.CONTENT_TYPE, (value,)))
            return said | assumed | Mapped((typed, puts["data"], put))
        case _:
            return said | task.refuse("MG113", "inline_data: there is no MIME type")


def _assumed_bytes(task: Task) -> Mapped:
    """A dict may hold bytes or base64 text; a constructor is annotated to take bytes."""
    match task.value:
        case Record(type="dict", fields=fields):
            data = (one.value for one in fields if one.name == "data")
            hidden = any(isinstance(value, Opaque) and not value.type for value in data)
            return task.review("inline_data: the data is assumed to be bytes") if hidden else Mapped()
        case _:
            return Mapped()


def _unlisted(mime: str) -> str:
    return f"mime_type: no content of an interaction is documented to take '{mime}'"


def _computed(task: Task, mime: Opaque, puts: tuple[Put, ...]) -> Mapped:
    """A content whose type is computed from its MIME type at run time."""
    typed = Put(("type",), Apply(Function.CONTENT_TYPE, (mime,)))
    message = "mime_type: the type of the item follows from it at run time; assumed not to be a text"
    said = Mapped() if _is_no_text(mime.hint) else task.review(message, "MG113")
    return said | Mapped((typed, *puts))


def _is_no_text(hint: str) -> bool:
    """Whether the source shows what contents are documented to take."""
    return hint == MEDIA or (hint != "" and not unlisted(hint))


def _decoded(task: Task, data: Put) -> Mapped:
    """Text sent as data, as the text it is."""
    typed = Put(("type",), Literal("text"))
    match data.value:
        case Apply(args=(inner,)):
            return Mapped((typed, Put(("text",), Apply(Function.DECODE_TEXT, (inner,)), data.origin)))
        case Literal(value=str() as encoded, origin=origin):
            try:
                text = base64.b64decode(encoded, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return task.refuse("MG108", "inline_data: the data is not base64 of UTF-8 text")
            return Mapped((typed, Put(("text",), Literal(text, origin), data.origin)))
        case _:
            return task.refuse("MG106", "inline_data: text that is base64 already would have to be decoded")


def file_data(task: Task) -> Mapped:
    """An address: a content of the kind that its MIME type says."""
    found = inside(task)
    puts = {put.path[0]: put for put in found.puts}
    said = Mapped(said=found.said + clashes(found.puts))
    if "uri" not in puts:
        return said | task.refuse("MG108", "file_data: there is no URI")
    uri = puts["uri"].value
    said = said | _bucket(task, uri)
    match puts.get("mime_type"):
        case Put(value=Literal(value=str() as mime)) as put:
            listed = task.review(_unlisted(mime), "MG113") if unlisted(mime) else Mapped()
            kept = "document" if kind(mime) == "text" else kind(mime)
            return said | listed | Mapped((Put(("type",), Literal(kept)), puts["uri"], put))
        case Put(value=Opaque() as value) as put:
            return said | _computed(task, value, (puts["uri"], put))
        case _ if isinstance(uri, Literal) and (guessed := _guessed(str(uri.value))):
            return said | Mapped((Put(("type",), Literal(guessed)), puts["uri"]))
        case _ if isinstance(uri, Opaque) and uri.hint:
            return said | _shown(task, uri.hint, puts["uri"])
        case _:
            message = "file_data: without a MIME type it is not known what kind of file it is"
            return said | task.refuse("MG113", message)


def _shown(task: Task, hint: str, uri: Put) -> Mapped:
    """An address without a MIME type, where the source shows what kind of file is there."""
    if hint != PERHAPS_VIDEO:
        return Mapped((Put(("type",), Literal("document" if kind(hint) == "text" else kind(hint))), uri))
    message = "file_data: without a MIME type this is taken for the address of a video on YouTube"
    assumed = task.review(message, "MG113", "Accept with --review if it is; else name the MIME type in the source.")
    return assumed | Mapped((Put(("type",), Literal("video")), uri))


def _bucket(task: Task, uri: Value) -> Mapped:
    match uri:
        case Literal(value=str() as address) if address.startswith("gs://") and task.context.service != ENTERPRISE:
            return _of_enterprise(task)
        case _:
            return Mapped()


def _of_enterprise(task: Task) -> Mapped:
    """Legacy reads an address of Cloud Storage for enterprise clients only: the client has to be one."""
    match task.context.settings.vertex:
        case Vertex.ALLOW:
            return Mapped()
        case Vertex.REVIEW:
            message = "file_uri: only clients of Vertex AI or Enterprise read a gs:// address, so this has to be one"
            return task.review(message, "MG109")
        case Vertex.REFUSE:
            return task.refuse("MG109", "file_uri: calls of Vertex AI and Enterprise clients stay, as asked")


def _guessed(address: str) -> str:
    """The kind of file at ``address``, as the legacy call would guess it; empty where nothing says."""
    if is_youtube(address):
        return "video"
    mime = guessed(address)
    return "" if not mime or unlisted(mime) else kind(mime)


def is_youtube(address: str) -> bool:
    """Whether ``address``, or all addresses that begin so, are YouTube's."""
    parts = urlsplit(address)
    return parts.hostname in YOUTUBE and parts.path.startswith("/")


# Objects ------------------------------------------------------------------------------------------------------------


def uploaded(file: Opaque) -> tuple[Record | None, tuple[Diagnostic, ...]]:
    """The content for an uploaded file; None where the object would have to be computed twice."""
    uri = Field("uri", Apply(Function.ATTRIBUTE, (file, Literal("uri"))))
    said: tuple[Diagnostic, ...] = ()
    shown = "" if file.hint == MEDIA else file.hint
    if shown:
        if unlisted(shown):
            said = (review("MG113", _unlisted(shown), file.origin),)
        typed: Value = Literal("document" if kind(shown) == "text" else kind(shown))
    else:
        message = "the type of an uploaded file follows from its MIME type at run time; assumed not to be a text"
        said = () if file.hint else (review("MG113", message, file.origin),)
        typed = Apply(Function.CONTENT_TYPE, (Apply(Function.ATTRIBUTE, (file, Literal("mime_type"))),))
    if not file.repeatable and not shown:
        return None, said
    mime: Value = Apply(Function.ATTRIBUTE, (file, Literal("mime_type"))) if file.repeatable else Literal(shown)
    return Record("dict", (Field("type", typed), uri, Field("mime_type", mime)), file.origin), said


def is_once(content: Record) -> bool:
    """Whether the MIME type of a content may be evaluated only once."""
    return isinstance(mime := content.get("mime_type"), Opaque) and not mime.repeatable


def whole(content: Record) -> Value | None:
    """Data or an address whose kind only the run knows, as one computed content; None where more is asked of it."""
    match content.fields:
        case (
            Field(name="type", value=Apply(function=Function.CONTENT_TYPE, args=(mime,))),
            Field(name="data", value=Apply(function=Function.BASE64, args=(data,))),
            Field(name="mime_type"),
        ):
            return Apply(Function.INLINE, (data, mime), content.origin)
        case (
            Field(name="type", value=Apply(function=Function.CONTENT_TYPE, args=(Opaque(repeatable=False) as mime,))),
            Field(name="uri", value=uri),
            Field(name="mime_type"),
        ):
            return Apply(Function.REFERENCE, (uri, mime), content.origin)
    return None


HANDLERS = {
    "base64": base64_data,
    "mime_type": mime_type,
    "inline_data": inline_data,
    "file_data": file_data,
}
