"""The neutral records that every dialect reads into and every writer writes from.

Nothing here knows Python syntax or JSON: an ``Origin`` is whatever the writer needs to find a piece of the source
again (a CST node, a path inside a JSON body), and nobody else looks inside it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from enum import Enum
from typing import TypeAlias

from migrator.diagnostics import Settled
from migrator.records import dataclass

Origin: TypeAlias = Hashable

PLANNED = "interactions"
"""The ``Opaque.type`` of an expression that already is in its final form: a plan carries it wherever it stands."""
FRESH = "fresh"
"""The ``Opaque.hint`` of such an expression where it makes a list that nobody else has."""
TURNS = "turns"  # a list of types.Content that other code made
LATER = "later"  # an argument that stays as it is made, and is converted while the program runs
BETWEEN = " or "
"""What stands between the types of an expression that may be of one or the other."""
MADE = "made"
"""The type of an object that comes out of code which the source does not show: a text, or something else."""

Scalar: TypeAlias = str | int | float | bool | bytes | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant that the source shows; ``origin`` is None where the plan made it up."""

    value: Scalar
    origin: Origin = None


@dataclass(frozen=True, slots=True)
class Opaque:
    """An expression that is carried as written.

    ``type`` is what is known of it: a builtin (``str``, ``bytes``, ``list[str]``) or a full dotted name
    (``google.genai.types.File``, ``PIL.Image.Image``); empty when nothing is known. ``repeatable`` says that
    evaluating it twice is the same as once (a name, an attribute of a name), so a plan may mention it twice.
    ``hint`` is a MIME type where the source shows one (``files.upload(file="cat.png")``). ``optional`` says that the
    source shows that it may be None, so that nothing may be computed from it unasked. ``was`` has the legacy records
    that the name of a rewritten structure may have held, where a plan may have to know them.
    """

    origin: Origin
    type: str = ""
    repeatable: bool = False
    hint: str = ""
    optional: bool = False
    was: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One named field of a record; ``origin`` is the keyword or key itself, for comments and diagnostics."""

    name: str
    value: Value
    origin: Origin = None


@dataclass(frozen=True, slots=True)
class Record:
    """Named fields: a constructor call, a dict, a JSON object.

    ``type`` is the legacy SDK type (``Part``, ``GenerateContentConfig``), or ``dict`` where the place in the request
    has to decide what it is. Field names are snake_case as in the SDK, whatever the source spells.
    """

    type: str
    fields: tuple[Field, ...]
    origin: Origin = None

    def get(self, name: str) -> Value | None:
        """The value of the field called ``name``, or None when the record has no such field."""
        return next((field.value for field in self.fields if field.name == name), None)


@dataclass(frozen=True, slots=True)
class Sequence:
    """An ordered list of values; an item may be a ``Spread``."""

    items: tuple[Value, ...]
    origin: Origin = None


@dataclass(frozen=True, slots=True)
class Spread:
    """``*value`` in a sequence, ``**value`` as the value of a field named ``**``."""

    value: Value
    origin: Origin = None


@dataclass(frozen=True, slots=True)
class Choice:
    """``then if test else otherwise``; ``test`` is carried as written.

    ``condition`` is the test as text where asking twice is the same as asking once, so that a plan may decide several
    fields by it, and knows fields that are decided together; else it is empty.
    """

    test: Origin
    then: Value
    otherwise: Value
    origin: Origin = None
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something the source does not show; ``reason`` says what and why, for the reader of the diagnostic.

    What is ``settled`` by the run stands as it was written, and may be converted while the program runs.
    """

    reason: str
    origin: Origin = None
    settled: Settled = Settled.BY_HAND


