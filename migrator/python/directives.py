"""Comments that speak to the migrator: ``# migrator: ignore[MG106]`` keeps a call as it is, and quiet.

They are read from the parser's comments, so that text in a string says nothing. One stands on a line of the call's
statement, or of what a diagnostic is about, or on a line of its own above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import field
from enum import Enum

import libcst as cst

from migrator.catalogue import CODES
from migrator.diagnostics import Diagnostic, Level
from migrator.python.evidence.lines import Lines, lines_of
from migrator.python.evidence.module import Module
from migrator.python.unit import Draft, Unit
from migrator.records import dataclass

_PENDING = "MG400"
_OF_REQUESTS = "MG6"  # codes that only a verification says; a comment without a code is the other run's
_SPOKEN = re.compile(r"#\s*migrator:\s*([\w-]*)(?:\[([^\]]*)\])?")


class Checking(Enum):
    """What a run says something about: calls that are to be migrated, or Interactions requests."""

    CALLS = "calls"
    REQUESTS = "requests"


@dataclass(slots=True, eq=False)
class Directive:
    """One ``ignore``: the lines that it is about, its codes (none: all), and which of them were of use."""

    node: cst.CSTNode
    lines: frozenset[int]
    codes: tuple[str, ...]
    used: set[str] = field(default_factory=set)

    def meets(self, code: str, *places: Lines) -> bool:
        """Whether it is about a code at one of the places; if so, it was of use."""
        if (self.codes and code not in self.codes) or not any(line in lines for line in self.lines for lines in places):
            return False
        self.used.add(code if self.codes else "")
        return True

    def unused(self) -> list[str]:
        """The codes that it names for nothing; an empty name stands for one that names none."""
        return [code for code in self.codes or ("",) if code not in self.used]


@dataclass(frozen=True, slots=True)
class Directives:
    """All of a module, and what is wrong with those that are not understood."""

    module: Module
    ignores: tuple[Directive, ...] = ()
    wrong: tuple[Diagnostic, ...] = ()

    def meet(self, code: str, *nodes: cst.CSTNode) -> bool:
        """Whether somebody does not want to hear ``code`` of one of the nodes."""
        places = [lines_of(self.module, node) for node in nodes]
        met = [
            directive.meets(code, *places) for directive in self.ignores
        ]  # each is asked, so that each knows its use
        return any(met)

    def met(self, site: cst.CSTNode, said: Diagnostic) -> bool:
        """Whether somebody does not want to hear what is said of a site."""
        return self.meet(said.code, site, *((said.origin,) if isinstance(said.origin, cst.CSTNode) else ()))

    def keep(self, site: cst.CSTNode, diagnostics: Sequence[Diagnostic]) -> bool:
        """Whether somebody wants a site left as it is: all of it, its rewrite, or for one thing that is said of it."""
        pending = self.meet(_PENDING, site)
        return any([pending, *(self.met(site, said) for said in diagnostics)])

    def unused(self, checking: Checking) -> list[Diagnostic]:
        """What is said of comments that keep nothing; each kind of run knows about codes of its own."""
        found = []
        for directive in self.ignores:
            for code in directive.unused():
                if code.startswith(_OF_REQUESTS) is not (checking is Checking.REQUESTS):
                    continue
                what = f"ignore[{code}]" if code else "ignore"
                message = f"{what} keeps nothing: {f'{code} is not' if code else 'nothing is'} said of this statement"
                found.append(Diagnostic("MG410", Level.MANUAL, message, directive.node))
        return found


def directives_of(module: Module) -> Directives:
    """Read the comments of a module that speak to the migrator."""
    if "migrator:" not in module.text:
        return Directives(module)
    ignores: list[Directive] = []
    wrong: list[Diagnostic] = []
    for node in module.comment_nodes:
        for spoken in _SPOKEN.finditer(node.value):
            codes = tuple(code.strip().upper() for code in (spoken[2] or "").split(",") if code.strip())
            problem = _problem(spoken[1], spoken[2], codes)
            if problem is not None:
                wrong.append(Diagnostic("MG411", Level.MANUAL, problem, node))
            elif spoken[1] == "ignore":
                ignores.append(Directive(node, _lines(module, node), codes))
    return Directives(module, tuple(ignores), tuple(wrong))


def _problem(word: str, bracket: str | None, codes: Iterable[str]) -> str | None:
    if word not in ("ignore", "skip-file"):
        return f"{word or 'nothing'} is not understood here: ignore, ignore[CODE] or skip-file"
    if bracket is not None and not codes:
        return "ignore[] names no code"
    unknown = [code for code in codes if code not in CODES]
    return f"there is no code {unknown[0]}" if unknown else None


def _lines(module: Module, node: cst.CSTNode) -> frozenset[int]:
    """The line of a comment; of one that stands alone also the next line that is no comment."""
    start = module.whole_span(node)[0]
    line = module.line_at(start)
    if module.text[module.line_start(start) : start].strip():
        return frozenset({line})
    end = module.line_end(start)
    while module.text[end : module.line_end(end)].lstrip().startswith("#"):
        end = module.line_end(end)
    return frozenset({line, module.line_at(end)})


def keep(directives: Directives, units: Iterable[Unit], accept: Level) -> frozenset[Draft]:
    """The drafts that somebody wants left; what would change together with them learns why it does not."""
    kept: set[Draft] = set()
    for unit in units:
        mine = [draft for draft in unit.drafts if directives.keep(draft.site.call, draft.diagnostics)]
        kept.update(mine)
        for draft in unit.drafts:
            if mine and draft not in mine and (draft.level | accept) is accept:
                line = directives.module.position(mine[0].site.call)[0]
                draft.refuse(
                    "MG206", f"shares code with the call on line {line}, which a comment keeps", draft.site.call
                )
                if directives.met(draft.site.call, draft.diagnostics[-1]):
                    kept.add(draft)
    return frozenset(kept)
