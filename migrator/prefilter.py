"""Which files are worth parsing: a question for bytes and the standard library alone.

Most files of a tree never name the API. They are turned away by one substring test; a file that names it only in
comments or docstrings is turned away by ``ast``, which costs a hundredth of a lossless parse.
"""

from __future__ import annotations

from migrator import wide

TYPE_CHECKING = False  # typing itself takes as long to import as all of this module does
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

# A file without one of these holds nothing to migrate. One literal is one pass over the bytes: keep the list short.
NEEDLES: tuple[bytes, bytes] = (b"generate_content", b"chats.create")

# The names of files that hold data instead of a program.
DATA = (".json", ".jsonl", ".ndjson", ".yaml", ".yml")

_SKIP = rb"#\s*migrator:\s*skip-file\b"

# Files that hold Python code among other things.
DOCUMENTS: tuple[str, ...] = (".ipynb", ".md", ".markdown", ".rst")

# What code says when it means the legacy API; each contains a needle.
_NAMES = ("generate_content", "generate_content_stream")


def mentions(data: bytes) -> bool:
    """Whether the bytes name the legacy API at all, be they those of UTF-16 or UTF-32."""
    first, second = NEEDLES
    return (
        first in data or second in data or (wide.is_wide(data) and wide.holds(data, NEEDLES))
    )  # a loop costs a tenth more


def speaks(data: bytes) -> bool:
    """Whether the bytes hold what may be a comment to the migrator, or one of its marks."""
    if b"migrator" not in data:
        return False
    import re

    return re.search(rb"#\s*(?:TODO\(migrator\)|migrator):", data) is not None


def skips(data: bytes) -> bool:
    """Whether a comment says that the file is to be passed over: ``# migrator: skip-file``."""
    if b"skip-file" not in data:
        return False
    import io
    import re
    import tokenize

    try:
        return any(
            token.type == tokenize.COMMENT and re.search(_SKIP, token.string.encode(errors="replace"))
            for token in tokenize.tokenize(io.BytesIO(data).readline)
        )
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError):
        return False


def asks(data: bytes) -> bool:
    """Whether Python code may hold an Interactions request."""
    return b"interactions" in data and b"create" in data


def may_be_body(data: bytes) -> bool:
    """Whether data may hold the body of an Interactions request."""
    return b"input" in data or b"model" in data


def is_document(path: str) -> bool:
    """Whether the file holds Python code among other things, which only its reader can tell apart."""
    return path.lower().endswith(DOCUMENTS)


class TooDeepError(ValueError):
    """The code is nested so deeply that no parser takes it; libcst's would end the process."""


def refers(data: bytes) -> bool:
    """Whether the code, not only its comments and docstrings, names the legacy API.

    True also where this interpreter cannot parse the code: it may be newer than the interpreter, and a file that does
    not parse has to be named by those who report it. Raises TooDeepError for code that nothing can parse.
    """
    tree = parsed(data)
    return tree is None or any(_names(node) for node in _nodes(tree))


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node, in no order; ``ast`` itself, which has the like, takes longer to import than most files to parse."""
    from _ast import AST

    left: list[ast.AST] = [tree]
    while left:
        node = left.pop()
        yield node
        for name in node._fields:
            value = getattr(node, name)
            if isinstance(value, AST):
                left.append(value)
            elif type(value) is list:
                left += [each for each in value if isinstance(each, AST)]


def parsed(data: bytes) -> ast.AST | None:
    """The code as a tree; None where this interpreter cannot parse it, TooDeepError where nothing can."""
    import warnings
    from _ast import PyCF_ONLY_AST

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes are the file's own business
            tree: ast.AST = compile(data, "<unknown>", "exec", PyCF_ONLY_AST, dont_inherit=True)
            return tree
    except (RecursionError, MemoryError) as error:
        raise TooDeepError from error
    except (SyntaxError, ValueError) as error:
        if "too many" in str(error):  # nested parentheses, statically nested blocks, levels of indentation
            raise TooDeepError from error
        return None


def _names(node: object) -> bool:
    from _ast import Attribute, Constant

    match node:
        case Attribute(value=Attribute(attr="chats"), attr="create"):
            return True
        case Attribute(attr=name):
            return name in _NAMES
        case Constant(value=str(text)):
            # The name itself, as in getattr(client.models, "generate_content"), or the target of a mock.patch.
            return text.endswith(_NAMES) and text.rpartition(".")[2] in _NAMES
        case _:
            return False