class Function(Enum):
    """What a plan may ask the writer to compute at run time; a writer over plain data computes it at once."""

    BASE64 = "base64"  # bytes -> base64 text
    SECONDS = "seconds"  # milliseconds -> seconds
    CONTENT_TYPE = "content_type"  # MIME type -> image | audio | video | document
    ATTRIBUTE = "attribute"  # (object, name) -> object.name
    MEMBER = "member"  # (dict, key) -> dict[key]
    MEMBER_OR_EMPTY = "member_or_empty"  # (dict, key) -> dict[key], or an empty dict
    JSON_SCHEMA = "json_schema"  # a Python type (pydantic class, list[T], enum) -> JSON Schema
    SCHEMA_DUMP = "schema_dump"  # a types.Schema object -> JSON Schema
    SCHEMA = "schema"  # a class, a types.Schema or a dict -> JSON Schema
    TOOLS = "tools"  # declarations of functions and tools without settings -> those of an interaction
    SAFETY = "safety"  # safety settings of the legacy SDK -> those of an interaction
    INLINE = "inline"  # (bytes, MIME type) -> a content of its kind, text as text
    DECLARATION = "declaration"  # a types.FunctionDeclaration -> a tool
    REFERENCE = "reference"  # (URI, MIME type) -> a content of its kind
    PICTURE = "picture"  # a PIL image -> a content of type image, encoded as the SDK encodes it
    PART = "part"  # a types.Part -> a content
    CONTENT = "content"  # a string or an uploaded file -> a content
    DECLARATIONS = "declarations"  # a list of types.FunctionDeclaration, or None -> a list of tools
    DECODE_TEXT = "decode_text"  # bytes -> str
    JOIN_LINES = "join_lines"  # a list of str -> one str joined by newlines
    TEXT_LIST = "text_list"  # a list of str -> list of text contents
    PICTURES = "pictures"  # a list of PIL images -> a list of contents
    FILES = "files"  # a list of uploaded files -> a list of contents
    PARTS = "parts"  # a list of types.Part -> a list of contents
    LIST = "list"  # any iterable -> list
    SPELLING = "spelling"  # (enum member or its name, prefix) -> the name without the prefix in lower case
    STEP_TYPE = "step_type"  # a role -> user_input | model_output
    THINKING_LEVEL = "thinking_level"  # (a budget of tokens, the levels of the model) -> the nearest level, or None
    DECLARED = "declared"  # a list of tools -> the same, Python functions as declarations
    CALL_ID = "call_id"  # (a chat, a name, a position) -> the id of the call that a result answers
    BARE_NAME = "bare_name"  # the name of a model -> the same without the prefix "models/"
    TURN = "turn"  # a types.Content -> a step
    TURNS = "turns"  # a list of types.Content -> a list of steps
    ANY_CONTENTS = "any_contents"  # whatever the legacy call takes for contents -> a list of steps
    ANY_CONFIG = "any_config"  # whatever the legacy call takes for a configuration -> keywords of create
    RESULT = "result"  # (a types.Part with the result of a function, the call) -> the step that answers the call
    RESTORED = "restored"  # a list of types.Content, or of dicts like them, or None -> a list of steps
    STEPS = "steps"  # a legacy response's content, appended to a history -> the reply's steps


@dataclass(frozen=True, slots=True)
class Apply:
    """``function(*args)``, computed by the writer."""

    function: Function
    args: tuple[Value, ...]
    origin: Origin = None


Value: TypeAlias = "Literal | Opaque | Record | Sequence | Spread | Choice | Unknown | Apply"


@dataclass(frozen=True, slots=True)
class Request:
    """One legacy request: what is asked of which model, under which configuration.

    ``contents`` or ``config`` is None where the call does not give it. ``kept`` is a dict of keywords that is splatted
    into the call and rewritten where it is made; what it gives is None here.
    """

    operation: str
    model: Value | None
    contents: Value | None
    config: Value | None
    origin: Origin = None
    kept: Value | None = None


def children(value: Value) -> Iterator[Value]:
    """The values directly inside ``value``."""
    match value:
        case Record(fields=fields):
            yield from (field.value for field in fields)
        case Sequence(items=items):
            yield from items
        case Spread(value=inner):
            yield inner
        case Choice(then=then, otherwise=otherwise):
            yield then
            yield otherwise
        case Apply(args=args):
            yield from args


def walk(value: Value) -> Iterator[Value]:
    """``value`` and everything inside it, outermost first."""
    yield value
    for child in children(value):
        yield from walk(child)
