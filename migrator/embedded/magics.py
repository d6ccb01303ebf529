"""IPython's own syntax in a cell: magics, shell lines and help, and the Python that stands in for them.

What a line of IPython does is not known, only which names it may read: the stand-in is a call of ``get_ipython`` with
these names, so that a response that a shell line shows is seen to be used. The syntax is that of IPython's
``core/inputtransformer2.py``.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from migrator.changes import Change, spliced

# Magics whose line or cell is Python that runs in the notebook's own namespace.
_RUNNING = frozenset({"time", "timeit", "prun", "memit", "capture"})
# Magics whose line is about the environment, not about names of the program, but for what stands in braces.
_ENVIRONMENT = frozenset(
    "pip conda mamba uv cd ls ll pwd mkdir load_ext reload_ext autoreload matplotlib env set_env config alias "
    "writefile cat tensorflow_version bash sh".split()
)
# Calls whose value a cell shows when they are its last expression; what others give back is their own business.
_SHOWN_CALLS = frozenset({"generate_content", "send_message"})

_TOKEN = re.compile(
    r"""(?P<string>'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")"""
    r"|(?P<comment>\#[^\n]*)|(?P<continued>\\\r?\n)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<newline>\n)|.",
    re.DOTALL,
)
_REST = r"(?:[^\n\\]|\\\r?\n?)*"  # of a line, and of those that a backslash joins to it
_LINE = re.compile(rf"[ \t]*(?P<line>[%!?]{_REST}|[\w.\[\]%]*\w\?{{1,2}}[ \t]*(?=\n|\Z))")
_ASSIGNED = re.compile(rf"[ \t]*[\w.,\[\]'\" \t]+?=[ \t]*(?P<line>(?:%\w|!){_REST})")
_RUN = re.compile(r"%(?P<name>\w+)[ \t]+(?=[^\s-])")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


# Magics whose cell is no Python, or a file that is written and not run.
_OTHER_LANGUAGES = frozenset(
    "bash sh script html HTML javascript js latex markdown svg SVG perl ruby cmd system writefile file bigquery sql "
    "shell sx R julia octave cython css mermaid".split()
)


class NotPythonError(ValueError):
    """A cell that is no Python that can be read; says why."""


class OtherLanguageError(NotPythonError):
    """A cell in another language, which reads no names of the notebook."""


def stand_ins(cell: str) -> tuple[Change, ...]:
    """What is read in the place of a cell's magics; NotPythonError where the cell is not Python even so."""
    found = [*_magics(cell)]
    code = spliced(cell, found)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that are not known: the cell had them before
            tree = ast.parse(code)
    except (SyntaxError, ValueError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise NotPythonError(f"does not parse: {reason}") from None
    except (RecursionError, MemoryError):
        raise NotPythonError("nested too deeply to be parsed") from None
    shown = _shown(tree, code)
    return tuple(sorted([*found, *_around(shown, found)])) if shown is not None else tuple(found)


def _magics(cell: str) -> Iterator[Change]:
    """The stand-ins of the lines that IPython reads, from the first to the last."""
    at, depth = _cell_magic_end(cell), 0
    if at:
        yield Change(0, at, _stand_in(cell[:at].strip(), "pass"))
    at_start = True
    while at < len(cell):
        if at_start and depth == 0 and (special := _LINE.match(cell, at)):
            yield _line(special["line"], special.start("line"), "pass")
            at, at_start = special.end(), False
            continue
        if at_start and depth == 0 and (assigned := _ASSIGNED.match(cell, at)):
            yield _line(assigned["line"], assigned.start("line"), "get_ipython()")
            at, at_start = assigned.end(), False
            continue
        token = _TOKEN.match(cell, at)
        assert token is not None, "every character is a token"
        depth += bool(token["open"]) - bool(token["close"])
        at_start = bool(token["newline"])
        at = token.end()


def _cell_magic_end(cell: str) -> int:
    """Where the first line ends, of a cell whose rest is run by a magic; NotPythonError for one of another kind."""
    found = re.match(r"\s*%%(\w*)[^\n]*", cell)
    if found is None:
        return 0
    if found[1] not in _RUNNING:
        kind = OtherLanguageError if found[1] in _OTHER_LANGUAGES else NotPythonError
        raise kind(f"is run by %%{found[1]}")
    return found.end()


def _line(line: str, start: int, nothing: str) -> Change:
    """The stand-in of one magic; a magic that runs Python is read as that Python."""
    run = _RUN.match(line)
    if run is not None and run["name"] in _RUNNING - {"capture"}:
        return Change(start, start + run.end(), "")
    return Change(start, start + len(line), _stand_in(line, nothing))


def _stand_in(line: str, nothing: str) -> str:
    name = re.match(r"%+(\w+)", line)
    is_quiet = name is None or name[1] in _ENVIRONMENT
    read = re.findall(r"\{([^{}]*)\}|\$(\w+)", line)
    source = " ".join(word for words in read for word in words) if is_quiet else line.partition(" ")[2]
    names = [each for each in dict.fromkeys(_IDENTIFIER.findall(source)) if each.isidentifier() and not _is_word(each)]
    return f"get_ipython({', '.join(names)})" if names else nothing


def _is_word(name: str) -> bool:
    import keyword

    return keyword.iskeyword(name)


# What a cell shows --------------------------------------------------------------------------------------------------


def _shown(tree: ast.Module, code: str) -> tuple[int, int] | None:
    """The span of the last expression, where the notebook shows its value."""
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        return None
    last = tree.body[-1]
    end = _offset(code, last.end_lineno or last.lineno, last.end_col_offset or 0)
    if code[end:].lstrip(" \t").startswith(";") or not _has_value(last.value):
        return None
    return _offset(code, last.lineno, last.col_offset), end


def _has_value(value: ast.expr) -> bool:
    match value:
        case ast.Await(value=inner):
            return _has_value(inner)
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _SHOWN_CALLS
        case ast.Call() | ast.Constant() | ast.Yield() | ast.YieldFrom():
            return False
    return True


def _offset(code: str, line: int, column: int) -> int:
    """The offset of a place that ``ast`` tells: columns in bytes of UTF-8."""
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", code)
    return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode(errors="ignore"))


def _around(shown: tuple[int, int], magics: list[Change]) -> Iterator[Change]:
    """``print`` around what is shown: it reads the value as showing it does."""
    start, end = (_unshifted(offset, magics) for offset in shown)
    if not any(each.start <= start < each.end or each.start < end <= each.end for each in magics):
        yield Change(start, start, "print(")
        yield Change(end, end, ")")


def _unshifted(offset: int, magics: list[Change]) -> int:
    """An offset in the cell for one in the cell with its stand-ins."""
    for each in magics:
        if offset < each.start + len(each.text):
            break
        offset += each.end - each.start - len(each.text)
    return offset
